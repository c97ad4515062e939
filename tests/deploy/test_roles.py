"""gunicorn on a PostgreSQL of somebody else's, as its owner and as the role of the web processes"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import create_engine

from tests import serving
from tests.conftest import SECRET
from webapp.database import postgres_roles
from webapp.database.engines import with_driver

SAID = "The role in DATABASE_URL can change the log"


@pytest.fixture
def web_url(database_url: str) -> Iterator[str]:
    name, password = f"scoredesk_web_{secrets.token_hex(8)}", secrets.token_hex(8)
    engine = create_engine(with_driver(database_url))
    postgres_roles.grant(engine, name, password)
    engine.dispose()
    before, _, rest = database_url.partition("://")
    yield f"{before}://{name}:{password}@{rest.partition('@')[2]}"
    with psycopg.connect(database_url, autocommit=True) as owner:
        for statement in ("DROP OWNED BY {}", "DROP ROLE {}"):
            owner.execute(sql.SQL(statement).format(sql.Identifier(name)))


def said_by(url: str, penguins_alone: Path, folder: Path) -> str:
    settings = {"database_url": url, "secret_key": SECRET, "models_dir": penguins_alone, "spool_dir": folder}
    with serving.serving(**settings, web_concurrency=1) as server:
        assert server.ready()["recording"] == "database"
        return server.stop()


def test_it_says_when_its_role_could_change_the_log(database_url: str, penguins_alone: Path, tmp_path: Path) -> None:
    assert SAID in said_by(database_url, penguins_alone, tmp_path)


def test_it_says_nothing_with_a_role_that_can_not(web_url: str, penguins_alone: Path, tmp_path: Path) -> None:
    assert SAID not in said_by(web_url, penguins_alone, tmp_path)


def test_it_does_not_start_on_tables_of_an_earlier_version(
    database_url: str, penguins_alone: Path, tmp_path: Path
) -> None:
    with psycopg.connect(database_url) as owner:
        owner.execute("UPDATE alembic_version SET version_num = '0001'")
    settings = {"database_url": database_url, "secret_key": SECRET, "models_dir": penguins_alone, "spool_dir": tmp_path}
    server = serving.start(**settings)
    said = server.said()
    assert server.process.returncode == 1
    assert "are of version 0001, and this code needs " in said
    assert said.endswith("As the owner of the database, run: flask --app wsgi db upgrade\n")

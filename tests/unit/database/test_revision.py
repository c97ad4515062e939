"""The service does not start on tables of an earlier version"""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import create_engine

from tests.conftest import DatabaseServer
from webapp.database import revision
from webapp.database.engines import with_driver
from webapp.database.revision import require_tables
from webapp.errors import SettingsError


def require(url: str) -> None:
    engine = create_engine(with_driver(url))
    try:
        require_tables(engine)
    finally:
        engine.dispose()


def test_those_of_this_version_will_do(database_url: str) -> None:
    require(database_url)


def test_those_of_a_later_version_will_do(database_url: str) -> None:
    with psycopg.connect(database_url) as owner:
        owner.execute("UPDATE alembic_version SET version_num = '9999'")
    require(database_url)


def test_those_of_an_earlier_version_will_not(database_url: str) -> None:
    with psycopg.connect(database_url) as owner:
        owner.execute("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(SettingsError, match=r"are of version 0001, and this code needs \d+\. As the owner"):
        require(database_url)


def test_a_postgresql_that_is_too_old_will_not(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revision, "MIN_POSTGRES", 99)
    with pytest.raises(SettingsError, match=r"is PostgreSQL \d+, which is too old. Upgrade it to 99 or later."):
        require(database_url)


def test_none_will_not(database_server: DatabaseServer) -> None:
    url = database_server.create(template="template0")
    with pytest.raises(SettingsError, match="flask --app wsgi db upgrade"):
        require(url)
    database_server.drop(url)


def test_a_database_out_of_reach_is_waited_for() -> None:
    require("postgresql://x@127.0.0.1:9/x")

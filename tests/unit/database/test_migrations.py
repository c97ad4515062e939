"""The migrations make what webapp.database.tables says."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, inspect

from migrations.names import include_name
from tests.conftest import DatabaseServer, MakeApp
from tests.sealing import sealed_log
from webapp.database.base import Base
from webapp.database.engines import with_driver


def test_autogenerate_finds_no_difference(make_app: MakeApp) -> None:
    with make_app().extensions["scoredesk"].engine.connect() as connection:
        connection.exec_driver_sql("SELECT make_predictions_partition('2026-11-01')")
        options = {"include_name": include_name, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_they_lead_up_from_nothing_and_down_to_nothing(database_server: DatabaseServer, make_app: MakeApp) -> None:
    url = database_server.create(template="template0")
    engine = create_engine(with_driver(url))
    with make_app(database_url=url).app_context():
        upgrade()
        assert set(inspect(engine).get_table_names()) == {
            "alembic_version",
            "api_keys",
            "attempts",
            "audit_events",
            "grants",
            "idempotency_keys",
            "key_fingerprints",
            "password_links",
            "predictions",
            "seals",
            "sessions",
            "users",
            "version_events",
        }
        downgrade(revision="base")
        assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()
    database_server.drop(url)


OLD_ROW = """
    INSERT INTO predictions (created_at, id, model, version, digest, channel, request_id, status, inputs, output,
                             warnings, duration)
    SELECT '2026-11-23T12:00:00Z', gen_random_uuid(), 'penguins', '1', '', 'json', 'r', 'answered', '{"a": 1}', '{}',
           '[]', 0.5 FROM generate_series(1, 3)"""


def test_rows_of_before_there_were_seals_can_be_sealed(
    database_server: DatabaseServer, make_app: MakeApp, tmp_path: Path
) -> None:
    url = database_server.create(template="template0")
    engine = create_engine(with_driver(url))
    with make_app(database_url=url).app_context():
        upgrade(revision="0006")
        with engine.begin() as connection:
            connection.exec_driver_sql("SELECT make_predictions_partition('2026-11-01')")
            connection.exec_driver_sql(OLD_ROW)
        upgrade()
        with sealed_log(url, tmp_path) as log:
            log.record()
            assert log.run("SELECT count(*), count(salt), count(mac), count(DISTINCT salt) FROM predictions") == [
                (4, 4, 1, 4)
            ]
            assert [number for (number,) in log.run("SELECT number FROM predictions ORDER BY number")][-1] == 1
            assert log.sealer.seal().predictions == 4
            assert log.problems() == []
            log.run("UPDATE predictions SET model = 'other' WHERE number < 0")
            assert len(log.problems()) == 3
        downgrade(revision="0006")
        with engine.begin() as connection:
            connection.exec_driver_sql(OLD_ROW)
    engine.dispose()
    database_server.drop(url)

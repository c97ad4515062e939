"""The migrations make what webapp.database.tables says."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, inspect

from migrations.names import include_name
from tests.conftest import DatabaseServer, MakeApp
from webapp.database import db, with_driver


def test_autogenerate_finds_no_difference(make_app: MakeApp) -> None:
    with make_app().app_context(), db.engine.connect() as connection:
        connection.exec_driver_sql("SELECT make_predictions_partition('2026-11-01')")
        options = {"include_name": include_name, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, db.metadata) == []


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

"""Alembic's environment: it connects to the app's database. ``flask db`` runs it."""

from __future__ import annotations

import sys

from alembic import context
from flask import current_app
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError

from migrations.locks import migrations_lock, retried
from migrations.names import include_name
from migrations.progress import Stopwatch
from webapp.database.base import Base
from webapp.database.postgres_roles import NOT_OWNER
from webapp.database.transactions import INSUFFICIENT_PRIVILEGE, sqlstate
from webapp.errors import SettingsError


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=include_name,
        compare_server_default=True,
        # What is done stays done, and no migration holds the locks of the one before it.
        transaction_per_migration=True,
        on_version_apply=stopwatch.applied,
    )
    with context.begin_transaction():
        context.run_migrations()


stopwatch = Stopwatch()
services = current_app.extensions["scoredesk"]
try:
    services.sealer.check_session()
    with migrations_lock(services.migration_engine) as connection:
        # What was migrated before a lock was not to be had is not done again.
        retried(lambda: migrate(connection))
except SettingsError as error:
    sys.exit(error.message)
except OperationalError as error:
    if sqlstate(error):
        raise
    sys.exit("DATABASE_URL: PostgreSQL can't be reached there, or does not let this user in.")
except DBAPIError as error:
    if sqlstate(error) != INSUFFICIENT_PRIVILEGE:
        raise
    sys.exit(NOT_OWNER)

"""Alembic's environment: it connects to the app's database. ``flask db`` runs it."""

from __future__ import annotations

import sys

from alembic import context
from flask import current_app
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from migrations.locks import migrations_lock, retried
from migrations.names import include_name
from migrations.progress import Stopwatch
from webapp.database.base import Base
from webapp.database.faults import is_known, operator_sentence
from webapp.database.postgres_roles import NOT_OWNER
from webapp.database.revision import require_version
from webapp.database.sqlstates import INSUFFICIENT_PRIVILEGE, sqlstate
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
        require_version(connection)
        connection.commit()
        # What was migrated before a lock was not to be had is not done again.
        retried(lambda: migrate(connection))
except SettingsError as error:
    sys.exit(error.message)
except DBAPIError as error:
    if sqlstate(error) == INSUFFICIENT_PRIVILEGE:
        sys.exit(NOT_OWNER)
    if not is_known(error):
        raise
    sys.exit(operator_sentence(error, services.migration_engine.url))

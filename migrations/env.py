"""Alembic's environment: it connects to the app's database. ``flask db`` runs it."""

from __future__ import annotations

import sys

from alembic import context
from flask import current_app
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from migrations.names import include_name
from webapp.database.base import Base

#: The key of PostgreSQL's advisory lock under which migrations run.
MIGRATIONS_LOCK = 0x5C07ED


def connect() -> Connection:
    try:
        return current_app.extensions["scoredesk"].engine.connect()
    except OperationalError:
        sys.exit("DATABASE_URL: PostgreSQL can't be reached there, or does not let this user in.")


with connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=include_name,
        compare_server_default=True,
    )
    with context.begin_transaction():
        # If several services start at the same time, they migrate one after another; only the first finds work to do.
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATIONS_LOCK})
        context.run_migrations()

"""How Alembic reaches the app's tables; ``flask db`` runs it."""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import text

from migrations.names import include_name
from webapp.database import db

MIGRATIONS_LOCK = 0x5C07ED

with current_app.extensions["migrate"].db.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        include_name=include_name,
        compare_server_default=True,
    )
    with context.begin_transaction():
        # Services that start together migrate one after the other, the later ones finding nothing to do.
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATIONS_LOCK})
        context.run_migrations()

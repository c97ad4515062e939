"""How Alembic reaches the app's tables; ``flask db`` runs it."""

from __future__ import annotations

import re

from alembic import context
from flask import current_app
from sqlalchemy import text

from webapp.database import db

MIGRATIONS_LOCK = 0x5C07ED
PARTITION = re.compile(r"predictions_\d{6}")


def include_name(name: str | None, type_: str, _parents: object) -> bool:
    """Leave the monthly partitions out: the service makes them, not a migration."""
    return not (type_ == "table" and name and PARTITION.fullmatch(name))


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

"""Checks that the tables fit this version of the service."""

from __future__ import annotations

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from webapp.config import ROOT
from webapp.errors import SettingsError


def require_tables(engine: Engine) -> None:
    """Check that the migrations have been run; those of a later version may have been run too.

    While PostgreSQL is out of reach this passes, because predictions go to the spool then.

    Raises
    ------
    SettingsError
    """
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    except DBAPIError:
        return
    earlier = {script.revision for script in scripts.walk_revisions()} - {scripts.get_current_head()}
    if current is None or current in earlier:
        raise SettingsError(
            "DATABASE_URL: The tables are not up to date. As their owner, run: flask --app wsgi db upgrade"
        )

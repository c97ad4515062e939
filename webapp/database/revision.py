"""Whether the tables are those that this version of the service needs."""

from __future__ import annotations

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from webapp.config import ROOT
from webapp.errors import SettingsError


def require_tables(engine: Engine) -> None:
    """Make sure that the migrations have been run; a later version's may have been run too.

    While PostgreSQL is out of reach nothing is said: then predictions go to the spool.

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
    earlier = {each.revision for each in scripts.walk_revisions()} - {scripts.get_current_head()}
    if current is None or current in earlier:
        raise SettingsError("DATABASE_URL: Its tables are not up to date. As their owner: flask --app wsgi db upgrade")

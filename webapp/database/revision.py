"""Checks that the tables fit this version of the service."""

from __future__ import annotations

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from webapp.config import ROOT
from webapp.database.address import describe
from webapp.errors import SettingsError

#: The oldest version of PostgreSQL that the tables and queries work with.
MIN_POSTGRES = 15
UPGRADE = "As the owner of the database, run: flask --app wsgi db upgrade"


def require_tables(engine: Engine) -> None:
    """Check that the migrations have been run; those of a later version may have been run too.

    While PostgreSQL is out of reach this passes, because predictions go to the spool then.

    Raises
    ------
    SettingsError
    """
    try:
        with engine.connect() as connection:
            require_version(connection)
            current = current_revision(connection)
    except DBAPIError:
        return
    if current is None:
        raise SettingsError(f"{_place(connection)} has no tables yet. {UPGRADE}")
    if current in earlier_revisions():
        raise SettingsError(
            f"The tables in {_place(connection)} are of version {current}, and this code needs {newest_revision()}. "
            f"{UPGRADE}"
        )


def require_version(connection: Connection) -> None:
    """Check that PostgreSQL is not too old for the tables and queries.

    Raises
    ------
    SettingsError
    """
    version = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    if version < MIN_POSTGRES:
        raise SettingsError(
            f"{_place(connection)} is PostgreSQL {version}, which is too old. Upgrade it to {MIN_POSTGRES} or later."
        )


def current_revision(connection: Connection) -> str | None:
    """Return the version of the tables; None if there are none."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """Return the version of the tables that this code makes."""
    return str(_scripts().get_current_head())


def earlier_revisions() -> set[str]:
    """Return the versions that the tables may have before this code brings them up to date."""
    return {script.revision for script in _scripts().walk_revisions()} - {newest_revision()}


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(ROOT / "migrations"))


def _place(connection: Connection) -> str:
    return describe(connection.engine.url.render_as_string())

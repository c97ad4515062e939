"""Checks of PostgreSQL: its version, its tables, the role, the clock, and what acts on the tables."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Engine, func, select, text

from webapp.database import catalog, postgres_roles
from webapp.database.address import describe
from webapp.database.clock import clock_warning
from webapp.database.privileges import TABLES
from webapp.database.revision import current_revision, newest_revision, require_tables, require_version
from webapp.database.tables.accounts import UserRecord
from webapp.errors import SettingsError
from webapp.services.doctor.findings import Finding

MISSING = """
    SELECT format('%s on %s', privilege, name)
    FROM unnest(CAST(:tables AS text[]), CAST(:privileges AS text[])) AS needed (name, privilege)
    WHERE NOT CASE WHEN privilege = 'DELETE' THEN has_table_privilege(to_regclass(quote_ident(name)), privilege)
                   ELSE has_any_column_privilege(to_regclass(quote_ident(name)), privilege) END
    ORDER BY 1"""
ROLE = text("SELECT current_user")


def check_server(connection: Connection) -> str:
    """Check the server's version, and tell which database this is and which role."""
    require_version(connection)
    version = str(connection.scalar(text("SHOW server_version"))).split()[0]
    place = describe(connection.engine.url.render_as_string())
    return f"{place}, version {version}, as the role “{connection.scalar(ROLE)}”."


def check_clock(engine: Engine) -> str:
    """Check that this machine's clock is the database's."""
    if sentence := clock_warning(engine):
        raise SettingsError(f"{sentence}.")
    return "as the database's."


def check_tables(engine: Engine, connection: Connection) -> str:
    """Check that the tables are those that this code needs."""
    require_tables(engine)
    version, newest = current_revision(connection), newest_revision()
    if version == newest:
        return f"version {version}, as this code needs."
    return f"version {version}, later than {newest}, which this code made. That is so during an upgrade."


def check_users(connection: Connection) -> str:
    """Check that somebody can log in."""
    users = connection.scalar(select(func.count()).where(UserRecord.disabled_at.is_(None)))
    if not users:
        raise SettingsError(
            "nobody can log in. To create an administrator: flask --app wsgi users create NAME --role admin"
        )
    return f"{users} can log in."


def check_role(connection: Connection) -> str:
    """Check that the role has the privileges that the service needs, and tell whether it has more."""
    role = str(connection.scalar(text("SELECT current_user")))
    needed = [(table, each.split()[0]) for table, granted in TABLES.items() for each in granted]
    tables, privileges = map(list, zip(*needed, strict=True))
    missing = list(connection.scalars(text(MISSING), {"tables": tables, "privileges": privileges}))
    if missing:
        raise SettingsError(
            f"“{role}” lacks {', '.join(missing[:3])}. As the owner, run: flask --app wsgi database grant {role}"
        )
    if postgres_roles.excess(connection, role):
        return f"“{role}” can also change the log; the service needs only a role that database grant made."
    return f"“{role}” can add to the log, but not change it."


def examine_catalog(connection: Connection) -> Iterator[Finding]:
    """Yield what else than the service acts on the tables."""
    sentences = list(catalog.problems(connection))
    for sentence in sentences:
        yield Finding(name="Triggers", sentence=f"{sentence} Ask the owner of the tables why.", is_fault=True)
    if not sentences:
        yield Finding(name="Triggers", sentence="only the service's own act on the tables.")

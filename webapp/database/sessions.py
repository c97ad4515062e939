"""Checks that a connection is a session of its own."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, text

from webapp.database.bounded import BoundedConnection
from webapp.errors import SettingsError


def require_session(connection: Connection, engine: Engine) -> None:
    """Check that no pooler gives the session of this connection to others between two transactions.

    What needs a session of its own, such as a lock, would be left behind in one of somebody else.

    Raises
    ------
    SettingsError
    """
    driver = connection.connection.driver_connection
    if not (isinstance(driver, BoundedConnection) and driver.is_pooled):
        return
    mine = _session(connection)
    with engine.connect() as other:
        if _session(other) == mine:
            raise SettingsError(
                "MAINTENANCE_DATABASE_URL: The address is that of a pooler that shares its sessions. "
                "Set this to the address of PostgreSQL itself."
            )


def _session(connection: Connection) -> int:
    number: int = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    connection.commit()
    return number

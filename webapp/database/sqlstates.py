"""The codes of PostgreSQL's errors, and what they mean for the session that they came from."""

from __future__ import annotations

import psycopg

#: SQLSTATEs of PostgreSQL.
INSUFFICIENT_PRIVILEGE = "42501"
UNDEFINED_TABLE = "42P01"
LOCK_NOT_AVAILABLE = "55P03"
DEADLOCK_DETECTED = "40P01"
#: Those after which the session can't be used any more, and the others of the pool can't either, most likely.
#: Where a class is named, all of it counts.
USELESS_SESSION = (
    "08",  # the connection failed
    "25006",  # it takes no writes: PostgreSQL is a standby now, or was read-only when the session began
    "25P02",  # its transaction failed, and nobody ended that
    "25P03",  # PostgreSQL ended it, because it was idle in a transaction
    "25P04",  # PostgreSQL ended it, because its transaction took too long
    "26000",  # its prepared statement is gone: a pooler gave it another connection
    "42P05",  # a prepared statement of somebody else has the same name
    "57P",  # PostgreSQL stops, has crashed, is starting, dropped the database or ended the session
)


class RowsDiscarded(psycopg.DatabaseError):
    """PostgreSQL confirmed a statement and did not write all of its rows, as a foreign trigger can make it do."""


def driver_error(error: BaseException | None) -> BaseException | None:
    """Return the error of psycopg that SQLAlchemy wrapped, or the error itself."""
    return getattr(error, "orig", None) or error


def sqlstate(error: BaseException | None) -> str:
    """Return the SQLSTATE of an error, empty if PostgreSQL sent none."""
    return getattr(driver_error(error), "sqlstate", None) or ""


def is_of_no_use(error: BaseException | None) -> bool:
    """Return whether the session that an error came from has to be replaced by a new one."""
    return sqlstate(error).startswith(USELESS_SESSION)

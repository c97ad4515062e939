"""What PostgreSQL and its driver say, in sentences: what happened, and what to do about it.

People who use the service read what happened, without a name of the machine. Whoever runs a command also reads where,
and what to do. PostgreSQL's own words are never repeated: they may hold the values of a row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import psycopg
from sqlalchemy import URL
from sqlalchemy.exc import TimeoutError

from webapp.database.address import describe
from webapp.database.sqlstates import RowsDiscarded, driver_error, sqlstate

TELL = "Please tell the administrator."
RETRY = "Please try again in a moment."


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One kind of fault, for the two who read of it."""

    #: For people who use the service; None where the sentence of what failed says as much.
    public: str | None = None
    #: For the operator. ``{place}`` stands for the address of the database, ``{role}`` for the role.
    operator: str


UNREACHABLE = Fault(operator="{place} can't be reached. Check DATABASE_URL and whether the server is running.")
#: By SQLSTATE, or by its first two characters, which name a class of errors.
BY_STATE = {
    "42501": Fault(
        public=f"The service's role in the database may not do this. {TELL}",
        operator="The role “{role}” may not do this in {place}. Use the DATABASE_URL of the tables' owner; if it is "
        "the service that needs this, run as the owner: flask --app wsgi database grant {role}",
    ),
    "42P01": Fault(
        public=f"The database has no tables yet. {TELL}",
        operator="There are no tables in {place}. To create them, run as their owner: flask --app wsgi db upgrade",
    ),
    "42703": Fault(
        public=f"The tables in the database are those of another version. {TELL}",
        operator="The tables in {place} are those of another version. To bring them up to date, run as their owner: "
        "flask --app wsgi db upgrade",
    ),
    "28P01": Fault(
        public=f"The database refused the service's password. {TELL}",
        operator="{place} refused the password of the role “{role}”. Correct it in DATABASE_URL or DATABASE_PASSWORD.",
    ),
    "28000": Fault(
        public=f"The database refused the service's role. {TELL}",
        operator="{place} does not let the role “{role}” in. Check that the role exists and may log in, and that "
        "pg_hba.conf admits it from this machine.",
    ),
    "3D000": Fault(
        public=f"The service's database does not exist. {TELL}",
        operator="{place} does not exist, but its server answers. Correct the name in DATABASE_URL, or create the "
        "database.",
    ),
    "53300": Fault(
        public=f"The database has no free connection. {RETRY}",
        operator="{place} has no free connection. Raise max_connections in PostgreSQL, lower THREADS or "
        "WEB_CONCURRENCY, or use PgBouncer.",
    ),
    "53100": Fault(
        public=f"The disk of the database is full. {TELL}",
        operator="The disk of {place} is full. Free space there or enlarge it; PostgreSQL needs no restart then.",
    ),
    "53200": Fault(
        public=f"The database has not enough memory. {TELL}",
        operator="{place} has not enough memory. Give it more, or lower work_mem or max_connections.",
    ),
    "25006": Fault(
        public=f"The database accepts no changes right now. {TELL}",
        operator="{place} accepts no changes: it is a standby, or was made read-only. Connect to the primary "
        "(target_session_attrs=read-write), or end what made it read-only.",
    ),
    "57P03": Fault(
        public=f"The database is starting or stopping. {RETRY}",
        operator="{place} is starting or stopping. Try again in a moment.",
    ),
    "57014": Fault(operator="{place} took too long to answer. Try again when it has less to do."),
    "55P03": Fault(operator="Others in {place} hold a lock for too long. Try again in a moment."),
}
BY_STATE |= {"42883": BY_STATE["42703"], "3F000": BY_STATE["42P01"]}
#: While a connection is made the driver passes on no SQLSTATE, only the server's words, or those of libpq.
BY_WORDS = {
    r"password authentication failed|no password supplied": "28P01",
    r"role \".*\" does not exist|no pg_hba\.conf entry|is not permitted to log in|authentication failed": "28000",
    r"database \".*\" does not exist": "3D000",
    r"too many (clients|connections)|remaining connection slots": "53300",
    r"session is read-only|session is not read-only|server is in hot standby mode": "25006",
    r"the database system is|not yet accepting connections": "57P03",
}
UNKNOWN_HOST = Fault(operator="{place}: no machine of this name is known. Correct the host in DATABASE_URL.")
NO_TLS = Fault(
    public=f"The connection to the database is not secure enough. {TELL}",
    operator="{place} and this machine don't agree on TLS. Check sslmode and sslrootcert in DATABASE_URL, and the "
    "server's certificate.",
)
#: libpq's own words about the way to the server.
ON_THE_WAY = {
    r"could not translate host name|Name or service not known|failed to resolve host": UNKNOWN_HOST,
    r"\bSSL\b|certificate": NO_TLS,
}
NO_FREE_CONNECTION = Fault(
    public=f"The database has too many requests right now. {RETRY}",
    operator="All connections of this process to {place} are in use. Try again in a moment, or raise THREADS.",
)

DISCARDED = Fault(
    public=f"The database did not keep what it was given. {TELL}",
    operator="Something in {place} discarded rows. To see what: flask --app wsgi doctor",
)

KNOWN = (*BY_STATE.values(), *ON_THE_WAY.values(), NO_FREE_CONNECTION)


def public_sentence(error: BaseException) -> str | None:
    """Return what happened, for people who use the service; None if no more is known than that it failed."""
    return _fault(error).public


def operator_sentence(error: BaseException | None, url: URL) -> str:
    """Return what happened in the database of this address, and what to do."""
    place = describe(url.render_as_string())
    return _fault(error).operator.format(place=place, role=url.username or "")


def is_known(error: BaseException) -> bool:
    """Return whether more can be said of an error than its code: it has to do with the database, not with a query."""
    return _fault(error) is UNREACHABLE or _fault(error) in KNOWN


def _fault(error: BaseException | None) -> Fault:
    if isinstance(error, TimeoutError):
        return NO_FREE_CONNECTION
    if isinstance(driver_error(error), RowsDiscarded):
        return DISCARDED
    state = sqlstate(error)
    if not state and isinstance(driver_error(error), psycopg.OperationalError):
        words = str(driver_error(error))
        state = next((state for pattern, state in BY_WORDS.items() if re.search(pattern, words)), "")
        if not state:
            return next((fault for each, fault in ON_THE_WAY.items() if re.search(each, words)), UNREACHABLE)
    if found := BY_STATE.get(state):
        return found
    if not state or state.startswith(("08", "57P")):
        return UNREACHABLE
    return Fault(operator=f"{{place}} refused this (SQLSTATE {state}).")

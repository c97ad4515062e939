"""The connections to PostgreSQL, one pool for each kind of use."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, NullPool, create_engine, event

from webapp.config import Settings
from webapp.database.address import with_driver, with_password
from webapp.database.bounded import bound
from webapp.database.breaker import Breaker
from webapp.database.embedded import database_url
from webapp.database.pool import ShrinkingPool

#: Seconds that a page waits for PostgreSQL, and that a prediction waits to be recorded there.
READING_SECONDS = 10
RECORDING_SECONDS = 2
#: Seconds after which short transactions are tried again while PostgreSQL does not answer.
RETRY_SECONDS = 2.0
#: The fewest connections for them.
MIN_BRIEF_CONNECTIONS = 2
#: Seconds that connecting to one host may take, and waiting for a connection that others use.
CONNECTING_SECONDS = 3
#: Seconds after which a connection that nobody used is closed.
UNUSED_SECONDS = 60
#: Seconds that one step of reading the whole log may take.
MAINTENANCE_SECONDS = 600
#: How long a migration waits for a lock before it lets those pass who wait behind it. That is longer than PostgreSQL's
#: deadlock_timeout of one second, after which an autovacuum gives way, and shorter than a prediction waits.
LOCK_TIMEOUT = "1500ms"
# The URL, the role or the database may limit statements, so the limits are lifted in the session itself. Only some
# versions of PostgreSQL have the last one.
LIFT_LIMITS = """
    SET statement_timeout = 0;
    SET idle_in_transaction_session_timeout = 0;
    SET timezone = 'UTC';
    SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'transaction_timeout'"""


@dataclass(frozen=True, kw_only=True)
class Engines:
    """The engines of one process; none connects before its first query."""

    #: For pages and commands: one transaction each; a connection is tested before it is used.
    pages: Engine
    #: For what precedes and follows each answer: who asks, how often, and whether it is a repetition. While PostgreSQL
    #: does not answer, only one caller in a while waits for it.
    brief: Engine
    #: For recording: each statement is its own transaction, and the caller tries again when one fails.
    recording: Engine
    #: For work that reads the whole log; each connection is closed after its use.
    maintenance: Engine
    #: For migrations.
    migration: Engine
    #: The address that a session of one's own connects to.
    session_url: str = field(repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Engines:
        """Make the engines for the database of these settings; without DATABASE_URL, start the embedded one."""
        return cls(
            pages=_transactions(settings, READING_SECONDS, settings.threads),
            brief=brief_engine(settings),
            recording=recording_engine(settings),
            maintenance=maintenance_engine(settings),
            migration=migration_engine(settings),
            session_url=session_url(settings),
        )

    def close_unused(self) -> float:
        """Close the connections that are not used any more, and return the seconds until some may be again."""
        for engine in (self.pages, self.brief, self.recording):
            if isinstance(engine.pool, ShrinkingPool):
                engine.pool.close_unused(UNUSED_SECONDS)
        return UNUSED_SECONDS / 4


def brief_engine(settings: Settings) -> Engine:
    """Make the engine for the short transactions before and after an answer; each takes a connection for a moment."""
    engine = _transactions(settings, RECORDING_SECONDS, max(MIN_BRIEF_CONNECTIONS, settings.threads // 4))
    return engine.execution_options(breaker=Breaker(RETRY_SECONDS))


def _transactions(settings: Settings, seconds: int, connections: int) -> Engine:
    url, pool = with_driver(database_url(settings)), _pool(connections)
    return bound(create_engine(url, pool_pre_ping=True, **pool, **_options(seconds)), seconds + 1, seconds)


def recording_engine(settings: Settings) -> Engine:
    """Make the engine that records predictions."""
    # No transaction is ever left open on a connection, so none has to be rolled back when it returns to the pool.
    engine = create_engine(
        with_driver(database_url(settings)),
        isolation_level="AUTOCOMMIT",
        pool_reset_on_return=None,
        **_pool(settings.threads),
        **_options(RECORDING_SECONDS),
    )
    return bound(engine, RECORDING_SECONDS, RECORDING_SECONDS)


def maintenance_engine(settings: Settings) -> Engine:
    """Make the engine for work that reads the whole log."""
    engine = create_engine(with_driver(session_url(settings)), poolclass=NullPool, **_options(MAINTENANCE_SECONDS))
    return bound(engine, MAINTENANCE_SECONDS, MAINTENANCE_SECONDS)


def migration_engine(settings: Settings) -> Engine:
    """Make the engine for migrations: a statement may take hours, but waits only briefly for a lock."""
    connect_args = {"connect_timeout": 3, "keepalives_idle": 30, "keepalives_interval": 10}
    engine = create_engine(with_driver(session_url(settings)), connect_args=connect_args, poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def lift_limits(connection: Any, _record: Any) -> None:
        connection.autocommit = True
        connection.execute(LIFT_LIMITS)
        connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        connection.autocommit = False

    return engine


def session_url(settings: Settings) -> str:
    """Return the address for what needs a session of its own: locks, notifications and migrations."""
    if settings.maintenance_database_url:
        return with_password(settings.maintenance_database_url, settings.database_password)
    return database_url(settings)


def _pool(connections: int) -> dict[str, Any]:
    return {
        "poolclass": ShrinkingPool,
        "pool_use_lifo": True,
        "pool_size": connections,
        "max_overflow": 0,
        "pool_timeout": CONNECTING_SECONDS,
    }


def _options(seconds: int) -> dict[str, Any]:
    # The kernel notices a server that is gone for good, also where nobody sends anything.
    keepalives = {"keepalives_idle": 30, "keepalives_interval": 5, "keepalives_count": 3}
    return {
        "connect_args": {"connect_timeout": min(seconds, CONNECTING_SECONDS), "tcp_user_timeout": 5000, **keepalives}
    }

"""Where everything is remembered: the tables and the connection to PostgreSQL."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, NullPool, create_engine
from sqlalchemy.orm import DeclarativeBase

from webapp.config import ROOT, Settings
from webapp.database.bounded import bound

#: Seconds that a page waits for PostgreSQL, and that a prediction waits to be recorded there.
READING_PATIENCE = 10
RECORDING_PATIENCE = 2
#: Seconds that one step of going through the whole log may take.
MAINTENANCE_PATIENCE = 600


class Base(DeclarativeBase):
    """The parent of all tables."""


db = SQLAlchemy(model_class=Base)
migrate = Migrate(directory=str(ROOT / "migrations"))


def init_app(app: Flask, settings: Settings) -> None:
    """Tell the app where its PostgreSQL is; nothing connects before the first query."""
    from webapp.database import accounts, tables  # noqa: F401  (fill the metadata that migrations compare)
    from webapp.database.embedded import database_url

    app.config["SQLALCHEMY_DATABASE_URI"] = with_driver(database_url(settings))
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _options(settings, READING_PATIENCE) | {"pool_pre_ping": True}
    db.init_app(app)
    migrate.init_app(app, db)
    with app.app_context():
        bound(db.engine, READING_PATIENCE + 1)


def recording_engine(settings: Settings) -> Engine:
    """Make the connections by which predictions are recorded: each statement is a transaction of its own.

    Nothing is asked before a statement whether its connection still lives; whoever uses them tries again.
    """
    from webapp.database.embedded import database_url

    url, options = with_driver(database_url(settings)), _options(settings, RECORDING_PATIENCE)
    # No transaction is ever left open on them, so none has to be rolled back when they are given back.
    engine = create_engine(url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, **options)
    return bound(engine, RECORDING_PATIENCE)


def maintenance_engine(settings: Settings) -> Engine:
    """Make connections for what goes through the whole log; each is closed after its use."""
    from webapp.database.embedded import database_url

    options = {"connect_args": _options(settings, MAINTENANCE_PATIENCE)["connect_args"], "poolclass": NullPool}
    return bound(create_engine(with_driver(database_url(settings)), **options), MAINTENANCE_PATIENCE)


def _options(settings: Settings, patience: int) -> dict[str, Any]:
    return {
        "pool_size": settings.threads,
        "max_overflow": 0,
        "pool_timeout": min(patience, 3),
        "connect_args": {
            "connect_timeout": min(patience, 3),
            "tcp_user_timeout": 5000,
            "options": f"-c statement_timeout={patience}s -c timezone=UTC",
        },
    }


def with_driver(url: str) -> str:
    """Name psycopg 3 as the driver of a PostgreSQL URL, however it was spelled."""
    return "postgresql+psycopg://" + url.split("://", 1)[1]

"""Where everything is remembered: the tables and the connection to PostgreSQL."""

from __future__ import annotations

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase

from webapp.config import ROOT, Settings


class Base(DeclarativeBase):
    """The parent of all tables."""


db = SQLAlchemy(model_class=Base)
migrate = Migrate(directory=str(ROOT / "migrations"))


def init_app(app: Flask, settings: Settings) -> None:
    """Tell the app where its PostgreSQL is; nothing connects before the first query."""
    from webapp.database import tables  # noqa: F401  (fills the metadata that migrations compare)
    from webapp.database.embedded import database_url

    app.config["SQLALCHEMY_DATABASE_URI"] = with_driver(database_url(settings))
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_size": settings.threads,
        "max_overflow": 0,
        "pool_timeout": 3,
        "pool_pre_ping": True,
        "connect_args": {
            "connect_timeout": 3,
            "tcp_user_timeout": 5000,
            "options": "-c statement_timeout=10s -c timezone=UTC",
        },
    }
    db.init_app(app)
    migrate.init_app(app, db)


def with_driver(url: str) -> str:
    """Name psycopg 3 as the driver of a PostgreSQL URL, however it was spelled."""
    return "postgresql+psycopg://" + url.split("://", 1)[1]

"""The commands of ``flask --app wsgi``."""

from __future__ import annotations

from flask import Flask
from flask_migrate import Migrate

from webapp.cli import database, doctor, keys, models, predictions, spool, users
from webapp.config import ROOT
from webapp.database import tables
from webapp.database.base import Base

__all__ = ["init_app", "tables"]


def init_app(app: Flask) -> None:
    """Register the commands, and ``flask db`` for migrations."""
    for group in (database.group, models.group, predictions.group, spool.group, users.group, keys.group):
        app.cli.add_command(group)
    app.cli.add_command(doctor.doctor)
    Migrate(app, Base, directory=str(ROOT / "migrations"))

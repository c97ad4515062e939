"""The commands of ``flask --app wsgi``."""

from __future__ import annotations

from flask import Flask
from flask_migrate import Migrate

from webapp.cli import database, doctor, environments, keys, models, predictions, spool, users
from webapp.config import ROOT
from webapp.database import tables
from webapp.database.base import Base

__all__ = ["init_app", "tables"]


def init_app(app: Flask) -> None:
    """Register the commands, and ``flask db`` for migrations."""
    for module in (database, environments, keys, models, predictions, spool, users):
        app.cli.add_command(module.group)
    app.cli.add_command(doctor.doctor)
    Migrate(app, Base, directory=str(ROOT / "migrations"))

"""The commands of ``flask --app wsgi``."""

from __future__ import annotations

from flask import Flask

from webapp.cli import database, models, spool


def init_app(app: Flask) -> None:
    """Register the commands."""
    app.cli.add_command(database.group)
    app.cli.add_command(models.group)
    app.cli.add_command(spool.group)

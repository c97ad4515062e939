"""The commands of ``flask --app wsgi``."""

from __future__ import annotations

from flask import Flask

from webapp.cli import database, keys, models, predictions, spool, users


def init_app(app: Flask) -> None:
    """Register the commands."""
    for group in (database.group, models.group, predictions.group, spool.group, users.group, keys.group):
        app.cli.add_command(group)

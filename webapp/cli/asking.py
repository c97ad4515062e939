"""What all commands need: the services, and errors as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app

from webapp.errors import ScoredeskError
from webapp.services import Services


def services() -> Services:
    """Give the services of the app whose command runs."""
    found: Services = current_app.extensions["scoredesk"]
    return found


@contextmanager
def sentences() -> Iterator[None]:
    """Tell what goes wrong in its sentence, and fail."""
    try:
        yield
    except ScoredeskError as error:
        raise click.ClickException(error.message) from None

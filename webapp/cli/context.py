"""What all commands need: the services, who asks, and errors as sentences."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app

from webapp.errors import ScoredeskError
from webapp.services.wiring import Services


def services() -> Services:
    """Give the services of the app whose command runs."""
    found: Services = current_app.extensions["scoredesk"]
    return found


def actor() -> str:
    """Give who runs the command, by number where the machine has no name for them, as in a container.

    A command asks before it changes anything, so that nothing is changed that can't be told of.
    """
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # Python up to 3.12 raises the first, later ones the second.
        return str(os.getuid())


@contextmanager
def sentences() -> Iterator[None]:
    """Tell what goes wrong in its sentence, and fail."""
    try:
        yield
    except ScoredeskError as error:
        raise click.ClickException(error.message) from None

"""What all commands share: the services, the person who runs the command, and errors as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app

from webapp.database import embedded
from webapp.database.address import describe
from webapp.database.transactions import INSUFFICIENT_PRIVILEGE, UNDEFINED_TABLE, sqlstate
from webapp.errors import OtherKeys, ScoredeskError, Unavailable
from webapp.helpers.accounts.operator import operator as actor
from webapp.helpers.log_lines import one_line
from webapp.services.wiring import Services

__all__ = ["actor", "echo", "sentences", "services"]


def services() -> Services:
    """Return the services of the app whose command runs."""
    current: Services = current_app.extensions["scoredesk"]
    return current


def echo(text: str) -> None:
    """Print one line; names of files and values in tables can't begin another one."""
    click.echo(one_line(text))


@contextmanager
def sentences() -> Iterator[None]:
    """End the command with the sentence of an error that is raised inside."""
    try:
        yield
    except Unavailable as error:
        # A sentence about the keys says more than that nothing can be recorded.
        sentence = error.__cause__.message if isinstance(error.__cause__, OtherKeys) else error.message
        raise click.ClickException(one_line(_advice(sqlstate(error.__cause__)) or sentence)) from None
    except ScoredeskError as error:
        raise click.ClickException(one_line(error.message)) from None


def _advice(state: str) -> str | None:
    """Return what to do about a database that can be reached and still refuses, by its SQLSTATE."""
    if state == INSUFFICIENT_PRIVILEGE:
        return "The role in DATABASE_URL may not do this. Use the DATABASE_URL of the tables' owner."
    if state == UNDEFINED_TABLE:
        place = describe(services().engine.url.render_as_string())
        hint = " (DATABASE_URL is not set, so the embedded database was used.)" if embedded.is_joined() else ""
        return f"There are no tables in {place}. To create them: flask --app wsgi db upgrade{hint}"
    return None

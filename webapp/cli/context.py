"""What all commands share: the services, the person who runs the command, and errors as sentences."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

import click
import psycopg
from flask import current_app
from flask_migrate import upgrade
from sqlalchemy.exc import DBAPIError, TimeoutError

from webapp.database.address import describe
from webapp.database.faults import operator_sentence
from webapp.database.revision import require_tables
from webapp.errors import OtherKeys, ScoredeskError, SettingsError, Unavailable
from webapp.helpers.accounts.operator import operator as actor
from webapp.helpers.log_lines import one_line
from webapp.services.wiring import Services

__all__ = ["actor", "bare_services", "echo", "sentence_of", "sentences", "services"]


def services() -> Services:
    """Return the services of the app whose command runs; tables of the embedded PostgreSQL are made or updated first.

    Whoever starts a server that is part of the service, be it gunicorn or a command, brings it up to date.
    """
    if current_app.config["EMBEDS_POSTGRES"] and not current_app.extensions.get("is_prepared"):
        current_app.extensions["is_prepared"] = True
        _prepare_embedded()
    return bare_services()


def bare_services() -> Services:
    """Return the services with the tables as they are."""
    current: Services = current_app.extensions["scoredesk"]
    return current


def _prepare_embedded() -> None:
    place = describe(bare_services().engine.url.render_as_string())
    _tell(f"DATABASE_URL is not set, so the embedded database is used: {place}")
    try:
        require_tables(bare_services().engine)
    except SettingsError:
        _tell("Creating its tables, or bringing them up to date.")
        # What this prints must not be mixed with what the command prints.
        with redirect_stdout(sys.stderr):
            upgrade()


def _tell(text: str) -> None:
    click.echo(one_line(text), err=True)


def echo(text: str) -> None:
    """Print one line; names of files and values in tables can't begin another one."""
    click.echo(one_line(text))


@contextmanager
def sentences() -> Iterator[None]:
    """End the command with the sentence of an error that is raised inside."""
    try:
        yield
    except Unavailable as error:
        raise click.ClickException(one_line(sentence_of(error))) from None
    except ScoredeskError as error:
        raise click.ClickException(one_line(error.message)) from None


def sentence_of(error: Unavailable) -> str:
    """Return what the operator needs to know: where the database is, what it refused, and what to do."""
    cause = error.__cause__
    if isinstance(cause, OtherKeys):
        # That says more than that nothing can be recorded.
        return cause.message
    if isinstance(cause, (DBAPIError, TimeoutError, psycopg.Error)):
        return operator_sentence(cause, bare_services().engine.url)
    return error.message

"""``flask database``: the privileges of a PostgreSQL role, and the keys that the database is used with."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from webapp.cli.context import actor, echo, sentences, services
from webapp.config import read_variable
from webapp.database import postgres_roles

group = AppGroup(
    "database", help="Give a PostgreSQL role exactly the privileges that the service needs, and accept changed keys."
)


@group.command()
@click.argument("role")
@click.option(
    "--password",
    help="Create the role if it doesn't exist, and set this password. Unset: ROLE_PASSWORD or ROLE_PASSWORD_FILE.",
)
def grant(role: str, password: str | None) -> None:
    """Allow ROLE to read the log and add to it, but not to change it. Run this as the owner after each db upgrade."""
    with sentences():
        postgres_roles.grant(services().engine, role, password or read_variable("ROLE_PASSWORD"))
    echo(f"{role} can read the log and add to it, but can't change it.")


@group.command()
def accept_keys() -> None:
    """Accept SECRET_KEY and SEALING_KEY as they are set here, for all hosts, after you changed one on purpose."""
    with sentences():
        changed = services().key_check.accept(services().engine, actor())
    echo(f"Accepted {' and '.join(changed)}." if changed else "The database has these keys already.")

"""``flask database``: the privileges of a PostgreSQL role."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from webapp.cli.context import sentences, services
from webapp.database import postgres_roles

group = AppGroup("database", help="Give a PostgreSQL role exactly the privileges that the service needs.")


@group.command()
@click.argument("role")
@click.option("--password", envvar="ROLE_PASSWORD", help="Create the role if it doesn't exist, and set this password.")
def grant(role: str, password: str | None) -> None:
    """Allow ROLE to read the log and add to it, but not to change it. Run this as the owner after each db upgrade."""
    with sentences():
        postgres_roles.grant(services().engine, role, password)
    click.echo(f"{role} can read the log and add to it, but can't change it.")

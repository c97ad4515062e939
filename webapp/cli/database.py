"""``flask database``: what a role may do."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from webapp.cli.context import services
from webapp.database import roles
from webapp.errors import NotGrantable

group = AppGroup("database", help="Give a role of PostgreSQL what the service needs, and no more.")


@group.command()
@click.argument("role")
@click.option("--password", envvar="ROLE_PASSWORD", help="Make the role if it is not there, and set this password.")
def grant(role: str, password: str | None) -> None:
    """Let ROLE read the log and add to it, as the service does; run it as the owner, after each db upgrade."""
    try:
        roles.grant(services().engine, role, password)
    except NotGrantable as error:
        raise click.ClickException(error.message) from None
    click.echo(f"{role} may read the log and add to it, and can't change it.")

"""``flask keys``: keys for scripts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click
from flask.cli import AppGroup

from webapp.cli.context import actor, sentences, services
from webapp.helpers.accounts.roles import ROLE_NAMES, Role

group = AppGroup("keys", help="Make, list and revoke keys for scripts.")


@group.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLE_NAMES), default="predict", show_default=True)
@click.option("--model", "models", multiple=True, help="For these models alone; else for all.")
@click.option("--days", type=click.IntRange(1, 3650), default=365, show_default=True, help="How long it lasts.")
def create(name: str, role: str, models: tuple[str, ...], days: int) -> None:
    """Make a key for the script NAME and show it, once."""
    expires = datetime.now(UTC) + timedelta(days=days)
    with sentences():
        made = services().keys.make(name, Role.named(role), models=models, expires_at=expires, created_by=actor())
    click.echo(made)


@group.command("list")
def list_keys() -> None:
    """List the keys, the newest first."""
    now = datetime.now(UTC)
    with sentences():
        found = services().keys.all()
    for key in found:
        state = f"until {key.expires_at:%Y-%m-%d}" if key.is_usable(now) and key.expires_at else "ended"
        click.echo(f"{key.id}  {key.name}  {key.role}: {', '.join(key.models or ['all models'])}  {state}")
    if not found:
        click.echo("There are no keys.")


@group.command()
@click.argument("id")
def revoke(id: str) -> None:
    """Let the key ID in no more, from now on."""
    with sentences():
        key = services().keys.revoke(id, actor=actor())
    click.echo(f"The key {id} of {key.name} lets nobody in any more.")

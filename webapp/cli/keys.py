"""``flask keys``: API keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click
from flask.cli import AppGroup

from webapp.cli.context import actor, echo, sentences, services
from webapp.helpers.accounts.roles import ROLE_NAMES, Role
from webapp.services.accounts import Key

group = AppGroup("keys", help="Create, list and revoke API keys.")


@group.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLE_NAMES), default="predict", show_default=True)
@click.option(
    "--model",
    "models",
    multiple=True,
    help="A model that the key may use; repeat it for several.  [default: all models]",
)
@click.option(
    "--days", type=click.IntRange(1, 3650), default=365, show_default=True, help="Days until the key expires."
)
def create(name: str, role: str, models: tuple[str, ...], days: int) -> None:
    """Create an API key called NAME and show it, once."""
    expires = datetime.now(UTC) + timedelta(days=days)
    with sentences():
        token = services().keys.make(name, Role.named(role), models=models, expires_at=expires, created_by=actor())
    echo(token)


@group.command("list")
def list_keys() -> None:
    """List the API keys, the newest first."""
    now = datetime.now(UTC)
    with sentences():
        keys = services().keys.all()
    for key in keys:
        echo(f"{key.id}  {key.name}  {key.role}: {', '.join(key.models or ['all models'])}  {_state(key, now)}")
    if not keys:
        echo("There are no API keys.")


@group.command()
@click.argument("id")
def revoke(id: str) -> None:
    """Revoke the API key ID at once."""
    with sentences():
        key = services().keys.revoke(id, actor=actor())
    echo(f"The API key {id} ({key.name}) is revoked.")


def _state(key: Key, now: datetime) -> str:
    if key.revoked_at:
        return "revoked"
    if not key.is_usable(now):
        return "expired"
    return f"expires {key.expires_at:%Y-%m-%d}" if key.expires_at else "does not expire"

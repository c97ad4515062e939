"""``flask users``: users and their roles."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from webapp.cli.context import actor, echo, sentences, services
from webapp.helpers.accounts.roles import ROLE_NAMES, Grant, Role

group = AppGroup("users", help="Create users and give them roles.")
ROLE = click.Choice(ROLE_NAMES)
MODEL = click.option("--model", help="Only for this model.  [default: all models]")


@group.command()
@click.argument("name")
@click.option("--role", type=ROLE, default="predict", show_default=True)
@MODEL
@click.password_option(help="Prompted for if it is left out.")
def create(name: str, role: str, model: str | None, password: str) -> None:
    """Create user NAME with a role."""
    with sentences():
        services().users.create(name, password, Grant(role=Role.named(role), model=model), actor=actor())
    echo(f"{name} can log in.")


@group.command("list")
def list_users() -> None:
    """List the users with their roles."""
    with sentences():
        users = services().users.all()
    for user in users:
        roles = ", ".join(map(str, user.grants))
        echo(f"{user.name}  {'disabled' if user.disabled_at else roles or 'no role'}")
    if not users:
        echo("There are no users.")


@group.command()
@click.argument("name")
@click.option("--role", type=ROLE, required=True)
@MODEL
def grant(name: str, role: str, model: str | None) -> None:
    """Give a role to NAME: a user, or a name that a trusted proxy sends."""
    with sentences():
        is_user = services().users.grant(name, Grant(role=Role.named(role), model=model), actor=actor())
    echo(f"{name} has the role {role} for {model or 'all models'}.")
    if not is_user:
        echo("There is no user of this name yet. The role counts when a trusted proxy sends this name.")


@group.command()
@click.argument("name")
@MODEL
def revoke(name: str, model: str | None) -> None:
    """Remove the role that NAME has for a model or, without --model, the one for all models. Other roles stay."""
    which = model or "all models"
    with sentences():
        is_removed, remaining = services().users.revoke(name, model, actor=actor())
        roles = f"Remaining roles: {', '.join(map(str, remaining)) or 'none'}."
        if not is_removed:
            raise click.ClickException(f"{name} has no role for {which}, so nothing was removed. {roles}")
    echo(f"{name} no longer has a role for {which}. {roles}")


@group.command()
@click.argument("name")
@click.password_option(help="Prompted for if it is left out.")
def password(name: str, password: str) -> None:
    """Change the password of NAME, and end all their sessions."""
    with sentences():
        services().users.set_password(name, password, actor=actor())
    echo(f"{name} has a new password.")


@group.command()
@click.argument("name")
def disable(name: str) -> None:
    """Disable user NAME and end all their sessions."""
    with sentences():
        services().users.disable(name, actor=actor())
    echo(f"{name} can no longer log in.")

"""``flask users``: who can log in, and what they may do."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from webapp.cli.context import actor, sentences, services
from webapp.helpers.accounts.roles import ROLE_NAMES, Grant, Role

group = AppGroup("users", help="Make users and give them roles.")
ROLE = click.Choice(ROLE_NAMES)
MODEL = click.option("--model", help="For this model alone; else for all.")


@group.command()
@click.argument("name")
@click.option("--role", type=ROLE, default="predict", show_default=True)
@MODEL
@click.password_option(help="Asked for if it is left out.")
def create(name: str, role: str, model: str | None, password: str) -> None:
    """Make user NAME with a role."""
    with sentences():
        services().users.create(name, password, Grant(role=Role.named(role), model=model), actor=actor())
    click.echo(f"{name} can log in.")


@group.command("list")
def list_users() -> None:
    """List the users with their roles."""
    with sentences():
        found = services().users.all()
    for user in found:
        roles = ", ".join(map(str, user.grants))
        click.echo(f"{user.name}  {'disabled' if user.disabled_at else roles or 'no role'}")
    if not found:
        click.echo("There are no users.")


@group.command()
@click.argument("name")
@click.option("--role", type=ROLE, required=True)
@MODEL
def grant(name: str, role: str, model: str | None) -> None:
    """Give NAME, a user or whoever a trusted proxy calls so, a role."""
    with sentences():
        known = services().users.grant(name, Grant(role=Role.named(role), model=model), actor=actor())
    click.echo(f"{name} may {role}: {model or 'all models'}.")
    if not known:
        click.echo("There is no user of this name yet; the role is for whoever a trusted proxy calls so.")


@group.command()
@click.argument("name")
@MODEL
def revoke(name: str, model: str | None) -> None:
    """Take away the role that NAME has for a model or, without one, that for all models; others stay."""
    which = model or "all models"
    with sentences():
        removed, left = services().users.revoke(name, model, actor=actor())
        kept = f"What is left: {', '.join(map(str, left)) or 'no role'}."
        if not removed:
            raise click.ClickException(f"{name} has no role for {which}, so nothing was taken away. {kept}")
    click.echo(f"{name} has no role for {which} any more. {kept}")


@group.command()
@click.argument("name")
@click.password_option(help="Asked for if it is left out.")
def password(name: str, password: str) -> None:
    """Change the password of NAME, and end all their sessions."""
    with sentences():
        services().users.set_password(name, password, actor=actor())
    click.echo(f"{name} has a new password.")


@group.command()
@click.argument("name")
def disable(name: str) -> None:
    """Let NAME log in no more, and end all their sessions."""
    with sentences():
        services().users.disable(name, actor=actor())
    click.echo(f"{name} can't log in any more.")

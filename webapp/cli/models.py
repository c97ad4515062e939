"""``flask models``: what is served and what isn't."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

group = AppGroup("models", help="Look at the models.")


@group.command("list")
def list_models() -> None:
    """List each model with its version, or with the reason why it can't be served."""
    store = current_app.extensions["scoredesk"].store
    for model in store.served():
        inputs = len(model.signature.features)
        click.echo(f"{model.name}  {model.version}  {model.signature.task}, {inputs} inputs")
    for model in store.unserved():
        click.echo(f"{model.name}  not served: {model.reason}")
    if not (store.served() or store.unserved()):
        click.echo("There are no models.")

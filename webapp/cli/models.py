"""``flask models``: what is served and what isn't."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from webapp.services import Services

group = AppGroup("models", help="Look at the models.")


@group.command("list")
def list_models() -> None:
    """List each model with its version, or with the reason why it can't be served."""
    services: Services = current_app.extensions["scoredesk"]
    served, unserved = services.store.served(), services.store.unserved()
    for model in served:
        inputs = len(model.signature.features)
        click.echo(f"{model.name}  {model.version}  {model.signature.task}, {inputs} input{'s'[: inputs != 1]}")
    for each in unserved:
        click.echo(f"{each.name}  not served: {each.reason}")
    if not (served or unserved):
        click.echo("There are no models.")

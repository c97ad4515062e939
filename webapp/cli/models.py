"""``flask models``: what is served, and what the gate says of a file."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from webapp.errors import NotServable
from webapp.services import Services
from webapp.services.artifact import Check

group = AppGroup("models", help="Look at the models.")


def _services() -> Services:
    services: Services = current_app.extensions["scoredesk"]
    return services


@group.command("list")
def list_models() -> None:
    """List each model with its version, or with the reason why it can't be served."""
    store = _services().store
    served, unserved = store.served(), store.unserved()
    for model in served:
        inputs = len(model.signature.features)
        click.echo(f"{model.name}  {model.version}  {model.signature.task}, {inputs} input{'s'[: inputs != 1]}")
    for each in unserved:
        click.echo(f"{each.name}  not served: {each.reason}")
    if not (served or unserved):
        click.echo("There are no models.")


@group.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def check_model(file: Path) -> None:
    """Tell what a Joblib FILE wants and whether it would be served, without running it here."""
    try:
        check = _services().loader.check(file, model=file.stem)
    except NotServable as error:
        raise click.ClickException(error.message) from None
    for title, text in _lines(check):
        click.echo(f"{title + ':':<13} {text}")
    if check.reason:
        raise SystemExit(1)


def _lines(check: Check) -> list[tuple[str, str]]:
    report = check.report
    refused = set(report.refused)
    names = [(f"{name} ({uses})", any(each.startswith(f"{name} (") for each in refused)) for name, uses in report.names]
    lines = [("Uses", f"{text}{'  NOT ALLOWED' if bad else ''}") for text, bad in names]
    lines += [("SHA-256", check.digest), ("Size", f"{check.size} bytes")]
    lines += [("Made with", f"scikit-learn {report.made_with or 'of no known version'}, numpy {report.numpy or '?'}")]
    if report.holds:
        lines += [("Holds", report.holds), ("Takes", ", ".join(report.inputs)), ("Gives", report.outputs or "")]
    if report.keeps_rows:
        kept = ", ".join(report.keeps_rows)
        lines += [("Privacy", f"{kept} keeps rows of its training data, so whoever has the file has them.")]
    if report.prediction:
        lines += [("Trial", report.prediction)]
    return [*lines, ("Verdict", check.reason or "It can be served.")]

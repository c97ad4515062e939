"""``flask models``: what is served, and which version answers."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from webapp.cli.context import actor, sentences, services
from webapp.errors import NotServable
from webapp.services.model_store.artifact import Check
from webapp.services.model_store.card_writer import CardWriter

group = AppGroup("models", help="Look at the models, publish versions and choose the champion.")
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@group.command("list")
def list_models() -> None:
    """List each model with its version, or with the reason why it can't be served."""
    store = services().store
    served, unserved, refused = store.served(), store.unserved(), store.refused()
    for model in served:
        inputs = len(model.signature.features)
        click.echo(f"{model.name}  {model.version}  {model.signature.task}, {inputs} input{'s'[: inputs != 1]}")
        click.echo(f"  answered by {model.inference.form}")
        if redacted := model.signature.redacted:
            click.echo(f"  not kept on record: {', '.join(feature.name for feature in redacted)}")
    for each in refused:
        click.echo(f"{each.name}  {each.version}  not served: {each.reason}")
    for each in unserved:
        click.echo(f"{each.name}  not served: {each.reason}")
    if not (served or unserved):
        click.echo("There are no models.")


@group.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def check_model(file: Path) -> None:
    """Tell what a Joblib FILE wants and whether it would be served, without running it here."""
    try:
        check = services().loader.check(file, model=file.stem)
    except NotServable as error:
        raise click.ClickException(error.message) from None
    for title, text in _lines(check):
        click.echo(f"{title + ':':<13} {text}")
    if check.reason:
        raise SystemExit(1)


@group.command()
@click.argument("file", type=EXISTING)
@click.option("--name", required=True, help="The model's name in addresses.")
@click.option("--title", help="What people read instead of the name.")
@click.option(
    "--sample", type=EXISTING, help="A CSV with rows such as the model will meet: measured; ten of them are kept."
)
@click.option("--target", multiple=True, help="The column of the sample that holds what is right, once per output.")
@click.option("--golden/--no-golden", default=True, help="Keep ten rows of the sample on the card, to check with.")
@click.option("--card", type=EXISTING, help="A JSON file with words: labels, units, help, ranges, order, groups.")
def publish(
    file: Path,
    name: str,
    title: str | None,
    sample: Path | None,
    target: tuple[str, ...],
    golden: bool,
    card: Path | None,
) -> None:
    """Check a Joblib FILE and add it to the models folder as the next version, with its card."""
    with sentences():
        writer = CardWriter(
            words=card.read_bytes() if card else b"{}",
            title=title,
            sample=sample.read_bytes() if sample else None,
            targets=target,
            golden=golden,
        )
        published = services().publisher.publish(file, name, writer, actor())
    click.echo(f"Published {published.name}, version {published.version}: {published.path}")
    if published.champion:
        click.echo("It is the first version and so the champion.")
    else:
        click.echo(f"It answers when you promote it: flask --app wsgi models promote {name} {published.version}")


@group.command()
@click.argument("name")
@click.argument("version")
def promote(name: str, version: str) -> None:
    """Make VERSION of model NAME the champion, in all processes."""
    with sentences():
        services().promoter.promote(name, version, actor())
    click.echo(f"{name} is now answered by version {version}.")


@group.command()
@click.argument("name")
def rollback(name: str) -> None:
    """Make the version before the champion of model NAME the champion again."""
    with sentences():
        model = services().promoter.roll_back(name, actor())
    click.echo(f"{name} is again answered by version {model.version}.")


@group.command()
@click.argument("name")
def unload(name: str) -> None:
    """Let model NAME answer nobody until it is loaded again; its file and its records stay."""
    with sentences():
        services().promoter.unload(name, actor())
    click.echo(f"{name} answers nobody until it is loaded again.")


@group.command()
@click.argument("name")
def load(name: str) -> None:
    """Let model NAME answer again."""
    with sentences():
        model = services().promoter.load(name, actor())
    click.echo(f"{name} is answered by version {model.version}.")


def _lines(check: Check) -> list[tuple[str, str]]:
    report = check.report
    refused = set(report.refused)
    names = [(f"{name} ({uses})", any(each.startswith(f"{name} (") for each in refused)) for name, uses in report.names]
    lines = [("Uses", f"{text}{'  NOT ALLOWED' if bad else ''}") for text, bad in names]
    lines += [("SHA-256", check.digest), ("Size", f"{check.size} bytes")]
    lines += [("Made with", f"scikit-learn {report.made_with or 'of no known version'}, numpy {report.numpy or '?'}")]
    if report.holds:
        lines += [("Holds", report.holds), ("Takes", ", ".join(report.inputs)), ("Gives", report.outputs or "")]
    if report.parts_with_training_rows:
        kept = ", ".join(report.parts_with_training_rows)
        lines += [("Privacy", f"{kept} keeps rows of its training data, so whoever has the file has them.")]
    if report.prediction:
        lines += [("Trial", report.prediction)]
    return [*lines, ("Verdict", check.reason or "It can be served.")]

"""``flask models``: which models are served, and which version of each is in use."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from webapp.cli.context import actor, echo, sentences, services
from webapp.errors import NotPublishable
from webapp.models.card import Card
from webapp.models.card.differences import card_differences
from webapp.models.card.skeleton import card_skeleton
from webapp.models.file_format import model_name
from webapp.models.sample.csv_table import CSVFormat, DecimalMark, Separator
from webapp.regular_file import read_regular
from webapp.services.model_store.artifact_loader import Check
from webapp.services.model_store.card_writer import CardWriter
from webapp.services.model_store.companions import Companions
from webapp.services.model_store.known_case import KnownCase
from webapp.services.model_store.mlflow_folder import MLflowFolder, read_mlflow_folder
from webapp.services.model_store.scaled_inputs import caution_about, transformers_beside
from webapp.types import Signature

group = AppGroup("models", help="List the models, publish versions and choose the champion.")
#: What a shell can hand over easily, and the separator that it stands for.
SEPARATORS: dict[str, Separator] = {",": ",", ";": ";", "tab": "\t"}
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@group.command("list")
def list_models() -> None:
    """List each model with its version, or with the reason why it can't be served."""
    store = services().store
    served, unserved, refused = store.served(), store.unserved(), store.refused()
    for model in served:
        inputs = len(model.signature.features)
        echo(f"{model.name}  {model.version}  {model.signature.task}, {inputs} input{'s'[: inputs != 1]}")
        echo(f"  answered by {model.inference.form}")
        if redacted := model.signature.redacted:
            echo(f"  not kept on record: {', '.join(feature.name for feature in redacted)}")
    for version in refused:
        echo(f"{version.name}  {version.version}  not served: {version.reason}")
    for version in unserved:
        echo(f"{version.name}  not served: {version.reason}")
    if not (served or unserved):
        echo("There are no models.")
    if sentence := services().protection.sentence:
        echo(sentence)


@group.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--environment", help="Read it in this environment.")
def check_model(file: Path, environment: str | None) -> None:
    """Show what a model's FILE uses and whether it can be served. It is only loaded in a locked process."""
    with sentences():
        check = services().loader.check(file, model=model_name(file) or file.stem, environment=environment)
    for title, text in _lines(check):
        echo(f"{title + ':':<13} {text}")
    signature = check.report.signature
    if signature and signature.is_unnamed:
        beside = transformers_beside(file, services().loader)
        if caution := caution_about(signature, check.report.looks_scaled, beside):
            echo(f"{'Caution:':<13} {caution}")
    if not check.is_final:
        echo(f"Another check may end otherwise. To try again: flask --app wsgi models check {file}")
    if check.reason:
        raise SystemExit(1)


@group.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--name", required=True, help="The model's name in URLs.")
@click.option("--title", help="The title that people see instead of the name.")
@click.option(
    "--sample",
    type=EXISTING,
    help="A CSV of representative rows; the model is evaluated on it and ten rows are kept.",
)
@click.option("--target", multiple=True, help="The column with the true outcome; repeat it for each output.")
@click.option(
    "--golden/--no-golden",
    default=True,
    help="Keep ten rows of the sample on the card to check with.",
)
@click.option(
    "--before",
    type=EXISTING,
    multiple=True,
    help="The file of a transformer that prepares the inputs; repeat it in the order in which they work.",
)
@click.option("--names", type=EXISTING, help="The names of the inputs: a pickled list, JSON, CSV or text.")
@click.option("--row", help="Inputs of which you know the answer, as JSON; the model is asked before it is published.")
@click.option("--answer", help="The known answer for --row.")
@click.option("--card", type=EXISTING, help="A JSON file with the words for people, instead of the champion's.")
@click.option(
    "--inherit/--no-inherit",
    default=True,
    help="Without --card, take the champion's words over: title, labels, units, choices, classes and so on.",
)
@click.option("--separator", type=click.Choice(list(SEPARATORS)), help="What separates the columns of the sample.")
@click.option("--decimal", type=click.Choice([".", ","]), help="The decimal mark of the sample's numbers.")
def publish(
    file: Path,
    name: str,
    title: str | None,
    sample: Path | None,
    target: tuple[str, ...],
    golden: bool,
    before: tuple[Path, ...],
    names: Path | None,
    row: str | None,
    answer: str | None,
    card: Path | None,
    inherit: bool,
    separator: str | None,
    decimal: DecimalMark | None,
) -> None:
    """Check a model's FILE and add it to the models folder as the next version, with its card.

    FILE can also be the folder of a model that MLflow saved.
    """
    if (row is None) != (answer is None):
        raise click.UsageError("--row and --answer belong together.")
    with sentences():
        mlflow = read_mlflow_folder(file) if file.is_dir() else None
        if mlflow:
            file = mlflow.model
        writer = CardWriter(
            words=_read(card) if card else None,
            title=title,
            inherits=inherit,
            sample=_read(sample) if sample else None,
            sample_format=CSVFormat(separator=SEPARATORS.get(separator or ""), decimal=decimal),
            targets=target,
            golden=golden,
            known=_known_case(row, answer, mlflow),
        )
        companions = Companions(before=before, names=names, fallback_names=mlflow.names if mlflow else ())
        published = services().publisher.publish(file, name, writer, actor(), companions=companions)
    for note in published.notes:
        echo(note)
    if row is not None:
        echo(f"It gives the known answer, {answer}.")
    echo(f"Published {published.name}, version {published.version}: {published.path}")
    if published.champion:
        echo("It is the first version, so it is the champion.")
    else:
        echo(f"To put it into use: flask --app wsgi models promote {name} {published.version}")


@group.command("card")
@click.argument("model")
def print_card(model: str) -> None:
    """Print the words of MODEL, or of MODEL@VERSION, as JSON, with a blank for each word that is missing.

    Fill in what you like and give it to ``models publish --card``. What stays blank counts as left out.
    """
    name, _, version = model.partition("@")
    with sentences():
        found = services().store.get(name, version or None)
    click.echo(card_skeleton(found.signature, found.card or Card()))


@group.command("diff")
@click.argument("name")
@click.argument("old")
@click.argument("new")
def diff(name: str, old: str, new: str) -> None:
    """Show how version NEW of model NAME differs from version OLD: inputs, ranges, words and metrics."""
    with sentences():
        before, after = (services().store.get(name, version) for version in (old, new))
    lines = card_differences((before.signature, before.card or Card()), (after.signature, after.card or Card()))
    for line in lines or [f"Versions {old} and {new} have the same inputs, words and metrics."]:
        echo(line)


@group.command()
@click.argument("name")
@click.argument("version")
def promote(name: str, version: str) -> None:
    """Make VERSION of model NAME the champion, in all processes."""
    with sentences():
        services().promoter.promote(name, version, actor())
    echo(f"{name} now uses version {version}.")


@group.command()
@click.argument("name")
def rollback(name: str) -> None:
    """Make the previous champion of model NAME the champion again."""
    with sentences():
        model = services().promoter.roll_back(name, actor())
    echo(f"{name} uses version {model.version} again.")


@group.command()
@click.argument("name")
def unload(name: str) -> None:
    """Take model NAME out of service until it is loaded again. Its file and its records stay."""
    with sentences():
        services().promoter.unload(name, actor())
    echo(f"{name} is out of service until you load it: flask --app wsgi models load {name}")


@group.command()
@click.argument("name")
def load(name: str) -> None:
    """Put model NAME back into service."""
    with sentences():
        model = services().promoter.load(name, actor())
    echo(f"{name} is in service and uses version {model.version}.")


def _known_case(row: str | None, answer: str | None, mlflow: MLflowFolder | None) -> KnownCase | None:
    """Return the case that the model must answer: the given one, or MLflow's input example, whose answer is unknown."""
    if row is not None:
        return KnownCase(row, answer)
    return KnownCase(json.dumps(mlflow.example)) if mlflow and mlflow.example else None


def _read(path: Path) -> bytes:
    try:
        return read_regular(path)
    except OSError as error:
        raise NotPublishable(f"{path} can't be read ({error.strerror}).") from error


def _signature_lines(signature: Signature) -> list[tuple[str, str]]:
    inputs = ", ".join(
        f"{feature.name} ({feature.kind}{', a guess' if feature.guessed else ''})" for feature in signature.features
    )
    outputs = len(signature.outputs)
    return [("Inputs", inputs), ("Output", f"{signature.task}, {outputs} output{'s'[: outputs != 1]}")]


def _lines(check: Check) -> list[tuple[str, str]]:
    report = check.report

    def is_refused(name: str) -> bool:
        return any(refusal.startswith(f"{name} (") for refusal in report.refused)

    lines = [("Uses", f"{name} ({uses}){'  NOT ALLOWED' if is_refused(name) else ''}") for name, uses in report.names]
    lines += [("SHA-256", check.digest), ("Size", f"{check.size} bytes")]
    if check.code:
        lines += [("Code", f"{check.code} (SHA-256 of your own code and, in an environment, the libraries)")]
    made_with = (not check.reason and report.read_as) or f"scikit-learn {report.made_with or 'of unknown version'}"
    sklearn = () if report.boosters and not report.made_with else (made_with,)
    software = [*sklearn, *report.boosters, f"numpy {report.numpy or '?'}"]
    lines += [("Made with", ", ".join(software))]
    if check.environment:
        lines += [("Runs with", check.environment.sentence)]
    if report.holds and report.signature:
        lines += [("Contains", report.holds), *_signature_lines(report.signature)]
    if report.parts_with_training_rows:
        kept = ", ".join(report.parts_with_training_rows)
        lines += [("Privacy", f"{kept} keeps rows of its training data, so everyone who has the file has them.")]
    lines += [("Note", note) for note in report.notes]
    if report.prediction:
        lines += [("Trial", report.prediction)]
    if report.depends_on_company:
        lines += [("Company", "Its answer to a case depends on the cases that it is asked with.")]
    return [*lines, ("Verdict", check.reason or "It can be served.")]

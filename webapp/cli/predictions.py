"""``flask predictions``: seal and verify the log, prove what it holds, and delete from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask.cli import AppGroup

from webapp.cli import age
from webapp.cli.context import actor, echo, sentences, services
from webapp.errors import PredictionNotFound, RecordsWait
from webapp.helpers.sealing import signing_keys
from webapp.helpers.uuid7 import read_uuid7

F = TypeVar("F", bound=Callable[..., Any])

group = AppGroup("predictions", help="Seal and verify the prediction log, prove records, and delete data.")
#: Seconds to wait until the spool is empty.
SPOOL_WAIT_SECONDS = 5.0


def _key_option(help: str) -> Callable[[F], F]:
    """Return the option ``--key`` of a command: files with public keys."""
    file = click.Path(exists=True, dir_okay=False, path_type=Path)
    return click.option("--key", "files", multiple=True, type=file, help=help)


@group.command()
@_key_option("The previous public key (PEM), for the first seal after SEALING_KEY was changed.")
@click.option(
    "--restored",
    is_flag=True,
    help="Seal although the database lacks the newest seal that this machine has seen, because a backup was restored.",
)
def seal(files: tuple[Path, ...], restored: bool) -> None:
    """Seal all predictions and audit events that are not sealed yet."""
    with sentences():
        former_keys = [_public_key(file) for file in files]
        sealed = services().sealer.seal(former_keys, actor=actor(), restored=restored)
    echo(f"Sealed {_count(sealed.predictions, 'prediction')} and {_count(sealed.audit_events, 'audit event')}.")
    if sealed.without_code:
        echo(_without_code(sealed.without_code))
    if sealed.unproven:
        raise click.ClickException(
            f"Inserted or changed outside the service: {_count(sealed.unproven, 'prediction')}. "
            "To see which: flask --app wsgi predictions verify"
        )


@group.command()
@_key_option("A public key (PEM) to check the signatures with, instead of the service's own.")
def verify(files: tuple[Path, ...]) -> None:
    """Report everything that was changed, removed, inserted or reordered outside the service."""
    findings = 0
    with sentences():
        verifier = services().sealer.verifier([_public_key(file) for file in files])
        for problem in verifier.problems():
            findings += 1
            echo(problem)
    counts = verifier.counts
    echo(
        f"Verified {_count(counts['sealed'], 'prediction')} in {_count(counts['seals'], 'seal')} "
        f"and {counts['unsealed']} that are not sealed yet."
    )
    if counts["older"]:
        echo(_without_code(counts["older"]))
    if counts["forgotten"] or counts["pruned"]:
        echo(
            f"Deleted on purpose: the inputs of {_count(counts['forgotten'], 'prediction')} (forget) "
            f"and {_count(counts['pruned'], 'whole prediction')} (prune)."
        )
    if verifier.uncompared:
        echo(verifier.uncompared)
    if findings:
        raise click.ClickException(f"The log was tampered with: {_count(findings, 'finding')}.")
    echo("No tampering was found.")


@group.command()
def key() -> None:
    """Print the public key that seals and proofs can be checked with."""
    with sentences():
        click.echo(signing_keys.public_pem(services().sealer.key.public_key()), nl=False)


@group.command()
@click.argument("id")
def prove(id: str) -> None:
    """Print a proof of prediction ID as JSON, for anyone who has the public key. It contains the inputs."""
    record_id = _record_id(id)
    with sentences():
        try:
            proof = services().sealer.prove(record_id)
        except PredictionNotFound:
            # It may wait in the spool, of this host or of another.
            services().log.get(record_id)
            raise RecordsWait from None
    click.echo(json.dumps(proof, indent=2, ensure_ascii=False))


@group.command()
@click.option("--model", required=True)
@click.option("--input", "inputs", multiple=True, required=True, help="NAME=VALUE; with several, all must match.")
def forget(model: str, inputs: tuple[str, ...]) -> None:
    """Remove the inputs and warnings of all predictions with these inputs. The rest of each record stays."""
    with sentences():
        services().replayer.empty(SPOOL_WAIT_SECONDS)
        count = services().retention.forget(model, [_name_and_value(text) for text in inputs], actor())
        set_aside = services().spool.status().set_aside
    echo(f"Removed the inputs and warnings of {_count(count, 'prediction')} of {model}.")
    if set_aside:
        echo(f"{_count(set_aside, 'line')} set aside in the spool may hold them too; check them by hand.")


@group.command()
@click.option("--older-than", required=True, help="An age such as 24months or 90days, or a date such as 2025-01-01.")
def prune(older_than: str) -> None:
    """Seal the log, then drop all months that ended before this age or date."""
    try:
        before = age.instant(older_than, datetime.now(UTC))
    except ValueError:
        raise click.BadParameter("Write it like 24months, 90days or 2025-01-01.") from None
    with sentences():
        dropped = services().retention.prune(before, actor())
    rows = sum(month.rows for month in dropped)
    echo(
        f"Dropped {_count(len(dropped), 'month')} with {_count(rows, 'prediction')}, "
        f"all from before {before.date().isoformat()}."
    )


def _without_code(count: int) -> str:
    sealed = "was {0}; it is sealed as it was found." if count == 1 else "were {0}; they are sealed as they were found."
    return f"{_count(count, 'prediction')} {sealed.format('recorded without a code by an earlier version')}"


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'s'[: count != 1]}"


def _record_id(text: str) -> UUID:
    try:
        return read_uuid7(text)
    except ValueError:
        raise click.BadParameter("This is not a record ID.") from None


def _name_and_value(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise click.BadParameter("Write an input like patient_id=17.")
    return name, value


def _public_key(file: Path) -> Ed25519PublicKey:
    try:
        return signing_keys.read_public_key(file.read_bytes())
    except ValueError:
        raise click.BadParameter(f"{file} does not contain an Ed25519 public key (PEM).") from None

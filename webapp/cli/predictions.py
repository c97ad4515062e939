"""``flask predictions``: seal the log, verify it, prove what it holds, and take out what must not stay."""

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
from webapp.cli.context import actor, sentences, services
from webapp.helpers.sealing import signing_keys
from webapp.helpers.uuid7 import read_uuid7

F = TypeVar("F", bound=Callable[..., Any])

group = AppGroup("predictions", help="Seal the log of predictions, verify it, and take out what must not stay.")
#: So many seconds it is waited until nothing is left in the spool.
PATIENCE = 5.0


def _keys(help: str) -> Callable[[F], F]:
    """Let a command be given public keys, in files."""
    file = click.Path(exists=True, dir_okay=False, path_type=Path)
    return click.option("--key", "files", multiple=True, type=file, help=help)


@group.command()
@_keys("The public key (PEM) that was used before, for the first seal after SEALING_KEY was changed.")
def seal(files: tuple[Path, ...]) -> None:
    """Seal all predictions and audit events that are not sealed yet."""
    with sentences():
        formerly = [_public_key(file) for file in files]
        sealed = services().sealer.seal(formerly, actor=actor())
    click.echo(f"Sealed {_count(sealed.predictions, 'prediction')} and {_count(sealed.audit_events, 'audit event')}.")
    if sealed.unproven:
        raise click.ClickException(
            f"{_count(sealed.unproven, 'prediction')} among them did not come from the service as they are. "
            "To see which: flask --app wsgi predictions verify"
        )


@group.command()
@_keys("A public key (PEM) that the seals may be signed with, instead of the service's own.")
def verify(files: tuple[Path, ...]) -> None:
    """Tell all that was changed, removed, inserted or reordered behind the service's back."""
    found = 0
    with sentences():
        verifier = services().sealer.verifier([_public_key(file) for file in files])
        for problem in verifier.problems():
            found += 1
            click.echo(problem)
    counts = verifier.counts
    click.echo(
        f"Verified {_count(counts['sealed'], 'prediction')} in {_count(counts['seals'], 'seal')} "
        f"and {counts['unsealed']} that are not sealed yet."
    )
    if counts["older"]:
        click.echo(f"{counts['older']} of them have no code, because they are from before there were any.")
    if counts["forgotten"] or counts["pruned"]:
        told = f"the inputs of {counts['forgotten']} were forgotten and {counts['pruned']} were pruned"
        click.echo(f"On purpose, {told}.")
    if found:
        raise click.ClickException(f"The log was tampered with: {_count(found, 'finding')}.")
    click.echo("Nothing was tampered with.")


@group.command()
def key() -> None:
    """Print the public key that seals and proofs can be checked with."""
    with sentences():
        click.echo(signing_keys.public_pem(services().sealer.key.public_key()), nl=False)


@group.command()
@click.argument("id")
def prove(id: str) -> None:
    """Print what proves prediction ID to whoever has the public key, as JSON; it holds the inputs."""
    with sentences():
        proof = services().sealer.prove(_id(id))
    click.echo(json.dumps(proof, indent=2, ensure_ascii=False))


@group.command()
@click.option("--model", required=True)
@click.option("--input", "inputs", multiple=True, required=True, help="NAME=VALUE; given twice, both must be so.")
def forget(model: str, inputs: tuple[str, ...]) -> None:
    """Remove inputs and warnings of all predictions that have these inputs; all else of them stays."""
    with sentences():
        services().replayer.empty(PATIENCE)
        count = services().retention.forget(model, [_pair(each) for each in inputs], actor())
        set_aside = services().spool.status().set_aside
    click.echo(f"Removed the inputs and warnings of {_count(count, 'prediction')} of {model}.")
    if set_aside:
        click.echo(f"{_count(set_aside, 'line')} set aside in the spool may hold them too; look at them yourself.")


@group.command()
@click.option("--older-than", required=True, help="Such as 24months, 90days, or a date such as 2025-01-01.")
def prune(older_than: str) -> None:
    """Drop all whole months that are older, after sealing them."""
    try:
        before = age.instant(older_than, datetime.now(UTC))
    except ValueError:
        raise click.BadParameter("Write it like 24months, 90days or 2025-01-01.") from None
    with sentences():
        dropped = services().retention.prune(before, actor())
    rows = sum(each.rows for each in dropped)
    click.echo(
        f"Dropped {_count(len(dropped), 'month')} with {_count(rows, 'prediction')}, "
        f"all from before {before.date().isoformat()}."
    )


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'s'[: count != 1]}"


def _id(text: str) -> UUID:
    try:
        return read_uuid7(text)
    except ValueError:
        raise click.BadParameter("This is no id of a prediction.") from None


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise click.BadParameter("Write an input like patient_id=17.")
    return name, value


def _public_key(file: Path) -> Ed25519PublicKey:
    try:
        return signing_keys.read_public_key(file.read_bytes())
    except ValueError:
        raise click.BadParameter(f"{file} holds no Ed25519 public key in PEM.") from None

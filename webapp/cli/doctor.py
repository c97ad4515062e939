"""``flask doctor``: whether all that the service needs is there."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from webapp.cli.context import echo, services


@click.command()
@with_appcontext
def doctor() -> None:
    """Check the database, its tables, the role, the keys and the folders, and say what to do. Changes nothing."""
    faults = 0
    for finding in services().doctor.examine():
        faults += finding.is_fault
        echo(f"{'FAULT' if finding.is_fault else 'OK':<6} {finding.name}: {finding.sentence}")
    if faults:
        raise click.ClickException(f"{faults} fault{'s'[: faults != 1]} to mend.")

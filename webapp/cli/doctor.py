"""``flask doctor``: whether all that the service needs is there, and what to do."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from webapp.cli.context import bare_services, echo


@click.command()
@with_appcontext
def doctor() -> None:
    """Check the database, its tables, the role, the keys, the folders and the models, and say what to do.

    Changes nothing. Exits with 1 if something needs to be done.
    """
    faults = 0
    for finding in bare_services().doctor.examine():
        faults += finding.is_fault
        echo(f"{'FAULT' if finding.is_fault else 'OK':<6} {finding.name}: {finding.sentence}")
    if faults:
        raise click.ClickException(f"{faults} fault{'s'[: faults != 1]} to mend.")
    echo("Nothing needs to be done.")

"""``flask spool``: what waits for PostgreSQL, and moving it there now."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from webapp.cli.context import services
from webapp.errors import PredictionLogUnavailable, SpoolUnavailable

group = AppGroup("spool", help="Look at the records that wait for PostgreSQL, and move them there.")
#: So many seconds another process that replays is waited for.
PATIENCE = 5.0


@group.command()
def status() -> None:
    """Tell how many records wait, since when, and how many were set aside."""
    spool = services().spool
    try:
        status = spool.status()
    except SpoolUnavailable:
        raise click.ClickException(f"The spool in {spool.folder} can't be read.") from None
    click.echo(f"Rows:       {status.rows}")
    click.echo(f"Oldest:     {status.oldest.isoformat(timespec='seconds') if status.oldest else '-'}")
    click.echo(f"Set aside:  {status.set_aside}")
    click.echo(f"Folder:     {spool.folder}")


@group.command()
def replay() -> None:
    """Move what waits to PostgreSQL now."""
    found = services()
    try:
        moved = found.replayer.replay(PATIENCE)
    except SpoolUnavailable:
        raise click.ClickException(f"The spool in {found.spool.folder} can't be read.") from None
    except PredictionLogUnavailable:
        raise click.ClickException("PostgreSQL can't be reached; what was not moved stays in the spool.") from None
    if moved is None:
        raise click.ClickException("Another process is replaying the spool.")
    click.echo(f"Moved {moved} row{'s'[: moved != 1]} to PostgreSQL.")

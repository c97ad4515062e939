"""``flask spool``: records that wait for PostgreSQL, and moving them there now."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from webapp.cli.context import echo, sentence_of, services
from webapp.errors import PredictionLogUnavailable, SpoolUnavailable
from webapp.helpers.log_lines import one_line

group = AppGroup("spool", help="Show the records that wait for PostgreSQL, and move them there.")
#: Seconds to wait for another process that is moving records.
REPLAY_WAIT_SECONDS = 5.0


@group.command()
def status() -> None:
    """Show how many records wait, since when, and how many were set aside."""
    spool = services().spool
    try:
        status = spool.status()
    except SpoolUnavailable:
        raise click.ClickException(f"The spool in {spool.folder} can't be read.") from None
    echo(f"Rows:       {status.rows}")
    echo(f"Oldest:     {status.oldest.isoformat(timespec='seconds') if status.oldest else '-'}")
    echo(f"Set aside:  {status.set_aside}")
    echo(f"Folder:     {spool.folder}")


@group.command()
def replay() -> None:
    """Move the waiting records to PostgreSQL now."""
    spool, replayer = services().spool, services().replayer
    try:
        moved = replayer.replay(REPLAY_WAIT_SECONDS)
    except SpoolUnavailable:
        raise click.ClickException(f"The spool in {spool.folder} can't be read.") from None
    except PredictionLogUnavailable as error:
        raise click.ClickException(one_line(f"{sentence_of(error)} What was not moved stays in the spool.")) from None
    if moved is None:
        raise click.ClickException("Another process is moving the records already. Please try again in a moment.")
    echo(f"Moved {moved} row{'s'[: moved != 1]} to PostgreSQL.")

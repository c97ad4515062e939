"""Copies a file into the folder of its model, and gives the checked copy its name there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from webapp.errors import NotPublishable
from webapp.models.file_format import HEAD_BYTES, FileFormat, card_path, format_of
from webapp.regular_file import read_chunks
from webapp.services.model_store.publishing_refusals import TRY_AGAIN
from webapp.services.model_store.time_limit import Progress, Silent, TimeLimit


@contextmanager
def copies(path: Path, folder: Path, time_limit: TimeLimit) -> Iterator[tuple[Path, Path]]:
    """Copy a file into the folder under a name that no process reads, and remove what is left of it afterwards."""
    copy = folder / f".{uuid4().hex}.joblib"
    card = copy.with_suffix(".json")
    try:
        time_limit.run(folder, lambda progress: _copy(path, copy, progress))
        yield copy, card
    except Silent as error:
        raise NotPublishable(f"{error.message} {TRY_AGAIN}") from None
    except OSError as error:
        raise NotPublishable(f"{error.filename or folder} can't be used ({error.strerror}).") from error
    finally:
        # Where nothing can be written, nothing is left, and the first error says more.
        with suppress(Silent, OSError):
            time_limit.run(folder, lambda _: _remove_leftovers(copy, card, folder))


def refuse_parts(copy: Path, source: str) -> None:
    """Refuse what only Scoredesk itself writes, on the way into a cell: as a version, no process would find it.

    Raises
    ------
    NotPublishable
    """
    with copy.open("rb") as file:
        if format_of(file.read(HEAD_BYTES)) is FileFormat.PARTS:
            raise NotPublishable(f"{source} can't be published. It is no model's file. Send the model's own file.")


def put_in_place(copy: Path, card_copy: Path, folder: Path, version: str) -> Path:
    """Give a copy and its card the names of a version, and return the path of the file."""
    with copy.open("rb") as file:
        published = folder / f"{version}{format_of(file.read(HEAD_BYTES))}"
    card_copy.rename(card_path(published))
    copy.rename(published)
    make_durable(folder)
    return published


def make_durable(*paths: Path) -> None:
    """Have files and folders written to the disk, so that a power cut leaves them whole."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _copy(path: Path, copy: Path, progress: Progress) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        with copy.open("wb") as written:
            for chunk in read_chunks(path, on_progress=progress):
                written.write(chunk)
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def _remove_leftovers(copy: Path, card: Path, folder: Path) -> None:
    for leftover in (copy, card):
        leftover.unlink(missing_ok=True)
    with suppress(OSError):
        # A first version that failed leaves no empty folder.
        folder.rmdir()

"""Files at paths that other people chose: what is no file is never waited for, and no reading goes on for ever."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from webapp.regular_file import CHUNK_BYTES, open_regular, read_chunks, read_regular


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1])
def test_it_reads_a_whole_file(tmp_path: Path, size: int) -> None:
    (tmp_path / "file").write_bytes(b"x" * size)
    steps: list[None] = []
    assert read_regular(tmp_path / "file", on_progress=lambda: steps.append(None)) == b"x" * size
    assert len(steps) == -(-size // CHUNK_BYTES)


def test_it_follows_a_link_to_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    assert read_regular(tmp_path / "link") == b"x"


def test_a_fifo_that_takes_the_place_of_a_file_at_the_last_moment_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"x")
    os.mkfifo(tmp_path / "fifo")
    before = (tmp_path / "file").stat()
    errors: list[OSError] = []

    def try_to_open() -> None:
        try:
            open_regular(tmp_path / "fifo")
        except OSError as error:
            errors.append(error)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "stat", lambda _: before)
        thread = threading.Thread(target=try_to_open, daemon=True)
        thread.start()
        thread.join(10)
        is_waiting = thread.is_alive()
    # Whoever waits for a writer gets one.
    os.close(os.open(tmp_path / "fifo", os.O_RDWR | os.O_NONBLOCK))
    assert not is_waiting
    assert [error.strerror for error in errors] == ["not a regular file"]


def test_a_file_that_grows_while_it_is_read_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    chunks = read_chunks(tmp_path / "file")
    next(chunks)
    with (tmp_path / "file").open("ab") as file:
        file.write(b"y")
    with pytest.raises(OSError, match="still being written"):
        next(chunks)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    os.truncate(tmp_path / "file", CHUNK_BYTES + 1)
    with pytest.raises(OSError, match="larger than 1 MiB"):
        read_regular(tmp_path / "file", max_bytes=CHUNK_BYTES)

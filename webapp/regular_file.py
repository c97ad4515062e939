"""Opens and reads files at paths that other people chose: regular files only, and only as far as they reach then."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

CHUNK_BYTES = 1024 * 1024
#: The memory of the machine: no file that is larger can be read as a whole.
MAX_FILE_BYTES = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _ignore() -> None:
    """Ignore the progress."""


def open_regular(path: Path) -> BinaryIO:
    """Open a file for reading; a FIFO, a device or a folder is refused, and none of them is waited for.

    Raises
    ------
    OSError
    """
    # Opening some devices does something, so it is first asked what the path is, and then what was opened.
    _require_regular(path.stat(), path)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        _require_regular(os.fstat(descriptor), path)
    except OSError:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "rb", buffering=0)


def _require_regular(found: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))


def read_chunks(
    path: Path, *, max_bytes: int = MAX_FILE_BYTES, on_progress: Callable[[], None] = _ignore
) -> Iterator[bytes]:
    """Yield the content of a file, up to the size that it has when it is opened, so that reading ends.

    Raises
    ------
    OSError
        Also when it is larger than ``max_bytes``, or grows meanwhile.
    """
    with open_regular(path) as file:
        left = os.fstat(file.fileno()).st_size
        if left > max_bytes:
            raise OSError(errno.EFBIG, f"larger than {max_bytes // CHUNK_BYTES} MiB")
        while chunk := file.read(min(left, CHUNK_BYTES) or 1):
            left -= len(chunk)
            if left < 0:
                raise OSError(errno.EBUSY, "still being written")
            on_progress()
            yield chunk


def read_regular(path: Path, *, max_bytes: int = MAX_FILE_BYTES, on_progress: Callable[[], None] = _ignore) -> bytes:
    """Return the content of a file.

    Raises
    ------
    OSError
        Also when it is larger than ``max_bytes``, or grows meanwhile.
    """
    return b"".join(read_chunks(path, max_bytes=max_bytes, on_progress=on_progress))

"""Takes from a process the descriptors that it was forked with."""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress

STANDARD = {0, 1, 2}


def close_all_but(keep: Collection[int]) -> None:
    """Close every descriptor but these, and turn standard input, output and errors to the null device.

    So no output fills a disk or waits for a reader, and no other file is opened under these three numbers.
    """
    for descriptor in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208  (names, not paths)
        if descriptor not in keep:
            # The list names its own descriptor too, which is closed by now.
            with suppress(OSError):
                os.close(descriptor)
    null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for descriptor in STANDARD.difference(keep, {null}):
        os.dup2(null, descriptor)
    if null not in STANDARD:
        os.close(null)

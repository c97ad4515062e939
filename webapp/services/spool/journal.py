r"""The lines of a journal: each stands alone, with its own checksum.

A line is ``<CRC-32 as 8 hexadecimal digits> <row>\n``; a row is one JSON object without a newline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from zlib import crc32

from webapp.errors import DamagedLine

START = re.compile(rb"[0-9a-f]{8} \{")
#: Maximum number of possible line starts that are tried, because a text in a row may look like many.
MAX_STARTS = 100


def encode(row: bytes) -> bytes:
    """Return the line of a row."""
    if b"\n" in row:
        raise ValueError("A row must not contain a newline.")
    return b"%08x %b\n" % (crc32(row), row)


def decode(line: bytes) -> bytes:
    """Return the row of a line.

    Raises
    ------
    DamagedLine
        Unless the line is, byte for byte, what ``encode`` returns for its row.
    """
    if not line.endswith(b"\n"):
        raise DamagedLine("torn")
    row = line[9:-1]
    if line != encode(row):
        raise DamagedLine("checksum")
    return row


def split(journal: bytes) -> Iterator[bytes]:
    """Yield the lines of a journal, even where the newline between two of them is damaged."""
    for line in BytesIO(journal):
        starts = [] if _is_whole(line) else [match.start() for match in islice(START.finditer(line, 1), MAX_STARTS)]
        start = next((start for start in starts if _is_whole(line[start:])), 0)
        if start:
            yield line[:start]
        yield line[start:]


def _is_whole(line: bytes) -> bool:
    try:
        decode(line)
    except DamagedLine:
        return False
    return True

"""How much work and memory an artifact may use, in proportion to its size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from webapp.cell.gate.hashable import require_hashable
from webapp.cell.gate.reader import BYTES_PER_BYTE, FREE_BYTES
from webapp.errors import ArtifactRefused

#: How many instructions even the smallest file may hold, and how many more for each of its bytes.
FREE_INSTRUCTIONS = 200_000
INSTRUCTIONS_PER_BYTE = 2
#: How many instructions a name counts as, since it has to be looked up.
INSTRUCTIONS_PER_NAME = 10
#: Maximum number of tuples and frozensets as keys. Their hashes can be made to collide, and models need few.
MAX_COMPOSITE_KEYS = 2_000
#: Bytes that the look at one part costs, in addition to the part's own size.
BYTES_PER_PART = 256
#: How deep the walk through a value goes; deeper than any rule looks.
MAX_WALK_DEPTH = 6


class Budget:
    """What is left to a file, including all streams inside it."""

    def __init__(self, size: int) -> None:
        self._instructions = FREE_INSTRUCTIONS + INSTRUCTIONS_PER_BYTE * size
        self._bytes = FREE_BYTES + BYTES_PER_BYTE * size
        self._keys = MAX_COMPOSITE_KEYS

    def charge_instructions(self, count: int = 1) -> None:
        """Charge one instruction, or as many as something counts as."""
        self._instructions -= count
        if self._instructions < 0:
            raise ArtifactRefused("It holds more instructions than its size allows.")

    def charge_bytes(self, size: int) -> None:
        """Charge what a copy or a call costs.

        A large value that is in a file once may be passed to a thousand calls, each of which copies it.
        """
        self._bytes -= size
        if self._bytes < 0:
            raise ArtifactRefused("It copies more data than its size allows.")

    def charge_key(self, key: Any) -> None:
        """Refuse a key that is costly to hash, or one tuple too many."""
        if require_hashable(key):
            self._keys -= 1
            if self._keys < 0:
                raise ArtifactRefused("It uses too many tuples as keys.")

    def walk(self, value: Any, depth: int = MAX_WALK_DEPTH) -> Iterator[Any]:
        """Yield a value and its parts, through tuples, lists and dicts, and charge the cost of each.

        A list of a list of a list …, each a thousand times the same, is small in the file only.
        """
        self.charge_bytes(BYTES_PER_PART)
        waiting = [(value, depth)]
        while waiting:
            part, levels = waiting.pop()
            self.charge_bytes(_size(part))
            yield part
            if levels and type(part) in (tuple, list, dict):
                self.charge_bytes(BYTES_PER_PART * len(part))
                waiting.extend((item, levels - 1) for item in (part.values() if type(part) is dict else part))


def _size(value: Any) -> int:
    if isinstance(value, str | bytes | bytearray):
        return len(value)
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    return value.bit_length() // 8 if type(value) is int else 0

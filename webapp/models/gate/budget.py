"""How much work and memory an artifact may ask for, in proportion to its size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from webapp.errors import ArtifactRefused
from webapp.models.gate.hashable import require_hashable
from webapp.models.gate.reader import BYTES_PER_BYTE, FREE_BYTES

#: Instructions that even the smallest file may give, and how many more for each of its bytes.
FREE_INSTRUCTIONS = 200_000
INSTRUCTIONS_PER_BYTE = 2
#: How many others a name counts for; it has to be looked up.
NAME = 10
#: Tuples and frozensets that may be keys. Their hashes can be made to collide, and models need few.
COMPOSITE_KEYS = 2_000
#: What looking at one part costs, in bytes, beside its own size.
PART = 256
#: How deep a value is looked into; deeper than any rule looks.
LOOK = 6


class Budget:
    """What is left, for a file and all the streams inside it."""

    def __init__(self, size: int) -> None:
        self.left = FREE_INSTRUCTIONS + INSTRUCTIONS_PER_BYTE * size
        self._bytes = FREE_BYTES + BYTES_PER_BYTE * size
        self._keys = COMPOSITE_KEYS

    def instruction(self, count: int = 1) -> None:
        """Take one of the instructions, or what it counts for."""
        self.left -= count
        if self.left < 0:
            raise ArtifactRefused("It gives more instructions than its size allows.")

    def charge(self, size: int) -> None:
        """Take what a copy or a call costs.

        Something large that stands in a file once may be handed to a thousand calls, each of which
        copies it.
        """
        self._bytes -= size
        if self._bytes < 0:
            raise ArtifactRefused("It makes more of its content than its size allows.")

    def key(self, key: Any) -> None:
        """Refuse a key that is costly to hash, or one tuple too many."""
        if require_hashable(key):
            self._keys -= 1
            if self._keys < 0:
                raise ArtifactRefused("It uses too many tuples as keys.")

    def parts(self, value: Any, depth: int = LOOK) -> Iterator[Any]:
        """Give a value and what it consists of, through tuples, lists and dicts, and take the cost.

        A list of a list of a list …, each a thousand times the same, is small in the file only.
        """
        self.charge(PART)
        found = [(value, depth)]
        while found:
            part, left = found.pop()
            self.charge(_size(part))
            yield part
            if left and type(part) in (tuple, list, dict):
                self.charge(PART * len(part))
                found.extend((each, left - 1) for each in (part.values() if type(part) is dict else part))


def _size(value: Any) -> int:
    if isinstance(value, str | bytes | bytearray):
        return len(value)
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    return value.bit_length() // 8 if type(value) is int else 0

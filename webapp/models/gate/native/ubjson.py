"""Universal Binary JSON, as XGBoost writes it.

It is read more strictly than XGBoost reads it: what has passed here means the same to both.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

#: The markers of numbers, as struct and numpy spell them; all are written with the largest byte first.
NUMBERS = {"i": "b", "U": "B", "I": "h", "l": "i", "L": "q", "d": "f", "D": "d"}
ARRAYS = {mark: np.dtype(f">{kind}") for mark, kind in NUMBERS.items()}
LITERALS = {"T": True, "F": False, "Z": None}
#: A model's parts lie no deeper than this; XGBoost's own reader has no limit but the stack.
MAX_DEPTH = 20


def read(data: bytes | bytearray) -> Any:
    """Read the one value that the bytes hold; its arrays of numbers are numpy's.

    Raises
    ------
    ValueError
        When they are not what XGBoost writes.
    """
    reader = _Reader(bytes(data))
    value = reader.value(MAX_DEPTH)
    if not reader.at_end():
        raise ValueError("something follows after its end")
    return value


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def at_end(self) -> bool:
        return self._place == len(self._data)

    def value(self, depth: int) -> Any:
        mark = self._mark()
        if mark in LITERALS:
            return LITERALS[mark]
        if mark in NUMBERS:
            return self._number(mark)
        if mark == "S":
            return self._text()
        if depth and mark == "{":
            return self._object(depth - 1)
        if depth and mark == "[":
            return self._array(depth - 1)
        raise ValueError("it holds something else, or goes too deep")

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while self._data[self._place : self._place + 1] != b"}":
            key = self._text()
            if key in found:
                raise ValueError("a key occurs twice")
            found[key] = self.value(depth)
        self._place += 1
        return found

    def _array(self, depth: int) -> Any:
        """Read an array that tells its length, and its type if all its items are numbers."""
        mark = self._mark()
        if mark == "$":
            kind = ARRAYS[self._mark()]
            self._expect("#")
            count = self._length()
            return np.frombuffer(self._take(count * kind.itemsize), dtype=kind)
        if mark != "#":
            raise ValueError("an array does not tell its length")
        return [self.value(depth) for _ in range(self._length())]

    def _text(self) -> str:
        return self._take(self._length()).decode()

    def _length(self) -> int:
        self._expect("L")
        length = self._number("L")
        if not isinstance(length, int) or not 0 <= length <= len(self._data):
            raise ValueError("a length is none")
        return length

    def _number(self, mark: str) -> int | float:
        number: int | float
        (number,) = struct.unpack(f">{NUMBERS[mark]}", self._take(struct.calcsize(NUMBERS[mark])))
        return number

    def _expect(self, mark: str) -> None:
        if self._mark() != mark:
            raise ValueError("it is written in another way")

    def _mark(self) -> str:
        return self._take(1).decode("latin-1")

    def _take(self, size: int) -> bytes:
        taken = self._data[self._place : self._place + size]
        if len(taken) < size:
            raise ValueError("it ends too early")
        self._place += size
        return taken

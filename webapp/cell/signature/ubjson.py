"""Universal Binary JSON, as XGBoost writes it.

This reader is stricter than XGBoost's own, so that what it accepts means the same to both.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

#: Each marker of a number, with the format that struct and numpy call it; all numbers are big-endian.
NUMBERS = {"i": "b", "U": "B", "I": "h", "l": "i", "L": "q", "d": "f", "D": "d"}
ARRAYS = {mark: np.dtype(f">{kind}") for mark, kind in NUMBERS.items()}
LITERALS = {"T": True, "F": False, "Z": None}
#: How deep the parts of a model may be nested; XGBoost's own reader goes on until the stack is full.
MAX_DEPTH = 20


def read(data: bytes | bytearray) -> Any:
    """Read the one value that the bytes hold, with arrays of numbers as numpy's.

    Raises
    ------
    ValueError
        When XGBoost would not have written it so.
    """
    reader = _Reader(bytes(data))
    value = reader.value(MAX_DEPTH)
    if not reader.is_at_end():
        raise ValueError("there are more data after its end")
    return value


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def is_at_end(self) -> bool:
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
        raise ValueError("it holds something else, or is nested too deeply")

    def _object(self, depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        while self._data[self._place : self._place + 1] != b"}":
            key = self._text()
            if key in members:
                raise ValueError("a key occurs twice")
            members[key] = self.value(depth)
        self._place += 1
        return members

    def _array(self, depth: int) -> Any:
        """Read an array that states its length, and its type if all its items are numbers."""
        mark = self._mark()
        if mark == "$":
            kind = ARRAYS[self._mark()]
            self._expect("#")
            count = self._length()
            return np.frombuffer(self._take(count * kind.itemsize), dtype=kind)
        if mark != "#":
            raise ValueError("an array does not state its length")
        return [self.value(depth) for _ in range(self._length())]

    def _text(self) -> str:
        return self._take(self._length()).decode()

    def _length(self) -> int:
        self._expect("L")
        length = self._number("L")
        if not isinstance(length, int) or not 0 <= length <= len(self._data):
            raise ValueError("a length is not valid")
        return length

    def _number(self, mark: str) -> int | float:
        number: int | float
        (number,) = struct.unpack(f">{NUMBERS[mark]}", self._take(struct.calcsize(NUMBERS[mark])))
        return number

    def _expect(self, mark: str) -> None:
        if self._mark() != mark:
            raise ValueError("it is written differently")

    def _mark(self) -> str:
        return self._take(1).decode("latin-1")

    def _take(self, size: int) -> bytes:
        part = self._data[self._place : self._place + size]
        if len(part) < size:
            raise ValueError("it ends too early")
        self._place += size
        return part

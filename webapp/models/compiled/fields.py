"""Reading the fields of an operation, each with its type, and each once."""

from __future__ import annotations

import math
from typing import Any, TypeVar

import numpy as np

from webapp.models.compiled.blocks import Block
from webapp.models.compiled.labels import read_label
from webapp.models.compiled.refusals import PlanInvalid
from webapp.types import Value

Kind = TypeVar("Kind")
#: Maximum number of numbers that a call computes, about: more rows than that allows are left to the estimator.
MAX_WORK = 2**22
#: Minimum number of rows that a plan must be able to predict at once.
MIN_ROWS = 32
#: Maximum number of operations inside each other.
MAX_NESTING = 64


class Reading:
    """The arrays of a plan that no operation has taken yet, and the work of those operations that were read."""

    def __init__(self, arrays: list[Block]) -> None:
        self._arrays = dict(enumerate(arrays))
        self._work = 1

    def take(self, place: object) -> Block:
        """Return an array, which no other operation may take."""
        if type(place) is not int or place not in self._arrays:
            raise PlanInvalid("an array is missing or used twice")
        return self._arrays.pop(place)

    def spend(self, work: int) -> None:
        """Note how many numbers an operation computes for each row."""
        self._work += work
        if self._work * MIN_ROWS > MAX_WORK:
            raise PlanInvalid("it computes too much for each row")

    def finish(self) -> int:
        """Return how many rows the plan may predict at once."""
        if self._arrays:
            raise PlanInvalid("an array is not used")
        return MAX_WORK // self._work


class Fields:
    """The fields of an operation; ``finish`` raises an error if there are others than those that were read."""

    def __init__(self, values: object, reading: Reading, nesting: int = 0) -> None:
        if type(values) is not dict or nesting > MAX_NESTING:
            raise PlanInvalid("an operation is not an object, or too deep inside others")
        self.reading = reading
        self._values: dict[str, object] = dict(values)
        self._nesting = nesting
        self._inner: list[Fields] = []

    def finish(self) -> None:
        if self._values:
            raise PlanInvalid("an operation has more fields")
        for each in self._inner:
            each.finish()

    def text(self, name: str) -> str:
        return self._typed(name, str)

    def flag(self, name: str) -> bool:
        return self._typed(name, bool)

    def number(self, name: str) -> float:
        number = self._typed(name, float)
        if not math.isfinite(number):
            raise PlanInvalid(f"{name} is not finite")
        return number

    def integer(self, name: str, low: int, high: int) -> int:
        number = self._typed(name, int)
        if not low <= number <= high:
            raise PlanInvalid(f"{name} is out of range")
        return number

    def texts(self, name: str) -> list[str]:
        return self._list(name, str)

    def flags(self, name: str) -> list[bool]:
        return self._list(name, bool)

    def labels(self, name: str) -> list[Value]:
        return [read_label(each) for each in self._typed(name, list)]

    def has(self, name: str) -> bool:
        """Return whether an optional field has a value."""
        if self._values.get(name, self) is not None:
            return True
        del self._values[name]
        return False

    def inner(self, name: str) -> Fields:
        return self._enter(self._pop(name))

    def inners(self, name: str) -> list[Fields]:
        return [self._enter(each) for each in self._typed(name, list)]

    def floats(self, name: str, *shape: int | None, finite: bool = True) -> Block:
        """Return an array of floats of this shape, where None stands for any size but zero."""
        array = self._array(name, "float64", shape)
        if finite and not np.isfinite(array).all():
            raise PlanInvalid(f"{name} has a number that is not finite")
        return array

    def booleans(self, name: str, *shape: int | None) -> Block:
        array = self._array(name, "bool", shape)
        if array.view(np.uint8).max() > 1:
            raise PlanInvalid(f"{name} has a byte that is neither true nor false")
        return array

    def indices(self, name: str, count: int | None, below: int) -> Block:
        """Return an array of indices into something of a known size."""
        array = self._array(name, "int32", (count,))
        if array.min() < 0 or array.max() >= below:
            raise PlanInvalid(f"{name} has an index that is out of range")
        return array

    def _array(self, name: str, dtype: str, shape: tuple[int | None, ...]) -> Block:
        array = self.reading.take(self._pop(name))
        wanted = tuple(size if asked is None else asked for asked, size in zip(shape, array.shape, strict=False))
        if array.dtype.name != dtype or array.ndim != len(shape) or array.shape != wanted or not array.size:
            raise PlanInvalid(f"{name} has another type or shape")
        return array

    def _enter(self, values: object) -> Fields:
        self._inner.append(Fields(values, self.reading, self._nesting + 1))
        return self._inner[-1]

    def _list(self, name: str, kind: type[Kind]) -> list[Kind]:
        values: list[Any] = self._typed(name, list)
        if not all(type(each) is kind for each in values):
            raise PlanInvalid(f"{name} has a value of another type")
        return values

    def _typed(self, name: str, kind: type[Kind]) -> Kind:
        value = self._pop(name)
        if type(value) is not kind:
            raise PlanInvalid(f"{name} has another type")
        return value

    def _pop(self, name: str) -> object:
        if name not in self._values:
            raise PlanInvalid(f"{name} is missing")
        return self._values.pop(name)

"""The pickle machine without its dangerous instructions, counting the rest."""

from __future__ import annotations

import pickle
import struct
from collections import OrderedDict, defaultdict
from typing import Any, ClassVar

from webapp.errors import ArtifactRefused
from webapp.models.gate.budget import Budget
from webapp.models.gate.reader import BoundedReader

#: An array of arrays of arrays … goes no deeper than this.
MAX_DEPTH = 8

REFUSED = {
    pickle.PERSID: "a persistent id",
    pickle.BINPERSID: "a persistent id",
    pickle.EXT1: "an extension code",
    pickle.EXT2: "an extension code",
    pickle.EXT4: "an extension code",
    pickle.INST: "an old-style instance",
    pickle.OBJ: "an old-style instance",
    pickle.NEWOBJ_EX: "a constructor with keywords",
    pickle.NEXT_BUFFER: "a buffer outside of the file",
    pickle.READONLY_BUFFER: "a buffer outside of the file",
}


class Machine(pickle._Unpickler):
    """Follows a pickle; what its names stand for is left to the two that inherit from it."""

    dispatch: ClassVar[dict[int, Any]] = dict(pickle._Unpickler.dispatch)
    # What the standard library's machine keeps, in its own words.
    stack: list[Any]
    append: Any
    pop_mark: Any
    proto: int
    read: Any
    _unframer: Any

    def __init__(self, reader: BoundedReader, budget: Budget, depth: int = 0) -> None:
        super().__init__(reader)
        if depth > MAX_DEPTH:
            raise ArtifactRefused("It nests arrays too deeply.")
        self.reader = reader
        self.budget = budget
        self.depth = depth
        self.__dict__["dispatch"] = _Counted(type(self).dispatch, budget)

    def inner(self) -> Any:
        """Follow the stream that stands inside this one, under the same limits."""
        return type(self)(self.reader, self.budget, self.depth + 1).load()

    def load_frame(self) -> None:
        (size,) = struct.unpack("<Q", self.read(8))
        self.reader.require(size)
        self._unframer.load_frame(size)

    dispatch[pickle.FRAME[0]] = load_frame

    def load_bytearray8(self) -> None:
        (size,) = struct.unpack("<Q", self.read(8))
        self.reader.require(size)
        self.append(bytearray(self.read(size)))

    dispatch[pickle.BYTEARRAY8[0]] = load_bytearray8

    def load_append(self) -> None:
        value = self.stack.pop()
        self._a(self.stack[-1], list).append(value)

    dispatch[pickle.APPEND[0]] = load_append

    def load_appends(self) -> None:
        values = self.pop_mark()
        self._a(self.stack[-1], list).extend(values)

    dispatch[pickle.APPENDS[0]] = load_appends

    def load_setitem(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._set(self.stack[-1], [key, value])

    dispatch[pickle.SETITEM[0]] = load_setitem

    def load_setitems(self) -> None:
        items = self.pop_mark()
        self._set(self.stack[-1], items)

    dispatch[pickle.SETITEMS[0]] = load_setitems

    def load_dict(self) -> None:
        items = self.pop_mark()
        made: dict[Any, Any] = {}
        self._set(made, items)
        self.append(made)

    dispatch[pickle.DICT[0]] = load_dict

    def load_additems(self) -> None:
        items = self.pop_mark()
        for item in items:
            self.budget.key(item)
        self._a(self.stack[-1], set).update(items)

    dispatch[pickle.ADDITEMS[0]] = load_additems

    def load_frozenset(self) -> None:
        items = self.pop_mark()
        for item in items:
            self.budget.key(item)
        self.append(frozenset(items))

    dispatch[pickle.FROZENSET[0]] = load_frozenset

    def _set(self, target: Any, items: list[Any]) -> None:
        if len(items) % 2:
            raise ArtifactRefused("It is damaged: a key has no value.")
        mapping = self._mapping(target)
        for key, value in zip(items[::2], items[1::2], strict=True):
            self.budget.key(key)
            self._set_item(mapping, key, value)

    def _set_item(self, mapping: Any, key: Any, value: Any) -> None:
        mapping[key] = value

    def _mapping(self, target: Any) -> Any:
        """Give the container if it is one that may be filled item by item."""
        return self._a(target, dict, OrderedDict, defaultdict)

    def _a(self, target: Any, *kinds: type) -> Any:
        if type(target) not in kinds:
            raise ArtifactRefused("It fills something that is no plain list, set or dict.")
        return target


class _Counted(dict[int, Any]):
    """Gives the instruction for each byte, as long as the budget lasts."""

    def __init__(self, instructions: dict[int, Any], budget: Budget) -> None:
        super().__init__(instructions)
        self._budget = budget

    def __getitem__(self, code: int) -> Any:
        self._budget.instruction()
        return super().__getitem__(code)

    def __missing__(self, code: int) -> Any:
        raise ArtifactRefused("It is damaged: it holds something that is no pickle.")


def _refuse(what: str) -> Any:
    def refuse(_machine: Machine) -> None:
        raise ArtifactRefused(f"It wants {what}, which no model needs.")

    return refuse


for _code, _what in REFUSED.items():
    Machine.dispatch[_code[0]] = _refuse(_what)

"""The machine that both passes over a file share: Python's own unpickler without its dangerous instructions.

A pickle is a program of one-byte instructions that push values onto a stack and build objects out of
them. This machine refuses the instructions that no model needs, charges all others to the budget, and
adds items only to plain lists, sets and dicts. What a name stands for, what a call returns and what an
instance does with its state is left to the two classes that inherit from it: in dry_run.py these are
inert stand-ins, in loader.py the real objects.
"""

from __future__ import annotations

import pickle
import struct
from collections import OrderedDict, defaultdict
from typing import Any, ClassVar

from webapp.cell.gate.budget import Budget
from webapp.cell.gate.reader import BoundedReader
from webapp.errors import ArtifactRefused

#: How deep arrays of arrays of arrays … may go.
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
    """Follows a pickle, within its budget and without the instructions that are refused."""

    dispatch: ClassVar[dict[int, Any]] = dict(pickle._Unpickler.dispatch)
    # Attributes of the standard library's machine, under its names.
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
        self.__dict__["dispatch"] = _ChargedInstructions(type(self).dispatch, budget)

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
        self._require_container(self.stack[-1], list).append(value)

    dispatch[pickle.APPEND[0]] = load_append

    def load_appends(self) -> None:
        values = self.pop_mark()
        self._require_container(self.stack[-1], list).extend(values)

    dispatch[pickle.APPENDS[0]] = load_appends

    def load_setitem(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._set_items(self.stack[-1], [key, value])

    dispatch[pickle.SETITEM[0]] = load_setitem

    def load_setitems(self) -> None:
        items = self.pop_mark()
        self._set_items(self.stack[-1], items)

    dispatch[pickle.SETITEMS[0]] = load_setitems

    def load_dict(self) -> None:
        items = self.pop_mark()
        mapping: dict[Any, Any] = {}
        self._set_items(mapping, items)
        self.append(mapping)

    dispatch[pickle.DICT[0]] = load_dict

    def load_additems(self) -> None:
        items = self._pop_keys()
        self._require_container(self.stack[-1], set).update(items)

    dispatch[pickle.ADDITEMS[0]] = load_additems

    def load_frozenset(self) -> None:
        self.append(frozenset(self._pop_keys()))

    dispatch[pickle.FROZENSET[0]] = load_frozenset

    def _pop_keys(self) -> list[Any]:
        """Take the items of a set off the stack; each is hashed like a key."""
        items: list[Any] = self.pop_mark()
        for item in items:
            self.budget.charge_key(item)
        return items

    def _set_items(self, target: Any, items: list[Any]) -> None:
        if len(items) % 2:
            raise ArtifactRefused("It is damaged: a key has no value.")
        mapping = self._require_mapping(target)
        for key, value in zip(items[::2], items[1::2], strict=True):
            self.budget.charge_key(key)
            self._set_item(mapping, key, value)

    def _set_item(self, mapping: Any, key: Any, value: Any) -> None:
        mapping[key] = value

    def _require_mapping(self, target: Any) -> Any:
        """Return the container, or refuse one that may not be filled key by key."""
        return self._require_container(target, dict, OrderedDict, defaultdict)

    def _require_container(self, target: Any, *kinds: type) -> Any:
        """Return the container, or refuse anything that is not exactly of one of these types."""
        if type(target) not in kinds:
            raise ArtifactRefused("It adds items to something that is not a plain list, set or dict.")
        return target


class _ChargedInstructions(dict[int, Any]):
    """The function of each instruction; looking one up charges it to the budget."""

    def __init__(self, instructions: dict[int, Any], budget: Budget) -> None:
        super().__init__(instructions)
        self._budget = budget

    def __getitem__(self, code: int) -> Any:
        self._budget.charge_instructions()
        return super().__getitem__(code)

    def __missing__(self, code: int) -> Any:
        raise ArtifactRefused("It is damaged: it holds an instruction that pickle does not have.")


def _refuse(what: str) -> Any:
    def refuse(_machine: Machine) -> None:
        raise ArtifactRefused(f"It uses {what}, which no model needs.")

    return refuse


for _code, _what in REFUSED.items():
    Machine.dispatch[_code[0]] = _refuse(_what)

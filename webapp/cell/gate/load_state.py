"""The objects of one load: which of them can still change, and how each gets its state.

A pickle first creates an object and gives it its state later. A rule that looks at an object is worth
something only if the file can't change it afterwards. So an object is incomplete until it has its state,
gets a state only once, and may be looked at only when it is complete.
"""

from __future__ import annotations

from dataclasses import dataclass, is_dataclass
from functools import partial
from typing import Any

import numpy as np

from webapp.cell.gate import attribute_rules
from webapp.cell.gate.attributes import fill, fill_slots, require_ordinary
from webapp.cell.gate.budget import BYTES_PER_PART, MAX_WALK_DEPTH, Budget
from webapp.cell.gate.callables import CallableCheck
from webapp.cell.gate.dtypes import rebuild_dtype, state_of
from webapp.cell.gate.machine import MAX_DEPTH
from webapp.cell.gate.names import key_of
from webapp.cell.gate.parts import PartCheck
from webapp.cell.gate.state_rules import Rule, own_code_rule
from webapp.cell.migrations import NotMigratable, Origin
from webapp.cell.migrations.rules import added_functions, migrated_partial
from webapp.errors import ArtifactRefused


@dataclass(eq=False)
class Name:
    """A granted name that may be called or instantiated, but is not a value."""

    key: tuple[str, str]
    target: Any


class LoadState:
    """The objects that a file has created so far, including all streams inside it."""

    def __init__(self, budget: Budget, trusted: frozenset[tuple[str, str]], origin: Origin) -> None:
        self._budget = budget
        self._trusted = trusted
        self._origin = origin
        #: The names that were granted as values, by the identity of what they stand for.
        self.named: dict[int, Name] = {}
        self._incomplete: dict[int, Any] = {}
        #: Complete instances whose state is a dict of attributes.
        self._filled: list[Any] = []
        #: The arrays that hold arrays, with how many levels there are, by identity.
        self._nested: dict[int, tuple[Any, int]] = {}

    def add(self, instance: Any) -> Any:
        """Return an instance that has just been created, and remember that it is incomplete."""
        self._budget.charge_bytes(BYTES_PER_PART)
        self._incomplete[id(instance)] = instance
        return instance

    def require_complete(self, value: Any) -> None:
        """Refuse a value that a rule is about to look at if a part of it can still change."""
        for part in self._budget.walk(value):
            if id(part) in self._incomplete:
                raise ArtifactRefused("It uses an object before that object is complete.")

    def set_state(self, instance: Any, state: Any) -> None:
        """Give an incomplete instance its state. Until it has it, no part of the state can hold it."""
        if self._incomplete.get(id(instance)) is not instance:
            raise ArtifactRefused("It changes an object that is complete.")
        if isinstance(instance, np.dtype):
            self.require_complete(state)
            instance.__setstate__(state_of(rebuild_dtype(instance, state)))  # type: ignore[attr-defined]
        elif type(instance) is list:
            self._extend(instance, state)
        elif key_of(type(instance)) in self._trusted and is_dataclass(instance) and type(state) is not dict:
            fill_slots(instance, state)
        elif (rule := own_code_rule(type(instance))) is None:
            self._fill(instance, state)
        else:
            self._set_by_own_code(instance, state, rule)
        del self._incomplete[id(instance)]

    def require_sound(self) -> None:
        """Check all attributes, now that nothing can change."""
        keys = {number: name.key for number, name in self.named.items()} | added_functions()
        calls, parts = CallableCheck(self._budget, keys, self._trusted), PartCheck(self._budget, self._trusted)
        for instance in self._filled:
            # What a trusted class calls is its own affair.
            own = {} if key_of(type(instance)) in self._trusted else vars(instance)
            for name, value in own.items():
                is_expected = attribute_rules.accepts(name, value, self._budget) and parts.accepts(name, value)
                if not (is_expected and calls.accepts(name, value, own)):
                    raise ArtifactRefused(f"Its {type(instance).__name__} has a value of {name} that no model needs.")

    def _fill(self, instance: Any, state: Any) -> None:
        """Set the attributes of an instance whose state is a dict of them."""
        kind = type(instance)
        require_ordinary(kind, state, self._budget)
        try:
            migrated = self._origin.migrated(kind, state)
        except NotMigratable:
            raise ArtifactRefused(f"It holds a {kind.__name__} that is damaged or malicious.") from None
        for name, value in migrated.items():
            # The file may hand one array to many instances, each of which gets a new one.
            if isinstance(value, np.ndarray) and value is not state.get(name):
                self._budget.charge_bytes(value.nbytes)
        fill(instance, migrated, trusted=key_of(kind) in self._trusted)
        self._filled.append(instance)

    def _extend(self, columns: list[Any], state: Any) -> None:
        """Fill the list of the columns that are left over; a list of any other kind is complete from the start."""
        names = state.get("data") if type(state) is dict else None
        if type(names) is not list or not all(type(name) in (int, str) for name in names):
            raise ArtifactRefused("It has columns that are damaged or malicious.")
        self._budget.charge_bytes(BYTES_PER_PART * len(names))
        columns.extend(names)

    def _set_by_own_code(self, instance: Any, state: Any, rule: Rule) -> None:
        """Hand the state to the class's own code, once the rule for that class has accepted it."""
        kind = type(instance)
        self.require_complete(state)
        # The file may keep a list or dict of the state and change it later.
        state = _copied(migrated_partial(state) if kind is partial else state)
        _require(rule(instance, state), kind)
        if kind is np.ndarray:
            self._note_nesting(instance, state[4])
        instance.__setstate__(state)

    def _note_nesting(self, array: Any, content: Any) -> None:
        """Refuse an array of arrays of arrays …, which would exhaust the stack when it is freed."""
        depth = max(map(self._nesting, content), default=0) + 1 if type(content) is list else 0
        if depth > MAX_DEPTH:
            raise ArtifactRefused("It nests arrays too deeply.")
        if depth:
            self._nested[id(array)] = (array, depth)

    def _nesting(self, value: Any) -> int:
        return self._nested[id(value)][1] if id(value) in self._nested else 0


def _require(accepted: bool, kind: type) -> None:
    if not accepted:
        raise ArtifactRefused(f"It holds a {kind.__name__} that is damaged or malicious.")


def _copied(value: Any, depth: int = MAX_WALK_DEPTH) -> Any:
    """Copy tuples, lists and dicts as deep as rules look; the cost has already been charged."""
    if not depth or type(value) not in (tuple, list, dict):
        return value
    if type(value) is dict:
        return {key: _copied(part, depth - 1) for key, part in value.items()}
    return type(value)(_copied(part, depth - 1) for part in value)

"""Loads an artifact with real names, each only as the allow-list grants it."""

from __future__ import annotations

import importlib
import pickle
from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor
from sklearn.isotonic import IsotonicRegression
from sklearn.utils import Bunch

from webapp.errors import ArtifactRefused
from webapp.helpers.gate import wrapped
from webapp.helpers.gate.dtypes import new_dtype, rebuilt
from webapp.helpers.gate.grants import Grants, Use
from webapp.helpers.gate.machine import Budget, Machine
from webapp.helpers.gate.names import DTYPE, RECONSTRUCTOR, WRAPPER, spelled
from webapp.helpers.gate.rules import STATEFUL, rule_of
from webapp.helpers.gate.states import content_rule, own_code_rule
from webapp.helpers.gate.stream import BoundedReader

#: Classes whose own way of reading a state only looks at versions or fills attributes.
HARMLESS_READERS = (
    BaseEstimator.__setstate__,
    IsotonicRegression.__setstate__,
    TreePredictor.__setstate__,
)


def load(data: bytes, grants: Grants) -> Any:
    """Load the bytes of an artifact.

    Raises
    ------
    ArtifactRefused
        At the first thing that is not granted, before it happens.
    """
    reader = BoundedReader(data)
    machine = _Restricted(reader, Budget(len(data)))
    machine.grants, machine.named, machine.pending = grants, {}, {}
    held = machine.load()
    if not reader.at_end():
        raise ArtifactRefused("Something follows after its end.")
    return held


@dataclass(eq=False)
class _Name:
    """A granted name that may be called or made an instance of, but is no value."""

    key: tuple[str, str]
    target: Any
    inert: bool = field(default=True, init=False)


class _Restricted(Machine):
    """Makes real objects, refusing before anything that isn't granted."""

    dispatch: ClassVar[dict[int, Any]] = dict(Machine.dispatch)
    grants: Grants
    #: The names that were granted as values, by the identity of what they stand for.
    named: dict[int, _Name]
    #: What was made and has no state yet, by identity. Only that may be given one, and only once,
    #: so that nothing changes after a rule has looked at it.
    pending: dict[int, Any]

    def inner(self) -> Any:
        machine = type(self)(self.reader, self.budget, self.depth + 1)
        machine.grants, machine.named, machine.pending = self.grants, self.named, self.pending
        return machine.load()

    def find_class(self, module: str, name: str) -> Any:
        key = spelled(module, name, self.proto)
        if key == WRAPPER:
            return _Name(key, wrapped.Wrapper)
        if key not in self.grants.uses:
            raise ArtifactRefused(f"It wants {key[0]}.{key[1]}, which is not on the list of allowed types.")
        try:
            target = getattr(importlib.import_module(key[0]), key[1])
        except (ImportError, AttributeError):
            raise ArtifactRefused(f"It needs {key[0]}.{key[1]}, which is not installed here.") from None
        if Use.REF not in self.grants.uses[key]:
            # A name that is not granted as a value never becomes one.
            return _Name(key, target)
        self.named[id(target)] = _Name(key, target)
        return target

    def load_reduce(self) -> None:
        args = self.stack.pop()
        self.append(self._called(self._name(self.stack.pop()), args))

    dispatch[pickle.REDUCE[0]] = load_reduce

    def load_newobj(self) -> None:
        args = self.stack.pop()
        self.append(self._new(self._name(self.stack.pop()), args))

    dispatch[pickle.NEWOBJ[0]] = load_newobj

    def load_build(self) -> None:
        state = self.stack.pop()
        self.stack[-1] = self._built(self.stack[-1], state)

    dispatch[pickle.BUILD[0]] = load_build

    def _mapping(self, target: Any) -> Any:
        return self._a(target, dict, OrderedDict, defaultdict, Bunch)

    def _name(self, value: Any) -> _Name:
        """Give the name behind a value that is to be called or made an instance of."""
        found = value if isinstance(value, _Name) else self.named.get(id(value))
        if not isinstance(found, _Name):
            raise ArtifactRefused("It calls something that is no name.")
        return found

    def _require(self, name: _Name, use: Use) -> None:
        if not self.grants.allows(*name.key, use):
            raise ArtifactRefused(f"It uses {'.'.join(name.key)} in a way that is not allowed.")

    def _called(self, name: _Name, args: Any) -> Any:
        self._require(name, Use.CALL)
        if name.key == RECONSTRUCTOR:
            return self._reconstructed(args)
        if name.key == DTYPE:
            return self._kept(new_dtype(args))
        rule = rule_of(*name.key)
        self._require_finished(args)
        if type(args) is not tuple or rule is None or not rule(args):
            raise ArtifactRefused(f"It calls {'.'.join(name.key)} with something that is not allowed.")
        made = name.target(*args)
        return self._kept(made) if name.key in STATEFUL else made

    def _reconstructed(self, args: Any) -> Any:
        """Make an instance as the two oldest protocols do."""
        if type(args) is not tuple or len(args) != 3:
            raise ArtifactRefused("It makes an instance in a way that pickle does not.")
        made = self._new(self._name(args[0]), ())
        if args[1] is dict and type(made) is Bunch and type(args[2]) is dict:
            made.update(args[2])
        elif args[1] is not object or args[2] is not None:
            raise ArtifactRefused("It makes an instance in a way that pickle does not.")
        return made

    def _new(self, name: _Name, args: Any) -> Any:
        if name.target is wrapped.Wrapper:
            return wrapped.Wrapper()
        self._require(name, Use.NEW)
        if args != () or not isinstance(name.target, type):
            raise ArtifactRefused(f"It makes {'.'.join(name.key)} in a way that is not allowed.")
        # These two constructors run nothing of the class's own.
        maker = dict if issubclass(name.target, dict) else object
        try:
            return self._kept(maker.__new__(name.target))
        except TypeError:
            raise ArtifactRefused(f"It makes {'.'.join(name.key)} in a way that is not allowed.") from None

    def _kept(self, made: Any) -> Any:
        self.pending[id(made)] = made
        return made

    def _require_finished(self, value: Any, depth: int = 3) -> None:
        """Refuse what a rule is about to look at if a part of it can still change."""
        if id(value) in self.pending:
            raise ArtifactRefused("It uses something before it is finished.")
        parts = value.values() if type(value) is dict else value if type(value) is tuple else ()
        for part in parts if depth else ():
            self._require_finished(part, depth - 1)

    def _built(self, made: Any, state: Any) -> Any:
        if isinstance(made, wrapped.Wrapper):
            self._require_finished(state)
            return self._array(wrapped.described(state))
        if self.pending.pop(id(made), None) is not made:
            raise ArtifactRefused("It changes something that is finished.")
        if isinstance(made, np.dtype):
            self._require_finished(state)
            rebuilt(made, state)
            made.__setstate__(state)  # type: ignore[attr-defined]
            return made
        rule = own_code_rule(type(made))
        if rule is not None:
            self._require_finished(state)
            if not rule(made, state):
                raise ArtifactRefused(f"It holds a {type(made).__name__} that is damaged or made to harm.")
            made.__setstate__(state)
            return made
        return self._filled(made, state)

    def _filled(self, made: Any, state: Any) -> Any:
        """Set the attributes of an instance whose state is a dict of them."""
        kind = type(made)
        rule = content_rule(kind)
        if rule is not None:
            self._require_finished(state)
        if rule is not None and not rule(made, state):
            raise ArtifactRefused(f"It holds a {kind.__name__} that is damaged or made to harm.")
        if type(state) is not dict or not all(type(name) is str for name in state):
            raise ArtifactRefused(f"It gives a {kind.__name__} a state that is no dict of attributes.")
        for name in state:
            if name.startswith("__") or callable(getattr(kind, name, None)):
                raise ArtifactRefused(f"It puts something in the place of {kind.__name__}.{name}.")
        reader = getattr(kind, "__setstate__", None)
        if reader is None or isinstance(made, Bunch):
            vars(made).update(state)
        elif reader in HARMLESS_READERS or self._is_trusted(kind):
            made.__setstate__(state)
        else:
            raise ArtifactRefused(f"A {kind.__name__} reads its state with code of its own.")
        return made

    def _is_trusted(self, kind: type) -> bool:
        return (kind.__module__, kind.__qualname__) in self.grants.trusted

    def _array(self, array: wrapped.Described) -> Any:
        if not array.dtype.hasobject:
            return wrapped.read(self.reader, array)
        found = self.inner()
        if not (type(found) is np.ndarray and found.dtype == object and found.shape == array.shape):
            raise ArtifactRefused("It wraps an array in a way that joblib does not.")
        return found

"""Loads an artifact with real names, each only as the allow-list grants it."""

from __future__ import annotations

import importlib
import pickle
from collections import OrderedDict, defaultdict
from contextlib import nullcontext
from typing import Any, ClassVar

import numpy as np
from sklearn.utils import Bunch
from threadpoolctl import threadpool_limits

from webapp.errors import ArtifactRefused
from webapp.models.gate import joblib_arrays
from webapp.models.gate.allow_list import Grants, Use
from webapp.models.gate.attributes import fill
from webapp.models.gate.budget import LOOK, NAME, PART, Budget
from webapp.models.gate.call_rules import STATEFUL, object_rule
from webapp.models.gate.dtypes import new_dtype, rebuilt, state_of
from webapp.models.gate.load_state import LoadState, Name
from webapp.models.gate.machine import MAX_DEPTH, Machine
from webapp.models.gate.names import DTYPE, RECONSTRUCTOR, WRAPPER, spelled
from webapp.models.gate.reader import BoundedReader
from webapp.models.gate.state_rules import content_rule, own_code_rule, reads_in_threads

#: What a call costs, in the bytes of the budget, and what it costs to make a random generator.
CALL = 256
GENERATOR = 64 * 1024
GENERATORS = ("numpy.random._pickle", "numpy.random.bit_generator")


def load(data: bytes, grants: Grants) -> Any:
    """Load the bytes of an artifact.

    Raises
    ------
    ArtifactRefused
        At the first thing that is not granted, before it happens.
    """
    try:
        reader = BoundedReader(data)
        machine = _Restricted(reader, Budget(len(data)))
        machine.grants, machine.made = grants, LoadState()
        held = machine.load()
        if not reader.at_end():
            raise ArtifactRefused("Something follows after its end.")
        machine.made.require_sound()
    except ArtifactRefused:
        raise
    except Exception as error:
        # A damaged stream can bring the machine, numpy or scikit-learn to raise almost anything.
        raise ArtifactRefused("The file is damaged.") from error
    return held


class _Restricted(Machine):
    """Makes real objects, refusing before anything that isn't granted."""

    dispatch: ClassVar[dict[int, Any]] = dict(Machine.dispatch)
    grants: Grants
    made: LoadState

    def inner(self) -> Any:
        machine = type(self)(self.reader, self.budget, self.depth + 1)
        machine.grants, machine.made = self.grants, self.made
        return machine.load()

    def find_class(self, module: str, name: str) -> Any:
        self.budget.instruction(NAME)
        key = spelled(module, name, self.proto)
        if key == WRAPPER:
            return Name(key, joblib_arrays.Wrapper)
        if key not in self.grants.uses:
            raise ArtifactRefused(f"It wants {key[0]}.{key[1]}, which is not on the list of allowed types.")
        try:
            target = getattr(importlib.import_module(key[0]), key[1])
        except (ImportError, AttributeError, OSError):
            # A library of compiled code that lacks another one fails with an OSError.
            raise ArtifactRefused(f"It needs {key[0]}.{key[1]}, which is not installed here.") from None
        if Use.REF not in self.grants.uses[key]:
            # A name that is not granted as a value never becomes one.
            return Name(key, target)
        self.made.named[id(target)] = Name(key, target)
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

    def _set_item(self, mapping: Any, key: Any, value: Any) -> None:
        # The items of a Bunch are its attributes, and numpy reads from wherever some of those point to.
        if type(mapping) is Bunch and (type(key) is not str or key.startswith("__")):
            raise ArtifactRefused("It gives a Bunch something that is no ordinary attribute.")
        mapping[key] = value

    def _name(self, value: Any) -> Name:
        """Give the name behind a value that is to be called or made an instance of."""
        found = value if isinstance(value, Name) else self.made.named.get(id(value))
        if not isinstance(found, Name):
            raise ArtifactRefused("It calls something that is no name.")
        return found

    def _require(self, name: Name, use: Use) -> None:
        if not self.grants.allows(*name.key, use):
            raise ArtifactRefused(f"It uses {'.'.join(name.key)} in a way that is not allowed.")

    def _called(self, name: Name, args: Any) -> Any:
        self._require(name, Use.CALL)
        self.budget.charge(CALL)
        if name.key == RECONSTRUCTOR:
            return self._reconstructed(args)
        if name.key == DTYPE:
            return self._kept(new_dtype(args))
        rule = object_rule(*name.key)
        self._require_finished(args)
        args = tuple(map(self._argument, args)) if type(args) is tuple else args
        if type(args) is not tuple or rule is None or not rule(args):
            raise ArtifactRefused(f"It calls {'.'.join(name.key)} with something that is not allowed.")
        if name.key[0] in GENERATORS:
            self.budget.charge(GENERATOR)
        made = name.target(*args)
        return self._kept(made) if name.key in STATEFUL else made

    def _argument(self, value: Any) -> Any:
        """Give what a name stands for, if it is one that may be handed to a call."""
        if not isinstance(value, Name):
            return value
        self._require(value, Use.ARG)
        return value.target

    def _reconstructed(self, args: Any) -> Any:
        """Make an instance as the two oldest protocols do."""
        if type(args) is not tuple or len(args) != 3:
            raise ArtifactRefused("It makes an instance in a way that pickle does not.")
        made = self._new(self._name(args[0]), ())
        if args[1] is dict and type(made) is Bunch and type(args[2]) is dict:
            self.budget.charge(PART * len(args[2]))
            for key, value in args[2].items():
                self._set_item(made, key, value)
        elif args[1] is not object or args[2] is not None:
            raise ArtifactRefused("It makes an instance in a way that pickle does not.")
        return made

    def _new(self, name: Name, args: Any) -> Any:
        if name.target is joblib_arrays.Wrapper:
            return joblib_arrays.Wrapper()
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
        self.budget.charge(PART)
        self.made.pending[id(made)] = made
        return made

    def _require_finished(self, value: Any) -> None:
        """Refuse what a rule is about to look at if a part of it can still change."""
        for part in self.budget.parts(value):
            if id(part) in self.made.pending:
                raise ArtifactRefused("It uses something before it is finished.")

    def _built(self, made: Any, state: Any) -> Any:
        self.budget.charge(CALL)
        if isinstance(made, joblib_arrays.Wrapper):
            self._require_finished(state)
            return self._array(joblib_arrays.described(state))
        if self.made.pending.get(id(made)) is not made:
            raise ArtifactRefused("It changes something that is finished.")
        self._give(made, state)
        del self.made.pending[id(made)]
        return made

    def _give(self, made: Any, state: Any) -> None:
        """Give an instance its state; until it has it, no part of the state can hold it."""
        if isinstance(made, np.dtype):
            self._require_finished(state)
            made.__setstate__(state_of(rebuilt(made, state)))  # type: ignore[attr-defined]
            return
        rule = own_code_rule(type(made))
        if rule is None:
            self._fill(made, state)
            return
        self._require_finished(state)
        # Of lists and dicts, the file may keep one and change it later.
        state = _copied(state)
        if not rule(made, state):
            raise ArtifactRefused(f"It holds a {type(made).__name__} that is damaged or made to harm.")
        if type(made) is np.ndarray:
            self._note_depth(made, state[4])
        with threadpool_limits(1) if reads_in_threads(type(made)) else nullcontext():
            made.__setstate__(state)

    def _note_depth(self, made: Any, content: Any) -> None:
        """Refuse an array of arrays of arrays …, whose end would take all of the stack."""
        depth = max(map(self.made.depth_of, content), default=0) + 1 if type(content) is list else 0
        if depth > MAX_DEPTH:
            raise ArtifactRefused("It nests arrays too deeply.")
        if depth:
            self.made.nested[id(made)] = (made, depth)

    def _fill(self, made: Any, state: Any) -> None:
        """Set the attributes of an instance whose state is a dict of them."""
        kind = type(made)
        rule = content_rule(kind)
        if rule is not None:
            self._require_finished(state)
        if rule is not None and not rule(made, state):
            raise ArtifactRefused(f"It holds a {kind.__name__} that is damaged or made to harm.")
        fill(made, state, self.budget, trusted=(kind.__module__, kind.__qualname__) in self.grants.trusted)
        self.made.finished.append(made)

    def _array(self, array: joblib_arrays.Described) -> Any:
        if not array.dtype.hasobject:
            return joblib_arrays.read(self.reader, array)
        found = self.inner()
        if not (type(found) is np.ndarray and found.dtype == object and found.shape == array.shape):
            raise ArtifactRefused("It wraps an array in a way that joblib does not.")
        return found


def _copied(value: Any, depth: int = LOOK) -> Any:
    """Copy tuples, lists and dicts as deep as rules look; what it costs has been taken by now."""
    if not depth or type(value) not in (tuple, list, dict):
        return value
    if type(value) is dict:
        return {key: _copied(part, depth - 1) for key, part in value.items()}
    return type(value)(_copied(part, depth - 1) for part in value)

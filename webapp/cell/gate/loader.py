"""Loads an artifact with the real objects, each name only as the allow-list grants it.

How an object gets its state, and when it may still change, is the subject of load_state.py.
"""

from __future__ import annotations

import importlib
import pickle
from collections import OrderedDict, defaultdict
from typing import Any, ClassVar

import numpy as np
from sklearn.utils import Bunch

from webapp.cell.gate import joblib_arrays
from webapp.cell.gate.allow_list import Grants, Use, is_enumeration, refusal
from webapp.cell.gate.budget import BYTES_PER_PART, INSTRUCTIONS_PER_NAME, Budget
from webapp.cell.gate.call_rules import TUPLES, call_rule, has_state, member
from webapp.cell.gate.dtypes import new_dtype
from webapp.cell.gate.load_state import LoadState, Name
from webapp.cell.gate.machine import Machine
from webapp.cell.gate.missing import why_missing
from webapp.cell.gate.names import DTYPE, METHOD, RECONSTRUCTOR, WRAPPER, current_spelling
from webapp.cell.gate.reader import BoundedReader
from webapp.cell.migrations import Origin
from webapp.cell.migrations.spellings import REMAINDER_COLUMNS, stand_in
from webapp.cell.trusted import IMPORT_ERRORS
from webapp.errors import ArtifactRefused

#: Bytes that a call costs, and a call that creates a random generator in addition.
BYTES_PER_CALL = 256
BYTES_PER_GENERATOR = 64 * 1024
GENERATOR_MODULES = ("numpy.random._pickle", "numpy.random.bit_generator")


def load(data: bytes, grants: Grants, origin: Origin | None = None) -> Any:
    """Load the bytes of an artifact, and note in ``origin`` which version of scikit-learn made what is in it.

    Raises
    ------
    ArtifactRefused
        At the first thing that is not granted, before it happens.
    """
    try:
        reader, budget = BoundedReader(data), Budget(len(data))
        load_state = LoadState(budget, grants.trusted, origin or Origin())
        content = _Restricted(reader, budget, grants, load_state).load()
        if not reader.is_at_end():
            raise ArtifactRefused("It has more data after its end.")
        load_state.require_sound()
    except (ArtifactRefused, MemoryError):
        # Memory that is short now says nothing about the file.
        raise
    except Exception as error:
        # On a damaged stream, the machine, numpy or scikit-learn may raise almost anything.
        raise ArtifactRefused("The file is damaged.") from error
    return content


class _Restricted(Machine):
    """Creates real objects, and refuses what is not granted before it happens."""

    dispatch: ClassVar[dict[int, Any]] = dict(Machine.dispatch)

    def __init__(
        self, reader: BoundedReader, budget: Budget, grants: Grants, load_state: LoadState, depth: int = 0
    ) -> None:
        super().__init__(reader, budget, depth)
        self.grants = grants
        self.load_state = load_state

    def find_class(self, module: str, name: str) -> Any:
        self.budget.charge_instructions(INSTRUCTIONS_PER_NAME)
        key = current_spelling(module, name, self.proto)
        if key == WRAPPER:
            return Name(key, joblib_arrays.Wrapper)
        if key not in self.grants.uses:
            raise ArtifactRefused(refusal([(*key, Use.REF)]))
        target = stand_in(*key) or self._find(*key)
        if Use.REF not in self.grants.uses[key]:
            # A name that is not granted as a value never becomes one.
            return Name(key, target)
        self.load_state.named[id(target)] = Name(key, target)
        return target

    def _find(self, module: str, name: str) -> Any:
        try:
            return getattr(importlib.import_module(module), name)
        except MemoryError:
            raise
        except Exception as error:
            if (module, name) in self.grants.trusted:
                raise ArtifactRefused(why_missing(module, name, IMPORT_ERRORS.get(module, error))) from None
            if isinstance(error, ImportError | AttributeError | OSError):
                # A compiled library raises OSError when another library that it needs is missing.
                raise ArtifactRefused(f"It needs {module}.{name}, which is not installed here.") from None
            raise

    def load_reduce(self) -> None:
        args = self.stack.pop()
        self.append(self._call(self._name_of(self.stack.pop()), args))

    dispatch[pickle.REDUCE[0]] = load_reduce

    def load_newobj(self) -> None:
        args = self.stack.pop()
        self.append(self._instantiate(self._name_of(self.stack.pop()), args))

    dispatch[pickle.NEWOBJ[0]] = load_newobj

    def load_build(self) -> None:
        state = self.stack.pop()
        self.stack[-1] = self._build(self.stack[-1], state)

    dispatch[pickle.BUILD[0]] = load_build

    def _require_mapping(self, target: Any) -> Any:
        return self._require_container(target, dict, OrderedDict, defaultdict, Bunch)

    def _set_item(self, mapping: Any, key: Any, value: Any) -> None:
        # The items of a Bunch are its attributes, and numpy reads from wherever some of those point to.
        if type(mapping) is Bunch and (type(key) is not str or key.startswith("__")):
            raise ArtifactRefused("It gives a Bunch an attribute whose name is not allowed.")
        mapping[key] = value

    def _name_of(self, value: Any) -> Name:
        """Return the name behind a value that is about to be called or instantiated."""
        name = value if isinstance(value, Name) else self.load_state.named.get(id(value))
        if not isinstance(name, Name):
            raise ArtifactRefused("It calls something that is not a named function or class.")
        return name

    def _require_use(self, name: Name, use: Use) -> None:
        if not self.grants.allows(*name.key, use):
            raise ArtifactRefused(f"It uses {'.'.join(name.key)} in a way that is not allowed.")

    def _call(self, name: Name, args: Any) -> Any:
        self._require_use(name, Use.CALL)
        self.budget.charge_bytes(BYTES_PER_CALL)
        if name.key == RECONSTRUCTOR:
            return self._reconstruct(args)
        if name.key == DTYPE:
            return self.load_state.add(new_dtype(args))
        rule = member if name.key in self.grants.trusted and is_enumeration(*name.key) else call_rule(*name.key)
        self.load_state.require_complete(args)
        args = tuple(map(self._argument, args)) if type(args) is tuple else args
        if type(args) is not tuple or rule is None or not rule(args):
            raise ArtifactRefused(f"It calls {'.'.join(name.key)} with arguments that are not allowed.")
        if name.key[0] in GENERATOR_MODULES:
            self.budget.charge_bytes(BYTES_PER_GENERATOR)
        result = name.target(*args)
        if name.key == METHOD:
            self.load_state.named[id(result)] = Name(("builtins", f"str.{args[1]}"), result)
        return self.load_state.add(result) if has_state(name.key, args) else result

    def _argument(self, value: Any) -> Any:
        """Return the value, or what a name stands for if that may be passed to a call."""
        if not isinstance(value, Name):
            return value
        self._require_use(value, Use.ARG)
        return value.target

    def _reconstruct(self, args: Any) -> Any:
        """Create an instance as the two oldest protocols do."""
        if type(args) is not tuple or len(args) != 3:
            raise ArtifactRefused("It creates an instance in a way that pickle never does.")
        name = self._name_of(args[0])
        if args[1] is tuple:
            return self._instantiate(name, args[2])
        instance = self._instantiate(name, ())
        if args[1] is dict and type(instance) is Bunch and type(args[2]) is dict:
            self.budget.charge_bytes(BYTES_PER_PART * len(args[2]))
            for key, value in args[2].items():
                self._set_item(instance, key, value)
        elif args[1] is not object or args[2] is not None:
            raise ArtifactRefused("It creates an instance in a way that pickle never does.")
        return instance

    def _instantiate(self, name: Name, args: Any) -> Any:
        if name.target is joblib_arrays.Wrapper:
            return joblib_arrays.Wrapper()
        self._require_use(name, Use.NEW)
        if name.key == REMAINDER_COLUMNS:
            return self.load_state.add([])
        if name.key in TUPLES:
            return self._named_tuple(name, args)
        if self._is_named_tuple(name, args):
            self.load_state.require_complete(args)
            return tuple.__new__(name.target, args)
        if args != () or not isinstance(name.target, type):
            raise ArtifactRefused(f"It creates {'.'.join(name.key)} in a way that is not allowed.")
        # These two constructors run no code of the class itself.
        base = dict if issubclass(name.target, dict) else object
        try:
            return self.load_state.add(base.__new__(name.target))
        except TypeError:
            raise ArtifactRefused(f"It creates {'.'.join(name.key)} in a way that is not allowed.") from None

    def _named_tuple(self, name: Name, args: Any) -> Any:
        self.budget.charge_bytes(BYTES_PER_CALL)
        self.load_state.require_complete(args)
        if type(args) is not tuple or not TUPLES[name.key](args):
            raise ArtifactRefused(f"It creates {'.'.join(name.key)} in a way that is not allowed.")
        return tuple.__new__(name.target, args)

    def _is_named_tuple(self, name: Name, args: Any) -> bool:
        """Return whether this is a named tuple that the operator trusts, with as many values as it has names."""
        kind = name.target
        is_one = name.key in self.grants.trusted and isinstance(kind, type) and issubclass(kind, tuple)
        return is_one and type(args) is tuple and len(args) == len(getattr(kind, "_fields", ()))

    def _build(self, instance: Any, state: Any) -> Any:
        self.budget.charge_bytes(BYTES_PER_CALL)
        if isinstance(instance, joblib_arrays.Wrapper):
            self.load_state.require_complete(state)
            return self._read_array(joblib_arrays.parse_header(state))
        self.load_state.set_state(instance, state)
        return instance

    def _read_array(self, header: joblib_arrays.ArrayHeader) -> Any:
        if not header.dtype.hasobject:
            return joblib_arrays.read_array(self.reader, header)
        # The elements of an array of objects are another pickle inside the file.
        array = type(self)(self.reader, self.budget, self.grants, self.load_state, self.depth + 1).load()
        if not (type(array) is np.ndarray and array.dtype == object and array.shape == header.shape):
            raise ArtifactRefused(joblib_arrays.NOT_AS_JOBLIB)
        return array

"""Reads what an artifact wants, importing nothing and calling nothing."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import Any, ClassVar

from webapp.errors import ArtifactRefused
from webapp.models.gate import joblib_arrays
from webapp.models.gate.allow_list import Grants, Use
from webapp.models.gate.budget import NAME, Budget
from webapp.models.gate.dtypes import MAX_FIELDS, new_dtype, rebuilt
from webapp.models.gate.machine import Machine
from webapp.models.gate.names import DTYPE, RECONSTRUCTOR, WRAPPER, is_version, spelled
from webapp.models.gate.reader import UNPACKING_ERRORS, BoundedReader


@dataclass(eq=False)
class Symbol:
    """Stands for a name."""

    module: str
    name: str
    inert: ClassVar[bool] = True

    @property
    def key(self) -> tuple[str, str]:
        return self.module, self.name


@dataclass(eq=False)
class Thing:
    """Stands for what a name would make."""

    of: Any
    args: Any = ()
    state: Any = None
    inert: ClassVar[bool] = True


@dataclass(frozen=True)
class Inspection:
    """What a dry run found."""

    #: Each name with all uses that the file makes of it.
    names: dict[tuple[str, str], frozenset[Use]]
    #: The name of what the file holds, if it is an instance.
    holds: tuple[str, str] | None = None
    #: The version of scikit-learn that made it.
    made_with: str | None = None
    #: Why the walk ended before the file did; then there may be more names.
    problem: str | None = None

    def refused(self, grants: Grants) -> list[tuple[str, str, Use]]:
        """Give the uses that are not granted."""
        return [
            (module, name, use)
            for (module, name), uses in sorted(self.names.items())
            for use in sorted(uses)
            if not grants.allows(module, name, use)
        ]


def inspect(data: bytes) -> Inspection:
    """Follow the bytes of an artifact with inert stand-ins and list every name that they use."""
    names: dict[tuple[str, str], set[Use]] = {}
    versions: list[str] = []
    root, problem = None, None
    try:
        reader = BoundedReader(data)
        machine = _DryRun(reader, Budget(len(data)))
        machine.names, machine.versions = names, versions
        root = machine.load()
        if not reader.at_end():
            problem = "Something follows after its end."
    except ArtifactRefused as error:
        problem = error.message
    except (*UNPACKING_ERRORS, Exception):
        # Whatever a damaged stream does to the machine, it has run nothing.
        problem = "The file is damaged."
    return Inspection(
        # A name that was neither called nor made an instance of was only mentioned.
        names={key: frozenset(uses or {Use.REF}) for key, uses in names.items()},
        holds=_name_of(root),
        made_with=versions[0] if versions else None,
        problem=problem,
    )


def _name_of(root: Any) -> tuple[str, str] | None:
    made_by = root.of if isinstance(root, Thing) else None
    return made_by.key if isinstance(made_by, Symbol) else None


class _DryRun(Machine):
    """Makes inert things and notes how each name is used."""

    dispatch: ClassVar[dict[int, Any]] = dict(Machine.dispatch)
    names: dict[tuple[str, str], set[Use]]
    versions: list[str]

    def inner(self) -> Any:
        machine = type(self)(self.reader, self.budget, self.depth + 1)
        machine.names, machine.versions = self.names, self.versions
        return machine.load()

    def find_class(self, module: str, name: str) -> Symbol:
        self.budget.instruction(NAME)
        symbol = Symbol(*spelled(module, name, self.proto))
        self.names.setdefault(symbol.key, set())
        return symbol

    def load_reduce(self) -> None:
        args = self.stack.pop()
        function = self.stack.pop()
        self.append(self._called(function, args))

    dispatch[pickle.REDUCE[0]] = load_reduce

    def load_newobj(self) -> None:
        args = self.stack.pop()
        self.append(self._made(self.stack.pop(), args))

    dispatch[pickle.NEWOBJ[0]] = load_newobj

    def load_build(self) -> None:
        state = self.stack.pop()
        target = self.stack[-1]
        if isinstance(target, joblib_arrays.Wrapper):
            self.stack[-1] = self._pass_over(state)
        elif isinstance(target, Thing):
            target.state = state
            if isinstance(state, dict) and is_version(state.get("_sklearn_version")):
                self.versions.append(state["_sklearn_version"])

    dispatch[pickle.BUILD[0]] = load_build

    def _a(self, target: Any, *kinds: type) -> Any:
        # Dicts and lists with a class of their own are filled like plain ones; a thing takes no harm.
        return kinds[0]() if isinstance(target, Thing) else super()._a(target, *kinds)

    def _called(self, function: Any, args: Any) -> Any:
        if not isinstance(function, Symbol):
            raise ArtifactRefused("It calls something that is no name.")
        if function.key == RECONSTRUCTOR and isinstance(args, tuple) and args:
            self.names[function.key].add(Use.CALL)
            return self._made(args[0], ())
        self.names[function.key].add(Use.CALL)
        for arg in args if isinstance(args, tuple) else ():
            self._note_argument(arg)
        return Thing(function, args)

    def _note_argument(self, value: Any) -> None:
        if isinstance(value, Symbol):
            self.names[value.key].add(Use.ARG)

    def _made(self, made: Any, args: Any) -> Any:
        if not isinstance(made, Symbol):
            raise ArtifactRefused("It makes an instance of something that is no name.")
        self.names[made.key].add(Use.NEW)
        return joblib_arrays.Wrapper() if made.key == WRAPPER else Thing(made, args)

    def _pass_over(self, state: Any) -> Thing:
        if isinstance(state, dict) and len(state) <= len(joblib_arrays.KNOWN) and "dtype" in state:
            self._note_argument(state.get("subclass"))
            state = state | {"dtype": _dtype(state["dtype"])}
        array = joblib_arrays.described(state)
        if array.dtype.hasobject:
            self.inner()
        else:
            joblib_arrays.skip(self.reader, array)
        return Thing(None, state=array)


def _dtype(thing: Any, *, inside: bool = False) -> Any:
    """Make the dtype that an inert thing stands for."""
    if not (isinstance(thing, Thing) and isinstance(thing.of, Symbol) and thing.of.key == DTYPE):
        raise ArtifactRefused("It wraps an array in a way that joblib does not.")
    made, state = new_dtype(thing.args), thing.state
    if state is None:
        return made
    if isinstance(state, tuple) and len(state) > 4 and isinstance(state[4], dict):
        if inside or len(state[4]) > MAX_FIELDS:
            raise ArtifactRefused("It describes an array in a way that no model needs.")
        fields = {name: (_dtype(field[0], inside=True), *field[1:]) for name, field in state[4].items()}
        state = (*state[:4], fields, *state[5:])
    return rebuilt(made, state)

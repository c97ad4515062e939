"""The dry run: lists the names that an artifact uses, importing nothing and calling nothing."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from typing import Any, ClassVar

from webapp.cell.gate import joblib_arrays
from webapp.cell.gate.allow_list import Grants, Use
from webapp.cell.gate.booster_versions import version_of
from webapp.cell.gate.budget import INSTRUCTIONS_PER_NAME, Budget
from webapp.cell.gate.dtypes import MAX_FIELDS, new_dtype, rebuild_dtype
from webapp.cell.gate.machine import Machine
from webapp.cell.gate.names import DTYPE, RECONSTRUCTOR, WRAPPER, current_spelling
from webapp.cell.gate.plain_values import is_version
from webapp.cell.gate.reader import UNPACKING_ERRORS, BoundedReader
from webapp.errors import ArtifactRefused


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
class InertObject:
    """Stands for what a call returns, or for an instance."""

    source: Any
    args: Any = ()
    state: Any = None
    inert: ClassVar[bool] = True


@dataclass(frozen=True)
class Inspection:
    """The result of a dry run."""

    #: Each name with all uses that the file makes of it.
    names: dict[tuple[str, str], frozenset[Use]]
    #: The version of scikit-learn that wrote the file.
    made_with: str | None = None
    #: The versions of XGBoost and LightGBM that wrote the models in it.
    boosters: tuple[str, ...] = ()
    #: Why the dry run stopped before the end of the file, which may then use more names.
    problem: str | None = None

    def refused_uses(self, grants: Grants) -> list[tuple[str, str, Use]]:
        """Return the uses that are not granted."""
        return [
            (module, name, use)
            for (module, name), uses in sorted(self.names.items())
            for use in sorted(uses)
            if not grants.allows(module, name, use)
        ]


@dataclass
class _Notes:
    """What the dry run has seen so far, in the file and in the streams inside it."""

    uses: dict[tuple[str, str], set[Use]] = field(default_factory=dict)
    versions: list[str] = field(default_factory=list)
    #: Whether it may call what other calls returned, and use names inside of classes.
    is_open: bool = False
    boosters: list[str] = field(default_factory=list)


def inspect(data: bytes, grants: Grants | None = None) -> Inspection:
    """Follow the bytes of an artifact with inert stand-ins and list every name that they use."""
    notes = _Notes(is_open=bool(grants and grants.modules))
    problem = None
    try:
        reader = BoundedReader(data)
        _DryRun(reader, Budget(len(data)), notes).load()
        if not reader.is_at_end():
            problem = "It has more data after its end."
    except ArtifactRefused as error:
        problem = error.message
    except MemoryError:
        raise
    except (*UNPACKING_ERRORS, Exception):
        # Whatever a damaged stream does to the machine, nothing from it has run.
        problem = "The file is damaged."
    return Inspection(
        # A name that was neither called, nor passed to a call, nor instantiated was only mentioned.
        names={key: frozenset(uses or {Use.REF}) for key, uses in notes.uses.items()},
        made_with=notes.versions[0] if notes.versions else None,
        boosters=tuple(dict.fromkeys(notes.boosters)),
        problem=problem,
    )


class _DryRun(Machine):
    """Creates inert objects and notes how each name is used."""

    dispatch: ClassVar[dict[int, Any]] = dict(Machine.dispatch)

    def __init__(self, reader: BoundedReader, budget: Budget, notes: _Notes, depth: int = 0) -> None:
        super().__init__(reader, budget, depth)
        self.notes = notes

    def find_class(self, module: str, name: str) -> Symbol:
        self.budget.charge_instructions(INSTRUCTIONS_PER_NAME)
        is_inner = self.notes.is_open and isinstance(name, str) and "." in name
        symbol = Symbol(module, name) if is_inner else Symbol(*current_spelling(module, name, self.proto))
        self.notes.uses.setdefault(symbol.key, set())
        return symbol

    def load_reduce(self) -> None:
        args = self.stack.pop()
        function = self.stack.pop()
        self.append(self._call(function, args))

    dispatch[pickle.REDUCE[0]] = load_reduce

    def load_newobj(self) -> None:
        args = self.stack.pop()
        self.append(self._instantiate(self.stack.pop(), args))

    dispatch[pickle.NEWOBJ[0]] = load_newobj

    def load_build(self) -> None:
        state = self.stack.pop()
        target = self.stack[-1]
        if isinstance(target, joblib_arrays.Wrapper):
            self.stack[-1] = self._skip_array(state)
        elif isinstance(target, InertObject):
            target.state = state
            if isinstance(state, dict) and is_version(state.get("_sklearn_version")):
                self.notes.versions.append(state["_sklearn_version"])
            if isinstance(target.source, Symbol) and (version := version_of(target.source.key, state)):
                self.notes.boosters.append(version)

    dispatch[pickle.BUILD[0]] = load_build

    def _require_container(self, target: Any, *kinds: type) -> Any:
        # An instance of a subclass of dict or list gets items like a plain one; here they are thrown away.
        return kinds[0]() if isinstance(target, InertObject) else super()._require_container(target, *kinds)

    def _call(self, function: Any, args: Any) -> Any:
        if self.notes.is_open and isinstance(function, InertObject):
            return InertObject(function, args)
        if not isinstance(function, Symbol):
            raise ArtifactRefused("It calls something that is not a named function or class.")
        self.notes.uses[function.key].add(Use.CALL)
        if function.key == RECONSTRUCTOR and isinstance(args, tuple) and args:
            return self._instantiate(args[0], ())
        for arg in args if isinstance(args, tuple) else ():
            self._note_argument(arg)
        return InertObject(function, args)

    def _note_argument(self, value: Any) -> None:
        if isinstance(value, Symbol):
            self.notes.uses[value.key].add(Use.ARG)

    def _instantiate(self, kind: Any, args: Any) -> Any:
        if self.notes.is_open and isinstance(kind, InertObject):
            return InertObject(kind, args)
        if not isinstance(kind, Symbol):
            raise ArtifactRefused("It creates an instance of something that is not a named class.")
        self.notes.uses[kind.key].add(Use.NEW)
        return joblib_arrays.Wrapper() if kind.key == WRAPPER else InertObject(kind, args)

    def _skip_array(self, state: Any) -> InertObject:
        if isinstance(state, dict) and len(state) <= len(joblib_arrays.KNOWN) and "dtype" in state:
            self._note_argument(state.get("subclass"))
            state = state | {"dtype": _real_dtype(state["dtype"])}
        header = joblib_arrays.parse_header(state)
        if header.dtype.hasobject:
            # The elements of an array of objects are another pickle inside the file.
            type(self)(self.reader, self.budget, self.notes, self.depth + 1).load()
        else:
            joblib_arrays.skip_array(self.reader, header)
        return InertObject(None, state=header)


def _real_dtype(stand_in: Any, *, is_field: bool = False) -> Any:
    """Build the dtype that an inert object stands for."""
    if not (isinstance(stand_in, InertObject) and isinstance(stand_in.source, Symbol) and stand_in.source.key == DTYPE):
        raise ArtifactRefused(joblib_arrays.NOT_AS_JOBLIB)
    dtype, state = new_dtype(stand_in.args), stand_in.state
    if state is None:
        return dtype
    if isinstance(state, tuple) and len(state) > 4 and isinstance(state[4], dict):
        if is_field or len(state[4]) > MAX_FIELDS:
            raise ArtifactRefused("It describes an array in a way that no model needs.")
        fields = {name: (_real_dtype(part[0], is_field=True), *part[1:]) for name, part in state[4].items()}
        state = (*state[:4], fields, *state[5:])
    return rebuild_dtype(dtype, state)

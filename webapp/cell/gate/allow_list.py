"""The allow-list: which names an artifact may use, how, and what is said of one that is not on it."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from pathlib import Path

from webapp.cell.gate.open_load import installed_modules
from webapp.models.environment_needs import BY_VALUE, PACKAGES
from webapp.types import INSTALLED, Word

LIST = Path(__file__).with_name("allowed_types.txt")


#: The modules whose functions are used by those that write a function or class with its code instead of its name.
PARTS_BY_VALUE = ("builtins", "types", "_operator", "__builtin__")
WRITTEN_BY_VALUE = (
    "It holds the code of a function or class of your own, as cloudpickle and dill write it, and Scoredesk runs no "
    "code from a file. Move it into an installed module, import it from there and dump the model again."
)


#: The module of what was defined in the notebook or script that dumped the model.
MAIN = "__main__"
ADD = "flask --app wsgi environments add NAME --with FOLDER (docs/your-own-model.md)"
#: Modules of values that a model can keep otherwise.
VALUES = {"decimal", "fractions", "pathlib", "uuid", "zoneinfo"}
#: Modules of which what is not on the list is refused for a reason.
NOT_YOURS = sys.stdlib_module_names | {"__builtin__", "joblib", "numpy", "pandas", "scipy", "sklearn", "webapp"}


class Use(Word):
    """What an artifact may do with a name."""

    #: Mention it, as a value of an attribute.
    REF = "ref"
    #: Create an instance without calling its constructor, and set its attributes.
    NEW = "new"
    #: Call it with arguments that the name's own rule has checked.
    CALL = "call"
    #: Pass it to a call, but never keep it.
    ARG = "arg"


@dataclass(frozen=True)
class Grants:
    """The allowed names, each with its uses."""

    uses: dict[tuple[str, str], frozenset[Use]]
    #: Names that the operator trusts in addition to the list. Their own code runs when they are loaded.
    trusted: frozenset[tuple[str, str]] = frozenset()
    #: Modules and packages of which everything may be used.
    modules: frozenset[str] = frozenset()

    @classmethod
    def of(cls, trusted: Collection[str] = ()) -> Grants:
        """Read the list and add each ``package.module.Name`` that the operator trusts."""
        if INSTALLED in trusted:
            # Skorch keeps print, where it is told to write what it does while it is fitted.
            printing = {("builtins", "print"): frozenset((Use.REF,))}
            return cls(uses=_read_list() | printing, modules=installed_modules())
        added = frozenset((module, name) for module, _, name in (path.rpartition(".") for path in trusted))
        # Whatever is in the program that the file names as its own, it is not in this one.
        added = frozenset(key for key in added if key[0] != MAIN)
        listed = _read_list()
        extra = {key: listed.get(key, frozenset()) | {Use.REF, Use.NEW} for key in added}
        extra |= {key: extra[key] | {Use.CALL} for key in added if is_enumeration(*key)}
        return cls(uses=listed | extra, trusted=added)

    def allows(self, module: str, name: str, use: Use) -> bool:
        """Return whether this use of a name is granted; what may be mentioned may also be passed to a call."""
        if module.partition(".")[0] in self.modules:
            return True
        granted = self.uses.get((module, name), frozenset())
        return use in granted or (use is Use.ARG and Use.REF in granted)


def is_enumeration(module: str, name: str) -> bool:
    """Return whether a name that the operator trusts is an Enum, of which a file calls the class to name a member."""
    # The zygote has imported it already; if it can't be imported, the refusal says so.
    with suppress(Exception):
        found = getattr(import_module(module), name)
        return isinstance(found, type) and issubclass(found, Enum)
    return False


def refusal(refused: Sequence[tuple[str, str, Use]], trusted: Collection[tuple[str, str]] = ()) -> str:
    """Return the sentences that refuse an artifact for these uses: first what can't be helped, each with what to do."""
    by_value = [each for each in refused if each[0].startswith(BY_VALUE)]
    own = [each for each in refused if each[0] == MAIN]
    called = [each for each in refused if each[:2] in trusted]
    # A function that was written by value is put together with functions of these modules.
    tools = PARTS_BY_VALUE if by_value else ()
    known = [*by_value, *own, *called]
    others = [each for each in refused if each not in known and each[0] not in tools]
    sentences = [*_not_on_the_list(others), *_called(called), *([WRITTEN_BY_VALUE] if by_value else [])]
    return " ".join([*sentences, *_your_own(own)])


def _not_on_the_list(refused: Sequence[tuple[str, str, Use]]) -> Iterator[str]:
    names = list(dict.fromkeys(f"{module}.{name}" for module, name, _ in refused))
    if not names:
        return
    more = f" and {len(names) - 1} more, which are" if len(names) > 1 else ", which is"
    yield f"It needs {names[0]}{more} not on the list of allowed types."
    tops = {module.partition(".")[0] for module, _, _ in refused}
    if tops <= VALUES:
        yield "Keep a number or a text in its place, fit and dump the model again."
    elif not tops <= NOT_YOURS | PACKAGES.keys():
        yield f"If you trust that code, name it in TRUSTED_TYPES (docs/security.md), or add an environment: {ADD}."


def _called(refused: Sequence[tuple[str, str, Use]]) -> Iterator[str]:
    for name in dict.fromkeys(f"{module}.{name}" for module, name, _ in refused):
        yield (
            f"It calls {name} while it is read. TRUSTED_TYPES lets a file set attributes of {name}, but not call it. "
            "Keep a dict or plain values in its place, fit and dump the model again, or add an environment with its "
            f"module: {ADD}."
        )


def _your_own(refused: Sequence[tuple[str, str, Use]]) -> Iterator[str]:
    names = list(dict.fromkeys(f"{module}.{name}" for module, name, _ in refused))
    if not names:
        return
    kind = "class" if refused[0][2] is Use.NEW else "function"
    name = refused[0][1]
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    yield (
        f"It needs your own {kind} {names[0]}{more}, which is in the notebook or script that dumped it. Move it into a "
        "module, such as features.py, import it from there, fit and dump the model again, and name it in TRUSTED_TYPES "
        f"(features.{name}), or add an environment with that module: {ADD}."
    )


@cache
def _read_list() -> dict[tuple[str, str], frozenset[Use]]:
    uses_by_name = {}
    for line in LIST.read_text().splitlines():
        if line and not line.startswith("#"):
            uses, module, name = line.split()
            uses_by_name[module, name] = frozenset(map(Use, uses.split(",")))
    return uses_by_name

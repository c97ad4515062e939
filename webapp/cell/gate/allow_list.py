"""The allow-list: which names an artifact may use, how, and what is said of one that is not on it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from webapp.cell.gate.open_load import installed_modules
from webapp.models.environment_needs import BY_VALUE
from webapp.types import INSTALLED, Word

LIST = Path(__file__).with_name("allowed_types.txt")


#: The modules whose functions are used by those that write a function or class with its code instead of its name.
PARTS_BY_VALUE = ("builtins", "types", "_operator", "__builtin__")
WRITTEN_BY_VALUE = (
    "It holds the code of a function or class of your own, as cloudpickle and dill write it, and Scoredesk runs no "
    "code from a file. Move it into an installed module, import it from there and dump the model again."
)


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
            return cls(uses=_read_list(), modules=installed_modules())
        added = frozenset((module, name) for module, _, name in (path.rpartition(".") for path in trusted))
        extra = dict.fromkeys(added, frozenset((Use.REF, Use.NEW)))
        return cls(uses=_read_list() | extra, trusted=added)

    def allows(self, module: str, name: str, use: Use) -> bool:
        """Return whether this use of a name is granted; what may be mentioned may also be passed to a call."""
        if module.partition(".")[0] in self.modules:
            return True
        granted = self.uses.get((module, name), frozenset())
        return use in granted or (use is Use.ARG and Use.REF in granted)


def refusal(refused: Sequence[tuple[str, str, Use]]) -> str:
    """Return the sentences that refuse an artifact for these uses: first what can't be helped, each with what to do."""
    by_value = [each for each in refused if each[0].startswith(BY_VALUE)]
    own = [each for each in refused if each[0] == "__main__"]
    # A function that was written by value is put together with functions of these modules.
    tools = PARTS_BY_VALUE if by_value else ()
    others = [each for each in refused if each not in by_value and each not in own and each[0] not in tools]
    return " ".join([*_not_on_the_list(others), *([WRITTEN_BY_VALUE] if by_value else []), *_your_own(own)])


def _not_on_the_list(refused: Sequence[tuple[str, str, Use]]) -> Iterator[str]:
    names = list(dict.fromkeys(f"{module}.{name}" for module, name, _ in refused))
    if not names:
        return
    more = f" and {len(names) - 1} more, which are" if len(names) > 1 else ", which is"
    yield f"It needs {names[0]}{more} not on the list of allowed types."


def _your_own(refused: Sequence[tuple[str, str, Use]]) -> Iterator[str]:
    names = list(dict.fromkeys(f"{module}.{name}" for module, name, _ in refused))
    if not names:
        return
    kind = "class" if refused[0][2] is Use.NEW else "function"
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    yield (
        f"It needs your own {kind} {names[0]}{more}. Move it into a module, import it from there, fit and dump the "
        "model again, and add an environment with that module: flask --app wsgi environments add NAME --with FOLDER "
        "(docs/your-own-model.md)."
    )


@cache
def _read_list() -> dict[tuple[str, str], frozenset[Use]]:
    uses_by_name = {}
    for line in LIST.read_text().splitlines():
        if line and not line.startswith("#"):
            uses, module, name = line.split()
            uses_by_name[module, name] = frozenset(map(Use, uses.split(",")))
    return uses_by_name

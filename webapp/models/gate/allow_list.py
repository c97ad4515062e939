"""The allow-list: which names an artifact may use, and how."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

LIST = Path(__file__).with_name("allowed_types.txt")


class Use(StrEnum):
    """What an artifact may do with a name."""

    #: Mention it, as a value of an attribute.
    REF = "ref"
    #: Make an instance without calling its constructor, and set its attributes.
    NEW = "new"
    #: Call it with arguments that a rule of its own has seen.
    CALL = "call"
    #: Hand it to a call, but never keep it.
    ARG = "arg"


@dataclass(frozen=True)
class Grants:
    """The names that are allowed, each with its uses."""

    uses: dict[tuple[str, str], frozenset[Use]]
    #: Names that the operator trusts beyond the list, whose own code runs when they are loaded.
    trusted: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, trusted: Iterable[str] = ()) -> Grants:
        """Read the list and add ``package.module.Name`` for each name the operator trusts."""
        added = frozenset((module, name) for module, _, name in (each.rpartition(".") for each in trusted))
        extra = dict.fromkeys(added, frozenset((Use.REF, Use.NEW)))
        return cls(uses=_read_list() | extra, trusted=added)

    def allows(self, module: str, name: str, use: Use) -> bool:
        granted = self.uses.get((module, name), frozenset())
        return use in granted or (use is Use.ARG and Use.REF in granted)


@cache
def _read_list() -> dict[tuple[str, str], frozenset[Use]]:
    found = {}
    for line in LIST.read_text().splitlines():
        if line and not line.startswith("#"):
            uses, module, name = line.split()
            found[module, name] = frozenset(map(Use, uses.split(",")))
    return found

"""The table of what was compared: each class, what it tells apart, its settings, and the versions it was made with.

``tests/other_versions`` makes it. Nothing is written into it by hand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import sklearn

TABLE = Path(__file__).with_name("compared.json")
Minor = tuple[int, ...]


@dataclass(frozen=True)
class Part:
    """An instance in a file, by what decides whether it may be read."""

    #: The module and the name of its class.
    name: str
    #: What a classifier tells apart: two classes ("binary"), more ("multiclass") or several outputs ("outputs");
    #: "any" of an estimator that is not fitted, or does not say; "other" of all else.
    task: str
    #: Its attributes that are words, yes or no, or None.
    settings: tuple[tuple[str, Any], ...]


def minor_of(version: str) -> Minor:
    """Return the first two numbers of a version; nothing if it has none."""
    numbers = version.split(".")[:2]
    return tuple(map(int, numbers)) if all(number.isdecimal() and number.isascii() for number in numbers) else ()


@cache
def read_table() -> dict[str, Any]:
    """Read the table."""
    table: dict[str, Any] = json.loads(TABLE.read_text())
    return table


def compared_minors() -> list[Minor]:
    """Return the minor versions whose files were compared with the one that is installed."""
    table = read_table()
    is_current = minor_of(sklearn.__version__) == minor_of(table["read_with"])
    return [minor_of(each) for each in table["made_with"]] if is_current else []


def missing(part: Part, made_with: Minor) -> str | None:
    """Return, in words, what of a part was not compared; None if all was."""
    kind = part.name.rpartition(".")[2]
    version = ".".join(map(str, made_with))
    rows = [
        row
        for row in read_table()["classes"].get(part.name, ())
        if version in row["made_with"] and part.task in ("any", row["task"])
    ]
    if not rows:
        return kind
    wrong = [_uncompared(dict(part.settings), row["settings"]) for row in rows]
    if not all(wrong):
        return None
    return f"{kind} with {wrong[0]}"


def _uncompared(settings: Mapping[str, Any], compared: Mapping[str, Sequence[Any]]) -> str | None:
    for name, values in compared.items():
        if name in settings and not any(settings[name] is value or settings[name] == value for value in values):
            return f"{name}={settings[name]!r:.50}"
    return None

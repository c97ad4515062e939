"""The names of inputs as clients write them: near misses, and pandas' numbers for columns without names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from webapp.types import Signature

#: Among how many names a similar one is looked for; comparing with each takes time.
MAX_COMPARED = 200
#: How alike two names must be, from 0 to 1, for one to be a misspelling of the other.
MIN_SIMILARITY = 0.85
#: How much of a name is compared.
MAX_LENGTH = 100


def closest_name(name: str, names: Collection[str]) -> str | None:
    """Return the name that was probably meant by one that is not among the names, if there is one.

    Names that differ in a digit, as A12 and A13 do, are two names and no misspelling. Where two names could be meant,
    as A+ and A- by a, none is returned.
    """
    by_plain, sent = _by_plain(tuple(names)), _plain(name)
    meant = by_plain.get(sent, ()) if sent else ()
    if sent and not meant and len(by_plain) <= MAX_COMPARED:
        alike = [plain for plain in by_plain if _digits(plain) == _digits(sent)]
        close = get_close_matches(sent[:MAX_LENGTH], alike, 1, MIN_SIMILARITY)
        meant = by_plain[close[0]] if close else ()
    return meant[0] if len(meant) == 1 else None


@lru_cache(maxsize=64)
def _by_plain(names: tuple[str, ...]) -> Mapping[str, Sequence[str]]:
    """Return the names by what is left of them without what is easily mistaken."""
    by_plain: dict[str, list[str]] = {}
    for name in names:
        by_plain.setdefault(_plain(name), []).append(name)
    return by_plain


def _digits(name: str) -> str:
    return "".join(filter(str.isdigit, name))


def _plain(name: str) -> str:
    """Return a name without what is easily mistaken: its case, and the signs between its words."""
    return "".join(filter(str.isalnum, name.casefold()))


def numbers(signature: Signature) -> dict[str, str]:
    """Return the input for each number that pandas gives to a column without a name; empty if the inputs have names."""
    if signature.layout != "array":
        return {}
    return {str(place): feature.name for place, feature in enumerate(signature.features)}


def with_names(row: Mapping[str, Any], by_number: Mapping[str, str]) -> Mapping[str, Any]:
    """Return a row, or columns, under the names of the inputs, if all of them go by their numbers."""
    if not by_number or not row.keys() <= by_number.keys():
        return row
    return {by_number[number]: value for number, value in row.items()}

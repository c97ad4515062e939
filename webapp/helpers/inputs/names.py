"""The names of inputs as clients write them: near misses, and pandas' numbers for columns without names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

from webapp.types import Signature

#: How many inputs a model may have for a similar name to be looked for; comparing with each takes time.
MAX_COMPARED = 200


def closest_name(name: str, names: Collection[str]) -> str | None:
    """Return the name that was probably meant by one that no input has, if there is one."""
    plain = {_plain(each): each for each in names}
    if _plain(name) in plain:
        return plain[_plain(name)]
    close = get_close_matches(_plain(name[:100]), plain, n=1, cutoff=0.8) if len(plain) <= MAX_COMPARED else []
    return plain[close[0]] if close else None


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

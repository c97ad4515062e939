"""The names of inputs as clients write them: pandas' numbers for columns without names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webapp.types import Signature


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

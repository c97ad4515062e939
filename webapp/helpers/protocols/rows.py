"""From rows of any shape to objects of feature names and values, for the schema to check."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from webapp.errors import InvalidInput
from webapp.helpers.formatting import number
from webapp.types import Signature


def refuse_more(count: int, most: int) -> None:
    """Refuse more rows than one request may hold, before a second is spent on reading them.

    Raises
    ------
    InvalidInput
    """
    if count > most:
        raise InvalidInput(f"Send 1 to {number(most)} instances in one request.")


def by_names(rows: Sequence[object], signature: Signature, most: int) -> list[Any]:
    """Name the values of each row.

    Raises
    ------
    InvalidInput
    """
    refuse_more(len(rows), most)
    return [by_name(row, signature) for row in rows]


def by_name(row: object, signature: Signature) -> Any:
    """Name the values of one row: an object already does, a list follows the order of the model's features.

    Raises
    ------
    InvalidInput
        When a list is not as long as the model has features.
    """
    if isinstance(row, dict):
        return without_nan(row)
    values = row if isinstance(row, list) else [row]
    names = [feature.name for feature in signature.features]
    if len(values) != len(names):
        raise InvalidInput(f"A row of this model has {len(names)} values, not {len(values)}.")
    return without_nan(dict(zip(names, values, strict=True)))


def from_columns(columns: Mapping[str, Sequence[Any]], most: int) -> list[dict[str, Any]]:
    """Turn columns of the same length into rows.

    Raises
    ------
    InvalidInput
        When they differ in length, or are longer than ``most``.
    """
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise InvalidInput("All columns must be of the same length.")
    refuse_more(max(lengths, default=0), most)
    return [without_nan(dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def known_only(row: dict[str, Any], signature: Signature) -> dict[str, Any]:
    """Leave out what is no input of the model, where a protocol says that it doesn't matter."""
    names = {feature.name for feature in signature.features}
    return {name: value for name, value in row.items() if name in names}


def without_nan(row: dict[str, Any]) -> dict[str, Any]:
    """Take NaN for a blank, as numpy and pandas mean it."""
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in row.items()}

"""Turns rows of any shape into objects of feature names and values, for the schema to check."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from webapp.errors import InvalidInput
from webapp.helpers.formatting import listing, number
from webapp.helpers.inputs.messages import instances_wanted, listed, not_an_input, printable
from webapp.helpers.inputs.names import numbers
from webapp.types import Notice, Signature

#: How many columns that a table lacks are named.
MAX_MISSING = 10


def check_row_count(count: int, max_rows: int) -> None:
    """Refuse more rows than one request may hold, before any time is spent on reading them.

    Raises
    ------
    InvalidInput
    """
    if count > max_rows:
        raise InvalidInput(instances_wanted(max_rows, count))


def name_rows(rows: Sequence[object], signature: Signature, max_rows: int) -> list[Any]:
    """Name the values of each row.

    Raises
    ------
    InvalidInput
    """
    check_row_count(len(rows), max_rows)
    return [name_row(row, signature) for row in rows]


def name_row(row: object, signature: Signature) -> Any:
    """Name the values of one row: an object has names already, a list follows the order of the model's features.

    Raises
    ------
    InvalidInput
        When a list has more or fewer values than the model has features.
    """
    if isinstance(row, dict):
        return nan_to_blank(row)
    values = row if isinstance(row, list) else [row]
    names = [feature.name for feature in signature.features]
    if len(values) != len(names):
        raise InvalidInput(f"A row of this model has {len(names)} values, not {len(values)}.")
    return nan_to_blank(dict(zip(names, values, strict=True)))


def rows_from_columns(columns: Mapping[str, Sequence[Any]], max_rows: int) -> list[dict[str, Any]]:
    """Turn columns of the same length into rows.

    Raises
    ------
    InvalidInput
        When they differ in length, or are longer than ``max_rows``.
    """
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise InvalidInput("All columns must have the same length.")
    check_row_count(max(lengths, default=0), max_rows)
    return [nan_to_blank(dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def check_columns(columns: Collection[str], signature: Signature) -> None:
    """Check that a table has a column for each input and no other; otherwise a wrong name would be a blank.

    Raises
    ------
    InvalidInput
    """
    names, sent = {feature.name: None for feature in signature.features}, set(columns)
    if sent and sent in (names.keys(), numbers(signature).keys()):
        return
    unknown = [name for name in columns if name not in names]
    errors = listed(unknown, len(unknown), lambda name: Notice(loc=(printable(name),), msg=not_an_input(name, names)))
    if missing := [printable(name) for name in names if name not in sent]:
        more = len(missing) - MAX_MISSING
        named = [*missing[:MAX_MISSING], f"{number(more)} more"] if more > 0 else missing
        errors.append(Notice(loc=(), msg=f"The table has no column for {listing(named)}."))
    raise InvalidInput(errors=errors)


def nan_to_blank(row: dict[str, Any]) -> dict[str, Any]:
    """Replace NaN by a blank, which is what numpy and pandas mean by it."""
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in row.items()}

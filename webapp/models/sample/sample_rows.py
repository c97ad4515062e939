"""Reads the CSV of a sample into instances and targets."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.errors import InvalidInput, NotPublishable
from webapp.helpers.formatting import choice_labels, listing
from webapp.helpers.inputs.schema import InstanceSchema
from webapp.helpers.values import TRUTH, as_value
from webapp.types import Feature, Instance, Signature, Value

BLANK = frozenset(["", "NA", "N/A", "NaN", "nan", "null", "None"])
#: How many errors a sentence names at most.
MAX_NAMED = 3


@dataclass(frozen=True)
class SampleRows:
    """The rows of a sample."""

    instances: Sequence[Instance]
    #: For each output the true value in each row, None where it is blank; empty if no target was given.
    targets: Sequence[Sequence[Value]]


def read_sample(data: bytes, targets: Sequence[str], signature: Signature) -> SampleRows:
    """Read a CSV whose columns have the names of the model's inputs; other columns are ignored.

    Raises
    ------
    NotPublishable
        When it isn't such a CSV, or a row is not valid input for the model.
    """
    header, rows = _table(data)
    if targets and len(targets) != (count := len(signature.outputs)):
        raise NotPublishable(f"The model has {count} output{'s'[: count != 1]}; give --target once for each, in order.")
    if unknown := [target for target in targets if target not in header]:
        raise NotPublishable(f"The sample has no column “{unknown[0]}”.")
    columns = {name: [row[place] for row in rows] for name, place in _columns(header, targets, signature).items()}
    try:
        instances = read_rows(columns, signature)
    except InvalidInput as error:
        named = [f"Row {int(notice.loc[1]) + 1}: {notice.msg}" for notice in error.errors[:MAX_NAMED]]
        raise NotPublishable(f"The sample doesn't fit the model. {' '.join(named)}") from None
    places = [header.index(target) for target in targets]
    readers = [_choice_reader(output.classes) if output.classes else _number for output in signature.outputs]
    read_targets = zip(places, readers, strict=False)
    return SampleRows(instances, [[reader(row[place]) for row in rows] for place, reader in read_targets])


def read_columns(data: bytes, targets: Sequence[str], signature: Signature) -> dict[str, list[str]]:
    """Read the cells of the columns that have the names of the model's inputs.

    Raises
    ------
    NotPublishable
    """
    header, rows = _table(data)
    return {name: [row[place] for row in rows] for name, place in _columns(header, targets, signature).items()}


def read_rows(columns: Mapping[str, Sequence[str]], signature: Signature) -> Sequence[Instance]:
    """Turn the cells of columns into instances.

    Raises
    ------
    InvalidInput
    """
    cell_readers = {feature.name: _reader(feature) for feature in signature.features}
    read = {name: [cell_readers[name](cell) for cell in cells] for name, cells in columns.items()}
    values = [dict(zip(read, row, strict=True)) for row in zip(*read.values(), strict=True)]
    return InstanceSchema(signature, len(values)).validate({"inputs": values})


def _table(data: bytes) -> tuple[list[str], list[list[str]]]:
    try:
        header, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
    except (UnicodeDecodeError, csv.Error, ValueError):
        raise NotPublishable(
            "The sample can't be read. It must be a CSV file in UTF-8 whose first line names the columns."
        ) from None
    rows = [row for row in rows if row]
    if not rows:
        raise NotPublishable("The sample has no rows.")
    if any(len(row) != len(header) for row in rows):
        raise NotPublishable("Some rows of the sample are not as long as its first line.")
    return header, rows


def _columns(header: list[str], targets: Sequence[str], signature: Signature) -> dict[str, int]:
    """Return the column of each feature; a model that was fitted on an array knows columns only by their order."""
    names = [feature.name for feature in signature.features]
    others = [name for name in header if name not in targets]
    if signature.layout == "array" and len(others) == len(names) and not set(names) & set(header):
        return {name: header.index(other) for name, other in zip(names, others, strict=True)}
    missing = [feature.name for feature in signature.features if feature.name not in header and not feature.optional]
    if missing:
        raise NotPublishable(f"The sample has no column for {listing(missing[:MAX_NAMED])}.")
    return {name: header.index(name) for name in names if name in header}


def _reader(feature: Feature) -> Callable[[str], Value]:
    """Return a function that reads one cell; what it can't read stays a text, which the schema refuses."""
    if feature.kind == "text":
        return lambda cell: cell
    if feature.is_date:
        return lambda cell: None if cell in BLANK else cell
    if feature.is_number:
        return _number_or_truth
    return _choice_reader(feature.choices)


def _choice_reader(choices: Sequence[Value]) -> Callable[[str], Value]:
    known = _choices(choices)
    return lambda cell: known.get(cell, None if cell in BLANK else known.get(str(_number(cell)), cell))


def _choices(choices: Sequence[Value]) -> dict[str, Value]:
    """Return each choice under every spelling that a CSV may use for it."""
    labels = zip(choice_labels(tuple(choices)), choices, strict=True)
    lowered = ((str(choice).lower(), choice) for choice in choices if isinstance(choice, bool))
    return {**dict(lowered), **dict(labels), **{str(choice): choice for choice in choices}}


def _number_or_truth(cell: str) -> Any:
    """Read a number; pandas writes True and False for what is 1 and 0 for an estimator, as get_dummies makes."""
    return TRUTH.get(cell.strip().lower(), _number(cell))


def _number(cell: str) -> Any:
    if cell.strip() in BLANK:
        return None
    try:
        return as_value(float(cell))
    except ValueError:
        return cell

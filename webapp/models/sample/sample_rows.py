"""From the CSV of a sample to instances and targets."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.errors import InvalidInput, NotPublishable
from webapp.helpers.formatting import choice_labels, listing
from webapp.helpers.inputs.schema import InstanceSchema
from webapp.helpers.values import as_value
from webapp.types import Feature, Instance, Signature, Value

BLANK = frozenset(["", "NA", "N/A", "NaN", "nan", "null", "None"])
#: Of many mistakes, so many are named.
MAX_NAMED = 3


@dataclass(frozen=True)
class SampleRows:
    """The rows of a sample."""

    instances: Sequence[Instance]
    #: For each output what was right in each row, None where that is blank; empty if no target was given.
    targets: Sequence[Sequence[Value]]


def read_sample(data: bytes, targets: Sequence[str], signature: Signature) -> SampleRows:
    """Read a CSV whose columns are called as the model's inputs are; other columns are left alone.

    Raises
    ------
    NotPublishable
        When it isn't such a CSV, or a row is not what the model takes.
    """
    header, rows = _table(data)
    if targets and len(targets) != (count := len(signature.outputs)):
        raise NotPublishable(f"The model has {count} output{'s'[: count != 1]}; give --target once for each, in order.")
    if unknown := [target for target in targets if target not in header]:
        raise NotPublishable(f"The sample has no column “{unknown[0]}”.")
    columns = _columns(header, targets, signature)
    read = {feature.name: _reader(feature) for feature in signature.features}
    values = [{name: read[name](row[place]) for name, place in columns.items()} for row in rows]
    try:
        instances = InstanceSchema(signature, len(rows)).validate({"inputs": values})
    except InvalidInput as error:
        named = [f"Row {int(each.loc[1]) + 1}: {each.msg}" for each in error.errors[:MAX_NAMED]]
        raise NotPublishable(f"The sample is not what the model takes. {' '.join(named)}") from None
    places = [header.index(target) for target in targets]
    readers = [_choice_reader(output.classes) if output.classes else _number for output in signature.outputs]
    read_targets = zip(places, readers, strict=False)
    return SampleRows(instances, [[reader(row[place]) for row in rows] for place, reader in read_targets])


def _table(data: bytes) -> tuple[list[str], list[list[str]]]:
    try:
        header, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
    except (UnicodeDecodeError, csv.Error, ValueError):
        raise NotPublishable("The sample can't be read as a CSV in UTF-8 with a line of names.") from None
    rows = [row for row in rows if row]
    if not rows:
        raise NotPublishable("The sample has no rows.")
    if any(len(row) != len(header) for row in rows):
        raise NotPublishable("The rows of the sample are not all as long as its first line.")
    return header, rows


def _columns(header: list[str], targets: Sequence[str], signature: Signature) -> dict[str, int]:
    """Tell where each feature stands; a model fitted on an array knows its columns by their order only."""
    names = [feature.name for feature in signature.features]
    others = [name for name in header if name not in targets]
    if signature.layout == "array" and len(others) == len(names) and not set(names) & set(header):
        return {name: header.index(other) for name, other in zip(names, others, strict=True)}
    missing = [each.name for each in signature.features if each.name not in header and not each.optional]
    if missing:
        raise NotPublishable(f"The sample has no column for {listing(missing[:MAX_NAMED])}.")
    return {name: header.index(name) for name in names if name in header}


def _reader(feature: Feature) -> Callable[[str], Value]:
    """Give what reads one cell; what it can't read stays a text, which the schema refuses."""
    if feature.kind == "text":
        return lambda cell: cell
    if feature.kind in ("number", "integer"):
        return _number
    return _choice_reader(feature.choices)


def _choice_reader(choices: Sequence[Value]) -> Callable[[str], Value]:
    known = _choices(choices)
    return lambda cell: known.get(cell, None if cell in BLANK else known.get(str(_number(cell)), cell))


def _choices(choices: Sequence[Value]) -> dict[str, Value]:
    """Know each choice by all ways in which a CSV may write it."""
    labels = zip(choice_labels(tuple(choices)), choices, strict=True)
    lowered = ((str(choice).lower(), choice) for choice in choices if isinstance(choice, bool))
    return {**dict(lowered), **dict(labels), **{str(choice): choice for choice in choices}}


def _number(cell: str) -> Any:
    if cell.strip() in BLANK:
        return None
    try:
        return as_value(float(cell))
    except ValueError:
        return cell

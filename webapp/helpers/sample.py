"""From the CSV of a sample to instances and targets."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.errors import InvalidInput, NotPublishable
from webapp.helpers.schema import InstanceSchema
from webapp.helpers.signature.values import as_value
from webapp.helpers.wording import choice_labels, listing
from webapp.types import Feature, Instance, Signature, Value

BLANK = frozenset(["", "NA", "N/A", "NaN", "nan", "null", "None"])
#: Of many mistakes, so many are named.
MAX_NAMED = 3


@dataclass(frozen=True)
class SampleRows:
    """The rows of a sample; a row whose target is blank has None for it."""

    instances: Sequence[Instance]
    targets: Sequence[Value] | None


def read_sample(data: bytes, target: str | None, signature: Signature) -> SampleRows:
    """Read a CSV whose columns are called as the model's inputs are; other columns are left alone.

    Raises
    ------
    NotPublishable
        When it isn't such a CSV, or a row is not what the model takes.
    """
    header, rows = _table(data)
    if target is not None and target not in header:
        raise NotPublishable(f"The sample has no column “{target}”.")
    columns = _columns(header, target, signature)
    read = {feature.name: _reader(feature) for feature in signature.features}
    values = [{name: read[name](row[place]) for name, place in columns.items()} for row in rows]
    try:
        instances = InstanceSchema(signature, len(rows)).validate({"inputs": values})
    except InvalidInput as error:
        named = [f"Row {int(each.loc[1]) + 1}: {each.msg}" for each in error.errors[:MAX_NAMED]]
        raise NotPublishable(f"The sample is not what the model takes. {' '.join(named)}") from None
    if target is None:
        return SampleRows(instances, None)
    place = header.index(target)
    read_target = _target_reader(signature)
    return SampleRows(instances, [read_target(row[place]) for row in rows])


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


def _columns(header: list[str], target: str | None, signature: Signature) -> dict[str, int]:
    """Tell where each feature stands; a model fitted on an array knows its columns by their order only."""
    names = [feature.name for feature in signature.features]
    others = [name for name in header if name != target]
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
    known = _choices(feature.choices)
    return lambda cell: known.get(cell, None if cell in BLANK else known.get(str(_number(cell)), cell))


def _target_reader(signature: Signature) -> Callable[[str], Value]:
    if len(signature.outputs) > 1:
        raise NotPublishable("The model has several outputs; Scoredesk can measure only one. Leave --target away.")
    if not (classes := signature.outputs[0].classes):
        return _number
    known = _choices(classes)
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

"""Reads the table of a sample into instances and targets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.errors import InvalidInput, NotPublishable
from webapp.helpers.formatting import choice_labels, listing
from webapp.helpers.inputs.form_values import has_texts
from webapp.helpers.inputs.messages import printable
from webapp.helpers.inputs.names import numbers
from webapp.helpers.inputs.schema import InstanceSchema
from webapp.helpers.near_names import closest_name
from webapp.helpers.values import TRUTH, as_value
from webapp.models.sample.csv_table import BLANK, Table, row_numbers
from webapp.types import Feature, Instance, Notice, Signature, Value

#: How many columns an error names at most.
MAX_NAMED = 3


@dataclass(frozen=True)
class SampleRows:
    """The rows of a sample."""

    instances: Sequence[Instance]
    #: For each output the true value in each row, None where it is blank; empty if no target was given.
    targets: Sequence[Sequence[Value]]


def read_sample(table: Table, targets: Sequence[str], signature: Signature) -> SampleRows:
    """Read a table whose columns have the names of the model's inputs; other columns are ignored.

    Raises
    ------
    NotPublishable
        When it isn't such a table, or a row is not valid input for the model.
    """
    header, rows = table.header, table.rows
    if targets and len(targets) != (count := len(signature.outputs)):
        raise NotPublishable(f"The model has {count} output{'s'[: count != 1]}; give --target once for each, in order.")
    if unknown := [target for target in targets if target not in header]:
        raise NotPublishable(f"The sample has no column “{unknown[0]}”.")
    columns = read_columns(table, targets, signature)
    try:
        instances = read_rows(columns, signature)
    except InvalidInput as error:
        raise NotPublishable(f"The sample doesn't fit the model. {' '.join(map(_of_row, error.errors))}") from None
    return SampleRows(instances, _read_targets(header, rows, targets, signature))


def _of_row(error: Notice) -> str:
    """Return an error with the number of its row; the last one may be about all that are not listed."""
    return f"Row {int(error.loc[1]) + 1}: {error.msg}" if error.loc else error.msg


def _read_targets(
    header: list[str], rows: list[list[str]], targets: Sequence[str], signature: Signature
) -> list[list[Value]]:
    """Return the true values of each output.

    Raises
    ------
    NotPublishable
        When a value is not one that the model can answer.
    """
    read, wrong = [], []
    for target, output in zip(targets, signature.outputs, strict=False):
        place, reader = header.index(target), _choice_reader(output.classes) if output.classes else _number
        read.append([reader(row[place]) for row in rows])
        answerable = {(type(label), label) for label in output.classes}
        wrong += [
            number
            for number, value in enumerate(read[-1], 1)
            if value is not None and ((type(value), value) not in answerable if answerable else isinstance(value, str))
        ]
    if wrong:
        raise NotPublishable(f"The model never answers what the target is in {row_numbers(wrong)}.")
    return read


def read_columns(table: Table, targets: Sequence[str], signature: Signature) -> dict[str, list[str]]:
    """Read the cells of the columns that have the names of the model's inputs.

    Raises
    ------
    NotPublishable
    """
    header, rows = table.header, table.rows
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


def _columns(header: list[str], targets: Sequence[str], signature: Signature) -> dict[str, int]:
    """Return the column of each feature; a model that was fitted on an array knows columns only by their order."""
    names = [feature.name for feature in signature.features]
    others = [name for name in header if name not in targets]
    by_number = numbers(signature)
    if by_number and set(others) == by_number.keys():
        return {by_number[number]: header.index(number) for number in others}
    if signature.layout == "array" and len(others) == len(names) and not set(names) & set(header):
        return {name: header.index(other) for name, other in zip(names, others, strict=True)}
    strange = [name for name in others if name not in names]
    meant = {each.name: closest_name(each.name, strange) for each in signature.features if each.name not in header}
    # A column that may be blank may be missing, but not because its name is misspelt.
    missing = [
        each.name for each in signature.features if each.name in meant and (meant[each.name] or not each.optional)
    ]
    if named := missing[:MAX_NAMED]:
        hints = [f" Is “{printable(close)}” meant for {name}?" for name in named if (close := meant[name])]
        raise NotPublishable(f"The sample has no column for {listing(named)}.{''.join(hints)}")
    return {name: header.index(name) for name in names if name in header}


def _reader(feature: Feature) -> Callable[[str], Value]:
    """Return a function that reads one cell; what it can't read stays a text, which the schema refuses."""
    if feature.kind == "text":
        return lambda cell: cell
    if feature.is_date:
        return lambda cell: None if cell in BLANK else cell
    if feature.is_number:
        return _number_or_truth
    read = _choice_reader(feature.choices)
    if feature.new_choices and not has_texts(feature):
        return lambda cell: _number(known) if isinstance(known := read(cell), str) else known
    return read


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

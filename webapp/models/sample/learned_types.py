"""Learns from a sample what inputs are that a model doesn't show: as pandas reads them, if the model agrees."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, islice, product

from webapp.errors import InvalidInput, NotPublishable, PredictionFailed
from webapp.helpers.formatting import listing
from webapp.helpers.inputs.dates import read_date, read_datetime
from webapp.helpers.inputs.form_values import NUMBER
from webapp.helpers.values import TRUTH
from webapp.models.card.fields import CardInputType
from webapp.models.sample.csv_table import BLANK, Table
from webapp.models.sample.sample_rows import read_columns, read_rows
from webapp.models.signature.input_types import with_input_types
from webapp.types import Answer, Feature, InputType, Instance, Signature

WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,15})", re.ASCII)
#: How many rows the model is asked with, and how many ways of reading them are tried.
MAX_ROWS, MAX_TRIES = 200, 64
#: A text with at most this many values, each in this many rows on average, is one of known values.
MAX_VALUES, MIN_ROWS_PER_VALUE, MAX_VALUE_LENGTH = 100, 5, 100
#: Answers instances of a signature.
Predict = Callable[[Sequence[Instance], Signature], Sequence[Answer]]
Options = Mapping[str, Sequence[InputType]]


def learn_types(
    table: Table, targets: Sequence[str], signature: Signature, predict: Predict
) -> dict[str, CardInputType]:
    """Return the types of the inputs whose kind is a guess, or that are true and false in the sample.

    Raises
    ------
    NotPublishable
        When the sample lacks a column, or the model answers it however these inputs are read.
    """
    columns = read_columns(table, targets, signature)
    options = {
        feature.name: found
        for feature in signature.features
        if feature.name in columns and (found := _options(feature, columns[feature.name]))
    }
    if not options:
        return {}
    chosen = _first_that_answers(options, columns, signature, predict)
    return {
        name: CardInputType(
            kind=told.kind,
            dtype=told.dtype or ("text" if told.kind in ("date", "datetime") else None),
            choices=list(told.choices),
            source="sample",
        )
        for name, told in chosen.items()
    }


def _options(feature: Feature, cells: Sequence[str]) -> list[InputType]:
    """Return what a column may be, as pandas reads it first."""
    present = [cell for cell in cells if cell.strip() not in BLANK]
    if not present or feature.source == "card":
        return []
    if feature.has_choices:
        # A text that is a choice here can be one at no other input. A number may be.
        is_shown = feature.guessed and all(isinstance(choice, str) for choice in feature.choices)
        return [InputType(kind=feature.kind)] if is_shown else []
    is_open = feature.guessed or feature.source == "testing"
    if all(cell.strip().lower() in TRUTH for cell in present):
        return [InputType(kind="boolean")] if is_open or feature.unknown else []
    return _open_options(present, is_complete=len(present) == len(cells)) if is_open else []


def _open_options(cells: Sequence[str], *, is_complete: bool) -> list[InputType]:
    text = InputType(kind="text", choices=_known_values(cells))
    number, whole = InputType(kind="number"), InputType(kind="integer", dtype="int64")
    if all(WHOLE.fullmatch(cell) for cell in cells):
        # A column with a blank is one of floats.
        return [whole, number, text] if is_complete else [number, text]
    if all(NUMBER.fullmatch(cell.strip()) for cell in cells):
        has_zeros = any(WHOLE.fullmatch(cell.lstrip("0") or "0") and cell.startswith("0") for cell in cells)
        return [text, number] if has_zeros else [number, text]
    if _are_all(read_date, cells):
        return [InputType(kind="date"), InputType(kind="date", dtype="datetime64"), text]
    if _are_all(read_datetime, cells):
        return [InputType(kind="datetime"), InputType(kind="datetime", dtype="datetime64"), text]
    return [text]


def _are_all(read: Callable[[str], str], cells: Sequence[str]) -> bool:
    try:
        return all(read(cell) for cell in cells)
    except ValueError:
        return False


def _known_values(cells: Sequence[str]) -> tuple[str, ...]:
    values = dict.fromkeys(cells)
    few = len(values) <= MAX_VALUES and len(values) * MIN_ROWS_PER_VALUE <= len(cells)
    return tuple(sorted(values)) if few and all(len(value) <= MAX_VALUE_LENGTH for value in values) else ()


def _first_that_answers(
    options: Options, columns: Mapping[str, Sequence[str]], signature: Signature, predict: Predict
) -> dict[str, InputType]:
    for chosen in islice(_combinations(options), MAX_TRIES):
        if answers := _answers(chosen, columns, signature, predict):
            return _with_better_dates(
                chosen, options, answers, lambda each: _answers(each, columns, signature, predict)
            )
    raise NotPublishable(
        f"The model can't answer the sample, whatever {listing(list(options))} "
        'may be. Say on the card what each is: "inputs": {"name": {"kind": "date"}}.'
    )


def _combinations(options: Options) -> Iterator[dict[str, InputType]]:
    """Yield every way to read the columns, those first in which the fewest are read otherwise than pandas does."""
    usual = {name: each[0] for name, each in options.items()}
    others = [name for name, each in options.items() if len(each) > 1]
    for count in range(len(others) + 1):
        for names in combinations(others, count):
            for kinds in product(*(options[name][1:] for name in names)):
                yield usual | dict(zip(names, kinds, strict=True))


def _with_better_dates(
    chosen: dict[str, InputType], options: Options, answers: set[str], ask: Callable[[dict[str, InputType]], set[str]]
) -> dict[str, InputType]:
    """Hand a date over as a date if that tells the model more than its text; pandas reads a text either way."""
    for name, told in chosen.items():
        if told.kind not in ("date", "datetime") or told.dtype:
            continue
        as_date = {**chosen, name: options[name][1]}
        if len(found := ask(as_date)) > len(answers):
            chosen, answers = as_date, found
    return chosen


def _answers(
    types: Mapping[str, InputType], columns: Mapping[str, Sequence[str]], signature: Signature, predict: Predict
) -> set[str]:
    """Return the different answers to the first rows of the sample; empty if there are none."""
    told = with_input_types(signature, types, "sample")
    few = {name: cells[:MAX_ROWS] for name, cells in columns.items()}
    try:
        return {repr(answer) for answer in predict(read_rows(few, told), told)}
    except (InvalidInput, PredictionFailed):
        return set()

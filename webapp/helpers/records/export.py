"""Writes records as they come, as JSON or CSV, without holding them all."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Protocol
from uuid import UUID

import orjson

from webapp.helpers.records.as_csv import defused
from webapp.helpers.records.as_json import record_json
from webapp.types import Prediction

INPUT = "input "
#: Holds, as JSON, the inputs that have no column of their own.
OTHERS = "other inputs"


class Part(Protocol):
    """Some of the records, where the next begin, and whether something is missing after them."""

    @property
    def predictions(self) -> Sequence[Prediction]: ...
    @property
    def cursor(self) -> UUID | None: ...
    @property
    def incomplete(self) -> str | None: ...


def json_lines(parts: Iterable[Part]) -> Iterator[bytes]:
    """Write one JSON object, a record in each line; its last line tells whether it is whole."""
    yield b'{"predictions":['
    between = b"\n"
    for part in parts:
        for prediction in part.predictions:
            yield between + orjson.dumps(record_json(prediction))
            between = b",\n"
        end = {"cursor": part.cursor and str(part.cursor), "incomplete": part.incomplete}
    yield b"\n]," + orjson.dumps(end)[1:] + b"\n"


def csv_lines(parts: Iterator[Part], inputs: Sequence[str]) -> Iterator[str]:
    """Write CSV with a column for each of these inputs and for each that occurs in the first part.

    The last line of an export that is not whole says so in its first cell.
    """
    first = next(parts)
    met = chain.from_iterable(each.inputs or () for each in first.predictions)
    names = list(dict.fromkeys([*inputs, *met]))
    header = [*FIXED, *(INPUT + name for name in names), OTHERS]
    yield _line(header)
    for part in chain([first], parts):
        yield "".join(_line(_cells(prediction, names)) for prediction in part.predictions)
    if part.incomplete:
        yield _line([f"{part.incomplete} The rest begins at cursor={part.cursor}."])


def _cells(prediction: Prediction, names: Sequence[str]) -> list[Any]:
    record = record_json(prediction)
    inputs = dict(record.pop("inputs") or {})
    own = [inputs.pop(name, None) for name in names]
    return [*(record[name] for name in FIXED), *own, inputs or None]


def _line(cells: Iterable[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_NONNUMERIC).writerow(map(defused, cells))
    return text.getvalue()


FIXED = (
    "id",
    "created_at",
    "model",
    "version",
    "digest",
    "channel",
    "actor",
    "request_id",
    "status",
    "prediction",
    "probabilities",
    "errors",
    "warnings",
    "duration",
)

"""Records as CSV, one row each."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from webapp.helpers import shapes
from webapp.helpers.records.as_json import record_json
from webapp.helpers.records.part import Part
from webapp.types import Prediction

#: Characters at the start of a cell that a spreadsheet may take for a formula.
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
#: The columns of every record; the columns of the inputs come after them.
RECORD_COLUMNS = tuple(name for name in shapes.Record.__annotations__ if name not in ("inputs", "explanations"))
#: Prefix of the column of an input.
INPUT_PREFIX = "input "
#: Name of the column with the inputs that have no column of their own, as JSON.
OTHER_INPUTS = "other inputs"


def csv_lines(parts: Iterator[Part], inputs: Sequence[str] = ()) -> Iterator[str]:
    """Yield CSV with a column for each of these inputs and for each input of the first part.

    The last line of an incomplete export says so in its first cell.
    """
    first = next(parts)
    present = chain.from_iterable(prediction.inputs or () for prediction in first.predictions)
    names = list(dict.fromkeys([*inputs, *present]))
    yield _line([*RECORD_COLUMNS, *(INPUT_PREFIX + name for name in names), OTHER_INPUTS])
    for part in chain([first], parts):
        yield "".join(_line(_cells(prediction, names)) for prediction in part.predictions)
    if part.incomplete:
        yield _line([f"{part.incomplete} The rest begins at cursor={part.cursor}."])


def _cells(prediction: Prediction, names: Sequence[str]) -> list[Any]:
    record: dict[str, Any] = {**record_json(prediction)}
    inputs = record["inputs"] or {}
    columns = [inputs.pop(name, None) for name in names]
    return [*(record[name] for name in RECORD_COLUMNS), *columns, inputs or None]


def _line(cells: Iterable[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_NONNUMERIC).writerow(map(_defused, cells))
    return text.getvalue()


def _defused(cell: Any) -> Any:
    """Return a number unchanged, and anything else as text that a spreadsheet doesn't run as a formula."""
    if cell is None or (isinstance(cell, int | float) and not isinstance(cell, bool)):
        return cell
    text = cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text

"""Records as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from webapp.helpers.records.as_json import record_json
from webapp.types import Prediction

#: What a spreadsheet may take for a formula when a cell begins with it.
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def records_csv(predictions: Sequence[Prediction]) -> str:
    """Write records as CSV, one column for each input that occurs."""
    records = [_flat(record_json(prediction)) for prediction in predictions]
    columns = list(dict.fromkeys(column for record in records for column in record))
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(map(defused, columns))
    writer.writerows([defused(record.get(column)) for column in columns] for record in records)
    return text.getvalue()


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    inputs = record.pop("inputs") or {}
    return record | {f"input {name}": value for name, value in inputs.items()}


def defused(cell: Any) -> Any:
    """Keep numbers as numbers and everything else from being run by a spreadsheet."""
    if cell is None or (isinstance(cell, int | float) and not isinstance(cell, bool)):
        return cell
    text = cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text

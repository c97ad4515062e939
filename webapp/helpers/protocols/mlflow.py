"""MLflow scoring: frames, instances or CSV in, predictions out.

https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/#inference-server-specification
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import chain, islice
from typing import Any

from webapp.errors import InvalidInput, MalformedCSV
from webapp.helpers.inputs.form_values import read_form
from webapp.helpers.inputs.names import numbers
from webapp.helpers.inputs.strict_json import decode as decode_json
from webapp.helpers.protocols.error_sentence import one_sentence
from webapp.helpers.protocols.records import about_records
from webapp.helpers.protocols.rows import check_columns, check_row_count, name_row, name_rows, rows_from_columns
from webapp.types import Answer, Notice, Prediction, Signature, Value

SHAPES = ("dataframe_split", "dataframe_records", "instances", "inputs")
METHODS = ("predict", "predict_proba")
CODES = {
    404: "RESOURCE_DOES_NOT_EXIST",
    500: "INTERNAL_ERROR",
    503: "TEMPORARILY_UNAVAILABLE",
}
#: The protocol has no status 422.
STATUSES = {422: 400}
#: What separates columns in files that are called CSV too.
SEPARATORS = {"\t": "tabs", ";": "semicolons"}


def decode(body: bytes, signature: Signature, max_rows: int) -> tuple[list[Any], str]:
    """Read a JSON body: at most ``max_rows`` rows, and the model's method that the client requests.

    A table must have a column for each input and no other.

    Raises
    ------
    MalformedJSON, InvalidInput
    """
    sent = decode_json(body)
    shapes = [key for key in SHAPES if isinstance(sent, dict) and key in sent]
    if len(shapes) != 1 or sent.keys() - {*SHAPES, "params"}:
        raise InvalidInput(
            f"The body must be a JSON object with exactly one of {', '.join(SHAPES)}, and optionally params."
        )
    rows = _READERS[shapes[0]](sent[shapes[0]], signature, max_rows)
    method = _method(sent, signature)
    if rows:
        check_columns(dict.fromkeys(chain.from_iterable(row for row in rows if isinstance(row, dict))), signature)
    return rows, method


def decode_csv(body: bytes, signature: Signature, max_rows: int) -> list[Any]:
    """Read at most ``max_rows`` rows of CSV below a line of column names; an empty cell is a blank.

    Raises
    ------
    MalformedCSV, InvalidInput
    """
    try:
        reader = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        columns, lines = next(reader), list(islice(filter(None, reader), max_rows + 1))
    except (UnicodeDecodeError, csv.Error, StopIteration):
        raise MalformedCSV from None
    check_row_count(len(lines), max_rows)
    if len(set(columns)) < len(columns) or any(len(line) != len(columns) for line in lines):
        raise MalformedCSV
    _check_separator(columns, signature)
    check_columns(columns, signature)
    by_number = numbers(signature)
    columns = [by_number.get(name, name) for name in columns]
    forms = ({name: [cell] for name, cell in zip(columns, line, strict=True)} for line in lines)
    choices = {feature.name: feature.choices for feature in signature.features}
    rows = [read_form(form, signature)[0] for form in forms]
    return [{name: _as_choice(value, choices[name]) for name, value in row.items()} for row in rows]


def _check_separator(columns: Sequence[str], signature: Signature) -> None:
    """Check that the columns are not separated by something else than commas.

    Raises
    ------
    MalformedCSV
    """
    names = {feature.name for feature in signature.features}
    for separator, words in SEPARATORS.items():
        if len(columns) == 1 and columns[0] not in names and names & set(columns[0].split(separator)):
            raise MalformedCSV(f"The columns of the CSV are separated by {words}. Separate them by commas.")


def _as_choice(value: Value, choices: Sequence[Value]) -> Value:
    """Return the choice that pandas writes this way: True for yes, 1.0 for a whole 1 in a column with a blank."""
    if not isinstance(value, str) or value in choices:
        return value
    if value.strip().lower() in ("true", "false"):
        parsed: Value = value.strip().lower() == "true"
    else:
        try:
            parsed = float(value)
        except ValueError:
            return value
    return next((choice for choice in choices if choice == parsed and not isinstance(choice, str)), value)


def encode(predictions: Sequence[Prediction], method: str = "predict") -> dict[str, Any]:
    """Return what the method says about each instance, in their order, with the ids and warnings of the records."""
    answers = [item.answer for item in predictions if item.answer]
    results = [_class_probabilities(answer) if method == "predict_proba" else answer.prediction for answer in answers]
    return {"predictions": results, **about_records(predictions)}


def encode_error(message: str, status: int, errors: Sequence[Notice] = ()) -> tuple[dict[str, Any], int]:
    """Return the body and the status of an error."""
    code = CODES.get(status, "BAD_REQUEST")
    return {"error_code": code, "message": one_sentence(message, errors)}, STATUSES.get(status, status)


def _split(sent: object, _: Signature, max_rows: int) -> list[Any]:
    columns = sent.get("columns") if isinstance(sent, dict) else None
    lines = sent.get("data") if isinstance(sent, dict) else None
    if not isinstance(columns, list) or not isinstance(lines, list):
        raise InvalidInput("dataframe_split must hold columns and data.")
    check_row_count(len(lines), max_rows)
    if not all(isinstance(line, list) and len(line) == len(columns) for line in lines):
        raise InvalidInput("Each row of dataframe_split must have a value for each of its columns.")
    # pandas numbers columns that have no names.
    names = [str(name) for name in columns if type(name) in (str, int)]
    if len(set(names)) < len(columns):
        raise InvalidInput("The columns of dataframe_split must have different names.")
    return rows_from_columns(dict(zip(names, zip(*lines, strict=True), strict=True)), max_rows) if lines else []


def _records(sent: object, signature: Signature, max_rows: int) -> list[Any]:
    if not isinstance(sent, list) or not all(isinstance(row, dict) for row in sent):
        raise InvalidInput("dataframe_records must be a list of objects.")
    return name_rows(sent, signature, max_rows)


def _instances(sent: object, signature: Signature, max_rows: int) -> list[Any]:
    if not isinstance(sent, list):
        raise InvalidInput("instances must be a list.")
    return name_rows(sent, signature, max_rows)


def _inputs(sent: object, signature: Signature, max_rows: int) -> list[Any]:
    if not isinstance(sent, dict):
        return name_rows(sent, signature, max_rows) if isinstance(sent, list) else [name_row(sent, signature)]
    return rows_from_columns(
        {name: values if isinstance(values, list) else [values] for name, values in sent.items()}, max_rows
    )


_READERS = {"dataframe_split": _split, "dataframe_records": _records, "instances": _instances, "inputs": _inputs}


def _method(sent: dict[str, Any], signature: Signature) -> str:
    params = {} if sent.get("params") is None else sent["params"]
    if not isinstance(params, dict):
        raise InvalidInput("params must be an object.")
    method = params.get("predict_method", "predict")
    if method not in METHODS or (method == "predict_proba" and not signature.probabilities):
        raise InvalidInput("This model doesn't have this predict_method.")
    return str(method)


def _class_probabilities(answer: Answer) -> Any:
    """Return the probabilities in the order of the classes, as predict_proba does."""
    shares = answer.probabilities
    return [list(output.values()) for output in shares] if isinstance(shares, list) else list(shares.values())

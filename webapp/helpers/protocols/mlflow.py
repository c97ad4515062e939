"""MLflow scoring: frames, instances or CSV in, predictions out.

https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/#inference-server-specification
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import islice
from typing import Any

from webapp.errors import InvalidInput, MalformedCSV
from webapp.helpers.inputs.form_values import read_form
from webapp.helpers.inputs.strict_json import decode as decode_json
from webapp.helpers.protocols.error_sentence import one_sentence
from webapp.helpers.protocols.rows import by_name, by_names, from_columns, known_only, refuse_more
from webapp.types import Answer, Notice, Prediction, Signature, Value

SHAPES = ("dataframe_split", "dataframe_records", "instances", "inputs")
METHODS = ("predict", "predict_proba")
CODES = {
    404: "RESOURCE_DOES_NOT_EXIST",
    500: "INTERNAL_ERROR",
    503: "TEMPORARILY_UNAVAILABLE",
}
#: The protocol knows no 422.
STATUSES = {422: 400}


def decode(body: bytes, signature: Signature, most: int) -> tuple[list[Any], str]:
    """Read a JSON body: the rows, at most so many, and which method of the model is asked for.

    Columns that are no inputs of the model are left out, as MLflow does.

    Raises
    ------
    MalformedJSON, InvalidInput
    """
    sent = decode_json(body)
    shapes = [key for key in SHAPES if isinstance(sent, dict) and key in sent]
    if len(shapes) != 1 or sent.keys() - {*SHAPES, "params"}:
        raise InvalidInput(f"The body must be a JSON object with exactly one of {', '.join(SHAPES)}, and maybe params.")
    rows = _READERS[shapes[0]](sent[shapes[0]], signature, most)
    return [known_only(row, signature) if isinstance(row, dict) else row for row in rows], _method(sent, signature)


def decode_csv(body: bytes, signature: Signature, most: int) -> list[Any]:
    """Read rows of CSV, at most so many, below a line of column names; an empty cell is a blank.

    Raises
    ------
    MalformedCSV, InvalidInput
    """
    try:
        read = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        columns, lines = next(read), list(islice(filter(None, read), most + 1))
    except (UnicodeDecodeError, csv.Error, StopIteration):
        raise MalformedCSV from None
    refuse_more(len(lines), most)
    if len(set(columns)) < len(columns) or any(len(line) != len(columns) for line in lines):
        raise MalformedCSV
    forms = ({name: [cell] for name, cell in zip(columns, line, strict=True)} for line in lines)
    choices = {feature.name: feature.choices for feature in signature.features}
    rows = [known_only(read_form(form, signature)[0], signature) for form in forms]
    return [{name: _meant(value, choices[name]) for name, value in row.items()} for row in rows]


def _meant(value: Value, choices: Sequence[Value]) -> Value:
    """Give the choice that pandas writes so: True for yes, 1.0 for the whole number 1 in a column with a blank."""
    if not isinstance(value, str) or value in choices:
        return value
    if value.strip().lower() in ("true", "false"):
        meant: Value = value.strip().lower() == "true"
    else:
        try:
            meant = float(value)
        except ValueError:
            return value
    return next((choice for choice in choices if choice == meant and not isinstance(choice, str)), value)


def encode(predictions: Sequence[Prediction], method: str = "predict") -> dict[str, Any]:
    """Give what the method says of each instance, in their order, and beside it the ids of the records."""
    answers = [each.answer for each in predictions if each.answer]
    said = [_shares(answer) if method == "predict_proba" else answer.prediction for answer in answers]
    return {"predictions": said, "prediction_ids": [str(each.id) for each in predictions]}


def encode_error(message: str, status: int, errors: Sequence[Notice] = ()) -> tuple[dict[str, Any], int]:
    """Give the body and the status of an error."""
    code = CODES.get(status, "BAD_REQUEST")
    return {"error_code": code, "message": one_sentence(message, errors)}, STATUSES.get(status, status)


def _split(sent: object, _: Signature, most: int) -> list[Any]:
    columns = sent.get("columns") if isinstance(sent, dict) else None
    lines = sent.get("data") if isinstance(sent, dict) else None
    if not isinstance(columns, list) or not isinstance(lines, list):
        raise InvalidInput("dataframe_split must hold columns and data.")
    refuse_more(len(lines), most)
    if not all(isinstance(line, list) and len(line) == len(columns) for line in lines):
        raise InvalidInput("Each row of dataframe_split must have a value for each of its columns.")
    if not all(isinstance(name, str) for name in columns) or len(set(columns)) < len(columns):
        raise InvalidInput("The columns of dataframe_split must be different names.")
    return from_columns(dict(zip(columns, zip(*lines, strict=True), strict=True)), most) if lines else []


def _records(sent: object, signature: Signature, most: int) -> list[Any]:
    if not isinstance(sent, list) or not all(isinstance(row, dict) for row in sent):
        raise InvalidInput("dataframe_records must be a list of objects.")
    return by_names(sent, signature, most)


def _instances(sent: object, signature: Signature, most: int) -> list[Any]:
    if not isinstance(sent, list):
        raise InvalidInput("instances must be a list.")
    return by_names(sent, signature, most)


def _inputs(sent: object, signature: Signature, most: int) -> list[Any]:
    if not isinstance(sent, dict):
        return by_names(sent, signature, most) if isinstance(sent, list) else [by_name(sent, signature)]
    return from_columns({name: values if isinstance(values, list) else [values] for name, values in sent.items()}, most)


_READERS = {"dataframe_split": _split, "dataframe_records": _records, "instances": _instances, "inputs": _inputs}


def _method(sent: dict[str, Any], signature: Signature) -> str:
    params = {} if sent.get("params") is None else sent["params"]
    if not isinstance(params, dict):
        raise InvalidInput("params must be an object.")
    method = params.get("predict_method", "predict")
    if method not in METHODS or (method == "predict_proba" and not signature.probabilities):
        raise InvalidInput("This model has no such predict_method.")
    return str(method)


def _shares(answer: Answer) -> Any:
    """Give the probabilities in the order of the classes, as predict_proba does."""
    found = answer.probabilities
    return [list(each.values()) for each in found] if isinstance(found, list) else list(found.values())

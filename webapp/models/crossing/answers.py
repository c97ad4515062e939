"""Answers as arrays: classes as their positions, numbers and probabilities as floats. The receiver checks all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from webapp.errors import PredictionFailed
from webapp.helpers.storable import is_storable
from webapp.helpers.values import as_value
from webapp.models.answers import Block, by_output, finite, flat, with_shares
from webapp.types import Answer, Output, Signature

#: How far the sum of probabilities may be from 1: single precision, added up over many classes.
MAX_SUM_ERROR = 1e-3
#: Bytes of the header of answers: for each row, a text that is not one of known classes.
MAX_HEADER_BYTES, MAX_HEADER_BYTES_PER_ROW = 65_536, 4096
#: More classes than any output has that shows none.
MAX_UNNAMED_CLASSES = 10_000
#: How much memory of the service an answer may take, whatever the signature says.
MAX_ANSWER_BYTES = 256 * 1024 * 1024


class AnswersInvalid(Exception):
    """What was received is no list of answers to what was asked."""


def pack_answers(y: Any, proba: Any, signature: Signature) -> tuple[dict[str, Any], bytes]:
    """Return what ``predict`` and ``predict_proba`` have returned as the header and the payload of a frame."""
    y = flat(y)
    header: dict[str, Any] = {"kind": "numbers"}
    if signature.outputs[0].classes:
        header["kind"], y = "classes", _positions(y, signature.outputs)
    elif y.dtype.kind in "iu":
        header["kind"], y = "integers", y.astype(np.int64)
    elif y.dtype.kind == "f":
        y = y.astype(np.float64)
    else:
        return {"kind": "values", "values": [as_value(value) for value in y.tolist()]}, b""
    shares = [share.astype(np.float64) for share in by_output(proba, signature)] if signature.probabilities else []
    header["classes"] = [share.shape[1] for share in shares]
    return header, b"".join(np.ascontiguousarray(array).tobytes() for array in (y, *shares))


def _positions(y: Block, outputs: Sequence[Output]) -> Block:
    columns = y.T if y.ndim > 1 else [y]
    found = [_positions_of(column.tolist(), output) for column, output in zip(columns, outputs, strict=True)]
    return np.array(found, dtype=np.int64).T


def _positions_of(labels: Sequence[Any], output: Output) -> list[int]:
    places = {(type(value), value): place for place, value in enumerate(output.classes)}
    values = map(as_value, labels)
    return [places[type(value), value] for value in values]


def max_answer_bytes(rows: int, signature: Signature) -> int:
    """Return the size of the largest payload that answers this many rows."""
    shares = sum(len(output.classes) or MAX_UNNAMED_CLASSES for output in signature.outputs)
    return min(MAX_ANSWER_BYTES, 8 * rows * (len(signature.outputs) + (shares if signature.probabilities else 0)))


def max_header_bytes(rows: int) -> int:
    """Return the size of the largest header that answers this many rows."""
    return MAX_HEADER_BYTES + MAX_HEADER_BYTES_PER_ROW * rows


def unpack_answers(header: Mapping[str, Any], payload: bytes, rows: int, signature: Signature) -> list[Answer]:
    """Return the answers of a frame, once all of it was checked.

    Raises
    ------
    AnswersInvalid
        When it can't have come from ``pack_answers``.
    PredictionFailed
        When a number is not finite, or probabilities are none.
    """
    if header.get("kind") == "values":
        return [Answer(prediction=value) for value in _values(header.get("values"), rows, signature)]
    outputs = len(signature.outputs)
    counts = _counts(header.get("classes"), signature)
    if len(payload) != 8 * rows * (outputs + sum(counts)):
        raise AnswersInvalid
    read = {"classes": _labels, "numbers": _numbers, "integers": _integers}.get(str(header.get("kind")))
    if read is None:
        raise AnswersInvalid
    predictions = read(payload[: 8 * rows * outputs], signature)
    shares = np.frombuffer(payload, dtype=np.float64, offset=8 * rows * outputs)
    starts = np.cumsum([0, *counts]) * rows
    blocks = [
        shares[start : start + rows * count].reshape(rows, count) for start, count in zip(starts, counts, strict=False)
    ]
    for block in blocks:
        _check_shares(block)
    return with_shares(predictions, blocks, signature)


def _counts(found: Any, signature: Signature) -> list[int]:
    """Return how many classes each output has probabilities for."""
    expected = len(signature.outputs) if signature.probabilities else 0
    if not isinstance(found, list) or len(found) != expected:
        raise AnswersInvalid
    for count, output in zip(found, signature.outputs, strict=False):
        limits = range(len(output.classes), len(output.classes) + 1) if output.classes else range(MAX_UNNAMED_CLASSES)
        if type(count) is not int or count not in limits:
            raise AnswersInvalid
    return found


def _labels(data: bytes, signature: Signature) -> list[Any]:
    places = np.frombuffer(data, dtype=np.int64).reshape(-1, len(signature.outputs))
    counts = [len(output.classes) for output in signature.outputs]
    if (places < 0).any() or (places >= counts).any():
        raise AnswersInvalid
    if not signature.multi_output:
        classes = signature.outputs[0].classes
        return [classes[place] for place in places[:, 0].tolist()]
    return [
        [output.classes[place] for place, output in zip(row, signature.outputs, strict=True)] for row in places.tolist()
    ]


def _numbers(data: bytes, signature: Signature) -> list[Any]:
    rows = _of_numbers(np.frombuffer(data, dtype=np.float64), signature)
    return [list(map(finite, row)) if signature.multi_output else finite(row) for row in rows]


def _integers(data: bytes, signature: Signature) -> list[Any]:
    return _of_numbers(np.frombuffer(data, dtype=np.int64), signature)


def _of_numbers(numbers: Block, signature: Signature) -> list[Any]:
    if any(output.classes for output in signature.outputs):
        raise AnswersInvalid
    return list((numbers.reshape(-1, len(signature.outputs)) if signature.multi_output else numbers).tolist())


def _values(found: Any, rows: int, signature: Signature) -> list[Any]:
    """Return predictions of an estimator that shows neither classes nor numbers."""
    is_allowed = not signature.outputs[0].classes and not signature.probabilities and not signature.multi_output
    if not is_allowed or not isinstance(found, list) or len(found) != rows:
        raise AnswersInvalid
    if not all(isinstance(value, bool | int | float | str) and is_storable(value) for value in found):
        raise AnswersInvalid
    return found


def _check_shares(block: Block) -> None:
    if not np.isfinite(block).all():
        finite(float("nan"))
    is_share = (block >= -MAX_SUM_ERROR) & (block <= 1 + MAX_SUM_ERROR)
    if not is_share.all() or (np.abs(block.sum(axis=1) - 1) > MAX_SUM_ERROR).any():
        raise PredictionFailed("The model's probabilities for this input don't add up to 1. The failure is recorded.")

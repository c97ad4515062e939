"""KServe V1: instances in, predictions out.

https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from webapp.errors import InvalidInput
from webapp.helpers.inputs.strict_json import decode as decode_json
from webapp.helpers.protocols.error_sentence import one_sentence
from webapp.helpers.protocols.records import about_records
from webapp.helpers.protocols.rows import name_rows
from webapp.types import Notice, Prediction, Signature

#: The protocol has no status 422.
STATUSES = {422: 400}


def decode(body: bytes, signature: Signature, max_rows: int) -> list[Any]:
    """Read ``{"instances": [...]}``: at most ``max_rows`` objects, lists or, for a single feature, bare values.

    Raises
    ------
    MalformedJSON, InvalidInput
    """
    sent = decode_json(body)
    rows = sent.get("instances", sent.get("inputs")) if isinstance(sent, dict) else None
    if not isinstance(rows, list):
        raise InvalidInput('The body must be a JSON object of the form {"instances": [...]}.')
    return name_rows(rows, signature, max_rows)


def encode(predictions: Sequence[Prediction]) -> dict[str, Any]:
    """Return the predictions, with probabilities, ids and warnings, for which the protocol leaves room."""
    answers = [item.answer for item in predictions if item.answer]
    body: dict[str, Any] = {"predictions": [answer.prediction for answer in answers]}
    if answers and answers[0].probabilities is not None:
        body["probabilities"] = [answer.probabilities for answer in answers]
    return body | about_records(predictions)


def encode_error(message: str, status: int, errors: Sequence[Notice] = ()) -> tuple[dict[str, Any], int]:
    """Return the body and the status of an error."""
    return {"error": one_sentence(message, errors)}, STATUSES.get(status, status)

"""KServe V1: instances in, predictions out.

https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from webapp.errors import InvalidInput
from webapp.helpers.inputs.strict_json import decode as decode_json
from webapp.helpers.protocols.error_sentence import one_sentence
from webapp.helpers.protocols.rows import by_names
from webapp.types import Notice, Prediction, Signature

#: The protocol knows no 422.
STATUSES = {422: 400}


def decode(body: bytes, signature: Signature, most: int) -> list[Any]:
    """Read ``{"instances": [...]}`` of at most so many objects, lists or, for a single feature, bare values.

    Raises
    ------
    MalformedJSON, InvalidInput
    """
    sent = decode_json(body)
    rows = sent.get("instances", sent.get("inputs")) if isinstance(sent, dict) else None
    if not isinstance(rows, list):
        raise InvalidInput('The body must be a JSON object of the form {"instances": [...]}.')
    return by_names(rows, signature, most)


def encode(predictions: Sequence[Prediction]) -> dict[str, Any]:
    """Give the predictions, and beside them what the protocol leaves room for: ids and probabilities."""
    answers = [each.answer for each in predictions if each.answer]
    body: dict[str, Any] = {"predictions": [answer.prediction for answer in answers]}
    if answers and answers[0].probabilities is not None:
        body["probabilities"] = [answer.probabilities for answer in answers]
    return body | {"prediction_ids": [str(each.id) for each in predictions]}


def encode_error(message: str, status: int, errors: Sequence[Notice] = ()) -> tuple[dict[str, Any], int]:
    """Give the body and the status of an error."""
    return {"error": one_sentence(message, errors)}, STATUSES.get(status, status)

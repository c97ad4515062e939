"""Predictions as JSON shows them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from webapp.types import Prediction


def answer_json(prediction: Prediction) -> dict[str, Any]:
    """What a caller of the JSON endpoint gets of one prediction."""
    body: dict[str, Any] = {"id": str(prediction.id)}
    if prediction.answer:
        body["prediction"] = prediction.answer.prediction
        if prediction.answer.probabilities is not None:
            body["probabilities"] = prediction.answer.probabilities
    body["warnings"] = [warning.to_dict() for warning in prediction.warnings]
    return body


def record_json(prediction: Prediction) -> dict[str, Any]:
    """The whole record of one prediction."""
    answer = prediction.answer
    return {
        "id": str(prediction.id),
        "created_at": timestamp(prediction.created_at),
        "model": prediction.model,
        "version": prediction.version,
        "digest": prediction.digest,
        "channel": prediction.channel,
        "actor": prediction.actor,
        "request_id": prediction.request_id,
        "status": prediction.status,
        "inputs": prediction.inputs,
        "prediction": answer.prediction if answer else None,
        "probabilities": answer.probabilities if answer else None,
        "errors": [notice.to_dict() for notice in prediction.errors],
        "warnings": [notice.to_dict() for notice in prediction.warnings],
        "duration": prediction.duration,
    }


def timestamp(time: datetime) -> str:
    """Write a point in time as ISO 8601 in UTC, to the millisecond."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

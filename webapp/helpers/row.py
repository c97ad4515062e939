"""A prediction as one row of JSON, as the log and the spool keep it, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from webapp.helpers.storable import LARGEST
from webapp.types import Answer, Instance, Notice, Prediction, Status


def encode(prediction: Prediction) -> bytes:
    """Write a prediction as one line of JSON, whose keys are the columns of its table."""
    answer = prediction.answer
    output = (
        {"prediction": answer.prediction, "probabilities": answer.probabilities}
        if answer
        else {"errors": [notice.to_dict() for notice in prediction.errors]}
    )
    return orjson.dumps(
        {
            "id": prediction.id,
            "created_at": prediction.created_at,
            "model": prediction.model,
            "version": prediction.version,
            "digest": prediction.digest,
            "channel": prediction.channel,
            "actor": prediction.actor,
            "request_id": prediction.request_id,
            "status": prediction.status,
            "inputs": prediction.inputs,
            "output": output,
            "warnings": [notice.to_dict() for notice in prediction.warnings],
            "duration": prediction.duration,
        }
    )


def decode(row: bytes) -> Prediction:
    """Read what ``encode`` wrote."""
    columns = orjson.loads(row)
    return from_columns(
        columns | {"id": UUID(columns["id"]), "created_at": datetime.fromisoformat(columns["created_at"])}
    )


def from_columns(columns: Mapping[str, Any]) -> Prediction:
    """Make a prediction of its row in the table."""
    kept = dict(columns)
    output = kept.pop("output")
    status = Status(kept["status"])
    return Prediction(
        **kept
        | {
            "status": status,
            "inputs": _inputs(kept["inputs"]),
            "answer": Answer(**output) if status == Status.ANSWERED else None,
            "errors": _notices(output.get("errors", ())),
            "warnings": _notices(kept["warnings"]),
        }
    )


def _inputs(kept: Instance | None) -> Instance | None:
    """Take numbers for what they were: JSONB writes a large one out, all of its zeros, as if it were an integer."""
    if kept is None:
        return None
    return {
        name: float(value) if isinstance(value, int) and abs(value) > LARGEST else value for name, value in kept.items()
    }


def _notices(kept: Iterable[Mapping[str, Any]]) -> tuple[Notice, ...]:
    return tuple(Notice(loc=tuple(each["loc"]), msg=each["msg"]) for each in kept)

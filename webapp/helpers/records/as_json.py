"""Predictions as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import orjson

from webapp.helpers import shapes
from webapp.helpers.records.part import Part
from webapp.types import Notice, Prediction


def answer_json(prediction: Prediction) -> shapes.ListedAnswer:
    """Return the answer of one prediction, as clients receive it."""
    id, answer, warnings = str(prediction.id), prediction.answer, notices_json(prediction.warnings)
    value, probabilities = (answer.prediction, answer.probabilities) if answer else (None, None)
    if probabilities is None:
        return {"id": id, "prediction": value, "warnings": warnings}
    return {"id": id, "prediction": value, "probabilities": probabilities, "warnings": warnings}


def record_json(prediction: Prediction) -> shapes.Record:
    """Return the whole record of one prediction."""
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
        "inputs": dict(prediction.inputs) if prediction.inputs is not None else None,
        "prediction": answer.prediction if answer else None,
        "probabilities": answer.probabilities if answer else None,
        "errors": notices_json(prediction.errors),
        "warnings": notices_json(prediction.warnings),
        "duration": prediction.duration,
        "read_as": prediction.read_as,
        "code": prediction.code,
    }


def notices_json(notices: Iterable[Notice]) -> list[shapes.Notice]:
    """Return errors or warnings, each with its place."""
    return [{"loc": list(notice.loc), "msg": notice.msg} for notice in notices]


def json_lines(parts: Iterable[Part]) -> Iterator[bytes]:
    """Yield one JSON object with a record on each line; its last line says whether the export is complete."""
    yield b'{"predictions":['
    separator = b"\n"
    for part in parts:
        for prediction in part.predictions:
            yield separator + orjson.dumps(record_json(prediction))
            separator = b",\n"
        end = {"cursor": part.cursor and str(part.cursor), "incomplete": part.incomplete}
    yield b"\n]," + orjson.dumps(end)[1:] + b"\n"


def timestamp(time: datetime) -> str:
    """Return a point in time in ISO 8601 in UTC, to the millisecond."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

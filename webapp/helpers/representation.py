"""Models and predictions as JSON and CSV show them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from webapp.helpers.explanation import Explanation
from webapp.types import Feature, Prediction, Signature

#: What a spreadsheet may take for a formula when a cell begins with it.
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


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


def explanation_json(explanation: Explanation) -> dict[str, Any]:
    """Why one output is as it is."""
    return {
        "output": explanation.output,
        "explains": {"probability_of": explanation.label} if explanation.is_share else {"answer": explanation.label},
        "compared_with": "a typical case" if explanation.typical else "the sample",
        "baseline": explanation.baseline,
        "score": explanation.score,
        "contributions": [asdict(each) for each in explanation.contributions],
        "changes": [asdict(each) for each in explanation.changes],
        "curves": [
            {"feature": curve.feature, "points": [asdict(point) for point in curve.points]}
            for curve in explanation.curves
        ],
    }


def signature_json(signature: Signature) -> dict[str, Any]:
    """What a model takes and gives."""
    return {
        "task": signature.task,
        "inputs": [_feature_json(feature) for feature in signature.features],
        "outputs": [{"name": output.name, "classes": list(output.classes)} for output in signature.outputs],
        "probabilities": signature.probabilities,
    }


def _feature_json(feature: Feature) -> dict[str, Any]:
    span = feature.range
    return {
        "name": feature.name,
        "kind": feature.kind,
        "optional": feature.optional,
        "choices": list(feature.choices),
        "default": feature.default,
        "range": asdict(span) if span else None,
        "kept": feature.kept,
    }


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


def timestamp(time: datetime) -> str:
    """Write a point in time as ISO 8601 in UTC, to the millisecond."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

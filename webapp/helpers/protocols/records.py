"""What answers say about the records of predictions, where a protocol leaves room for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from webapp.types import Prediction


def about_records(predictions: Sequence[Prediction]) -> dict[str, Any]:
    """Return the ids of the records and the warnings about each instance, both in the order of the instances."""
    return {
        "prediction_ids": [str(item.id) for item in predictions],
        "warnings": [warnings_of(item) for item in predictions],
    }


def warnings_of(prediction: Prediction) -> list[str]:
    """Return the warnings about one instance as sentences."""
    return [notice.msg for notice in prediction.warnings]

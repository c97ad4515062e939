"""What all doors have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from webapp.controllers.current import caller, services
from webapp.services.model_store import ServedModel
from webapp.types import Channel, Prediction

Rest = TypeVar("Rest")


def predicted(
    model: ServedModel, channel: Channel, decode: Callable[[], tuple[list[Any], Rest]]
) -> tuple[list[Prediction], Rest]:
    """Predict and record the rows that a body holds, and give what else stood in it.

    What is wrong with the rows is on record too.
    """
    asker = caller(channel)
    with services().predictor.rejecting(model, asker):
        rows, rest = decode()
        instances = model.schema.validate({"inputs": rows})
    return services().predictor.predict(model, instances, asker), rest

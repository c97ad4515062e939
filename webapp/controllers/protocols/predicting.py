"""What the controllers of all protocols share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from webapp.controllers.http.context import caller, services
from webapp.services.model_store import ServedModel
from webapp.types import Channel, Instance, Prediction

Rest = TypeVar("Rest")


def predicted(
    model: ServedModel, channel: Channel, decode: Callable[[], tuple[list[Any], Rest]]
) -> tuple[list[Prediction], Rest]:
    """Predict the rows that a body holds, and return them with what else ``decode`` found in it."""
    rest: list[Rest] = []

    def read() -> list[Instance]:
        rows, found = decode()
        rest.append(found)
        return model.schema.validate({"inputs": rows})

    return services().predictor.predict(model, caller(channel), read), rest[0]

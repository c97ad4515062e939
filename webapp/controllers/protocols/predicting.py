"""Prediction for the controllers of all protocols."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from webapp.controllers.http.context import caller, services
from webapp.services.model_store import ServedModel
from webapp.types import Channel, Instance, Prediction

Rest = TypeVar("Rest")


def predict_rows(
    model: ServedModel, channel: Channel, decode: Callable[[], tuple[list[Any], Rest]]
) -> tuple[list[Prediction], Rest]:
    """Predict the rows of a body, and return the predictions with the rest that ``decode`` read from it."""
    rest: list[Rest] = []

    def read() -> list[Instance]:
        rows, remainder = decode()
        rest.append(remainder)
        return model.schema.validate({"inputs": rows})

    return services().predictor.predict(model, caller(channel), read), rest[0]

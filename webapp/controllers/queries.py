"""Reads ids and pages of the log from an address."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import request

from webapp.errors import InvalidQuery, PredictionNotFound
from webapp.services.prediction_log import PredictionLog
from webapp.types import Notice, Prediction

PAGE_SIZE = 50


@dataclass(frozen=True)
class Page:
    """Some records, and where the next page begins; None on the last."""

    predictions: list[Prediction]
    cursor: str | None


def prediction_id(text: str) -> UUID:
    """Read the id of a prediction; what isn't one names no prediction."""
    try:
        return _uuid7(text)
    except ValueError:
        raise PredictionNotFound from None


def beside_id() -> UUID | None:
    """Read the id of the prediction beside which another is to be shown; what isn't one names none."""
    try:
        return _uuid7(request.args.get("beside", ""))
    except ValueError:
        return None


def cursor() -> UUID | None:
    """Read where the page that was asked for begins."""
    text = request.args.get("cursor")
    if not text:
        return None
    try:
        return _uuid7(text)
    except ValueError:
        notice = Notice(loc=("cursor",), msg="This is not a cursor that a page gave.")
        raise InvalidQuery(errors=[notice]) from None


def page_of(log: PredictionLog, model: str | None, before: UUID | None) -> Page:
    """Give one page; one record more than fits tells whether another follows."""
    found = log.newest(model=model or None, before=before, limit=PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    return Page(shown, str(shown[-1].id) if len(found) > PAGE_SIZE else None)


def _uuid7(text: str) -> UUID:
    id = UUID(text)
    if id.version != 7 or str(id) != text.lower():
        raise ValueError
    return id

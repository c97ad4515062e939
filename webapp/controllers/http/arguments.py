"""Reads ids, filters and cursors from an address."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import request

from webapp.controllers.http.context import principal, services
from webapp.errors import InvalidQuery, PredictionNotFound
from webapp.helpers.records.filters import Filter, read_filter
from webapp.helpers.uuid7 import read_uuid7
from webapp.types import Notice

PAGE_SIZE = 50


def prediction_id(text: str) -> UUID:
    """Read the id of a prediction; what isn't one names no prediction."""
    try:
        return read_uuid7(text)
    except ValueError:
        raise PredictionNotFound from None


def beside_id() -> UUID | None:
    """Read the id of the prediction beside which another is to be shown; what isn't one names none."""
    try:
        return read_uuid7(request.args.get("beside", ""))
    except ValueError:
        return None


def cursor() -> UUID | None:
    """Read where the page that was asked for begins."""
    text = request.args.get("cursor")
    if not text:
        return None
    try:
        return read_uuid7(text)
    except ValueError:
        notice = Notice(loc=("cursor",), msg="This is not a cursor that a page gave.")
        raise InvalidQuery(errors=[notice]) from None


def filter_asked() -> Filter:
    """Read which records were asked for, among those that whoever asks may see."""
    asked = services().redaction.with_pseudonyms(read_filter(list(request.args.items(multi=True))))
    return replace(asked, scope=principal().scope)

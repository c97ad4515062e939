"""Reads ids, filters and cursors from the address of a request."""

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
    """Read the id of a prediction.

    Raises
    ------
    PredictionNotFound
        When the text isn't an id.
    """
    try:
        return read_uuid7(text)
    except ValueError:
        raise PredictionNotFound from None


def previous_id() -> UUID | None:
    """Read the id of the previous prediction to compare with; None without a valid one."""
    try:
        return read_uuid7(request.args.get("beside", ""))
    except ValueError:
        return None


def confirmed_blanks() -> int:
    """Read how many blank inputs the sender of a form confirmed; a field that said so might be an input's."""
    return request.args.get("blanks", 0, type=int)


def cursor() -> UUID | None:
    """Read the cursor where the page begins; None for the first page."""
    text = request.args.get("cursor")
    if not text:
        return None
    try:
        return read_uuid7(text)
    except ValueError:
        notice = Notice(loc=("cursor",), msg="“cursor” must be the cursor of an earlier page.")
        raise InvalidQuery(errors=[notice]) from None


def requested_filter() -> Filter:
    """Read the filter, limited to the records that the user may see."""
    filter = services().redaction.with_pseudonyms(read_filter(list(request.args.items(multi=True))))
    return replace(filter, scope=principal().scope)

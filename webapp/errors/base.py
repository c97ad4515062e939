"""What all errors have in common, and the errors of which several subjects have their own kinds."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.types import Notice


class ScoredeskError(Exception):
    """Something went wrong inside Scoredesk."""

    status = 500
    #: Seconds after which it can help to try again; None where it can't.
    retry_after: int | None = None
    #: Whether a page about this error loads itself again after those seconds.
    reloads = False

    def __init__(self, message: str | None = None, *, errors: Sequence[Notice] = ()) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.errors = tuple(errors)
        super().__init__(self.message)


class NotFound(ScoredeskError):
    """There is nothing at this address."""

    status = 404


class Unavailable(ScoredeskError):
    """The service can't answer right now. Please try again in a moment."""

    status = 503
    retry_after = 5

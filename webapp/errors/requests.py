"""Errors of requests that can't be read, or are sent again."""

from __future__ import annotations

from webapp.errors.base import ScoredeskError, Unavailable


class MalformedRequest(ScoredeskError):
    """The request can't be understood."""

    status = 400


class HostRefused(ScoredeskError):
    """This service has no such host name."""

    status = 400


class MalformedJSON(ScoredeskError):
    """The body is not valid JSON."""

    status = 400


class MalformedCSV(ScoredeskError):
    """The body must be CSV in UTF-8: one line of distinct column names, then lines with one value for each column."""

    status = 400


class MalformedTensors(ScoredeskError):
    """The binary data don't match the tensors that the JSON before them describes."""

    status = 400


class MalformedBody(ScoredeskError):
    """The body is not compressed in the way that its Content-Encoding header says."""

    status = 400


class MalformedIdempotencyKey(ScoredeskError):
    """Idempotency-Key must be one key of 1 to 255 printable ASCII characters, quoted if it has spaces or commas."""

    status = 400


class BodyTooLarge(ScoredeskError):
    """The request is too large."""

    status = 413


class UnsupportedMediaType(ScoredeskError):
    """Send the body as application/json."""

    status = 415


class UnsupportedEncoding(ScoredeskError):
    """Send the body uncompressed, or compressed with gzip or deflate."""

    status = 415


class IdempotencyKeyInUse(ScoredeskError):
    """The first request with this Idempotency-Key is still running. Please try again in a moment."""

    status = 409
    retry_after = 1


class IdempotencyKeyReused(ScoredeskError):
    """This Idempotency-Key was already used for a different request. Use a new key for each new request."""

    status = 422


class InvalidQuery(ScoredeskError):
    """A filter or parameter in the address is not valid."""

    status = 422


class IdempotencyUnavailable(Unavailable):
    """Idempotency-Keys can't be checked right now, so the request was not run. Please try again in a moment."""

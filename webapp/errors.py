"""Everything that can go wrong, as one tree: the docstring is the message, the status is on the class."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.types import Notice


class ScoredeskError(Exception):
    """Something went wrong inside Scoredesk."""

    status = 500
    #: Whether asking again later can help, and after how many seconds.
    retry_after: int | None = None

    def __init__(self, message: str | None = None, *, errors: Sequence[Notice] = ()) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.errors = tuple(errors)
        super().__init__(self.message)


class SettingsError(ScoredeskError):
    """A setting is wrong."""


class EmbeddedPostgresError(ScoredeskError):
    """The embedded PostgreSQL could not be started."""


class NotGrantable(ScoredeskError):
    """PostgreSQL can't be reached, has no tables yet, or lets only their owner do this."""


class NotServable(ScoredeskError):
    """This file holds nothing that can be served."""


class ArtifactRefused(NotServable):
    """This file wants something that a model does not need."""


class CardInvalid(NotServable):
    """Its card is not valid."""


class GoldenRowsDiffer(NotServable):
    """It no longer answers its golden rows as it did when it was published."""


class NotPublishable(ScoredeskError):
    """This can't be published."""


class NotPromotable(ScoredeskError):
    """This version can't be made the champion."""


class MalformedJSON(ScoredeskError):
    """The body is not valid JSON."""

    status = 400


class MalformedCSV(ScoredeskError):
    """The body must be CSV in UTF-8: a line of different column names, and a value for each in every line below."""

    status = 400


class MalformedTensors(ScoredeskError):
    """The binary data don't fit the tensors that the JSON before them describes."""

    status = 400


class MalformedBody(ScoredeskError):
    """The body is not compressed as its Content-Encoding says."""

    status = 400


class MalformedIdempotencyKey(ScoredeskError):
    """Idempotency-Key must be one key of 1 to 255 printable ASCII characters, quoted if it has blanks or commas."""

    status = 400


class NotFound(ScoredeskError):
    """There is nothing at this address."""

    status = 404


class ModelNotFound(NotFound):
    """There is no model of this name."""


class VersionNotFound(NotFound):
    """This model has no such version."""


class PredictionNotFound(NotFound):
    """There is no prediction with this id."""


class BodyTooLarge(ScoredeskError):
    """The request is too large."""

    status = 413


class UnsupportedMediaType(ScoredeskError):
    """Send the body as application/json."""

    status = 415


class UnsupportedEncoding(ScoredeskError):
    """Send the body as it is, or compressed with gzip or deflate."""

    status = 415


class IdempotencyKeyInUse(ScoredeskError):
    """The first request with this Idempotency-Key is still being answered. Please try again in a moment."""

    status = 409
    retry_after = 1


class IdempotencyKeyReused(ScoredeskError):
    """This Idempotency-Key was sent before, with another request. Each new request needs a key of its own."""

    status = 422


class InvalidInput(ScoredeskError):
    """The input is not what this model takes."""

    status = 422


class InvalidQuery(ScoredeskError):
    """The address asks for something that does not exist."""

    status = 422


class PredictionFailed(ScoredeskError):
    """The model could not answer this input. The failure is on record."""

    status = 500


class NotExplainable(ScoredeskError):
    """This answer can't be explained: it is none, or the file that gave it does not answer for the model now."""

    status = 409


class Unavailable(ScoredeskError):
    """The service can't answer right now. Please try again in a moment."""

    status = 503
    retry_after = 5


class ModelNotReady(ScoredeskError):
    """This model can't be served."""

    status = 503


class PredictionLogUnavailable(Unavailable):
    """Predictions can't be recorded right now, so none is given. Please try again in a moment."""


class SearchTooSlow(Unavailable):
    """The database is too busy to search. Please try again in a moment."""


class TooBusy(Unavailable):
    """More people are waiting for this model than it can answer. Please try again in a moment."""

    retry_after = 1


class DeadlineExceeded(Unavailable):
    """This model did not answer in time. Please try again in a moment."""


class SpoolUnavailable(PredictionLogUnavailable):
    """Predictions can't be recorded right now, so none is given. Please try again in a moment."""


class RecordsWait(Unavailable):
    """Records still wait in the spool that may hold this, so nothing was done. Please try again in a moment."""


class DamagedLine(ScoredeskError):
    """This line of a journal is not as it was written."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__()


class RowRefused(ScoredeskError):
    """PostgreSQL refuses what is in a row."""

    def __init__(self, reason: str) -> None:
        #: Its SQLSTATE, never a value of the row.
        self.reason = reason
        super().__init__()


class VersionHistoryUnavailable(Unavailable):
    """The database that says which version is the champion can't be reached. Please try again in a moment."""


class LoginNeeded(ScoredeskError):
    """Say who you are: send an API key as “Authorization: Bearer sd_…”."""

    status = 401


class LoginRefused(ScoredeskError):
    """This name and this password don't belong together."""

    status = 401


class NotAllowed(ScoredeskError):
    """This needs a role that you don't have."""

    status = 403


class ForeignOrigin(ScoredeskError):
    """This was sent from the page of another site, so nothing was done."""

    status = 403


class ProxyNotTrusted(ScoredeskError):
    """The header that tells who asks came from an address that may not set it."""

    status = 403


class TooManyAttempts(ScoredeskError):
    """There were too many attempts. Please try again later."""

    status = 429

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__()


class PasswordRefused(ScoredeskError):
    """This password is too easy to guess."""

    status = 422


class AccountInvalid(ScoredeskError):
    """This can't be the name of a user, a key or a role."""

    status = 422


class AccountsUnavailable(Unavailable):
    """The database that says who may ask can't be reached. Please try again in a moment."""


class AuditUnavailable(Unavailable):
    """What is done here is remembered in a database that can't be reached. Please try again in a moment."""


class IdempotencyUnavailable(Unavailable):
    """Idempotency-Keys can't be looked up right now, so nothing was run. Please try again in a moment."""


class SealsUnavailable(Unavailable):
    """The database that holds the log and its seals can't be reached, or refuses this."""


class SealingBusy(Unavailable):
    """Another process is sealing the log. Please try again in a moment."""


class StillWriting(Unavailable):
    """Somebody has been writing to the log for too long without an end, so it can't be sealed yet."""


class SealDamaged(ScoredeskError):
    """The newest seal is none of the service's, or of another key. To see: flask --app wsgi predictions verify"""


class NotSealed(ScoredeskError):
    """This prediction is not sealed yet. To seal the log: flask --app wsgi predictions seal"""


class NotProvable(ScoredeskError):
    """This prediction is not what was recorded and sealed. To see what is wrong: flask --app wsgi predictions verify"""


class NotTableOwner(ScoredeskError):
    """Only the owner of the tables can do this, not the user that DATABASE_URL names."""


class TablesBusy(Unavailable):
    """Others use the tables without a pause. Please try again in a moment."""


class RowsCameLate(Unavailable):
    """Predictions of that time came just now and are not sealed yet. Please try again in a moment."""

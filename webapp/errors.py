"""All errors of Scoredesk in one tree: the docstring of each is its default message, ``status`` its HTTP status."""

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


class SettingsError(ScoredeskError):
    """A setting is wrong."""


class OtherKeys(SettingsError):
    """This host's keys are not those that the database was used with before."""


class EmbeddedPostgresError(ScoredeskError):
    """The embedded PostgreSQL could not be started."""


class NotGrantable(ScoredeskError):
    """PostgreSQL can't be reached, has no tables yet, or allows this only to the owner of the tables."""


class NotServable(ScoredeskError):
    """This file holds no model that can be served."""


class NotServableYet(NotServable):
    """This file can't be served now. It is tried again."""


class HoldsTransformer(NotServable):
    """This file holds a transformer and no model."""

    def __init__(self, kind: str, columns: int | None, message: str | None = None) -> None:
        #: Its class, and how many columns it returns if it says so.
        self.kind, self.columns = kind, columns
        super().__init__(message)


class ArtifactRefused(NotServable):
    """This file contains something that no model needs."""


class CardInvalid(NotServable):
    """The card is not valid."""


class GoldenRowsDiffer(NotServable):
    """The model no longer gives the answers for its golden rows that it gave when it was published."""


class EnvironmentRefused(ScoredeskError):
    """An environment for models can't be built or removed."""


class NotPublishable(ScoredeskError):
    """This can't be published."""


class NameTaken(NotPublishable):
    """There is already a model with this name."""


class NotPromotable(ScoredeskError):
    """This version can't be made the champion."""

    status = 409


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


class NotFound(ScoredeskError):
    """There is nothing at this address."""

    status = 404


class ModelNotFound(NotFound):
    """There is no model with this name."""


class VersionNotFound(NotFound):
    """This model has no such version."""


class PredictionNotFound(NotFound):
    """This prediction doesn't exist, or you aren't allowed to see it."""


class BodyTooLarge(ScoredeskError):
    """The request is too large."""

    status = 413


class UploadNotStored(ScoredeskError):
    """The file can't be stored."""

    status = 507


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


class InvalidInput(ScoredeskError):
    """The input is not valid for this model."""

    status = 422


class InvalidQuery(ScoredeskError):
    """A filter or parameter in the address is not valid."""

    status = 422


class PredictionFailed(ScoredeskError):
    """The model failed on this input. The failure is recorded."""

    status = 500

    @property
    def kind(self) -> str:
        """The kind of the error, without anything of the input."""
        return type(self).__name__


class EstimatorFailed(PredictionFailed):
    """The model failed on this input. The failure is recorded."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        super().__init__()

    @property
    def kind(self) -> str:
        """The kind of the error that the estimator raised."""
        return self._kind


class ModelProcessFailed(PredictionFailed):
    """The model's process ended while it worked on this input. The failure is recorded."""


class ModelTooSlow(ModelProcessFailed):
    """The model took too long for this input, so its process was ended. The failure is recorded."""


class ModelPaused(ModelProcessFailed):
    """The model's process has ended too often, so it is not started again for a while. The failure is recorded."""

    status = 503


class NotExplainable(ScoredeskError):
    """This prediction can't be explained: it has no answer, or another file of the model is in use now."""

    status = 409


class Unavailable(ScoredeskError):
    """The service can't answer right now. Please try again in a moment."""

    status = 503
    retry_after = 5


class VersionsLoading(Unavailable):
    """Versions of models are still being loaded. Please try again in a moment."""


class ModelNotReady(ScoredeskError):
    """This model can't be served."""

    status = 503


class ModelsFolderSilent(ModelNotReady):
    """No models are loaded, because the models folder does not answer. Please try again in a moment."""

    retry_after = 5


class PredictionLogUnavailable(Unavailable):
    """Predictions can't be recorded right now, so none are made. Please try again in a moment."""


class PredictionOutOfReach(PredictionLogUnavailable):
    """The database can't be reached right now, so this prediction can't be shown."""

    reloads = True


class PredictionNotHere(Unavailable):
    """This prediction is stored on another server and is not here yet. If it never appears, tell the administrator."""

    reloads = True

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__()


class SearchTooSlow(Unavailable):
    """The database is too busy to search. Please try again in a moment."""


class TooBusy(Unavailable):
    """Too many requests are waiting for this model. Please try again in a moment."""

    retry_after = 1


class DeadlineExceeded(Unavailable):
    """This model did not answer in time. Please try again in a moment."""


class SpoolUnavailable(PredictionLogUnavailable):
    """Predictions can't be recorded right now, so none are made. Please try again in a moment."""


class RecordsWait(Unavailable):
    """Records that this concerns may still wait in the spool, so nothing was done. Please try again in a moment."""


class DamagedLine(ScoredeskError):
    """This line of the journal is damaged."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__()


class RowRefused(ScoredeskError):
    """PostgreSQL rejected the content of a row."""

    def __init__(self, reason: str) -> None:
        #: The SQLSTATE of the refusal, never a value of the row.
        self.reason = reason
        super().__init__()


class VersionHistoryUnavailable(Unavailable):
    """The database that stores which version is the champion can't be reached. Please try again in a moment."""


class LoginNeeded(ScoredeskError):
    """Authentication is needed: send an API key as “Authorization: Bearer sd_…”."""

    status = 401


class LoginRefused(ScoredeskError):
    """Wrong name or password."""

    status = 401


class NotAllowed(ScoredeskError):
    """Your role doesn't allow this. An administrator can give you another one."""

    status = 403


class ForeignOrigin(ScoredeskError):
    """This request came from a page of another website, so it was refused."""

    status = 403


class ProxyNotTrusted(ScoredeskError):
    """The header with the user's name came from an address that is not a trusted proxy."""

    status = 403


class TooManyAttempts(ScoredeskError):
    """Too many attempts. Please try again later."""

    status = 429

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        minutes = -(-retry_after // 60)
        when = f"{minutes} minutes" if minutes > 1 else "a minute"
        super().__init__(f"Too many attempts. Please try again in {when}.")


class LoginsBusy(Unavailable):
    """Many people are logging in right now. Please try again in a moment."""

    retry_after = 2


class PasswordRefused(ScoredeskError):
    """This password is too easy to guess."""

    status = 422


class AccountInvalid(ScoredeskError):
    """This is not a valid name for a user, an API key or a role."""

    status = 422


class AccountsUnavailable(Unavailable):
    """The database of users and API keys can't be reached. Please try again in a moment."""


class AuditUnavailable(Unavailable):
    """The database of the audit log can't be reached. Please try again in a moment."""


class IdempotencyUnavailable(Unavailable):
    """Idempotency-Keys can't be checked right now, so the request was not run. Please try again in a moment."""


class KeysUnavailable(Unavailable):
    """The keys can't be compared with those in the database, which can't be reached or refused this."""


class SealsUnavailable(Unavailable):
    """The database that holds the log and its seals can't be reached, or refused this."""


class SealingBusy(Unavailable):
    """Another process is sealing the log. Please try again in a moment."""


class StillWriting(Unavailable):
    """A transaction has been writing to the log for too long, so it can't be sealed yet. Please try again later."""


class SealDamaged(ScoredeskError):
    """The newest seal was not signed with a key of this service. To see more: flask --app wsgi predictions verify"""


class SealsMissing(ScoredeskError):
    """The database lacks the newest seal that this machine saw. To see more: flask --app wsgi predictions verify"""


class NotSealed(ScoredeskError):
    """This prediction is not sealed yet. To seal the log: flask --app wsgi predictions seal"""


class NotProvable(ScoredeskError):
    """This prediction doesn't match what was recorded and sealed. To see more: flask --app wsgi predictions verify"""


class NotTableOwner(ScoredeskError):
    """Only the owner of the tables can do this, and DATABASE_URL names another user."""


class TablesBusy(Unavailable):
    """The tables are in constant use by others. Please try again in a moment."""


class RowsCameLate(Unavailable):
    """Predictions from that time were added just now and are not sealed yet. Please try again in a moment."""

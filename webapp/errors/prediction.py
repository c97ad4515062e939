"""Errors of a model's answers and explanations."""

from __future__ import annotations

from webapp.errors.base import ScoredeskError, Unavailable


class InvalidInput(ScoredeskError):
    """The input is not valid for this model."""

    status = 422


class BlanksUnconfirmed(ScoredeskError):
    """More than half of the inputs are blank. Confirm that, or fill in more of them."""

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


class TooBusy(Unavailable):
    """Too many requests are waiting for this model. Please try again in a moment."""

    retry_after = 1


class DeadlineExceeded(Unavailable):
    """This model did not answer in time. Please try again in a moment."""

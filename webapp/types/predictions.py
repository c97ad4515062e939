"""A prediction and how it ended, as the prediction log keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from webapp.types.features import Instance
from webapp.types.words import Word


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A sentence about one place of the input: an error or a warning."""

    loc: tuple[str | int, ...]
    msg: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an estimator predicts for one instance.

    With several outputs both fields are lists, in the order of the outputs.
    """

    prediction: Any
    probabilities: Any = None


class Status(Word):
    """How a request for a prediction ended."""

    ANSWERED = "answered"
    FAILED = "failed"
    REJECTED = "rejected"


class Channel(Word):
    """The source of a request for a prediction: the web form, or one of the protocols."""

    FORM = "form"
    JSON = "json"
    OPEN_INFERENCE = "v2"
    KSERVE = "v1"
    MLFLOW = "mlflow"


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """One request for a prediction and how it ended: what the prediction log keeps."""

    id: UUID
    created_at: datetime
    model: str
    version: str
    digest: str
    channel: str
    request_id: str
    status: Status
    actor: str | None = None
    inputs: Instance | None = None
    answer: Answer | None = None
    #: Why there is no answer.
    errors: tuple[Notice, ...] = ()
    warnings: tuple[Notice, ...] = ()
    #: Seconds that the model needed, for all instances that were predicted together.
    duration: float = 0.0
    #: In words, that another version of scikit-learn made the model than the one that answered; None if the same did.
    read_as: str | None = None
    #: A digest of the operator's own code that the model ran with; None if it needs none.
    code: str | None = None

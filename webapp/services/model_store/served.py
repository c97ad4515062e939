"""One version as the store holds it: everything needed to answer, or the reason why it can't be served."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum

from webapp.errors import NotServable, PredictionFailed
from webapp.helpers import formatting
from webapp.helpers.inputs.schema import InstanceSchema
from webapp.models.card import Card
from webapp.models.explanation import Background
from webapp.models.guardrails.checks import Checks
from webapp.services.model_store.inference import Inference
from webapp.services.model_store.lane import Lane
from webapp.types import Signature


@dataclass(frozen=True, kw_only=True)
class ServedModel:
    """One version of a model with everything needed to answer, so that the parts always belong together."""

    name: str
    version: str
    digest: str
    inference: Inference
    signature: Signature
    schema: InstanceSchema
    checks: Checks
    #: The typical inputs that its predictions are compared with when they are explained.
    background: Background
    size: int = 0
    #: In words, that another version of scikit-learn made the file than the one that reads it; None if the same did.
    read_as: str | None = None
    card: Card | None = None
    #: The queue of requests that wait for it, in this process.
    lane: Lane = field(default_factory=Lane, repr=False, compare=False)

    def start_cells(self) -> None:
        """Start a cell if this version needs one for each answer; one that can't start now is started by a request."""
        if self.inference.plan is None:
            with suppress(NotServable, PredictionFailed):
                self.inference.cells.start()

    @property
    def title(self) -> str:
        return (self.card and self.card.title) or formatting.title(self.name)


class Retry(Enum):
    """When a version that can't be served is tried again."""

    #: Its files, as they are, can't be served.
    NEVER = "never"
    #: Its files changed while they were read.
    AT_ONCE = "at once"
    #: The clock, the memory or the disk decided, which may do better later.
    LATER = "later"


@dataclass(frozen=True, kw_only=True)
class UnservedModel:
    """A version that can't be served, and the reason in words."""

    name: str
    reason: str
    version: str = ""
    #: When it is tried again although its files are the same.
    retry: Retry = Retry.NEVER

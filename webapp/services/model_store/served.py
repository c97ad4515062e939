"""One version as the store holds it: everything needed to answer, or the reason why it can't be served."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum

from webapp.errors import NotServable, PredictionFailed
from webapp.helpers import formatting
from webapp.helpers.inputs.schema import InstanceSchema
from webapp.helpers.output_words import without_report
from webapp.models.card import Card
from webapp.models.explanation import Background
from webapp.models.guardrails.checks import Checks
from webapp.services.cells.environments import Environment
from webapp.services.model_store.inference import Inference
from webapp.services.model_store.lane import Lane
from webapp.types import Prediction, Signature


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
    #: Whether its answer to an instance depends on the others of the same request. Then its lane joins no requests.
    depends_on_company: bool = False
    size: int = 0
    #: In words, that another version of scikit-learn made the file than the one that reads it; None if the same did.
    read_as: str | None = None
    #: The environment whose libraries it runs with; None for the service's own.
    environment: Environment | None = None
    #: A digest of the operator's own code that it runs with; empty if it needs none.
    code: str = ""
    #: Whether the model's own statistics show that its inputs were scaled.
    looks_scaled: bool = False
    #: What wrote its file, and what was done with the parts of it, in sentences.
    notes: tuple[str, ...] = ()
    card: Card | None = None
    #: The queue of requests that wait for it, in this process.
    lane: Lane = field(default_factory=Lane, repr=False, compare=False)

    def start_cells(self) -> None:
        """Start a cell if this version needs one for each answer; one that can't start now is started by a request."""
        if self.inference.plan is None:
            with suppress(NotServable, PredictionFailed):
                self.inference.cells.start()

    def gave(self, prediction: Prediction) -> bool:
        """Return whether the same file with the same code gave a prediction."""
        return (prediction.digest, prediction.code or "") == (self.digest, self.code)

    def words_for(self, prediction: Prediction) -> Signature:
        """Return the signature with whose words people read a prediction.

        It has no thresholds and no reported class if another file gave the prediction.
        """
        return self.signature if self.gave(prediction) else without_report(self.signature)

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
    #: The class of the transformer that the file holds instead of a model, and how many columns that returns.
    transformer: str = ""
    columns: int | None = None
    #: When it is tried again although its files are the same.
    retry: Retry = Retry.NEVER

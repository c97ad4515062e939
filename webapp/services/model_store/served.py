"""What the store knows of one version: all that answering takes, or why it can't be served."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from webapp.helpers import wording
from webapp.helpers.card import Card
from webapp.helpers.checks import Checks
from webapp.helpers.explanation import Background
from webapp.helpers.schema import InstanceSchema
from webapp.services.lane import Lane
from webapp.services.model_store.answering import Answering
from webapp.types import Signature


@dataclass(frozen=True, kw_only=True)
class ServedModel:
    """One version of a model with all that answering takes, so that its parts always belong together."""

    name: str
    version: str
    digest: str
    answering: Answering
    signature: Signature
    schema: InstanceSchema
    checks: Checks
    #: What its predictions are compared with when they are explained.
    background: Background
    size: int = 0
    card: Card | None = None
    #: The line of those who wait for it, in this process.
    lane: Lane = field(default_factory=Lane, repr=False, compare=False)

    @property
    def estimator(self) -> Any:
        return self.answering.estimator

    @property
    def title(self) -> str:
        return (self.card and self.card.title) or wording.title(self.name)


@dataclass(frozen=True, kw_only=True)
class UnservedModel:
    """A version that can't be served, and why, in words."""

    name: str
    reason: str
    version: str = ""
    #: Whether the file was changed while it was read, so that it must be read again.
    passing: bool = False

"""A part of the records that match, as searches and exports hand them on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from webapp.types import Prediction


@dataclass(frozen=True, kw_only=True)
class Part:
    """Some of the records that match, in their order."""

    predictions: Sequence[Prediction]
    #: Where the next part begins; None after the last.
    cursor: UUID | None = None
    #: Why this is the last part although more records may match.
    incomplete: str | None = None

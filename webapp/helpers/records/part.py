"""A part of the records that match a filter, for searches and exports."""

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
    #: Why the parts end here although more records may match; None if they are complete.
    incomplete: str | None = None

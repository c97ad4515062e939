"""What was sealed, counted."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.helpers.sealing import Head


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """The result of one call: what was sealed."""

    seals: int = 0
    predictions: int = 0
    audit_events: int = 0
    #: Rows that were inserted or changed outside the service before they were sealed.
    unproven: int = 0
    #: Rows that a version recorded that knew no codes, while it was replaced by a later one.
    without_code: int = 0

    def and_one(self, head: Head, unproven: int, without_code: int) -> Sealed:
        """Return the result with one more seal."""
        return Sealed(
            seals=self.seals + 1,
            predictions=self.predictions + head.predictions.count,
            audit_events=self.audit_events + head.audit_events.count,
            unproven=self.unproven + unproven - without_code,
            without_code=self.without_code + without_code,
        )

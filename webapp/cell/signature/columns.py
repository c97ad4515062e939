"""A column, as it changes from step to step of a fitted estimator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

ToRaw = Callable[[float], float]


@dataclass(frozen=True)
class Column:
    """One column between two steps of an estimator."""

    #: The one feature it was computed from; None where there are several or it is unknown.
    feature: str | None
    #: Converts its values back to the feature's; None where that is impossible or not needed.
    to_raw: ToRaw | None = None
    #: Whether its values are still the feature's own.
    is_raw: bool = True
    #: Whether a blank in the feature is still a blank here.
    can_be_blank: bool = True
    #: What an imputer filled in that is no training value, on the feature's own scale.
    filling: float | None = None
    #: Whether all its values, except for that filling, lie between training values.
    is_within_training: bool = True

    def value(self, number: float) -> float:
        """Convert a number of this column back to the feature's own scale."""
        return self.to_raw(number) if self.to_raw else number

    @property
    def is_invertible(self) -> bool:
        return self.feature is not None and (self.is_raw or self.to_raw is not None)

    def scaled(self, undo_step: ToRaw) -> Column:
        """Return the column after a step that ``undo_step`` undoes."""
        before = self.to_raw
        undo = undo_step if before is None else lambda number: before(undo_step(number))
        return replace(self, to_raw=undo if self.is_invertible else None, is_raw=False)

    def filled(self, filling: float | None = None) -> Column:
        """Return the column after an imputer."""
        return replace(self, can_be_blank=False, filling=filling)

    def coded(self) -> Column:
        """Return the column after a step that can't be undone, such as an encoder."""
        return replace(self, to_raw=None, is_raw=False, can_be_blank=False)


#: A column computed from several features, or from one that is unknown.
MIXED = Column(None, is_raw=False, can_be_blank=False)

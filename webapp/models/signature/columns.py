"""What the walk over a fitted estimator carries along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

ToRaw = Callable[[float], float]


@dataclass(frozen=True)
class Column:
    """One column on its way through the steps of an estimator."""

    #: The one feature it was made of; None where several were mixed or it isn't known.
    feature: str | None
    #: The way back from its values to the feature's; None where there is none.
    to_raw: ToRaw | None = None
    #: Whether its values are still the feature's own.
    raw: bool = True
    #: Whether a blank in the feature is still a blank here.
    blank: bool = True
    #: What was put in place of blanks without having been met, on the feature's own scale.
    filling: float | None = None
    #: Whether all its values, but for that filling, lie between some that were met.
    met: bool = True

    def value(self, number: float) -> float:
        """Bring a number of this column back to the feature's own scale."""
        return self.to_raw(number) if self.to_raw else number

    @property
    def invertible(self) -> bool:
        return self.feature is not None and (self.raw or self.to_raw is not None)

    def scaled(self, back: ToRaw) -> Column:
        """The same column after a step that ``back`` undoes."""
        before = self.to_raw
        undo = back if before is None else lambda number: before(back(number))
        return replace(self, to_raw=undo if self.invertible else None, raw=False)

    def filled(self, filling: float | None = None) -> Column:
        return replace(self, blank=False, filling=filling)

    def coded(self) -> Column:
        """The same column after a step that has no way back."""
        return replace(self, to_raw=None, raw=False, blank=False)


MIXED = Column(None, raw=False, blank=False)

"""What the walk over a fitted estimator carries along, and the notebook that it fills."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from webapp.types import Feature, Kind, Range, Value

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

    def filled(self) -> Column:
        return replace(self, blank=False)

    def coded(self) -> Column:
        """The same column after a step that has no way back."""
        return replace(self, to_raw=None, raw=False, blank=False)


MIXED = Column(None, raw=False, blank=False)


@dataclass
class Evidence:
    """What has been found out about one feature so far."""

    kind: Kind | None = None
    choices: tuple[Value, ...] = ()
    used: bool = False
    required: bool = False
    whole: bool | None = None
    missing: float | None = math.nan
    default: Value = None
    range: Range | None = None


@dataclass
class Notebook:
    """The evidence for all features of an estimator."""

    evidence: dict[str, Evidence] = field(default_factory=dict)

    def __getitem__(self, column: Column) -> Evidence:
        """Give the evidence to write into; what is told of a mixed column is lost."""
        if column.feature is None:
            return Evidence()
        return self.evidence.setdefault(column.feature, Evidence())

    def use(self, columns: Iterable[Column]) -> None:
        """Note that a step wants these columns and can't stand a blank in them."""
        for column in columns:
            self[column].used = True
            self[column].required |= column.blank

    def tolerate(self, columns: Iterable[Column]) -> None:
        """Note that a step wants these columns and knows what to do with a blank."""
        for column in columns:
            self[column].used = True

    def choose(self, column: Column, categories: Sequence[object]) -> None:
        """Note the known categories of a column whose values are still the feature's own."""
        if not column.raw:
            return
        known = [as_value(category) for category in categories if not is_missing(category)]
        if len(known) < len(categories):
            self[column].missing = None if any(c is None for c in categories) else math.nan
        evidence = self[column]
        evidence.choices = tuple(known)
        evidence.kind = "boolean" if known and all(isinstance(c, bool) for c in known) else "category"

    def bound(self, column: Column, low: float, high: float, *, exact: bool, source: str) -> None:
        """Note the training range of a column, unless a better one is known."""
        if not column.invertible:
            return
        ends = sorted((column.value(float(low)), column.value(float(high))))
        known = self[column].range
        if all(map(math.isfinite, ends)) and (known is None or (exact and not known.exact)):
            self[column].range = Range(low=ends[0], high=ends[1], exact=exact, source=source)

    def count(self, column: Column, thresholds: Sequence[float]) -> None:
        """Note whether split thresholds look as if they were drawn between whole numbers."""
        if column.raw and len(thresholds) >= 5:
            whole = bool(np.all(np.mod(np.asarray(thresholds, dtype=float) * 2, 1) == 0))
            self[column].whole = whole and self[column].whole is not False

    def feature(self, name: str) -> Feature:
        """Sum up what is known of one feature."""
        found = self.evidence.get(name, Evidence())
        kind = found.kind or ("integer" if found.whole else "number")
        return Feature(
            name=name,
            kind=kind,
            optional=not found.required,
            choices=found.choices,
            missing=found.missing,
            default=found.default,
            range=found.range if kind in ("number", "integer") else None,
        )


def is_missing(value: object) -> bool:
    """Whether a category stands for a blank: None, NaN or pandas' NA."""
    return value is None or value != value or type(value).__name__ == "NAType"


def as_value(value: object) -> Value:
    """Turn a numpy scalar into the Python value that JSON knows; 2.0 becomes 2."""
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, float) and plain.is_integer() and abs(plain) < 2**53:
        return int(plain)
    return plain if isinstance(plain, (bool, int, float, str)) else str(plain)

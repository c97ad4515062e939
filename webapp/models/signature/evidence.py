"""The notebook that the walk over a fitted estimator fills."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from webapp.helpers.values import distinct
from webapp.models.estimator.categories import as_choice, is_missing
from webapp.models.signature.columns import Column
from webapp.types import Feature, Kind, Range, Value


@dataclass
class Evidence:
    """What has been found out about one feature so far."""

    kind: Kind | None = None
    choices: tuple[Value, ...] = ()
    choices_source: str = ""
    alike: tuple[Value, ...] = ()
    used: bool = False
    required: bool = False
    whole: bool | None = None
    missing: float | None = math.nan
    categorical: bool = False
    #: What each imputer puts in place of a blank.
    fillings: list[Value] = field(default_factory=list)
    filling_source: str = ""
    #: A mean, a median or the most frequent value.
    typical: Value = None
    range: Range | None = None
    #: Where trees split it.
    splits: list[float] = field(default_factory=list)


@dataclass
class EvidenceBook:
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
            if column.feature is not None:
                self[column].used = True
                self[column].required |= column.blank

    def tolerate(self, columns: Iterable[Column]) -> None:
        """Note that a step wants these columns and knows what to do with a blank."""
        for column in columns:
            if column.feature is not None:
                self[column].used = True

    def is_used(self, name: str) -> bool:
        return name in self.evidence and self.evidence[name].used

    def choose(self, column: Column, categories: Sequence[object], source: str, alike: Sequence[object] = ()) -> None:
        """Note the known categories of a column whose values are still the feature's own.

        Parts that were fitted on different rows may know different ones; all together count. Those that a
        part makes no difference between are alike only if no other part does.
        """
        if not column.raw:
            return
        known = [as_choice(category) for category in categories if not is_missing(category)]
        evidence = self[column]
        if len(known) < len(categories):
            evidence.missing = None if any(c is None for c in categories) else math.nan
        same = tuple(as_choice(category) for category in alike if not is_missing(category))
        evidence.alike = tuple(each for each in evidence.alike if each in same) if evidence.choices else same
        evidence.choices = distinct([*evidence.choices, *known])
        evidence.choices_source = evidence.choices_source or source
        booleans = [isinstance(choice, bool) for choice in evidence.choices]
        evidence.kind = "boolean" if booleans and all(booleans) else "category"

    def bound(self, column: Column, low: float, high: float, *, exact: bool, source: str) -> None:
        """Note the training range of a column, unless a better one is known."""
        if not column.invertible:
            return
        ends = sorted((column.value(float(low)), column.value(float(high))))
        if not all(map(math.isfinite, ends)):
            return
        if not column.raw:
            # The way there and back again leaves traces in the last digits.
            exact, ends = False, _tidy(ends)
        if column.filling in ends:
            # How far the values that were met reach can't be told then.
            return
        found = Range(low=ends[0], high=ends[1], exact=exact and column.met, source=source)
        known = self[column].range
        self[column].range = found if known is None else _better(known, found)

    def center(self, column: Column, number: float) -> None:
        """Note the mean or median of a column, unless one is known or the fillings moved it."""
        if not column.invertible or column.filling is not None or not column.met:
            return
        value, evidence = column.value(float(number)), self[column]
        if math.isfinite(value) and evidence.typical is None:
            evidence.typical = value

    def count(self, column: Column, thresholds: Sequence[float]) -> None:
        """Note split thresholds, and whether they look as if they were drawn between whole numbers."""
        if column.raw:
            self[column].splits.extend(map(float, thresholds))
        if column.raw and len(thresholds) >= 5:
            whole = bool(np.all(np.mod(np.asarray(thresholds, dtype=float) * 2, 1) == 0))
            self[column].whole = whole and self[column].whole is not False

    def feature(self, name: str) -> Feature:
        """Sum up what is known of one feature."""
        found = self.evidence.get(name, Evidence())
        kind = found.kind or ("integer" if found.whole else "number")
        fillings = distinct(found.fillings)
        return Feature(
            name=name,
            kind=kind,
            optional=not found.required,
            choices=found.choices,
            choices_source=found.choices_source,
            alike=found.alike if len(found.alike) > 1 else (),
            missing=found.missing,
            categorical=found.categorical,
            default=fillings[0] if len(fillings) == 1 else None,
            default_source=found.filling_source if len(fillings) == 1 else "",
            typical=found.typical,
            range=found.range if kind in ("number", "integer") else None,
            splits=(min(found.splits), max(found.splits)) if found.splits else None,
        )


def _better(known: Range, found: Range) -> Range:
    """Prefer the exact range; two of the same source come from parts fitted on different rows."""
    if known.source == found.source:
        exact = known.exact and found.exact
        return replace(known, low=min(known.low, found.low), high=max(known.high, found.high), exact=exact)
    return found if found.exact and not known.exact else known


def _tidy(ends: Sequence[float]) -> list[float]:
    """Round both ends to the digits that arithmetic leaves right."""
    size = max(map(abs, ends))
    return [round(end, 11 - math.floor(math.log10(size))) for end in ends] if size else list(ends)

"""What the parts of a fitted estimator show about its features, collected step by step."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from webapp.cell.estimator.categories import as_choice, is_missing
from webapp.cell.signature.columns import Column
from webapp.helpers.values import distinct
from webapp.types import Feature, Kind, Range, Value


@dataclass
class Evidence:
    """What is known of one feature so far."""

    kind: Kind | None = None
    choices: tuple[Value, ...] = ()
    choices_source: str = ""
    alike: tuple[Value, ...] = ()
    #: Whether each step that knows categories was told what to do with others; None if there is no such step.
    tolerates_new: bool | None = None
    is_used: bool = False
    is_required: bool = False
    #: Whether its values are whole numbers; None where nothing shows it.
    is_whole: bool | None = None
    missing: float | None = math.nan
    categorical: bool = False
    #: What each imputer fills in for a blank.
    fillings: list[Value] = field(default_factory=list)
    filling_source: str = ""
    #: A mean, a median or the most frequent value.
    typical: Value = None
    range: Range | None = None
    #: The thresholds at which trees split it.
    splits: list[float] = field(default_factory=list)


@dataclass
class EvidenceBook:
    """The evidence on all features of an estimator, by the feature's name."""

    by_feature: dict[str, Evidence] = field(default_factory=dict)

    def __getitem__(self, column: Column) -> Evidence:
        """Return the evidence to add to; what is added for a mixed column is discarded."""
        if column.feature is None:
            return Evidence()
        return self.by_feature.setdefault(column.feature, Evidence())

    def require(self, columns: Iterable[Column]) -> None:
        """Note that a step reads these columns and refuses a blank in them."""
        for column in columns:
            if column.feature is not None:
                self[column].is_used = True
                self[column].is_required |= column.can_be_blank

    def accept_blanks(self, columns: Iterable[Column]) -> None:
        """Note that a step reads these columns and handles a blank in them."""
        for column in columns:
            if column.feature is not None:
                self[column].is_used = True

    def is_used(self, name: str) -> bool:
        return name in self.by_feature and self.by_feature[name].is_used

    def add_categories(
        self,
        column: Column,
        categories: Sequence[object],
        source: str,
        alike: Sequence[object] = (),
        *,
        tolerates_new: bool = False,
    ) -> None:
        """Note the categories that a step knows, if the column still has the feature's own values.

        Parts that were fitted on different rows may know different categories; the feature has all of them.
        Categories that one part treats alike count as alike only if no other part distinguishes them.
        """
        if not column.is_raw:
            return
        known = [as_choice(category) for category in categories if not is_missing(category)]
        feature = self[column]
        if len(known) < len(categories):
            feature.missing = None if any(c is None for c in categories) else math.nan
        same = tuple(as_choice(category) for category in alike if not is_missing(category))
        feature.alike = tuple(each for each in feature.alike if each in same) if feature.choices else same
        feature.choices = distinct([*feature.choices, *known])
        feature.choices_source = feature.choices_source or source
        feature.tolerates_new = tolerates_new and feature.tolerates_new is not False
        booleans = [isinstance(choice, bool) for choice in feature.choices]
        feature.kind = "boolean" if booleans and all(booleans) else "category"

    def add_range(self, column: Column, low: float, high: float, *, exact: bool, source: str) -> None:
        """Note the training range of a column, unless a better one is known."""
        if not column.is_invertible:
            return
        ends = sorted((column.value(float(low)), column.value(float(high))))
        if not all(map(math.isfinite, ends)):
            return
        if not column.is_raw:
            # Scaling and scaling back changes the last digits.
            exact, ends = False, _tidy(ends)
        if column.filling in ends:
            # The end may be the filling and not a training value, so the true range is unknown.
            return
        new = Range(low=ends[0], high=ends[1], exact=exact and column.is_within_training, source=source)
        known = self[column].range
        self[column].range = new if known is None else _better(known, new)

    def add_typical(self, column: Column, number: float) -> None:
        """Note the mean or median of a column, unless one is known or filled-in values have shifted it."""
        if not column.is_invertible or column.filling is not None or not column.is_within_training:
            return
        value, feature = column.value(float(number)), self[column]
        if math.isfinite(value) and feature.typical is None:
            feature.typical = value

    def add_splits(self, column: Column, thresholds: Sequence[float]) -> None:
        """Note split thresholds, and whether all of them lie halfway between whole numbers or on them."""
        if column.is_raw:
            self[column].splits.extend(map(float, thresholds))
        if column.is_raw and len(thresholds) >= 5:
            whole = bool(np.all(np.mod(np.asarray(thresholds, dtype=float) * 2, 1) == 0))
            self[column].is_whole = whole and self[column].is_whole is not False

    def feature(self, name: str) -> Feature:
        """Build the feature from what is known of it."""
        known = self.by_feature.get(name, Evidence())
        kind = known.kind or ("integer" if known.is_whole else "number")
        fillings = distinct(known.fillings)
        return Feature(
            name=name,
            kind=kind,
            optional=not known.is_required,
            choices=known.choices,
            choices_source=known.choices_source,
            alike=known.alike if len(known.alike) > 1 else (),
            tolerates_new=bool(known.tolerates_new) and kind == "category",
            missing=known.missing,
            categorical=known.categorical,
            default=fillings[0] if len(fillings) == 1 else None,
            default_source=known.filling_source if len(fillings) == 1 else "",
            typical=known.typical,
            range=known.range if kind in ("number", "integer") else None,
            splits=(min(known.splits), max(known.splits)) if known.splits else None,
        )


def _better(known: Range, new: Range) -> Range:
    """Return the exact range, or the union of two from the same source, fitted on different rows."""
    if known.source == new.source:
        exact = known.exact and new.exact
        return replace(known, low=min(known.low, new.low), high=max(known.high, new.high), exact=exact)
    return new if new.exact and not known.exact else known


def _tidy(ends: Sequence[float]) -> list[float]:
    """Round both ends to the digits that arithmetic leaves correct."""
    size = max(map(abs, ends))
    return [round(end, 11 - math.floor(math.log10(size))) for end in ends] if size else list(ends)

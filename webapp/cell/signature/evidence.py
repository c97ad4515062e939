"""What the parts of a fitted estimator show about its features, collected step by step."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from webapp.cell.estimator.categories import as_choice, is_missing
from webapp.cell.signature.columns import Column
from webapp.helpers.values import distinct
from webapp.types import FAR, Feature, Kind, Range, Usual, Value

#: A value further from the mean is far from all that is usual, in standard deviations: real data with a long tail
#: reach 25 of them.
MAX_DEVIATIONS = 30


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
    #: Whether another reading of what the parts show is possible.
    guessed: bool = False
    #: Whether a part reads it of which nothing is known, so that it may be no number.
    is_opaque: bool = False
    #: What each imputer fills in for a blank.
    fillings: list[Value] = field(default_factory=list)
    filling_source: str = ""
    #: A mean, a median or the most frequent value.
    typical: Value = None
    range: Range | None = None
    usual: Usual | None = None
    #: Whether its mean and its variance are those of values that are all 0 or 1.
    is_flag: bool = False
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

    def read_opaquely(self, columns: Iterable[Column]) -> None:
        """Note that a part of an unknown kind reads these columns."""
        self.require(columns)
        for column in columns:
            if column.feature is not None and column.is_raw:
                self[column].is_opaque = True

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

    def add_range(self, column: Column, low: float, high: float, source: str) -> None:
        """Note the smallest and the largest training value of a column, unless a better range is known."""
        if not column.is_invertible:
            return
        ends = sorted((column.value(float(low)), column.value(float(high))))
        if not all(map(math.isfinite, ends)):
            return
        if not column.is_raw:
            # Scaling and scaling back changes the last digits.
            ends = _tidy(ends)
        if column.filling in ends:
            # The end may be the filling and not a training value, so the true range is unknown.
            return
        new = Range(low=ends[0], high=ends[1], exact=column.is_raw and column.is_within_training, source=source)
        known = self[column].range
        self[column].range = new if known is None else _better(known, new)

    def add_mean(self, column: Column, mean: float, variance: float, count: float, source: str) -> None:
        """Note the mean and the variance of the ``count`` training values of a column."""
        if not column.is_invertible:
            return
        deviation = math.sqrt(max(variance, 0.0))
        if column.is_raw and column.filling in (None, 0, 1) and 0 < mean < 1:
            # Among values from 0 to 1 with the same mean, only those that are 0 or 1 vary so much.
            self[column].is_flag = math.isclose(variance, mean * (1 - mean), rel_tol=1e-9)
        middle, *ends = (column.value(mean + step * deviation) for step in (0, -1, 1))
        low, high = sorted(ends)
        sd = (high - low) / 2
        # None of n values is further from their mean than sqrt(n - 1) standard deviations (Samuelson's inequality).
        reach = sd * min(math.sqrt(max(count - 1, 0)), MAX_DEVIATIONS)
        usual = Usual(
            # Most things that people measure are never below zero.
            low=max(low, 0.0) if middle >= 0 else low,
            high=min(high, 0.0) if middle < 0 else high,
            mean=middle,
            sd=sd,
            far=(middle - reach, middle + reach) if reach else None,
            source=source,
        )
        self._add_usual(column, usual)

    def add_values(
        self, column: Column, low: float, high: float, source: str, *, nearly_all: bool = True, reach: float = FAR
    ) -> None:
        """Note two values between which many training values of a column lie, or nearly all.

        A value as many widths outside as ``reach`` says is far away; with 0, none is.
        """
        if column.is_invertible:
            low, high = sorted((column.value(float(low)), column.value(float(high))))
            distance = reach * (high - low)
            far = (low - distance, high + distance) if distance else None
            self._add_usual(column, Usual(low=low, high=high, nearly_all=nearly_all, far=far, source=source))

    def _add_usual(self, column: Column, usual: Usual) -> None:
        """Note where the values of a column usually lie, unless that is known."""
        numbers = (usual.low, usual.high, *(usual.far or ()))
        if all(map(math.isfinite, numbers)) and self[column].usual is None:
            self[column].usual = usual

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
        is_number = kind in ("number", "integer")
        fillings = distinct(known.fillings)
        feature = Feature(
            name=name,
            kind=kind,
            optional=not known.is_required,
            choices=known.choices,
            choices_source=known.choices_source,
            alike=known.alike if len(known.alike) > 1 else (),
            tolerates_new=bool(known.tolerates_new) and kind == "category",
            missing=known.missing,
            categorical=known.categorical,
            guessed=known.guessed,
            default=fillings[0] if len(fillings) == 1 else None,
            default_source=known.filling_source if len(fillings) == 1 else "",
            typical=known.typical,
            range=known.range if is_number else None,
            usual=known.usual if is_number and known.range is None else None,
            flag=is_number and known.is_flag,
            splits=(min(known.splits), max(known.splits)) if known.splits else None,
        )
        return replace(feature, guessed=True) if known.is_opaque and feature.unknown else feature


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

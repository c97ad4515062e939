"""Steps that fill in blanks: what they fill in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sklearn.impute import KNNImputer, MissingIndicator, SimpleImputer

# scikit-learn lets IterativeImputer be imported only after this, because it is experimental.
from sklearn.experimental import enable_iterative_imputer  # noqa: F401  # isort: skip
from sklearn.impute import IterativeImputer  # isort: skip

from webapp.cell.estimator.categories import is_missing
from webapp.cell.signature.columns import MIXED, Column
from webapp.cell.signature.evidence import EvidenceBook
from webapp.cell.signature.registry import read
from webapp.helpers.values import as_value

#: The strategies whose fillings lie between training values.
STRATEGIES_WITHIN_TRAINING = ("mean", "median", "most_frequent")
SOURCES = {
    "mean": "the imputer's mean",
    "median": "the imputer's median",
    "most_frequent": "the imputer's most frequent value",
    "constant": "the imputer's constant",
}


@read.register
def _(step: SimpleImputer, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    if not is_missing(step.missing_values):
        return _read_marker_imputer(step, columns, evidence)
    evidence.accept_blanks(columns)
    filled = []
    for column, statistic in zip(columns, step.statistics_, strict=False):
        if step.missing_values is None:
            evidence[column].missing = None
        filling = _note_filling(column, statistic, step.strategy, evidence)
        filled.append(column.filled(filling if step.strategy not in STRATEGIES_WITHIN_TRAINING else None))
    return _output_columns(step, filled)


@read.register
def _(step: KNNImputer, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    if not is_missing(step.missing_values):
        return _read_marker_imputer(step, columns, evidence)
    evidence.accept_blanks(columns)
    return _output_columns(step, [column.filled() for column in columns])


@read.register
def _(step: IterativeImputer, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    if not is_missing(step.missing_values):
        return _read_marker_imputer(step, columns, evidence)
    evidence.accept_blanks(columns)
    # The values that it fills in may lie outside the training range.
    return _output_columns(step, [replace(column.filled(), is_within_training=False) for column in columns])


@read.register
def _(step: MissingIndicator, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    refuses_new_blanks = step.error_on_new and step.features == "missing-only"
    for index, column in enumerate(columns):
        if is_missing(step.missing_values) and (index in step.features_ or not refuses_new_blanks):
            evidence.accept_blanks([column])
        else:
            evidence.require([column])
    return [MIXED] * len(step.features_)


def _read_marker_imputer(
    step: SimpleImputer | KNNImputer | IterativeImputer, columns: Sequence[Column], evidence: EvidenceBook
) -> list[Column]:
    """Read an imputer that replaces a marker value such as −1, and refuses a real blank."""
    evidence.require(columns)
    return _output_columns(step, [replace(column, is_within_training=False) for column in columns])


def _note_filling(column: Column, statistic: object, strategy: str, evidence: EvidenceBook) -> float | None:
    """Note what the imputer fills in, and return it if it is a number."""
    feature = evidence[column]
    if isinstance(statistic, str):
        feature.kind = feature.kind or "text"
    if is_missing(statistic) or not column.is_invertible:
        return None
    filling = as_value(statistic)
    if not column.is_raw and isinstance(filling, int | float):
        filling = as_value(column.value(filling))
    feature.fillings.append(filling)
    feature.filling_source = SOURCES.get(strategy, "the imputer")
    if strategy in STRATEGIES_WITHIN_TRAINING and feature.typical is None:
        feature.typical = filling
    return filling if isinstance(filling, int | float) else None


def _output_columns(step: SimpleImputer | KNNImputer | IterativeImputer, columns: Sequence[Column]) -> list[Column]:
    """Return the output columns: without those that were blank throughout, and with the missing indicators."""
    if not hasattr(step, "get_feature_names_out"):
        return _output_columns_before_1_1(step, columns)
    names = getattr(step, "feature_names_in_", [f"x{index}" for index in range(len(columns))])
    outputs = set(step.get_feature_names_out())
    kept = [column for column, name in zip(columns, names, strict=False) if name in outputs]
    return kept + [MIXED] * (len(outputs) - len(kept))


def _output_columns_before_1_1(step: Any, columns: Sequence[Column]) -> list[Column]:
    kept = [column for column, value in zip(columns, step.statistics_, strict=False) if not is_missing(value)]
    return kept + [MIXED] * (len(step.indicator_.features_) if step.add_indicator else 0)

"""Steps that fill blanks in, and what they fill in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sklearn.impute import KNNImputer, MissingIndicator, SimpleImputer

# IterativeImputer can't be imported without this, by scikit-learn's own choice.
from sklearn.experimental import enable_iterative_imputer  # noqa: F401  # isort: skip
from sklearn.impute import IterativeImputer  # isort: skip

from webapp.helpers.values import as_value
from webapp.models.estimator.categories import is_missing
from webapp.models.signature.columns import MIXED, Column
from webapp.models.signature.evidence import EvidenceBook
from webapp.models.signature.registry import read

#: The strategies that fill in a value between those that were met.
MET = ("mean", "median", "most_frequent")
SOURCES = {
    "mean": "the imputer's mean",
    "median": "the imputer's median",
    "most_frequent": "the imputer's most frequent value",
    "constant": "the imputer's constant",
}


@read.register
def _(step: SimpleImputer, columns: Sequence[Column], notebook: EvidenceBook) -> list[Column]:
    if not is_missing(step.missing_values):
        return _replace_a_value(step, columns, notebook)
    notebook.tolerate(columns)
    filled = []
    for column, statistic in zip(columns, step.statistics_, strict=False):
        if step.missing_values is None:
            notebook[column].missing = None
        filling = _note_filling(column, statistic, step.strategy, notebook)
        filled.append(column.filled(filling if step.strategy not in MET else None))
    return _what_comes_out(step, filled)


@read.register
def _(step: KNNImputer, columns: Sequence[Column], notebook: EvidenceBook) -> list[Column]:
    if not is_missing(step.missing_values):
        return _replace_a_value(step, columns, notebook)
    notebook.tolerate(columns)
    return _what_comes_out(step, [column.filled() for column in columns])


@read.register
def _(step: IterativeImputer, columns: Sequence[Column], notebook: EvidenceBook) -> list[Column]:
    if not is_missing(step.missing_values):
        return _replace_a_value(step, columns, notebook)
    notebook.tolerate(columns)
    # What it fills in may lie beyond all that was met.
    return _what_comes_out(step, [replace(column.filled(), met=False) for column in columns])


@read.register
def _(step: MissingIndicator, columns: Sequence[Column], notebook: EvidenceBook) -> list[Column]:
    wary = step.error_on_new and step.features == "missing-only"
    for index, column in enumerate(columns):
        if is_missing(step.missing_values) and (index in step.features_ or not wary):
            notebook.tolerate([column])
        else:
            notebook.use([column])
    return [MIXED] * len(step.features_)


def _replace_a_value(
    step: SimpleImputer | KNNImputer | IterativeImputer, columns: Sequence[Column], notebook: EvidenceBook
) -> list[Column]:
    """Read an imputer to which a value of its own, such as −1, stands for a blank; it refuses a real one."""
    notebook.use(columns)
    return _what_comes_out(step, [replace(column, met=False) for column in columns])


def _note_filling(column: Column, statistic: object, strategy: str, notebook: EvidenceBook) -> float | None:
    """Note what is filled in, and give it if it is a number."""
    evidence = notebook[column]
    if isinstance(statistic, str):
        evidence.kind = evidence.kind or "text"
    if is_missing(statistic) or not column.invertible:
        return None
    filling = as_value(statistic)
    if not column.raw and isinstance(filling, int | float):
        filling = as_value(column.value(filling))
    evidence.fillings.append(filling)
    evidence.filling_source = SOURCES.get(strategy, "the imputer")
    if strategy in MET and evidence.typical is None:
        evidence.typical = filling
    return filling if isinstance(filling, int | float) else None


def _what_comes_out(step: SimpleImputer | KNNImputer | IterativeImputer, columns: Sequence[Column]) -> list[Column]:
    """Leave out the columns that were blank throughout, and add those that indicate a blank."""
    names = getattr(step, "feature_names_in_", [f"x{index}" for index in range(len(columns))])
    out = set(step.get_feature_names_out())
    kept = [column for column, name in zip(columns, names, strict=False) if name in out]
    return kept + [MIXED] * (len(out) - len(kept))

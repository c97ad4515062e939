"""Steps that fill blanks in, and what they fill in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sklearn.impute import KNNImputer, MissingIndicator, SimpleImputer

# IterativeImputer can't be imported without this, by scikit-learn's own choice.
from sklearn.experimental import enable_iterative_imputer  # noqa: F401  # isort: skip
from sklearn.impute import IterativeImputer  # isort: skip

from webapp.helpers.signature.columns import MIXED, Column, Notebook, as_value, is_missing
from webapp.helpers.signature.walk import read


@read.register
def _(step: SimpleImputer, columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    if not is_missing(step.missing_values):
        notebook.tolerate(columns)
        return list(columns)
    kept = []
    for column, statistic in zip(columns, step.statistics_, strict=False):
        notebook.tolerate([column])
        evidence = notebook[column]
        if step.missing_values is None:
            evidence.missing = None
        if is_missing(statistic):
            # A column that was blank throughout is left out of what follows.
            continue
        if isinstance(statistic, str):
            evidence.kind = evidence.kind or "text"
        if isinstance(statistic, str) or column.invertible:
            raw = statistic if isinstance(statistic, str) else column.value(float(statistic))
            evidence.default = as_value(raw)
        kept.append(column.filled())
    return kept + ([MIXED] * _indicators(step))


@read.register(KNNImputer)
@read.register(IterativeImputer)
def _(step: KNNImputer | IterativeImputer, columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    if not is_missing(step.missing_values):
        notebook.tolerate(columns)
        return list(columns)
    notebook.tolerate(columns)
    return [replace(column, blank=False) for column in columns] + [MIXED] * _indicators(step)


@read.register
def _(step: MissingIndicator, columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    notebook.tolerate(columns)
    return [MIXED] * len(step.features_)


def _indicators(step: SimpleImputer | KNNImputer | IterativeImputer) -> int:
    return len(step.indicator_.features_) if step.add_indicator and step.indicator_ else 0

"""Last steps: what a fitted predictor remembers of the values it was fitted on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.tree import BaseDecisionTree

from webapp.helpers.signature.columns import Column
from webapp.helpers.signature.notebook import Notebook
from webapp.helpers.signature.walk import read


@read.register
def _(step: BaseDecisionTree, columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    return _read_trees([step], columns, notebook)


@read.register(ExtraTreesClassifier)
@read.register(ExtraTreesRegressor)
@read.register(GradientBoostingClassifier)
@read.register(GradientBoostingRegressor)
@read.register(RandomForestClassifier)
@read.register(RandomForestRegressor)
def _(step: RandomForestClassifier, columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    return _read_trees(np.ravel(np.asarray(step.estimators_, dtype=object)), columns, notebook)


def _read_trees(trees: Iterable[BaseDecisionTree], columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    # A forest takes a blank without complaint even if it never met one, so a value is asked for.
    notebook.use(columns)
    fitted = [tree.tree_ for tree in trees]
    split = np.concatenate([tree.feature for tree in fitted])
    thresholds = np.concatenate([tree.threshold for tree in fitted])
    for index, column in enumerate(columns):
        if column.raw:
            notebook.count(column, np.unique(thresholds[split == index]).tolist())
    return []


@read.register(HistGradientBoostingClassifier)
@read.register(HistGradientBoostingRegressor)
def _(step: HistGradientBoostingClassifier, columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    notebook.tolerate(columns)
    categorical = np.zeros(len(columns), dtype=bool)
    if step._preprocessor is not None:
        encoder, categorical = step._preprocessor.transformers_[0][1], step.is_categorical_
        coded = [column for column, is_category in zip(columns, categorical, strict=False) if is_category]
        for column, categories in zip(coded, encoder.categories_, strict=False):
            notebook.choose(column, list(categories), "the categories that its trees know")
    # The bins are kept with the categories first; the numbers follow in their own order.
    numbers = [column for column, is_category in zip(columns, categorical, strict=False) if not is_category]
    thresholds = step._bin_mapper.bin_thresholds_[int(categorical.sum()) :]
    for column, cuts in zip(numbers, thresholds, strict=False):
        notebook.count(column, cuts.tolist())
        if len(cuts) >= 2:
            # Cuts lie between the values met, so the outermost values are a gap further out.
            low, high = 2 * cuts[0] - cuts[1], 2 * cuts[-1] - cuts[-2]
            notebook.bound(column, low, high, exact=False, source="the outermost splits")
    return []


@read.register(KNeighborsClassifier)
@read.register(KNeighborsRegressor)
def _(step: KNeighborsClassifier, columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    notebook.use(columns)
    met = step._fit_X
    if isinstance(met, np.ndarray) and met.dtype.kind in "fiu":
        for column, values in zip(columns, met.T, strict=False):
            notebook.bound(column, values.min(), values.max(), exact=True, source="the cases it compares with")
            notebook.center(column, np.median(values))
            if column.raw:
                notebook[column].whole = bool(np.all(np.mod(values, 1) == 0))
    return []


@read.register
def _(step: GaussianNB, columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    notebook.use(columns)
    for column, mean in zip(columns, step.class_prior_ @ step.theta_, strict=False):
        notebook.center(column, mean)
    reach = 3 * np.sqrt(step.var_)
    lows, highs = (step.theta_ - reach).min(axis=0), (step.theta_ + reach).max(axis=0)
    for column, low, high in zip(columns, lows, highs, strict=False):
        notebook.bound(column, low, high, exact=False, source="the classes' means ± 3 sd")
    return []

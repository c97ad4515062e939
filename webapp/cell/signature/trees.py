"""Trees: what they show about the training values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import BaseDecisionTree

from webapp.cell.signature.columns import Column
from webapp.cell.signature.evidence import EvidenceBook
from webapp.cell.signature.registry import read

#: With so many cuts, each bin of a HistGradientBoosting model holds a small share of the training values.
MANY_CUTS = 50


@read.register
def _(step: BaseDecisionTree, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    return _read_trees([step], columns, evidence)


@read.register(ExtraTreesClassifier)
@read.register(ExtraTreesRegressor)
@read.register(GradientBoostingClassifier)
@read.register(GradientBoostingRegressor)
@read.register(RandomForestClassifier)
@read.register(RandomForestRegressor)
def _(step: RandomForestClassifier, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    return _read_trees(np.ravel(np.asarray(step.estimators_, dtype=object)), columns, evidence)


@read.register(AdaBoostClassifier)
@read.register(AdaBoostRegressor)
def _(step: AdaBoostClassifier, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    if all(isinstance(part, BaseDecisionTree) for part in step.estimators_):
        return _read_trees(step.estimators_, columns, evidence)
    evidence.require(columns)
    return []


@read.register(BaggingClassifier)
@read.register(BaggingRegressor)
def _(step: BaggingClassifier, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    for part, places in zip(step.estimators_, step.estimators_features_, strict=True):
        read(part, [columns[place] for place in places] if columns else [], evidence)
    return []


def _read_trees(trees: Iterable[BaseDecisionTree], columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    # A forest accepts a blank without an error even if training had none, so the form requires a value.
    evidence.require(columns)
    fitted = [tree.tree_ for tree in trees]
    split = np.concatenate([tree.feature for tree in fitted])
    thresholds = np.concatenate([tree.threshold for tree in fitted])
    for index, column in enumerate(columns):
        if column.is_raw:
            evidence.add_splits(column, np.unique(thresholds[split == index]).tolist())
    return []


@read.register(HistGradientBoostingClassifier)
@read.register(HistGradientBoostingRegressor)
def _(step: HistGradientBoostingClassifier, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    evidence.accept_blanks(columns)
    categorical = np.zeros(len(columns), dtype=bool)
    if step._preprocessor is not None:
        encoder, categorical = step._preprocessor.transformers_[0][1], step.is_categorical_
        coded = [column for column, is_category in zip(columns, categorical, strict=False) if is_category]
        for column, categories in zip(coded, encoder.categories_, strict=False):
            # It takes a category that it doesn't know for a blank.
            evidence.add_categories(column, list(categories), "the categories that its trees know", tolerates_new=True)
    # The bin mapper has the categories first, then the numbers in their original order.
    numbers = [column for column, is_category in zip(columns, categorical, strict=False) if not is_category]
    thresholds = step._bin_mapper.bin_thresholds_[int(categorical.sum()) :]
    for column, cuts in zip(numbers, thresholds, strict=False):
        evidence.add_splits(column, cuts.tolist())
        if len(cuts) >= MANY_CUTS:
            # Each bin holds about as many training values as any other, so few lie outside.
            evidence.add_values(column, cuts[0], cuts[-1], "the outermost bins")
    return []

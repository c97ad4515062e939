"""Steps that hold other steps."""

from __future__ import annotations

from collections.abc import Sequence

from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import (
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.feature_selection import SelectorMixin
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

from webapp.helpers.signature.columns import Column, Notebook
from webapp.helpers.signature.walk import read


@read.register
def _(step: Pipeline, columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    flowing = list(columns)
    for _name, inner in step.steps:
        flowing = read(inner, flowing, notebook)
    return flowing


@read.register
def _(step: str, columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    """Read ``"passthrough"`` and ``"drop"``, which stand in a step's place."""
    return list(columns) if step == "passthrough" else []


@read.register(type(None))
def _(step: None, columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    return list(columns)


@read.register
def _(step: ColumnTransformer, columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    out = []
    for name, inner, _selector in step.transformers_:
        wanted = step._transformer_to_input_indices.get(name, [])
        out += read(inner, [columns[i] for i in wanted if i < len(columns)], notebook)
    return out


@read.register
def _(step: FeatureUnion, columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    return [made for _name, inner in step.transformer_list for made in read(inner, columns, notebook)]


@read.register
def _(step: FunctionTransformer, columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    if step.func is None:
        return list(columns)
    notebook.use(columns)
    return []


@read.register
def _(step: SelectorMixin, columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    notebook.use(columns)
    return [column for column, kept in zip(columns, step.get_support(), strict=False) if kept]


@read.register(GridSearchCV)
@read.register(RandomizedSearchCV)
def _(step: GridSearchCV | RandomizedSearchCV, columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    return read(step.best_estimator_, columns, notebook)


@read.register(FixedThresholdClassifier)
@read.register(TunedThresholdClassifierCV)
def _(
    step: FixedThresholdClassifier | TunedThresholdClassifierCV, columns: Sequence[Column], notebook: Notebook
) -> list[Column]:
    return read(step.estimator_, columns, notebook)


@read.register
def _(step: FrozenEstimator, columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    return read(step.estimator, columns, notebook)


@read.register
def _(step: TransformedTargetRegressor, columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    return read(step.regressor_, columns, notebook)


@read.register
def _(step: CalibratedClassifierCV, columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    return _read_all([part.estimator for part in step.calibrated_classifiers_], columns, notebook)


@read.register(MultiOutputClassifier)
@read.register(MultiOutputRegressor)
@read.register(OneVsOneClassifier)
@read.register(OneVsRestClassifier)
@read.register(StackingClassifier)
@read.register(StackingRegressor)
@read.register(VotingClassifier)
@read.register(VotingRegressor)
def _(step: VotingClassifier, columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    if getattr(step, "passthrough", False):
        notebook.use(columns)
    return _read_all(step.estimators_, columns, notebook)


def _read_all(parts: Sequence[object], columns: Sequence[Column], notebook: Notebook) -> list[Column]:
    for part in parts:
        read(part, columns, notebook)
    return []

"""Steps that hold other steps."""

from __future__ import annotations

from collections.abc import Sequence

from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.feature_selection import SelectorMixin
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

from webapp.models.estimator.wrappers import WRAPPERS, unwrapped
from webapp.models.signature.columns import MIXED, Column
from webapp.models.signature.evidence import EvidenceBook
from webapp.models.signature.registry import read


@read.register
def _(step: Pipeline, columns: Sequence[Column], notebook: EvidenceBook) -> list[Column]:
    flowing = list(columns)
    for _name, inner in step.steps:
        if len(flowing) != getattr(inner, "n_features_in_", len(flowing)):
            # It isn't known what came out of the step before, so no column can be told from another.
            flowing = []
        flowing = read(inner, flowing, notebook)
    return flowing


@read.register
def _(step: str, columns: Sequence[Column], notebook: EvidenceBook) -> list[Column]:
    """Read ``"passthrough"`` and ``"drop"``, which stand in a step's place."""
    return list(columns) if step == "passthrough" else []


@read.register(type(None))
def _(step: None, columns: Sequence[Column], notebook: EvidenceBook) -> list[Column]:
    return list(columns)


@read.register
def _(step: ColumnTransformer, columns: Sequence[Column], notebook: EvidenceBook) -> list[Column]:
    out: list[Column] = []
    for name, inner, _selector in step.transformers_:
        wanted = step._transformer_to_input_indices.get(name, [])
        # A step that got no columns was never fitted.
        made = read(inner, [columns[i] for i in wanted], notebook) if len(wanted) else []
        place = step.output_indices_[name]
        width = place.stop - place.start
        out += made if len(made) == width else [MIXED] * width
    return out


@read.register
def _(step: FeatureUnion, columns: Sequence[Column], notebook: EvidenceBook) -> list[Column]:
    parts = [read(inner, columns, notebook) for _name, inner in step.transformer_list]
    # Where it isn't known how many columns one part gives, the places of the others aren't known either.
    return [column for part in parts for column in part] if all(parts) else []


@read.register
def _(step: FunctionTransformer, columns: Sequence[Column], notebook: EvidenceBook) -> list[Column]:
    if step.func is None:
        return list(columns)
    notebook.use(columns)
    return []


@read.register
def _(step: SelectorMixin, columns: Sequence[Column], notebook: EvidenceBook) -> list[Column]:
    notebook.use(columns)
    return [column for column, kept in zip(columns, step.get_support(), strict=False) if kept]


def _read_held(step: object, columns: Sequence[Column], notebook: EvidenceBook) -> list[Column]:
    return read(unwrapped(step), columns, notebook)


for _holder in WRAPPERS:
    read.register(_holder, _read_held)


@read.register
def _(step: CalibratedClassifierCV, columns: Sequence[Column], notebook: EvidenceBook) -> list[Column]:
    return _read_all([part.estimator for part in step.calibrated_classifiers_], columns, notebook)


@read.register(MultiOutputClassifier)
@read.register(MultiOutputRegressor)
@read.register(OneVsOneClassifier)
@read.register(OneVsRestClassifier)
@read.register(StackingClassifier)
@read.register(StackingRegressor)
@read.register(VotingClassifier)
@read.register(VotingRegressor)
def _(step: VotingClassifier, columns: Sequence[Column], notebook: EvidenceBook) -> list[Column]:
    if getattr(step, "passthrough", False):
        notebook.use(columns)
    return _read_all(step.estimators_, columns, notebook)


def _read_all(parts: Sequence[object], columns: Sequence[Column], notebook: EvidenceBook) -> list[Column]:
    for part in parts:
        read(part, columns, notebook)
    return []

"""Steps that contain other steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
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

from webapp.cell.estimator.wrappers import WRAPPERS, unwrapped
from webapp.cell.signature.columns import MIXED, Column
from webapp.cell.signature.evidence import EvidenceBook
from webapp.cell.signature.registry import read


@read.register
def _(step: Pipeline, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    flowing = list(columns)
    for _name, inner in step.steps:
        if len(flowing) != getattr(inner, "n_features_in_", len(flowing)):
            # The output of the step before is unknown, so it is unknown which column is which.
            flowing = []
        flowing = read(inner, flowing, evidence)
    return flowing


@read.register
def _(step: str, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    """Read ``"passthrough"`` and ``"drop"``, which can be used instead of a step."""
    return list(columns) if step == "passthrough" else []


@read.register(type(None))
def _(step: None, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    return list(columns)


@read.register
def _(step: ColumnTransformer, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    out: list[Column] = []
    for name, inner, _selector in step.transformers_:
        indices = step._transformer_to_input_indices.get(name, [])
        # scikit-learn doesn't fit a step that gets no columns.
        outputs = read(inner, [columns[i] for i in indices], evidence) if len(indices) else []
        place = step.output_indices_[name]
        width = place.stop - place.start
        out += outputs if len(outputs) == width else [MIXED] * width
    return out


@read.register
def _(step: FeatureUnion, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    parts = [read(inner, columns, evidence) for _name, inner in step.transformer_list]
    # If the number of columns of one part is unknown, so are the positions of all others.
    return [column for part in parts for column in part] if all(parts) else []


@read.register
def _(step: FunctionTransformer, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    if step.func is None:
        return list(columns)
    if isinstance(step.func, np.ufunc):
        evidence.require(columns)
    else:
        evidence.read_opaquely(columns)
    return []


@read.register
def _(step: SelectorMixin, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    evidence.require(columns)
    return [column for column, is_kept in zip(columns, step.get_support(), strict=False) if is_kept]


def _read_wrapped(step: object, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    return read(unwrapped(step), columns, evidence)


for _wrapper in WRAPPERS:
    read.register(_wrapper, _read_wrapped)


@read.register
def _(step: CalibratedClassifierCV, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    return _read_all([part.estimator for part in step.calibrated_classifiers_], columns, evidence)


@read.register(MultiOutputClassifier)
@read.register(MultiOutputRegressor)
@read.register(OneVsOneClassifier)
@read.register(OneVsRestClassifier)
@read.register(StackingClassifier)
@read.register(StackingRegressor)
@read.register(VotingClassifier)
@read.register(VotingRegressor)
def _(step: VotingClassifier, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    if getattr(step, "passthrough", False):
        evidence.require(columns)
    return _read_all(step.estimators_, columns, evidence)


def _read_all(parts: Sequence[object], columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    for part in parts:
        read(part, columns, evidence)
    return []

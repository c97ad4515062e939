"""Steps that contain other steps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.validation import check_array

from webapp.cell.compiled.registry import (
    Block,
    NotCompilable,
    Numeric,
    Step,
    Transform,
    compile_step,
    require_finite,
    require_numbers,
    step_for,
)


def chain(transformers: Sequence[Any], numeric: Numeric) -> Step:
    """Compile transformers that are applied one after another."""
    transforms: list[Transform] = []
    for transformer in transformers:
        if transformer is not None and not isinstance(transformer, str):
            step = compile_step(transformer, numeric)
            transforms.append(step.transform)
            numeric = step.numeric

    def transform(X: Block) -> Block:
        for each in transforms:
            X = each(X)
        return X

    return Step(transforms[0] if len(transforms) == 1 else transform, numeric)


@step_for(Pipeline)
def _(pipeline: Any, numeric: Numeric) -> Step:
    return chain([step for _, step in pipeline.steps], numeric)


@step_for(FunctionTransformer)
def _(transformer: Any, numeric: Numeric) -> Step:
    function, compute = transformer.func, _identity
    checks = isinstance(function, partial) and function.func is check_array
    if function is not None and not checks:
        if not isinstance(function, np.ufunc) or function.nin != 1 or transformer.kw_args or not all(numeric):
            raise NotCompilable("FunctionTransformer calls a custom function")
        compute = function
    if not (checks or transformer.validate):
        return Step(compute, numeric)
    require_numbers(transformer, numeric)
    return Step(lambda X: compute(require_finite(X)), numeric)


def _identity(X: Block) -> Block:
    return X


@step_for(ColumnTransformer)
def _(transformer: Any, numeric: Numeric) -> Step:
    if transformer.transformer_weights:
        raise NotCompilable("ColumnTransformer has weights")
    indices = transformer._transformer_to_input_indices
    parts = [
        _part(step, np.asarray(indices[name], dtype=int), numeric)
        for name, step, _ in transformer.transformers_
        if len(indices.get(name, ())) and not (isinstance(step, str) and step == "drop")
    ]
    return _side_by_side(parts)


@step_for(FeatureUnion)
def _(union: Any, numeric: Numeric) -> Step:
    if union.transformer_weights:
        raise NotCompilable("FeatureUnion has weights")
    all_columns = np.arange(len(numeric))
    return _side_by_side([_part(step, all_columns, numeric) for _, step in union.transformer_list if step != "drop"])


def _part(step: Any, columns: Block, numeric: Numeric) -> Step:
    """Compile a step that gets some of the columns, as floats if all of them are numbers."""
    selected = tuple(numeric[column] for column in columns)
    inner = chain([step], selected)
    has_all = len(columns) == len(numeric) and bool((columns == np.arange(len(numeric))).all())
    as_floats = all(selected) and not all(numeric)

    def transform(X: Block) -> Block:
        X = X if has_all else X[:, columns]
        return inner.transform(X.astype(float) if as_floats else X)

    return Step(transform, inner.numeric)


def _side_by_side(parts: Sequence[Step]) -> Step:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        raise NotCompilable("no column is used")
    return Step(
        lambda X: np.hstack([part.transform(X) for part in parts]),
        tuple(each for part in parts for each in part.numeric),
    )

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

from webapp.cell.compiled.registry import Operation, Step, as_indices, export_step, require_numbers, step_for
from webapp.models.compiled.blocks import Block, Numeric
from webapp.models.compiled.numbers import UFUNCS
from webapp.models.compiled.refusals import NotCompilable


def chain(transformers: Sequence[Any], numeric: Numeric) -> Step:
    """Export transformers that are applied one after another."""
    operations: list[Operation] = []
    for transformer in transformers:
        if transformer is not None and not isinstance(transformer, str):
            step = export_step(transformer, numeric)
            operations += step.operations
            numeric = step.numeric
    return Step(operations, numeric)


@step_for(Pipeline)
def _(pipeline: Any, numeric: Numeric) -> Step:
    return chain([step for _, step in pipeline.steps], numeric)


@step_for(FunctionTransformer)
def _(transformer: Any, numeric: Numeric) -> Step:
    function = transformer.func
    operations: list[Operation] = []
    checks = isinstance(function, partial) and function.func is check_array
    if checks or transformer.validate:
        require_numbers(transformer, numeric)
        operations.append({"operation": "require finite"})
    if function is not None and not checks:
        name = getattr(function, "__name__", "")
        if function is not UFUNCS.get(name) or transformer.kw_args or not all(numeric):
            raise NotCompilable("FunctionTransformer calls a custom function")
        operations.append({"operation": "ufunc", "name": name})
    return Step(operations, numeric)


@step_for(ColumnTransformer)
def _(transformer: Any, numeric: Numeric) -> Step:
    if transformer.transformer_weights:
        raise NotCompilable("ColumnTransformer has weights")
    indices = transformer._transformer_to_input_indices
    return _side_by_side(
        [
            (step, np.asarray(indices[name], dtype=int))
            for name, step, _ in transformer.transformers_
            if len(indices.get(name, ())) and not (isinstance(step, str) and step == "drop")
        ],
        numeric,
    )


@step_for(FeatureUnion)
def _(union: Any, numeric: Numeric) -> Step:
    if union.transformer_weights:
        raise NotCompilable("FeatureUnion has weights")
    all_columns = np.arange(len(numeric))
    return _side_by_side([(step, all_columns) for _, step in union.transformer_list if step != "drop"], numeric)


def _side_by_side(parts: Sequence[tuple[Any, Block]], numeric: Numeric) -> Step:
    """Export steps each of which gets some of the columns."""
    if not parts:
        raise NotCompilable("no column is used")
    steps = [chain([step], tuple(numeric[column] for column in columns)) for step, columns in parts]
    exported = [
        {"columns": as_indices(columns), "operations": step.operations}
        for (_, columns), step in zip(parts, steps, strict=True)
    ]
    together = tuple(each for step in steps for each in step.numeric)
    return Step([{"operation": "side by side", "parts": exported}], together)

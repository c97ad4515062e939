"""Puts fitted transformers in front of a fitted model, where it is certain that they belong there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from webapp.cell.estimator.other_libraries import count_of_inputs, names_of_inputs


def has_names(estimator: Any) -> bool:
    """Return whether an estimator knows the names of its inputs."""
    return names_of_inputs(estimator) is not None


def output_names(transformer: Any) -> tuple[str, ...] | None:
    """Return the names of the columns that a transformer returns; None if it does not say."""
    try:
        return tuple(map(str, transformer.get_feature_names_out()))
    except Exception:
        # Not every transformer can say, and one that was not fitted raises its own error.
        return None


def output_count(transformer: Any) -> int | None:
    """Return how many columns a transformer returns; None if neither it says so nor a row of ones shows it."""
    if (names := output_names(transformer)) is not None:
        return len(names)
    try:
        return int(transformer.transform(np.ones((1, count_of_inputs(transformer) or 0))).shape[1])
    except Exception:
        return None


def why_unfit(transformer: Any, successor: Any) -> str | None:
    """Return in words why one can't stand directly in front of the other; None if they fit."""
    width, count = output_count(transformer), count_of_inputs(successor)
    names = f"{type(transformer).__name__} and {type(successor).__name__}"
    if width is None or count is None:
        return f"it is not known whether {names} fit together"
    if width != count:
        return f"{names} don't fit together: one returns {width} columns, the other expects {count}"
    return None


def why_unclear(transformer: Any, model: Any) -> str | None:
    """Return in words why it is not certain that a model was fitted on what a transformer returns."""
    if problem := why_unfit(transformer, model):
        return problem
    if isinstance(model, Pipeline) and any(type(step) is type(transformer) for _, step in model.steps):
        return "the model has a step of this kind itself, so it is not known whether both are to be used"
    if not has_names(model):
        return None
    columns = tuple(map(str, model.feature_names_in_))
    before = tuple(map(str, getattr(transformer, "feature_names_in_", ())))
    if columns == output_names(transformer) != before:
        return None
    return "it is not known whether the model was fitted on what that returns or on the inputs as they are"


def in_front(transformers: Sequence[Any], model: Any) -> Pipeline:
    """Return a Pipeline of fitted steps, the first of which sees the inputs."""
    kinds = [type(step).__name__.lower() for step in (*transformers, model)]
    names = [kind if kinds.count(kind) == 1 else f"{kind}-{place}" for place, kind in enumerate(kinds, 1)]
    return Pipeline(list(zip(names, (*transformers, model), strict=True)))

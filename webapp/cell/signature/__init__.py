"""Reading the signature of a fitted estimator: its inputs and its outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer

from webapp.cell.estimator.other_libraries import count_of_inputs, names_of_inputs
from webapp.cell.estimator.wrappers import first_steps

# These modules register their functions with ``read`` when they are imported.
from webapp.cell.signature import (  # noqa: F401
    boosters,
    catboost,
    composites,
    dicts,
    encoders,
    imputers,
    instance_based,
    other_libraries,
    scalers,
    trees,
)
from webapp.cell.signature.columns import Column
from webapp.cell.signature.dicts import keys_of_dicts
from webapp.cell.signature.evidence import EvidenceBook
from webapp.cell.signature.outputs import gives_probabilities, read_outputs, read_task, read_threshold
from webapp.cell.signature.registry import read
from webapp.errors import NotServable
from webapp.models.signature.input_types import with_input_types
from webapp.models.signature.soundness import require_sound
from webapp.types import Feature, InputType, Layout, Signature

__all__ = ["read_signature", "read_splits"]

NOTHING_PROBED: Mapping[str, InputType] = MappingProxyType({})


def read_signature(
    estimator: Any, probed: Mapping[str, InputType] = NOTHING_PROBED, names: Sequence[str] | None = None
) -> Signature:
    """Read the inputs and outputs of a fitted estimator.

    Parameters
    ----------
    names : sequence of str, optional
        The names of its inputs, for an estimator that does not know them.
    probed : mapping of str to InputType
        What probing showed about inputs, for those on which the estimator itself shows nothing.

    Raises
    ------
    NotServable
        When the estimator doesn't show how many inputs it has, when its inputs can't be told apart by name,
        or when it knows categories that can't be typed or recorded.
    """
    columns, layout = _names(estimator, names)
    signature = Signature(
        task=read_task(estimator),
        features=_features(estimator, columns, layout),
        outputs=read_outputs(estimator),
        layout=layout,
        probabilities=gives_probabilities(estimator),
        threshold=read_threshold(estimator),
    )
    require_sound(signature)
    return with_input_types(signature, probed, "testing")


def read_splits(estimator: Any, names: Sequence[str] | None = None) -> dict[str, list[float]]:
    """Return, for each feature, the thresholds of the trees that see its values unscaled."""
    columns, _ = _names(estimator, names)
    return {name: feature.splits for name, feature in _collect_evidence(estimator, columns).by_feature.items()}


def _names(estimator: Any, given: Sequence[str] | None) -> tuple[list[str], Layout]:
    steps = first_steps(estimator)
    if all(isinstance(step, CountVectorizer | HashingVectorizer) for step in steps):
        return ["text"], "texts"
    if all(isinstance(step, DictVectorizer) for step in steps):
        return keys_of_dicts(steps), "dicts"
    # A pipeline asks its first step, which may pass everything on and know nothing.
    alone = steps[0] if len(steps) == 1 else estimator
    knowing = next((each for each in (estimator, *steps) if count_of_inputs(each)), alone)
    names = names_of_inputs(knowing)
    if names is not None:
        columns = [str(name) for name in names]
        if len(set(columns)) < len(columns) or "" in columns:
            raise NotServable("Two of its inputs share a name, or one has no name, so they can't be told apart.")
        return columns, "frame"
    count = count_of_inputs(knowing)
    if not count and not given:
        raise NotServable(
            "It doesn't say how many inputs it has (the attribute n_features_in_ is missing). Publish it with their "
            "names: flask --app wsgi models publish MODEL --names NAMES.txt"
        )
    return list(given or [f"x{index}" for index in range(count or 0)]), "array"


def _features(estimator: Any, names: list[str], layout: Layout) -> tuple[Feature, ...]:
    evidence = _collect_evidence(estimator, names)
    # Only a ColumnTransformer can predict without the columns that it drops, and only if it knows the others by name.
    steps = first_steps(estimator)
    needs_all = layout != "frame" or len(steps) > 1 or not isinstance(steps[0], ColumnTransformer)
    return tuple(evidence.feature(name) for name in names if needs_all or evidence.is_used(name))


def _collect_evidence(estimator: Any, names: list[str]) -> EvidenceBook:
    evidence = EvidenceBook()
    read(estimator, [Column(name) for name in names], evidence)
    return evidence

"""Reading the signature of a fitted estimator: its inputs and its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer

from webapp.cell.estimator.wrappers import first_step

# These modules register their functions with ``read`` when they are imported.
from webapp.cell.signature import boosters, composites, encoders, imputers, instance_based, scalers, trees  # noqa: F401
from webapp.cell.signature.columns import Column
from webapp.cell.signature.evidence import EvidenceBook
from webapp.cell.signature.outputs import gives_probabilities, read_outputs, read_task
from webapp.cell.signature.registry import read
from webapp.errors import NotServable
from webapp.models.signature.input_types import with_input_types
from webapp.models.signature.soundness import require_sound
from webapp.types import Feature, InputType, Layout, Signature

__all__ = ["read_signature", "read_splits"]

NOTHING_PROBED: Mapping[str, InputType] = MappingProxyType({})


def read_signature(estimator: Any, probed: Mapping[str, InputType] = NOTHING_PROBED) -> Signature:
    """Read the inputs and outputs of a fitted estimator.

    Parameters
    ----------
    probed : mapping of str to InputType
        What probing showed about inputs, for those on which the estimator itself shows nothing.

    Raises
    ------
    NotServable
        When the estimator doesn't show how many inputs it has, when its inputs can't be told apart by name,
        or when it knows categories that can't be typed or recorded.
    """
    names, layout = _names(estimator)
    signature = Signature(
        task=read_task(estimator),
        features=_features(estimator, names, layout),
        outputs=read_outputs(estimator),
        layout=layout,
        probabilities=gives_probabilities(estimator),
    )
    require_sound(signature)
    return with_input_types(signature, probed, "testing")


def read_splits(estimator: Any) -> dict[str, list[float]]:
    """Return, for each feature, the thresholds of the trees that see its values unscaled."""
    names, _ = _names(estimator)
    return {name: feature.splits for name, feature in _collect_evidence(estimator, names).by_feature.items()}


def _names(estimator: Any) -> tuple[list[str], Layout]:
    if isinstance(first_step(estimator), CountVectorizer | HashingVectorizer):
        return ["text"], "texts"
    names = getattr(estimator, "feature_names_in_", None)
    if names is not None:
        columns = [str(name) for name in names]
        if len(set(columns)) < len(columns) or "" in columns:
            raise NotServable("Two of its inputs share a name, or one has no name, so they can't be told apart.")
        return columns, "frame"
    count = getattr(estimator, "n_features_in_", None)
    if count is None:
        raise NotServable("It doesn't say how many inputs it has (the attribute n_features_in_ is missing).")
    return [f"x{index}" for index in range(int(count))], "array"


def _features(estimator: Any, names: list[str], layout: Layout) -> tuple[Feature, ...]:
    evidence = _collect_evidence(estimator, names)
    # Only a ColumnTransformer can predict without the columns that it drops, and only if it knows the others by name.
    needs_all = layout != "frame" or not isinstance(first_step(estimator), ColumnTransformer)
    return tuple(evidence.feature(name) for name in names if needs_all or evidence.is_used(name))


def _collect_evidence(estimator: Any, names: list[str]) -> EvidenceBook:
    evidence = EvidenceBook()
    read(estimator, [Column(name) for name in names], evidence)
    return evidence

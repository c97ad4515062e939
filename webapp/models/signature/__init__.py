"""Reading a form off an estimator: what it wants and what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer

from webapp.errors import NotServable
from webapp.helpers.storable import require_storable
from webapp.models.estimator.wrappers import first_step

# The readers register themselves with the walk.
from webapp.models.signature import boosters, composites, encoders, imputers, instance_based, scalers, trees  # noqa: F401
from webapp.models.signature.columns import Column
from webapp.models.signature.evidence import EvidenceBook
from webapp.models.signature.outputs import gives_probabilities, read_outputs, read_task
from webapp.models.signature.probed import with_probed
from webapp.models.signature.registry import read
from webapp.types import Feature, Layout, Probed, Signature

__all__ = ["read_signature", "read_splits"]

NOTHING: Mapping[str, Probed] = MappingProxyType({})


def read_signature(estimator: Any, probed: Mapping[str, Probed] = NOTHING) -> Signature:
    """Read the inputs and outputs off a fitted estimator; where nothing tells, what was tried does.

    Raises
    ------
    NotServable
        When the estimator does not tell how many inputs it takes, or knows categories that can't be typed
        or recorded.
    """
    names, layout = _names(estimator)
    signature = Signature(
        task=read_task(estimator),
        features=_features(estimator, names, layout),
        outputs=read_outputs(estimator),
        layout=layout,
        probabilities=gives_probabilities(estimator),
    )
    require_storable(signature)
    return with_probed(signature, probed)


def read_splits(estimator: Any) -> dict[str, list[float]]:
    """Tell where the trees in a fitted estimator split its features, where they see them as they are."""
    names, _ = _names(estimator)
    return {name: found.splits for name, found in _walk(estimator, names).evidence.items()}


def _names(estimator: Any) -> tuple[list[str], Layout]:
    if isinstance(first_step(estimator), CountVectorizer | HashingVectorizer):
        return ["text"], "texts"
    names = getattr(estimator, "feature_names_in_", None)
    if names is not None:
        named = [str(name) for name in names]
        if len(set(named)) < len(named) or "" in named:
            raise NotServable("Two of its inputs have the same name, or one has none, so they can't be told apart.")
        return named, "frame"
    count = getattr(estimator, "n_features_in_", None)
    if count is None:
        raise NotServable("It doesn't tell which inputs it takes (it has no n_features_in_).")
    return [f"x{index}" for index in range(int(count))], "array"


def _features(estimator: Any, names: list[str], layout: Layout) -> tuple[Feature, ...]:
    notebook = _walk(estimator, names)
    # Only a ColumnTransformer does without the columns that it drops, if it knows the others by name.
    needs_all = layout != "frame" or not isinstance(first_step(estimator), ColumnTransformer)
    return tuple(notebook.feature(name) for name in names if needs_all or notebook.is_used(name))


def _walk(estimator: Any, names: list[str]) -> EvidenceBook:
    notebook = EvidenceBook()
    read(estimator, [Column(name) for name in names], notebook)
    return notebook

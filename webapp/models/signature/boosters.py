"""XGBoost's and LightGBM's estimators: what their trees remember of the values they were fitted on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from webapp.models.estimator.boosters import LightGBM, XGBoost
from webapp.models.gate.native import ubjson
from webapp.models.signature.columns import Column
from webapp.models.signature.evidence import EvidenceBook
from webapp.models.signature.registry import read

LINES = re.compile(r"^(split_feature|threshold|decision_type)=(.*)$", re.MULTILINE)
INFOS = re.compile(r"^feature_infos=(.*)$", re.MULTILINE)


@read.register(XGBoost)
def _(step: Any, columns: Sequence[Column], notebook: EvidenceBook) -> list[Column]:
    # Both send a blank the way that was better for the blanks met, or for none.
    notebook.tolerate(columns)
    booster = step.get_booster()
    held = ubjson.read(booster.save_raw("ubj"))["learner"]["gradient_booster"]
    model = held.get("gbtree", held)["model"]
    if "trees" in model:
        _count_splits(columns, map(_numeric_splits, model["trees"]), notebook)
        for column, known in zip(columns, model["cats"]["enc"], strict=False):
            _choose(column, _categories(known), notebook)
    return []


@read.register(LightGBM)
def _(step: Any, columns: Sequence[Column], notebook: EvidenceBook) -> list[Column]:
    notebook.tolerate(columns)
    booster = step.booster_
    text = booster.model_to_string()
    infos = INFOS.search(text)
    for column, info in zip(columns, infos[1].split(" ") if infos else (), strict=False):
        if info.startswith("["):
            low, high = map(float, info[1:-1].split(":"))
            # Of many rows, only a sample was looked at.
            notebook.bound(column, low, high, exact=False, source="the outermost bins")
    _count_splits(columns, _splits_of(text), notebook)
    # What was told of numbered categories leaves out the rare ones; what pandas knew is whole.
    places = booster.params.get("categorical_column", ())
    for place, categories in zip(places, booster.pandas_categorical or (), strict=False):
        if place < len(columns):
            _choose(columns[place], categories, notebook)
    return []


def _choose(column: Column, categories: Sequence[object], notebook: EvidenceBook) -> None:
    if categories:
        notebook.choose(column, categories, "the categories that its trees know")
        notebook[column].categorical = column.raw


def _count_splits(columns: Sequence[Column], trees: Iterator[tuple[Any, Any]], notebook: EvidenceBook) -> None:
    found = list(trees)
    split = np.concatenate([features for features, _ in found])
    thresholds = np.concatenate([values for _, values in found])
    for index, column in enumerate(columns):
        # LightGBM puts a hair on top of the middle between two values.
        notebook.count(column, np.unique(thresholds[split == index].round(9)).tolist())


def _numeric_splits(tree: dict[str, Any]) -> tuple[Any, Any]:
    numeric = (tree["left_children"] != -1) & (tree["split_type"] == 0)
    return tree["split_indices"][numeric], tree["split_conditions"][numeric].astype(np.float64)


def _splits_of(text: str) -> Iterator[tuple[Any, Any]]:
    lines = [np.array(values.split(), dtype=np.float64) for _, values in LINES.findall(text)]
    # The three stand in this order in each tree.
    for features, thresholds, kinds in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        numeric = kinds % 2 == 0
        yield features[numeric], thresholds[numeric]


def _categories(known: dict[str, Any]) -> list[object]:
    """Give the categories of a feature: numbers, or names that stand behind each other."""
    values = known["values"]
    if "type" in known:
        return values.tolist()  # type: ignore[no-any-return]
    letters, ends = values.astype(np.int8).tobytes(), known["offsets"].tolist()
    return [letters[start:end].decode() for start, end in pairwise(ends)]

"""XGBoost's and LightGBM's estimators: what their trees show about the training values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from webapp.cell.estimator.boosters import LightGBM, XGBoost
from webapp.cell.signature import ubjson
from webapp.cell.signature.category_columns import TrainingValues, match_categories
from webapp.cell.signature.columns import Column
from webapp.cell.signature.evidence import EvidenceBook
from webapp.cell.signature.registry import read
from webapp.errors import NotServable

TREE_LINES = re.compile(r"^(split_feature|threshold|decision_type)=(.*)$", re.MULTILINE)
FEATURE_INFOS = re.compile(r"^feature_infos=(.*)$", re.MULTILINE)

NO_CATEGORIES = (
    "Its model of XGBoost has inputs with categories, of which the file keeps only numbers. "
    "Fit it again with XGBoost 3.1 or newer, or with scikit-learn's OneHotEncoder or OrdinalEncoder in front."
)


@read.register(XGBoost)
def _(step: Any, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    # XGBoost and LightGBM both accept a blank: each split sends it to the side chosen in training.
    evidence.accept_blanks(columns)
    booster = step.get_booster()
    learner = ubjson.read(booster.save_raw("ubj"))["learner"]
    for column, kind in zip(columns, learner.get("feature_types", ()), strict=False):
        if kind == "i":
            evidence.add_range(column, 0, 1, "its type, true or false")
            evidence[column].is_flag = True
    saved = learner["gradient_booster"]
    model = saved.get("gbtree", saved)["model"]
    if "trees" in model:
        _add_splits(columns, map(_numeric_splits, model["trees"]), evidence)
        # XGBoost before 3.1 keeps none.
        encoded = model.get("cats", {}).get("enc", ())
        if booster.feature_names and "c" in learner["feature_types"] and not encoded:
            raise NotServable(NO_CATEGORIES)
        if encoded and columns and len(encoded) != len(columns):
            raise NotServable("XGBoost has categories for other inputs than it was fitted on.")
        for column, each in zip(columns, encoded, strict=False):
            _add_categories(column, _categories(each), evidence)
    return []


@read.register(LightGBM)
def _(step: Any, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    evidence.accept_blanks(columns)
    booster = step.booster_
    text = booster.model_to_string()
    noted = FEATURE_INFOS.search(text)
    infos = noted[1].split(" ") if noted else []
    if columns and len(infos) != len(columns):
        raise NotServable("LightGBM's trees have other inputs than it was fitted on.")
    for column, info in zip(columns, infos, strict=False):
        if info.startswith("["):
            low, high = map(float, info[1:-1].split(":"))
            # If there are many rows, LightGBM takes the bins from a sample of them.
            evidence.add_values(column, low, high, "the outermost bins")
    _add_splits(columns, _numeric_splits_of_text(text), evidence)
    # LightGBM leaves rare categories out of what it says of integer categories; pandas' categories are complete.
    if columns and booster.pandas_categorical:
        found = match_categories(_training_values(booster, infos), booster.pandas_categorical)
        for place, categories in found.lists.items():
            _add_categories(columns[place], categories, evidence)
            evidence[columns[place]].guessed |= found.guessed
    return []


def _training_values(booster: Any, infos: Sequence[str]) -> list[TrainingValues]:
    named = booster.params.get("categorical_column")
    named = named if isinstance(named, list) else []
    return [
        TrainingValues.of(info, is_split_as_category=not info.startswith("[") and (info != "none" or place in named))
        for place, info in enumerate(infos)
    ]


def _add_categories(column: Column, categories: Sequence[object], evidence: EvidenceBook) -> None:
    if categories:
        evidence.add_categories(column, categories, "the categories that its trees know")
        evidence[column].categorical = column.is_raw


def _add_splits(columns: Sequence[Column], trees: Iterator[tuple[Any, Any]], evidence: EvidenceBook) -> None:
    splits = list(trees)
    split = np.concatenate([features for features, _ in splits])
    thresholds = np.concatenate([values for _, values in splits])
    for index, column in enumerate(columns):
        # LightGBM sets a threshold slightly above the midpoint between two values.
        evidence.add_splits(column, np.unique(thresholds[split == index].round(9)).tolist())


def _numeric_splits(tree: dict[str, Any]) -> tuple[Any, Any]:
    numeric = (tree["left_children"] != -1) & (tree["split_type"] == 0)
    return tree["split_indices"][numeric], tree["split_conditions"][numeric].astype(np.float64)


def _numeric_splits_of_text(text: str) -> Iterator[tuple[Any, Any]]:
    lines = [np.array(values.split(), dtype=np.float64) for _, values in TREE_LINES.findall(text)]
    # Each tree has the three lines in this order.
    for features, thresholds, kinds in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        numeric = kinds % 2 == 0
        yield features[numeric], thresholds[numeric]


def _categories(encoded: dict[str, Any]) -> list[object]:
    """Return the categories of a feature: numbers, or names, which XGBoost stores as one string with offsets."""
    values = encoded["values"]
    if "type" in encoded:
        return values.tolist()  # type: ignore[no-any-return]
    letters, ends = values.astype(np.int8).tobytes(), encoded["offsets"].tolist()
    return [letters[start:end].decode() for start, end in pairwise(ends)]

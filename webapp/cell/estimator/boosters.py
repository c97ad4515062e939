"""XGBoost's, LightGBM's and CatBoost's estimators, recognized by their names: no library has to be installed."""

from __future__ import annotations

import json
from abc import ABC
from functools import partial
from typing import Any, ClassVar


class Named(ABC):
    """Any class that is, or inherits from, the class of this module and name."""

    names: ClassVar[tuple[str, str]]

    @classmethod
    def __subclasshook__(cls, kind: type) -> bool:
        return any((base.__module__, base.__qualname__) == cls.names for base in kind.__mro__)


class XGBoost(Named):
    """Any of XGBoost's estimators."""

    names = ("xgboost.sklearn", "XGBModel")


class LightGBM(Named):
    """Any of LightGBM's estimators."""

    names = ("lightgbm.sklearn", "LGBMModel")


class CatBoost(Named):
    """Any of CatBoost's estimators."""

    names = ("catboost.core", "CatBoost")


def count_targets(part: Any) -> int:
    """Return how many numbers or labels one of XGBoost's estimators predicts at once."""
    settings = json.loads(part.get_booster().save_config())
    return int(settings["learner"]["learner_model_param"]["num_target"])


def has_names(booster: Any) -> bool:
    """Return whether the inputs of LightGBM's model have names that it did not make up itself."""
    names: list[str] = booster.feature_name()
    return names != [f"Column_{number}" for number in range(len(names))]


def fill_in(part: Any) -> None:
    """Give an estimator that an older LightGBM wrote the attributes that today's reads."""
    if not isinstance(part, LightGBM):
        return
    known = vars(part)
    if known.get("_n_classes", -1) is None:
        part._n_classes = -1  # type: ignore[attr-defined]
    if "_fitted_with_feature_names" not in known and known.get("_Booster"):
        part._fitted_with_feature_names = has_names(known["_Booster"])  # type: ignore[attr-defined]


def use_one_thread(part: Any) -> None:
    """Make an estimator of these kinds predict in one thread instead of one for each processor."""
    if isinstance(part, CatBoost):
        # It is told only by the call, and fails where it may start none.
        for name in ("predict", "predict_proba"):
            if method := getattr(part, name, None):
                setattr(part, name, partial(method, thread_count=1))
    if isinstance(part, LightGBM):
        # Its options have several names for the number of threads; num_threads comes first.
        part.set_params(n_jobs=1, num_threads=1)  # type: ignore[attr-defined]
    elif isinstance(part, XGBoost):
        part.n_jobs = 1  # type: ignore[attr-defined]
        if hasattr(part, "_Booster"):
            part._Booster.set_param({"nthread": 1})
            # A Booster applies new settings at its next call, which must not come from two threads at once.
            part._Booster.num_features()

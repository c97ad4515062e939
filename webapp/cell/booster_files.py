"""Loads the files that XGBoost and LightGBM write themselves: JSON, Universal Binary JSON, and text.

Their own code reads the file, in the locked process only. Unlike a pickle, such a file names no code.
"""

from __future__ import annotations

import importlib
import json
import re
from typing import Any

from webapp.cell.estimator.boosters import XGBoost, has_names
from webapp.cell.estimator.nested import nested_estimators
from webapp.cell.gate.booster_versions import lightgbm_version, xgboost_version
from webapp.cell.gate.names import key_of
from webapp.errors import NotServable
from webapp.models.file_format import FileFormat

#: The objectives of XGBoost whose answers are classes, and those (or what they begin with) whose answers are numbers.
XGBOOST_CLASSES = ("binary:logistic", "multi:softprob", "multi:softmax")
XGBOOST_NUMBERS = ("reg:", "count:poisson", "rank:", "survival:")
LIGHTGBM_CLASSES = ("binary", "multiclass", "multiclassova")
LIGHTGBM_NUMBERS = (
    *("regression", "regression_l1", "huber", "fair", "poisson", "quantile", "mape", "gamma", "tweedie"),
    *("lambdarank", "rank_xendcg"),
)
OBJECTIVE = re.compile(r"^objective=(\S+)", re.MULTILINE)
FEATURE_INFOS = re.compile(r"^feature_infos=(.*)$", re.MULTILINE)


def version_in(data: bytes, file_format: FileFormat) -> str | None:
    """Return which version of its library wrote a file."""
    if file_format is FileFormat.LIGHTGBM_TEXT:
        return lightgbm_version(data[:100].decode("utf-8", "replace"))
    return xgboost_version(data)


def load_booster_file(data: bytes, file_format: FileFormat) -> Any:
    """Return the estimator of the library that answers with the model in a file.

    Raises
    ------
    NotServable
    """
    read = _read_lightgbm if file_format is FileFormat.LIGHTGBM_TEXT else _read_xgboost
    library = "lightgbm" if file_format is FileFormat.LIGHTGBM_TEXT else "xgboost"
    try:
        module = importlib.import_module(library)
    except (ImportError, OSError):
        raise NotServable(f"It needs {library}, which is not installed here.") from None
    try:
        return read(module, data)
    except (NotServable, MemoryError):
        raise
    except Exception:
        raise NotServable(f"The file is damaged: {library} can't read it.") from None


def with_estimator(value: Any) -> Any:
    """Return the value, or the estimator that answers for it if it is a bare Booster, which accepts no table."""
    key = key_of(type(value))
    if key == ("xgboost.core", "Booster"):
        return load_booster_file(bytes(value.save_raw("ubj")), FileFormat.XGBOOST_BINARY_JSON)
    if key == ("lightgbm.basic", "Booster"):
        return load_booster_file(value.model_to_string().encode(), FileFormat.LIGHTGBM_TEXT)
    return value


def _read_xgboost(xgboost: Any, data: bytes) -> Any:
    booster = xgboost.Booster(model_file=bytearray(data))
    objective = json.loads(booster.save_config())["learner"]["objective"]["name"]
    if objective in XGBOOST_CLASSES:
        estimator = xgboost.XGBClassifier(n_jobs=1)
    elif objective.startswith(XGBOOST_NUMBERS):
        estimator = (xgboost.XGBRanker if objective.startswith("rank:") else xgboost.XGBRegressor)(n_jobs=1)
    else:
        raise NotServable(_unknown(objective))
    # XGBoost's own scikit-learn classes leave this mark in what they save, and remove it when they load it.
    estimator.was_trained_natively = booster.attr("scikit_learn") is None
    estimator.load_model(bytearray(data))
    return estimator


def early_stopping_notes(estimator: Any) -> tuple[str, ...]:
    """Return what to know of each model of XGBoost that was trained natively, with early stopping."""
    parts = [part for part in nested_estimators(estimator) if isinstance(part, XGBoost)]
    natives = [part.get_booster() for part in parts if vars(part).get("was_trained_natively") is True]  # type: ignore[attr-defined]
    return tuple(note for booster in natives if (note := _early_stopping_note(booster)))


def _early_stopping_note(booster: Any) -> str | None:
    best, rounds = booster.attr("best_iteration"), booster.num_boosted_rounds()
    if best is None or int(best) + 1 >= rounds:
        return None
    return (
        f"It was trained with early stopping. Here it answers with the trees of its first {int(best) + 1} rounds, up "
        f"to the best, as XGBoost's scikit-learn classes do. Booster.predict uses all {rounds} unless it is given "
        "iteration_range, so code that called it so got other answers."
    )


def _read_lightgbm(lightgbm: Any, data: bytes) -> Any:
    text = data.decode()
    objective = OBJECTIVE.search(text)
    kind = objective[1] if objective else "none"
    booster = lightgbm.Booster(params={"num_threads": 1}, model_str=text)
    if booster.pandas_categorical or _has_categories(text):
        raise NotServable(
            "Its inputs have categories, of which LightGBM's own file doesn't tell to which input they belong. "
            "Dump the fitted LGBMClassifier or LGBMRegressor itself, with joblib."
        )
    if kind in LIGHTGBM_CLASSES:
        estimator = lightgbm.LGBMClassifier(n_jobs=1)
        _set_classes(estimator, 2 if kind == "binary" else booster.num_model_per_iteration())
    elif kind in LIGHTGBM_NUMBERS:
        estimator = lightgbm.LGBMRegressor(n_jobs=1)
    else:
        raise NotServable(_unknown(kind))
    # What ``fit`` sets: LightGBM's estimators have no method that reads a file.
    estimator._Booster, estimator._objective, estimator.fitted_ = booster, kind, True
    estimator._n_features = estimator._n_features_in = booster.num_feature()
    estimator._fitted_with_feature_names = has_names(booster)
    return estimator


def _has_categories(text: str) -> bool:
    # A number has its range there, in brackets; an input that is not used has the word none.
    infos = FEATURE_INFOS.search(text)
    return infos is not None and any(info[:1] != "[" and info != "none" for info in infos[1].split())


def _set_classes(estimator: Any, count: int) -> None:
    from sklearn.preprocessing import LabelEncoder

    # The labels are not in the file, only their numbers.
    estimator._le = LabelEncoder().fit(range(count))
    estimator._classes, estimator._n_classes = estimator._le.classes_, count


def _unknown(objective: str) -> str:
    return (
        f"It was trained for the objective {objective}, which says neither that its answers are classes nor that they "
        "are numbers. Fit an estimator with the library's scikit-learn classes and dump that with joblib."
    )

"""What a file holds: an estimator, or a dict, list or tuple with one model and what belongs to it."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, is_classifier
from sklearn.preprocessing import LabelBinarizer, LabelEncoder, MultiLabelBinarizer
from sklearn.utils import Bunch

from webapp.cell.booster_files import with_estimator
from webapp.cell.estimator.joining import has_names, in_front, why_unclear
from webapp.cell.estimator.newer_types import FixedThresholdClassifier
from webapp.cell.estimator.other_libraries import count_of_inputs
from webapp.errors import NotServable

#: They encode what is predicted, not the inputs.
TARGET_ENCODERS = (LabelBinarizer, LabelEncoder, MultiLabelBinarizer)
#: What the key of a list says that does not name the inputs.
NOT_INPUTS = ("class", "target", "label", "output")
#: Keys come from the file.
MAX_NOTE_LENGTH = 800
THRESHOLD_KEYS = ("threshold", "cutoff", "cut_off")


@dataclass(frozen=True, kw_only=True)
class Contents:
    """The model of a file, with what was found beside it."""

    estimator: Any
    #: The names of its inputs, if it does not know them itself.
    names: tuple[str, ...] | None = None
    #: What was done with the parts of the file, in sentences.
    notes: tuple[str, ...] = ()


def open_contents(value: Any) -> Contents:
    """Return the model that a file holds.

    Raises
    ------
    NotServable
        When it holds a container in which there is not exactly one model, or parts that can't be put together.
    """
    value = with_estimator(value)
    parts = _parts(value)
    if parts is None or not any(isinstance(part, BaseEstimator) or _is_model(part) for part in parts.values()):
        return Contents(estimator=value)
    models = {key: part for key, part in parts.items() if _is_model(part)}
    if len(models) != 1:
        found = ", ".join(f"“{key}” ({type(part).__name__})" for key, part in parts.items())
        raise NotServable(
            f"It holds a {type(value).__name__} with {len(models) or 'no'} model{'s'[: len(models) != 1]}: {found}. "
            "Dump the model that is to answer by itself, or in a Pipeline with its transformers."
        )
    ((key, model),) = models.items()
    found = f"The file holds a {type(value).__name__}; its model is “{key}” ({type(model).__name__})."
    contents = _noted(Contents(estimator=model), found)
    others = {other: part for other, part in parts.items() if part is not model}
    for step in (_with_transformer, _with_names, _with_threshold, _with_classes):
        contents, others = step(contents, others)
    if others:
        unused = ", ".join(f"“{other}”" for other in others)
        contents = _noted(contents, f"Not used: {unused}.")
    return contents


def _parts(value: Any) -> dict[str, Any] | None:
    if type(value) in (dict, OrderedDict, defaultdict, Bunch):
        return {str(key): with_estimator(part) for key, part in value.items()}
    if type(value) in (list, tuple):
        return {f"part {place}": with_estimator(part) for place, part in enumerate(value, 1)}
    return None


def _is_model(part: Any) -> bool:
    # Not each library derives its models from scikit-learn's.
    return not isinstance(part, type) and callable(getattr(part, "predict", None))


def _is_transformer(part: Any) -> bool:
    return isinstance(part, BaseEstimator) and hasattr(part, "transform") and not isinstance(part, TARGET_ENCODERS)


Step = tuple[Contents, dict[str, Any]]


def _with_transformer(contents: Contents, others: dict[str, Any]) -> Step:
    """Put the one transformer in front of the model, if it is certain that the model was fitted behind it."""
    transformers = {key: part for key, part in others.items() if _is_transformer(part)}
    if not transformers:
        return contents, others
    words = ", ".join(f"“{key}” ({type(part).__name__})" for key, part in transformers.items())
    key, transformer = next(iter(transformers.items()))
    unclear = why_unclear(transformer, contents.estimator)
    if problem := "their order is not known" if len(transformers) > 1 else unclear:
        raise NotServable(
            f"Beside its model it holds {words}; {problem}. Put all into one Pipeline and dump that, or give each part "
            "a file of its own: flask --app wsgi models publish model.pkl --before scaler.pkl"
        )
    note = f"“{key}” ({type(transformer).__name__}) prepares the inputs."
    joined = in_front([transformer], contents.estimator)
    return _noted(contents, note, estimator=joined), _without(others, key)


def _with_names(contents: Contents, others: dict[str, Any]) -> Step:
    """Take the names of the inputs from the one list that fits, if the model has none."""
    count = count_of_inputs(contents.estimator)
    found = {key: names_in(part) for key, part in others.items()}
    lists = {key: names for key, names in found.items() if names and count in (None, len(names))}
    fitting = {key: names for key, names in lists.items() if not any(word in key.lower() for word in NOT_INPUTS)}
    if has_names(contents.estimator) or len(set(fitting.values())) != 1:
        return contents, others
    key, names = next(iter(fitting.items()))
    note = f"The names of the inputs are those in “{key}”."
    return _noted(contents, note, names=names), _without(others, *fitting)


def names_in(part: Any) -> tuple[str, ...] | None:
    """Return the distinct names that a list or an array holds; None if it holds something else."""
    items = part.ravel().tolist() if isinstance(part, np.ndarray) else part
    items = items.tolist() if isinstance(items, pd.Index) else items
    if type(items) not in (list, tuple) or not all(isinstance(item, str) and item.strip() for item in items):
        return None
    names = tuple(map(str, items))
    return names if names and len(set(names)) == len(names) else None


def _with_threshold(contents: Contents, others: dict[str, Any]) -> Step:
    """Let the threshold beside a model with two classes decide, as it did where both were dumped."""
    keys = [key for key in others if any(word in key.lower() for word in THRESHOLD_KEYS)]
    estimator = contents.estimator
    if len(keys) != 1 or not is_classifier(estimator) or not hasattr(estimator, "predict_proba"):
        return contents, others
    threshold, classes = others[keys[0]], getattr(estimator, "classes_", ())
    is_share = isinstance(threshold, float | np.floating) and 0 < threshold < 1
    if not is_share or not isinstance(classes, np.ndarray) or classes.shape != (2,):
        return contents, others
    if not issubclass(FixedThresholdClassifier, BaseEstimator):
        raise NotServable(
            f"It decides by a threshold (“{keys[0]}”), and scikit-learn before 1.5 can't be told to. Train it again "
            "with a newer one, or dump the model alone."
        )
    positive = classes[1]
    decided = FixedThresholdClassifier(
        estimator, threshold=float(threshold), pos_label=positive, response_method="predict_proba"
    )
    decided.estimator_ = estimator
    for attribute in ("n_features_in_", "feature_names_in_"):
        if (known := getattr(estimator, attribute, None)) is not None:
            setattr(decided, attribute, known)
    note = f"The answer is {positive} where its probability is at least {float(threshold):g} (“{keys[0]}”)."
    return _noted(contents, note, estimator=decided), _without(others, keys[0])


def _with_classes(contents: Contents, others: dict[str, Any]) -> Step:
    """Say which class each number stands for, if an encoder of the target beside the model tells."""
    keys = [key for key, part in others.items() if isinstance(part, LabelEncoder)]
    classes = getattr(contents.estimator, "classes_", None)
    if len(keys) != 1 or not isinstance(classes, np.ndarray):
        return contents, others
    names = getattr(others[keys[0]], "classes_", None)
    if not isinstance(names, np.ndarray) or not np.array_equal(classes, np.arange(names.size)):
        return contents, others
    meanings = ", ".join(f"{number} is {name}" for number, name in enumerate(names.tolist()[:20]))
    return _noted(contents, f"Its answers are numbers: {meanings} (“{keys[0]}”)."), _without(others, keys[0])


def _noted(contents: Contents, note: str, **changes: Any) -> Contents:
    return replace(contents, notes=(*contents.notes, note[:MAX_NOTE_LENGTH]), **changes)


def _without(parts: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: part for key, part in parts.items() if key not in keys}

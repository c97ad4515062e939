"""Rules for the parts of a model: which attributes hold estimators, or instances of a few classes.

scikit-learn takes anything that has the method it calls. A file could put an array there, whose methods
write files, or a Bunch, whose methods are whatever functions it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sklearn.base import BaseEstimator

from webapp.cell.gate.budget import BYTES_PER_PART, Budget
from webapp.cell.gate.containers import MAX_DEPTH, parts_of
from webapp.cell.gate.names import key_of

#: The modules of the losses that boosting had of its own until scikit-learn 1.3.
OLD_LOSSES = ("sklearn.ensemble._gb_losses", "sklearn.ensemble._hist_gradient_boosting.loss")
#: What may stand in the place of an estimator.
WORDS = ("deprecated", "drop", "passthrough", "warn", "zero")
#: Attributes that hold an estimator, or estimators in lists, tuples, dicts or arrays.
ESTIMATORS = {
    "_centerer",
    "_encoder",
    "_estimator",
    "_label_binarizer",
    "_label_encoder",
    "_le",
    "_name_to_fitted_passthrough",
    "_preprocessor",
    "_scaler",
    "_tfidf",
    "base_estimator",
    "base_estimator_",
    "best_estimator_",
    "estimator",
    "estimator_",
    "estimators_",
    "final_estimator",
    "final_estimator_",
    "indicator_",
    "init_",
    "initial_imputer_",
    "kernel_pca_",
    "label_binarizer_",
    "le_",
    "named_estimators_",
    "nbrs_",
    "nn_fit",
    "one_hot_encoder_",
    "regressor",
    "regressor_",
    "remainder",
    "transformer",
    "transformer_",
}
#: Attributes that hold lists of tuples: a name, an estimator and, in some, columns.
NAMED_ESTIMATORS = {"estimators", "steps", "transformer_list", "transformers", "transformers_"}
#: Attributes that hold instances of the classes of these modules.
MODULES: dict[str, tuple[str, ...]] = {
    "_Booster": ("lightgbm.basic", "xgboost.core"),
    "_base_loss": ("sklearn._loss.loss",),
    "_bin_mapper": ("sklearn.ensemble._hist_gradient_boosting.binning",),
    "_family_instance": ("sklearn._loss.glm_distribution",),
    "_link_instance": ("sklearn.linear_model._glm.link",),
    "_loss": ("sklearn._loss.loss", *OLD_LOSSES),
    "_predictors": ("sklearn.ensemble._hist_gradient_boosting.predictor",),
    "_tree": ("sklearn.neighbors._ball_tree", "sklearn.neighbors._kd_tree"),
    "bsplines_": ("scipy.interpolate._bsplines",),
    "calibrated_classifiers_": ("sklearn.calibration",),
    "calibrators": ("sklearn.calibration", "sklearn.isotonic"),
    # Until scikit-learn 1.8, Cython left out the package.
    "closs": ("sklearn._loss._loss", "_loss"),
    "imputation_sequence_": ("sklearn.impute._iterative",),
    "interval_y_pred": ("sklearn._loss.link",),
    "interval_y_true": ("sklearn._loss.link",),
    # A neural network keeps a number there.
    "loss_": (*OLD_LOSSES, "builtins", "numpy"),
    "tree_": ("sklearn.neighbors._ball_tree", "sklearn.neighbors._kd_tree", "sklearn.tree._tree"),
}


class PartCheck:
    """Knows which classes the operator trusts, and charges what it looks at."""

    def __init__(self, budget: Budget, trusted: frozenset[tuple[str, str]]) -> None:
        self._budget = budget
        self._trusted = trusted

    def accepts(self, attribute: str, value: Any) -> bool:
        """Return whether an attribute holds what its name stands for, or whether its name says nothing."""
        if attribute in ESTIMATORS:
            return self._all(value, self._is_estimator)
        if attribute in NAMED_ESTIMATORS:
            return type(value) in (list, tuple) and self._are_named(value)
        if attribute == "_remainder":
            return self._are_named([value])
        if modules := MODULES.get(attribute):
            return self._all(value, lambda part: part is None or type(part).__module__ in modules)
        return True

    def _are_named(self, items: Sequence[Any]) -> bool:
        """Return whether each item is a name, an estimator and, in some, columns."""
        self._budget.charge_bytes(BYTES_PER_PART * len(items))
        return all(
            type(item) in (tuple, list) and len(item) in (2, 3) and type(item[0]) is str and self._is_estimator(item[1])
            for item in items
        )

    def _is_estimator(self, value: Any) -> bool:
        # Instances are of classes on the list: the loader creates no others.
        is_word = value is None or (type(value) is str and value in WORDS)
        return is_word or isinstance(value, BaseEstimator) or key_of(type(value)) in self._trusted

    def _all(self, value: Any, is_part: Callable[[Any], bool], depth: int = MAX_DEPTH) -> bool:
        inner = parts_of(value)
        if inner is None:
            return is_part(value)
        self._budget.charge_bytes(BYTES_PER_PART * len(inner))
        return depth > 0 and all(self._all(part, is_part, depth - 1) for part in inner)

"""Checks whether an artifact holds a fitted estimator, and prepares that for serving."""

from __future__ import annotations

from typing import Any

from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from webapp.cell.estimator.boosters import fill_in, use_one_thread
from webapp.cell.estimator.joining import output_count
from webapp.cell.estimator.nested import nested_estimators
from webapp.errors import HoldsTransformer, NotServable

PUBLISH_BOTH = (
    "which has no predict method. If it prepares the inputs of a model, publish both together: "
    "flask --app wsgi models publish MODEL --before FILE --name NAME"
)


def prepare_for_serving(estimator: Any) -> Any:
    """Return what a file held, once it is known to be able to predict, limited to one thread.

    Raises
    ------
    NotServable
        With the reason in a sentence.
    """
    if not hasattr(estimator, "predict") and isinstance(estimator, BaseEstimator) and hasattr(estimator, "transform"):
        kind = type(estimator).__name__
        raise HoldsTransformer(kind, output_count(estimator), f"It holds a {kind}, {PUBLISH_BOTH}")
    if not hasattr(estimator, "predict"):
        raise NotServable(f"It holds a {type(estimator).__name__}, which has no predict method.")
    if isinstance(estimator, BaseEstimator):
        try:
            if hasattr(estimator, "fit"):
                check_is_fitted(estimator)
        except NotFittedError:
            raise NotServable("It is not fitted yet. Call fit before dumping it.") from None
    for part in nested_estimators(estimator):
        # For a single instance, starting threads or processes costs more than they save.
        if getattr(part, "n_jobs", None) is not None:
            part.n_jobs = 1
        fill_in(part)
        use_one_thread(part)
    return estimator

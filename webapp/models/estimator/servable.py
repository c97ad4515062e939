"""What an artifact must hold to be served."""

from __future__ import annotations

from typing import Any

from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from webapp.errors import NotServable
from webapp.models.estimator.boosters import use_one_thread
from webapp.models.estimator.nested import nested_estimators


def servable(held: Any) -> Any:
    """Make sure that what a file held can predict, and keep it from starting jobs of its own.

    Raises
    ------
    NotServable
        With the reason in a sentence.
    """
    if not hasattr(held, "predict"):
        raise NotServable(f"It holds a {type(held).__name__}, which has no predict.")
    if isinstance(held, BaseEstimator):
        try:
            if hasattr(held, "fit"):
                check_is_fitted(held)
        except NotFittedError:
            raise NotServable("It is not fitted yet. Call fit before dumping it.") from None
    for part in nested_estimators(held):
        # Threads and processes of its own cost a single instance more than they save.
        if getattr(part, "n_jobs", None) is not None:
            part.n_jobs = 1
        use_one_thread(part)
    return held

"""From a Joblib file to an estimator that can be served."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import sklearn
from sklearn.base import BaseEstimator
from sklearn.exceptions import InconsistentVersionWarning, NotFittedError
from sklearn.utils.validation import check_is_fitted

from webapp.errors import NotServable


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """What a Joblib file held, and which file it was."""

    estimator: Any
    #: The SHA-256 of the very bytes that were loaded.
    digest: str
    size: int


def load_artifact(path: Path) -> Artifact:
    """Load a file and make sure that what it holds can predict.

    Raises
    ------
    NotServable
        With the reason in a sentence or two.
    """
    data = _read(path)
    estimator = _load(data)
    if not hasattr(estimator, "predict"):
        raise NotServable(f"It holds a {type(estimator).__name__}, which has no predict.")
    if isinstance(estimator, BaseEstimator):
        try:
            if hasattr(estimator, "fit"):
                check_is_fitted(estimator)
        except NotFittedError:
            raise NotServable("It is not fitted yet. Call fit before dumping it.") from None
        _use_one_job(estimator)
    return Artifact(estimator=estimator, digest=hashlib.sha256(data).hexdigest(), size=len(data))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotServable(f"It can't be opened ({error.strerror}).") from error


def _load(data: bytes) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", InconsistentVersionWarning)
            return joblib.load(io.BytesIO(data))
    except InconsistentVersionWarning as error:
        made, ours = error.original_sklearn_version, sklearn.__version__
        raise NotServable(
            f"It was made with scikit-learn {made}, and this service runs {ours}. "
            f"Fit and dump it again with {ours}, or run the service with {made}."
        ) from None
    except (ImportError, AttributeError) as error:
        raise NotServable(f"It needs code that is not installed here: {error}.") from error
    except Exception as error:
        raise NotServable(f"It can't be read as a Joblib file ({type(error).__name__}).") from error


def _use_one_job(estimator: BaseEstimator) -> None:
    """Keep all parts of an estimator from starting threads or processes for each request."""
    jobs = [name for name in estimator.get_params() if name == "n_jobs" or name.endswith("__n_jobs")]
    estimator.set_params(**dict.fromkeys(jobs, 1))

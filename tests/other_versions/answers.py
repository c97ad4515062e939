"""What a model answers, as JSON."""

from __future__ import annotations

import numpy as np
from inputs import ASKED, BLANK

METHODS = ("predict", "predict_proba", "decision_function", "score_samples", "transform", "inverse_transform")


def answers_of(model, dataset, asked=ASKED):
    """Return what each method of a model answers to each batch of rows."""
    blank = (BLANK,) if dataset.startswith("numbers") else ()
    return {
        f"{method} {number}": answer_of(getattr(model, method), batch)
        for method in METHODS
        for number, batch in enumerate(asked[dataset] + (blank if method != "inverse_transform" else ()))
        if hasattr(model, method)
    }


def answer_of(method, batch):
    # Some models draw from the generator that all share.
    np.random.seed(0)
    try:
        return as_json(method(batch))
    except Exception as error:
        return {"raises": type(error).__name__}


def as_json(answer):
    if isinstance(answer, (list, tuple)) and any(isinstance(each, np.ndarray) for each in answer):
        return [as_json(each) for each in answer]
    if hasattr(answer, "toarray"):
        answer = answer.toarray()
    array = np.asarray(answer, dtype=None)
    if array.dtype.kind == "c":
        return [array.real.tolist(), array.imag.tolist()]
    return array.tolist() if array.dtype.kind in "biuf" else json_texts(array)


def json_texts(array):
    return [[str(each) for each in np.ravel(row)] for row in array]

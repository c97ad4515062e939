"""The names of scikit-learn's link functions in plans."""

from __future__ import annotations

from typing import Any

from webapp.models.compiled.refusals import NotCompilable

NAMES = {
    "IdentityLink": "identity",
    "LogLink": "log",
    "LogitLink": "logit",
    "HalfLogitLink": "half logit",
    "MultinomialLogit": "multinomial",
}


def link_of(loss: Any) -> str:
    """Return the name of a loss's link function.

    Raises
    ------
    NotCompilable
    """
    kind = type(loss.link)
    if kind.__module__ != "sklearn._loss.link" or kind.__name__ not in NAMES:
        raise NotCompilable("its loss has another link function")
    return NAMES[kind.__name__]

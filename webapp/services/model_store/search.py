"""Finds models by the words that people see of them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from webapp.models.findings import predicts
from webapp.services.model_store.served import ServedModel


def gist(model: ServedModel) -> str:
    """Return what a model is for, in one sentence: the first one on its card, or else what it predicts."""
    if model.card and model.card.description:
        return re.split(r"(?<=[.!?])\s+(?=[A-Z])", model.card.description.strip(), maxsplit=1)[0]
    return f"Predicts {predicts(model.signature)}."


def matching(models: Iterable[ServedModel], query: str) -> list[ServedModel]:
    """Return the models whose title, name or description has all words of a query, in any case, by title."""
    words = query.casefold().split()
    found = [model for model in models if all(word in _text(model) for word in words)]
    return sorted(found, key=lambda model: model.title.casefold())


def _text(model: ServedModel) -> str:
    description = (model.card and model.card.description) or ""
    return " ".join([model.title, model.name, description, predicts(model.signature)]).casefold()

"""Asks an estimator what it takes where nothing in it tells, by trying."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import combinations, islice, product
from typing import Any

from webapp.models.estimator.answers import ask
from webapp.models.estimator.matrix import as_matrix
from webapp.models.signature.example import example
from webapp.models.signature.probed import with_probed
from webapp.types import Instance, Probed, Signature

#: What is tried in place of a number, in this order: a date only where not any text will do.
KINDS: tuple[Probed, ...] = ("text", "date", "boolean")
TRIES, SECONDS = 300, 1.0


def probe(estimator: Any, signature: Signature) -> dict[str, Probed]:
    """Find out which unknown inputs want something other than a number.

    Returns
    -------
    tried : dict
        The fewest changes that were found to bring an answer; empty if numbers do, or nothing does.
    """
    names = [feature.name for feature in signature.features if feature.unknown]
    deadline = time.monotonic() + SECONDS
    for probed in islice(_guesses(names), TRIES):
        if time.monotonic() > deadline:
            break
        if _answers(estimator, with_probed(signature, probed)):
            return probed
    return {}


def _guesses(names: Sequence[str]) -> Iterator[dict[str, Probed]]:
    """Give all ways to make some of these something else than a number, the fewest first."""
    for count in range(len(names) + 1 if names else 0):
        for some in combinations(names, count):
            for kinds in product(KINDS, repeat=count):
                yield dict(zip(some, kinds, strict=True))


def _answers(estimator: Any, signature: Signature) -> bool:
    try:
        ask(estimator, as_matrix([_instance(signature)], signature), signature)
    except Exception:
        return False
    return True


def _instance(signature: Signature) -> Instance:
    # One is a better guess than nought, which has no logarithm and divides nothing.
    ones = {feature.name: 1.0 for feature in signature.features if feature.unknown}
    return {**example(signature), **ones}

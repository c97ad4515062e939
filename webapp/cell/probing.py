"""Probing: finds out by trial which inputs of an estimator expect something other than a number.

Behind a function, an estimator says nothing about its inputs, so they count as numbers at first.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import combinations, islice, product
from typing import Any

from webapp.cell.estimator.answers import predict_answers
from webapp.cell.estimator.matrix import as_matrix
from webapp.models.signature.example import example
from webapp.models.signature.probed import with_probed
from webapp.types import Instance, Probed, Signature

#: What is tried instead of a number, in this order: a date only where not just any text works.
KINDS: tuple[Probed, ...] = ("text", "date", "boolean")
MAX_TRIES = 300
#: Seconds of processor time after which no further try begins; a busy machine must not lead to another result.
MAX_CPU_SECONDS = 1.0


def probe(estimator: Any, signature: Signature) -> dict[str, Probed]:
    """Find out which unknown inputs expect something other than a number.

    Returns
    -------
    probed : dict
        The kinds of the fewest inputs that had to change for an answer. Empty if numbers gave one, or
        if nothing did.
    """
    names = [feature.name for feature in signature.features if feature.unknown]
    deadline = time.process_time() + MAX_CPU_SECONDS
    for probed in islice(_guesses(names), MAX_TRIES):
        if time.process_time() > deadline:
            break
        if _can_answer(estimator, with_probed(signature, probed)):
            return probed
    return {}


def _guesses(names: Sequence[str]) -> Iterator[dict[str, Probed]]:
    """Yield every way to give some of these inputs another kind than number, the fewest inputs first."""
    for count in range(len(names) + 1 if names else 0):
        for chosen in combinations(names, count):
            for kinds in product(KINDS, repeat=count):
                yield dict(zip(chosen, kinds, strict=True))


def _can_answer(estimator: Any, signature: Signature) -> bool:
    try:
        predict_answers(estimator, as_matrix([_instance(signature)], signature), signature)
    except Exception:
        return False
    return True


def _instance(signature: Signature) -> Instance:
    # One is a better guess than zero, which has no logarithm and can't be a divisor.
    ones = {feature.name: 1.0 for feature in signature.features if feature.unknown}
    return {**example(signature), **ones}

"""Finds the inputs whose values an estimator can't work with, such as a zero of which it takes the logarithm."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from webapp.cell.estimator.answers import predict_answers
from webapp.cell.estimator.matrix import as_matrix
from webapp.models.signature.example import example
from webapp.types import Instance, Signature

MAX_CULPRITS = 20
#: Seconds of processor time after which no further try begins.
MAX_CPU_SECONDS = 0.5


def find_culprits(estimator: Any, instances: Sequence[Instance], signature: Signature) -> list[tuple[int, int]]:
    """Return the positions of instances that can't be answered, each with that of an input which alone is the reason.

    Each value is put into a made-up instance that the estimator can answer. Empty if there is no such instance.
    """
    deadline = time.process_time() + MAX_CPU_SECONDS
    base = next((each for each in _bases(signature) if _can_answer(estimator, each, signature)), None)
    found: list[tuple[int, int]] = []
    for row, instance in enumerate(instances if base else ()):
        if _can_answer(estimator, instance, signature):
            continue
        for place, feature in enumerate(signature.features):
            if len(found) == MAX_CULPRITS or time.process_time() > deadline:
                return found
            if not _can_answer(estimator, {**(base or {}), feature.name: instance[feature.name]}, signature):
                found.append((row, place))
    return found


def _bases(signature: Signature) -> Iterator[Instance]:
    typical = example(signature)
    yield typical
    for number in (1.0, 0.0):
        yield {**typical, **{each.name: number for each in signature.features if each.kind in ("number", "integer")}}


def _can_answer(estimator: Any, instance: Instance, signature: Signature) -> bool:
    try:
        predict_answers(estimator, as_matrix([instance], signature), signature)
    except (MemoryError, OSError, RuntimeError):
        # The machine is short of something, which says nothing about the value.
        return True
    except Exception:
        return False
    return True

"""Which values PostgreSQL and JSON can store."""

from __future__ import annotations

from itertools import chain

from webapp.errors import NotServable
from webapp.types import Signature

LARGEST = 2**63 - 1
#: Which texts can be stored, as a pattern of JSON Schema; half a surrogate pair can't occur there.
STORABLE = r"^[^\u0000]*$"


def is_storable(value: object) -> bool:
    """Return whether a record can hold this value: no NUL, no half of a surrogate pair, no number beyond 64 bits."""
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
    return not isinstance(value, int) or abs(value) <= LARGEST


def require_storable(signature: Signature) -> None:
    """Check that every answer of a model can be recorded.

    Raises
    ------
    NotServable
    """
    names = [feature.name for feature in signature.features] + [output.name for output in signature.outputs]
    choices = chain.from_iterable(feature.choices for feature in signature.features)
    classes = chain.from_iterable(output.classes for output in signature.outputs)
    if not all(map(is_storable, chain(names, choices, classes))):
        raise NotServable("A name, category or class in it can't be stored: it contains NUL or exceeds 64 bits.")

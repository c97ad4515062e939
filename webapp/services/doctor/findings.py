"""What a check finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from webapp.errors import ScoredeskError


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The result of one check."""

    name: str
    #: What was found, or what to do.
    sentence: str
    is_fault: bool = False


def checked(name: str, check: Callable[[], str]) -> Finding:
    """Return what a check says, or the sentence of the error that it raises as a fault."""
    try:
        return Finding(name=name, sentence=check())
    except ScoredeskError as error:
        return Finding(name=name, sentence=error.message, is_fault=True)

"""Words with a meaning of their own."""

from __future__ import annotations

from enum import Enum

#: Trusted in place of types, it stands for all that is installed in an environment with packages of one's choice.
INSTALLED = "*"


class Word(str, Enum):  # noqa: UP042
    """One of a few words. Python 3.10, which some models need, has no StrEnum."""

    __str__ = str.__str__

"""Fills in the card of a version that is being published."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata

from webapp.helpers.card import Card, Published, read_card
from webapp.helpers.card_contents import card_signature
from webapp.helpers.card_words import with_words
from webapp.helpers.signature import read_signature
from webapp.services.artifact import Artifact

LIBRARIES = ("scikit-learn", "numpy", "scipy", "pandas", "joblib")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class CardWriter:
    """What the publisher was given for the card: words."""

    #: A card of words, written by hand, as bytes.
    words: bytes = b"{}"
    title: str | None = None
    now: Callable[[], datetime] = _now

    def write(self, artifact: Artifact, actor: str) -> Card:
        """Write the card of an artifact.

        Raises
        ------
        NotServable
            When the words don't fit the estimator.
        """
        words = read_card(self.words)
        signature = with_words(read_signature(artifact.estimator), words)
        return words.model_copy(
            update={
                "title": self.title or words.title,
                "published": Published(
                    at=self.now(), by=actor, python=platform.python_version(), libraries=_libraries()
                ),
                "digest": artifact.digest,
                "size": artifact.size,
                "signature": card_signature(signature, {}),
            }
        )


def _libraries() -> dict[str, str]:
    return {name: metadata.version(name) for name in LIBRARIES}

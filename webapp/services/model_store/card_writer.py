"""Fills in the card of a version that is being published."""

from __future__ import annotations

import platform
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from webapp.errors import NotPublishable, PredictionFailed
from webapp.models.card import Card, read_card
from webapp.models.card.apply import with_words
from webapp.models.card.fields import CardInputType, Published, Sample
from webapp.models.card.from_signature import card_signature
from webapp.models.card.inheritance import inherited_words
from webapp.models.card.redaction import without_listed_values
from webapp.models.sample.csv_table import UNKNOWN_FORMAT, CSVFormat, Table, read_table
from webapp.models.sample.distributions import references
from webapp.models.sample.empty_pairs import find_empty_pairs
from webapp.models.sample.golden_rows import choose_golden
from webapp.models.sample.learned_types import learn_types
from webapp.models.sample.sample_rows import SampleRows, read_sample
from webapp.services.model_store.artifact import Artifact
from webapp.services.model_store.known_case import KnownCase
from webapp.types import Signature

LIBRARIES = ("scikit-learn", "numpy", "scipy", "pandas", "joblib")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Champion:
    """The version in use, whose words a new version gets."""

    version: str
    card: Card


@dataclass(frozen=True, kw_only=True)
class Written:
    """A card, and what was done for it, in sentences."""

    card: Card
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CardWriter:
    """Writes a card from what the publisher was given: words, and a sample to evaluate and check the model with."""

    #: A card that was written by hand, as JSON; None if there is none.
    words: bytes | None = None
    title: str | None = None
    #: The title if nothing else has one.
    file_title: str | None = None
    #: Whether a version without words of its own gets those of the champion.
    inherits: bool = True
    #: A CSV with a header line.
    sample: bytes | None = None
    sample_format: CSVFormat = UNKNOWN_FORMAT
    #: The columns of the sample with the true outcomes, one for each output.
    targets: tuple[str, ...] = ()
    #: Whether ten rows of the sample may be kept on the card.
    golden: bool = True
    #: Inputs of which the publisher knows the answer.
    known: KnownCase | None = None
    now: Callable[[], datetime] = _now

    @property
    def environment(self) -> str | None:
        """The environment that the words of the card name."""
        return self._words.environment

    @property
    def _words(self) -> Card:
        return read_card(self.words or b"{}")

    def write(
        self, artifact: Artifact, actor: str | None, redact: Collection[str] = (), champion: Champion | None = None
    ) -> Written:
        """Write the card of an artifact; it lists no values of the inputs in ``redact``.

        Raises
        ------
        NotServable
            When the words don't fit the estimator.
        NotPublishable
            When the sample doesn't fit, or the model can't answer it.
        """
        words = self._words
        notes: list[str] = []
        if champion and self.words is None and self.inherits:
            words, notes = inherited_words(champion.card, champion.version, artifact.signature)
        artifact = artifact.with_types_of(words)
        table = self._read_table(artifact.signature)
        if table:
            notes.append(f"{table.sentence}.")
            learned = learn_types(table, self.targets, artifact.signature, artifact.answers_to)
            learned = without_listed_values(learned, [*redact, *words.redact, *words.pseudonymise])
            words = words.model_copy(update={"inputs": {**learned, **_with_learned(words.inputs, learned)}})
            artifact = artifact.with_types_of(words)
        signature = with_words(artifact.signature, words)
        if self.known:
            self.known.check(artifact)
        card = words.model_copy(
            update={
                "title": self.title or words.title or self.file_title,
                "published": Published(
                    at=self.now(), by=actor or "unknown", python=platform.python_version(), libraries=_libraries()
                ),
                "digest": artifact.digest,
                "code": artifact.code or None,
                "size": artifact.size,
                "signature": card_signature(signature, {}),
            }
            | (self._measured(artifact, table, signature, redact) if table else {})
        )
        # Reading the card back reveals now what could not be read later.
        return Written(card=read_card(card.to_bytes()), notes=tuple(notes))

    def _read_table(self, signature: Signature) -> Table | None:
        if self.sample is None:
            if self.targets:
                raise NotPublishable("A target is a column of the sample; give the sample too.")
            return None
        names = [feature.name for feature in signature.features]
        return read_table(self.sample, self.sample_format, [*names, *self.targets])

    def _measured(
        self, artifact: Artifact, table: Table, signature: Signature, redact: Collection[str]
    ) -> dict[str, Any]:
        rows = read_sample(table, self.targets, signature)
        try:
            answers = artifact.try_out(rows.instances)
            metrics = artifact.measure(rows.instances, rows.targets) if rows.targets else []
        except PredictionFailed as error:
            raise NotPublishable(
                f"The model can't answer the sample ({error.kind}).{_culprits(artifact, rows)}"
            ) from error
        target = list(self.targets) if signature.multi_output else next(iter(self.targets), None)
        golden = choose_golden(rows.instances, answers, artifact.try_out) if self.golden else []
        return {
            "sample": Sample(rows=len(rows.instances), target=target or None),
            "signature": card_signature(signature, references(rows.instances, signature, redact)),
            "empty_pairs": find_empty_pairs(rows.instances, signature),
            "metrics": metrics,
            "golden": golden,
        }


def _culprits(artifact: Artifact, rows: SampleRows) -> str:
    """Return which rows of the sample are the reason, in words; empty if that is not known."""
    found: list[tuple[int, str]] = []
    with suppress(PredictionFailed):
        found = artifact.find_culprits(rows.instances)
    return "".join(f" Row {row + 1}: it can't work with this value of {name}." for row, name in found)


def _with_learned(said: Mapping[str, CardInputType], learned: Mapping[str, CardInputType]) -> dict[str, CardInputType]:
    """Return what the publisher said of inputs, with what the sample shows where that is not their kind."""
    return {
        name: learned[name].model_copy(update={"new_choices": each.new_choices})
        if each.kind is None and name in learned
        else each
        for name, each in said.items()
    }


def _libraries() -> dict[str, str]:
    return {name: metadata.version(name) for name in LIBRARIES}

"""The words that a new version gets from the version in use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from webapp.errors import CardInvalid
from webapp.helpers.inputs.messages import printable
from webapp.models.card import Card
from webapp.models.card.apply import with_words
from webapp.models.card.fields import CardInputType, OutputWords
from webapp.models.card.input_types import with_card_types
from webapp.types import Signature

#: The fields whose parts belong to an input each.
OF_INPUTS = ("labels", "units", "help", "choices", "inputs")
#: The fields that list inputs.
LISTS = ("required", "order", "immutable", "key_inputs", "redact", "pseudonymise")
#: The fields whose words are about the answer, and count whole.
OF_ANSWERS = ("classes", "output", "thresholds", "report")
#: What describes one version's training data or libraries, not what its inputs mean.
OF_ONE_VERSION = {"ranges": "they describe its training data", "environment": "a version names its own"}


@dataclass
class _Inheritance:
    signature: Signature
    card: Card = field(default_factory=Card)
    taken: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    def take(self, name: str, value: Any, what: str = "") -> None:
        """Take a part of the card over, unless this model contradicts it."""
        if value and (problem := self._try(name, value)):
            self.dropped.append(f"{what or name} ({problem.rstrip('.')})")

    def take_each(self, name: str, values: Mapping[str, Any]) -> None:
        """Take over what is said of inputs; where the model contradicts something, that alone is left out."""
        if values and self._try(name, values):
            for key, value in values.items():
                self.take(name, {**getattr(self.card, name), key: value}, f"{name} of {printable(key)}")

    def _try(self, name: str, value: Any) -> str:
        """Take a part over and return an empty text, or return what speaks against it."""
        card = self.card.model_copy(update={name: value})
        try:
            with_words(with_card_types(self.signature, card), card)
        except CardInvalid as error:
            return error.message
        self.card = card
        if name not in self.taken:
            self.taken.append(name)
        return ""


def inherited_words(card: Card, version: str, signature: Signature) -> tuple[Card, list[str]]:
    """Return the words of a card that suit a model, and what was taken over and what was not, in sentences."""
    names = {feature.name for feature in signature.features}
    made = _Inheritance(signature)
    gone = {name for part in OF_INPUTS for name in getattr(card, part) if name not in names}
    gone |= {name for part in LISTS for name in getattr(card, part) if name not in names}
    gone |= {name for members in card.groups.values() for name in members if name not in names}
    for name in ("title", "description"):
        made.take(name, getattr(card, name))
    for name in OF_INPUTS:
        values = _said(card.inputs) if name == "inputs" else getattr(card, name)
        made.take_each(name, _kept(values, names.__contains__))
    for name in LISTS:
        made.take(name, [each for each in getattr(card, name) if each in names])
    groups = {title: [each for each in members if each in names] for title, members in card.groups.items()}
    made.take("groups", _kept(groups, lambda title: bool(groups[title])))
    for name in OF_ANSWERS:
        value = getattr(card, name)
        made.take(name, None if value == OutputWords() else value)
    for example in card.examples:
        made.take("examples", [*made.card.examples, example], f"the example “{printable(example.title)}”")
    made.dropped += [f"{name} ({why})" for name, why in OF_ONE_VERSION.items() if getattr(card, name)]
    return made.card, _sentences(made, version, sorted(gone))


def _said(types: Mapping[str, CardInputType]) -> dict[str, CardInputType]:
    """Return what a person said of inputs, without what was learned from a sample."""
    said = {
        name: each if each.source == "card" else CardInputType(new_choices=each.new_choices)
        for name, each in types.items()
    }
    return {name: each for name, each in said.items() if each != CardInputType()}


def _kept(values: Mapping[str, Any], fits: Callable[[str], bool]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if fits(key)}


def _sentences(made: _Inheritance, version: str, gone: list[str]) -> list[str]:
    sentences = []
    if made.taken:
        sentences.append(f"Taken over from version {version}: {', '.join(made.taken)}.")
    if gone:
        sentences.append(f"Not taken over: words for {', '.join(map(printable, gone))}, no longer an input.")
    sentences += [f"Not taken over: {each}." for each in made.dropped]
    return sentences

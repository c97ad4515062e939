"""How the cards of two versions differ, in lines for the operator."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from webapp.helpers.inputs.messages import printable
from webapp.models.card import Card
from webapp.models.card.sentences import blank_words, metric_name, metric_span, metric_value, values_met
from webapp.models.card.skeleton import WRITTEN
from webapp.types import Feature, Output, Signature

#: How many characters of a word or a list a line shows.
MAX_LENGTH = 200

Version = tuple[Signature, Card]


def card_differences(before: Version, after: Version) -> list[str]:
    """Return a line for each difference in inputs, outputs, words and metrics; empty if there is none."""
    return [
        *_inputs(*({each.name: each for each in signature.features} for signature, _ in (before, after))),
        *_outputs(*({each.name: each for each in signature.outputs} for signature, _ in (before, after))),
        *_changes("", *(_words(card) for _, card in (before, after))),
        *_changes("", *(_metrics(card) for _, card in (before, after))),
    ]


def _inputs(before: Mapping[str, Feature], after: Mapping[str, Feature]) -> Iterator[str]:
    yield from (f"Input removed: {printable(name)}" for name in before if name not in after)
    yield from (f"Input added: {printable(name)} ({values_met(after[name])})" for name in after if name not in before)
    for name in after:
        if name in before:
            yield from _changes(f"{printable(name)}: ", *(_facts(part[name]) for part in (before, after)))


def _facts(feature: Feature) -> dict[str, str]:
    return {"values": values_met(feature), "if blank": blank_words(feature)}


def _outputs(before: Mapping[str, Output], after: Mapping[str, Output]) -> Iterator[str]:
    classes = [{f"classes of {name}": list(each.classes) for name, each in part.items()} for part in (before, after)]
    yield from _changes("", *classes)


def _words(card: Card) -> dict[str, Any]:
    """Return the words of a card, one by one."""
    said = card.model_dump(mode="json", exclude={*WRITTEN, "inputs"}, exclude_none=True, exclude_defaults=True)
    return dict(_flat("", said))


def _flat(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _flat(f"{path}.{printable(key)}" if path else printable(key), part)
    elif value != "":
        yield path, value


def _metrics(card: Card) -> dict[str, str]:
    return {metric_name(each): f"{metric_value(each)} ({metric_span(each)})" for each in card.metrics}


def _changes(prefix: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name in {**before, **after}:
        old, new = (_text(part.get(name)) for part in (before, after))
        if old != new:
            yield f"{prefix}{name}: {old} → {new}"


def _text(value: Any) -> str:
    if value is None:
        return "none"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}…"

"""A card to fill in: all that people can say of a model, with blanks for what is missing."""

from __future__ import annotations

import json
from typing import Any

from webapp.helpers.feature_words import options, value_key
from webapp.helpers.output_words import class_key
from webapp.models.card import Card
from webapp.types import Output, Signature

#: What a person may write on a card; the rest is written when it is published.
WRITTEN = ("published", "digest", "code", "size", "signature", "sample", "empty_pairs", "metrics", "golden")
#: More choices of an input than these are only listed if they have labels.
MAX_LISTED = 50


def card_skeleton(signature: Signature, card: Card) -> str:
    """Return the words of a card as JSON, with a blank for each word that is missing."""
    names = [feature.name for feature in signature.shown]
    said = card.model_dump(mode="json", exclude=set(WRITTEN), exclude_none=True, exclude_defaults=True)
    blanks: dict[str, Any] = {
        "title": "",
        "description": "",
        "labels": dict.fromkeys(names, ""),
        "units": {feature.name: "" for feature in signature.shown if feature.is_number and not feature.is_flag},
        "help": dict.fromkeys(names, ""),
        "choices": {
            feature.name: {value_key(value): "" for value in options(feature)}
            for feature in signature.shown
            if 0 < len(options(feature)) <= MAX_LISTED
        },
        "classes": _classes(signature),
        "output": _by_output(signature, {each.name: _output(each) for each in signature.outputs}),
    }
    said["inputs"] = {name: each for name, each in said.get("inputs", {}).items() if each.get("source") != "sample"}
    merged = _merge(blanks, said)
    text = json.dumps({key: value for key, value in merged.items() if value != {}}, indent=2, ensure_ascii=False)
    return "".join(each if each.isprintable() or each == "\n" else json.dumps(each)[1:-1] for each in text)


def _classes(signature: Signature) -> dict[str, Any]:
    classes = {
        output.name: {class_key(each): "" for each in output.classes}
        for output in signature.outputs
        if 0 < len(output.classes) <= MAX_LISTED
    }
    return _by_output(signature, classes)


def _output(output: Output) -> dict[str, str]:
    return {"label": ""} if output.classes else {"label": "", "unit": ""}


def _by_output(signature: Signature, parts: dict[str, Any]) -> dict[str, Any]:
    if signature.multi_output:
        return parts
    return next(iter(parts.values()), {})


def _merge(blanks: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """Put what was said into the blanks, in the order of these."""
    merged = dict(blanks)
    for key, value in said.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged

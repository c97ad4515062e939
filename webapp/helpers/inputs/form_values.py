"""From the strings of a form to typed values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from webapp.helpers.formatting import choice_labels, feature_label, plain_number
from webapp.types import Feature, Instance, Notice, Signature, Value

#: The spaces that people, and these pages, put between thousands.
BETWEEN_THOUSANDS = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f](?=\d{3}(?!\d))")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def read_form(form: Mapping[str, Sequence[str]], signature: Signature) -> tuple[dict[str, Value], list[Notice]]:
    """Give each field its value, and a notice for each feature that was sent twice.

    A blank field is left out. What can't be read as its feature's kind stays a string, so that
    the schema refuses it as it refuses a string in JSON.
    """
    features = {feature.name: feature for feature in signature.features}
    values = {
        name: _read(features.get(name), sent[0])
        for name, sent in form.items()
        if sent and (name not in features or sent[0].strip())
    }
    twice = [
        Notice(loc=(name,), msg=f"{feature_label(features[name])} was sent {len(sent)} times; send it once.")
        for name, sent in form.items()
        if len(sent) > 1 and name in features
    ]
    return values, twice


def _read(feature: Feature | None, sent: str) -> Value:
    if feature is None:
        return sent
    if feature.kind == "text":
        # Browsers send every end of a line as two characters, whichever one was typed.
        return sent.replace("\r\n", "\n")
    if feature.kind in ("category", "boolean"):
        known = dict(zip(choice_labels(feature.choices), feature.choices, strict=True))
        # What is typed and not chosen may have blanks about it.
        return known.get(sent, known.get(" ".join(sent.split()), sent))
    text = BETWEEN_THOUSANDS.sub("", sent.strip()).replace("−", "-")
    return float(text) if NUMBER.fullmatch(text) else sent


def write_form(instance: Instance, signature: Signature) -> dict[str, str]:
    """Give the strings that a form would send for an instance; blanks are left out."""
    return {
        feature.name: _write(feature, instance[feature.name])
        for feature in signature.features
        if instance.get(feature.name) is not None
    }


def _write(feature: Feature, value: Value) -> str:
    if feature.kind in ("category", "boolean"):
        return dict(zip(feature.choices, choice_labels(feature.choices), strict=True)).get(value, "")
    return value if isinstance(value, str) else plain_number(float(value or 0))

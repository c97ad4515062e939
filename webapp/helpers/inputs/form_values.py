"""Turns the strings of a form into typed values, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from webapp.helpers.feature_words import FLAG_LABELS, value_words
from webapp.helpers.formatting import choice_labels, feature_label, plain_number
from webapp.helpers.inputs.typed_numbers import NUMBER as NUMBER
from webapp.helpers.inputs.typed_numbers import misread_sentence, read_number
from webapp.types import Feature, Instance, Notice, Signature, Value

#: What people write where 1 and 0 stand for yes and no.
FLAG_WORDS = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
FLAG_WORDS |= {label: float(number) for number, label in FLAG_LABELS.items()}


def read_form(form: Mapping[str, Sequence[str]], signature: Signature) -> tuple[dict[str, Value], list[Notice]]:
    """Read the value of each field; report each feature that was sent more than once and each number to type otherwise.

    A blank field is left out. A value that can't be read as its feature's kind stays a string, so that
    the schema rejects it like a string in JSON.
    """
    features = {feature.name: feature for feature in signature.features}
    values = {
        name: _read(features.get(name), texts[0])
        for name, texts in form.items()
        if texts and (name not in features or texts[0].strip())
    }
    duplicates = [
        Notice(loc=(name,), msg=f"{feature_label(features[name])} was sent {len(texts)} times; send it once.")
        for name, texts in form.items()
        if len(texts) > 1 and name in features
    ]
    misread = [
        Notice(loc=(name,), msg=sentence.format(label=feature_label(feature)))
        for name, feature in features.items()
        if feature.is_number
        and isinstance(text := values.get(name), str)
        and (sentence := misread_sentence(text, feature.unit))
    ]
    return values, [*duplicates, *misread]


def _read(feature: Feature | None, text: str) -> Value:
    if feature is None:
        return text
    if feature.kind == "text":
        # Browsers send every line break as CR LF.
        return text.replace("\r\n", "\n")
    if feature.is_date:
        return text.strip()
    if feature.has_choices:
        known = dict(zip(choice_labels(feature.choices), feature.choices, strict=True))
        # A value that was typed, not chosen, may have extra white space.
        plain = " ".join(text.split())
        chosen = known.get(text, known.get(plain))
        if chosen is not None or not feature.new_choices:
            return text if chosen is None else chosen
        return plain if has_texts(feature) else _read_number(feature, plain)
    if feature.is_flag and (truth := FLAG_WORDS.get(text.strip().lower())) is not None:
        return truth
    return _read_number(feature, text)


def has_texts(feature: Feature) -> bool:
    """Return whether the choices are texts, and not numbers."""
    return all(isinstance(choice, str) for choice in feature.choices)


def _read_number(feature: Feature, text: str) -> Value:
    number = read_number(text, feature.unit)
    return text if number is None else number


def write_form(instance: Instance, signature: Signature) -> dict[str, str]:
    """Return the strings that a form would send for an instance, without its blanks."""
    return {
        feature.name: _write(feature, instance[feature.name])
        for feature in signature.features
        if instance.get(feature.name) is not None
    }


def _write(feature: Feature, value: Value) -> str:
    if feature.has_choices:
        known = dict(zip(feature.choices, choice_labels(feature.choices), strict=True))
        if value in known or not feature.new_choices:
            return known.get(value, "")
    if feature.is_flag and value in (0, 1):
        return value_words(feature, value)
    return value if isinstance(value, str) else plain_number(float(value or 0))

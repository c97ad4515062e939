"""Redaction: what a record keeps of inputs whose values must not be stored."""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from webapp.helpers.records.filter_values import possible_values
from webapp.helpers.records.filters import Filter
from webapp.helpers.sealing.derived_keys import derive_key
from webapp.helpers.storable import is_storable
from webapp.types import Feature, Instance, Prediction, Signature, Value

#: The placeholder of a value of which nothing is kept, and the start of a pseudonym.
PLACEHOLDER = "redacted"
PLACEHOLDER_PATTERN = re.compile(rf"{PLACEHOLDER}(?::([0-9a-f]{{16}}))?")
KEPT_HINTS = {
    "value": "",
    "pseudonym": "Not kept on record, except for a code that links records with the same value.",
    "nothing": "Not kept on record.",
}


class Redaction:
    """Removes from predictions, before they are recorded, the values that must not be kept.

    A pseudonym is a keyed hash: without the secret key, it can't be found out by trying values. It depends on the name
    of the input and not on the model, so that the records of one person in two models can be linked.
    """

    def __init__(self, secret: str) -> None:
        self._key = derive_key("pseudonyms of inputs", secret)

    def redact(self, predictions: Sequence[Prediction], signature: Signature) -> Sequence[Prediction]:
        """Return the predictions without the values that must not be kept; a blank stays a blank."""
        if not signature.redacted:
            return predictions
        return [
            self._redact_one(prediction, prediction.inputs, signature.redacted) if prediction.inputs else prediction
            for prediction in predictions
        ]

    def with_pseudonyms(self, filter: Filter) -> Filter:
        """Return a filter that also finds the pseudonyms of its values."""
        pseudonyms = [
            (name, self._pseudonym(name, value))
            for name, text in filter.inputs
            for value in possible_values(text)
            if value is not None and is_storable(value)
        ]
        return replace(filter, pseudonyms=tuple(pseudonyms))

    def _redact_one(self, prediction: Prediction, inputs: Instance, redacted: Sequence[Feature]) -> Prediction:
        placeholders = {feature.name: self._placeholder(feature, inputs[feature.name]) for feature in redacted}
        return replace(prediction, inputs={**inputs, **placeholders})

    def _placeholder(self, feature: Feature, value: Value) -> Value:
        if value is None:
            return None
        return PLACEHOLDER if feature.kept == "nothing" else self._pseudonym(feature.name, value)

    def _pseudonym(self, name: str, value: Value) -> str:
        message = f"{len(name)}:{name}{_canonical(value)}".encode()
        return f"{PLACEHOLDER}:{hmac.digest(self._key, message, 'sha256').hex()[:16]}"


def _canonical(value: Value) -> str:
    """Return the same text for equal values, such as 1 and 1.0; the text "1" is a different value."""
    if isinstance(value, str):
        return f"text {value}"
    # Adding zero turns minus zero into zero, which it equals.
    return f"truth {value}" if isinstance(value, bool) else f"number {float(value or 0) + 0.0!r}"


def with_redacted(signature: Signature, names: Collection[str]) -> Signature:
    """Return a signature in which nothing is kept of the inputs with these names."""
    if not any(feature.name in names for feature in signature.features):
        return signature
    features = (
        replace(feature, kept="nothing") if feature.name in names else feature for feature in signature.features
    )
    return replace(signature, features=tuple(features))


def kept_hint(feature: Feature) -> str:
    """Return a sentence about what is kept of an input's values; empty if they are kept."""
    return KEPT_HINTS[feature.kept]


def is_placeholder(value: Value) -> bool:
    """Return whether this is the placeholder of a value that was not kept."""
    return isinstance(value, str) and PLACEHOLDER_PATTERN.fullmatch(value) is not None


def kept_values(inputs: Instance) -> Instance:
    """Return the inputs whose values were kept."""
    return {name: value for name, value in inputs.items() if not is_placeholder(value)}


def placeholder_words(value: str) -> str | None:
    """Return a placeholder in words; None for any other value."""
    match = PLACEHOLDER_PATTERN.fullmatch(value)
    if match is None:
        return None
    return f"not kept on record (code {match[1]})" if match[1] else "not kept on record"

"""What the record keeps of inputs whose values it must not hold."""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from webapp.helpers.records.filters import Filter, possible_values
from webapp.helpers.sealing.derived_keys import derive_key
from webapp.helpers.storable import is_storable
from webapp.types import Feature, Instance, Prediction, Signature, Value

#: What stands for a value of which nothing is kept, and before the pseudonym of one that can be found again.
NOTHING = "redacted"
MARK = re.compile(rf"{NOTHING}(?::([0-9a-f]{{16}}))?")
HINTS = {
    "value": "",
    "pseudonym": "Not kept on record, but for a code by which cases with the same value can be put together.",
    "nothing": "Not kept on record.",
}


class Redaction:
    """Takes out of predictions what must not be kept, before they are recorded.

    A pseudonym is a keyed hash: without the secret key nobody can try which value it belongs to. It depends on the
    name of the input and not on the model, so that the records of one person in two models can be put together.
    """

    def __init__(self, secret: str) -> None:
        self._key = derive_key("pseudonyms of inputs", secret)

    def of(self, predictions: Sequence[Prediction], signature: Signature) -> Sequence[Prediction]:
        """Give predictions as they may be kept; a blank stays a blank."""
        if not signature.redacted:
            return predictions
        return [self._without(each, each.inputs, signature.redacted) if each.inputs else each for each in predictions]

    def with_pseudonyms(self, filter: Filter) -> Filter:
        """Let a filter also find the pseudonyms of the values that it asks for."""
        values = [
            (name, value) for name, text in filter.inputs for value in possible_values(text) if _may_be_kept(value)
        ]
        return replace(filter, pseudonyms=tuple((name, self._pseudonym(name, value)) for name, value in values))

    def _without(self, prediction: Prediction, inputs: Instance, redacted: Sequence[Feature]) -> Prediction:
        kept = {feature.name: self._kept(feature, inputs[feature.name]) for feature in redacted}
        return replace(prediction, inputs={**inputs, **kept})

    def _kept(self, feature: Feature, value: Value) -> Value:
        if value is None:
            return None
        return NOTHING if feature.kept == "nothing" else self._pseudonym(feature.name, value)

    def _pseudonym(self, name: str, value: Value) -> str:
        said = f"{len(name)}:{name}{_canonical(value)}".encode()
        return f"{NOTHING}:{hmac.digest(self._key, said, 'sha256').hex()[:16]}"


def _may_be_kept(value: Value) -> bool:
    """Tell whether some record could hold a value that is looked for."""
    return value is not None and is_storable(value)


def _canonical(value: Value) -> str:
    """Write equal values alike: 1 is 1.0, and the text "1" is another."""
    if isinstance(value, str):
        return f"text {value}"
    # Adding nothing makes minus zero what it equals.
    return f"truth {value}" if isinstance(value, bool) else f"number {float(value or 0) + 0.0!r}"


def with_redacted(signature: Signature, names: Collection[str]) -> Signature:
    """Give a signature of whose inputs with these names nothing is kept."""
    if not any(feature.name in names for feature in signature.features):
        return signature
    features = (replace(each, kept="nothing") if each.name in names else each for each in signature.features)
    return replace(signature, features=tuple(features))


def kept_hint(feature: Feature) -> str:
    """Say what is kept of an input's values, where that is not all."""
    return HINTS[feature.kept]


def is_mark(value: Value) -> bool:
    """Tell whether this stands for a value that was not kept."""
    return isinstance(value, str) and MARK.fullmatch(value) is not None


def kept_values(inputs: Instance) -> Instance:
    """Give the inputs that were kept."""
    return {name: value for name, value in inputs.items() if not is_mark(value)}


def mark_words(value: str) -> str | None:
    """Say in words what stands for a value that was not kept; None of a value that was."""
    found = MARK.fullmatch(value)
    if found is None:
        return None
    return f"not kept on record (code {found[1]})" if found[1] else "not kept on record"

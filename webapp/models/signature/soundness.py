"""What must hold for a signature before the service shows it: a hostile model may have sent it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from webapp.errors import NotServable
from webapp.helpers.storable import is_storable, require_storable
from webapp.types import Feature, Output, Signature, Usual, Value

#: More than any form or document shows in time. Values are categories and classes, and a text is a name or a value.
MAX_FEATURES, MAX_OUTPUTS, MAX_VALUES, MAX_TEXT_LENGTH = 10_000, 1_000, 100_000, 10_000

#: The types of a column that a kind may have, besides the usual one.
DTYPES = {"integer": (None, "int64"), "date": (None, "datetime64"), "datetime": (None, "datetime64")}


def require_sound(signature: Signature) -> None:
    """Check that a signature was read off an estimator, has no words of a card yet, and is not too large.

    Raises
    ------
    NotServable
    """
    if len(signature.features) > MAX_FEATURES or len(signature.outputs) > MAX_OUTPUTS:
        raise NotServable(f"It has more than {MAX_FEATURES:,} inputs or {MAX_OUTPUTS:,} outputs.")
    if sum(map(len, _lists(signature))) > MAX_VALUES:
        raise NotServable(f"It has more than {MAX_VALUES:,} categories and classes.")
    if any(len(text) > MAX_TEXT_LENGTH for text in _texts(signature)):
        raise NotServable(f"A name, category or class in it has more than {MAX_TEXT_LENGTH:,} characters.")
    require_storable(signature)
    if not _is_consistent(signature):
        raise NotServable("Its inputs and outputs contradict each other.")


def _lists(signature: Signature) -> Iterator[tuple[Value, ...]]:
    for feature in signature.features:
        yield from (feature.choices, feature.alike)
    yield from (output.classes for output in signature.outputs)


def _texts(signature: Signature) -> Iterator[str]:
    for values in _lists(signature):
        yield from (value for value in values if isinstance(value, str))
    for feature in signature.features:
        sources = [known.source for known in (feature.range, feature.usual) if known]
        yield from (feature.name, feature.choices_source, feature.default_source, *sources)
        yield from (value for value in (feature.default, feature.typical) if isinstance(value, str))
    yield from (output.name for output in signature.outputs)


def _is_consistent(signature: Signature) -> bool:
    features, outputs = signature.features, signature.outputs
    return (
        bool(outputs)
        and all(feature.name for feature in features)
        and not signature.order
        and _are_distinct(feature.name for feature in features)
        and _are_distinct(output.name for output in outputs)
        and all(map(_are_distinct, _lists(signature)))
        and all(map(_are_plain, _lists(signature)))
        and all(map(_is_as_read, features))
        and all(output == Output(name=output.name, classes=output.classes) for output in outputs)
        and _is_threshold(signature)
        and (signature.layout != "texts" or [feature.kind for feature in features] == ["text"])
    )


def _is_threshold(signature: Signature) -> bool:
    threshold = signature.threshold
    if threshold is None:
        return True
    classes = signature.outputs[0].classes
    return math.isfinite(threshold.value) and len(classes) == 2 and threshold.label in classes


def _is_as_read(feature: Feature) -> bool:
    has_words = feature.label or feature.unit or feature.help or feature.group or feature.value_labels
    span = (feature.range.low, feature.range.high) if feature.range else ()
    usual, far = _usual_numbers(feature.usual)
    numbers = (*span, *usual, *far, *(feature.splits or ()), feature.default, feature.typical)
    return (
        not has_words
        and not feature.immutable
        and not feature.new_choices
        and (feature.kind == "category" or not feature.tolerates_new)
        and feature.kept == "value"
        and feature.source in (None, "testing")
        and not feature.suggestions
        and feature.dtype in DTYPES.get(feature.kind, (None,))
        and _are_plain(value for value in numbers if value is not None)
        and list(span) == sorted(span)
        and list(far) == sorted(far)
        and list(usual[:2]) == sorted(usual[:2])
        and (feature.missing is None or math.isnan(feature.missing))
        and (bool(feature.choices) or feature.kind not in ("category", "boolean"))
    )


def _usual_numbers(usual: Usual | None) -> tuple[list[float], list[float]]:
    if usual is None:
        return [], []
    return [usual.low, usual.high, *(each for each in (usual.mean, usual.sd) if each is not None)], [*(usual.far or ())]


def _are_distinct(values: Iterable[Value]) -> bool:
    typed = [(type(value), value) for value in values]
    return len(set(typed)) == len(typed)


def _are_plain(values: Iterable[Value]) -> bool:
    return all(
        value is not None and is_storable(value) and (not isinstance(value, float) or math.isfinite(value))
        for value in values
    )

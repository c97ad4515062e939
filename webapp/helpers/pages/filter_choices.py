"""What the filter of a list of predictions offers for the inputs of one model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from webapp.helpers.feature_words import option_labels, options
from webapp.helpers.formatting import feature_label
from webapp.helpers.records.filters import INPUT_PREFIX
from webapp.types import Feature, Value

#: Maximum number of values that are suggested.
MAX_VALUES = 200


def input_choices(features: Iterable[Feature], values: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the inputs that can still be filtered by, each with its label."""
    return [(each.name, feature_label(each)) for each in features if INPUT_PREFIX + each.name not in values]


def value_choices(features: Sequence[Feature]) -> list[tuple[str, str]]:
    """Return the values from which people choose, as a filter has them, each with the label of its input in front."""
    choices = [
        (_spelled(value), f"{feature_label(feature)}: {text}")
        for feature in features
        for value, text in zip(options(feature), option_labels(feature), strict=True)
    ]
    return choices[:MAX_VALUES]


def _spelled(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value)

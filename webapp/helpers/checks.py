"""What deserves a warning in a valid input."""

from __future__ import annotations

from webapp.helpers.wording import feature_label, number
from webapp.types import Feature, Instance, Notice, Range, Signature

#: An end is shown with six digits, so what differs less from it is not outside.
PRECISION = 1e-6


def warnings(instance: Instance, signature: Signature) -> tuple[Notice, ...]:
    """Warn where a value lies outside of what the estimator met in training."""
    found = ((feature, _warning(feature, instance[feature.name])) for feature in signature.features)
    return tuple(Notice(loc=(feature.name,), msg=msg) for feature, msg in found if msg)


def _warning(feature: Feature, value: object) -> str | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    seen = feature.range
    if seen and _is_outside(value, seen):
        span = f"{number(seen.low)} to {number(seen.high)}"
        return (
            f"{feature_label(feature)} is outside the range the model was trained on "
            f"({'' if seen.exact else 'about '}{span})."
        )
    if feature.kind == "integer" and value != int(value):
        return f"{feature_label(feature)} is not a whole number; the model seems to have met only whole ones."
    return None


def _is_outside(value: float, seen: Range) -> bool:
    slack = PRECISION * max(abs(seen.low), abs(seen.high))
    return not seen.low - slack <= value <= seen.high + slack

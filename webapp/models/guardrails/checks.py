"""What deserves a warning in a valid input."""

from __future__ import annotations

import math
from dataclasses import dataclass

from webapp.helpers.formatting import feature_label, number, words
from webapp.models.card import Card
from webapp.models.guardrails.unseen_pairs import UnseenPairs
from webapp.types import Feature, Instance, Notice, Signature

#: An end is shown with six digits, so what differs less from it is not outside.
PRECISION = 1e-6


class Checks:
    """Warns of what the estimator hardly met in training, and of blanks that it fills with a value of its own."""

    def __init__(self, signature: Signature, card: Card | None = None) -> None:
        self._checks = [_Check.of(feature) for feature in signature.features if _deserves_one(feature)]
        pairs, sample = (card.empty_pairs, card.sample) if card else ([], None)
        # A warning of such a pair would tell both values.
        untold = {feature.name for feature in signature.redacted}
        pairs = [pair for pair in pairs if not untold & {pair.first.feature, pair.second.feature}]
        self._never_met = UnseenPairs(pairs, signature, sample.rows if sample else 0)

    def warnings(self, instance: Instance) -> tuple[Notice, ...]:
        """Give what deserves a warning in one instance."""
        found = [notice for check in self._checks if (notice := check.of_value(instance[check.name]))]
        return (*found, *self._never_met.warnings(instance))


def _deserves_one(feature: Feature) -> bool:
    return feature.range is not None or feature.kind == "integer" or _is_filled(feature)


def _is_filled(feature: Feature) -> bool:
    # A model that understands a blank as it is was made for it, and that is nothing to warn of.
    return feature.optional and feature.default is not None


@dataclass(frozen=True, kw_only=True)
class _Check:
    name: str
    low: float
    high: float
    whole: bool
    outside: Notice
    fraction: Notice
    #: What is said of a blank, if anything.
    blank: Notice | None

    @classmethod
    def of(cls, feature: Feature) -> _Check:
        label, seen = feature_label(feature), feature.range
        low, high = (seen.low, seen.high) if seen else (-math.inf, math.inf)
        slack = PRECISION * max(abs(low), abs(high)) if seen else 0.0
        span = f"{'' if seen and seen.exact else 'about '}{number(low)} to {number(high)}" if seen else ""
        return cls(
            name=feature.name,
            low=low - slack,
            high=high + slack,
            whole=feature.kind == "integer",
            outside=_notice(feature, f"{label} is outside the range the model was trained on ({span})."),
            fraction=_notice(feature, f"{label} is not a whole number; the model seems to have met only whole ones."),
            blank=_notice(feature, f"{label} was left blank; the model took {words(feature.default)}.")
            if _is_filled(feature)
            else None,
        )

    def of_value(self, value: object) -> Notice | None:
        if value is None:
            return self.blank
        if not isinstance(value, int | float):
            return None
        if not self.low <= value <= self.high:
            return self.outside
        return self.fraction if self.whole and value != int(value) else None


def _notice(feature: Feature, msg: str) -> Notice:
    return Notice(loc=(feature.name,), msg=msg)

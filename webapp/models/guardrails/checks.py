"""Warnings about valid inputs that the model may not handle well."""

from __future__ import annotations

import math
from dataclasses import dataclass

from webapp.helpers.formatting import feature_label, number, words
from webapp.models.card import Card
from webapp.models.guardrails.unseen_pairs import UnseenPairs
from webapp.types import Feature, Instance, Notice, Signature, Value

#: Relative tolerance at the ends of a range, because they are shown with six digits.
RELATIVE_TOLERANCE = 1e-6


class Checks:
    """Warns about values unlike the training values, and about blanks that the estimator fills in."""

    def __init__(self, signature: Signature, card: Card | None = None) -> None:
        self._checks = [_Check.of(feature) for feature in signature.features if _needs_check(feature)]
        pairs, sample = (card.empty_pairs, card.sample) if card else ([], None)
        # A warning about a pair would reveal both of its values.
        redacted = {feature.name for feature in signature.redacted}
        pairs = [pair for pair in pairs if not redacted & {pair.first.feature, pair.second.feature}]
        self._unseen_pairs = UnseenPairs(pairs, signature, sample.rows if sample else 0)

    def warnings(self, instance: Instance) -> tuple[Notice, ...]:
        """Return the warnings about one instance."""
        notices = [notice for check in self._checks if (notice := check.of_value(instance[check.name]))]
        return (*notices, *self._unseen_pairs.warnings(instance))


def _needs_check(feature: Feature) -> bool:
    return feature.range is not None or feature.kind == "integer" or feature.new_choices or _is_filled(feature)


def _is_filled(feature: Feature) -> bool:
    # A model that accepts blanks without filling them in was trained with them, so no warning is needed.
    return feature.optional and feature.default is not None


@dataclass(frozen=True, kw_only=True)
class _Check:
    name: str
    low: float
    high: float
    whole: bool
    outside: Notice
    fraction: Notice
    #: The warning about a blank, if any.
    blank: Notice | None
    #: The known choices, and the warning about another one, where the card lets that through.
    known: frozenset[Value] | None
    new: Notice

    @classmethod
    def of(cls, feature: Feature) -> _Check:
        label, span = feature_label(feature), feature.range
        low, high = (span.low, span.high) if span else (-math.inf, math.inf)
        slack = RELATIVE_TOLERANCE * max(abs(low), abs(high)) if span else 0.0
        ends = f"{'' if span and span.exact else 'about '}{number(low)} to {number(high)}" if span else ""
        return cls(
            name=feature.name,
            low=low - slack,
            high=high + slack,
            whole=feature.kind == "integer",
            outside=_notice(feature, f"{label} is outside the training range ({ends})."),
            fraction=_notice(
                feature, f"{label} is not a whole number; the training values seem to have been whole numbers."
            ),
            blank=_notice(feature, f"{label} was left blank; the model filled in {words(feature.default)}.")
            if _is_filled(feature)
            else None,
            known=frozenset(feature.choices) if feature.new_choices else None,
            new=_notice(feature, f"{label} has a value that the model doesn't know; the model treats it as unknown."),
        )

    def of_value(self, value: Value) -> Notice | None:
        if value is None:
            return self.blank
        if self.known is not None:
            return None if value in self.known else self.new
        if not isinstance(value, int | float):
            return None
        if not self.low <= value <= self.high:
            return self.outside
        return self.fraction if self.whole and value != int(value) else None


def _notice(feature: Feature, msg: str) -> Notice:
    return Notice(loc=(feature.name,), msg=msg)

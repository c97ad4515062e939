"""Warnings about valid inputs that the model may not handle well."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.helpers.feature_words import filled_words, range_words
from webapp.helpers.formatting import feature_label, number
from webapp.models.card import Card
from webapp.models.guardrails.unseen_pairs import UnseenPairs
from webapp.types import SAMPLE_SOURCE, Feature, Instance, Notice, Signature, Value

#: Relative tolerance at the ends of a range, because they are shown with six digits.
RELATIVE_TOLERANCE = 1e-6
#: How many inputs a warning about guesses names.
MAX_NAMED_GUESSES = 4


class Checks:
    """Warns about values unlike the training values, and about blanks that the estimator fills in."""

    def __init__(self, signature: Signature, card: Card | None = None) -> None:
        self._checks = [_Check.of(feature) for feature in signature.features if _needs_check(feature)]
        self._texts = [_TextCheck.of(feature) for feature in signature.features if feature.suggestions]
        self._filled = {feature.name: filled_words(feature) for feature in signature.shown if _is_filled(feature)}
        self._guesses = _guesses([feature for feature in signature.features if feature.guessed])
        pairs, sample = (card.empty_pairs, card.sample) if card else ([], None)
        # A warning about a pair would reveal both of its values.
        redacted = {feature.name for feature in signature.redacted}
        pairs = [pair for pair in pairs if not redacted & {pair.first.feature, pair.second.feature}]
        self._unseen_pairs = UnseenPairs(pairs, signature, sample.rows if sample else 0)

    def warnings(self, instance: Instance) -> tuple[Notice, ...]:
        """Return the warnings about one instance."""
        blanks = [name for name in self._filled if instance[name] is None]
        notices = [self._filled_in(blanks)] if blanks else []
        notices += [check.notice for check in self._texts if instance[check.name] not in check.known]
        notices += [notice for check in self._checks if (notice := check.of_value(instance[check.name]))]
        return (*self._guesses, *notices, *self._unseen_pairs.warnings(instance))

    def _filled_in(self, names: Sequence[str]) -> Notice:
        """Return the warning that names all blanks that the model fills in; its place is the input if it is one."""
        inputs = "1 input was" if len(names) == 1 else f"{number(len(names))} inputs were"
        filled = ", ".join(self._filled[name] for name in names)
        loc = (names[0],) if len(names) == 1 else ()
        return Notice(loc=loc, msg=f"{inputs} left blank and filled in by the model: {filled}.")


def _needs_check(feature: Feature) -> bool:
    return (
        _ends(feature) != (-math.inf, math.inf) or feature.kind == "integer" or feature.new_choices or feature.is_flag
    )


def _is_filled(feature: Feature) -> bool:
    # A model that accepts blanks without filling them in was trained with them, so no warning is needed.
    return feature.optional and feature.default is not None


def _guesses(features: Sequence[Feature]) -> tuple[Notice, ...]:
    """Return a warning about the inputs whose kind is a guess, if there are any."""
    if not features:
        return ()
    labels = [feature_label(feature) for feature in features]
    if len(labels) > MAX_NAMED_GUESSES:
        labels[MAX_NAMED_GUESSES - 1 :] = [f"{number(len(labels) - MAX_NAMED_GUESSES + 1)} more inputs"]
    *first, last = labels
    named = f"{', '.join(first)} and {last}" if first else last
    return (Notice(loc=(), msg=f"The model does not show for certain what {named} must be; this answer is a guess."),)


@dataclass(frozen=True, kw_only=True)
class _Check:
    name: str
    low: float
    high: float
    whole: bool
    is_flag: bool
    outside: Notice
    fraction: Notice
    no_flag: Notice
    #: The known choices, and the warning about another one, where the card lets that through.
    known: frozenset[Value] | None
    new: Notice

    @classmethod
    def of(cls, feature: Feature) -> _Check:
        label = feature_label(feature)
        low, high = _ends(feature)
        seem = "were" if feature.flag else "seem to have been"
        slack = RELATIVE_TOLERANCE * max(abs(low), abs(high)) if feature.range else 0.0
        return cls(
            name=feature.name,
            low=low - slack,
            high=high + slack,
            whole=feature.kind == "integer",
            is_flag=feature.is_flag,
            outside=_notice(feature, f"{label} is {_outside(feature)}."),
            fraction=_notice(
                feature, f"{label} is not a whole number; the training values seem to have been whole numbers."
            ),
            no_flag=_notice(
                feature,
                f"{label} is neither 0 nor 1; the training values {seem} 0 and 1.",
            ),
            known=frozenset(feature.choices) if feature.new_choices else None,
            new=_notice(feature, f"{label} has a value that the model doesn't know; the model treats it as unknown."),
        )

    def of_value(self, value: Value) -> Notice | None:
        if value is None:
            return None
        if self.known is not None:
            return None if value in self.known else self.new
        if not isinstance(value, int | float):
            return None
        if self.is_flag:
            return None if value in (0, 1) else self.no_flag
        if not self.low <= value <= self.high:
            return self.outside
        return self.fraction if self.whole and value != int(value) else None


def _ends(feature: Feature) -> tuple[float, float]:
    """Return the values beyond which there is a warning."""
    if feature.suggestions:
        # There is a warning about each value that is none of them.
        return -math.inf, math.inf
    if feature.range:
        return feature.range.low, feature.range.high
    return feature.far or (-math.inf, math.inf)


def _outside(feature: Feature) -> str:
    span = feature.range
    if span is None:
        known = range_words(feature)
        return f"far from what is usual ({known})" if known else "far from all values that the model tells apart"
    of = "range of the sample" if span.source == SAMPLE_SOURCE else "training range"
    return f"outside the {of} ({'' if span.exact else 'about '}{number(span.low)} to {number(span.high)})"


@dataclass(frozen=True)
class _TextCheck:
    """Warns about a text that the sample does not have."""

    name: str
    known: frozenset[object]
    notice: Notice

    @classmethod
    def of(cls, feature: Feature) -> _TextCheck:
        notice = _notice(feature, f"{feature_label(feature)} has a value that does not occur in the sample.")
        return cls(feature.name, frozenset([*feature.suggestions, None]), notice)


def _notice(feature: Feature, msg: str) -> Notice:
    return Notice(loc=(feature.name,), msg=msg)

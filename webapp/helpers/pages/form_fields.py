"""Builds the fields of a form from a signature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from webapp.helpers.feature_words import option_labels, options, range_sentence, value_words
from webapp.helpers.formatting import choice_labels, feature_label, number
from webapp.helpers.records.redaction import kept_hint
from webapp.types import Feature, Notice, Signature

CONTROLS = {
    "number": "number",
    "integer": "number",
    "text": "textarea",
    "date": "date",
    "datetime": "datetime-local",
}
#: Maximum number of choices shown as radio buttons, and in a drop-down list; more become suggestions.
MAX_RADIO_CHOICES, MAX_SELECT_CHOICES = 5, 15
#: From how many fields on a form keeps its button in view and lists its groups.
LONG_FORM = 20


@dataclass(frozen=True, kw_only=True)
class FormField:
    """One field of a form, ready to be drawn."""

    id: str
    name: str
    label: str
    hint: str
    #: number, radios, select, list (a text with suggestions), textarea, date or datetime-local.
    control: str
    value: str
    optional: bool
    #: “(optional)” or “(required)”, where that is the rarer; empty for the others.
    mark: str = ""
    options: tuple[str, ...] = ()
    error: str | None = None
    #: The keyboard that a telephone shows.
    inputmode: str = "text"
    #: The heading above it.
    group: str = ""


def form_fields(
    signature: Signature, values: Mapping[str, str], errors: Sequence[Notice] = ()
) -> tuple[FormField, ...]:
    """Build the form of a signature, filled in with values and with the errors in them."""
    messages = {notice.loc[0]: notice.msg for notice in reversed(errors) if notice.loc}
    marks_optional = _marks_optional(signature)
    return tuple(
        _field(f"f{index}", feature, values.get(feature.name, ""), messages.get(feature.name), marks_optional)
        for index, feature in enumerate(signature.shown)
    )


def _marks_optional(signature: Signature) -> bool:
    """Return whether the optional inputs are marked; where these are most, the others are."""
    return 2 * sum(feature.optional for feature in signature.features) <= len(signature.features)


def grouped(fields: Iterable[FormField]) -> list[tuple[str, list[FormField]]]:
    """Group consecutive fields with the same heading."""
    return [(group, list(members)) for group, members in groupby(fields, key=lambda field: field.group)]


def _field(id: str, feature: Feature, value: str, error: str | None, marks_optional: bool) -> FormField:
    labels = option_labels(feature)
    mark = "(optional)" if marks_optional else "(required)"
    return FormField(
        id=id,
        name=feature.name,
        label=feature_label(feature),
        hint=_hint(feature),
        # A number that is none of the usual ones must stay visible.
        control=_control(feature) if not feature.is_number or not value or value in labels else "number",
        value=value,
        optional=feature.optional,
        mark=mark if feature.optional == marks_optional else "",
        options=labels,
        error=error,
        inputmode=_inputmode(feature),
        group=feature.group,
    )


def _control(feature: Feature) -> str:
    is_open = bool(feature.suggestions) and not feature.is_number
    if is_open or (feature.has_choices and feature.new_choices):
        return "list"
    if not feature.has_choices and not options(feature):
        return CONTROLS[feature.kind]
    count = len(options(feature))
    return "radios" if count <= MAX_RADIO_CHOICES else "select" if count <= MAX_SELECT_CHOICES else "list"


def _inputmode(feature: Feature) -> str:
    # Some telephones have no minus sign on their decimal keyboard.
    if feature.range is None or feature.range.low < 0:
        return "text"
    return "numeric" if feature.kind == "integer" else "decimal"


def _hint(feature: Feature) -> str:
    value_hints = (_range_hint(feature), _rare_hint(feature), _list_hint(feature), _blank_hint(feature))
    return " ".join(filter(None, (feature.help, _guess_hint(feature), *value_hints, kept_hint(feature))))


def _guess_hint(feature: Feature) -> str:
    return "This is a guess: the model does not show for certain what it expects here." if feature.guessed else ""


def _range_hint(feature: Feature) -> str:
    if _control(feature) != "number":
        return ""
    whole = "A whole number." if feature.kind == "integer" else ""
    return f"{whole} {range_sentence(feature)}".strip()


def _rare_hint(feature: Feature) -> str:
    """Return a sentence about the rare choices that the model treats alike, if there are any."""
    if not feature.alike:
        return ""
    if len(feature.alike) > MAX_RADIO_CHOICES:
        return f"The model treats the {number(len(feature.alike))} rarest values alike."
    *others, last = choice_labels(feature.alike)
    return f"The model treats {', '.join(others)} and {last} alike, because they are rare."


def _list_hint(feature: Feature) -> str:
    if _control(feature) != "list":
        return ""
    if feature.new_choices:
        return "Start typing and choose a known value, or enter a new one, which the model treats as unknown."
    if feature.suggestions:
        return f"The sample has {number(len(feature.suggestions))} values; start typing to see them."
    return f"One of {number(len(feature.choices))} known values; start typing and choose one."


def _blank_hint(feature: Feature) -> str:
    if not feature.optional or feature.default is None:
        return ""
    return f"If blank, {value_words(feature, feature.default)} is used."

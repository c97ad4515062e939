"""From a signature to the fields of its form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from webapp.helpers.formatting import choice_labels, feature_label, number, words
from webapp.helpers.records.redaction import kept_hint
from webapp.types import Feature, Notice, Signature

#: So many choices are best seen at once; so many more are best seen in a list to choose from.
MAX_RADIOS, MAX_SELECT = 5, 15


@dataclass(frozen=True, kw_only=True)
class FormField:
    """One field of a form, ready to be drawn."""

    id: str
    name: str
    label: str
    hint: str
    #: number, radios, select, list (a text with suggestions) or textarea.
    control: str
    value: str
    optional: bool
    options: tuple[str, ...] = ()
    error: str | None = None
    #: Which keyboard a telephone shows.
    inputmode: str = "text"
    #: The heading it stands under.
    group: str = ""


def form_fields(
    signature: Signature, values: Mapping[str, str], errors: Sequence[Notice] = ()
) -> tuple[FormField, ...]:
    """Lay out the form of a signature with what was typed and what was wrong with it."""
    messages = {notice.loc[0]: notice.msg for notice in reversed(errors) if notice.loc}
    return tuple(
        _field(f"f{index}", feature, values.get(feature.name, ""), messages.get(feature.name))
        for index, feature in enumerate(signature.shown)
    )


def grouped(fields: Iterable[FormField]) -> list[tuple[str, list[FormField]]]:
    """Put the fields that stand under one heading together."""
    return [(group, list(members)) for group, members in groupby(fields, key=lambda field: field.group)]


def _field(id: str, feature: Feature, value: str, error: str | None) -> FormField:
    return FormField(
        id=id,
        name=feature.name,
        label=feature_label(feature),
        hint=_hint(feature),
        control=_control(feature),
        value=value,
        optional=feature.optional,
        options=choice_labels(feature.choices),
        error=error,
        inputmode=_inputmode(feature),
        group=feature.group,
    )


def _control(feature: Feature) -> str:
    if feature.kind not in ("category", "boolean"):
        return "textarea" if feature.kind == "text" else "number"
    count = len(feature.choices)
    return "radios" if count <= MAX_RADIOS else "select" if count <= MAX_SELECT else "list"


def _inputmode(feature: Feature) -> str:
    # The decimal keyboard of some telephones has no minus sign.
    if feature.range is None or feature.range.low < 0:
        return "text"
    return "numeric" if feature.kind == "integer" else "decimal"


def _hint(feature: Feature) -> str:
    about_values = (_range_hint(feature), rare_hint(feature), _list_hint(feature), _blank_hint(feature))
    return " ".join(filter(None, (feature.help, *about_values, kept_hint(feature))))


def _range_hint(feature: Feature) -> str:
    span = feature.range
    whole = "A whole number." if feature.kind == "integer" else ""
    if span is None:
        return whole
    digits = 6 if span.exact else 3
    ends = f"{number(span.low, digits)} to {number(span.high, digits)}"
    return f"{whole} {'From' if span.exact else 'Usually about'} {ends} in training.".strip()


def rare_hint(feature: Feature) -> str:
    """Say between which choices the model makes no difference, if there are such."""
    if not feature.alike:
        return ""
    if len(feature.alike) > MAX_RADIOS:
        return f"The model makes no difference between the {number(len(feature.alike))} rarest."
    *others, last = choice_labels(feature.alike)
    return f"The model makes no difference between {', '.join(others)} and {last}, which are rare."


def _list_hint(feature: Feature) -> str:
    if _control(feature) != "list":
        return ""
    return f"One of {number(len(feature.choices))} known values; begin to type and choose one."


def _blank_hint(feature: Feature) -> str:
    if not feature.optional or feature.default is None:
        return ""
    return f"If left blank, the model takes {words(feature.default)}."

"""Builds the schema field that checks a feature."""

from __future__ import annotations

import json
from typing import Annotated, Any, LiteralString, NotRequired

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from webapp.helpers.feature_words import range_sentence, value_label
from webapp.helpers.formatting import feature_label, listing
from webapp.helpers.inputs.dates import MOMENT, read_date, read_datetime
from webapp.helpers.inputs.form_values import NUMBER, has_texts
from webapp.helpers.storable import STORABLE, is_storable
from webapp.helpers.values import as_value
from webapp.types import Feature, Value

MAX_TEXT_LENGTH = 100_000
#: The largest whole number that a float holds exactly.
MAX_WHOLE = 2**53
#: How long a new choice may be.
MAX_NEW_LENGTH = 1000
#: Maximum number of choices that a message lists.
MAX_LISTED_CHOICES = 12


def schema_field(feature: Feature) -> Any:
    """Return the annotation of one feature for a typed dict: its type, title and description."""
    kind: Any = _TYPES[feature.kind](feature)
    about = Field(title=feature_label(feature), description=_description(feature))
    if feature.optional:
        return NotRequired[Annotated[kind | None, about]]
    return Annotated[kind, about]


def _number(feature: Feature) -> Any:
    # The schema replaces true and false before they come here.
    if feature.dtype == "int64":
        return Annotated[
            float,
            Field(strict=True, allow_inf_nan=False, json_schema_extra={"type": "integer"}),
            AfterValidator(_check_whole),
        ]
    also: Any = {"type": ["number", "boolean"]} if feature.may_be_flag else None
    return Annotated[float, Field(strict=True, allow_inf_nan=False, json_schema_extra=also)]


def _text(_feature: Feature) -> Any:
    return Annotated[
        str, Field(max_length=MAX_TEXT_LENGTH, json_schema_extra={"pattern": STORABLE}), AfterValidator(_check_storable)
    ]


def _check_whole(value: float) -> float:
    if not value.is_integer() or abs(value) > MAX_WHOLE:
        raise PydanticCustomError("whole", "must be a whole number, for example 36")
    return value


def _date(_feature: Feature) -> Any:
    return Annotated[str, Field(json_schema_extra={"format": "date"}), AfterValidator(read_date)]


def _datetime(_feature: Feature) -> Any:
    return Annotated[str, Field(json_schema_extra={"pattern": MOMENT.pattern}), AfterValidator(read_datetime)]


def _choice(feature: Feature) -> Any:
    known: dict[tuple[type, Any], Value] = {(type(choice), choice): choice for choice in feature.choices}
    if set(known) <= {(int, 0), (int, 1)}:
        # True and false are 1 and 0 for an estimator.
        known |= {(bool, bool(number)): number for _, number in known}
    message, context = _known_choices(feature)

    def choose(value: object) -> Value:
        # The type is compared too, so that "1" and true differ from 1; 1.0 is the same number.
        key = as_value(value) if isinstance(value, float) else value
        try:
            return known[type(key), key]
        except (KeyError, TypeError):
            if feature.new_choices and _is_like(key, feature):
                return key  # type: ignore[return-value]
            raise PydanticCustomError("choice", message, context) from None

    schema: dict[str, Any] = {"enum": [value for _, value in known]}
    if feature.new_choices:
        schema = {
            "anyOf": [schema, {"type": "string", "pattern": STORABLE} if has_texts(feature) else {"type": "number"}]
        }
    return Annotated[Any, PlainValidator(choose), WithJsonSchema(schema)]


def _is_like(value: object, feature: Feature) -> bool:
    """Return whether a new value is of the kind of the known choices: a text, or a number."""
    if has_texts(feature):
        return isinstance(value, str) and 0 < len(value) <= MAX_NEW_LENGTH and is_storable(value)
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MAX_WHOLE


def _known_choices(feature: Feature) -> tuple[LiteralString, dict[str, Any]]:
    """Return the message that lists the known choices, as JSON writes them where they would be ambiguous."""
    count = len(feature.choices)
    if count > MAX_LISTED_CHOICES:
        return "must be one of the {count} known values", {"count": count}
    if not count:
        return "must be left blank", {}
    return "must be {named}", {"named": listing([_named(feature, choice) for choice in feature.choices])}


def _named(feature: Feature, choice: Value) -> str:
    label, plain = value_label(feature, choice), _as_json(choice)
    return f"{label} ({plain})" if label else plain


def _as_json(choice: Value) -> str:
    plain = isinstance(choice, str) and not NUMBER.fullmatch(choice) and choice not in ("true", "false", "")
    return str(choice) if plain else json.dumps(choice, ensure_ascii=False)


_TYPES = {
    "number": _number,
    "integer": _number,
    "boolean": _choice,
    "category": _choice,
    "text": _text,
    "date": _date,
    "datetime": _datetime,
}


def _check_storable(text: str) -> str:
    if not is_storable(text):
        raise PydanticCustomError("unstorable", "contains characters that can't be stored")
    return text


def _description(feature: Feature) -> str | None:
    labels = ", ".join(f"{key}: {label}" for key, label in feature.value_labels.items())
    return " ".join(filter(None, (feature.help, range_sentence(feature), f"{labels}." if labels else ""))) or None

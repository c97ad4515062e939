"""The one schema that checks a form and a JSON body alike, built from a signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    create_model,
)
from pydantic_core import PydanticCustomError

from webapp.errors import InvalidInput
from webapp.helpers.form_values import read_form
from webapp.helpers.problems import notices
from webapp.helpers.wording import label, listing, number, words
from webapp.types import Feature, Instance, Notice, Signature, Value

MAX_TEXT = 100_000
#: More choices than this are not spelled out in a message.
MAX_CHOICES_NAMED = 12


class InstanceSchema:
    """Checks instances of one signature.

    The fields of the pydantic model are called f0, f1 … and the features' names are their aliases,
    because a feature may have any name, also one that pydantic keeps for itself.
    """

    def __init__(self, signature: Signature, max_instances: int) -> None:
        self._signature = signature
        self._max_instances = max_instances
        self._names = {f"f{i}": feature.name for i, feature in enumerate(signature.features)}
        fields: Any = {f"f{i}": _field(feature) for i, feature in enumerate(signature.features)}
        self._model: type[BaseModel] = create_model(
            "Instance",
            __config__=ConfigDict(
                extra="forbid", allow_inf_nan=False, frozen=True, strict=True, hide_input_in_errors=True
            ),
            **fields,
        )
        self._many = TypeAdapter(list[self._model])  # type: ignore[name-defined]

    def validate(self, body: object) -> list[Instance]:
        """Check a JSON body: ``{"inputs": {...}}`` or ``{"inputs": [{...}, ...]}``.

        Raises
        ------
        InvalidInput
            With all that is wrong in the body, each with its place.
        """
        if not isinstance(body, dict) or "inputs" not in body:
            raise InvalidInput('The body must be a JSON object of the form {"inputs": ...}.')
        if unknown := [key for key in body if key != "inputs"]:
            raise InvalidInput(errors=[Notice(loc=(key,), msg="Only “inputs” is known here.") for key in unknown])
        inputs = body["inputs"]
        if isinstance(inputs, list):
            return self._validate_many(inputs)
        return [self._validate(inputs, ("inputs",))]

    def _validate_many(self, inputs: list[object]) -> list[Instance]:
        if not 1 <= len(inputs) <= self._max_instances:
            limit, sent = number(self._max_instances), number(len(inputs))
            msg = f"Send 1 to {limit} instances in one request, not {sent}."
            raise InvalidInput(errors=[Notice(loc=("inputs",), msg=msg)])
        try:
            return [self._instance(found) for found in self._many.validate_python(inputs)]
        except ValidationError as error:
            raise InvalidInput(errors=notices(error, self._signature, ("inputs",))) from None

    def validate_strings(self, form: Mapping[str, Sequence[str]]) -> Instance:
        """Check the fields of a form, each of which may have been sent several times.

        Raises
        ------
        InvalidInput
            With all that is wrong in the form, each message with its field's name as its place.
        """
        values, twice = read_form(form, self._signature)
        try:
            checked = self._validate(values, ())
        except InvalidInput as error:
            places = {notice.loc for notice in twice}
            kept = [notice for notice in error.errors if notice.loc not in places]
            raise InvalidInput(errors=twice + kept) from None
        if twice:
            raise InvalidInput(errors=twice)
        return checked

    def _validate(self, values: object, place: tuple[str | int, ...]) -> Instance:
        try:
            return self._instance(self._model.model_validate(values))
        except ValidationError as error:
            raise InvalidInput(errors=notices(error, self._signature, place)) from None

    def _instance(self, checked: BaseModel) -> Instance:
        return {name: getattr(checked, field) for field, name in self._names.items()}

    def json_schema(self) -> dict[str, Any]:
        """Describe one instance as JSON Schema."""
        return self._model.model_json_schema(by_alias=True)


def _field(feature: Feature) -> tuple[Any, Any]:
    kind: Any = _TYPES[feature.kind](feature)
    # A default that is None needs no check, and an explicit null passes the same way.
    default: Any = None if feature.optional else ...
    about = Field(default, alias=feature.name, title=label(feature.name), description=_description(feature))
    return (kind | None if feature.optional else kind), about


def _number(_feature: Feature) -> Any:
    return Annotated[float, Field(strict=True, allow_inf_nan=False)]


def _text(_feature: Feature) -> Any:
    return Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_storable)]


def _choice(feature: Feature) -> Any:
    known: dict[tuple[type, object], Value] = {(type(choice), choice): choice for choice in feature.choices}
    named = listing([words(choice) for choice in feature.choices[:MAX_CHOICES_NAMED]] or ["nothing"])

    def choose(value: object) -> Value:
        # The type counts, so that neither "1" nor true passes for 1; 1.0 is the same number.
        key = int(value) if isinstance(value, float) and value.is_integer() else value
        try:
            return known[type(key), key]
        except (KeyError, TypeError):
            pass
        if len(feature.choices) > MAX_CHOICES_NAMED:
            raise PydanticCustomError(
                "choice", "must be one of the {count} known values", {"count": len(feature.choices)}
            )
        raise PydanticCustomError("choice", "must be {named}", {"named": named})

    return Annotated[Any, PlainValidator(choose), WithJsonSchema({"enum": list(feature.choices)})]


_TYPES = {"number": _number, "integer": _number, "boolean": _choice, "category": _choice, "text": _text}


def _storable(text: str) -> str:
    """Refuse what PostgreSQL can't keep: NUL and halves of surrogate pairs."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise PydanticCustomError("unstorable", "holds characters that can't be stored")
    return text


def _description(feature: Feature) -> str | None:
    if feature.range is None:
        return None
    about = "" if feature.range.exact else "about "
    return f"In training: {about}{number(feature.range.low)} to {number(feature.range.high)}."

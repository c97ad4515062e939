"""The schema that checks both forms and JSON bodies, built from a signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from webapp.errors import InvalidInput
from webapp.helpers.formatting import number
from webapp.helpers.inputs.feature_types import schema_field
from webapp.helpers.inputs.form_values import read_form
from webapp.helpers.inputs.messages import notices, printable
from webapp.types import Instance, Notice, Signature


class InstanceSchema:
    """Checks instances of one signature.

    An instance is a typed dict, because its keys may have any name, even one that pydantic models reserve.
    """

    def __init__(self, signature: Signature, max_instances: int) -> None:
        self._signature = signature
        #: Maximum number of instances in one request.
        self.max_instances = max_instances
        #: The value of a blank for each input, in the order in which instances are stored.
        self._blanks: dict[str, Any] = dict.fromkeys(feature.name for feature in signature.features)
        fields: Any = {feature.name: schema_field(feature) for feature in signature.features}
        typed_dict: Any = TypedDict
        instance: Any = typed_dict("Instance", fields)
        instance.__pydantic_config__ = ConfigDict(
            extra="forbid", allow_inf_nan=False, strict=True, hide_input_in_errors=True
        )
        self._one: TypeAdapter[dict[str, Any]] = TypeAdapter(instance)
        self._many: TypeAdapter[list[dict[str, Any]]] = TypeAdapter(list[instance])

    @property
    def names(self) -> Set[str]:
        """The names of the inputs."""
        return self._blanks.keys()

    def validate(self, body: object) -> list[Instance]:
        """Check a JSON body: ``{"inputs": {...}}`` or ``{"inputs": [{...}, ...]}``.

        Raises
        ------
        InvalidInput
            With all errors in the body, each with its place.
        """
        if not isinstance(body, dict) or "inputs" not in body:
            raise InvalidInput('The body must be a JSON object of the form {"inputs": ...}.')
        if unknown := [key for key in body if key != "inputs"]:
            msg = "Only “inputs” is allowed here."
            raise InvalidInput(errors=[Notice(loc=(printable(key),), msg=msg) for key in unknown])
        inputs = body["inputs"]
        if isinstance(inputs, list):
            return self._validate_many(inputs)
        return [self._validate(inputs, ("inputs",))]

    def _validate_many(self, inputs: list[object]) -> list[Instance]:
        if not 1 <= len(inputs) <= self.max_instances:
            limit, sent = number(self.max_instances), number(len(inputs))
            msg = f"Send 1 to {limit} instances in one request, not {sent}."
            raise InvalidInput(errors=[Notice(loc=("inputs",), msg=msg)])
        readable = [_with_readable_names(values) for values in inputs]
        try:
            return [self._blanks | values for values in self._many.validate_python(readable)]
        except ValidationError as error:
            raise InvalidInput(errors=notices(error, self._signature, ("inputs",))) from None

    def validate_strings(self, form: Mapping[str, Sequence[str]]) -> Instance:
        """Check the fields of a form, each of which may have been sent several times.

        Raises
        ------
        InvalidInput
            With all errors in the form; the place of each is the name of its field.
        """
        values, duplicates = read_form(form, self._signature)
        try:
            checked = self._validate(values, ())
        except InvalidInput as error:
            places = {notice.loc for notice in duplicates}
            others = [notice for notice in error.errors if notice.loc not in places]
            raise InvalidInput(errors=duplicates + others) from None
        if duplicates:
            raise InvalidInput(errors=duplicates)
        return checked

    def _validate(self, values: object, place: tuple[str | int, ...]) -> Instance:
        try:
            return self._blanks | self._one.validate_python(_with_readable_names(values))
        except ValidationError as error:
            raise InvalidInput(errors=notices(error, self._signature, place)) from None

    def json_schema(self) -> dict[str, Any]:
        """Describe one instance as JSON Schema."""
        return self._one.json_schema()


def _with_readable_names(values: object) -> object:
    """Replace halves of surrogate pairs in names, so that the schema rejects them like other unknown names."""
    if not isinstance(values, dict):
        return values
    try:
        "".join(values).encode()
    except UnicodeEncodeError:
        return {printable(name): value for name, value in values.items()}
    return values

"""The schema that checks both forms and JSON bodies, built from a signature."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Annotated, Any

from pydantic import ConfigDict, FailFast, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from webapp.errors import InvalidInput
from webapp.helpers.inputs.feature_types import schema_field
from webapp.helpers.inputs.form_values import read_form
from webapp.helpers.inputs.messages import Place, instances_wanted, listed, notices, printable
from webapp.helpers.inputs.names import numbers, with_names
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
        self._by_number = numbers(signature)
        self._flags = [feature.name for feature in signature.features if feature.may_be_flag]
        fields: Any = {feature.name: schema_field(feature) for feature in signature.features}
        typed_dict: Any = TypedDict
        instance: Any = typed_dict("Instance", fields)
        instance.__pydantic_config__ = ConfigDict(
            extra="forbid", allow_inf_nan=False, strict=True, hide_input_in_errors=True
        )
        self._one: TypeAdapter[dict[str, Any]] = TypeAdapter(instance)
        self._many: TypeAdapter[list[dict[str, Any]]] = TypeAdapter(Annotated[list[instance], FailFast()])

    @property
    def names(self) -> Set[str]:
        """The names of the inputs."""
        return self._blanks.keys()

    def validate(self, body: object) -> list[Instance]:
        """Check a JSON body: ``{"inputs": {...}}`` or ``{"inputs": [{...}, ...]}``.

        Raises
        ------
        InvalidInput
            With the first errors in the body, each with its place.
        """
        if not isinstance(body, dict) or "inputs" not in body:
            raise InvalidInput('The body must be a JSON object of the form {"inputs": ...}.')
        if unknown := [key for key in body if key != "inputs"]:
            msg = "Only “inputs” is allowed here."
            raise InvalidInput(errors=listed(unknown, len(unknown), lambda key: Notice(loc=(printable(key),), msg=msg)))
        inputs = body["inputs"]
        if isinstance(inputs, list):
            return self._validate_many(inputs)
        return [self._validate(inputs, place=("inputs",))]

    def _validate_many(self, inputs: list[object]) -> list[Instance]:
        if not 1 <= len(inputs) <= self.max_instances:
            msg = instances_wanted(self.max_instances, len(inputs))
            raise InvalidInput(errors=[Notice(loc=("inputs",), msg=msg)])
        readable = [self._with_readable_names(values) for values in inputs]
        try:
            checked = self._many.validate_python(readable)
        except ValidationError:
            readable = [self._spelled_out(values) for values in readable]
            try:
                checked = self._many.validate_python(readable)
            except ValidationError:
                raise InvalidInput(errors=notices(self._errors(readable), self._signature)) from None
        return [self._blanks | values for values in checked]

    def _errors(self, inputs: list[object]) -> Iterator[tuple[Place, ValidationError]]:
        """Yield what is wrong with each instance, one by one: all at once could be millions of errors."""
        for index, values in enumerate(inputs):
            try:
                self._one.validate_python(values)
            except ValidationError as error:
                yield ("inputs", index), error

    def validate_strings(self, form: Mapping[str, Sequence[str]]) -> Instance:
        """Check the fields of a form, each of which may have been sent several times.

        Raises
        ------
        InvalidInput
            With the first errors in the form; the place of each is the name of its field.
        """
        return self._validate(*read_form(form, self._signature))

    def _validate(self, values: object, known: Sequence[Notice] = (), place: Place = ()) -> Instance:
        """Check one instance of which some errors are known already."""
        errors: list[tuple[Place, ValidationError]] = []
        readable = self._with_readable_names(values)
        try:
            checked = self._one.validate_python(readable)
        except ValidationError:
            try:
                checked = self._one.validate_python(self._spelled_out(readable))
            except ValidationError as error:
                errors.append((place, error))
        if known or errors:
            raise InvalidInput(errors=notices(errors, self._signature, known))
        return self._blanks | checked

    def _spelled_out(self, values: object) -> object:
        """Replace true and false by 1 and 0 where these are numbers for the estimator, and leave null inputs out.

        Only what was refused is tried once more like this, so that numbers alone cost no time.
        """
        if not isinstance(values, dict):
            return values
        flags = {name: float(values[name]) for name in self._flags if isinstance(values.get(name), bool)}
        given = {name: value for name, value in values.items() if value is not None or name not in self._blanks}
        return given | flags

    def json_schema(self) -> dict[str, Any]:
        """Describe one instance as JSON Schema."""
        return self._one.json_schema()

    def _with_readable_names(self, values: object) -> object:
        """Name inputs that go by their numbers; replace halves of surrogate pairs, so that the schema rejects them."""
        if not isinstance(values, dict):
            return values
        try:
            "".join(values).encode()
        except UnicodeEncodeError:
            return {printable(name): value for name, value in values.items()}
        return with_names(values, self._by_number)

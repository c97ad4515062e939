"""webapp.helpers.openapi"""

from __future__ import annotations

from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from webapp.helpers.inputs.schema import InstanceSchema
from webapp.helpers.openapi import DescribedModel, DescribedService, Json, docs_page, openapi
from webapp.helpers.openapi.builders import component_key
from webapp.types import Feature, Output, Range, Signature

TRAINED = Range(low=1.0, high=5.5, exact=True, source="MinMaxScaler")
SIZE = Feature(name="size", kind="number", range=TRAINED, unit="cm", help="Without the tail.")
COLOUR = Feature(name="colour", kind="category", choices=("red", "grey"), optional=True, default="grey")


def described(name: str = "m", *features: Feature, **signature: Any) -> Json:
    chosen: dict[str, Any] = {"task": "regression", "outputs": (Output(name="y"),)} | signature
    built = Signature(features=features or (SIZE, COLOUR), **chosen)
    model = DescribedModel(
        name=name,
        title=name.title(),
        version="1",
        signature=built,
        schema=InstanceSchema(built, 10).json_schema(),
        examples=(("A typical case", {"size": 4.0, "colour": "red"}),),
    )
    return openapi(DescribedService(models=(model,), max_instances=10, max_bytes=1000, default=model))


def test_an_input_is_described_with_all_that_is_known_of_it() -> None:
    properties = described()["components"]["schemas"]["m.Instance"]["properties"]
    assert properties["size"] == {
        "type": "number",
        "title": "Size (cm)",
        "description": "Without the tail. In training: 1 to 5.5.",
        "examples": [4],
    }
    assert properties["colour"]["anyOf"] == [{"enum": ["red", "grey"]}, {"type": "null"}]
    assert properties["colour"]["default"] == "grey"


@pytest.mark.parametrize("name", ["a b", "{a}", "%", "é", "a:predict", "_"])
def test_any_name_gives_a_valid_document(name: str) -> None:
    assert list(OpenAPIV31SpecValidator(described(name)).iter_errors()) == []


def test_no_two_names_share_a_key() -> None:
    names = ["a b", "a_b", "a__b", "a_20_b", "a", "A", "é", "_e9_"]
    assert len({component_key(name) for name in names}) == len(names)


def test_several_outputs_are_a_list_of_their_classes() -> None:
    outputs = (Output(name="y0", classes=("a", "b")), Output(name="y1", classes=(1, 2)))
    schemas = described(task="classification", outputs=outputs, probabilities=True)["components"]["schemas"]
    assert schemas["m.Prediction"]["prefixItems"] == [{"enum": ["a", "b"]}, {"enum": [1, 2]}]
    assert schemas["m.Probabilities"]["prefixItems"][1]["required"] == ["1", "2"]


def test_the_page_shows_what_the_document_describes() -> None:
    section = docs_page.model_section(described())
    size, colour = section.inputs
    assert (size.name, size.title, size.values) == ("size", "Size (cm)", "a number")
    assert size.hint == "Without the tail. In training: 1 to 5.5."
    assert (size.if_left_out, colour.if_left_out) == ("", "filled in as grey")
    assert colour.values == '"red" or "grey"'
    assert section.cases == ({"size": 4, "colour": "red"},)
    assert [row.name for row in section.answer][:4] == ["id", "model", "version", "prediction"]


def test_many_choices_are_counted_on_the_page() -> None:
    many = Feature(name="town", kind="category", choices=tuple(f"t{i}" for i in range(40)))
    section = docs_page.model_section(described("m", SIZE, many))
    assert section.inputs[1].values == "one of 40 known values"


def test_the_table_of_the_pandas_example_has_a_blank_where_the_model_accepts_one() -> None:
    section = docs_page.model_section(described())
    assert docs_page.table(section) == {"size": [4, 4], "colour": ["red", None]}

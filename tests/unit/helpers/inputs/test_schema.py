"""The schema that checks a form and a JSON body alike."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fitted import CASES
from webapp.cell.estimator.answers import predict_answers
from webapp.cell.estimator.matrix import as_matrix
from webapp.cell.signature import read_signature
from webapp.errors import InvalidInput
from webapp.helpers.inputs.schema import InstanceSchema
from webapp.helpers.records.as_json import notices_json
from webapp.types import Feature, Notice, Output, Range, Signature, Usual

FEATURES = (
    Feature(name="size", range=Range(low=1, high=200, exact=False, source="a test")),
    Feature(name="age", kind="integer", optional=True),
    Feature(name="smoker", kind="boolean", choices=(False, True)),
    Feature(name="grade", kind="category", choices=(1, 2, 2.5)),
    Feature(name="code", kind="category", choices=("1", "2"), optional=True),
    Feature(name="note", kind="text", optional=True),
)
SCHEMA = InstanceSchema(Signature(task="regression", features=FEATURES, outputs=(Output(name="y"),)), max_instances=3)
VALID = {"size": 1.5, "smoker": True, "grade": 2}
ODD_NAMES = ["self", "schema", "_x", "model_dump", "sepal length (cm)", "a[b]", "🌧", "f1", "f0", "copy", "{name}"]


def wrong(body: object) -> dict[tuple[str | int, ...], str]:
    """What the schema has against a body, by place."""
    with pytest.raises(InvalidInput) as caught:
        SCHEMA.validate(body)
    return {notice.loc: notice.msg for notice in caught.value.errors}


def wrong_form(form: dict[str, list[str]]) -> list[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(InvalidInput) as caught:
        SCHEMA.validate_strings(form)
    return [(notice.loc, notice.msg) for notice in caught.value.errors]


def test_it_gives_every_feature_in_order() -> None:
    (instance,) = SCHEMA.validate({"inputs": {"grade": 2, "smoker": True, "size": 1}})
    assert list(instance.items()) == [
        ("size", 1.0), ("age", None), ("smoker", True), ("grade", 2), ("code", None), ("note", None),
    ]  # fmt: skip


def test_it_takes_null_for_what_may_be_left_out() -> None:
    (instance,) = SCHEMA.validate({"inputs": VALID | {"age": None, "code": None, "note": None}})
    assert instance["age"] is instance["code"] is instance["note"] is None


@pytest.mark.parametrize("name", ["size", "smoker", "grade"])
def test_it_refuses_null_for_what_is_needed(name: str) -> None:
    assert list(wrong({"inputs": VALID | {name: None}})) == [("inputs", name)]


@pytest.mark.parametrize("value", ["39.1", True, [], {}, [[[]]], 10**400, "", "nan"])
def test_it_refuses_what_is_no_number(value: Any) -> None:
    assert wrong({"inputs": VALID | {"size": value}}) == {
        ("inputs", "size"): "Size must be a number, for example 36 or 12.5."
    }


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, float("1e999")])
def test_it_refuses_a_number_that_is_not_finite(value: float) -> None:
    assert wrong({"inputs": VALID | {"size": value}}) == {("inputs", "size"): "Size must be a finite number."}


def test_it_takes_a_fraction_where_whole_numbers_are_only_guessed() -> None:
    assert SCHEMA.validate({"inputs": VALID | {"age": 3.5}})[0]["age"] == 3.5


@pytest.mark.parametrize("value", ["1", True, 3, 1.5, math.nan, 10**400, [1], {}, "\ud800", 1e300])
def test_it_refuses_a_category_it_never_saw(value: Any) -> None:
    assert wrong({"inputs": VALID | {"grade": value}}) == {("inputs", "grade"): "Grade must be 1, 2 or 2.5."}


@pytest.mark.parametrize("name", ["size", "grade"])
def test_null_for_a_required_input_is_missing(name: str) -> None:
    label = name.capitalize()
    assert wrong({"inputs": VALID | {name: None}}) == {("inputs", name): f"{label} is required."}
    assert wrong({"inputs": [VALID, VALID | {name: None}]}) == {("inputs", 1, name): f"{label} is required."}


@pytest.mark.parametrize(("sent", "meant"), [(1, 1), (1.0, 1), (2.5, 2.5)])
def test_it_gives_a_category_with_its_own_type(sent: float, meant: float) -> None:
    found = SCHEMA.validate({"inputs": VALID | {"grade": sent}})[0]["grade"]
    assert (found, type(found)) == (meant, type(meant))


def test_it_takes_no_number_for_a_category_that_is_a_text() -> None:
    assert wrong({"inputs": VALID | {"code": 1}}) == {("inputs", "code"): 'Code must be "1" or "2".'}


@pytest.mark.parametrize("value", [1, 0, "true", "yes", 1.0])
def test_it_takes_only_true_and_false_for_a_boolean(value: Any) -> None:
    assert wrong({"inputs": VALID | {"smoker": value}}) == {("inputs", "smoker"): "Smoker must be false or true."}


NO_NUMBERS_BUT_FLAGS: list[dict[str, Any]] = [
    {},
    {"splits": (0.5, 0.5)},
    {"range": Range(low=0, high=1, exact=True, source="a test")},
    {"usual": Usual(low=0, high=0.8, mean=0.35, sd=0.45, source="a test")},
    {"usual": Usual(low=0, high=0.8, mean=0.35, sd=0.45, source="a test"), "flag": True},
    {"kind": "category", "choices": (0, 1)},
]


@pytest.mark.parametrize("known", NO_NUMBERS_BUT_FLAGS)
@pytest.mark.parametrize("many", [False, True])
def test_true_and_false_are_1_and_0_where_these_are_numbers(known: dict[str, Any], many: bool) -> None:
    feature = Feature(name="rome", **known)
    schema = InstanceSchema(Signature(task="regression", features=(feature,), outputs=()), 2)
    instances = schema.validate({"inputs": [{"rome": True}, {"rome": False}] if many else {"rome": True}})
    found = [instance["rome"] for instance in instances]
    assert (found, bool in map(type, found)) == ([1, 0] if many else [1], False)
    described = schema.json_schema()["properties"]["rome"]
    assert described.get("enum", described.get("type")) in ([0, 1, False, True], ["number", "boolean"])


OTHER_NUMBERS: list[dict[str, Any]] = [
    {"splits": (0.5, 1.5)},
    {"range": Range(low=0, high=10, exact=True, source="a test")},
    {"kind": "category", "choices": (0, 1, 2)},
]


@pytest.mark.parametrize("known", OTHER_NUMBERS)
def test_true_is_no_number_where_other_numbers_are_known(known: dict[str, Any]) -> None:
    schema = InstanceSchema(Signature(task="regression", features=(Feature(name="n", **known),), outputs=()), 2)
    with pytest.raises(InvalidInput):
        schema.validate({"inputs": {"n": True}})


def test_it_does_not_list_very_many_categories() -> None:
    feature = Feature(name="code", kind="category", choices=tuple(range(13)))
    schema = InstanceSchema(Signature(task="regression", features=(feature,), outputs=()), 1)
    with pytest.raises(InvalidInput) as caught:
        schema.validate({"inputs": {"code": "x"}})
    assert caught.value.errors[0].msg == "Code must be one of the 13 known values."


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "\udfff tail"])
def test_it_refuses_a_text_that_cannot_be_stored(text: str) -> None:
    assert wrong({"inputs": VALID | {"note": text}}) == {
        ("inputs", "note"): "Note contains characters that can't be stored."
    }


def test_it_refuses_a_text_that_is_too_long() -> None:
    assert wrong({"inputs": VALID | {"note": "x" * 100_001}}) == {("inputs", "note"): "Note is too long."}


def test_it_lists_all_unknown_and_missing_features_at_once() -> None:
    assert wrong({"inputs": {"size": "x", "tall": 1, "wide": 2}}) == {
        ("inputs", "size"): "Size must be a number, for example 36 or 12.5.",
        ("inputs", "smoker"): "Smoker is required.",
        ("inputs", "grade"): "Grade is required.",
        ("inputs", "tall"): "“tall” is not an input of this model.",
        ("inputs", "wide"): "“wide” is not an input of this model.",
    }


@pytest.mark.parametrize("name", ["x\0", "x\ud800", "x\n"])
def test_it_lists_unknown_names_that_cannot_be_shown_with_all_the_others(name: str) -> None:
    found = wrong({"inputs": {name: 1, "smoker": True, "grade": 9}})
    assert list(found) == [("inputs", "size"), ("inputs", "grade"), ("inputs", "x�")]


def test_it_names_the_place_in_a_list() -> None:
    found = wrong({"inputs": [VALID, VALID | {"size": "x"}, {"\ud800": 1}]})
    assert next(iter(found)) == ("inputs", 1, "size")
    assert ("inputs", 2, "�") in found


@pytest.mark.parametrize("body", [None, [], {}, "inputs", 3, {"instances": []}])
def test_it_refuses_a_body_without_inputs(body: object) -> None:
    with pytest.raises(InvalidInput, match=r'of the form \{"inputs": ...\}'):
        SCHEMA.validate(body)


@pytest.mark.parametrize(("key", "place"), [("params", "params"), ("\ud800", "�"), ("x" * 99, "x" * 80 + "…")])
def test_it_refuses_anything_beside_the_inputs(key: str, place: str) -> None:
    assert wrong({"inputs": VALID, key: 1}) == {(place,): "Only “inputs” is allowed here."}


@pytest.mark.parametrize("inputs", [None, 3, "x", True, 1.5])
def test_it_refuses_inputs_that_are_no_object(inputs: object) -> None:
    sentence = "Each instance must be a JSON object of input names and values."
    assert wrong({"inputs": inputs}) == {("inputs",): sentence}
    assert wrong({"inputs": [VALID, inputs]}) == {("inputs", 1): sentence}


def test_it_refuses_a_list_without_instances() -> None:
    assert wrong({"inputs": []}) == {("inputs",): "Send 1 to 3 instances in one request, not 0."}


def test_it_says_how_to_split_a_list_that_is_too_long() -> None:
    sentence = "Send 1 to 3 instances in one request, not 4. Split a longer list into lists of at most 3."
    assert wrong({"inputs": [VALID] * 4}) == {("inputs",): sentence}


def test_it_keeps_the_order_of_a_list() -> None:
    instances = SCHEMA.validate({"inputs": [VALID | {"size": size} for size in (3, 1, 2)]})
    assert [instance["size"] for instance in instances] == [3, 1, 2]


def test_it_reads_a_form_as_it_reads_json() -> None:
    form = {"size": ["1.5"], "age": [" "], "smoker": ["yes"], "grade": ["2.5"], "code": ["1"], "note": [""]}
    (instance,) = SCHEMA.validate({"inputs": {"size": 1.5, "smoker": True, "grade": 2.5, "code": "1"}})
    assert SCHEMA.validate_strings(form) == instance


def test_it_refuses_an_empty_form_field_by_field() -> None:
    assert [loc for loc, _ in wrong_form({})] == [("size",), ("smoker",), ("grade",)]


def test_it_says_once_that_a_field_was_sent_twice() -> None:
    found = wrong_form({"size": ["x", "2"], "smoker": ["yes"], "grade": ["1"]})
    assert found == [(("size",), "Size was sent 2 times; send it once.")]


def test_it_refuses_a_field_that_was_sent_twice_with_good_values() -> None:
    found = wrong_form({"size": ["1", "1"], "smoker": ["yes"], "grade": ["1"]})
    assert found == [(("size",), "Size was sent 2 times; send it once.")]


def test_it_says_once_that_an_unknown_field_is_unknown() -> None:
    found = wrong_form({"size": ["1"], "smoker": ["yes"], "grade": ["1"], "x\0": ["", ""]})
    assert found == [(("x�",), "“x�” is not an input of this model.")]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_it_takes_any_name_in_json_and_in_a_form(name: str) -> None:
    schema = odd_schema()
    assert schema.validate({"inputs": {**dict.fromkeys(ODD_NAMES, 1), name: 2.5}})[0][name] == 2.5
    assert schema.validate_strings({each: ["2.5" if each == name else "1"] for each in ODD_NAMES})[name] == 2.5


@pytest.mark.parametrize("name", ODD_NAMES)
def test_it_names_any_name_in_its_errors(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        odd_schema().validate({"inputs": {each: 1 for each in ODD_NAMES if each != name}})
    assert [notice.loc for notice in caught.value.errors] == [("inputs", name)]


def test_it_describes_any_name_as_json_schema() -> None:
    described = odd_schema().json_schema()
    assert list(described["properties"]) == described["required"] == ODD_NAMES


def test_its_json_schema_tells_types_choices_and_what_is_needed() -> None:
    described = json.loads(json.dumps(SCHEMA.json_schema()))
    assert described["required"] == ["size", "smoker", "grade"]
    assert described["additionalProperties"] is False
    assert described["properties"]["size"]["type"] == "number"
    assert described["properties"]["grade"]["enum"] == [1, 2, 2.5]
    assert {"type": "null"} in described["properties"]["note"]["anyOf"]


def odd_schema() -> InstanceSchema:
    features = tuple(Feature(name=name) for name in ODD_NAMES)
    return InstanceSchema(Signature(task="regression", features=features, outputs=()), 10)


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())) | st.text()
)
anything = st.recursive(scalars, lambda part: st.lists(part) | st.dictionaries(st.text(), part), max_leaves=8)
names = st.sampled_from([feature.name for feature in FEATURES]) | st.text(max_size=3)
bodies = anything | st.fixed_dictionaries({"inputs": st.dictionaries(names, anything) | st.lists(anything, max_size=4)})


@given(bodies)
@settings(max_examples=300, deadline=None)
def test_it_never_raises_anything_but_invalid_input(body: object) -> None:
    try:
        SCHEMA.validate(body)
    except InvalidInput as error:
        json.dumps(notices_json(error.errors), ensure_ascii=False).encode()


near = st.none() | st.floats() | st.integers(-5, 5) | st.booleans() | st.sampled_from(["Bonn", "Ulm", "no", "", "1"])


@pytest.mark.parametrize("name", ["imputers_and_encoders", "nan_among_the_categories", "boosting_from_dtype"])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_estimator_can_predict_what_it_accepts(name: str, data: st.DataObject) -> None:
    estimator = CASES[name]().estimator
    signature = read_signature(estimator)
    values = data.draw(st.fixed_dictionaries({}, optional={f.name: near for f in signature.features}))
    try:
        instances = InstanceSchema(signature, 1).validate({"inputs": values})
    except InvalidInput:
        return
    assert predict_answers(estimator, as_matrix(instances, signature), signature)[0].prediction in ("high", "low")


def test_it_counts_what_it_does_not_list_row_by_row() -> None:
    body = {"inputs": [{f"unknown{number}": 1 for number in range(15)}, VALID, {"x" * 1000: 1}]}
    with pytest.raises(InvalidInput) as caught:
        SCHEMA.validate(body)
    *first, last = caught.value.errors
    # Each of two instances lacks three inputs, and both together have sixteen unknown ones.
    assert (len(first), last) == (20, Notice(loc=(), msg="And 2 more errors."))
    assert {notice.loc[1] for notice in first} == {0, 2}


def test_it_counts_what_it_does_not_list_of_a_form() -> None:
    form = {name: ["1", "2"] for name in ("size", "age")} | {f"unknown{number}": ["1"] for number in range(20)}
    found = wrong_form(form | {"smoker": ["no"], "grade": ["1"]})
    assert [place for place, _ in found[:3]] == [("size",), ("age",), ("unknown0",)]
    assert found[20:] == [((), "And 2 more errors.")]

"""JSON without its surprises."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.errors import MalformedJSON
from webapp.helpers.inputs.strict_json import decode


def refusal(body: bytes) -> str:
    with pytest.raises(MalformedJSON) as caught:
        decode(body)
    return caught.value.message


def test_it_decodes_json() -> None:
    assert decode('{"a": [1, 2.5, "ü🌧", true, null]}'.encode()) == {"a": [1, 2.5, "ü🌧", True, None]}


def test_it_says_where_json_breaks() -> None:
    assert refusal(b'{"a": 1,\n "b" 2}') == "The body is not valid JSON (line 2, column 6)."


@pytest.mark.parametrize("body", [b"", b" ", b"{", b"{'a': 1}", b"[1,]", b"\xef\xbb\xbf{}", b"{} {}", b"01"])
def test_it_refuses_what_is_no_json(body: bytes) -> None:
    assert refusal(body).startswith("The body is not valid JSON")


@pytest.mark.parametrize("body", [b"\xff", "ü".encode("latin-1"), '{"a": 1}'.encode("utf-16"), b'"\xed\xa0\x80"'])
def test_it_refuses_what_is_not_utf8(body: bytes) -> None:
    assert refusal(body) == "The body is not UTF-8."


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b"[" * 1000 + b"]" * 1000,
        b'{"a":' * 600 + b"1" + b"}" * 600,
    ],
    ids=["open lists", "open objects", "lists", "lists that one of two readers takes", "such objects"],
)
def test_it_refuses_very_deep_nesting(body: bytes) -> None:
    assert refusal(body) == "The body is nested too deeply."


def test_it_refuses_a_number_with_very_many_digits() -> None:
    assert refusal(b"[" + b"1" * 5000 + b"]") == "A number in the body has too many digits."


def test_it_refuses_a_key_that_occurs_twice() -> None:
    assert refusal(b'{"inputs": {"a": 1, "b": 2, "a": 1}}') == "“a” occurs twice in one object."


def test_it_makes_a_key_that_occurs_twice_fit_to_be_shown() -> None:
    assert refusal(rb'{"\u0000\ud800": 1, "\u0000\ud800": 2}') == "“��” occurs twice in one object."


@pytest.mark.parametrize("body", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_it_lets_numbers_that_are_not_finite_through(body: bytes) -> None:
    assert not math.isfinite(decode(body))


@given(st.binary() | st.text().map(str.encode))
@settings(max_examples=300, deadline=None)
def test_it_never_raises_anything_but_malformed_json(body: bytes) -> None:
    try:
        decode(body)
    except MalformedJSON as error:
        error.message.encode()


json_like = st.text(alphabet='{}[]",:\\ud80e0129-.nulltrueNaN \n\0é', max_size=60)


@given(json_like)
@settings(max_examples=300, deadline=None)
def test_it_never_raises_anything_but_malformed_json_on_what_looks_like_json(body: str) -> None:
    try:
        decode(body.encode())
    except MalformedJSON as error:
        error.message.encode()


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda part: st.lists(part) | st.dictionaries(st.text(), part),
    max_leaves=10,
)


@given(plain)
@settings(deadline=None)
def test_what_json_writes_comes_back(value: object) -> None:
    assert decode(json.dumps(value).encode()) == value


class Pairs(list[tuple[str, object]]):
    """An object as it is sent, in which a key may stand twice."""


texts = st.text('ab":ü,', max_size=3)
sent = st.recursive(
    st.none() | st.integers(-99, 99) | texts,
    lambda part: st.lists(part, max_size=3) | st.lists(st.tuples(texts, part), max_size=3).map(Pairs),
    max_leaves=12,
)


def written(value: object) -> str:
    if isinstance(value, Pairs):
        return "{" + ", ".join(f"{json.dumps(key)}: {written(each)}" for key, each in value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def has_twice(value: object) -> bool:
    if isinstance(value, Pairs):
        return len(dict(value)) < len(value) or any(has_twice(each) for _, each in value)
    return isinstance(value, list) and any(map(has_twice, value))


def test_a_whole_number_beyond_64_bits_comes_as_a_float() -> None:
    assert decode(b"[1000000000000000000000000000000]") == [1e30]


@settings(max_examples=500)
@given(sent)
def test_it_finds_each_key_that_occurs_twice_and_no_other(value: object) -> None:
    body = written(value).encode()
    if has_twice(value):
        assert "occurs twice" in refusal(body)
    else:
        assert decode(body) == json.loads(body)

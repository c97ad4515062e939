"""JSON without its surprises."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.errors import MalformedJSON
from webapp.helpers.strict_json import decode


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


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000])
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
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | st.text(),
    lambda part: st.lists(part) | st.dictionaries(st.text(), part),
    max_leaves=10,
)


@given(plain)
@settings(deadline=None)
def test_what_json_writes_comes_back(value: object) -> None:
    assert decode(json.dumps(value).encode()) == value

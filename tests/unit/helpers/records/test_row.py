"""webapp.helpers.records.row"""

from __future__ import annotations

import orjson
from hypothesis import given
from hypothesis import strategies as st

from tests.logs import KEY
from tests.unit.services.prediction_log.test_log import a_prediction
from webapp.helpers.records.row import decode, encode, from_columns
from webapp.types import Notice, Status

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | texts


@given(st.dictionaries(texts, values))
def test_a_decoded_prediction_is_the_encoded_one(inputs: dict[str, object]) -> None:
    prediction = a_prediction(inputs={k: v for k, v in inputs.items() if v not in (float("inf"), float("-inf"))})
    assert decode(encode(prediction, KEY)) == prediction


def test_a_decoded_failure_is_the_encoded_one() -> None:
    errors = (Notice(loc=("inputs", 0), msg="No."),)
    prediction = a_prediction(status=Status.FAILED, answer=None, errors=errors)
    assert decode(encode(prediction, KEY)) == prediction


def test_a_row_is_one_line_with_the_columns_of_the_table() -> None:
    row = encode(a_prediction(inputs={"note": "two\nlines"}), KEY)
    assert b"\n" not in row
    assert list(orjson.loads(row))[:2] == ["id", "created_at"]


def test_a_large_number_is_a_number_again_when_postgresql_writes_out_all_of_its_zeros() -> None:
    row = orjson.loads(encode(a_prediction(inputs={"x": 1e300, "y": 2**53}), KEY))
    columns = row | {"inputs": {"x": 10**300, "y": 2**53}, "id": a_prediction().id}
    read = from_columns(columns).inputs
    assert read == {"x": 1e300, "y": 2**53}
    assert [type(value) for value in read.values()] == [float, int]

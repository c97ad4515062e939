"""A sample teaches what the inputs are that a model does not show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

from tests.unit.cell.test_probing import Means, constant, days, hashes, hours, texts
from webapp.cell.estimator.answers import predict_answers
from webapp.cell.estimator.matrix import as_matrix
from webapp.cell.signature import read_signature
from webapp.errors import NotPublishable, PredictionFailed
from webapp.models.card.fields import CardInputType
from webapp.models.sample.csv_table import read_table
from webapp.models.sample.learned_types import learn_types
from webapp.types import Answer, Instance, Signature

SIZE = 40
DATES = pd.Series(pd.date_range("2024-01-01", periods=SIZE, freq="17h"))


def learned(estimator: Any, X: pd.DataFrame, csv: str | None = None) -> dict[str, CardInputType]:
    """Fit an estimator, and learn from the CSV that pandas writes of the same rows."""
    estimator.fit(X, list(range(len(X))))

    def predict(instances: Sequence[Instance], signature: Signature) -> list[Answer]:
        try:
            return predict_answers(estimator, as_matrix(instances, signature), signature)
        except Exception as error:
            raise PredictionFailed from error

    return learn_types(read_table((csv or X.to_csv(index=False)).encode()), (), read_signature(estimator), predict)


def behind(function: Any) -> Any:
    encoder = OneHotEncoder(handle_unknown="ignore") if function is texts else None
    return make_pipeline(FunctionTransformer(function), encoder, LinearRegression())


@pytest.mark.parametrize(
    ("function", "values", "kind", "dtype"),
    [
        (texts, range(SIZE), "integer", "int64"),
        (texts, [each / 2 for each in range(SIZE)], "number", None),
        (texts, [each % 3 == 0 for each in range(SIZE)], "boolean", None),
        (texts, [f"{each:05}" for each in range(SIZE)], "text", None),
        (hashes, [f"{each:05}" for each in range(SIZE)], "text", None),
        (hours, DATES, "datetime", "datetime64"),
        (days, DATES.dt.strftime("%Y-%m-%d"), "date", "text"),
    ],
)
def test_a_column_is_what_pandas_reads_and_the_model_takes(function: Any, values: Any, kind: str, dtype: Any) -> None:
    (found,) = learned(behind(function), pd.DataFrame({"x": values})).values()
    assert (found.kind, found.dtype, found.source) == (kind, dtype, "sample")


def test_a_text_has_the_values_of_the_sample_if_these_are_few() -> None:
    estimator = make_pipeline(Means(), LinearRegression())
    (few,) = learned(estimator, pd.DataFrame({"city": ["Rome", "Oslo"] * 20})).values()
    assert (few.kind, few.choices) == ("text", ["Oslo", "Rome"])
    (many,) = learned(estimator, pd.DataFrame({"city": [f"note {each}" for each in range(SIZE)]})).values()
    assert (many.kind, many.choices) == ("text", [])


def test_true_and_false_are_learned_also_where_numbers_would_do() -> None:
    X = pd.DataFrame({"age": range(SIZE), "rome": [True, False] * 20})
    found = learned(LinearRegression(), X)
    assert {name: each.kind for name, each in found.items()} == {"rome": "boolean"}


def test_what_the_model_answers_in_no_way_is_refused() -> None:
    with pytest.raises(NotPublishable, match="whatever x may be"):
        learned(behind(days), pd.DataFrame({"x": DATES.dt.strftime("%Y-%m-%d")}), "x\nlast summer\n")


def test_a_blank_column_teaches_nothing() -> None:
    assert learned(behind(constant), pd.DataFrame({"x": range(SIZE)}), "x,y\n,1\n,2\n") == {}


def test_texts_confirm_which_categories_of_lightgbm_are_whose() -> None:
    lightgbm = pytest.importorskip("lightgbm")
    X = pd.DataFrame({"alone": [0, 1, 1, 0] * 20, "sex": pd.Categorical(["female", "male"] * 40)})
    found = learned(lightgbm.LGBMRegressor(n_estimators=3, min_child_samples=2, n_jobs=1, verbose=-1), X)
    assert {name: each.kind for name, each in found.items()} == {"sex": "category"}

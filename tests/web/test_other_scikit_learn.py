"""A model that another scikit-learn made: its card, its answers and each of their records say so."""

from __future__ import annotations

from pathlib import Path

import pytest
import sklearn
from flask.testing import FlaskClient

from tests.conftest import MakeApp
from tests.other_versions.fixtures import archive

WORDS = f"scikit-learn 1.6.1, read as {sklearn.__version__}"
NAME = "ordinary logistic, three words"


@pytest.fixture
def client(make_app: MakeApp, tmp_path: Path) -> FlaskClient:
    fixture = next(each for each in archive("1.6.1").fixtures if each.name == NAME)
    (tmp_path / "words.joblib").write_bytes(fixture.file)
    return make_app().test_client()


def test_it_stands_on_the_card_and_on_each_record(client: FlaskClient) -> None:
    assert WORDS in client.get("/models/words/card").text
    inputs = {"size": 0.5, "age": 23, "kind": "c", "town": "a"}
    id = client.post("/api/v1/models/words/predict", json={"inputs": inputs}).json["id"]
    assert client.get(f"/api/v1/predictions/{id}").json["read_as"] == WORDS
    assert WORDS in client.get(f"/predictions/{id}").text
    assert WORDS in client.get(f"/predictions/{id}.csv").text
    refused = client.post("/api/v1/models/words/predict", json={"inputs": {"size": "x"}})
    assert refused.status_code == 422
    records = client.get("/api/v1/predictions").json["predictions"]
    assert [each["read_as"] for each in records] == [WORDS, WORDS]


def test_the_check_says_so_too(make_app: MakeApp, tmp_path: Path) -> None:
    runner = make_app().test_cli_runner()
    for name, line in (
        (NAME, f"Made with:    {WORDS}, numpy 2"),
        ("particular liblinear, numbers, three classes", "1.6.1,"),
    ):
        fixture = next(each for each in archive("1.6.1").fixtures if each.name == name)
        path = tmp_path / "checked.joblib"
        path.write_bytes(fixture.file)
        result = runner.invoke(args=["models", "check", str(path)])
        assert line in result.output
    assert "Verdict:      It was made with scikit-learn 1.6.1. Its LogisticRegression" in result.output

"""webapp.helpers.model_names"""

from __future__ import annotations

import pytest

from webapp.helpers.model_names import NAME, file_title, model_name


@pytest.mark.parametrize(
    ("file_name", "name"),
    [
        ("churn.pkl", "churn"),
        ("churn_v2.joblib", "churn_v2"),
        ("churn.joblib.gz", "churn"),
        ("CHURN.PKL", "CHURN"),
        ("Möbel (neu).pkl", "Mobel-neu"),
        ("Straße.sav", "Strasse"),
        ("my model.v2.pickle", "my-model.v2"),
        (r"C:\Users\Ada\churn.pkl", "churn"),
        ("../../etc/passwd", "passwd"),
        ("ch\0ur\nn\u202e.pkl", "churn"),
        ("-rf.pkl", "rf"),
    ],
)
def test_a_file_gives_its_name_to_its_model(file_name: str, name: str) -> None:
    assert model_name(file_name) == name


@pytest.mark.parametrize(
    "file_name", ["", ".pkl", "..", "/", "...", "模型.pkl", "x" * 300, "x" * 60 + ".pkl", "é" * 99, "\ud800"]
)
def test_each_file_gets_a_name_that_an_address_can_hold(file_name: str) -> None:
    assert NAME.fullmatch(model_name(file_name))
    assert len(file_title(file_name)) <= 120


def test_files_whose_names_differ_where_ascii_ends_get_two_names() -> None:
    names = ["模型 v2.pkl", "数据 v2.pkl", "v2.pkl", "x" * 300, "x" * 301]
    assert len({model_name(name) for name in names}) == len(names)

"""flask models"""

from __future__ import annotations

from sklearn.linear_model import LinearRegression

from tests.conftest import MakeApp

LINE = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])


def test_it_lists_what_is_served_and_what_isnt(make_app: MakeApp) -> None:
    app = make_app({"line": LINE, "list": [1]})
    version = app.extensions["scoredesk"].store.get("line").version
    result = app.test_cli_runner().invoke(args=["models", "list"])
    assert result.output.splitlines() == [
        f"line  {version}  regression, 1 input",
        "  answered by its compiled form, which agreed with the estimator 512 times",
        "list  not served: It holds a list, which has no predict method.",
    ]


def test_a_name_cannot_begin_another_line(make_app: MakeApp) -> None:
    app = make_app({"line\nlist  0123456789ab  regression": LINE})
    result = app.test_cli_runner().invoke(args=["models", "list"])
    assert result.output.splitlines() == [
        r"line\nlist  0123456789ab  regression  not served: "
        "Its name is blank, or has characters that can't be shown in one line. Rename the file."
    ]


def test_it_says_when_there_are_none(make_app: MakeApp) -> None:
    assert make_app().test_cli_runner().invoke(args=["models", "list"]).output == "There are no models.\n"

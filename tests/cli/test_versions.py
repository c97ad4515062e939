"""flask models publish, promote and rollback"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from click.testing import Result
from flask import Flask
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression
from sqlalchemy import select

from tests.conftest import MakeApp
from tests.versions.estimators import put, times
from webapp.database.tables.versions import VersionEvent
from webapp.errors import ModelNotReady


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with files that are to be published."""
    folder = tmp_path / "to publish"
    folder.mkdir()
    for factor in (1, 2, 3):
        joblib.dump(times(factor), folder / f"{factor}")
    return folder


def run(app: Flask, *arguments: Any) -> Result:
    return app.test_cli_runner().invoke(args=["models", *map(str, arguments)])


def publish(app: Flask, path: Path, *options: Any) -> Result:
    return run(app, "publish", path, "--name", "line", *options)


def champion(app: Flask) -> str:
    app.extensions["scoredesk"].store.refresh()
    return str(app.extensions["scoredesk"].store.get("line").version)


def events(app: Flask) -> list[tuple[str, str]]:
    table = VersionEvent.__table__
    with app.extensions["scoredesk"].engine.connect() as connection:
        rows = connection.execute(select(table.c.version, table.c.action).order_by(table.c.id))
        return [(row.version, row.action) for row in rows]


def test_it_publishes_the_first_version_as_the_champion(app: Flask, source: Path, tmp_path: Path) -> None:
    result = publish(app, source / "1", "--title", "A line")
    assert result.output.splitlines() == [
        f"Published line, version 1: {tmp_path}/line/1.joblib",
        "It is the first version, so it is the champion.",
    ]
    assert sorted(path.name for path in (tmp_path / "line").iterdir()) == ["1.joblib", "1.json"]
    assert events(app) == [("1", "published"), ("1", "promoted")]
    card = json.loads((tmp_path / "line" / "1.json").read_text())
    assert card["title"] == "A line"
    assert set(card["published"]["libraries"]) >= {"scikit-learn", "numpy"}
    assert card["size"] == (tmp_path / "line" / "1.joblib").stat().st_size


def test_a_later_version_waits_for_its_promotion(app: Flask, source: Path) -> None:
    publish(app, source / "1")
    result = publish(app, source / "2")
    assert result.output.splitlines()[1].endswith("flask --app wsgi models promote line 2")
    assert champion(app) == "1"
    assert run(app, "promote", "line", 2).output == "line now uses version 2.\n"
    assert champion(app) == "2"


def test_a_rollback_leads_back_step_by_step(app: Flask, source: Path) -> None:
    for factor in (1, 2, 3):
        publish(app, source / f"{factor}")
    run(app, "promote", "line", 2)
    run(app, "promote", "line", 3)
    assert run(app, "rollback", "line").output == "line uses version 2 again.\n"
    assert run(app, "rollback", "line").output == "line uses version 1 again.\n"
    result = run(app, "rollback", "line")
    assert (result.exit_code, champion(app)) == (1, "1")
    assert result.output == "Error: No other version was the champion before this one.\n"


def test_an_unloaded_model_answers_nobody_until_it_is_loaded(app: Flask, source: Path) -> None:
    publish(app, source / "1")
    assert (
        run(app, "unload", "line").output
        == "line is out of service until you load it: flask --app wsgi models load line\n"
    )
    with pytest.raises(ModelNotReady):
        champion(app)
    assert run(app, "promote", "line", 1).output == "Error: This model can't be served. It was unloaded.\n"
    assert run(app, "load", "line").output == "line is in service and uses version 1.\n"
    assert champion(app) == "1"


def test_promoting_the_champion_again_changes_nothing(app: Flask, source: Path) -> None:
    publish(app, source / "1")
    assert run(app, "promote", "line", 1).exit_code == 0
    assert len(events(app)) == 2


def test_publishing_beside_versions_that_were_copied_by_hand_keeps_their_newest(
    app: Flask, source: Path, tmp_path: Path
) -> None:
    put(times(1), tmp_path / "line" / "1.joblib")
    put(times(2), tmp_path / "line" / "2.joblib")
    assert "version 3" in publish(app, source / "3").output
    assert champion(app) == "2"


def test_it_never_gives_a_number_twice(app: Flask, source: Path, tmp_path: Path) -> None:
    publish(app, source / "1")
    publish(app, source / "2")
    for path in (tmp_path / "line").glob("2.*"):
        path.unlink()
    assert "version 3" in publish(app, source / "3").output


@pytest.mark.parametrize("name", ["../line", ".line", "a/b", "", "ü", "x" * 65])
def test_it_takes_no_name_that_leads_elsewhere(app: Flask, source: Path, name: str) -> None:
    result = run(app, "publish", source / "1", "--name", name)
    assert (result.exit_code, events(app)) == (1, [])


def test_it_publishes_nothing_that_cant_be_served(app: Flask, source: Path, tmp_path: Path) -> None:
    (source / "broken").write_bytes(b"no pickle")
    result = publish(app, source / "broken")
    assert result.exit_code == 1
    assert "It is damaged" in result.output
    assert (events(app), (tmp_path / "line").exists()) == ([], False)


def test_it_publishes_nothing_that_answers_differently_each_time(app: Flask, source: Path, tmp_path: Path) -> None:
    dice = DummyClassifier(strategy="uniform").fit(np.arange(20.0).reshape(-1, 1), range(20))
    joblib.dump(dice, source / "dice")
    (tmp_path / "rows.csv").write_text("x0\n" + "1\n" * 10)
    result = publish(app, source / "dice", "--sample", tmp_path / "rows.csv")
    assert "golden rows" in result.output
    assert (events(app), (tmp_path / "line").exists()) == ([], False)


def test_a_sample_is_measured(app: Flask, source: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("x0,y\n1,1\n2,2\n3,3.5\n")
    publish(app, source / "1", "--sample", tmp_path / "rows.csv", "--target", "y", "--no-golden")
    card = json.loads((tmp_path / "line" / "1.json").read_text())
    assert [metric["name"] for metric in card["metrics"]] == ["MAE", "RMSE", "R²"]
    assert (card["sample"], card["golden"]) == ({"rows": 3, "target": "y"}, [])


def test_it_measures_each_of_several_outputs(app: Flask, source: Path, tmp_path: Path) -> None:
    joblib.dump(LinearRegression().fit([[0.0], [1.0]], [[0.0, 0.0], [1.0, 2.0]]), source / "two")
    (tmp_path / "rows.csv").write_text("x0,a,b\n1,1,2\n2,2,4\n3,3.5,6\n")
    publish(app, source / "two", "--sample", tmp_path / "rows.csv", "--target", "a", "--target", "b")
    card = json.loads((tmp_path / "line" / "1.json").read_text())
    assert [(each["output"], each["name"]) for each in card["metrics"]] == [
        (output, name) for output in ("y0", "y1") for name in ("MAE", "RMSE", "R²")
    ]
    assert card["sample"] == {"rows": 3, "target": ["a", "b"]}
    assert champion(app) == "1"
    assert "y1: Average error (MAE)" in app.test_client().get("/models/line/card").text


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--target", "y"], "give the sample too"),
        (["--sample", "rows.csv", "--target", "z"], "no column “z”"),
        (["--sample", "rows.csv", "--target", "y", "--target", "y"], "has 1 output; give --target once"),
        (["--title", "\0"], "title"),
    ],
)
def test_it_says_what_is_wrong_with_what_it_was_given(
    app: Flask, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text("x0,y\n1,1\n")
    result = publish(app, source / "1", *options)
    assert (result.exit_code, events(app)) == (1, [])
    assert says in result.output


def test_it_publishes_nothing_without_its_database(make_app: MakeApp, source: Path, tmp_path: Path) -> None:
    result = publish(make_app(database_url="postgresql://x@127.0.0.1:9/x"), source / "1")
    assert (result.exit_code, (tmp_path / "line").exists()) == (1, False)
    assert "can't be reached" in result.output


def test_it_promotes_nothing_that_cant_be_served(app: Flask, source: Path, tmp_path: Path) -> None:
    publish(app, source / "1")
    (tmp_path / "line" / "2.joblib").write_bytes(b"no pickle")
    result = run(app, "promote", "line", 2)
    assert (result.exit_code, champion(app)) == (1, "1")
    assert "is damaged" in result.output


def test_it_promotes_no_other_file_than_was_published(app: Flask, source: Path, tmp_path: Path) -> None:
    publish(app, source / "1")
    publish(app, source / "2")
    put(times(3), tmp_path / "line" / "2.joblib")
    (tmp_path / "line" / "2.json").unlink()
    result = run(app, "promote", "line", 2)
    assert (result.exit_code, champion(app)) == (1, "1")
    assert "Its file is not the one that was published or promoted as version 2." in result.output


def test_it_knows_no_other_version(app: Flask, source: Path) -> None:
    publish(app, source / "1")
    assert run(app, "promote", "line", 7).output == "Error: This model has no such version.\n"


@pytest.mark.parametrize(
    ("card", "says"),
    [
        (b"{", "is not valid JSON"),
        (b"[]", "card"),
        (b'{"colour": "grey"}', "colour"),
        (b'{"labels": {"x9": "Nine"}}', "“x9”, which is not an input of this model"),
        (b'{"labels": {"x0": "\\u0000"}}', "labels.x0"),
        (b'{"ranges": {"x0": [2, 1]}}', "ranges.x0"),
        (b'{"ranges": {"x0": [NaN, 1]}}', "ranges.x0"),
        (b'{"ranges": {"x0": ["1", "2"]}}', "ranges.x0"),
        (b'{"order": ["x0", "x0"]}', "twice in order"),
        (b'{"title": "a", "title": "b"}', "occurs twice"),
        (b'{"help": {"x0": "' + b"x" * 600 + b'"}}', "help.x0"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_it_refuses_a_card_with_nonsense_in_it(
    app: Flask, source: Path, tmp_path: Path, card: bytes, says: str
) -> None:
    (tmp_path / "words.json").write_bytes(card)
    result = publish(app, source / "1", "--card", tmp_path / "words.json")
    assert result.exit_code == 1
    assert says in result.output
    assert (events(app), (tmp_path / "line").exists()) == ([], False)

"""Golden rows: kept at publication, predicted again at each load."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import pytest
from palmerpenguins import load_penguins

from tests.versions.estimators import LOADER, times
from webapp.errors import ModelNotReady
from webapp.models.card import read_card
from webapp.models.sample.golden_rows import choose_golden
from webapp.services.model_store import ModelStore
from webapp.services.model_store.card_writer import CardWriter
from webapp.types import Answer


@pytest.fixture(scope="module")
def sample() -> bytes:
    return load_penguins().to_csv(index=False).encode()


@pytest.fixture
def folder(tmp_path: Path, demo_models: Path, sample: bytes) -> Path:
    """A models folder with one version of the penguins and its card."""
    path = tmp_path / "penguins" / "1.joblib"
    path.parent.mkdir()
    path.write_bytes((demo_models / "penguins.joblib").read_bytes())
    card = CardWriter(sample=sample, targets=("species",)).write(LOADER.load(path, model="penguins"), "a test").card
    path.with_suffix(".json").write_bytes(card.to_bytes())
    return tmp_path


def store(folder: Path) -> ModelStore:
    return ModelStore(directory=folder, loader=LOADER, max_instances=16)


def change(folder: Path, how: Callable[[dict[str, Any]], None]) -> None:
    path = folder / "penguins" / "1.json"
    card = json.loads(path.read_bytes())
    how(card)
    path.write_text(json.dumps(card))


def test_ten_rows_are_kept_with_all_classes_and_their_blanks(folder: Path) -> None:
    card = store(folder).get("penguins").card
    assert card is not None
    assert len(card.golden) == 10
    assert {row.prediction for row in card.golden} == {"Adelie", "Chinstrap", "Gentoo"}


def test_a_row_with_blanks_is_kept_as_it_was(demo_models: Path) -> None:
    rows = b"island,sex,bill_length_mm\nDream,,40\nDream,male,\n"
    card = CardWriter(sample=rows).write(LOADER.load(demo_models / "penguins.joblib", model="penguins"), "a test").card
    kept = [(row.inputs["sex"], row.inputs["bill_length_mm"]) for row in read_card(card.to_bytes()).golden]
    assert sorted(kept, key=str) == [("male", None), (None, 40.0)]


@pytest.mark.parametrize(
    "how",
    [
        lambda card: card["golden"][0].update(prediction="Gentoo"),
        lambda card: card["golden"][0]["probabilities"].update(Adelie=0.5),
        lambda card: card["golden"][0]["inputs"].pop("island"),
        lambda card: card["golden"][0]["inputs"].update(island="Atlantis"),
    ],
)
def test_a_version_that_answers_them_differently_is_refused(folder: Path, how: Callable[[Any], None]) -> None:
    change(folder, how)
    with pytest.raises(ModelNotReady, match="golden rows"):
        store(folder).get("penguins")


def test_the_last_digit_is_no_difference(folder: Path) -> None:
    def nudge(card: dict[str, Any]) -> None:
        shares = card["golden"][0]["probabilities"]
        shares["Adelie"] *= 1 + 1e-12

    change(folder, nudge)
    assert store(folder).served()


def test_one_that_fails_leaves_the_others_served(folder: Path, demo_models: Path) -> None:
    joblib.dump(times(1), folder / "line.joblib")
    (folder / "penguins" / "2.joblib").write_bytes((demo_models / "penguins.joblib").read_bytes())
    (folder / "penguins" / "2.json").write_bytes((folder / "penguins" / "1.json").read_bytes())
    path = folder / "penguins" / "2.json"
    path.write_text(path.read_text().replace('"prediction": "Gentoo"', '"prediction": "Adelie"'))
    models = store(folder)
    # The newest can't answer, so the one before it does.
    assert [model.name for model in models.served()] == ["line", "penguins"]
    assert models.get("penguins").version == "1"
    (refused,) = models.refused()
    assert refused.version == "2"
    assert "golden rows differently" in refused.reason


def test_a_running_store_keeps_what_it_has(folder: Path) -> None:
    models = store(folder)
    before = models.get("penguins")
    change(folder, lambda card: card["golden"][0].update(prediction="Dodo"))
    models.refresh()
    assert models.get("penguins") is before
    assert models.refused()


def test_a_file_that_its_card_does_not_describe_is_refused(folder: Path) -> None:
    joblib.dump(times(1), folder / "penguins" / "1.joblib")
    with pytest.raises(ModelNotReady, match="not the one that its card describes"):
        store(folder).get("penguins")


def test_they_can_be_left_out(demo_models: Path, sample: bytes) -> None:
    artifact = LOADER.load(demo_models / "penguins.joblib", model="penguins")
    card = CardWriter(sample=sample, targets=("species",), golden=False).write(artifact, "a test").card
    assert card.golden == []
    assert card.metrics


def test_no_row_but_a_golden_one_is_on_the_card(folder: Path, sample: bytes) -> None:
    card = json.loads((folder / "penguins" / "1.json").read_bytes())
    del card["golden"]
    # The extremes belong to single penguins.
    text = json.dumps(card["signature"])
    assert "59.6" not in text.replace('"high": 59.6', "")
    assert "6300" not in text.replace('"high": 6300', "")


def test_few_rows_are_all_golden() -> None:
    instances = [{"x0": float(each)} for each in range(3)]
    answers = [Answer(prediction=each["x0"] * 2) for each in instances]
    assert [row.inputs["x0"] for row in choose_golden(instances, answers, lambda _: answers)] == [0, 1, 2]

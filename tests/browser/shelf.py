"""A models folder that can bring each page into each of its states."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import joblib
import numpy as np
from palmerpenguins import load_penguins
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from tests.versions.estimators import LOADER
from webapp.services.model_store.card_writer import CardWriter

WORDS = {
    "title": "Field birds",
    "description": "For birds that were caught, measured and let go.",
    "units": {"body_mass_g": "grams"},
    "help": {"bill_length_mm": "From the tip to the feathers."},
    "groups": {"The bird": ["sex", "body_mass_g"], "Its bill": ["bill_depth_mm", "bill_length_mm"]},
}


def add_to(folder: Path) -> None:
    """Put beside the demo's models one with versions and a card, and some that fail in their own ways."""
    _published(folder / "penguins.joblib", folder / "birds")
    shutil.copy(folder / "breast-cancer.joblib", folder / "tumours.joblib")
    (folder / "tumours.json").write_text(json.dumps({"groups": {"Size": ["mean radius"], "Shape": ["mean symmetry"]}}))
    joblib.dump(StandardScaler().fit([[0.0], [1.0]]), folder / "scaler.joblib")
    # Its answer to any input is more than a number can hold.
    steep = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    steep.coef_[:] = np.inf
    joblib.dump(steep, folder / "steep.joblib")
    pairs = [["a", "x"], ["a", "y"], ["b", "x"], ["b", "y"]]
    joblib.dump(DecisionTreeClassifier().fit([[0.0], [1.0], [2.0], [3.0]], pairs), folder / "pair.joblib")
    # Names of classes come from data, where nobody thought of how wide a page is.
    kinds = ["a_bill_that_somebody_has_to_pay_within_the_week", "anything_else"]
    letters = make_pipeline(TfidfVectorizer(), LogisticRegression())
    joblib.dump(letters.fit(["please pay", "with love"], kinds), folder / "letters.joblib")


def _published(source: Path, folder: Path) -> None:
    """Make two versions with measured cards, and a third that is damaged."""
    folder.mkdir()
    sample = load_penguins().to_csv(index=False).encode()
    writer = CardWriter(words=json.dumps(WORDS).encode(), sample=sample, targets=("species",))
    for version in (1, 2):
        path = folder / f"{version}.joblib"
        shutil.copy(source, path)
        path.with_suffix(".json").write_bytes(writer.write(LOADER.load(path, model="birds"), "Ada").to_bytes())
    (folder / "3.joblib").write_bytes(b"no pickle")

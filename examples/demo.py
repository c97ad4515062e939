"""Fit the three demo models on real data, and store them with Joblib as users store their own models.

Usage: python examples/demo.py [FOLDER]
"""

from __future__ import annotations

import sys
from pathlib import Path

import joblib
import pandas as pd
from palmerpenguins import load_penguins
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler

MEASURES = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
CATEGORIES = ["island", "sex"]


def penguins(data: pd.DataFrame) -> Pipeline:
    """Fit a classifier that predicts the species of a penguin."""
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), MinMaxScaler()), MEASURES),
        (make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder()), CATEGORIES),
    )
    return make_pipeline(prepare, LogisticRegression(C=10)).fit(data[MEASURES + CATEGORIES], data["species"])


def penguin_mass(data: pd.DataFrame) -> Pipeline:
    """Fit a regressor that predicts the mass of a penguin in grams."""
    known = data.dropna(subset=["body_mass_g"])
    inputs = ["species", "island", "sex", "bill_length_mm", "bill_depth_mm", "flipper_length_mm"]
    prepare = make_column_transformer(
        (OrdinalEncoder(), inputs[:3]), remainder="passthrough", verbose_feature_names_out=False
    )
    regressor = HistGradientBoostingRegressor(max_iter=80, learning_rate=0.06, random_state=0)
    return make_pipeline(prepare, regressor).fit(known[inputs], known["body_mass_g"])


def breast_cancer() -> Pipeline:
    """Fit a classifier that distinguishes malignant and benign tumours by their cell nuclei."""
    data = load_breast_cancer(as_frame=True)
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(
        data.data, data.target.map(lambda code: data.target_names[code])
    )


def main(folder: Path) -> None:
    """Fit all three models, and store them in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    data = load_penguins()
    joblib.dump(penguins(data), folder / "penguins.joblib")
    joblib.dump(penguin_mass(data), folder / "penguin-mass.joblib")
    joblib.dump(breast_cancer(), folder / "breast-cancer.joblib")


if __name__ == "__main__":
    chosen = Path(sys.argv[1] if len(sys.argv) > 1 else "models")
    try:
        main(chosen)
    except OSError as error:
        sys.exit(f"{chosen} can't be used ({error.strerror}). Choose another folder: MODELS_DIR=/path make run")

"""Fits small models with the version of XGBoost or LightGBM that is installed, and writes them with their answers.

Each version was run in an environment of its own (with scikit-learn 1.5.2, numpy 1.26.4, pandas 2.2.3):

    python tests/gate/other_versions/fit.py xgboost tests/gate/other_versions
"""

from __future__ import annotations

import importlib
import json
import lzma
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(RNG.normal(size=(120, 3)).round(3), columns=["size", "age", "dose"])
KINDS = FRAME.assign(kind=pd.Categorical(np.where(FRAME["age"] > 0, "a", "b")))
TWO = (FRAME["size"] + FRAME["age"] / 2 > 0).astype(int).to_numpy()
THREE = TWO + (FRAME["dose"] > 0.8).to_numpy()
NUMBER = (2 * FRAME["size"] - FRAME["dose"]).to_numpy()
SMALL = {"n_estimators": 4, "max_depth": 2, "n_jobs": 1}
ROWS = 20


def models(name: str, library: Any) -> Iterator[tuple[str, Any, Any]]:
    classifier = library.XGBClassifier if name == "xgboost" else library.LGBMClassifier
    regressor = library.XGBRegressor if name == "xgboost" else library.LGBMRegressor
    yield "two", classifier(**SMALL).fit(FRAME, TWO), FRAME
    yield "three", classifier(**SMALL).fit(FRAME.to_numpy(), THREE), FRAME.to_numpy()
    yield "number", regressor(**SMALL).fit(FRAME, NUMBER), FRAME
    if name == "lightgbm":
        yield "kinds", classifier(**SMALL).fit(KINDS, TWO), KINDS
        return
    yield "linear", regressor(booster="gblinear", n_estimators=4, n_jobs=1).fit(FRAME, NUMBER), FRAME
    yield "dart", regressor(booster="dart", rate_drop=0.5, **SMALL).fit(FRAME, NUMBER), FRAME
    stopping = classifier(**SMALL | {"n_estimators": 50}, early_stopping_rounds=2)
    yield "stopped", stopping.fit(FRAME[:80], TWO[:80], eval_set=[(FRAME[80:], TWO[80:])], verbose=False), FRAME
    options = {"enable_categorical": True, "tree_method": "hist"}
    yield "kinds", classifier(**SMALL, **options).fit(KINDS, TWO), KINDS


def main(name: str, folder: Path) -> None:
    library = importlib.import_module(name)
    answers = {}
    for kind, model, X in models(name, library):
        stem = f"{name}-{library.__version__}-{kind}"
        path = folder / f"{stem}.pkl"
        path.write_bytes(lzma.compress(pickle.dumps(model, protocol=4)))
        predict = getattr(model, "predict_proba", model.predict)
        rows = np.asarray(X[:ROWS]).tolist()
        answers[kind] = {"rows": rows, "answers": np.asarray(predict(X[:ROWS])).tolist()}
        if kind in ("two", "stopped", "number"):
            saved = folder / f"{stem}{'.ubj' if name == 'xgboost' else '.lgb.txt'}"
            (model if name == "xgboost" else model.booster_).save_model(str(saved))
            if name == "xgboost" and kind == "two":
                model.save_model(str(folder / f"{stem}.json"))
                (folder / f"{stem}.json").rename(folder / f"{stem}.xgb.json")
    (folder / f"{name}-{library.__version__}.answers.json").write_text(json.dumps(answers))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

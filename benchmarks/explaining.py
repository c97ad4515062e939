"""Compare an explanation with a plain prediction: python benchmarks/explaining.py [rounds]

Predicts and explains the same instance in turn, through the lane, in one process, for the demo models and for a
forest of 300 trees on 30 numbers. A plain prediction is recorded in PostgreSQL, with fsync on. Prints the medians
and the 90th percentile.
"""

from __future__ import annotations

import atexit
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import joblib
from report import markdown_table, surroundings
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from flask_migrate import upgrade  # noqa: E402

from examples import demo  # noqa: E402
from webapp import create_app  # noqa: E402
from webapp.config import Settings  # noqa: E402
from webapp.models.explanation import build_questions  # noqa: E402
from webapp.models.signature.example import example  # noqa: E402
from webapp.services.prediction.batch import Caller  # noqa: E402
from webapp.services.wiring import Services  # noqa: E402
from webapp.types import Channel  # noqa: E402

TIMES = ["prediction, ms", "explanation, ms", "ratio", "90th percentile, ms"]
HEADER = ["model", "answered by", "instances predicted", *TIMES]


def main(rounds: int) -> None:
    folder = Path(mkdtemp())
    # atexit runs this last, after PostgreSQL has stopped.
    atexit.register(rmtree, folder, ignore_errors=True)
    demo.main(folder / "models")
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    joblib.dump(RandomForestClassifier(300, random_state=0).fit(X, y), folder / "models" / "forest.joblib")
    app = create_app(Settings(models_dir=folder / "models", instance_dir=folder / "instance"))
    with app.app_context():
        upgrade()
    services: Services = app.extensions["scoredesk"]
    rows = [_row(services, model.name, rounds) for model in services.store.served()]
    services.log.close()
    services.sandbox.close()
    print(surroundings("scikit-learn", "numpy"), end="\n\n")
    print(markdown_table(HEADER, rows, words=2))


def _row(services: Services, name: str, rounds: int) -> list[str]:
    model = services.store.get(name)
    instance = example(model.signature)
    caller = Caller(channel=Channel.JSON, request_id="benchmark")
    (prediction,) = services.predictor.predict(model, caller, lambda: [instance])
    count = len(build_questions(instance, model.background, model.signature).instances)
    predicting, explaining = [], []
    for _ in range(rounds):
        predicting.append(_time(lambda: services.predictor.predict(model, caller, lambda: [instance])))
        explaining.append(_time(lambda: services.explainer.explain(model, prediction)))
    medians = statistics.median(predicting), statistics.median(explaining)
    percentile = statistics.quantiles(explaining, n=10)[-1]
    form = "its compiled form" if model.inference.plan else "the estimator"
    return [name, form, str(count), *(f"{each:.2f}" for each in (*medians, medians[1] / medians[0], percentile))]


def _time(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)

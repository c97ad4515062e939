"""Fit the models that cells.py serves, and write rows to ask for: python benchmarks/fit_cells.py FOLDER MANY NODES

cells.py runs this in a separate process, so that the measuring process maps none of the libraries that a service
maps. Each folder below FOLDER is the models folder of one service; FOLDER/rows.json holds rows to predict by model.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from palmerpenguins import load_penguins
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier, StackingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))
import demo

SINGLE_ROWS = 16
#: What a slow answer takes, and one that hangs.
SLOW_SECONDS, HANGING_SECONDS = 0.1, 60
#: The first alternative takes twice as long for each further letter of a word.
BAD_PATTERN = r"(?:\w+-?)+!|\b\w\w+\b"
LETTERS = 16
TREES = 100

Rows = dict[str, list[list[Any]]]


def main(folder: Path, many: int, nodes: int) -> None:
    """Fit everything into folders of its own."""
    demo.main(folder / "demo")
    rows = fit_single_ones(folder / "single")
    fit_many(folder / "many", many)
    fit_large(folder / "large", nodes)
    rows["large"] = np.random.default_rng(0).normal(size=(SINGLE_ROWS, 10)).tolist()
    (folder / "rows.json").write_text(json.dumps(rows))


def fit_single_ones(folder: Path) -> Rows:
    """Fit models that are compiled, models that are not, and slow ones; return rows for each."""
    penguins = load_penguins()
    X, y = load_breast_cancer(return_X_y=True)
    texts, topics = make_texts(400)
    stack = [("linear", make_pipeline(StandardScaler(), LogisticRegression())), ("bayes", GaussianNB())]
    estimators = {
        "penguins": demo.penguins(penguins),
        "forest": RandomForestClassifier(300, random_state=0).fit(X, y),
        "svc": make_pipeline(StandardScaler(), SVC()).fit(X, y),
        "neighbours": make_pipeline(StandardScaler(), KNeighborsClassifier()).fit(X, y),
        "text": make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, topics),
        "stacking": StackingClassifier(stack).fit(X, y),
        "slow": fit_slow(X, y),
        "pattern": make_pipeline(TfidfVectorizer(token_pattern=BAD_PATTERN), LogisticRegression()).fit(texts, topics),
    }
    folder.mkdir(parents=True)
    for name, estimator in estimators.items():
        joblib.dump(estimator, folder / f"{name}.joblib")
    measured = penguins.dropna()[demo.MEASURES + demo.CATEGORIES].to_numpy().tolist()
    numbers = dict.fromkeys(["forest", "svc", "neighbours", "stacking", "slow"], X.tolist())
    words = [[text] for text in texts]
    return {"penguins": measured, **numbers, "text": words, **slow_texts(estimators["pattern"])}


def fit_slow(X: Any, y: Any) -> BaggingClassifier:
    """Fit a vote that takes SLOW_SECONDS in Python: it asks one and the same member again and again."""
    vote = BaggingClassifier(GaussianNB(), n_estimators=1, bootstrap=False).fit(X, y)
    member, columns = vote.estimators_[0], vote.estimators_features_[0]

    def repeat(times: int) -> BaggingClassifier:
        vote.n_estimators, vote.estimators_, vote.estimators_features_ = times, [member] * times, [columns] * times
        return vote

    return repeat(round(100 * SLOW_SECONDS / seconds(repeat(100), X[:1])))


def slow_texts(estimator: Any) -> Rows:
    """Return texts by what they do to the bad pattern: one slow call, many slow calls in a row, and one that hangs.

    Each keeps Python's global lock from its first letter to its last.
    """
    word = "a" * LETTERS + ". "
    of_one = seconds(estimator, [word * 10]) / 10
    slow = word * round(SLOW_SECONDS / of_one)
    doublings = 1 + int(np.ceil(np.log2(HANGING_SECONDS / of_one)))
    hanging = "a" * (LETTERS + doublings) + ". "
    return {"pattern": [[slow]], "pattern, a long list": [[slow]] * 1000, "pattern, hanging": [[hanging]]}


def seconds(estimator: Any, X: Any) -> float:
    """Return how long the two calls that a service makes for one answer take at best."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        estimator.predict(X)
        estimator.predict_proba(X)
        times.append(time.perf_counter() - began)
    return min(times)


def make_texts(count: int) -> tuple[list[str], list[str]]:
    """Return made-up texts of 20 words, and the topic of each."""
    chance = np.random.default_rng(0)
    words = ["".join(chance.choice(list("abdeghiklmnoprstuv"), size=6)) for _ in range(500)]
    topics = chance.choice(["first", "second"], size=count)
    starts = np.where(topics == "first", 0, 200)
    return [" ".join(words[each] for each in chance.integers(start, start + 300, size=20)) for start in starts], topics


def fit_many(folder: Path, many: int) -> None:
    """Fit many small models, no two alike: a third linear, a third forests, a third that are not compiled."""
    folder.mkdir(parents=True)
    chance = np.random.default_rng(0)
    kinds = [LogisticRegression, lambda: RandomForestClassifier(10, max_depth=5), KNeighborsClassifier]
    for number in range(many):
        X = chance.normal(size=(100, 5))
        joblib.dump(kinds[number % 3]().fit(X, X[:, 0] > 0), folder / f"model-{number:03}.joblib")


def fit_large(folder: Path, nodes: int) -> None:
    """Fit a forest that has just under this many nodes."""
    folder.mkdir(parents=True)
    leaves = nodes // TREES // 2
    X = np.random.default_rng(0).normal(size=(4 * leaves, 10))
    y = np.random.default_rng(1).integers(2, size=len(X))
    forest = RandomForestClassifier(TREES, max_leaf_nodes=leaves, max_features=1, n_jobs=-1, random_state=0)
    forest.fit(X, y).n_jobs = None
    joblib.dump(forest, folder / "large.joblib")
    print(f"The large forest has {sum(tree.tree_.node_count for tree in forest.estimators_):,} nodes.", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))

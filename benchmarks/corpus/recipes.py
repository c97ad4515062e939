"""Fit models as tutorials and public repositories do, and note what they answer where they were fitted.

Runs in environments of other versions, with their libraries and nothing of Scoredesk, on Python 3.9 or later:
python recipes.py FOLDER LABEL RECIPE... For each recipe it writes FOLDER/LABEL-RECIPE.<ending> and, with 200 rows and
the answers to them, FOLDER/LABEL-RECIPE.answers.json.
"""

from __future__ import annotations

import gzip
import json
import pickle
import sys
import warnings
from pathlib import Path

import joblib
import numpy as np
import pandas as pd

ROWS = 200
RECIPES = {}


def recipe(ending=".joblib"):
    """Register a function that returns a fitted model and the table that it is asked about."""

    def register(function):
        RECIPES[function.__name__] = function, ending
        return function

    return register


def passengers(blank=True):
    """Return a table like that of a ship's passengers: numbers, choices, blanks."""
    rng = np.random.RandomState(0)
    X = pd.DataFrame(
        {
            "Pclass": rng.randint(1, 4, 400),
            "Sex": rng.choice(["female", "male"], 400),
            "Age": rng.normal(30, 12, 400).clip(1, 80).round(1),
            "Fare": rng.gamma(2, 15, 400).round(2),
            "Embarked": rng.choice(["C", "Q", "S"], 400, p=[0.2, 0.1, 0.7]),
        }
    )
    if blank:
        X.loc[rng.rand(400) < 0.15, "Age"] = np.nan
    y = ((X.Sex == "female") * 1.2 + (3 - X.Pclass) * 0.5 + rng.normal(0, 0.6, 400) > 1.1).astype(int)
    return X, y


def houses():
    """Return a table of numbers only."""
    rng = np.random.RandomState(1)
    X = pd.DataFrame(rng.normal(size=(400, 5)), columns=["income", "rooms", "age", "latitude", "longitude"])
    X["age"] = (X["age"] * 12 + 30).round()
    return X, 3 * X.income + X.rooms**2 - 0.05 * X.age + rng.normal(0, 0.3, 400)


def flowers():
    """Return an array without names, and classes that are texts."""
    rng = np.random.RandomState(2)
    X = np.vstack([rng.normal(mean, 0.7, (140, 4)) for mean in (0, 1.5, 3)])
    return X, np.repeat(["setosa", "versicolor", "virginica"], 140)


def messages():
    """Return texts."""
    rng = np.random.RandomState(3)
    words = {
        "spam": ["win", "prize", "cash", "free", "call", "now", "urgent"],
        "ham": ["see", "you", "home", "dinner", "later", "thanks", "ok"],
    }
    both = ["the", "a", "to", "and", "in"]
    y = rng.choice(["ham", "spam"], 400)
    return [" ".join(rng.choice(words[each] + both, 8)) for each in y], y


def scaled_and_encoded(model):
    """Return the pipeline of numbers and choices that most tutorials show."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = Pipeline([("impute", SimpleImputer(strategy="median")), ("scale", StandardScaler())])
    choices = Pipeline(
        [("impute", SimpleImputer(strategy="most_frequent")), ("encode", OneHotEncoder(handle_unknown="ignore"))]
    )
    columns = ColumnTransformer(
        [("numbers", numbers, ["Age", "Fare", "Pclass"]), ("choices", choices, ["Sex", "Embarked"])]
    )
    return Pipeline([("columns", columns), ("model", model)])


@recipe()
def logistic_pipeline():
    from sklearn.linear_model import LogisticRegression

    X, y = passengers()
    return scaled_and_encoded(LogisticRegression(max_iter=1000)).fit(X, y), X


@recipe(".pkl")
def forest():
    from sklearn.ensemble import RandomForestClassifier

    X, y = passengers(blank=False)
    X = X[["Pclass", "Age", "Fare"]]
    return RandomForestClassifier(n_estimators=20, random_state=0).fit(X, y), X


@recipe(".pkl")
def linear_regression():
    from sklearn.linear_model import LinearRegression

    X, y = houses()
    return LinearRegression().fit(X, y), X


@recipe()
def gradient_boosting():
    from sklearn.ensemble import GradientBoostingRegressor

    X, y = houses()
    return GradientBoostingRegressor(n_estimators=30, random_state=0).fit(X, y), X


@recipe(".sav")
def support_vectors():
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    X, y = flowers()
    return make_pipeline(StandardScaler(), SVC(random_state=0)).fit(X, y), X


@recipe(".pickle")
def neighbours():
    from sklearn.neighbors import KNeighborsClassifier

    X, y = flowers()
    return KNeighborsClassifier().fit(X, y), X


@recipe()
def spam():
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    X, y = messages()
    return make_pipeline(TfidfVectorizer(), MultinomialNB()).fit(X, y), X


@recipe()
def hist_boosting():
    from sklearn.ensemble import HistGradientBoostingClassifier

    X, y = passengers()
    X = X[["Pclass", "Age", "Fare"]]
    return HistGradientBoostingClassifier(max_iter=20, random_state=0).fit(X, y), X


@recipe()
def grid_search():
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.model_selection import GridSearchCV

    X, y = houses()
    return GridSearchCV(RandomForestRegressor(n_estimators=10, random_state=0), {"max_depth": [3, 5]}, cv=3).fit(
        X, y
    ), X


@recipe(".pkl.gz")
def stacking():
    from sklearn.ensemble import StackingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import GaussianNB
    from sklearn.tree import DecisionTreeClassifier

    X, y = flowers()
    first = [("tree", DecisionTreeClassifier(max_depth=3, random_state=0)), ("bayes", GaussianNB())]
    return StackingClassifier(first, LogisticRegression(max_iter=1000), cv=3).fit(X, y), X


@recipe(".pkl")
def xgboost_classifier():
    from xgboost import XGBClassifier

    X, y = passengers()
    X = X[["Pclass", "Age", "Fare"]]
    return XGBClassifier(n_estimators=20, random_state=0).fit(X, y), X


@recipe()
def xgboost_pipeline():
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from xgboost import XGBRegressor

    X, y = houses()
    return make_pipeline(StandardScaler(), XGBRegressor(n_estimators=20, random_state=0)).fit(X, y), X


@recipe(".pkl")
def lightgbm_classifier():
    from lightgbm import LGBMClassifier

    X, y = passengers()
    X = X[["Pclass", "Age", "Fare"]]
    return LGBMClassifier(n_estimators=20, random_state=0, verbose=-1).fit(X, y), X


@recipe()
def lightgbm_categories():
    from lightgbm import LGBMClassifier

    X, y = passengers()
    X = X.astype({"Embarked": "category", "Sex": "category"})
    return LGBMClassifier(n_estimators=20, random_state=0, verbose=-1).fit(X, y), X


@recipe()
def catboost_classifier():
    from catboost import CatBoostClassifier

    X, y = passengers()
    model = CatBoostClassifier(
        iterations=20, random_seed=0, verbose=0, cat_features=["Sex", "Embarked"], allow_writing_files=False
    )
    return model.fit(X, y), X


@recipe(".pkl")
def oversampled():
    from imblearn.over_sampling import RandomOverSampler
    from imblearn.pipeline import make_pipeline
    from sklearn.linear_model import LogisticRegression

    X, y = passengers(blank=False)
    X = X[["Pclass", "Age", "Fare"]]
    return make_pipeline(RandomOverSampler(random_state=0), LogisticRegression(max_iter=1000)).fit(X, y), X


@recipe()
def target_encoded():
    from category_encoders import TargetEncoder
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    X, y = passengers(blank=False)
    return make_pipeline(TargetEncoder(cols=["Sex", "Embarked"]), LogisticRegression(max_iter=1000)).fit(X, y), X


@recipe()
def rare_labels():
    from feature_engine.encoding import OneHotEncoder, RareLabelEncoder
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    X, y = passengers(blank=False)
    steps = RareLabelEncoder(tol=0.15, n_categories=2), OneHotEncoder(), LogisticRegression(max_iter=1000)
    return make_pipeline(*steps).fit(X, y), X


@recipe()
def table_vectorizer():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from skrub import TableVectorizer

    X, y = passengers(blank=False)
    return make_pipeline(TableVectorizer(), LogisticRegression(max_iter=1000)).fit(X, y), X


@recipe(".pkl")
def mapped_columns():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import LabelBinarizer, StandardScaler
    from sklearn_pandas import DataFrameMapper

    X, y = passengers(blank=False)
    columns = [("Sex", LabelBinarizer()), (["Age", "Fare"], StandardScaler())]
    return make_pipeline(DataFrameMapper(columns), LogisticRegression(max_iter=1000)).fit(X, y), X[
        ["Sex", "Age", "Fare"]
    ]


@recipe()
def ensemble_vote():
    from mlxtend.classifier import EnsembleVoteClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import GaussianNB

    X, y = passengers(blank=False)
    X = X[["Pclass", "Age", "Fare"]].to_numpy()
    return EnsembleVoteClassifier([LogisticRegression(max_iter=1000), GaussianNB()], voting="soft").fit(X, y), X


@recipe(".pkl")
def additive_model():
    from pygam import LinearGAM

    X, y = houses()
    return LinearGAM(n_splines=8).fit(X.to_numpy(), y.to_numpy()), X.to_numpy()


@recipe()
def capped():
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline
    from sklego.preprocessing import ColumnCapper

    X, y = houses()
    return make_pipeline(ColumnCapper(), LinearRegression()).fit(X, y), X


@recipe(".pkl")
def least_squares():
    import statsmodels.api as sm

    X, y = houses()
    return sm.OLS(y, X).fit(), X


@recipe(".pkl")
def by_value():
    import cloudpickle  # noqa: F401
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    X, y = houses()
    return make_pipeline(FunctionTransformer(lambda table: table.fillna(0.0)), Ridge()).fit(X, y), X


def write(folder, label, name):
    function, ending = RECIPES[name]
    model, X = function()
    X = X[:ROWS]
    path = folder / f"{label}-{name}{ending}"
    if name == "by_value":
        import cloudpickle

        path.write_bytes(cloudpickle.dumps(model))
    elif ending == ".joblib":
        joblib.dump(model, path, compress=3)
    elif ending.endswith(".gz"):
        with gzip.open(path, "wb") as file:
            pickle.dump(model, file)
    else:
        path.write_bytes(pickle.dumps(model))
    answers = {"rows": rows_of(X), "predictions": np.asarray(model.predict(X)).ravel().tolist()}
    if hasattr(model, "predict_proba"):
        answers["probabilities"] = np.asarray(model.predict_proba(X)).tolist()
        answers["classes"] = [
            str(each) for each in np.asarray(model.classes_ if hasattr(model, "classes_") else [0, 1])
        ]
    (folder / f"{label}-{name}.answers.json").write_text(json.dumps(answers))


def rows_of(X):
    if isinstance(X, list):
        return [{"text": text} for text in X]
    if isinstance(X, np.ndarray):
        X = pd.DataFrame(X, columns=[f"x{number}" for number in range(X.shape[1])])
    return json.loads(X.to_json(orient="records", double_precision=15))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    where, label, *names = sys.argv[1:]
    for name in names:
        try:
            write(Path(where), label, name)
        except Exception as error:
            print(f"{label}-{name}: {type(error).__name__}: {error}", file=sys.stderr)

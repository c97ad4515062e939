"""Models as people make them: pipelines on a data frame or on texts."""

from __future__ import annotations

import numpy as np
from inputs import FRAME, SCORE, TEXTS, THREE, TWO, WORDS
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.feature_selection import SelectFromModel, SelectKBest
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, DotProduct, Matern, RationalQuadratic, WhiteKernel
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import ElasticNet, LinearRegression, LogisticRegression, Ridge, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    StandardScaler,
    TargetEncoder,
)
from sklearn.svm import SVC

NUMBERS, KINDS = ["size", "age"], ["kind", "town"]


def columns(numbers=None, kinds=None, **options):
    numbers = numbers or make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    kinds = kinds or make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    return ColumnTransformer([("numbers", numbers, NUMBERS), ("kinds", kinds, KINDS)], **options)


def particular_models():
    """Yield the name, the model and its dataset, for settings that only matter together."""
    for drop in (None, "first", "if_binary"):
        for number, unknown in enumerate(("ignore", "infrequent_if_exist", "error")):
            options = {"min_frequency": 14, "handle_unknown": unknown, "drop": drop, "sparse_output": False}
            yield f"rare kinds, drop {drop} {number}", OneHotEncoder(**options), "kinds"
            yield f"rare numbers, drop {drop} {number}", OneHotEncoder(**options), "labels of a column"
    yield "most kinds", OneHotEncoder(max_categories=2), "kinds"
    for dataset in ("kinds", "labels of a column"):
        unknown = {"handle_unknown": "use_encoded_value", "unknown_value": -1}
        yield f"unknown {dataset}", OrdinalEncoder(**unknown), dataset
        yield f"rare ordinals of {dataset}", OrdinalEncoder(**unknown, min_frequency=14), dataset
    for dataset in ("numbers, two classes", "numbers, three classes"):
        for solver in ("lbfgs", "liblinear", "newton-cg", "sag", "saga"):
            yield f"{solver}, {dataset}", LogisticRegression(solver=solver, max_iter=300, random_state=0), dataset
        yield f"l1, {dataset}", LogisticRegression(penalty="l1", solver="saga", max_iter=300, random_state=0), dataset
        mixed = {"penalty": "elasticnet", "l1_ratio": 0.5, "solver": "saga", "max_iter": 300, "random_state": 0}
        yield f"mixed, {dataset}", LogisticRegression(**mixed), dataset
        for trees in (RandomForestClassifier, AdaBoostClassifier, GradientBoostingClassifier):
            yield f"{trees.__name__} of two, {dataset}", trees(n_estimators=2, random_state=0), dataset
        for chosen in (OneVsRestClassifier, OneVsOneClassifier):
            yield f"{chosen.__name__}, {dataset}", chosen(LogisticRegression(solver="liblinear")), dataset
        yield f"selected, {dataset}", SelectFromModel(RandomForestClassifier(4, random_state=0)), dataset
        for kernel in (RBF() + WhiteKernel(), Matern(), RationalQuadratic(), DotProduct() * RBF()):
            yield f"{type(kernel).__name__} process, {dataset}", GaussianProcessClassifier(kernel), dataset
    for kernel in (RBF() + WhiteKernel(), Matern(), RationalQuadratic(), DotProduct() * RBF()):
        yield (
            f"{type(kernel).__name__} process",
            GaussianProcessRegressor(kernel, normalize_y=True),
            "numbers, a number",
        )
    for powers in ("yeo-johnson", "box-cox"):
        yield powers, PowerTransformer(powers), "counts, one more"
    for function in (np.log1p, np.sqrt, np.abs):
        yield function.__name__, FunctionTransformer(function), "counts, a number"


def ordinary_models():
    """Yield the name, the model, its inputs and its outputs, before it is fitted."""
    constant = SimpleImputer(strategy="constant", fill_value="none")
    ordinals = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    rare = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=5, drop="first", sparse_output=False)
    onehot = OneHotEncoder(sparse_output=False, handle_unknown="ignore")
    predictors = {
        "logistic": (LogisticRegression(), TWO),
        "logistic, three words": (LogisticRegression(max_iter=300), WORDS),
        "forest": (RandomForestClassifier(4, max_depth=4, random_state=0), WORDS),
        "forest of numbers": (RandomForestRegressor(4, max_depth=4, random_state=0), SCORE),
        "boosting": (GradientBoostingClassifier(n_estimators=4, random_state=0), THREE),
        "boosting of numbers": (GradientBoostingRegressor(n_estimators=4, random_state=0), SCORE),
        "histogram boosting": (HistGradientBoostingClassifier(max_iter=4, random_state=0), TWO),
        "histogram boosting, three words": (HistGradientBoostingClassifier(max_iter=3, random_state=0), WORDS),
        "histogram boosting of numbers": (HistGradientBoostingRegressor(max_iter=4, random_state=0), SCORE),
        "support vectors": (SVC(probability=True, random_state=0), TWO),
        "neighbours": (KNeighborsClassifier(3, weights="distance"), WORDS),
        "network": (MLPClassifier((6,), max_iter=50, random_state=0), WORDS),
        "adaptive boosting": (AdaBoostClassifier(n_estimators=4, random_state=0), TWO),
        "descent": (SGDClassifier(loss="modified_huber", random_state=0), WORDS),
        "ridge": (Ridge(), SCORE),
        "lines": (LinearRegression(), SCORE),
        "net": (ElasticNet(0.1), SCORE),
        "calibrated": (CalibratedClassifierCV(GaussianNB(), cv=2, method="isotonic"), TWO),
        "votes": (VotingClassifier([("a", LogisticRegression()), ("b", GaussianNB())], voting="soft"), WORDS),
        "stack": (StackingClassifier([("a", LogisticRegression()), ("b", GaussianNB())], cv=2), TWO),
    }
    for name, (last, outputs) in predictors.items():
        sparse = {"sparse_threshold": 0}
        yield name, make_pipeline(columns(**sparse), last), FRAME, outputs
    yield (
        "search",
        GridSearchCV(make_pipeline(columns(), LogisticRegression()), {"logisticregression__C": [1, 2]}, cv=2),
        FRAME,
        TWO,
    )
    yield "search within", make_pipeline(columns(), GridSearchCV(Ridge(), {"alpha": [1, 2]}, cv=2)), FRAME, SCORE
    yield (
        "remainder",
        make_pipeline(
            ColumnTransformer([("kinds", onehot, KINDS)], remainder="passthrough"),
            HistGradientBoostingClassifier(max_iter=3),
        ),
        FRAME,
        TWO,
    )
    yield (
        "remainder scaled",
        make_pipeline(
            ColumnTransformer([("kinds", onehot, KINDS)], remainder=make_pipeline(SimpleImputer(), StandardScaler())),
            Ridge(),
        ),
        FRAME,
        SCORE,
    )
    yield (
        "remainder by number",
        make_pipeline(ColumnTransformer([("kinds", onehot, [2, 3])], remainder=SimpleImputer()), Ridge()),
        FRAME,
        SCORE,
    )
    yield (
        "chosen columns",
        make_pipeline(
            ColumnTransformer(
                [
                    ("numbers", SimpleImputer(), make_column_selector(dtype_include="number")),
                    ("kinds", onehot, make_column_selector(dtype_include=object)),
                ]
            ),
            LogisticRegression(),
        ),
        FRAME,
        TWO,
    )
    yield (
        "constant and ordinals",
        make_pipeline(
            columns(SimpleImputer(strategy="mean", add_indicator=True), make_pipeline(constant, ordinals)),
            RandomForestClassifier(3, max_depth=3, random_state=0),
        ),
        FRAME,
        TWO,
    )
    yield (
        "rare",
        make_pipeline(columns(KNNImputer(), make_pipeline(constant, rare)), LogisticRegression()),
        FRAME,
        WORDS,
    )
    yield (
        "targets",
        make_pipeline(columns(SimpleImputer(), TargetEncoder(random_state=0, cv=2)), LogisticRegression()),
        FRAME,
        TWO,
    )
    yield (
        "frames",
        make_pipeline(columns(kinds=onehot).set_output(transform="pandas"), LogisticRegression()),
        FRAME,
        TWO,
    )
    yield (
        "bins and powers",
        make_pipeline(
            columns(make_pipeline(SimpleImputer(), PolynomialFeatures(2), KBinsDiscretizer(3)), onehot),
            SelectKBest(k=6),
            LogisticRegression(),
        ),
        FRAME,
        TWO,
    )
    yield (
        "quantiles",
        make_pipeline(columns(make_pipeline(SimpleImputer(), QuantileTransformer(n_quantiles=9))), Ridge()),
        FRAME,
        SCORE,
    )
    yield (
        "union",
        make_pipeline(
            columns(
                make_pipeline(SimpleImputer(), FeatureUnion([("a", StandardScaler()), ("b", FunctionTransformer())]))
            ),
            Ridge(),
        ),
        FRAME,
        SCORE,
    )
    yield (
        "target scaled",
        TransformedTargetRegressor(make_pipeline(columns(), Ridge()), transformer=StandardScaler()),
        FRAME,
        SCORE,
    )
    yield (
        "categories themselves",
        make_pipeline(
            columns("passthrough", OrdinalEncoder(), verbose_feature_names_out=False),
            HistGradientBoostingClassifier(max_iter=3, categorical_features=[2, 3]),
        ),
        FRAME,
        TWO,
    )
    yield "texts", make_pipeline(TfidfVectorizer(), LogisticRegression()), TEXTS, TWO
    yield "texts counted", make_pipeline(CountVectorizer(ngram_range=(1, 2)), MultinomialNB()), TEXTS, WORDS

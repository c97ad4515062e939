"""Small fitted estimators of many kinds, each with the features that must be read from it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import (
    ColumnTransformer,
    TransformedTargetRegressor,
    make_column_selector,
    make_column_transformer,
)
from sklearn.covariance import EllipticEnvelope
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingRegressor,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingRegressor,
    VotingClassifier,
)
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.impute import IterativeImputer, KNNImputer, MissingIndicator, SimpleImputer
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, LocalOutlierFactor
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
    TargetEncoder,
)
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier


@dataclass(frozen=True, kw_only=True)
class Case:
    """A fitted estimator, the X on which it was fitted, and what must be read from it."""

    estimator: Any
    X: Any
    kinds: dict[str, str]
    choices: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)
    optional: str = ""
    #: The features whose training range must be known exactly, or "all".
    exact: str = ""

    @property
    def exact_features(self) -> set[str]:
        return set(self.kinds) if self.exact == "all" else set(self.exact.split())


N = 60
random = np.random.default_rng(7)
DATA = pd.DataFrame(
    {
        "size": random.uniform(1, 9, N).round(1),
        "weight": random.normal(70, 12, N).round(2),
        "age": random.integers(18, 80, N),
        "city": random.choice(["Bonn", "Kiel", "Ulm"], N),
        "smoker": random.choice([True, False], N),
        "grade": random.choice([1, 2, 3], N),
        "note": random.choice(["a good day", "a bad day", "rain again"], N),
    }
)
LABEL = np.where(DATA["size"] + DATA["grade"] > 7, "high", "low")
VALUE = DATA["size"] * 3 + DATA["age"] / 10 + DATA["grade"]
LABELS = np.column_stack([DATA["size"] > 5, DATA["age"] > 50, DATA["weight"] > 70]).astype(int)
NUMBERS = ["size", "weight", "age"]

#: The same data with blanks, as pandas reads them from a file.
GAPS = DATA.astype({"smoker": object, "grade": float, "age": float})
GAPS.loc[::7, "size"] = np.nan
GAPS.loc[::11, "city"] = np.nan
GAPS.loc[::13, "smoker"] = np.nan
GAPS.loc[::9, "grade"] = np.nan

NUMBER = dict.fromkeys(NUMBERS, "number")
WHOLE_AGE = NUMBER | {"age": "integer"}
CITIES = ("Bonn", "Kiel", "Ulm")
MEDIAN = float(GAPS["size"].median())
CITY = str(GAPS["city"].mode()[0])

CASES: dict[str, Callable[[], Case]] = {}


def case(make: Callable[[], Case]) -> Callable[[], Case]:
    CASES[make.__name__] = cache(make)
    return CASES[make.__name__]


def fit(estimator: Any, X: Any, y: Any = None) -> Any:
    with warnings.catch_warnings():
        # Some of these have too few rows to converge, or a column that is blank throughout.
        warnings.simplefilter("ignore")
        return estimator.fit(X, y)


def imputer(strategy: str, then: Any = "passthrough", **options: Any) -> Any:
    return make_pipeline(SimpleImputer(strategy=strategy, **options), then)


def on_numbers(estimator: Any, y: Any = None, **expected: Any) -> Case:
    X = DATA[NUMBERS]
    return Case(estimator=fit(estimator, X, y), X=X, **{"kinds": NUMBER} | expected)


@case
def imputers_and_encoders() -> Case:
    X = GAPS[["size", "weight", "city"]]
    prepare = make_column_transformer(
        (imputer("median", StandardScaler()), ["size", "weight"]),
        (imputer("most_frequent", OneHotEncoder(handle_unknown="ignore")), ["city"]),
    )
    return Case(
        estimator=fit(make_pipeline(prepare, LogisticRegression()), X, LABEL),
        X=X,
        kinds={"size": "number", "weight": "number", "city": "category"},
        choices={"city": CITIES},
        defaults={"size": MEDIAN, "weight": float(X["weight"].median()), "city": CITY},
        optional="size weight city",
    )


def ridge_behind(scaler: Any, exact: str = "") -> Case:
    return on_numbers(make_pipeline(scaler, Ridge()), VALUE, exact=exact)


@case
def standard_scaler() -> Case:
    return ridge_behind(StandardScaler())


@case
def min_max_scaler() -> Case:
    return ridge_behind(MinMaxScaler(), exact="all")


@case
def max_abs_scaler() -> Case:
    return ridge_behind(MaxAbsScaler())


@case
def robust_scaler() -> Case:
    return ridge_behind(RobustScaler())


@case
def quantile_transformer() -> Case:
    return ridge_behind(QuantileTransformer(subsample=None, n_quantiles=20), exact="all")


@case
def quantile_transformer_of_a_sample() -> Case:
    return ridge_behind(QuantileTransformer(subsample=30, n_quantiles=20, random_state=0))


@case
def power_transformer() -> Case:
    return ridge_behind(PowerTransformer())


@case
def bins() -> Case:
    return ridge_behind(KBinsDiscretizer(4, encode="onehot-dense", subsample=None), exact="all")


@case
def bins_of_a_sample() -> Case:
    return ridge_behind(KBinsDiscretizer(4, encode="ordinal", strategy="uniform", subsample=30, random_state=0))


@case
def splines() -> Case:
    return ridge_behind(SplineTransformer(knots="uniform"), exact="all")


@case
def splines_between_quantiles() -> Case:
    return ridge_behind(SplineTransformer(knots="quantile", degree=2, extrapolation="periodic"), exact="all")


@case
def splines_with_knots_of_their_own() -> Case:
    return ridge_behind(SplineTransformer(knots=np.array([[0.0] * 3, [50.0] * 3, [100.0] * 3])))


@case
def principal_components() -> Case:
    return ridge_behind(PCA(2))


@case
def two_scalers() -> Case:
    return ridge_behind(make_pipeline(StandardScaler(), MinMaxScaler()))


@case
def function_first() -> Case:
    return ridge_behind(FunctionTransformer(np.log1p))


@case
def bins_union() -> Case:
    return ridge_behind(make_union(KBinsDiscretizer(3, subsample=None), MinMaxScaler()), exact="all")


@case
def ordinal_encoder_of_three_types() -> Case:
    X = DATA[["city", "smoker", "grade"]]
    return Case(
        estimator=fit(make_pipeline(OrdinalEncoder(), RandomForestClassifier(5, random_state=0)), X, LABEL),
        X=X,
        kinds={"city": "category", "smoker": "boolean", "grade": "category"},
        choices={"city": CITIES, "smoker": (False, True), "grade": (1, 2, 3)},
    )


@case
def one_hot_encoder_of_three_types() -> Case:
    X = DATA[["city", "smoker", "grade"]]
    prepare = make_column_transformer(
        (OneHotEncoder(), ["city"]), (OneHotEncoder(drop="if_binary"), ["smoker"]), (OneHotEncoder(), ["grade"])
    )
    return Case(
        estimator=fit(make_pipeline(prepare, LogisticRegression()), X, LABEL),
        X=X,
        kinds={"city": "category", "smoker": "boolean", "grade": "category"},
        choices={"city": CITIES, "smoker": (False, True), "grade": (1, 2, 3)},
    )


@case
def target_encoder() -> Case:
    X = DATA[["city", "grade"]]
    return Case(
        estimator=fit(make_pipeline(TargetEncoder(cv=3, random_state=0), Ridge()), X, VALUE),
        X=X,
        kinds={"city": "category", "grade": "category"},
        choices={"city": CITIES, "grade": (1, 2, 3)},
    )


@case
def target_encoder_of_three_classes() -> Case:
    X = DATA[["grade", "size"]]
    prepare = make_column_transformer((TargetEncoder(cv=3, random_state=0), ["grade"]), remainder="passthrough")
    return Case(
        estimator=fit(make_pipeline(prepare, KNeighborsClassifier(3)), X, DATA["city"]),
        X=X,
        kinds={"grade": "category", "size": "number"},
        choices={"grade": (1, 2, 3)},
        exact="size",
    )


@case
def float_categories() -> Case:
    X = pd.DataFrame({"dose": np.resize([0.5, 1.0, 2.5, 1e300], N), "size": DATA["size"]})
    prepare = make_column_transformer((OneHotEncoder(), ["dose"]), ("passthrough", ["size"]))
    return Case(
        estimator=fit(make_pipeline(prepare, LogisticRegression()), X, LABEL),
        X=X,
        kinds={"dose": "category", "size": "number"},
        choices={"dose": (0.5, 1, 2.5, 1e300)},
    )


@case
def array_without_names() -> Case:
    X = DATA[NUMBERS].to_numpy()
    kinds = {"x0": "number", "x1": "number", "x2": "number"}
    return Case(estimator=fit(make_pipeline(MinMaxScaler(), SVC()), X, LABEL), X=X, kinds=kinds, exact="x0 x1 x2")


@case
def array_of_objects() -> Case:
    X = DATA[["city", "size", "smoker"]].to_numpy(dtype=object)
    prepare = make_column_transformer((OneHotEncoder(), [0, 2]), (MinMaxScaler(), [1]))
    return Case(
        estimator=fit(make_pipeline(prepare, LogisticRegression()), X, LABEL),
        X=X,
        kinds={"x0": "category", "x1": "number", "x2": "boolean"},
        choices={"x0": CITIES, "x2": (False, True)},
        exact="x1",
    )


@case
def array_with_a_dropped_column() -> Case:
    X = DATA[NUMBERS].to_numpy()
    prepare = make_column_transformer(("drop", [0]), (MinMaxScaler(), [1, 2]))
    return Case(
        estimator=fit(make_pipeline(prepare, Ridge()), X, VALUE),
        X=X,
        kinds={"x0": "number", "x1": "number", "x2": "number"},
        optional="x0",
        exact="x1 x2",
    )


@case
def booleans_with_blanks() -> Case:
    X = GAPS[["smoker"]]
    prepare = make_column_transformer((imputer("most_frequent", OneHotEncoder()), ["smoker"]))
    return Case(
        estimator=fit(make_pipeline(prepare, LogisticRegression()), X, LABEL),
        X=X,
        kinds={"smoker": "boolean"},
        choices={"smoker": (False, True)},
        defaults={"smoker": bool(X["smoker"].mode()[0])},
        optional="smoker",
    )


@case
def whole_categories_with_blanks() -> Case:
    X = GAPS[["grade"]]
    prepare = imputer("constant", OneHotEncoder(), fill_value=-1)
    return Case(
        estimator=fit(make_pipeline(prepare, LogisticRegression()), X, LABEL),
        X=X,
        kinds={"grade": "category"},
        choices={"grade": (-1, 1, 2, 3)},
        defaults={"grade": -1},
        optional="grade",
    )


@case
def nan_among_the_categories() -> Case:
    X = GAPS[["city", "grade", "smoker"]]
    return Case(
        estimator=fit(make_pipeline(OneHotEncoder(), LogisticRegression()), X, LABEL),
        X=X,
        kinds={"city": "category", "grade": "category", "smoker": "boolean"},
        choices={"city": CITIES, "grade": (1, 2, 3), "smoker": (False, True)},
        optional="city grade smoker",
    )


@case
def none_among_the_categories() -> Case:
    X = pd.DataFrame({"city": pd.Series([None if i % 5 == 0 else c for i, c in enumerate(DATA["city"])], dtype=object)})
    return Case(
        estimator=fit(make_pipeline(OneHotEncoder(), LogisticRegression()), X, LABEL),
        X=X,
        kinds={"city": "category"},
        choices={"city": CITIES},
        optional="city",
    )


@case
def boosting_from_dtype() -> Case:
    X = GAPS[["size", "city", "age"]].astype({"city": "category"})
    return Case(
        estimator=fit(HistGradientBoostingClassifier(max_iter=5, min_samples_leaf=5), X, LABEL),
        X=X,
        kinds={"size": "number", "city": "category", "age": "integer"},
        choices={"city": CITIES},
        optional="size city age",
    )


@case
def xgboost_with_categories() -> Case:
    X = GAPS[["size", "city", "age", "grade"]].astype({"city": "category"})
    X["grade"] = pd.Categorical([None if pd.isna(grade) else int(grade) for grade in X["grade"]], categories=[1, 2, 3])
    kind = pytest.importorskip("xgboost").XGBRegressor
    return Case(
        estimator=fit(kind(n_estimators=9, enable_categorical=True, n_jobs=1), X, VALUE),
        X=X,
        kinds={"size": "number", "city": "category", "age": "integer", "grade": "category"},
        choices={"city": CITIES, "grade": (1, 2, 3)},
        optional="size city age grade",
    )


@case
def xgboost_with_labels() -> Case:
    X = DATA[NUMBERS].to_numpy()
    kind = pytest.importorskip("xgboost").XGBClassifier
    kinds = {"x0": "number", "x1": "number", "x2": "number"}
    return Case(estimator=fit(kind(n_estimators=9, n_jobs=1), X, LABELS), X=X, kinds=kinds, optional="x0 x1 x2")


@case
def linear_xgboost_behind_a_scaler() -> Case:
    X = DATA[NUMBERS]
    kind = pytest.importorskip("xgboost").XGBRegressor
    regressor = make_pipeline(StandardScaler(), kind(booster="gblinear", n_jobs=1))
    return Case(estimator=fit(regressor, X, VALUE), X=X, kinds=NUMBER, optional="size weight age")


@case
def lightgbm_with_categories() -> Case:
    X = GAPS[["size", "city", "age", "smoker"]].astype({"city": "category", "smoker": "category"})
    kind = pytest.importorskip("lightgbm").LGBMClassifier
    return Case(
        estimator=fit(kind(n_estimators=9, min_child_samples=3, n_jobs=1, verbose=-1), X, LABEL),
        X=X,
        kinds={"size": "number", "city": "category", "age": "number", "smoker": "boolean"},
        choices={"city": CITIES, "smoker": (False, True)},
        optional="size city age smoker",
    )


@case
def lightgbm_on_an_array() -> Case:
    X = GAPS[NUMBERS].to_numpy()
    kind = pytest.importorskip("lightgbm").LGBMRegressor
    kinds = {"x0": "number", "x1": "number", "x2": "integer"}
    regressor = kind(n_estimators=9, min_child_samples=3, n_jobs=1, verbose=-1)
    return Case(estimator=fit(regressor, X, VALUE), X=X, kinds=kinds, optional="x0 x1 x2")


@case
def boosting_by_mask() -> Case:
    X = DATA[["size", "grade", "age"]].to_numpy()
    regressor = HistGradientBoostingRegressor(max_iter=5, min_samples_leaf=5, categorical_features=[False, True, False])
    return Case(
        estimator=fit(regressor, X, VALUE),
        X=X,
        kinds={"x0": "number", "x1": "category", "x2": "integer"},
        choices={"x1": (1, 2, 3)},
        optional="x0 x1 x2",
    )


@case
def forest() -> Case:
    return on_numbers(RandomForestRegressor(10, random_state=0), VALUE, kinds=WHOLE_AGE)


@case
def gradient_boosting() -> Case:
    return on_numbers(GradientBoostingRegressor(random_state=0), VALUE, kinds=WHOLE_AGE)


@case
def neighbours() -> Case:
    return on_numbers(KNeighborsClassifier(3), LABEL, kinds=WHOLE_AGE, exact="all")


@case
def neighbours_behind_a_scaler() -> Case:
    return on_numbers(make_pipeline(StandardScaler(), KNeighborsRegressor(3)), VALUE)


@case
def outliers_among_neighbours() -> Case:
    # Fitted with names, it drops them itself and then warns at each prediction that they are missing.
    X = DATA[NUMBERS].to_numpy()
    kinds = {"x0": "number", "x1": "number", "x2": "integer"}
    return Case(estimator=fit(LocalOutlierFactor(novelty=True), X), X=X, kinds=kinds, exact="all")


@case
def outliers_of_a_distribution() -> Case:
    return on_numbers(EllipticEnvelope(random_state=0))


@case
def gaussian_process() -> Case:
    return on_numbers(GaussianProcessRegressor(alpha=1.0), VALUE, kinds=WHOLE_AGE, exact="all")


@case
def gaussian_process_of_classes() -> Case:
    return on_numbers(GaussianProcessClassifier(), LABEL, kinds=WHOLE_AGE, exact="all")


@case
def kernel_ridge() -> Case:
    return on_numbers(KernelRidge(), VALUE, kinds=WHOLE_AGE, exact="all")


@case
def linear_discriminants() -> Case:
    return on_numbers(LinearDiscriminantAnalysis(), LABEL)


@case
def linear_discriminants_with_their_spread() -> Case:
    return on_numbers(LinearDiscriminantAnalysis(solver="lsqr"), LABEL)


@case
def quadratic_discriminants() -> Case:
    return on_numbers(make_pipeline(StandardScaler(), QuadraticDiscriminantAnalysis()), LABEL)


@case
def bagged_trees() -> Case:
    return on_numbers(BaggingRegressor(random_state=0), VALUE, kinds=WHOLE_AGE)


@case
def boosted_stumps() -> Case:
    return on_numbers(AdaBoostClassifier(DecisionTreeClassifier(max_depth=2), random_state=0), LABEL, kinds=WHOLE_AGE)


@case
def bagged_boosting() -> Case:
    X = GAPS[["size", "age"]]
    boosting = HistGradientBoostingRegressor(max_iter=5, min_samples_leaf=5)
    kinds = {"size": "number", "age": "integer"}
    estimator = fit(BaggingRegressor(boosting, n_estimators=2, random_state=0), X, VALUE)
    return Case(estimator=estimator, X=X, kinds=kinds, optional="size age")


@case
def rare_categories() -> Case:
    X = DATA[["city"]]
    estimator = fit(make_pipeline(OneHotEncoder(min_frequency=22), Ridge()), X, VALUE)
    return Case(estimator=estimator, X=X, kinds={"city": "category"}, choices={"city": CITIES})


@case
def svc_without_probability() -> Case:
    return on_numbers(SVC(), LABEL)


@case
def naive_bayes() -> Case:
    return on_numbers(GaussianNB(), LABEL)


@case
def dummy() -> Case:
    return on_numbers(DummyClassifier(), LABEL)


@case
def grid_search_that_drops_columns() -> Case:
    X = DATA[["note", "size", "city"]]
    prepare = make_column_transformer((MinMaxScaler(), ["size"]), (OneHotEncoder(), ["city"]))
    search = GridSearchCV(make_pipeline(prepare, LogisticRegression()), {"logisticregression__C": [1, 2]}, cv=2)
    return Case(
        estimator=fit(search, X, LABEL),
        X=X,
        kinds={"size": "number", "city": "category"},
        choices={"city": CITIES},
        exact="size",
    )


@case
def calibrated() -> Case:
    X = GAPS[["size", "city"]]
    prepare = make_column_transformer(
        (imputer("median", MinMaxScaler()), ["size"]), (OneHotEncoder(handle_unknown="ignore"), ["city"])
    )
    return Case(
        estimator=fit(CalibratedClassifierCV(make_pipeline(prepare, SVC()), cv=3), X, LABEL),
        X=X,
        kinds={"size": "number", "city": "category"},
        choices={"city": CITIES},
        optional="size city",
        exact="size",
    )


@case
def voting() -> Case:
    parts = [
        ("line", make_pipeline(MinMaxScaler(), LogisticRegression())),
        ("tree", DecisionTreeClassifier(random_state=0)),
    ]
    return on_numbers(VotingClassifier(parts, voting="soft"), LABEL, exact="all")


@case
def stacking() -> Case:
    parts = [("line", make_pipeline(MinMaxScaler(), Ridge())), ("near", make_pipeline(StandardScaler(), Ridge()))]
    return on_numbers(StackingRegressor(parts, cv=2), VALUE, exact="all")


@case
def several_classes_at_once() -> Case:
    return on_numbers(MultiOutputClassifier(LogisticRegression()), np.column_stack([LABEL, DATA["city"]]))


@case
def several_numbers_at_once() -> Case:
    y = np.column_stack([VALUE, DATA["size"]])
    return on_numbers(make_pipeline(StandardScaler(), MultiOutputRegressor(Ridge())), y)


@case
def transformed_target() -> Case:
    regressor = TransformedTargetRegressor(make_pipeline(MinMaxScaler(), Ridge()), func=np.log, inverse_func=np.exp)
    return on_numbers(regressor, VALUE, exact="all")


@case
def isolation_forest() -> Case:
    return on_numbers(IsolationForest(n_estimators=5, random_state=0))


@case
def k_means() -> Case:
    return on_numbers(make_pipeline(RobustScaler(), KMeans(3, n_init=1, random_state=0)))


@case
def text_first() -> Case:
    X = DATA["note"].tolist()
    return Case(
        estimator=fit(make_pipeline(TfidfVectorizer(), LogisticRegression()), X, LABEL), X=X, kinds={"text": "text"}
    )


@case
def text_in_a_grid_search() -> Case:
    X = DATA["note"].tolist()
    search = GridSearchCV(make_pipeline(CountVectorizer(), LogisticRegression()), {}, cv=2)
    return Case(estimator=fit(search, X, LABEL), X=X, kinds={"text": "text"})


@case
def texts_side_by_side() -> Case:
    X = DATA["note"].tolist()
    both = make_union(TfidfVectorizer(), make_pipeline(CountVectorizer(analyzer="char_wb"), TfidfTransformer()))
    return Case(estimator=fit(make_pipeline(both, LogisticRegression()), X, LABEL), X=X, kinds={"text": "text"})


@case
def texts_in_a_vote() -> Case:
    X = DATA["note"].tolist()
    parts = [(str(n), make_pipeline(TfidfVectorizer(ngram_range=(1, n)), LogisticRegression())) for n in (1, 2)]
    return Case(estimator=fit(VotingClassifier(parts, voting="soft"), X, LABEL), X=X, kinds={"text": "text"})


@case
def dicts() -> Case:
    X = DATA[["city", "size", "weight"]].to_dict("records")
    return Case(
        estimator=fit(make_pipeline(DictVectorizer(), LogisticRegression()), X, LABEL),
        X=X,
        kinds={"city": "category", "size": "number", "weight": "number"},
        choices={"city": CITIES},
        defaults={"size": 0, "weight": 0},
        optional="city size weight",
    )


@case
def dicts_in_a_grid_search() -> Case:
    X = DATA[["city", "size"]].to_dict("records")
    search = GridSearchCV(
        make_pipeline(DictVectorizer(sparse=False), MinMaxScaler(), KNeighborsClassifier(3)), {}, cv=2
    )
    return Case(
        estimator=fit(search, X, LABEL),
        X=X,
        kinds={"city": "category", "size": "number"},
        choices={"city": CITIES},
        defaults={"size": 0},
        optional="city size",
        exact="size",
    )


@case
def nothing_first() -> Case:
    X = DATA[NUMBERS]
    pipeline = Pipeline([("nothing", "passthrough"), ("near", MinMaxScaler()), ("last", Ridge())])
    return Case(estimator=fit(pipeline, X, VALUE), X=X, kinds=NUMBER, exact="all")


@case
def text_among_columns() -> Case:
    X = DATA[["size", "note", "age"]]
    prepare = make_column_transformer((TfidfVectorizer(), "note"), remainder="passthrough", sparse_threshold=0)
    return Case(
        estimator=fit(make_pipeline(prepare, KNeighborsClassifier(3)), X, LABEL),
        X=X,
        kinds={"size": "number", "note": "text", "age": "integer"},
        exact="size age",
    )


@case
def dropped_columns() -> Case:
    X = DATA[["note", "city", "size", "weight"]]
    prepare = ColumnTransformer([("near", MinMaxScaler(), ["size"]), ("none", "drop", ["city"])], remainder="drop")
    return Case(estimator=fit(make_pipeline(prepare, Ridge()), X, VALUE), X=X, kinds={"size": "number"}, exact="size")


@case
def dropped_columns_by_place() -> Case:
    X = DATA[["note", "size", "city", "weight"]]
    prepare = ColumnTransformer([("near", MinMaxScaler(), [1]), ("far", StandardScaler(), slice(3, 4))])
    kinds = {"size": "number", "weight": "number"}
    return Case(estimator=fit(make_pipeline(prepare, Ridge()), X, VALUE), X=X, kinds=kinds, exact="size")


@case
def indicators_of_blanks() -> Case:
    X = GAPS[["size", "weight", "age"]]
    estimator = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), KNeighborsClassifier(3))
    return Case(
        estimator=fit(estimator, X, LABEL),
        X=X,
        kinds={"size": "number", "weight": "number", "age": "integer"},
        defaults={"size": MEDIAN, "weight": float(X["weight"].median()), "age": float(X["age"].median())},
        optional="size weight age",
        exact="all",
    )


@case
def column_blank_throughout() -> Case:
    X = GAPS[["size", "weight"]].assign(gone=np.nan)[["gone", "size", "weight"]]
    estimator = make_pipeline(SimpleImputer(), MinMaxScaler(), Ridge())
    return Case(
        estimator=fit(estimator, X, VALUE),
        X=X,
        kinds={"gone": "number", "size": "number", "weight": "number"},
        defaults={"size": float(X["size"].mean()), "weight": float(X["weight"].mean())},
        optional="gone size weight",
        exact="size weight",
    )


@case
def neighbours_fill_blanks() -> Case:
    X = GAPS[["size", "weight"]].assign(gone=np.nan)[["gone", "size", "weight"]]
    return Case(
        estimator=fit(make_pipeline(KNNImputer(add_indicator=True), MinMaxScaler(), Ridge()), X, VALUE),
        X=X,
        kinds={"gone": "number", "size": "number", "weight": "number"},
        optional="gone size weight",
        exact="size weight",
    )


@case
def blanks_are_guessed() -> Case:
    X = GAPS[["size", "weight"]]
    return Case(
        estimator=fit(make_pipeline(IterativeImputer(random_state=0), MinMaxScaler(), Ridge()), X, VALUE),
        X=X,
        kinds={"size": "number", "weight": "number"},
        optional="size weight",
    )


@case
def constant_beyond_the_range() -> Case:
    X = GAPS[["size", "weight"]]
    return Case(
        estimator=fit(make_pipeline(imputer("constant", MinMaxScaler(), fill_value=-999.0), Ridge()), X, VALUE),
        X=X,
        kinds={"size": "number", "weight": "number"},
        defaults={"size": -999, "weight": -999},
        optional="size weight",
        exact="weight",
    )


@case
def value_that_means_missing() -> Case:
    X = DATA[["size", "weight"]].assign(size=GAPS["size"].fillna(-1))
    return Case(
        estimator=fit(make_pipeline(SimpleImputer(missing_values=-1), HistGradientBoostingRegressor()), X, VALUE),
        X=X,
        kinds={"size": "number", "weight": "number"},
    )


@case
def union_with_an_indicator() -> Case:
    X = GAPS[["size", "weight"]]
    prepare = make_union(SimpleImputer(strategy="median"), MissingIndicator())
    return Case(
        estimator=fit(make_pipeline(prepare, LogisticRegression()), X, LABEL),
        X=X,
        kinds={"size": "number", "weight": "number"},
        defaults={"size": MEDIAN, "weight": float(X["weight"].median())},
        optional="size",
    )


@case
def passthrough_behind_categories() -> Case:
    X = DATA[["city", "size", "age"]]
    prepare = make_column_transformer((OneHotEncoder(sparse_output=False), ["city"]), remainder="passthrough")
    return Case(
        estimator=fit(make_pipeline(prepare, KNeighborsClassifier(3)), X, LABEL),
        X=X,
        kinds={"city": "category", "size": "number", "age": "integer"},
        choices={"city": CITIES},
        exact="size age",
    )


@case
def selector_that_finds_nothing() -> Case:
    X = DATA[["size", "weight"]]
    prepare = make_column_transformer(
        (OneHotEncoder(), make_column_selector(dtype_include=bool)), (MinMaxScaler(), ["size", "weight"])
    )
    kinds = {"size": "number", "weight": "number"}
    return Case(estimator=fit(make_pipeline(prepare, Ridge()), X, VALUE), X=X, kinds=kinds, exact="size weight")


@case
def nested_pipelines() -> Case:
    X = GAPS[["size", "city"]]
    inner = make_column_transformer(
        (make_pipeline(imputer("median"), make_pipeline(MinMaxScaler(), StandardScaler())), ["size"]),
        (make_pipeline(imputer("constant", fill_value="nowhere"), OrdinalEncoder()), ["city"]),
    )
    return Case(
        estimator=fit(make_pipeline(make_pipeline(inner), make_pipeline("passthrough", Ridge())), X, VALUE),
        X=X,
        kinds={"size": "number", "city": "category"},
        choices={"city": (*CITIES, "nowhere")},
        defaults={"size": MEDIAN, "city": "nowhere"},
        optional="size city",
        exact="size",
    )


@case
def best_of_all() -> Case:
    X = DATA[NUMBERS]
    estimator = make_pipeline(SelectKBest(f_classif, k=2), MinMaxScaler(), LogisticRegression())
    kept = fit(estimator, X, LABEL)[0].get_feature_names_out()
    return Case(estimator=estimator, X=X, kinds=NUMBER, exact=" ".join(kept))


@case
def column_used_twice() -> Case:
    X = GAPS[["size", "weight"]]
    prepare = make_column_transformer(
        (imputer("median", MinMaxScaler()), ["size", "weight"]),
        (imputer("mean", KBinsDiscretizer(3, encode="onehot-dense")), ["size"]),
    )
    return Case(
        estimator=fit(make_pipeline(prepare, Ridge()), X, VALUE),
        X=X,
        kinds={"size": "number", "weight": "number"},
        defaults={"weight": float(X["weight"].median())},
        optional="size weight",
        exact="size weight",
    )


@case
def column_used_twice_but_filled_once() -> Case:
    X = DATA[["size"]]
    prepare = make_column_transformer((imputer("median"), ["size"]), (PowerTransformer(), ["size"]))
    median = float(X["size"].median())
    return Case(
        estimator=fit(make_pipeline(prepare, Ridge()), X, VALUE),
        X=X,
        kinds={"size": "number"},
        defaults={"size": median},
    )


@case
def odd_names() -> Case:
    names = ["self", "schema", "_x", "model_dump", "sepal length (cm)", "a[b]", "🌧", "f0", "copy", "{name}"]
    X = pd.DataFrame(random.uniform(0, 9, (N, len(names))), columns=names)
    return Case(
        estimator=fit(make_pipeline(MinMaxScaler(), Ridge()), X, VALUE),
        X=X,
        kinds=dict.fromkeys(names, "number"),
        exact="all",
    )


@case
def labels_by_neighbours() -> Case:
    return on_numbers(KNeighborsClassifier(3), LABELS, kinds=WHOLE_AGE, exact="all")


@case
def labels_by_network() -> Case:
    return on_numbers(MLPClassifier((4,), max_iter=20, random_state=0), LABELS)


@case
def labels_one_by_one() -> Case:
    return on_numbers(OneVsRestClassifier(LogisticRegression()), LABELS)


@case
def labels_in_a_chain() -> Case:
    return on_numbers(ClassifierChain(LogisticRegression()), LABELS)


@case
def one_label_in_a_table() -> Case:
    return on_numbers(MultiOutputClassifier(LogisticRegression()), LABELS[:, :1])


class Bare(BaseEstimator):
    """A fitted estimator that says nothing about its inputs."""

    def predict(self, X: Any) -> Any:
        return np.zeros(len(X))

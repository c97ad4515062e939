"""Attributes that choose what is called hold what models use, and nothing else."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from scipy.special import expit, logit, softmax
from sklearn.cluster import FeatureAgglomeration
from sklearn.cluster._kmeans import _kmeans_single_lloyd
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier, StackingClassifier
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.feature_selection import SelectFromModel, SelectKBest, chi2, f_classif, mutual_info_classif
from sklearn.gaussian_process.kernels import RBF
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, fbeta_score, make_scorer, mean_pinball_loss
from sklearn.metrics._scorer import _Scorer
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.multioutput import ClassifierChain
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.utils import Bunch

from tests.gate.boosters import lgb, xgb
from tests.gate.hostile_names import dumped
from tests.gate.verdict import GRANTS, both
from webapp.cell.gate import Grants, load

BYTES = np.array([b"x"])
INSTANCES = np.array([LinearRegression(), BYTES], dtype=object)
CALLBACKS = ("_propagated_callbacks", "_skl_callbacks", "_skl_callbacks_to_teardown")
KEYWORDS = ("kernel_params", "metric_kwds", "metric_params", "pairwise_kernels_kwargs")
REFUSED: list[tuple[type, dict[str, Any]]] = [
    # Methods.
    (StackingClassifier, {"stack_method": "fit"}),
    (StackingClassifier, {"stack_method": ["predict", "save_model"]}),
    (StackingClassifier, {"stack_method_": ["predict", "tofile"]}),
    (StackingClassifier, {"stack_method_": np.array(["tofile"])}),
    (StackingClassifier, {"stack_method_": Bunch(a="tofile")}),
    (ClassifierChain, {"chain_method": "fit"}),
    (ClassifierChain, {"chain_method_": ("predict", "fit")}),
    (FixedThresholdClassifier, {"response_method": "fit"}),
    (_Scorer, {"_response_method": "save_model"}),
    # Paths.
    (SelectFromModel, {"importance_getter": "__class__.__init__.__globals__"}),
    (SelectFromModel, {"importance_getter": "coef_._private"}),
    (SelectFromModel, {"importance_getter": np.exp}),
    (CountVectorizer, {"input": "filename"}),
    (TfidfVectorizer, {"input": "file"}),
    (HashingVectorizer, {"input": None}),
    (Pipeline, {"memory": "cache"}),
    (FeatureAgglomeration, {"memory": LinearRegression()}),
    # Threads, and what is said.
    (RandomForestClassifier, {"n_jobs": "2"}),
    (RandomForestClassifier, {"n_jobs": LinearRegression()}),
    (RandomForestClassifier, {"verbose": "x"}),
    *((LinearRegression, {name: [LinearRegression()]}) for name in CALLBACKS),
    *((LinearRegression, {name: "x"}) for name in ("nthread", "verbosity")),
    # Keywords.
    (FunctionTransformer, {"kw_args": {"out": np.zeros(1)}}),
    (FunctionTransformer, {"kw_args": {"where": False}}),
    (FunctionTransformer, {"kw_args": {"initial": "x"}}),
    (FunctionTransformer, {"kw_args": {"initial": np.array(["x"])}}),
    (FunctionTransformer, {"inv_kw_args": {"initial": "x"}}),
    (FunctionTransformer, {"kw_args": Bunch(a=1)}),
    (KNeighborsClassifier, {"effective_metric_params_": {"metric": "x"}}),
    *((LinearRegression, {name: {"metric": "x"}}) for name in KEYWORDS),
    *((LinearRegression, {name: {"metric": "a/b"}}) for name in ("_other_params", "kwargs")),
    # Estimators.
    (StackingClassifier, {"estimators_": BYTES}),
    (StackingClassifier, {"estimators_": [BYTES]}),
    (StackingClassifier, {"estimators_": INSTANCES}),
    (StackingClassifier, {"estimators_": np.ma.MaskedArray(INSTANCES, mask=[False, True])}),
    (StackingClassifier, {"estimators_": ["tofile"]}),
    (StackingClassifier, {"estimators_": [Bunch(predict=np.exp)]}),
    (StackingClassifier, {"estimators_": [[[[[LinearRegression()]]]]]}),
    (StackingClassifier, {"named_estimators_": Bunch(a=BYTES)}),
    (StackingClassifier, {"named_estimators_": Bunch(a=Bunch(b=LinearRegression()))}),
    (StackingClassifier, {"final_estimator_": np.exp}),
    (GridSearchCV, {"best_estimator_": b"x"}),
    # What older versions call so.
    (StackingClassifier, {"base_estimator": BYTES}),
    (ColumnTransformer, {"_name_to_fitted_passthrough": {"a": BYTES}}),
    (LinearRegression, {"_link_instance": BYTES}),
    (LinearRegression, {"imputation_sequence_": [Bunch(estimator=LinearRegression())]}),
    (LinearRegression, {"loss_": Bunch(predict_proba=np.exp)}),
    (Pipeline, {"steps": [("a", "write")]}),
    (Pipeline, {"steps": [("a", BYTES)]}),
    (Pipeline, {"steps": ["ab"]}),
    (Pipeline, {"steps": {"a": LinearRegression()}}),
    (FeatureUnion, {"transformer_list": [("a", Bunch(transform=np.exp))]}),
    (ColumnTransformer, {"transformers_": [("a", BYTES, [0])]}),
    (ColumnTransformer, {"_remainder": ("a", BYTES, [0])}),
    (HistGradientBoostingClassifier, {"_bin_mapper": Bunch(transform=np.exp)}),
    (HistGradientBoostingClassifier, {"_bin_mapper": LinearRegression()}),
    (HistGradientBoostingClassifier, {"_predictors": [[LinearRegression()]]}),
    # Functions.
    (LinearRegression, {"transform": np.exp}),
    (LinearRegression, {"coef_": [[np.exp]]}),
    (LinearRegression, {"coef_": Bunch()}),
    (LinearRegression, {"coef_": RBF()}),
    (LinearRegression, {"coef_": {"a": {"b": make_column_selector()}}}),
    (FunctionTransformer, {"func": _kmeans_single_lloyd}),
    (FunctionTransformer, {"func": accuracy_score}),
    (FunctionTransformer, {"func": np.str_}),
    (FunctionTransformer, {"func": np.max}),
    (FunctionTransformer, {"func": np.max, "inv_kw_args": {"keepdims": True}}),
    (FunctionTransformer, {"inverse_func": np.max, "kw_args": {"keepdims": True}}),
    (FunctionTransformer, {"func": RBF()}),
    (FunctionTransformer, {"func": np.number}),
    (FunctionTransformer, {"func": str.lower}),
    (FunctionTransformer, {"func": partial(np.max, keepdims=True)}),
    (FunctionTransformer, {"func": partial(f_classif)}),
    (FunctionTransformer, {"inverse_func": partial(accuracy_score, normalize=True)}),
    (FunctionTransformer, {"func": accuracy_score}),
    (SelectKBest, {"score_func": partial(np.clip, a_min=1)}),
    (SelectKBest, {"score_func": expit}),
    (LinearRegression, {"transform": partial(np.clip, a_min=1)}),
    (LinearRegression, {"coef_": [str.lower]}),
    (CountVectorizer, {"tokenizer": np.exp}),
    (CountVectorizer, {"tokenizer": partial(np.exp)}),
    (CountVectorizer, {"stop_words": str.lower}),
    (make_column_selector, {"dtype_include": np.exp}),
    (make_column_selector, {"dtype_exclude": [np.number, str.lower]}),
    (make_column_selector, {"pattern": str.lower}),
    (_Scorer, {"_kwargs": {"average": np.exp}}),
    (_Scorer, {"_score_func": np.exp}),
    (_Scorer, {"_score_func": partial(np.clip, a_min=1)}),
    (SelectKBest, {"score_func": np.exp}),
    (SVC, {"kernel": np.exp}),
    (KNeighborsClassifier, {"weights": np.exp}),
    (OneHotEncoder, {"dtype": np.exp}),
]


def with_attributes(kind: type, attributes: dict[str, Any]) -> bytes:
    model = kind.__new__(kind)
    vars(model).update(attributes)
    return dumped(model)


@pytest.mark.parametrize(("kind", "attributes"), REFUSED, ids=[f"{k.__name__} {next(iter(a))}" for k, a in REFUSED])
def test_it_refuses_what_no_model_needs(kind: type, attributes: dict[str, Any]) -> None:
    name = next(iter(attributes))
    assert both(with_attributes(kind, attributes)) == f"Its {kind.__name__} has a value of {name} that no model needs."


def test_it_accepts_what_models_use() -> None:
    search = {"a__score_func": [f_classif, chi2], "a__strategy": [np.median], "b": ["passthrough", StandardScaler()]}
    columns = [("a", "passthrough", make_column_selector(pattern="x")), ("b", StandardScaler(), slice(0, 2))]
    scorer = make_scorer(accuracy_score)
    for model in (
        StackingClassifier([("a", "drop")], final_estimator=LogisticRegression(), stack_method="decision_function"),
        GridSearchCV(Pipeline([("a", SelectKBest(chi2)), ("b", None)]), search, scoring={"a": scorer}),
        ColumnTransformer(columns, remainder=StandardScaler(), n_jobs=-1),
        FunctionTransformer(np.clip, kw_args={"a_min": 0, "a_max": np.ones(3)}),
        FunctionTransformer(np.mean, kw_args={"axis": 1, "keepdims": True}),
        FunctionTransformer(np.ravel),
        FunctionTransformer(partial(np.clip, a_min=0, a_max=1)),
        FunctionTransformer(partial(np.nan_to_num, nan=0.0), inverse_func=partial(np.round, decimals=2)),
        FunctionTransformer(expit, inverse_func=logit),
        FunctionTransformer(softmax, kw_args={"axis": 1}),
        FunctionTransformer(np.arcsinh, inverse_func=np.sinh),
        SelectKBest(partial(mutual_info_classif, random_state=0)),
        make_scorer(partial(fbeta_score, beta=2, average="macro")),
        make_scorer(mean_pinball_loss, alpha=0.3, greater_is_better=False),
        ColumnTransformer([("a", "passthrough", make_column_selector("a", dtype_include=[np.number, bool]))]),
        TfidfVectorizer(preprocessor=str.lower, tokenizer=str.split),
        TransformedTargetRegressor(LinearRegression(), func=np.log1p, inverse_func=np.expm1),
        SimpleImputer(strategy=np.median),
        CountVectorizer(analyzer=set),
        SelectFromModel(Pipeline([("a", LinearRegression())]), importance_getter="named_steps.a.coef_"),
        FeatureAgglomeration(pooling_func=np.max),
        KNeighborsClassifier(metric="mahalanobis", metric_params={"VI": np.eye(2), "p": 3}, n_jobs=np.int64(2)),
    ):
        assert both(dumped(model)) == "loaded", model


def test_it_accepts_options_of_boosters_that_name_no_file() -> None:
    for make in (xgb().XGBClassifier, lgb().LGBMClassifier):
        assert both(dumped(make(monotone_constraints="(1,0)", max_bin=9, extra=[1, "a"]))) == "loaded"
        assert both(dumped(make(extra="/etc/passwd"))).endswith("that no model needs.")
        assert both(dumped(make(extra="1 input_model=x"))).endswith("that no model needs.")
    assert both(dumped(xgb().XGBClassifier(eval_metric=accuracy_score, n_jobs=2))) == "loaded"


def test_a_function_that_the_operator_trusts_may_be_anywhere() -> None:
    data = dumped(FunctionTransformer(with_attributes))
    assert load(data, Grants.of([f"{__name__}.with_attributes"])).func is with_attributes
    assert "not on the list" in both(data)


def test_a_class_that_the_operator_trusts_holds_what_it_likes() -> None:
    grants = Grants.of(["sklearn.linear_model._base.LinearRegression"])
    data = with_attributes(LinearRegression, {"input": np.exp})
    assert load(data, grants).input is np.exp
    assert both(data) != "loaded"
    assert GRANTS.trusted == frozenset()

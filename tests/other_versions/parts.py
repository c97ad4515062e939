"""The arguments that make an estimator small, or without which it can't be made."""

from __future__ import annotations

import inspect

from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

SMALL = {
    "cv": 2,
    "degree": 2,
    "hidden_layer_sizes": (6,),
    "max_depth": 3,
    "max_iter": 30,
    "max_leaf_nodes": 7,
    "max_subpopulation": 50,
    "n_components": 2,
    "n_estimators": 3,
    "n_init": 1,
    "n_quantiles": 10,
    "n_subsamples": 8,
    "random_state": 0,
}
FEW_TREES = {"max_iter": 3, "max_leaf_nodes": 5, "min_samples_leaf": 5, "random_state": 0}
FOR_CLASS = {
    "ClassifierChain": lambda: {"estimator": LogisticRegression()},
    "ColumnTransformer": lambda: {"transformers": [("one", StandardScaler(), [0, 1])], "remainder": "passthrough"},
    "DictVectorizer": dict,
    "FeatureHasher": lambda: {"n_features": 8, "input_type": "dict"},
    "FeatureUnion": lambda: {"transformer_list": [("one", StandardScaler()), ("two", StandardScaler())]},
    "GenericUnivariateSelect": lambda: {"param": 0.5},
    "GridSearchCV": lambda: {"estimator": Ridge(), "param_grid": {"alpha": [1.0, 2.0]}, "cv": 2},
    "HalvingGridSearchCV": lambda: {"estimator": Ridge(), "param_grid": {"alpha": [1.0, 2.0]}, "cv": 2},
    "HashingVectorizer": lambda: {"n_features": 16},
    "HistGradientBoostingClassifier": lambda: dict(FEW_TREES),
    "HistGradientBoostingRegressor": lambda: dict(FEW_TREES),
    "LocalOutlierFactor": lambda: {"novelty": True},
    "Pipeline": lambda: {"steps": [("one", StandardScaler()), ("two", LogisticRegression())]},
    "RandomizedSearchCV": lambda: {
        "estimator": Ridge(),
        "param_distributions": {"alpha": [1.0, 2.0]},
        "n_iter": 2,
        "cv": 2,
    },
    "RegressorChain": lambda: {"estimator": Ridge()},
    "SparseCoder": lambda: {"dictionary": [[1.0, 0, 0, 0, 0], [0, 1.0, 0, 0, 0]]},
    "StackingClassifier": lambda: {
        "estimators": [("a", LogisticRegression()), ("b", DecisionTreeClassifier(max_depth=2))],
        "cv": 2,
    },
    "StackingRegressor": lambda: {"estimators": [("a", Ridge()), ("b", Ridge(alpha=2.0))], "cv": 2},
    "TSNE": lambda: {"perplexity": 5},
    "VotingClassifier": lambda: {
        "estimators": [("a", LogisticRegression()), ("b", DecisionTreeClassifier(max_depth=2))]
    },
    "VotingRegressor": lambda: {"estimators": [("a", Ridge()), ("b", Ridge(alpha=2.0))]},
}
#: Parameters for another estimator, which get a small one.
CLASSIFIER_TAKERS = {
    *("CalibratedClassifierCV", "FixedThresholdClassifier", "MultiOutputClassifier", "OneVsOneClassifier"),
    *("OneVsRestClassifier", "OutputCodeClassifier", "RFE", "RFECV", "SelectFromModel", "SelfTrainingClassifier"),
    *("SequentialFeatureSelector", "TunedThresholdClassifierCV"),
}


def arguments(name, kind):
    """Return the arguments with which a class is made, apart from the setting that is tried."""
    parameters = inspect.signature(kind).parameters
    small = {key: value for key, value in SMALL.items() if key in parameters}
    if name in FOR_CLASS:
        return FOR_CLASS[name]()
    if name.startswith(("Ridge", "Lasso", "ElasticNet", "MultiTask", "LogisticRegressionCV")) or name == "OAS":
        small.pop("max_iter", None)
    if base := base_of(name):
        small["estimator"] = base
    return small


def base_of(name):
    if name in CLASSIFIER_TAKERS:
        return LogisticRegression()
    return Ridge() if name in {"MultiOutputRegressor"} else None

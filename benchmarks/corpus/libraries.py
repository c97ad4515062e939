"""Which environments the corpus is made in, and which recipes run in each."""

from __future__ import annotations

from dataclasses import dataclass

#: What each version of scikit-learn is asked for.
ORDINARY = (
    *("logistic_pipeline", "forest", "linear_regression", "gradient_boosting", "support_vectors", "neighbours"),
    *("spam", "hist_boosting", "grid_search", "stacking"),
)


@dataclass(frozen=True)
class Environment:
    """Libraries of one time, and the recipes that are followed with them."""

    label: str
    requirements: tuple[str, ...]
    recipes: tuple[str, ...]
    python: str = "3.11"


def _scikit_learn(version: str, numpy: str, pandas: str, python: str = "3.11") -> Environment:
    requirements = (f"scikit-learn=={version}", f"numpy{numpy}", f"pandas{pandas}")
    return Environment(f"sklearn{version}", requirements, ORDINARY, python)


ENVIRONMENTS = (
    _scikit_learn("1.0.2", "<1.24", "<2", python="3.10"),
    _scikit_learn("1.1.3", "<1.24", "<2"),
    _scikit_learn("1.2.2", "<1.25", "<2"),
    _scikit_learn("1.3.2", "<1.27", "<2.2"),
    _scikit_learn("1.4.2", "<2", "<2.3"),
    _scikit_learn("1.5.2", "<2.2", "<2.3"),
    _scikit_learn("1.6.1", "<2.3", "<3"),
    _scikit_learn("1.7.2", "<2.4", "<3"),
    _scikit_learn("1.8.0", "<2.4", "<3"),
    _scikit_learn("1.9.1", "", ""),
    Environment(
        "xgboost1.7.6",
        ("xgboost==1.7.6", "scikit-learn==1.3.2", "numpy<1.27", "pandas<2.2"),
        ("xgboost_classifier", "xgboost_pipeline"),
    ),
    Environment(
        "xgboost2.1.4",
        ("xgboost==2.1.4", "scikit-learn==1.5.2", "numpy<2.2", "pandas<2.3"),
        ("xgboost_classifier", "xgboost_pipeline"),
    ),
    Environment(
        "xgboost3.0.5",
        ("xgboost==3.0.5", "scikit-learn==1.7.2", "numpy<2.4", "pandas<3"),
        ("xgboost_classifier", "xgboost_pipeline"),
    ),
    Environment(
        "lightgbm3.3.5",
        ("lightgbm==3.3.5", "scikit-learn==1.2.2", "numpy<1.25", "pandas<2"),
        ("lightgbm_classifier", "lightgbm_categories"),
    ),
    Environment(
        "lightgbm4.6.0",
        ("lightgbm==4.6.0", "scikit-learn==1.8.0", "numpy<2.4", "pandas<3"),
        ("lightgbm_classifier", "lightgbm_categories"),
    ),
    Environment("catboost", ("catboost", "scikit-learn==1.7.2", "numpy<2.4", "pandas<3"), ("catboost_classifier",)),
    Environment("imblearn", ("imbalanced-learn==0.14.0", "scikit-learn==1.7.2", "pandas<3"), ("oversampled",)),
    Environment("encoders", ("category_encoders==2.8.1", "scikit-learn==1.6.1", "pandas<3"), ("target_encoded",)),
    Environment("feature_engine", ("feature-engine", "scikit-learn==1.7.2", "pandas<3"), ("rare_labels",)),
    Environment("skrub", ("skrub", "scikit-learn==1.7.2", "pandas<3"), ("table_vectorizer",)),
    Environment("sklearn_pandas", ("sklearn-pandas", "six", "scikit-learn==1.5.2", "pandas<2.3"), ("mapped_columns",)),
    Environment("mlxtend", ("mlxtend", "scikit-learn==1.7.2", "pandas<3"), ("ensemble_vote",)),
    Environment("pygam", ("pygam", "scikit-learn==1.7.2", "pandas<3"), ("additive_model",)),
    Environment("sklego", ("scikit-lego", "scikit-learn==1.7.2", "pandas<3"), ("capped",)),
    Environment("statsmodels", ("statsmodels", "scikit-learn==1.7.2", "pandas<3"), ("least_squares",)),
    Environment("cloudpickle", ("cloudpickle", "scikit-learn==1.9.1", "pandas"), ("by_value",)),
)

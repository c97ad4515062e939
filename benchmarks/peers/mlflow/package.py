"""Convert a Joblib file to an MLflow model for `mlflow models serve`: python package.py FILE FOLDER"""

from __future__ import annotations

import sys

import joblib
import mlflow

file, folder = sys.argv[1:]
# MLflow's other format, skops, refuses the trees of a forest. Without a signature MLflow checks nothing and is faster.
mlflow.sklearn.save_model(
    joblib.load(file), folder, serialization_format="cloudpickle", pyfunc_predict_fn="predict_proba"
)

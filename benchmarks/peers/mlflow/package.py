"""Saves a Joblib file as the MLflow model that `mlflow models serve` wants: python package.py FILE FOLDER"""

from __future__ import annotations

import sys

import joblib
import mlflow

file, folder = sys.argv[1:]
# Its other format, skops, refuses the trees of a forest. Without a signature it checks nothing, and is faster.
mlflow.sklearn.save_model(
    joblib.load(file), folder, serialization_format="cloudpickle", pyfunc_predict_fn="predict_proba"
)

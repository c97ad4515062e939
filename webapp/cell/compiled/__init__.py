"""Exporting a fitted estimator as a plan: data that say which array operations give the same numbers.

Each kind of step has one small function here, registered for its exact class. An estimator that contains any other
step is not compiled and predicts itself. ``webapp.models.compiled`` reads the data and predicts.
"""

from __future__ import annotations

# These modules register their functions for steps and predictors when they are imported.
from webapp.cell.compiled import boosting, composites, encoders, forests, imputers, linear, scalers  # noqa: F401
from webapp.cell.compiled.export import export_plan
from webapp.cell.compiled.splits import sample_splits

__all__ = ["export_plan", "sample_splits"]

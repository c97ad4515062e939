"""Compiling a fitted estimator into a short plan of array operations that gives the same numbers faster.

scikit-learn spends most of the time for one row on checks that Scoredesk has already made. Each kind of step
has one small function here, registered for its exact class. An estimator that contains any other step is not
compiled and predicts itself. Before a plan is used, ``prove`` compares it with its estimator.
"""

from __future__ import annotations

# These modules register their functions for steps and predictors when they are imported.
from webapp.cell.compiled import boosting, composites, encoders, forests, imputers, linear, scalers  # noqa: F401
from webapp.cell.compiled.equivalence import prove
from webapp.cell.compiled.plan import Plan, compile_estimator
from webapp.cell.compiled.registry import NotCompilable, Unsure

__all__ = ["NotCompilable", "Plan", "Unsure", "compile_estimator", "prove"]

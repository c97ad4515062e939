"""A fitted estimator as a short plan of array operations that gives the same numbers, sooner.

Most of the time that scikit-learn takes for one row goes into checks that Scoredesk has made already.
Each kind of step has one small function here, registered for its exact class; an estimator with any other
step in it is not compiled, and answers itself. ``prove`` compares both before a plan is used.
"""

from __future__ import annotations

# The makers of steps and predictions register themselves.
from webapp.models.compiled import boosting, composites, encoders, forests, imputers, linear, scalers  # noqa: F401
from webapp.models.compiled.equivalence import prove
from webapp.models.compiled.plan import Plan, compile_estimator
from webapp.models.compiled.registry import NotCompilable, Unsure

__all__ = ["NotCompilable", "Plan", "Unsure", "compile_estimator", "prove"]

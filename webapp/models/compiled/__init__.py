"""A fitted estimator as a plan: a fixed vocabulary of array operations, read from data and checked.

scikit-learn spends most of its time for one row on checks that Scoredesk has already made. The cell of a model
exports its estimator as data (``webapp.cell.compiled``); here these data, which are not trusted, become a
plan that predicts without the cell. Whatever they hold, reading and predicting stay within bounds of time and
memory. Before a plan is used, ``prove`` compares it with its estimator.
"""

from __future__ import annotations

from webapp.models.compiled.equivalence import prove
from webapp.models.compiled.plan import Plan, read_plan
from webapp.models.compiled.plan_data import PlanData
from webapp.models.compiled.refusals import NotCompilable, PlanInvalid, Unsure

__all__ = ["NotCompilable", "Plan", "PlanData", "PlanInvalid", "Unsure", "prove", "read_plan"]

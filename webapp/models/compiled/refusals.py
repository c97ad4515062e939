"""The reasons for which there is no plan, or no answer from one."""

from __future__ import annotations


class NotCompilable(Exception):
    """This estimator can't be compiled; the message says which part of it is the reason."""


class PlanInvalid(Exception):
    """These data are no plan; the message names what is wrong with them and repeats nothing that they hold."""


class Unsure(Exception):
    """The plan can't be sure to give the estimator's answer for these rows, so the estimator must predict them."""

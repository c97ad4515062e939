"""What answers otherwise than in the version that made it, although it loads without an error.

The table of what was compared has none of these either. They are named so that a mistake in it changes nothing.
"""

from __future__ import annotations

from webapp.cell.migrations.compared import Minor, Part

LOGISTIC = ("sklearn.linear_model._logistic.LogisticRegression", "sklearn.linear_model._logistic.LogisticRegressionCV")
ADAPTIVE_BOOSTING = "sklearn.ensemble._weight_boosting.AdaBoostClassifier"
GAUSSIAN_PROCESS = "sklearn.gaussian_process._gpr.GaussianProcessRegressor"
TREES = "sklearn.tree."


def known_wrong(part: Part, made_with: Minor) -> str | None:
    """Return, in words, a part that would answer otherwise here; None if it is not known to."""
    if part.name in LOGISTIC and made_with <= (1, 7):
        return _one_versus_rest(part, made_with)
    if part.name == ADAPTIVE_BOOSTING and made_with <= (1, 5) and dict(part.settings).get("algorithm") == "SAMME.R":
        return "AdaBoostClassifier with algorithm='SAMME.R'"
    if part.name == GAUSSIAN_PROCESS and made_with <= (1, 4):
        return "GaussianProcessRegressor"
    if part.name.startswith(TREES) and made_with <= (1, 3):
        return part.name.rpartition(".")[2]
    return None


def _one_versus_rest(part: Part, made_with: Minor) -> str | None:
    """Name a setting by which it was fitted otherwise than this version believes."""
    kind, settings = part.name.rpartition(".")[2], dict(part.settings)
    if part.task == "multiclass" and settings.get("multi_class") == "ovr":
        return f"{kind} with multi_class='ovr' and more than two classes"
    if part.task == "binary" and settings.get("multi_class") == "multinomial":
        return f"{kind} with multi_class='multinomial' and two classes"
    solver = settings.get("solver")
    if part.task == "multiclass" and (solver == "liblinear" or (solver == "newton-cholesky" and made_with <= (1, 5))):
        return f"{kind} with solver={solver!r} and more than two classes"
    return None

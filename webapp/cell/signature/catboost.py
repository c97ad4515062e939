"""CatBoost's estimators: which of their inputs are categories and texts, and where their trees split the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from webapp.cell.estimator.boosters import CatBoost
from webapp.cell.signature.columns import Column
from webapp.cell.signature.evidence import EvidenceBook
from webapp.cell.signature.registry import read


@read.register(CatBoost)
def _(step: Any, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    # It keeps no category, only numbers made of each; and a whole number is to it the text of its digits.
    texts = {*step.get_cat_feature_indices(), *step.get_text_feature_indices()}
    borders = step.get_borders()
    takes_blanks = (step.get_param("nan_mode") or "") != "Forbidden"
    for place, column in enumerate(columns):
        if place in texts:
            evidence.require([column])
            if column.is_raw:
                evidence[column].kind = "text"
        elif place in step.get_embedding_feature_indices():
            evidence.read_opaquely([column])
        else:
            (evidence.accept_blanks if takes_blanks else evidence.require)([column])
            evidence.add_splits(column, borders.get(place, []))
    return []

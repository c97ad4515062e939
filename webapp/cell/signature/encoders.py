"""Steps that turn categories and texts into numbers: the categories that they know."""

from __future__ import annotations

from collections.abc import Sequence

from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from webapp.cell.estimator.categories import is_missing
from webapp.cell.estimator.newer_types import TargetEncoder
from webapp.cell.signature.columns import MIXED, Column
from webapp.cell.signature.evidence import EvidenceBook
from webapp.cell.signature.registry import read


@read.register(OneHotEncoder)
@read.register(OrdinalEncoder)
@read.register(TargetEncoder)
def _(
    step: OneHotEncoder | OrdinalEncoder | TargetEncoder, columns: Sequence[Column], evidence: EvidenceBook
) -> list[Column]:
    # Only an encoder that groups rare categories has this attribute.
    rare = getattr(step, "infrequent_categories_", None) or [None] * len(step.categories_)
    # A TargetEncoder takes the mean of all training rows for a category that it doesn't know.
    tolerates_new = getattr(step, "handle_unknown", "ignore") != "error"
    for column, categories, infrequent in zip(columns, step.categories_, rare, strict=False):
        alike = () if infrequent is None else list(infrequent)
        evidence.add_categories(
            column, list(categories), "the encoder's categories", alike, tolerates_new=tolerates_new
        )
        if any(map(is_missing, categories)):
            evidence.accept_blanks([column])
        else:
            evidence.require([column])
    if isinstance(step, OneHotEncoder):
        return [MIXED] * len(step.get_feature_names_out())
    return [column.coded() for column in columns]


@read.register(CountVectorizer)
@read.register(HashingVectorizer)
def _(step: CountVectorizer | HashingVectorizer, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    for column in columns:
        evidence[column].kind = "text"
    evidence.require(columns)
    return []

"""Steps that turn categories and texts into numbers, and the categories they know."""

from __future__ import annotations

from collections.abc import Sequence

from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

from webapp.models.estimator.categories import is_missing
from webapp.models.signature.columns import MIXED, Column
from webapp.models.signature.evidence import EvidenceBook
from webapp.models.signature.registry import read


@read.register(OneHotEncoder)
@read.register(OrdinalEncoder)
@read.register(TargetEncoder)
def _(
    step: OneHotEncoder | OrdinalEncoder | TargetEncoder, columns: Sequence[Column], notebook: EvidenceBook
) -> list[Column]:
    # Only an encoder that puts rare ones together has these.
    rare = getattr(step, "infrequent_categories_", None) or [None] * len(step.categories_)
    for column, categories, alike in zip(columns, step.categories_, rare, strict=False):
        together = () if alike is None else list(alike)
        notebook.choose(column, list(categories), "the encoder's categories", together)
        if any(map(is_missing, categories)):
            notebook.tolerate([column])
        else:
            notebook.use([column])
    if isinstance(step, OneHotEncoder):
        return [MIXED] * len(step.get_feature_names_out())
    return [column.coded() for column in columns]


@read.register(CountVectorizer)
@read.register(HashingVectorizer)
def _(step: CountVectorizer | HashingVectorizer, columns: Sequence[Column], notebook: EvidenceBook) -> list[Column]:
    for column in columns:
        notebook[column].kind = "text"
    notebook.use(columns)
    return []

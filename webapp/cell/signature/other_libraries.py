"""skrub's TableVectorizer and sklearn-pandas' DataFrameMapper: their inputs and categories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sklearn.preprocessing import LabelBinarizer

from webapp.cell.estimator.boosters import Named
from webapp.cell.estimator.other_libraries import DataFrameMapper, mapped_steps
from webapp.cell.signature.columns import Column
from webapp.cell.signature.evidence import EvidenceBook
from webapp.cell.signature.registry import read


class TableVectorizer(Named):
    """skrub's step that turns each column of a table into numbers, in a way that depends on its kind."""

    names = ("skrub._table_vectorizer", "TableVectorizer")


@read.register(TableVectorizer)
def _(step: Any, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    for column, name in zip(columns, step.feature_names_in_, strict=False):
        kind, inner = step.column_to_kind_.get(name), step.transformers_.get(name)
        if hasattr(inner, "categories_"):
            read(inner, [column], evidence)
        elif kind == "numeric":
            evidence.require([column])
        elif kind in ("low_cardinality", "high_cardinality") and column.is_raw:
            evidence.require([column])
            evidence[column].kind = "text"
        else:
            evidence.read_opaquely([column])
    return []


@read.register(DataFrameMapper)
def _(step: Any, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    by_name = {column.feature: column for column in columns}
    for names, inner in mapped_steps(step):
        own = [by_name[name] for name in names if name in by_name]
        if isinstance(inner, LabelBinarizer):
            evidence.require(own)
            for column in own:
                evidence.add_categories(column, list(inner.classes_), "the encoder's categories")
        else:
            read(inner, own, evidence)
    return []

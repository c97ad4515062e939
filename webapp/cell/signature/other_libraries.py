"""CatBoost's estimators, skrub's TableVectorizer and sklearn-pandas' DataFrameMapper: their inputs and categories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sklearn.preprocessing import LabelBinarizer

from webapp.cell.estimator.boosters import CatBoost, Named
from webapp.cell.signature.columns import Column
from webapp.cell.signature.evidence import EvidenceBook
from webapp.cell.signature.registry import read
from webapp.errors import NotServable


class TableVectorizer(Named):
    """skrub's step that turns each column of a table into numbers, in a way that depends on its kind."""

    names = ("skrub._table_vectorizer", "TableVectorizer")


class DataFrameMapper(Named):
    """sklearn-pandas' step that has other steps for some columns of a table."""

    names = ("sklearn_pandas.dataframe_mapper", "DataFrameMapper")


def names_of_other_library(step: Any) -> list[str] | None:
    """Return the names of the inputs of a step that keeps them elsewhere than scikit-learn; None if it has none.

    Raises
    ------
    NotServable
    """
    if isinstance(step, CatBoost):
        # Read from a file, it has forgotten how many there are.
        return list(step.feature_names_)  # type: ignore[attr-defined]
    if isinstance(step, DataFrameMapper):
        if step.default is not False:  # type: ignore[attr-defined]
            raise NotServable("Its DataFrameMapper passes on columns that it doesn't name. Fit it with default=False.")
        return list(dict.fromkeys(name for names, _ in _mapped(step) for name in names))
    return None


def _mapped(mapper: Any) -> list[tuple[list[str], Any]]:
    """Return the fitted steps of a DataFrameMapper, each with the names of its columns."""
    mapped = ((columns, step) for columns, step, *_ in mapper.built_features)
    return [([columns] if isinstance(columns, str) else list(columns), step) for columns, step in mapped]


@read.register(CatBoost)
def _(step: Any, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    evidence.require(columns)
    # It keeps the hashes of categories, and not their names.
    for place in (*step.get_cat_feature_indices(), *step.get_text_feature_indices()):
        if place < len(columns) and columns[place].is_raw:
            evidence[columns[place]].kind = "text"
    return []


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
    for names, inner in _mapped(step):
        own = [by_name[name] for name in names if name in by_name]
        if isinstance(inner, LabelBinarizer):
            evidence.require(own)
            for column in own:
                evidence.add_categories(column, list(inner.classes_), "the encoder's categories")
        else:
            read(inner, own, evidence)
    return []

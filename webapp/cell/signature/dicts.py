"""DictVectorizer, which reads dicts: its keys are the inputs, and a text in a dict is a category."""

from __future__ import annotations

from collections.abc import Sequence

from sklearn.feature_extraction import DictVectorizer

from webapp.cell.signature.columns import MIXED, Column
from webapp.cell.signature.evidence import EvidenceBook
from webapp.cell.signature.registry import read
from webapp.errors import NotServable
from webapp.helpers.inputs.messages import printable


def keys_of_dicts(steps: Sequence[DictVectorizer]) -> list[str]:
    """Return the keys of the dicts that these steps were fitted on."""
    return list(dict.fromkeys(key for step in steps for key in _categories(step)))


def _categories(step: DictVectorizer) -> dict[str, list[str]]:
    """Return each key with the texts that it had; for a key that had numbers, with none.

    A feature is named after its key and text, such as ``city=Rome``, or after the key alone if its value was a number.

    Raises
    ------
    NotServable
    """
    found: dict[str, list[str]] = {}
    numbers = {name for name in step.feature_names_ if step.separator not in name}
    for name in step.feature_names_:
        key, separator, text = name.partition(step.separator)
        if separator and key in numbers:
            raise NotServable(f"“{printable(key)}” was a text in some of its training rows and a number in others.")
        found.setdefault(key, []).extend([text] if separator else [])
    return found


@read.register
def _(step: DictVectorizer, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    categories, by_name = _categories(step), {column.feature: column for column in columns}
    evidence.accept_blanks(columns)
    for key, texts in categories.items():
        if texts:
            source = "the texts of this key that it was fitted on"
            evidence.add_categories(by_name[key], texts, source, tolerates_new=True)
        else:
            # What a dict lacks becomes a zero.
            evidence[by_name[key]].fillings.append(0)
            evidence[by_name[key]].filling_source = "what is missing counts as zero"
    return [
        MIXED if categories[name.partition(step.separator)[0]] else by_name[name].filled(0)
        for name in step.feature_names_
    ]

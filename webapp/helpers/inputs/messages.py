"""Turns errors into sentences with their places: the first few, so that no answer or record grows with them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from webapp.helpers.formatting import feature_label, label, number
from webapp.helpers.near_names import closest_name
from webapp.types import Notice, Signature

#: How many errors of one request are listed at most; the others are counted.
MAX_ERRORS = 20
SENTENCES = {
    "missing": "{label} is required.",
    "float_type": "{label} must be a number, for example 36 or 12.5.",
    "finite_number": "{label} must be a finite number.",
    "string_type": "{label} must be text.",
    "string_unicode": "{label} contains characters that can't be stored.",
    "string_too_long": "{label} is too long.",
    "choice": "{label} {message}.",
    "whole": "{label} {message}.",
    "date": "{label} {message}.",
    "unstorable": "{label} {message}.",
    "dict_type": "Each instance must be a JSON object of input names and values.",
}


Place = tuple[str | int, ...]
T = TypeVar("T")


def listed(errors: Iterable[T], count: int, notice: Callable[[T], Notice]) -> list[Notice]:
    """Return the notices of the first errors, and one that says how many more there are of all ``count``."""
    first = [notice(error) for error in islice(errors, MAX_ERRORS)]
    more = count - len(first)
    return [*first, Notice(loc=(), msg=f"And {number(more)} more error{'s'[: more != 1]}.")] if more else first


def notices(
    errors: Iterable[tuple[Place, ValidationError]], signature: Signature, known: Sequence[Notice] = ()
) -> list[Notice]:
    """Return a sentence for each of the first errors; no sentence repeats a value.

    Parameters
    ----------
    errors : iterable
        Pairs of the place of an instance and of what is wrong with it.
    known : sequence
        Notices that come first; what else is wrong at the places of these is left out.
    """
    names = {feature.name: feature_label(feature) for feature in signature.features}
    places, found, count = {notice.loc for notice in known}, list(known), len(known)
    for place, error in errors:
        if len(found) >= MAX_ERRORS and not places:
            # Making a million details to count them would take seconds.
            count += error.error_count()
            continue
        details = error.errors(include_url=False, include_input=False, include_context=False)
        others = [detail for detail in details if detail["loc"] not in places] if places else details
        count += len(others)
        found += [_notice(detail, place, names) for detail in others[: max(0, MAX_ERRORS - len(found))]]
    return listed(found, count, lambda notice: notice)


def _notice(detail: ErrorDetails, place: Place, names: Mapping[str, str]) -> Notice:
    loc = detail["loc"]
    known = [part for part in loc if part in names]
    if not known and detail["type"] == "extra_forbidden":
        loc, msg = (*loc[:-1], printable(str(loc[-1]))), not_an_input(str(loc[-1]), names)
        return Notice(loc=place + tuple(loc), msg=msg)
    name = str(loc[-1]) if loc else "The input"
    sentence = SENTENCES.get(detail["type"], "{label} is not valid.")
    return Notice(
        loc=place + tuple(loc),
        msg=sentence.format(label=names.get(name) or label(name), name=name, message=detail["msg"]),
    )


def not_an_input(name: str, names: Collection[str]) -> str:
    """Return the sentence about a name that no input has."""
    meant = closest_name(name, names)
    return f"“{printable(name)}” is not an input of this model." + (
        f" Did you mean “{printable(meant)}”?" if meant else ""
    )


def printable(text: str, length: int = 80) -> str:
    """Make a name from a request short and printable, so that it can be shown and stored."""
    clean = "".join(character if character.isprintable() else "�" for character in text[: length + 1])
    return clean if len(clean) <= length else clean[:length] + "…"

"""Turns errors into sentences with their places: the first few, so that no answer or record grows with them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from webapp.helpers.formatting import feature_label, label, number
from webapp.helpers.inputs.names import closest_name
from webapp.types import Feature, Notice, Signature

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
    features = {feature.name: feature for feature in signature.features}
    places, found, count = {notice.loc for notice in known}, list(known), len(known)
    for place, error in errors:
        if len(found) >= MAX_ERRORS and not places:
            # Making a million details to count them would take seconds.
            count += error.error_count()
            continue
        details = error.errors(include_url=False, include_context=False)
        others = [detail for detail in details if detail["loc"] not in places] if places else details
        count += len(others)
        found += [_notice(detail, place, features) for detail in others[: max(0, MAX_ERRORS - len(found))]]
    return listed(found, count, lambda notice: notice)


def _notice(detail: ErrorDetails, place: Place, features: Mapping[str, Feature]) -> Notice:
    loc = detail["loc"]
    known = [part for part in loc if part in features]
    if not known and detail["type"] == "extra_forbidden":
        loc, msg = (*loc[:-1], printable(str(loc[-1]))), not_an_input(str(loc[-1]), features)
        return Notice(loc=place + tuple(loc), msg=msg)
    name = str(loc[-1]) if loc else "The input"
    feature = features.get(name)
    sentence = SENTENCES.get(detail["type"], "{label} is not valid.").format(
        label=feature_label(feature) if feature else label(name), message=detail["msg"]
    )
    meant = _meant_choice(detail["input"], feature) if feature and detail["type"] == "choice" else ""
    return Notice(loc=place + tuple(loc), msg=sentence + meant)


def _meant_choice(value: object, feature: Feature) -> str:
    """Return a question about the choice that a text nearly is; empty where records must not show what was sent."""
    if not isinstance(value, str) or feature.kept != "value":
        return ""
    return did_you_mean(value, [choice for choice in feature.choices if isinstance(choice, str)])


def did_you_mean(name: str, names: Collection[str]) -> str:
    """Return the question whether a similar name was meant, to follow a sentence; empty if there is none."""
    meant = closest_name(name, names)
    return f" Did you mean “{printable(meant)}”?" if meant else ""


def instances_wanted(limit: int, sent: int) -> str:
    """Return the sentence about a list without instances, or with more than one request may have."""
    sentence = f"Send 1 to {number(limit)} instances in one request, not {number(sent)}."
    return sentence + (f" Split a longer list into lists of at most {number(limit)}." if sent > limit else "")


def not_an_input(name: str, names: Collection[str]) -> str:
    """Return the sentence about a name that no input has."""
    return f"“{printable(name)}” is not an input of this model.{did_you_mean(name, names)}"


def printable(text: str, length: int = 80) -> str:
    """Make a name from a request short and printable, so that it can be shown and stored."""
    clean = "".join(character if character.isprintable() else "�" for character in text[: length + 1])
    return clean if len(clean) <= length else clean[:length] + "…"

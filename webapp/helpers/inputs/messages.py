"""Turns errors of pydantic into sentences with their places."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from webapp.helpers.formatting import feature_label, label
from webapp.types import Notice, Signature

SENTENCES = {
    "missing": "{label} is required.",
    "extra_forbidden": "“{name}” is not an input of this model.",
    "float_type": "{label} must be a number, for example 36 or 12.5.",
    "finite_number": "{label} must be a finite number.",
    "string_type": "{label} must be text.",
    "string_unicode": "{label} contains characters that can't be stored.",
    "string_too_long": "{label} is too long.",
    "choice": "{label} {message}.",
    "unstorable": "{label} {message}.",
    "dict_type": "Each instance must be a JSON object of input names and values.",
}


def notices(error: ValidationError, signature: Signature, place: tuple[str | int, ...]) -> list[Notice]:
    """Return a sentence for each error, with its place below ``place``; no sentence repeats a value."""
    names = {feature.name: feature_label(feature) for feature in signature.features}
    details = error.errors(include_url=False, include_input=False, include_context=False)
    return [_notice(detail, place, names) for detail in details]


def _notice(detail: ErrorDetails, place: tuple[str | int, ...], names: Mapping[str, str]) -> Notice:
    loc = detail["loc"]
    known = [part for part in loc if part in names]
    if not known and detail["type"] == "extra_forbidden":
        loc = (*loc[:-1], printable(str(loc[-1])))
    name = str(loc[-1]) if loc else "The input"
    sentence = SENTENCES.get(detail["type"], "{label} is not valid.")
    return Notice(
        loc=place + tuple(loc),
        msg=sentence.format(label=names.get(name) or label(name), name=name, message=detail["msg"]),
    )


def printable(text: str, length: int = 80) -> str:
    """Make a name from a request short and printable, so that it can be shown and stored."""
    clean = "".join(character if character.isprintable() else "�" for character in text[: length + 1])
    return clean if len(clean) <= length else clean[:length] + "…"

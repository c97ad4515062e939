"""From pydantic's errors to sentences with their places."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from webapp.helpers.formatting import feature_label, label
from webapp.types import Notice, Signature

SENTENCES = {
    "missing": "{label} is needed.",
    "extra_forbidden": "“{name}” is not an input of this model.",
    "float_type": "{label} must be a number, written like 12.5.",
    "finite_number": "{label} must be a finite number.",
    "string_type": "{label} must be a text.",
    "string_unicode": "{label} holds characters that can't be stored.",
    "string_too_long": "{label} is too long.",
    "choice": "{label} {message}.",
    "unstorable": "{label} {message}.",
    "dict_type": "Each instance must be an object of feature names and values.",
}


def notices(error: ValidationError, signature: Signature, place: tuple[str | int, ...]) -> list[Notice]:
    """Say all that is wrong, each with its place below ``place``, never repeating a value."""
    names = {feature.name: feature_label(feature) for feature in signature.features}
    details = error.errors(include_url=False, include_input=False, include_context=False)
    return [_notice(each, place, names) for each in details]


def _notice(detail: ErrorDetails, place: tuple[str | int, ...], names: Mapping[str, str]) -> Notice:
    loc = detail["loc"]
    known = [part for part in loc if part in names]
    if not known and detail["type"] == "extra_forbidden":
        loc = (*loc[:-1], shown(str(loc[-1])))
    name = str(loc[-1]) if loc else "The input"
    sentence = SENTENCES.get(detail["type"], "{label} is not valid.")
    return Notice(
        loc=place + tuple(loc),
        msg=sentence.format(label=names.get(name) or label(name), name=name, message=detail["msg"]),
    )


def shown(text: str, length: int = 80) -> str:
    """Make a name that a stranger sent fit to be shown and stored: short and printable."""
    clean = "".join(character if character.isprintable() else "�" for character in text[: length + 1])
    return clean if len(clean) <= length else clean[:length] + "…"

"""Names of models in addresses, and the name that a file gets from its own."""

from __future__ import annotations

import hashlib
import re
import unicodedata

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
#: What people and libraries append to the name of a model's file, also twice, as in ``churn.joblib.gz``.
ENDINGS = re.compile(r"(\.(joblib|pkl|pickle|sav|ubj|xgb|lgb|json|txt|gz|z|bz2|xz|lzma|lz4))+$", re.IGNORECASE)
#: Room for a digest after a name, within the 64 characters.
MAX_STEM_LENGTH, DIGEST_DIGITS = 50, 6
MAX_TITLE_LENGTH = 120


def file_title(file_name: str) -> str:
    """Return the name of a file as a title: without its folders, its endings and what can't be printed."""
    return _stem(file_name)[:MAX_TITLE_LENGTH]


def model_name(file_name: str) -> str:
    """Return the name for the model of a file: ``Möbel (neu).pkl`` becomes ``Mobel-neu``.

    Letters that ASCII lacks are replaced by a digest, so that files whose names differ only in these get two names.
    """
    stem = _stem(file_name)
    letters = unicodedata.normalize("NFKD", stem.replace("ß", "ss"))
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", "".join(each for each in letters if not unicodedata.combining(each)))
    name = plain.strip("-._")
    if len(name) <= MAX_STEM_LENGTH and all(each.isascii() or not each.isalnum() for each in letters) and name:
        return name
    digest = hashlib.sha256(stem.encode(errors="replace")).hexdigest()[:DIGEST_DIGITS]
    return f"{name[:MAX_STEM_LENGTH].rstrip('-._') or 'model'}-{digest}"


def _stem(file_name: str) -> str:
    base = re.split(r"[/\\]", file_name)[-1]
    return "".join(filter(str.isprintable, ENDINGS.sub("", base))).strip()

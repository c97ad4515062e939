"""Reads the header Idempotency-Key, and tells whether two requests are the same."""

from __future__ import annotations

import hashlib
import re

from webapp.errors import MalformedIdempotencyKey

MAX_LENGTH = 255
#: A string of RFC 9651: printable ASCII in quotation marks; a backslash escapes quotation marks and itself.
QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
#: Without a comma, because a comma joins the values of two headers.
BARE = re.compile(r"[!#-+\--~]+")


def read_key(header: str) -> str:
    """Return the key in a header, quoted or bare.

    Raises
    ------
    MalformedIdempotencyKey
    """
    key = header
    if quoted := QUOTED.fullmatch(header):
        key = re.sub(r"\\(.)", r"\1", quoted[1])
    elif not BARE.fullmatch(header):
        raise MalformedIdempotencyKey
    if not 1 <= len(key) <= MAX_LENGTH:
        raise MalformedIdempotencyKey
    return key


def fingerprint(*parts: bytes) -> bytes:
    """Return a digest of the parts of a request; the same bytes divided differently have another digest."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()

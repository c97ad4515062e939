"""What an Idempotency-Key is, and when two requests are the same."""

from __future__ import annotations

import hashlib
import re

from webapp.errors import MalformedIdempotencyKey

LONGEST = 255
#: A string of RFC 9651: printable ASCII in quotation marks, a backslash before those inside and before itself.
QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
#: Without a comma, because that is what stands between two keys that were sent in two headers.
BARE = re.compile(r"[!#-+\--~]+")


def read_key(sent: str) -> str:
    """Give the key that a header holds, quoted or bare.

    Raises
    ------
    MalformedIdempotencyKey
    """
    key = sent
    if quoted := QUOTED.fullmatch(sent):
        key = re.sub(r"\\(.)", r"\1", quoted[1])
    elif not BARE.fullmatch(sent):
        raise MalformedIdempotencyKey
    if not 1 <= len(key) <= LONGEST:
        raise MalformedIdempotencyKey
    return key


def fingerprint(*parts: bytes) -> bytes:
    """Tell requests apart by their parts; another part or another cut between them is another request."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()

"""One row's place in the seals: a digest of it, and the code that only the service can make for it."""

from __future__ import annotations

import hmac
from hashlib import sha256

from webapp.helpers.sealing.derived_keys import derive_key

#: So many random bytes keep a payload from being guessed from its digest.
SALT_SIZE = 16
#: What a leaf begins with, so that none can pass for a node of the tree (RFC 6962).
LEAF = b"\0"


def payload_digest(salt: bytes, payload: bytes) -> bytes:
    """Give the digest that stays when the payload and its salt are forgotten."""
    return sha256(salt + payload).digest()


def leaf_of(metadata: bytes, payload_digest: bytes) -> bytes:
    """Give the digest of a whole row."""
    return sha256(LEAF + metadata + payload_digest).digest()


class MacKey:
    """Makes the code that tells a row of the service from one that somebody put there (HMAC-SHA-256).

    Parameters
    ----------
    secret : str
        The service's secret key.
    """

    def __init__(self, secret: str) -> None:
        key = derive_key("codes of rows", secret)
        # Copying what the key alone decides takes half the time of beginning anew.
        self._begun = hmac.new(key, digestmod="sha256")

    def mac_of(self, leaf: bytes) -> bytes:
        """Give the code of a row."""
        code = self._begun.copy()
        code.update(leaf)
        return code.digest()

"""What seals know of one row: its digest, and the authentication code that only the service can compute."""

from __future__ import annotations

import hmac
from hashlib import sha256

from webapp.helpers.sealing.derived_keys import derive_key

#: How many random bytes keep a payload from being guessed from its digest.
SALT_SIZE = 16
#: The first byte of what a leaf hashes, so that no leaf can pass for a node of the tree (RFC 6962).
LEAF = b"\0"


def payload_digest(salt: bytes, payload: bytes) -> bytes:
    """Return the digest that remains when the payload and its salt are deleted."""
    return sha256(salt + payload).digest()


def leaf_of(metadata: bytes, payload_digest: bytes) -> bytes:
    """Return the digest of a whole row."""
    return sha256(LEAF + metadata + payload_digest).digest()


class MacKey:
    """Computes the code that shows that the service wrote a row, and not somebody else (HMAC-SHA-256).

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
        """Return the code of a row."""
        code = self._begun.copy()
        code.update(leaf)
        return code.digest()

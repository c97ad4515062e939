"""Keys for single purposes, made of the one secret key."""

from __future__ import annotations

import hmac


def derive_key(purpose: str, secret: str) -> bytes:
    """Derive a key, of which neither the secret nor the key for another purpose can be told."""
    return hmac.digest(secret.encode(), f"scoredesk: {purpose}".encode(), "sha256")

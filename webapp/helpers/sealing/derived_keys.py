"""Keys for single purposes, derived from the secret key."""

from __future__ import annotations

import hmac


def derive_key(purpose: str, secret: str) -> bytes:
    """Derive a key that reveals neither the secret nor the key for another purpose."""
    return hmac.digest(secret.encode(), f"scoredesk: {purpose}".encode(), "sha256")


def fingerprint_of(secret: str) -> str:
    """Return what tells whether two secret keys are the same, and nothing that helps to use one."""
    return derive_key("fingerprint", secret).hex()[:16]

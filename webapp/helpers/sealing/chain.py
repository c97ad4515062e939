"""Checks that a seal is the one that was signed, and that it follows the seal before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from webapp.helpers.sealing.head import NO_HEAD, Head, Span, digest_of
from webapp.helpers.sealing.signing_keys import is_signed


def signature_problems(number: int, text: str, signature: bytes, keys: Mapping[str, Ed25519PublicKey]) -> Iterator[str]:
    """Yield a sentence for each sign that a head is not the one that the service signed."""
    try:
        head = Head.read(text)
    except ValueError:
        yield f"Seal {number} was changed: it can't be read."
        return
    if head.key not in keys:
        yield f"Seal {number} is signed with the key {head.key[:16]}, which is not among the trusted keys."
    elif not is_signed(keys[head.key], signature, text.encode()):
        yield f"Seal {number} was changed: its signature is wrong."
    if head.number != number:
        yield f"Seal {number} says that it is seal {head.number}."


def order_problems(head: Head, number: int, before: str | None) -> Iterator[str]:
    """Yield a sentence for each sign that a seal does not follow the one whose head is ``before``."""
    last = Head.read(before) if before is not None else None
    first = last.number + 1 if last else 1
    if first < number:
        yield f"Seal {first} is missing." if first == number - 1 else f"Seals {first} to {number - 1} are missing."
    if head.previous != (digest_of(before) if before is not None else NO_HEAD):
        yield f"Seal {number} does not follow the seal before it."


def content_problems(head: Head, predictions: bytes, audit_events: bytes, unproven: bytes) -> Iterator[str]:
    """Yield a sentence for each list of a seal that differs from the signed one."""
    for name, span, packed in [
        ("predictions", head.predictions, predictions),
        ("audit events", head.audit_events, audit_events),
    ]:
        if Span.of(span.after, span.up_to, packed) != span:
            yield f"The list of {name} in seal {head.number} was changed."
    if sha256(unproven).hexdigest() != head.unproven:
        yield f"The list of unproven predictions in seal {head.number} was changed."

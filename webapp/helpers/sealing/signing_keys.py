"""The private key that signs seals, and the public key that anybody can check them with."""

from __future__ import annotations

import binascii
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

RAW = serialization.Encoding.Raw, serialization.PublicFormat.Raw
PEM = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo


def read_private_key(text: str) -> Ed25519PrivateKey:
    """Read an Ed25519 key, as PEM or as its 32 bytes in hexadecimal.

    Raises
    ------
    ValueError
    """
    try:
        if "-----" not in text:
            return Ed25519PrivateKey.from_private_bytes(binascii.unhexlify(text.strip()))
        key = serialization.load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError, binascii.Error):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("It must be an Ed25519 private key: as PEM without a password, or 64 hexadecimal digits")
    return key


def read_public_key(pem: bytes) -> Ed25519PublicKey:
    """Read a public key.

    Raises
    ------
    ValueError
    """
    key = serialization.load_pem_public_key(pem)
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("It is not an Ed25519 public key.")
    return key


def public_pem(key: Ed25519PublicKey) -> str:
    """Write a public key as PEM."""
    return key.public_bytes(*PEM).decode()


def key_id(key: Ed25519PublicKey) -> str:
    """Return the short name of a key."""
    return sha256(key.public_bytes(*RAW)).hexdigest()[:16]


def is_signed(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    """Return whether a signature of this message was made with this key."""
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True

"""Functions to write pickles by hand, instruction by instruction."""

from __future__ import annotations

import pickle
import pickletools
import struct
from typing import Any


def file(body: bytes, *, protocol: int = 4) -> bytes:
    return b"\x80" + bytes([protocol]) + body + b"."


def name(module: str, attribute: str) -> bytes:
    return f"c{module}\n{attribute}\n".encode()


def value(plain: Any) -> bytes:
    """Push a value that pickle itself can write."""
    return pickletools.optimize(pickle.dumps(plain, 3))[2:-1]


def call(function: bytes, *args: bytes) -> bytes:
    return function + b"(" + b"".join(args) + b"tR"


def new(kind: bytes) -> bytes:
    return kind + b")\x81"


def build(instance: bytes, state: bytes) -> bytes:
    return instance + state + b"b"


def mapping(**items: bytes) -> bytes:
    return b"}(" + b"".join(value(key) + item for key, item in items.items()) + b"u"


def keep(number: int) -> bytes:
    """Remember the top of the stack under a number."""
    return b"r" + struct.pack("<I", 1000 + number)


def again(number: int) -> bytes:
    """Push what was remembered under a number."""
    return b"j" + struct.pack("<I", 1000 + number)


def touch(sentinel: str) -> bytes:
    """Create the file that shows that a payload ran."""
    return call(name("os", "system"), value(f"touch {sentinel}"))


def estimator(path: str, **state: bytes) -> bytes:
    """Create an instance of a class with this state."""
    module, _, kind = path.rpartition(".")
    return build(new(name(module, kind)), mapping(**state))

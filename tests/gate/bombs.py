"""Small files that need much memory or much time."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import zlib
from collections.abc import Callable

import lz4.frame
import numpy as np

from tests.gate.assembly import again, build, call, estimator, file, keep, mapping, name, new, value

MEBIBYTE = 1024**2
WRAPPER = name("joblib.numpy_pickle", "NumpyArrayWrapper")
ENCODE = name("_codecs", "encode")


SCORER = new(name("sklearn.metrics._scorer", "_Scorer"))


def eight(size: int) -> bytes:
    return struct.pack("<Q", size)


def wrapped(*shape: int) -> bytes:
    state = mapping(
        subclass=name("numpy", "ndarray"), shape=value(shape), order=value("C"), dtype=value(np.dtype("f8"))
    )
    return file(new(WRAPPER) + state + b"b")


def filled(before: bytes, filling: bytes, count: int = 400) -> bytes:
    """Return this many MiB of a filling, packed by zlib in identical blocks."""
    packer = zlib.compressobj(1)
    first = packer.compress(before) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(filling * (MEBIBYTE // len(filling))) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + block * count


def packed(pack: Callable[[bytes], bytes]) -> bytes:
    """Return 400 MiB of zeros, in consecutive streams."""
    return pack(b"\x80\x04\x8e" + eight(400 * MEBIBYTE)) + pack(bytes(16 * MEBIBYTE)) * 25


def levels(first: bytes, count: int) -> bytes:
    """Push a tuple of two tuples of two tuples …"""
    return first + b"".join(keep(7) + again(7) + b"\x86" for _ in range(count))


def wide(kind: bytes, close: bytes, count: int = 100_000) -> bytes:
    """Push a container that holds many times the same container, which holds many times the same value."""
    return kind + b"(" + b"N" * count + close + keep(8) + b"0" + kind + b"(" + again(8) * count + close


def colliding(keys: int) -> bytes:
    return b"".join(value((2**61 - 1) * number) + b"N" for number in range(1, keys))


def twins(keys: int) -> bytes:
    """Push tuples of -1 and -2, which all have the same hash."""
    ones = [value(-1) + keep(1) + b"0", value(-2) + keep(2) + b"0"]
    tuples = (b"(" + b"".join(again(1 + (number >> bit & 1)) for bit in range(17)) + b"tN" for number in range(keys))
    return b"".join(ones) + b"}(" + b"".join(tuples) + b"u"


def nested_dtypes(depth: int) -> bytes:
    dtype = value(np.dtype("V0"))
    for _ in range(depth):
        dtype += keep(3) + b"0" + name("numpy", "dtype") + value(("V0", False, True)) + b"R"
        fields = b"}(" + b"".join(value(key) + again(3) + value(0) + b"\x86" for key in "ab") + b"u"
        dtype += (
            b"(" + value(3) + value("|") + b"N" + value(("a", "b")) + fields + value(0) + value(1) + value(16) + b"tb"
        )
    return dtype


def nested_arrays(depth: int) -> bytes:
    step = keep(4) + b"0" + name("numpy._core.multiarray", "_reconstruct")
    step += b"(" + name("numpy", "ndarray") + value((0,)) + value(b"b") + b"tR"
    step += b"(" + value(1) + value((1,)) + value(np.dtype("O")) + value(False) + b"]" + again(4) + b"atb"
    return b"N" + step * depth


def shared(attribute: str, item: bytes) -> bytes:
    """Push many instances with one attribute that is the same long list."""
    items = b"](" + item + keep(2) + again(2) * 100_000 + b"e" + keep(1) + b"0"
    state = mapping(**{attribute: again(1)})
    return items + build(new(name("sklearn.linear_model._base", "LinearRegression")), state) * 20_000


def flood(instructions: bytes) -> bytes:
    return filled(b"\x80\x04", instructions, 30)


BOMBS: dict[str, Callable[[], bytes]] = {
    "a frame of 4 EiB": lambda: b"\x80\x04\x95" + eight(2**62) + b"N.",
    "a frame of 1 TiB": lambda: b"\x80\x04\x95" + eight(2**40) + b"N.",
    "bytes of 1 TiB": lambda: file(b"\x8e" + eight(2**40)),
    "a text of 1 TiB": lambda: file(b"\x8d" + eight(2**40)),
    "a bytearray of 1 TiB": lambda: file(b"\x96" + eight(2**40), protocol=5),
    "bytes of 4 GiB": lambda: file(b"B" + struct.pack("<I", 2**32 - 1)),
    "a number of 2 GiB": lambda: file(b"\x8b" + struct.pack("<i", 2**31 - 1)),
    "an array of 256 TiB": lambda: wrapped(2**45),
    "an array whose size overflows": lambda: wrapped(2**32, 2**32, 2**32),
    "an array of negative size": lambda: wrapped(-1, -8),
    "an array of no bytes and endless length": lambda: file(
        value(np.zeros(0)) + value(np.empty((0, 3))) + b"0" + wrapped(2**62, 0)[2:-1]
    ),
    "zeros packed by zlib": lambda: filled(b"\x80\x04\x8e" + eight(400 * MEBIBYTE), b"\0"),
    "zeros packed by gzip": lambda: packed(lambda part: gzip.compress(part, 1)),
    "zeros packed by bzip2": lambda: packed(bz2.compress),
    "zeros packed by xz": lambda: packed(lambda part: lzma.compress(part, preset=0)),
    "zeros packed by lz4": lambda: packed(lz4.frame.compress),
    "an array of zeros, packed": lambda: filled(wrapped(100 * MEBIBYTE)[:-1], b"\0"),
    "a line without an end": lambda: filled(b"\x80\x02I", b"0"),
    "a long line": lambda: zlib.compress(b"\x80\x02I" + b"0" * 50 * MEBIBYTE + b"\n.", 1),
    "fifty million digits": lambda: zlib.compress(b"\x80\x02L" + b"9" * 50 * MEBIBYTE + b"L\n.", 1),
    "instructions that do nothing": lambda: flood(b"N0"),
    "sets": lambda: flood(b"\x8f"),
    "dicts": lambda: flood(b"}"),
    "marks": lambda: flood(b"("),
    "what is remembered": lambda: flood(b"N\x94"),
    "names": lambda: flood(b"cnumpy\nexp\n0"),
    "instances": lambda: flood(b"csklearn.pipeline\nPipeline\n)\x81"),
    "generators": lambda: flood(
        name("numpy.random._pickle", "__bit_generator_ctor") + name("numpy.random._mt19937", "MT19937") + b"\x85R"
    ),
    "a key of a tuple of tuples": lambda: file(b"}" + levels(b"N", 60) + b"Ns"),
    "a member of a set of tuples": lambda: file(b"\x8f(" + levels(b"N", 60) + b"\x90"),
    "a frozenset of tuples": lambda: file(b"(" + levels(b"N", 60) + b"\x91"),
    "keys that are numbers with one hash": lambda: file(b"}(" + colliding(60_000) + b"u"),
    "keys that are tuples with one hash": lambda: file(twins(8_000)),
    "keys that are a large number": lambda: zlib.compress(
        b"\x80\x04\x8b"
        + struct.pack("<i", 50 * MEBIBYTE)
        + b"\x01" * 50 * MEBIBYTE
        + keep(1)
        + b"0}("
        + (again(1) + b"N") * 100_000
        + b"u.",
        1,
    ),
    "tuples of tuples for a call": lambda: file(call(name("builtins", "slice"), wide(b"", b"t"))),
    "lists of lists for a generator": lambda: file(
        call(name("numpy.random._pickle", "__bit_generator_ctor"), name("numpy.random._pcg64", "PCG64"))
        + build(b"", mapping(state=wide(b"]", b"e")))
    ),
    "a text that is encoded many times": lambda: zlib.compress(
        b"\x80\x04\x8d"
        + eight(10 * MEBIBYTE)
        + b"x" * 10 * MEBIBYTE
        + keep(1)
        + b"0"
        + call(ENCODE, again(1), value("latin1")) * 1000
        + b".",
        1,
    ),
    "a dict that is the state of many": lambda: file(
        b"}("
        + b"".join(value(f"k{number}") + b"N" for number in range(50_000))
        + b"u"
        + keep(1)
        + b"0"
        + (new(name("sklearn.linear_model._base", "LinearRegression")) + again(1) + b"b") * 20_000
    ),
    "a list that is the same attribute of many": lambda: file(shared("estimators_", b"N")),
    "a list of methods that is shared by many": lambda: file(shared("stack_method_", value("predict"))),
    "a list with a scorer that is shared by many": lambda: file(shared("scoring", SCORER)),
    "scorers in lists of lists": lambda: file(
        estimator("sklearn.linear_model._base.LinearRegression", scoring=levels(SCORER, 60))
    ),
    "estimators in lists of lists": lambda: file(
        estimator("sklearn.linear_model._base.LinearRegression", estimators_=levels(b"N", 60))
    ),
    "records of records": lambda: file(nested_dtypes(40)),
    "an array of records of records": lambda: file(
        nested_dtypes(40)
        + keep(5)
        + b"0"
        + new(WRAPPER)
        + mapping(subclass=name("numpy", "ndarray"), shape=value((0,)), order=value("C"), dtype=again(5))
        + b"b"
    ),
    "arrays in arrays": lambda: file(nested_arrays(20_000)),
    "a version that is a list of lists": lambda: file(
        estimator("sklearn.linear_model._base.LinearRegression", _sklearn_version=levels(b"N", 60))
    ),
}

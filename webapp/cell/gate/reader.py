"""The bytes of an artifact, decompressed under a limit."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable
from typing import Protocol

from joblib.compressor import BinaryZlibFile

from webapp.errors import ArtifactRefused

MEBIBYTE = 1024**2
#: How many bytes even the smallest file may unpack to; arrays of zeros compress very well.
FREE_BYTES = 256 * MEBIBYTE
#: How many bytes each byte of the file may unpack to in addition.
BYTES_PER_BYTE = 20

#: What opens each kind of compression that joblib knows, by the first bytes of the file.
OPENERS = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
    b"\x5d\x00": lzma.LZMAFile,
    b"\x78": BinaryZlibFile,
}
#: What files begin with that are no pickles and that people take for their model, and what to do about each.
NO_PICKLES = {
    b"version https://git-lfs": "It is a pointer of Git LFS and not the file itself. Get that with git lfs pull.",
    b"PK\x03\x04": "It is a ZIP archive, as skops, Keras and PyTorch write it. Dump the estimator with joblib.",
    b"\x89HDF": "It is an HDF5 file, as Keras writes it. Only scikit-learn's kind of models can be served.",
    b"binf": "It is in XGBoost's old format. Load it there and save it with save_model('model.ubj').",
    b"<": "It is a web page or XML and not the file itself. Download the file again.",
}
UNPACKING_ERRORS = (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError)


class Readable(Protocol):
    """What an open file must offer, compressed or not."""

    def read(self, size: int = ..., /) -> bytes: ...
    def readline(self, size: int = ..., /) -> bytes: ...


class BoundedReader:
    """Reads unpacked bytes and refuses, before it allocates memory, more than the file's size allows."""

    def __init__(self, data: bytes) -> None:
        self._file = _unpacked(data)
        self._left = FREE_BYTES + BYTES_PER_BYTE * len(data)

    def read(self, size: int) -> bytes:
        """Return exactly ``size`` bytes."""
        self.require(size)
        content = self._take(self._file.read, size)
        if len(content) < size:
            raise ArtifactRefused("The file ends too early.")
        return content

    def readline(self) -> bytes:
        return self._take(self._file.readline, self._left + 1)

    def require(self, size: int) -> None:
        """Refuse a size that is more than what is left."""
        if not 0 <= size <= self._left:
            raise ArtifactRefused("The file unpacks to more data than its size allows.")

    def is_at_end(self) -> bool:
        return not self._take(self._file.read, 1)

    def _take(self, read: Callable[[int], bytes], size: int) -> bytes:
        try:
            content = read(size)
        except UNPACKING_ERRORS as error:
            raise ArtifactRefused("The file is damaged and can't be unpacked.") from error
        self._left -= len(content)
        if self._left < 0:
            raise ArtifactRefused("The file unpacks to more data than its size allows.")
        return content


def _unpacked(data: bytes) -> Readable:
    for prefix, sentence in NO_PICKLES.items():
        if data.startswith(prefix):
            raise ArtifactRefused(sentence)
    if data.startswith(b"ZF"):
        raise ArtifactRefused("It was written by a joblib older than 0.10. Dump it again with a newer one.")
    if data.startswith(b"\x04\x22\x4d\x18"):
        return _lz4(data)
    for prefix, opener in OPENERS.items():
        if data.startswith(prefix):
            # Without a buffer, joblib's reader returns a line byte by byte, which takes minutes.
            unpacked: Readable = io.BufferedReader(opener(io.BytesIO(data), "rb"), MEBIBYTE)
            return unpacked
    return io.BytesIO(data)


def _lz4(data: bytes) -> Readable:
    try:
        from lz4.frame import LZ4FrameFile
    except ImportError:
        raise ArtifactRefused("It is packed with lz4, which is not installed here.") from None
    file: Readable = LZ4FrameFile(io.BytesIO(data), "rb")
    return file

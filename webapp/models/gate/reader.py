"""The bytes of an artifact, unpacked under a limit."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from typing import Protocol

from joblib.compressor import BinaryZlibFile

from webapp.errors import ArtifactRefused

MEBIBYTE = 1024**2
#: What even the smallest file may unpack to; arrays of zeros pack very well.
FREE_BYTES = 256 * MEBIBYTE
#: What each byte of the file may unpack to beyond that.
BYTES_PER_BYTE = 20

#: The first bytes of each way of packing that joblib knows.
READERS = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
    b"\x5d\x00": lzma.LZMAFile,
    b"\x78": BinaryZlibFile,
}
UNPACKING_ERRORS = (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError)


class Readable(Protocol):
    """What a way of unpacking must offer."""

    def read(self, size: int = ..., /) -> bytes: ...
    def readline(self, size: int = ..., /) -> bytes: ...


class BoundedReader:
    """Reads unpacked bytes, refusing before it allocates what the file has no claim to."""

    def __init__(self, data: bytes) -> None:
        self._raw = _unpacked(data)
        self._left = FREE_BYTES + BYTES_PER_BYTE * len(data)

    def read(self, size: int) -> bytes:
        """Give exactly ``size`` bytes."""
        self.require(size)
        found = self._take(self._raw.read, size)
        if len(found) < size:
            raise ArtifactRefused("The file ends too early.")
        return found

    def readline(self) -> bytes:
        return self._take(self._raw.readline, self._left + 1)

    def require(self, size: int) -> None:
        """Refuse if so many bytes can't be left."""
        if not 0 <= size <= self._left:
            raise ArtifactRefused("The file unpacks to more than its size allows.")

    def at_end(self) -> bool:
        return not self._take(self._raw.read, 1)

    def _take(self, read: object, size: int) -> bytes:
        try:
            found: bytes = read(size)  # type: ignore[operator]
        except UNPACKING_ERRORS as error:
            raise ArtifactRefused("The file is damaged and can't be unpacked.") from error
        self._left -= len(found)
        if self._left < 0:
            raise ArtifactRefused("The file unpacks to more than its size allows.")
        return found


def _unpacked(data: bytes) -> Readable:
    if data.startswith(b"ZF"):
        raise ArtifactRefused("It was written by a joblib older than 0.10, whose files are not read.")
    if data.startswith(b"\x04\x22\x4d\x18"):
        return _lz4(data)
    for prefix, reader in READERS.items():
        if data.startswith(prefix):
            # Without a buffer, joblib's reader gives a line byte by byte, which takes minutes.
            unpacked: Readable = io.BufferedReader(reader(io.BytesIO(data), "rb"), MEBIBYTE)
            return unpacked
    return io.BytesIO(data)


def _lz4(data: bytes) -> Readable:
    try:
        from lz4.frame import LZ4FrameFile
    except ImportError:
        raise ArtifactRefused("It is packed with lz4, which is not installed here.") from None
    reader: Readable = LZ4FrameFile(io.BytesIO(data), "rb")
    return reader

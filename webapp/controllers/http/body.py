"""Reads the body of a request, compressed or not."""

from __future__ import annotations

import zlib

from flask import current_app, request

from webapp.errors import BodyTooLarge, MalformedBody, UnsupportedEncoding

#: The wbits argument of zlib for gzip, and for deflate with the header of zlib.
WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


def read_body() -> bytes:
    """Return the decompressed body.

    Raises
    ------
    UnsupportedEncoding, MalformedBody
    BodyTooLarge
        When the decompressed body is larger than an uncompressed one may be.
    """
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return request.get_data()
    if encoding not in WINDOW_BITS:
        raise UnsupportedEncoding
    return _decompress(request.get_data(), WINDOW_BITS[encoding], current_app.config["MAX_CONTENT_LENGTH"])


def _decompress(data: bytes, window_bits: int, limit: int) -> bytes:
    stream = zlib.decompressobj(window_bits)
    try:
        body = stream.decompress(data, limit + 1)
    except zlib.error:
        raise MalformedBody from None
    if len(body) > limit:
        raise BodyTooLarge
    if not stream.eof or stream.unused_data:
        raise MalformedBody
    return body

"""Reads the body of a request, compressed or not."""

from __future__ import annotations

import zlib

from flask import current_app, request

from webapp.errors import BodyTooLarge, MalformedBody, UnsupportedEncoding

#: What zlib calls them: gzip, and deflate with zlib's own header.
WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


def read_body() -> bytes:
    """Give the bytes of the body as they were before they were compressed.

    Raises
    ------
    UnsupportedEncoding, MalformedBody
    BodyTooLarge
        When more comes out than may be sent without compressing.
    """
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return request.get_data()
    if encoding not in WINDOWS:
        raise UnsupportedEncoding
    return _inflated(request.get_data(), WINDOWS[encoding], current_app.config["MAX_CONTENT_LENGTH"])


def _inflated(sent: bytes, window: int, limit: int) -> bytes:
    stream = zlib.decompressobj(window)
    try:
        body = stream.decompress(sent, limit + 1)
    except zlib.error:
        raise MalformedBody from None
    if len(body) > limit:
        raise BodyTooLarge
    if not stream.eof or stream.unused_data:
        raise MalformedBody
    return body

"""Reads a form with a file into a temporary file that has no name, so that nothing is left whatever happens."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from webapp.errors import BodyTooLarge, UploadNotStored

#: Room for the other fields and for what separates them.
MAX_OTHER_BYTES, MAX_PARTS = 64 * 1024, 8


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A form that was sent, with its file; without one, the name of the file is empty."""

    file_name: str
    path: Path
    fields: dict[str, str]


@contextmanager
def read_upload(folder: Path, max_bytes: int) -> Iterator[Upload]:
    """Read the form of this request, and keep its file in a folder until the block ends.

    Raises
    ------
    BodyTooLarge
        Before anything is read, if Content-Length says so.
    UploadNotStored
        When the disk is full, or the folder can't be used.
    """

    with ExitStack() as stored:

        def store(*_: Any, **__: Any) -> IO[bytes]:
            folder.mkdir(parents=True, exist_ok=True)
            return stored.enter_context(tempfile.TemporaryFile(dir=folder))

        parser = FormDataParser(
            stream_factory=store,
            max_form_memory_size=MAX_OTHER_BYTES,
            max_content_length=max_bytes + MAX_OTHER_BYTES,
            max_form_parts=MAX_PARTS,
        )
        try:
            _, fields, files = parser.parse_from_environ(request.environ)
        except RequestEntityTooLarge:
            raise BodyTooLarge(f"The file is larger than {max_bytes // 1024**2} MB (MAX_UPLOAD).") from None
        except OSError as error:
            raise UploadNotStored(f"The file can't be stored ({error.strerror}).") from error
        file = files.get("file")
        path = Path(f"/proc/self/fd/{file.stream.fileno()}") if file else Path()
        yield Upload(file_name=(file and file.filename) or "", path=path, fields=fields.to_dict())

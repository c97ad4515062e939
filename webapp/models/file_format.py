"""How a model may be stored: the endings of its file, and which format the first bytes show."""

from __future__ import annotations

from pathlib import Path

from webapp.models.parts_file import MARK
from webapp.types import Word


class FileFormat(Word):
    """What wrote a file, with the ending that a published version gets."""

    PICKLE = ".joblib"
    XGBOOST_BINARY_JSON = ".ubj"
    XGBOOST_JSON = ".xgb.json"
    LIGHTGBM_TEXT = ".lgb.txt"
    #: Never in the models folder: what is published is put together first.
    PARTS = ".parts"


#: The endings of pickles, and what joblib and people append to them when they are compressed.
PICKLE_ENDINGS = (".joblib", ".pkl", ".pickle", ".sav")
COMPRESSED_ENDINGS = ("", ".gz", ".z", ".bz2", ".xz", ".lzma", ".lz4")
#: The endings of the files that are models. Which format a file has is decided by its content alone.
ENDINGS = (
    *(f"{ending}{compressed}" for ending in PICKLE_ENDINGS for compressed in COMPRESSED_ENDINGS),
    *(".ubj", ".xgb.json", ".lgb.txt"),
)
#: How many of its first bytes show the format.
HEAD_BYTES = 64


def model_name(path: Path) -> str | None:
    """Return the name of a file without its ending; None if it has not the ending of a model."""
    ending = next((ending for ending in ENDINGS if path.name.endswith(ending)), None)
    return path.name.removesuffix(ending) if ending else None


def card_path(path: Path) -> Path:
    """Return where the card of a model's file lies."""
    return path.with_name(f"{model_name(path)}.json")


def format_of(head: bytes) -> FileFormat:
    """Return the format of a file from its first bytes; what is none of the others can only be a pickle."""
    if head.startswith(b"{L\x00"):
        return FileFormat.XGBOOST_BINARY_JSON
    if head.lstrip().startswith(b'{"'):
        return FileFormat.XGBOOST_JSON
    if head.startswith(MARK):
        return FileFormat.PARTS
    # No pickle begins like this, because there is nothing yet for the first instruction to make a tuple of.
    if head.startswith((b"tree\nversion=", b"tree\r\nversion=")):
        return FileFormat.LIGHTGBM_TEXT
    return FileFormat.PICKLE

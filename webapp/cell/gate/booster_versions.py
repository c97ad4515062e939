"""Which version of XGBoost or LightGBM wrote a model, as its own bytes say."""

from __future__ import annotations

import importlib
import re
from typing import Any

#: A list of three numbers of one byte each, in Universal Binary JSON and in JSON.
XGBOOST_VERSIONS = (
    re.compile(rb"L\0{7}\x07version\[#L\0{7}\x03[iU](.)[iU](.)[iU](.)", re.DOTALL),
    re.compile(rb'"version": ?\[(\d{1,3}), ?(\d{1,3}), ?(\d{1,3})\]'),
)
LIGHTGBM_VERSION = re.compile(r"\Atree\r?\nversion=v(\d)")
#: LightGBM writes the version of its format, which has changed with some of its own.
LIGHTGBM_FORMATS = {"3": "LightGBM 3 or older", "4": "LightGBM 4"}
#: Before, pickles had another format that says no version.
OLDEST_XGBOOST = (1, 7)
UNKNOWN_XGBOOST = "XGBoost older than 1.7"


def version_of(key: tuple[str, str], state: Any) -> str | None:
    """Return which version wrote the state of an instance, if that is a model of one of the two."""
    if type(state) is not dict:
        return None
    if key == ("xgboost.core", "Booster"):
        return xgboost_version(_content(state.get("handle"))) or UNKNOWN_XGBOOST
    if key == ("lightgbm.basic", "Booster") and isinstance(text := state.get("_handle", state.get("handle")), str):
        return lightgbm_version(text)
    return None


def _content(value: Any) -> bytes | bytearray:
    """Return the content of a bytearray, or of what stands for one: older protocols write a call, or two."""
    for _ in range(3):
        if isinstance(value, bytes | bytearray):
            return value
        if isinstance(value, str):
            return value.encode("latin-1", "ignore")
        args = getattr(value, "args", None)
        value = args[0] if isinstance(args, tuple) and args else None
    return b""


def xgboost_version(data: bytes | bytearray) -> str | None:
    """Return the version that wrote a model of XGBoost; it stands at the end."""
    binary, text = ([*each.finditer(data)] for each in XGBOOST_VERSIONS)
    if binary:
        return "XGBoost " + ".".join(str(part[0]) for part in binary[-1].groups())
    if text:
        return "XGBoost " + ".".join(part.decode() for part in text[-1].groups())
    return None


def lightgbm_version(text: str) -> str | None:
    """Return the version that wrote a model of LightGBM, as far as its text tells."""
    found = LIGHTGBM_VERSION.match(text)
    return LIGHTGBM_FORMATS.get(found[1]) if found else None


def version_problem(version: str | None) -> str | None:
    """Return in words why a model of this version can't be served; None if nothing speaks against it."""
    library, _, number = (version or "").partition(" ")
    if library != "XGBoost":
        return None
    if version == UNKNOWN_XGBOOST or _numbers(number) < OLDEST_XGBOOST:
        return (
            f"It was made with {version}, which was not compared with today's. Load it there, save it with "
            "save_model, read that file with XGBoost 1.7 or newer, and dump it again."
        )
    try:
        ours = importlib.import_module("xgboost").__version__
    except (ImportError, OSError):
        return "It needs xgboost, which is not installed here."
    if _numbers(number)[:2] > _numbers(ours)[:2]:
        return f"It was made with {version}, which is newer than the {ours} of this service. Fit it with {ours}."
    return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])

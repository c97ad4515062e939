"""Reads the folder that MLflow writes for a model: which file is the model, its inputs' names, and an example.

MLflow writes its file ``MLmodel`` as YAML, always in the same way; only the few lines that are needed are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from webapp.errors import NotPublishable
from webapp.regular_file import read_regular

MAX_BYTES = 4 * 1024 * 1024
#: The settings that name the file of the model, in the order in which they count.
FILES = ("pickled_model", "data", "model_path")
SETTING = re.compile(r"^ +(\w+): +(\S.*?) *$", re.MULTILINE)
#: A text in single quotes, which YAML folds into several lines and in which two quotes are one.
INPUTS = re.compile(r"^  inputs: +'((?:[^']|'')*)'", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class MLflowFolder:
    """What the folder tells."""

    model: Path
    #: The names of the inputs in the model's signature; empty if it has none.
    names: tuple[str, ...] = ()
    #: The first row of the input example; None if there is none.
    example: Mapping[str, Any] | None = None


def read_mlflow_folder(folder: Path) -> MLflowFolder:
    """Read the folder.

    Raises
    ------
    NotPublishable
    """
    try:
        text = read_regular(folder / "MLmodel", max_bytes=MAX_BYTES).decode("utf-8", "replace")
    except OSError as error:
        raise NotPublishable(
            f"{folder} is a folder without MLflow's file MLmodel ({error.strerror}). Give a model's file."
        ) from error
    settings: dict[str, str] = {}
    for name, value in SETTING.findall(text):
        settings.setdefault(name, value.strip("'\""))
    names = _names(text)
    return MLflowFolder(model=_model(folder, settings), names=names, example=_example(folder, text, names))


def _model(folder: Path, settings: Mapping[str, str]) -> Path:
    for name in FILES:
        path = folder / settings.get(name, "")
        # A folder from elsewhere must not name a file outside of it.
        if name in settings and path.resolve().is_relative_to(folder.resolve()) and path.is_file():
            return path
    raise NotPublishable(f"MLmodel in {folder} names no file in this folder. Give the model's file itself.")


def _names(text: str) -> tuple[str, ...]:
    found = INPUTS.search(text)
    with suppress(ValueError, TypeError, KeyError, RecursionError):
        inputs = json.loads(re.sub(r"\n +", " ", found[1]).replace("''", "'")) if found else []
        names = tuple(each["name"] for each in inputs)
        return names if all(isinstance(name, str) for name in names) else ()
    return ()


def _example(folder: Path, text: str, names: Sequence[str]) -> Mapping[str, Any] | None:
    if "saved_input_example_info:" not in text:
        return None
    with suppress(OSError, ValueError, TypeError, KeyError, IndexError, RecursionError):
        example = json.loads(read_regular(folder / "input_example.json", max_bytes=MAX_BYTES))
        rows = example["data"] if isinstance(example, dict) else example
        columns = example.get("columns", names) if isinstance(example, dict) else names
        return dict(zip(columns, rows[0], strict=True))
    return None

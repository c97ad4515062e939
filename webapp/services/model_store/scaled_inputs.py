"""The caution about a model that was probably fitted on scaled inputs, and is served without what scales them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from webapp.errors import NotServable
from webapp.models.file_format import model_name
from webapp.services.model_store.artifact_loader import ArtifactLoader
from webapp.services.model_store.served import ServedModel, UnservedModel
from webapp.types import Signature

ADVICE = "Publish both together: flask --app wsgi models publish MODEL --before TRANSFORMER --name NAME"
#: How many files beside a model are looked at.
MAX_FILES = 20


def transformers_beside(path: Path, loader: ArtifactLoader) -> Iterator[tuple[str, str, int]]:
    """Yield the transformers in the folder of a file: the name of each, its class and how many columns it returns."""
    with suppress(OSError):
        files = sorted(each for each in path.parent.iterdir() if model_name(each) and each.name != path.name)
        for file in files[:MAX_FILES]:
            with suppress(NotServable):
                report = loader.check(file, model=file.stem).report
                if report.holds and report.transforms is not None:
                    yield file.name, report.holds, report.transforms


def caution(model: ServedModel, unserved: Iterable[UnservedModel]) -> str | None:
    """Return what to say of a model whose inputs have no names, if a transformer beside it would fit in front."""
    transformers = [(each.name, each.transformer, each.columns) for each in unserved if each.transformer]
    return caution_about(model.signature, model.looks_scaled, transformers)


def caution_about(
    signature: Signature, looks_scaled: bool, transformers: Iterable[tuple[str, str, int | None]]
) -> str | None:
    """Return the same, of transformers by their name, class and number of columns."""
    if not signature.is_unnamed:
        return None
    fitting = [f"“{name}” ({kind})" for name, kind, columns in transformers if columns == len(signature.features)]
    if not fitting and not looks_scaled:
        return None
    found = ["Its inputs look scaled: its own statistics have mean 0 and spread 1." if looks_scaled else ""]
    if fitting:
        found.append(f"Beside it is a transformer that returns as many columns as it has inputs: {', '.join(fitting)}.")
    found.append(f"If it was fitted on transformed inputs, its answers to inputs as they are would be wrong. {ADVICE}")
    return " ".join(filter(None, found))

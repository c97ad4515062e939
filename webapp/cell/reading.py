"""Reads a file in its cell: what it uses, the estimator in it, and the estimator's inputs and outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sklearn

from webapp.cell.compiled import sample_splits
from webapp.cell.estimator.answers import predict_answers
from webapp.cell.estimator.matrix import as_matrix
from webapp.cell.estimator.servable import prepare_for_serving
from webapp.cell.estimator.training_rows import parts_with_training_rows
from webapp.cell.gate import Grants, Inspection, inspect, load
from webapp.cell.gate.allow_list import Use, refusal
from webapp.cell.migrations import Origin, require_known
from webapp.cell.probing import probe
from webapp.cell.signature import read_signature
from webapp.errors import NotServable
from webapp.models.file_report import FileReport
from webapp.models.signature.example import example
from webapp.models.signature.probed import with_probed
from webapp.types import Probed, Signature

OUT_OF_MEMORY = "It needs more memory than its size allows."


@dataclass(frozen=True)
class Model:
    """An estimator that was loaded, and its inputs and outputs."""

    estimator: Any
    signature: Signature


#: What is known after a step, and the model once it was loaded.
Step = tuple[FileReport, Model | None]


def read_file(data: bytes, trusted: Sequence[str]) -> Iterator[Step]:
    """Read a file; yield a report after each step, the last of which is complete.

    If a step ends the process, the report before it is what is known.
    """
    grants = Grants.of(trusted)
    try:
        report = _inspect(data, grants)
    except MemoryError:
        report = FileReport(reason=OUT_OF_MEMORY, is_final=False)
    yield report, None
    if report.reason:
        return
    try:
        estimator = _load(data, grants)
        model = Model(estimator, read_signature(estimator))
    except NotServable as error:
        yield replace(report, reason=error.message), None
    except MemoryError:
        yield replace(report, reason=OUT_OF_MEMORY, is_final=False), None
    except Exception as error:
        yield replace(report, reason=f"It can't be read ({type(error).__name__})."), None
    else:
        yield from _describe(model, report)


def _inspect(data: bytes, grants: Grants) -> FileReport:
    inspection = inspect(data)
    refused = inspection.refused_uses(grants)
    modules = {module for module, _ in inspection.names}
    numpy = "1" if any(m.startswith("numpy.core") for m in modules) else None
    return FileReport(
        made_with=inspection.made_with,
        read_with=sklearn.__version__,
        names=tuple((f"{m}.{n}", ", ".join(sorted(uses))) for (m, n), uses in sorted(inspection.names.items())),
        refused=tuple(f"{module}.{name} ({use})" for module, name, use in refused),
        numpy=numpy or ("2 or later" if any(m.startswith("numpy._core") for m in modules) else None),
        reason=_version_problem(inspection)
        or inspection.problem
        or (refusal(refused) + _advice(refused, modules) if refused else None),
    )


def _version_problem(inspection: Inspection) -> str | None:
    """Return why no file of this version is read, if so."""
    try:
        require_known(inspection.versions)
    except NotServable as error:
        return error.message
    return None


def _load(data: bytes, grants: Grants) -> Any:
    """Load the estimator in a file; of another version only if all that it holds was compared with this one.

    Raises
    ------
    NotServable
    """
    origin = Origin()
    content = load(data, grants, origin)
    origin.require_compared()
    return prepare_for_serving(content)


def _advice(refused: list[tuple[str, str, Use]], modules: set[str]) -> str:
    searches = any(module.startswith("sklearn.model_selection._search") for module in modules)
    if searches and any(f"{module}.".startswith("scipy.stats.") for module, _, _ in refused):
        return " Its search keeps distributions of scipy.stats; dump its best_estimator_ instead."
    return ""


def _describe(model: Model, report: FileReport) -> Iterator[Step]:
    """Yield the report of a made-up instance and, if its prediction failed, what probing found."""
    splits = sample_splits(model.estimator)
    report = replace(
        report,
        holds=type(model.estimator).__name__,
        parts_with_training_rows=tuple(parts_with_training_rows(model.estimator)),
        splits={name: tuple(thresholds) for name, thresholds in splits.items()},
        signature=model.signature,
        prediction=_prediction_problem(model),
    )
    yield report, model
    if report.prediction and (probed := probe(model.estimator, model.signature)):
        model = replace(model, signature=with_probed(model.signature, probed))
        problem = _prediction_problem(model)
        yield replace(report, signature=model.signature, prediction=problem, probed=probed), model


def read_again(data: bytes, trusted: Sequence[str], probed: Mapping[str, Probed]) -> Model:
    """Read a file that was read before, with what probing found then.

    Raises
    ------
    Exception
        Whatever the gate or the file raises.
    """
    estimator = _load(data, Grants.of(trusted))
    return Model(estimator, read_signature(estimator, probed))


def _prediction_problem(model: Model) -> str | None:
    # The failure may be due to the made-up instance, so it is reported and the file is not refused.
    try:
        predict_answers(model.estimator, as_matrix([example(model.signature)], model.signature), model.signature)
    except Exception as error:
        return f"The prediction for a made-up input failed ({type(error).__name__})."
    return None

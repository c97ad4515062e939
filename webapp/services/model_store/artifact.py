"""Loads the estimator from a Joblib file, through the gate."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import sklearn
from sklearn.exceptions import InconsistentVersionWarning

from webapp.cell.estimator.servable import prepare_for_serving
from webapp.cell.gate import Grants, load
from webapp.cell.sandbox.sandbox import Sandbox, SandboxReport
from webapp.errors import NotServable, NotServableYet
from webapp.helpers.inputs.messages import printable
from webapp.regular_file import MAX_FILE_BYTES, read_regular
from webapp.services.model_store.time_limit import TimeLimit
from webapp.types import Probed

MAX_REASON_LENGTH = 500


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """The estimator from a Joblib file, and the digest of that file."""

    estimator: Any
    #: The SHA-256 of the very bytes that were loaded.
    digest: str
    size: int
    #: Facts about inputs that nothing in the estimator states, found by trying values.
    probed: Mapping[str, Probed] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Check:
    """The verdict of the gate on a file."""

    digest: str
    size: int
    report: SandboxReport
    #: Why it is not served; None if it is.
    reason: str | None
    #: Whether another check would end like this one.
    is_final: bool = True


@cache
def shared_artifacts() -> dict[str, Artifact]:
    """Return the artifacts that were loaded before the fork, by digest; all workers share this one copy."""
    return {}


class ArtifactLoader:
    """Loads Joblib files: first in the sandbox, a process that may crash, and then in this process."""

    def __init__(
        self, sandbox: Sandbox, *, trusted_types: Collection[str] = (), allow_mismatch: Collection[str] = ()
    ) -> None:
        self._sandbox = sandbox
        self._trusted = tuple(trusted_types)
        self._grants = Grants.of(trusted_types)
        self._allow_mismatch = frozenset(allow_mismatch)
        self._time_limit = TimeLimit()

    def load(self, path: Path, *, model: str) -> Artifact:
        """Load a file for the model of this name.

        Raises
        ------
        NotServable
            With the reason in a sentence or two.
        NotServableYet
            When another attempt may end otherwise, although the file is the same.
        """
        data = self._read(path)
        check = self._check(data, model)
        if check.reason:
            raise (NotServable if check.is_final else NotServableYet)(check.reason)
        if shared := shared_artifacts().get(check.digest):
            return shared
        with warnings.catch_warnings():
            # _version_problem has already decided which versions fit together.
            warnings.simplefilter("ignore", InconsistentVersionWarning)
            estimator = prepare_for_serving(load(data, self._grants))
        probed = check.report.probed
        return Artifact(estimator=estimator, digest=check.digest, size=check.size, probed=probed)

    def share(self, path: Path, *, model: str) -> None:
        """Load a file for this process and its future forks; skip a file that can't be served."""
        # Each fork tries the file again and reports the reason.
        with suppress(Exception):
            artifact = self.load(path, model=model)
            shared_artifacts()[artifact.digest] = artifact

    def check(self, path: Path, *, model: str) -> Check:
        """Return the verdict of the gate on a file, without loading the file in this process.

        Raises
        ------
        NotServable
            When the file can't be opened.
        """
        return self._check(self._read(path), model)

    def read(self, path: Path, max_bytes: int = MAX_FILE_BYTES) -> bytes:
        """Read a file in the models folder.

        Raises
        ------
        OSError
        Silent
            When the folder does not answer.
        """
        return self._time_limit.run(path, lambda step: read_regular(path, max_bytes=max_bytes, on_progress=step))

    def _read(self, path: Path) -> bytes:
        try:
            return self.read(path)
        except OSError as error:
            raise NotServableYet(f"It can't be opened ({error.strerror}).") from error

    def _check(self, data: bytes, model: str) -> Check:
        digest = hashlib.sha256(data).hexdigest()
        report = self._sandbox.run(data, digest, self._trusted)
        version_problem = self._version_problem(report, model)
        reason = version_problem or report.reason
        return Check(
            digest=digest,
            size=len(data),
            report=report,
            # It may repeat a name in the file, which may be anything.
            reason=printable(reason, MAX_REASON_LENGTH) if reason else None,
            is_final=report.is_final or version_problem is not None,
        )

    def _version_problem(self, report: SandboxReport, model: str) -> str | None:
        theirs, ours = report.made_with, sklearn.__version__
        if theirs is None or _minor(theirs) == _minor(ours) or model in self._allow_mismatch:
            return None
        return (
            f"It was made with scikit-learn {theirs}, and this service runs {ours}. Fit and dump it again with "
            f"{ours}, run the service with {theirs}, or accept the risk: ALLOW_VERSION_MISMATCH={model}."
        )


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]

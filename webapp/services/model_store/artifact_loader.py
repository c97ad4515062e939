"""Has files read by their cells, in the environment that each needs, and gives a verdict on each."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from webapp.errors import HoldsTransformer, NotServable, NotServableYet
from webapp.helpers.inputs.messages import printable
from webapp.models.file_report import FileReport
from webapp.regular_file import MAX_FILE_BYTES, open_regular, read_regular
from webapp.services.cells.cell_starts import FileOfCells
from webapp.services.cells.environments import Environment, Environments, smallest
from webapp.services.cells.known_files import KnownFiles, key_of
from webapp.services.cells.model_cells import ModelCells
from webapp.services.cells.own_code import OwnCode
from webapp.services.cells.zygote import ZygoteClient
from webapp.services.model_store.artifact import Artifact
from webapp.services.model_store.needed_environment import NeededEnvironment, choose_one, needed_environment, way_out
from webapp.services.model_store.time_limit import TimeLimit
from webapp.types import INSTALLED

MAX_REASON_LENGTH = 1000


@dataclass(frozen=True, kw_only=True)
class Check:
    """The verdict on a file."""

    digest: str
    size: int
    report: FileReport
    #: Why it is not served; None if it is.
    reason: str | None
    environment: Environment | None = None
    #: The environment that would serve it, if it is not served and that can be told.
    needed: NeededEnvironment | None = None
    #: A digest of the operator's own code that it uses; empty if it uses none.
    code: str = ""
    #: Whether another check would end like this one.
    is_final: bool = True


class ArtifactLoader:
    """Has files read by their cells, and remembers what was found in them.

    Parameters
    ----------
    max_cells, processes : int
        How many cells each file has at most, for how many processes of the service.
    call_seconds : float
        How long a call of an estimator may take.
    """

    def __init__(
        self,
        zygote: ZygoteClient,
        known: KnownFiles,
        environments: Environments | None = None,
        *,
        max_cells: int,
        processes: int,
        call_seconds: float,
        trusted_types: Collection[str] = (),
    ) -> None:
        self._zygote = zygote
        self.known = known
        self.environments = environments or Environments(Path(os.devnull))
        self._max_cells = max_cells
        self._max_calls = max(1, max_cells // processes)
        self._call_seconds = call_seconds
        self._trusted = tuple(trusted_types)
        self.own_code = OwnCode(trusted_types)
        self._time_limit = TimeLimit()

    def load(self, path: Path, *, model: str, environment: str | None = None) -> Artifact:
        """Load a file for the model of this name.

        Parameters
        ----------
        environment : str, optional
            The environment that it is read in. Without one it is read with the service's own libraries or, if these
            can't, in the environment that has what it needs: the only one, or the one that all others only add to.

        Raises
        ------
        NotServable
            With the reason in a sentence or two.
        NotServableYet
            When another attempt may end otherwise, although the file is the same.
        """
        check, cells = self._check(path, environment)
        if check.reason and check.report.transforms is not None:
            raise HoldsTransformer(str(check.report.holds), check.report.transforms, check.reason)
        if check.reason:
            raise (NotServable if check.is_final else NotServableYet)(check.reason)
        if check.report.signature is None:
            raise NotServableYet("Its process did not say what its inputs are.")
        return Artifact(
            key=cells.key,
            digest=check.digest,
            size=check.size,
            report=check.report,
            signature=check.report.signature,
            cells=cells,
            environment=check.environment,
            code=check.code,
            code_modules=() if check.environment else tuple(self.own_code.modules_of(_names(check.report))),
        )

    def check(self, path: Path, *, model: str, environment: str | None = None) -> Check:
        """Return the verdict on a file, and keep nothing of it.

        Raises
        ------
        NotServable
            When the file can't be opened.
        """
        return self._check(path, environment, is_kept=False)[0]

    def forget(self, digests: Collection[str]) -> None:
        """Remove what was known of other files, a day after they were last read."""
        code = self.own_code.digest()
        self.known.forget({*digests, *(key_of(digest, self._trusted, code) for digest in digests)})

    def read(self, path: Path, max_bytes: int = MAX_FILE_BYTES) -> bytes:
        """Read a file in the models folder.

        Raises
        ------
        OSError
        Silent
            When the folder does not answer.
        """
        return self._time_limit.run(path, lambda step: read_regular(path, max_bytes=max_bytes, on_progress=step))

    def _check(self, path: Path, wanted: str | None, *, is_kept: bool = True) -> tuple[Check, ModelCells]:
        try:
            data = self.read(path)
        except OSError as error:
            raise NotServableYet(f"It can't be opened ({error.strerror}).") from error
        digest, size = hashlib.sha256(data).hexdigest(), len(data)
        if is_kept:
            self.known.keep_copy(digest, data)
        del data
        environment = self.environments.require(wanted) if wanted else None
        report, cells = self._report(path, digest, size, is_kept, environment)
        may_be_elsewhere = not environment and (report.refused or (report.reason and report.read_as))
        suiting = self.environments.suiting(report) if may_be_elsewhere else []
        if environment := environment or smallest(suiting):
            report, cells = self._report(path, digest, size, is_kept, environment)
        names = {each.name for each in self.environments.all()}
        needed = None if environment or suiting else needed_environment(report, names)
        # The reason may repeat a name in the file, which may be anything.
        reason = printable(report.reason, MAX_REASON_LENGTH) if report.reason else None
        if reason and not environment:
            reason = choose_one(suiting) if suiting else f"{reason}{way_out(report, needed)}"
        return Check(
            digest=digest,
            size=size,
            report=report,
            environment=environment,
            needed=needed,
            reason=reason,
            code=environment.code if environment else self.own_code.digest_of(_names(report)),
            is_final=report.is_final,
        ), cells

    def _report(
        self, path: Path, digest: str, size: int, is_kept: bool, environment: Environment | None
    ) -> tuple[FileReport, ModelCells]:
        trusted, code, zygote = self._trusted, self.own_code.digest(), self._zygote
        if environment:
            trusted, code, zygote = self._trusted_in(environment), environment.digest, zygote.of(environment)
        elif code:
            zygote = zygote.with_code(code)
        key = key_of(digest, trusted, code)
        file = FileOfCells(
            key=key,
            digest=digest,
            size=size,
            trusted=trusted,
            open=lambda: self._open(path, digest),
            has_its_code=lambda: code == self._code_now(environment),
        )
        cells = ModelCells(
            zygote,
            file,
            max_cells=self._max_cells,
            max_calls=self._max_calls,
            seconds=self._call_seconds,
        )
        if report := self.known.report(key):
            cells.probed = report.probed
            return report, cells
        report = cells.read()
        # What is wrong with code that can't be imported may be a library that is missing.
        if is_kept and report.is_final and not (report.reason and code):
            self.known.keep_report(key, report)
        return report, cells

    def _trusted_in(self, environment: Environment) -> tuple[str, ...]:
        """Return what files may use in an environment besides what is on the list of allowed types."""
        return () if environment.contents.is_pinned else (INSTALLED,)

    def _code_now(self, environment: Environment | None) -> str:
        """Return what names the code that cells would be started with now, in an environment or in the default one."""
        if environment is None:
            return self.own_code.digest(is_fresh=True)
        found = self.environments.get(environment.name)
        return found.digest if found else ""

    def _open(self, path: Path, digest: str) -> int:
        with suppress(OSError):
            return self.known.open_copy(digest)

        def open_file(_step: object) -> int:
            with open_regular(path) as file:
                return os.dup(file.fileno())

        return self._time_limit.run(path, open_file)


def _names(report: FileReport) -> list[str]:
    return [name for name, _ in report.names]

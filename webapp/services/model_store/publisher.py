"""Publishes a file: puts a checked copy and its card into the models folder as the next version."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from webapp.errors import NotPublishable, NotServable, NotServableYet, ScoredeskError
from webapp.models.card.redaction import refuse_values
from webapp.models.file_format import HEAD_BYTES, card_path, format_of
from webapp.models.parts_file import FilePart, write_parts
from webapp.regular_file import read_chunks, read_regular
from webapp.services.model_store import ModelStore
from webapp.services.model_store.artifact import Artifact, ArtifactLoader
from webapp.services.model_store.card_writer import CardWriter
from webapp.services.model_store.champions import is_number
from webapp.services.model_store.companions import ALONE, Companions
from webapp.services.model_store.files import ModelFolder
from webapp.services.model_store.history import Publication, VersionHistory
from webapp.services.model_store.loading import serve
from webapp.services.model_store.time_limit import Progress, Silent, TimeLimit

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)

#: Seconds for one step, such as writing a large file through to a slow disk.
SILENCE_SECONDS = 120.0
#: What to do when time, memory or a silent folder decided, and not the file.
TRY_AGAIN = "To try again, run the command once more."


@dataclass(frozen=True, kw_only=True)
class Published:
    """A version that was published."""

    name: str
    version: str
    path: Path
    champion: bool
    #: What was done with the parts of the file or files, in sentences.
    notes: tuple[str, ...] = ()


class Publisher:
    """Publishes versions of models."""

    def __init__(
        self,
        *,
        directory: Path,
        store: ModelStore,
        loader: ArtifactLoader,
        history: VersionHistory,
        redact: Collection[str] = (),
    ) -> None:
        self._directory = directory
        self._store = store
        self._loader = loader
        self._history = history
        self._redact = redact
        self._time_limit = TimeLimit(SILENCE_SECONDS)

    def publish(
        self, path: Path, name: str, card: CardWriter, actor: str, *, companions: Companions = ALONE
    ) -> Published:
        """Copy a file, check the copy, write its card and record the version.

        Parameters
        ----------
        companions : Companions
            The files that belong to this one. All of them become one file.

        The first version of a model becomes its champion; each later one waits to be promoted.

        Raises
        ------
        NotPublishable
        VersionHistoryUnavailable
        """
        if not NAME.fullmatch(name):
            raise NotPublishable(
                "A model's name has up to 64 letters, digits, dots, dashes and underscores, "
                "and begins with a letter or digit."
            )
        folder = self._directory / name
        with self._copies(path, folder) as (copy, card_copy):
            made = self._put_together(copy, path, companions, name)
            # The copy is checked, so the file can't be exchanged between check and publication.
            artifact = self._check(copy, name, card, actor, path)
            self._time_limit.run(copy, lambda _: _make_durable(copy, card_copy))
            # Not within the transaction, which keeps others waiting.
            present = self._time_limit.run(folder, lambda _: [path.name.partition(".")[0] for path in folder.iterdir()])
            with self._history.publishing(name) as publication:
                version = _next_version([*publication.known_versions(), *present])
                publication.publish(version, artifact.digest, actor)
                is_champion = self._choose_champion(name, publication, version, artifact.digest, actor)
            # The files come last, so that no process finds a version before it is known whether that is the champion.
            # The card comes first, so that a version is never without its card.
            published = self._time_limit.run(folder, lambda _: _put_in_place(copy, card_copy, folder, version))
        return Published(
            name=name, version=version, path=published, champion=is_champion, notes=made or artifact.report.notes
        )

    def _put_together(self, copy: Path, source: Path, companions: Companions, name: str) -> tuple[str, ...]:
        """Replace the copy by one file of all parts, which their cell writes; return what it did with them."""
        if companions == ALONE or not (companions.are_certain or self._is_unnamed(copy, source, name)):
            return ()
        model = self._time_limit.run(copy, lambda step: read_regular(copy, on_progress=step))
        parts = write_parts([*companions.parts(), FilePart(role="model", name=source.name, data=model)])
        self._time_limit.run(copy, lambda _: copy.write_bytes(parts))
        with self._refusals(source):
            artifact = self._loader.load(copy, model=name)
            if artifact.report.prediction:
                raise NotServable(f"The files were put together. {artifact.report.prediction}")
            data = artifact.dump()
            artifact.cells.retire()
        self._time_limit.run(copy, lambda _: copy.write_bytes(data))
        return artifact.report.notes

    def _is_unnamed(self, copy: Path, source: Path, name: str) -> bool:
        with self._refusals(source):
            return self._loader.load(copy, model=name).signature.is_unnamed

    def _check(self, copy: Path, name: str, card: CardWriter, actor: str, source: Path) -> Artifact:
        """Write the card, and then do what each worker will do: read both files and answer the golden rows."""
        with self._refusals(source):
            artifact = self._loader.load(copy, model=name, environment=card.environment)
            full_card = card.write(artifact, actor)
            refuse_values(full_card, self._redact)
            written = copy.with_suffix(".json")
            self._time_limit.run(written, lambda _: written.write_bytes(full_card.to_bytes()))
            describe = ModelFolder(copy.parent).describe
            file = self._time_limit.run(copy, lambda progress: describe(name, copy, version="", on_progress=progress))
            serve(file, self._loader, max_instances=1)
        return artifact

    @contextmanager
    def _refusals(self, source: Path) -> Iterator[None]:
        """Turn what speaks against a file into what the publisher reads."""
        try:
            yield
        except Silent:
            raise
        except NotServableYet as error:
            raise NotPublishable(f"{source} can't be published. {error.message} {TRY_AGAIN}") from None
        except NotServable as error:
            raise NotPublishable(f"{source} can't be published. {error.message}") from None
        except (ScoredeskError, OSError):
            raise
        except Exception as error:
            advice = f" {TRY_AGAIN}" if isinstance(error, MemoryError) else ""
            reason = f"It can't be read ({type(error).__name__}).{advice}"
            raise NotPublishable(f"{source} can't be published. {reason}") from error

    def _choose_champion(self, name: str, publication: Publication, version: str, digest: str, actor: str) -> bool:
        """Promote a version if none was promoted yet, or the newest would answer; return whether it is this one."""
        if publication.has_champion:
            return False
        served = self._store.find(name)
        if served and is_number(served.version):
            # This version was copied here by hand and never promoted.
            publication.promote(served.version, served.digest, actor)
            return False
        publication.promote(version, digest, actor)
        return True

    @contextmanager
    def _copies(self, path: Path, folder: Path) -> Iterator[tuple[Path, Path]]:
        """Copy a file into the folder under a name that no process reads, and remove what is left of it afterwards."""
        copy = folder / f".{uuid4().hex}.joblib"
        card = copy.with_suffix(".json")
        try:
            self._time_limit.run(folder, lambda progress: _copy(path, copy, progress))
            yield copy, card
        except Silent as error:
            raise NotPublishable(f"{error.message} {TRY_AGAIN}") from None
        except OSError as error:
            raise NotPublishable(f"{error.filename or folder} can't be used ({error.strerror}).") from error
        finally:
            with suppress(Silent):
                self._time_limit.run(folder, lambda _: _remove_leftovers(copy, card, folder))


def _copy(path: Path, copy: Path, progress: Progress) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        with copy.open("wb") as written:
            for chunk in read_chunks(path, on_progress=progress):
                written.write(chunk)
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def _put_in_place(copy: Path, card_copy: Path, folder: Path, version: str) -> Path:
    with copy.open("rb") as file:
        published = folder / f"{version}{format_of(file.read(HEAD_BYTES))}"
    card_copy.rename(card_path(published))
    copy.rename(published)
    _make_durable(folder)
    return published


def _remove_leftovers(copy: Path, card: Path, folder: Path) -> None:
    for leftover in (copy, card):
        leftover.unlink(missing_ok=True)
    with suppress(OSError):
        # A first version that failed leaves no empty folder.
        folder.rmdir()


def _next_version(known: Iterable[str]) -> str:
    return str(max((int(version) for version in known if is_number(version)), default=0) + 1)


def _make_durable(*paths: Path) -> None:
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

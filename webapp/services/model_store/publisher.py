"""Publishes a file: puts a checked copy and its card into the models folder as the next version."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import uuid4

from webapp.errors import NameTaken, NotPublishable, NotServable, NotServableYet, ScoredeskError
from webapp.helpers.inputs.messages import printable
from webapp.helpers.model_names import NAME, file_title, model_name
from webapp.models.card.redaction import refuse_values
from webapp.models.file_format import HEAD_BYTES, FileFormat, card_path, format_of
from webapp.models.file_report import FileReport
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
from webapp.types import Signature

#: Seconds for one step, such as writing a large file through to a slow disk.
SILENCE_SECONDS = 120.0
#: What to do when time, memory or a silent folder decided, and not the file.
TRY_AGAIN = "Please try it once more."


@dataclass(frozen=True, kw_only=True)
class Published:
    """A version that was published, now or before."""

    name: str
    version: str
    #: Its file; of one that was there before, the model's folder.
    path: Path
    champion: bool
    #: What was found in the file, and its inputs with the words of its card.
    report: FileReport
    signature: Signature
    #: Whether it was published now, and was not there before.
    is_new: bool = True
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

    def add(
        self, path: Path, file_name: str, actor: str | None, *, name: str = "", may_follow: bool = False
    ) -> Published:
        """Publish a file that a person brings, under its own name or another one, unless it was published before.

        Raises
        ------
        NameTaken, NotPublishable, VersionHistoryUnavailable
        """
        own = model_name(file_name)
        # A name without spaces and accents makes a poorer title than the file's.
        title = file_title(file_name) if not name and own != file_title(file_name) else None
        return self.publish(
            path,
            name or own,
            CardWriter(title=title or None),
            actor,
            file_name=printable(file_name),
            may_repeat=False,
            may_follow=may_follow,
        )

    def publish(
        self,
        path: Path,
        name: str,
        card: CardWriter,
        actor: str | None,
        *,
        companions: Companions = ALONE,
        file_name: str | None = None,
        may_repeat: bool = True,
        may_follow: bool = True,
    ) -> Published:
        """Copy a file, check the copy, write its card and record the version.

        The first version of a model becomes its champion; each later one waits to be promoted.

        Parameters
        ----------
        companions : Companions
            The files that belong to this one. All of them become one file.
        file_name : str, optional
            What people call the file, if that is not its path.
        may_repeat : bool, default=True
            Whether a file that is a version of the model already is published once more.
        may_follow : bool, default=True
            Whether it may become the next version of a model that is there already.

        Raises
        ------
        NameTaken
            When it may not.
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
            _refuse_parts(copy, file_name or str(path))
            made = self._put_together(copy, path, companions, name)
            # The copy is checked, so the file can't be exchanged between check and publication.
            artifact, signature = self._check(copy, name, card, actor, file_name or str(path))
            published = partial(
                Published,
                name=name,
                report=artifact.report,
                signature=signature,
                notes=made or artifact.report.notes,
            )
            self._time_limit.run(copy, lambda _: _make_durable(copy, card_copy))
            if not may_repeat and (known := self._find(name, artifact.digest)):
                champion = self._store.find(name)
                return published(
                    version=known, path=folder, champion=bool(champion and champion.version == known), is_new=False
                )
            # Not within the transaction, which keeps others waiting.
            is_taken = not may_follow and self._store.knows(name)
            present = self._time_limit.run(folder, lambda _: [path.name.partition(".")[0] for path in folder.iterdir()])
            with self._history.publishing(name) as publication:
                versions = [*publication.known_versions(), *present]
                if is_taken or (not may_follow and any(map(is_number, versions))):
                    raise NameTaken(f"There is already a model with the name {name}.")
                version = _next_version(versions)
                publication.publish(version, artifact.digest, actor)
                is_champion = self._choose_champion(name, publication, version, artifact.digest, actor)
            # The files come last, so that no process finds a version before it is known whether that is the champion.
            # The card comes first, so that a version is never without its card.
            place = self._time_limit.run(folder, lambda _: _put_in_place(copy, card_copy, folder, version))
        return published(version=version, path=place, champion=is_champion)

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

    def _find(self, name: str, digest: str) -> str | None:
        """Return the version of a model that is this very file."""
        if not self._store.knows(name):
            return None
        return next((file.version for file, _ in self._store.versions(name) if file.digest == digest), None)

    def _check(
        self, copy: Path, name: str, card: CardWriter, actor: str | None, source: str
    ) -> tuple[Artifact, Signature]:
        """Write the card, and then do what each worker will do: read both files and answer the golden rows."""
        with self._refusals(source):
            artifact = self._loader.load(copy, model=name, environment=card.environment)
            full_card = card.write(artifact, actor, self._redact)
            refuse_values(full_card, self._redact)
            written = copy.with_suffix(".json")
            self._time_limit.run(written, lambda _: written.write_bytes(full_card.to_bytes()))
            describe = ModelFolder(copy.parent).describe
            file = self._time_limit.run(copy, lambda progress: describe(name, copy, version="", on_progress=progress))
            return artifact, serve(file, self._loader, max_instances=1).signature

    @contextmanager
    def _refusals(self, source: Path | str) -> Iterator[None]:
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

    def _choose_champion(
        self, name: str, publication: Publication, version: str, digest: str, actor: str | None
    ) -> bool:
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
            # Where nothing can be written, nothing is left, and the first error says more.
            with suppress(Silent, OSError):
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


def _refuse_parts(copy: Path, source: str) -> None:
    """Refuse what only Scoredesk itself writes, on the way into a cell: as a version, no process would find it."""
    with copy.open("rb") as file:
        if format_of(file.read(HEAD_BYTES)) is FileFormat.PARTS:
            raise NotPublishable(f"{source} can't be published. It is no model's file. Send the model's own file.")


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

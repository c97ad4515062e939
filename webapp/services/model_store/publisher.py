"""Publishes a file: puts a checked copy and its card into the models folder as the next version."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from webapp.errors import NameTaken, NotPublishable
from webapp.helpers.inputs.messages import printable
from webapp.helpers.model_names import NAME, file_title, model_name
from webapp.models.card.redaction import refuse_values
from webapp.models.file_report import FileReport
from webapp.services.model_store import ModelStore
from webapp.services.model_store.artifact import Artifact
from webapp.services.model_store.artifact_loader import ArtifactLoader
from webapp.services.model_store.assembler import Assembler
from webapp.services.model_store.card_writer import CardWriter
from webapp.services.model_store.champions import is_number
from webapp.services.model_store.companions import ALONE, Companions
from webapp.services.model_store.files import ModelFolder
from webapp.services.model_store.history import Publication, VersionHistory
from webapp.services.model_store.loading import serve
from webapp.services.model_store.publishing_copies import copies, make_durable, put_in_place, refuse_parts
from webapp.services.model_store.publishing_refusals import refusals
from webapp.services.model_store.time_limit import TimeLimit
from webapp.types import Signature

#: Seconds for one step, such as writing a large file through to a slow disk.
SILENCE_SECONDS = 120.0


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
        self._assembler = Assembler(loader, self._time_limit)

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
        with copies(path, folder, self._time_limit) as (copy, card_copy):
            refuse_parts(copy, file_name or str(path))
            made = self._assembler.put_together(copy, path, companions, name)
            # The copy is checked, so the file can't be exchanged between check and publication.
            artifact, signature = self._check(copy, name, card, actor, file_name or str(path))
            published = partial(
                Published,
                name=name,
                report=artifact.report,
                signature=signature,
                notes=made or artifact.report.notes,
            )
            self._time_limit.run(copy, lambda _: make_durable(copy, card_copy))
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
            place = self._time_limit.run(folder, lambda _: put_in_place(copy, card_copy, folder, version))
        return published(version=version, path=place, champion=is_champion)

    def _find(self, name: str, digest: str) -> str | None:
        """Return the version of a model that is this very file."""
        if not self._store.knows(name):
            return None
        return next((file.version for file, _ in self._store.versions(name) if file.digest == digest), None)

    def _check(
        self, copy: Path, name: str, card: CardWriter, actor: str | None, source: str
    ) -> tuple[Artifact, Signature]:
        """Write the card, and then do what each worker will do: read both files and answer the golden rows."""
        with refusals(source):
            artifact = self._loader.load(copy, model=name, environment=card.environment)
            full_card = card.write(artifact, actor, self._redact)
            refuse_values(full_card, self._redact)
            written = copy.with_suffix(".json")
            self._time_limit.run(written, lambda _: written.write_bytes(full_card.to_bytes()))
            describe = ModelFolder(copy.parent).describe
            file = self._time_limit.run(copy, lambda progress: describe(name, copy, version="", on_progress=progress))
            return artifact, serve(file, self._loader, max_instances=1).signature

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


def _next_version(known: Iterable[str]) -> str:
    return str(max((int(version) for version in known if is_number(version)), default=0) + 1)

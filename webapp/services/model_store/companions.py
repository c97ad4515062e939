"""The files that belong to a model's file, as its publisher names them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from webapp.errors import NotPublishable
from webapp.models.parts_file import FilePart, Role
from webapp.regular_file import read_regular

#: The endings of files that hold names as text; any other is a pickle.
TEXT_ENDINGS = (".json", ".txt", ".csv")


@dataclass(frozen=True, kw_only=True)
class Companions:
    """Transformers in front of a model, in their order, and a list of the names of its inputs."""

    before: tuple[Path, ...] = ()
    names: Path | None = None
    #: Names for a model that has none; they don't speak against other names that it has.
    fallback_names: tuple[str, ...] = ()

    @property
    def are_certain(self) -> bool:
        """Whether a file is given that must be put together with the model."""
        return bool(self.before or self.names)

    def parts(self) -> Iterator[FilePart]:
        """Read the files.

        Raises
        ------
        NotPublishable
        """
        for path in self.before:
            yield FilePart(role="before", name=path.name, data=_read(path))
        if self.names:
            is_text = self.names.suffix.lower() in TEXT_ENDINGS
            role: Role = "names as text" if is_text else "names"
            yield FilePart(role=role, name=self.names.name, data=_read(self.names))
        elif self.fallback_names:
            names = json.dumps(self.fallback_names).encode()
            yield FilePart(role="names as text", name="its signature", data=names)


#: What a model has that needs no other file.
ALONE = Companions()


def _read(path: Path) -> bytes:
    try:
        return read_regular(path)
    except OSError as error:
        raise NotPublishable(f"{path} can't be read ({error.strerror}).") from error

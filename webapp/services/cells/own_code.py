"""The operator's own code in the default environment: which files it is in, and a digest of it.

It is what the types in ``TRUSTED_TYPES`` are made of: their packages or modules as a whole, and what these import. Of
libraries that they import, the version counts. Nothing is imported here; only cells run it.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from importlib.machinery import EXTENSION_SUFFIXES, SOURCE_SUFFIXES, ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

from webapp.config import ROOT
from webapp.regular_file import read_regular

#: Seconds for which a look at the files is believed.
LOOK_SECONDS = 1.0
MAX_SOURCE_BYTES = 64 * 1024**2
#: The endings of files with code. Data beside them do not count.
CODE_SUFFIXES = (*SOURCE_SUFFIXES, *EXTENSION_SUFFIXES)
#: The service itself, and libraries whose versions are part of what is known of any file.
SCOREDESK = {"webapp", "joblib", "lightgbm", "numpy", "pandas", "scipy", "sklearn", "xgboost"}
KNOWN_OTHERWISE = sys.stdlib_module_names | SCOREDESK
LIBRARY_FOLDERS = {"site-packages", "dist-packages"}
#: Folders in a package that hold no code of it, and may hold very much.
NO_CODE = {"__pycache__", "node_modules"}
#: What a line of code may import; it finds too much in texts, of which modules of these names would have to exist.
IMPORTS = re.compile(rb"^[ \t]*(?:from[ \t]+(\w+)|import[ \t]+([\w., \t]+))", re.MULTILINE)

Stamp = tuple[int, ...]


@dataclass(frozen=True)
class _Source:
    """One file as it was when it was last read."""

    stamp: Stamp
    digest: str
    imports: frozenset[str]


class OwnCode:
    """Knows the code of the types that the operator trusts."""

    def __init__(self, trusted: Collection[str] = ()) -> None:
        self._trusted = frozenset(trusted)
        self._sources: dict[str, _Source] = {}
        #: For each module, and whether it counts as own, when it was looked at, its digest, and what it imports.
        self._modules: dict[tuple[str, bool], tuple[float, str, frozenset[str]]] = {}
        self._lock = Lock()

    def digest(self, *, is_fresh: bool = False) -> str:
        """Return a digest of all own code; empty if nothing is trusted.

        Parameters
        ----------
        is_fresh : bool, default=False
            Whether the files are looked at now, although that was done a moment ago.
        """
        return self.digest_of(self._trusted, is_fresh=is_fresh)

    def digest_of(self, names: Collection[str], *, is_fresh: bool = False) -> str:
        """Return a digest of the code behind these names, as far as they are trusted; empty if there is none."""
        if not (modules := self.modules_of(names)):
            return ""
        since = time.monotonic() - (0.0 if is_fresh else LOOK_SECONDS)
        with self._lock:
            found: dict[str, str] = {}
            waiting = set(modules)
            while waiting:
                name = waiting.pop()
                found[name], imports = self._look(name, since, is_own=name in modules)
                waiting |= imports - found.keys()
        return hashlib.sha256("\n".join(f"{name} {found[name]}" for name in sorted(found)).encode()).hexdigest()

    def modules_of(self, names: Collection[str]) -> list[str]:
        """Return the packages and modules of the trusted types among these names."""
        tops = {name.partition(".")[0] for name in self._trusted.intersection(names)}
        return sorted(tops - KNOWN_OTHERWISE)

    def _look(self, name: str, since: float, *, is_own: bool) -> tuple[str, frozenset[str]]:
        """Return a digest of the files of a module, and what they import; of a library, the version."""
        looked, digest, imports = self._modules.get((name, is_own), (since - 1, "", frozenset[str]()))
        if looked < since:
            looked = time.monotonic()
            spec = _spec(name)
            if spec and not is_own and _is_library(spec):
                digest, imports = _version(name), frozenset()
            else:
                sources = {place: self._read(path) for place, path in (_files(spec) if spec else ())}
                lines = "\n".join(f"{place} {source.digest}" for place, source in sorted(sources.items()))
                digest = hashlib.sha256(lines.encode()).hexdigest() if lines else "absent"
                imports = frozenset(each for source in sources.values() for each in source.imports) - KNOWN_OTHERWISE
            self._modules[name, is_own] = looked, digest, imports
        return digest, imports

    def _read(self, path: str) -> _Source:
        """Read a file if it has changed."""
        try:
            found = Path(path).stat()
            stamp = found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
            known = self._sources.get(path)
            if known is None or known.stamp != stamp:
                data = read_regular(Path(path), max_bytes=MAX_SOURCE_BYTES)
                imports = _imports(data) if path.endswith(tuple(SOURCE_SUFFIXES)) else frozenset()
                known = self._sources[path] = _Source(stamp, hashlib.sha256(data).hexdigest(), imports)
            return known
        except OSError as error:
            return _Source((), f"unreadable: {error.strerror}", frozenset())


@cache
def _version(name: str) -> str:
    return " ".join(f"{each} {metadata.version(each)}" for each in sorted(set(_distributions().get(name, ()))))


@cache
def _distributions() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


def _imports(data: bytes) -> frozenset[str]:
    names = (found[1] or found[2] for found in IMPORTS.finditer(data))
    words = (word.split() for line in names for word in line.decode(errors="ignore").split(","))
    return frozenset(parts[0].partition(".")[0] for parts in words if parts)


def _files(spec: ModuleSpec) -> Iterator[tuple[str, str]]:
    """Yield the files with code of a package or module, each with its place in there."""
    for folder in spec.submodule_search_locations or ():
        for place, folders, files in os.walk(folder):
            folders[:] = [each for each in folders if each.isidentifier() and each not in NO_CODE]
            for file in files:
                if file.endswith(CODE_SUFFIXES):
                    path = f"{place}/{file}"
                    yield path.removeprefix(folder), path
    if spec.origin and spec.has_location:
        yield Path(spec.origin).name, spec.origin


def _is_library(spec: ModuleSpec) -> bool:
    places = [spec.origin or "", *(spec.submodule_search_locations or ())]
    return any(LIBRARY_FOLDERS.intersection(Path(place).parts) for place in places)


def _spec(name: str) -> ModuleSpec | None:
    """Find a module as the processes of models do, whose first place to look at is the folder of the service."""
    with suppress(ImportError, ValueError, OSError):
        return PathFinder.find_spec(name, [str(ROOT), *(place for place in sys.path if place)]) or find_spec(name)
    return None

"""Which version is the champion of a model, and which versions could replace it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

#: Actions on a version; the last two choose the champion.
PUBLISHED, PROMOTED, ROLLED_BACK = "published", "promoted", "rolled back"
#: Actions on a model; its champion at the time is recorded with them.
UNLOADED, LOADED = "unloaded", "loaded"
#: A bare file in the folder has no number: its version is this many digits of its digest.
DIGEST_DIGITS = 12


def line_of(events: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the champion and its predecessors, newest first, from (version, action) pairs, oldest first.

    A version that was rolled back has left the line; only a promotion brings it back.
    """
    line: list[str] = []
    for version, action in events:
        if action == PROMOTED and line[-1:] != [version]:
            line.append(version)
        elif action == ROLLED_BACK:
            while line and line[-1] != version:
                line.pop()
            line = line or [version]
    return tuple(reversed(line))


def candidates(versions: Collection[str], line: Sequence[str]) -> list[str]:
    """Return the versions that may answer in their order, the champion first.

    If none of them was ever promoted, the highest number comes first and a bare file last.
    """
    promoted = [version for version in dict.fromkeys(line) if version in versions]
    return promoted or sorted(versions, key=by_age, reverse=True)


def by_age(version: str) -> tuple[bool, int, str]:
    """Return a sort key for versions: a bare file, whose version is its digest, comes before the numbers."""
    return (True, int(version), "") if is_number(version) else (False, 0, version)


def is_number(version: str) -> bool:
    """Return whether this is the number of a published version and not the digest of a bare file."""
    return version.isascii() and version.isdigit() and version[0] != "0" and len(version) < DIGEST_DIGITS

"""Which version answers for a model, and which would in its place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

#: What can be told about a version; the last two choose the champion.
PUBLISHED, PROMOTED, ROLLED_BACK = "published", "promoted", "rolled back"
#: What can be told about a model, beside the version that is its champion then.
UNLOADED, LOADED = "unloaded", "loaded"


def line_of(events: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Give the champion and those before it, newest first, from (version, action) pairs, oldest first.

    A version that was rolled back has left the line, so that nothing leads back to it but a promotion.
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
    """Put the versions that may answer in order, the champion first.

    Where no promotion names one of them, the newest by number comes first and a bare file last.
    """
    promoted = [version for version in dict.fromkeys(line) if version in versions]
    return promoted or sorted(versions, key=by_age, reverse=True)


def by_age(version: str) -> tuple[bool, int, str]:
    """Sort versions: a bare file, which is called by its digest, and then the numbers."""
    return (True, int(version), "") if is_number(version) else (False, 0, version)


def is_number(version: str) -> bool:
    """Tell whether this is the number of a published version and not the digest of a bare file."""
    return version.isascii() and version.isdigit() and version[0] != "0" and len(version) < DIGEST_DIGITS


#: A file that lies bare in the folder has no number; so many digits of its digest are its version.
DIGEST_DIGITS = 12

"""Names that were probably meant by one that does not exist."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

#: How many names are compared at most; comparing with each takes time.
MAX_COMPARED = 200


def closest_name(name: str, names: Collection[str]) -> str | None:
    """Return the name that was probably meant by one that does not exist, if there is one."""
    plain = {_plain(each): each for each in names}
    if _plain(name) in plain:
        return plain[_plain(name)]
    close = get_close_matches(_plain(name[:100]), plain, n=1, cutoff=0.8) if len(plain) <= MAX_COMPARED else []
    return plain[close[0]] if close else None


def _plain(name: str) -> str:
    """Return a name without what is easily mistaken: its case, and the signs between its words."""
    return "".join(filter(str.isalnum, name.casefold()))


def did_you_mean(name: str, names: Collection[str]) -> str:
    """Return the question after a near name, with a space before it; empty if no name is near."""
    meant = closest_name(name, names)
    return f" Did you mean “{meant}”?" if meant else ""

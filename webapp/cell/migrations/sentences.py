"""The sentences that refuse files of other versions: what was found, then what to do."""

from __future__ import annotations

from collections.abc import Sequence

import sklearn

from webapp.cell.migrations.compared import Minor

DOCUMENT = "docs/your-own-model.md"


def not_read(made_with: str, minors: Sequence[Minor]) -> str:
    """Refuse a version of which nothing was compared."""
    reads = f" and reads files of {_range(minors)} too" if minors else ""
    return f"{_made(made_with)}, and this service runs {sklearn.__version__}{reads}. {_ways_out()}"


def not_compared(made_with: str, words: Sequence[str]) -> str:
    """Refuse parts that were not compared, or did not answer the same."""
    others = f" and {len(words) - 1} more" if len(words) > 1 else ""
    return (
        f"{_made(made_with)}. Scoredesk has not shown that its {words[0]}{others} would answer the same with "
        f"{sklearn.__version__}. {_ways_out()}"
    )


def differs(made_with: str, words: str) -> str:
    """Refuse a part that is known to answer otherwise."""
    return f"{_made(made_with)}. Its {words} would answer otherwise with {sklearn.__version__}. {_ways_out()}"


def mixed(versions: Sequence[str]) -> str:
    """Refuse a file whose parts name several versions."""
    ours, listed = sklearn.__version__, " and ".join(versions[:2])
    return f"Its parts were made with scikit-learn {listed}. Train it again with {ours} and dump it again."


def unnamed() -> str:
    """Refuse a file that names no version, as scikit-learn did before 0.18."""
    ours = sklearn.__version__
    return f"It does not say which version of scikit-learn made it. Train it again with {ours} and dump it again."


def _made(made_with: str) -> str:
    return f"It was made with scikit-learn {made_with}"


def _ways_out() -> str:
    # The service knows which environments there are, and adds the command.
    return f"Train it again with {sklearn.__version__} and dump it again, or use an environment ({DOCUMENT})."


def _range(minors: Sequence[Minor]) -> str:
    first, last = (".".join(map(str, minor)) for minor in (min(minors), max(minors)))
    return f"{first} to {last}"

"""What speaks against the publication of a file, in sentences for its publisher."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from webapp.errors import NotPublishable, NotServable, NotServableYet, ScoredeskError
from webapp.services.model_store.time_limit import Silent

#: What to do when time, memory or a silent folder decided, and not the file.
TRY_AGAIN = "Please try it once more."


@contextmanager
def refusals(source: Path | str) -> Iterator[None]:
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

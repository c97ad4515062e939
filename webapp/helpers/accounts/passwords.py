"""Which passwords are accepted: by their length, and by how many guesses zxcvbn expects them to withstand."""

from __future__ import annotations

import math
import re
from threading import Lock

MIN_LENGTH, MAX_LENGTH = 12, 256
#: zxcvbn doesn't see that four different characters make few passwords, however they are mixed.
MIN_DISTINCT_CHARACTERS = 5
#: zxcvbn calls more than this "safely unguessable" (score 3). Three less common words or eight random letters reach it.
MIN_GUESSES = 10**8
#: zxcvbn's run time grows steeply: the worst 32 characters take a second on a slow core, the worst 72 take eight. A
#: password is at least as hard to guess as its beginning, so judging only that accepts nothing that is easy to guess.
MAX_JUDGED_CHARACTERS = 32
#: Words that attackers try first and that zxcvbn's lists lack.
EXTRA_COMMON_WORDS = ("scoredesk", "passphrase", "willkommen", "dubsmash")
#: Digits and signs around a password, and what separates its words: attackers try these with every word.
DECORATION = re.compile(r"^[\W\d_]+|[\W\d_]+$|[\s._-]+")

#: zxcvbn keeps the user's own words in a global dictionary, which threads would overwrite for each other.
_lock = Lock()


def problem_of(password: str, name: str) -> str | None:
    """Return a sentence that says what is wrong with a password for a user of this name, None if it is accepted."""
    if len(password) < MIN_LENGTH:
        return f"A password needs at least {MIN_LENGTH} characters. A few words in a row are easy to remember."
    if len(password) > MAX_LENGTH:
        return f"A password has at most {MAX_LENGTH} characters."
    if len(set(password.casefold())) < MIN_DISTINCT_CHARACTERS or _guesses(password, name) < MIN_GUESSES:
        return "This password is easy to guess. Choose three or more words that don't usually stand together."
    return None


def _guesses(password: str, name: str) -> float:
    """Return how many guesses the letters of a password withstand: the product over the parts that zxcvbn finds."""
    # Its word lists take 13 MB and a tenth of a second, which only a process that sets a password has to spend.
    from zxcvbn import zxcvbn

    judged = DECORATION.sub("", _one_round(password))[:MAX_JUDGED_CHARACTERS]
    if not judged:
        return 1
    with _lock:
        parts = zxcvbn(judged, [*re.split(r"[\W_]+", name), *EXTRA_COMMON_WORDS])["sequence"]
    return math.prod(float(part["guesses"]) for part in parts if any(map(str.isalpha, part["token"])))


def _one_round(password: str) -> str:
    """Return what a password repeats from beginning to end; all of it where it repeats nothing."""
    return next(password[:end] for end in range(1, len(password) + 1) if password.startswith(password[end:]))

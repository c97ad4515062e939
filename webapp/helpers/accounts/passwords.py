"""Which passwords will do, by length and by what everybody would try."""

from __future__ import annotations

import re
import string

SHORTEST, LONGEST = 12, 256
#: What passwords that are tried first are made of, besides digits, signs and repetition.
COMMON = frozenset(
    """
    abc abcd abcdef access account admin administrator adobe apple baseball basketball batman changeit changeme
    charlie computer cookie default demo donald dragon dubsmash facebook flower football freedom google guest
    hello hockey hunter iloveyou internet jordan killer letmein liverpool login london lovely master michael
    microsoft monkey mustang ninja passphrase passwd password pass princess qazwsx qwer qwert qwerty
    qwertyuiop asdf asdfgh asdfghjkl zxcv zxcvbn zxcvbnm root samsung scoredesk secret security service shadow
    soccer starwars summer sunshine superman temp temporary test tester testing trustno trustnoone user username
    welcome whatever winter spring autumn yankees azerty passwort kennwort willkommen hallo motdepasse bonjour
    contrasena clave segredo senha
    """.split()  # noqa: SIM905  (words are easier to read and to add to)
)
LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
NO_LETTERS = string.digits + string.punctuation + string.whitespace
RUNS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")


def problem_of(password: str, name: str) -> str | None:
    """Say in a sentence what is wrong with a password for somebody of this name; None if it will do."""
    if len(password) < SHORTEST:
        return f"A password needs at least {SHORTEST} characters. A few words in a row are easy to remember."
    if len(password) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    if _is_common(password, name):
        return "This password is one of those that are tried first. Choose one that nobody would guess."
    return None


def _is_common(password: str, name: str) -> bool:
    folded = password.casefold()
    if len(set(folded)) < 5 or _is_run(folded):
        return True
    for spelled in (folded, folded.strip(NO_LETTERS).translate(LEET)):
        words = [word for word in re.split(r"[\W\d_]+", spelled) if word]
        guessed = COMMON | {part for part in re.split(r"\W+", name.casefold()) if part}
        if all(_is_made_of(word, guessed) for word in words):
            return True
    return False


def _is_made_of(word: str, guessed: frozenset[str]) -> bool:
    """Tell whether a word is nothing but words that everybody would try, one after the other."""
    reached = {0}
    for end in range(1, len(word) + 1):
        if any(start in reached and word[start:end] in guessed for start in range(end)):
            reached.add(end)
    return len(word) in reached


def _is_run(password: str) -> bool:
    return any(password in run * 30 or password[::-1] in run * 30 for run in RUNS)

"""Which passwords will do"""

from __future__ import annotations

import pytest

from webapp.helpers.accounts.passwords import problem_of


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "gentoo walks to the sea",
        "Zx9!kfT4mmQp",
        "пингвин идёт домой",
    ],
)
def test_what_nobody_would_guess_will_do(password: str) -> None:
    assert problem_of(password, "ada") is None


@pytest.mark.parametrize("password", ["", "short", "elevenchars"])
def test_it_must_be_long(password: str) -> None:
    assert "at least 12" in (problem_of(password, "ada") or "")


def test_it_may_not_be_endless() -> None:
    assert "at most" in (problem_of("ab cd" * 100, "ada") or "")


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "P@ssw0rd1234",
        "passwordpassword",
        "qwertyuiop123",
        "123456789012",
        "098765432109",
        "abcdefghijkl",
        "aaaaaaaaaaaa",
        "abababababab",
        "Welcome2026!",
        "letmein-letmein",
        "scoredesk2026",
        "Scoredesk-admin-1",
        "lovelace.1815",
        "!!!!2026!!!!",
    ],
)
def test_what_everybody_would_try_will_not(password: str) -> None:
    assert "tried first" in (problem_of(password, "lovelace") or "")

"""webapp.services.model_store.champions"""

from __future__ import annotations

import pytest

from webapp.services.model_store.champions import by_age, candidates, is_number, line_of


@pytest.mark.parametrize(
    ("events", "line"),
    [
        ("", ""),
        ("+1", "1"),
        ("*1 +1 *2", "1"),
        ("+1 +2", "21"),
        ("+1 +2 -1", "1"),
        ("+1 +2 +3 -2 -1", "1"),
        ("+1 +2 -1 +2", "21"),
        ("+1 +2 +1", "121"),
        ("+1 +1", "1"),
        ("-1", "1"),
    ],
)
def test_a_rollback_takes_back_what_a_promotion_did(events: str, line: str) -> None:
    actions = {"+": "promoted", "-": "rolled back", "*": "published"}
    assert "".join(line_of((each[1:], actions[each[0]]) for each in events.split())) == line


def test_the_promoted_come_first_and_those_that_are_gone_do_not_count() -> None:
    assert candidates(["1", "2", "3"], ["2", "9", "1", "2"]) == ["2", "1"]


def test_without_a_promotion_the_newest_number_comes_first_and_a_bare_file_last() -> None:
    assert candidates(["2", "10", "85504299bbcd", "9"], []) == ["10", "9", "2", "85504299bbcd"]
    assert candidates(["2", "10"], ["7"]) == ["10", "2"]


def test_a_digest_of_digits_alone_is_no_number() -> None:
    assert not is_number("123456789012")
    assert by_age("123456789012") < by_age("1")


@pytest.mark.parametrize("text", ["", "0", "01", "-1", "1.0", "²", "١"])
def test_a_number_is_written_in_one_way(text: str) -> None:
    assert not is_number(text)

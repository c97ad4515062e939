"""webapp.services.spool.journal"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.errors import DamagedLine
from webapp.services.spool import journal

ROWS = [b'{"id":"1","inputs":{"a":"deadbeef {"}}', b"{}", '{"b":"ü"}'.encode()]


def whole(content: bytes) -> tuple[list[bytes], list[bytes]]:
    """The rows of a journal, and the lines that are damaged."""
    rows, damaged = [], []
    for line in journal.split(content):
        try:
            rows.append(journal.decode(line))
        except DamagedLine:
            damaged.append(line)
    return rows, damaged


def test_a_line_is_a_checksum_and_a_row() -> None:
    # The check value that descriptions of CRC-32 give.
    assert journal.encode(b"123456789") == b"cbf43926 123456789\n"
    assert journal.decode(journal.encode(b"{}")) == b"{}"


def test_it_takes_no_row_of_two_lines() -> None:
    with pytest.raises(ValueError, match="newline"):
        journal.encode(b"{\n}")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (journal.encode(b"{}")[:-1], "torn"),
        (b"", "torn"),
        (b"\n", "checksum"),
        (b"no checksum\n", "checksum"),
        (journal.encode(b'{"a":1}').replace(b"1", b"2"), "checksum"),
        (journal.encode(b'{"a":1}').upper(), "checksum"),
    ],
)
def test_it_says_why_a_line_is_damaged(line: bytes, reason: str) -> None:
    with pytest.raises(DamagedLine) as caught:
        journal.decode(line)
    assert caught.value.reason == reason


@given(st.lists(st.binary().filter(lambda row: b"\n" not in row)))
def test_it_gives_back_all_rows(rows: list[bytes]) -> None:
    assert whole(b"".join(map(journal.encode, rows))) == (rows, [])


@given(st.data())
def test_a_changed_byte_costs_one_row(data: st.DataObject) -> None:
    lines = [journal.encode(row) for row in ROWS]
    content = bytearray(b"".join(lines))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    hit = next(number for number in range(len(lines)) if place < sum(map(len, lines[: number + 1])))
    rows, damaged = whole(bytes(content))
    assert rows == ROWS[:hit] + ROWS[hit + 1 :]
    # All bytes are there still.
    assert len(b"".join(damaged)) == len(lines[hit])


@given(st.integers(0, 200))
def test_a_torn_journal_keeps_the_lines_before(length: int) -> None:
    lines = [journal.encode(row) for row in ROWS]
    kept = [row for number, row in enumerate(ROWS) if sum(map(len, lines[: number + 1])) <= length]
    assert whole(b"".join(lines)[:length])[0] == kept


def test_a_damaged_line_full_of_false_starts_is_soon_given_up() -> None:
    content = b"deadbeef {" * 200_000 + b"\n"
    assert whole(content) == ([], [content])

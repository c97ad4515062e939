"""UUIDs that sort by time."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.helpers.uuid7 import SEQUENCE_SIZE, time_of, uuid7

#: Up to the end of the year 9999, where Python's calendar ends.
times = st.integers(0, 253402300799999)
sequences = st.integers(0, SEQUENCE_SIZE - 1)
randomness = st.integers(0, 2**64)


def test_it_builds_the_example_of_the_rfc() -> None:
    made = uuid7(0x017F22E279B0, 0xCC3, 0x18C4DC0C0C07398F)
    assert made == UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")


@given(times, sequences, randomness)
@settings(deadline=None)
def test_it_is_a_uuid_of_version_7(milliseconds: int, sequence: int, chance: int) -> None:
    made = uuid7(milliseconds, sequence, chance)
    assert (made.version, made.variant) == (7, RFC_4122)


@given(times, sequences, randomness)
@settings(deadline=None)
def test_it_carries_its_time_to_the_millisecond(milliseconds: int, sequence: int, chance: int) -> None:
    found = time_of(uuid7(milliseconds, sequence, chance))
    elapsed = found - datetime(1970, 1, 1, tzinfo=UTC)
    assert (elapsed.days * 86400 + elapsed.seconds) * 1000 + elapsed.microseconds / 1000 == milliseconds


@given(st.tuples(times, sequences), st.tuples(times, sequences), randomness, randomness)
@settings(deadline=None)
def test_it_sorts_by_time_and_then_by_sequence(
    one: tuple[int, int], other: tuple[int, int], chance: int, another: int
) -> None:
    if one < other:
        assert uuid7(*one, chance) < uuid7(*other, another)
        assert str(uuid7(*one, chance)) < str(uuid7(*other, another))


def test_a_sequence_that_is_too_long_leaves_time_and_version_alone() -> None:
    assert uuid7(1, SEQUENCE_SIZE + 5, 0) == uuid7(1, 5, 0)


def test_it_refuses_to_read_a_time_beyond_the_calendar() -> None:
    with pytest.raises((OverflowError, ValueError)):
        time_of(UUID(int=2**128 - 1))

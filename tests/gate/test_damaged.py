"""Damaged files are refused, or are models: the gate raises nothing else."""

from __future__ import annotations

import pytest

from tests.gate.child import Died, in_child
from tests.gate.crashing import MODELS, damaged, fitted
from tests.gate.verdict import both


def test_it_refuses_every_beginning_of_a_file() -> None:
    data = fitted("scaler")
    reasons = in_child(lambda: [both(data[:size]) for size in range(len(data))], seconds=20)
    assert "loaded" not in reasons


@pytest.mark.parametrize("name", MODELS)
def test_it_refuses_damage_or_lets_it_through(name: str) -> None:
    files = list(damaged(name))
    try:
        reasons = in_child(lambda: [both(each) for each in files], seconds=60)
    except Died:
        reasons = [verdict_or_signal(each) for each in files]
    assert len(reasons) == len(files)


def verdict_or_signal(data: bytes) -> str:
    """Return the verdict, unless compiled code crashed before there was one."""
    try:
        return str(in_child(lambda: both(data), seconds=20))
    except Died as death:
        assert "Error" not in str(death)
        return "crashed"

"""Chains of allowed classes do harm when joblib loads them, and are refused by the gate."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from threadpoolctl import threadpool_limits

from tests.gate import chains
from tests.gate.chains import CHAINS, X, Y, dumped
from tests.gate.child import Died, in_child
from tests.gate.verdict import both


@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_does_harm_without_the_gate(name: str, tmp_path: Path) -> None:
    with threadpool_limits(1):
        data = dumped(CHAINS[name](str(tmp_path / "target")))
    assert harm(data, tmp_path / "target")


def test_an_honest_model_does_none(tmp_path: Path) -> None:
    assert harm(dumped(chains.stacked([LinearRegression().fit(X, Y)], "predict")), tmp_path / "target") is None


def harm(data: bytes, target: Path) -> str | None:
    """Return what a prediction does to the file, the model or the process."""
    try:
        outcome, has_changed = in_child(lambda: predicted(data, str(target)), seconds=20)
        if target.exists():
            return "writes"
        if has_changed:
            return "changes"
        target.write_text("1.0,2.0,3.0,4.0\n")
        return "reads" if in_child(lambda: predicted(data, str(target)), seconds=20)[0] != outcome else None
    except Died:
        return "crashes"


def predicted(data: bytes, path: str) -> tuple[str, bool]:
    """Return the answer or the error, and whether the model is another one afterwards."""
    model = joblib.load(io.BytesIO(data))
    before = dumped(model)
    inputs: Any = [path] if "countvectorizer" in getattr(model, "named_steps", ()) else X[:1]
    try:
        with np.errstate(all="ignore"):
            outcome = repr(model.predict(inputs))
    except Exception as error:
        # Times of day and addresses differ from one call to the next.
        outcome = re.sub(r"\[[\d:]+\]", "", str(error).partition("\n")[0])
    return outcome, dumped(model) != before


def test_the_gate_refuses_each_chain(tmp_path: Path) -> None:
    with threadpool_limits(1):
        contents = dict(chains.chains(str(tmp_path / "target")))
    assert refusals_without_reason(contents) == []
    assert list(tmp_path.iterdir()) == []


def test_the_gate_refuses_each_last_link(tmp_path: Path) -> None:
    with threadpool_limits(1):
        contents = dict(chains.last_links(str(tmp_path / "target")))
    assert len(contents) > 12
    assert refusals_without_reason(contents) == []


def refusals_without_reason(contents: dict[str, bytes]) -> list[tuple[str, str]]:
    """Return the files that were loaded, or refused for another reason than a value of an attribute."""
    reasons = in_child(lambda: {name: both(data) for name, data in contents.items()}, seconds=20)
    return [(name, reason) for name, reason in reasons.items() if not reason.endswith("that no model needs.")]

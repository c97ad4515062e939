"""What the estimators of older versions use is on the list, so that environments of these versions can serve them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.gate.verdict import GRANTS
from webapp.cell.gate.allow_list import Use

#: What each estimator of a version uses; older_names/write.py writes it there.
FILES = sorted((Path(__file__).parent / "older_names").glob("*.json"))
#: What stays refused: a dict of its own kind, in a class that does not predict.
REFUSED = {"sklearn.covariance._graph_lasso _DictWithDeprecatedKeys"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_all_that_the_estimators_of_an_older_version_use_is_on_the_list(file: Path) -> None:
    found: dict[str, Any] = json.loads(file.read_text())
    assert found["classes"] > 150
    missing = {
        name for name, uses in found["names"].items() if not all(GRANTS.allows(*name.split(), Use(use)) for use in uses)
    }
    assert missing <= REFUSED


def test_there_are_names_of_the_oldest_versions() -> None:
    assert {"1.0", "1.1", "1.2"} <= {file.stem.rpartition(".")[0] for file in FILES}

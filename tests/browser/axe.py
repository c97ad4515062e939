"""axe-core, which finds in a page much of what keeps people out."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page

PATH = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "options => axe.run(options).then(found => found.violations)"


def require() -> None:
    """Skip the test where axe-core is not installed; in CI, fail."""
    if not PATH.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("axe-core is not installed")


@cache
def source() -> str:
    return PATH.read_text(encoding="utf-8")


def violations(page: Page, *, without: tuple[str, ...] = ()) -> list[str]:
    """Give what is wrong with a page: the rule, the elements, and what would mend each."""
    off = {rule: {"enabled": False} for rule in without}
    options = {"runOnly": RULES, "rules": off, "resultTypes": ["violations"]}
    # What the browser's protocol evaluates is not held back by the page's own policy.
    if not page.evaluate("'axe' in window"):
        page.evaluate(source())
    return [
        f"{rule['id']} at {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for rule in page.evaluate(RUN, options)
        for node in rule["nodes"]
    ]

"""Take the screenshots in docs/screenshots: each page in NAMES, light, dark, narrow and on paper.

Usage: python docs/screenshots.py (``make screenshots``)
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from examples import demo  # noqa: E402
from tests.browser.chromium import launch  # noqa: E402
from tests.browser.looks import LOOKS  # noqa: E402
from tests.browser.pages import PAGES  # noqa: E402
from tests.serving import serving  # noqa: E402

FOLDER = ROOT / "docs" / "screenshots"
#: Which pages to photograph, by their names in tests/browser/pages.py.
NAMES = (
    "models",
    "form",
    "form-with-errors",
    "result",
    "result-with-warning",
    "result-beside",
    "predictions",
    "card",
    "docs",
    "error",
)
#: Pages too long for one picture; only their beginning is shown.
LONG = ("docs",)


def take(page: Page, name: str, look: str) -> None:
    # The print style hides the buttons that lead to the page.
    LOOKS["light"].put_on(page)
    PAGES[name](page)
    LOOKS[look].put_on(page)
    page.screenshot(path=FOLDER / f"{name}-{look}.png", full_page=name not in LONG)
    print(f"{name}-{look}.png")


def tour(browser: Browser, url: str) -> None:
    page = browser.new_page(base_url=url, device_scale_factor=1.5)
    for look in LOOKS:
        for name in NAMES:
            take(page, name, look)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        demo.main(Path(folder) / "models")
        settings = {"instance_dir": f"{folder}/instance", "models_dir": f"{folder}/models"}
        with serving(**settings) as server, launch(playwright) as browser:
            tour(browser, server.url)


if __name__ == "__main__":
    main()

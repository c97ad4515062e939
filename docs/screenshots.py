"""Takes the pictures in docs/screenshots: every page, light, dark and narrow.

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
from tests.serving import serving  # noqa: E402

FOLDER = ROOT / "docs" / "screenshots"
LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1000, "height": 700}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1000, "height": 700}},
    "narrow": {"color_scheme": "light", "viewport": {"width": 380, "height": 700}},
}
PENGUIN = {
    "Bill length (mm)": "46.5",
    "Bill depth (mm)": "17.9",
    "Flipper length (mm)": "192",
    "Body mass (g)": "3500",
}


def fill(page: Page, url: str, values: dict[str, str]) -> None:
    page.goto(f"{url}/models/penguins")
    for label, value in values.items():
        page.get_by_label(label).fill(value)
    page.get_by_label("Dream").check()


def take(page: Page, name: str, look: str) -> None:
    page.screenshot(path=FOLDER / f"{name}-{look}.png", full_page=True)
    print(f"{name}-{look}.png")


def tour(browser: Browser, url: str, look: str) -> None:
    page = browser.new_page(**LOOKS[look], device_scale_factor=1.5)  # type: ignore[arg-type]
    page.goto(url)
    take(page, "models", look)
    fill(page, url, PENGUIN)
    take(page, "form", look)
    page.get_by_role("button", name="Predict").click()
    take(page, "result", look)
    fill(page, url, PENGUIN | {"Bill length (mm)": "long", "Body mass (g)": "3,500"})
    page.get_by_role("button", name="Predict").click()
    take(page, "form-with-errors", look)
    fill(page, url, PENGUIN | {"Bill length (mm)": "75"})
    page.get_by_role("button", name="Predict").click()
    take(page, "result-with-warning", look)
    page.goto(f"{url}/predictions")
    take(page, "predictions", look)
    page.goto(f"{url}/models/nothing")
    take(page, "error", look)
    page.close()


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        demo.main(Path(folder) / "models")
        settings = {"instance_dir": f"{folder}/instance", "models_dir": f"{folder}/models"}
        with serving(**settings) as server, launch(playwright) as browser:
            for look in LOOKS:
                tour(browser, server.url, look)


if __name__ == "__main__":
    main()

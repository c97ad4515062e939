"""How a page can come to somebody: in the light, in the dark, on a narrow screen, on paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Page


@dataclass(frozen=True, kw_only=True)
class Look:
    scheme: Literal["light", "dark"] = "light"
    media: Literal["screen", "print"] = "screen"
    width: int = 1000

    def put_on(self, page: Page) -> None:
        page.emulate_media(color_scheme=self.scheme, media=self.media)
        page.set_viewport_size({"width": self.width, "height": 700})


LOOKS = {
    "light": Look(),
    "dark": Look(scheme="dark"),
    "narrow": Look(width=320),
    # As wide as a sheet of A4 with its margins. Paper is white, whatever the screen was.
    "print": Look(scheme="dark", media="print", width=718),
}

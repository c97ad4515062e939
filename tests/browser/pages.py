"""Every page in every state, each with the way that leads there."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from unittest.mock import patch

import joblib
from playwright.sync_api import Page
from sklearn.linear_model import LinearRegression

from tests.conftest import SECRET
from webapp.helpers.record_ids import RecordIds

Way = Callable[[Page], object]

PENGUIN = {
    "bill_length_mm": "46.5",
    "bill_depth_mm": "17.9",
    "flipper_length_mm": "192",
    "body_mass_g": "3500",
    "island": "Dream",
}


def fill_in(page: Page, model: str, values: dict[str, str]) -> None:
    """Open the form of a model and fill in the fields that it has."""
    page.goto(f"/models/{model}")
    for name, value in values.items():
        field = page.locator(f'main form [name="{name}"]')
        if not field.count():
            continue
        radio = page.locator(f'main form [name="{name}"][type=radio][value="{value}"]')
        if radio.count():
            radio.check()
        elif field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def filled(model: str, values: dict[str, str]) -> Way:
    """Open the form of a model and fill it in."""
    return lambda page: fill_in(page, model, values)


def at(path: str) -> Way:
    """Open this address."""
    return lambda page: page.goto(path)


def asked(model: str, values: dict[str, str]) -> Way:
    """Fill in the form of a model and send it."""

    def go(page: Page) -> None:
        fill_in(page, model, values)
        with page.expect_navigation():
            page.get_by_role("button", name="Predict").click()

    return go


def typical(model: str) -> Way:
    """Have the form of a model filled in with a typical case, and send it."""

    def go(page: Page) -> None:
        page.goto(f"/models/{model}?example=typical")
        with page.expect_navigation():
            page.get_by_role("button", name="Predict").click()

    return go


def out_of_service(page: Page) -> None:
    """Send the form of a model that is taken out of service in the meantime."""
    fill_in(page, "pair", {"x0": "3"})
    page.request.post("/v2/repository/models/pair/unload")
    with page.expect_navigation():
        page.get_by_role("button", name="Predict").click()
    page.request.post("/v2/repository/models/pair/load")


def changed(model: str, values: dict[str, str]) -> Way:
    """Fill in a form, send it, follow a suggestion, and send that, so that both answers stand side by side."""

    def go(page: Page) -> None:
        asked(model, values)(page)
        page.locator(".try").first.click()
        with page.expect_navigation():
            page.get_by_role("button", name="Predict").click()

    return go


def recorded(model: str, values: dict[str, str]) -> Way:
    """Fill in the form, send it, and look its record up, which is the newest."""

    def go(page: Page) -> None:
        asked(model, values)(page)
        page.goto(f"/predictions?model={model}&status=all")
        with page.expect_navigation():
            page.locator(".list tbody a").first.click()

    return go


def listed(model: str, values: dict[str, str]) -> Way:
    """Fill in the form, send it, and look at the list of the model's predictions."""

    def go(page: Page) -> None:
        asked(model, values)(page)
        page.goto(f"/predictions?model={model}")

    return go


def elsewhere(page: Page) -> None:
    """Look up a record that another host is said to keep since long ago, so that the page does not reload soon."""
    with patch("time.time_ns", return_value=1_700_000_000_000_000_000):
        (id,) = RecordIds(SECRET).make(1)
    page.goto(f"/predictions/{id}")


def refused(page: Page) -> None:
    """Try to log in with a name that nobody has."""
    page.goto("/login")
    page.get_by_label("Name").fill("nobody")
    page.get_by_label("Password").fill("open sesame")
    with page.expect_navigation():
        page.get_by_role("button", name="Log in").click()


def key_made(page: Page) -> None:
    """Make a key for a script."""
    page.goto("/keys")
    page.get_by_label("Name").fill("nightly")
    with page.expect_navigation():
        page.get_by_role("button", name="Create API key").click()


def user_made(page: Page) -> None:
    """Create a user, or make a new link for one who was created before."""
    page.goto("/users")
    if page.get_by_role("link", name="bob").count():
        page.goto("/users/bob")
        button = page.get_by_role("button", name="Make a new link")
    else:
        page.get_by_label("Name").fill("bob")
        button = page.get_by_role("button", name="Create user")
    with page.expect_navigation():
        button.click()


def refused_user(page: Page) -> None:
    """Create a user of a name that is none."""
    page.goto("/users")
    page.get_by_label("Name").fill("no name!")
    with page.expect_navigation():
        page.get_by_role("button", name="Create user").click()


def with_link(page: Page) -> None:
    """Open the link of a user."""
    user_made(page)
    page.goto(page.locator(".caution code").inner_text())


def sent(name: str, data: Callable[[], bytes]) -> Way:
    """Send a file on the first page."""

    def go(page: Page) -> None:
        page.goto("/")
        page.get_by_text("Publish a model").click()
        page.get_by_label("Model file").set_input_files({"name": name, "mimeType": "", "buffer": data()})
        with page.expect_navigation():
            page.get_by_role("button", name="Publish").click()

    return go


def a_line() -> bytes:
    """Dump a tiny model."""
    file = BytesIO()
    joblib.dump(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), file)
    return file.getvalue()


PAGES: dict[str, Way] = {
    "models": at("/"),
    "models-none-found": at("/?q=nothing"),
    "published": sent("line.joblib", a_line),
    "not-published": sent("notes.pkl", lambda: b"no pickle"),
    "form-empty": at("/models/penguins"),
    "form": filled("penguins", PENGUIN),
    "form-with-errors": asked("penguins", PENGUIN | {"bill_length_mm": "long", "body_mass_g": "3,500"}),
    "form-in-groups": at("/models/birds"),
    "form-in-groups-with-errors": asked("birds", {"body_mass_g": "3,500"}),
    "form-with-a-question": asked("birds", {}),
    "form-of-thirty": at("/models/breast-cancer"),
    "form-of-thirty-in-groups": at("/models/tumours"),
    "form-for-text": at("/models/letters"),
    "form-with-a-caution": at("/models/steep"),
    "result": asked("penguins", PENGUIN),
    "result-with-warning": asked("penguins", PENGUIN | {"bill_length_mm": "75"}),
    "result-with-number": asked("penguin-mass", PENGUIN | {"species": "Gentoo", "sex": "male"}),
    "result-of-two": asked("pair", {"x0": "3"}),
    "result-of-thirty": typical("breast-cancer"),
    "result-for-text": asked("letters", {"text": "please pay " * 60}),
    "result-beside": changed("penguins", PENGUIN),
    "out-of-service": out_of_service,
    "failure": asked("steep", {"x0": "1e200"}),
    "record-of-failure": recorded("steep", {"x0": "1e200"}),
    "record-of-rejection": recorded("penguin-mass", {"bill_depth_mm": "deep"}),
    "record-elsewhere": elsewhere,
    "predictions": at("/predictions"),
    "predictions-of-one-model": at("/predictions?model=penguins"),
    "predictions-of-a-regression": at("/predictions?model=penguin-mass"),
    "predictions-with-key-inputs": listed("birds", PENGUIN | {"bill_length_mm": "75"}),
    "predictions-of-every-status": at("/predictions?status=all&warnings=true"),
    "predictions-filtered": at("/predictions?model=penguins&status=answered&input.island=Dream&version=1"),
    "predictions-wrongly-filtered": at("/predictions?since=yesterday"),
    "no-predictions": at("/predictions?model=breast-cancer"),
    "card": at("/models/penguins/card"),
    "card-that-was-measured": at("/models/birds/card"),
    "card-of-a-former-version": at("/models/birds/card?version=1"),
    "login": at("/login"),
    "login-refused": refused,
    "account": at("/account"),
    "keys": at("/keys"),
    "key-made": key_made,
    "users": at("/users"),
    "user-refused": refused_user,
    "user-made": user_made,
    "password-by-link": with_link,
    "password-link-expired": at("/password?token=x"),
    "audit": at("/audit"),
    "docs": at("/docs"),
    "docs-of-a-model": at("/docs/penguins"),
    "docs-of-many-inputs": at("/docs/breast-cancer"),
    "error": at("/models/nothing"),
}

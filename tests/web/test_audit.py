"""/audit, where what was forgotten is told"""

from __future__ import annotations

from bs4 import BeautifulSoup
from flask import Flask

from webapp.services.audit import Action


def test_it_tells_people_what_was_done_and_not_what_proves_it(app: Flask) -> None:
    details = {"inputs": "patient_id", "predictions": 3, "evidence": {"rows": {"id": "0123abcd"}}}
    app.extensions["scoredesk"].audit.record(Action.FORGOT, "penguins", "ada", **details)
    page = BeautifulSoup(app.test_client().get("/audit").text, "html.parser")
    cells = [cell.get_text(strip=True) for cell in page.select("tbody td")]
    assert cells == ["ada", "forgot inputs: penguins; inputs patient_id; predictions 3"]

"""GET and POST /models/<name>"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from werkzeug.test import TestResponse

from tests.conftest import MakeApp

URL = "/models/penguins"


def soup(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def field(page: BeautifulSoup, name: str) -> Tag:
    found = page.find(attrs={"name": name})
    assert isinstance(found, Tag)
    return found


def options(page: BeautifulSoup, name: str) -> list[str]:
    """What a person may choose from, in whichever way it is offered."""
    if radios := page.find_all("input", {"type": "radio", "name": name}):
        return [page.find("label", {"for": each["id"]}).text for each in radios]
    return [each.text for each in field(page, name).select("option")]


def checked(page: BeautifulSoup, name: str) -> list[str]:
    return [each["value"] for each in page.find_all("input", {"name": name, "checked": True})]


def rows(client: FlaskClient) -> list[dict[str, Any]]:
    return client.get("/api/v1/predictions").json["predictions"]


def test_it_draws_a_field_for_each_input(client: FlaskClient, penguin: dict[str, Any]) -> None:
    page = soup(client.get(URL))
    assert list(dict.fromkeys(each["name"] for each in page.select("main form [name]"))) == list(penguin)
    assert field(page, "bill_length_mm")["type"] == "text"
    assert options(page, "island") == ["Not known", "Biscoe", "Dream", "Torgersen"]


def test_each_field_has_its_label_and_hint(client: FlaskClient) -> None:
    page = soup(client.get(URL))
    for each in page.select("form [name]"):
        assert page.find("label", attrs={"for": each["id"]})
    for each in page.select("[aria-describedby]"):
        assert all(page.find(id=described) for described in each["aria-describedby"].split())
    assert "In training: 32.1 to 59.6" in page.find(id="f0-hint").text


def test_few_choices_are_radios_in_one_named_group(client: FlaskClient) -> None:
    page = soup(client.get(URL))
    group = page.find("input", {"name": "island"}).find_parent(role="radiogroup")
    assert page.find(id=group["aria-labelledby"]).get_text(" ", strip=True) == "Island"
    assert page.find(id=group["aria-describedby"]).text == "If blank, Biscoe is used."
    assert not group.select("[required]")
    assert checked(page, "island") == [""]


def test_what_must_be_known_is_required_and_nothing_is_chosen_beforehand(client: FlaskClient) -> None:
    page = soup(client.get("/models/penguin-mass"))
    assert options(page, "species") == ["Adelie", "Chinstrap", "Gentoo"]
    assert all(each.has_attr("required") for each in page.find_all("input", {"name": "species"}))
    assert checked(page, "species") == []


def test_no_two_elements_share_an_id(client: FlaskClient) -> None:
    for answer in (client.get(URL), client.post("/models/penguin-mass", data={})):
        ids = [each["id"] for each in soup(answer).select("[id]")]
        assert len(set(ids)) == len(ids)


def test_a_mistake_leads_to_the_first_radio_and_marks_the_group(client: FlaskClient) -> None:
    page = soup(client.post("/models/penguin-mass", data={"species": "Dodo"}))
    link = next(each for each in page.select(".problem a") if each.text.startswith("Species"))
    first = page.find(id=link["href"].removeprefix("#"))
    assert (first["type"], first["name"], first["value"]) == ("radio", "species", "Adelie")
    group = first.find_parent(role="radiogroup")
    assert group["aria-invalid"] == "true"
    assert link.text in page.find(id=group["aria-describedby"]).text


def coded(categories: list[Any]) -> Any:
    data = pd.DataFrame({"code": categories * 4})
    return make_pipeline(OneHotEncoder(), LogisticRegression()).fit(data, np.arange(len(data)) % 2)


def test_a_dozen_choices_are_a_list_to_choose_from(make_app: MakeApp) -> None:
    client = make_app({"coded": coded([f"city {n}" for n in range(12)])}).test_client()
    page = soup(client.get("/models/coded"))
    assert field(page, "code").name == "select"
    assert options(page, "code")[0] == "Choose one"


def test_hundreds_of_choices_are_suggested_while_typing(make_app: MakeApp) -> None:
    client = make_app({"coded": coded([f"city {n}" for n in range(300)])}).test_client()
    page = soup(client.get("/models/coded"))
    box = field(page, "code")
    assert (box["type"], len(page.find("datalist", id=box["list"]).select("option"))) == ("text", 300)
    assert client.post("/models/coded", data={"code": " city  7 "}).status_code == 303
    assert rows(client)[0]["inputs"] == {"code": "city 7"}
    refused = client.post("/models/coded", data={"code": "city 700"})
    assert refused.status_code == 422
    assert soup(refused).select_one(".problem li").text == "Code must be one of the 300 known values."
    assert field(soup(refused), "code")["value"] == "city 700"


def test_it_leads_to_the_record(client: FlaskClient, penguin: dict[str, Any]) -> None:
    answer = client.post(URL, data=penguin)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/predictions/{rows(client)[0]['id']}"
    assert rows(client)[0] | {"channel": "form", "prediction": "Adelie", "inputs": penguin} == rows(client)[0]


def test_it_predicts_the_same_as_json(client: FlaskClient, penguin: dict[str, Any]) -> None:
    client.post(URL, data=penguin)
    client.post("/api/v1/models/penguins/predict", json={"inputs": penguin})
    by_json, by_form = rows(client)
    same = ("inputs", "prediction", "probabilities", "model", "version", "digest")
    assert {key: by_json[key] for key in same} == {key: by_form[key] for key in same}


def test_it_takes_a_blank_where_the_model_can_fill_it(client: FlaskClient, penguin: dict[str, Any]) -> None:
    assert client.post(URL, data=penguin | {"sex": "", "body_mass_g": " "}).status_code == 303
    assert rows(client)[0]["inputs"]["sex"] is None


def test_it_shows_all_mistakes_and_keeps_all_values(client: FlaskClient) -> None:
    sent = {"species": "Dodo", "island": "", "bill_length_mm": "long", "bill_depth_mm": "18.7"}
    answer = client.post("/models/penguin-mass", data=sent)
    page = soup(answer)
    assert answer.status_code == 422
    assert page.title.text.startswith("Error: ")
    links = {link["href"]: link.text for link in page.select(".problem a")}
    assert list(links) == [f"#{field(page, name)['id']}" for name in ("species", "island", "bill_length_mm")]
    assert links["#f3"] == "Bill length (mm) must be a number, for example 36 or 12.5."
    assert links["#f3"] in page.find(id="f3-error").text
    assert field(page, "bill_length_mm")["value"] == "long"
    assert field(page, "bill_depth_mm")["value"] == "18.7"
    assert field(page, "bill_length_mm")["aria-invalid"] == "true"


def test_it_keeps_a_chosen_category(client: FlaskClient) -> None:
    page = soup(client.post(URL, data={"island": "Dream", "bill_length_mm": "x"}))
    assert checked(page, "island") == ["Dream"]


def test_it_records_a_rejection(client: FlaskClient) -> None:
    client.post(URL, data={"bill_length_mm": "long"})
    assert [(row["status"], row["channel"], row["inputs"]) for row in rows(client)] == [("rejected", "form", None)]


def test_it_refuses_a_field_sent_twice(client: FlaskClient, penguin: dict[str, Any]) -> None:
    answer = client.post(URL, data=penguin | {"island": ["Dream", "Biscoe"]})
    assert answer.status_code == 422
    assert "Island was sent 2 times" in soup(answer).select_one(".problem").text


@pytest.mark.parametrize("value", ["nan", "inf", "1e999", "1_000", "0x10", "٣", "39,100", "1 2", "\0", "True"])
def test_it_refuses_what_is_no_number(client: FlaskClient, penguin: dict[str, Any], value: str) -> None:
    assert client.post(URL, data=penguin | {"bill_length_mm": value}).status_code == 422


@pytest.mark.parametrize("value", [" 39.1 ", "39.1", "3.91e1", "+39.1", "39,1"])
def test_it_reads_numbers_as_people_type_them(client: FlaskClient, penguin: dict[str, Any], value: str) -> None:
    client.post(URL, data=penguin | {"bill_length_mm": value})
    assert rows(client)[0]["inputs"]["bill_length_mm"] == 39.1


def test_a_comma_that_can_be_misread_is_refused_with_what_to_type(client: FlaskClient, penguin: dict[str, Any]) -> None:
    page = soup(client.post(URL, data=penguin | {"body_mass_g": "3,750"}))
    assert page.select_one(".problem li").text == (
        "Body mass (g) has a comma that may separate thousands or decimals. Write 1500 or 1.5, for example, not 1,500."
    )
    assert field(page, "body_mass_g")["value"] == "3,750"
    assert "3,750" not in str(rows(client)[0])


def sent_to(page: BeautifulSoup) -> str:
    return page.select_one("main form[method=post]")["action"]


def focused(page: BeautifulSoup) -> list[str]:
    return [each.get("name") or each.text for each in page.select("main [autofocus]")]


def test_the_first_field_has_the_focus(client: FlaskClient) -> None:
    assert focused(soup(client.get(URL))) == ["bill_length_mm"]
    assert focused(soup(client.get(f"{URL}?example=typical"))) == ["bill_length_mm"]
    # The first field of this form is a group of radios.
    id = client.post("/models/penguin-mass", data=MASS).headers["Location"].rsplit("/", 1)[1]
    (chosen,) = soup(client.get(f"/models/penguin-mass?again={id}")).select("main [autofocus]")
    assert (chosen["name"], chosen["value"]) == ("species", "Gentoo")


def test_errors_have_the_focus_before_the_first_field(client: FlaskClient) -> None:
    page = soup(client.post(URL, data={"bill_length_mm": "long"}))
    assert [each["role"] for each in page.select("main [autofocus]")] == ["alert"]


MASS = {
    "species": "Gentoo",
    "island": "Biscoe",
    "bill_length_mm": "48",
    "bill_depth_mm": "15",
    "flipper_length_mm": "217",
    "sex": "male",
}
BLANKS = {"bill_length_mm": "40", "bill_depth_mm": "", "flipper_length_mm": "", "island": "", "sex": ""}


def test_it_asks_once_before_it_predicts_from_mostly_blank_inputs(client: FlaskClient) -> None:
    asked = client.post(URL, data=BLANKS)
    page = soup(asked)
    assert (asked.status_code, rows(client)) == (422, [])
    assert page.select_one(".case .caution h2").text == "5 of 6 inputs are blank"
    assert "Island (Biscoe), Sex (male)." in page.select_one(".case .caution p").text
    assert field(page, "bill_length_mm")["value"] == "40"
    (button,) = page.select(".case button")
    assert (button.text, focused(page)) == ("Predict with 5 blanks", [button.text])
    first_blank = page.find("a", string="Go on filling in")["href"]
    assert page.find(id=first_blank.removeprefix("#"))["name"] == "bill_depth_mm"

    answer = client.post(sent_to(page), data=BLANKS)
    assert answer.status_code == 303
    (row,) = rows(client)
    (warning,) = row["warnings"]
    assert warning["loc"] == []
    assert warning["msg"].startswith("5 inputs were left blank and filled in by the model: Bill depth (")


def test_what_was_confirmed_holds_for_no_more_blanks(client: FlaskClient) -> None:
    assert sent_to(soup(client.get(URL))) == URL
    action = sent_to(soup(client.post(URL, data=BLANKS)))
    assert client.post(action, data=BLANKS | {"sex": "male"}).status_code == 303
    assert client.post(action, data={}).status_code == 422
    assert client.post(f"{URL}?blanks=many", data=BLANKS).status_code == 422


def test_the_question_keeps_the_prediction_to_compare_with(client: FlaskClient, penguin: dict[str, Any]) -> None:
    before = client.post(URL, data=penguin).headers["Location"].rsplit("/", 1)[1]
    action = sent_to(soup(client.post(f"{URL}?beside={before}", data=BLANKS)))
    assert client.post(action, data=BLANKS).headers["Location"].endswith(f"?beside={before}")


def test_a_script_is_not_asked(client: FlaskClient) -> None:
    answer = client.post("/api/v1/models/penguins/predict", json={"inputs": {"bill_length_mm": 40}})
    assert (answer.status_code, len(answer.json["warnings"])) == (200, 1)


def test_it_refuses_an_unknown_field(client: FlaskClient, penguin: dict[str, Any]) -> None:
    answer = client.post(URL, data=penguin | {"colour<script>": "grey"})
    assert answer.status_code == 422
    assert "<script>" not in answer.text


def test_it_is_filled_in_with_a_record(client: FlaskClient, penguin: dict[str, Any]) -> None:
    id = client.post(URL, data=penguin).headers["Location"].rsplit("/", 1)[1]
    page = soup(client.get(f"{URL}?again={id}"))
    assert checked(page, "island") == ["Torgersen"]
    assert field(page, "bill_length_mm")["value"] == "39.1"
    assert page.select_one("main form")["action"] == f"{URL}?beside={id}"


def test_no_value_in_its_address_fills_it_in(client: FlaskClient) -> None:
    assert client.get(f"{URL}?island=Dream&bill_length_mm=40").text == client.get(URL).text


@pytest.mark.parametrize("again", ["", "1", "01a209d1-14c3-7000-8c4b-68060c25d92e"])
def test_a_record_that_does_not_exist_fills_in_nothing(client: FlaskClient, again: str) -> None:
    assert client.get(f"{URL}?again={again}").status_code == 404


def test_a_record_of_another_model_fills_in_nothing(client: FlaskClient) -> None:
    id = client.post("/models/penguin-mass", data=MASS).headers["Location"].rsplit("/", 1)[1]
    answer = client.get(f"{URL}?again={id}")
    assert (answer.status_code, "Biscoe" in answer.text) == (404, False)


@pytest.mark.parametrize("example", ["", "0", "9", "mean"])
def test_an_example_that_does_not_exist_fills_in_nothing(client: FlaskClient, example: str) -> None:
    assert client.get(f"{URL}?example={example}").status_code == 404


def test_it_knows_no_other_model(client: FlaskClient) -> None:
    answer = client.get("/models/dragons")
    assert answer.status_code == 404
    assert soup(answer).h1.text == "There is no model with this name."


def test_it_tells_why_a_model_cant_be_served(make_app: MakeApp) -> None:
    answer = make_app({"list": [1, 2]}).test_client().get("/models/list")
    assert answer.status_code == 503
    assert "It holds a list, which has no predict method." in soup(answer).h1.text


@pytest.mark.parametrize("categories", [[1, 2, 3], [True, False], ["1", "2"], [0.5, 1.5]])
def test_it_gives_the_model_categories_of_their_own_type(make_app: MakeApp, categories: list[Any]) -> None:
    client = make_app({"coded": coded(categories)}).test_client()
    for option in options(soup(client.get("/models/coded")), "code"):
        assert client.post("/models/coded", data={"code": option}).status_code == 303
    stored = [row["inputs"]["code"] for row in reversed(rows(client))]
    assert stored == sorted(categories)
    assert [type(value) for value in stored] == [type(value) for value in sorted(categories)]


def test_it_takes_fields_of_any_name(make_app: MakeApp) -> None:
    names = ["self", "schema", "_x", "model_dump", "sepal length (cm)", "a[b]", "🐧", 'a"b', "<b>"]
    data = pd.DataFrame(np.eye(len(names)), columns=names)
    client = make_app({"odd": LogisticRegression().fit(data, np.arange(len(names)) % 2)}).test_client()
    assert [each["name"] for each in soup(client.get("/models/odd")).select("main form [name]")] == names
    answer = client.post("/models/odd", data=dict.fromkeys(names, "0.5"))
    assert answer.status_code == 303
    assert client.get(answer.headers["Location"]).status_code == 200


NOWHERE = "postgresql://x@127.0.0.1:9/x"


def test_when_the_log_is_out_of_reach_it_gives_no_answer_and_what_was_entered_back(
    make_app: MakeApp, demo_models: Any, penguin: dict[str, Any]
) -> None:
    client = make_app(models_dir=demo_models, database_url=NOWHERE, log_policy="required").test_client()
    answer = client.post(URL, data=penguin)
    page = soup(answer)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert page.select_one("[role=alert] h2").text.startswith("Predictions can't be recorded right now")
    assert page.select_one(".result, .bars") is None
    assert (field(page, "bill_length_mm")["value"], checked(page, "island")) == ("39.1", ["Torgersen"])
    assert page.select_one("main form button").text == "Try again"


def test_when_the_model_is_out_of_service_the_error_gives_back_what_was_entered(
    client: FlaskClient, penguin: dict[str, Any]
) -> None:
    client.post("/v2/repository/models/penguins/unload")
    sent = penguin | {"island": "a\n“b”"}
    answer = client.post(f"{URL}?beside=01a209d1-14c3-7000-8c4b-68060c25d92e", data=sent)
    form = soup(answer).select_one("main form")
    assert (answer.status_code, form["action"]) == (503, f"{URL}?beside=01a209d1-14c3-7000-8c4b-68060c25d92e")
    assert {each["name"]: each["value"] for each in form.select("input")} == {
        name: str(value) for name, value in sent.items()
    }
    assert form.button.text == "Try again"
    assert soup(client.get(URL)).select_one("main form") is None


def test_when_the_model_fails_the_form_gives_back_what_was_entered(make_app: MakeApp) -> None:
    steep = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    steep.coef_[:] = np.inf
    answer = make_app({"steep": steep}).test_client().post("/models/steep", data={"x0": "1e200"})
    assert (answer.status_code, field(soup(answer), "x0")["value"]) == (500, "1e200")
    assert "The failure is recorded." in soup(answer).select_one("[role=alert]").text


def links(page: BeautifulSoup) -> dict[str, str]:
    return {each.text: each["href"] for each in page.select(".fill a")}


def test_it_can_be_filled_in_with_a_typical_case_that_can_be_sent(client: FlaskClient) -> None:
    page = soup(client.get(links(soup(client.get(URL)))["Fill in a typical case"]))
    assert (field(page, "bill_length_mm")["value"], checked(page, "island")) == ("44.5", ["Biscoe"])
    sent = {each["name"]: each["value"] for each in page.select("form input[type=text], form input[checked]")}
    assert client.post(URL, data=sent).status_code == 303
    assert rows(client)[0]["warnings"] == []


def test_what_was_filled_in_can_be_emptied(client: FlaskClient) -> None:
    assert "Clear the form" not in links(soup(client.get(URL)))
    assert links(soup(client.get(f"{URL}?example=typical")))["Clear the form"] == URL


def test_it_offers_no_typical_case_where_nothing_is_known(make_app: MakeApp) -> None:
    data = pd.DataFrame({"size": [1.0, 2, 3, 4]})
    client = make_app({"bare": LogisticRegression().fit(data, [0, 0, 1, 1])}).test_client()
    assert not soup(client.get("/models/bare")).select(".fill")

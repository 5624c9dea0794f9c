"""The addressees' own systems: with their key they see what was sent to them, and every answer keeps its promise."""

from __future__ import annotations

import json

import pytest
from django.core.cache import cache
from django.test import Client
from jsonschema import Draft202012Validator

from factories.notices import HOST, a_letter_sent, a_measure
from factories.people import member
from factories.reports import NOON, a_case
from habeas.ledger import queries as ledger
from habeas.platforms import actions as platforms
from habeas.remedies.models import Measure
from habeas.web.api.openapi import PARTNERS

pytestmark = pytest.mark.django_db
BASE = "/api/partners/v1/notices"


@pytest.fixture(autouse=True)
def _house(settings):
    settings.HABEAS_HOUSE = {"name": "Helpline", "address": "1 Example Street", "email": "notices@example.org"}
    cache.clear()  # keys and counts of another test


def a_partner(slug: str = "board", host: str = HOST):
    """(its entry, a way to it, a key of its system)."""
    lead = member("lead")
    entry = platforms.put_addressee(slug, by=lead, at=NOON, name=slug, kind="platform", hosts=[host])
    route = platforms.put_route(entry, "email", {"address": f"x@{host}"}, by=lead, at=NOON)
    return entry, route, platforms.make_key(entry, "system", by=lead, at=NOON)


def sent_through(route, number: int = 0) -> Measure:
    return a_letter_sent(a_measure(a_case(links=(f"https://{HOST}/t/{number}",))), route)


def ask(key: str, path: str = BASE, **more: str):
    return Client(enforce_csrf_checks=True).get(path, headers={"Authorization": f"Bearer {key}", **more})


def tell(key: str, measure: Measure, told: object, **headers: str):
    body = told if isinstance(told, str) else json.dumps(told)
    return Client(enforce_csrf_checks=True).post(
        f"{BASE}/{measure.reference}/answers",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}", **headers},
    )


def keeps_its_promise(response, path: str, method: str) -> dict:
    """Hold an answer against the published description."""
    operation = PARTNERS["paths"][path][method]
    promised = operation["responses"][str(response.status_code)]["content"]["application/json"]["schema"]
    schema = {**promised, "components": PARTNERS["components"]}
    told = response.json()
    Draft202012Validator(schema).validate(told)
    return told


def test_its_own_notices_and_no_others(client):
    _, route, key = a_partner()
    _, other_route, other_key = a_partner("other", "other.example.net")
    mine, theirs = sent_through(route, 1), sent_through(other_route, 2)
    listed = keeps_its_promise(ask(key), BASE, "get")
    assert [one["reference"] for one in listed["notices"]] == [mine.reference]
    read = keeps_its_promise(ask(key, f"{BASE}/{mine.reference}"), f"{BASE}/{{reference}}", "get")
    assert read["links"] == [f"https://{HOST}/t/1"]
    assert mine.case.reference not in read["text"]
    for reference in (theirs.reference, "M-0000000000", "../x"):
        assert ask(key, f"{BASE}/{reference}").status_code == 404
    assert keeps_its_promise(tell(other_key, mine, {"answer": "refused"}), f"{BASE}/{{reference}}/answers", "post")
    assert Measure.objects.get(pk=mine.pk).state == "sent"


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer hbp_nonsense", "Basic x", "Bearer"])
def test_without_a_key_of_ours_nothing_opens(client, header):
    response = client.get(BASE, headers={"Authorization": header})
    assert response.status_code == 401
    assert keeps_its_promise(response, BASE, "get")["error"]["code"] == "no_key"


def test_a_closed_key_opens_nothing():
    entry, _, key = a_partner()
    platforms.close_key(entry.keys.get().pk, by=member("lead"), at=NOON)
    assert ask(key).status_code == 401


@pytest.mark.parametrize(
    ("answer", "state"),
    [("acknowledged", "acknowledged"), ("complied", "complied"), ("partly", "partly"), ("refused", "refused")],
)
def test_an_answer_is_taken_once_under_its_key(answer, state):
    _, route, key = a_partner()
    measure = sent_through(route)
    for _ in range(2):
        response = tell(key, measure, {"answer": answer, "words": "ours"}, **{"Idempotency-Key": "a1"})
        assert keeps_its_promise(response, f"{BASE}/{{reference}}/answers", "post")
        assert response.status_code == 200
    measure.refresh_from_db()
    assert measure.state == state
    kinds = [entry["kind"] for entry in ledger.entries_of(measure.case_id)]
    assert sum(kind in {"measure.acknowledged", "measure.complied", "measure.complied_partly", "measure.refused"}
               for kind in kinds) == 1  # fmt: skip


@pytest.mark.parametrize(
    "told", ["", "{", "[]", "null", '"x"', {}, {"answer": "explode"}, {"answer": "refused", "words": 7},
             {"answer": ["refused"]}, {"answer": "refused", "words": "x" * 4001}, "[" * 50_000],
)  # fmt: skip
def test_what_is_no_answer_is_said_and_changes_nothing(told):
    _, route, key = a_partner()
    measure = sent_through(route)
    response = tell(key, measure, told)
    assert response.status_code == 422
    assert "answer" in keeps_its_promise(response, f"{BASE}/{{reference}}/answers", "post")["error"]["message"]
    measure.refresh_from_db()
    assert measure.state == "sent"


def test_what_is_too_large_is_not_read():
    _, route, key = a_partner()
    assert tell(key, sent_through(route), "x" * 200_000).status_code == 413


def test_an_answer_that_cannot_be_given_any_more_is_refused_in_words():
    from habeas.remedies import actions

    _, route, key = a_partner()
    measure = sent_through(route)
    actions.withdraw(measure.pk, "taken back", by=member(), at=NOON)
    response = tell(key, measure, {"answer": "complied"})
    assert response.status_code == 409
    assert "withdrawn" in keeps_its_promise(response, f"{BASE}/{{reference}}/answers", "post")["error"]["message"]


def test_pages_follow_each_other_without_gap_or_repeat(monkeypatch):
    from habeas.web.api import partners

    monkeypatch.setattr(partners, "PAGE", 2)
    _, route, key = a_partner()
    wanted = {sent_through(route, number).reference for number in range(5)}
    found, cursor = [], ""
    for _ in range(5):
        page = keeps_its_promise(ask(key, f"{BASE}?before={cursor}" if cursor else BASE), BASE, "get")
        found += [one["reference"] for one in page["notices"]]
        cursor = (page["next"] or "").replace("+", "%2B")
        if not cursor:
            break
    assert len(found) == 5
    assert set(found) == wanted


@pytest.mark.parametrize("query", ["since=yesterday", "before=x", "since=2026-01-01T00:00:00"])
def test_a_parameter_that_cannot_be_read_is_said(query):
    _, _, key = a_partner()
    response = ask(key, f"{BASE}?{query}")
    assert response.status_code == 400
    keeps_its_promise(response, BASE, "get")


def test_too_many_questions_are_asked_to_wait(monkeypatch):
    from habeas.web.api import partners

    monkeypatch.setattr(partners, "MOST_REQUESTS", 3)
    _, _, key = a_partner()
    codes = [ask(key).status_code for _ in range(5)]
    assert codes == [200, 200, 200, 429, 429]


def test_the_description_is_published_and_is_openapi(client):
    told = client.get("/api/partners/v1/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    for schema in told["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)

"""The addressees' own systems: with their key they see what was sent to them, and every answer keeps its promise."""

from __future__ import annotations

import json

import pytest
from django.core.cache import cache
from django.test import Client
from jsonschema import Draft202012Validator

from factories.notices import HOST, a_letter_sent, a_measure, a_real_notice, an_approved
from factories.people import member
from factories.reports import LINK, NOON, SECRETS, a_case
from habeas.access.models import CaseKey
from habeas.journey import letters
from habeas.ledger import queries as ledger
from habeas.platforms import actions as platforms
from habeas.remedies.models import Measure
from habeas.web.api.openapi import PARTNERS

pytestmark = pytest.mark.django_db
BASE = "/api/partners/v1/notices"
ANSWERS = f"{BASE}/{{reference}}/answers"


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
    body = told if isinstance(told, str | bytes) else json.dumps(told)
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
    assert keeps_its_promise(tell(other_key, mine, {"answer": "refused"}), ANSWERS, "post")
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
        assert keeps_its_promise(response, ANSWERS, "post")
        assert response.status_code == 200
    measure.refresh_from_db()
    assert measure.state == state
    kinds = [entry["kind"] for entry in ledger.entries_of(measure.case_id)]
    assert sum(kind in {"measure.acknowledged", "measure.complied", "measure.complied_partly", "measure.refused"}
               for kind in kinds) == 1  # fmt: skip


@pytest.mark.parametrize(
    ("told", "where"),
    [
        ("", "body"),
        ("{", "body"),
        ("[]", "body"),
        ("null", "body"),
        ('"x"', "body"),
        ("[" * 50_000, "body"),
        ("\ud800", "body"),
        ({}, "answer"),
        ({"answer": "explode"}, "answer"),
        ({"answer": ["refused"]}, "answer"),
        ({"answer": "refused", "words": 7}, "words"),
        ({"answer": "refused", "words": "x" * 4001}, "words"),
        ({"answer": "refused", "why": "because"}, "why"),
        ({"answer": "refused", "why": ["lawful"]}, "why"),
        ({"answer": "complied", "why": "lawful"}, "why"),
    ],
)
def test_what_is_no_answer_is_said_with_its_place_and_changes_nothing(told, where):
    _, route, key = a_partner()
    measure = sent_through(route)
    if told == "\ud800":
        told = told.encode("utf-8", "surrogatepass")
    response = tell(key, measure, told)
    assert response.status_code == 422
    error = keeps_its_promise(response, ANSWERS, "post")["error"]
    assert error["where"] == where
    assert error["message"].endswith(".")
    measure.refresh_from_db()
    assert measure.state == "sent"


def test_the_same_key_is_the_same_answer_even_after_a_restart():
    _, route, key = a_partner()
    measure = sent_through(route)
    tell(key, measure, {"answer": "partly", "words": "one of two"}, **{"Idempotency-Key": "a1"})
    tell(key, measure, {"answer": "complied"}, **{"Idempotency-Key": "a2"})
    cache.clear()  # nothing that only a process remembers
    late = tell(key, measure, {"answer": "partly", "words": "one of two"}, **{"Idempotency-Key": "a1"})
    assert (late.status_code, late.json()["state"]) == (200, "complied")
    assert measure.events.filter(event="comply_partly").count() == 1


def test_one_key_for_two_answers_is_refused():
    _, route, key = a_partner()
    measure = sent_through(route)
    tell(key, measure, {"answer": "acknowledged"}, **{"Idempotency-Key": "a1"})
    response = tell(key, measure, {"answer": "refused"}, **{"Idempotency-Key": "a1"})
    assert response.status_code == 409
    error = keeps_its_promise(response, ANSWERS, "post")["error"]
    assert (error["code"], error["where"]) == ("key_used", "Idempotency-Key")
    measure.refresh_from_db()
    assert measure.state == "acknowledged"


def test_one_key_names_an_answer_to_one_notice_only():
    _, route, key = a_partner()
    for number in range(2):
        measure = sent_through(route, number)
        assert tell(key, measure, {"answer": "complied"}, **{"Idempotency-Key": "a1"}).json()["state"] == "complied"


def test_a_key_of_an_answer_is_short():
    _, route, key = a_partner()
    response = tell(key, sent_through(route), {"answer": "complied"}, **{"Idempotency-Key": "a" * 201})
    assert keeps_its_promise(response, ANSWERS, "post")["error"]["where"] == "Idempotency-Key"


def test_a_refusal_is_read_back_with_its_ground():
    _, route, key = a_partner()
    measure = sent_through(route)
    tell(key, measure, {"answer": "refused", "why": "not_found", "words": "[sic] it is gone"})
    read = keeps_its_promise(ask(key, f"{BASE}/{measure.reference}"), f"{BASE}/{{reference}}", "get")
    [said] = read["answers"]
    assert (said["answer"], said["why"], said["words"]) == ("refused", "not_found", "[sic] it is gone")


def test_the_grounds_of_a_refusal_are_those_of_the_page():
    from habeas.web.api.partners import WHY
    from habeas.web.partners.words import REFUSAL_WORDS

    assert list(WHY) == list(REFUSAL_WORDS)


def test_a_decided_contest_is_told_with_its_reasons():
    from habeas.journey import answers

    _, route, key = a_partner()
    measure = answers.answer(sent_through(route).pk, "comply", "", by="addressee")
    answers.contest(measure, {"grounds": "own", "words": "a secret of the poster", "contact": ""}, by="poster")
    answers.decide_contest(measure, was_right=False, reason="It is a report.", by=member())
    response = ask(key, f"{BASE}/{measure.reference}")
    read = keeps_its_promise(response, f"{BASE}/{{reference}}", "get")
    assert (read["contest"]["state"], read["contest"]["reasons"]) == ("wrong", "It is a report.")
    assert "secret of the poster" not in response.content.decode()


def test_nothing_of_the_case_but_what_the_letter_shows():
    _, route, key = a_partner()
    measure = a_real_notice(route)
    everything = ask(key, f"{BASE}/{measure.reference}").content.decode() + ask(key).content.decode()
    everything = everything.replace(LINK, "").casefold()
    assert [secret for secret in SECRETS if secret in everything] == []
    assert measure.case.reference.casefold() not in everything


def hidden_measures(route, other_route) -> dict[str, Measure]:
    """Measures that are no notice to the partner of the first route, by why."""
    stopped = a_measure(a_case(links=(f"https://{HOST}/t/8",)))
    version = letters.draft(stopped, "en", based_on=0, by=member())
    queued = platforms.queue(an_approved(stopped), version, "email", {}, route=route, by=member(), at=NOON)
    platforms.stop(queued.pk, "it bounced", by="mail", at=NOON)
    sent = a_letter_sent(Measure.objects.get(pk=stopped.pk), other_route)
    waiting = a_measure(a_case(links=(f"https://{HOST}/t/9",)))
    version = letters.draft(waiting, "en", based_on=0, by=member())
    platforms.queue(an_approved(waiting), version, "email", {}, route=route, by=member(), at=NOON)
    erased = sent_through(route, 7)
    CaseKey.objects.filter(pk=erased.case.key.pk).update(wrapped=None, destroyed_at=NOON)
    return {
        "sent by hand": a_letter_sent(a_measure(a_case(links=(f"https://{HOST}/t/5",)))),
        "sent to another": sent_through(other_route, 6),
        "came back, and went another way": sent,
        "waits to be sent": waiting,
        "of an erased case": erased,
    }


def test_what_was_not_sent_through_its_ways_is_not_there():
    _, route, key = a_partner()
    _, other_route, _ = a_partner("other", "other.example.net")
    mine = sent_through(route, 1)
    hidden = hidden_measures(route, other_route)
    assert [one["reference"] for one in ask(key).json()["notices"]] == [mine.reference]
    missing = ask(key, f"{BASE}/M-0000000000").content
    for why, measure in hidden.items():
        before = Measure.objects.get(pk=measure.pk).state
        assert ask(key, f"{BASE}/{measure.reference}").content == missing, why
        assert tell(key, measure, {"answer": "complied"}).status_code == 404, why
        assert Measure.objects.get(pk=measure.pk).state == before, why


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
    assert "withdrawn" in keeps_its_promise(response, ANSWERS, "post")["error"]["message"]


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

"""The addressees' own systems: with their key they see what was sent to them, and every answer keeps its promise."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.core.cache import cache
from django.test import Client
from jsonschema import Draft202012Validator

from factories.notices import HOST, a_letter_sent, a_measure, a_real_notice, an_approved
from factories.people import member
from factories.reports import LINK, NOON, SECRETS, a_case
from factories.statements import COMPLETE
from habeas.access.models import CaseKey
from habeas.journey import letters
from habeas.ledger import queries as ledger
from habeas.platforms import actions as platforms
from habeas.remedies.core.model import Addressee
from habeas.remedies.models import Measure
from habeas.web.api import urls
from habeas.web.api.openapi import PARTNERS

pytestmark = pytest.mark.django_db
BASE = "/api/partners/v1/notices"
ANSWERS = f"{BASE}/{{reference}}/answers"
STATEMENTS_ON = f"{BASE}/{{reference}}/statements"
OTHER = Addressee("platform", "other.example.net", None)
STATEMENTS = "/api/partners/v1/statements"


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
    from openapi_spec_validator import validate

    told = client.get("/api/partners/v1/openapi.json").json()
    validate(told)
    assert told["openapi"].startswith("3.1")
    for schema in told["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


# -- statements of reasons ---------------------------------------------------------------------------------------------


def reason(key: str, measure: Measure, told: object):
    path = f"{BASE}/{measure.reference}/statements"
    headers = {"Authorization": f"Bearer {key}"}
    return Client(enforce_csrf_checks=True).post(path, json.dumps(told), "application/json", headers=headers)


def test_a_statement_is_kept_once_and_read_back_one_and_all():
    _, route, key = a_partner()
    measure = sent_through(route)
    for _ in range(2):
        kept = reason(key, measure, COMPLETE)
        assert kept.status_code == 201
        assert keeps_its_promise(kept, STATEMENTS_ON, "post")["statement"] == COMPLETE
    one = ask(key, f"{BASE}/{measure.reference}/statements/{COMPLETE['puid']}")
    assert keeps_its_promise(one, f"{STATEMENTS_ON}/{{puid}}", "get")["statement"] == COMPLETE
    for address, path in ((f"{BASE}/{measure.reference}/statements", STATEMENTS_ON), (STATEMENTS, STATEMENTS)):
        told = keeps_its_promise(ask(key, address), path, "get")
        assert [each["statement"] for each in told["statements"]] == [COMPLETE]
        assert [each["reference"] for each in told["statements"]] == [measure.reference]
    missing = ask(key, f"{BASE}/{measure.reference}/statements/x")
    assert keeps_its_promise(missing, f"{STATEMENTS_ON}/{{puid}}", "get")["error"]["code"] == "no_such_statement"


def test_a_number_used_before_says_so():
    _, route, key = a_partner()
    measure = sent_through(route)
    reason(key, measure, COMPLETE)
    again = reason(key, measure, {**COMPLETE, "decision_facts": "Something else."})
    assert again.status_code == 409
    assert keeps_its_promise(again, STATEMENTS_ON, "post")["error"]["where"] == "puid"


def test_two_services_count_their_own():
    _, route, key = a_partner()
    _, other_route, other_key = a_partner("other", "other.example.net")
    mine = sent_through(route)
    case = a_case(links=("https://other.example.net/t/1",))
    theirs = a_letter_sent(
        a_measure(case, key="platform-notice:platform:other.example.net", addressee=OTHER), other_route
    )
    assert reason(key, mine, COMPLETE).status_code == 201
    assert reason(other_key, theirs, {**COMPLETE, "decision_facts": "Ours."}).status_code == 201


def test_what_is_no_statement_is_told_field_by_field():
    _, route, key = a_partner()
    measure = sent_through(route)
    response = reason(key, measure, {**COMPLETE, "category": "DOXXING", "content_date": "", "colour": "blue"})
    assert response.status_code == 422
    error = keeps_its_promise(response, STATEMENTS_ON, "post")["error"]
    assert [one["where"] for one in error["problems"]] == ["colour", "content_date", "category"]
    assert not measure.reasons_given.exists()


@pytest.mark.parametrize("told", [[], None, "x", 7])
def test_what_is_no_object_is_no_statement(told):
    _, route, key = a_partner()
    response = reason(key, sent_through(route), told)
    assert keeps_its_promise(response, STATEMENTS_ON, "post")["error"]["where"] == "body"


def test_trying_values_in_a_statement_tells_nothing_of_the_case():
    """A text is turned back for how it looks; whether it is right makes no difference."""
    _, route, key = a_partner()
    measure = a_real_notice(route)
    for right, wrong in (("mara.vellinga@example.org", "no.body@example.org"), ("Mara Vellinga", "Nora Bodinga")):
        told = [reason(key, measure, {**COMPLETE, "puid": "try", "decision_facts": f"It names {text}."})
                for text in (right, wrong)]  # fmt: skip
        assert [one.status_code for one in told] in ([422, 422], [201, 409])


def test_a_statement_is_between_us_and_whoever_gave_it():
    _, route, key = a_partner()
    _, _, other_key = a_partner("other", "other.example.net")
    measure = sent_through(route)
    reason(key, measure, COMPLETE)
    assert ask(other_key, STATEMENTS).json()["statements"] == []
    for path in ("statements", f"statements/{COMPLETE['puid']}"):
        assert ask(other_key, f"{BASE}/{measure.reference}/{path}").status_code == 404
    assert reason(other_key, measure, COMPLETE).status_code == 404


def test_all_statements_as_a_table_and_page_by_page(monkeypatch):
    from habeas.web.api import partners

    monkeypatch.setattr(partners, "PAGE", 2)
    _, route, key = a_partner()
    measure = sent_through(route)
    for number in range(5):
        reason(key, measure, {**COMPLETE, "puid": f"n{number}"})
    found, cursor = [], "0"
    while cursor is not None:
        page = keeps_its_promise(ask(key, f"{STATEMENTS}?after={cursor}"), STATEMENTS, "get")
        found += [one["statement"]["puid"] for one in page["statements"]]
        cursor = page["next"]
    assert found == [f"n{number}" for number in range(5)]
    table = ask(key, f"{STATEMENTS}?format=csv")
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert [row["puid"] for row in csv.DictReader(io.StringIO(table.content.decode()))] == ["n0", "n1"]
    following = table.headers["Link"].partition(">")[0].removeprefix("<")
    assert [row["puid"] for row in csv.DictReader(io.StringIO(ask(key, following).content.decode()))] == ["n2", "n3"]


@pytest.mark.parametrize("after", ["x", "-1", "9" * 40, "1.5", "٣"])
def test_a_cursor_that_is_none_is_said(after):
    _, _, key = a_partner()
    response = ask(key, f"{STATEMENTS}?after={after}")
    assert response.status_code == 400
    assert keeps_its_promise(response, STATEMENTS, "get")["error"]["where"] == "after"


def test_the_description_names_every_address_and_method_of_the_interface():
    described = {(path, method) for path, entry in PARTNERS["paths"].items() for method in entry}
    served = set()
    for path in (
        f"/{entry.pattern}" for entry in urls.urlpatterns if str(entry.pattern).startswith("api/partners/v1/")
    ):
        path = path.replace("<str:", "{").replace(">", "}")
        if path.endswith("openapi.json"):
            continue
        for method in ("get", "post", "put", "delete"):
            answer = getattr(Client(), method)(path.replace("{reference}", "x").replace("{puid}", "x"))
            if answer.status_code != 405:
                served.add((path, method))
    assert described == served

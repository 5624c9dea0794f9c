"""Who gets where: a row for every address and method, and a new address without a row fails."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import product

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from factories.evidence import offered, outside
from factories.grants import granted
from factories.pages import leads_to, names_of_addresses
from factories.people import member
from factories.plans import plan, step
from factories.reports import NOON, a_case
from habeas.access.actions import ask_identity
from habeas.access.models import Alarm, IdentityRequest, Organisation
from habeas.cases.actions import add_links
from habeas.cases.models import Case
from habeas.evidence.actions import seal
from habeas.evidence.models import Hold
from habeas.exposure.models import RegistryQuestion, Sighting
from habeas.kernel.ids import new_reference
from habeas.ledger import queries as ledger
from habeas.platforms.actions import file_contest, take_in
from habeas.platforms.models import Addressee, Contest, Incoming
from habeas.remedies.actions import record_plan
from habeas.remedies.models import Measure
from habeas.remedies.progress import new_reference as new_measure_reference
from habeas.web.site.urls import urlpatterns

WHO = ("nobody", "caseworker", "lead", "auditor")
NO_WAY = ("no way",) * 4
CASE_READERS = ("sign in", "opens", "opens", "refused")
CASE_WORKERS = ("sign in", "done", "done", "refused")

# For each address and method what nobody, a caseworker, a lead and an auditor meet.
# opens: the page; unclear: the page again, with what is missing; done: it was done, and leads on;
# sign in: asked to; refused: told whom to ask; no way: not so
DESK = {
    ("desk:queue", "GET"): CASE_READERS,
    ("desk:queue", "POST"): NO_WAY,
    ("desk:take_next", "GET"): NO_WAY,
    ("desk:take_next", "POST"): CASE_WORKERS,
    ("desk:take_several", "GET"): NO_WAY,
    ("desk:take_several", "POST"): CASE_WORKERS,
    ("desk:save_filter", "GET"): NO_WAY,
    ("desk:save_filter", "POST"): CASE_WORKERS,
    ("desk:search", "GET"): ("sign in", "opens", "opens", "opens"),
    ("desk:search", "POST"): NO_WAY,
    ("desk:keys", "GET"): ("sign in", "opens", "opens", "opens"),
    ("desk:keys", "POST"): ("sign in", "done", "done", "done"),
    ("desk:board", "GET"): ("sign in", "refused", "opens", "refused"),
    ("desk:board", "POST"): NO_WAY,
    ("desk:sign_in", "GET"): ("opens", "done", "done", "done"),
    ("desk:sign_in", "POST"): ("opens", "done", "done", "done"),
    ("desk:sign_out", "GET"): NO_WAY,
    ("desk:sign_out", "POST"): ("done", "done", "done", "done"),
    ("desk:case", "GET"): CASE_READERS,
    ("desk:case", "POST"): NO_WAY,
    ("desk:take", "GET"): NO_WAY,
    ("desk:take", "POST"): CASE_WORKERS,
    ("desk:material", "GET"): CASE_READERS,
    ("desk:material", "POST"): NO_WAY,
    ("desk:law", "GET"): CASE_READERS,
    ("desk:law", "POST"): NO_WAY,
    ("desk:evidence", "GET"): CASE_READERS,
    ("desk:evidence", "POST"): NO_WAY,
    ("desk:open_item", "GET"): NO_WAY,
    ("desk:open_item", "POST"): CASE_WORKERS,
    ("desk:redact_item", "GET"): NO_WAY,
    ("desk:redact_item", "POST"): CASE_WORKERS,
    ("desk:mark_copy", "GET"): NO_WAY,
    ("desk:mark_copy", "POST"): CASE_WORKERS,
    ("desk:trace_copy", "GET"): ("sign in", "refused", "opens", "refused"),
    ("desk:trace_copy", "POST"): ("sign in", "refused", "unclear", "refused"),
    ("desk:capture_page", "GET"): NO_WAY,
    ("desk:capture_page", "POST"): CASE_WORKERS,
    ("desk:pass_on", "GET"): CASE_READERS,
    ("desk:pass_on", "POST"): CASE_WORKERS,
    ("desk:handover", "GET"): NO_WAY,
    ("desk:handover", "POST"): CASE_WORKERS,
    ("desk:close", "GET"): NO_WAY,
    ("desk:close", "POST"): CASE_WORKERS,
    ("desk:keep", "GET"): CASE_READERS,
    ("desk:keep", "POST"): CASE_WORKERS,
    ("desk:lift_hold", "GET"): NO_WAY,
    ("desk:lift_hold", "POST"): ("sign in", "refused", "done", "refused"),
    ("desk:erase", "GET"): NO_WAY,
    ("desk:erase", "POST"): ("sign in", "refused", "done", "refused"),
    ("desk:provision", "GET"): CASE_READERS,
    ("desk:provision", "POST"): NO_WAY,
    ("desk:answer", "GET"): NO_WAY,
    ("desk:answer", "POST"): CASE_WORKERS,
    ("desk:history", "GET"): CASE_READERS,
    ("desk:history", "POST"): NO_WAY,
    ("desk:plan", "GET"): CASE_READERS,
    ("desk:plan", "POST"): NO_WAY,
    ("desk:decide", "GET"): NO_WAY,
    ("desk:decide", "POST"): CASE_WORKERS,
    ("desk:hotline", "GET"): CASE_READERS,
    ("desk:hotline", "POST"): ("sign in", "unclear", "unclear", "refused"),
    ("desk:messages", "GET"): CASE_READERS,
    ("desk:messages", "POST"): ("sign in", "unclear", "unclear", "refused"),
    ("desk:who_sees", "GET"): CASE_READERS,
    ("desk:who_sees", "POST"): CASE_WORKERS,
    ("desk:identity", "GET"): CASE_READERS,
    ("desk:identity", "POST"): ("sign in", "unclear", "unclear", "refused"),
    ("desk:identities", "GET"): ("sign in", "refused", "opens", "refused"),
    ("desk:identities", "POST"): NO_WAY,
    ("desk:decide_identity", "GET"): NO_WAY,
    ("desk:decide_identity", "POST"): ("sign in", "refused", "done", "refused"),
    ("desk:break_glass", "GET"): CASE_READERS,
    ("desk:break_glass", "POST"): ("sign in", "unclear", "unclear", "refused"),
    ("desk:alarms", "GET"): ("sign in", "refused", "opens", "refused"),
    ("desk:alarms", "POST"): NO_WAY,
    ("desk:review_alarm", "GET"): NO_WAY,
    ("desk:review_alarm", "POST"): ("sign in", "refused", "done", "refused"),
    ("desk:step", "GET"): CASE_READERS,
    ("desk:step", "POST"): NO_WAY,
    ("desk:step_act", "GET"): NO_WAY,
    ("desk:step_act", "POST"): CASE_WORKERS,
    # This letter lacks something, so it leads back to the step, which says what.
    ("desk:letter", "GET"): CASE_WORKERS,
    ("desk:letter", "POST"): NO_WAY,
    ("desk:mail", "GET"): CASE_READERS,
    ("desk:mail", "POST"): NO_WAY,
    ("desk:message", "GET"): CASE_READERS,
    ("desk:message", "POST"): CASE_WORKERS,
    ("desk:contests", "GET"): CASE_READERS,
    ("desk:contests", "POST"): NO_WAY,
    ("desk:contest", "GET"): CASE_READERS,
    ("desk:contest", "POST"): ("sign in", "unclear", "unclear", "refused"),
    ("desk:directory", "GET"): CASE_READERS,
    ("desk:directory", "POST"): ("sign in", "refused", "unclear", "refused"),
    ("desk:addressee", "GET"): CASE_READERS,
    ("desk:addressee", "POST"): ("sign in", "refused", "done", "refused"),
    ("desk:calendar", "GET"): CASE_READERS,
    ("desk:calendar", "POST"): CASE_WORKERS,
    ("desk:decide_sighting", "GET"): NO_WAY,
    ("desk:decide_sighting", "POST"): CASE_WORKERS,
    ("desk:known", "GET"): CASE_READERS,
    ("desk:known", "POST"): CASE_READERS,
    ("desk:compare", "GET"): CASE_READERS,
    ("desk:compare", "POST"): NO_WAY,
    ("desk:replay", "GET"): ("sign in", "refused", "opens", "opens"),
    ("desk:replay", "POST"): ("sign in", "refused", "opens", "opens"),
    ("desk:work", "GET"): ("sign in", "refused", "opens", "refused"),
    ("desk:work", "POST"): ("sign in", "refused", "done", "refused"),
}
# Open to everyone; who holds no receipt sees no case there. See test_portal.py.
OPEN_TO_ALL = {
    "exit",
    # Who holds no link sees nothing there: see test_partners.py.
    "partners:notice",
    "partners:poster_link",
    "partners:contest",
    "partners:reasons",
    "partners:reasons_file",
    "portal:start",
    "portal:emergency",
    "portal:under_18",
    "portal:safety",
    "portal:rights",
    "portal:rights_of",
    "portal:report",
    "portal:one_page",
    "portal:files",
    "portal:step",
    "portal:make_spare",
    "portal:use_spare",
    "portal:receipt",
    "portal:receipt_kept",
    "portal:follow",
    "portal:case",
    "portal:add_links",
    "portal:consent",
    "portal:say_back",
    "portal:write",
    "portal:withdraw",
    "portal:rate",
    "portal:reminder",
    "portal:stop_following",
    # Whoever has the address has the member's word: see test_step.py.
    "desk:feed",
    "api:add_checkpoint",
    "api:checkpoint",
    "api:tile",
    # Who holds no key is told so: see test_partners_api.py.
    "api:openapi",
    "api:notices",
    "api:notice",
    "api:answer",
    "api:statements",
    "api:statements_on",
    "api:statement",
}


def address(name, case, measure):
    given = {
        "desk:decide": [case.reference, measure.pk],
        "desk:step": [case.reference, measure.pk],
        "desk:step_act": [case.reference, measure.pk],
        "desk:letter": [case.reference, notice_in(case)],
        "desk:message": [message_to(case)],
        "desk:contest": [contest_in(case)],
        "desk:addressee": [entry_of_directory()],
        "desk:decide_identity": [identity_asked_in(case)],
        "desk:review_alarm": [alarm_in(case)],
        "desk:provision": [case.reference, "nl.sr.285d"],
        "desk:decide_sighting": [case.reference, sighting_of(case)],
        "desk:open_item": [case.reference, item_of(case)],
        "desk:mark_copy": [case.reference, item_of(case)],
        "desk:redact_item": [case.reference, item_of(case)],
        "desk:capture_page": [case.reference, posting_of(case)],
        "desk:handover": [case.reference, handover_of(case)],
        "desk:lift_hold": [case.reference, hold_on(case)],
    }
    of_a_case = {
        "case",
        "take",
        "material",
        "evidence",
        "pass_on",
        "keep",
        "close",
        "erase",
        "law",
        "answer",
        "history",
        "plan",
        "messages",
        "who_sees",
        "identity",
    }
    arguments = given.get(name, [case.reference] if name.removeprefix("desk:") in of_a_case else [])
    return reverse(name, args=arguments)


def identity_asked_in(case):
    """The id of a question to the custodian; asked at the first call."""
    found = IdentityRequest.objects.first()
    return (found or ask_identity(case, "court", "the court wants it", by=member(), at=NOON)).pk


def alarm_in(case):
    """The id of an emergency that waits for a review; made at the first call."""
    if not Alarm.objects.exists():
        person = member()
        grant = granted(case, "break_glass", person, until=NOON + timedelta(hours=4))
        Alarm.objects.create(grant=grant, raised_by=person, raised_at=NOON, review_by=NOON + timedelta(days=3))
    return Alarm.objects.get().pk


def sighting_of(case):
    """The id of the place where its material was seen again; made at the first call."""
    seen_in = Case.objects.exclude(pk=case.pk).first() or a_case()
    told = {"known_by": "wording", "reason": "the wording repeats 90% of what is kept", "seen_at": NOON}
    return Sighting.objects.get_or_create(case=case, seen_in=seen_in, source="item", defaults=told)[0].pk


def item_of(case):
    """The id of an item of the case; sealed at the first call."""
    found = case.items.first() or seal(case.reports.get(), "post.txt", "text/plain", b"a post", by="portal", at=NOON)
    return found.pk


def posting_of(case):
    """The id of a place the case is posted at; added at the first call."""
    if not case.postings.exists():
        add_links(case, ["https://board.example.net/t/1"], by="portal", at=NOON)
    return case.postings.first().pk


def handover_of(case):
    """The id of a hand-over that was offered; at the first call."""
    found = case.handovers.first()
    return (found or offered(case.items.select_related("case__key").get(pk=item_of(case)), outside())).pk


def notice_in(case):
    """The id of a step that has a letter; planned at the first call."""
    found = case.measures.filter(planned__remedy="platform-notice").first()
    if found is None:
        found = case.measures.get(key=step().key)
        found.pk, found.key, found.reference = None, "platform-notice/x", new_measure_reference()
        found.planned = {**found.planned, "remedy": "platform-notice"}
        found.save()
    return found.pk


def message_to(case):
    """The id of a message that came in; kept at the first call."""
    found = Incoming.objects.first()
    return (found or take_in(b"Subject: x\r\n\r\nx", channel="email", kind="answer", likely="", measure=None,
                             by="mail", at=NOON)[0]).pk  # fmt: skip


def contest_in(case):
    """The id of a counter-notice; filed at the first call."""
    found = Contest.objects.filter(decided_at=None).first()
    return (
        found
        or file_contest(
            case.measures.get(key=step().key), {"grounds": "own", "words": "x", "contact": ""}, by="poster", at=NOON
        )
    ).pk


def entry_of_directory():
    """The name of an entry of the directory; made at the first call."""
    return Addressee.objects.get_or_create(slug="the-board", defaults={"name": "The Board", "kind": "platform"})[0].slug


def hold_on(case):
    """The id of a hold; placed at the first call."""
    told = {"basis": "order 12-345", "asked_by": "Court of Examplia", "placed_at": NOON}
    return Hold.objects.get_or_create(case=case, defaults=told)[0].pk


def met(response):
    """What somebody met, in the words of the table."""
    if response.status_code == 405:
        return "no way"
    if response.status_code == 403:
        return "refused"
    if response.status_code == 200:
        return "opens"
    if response.status_code == 422:
        return "unclear"
    assert response.status_code == 302, response.status_code
    return "sign in" if "/sign-in/?next=" in response.headers["Location"] else "done"


def test_every_address_has_a_row_for_get_and_for_post():
    rows = {name for name, _method in DESK}
    assert rows | OPEN_TO_ALL == names_of_addresses(), "say in the table who may go there"
    assert set(DESK) == set(product(rows, ("GET", "POST")))
    assert urlpatterns, "the table is about the addresses of the house"


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(("name", "method"), DESK)
def test_each_role_meets_what_the_table_says(signed_in, case, measure, name, method, who):
    browser = Client() if who == "nobody" else signed_in(who)
    told = {"decision": "withdraw", "reason": "she does not want it", "proposal": "repeals: [nl.sr.285d]",
            "text": "is this known?", "same": "no", "do": "close_key" if name == "desk:addressee" else "mine",
            "key": "1"}  # fmt: skip
    response = browser.generic(method, address(name, case, measure)) if method == "GET" else None
    response = response or browser.post(address(name, case, measure), told)
    assert met(response) == DESK[name, method][WHO.index(who)]


@pytest.mark.parametrize("who", ["nobody", "auditor"])
def test_whoever_is_refused_changed_nothing(signed_in, case, measure, who):
    browser = Client() if who == "nobody" else signed_in(who)
    addresses = {name: address(name, case, measure) for name, _method in DESK}
    before = len(ledger.entries_of(case.pk))
    for name, method in DESK:
        if DESK[name, method][WHO.index(who)] in {"sign in", "refused"} and method == "POST":
            browser.post(addresses[name], {"decision": "approve", "reason": "x", "key": "intent.fear",
                                                        "answer": "yes", "same": "yes", "text": "x",
                                                        "do": "mine", "event": "refuse"})  # fmt: skip
    case.refresh_from_db()
    measure.refresh_from_db()
    assert (case.owner, measure.state, case.statements.filter(said_by="caseworker").count()) == (None, "drafted", 0)
    assert len(ledger.entries_of(case.pk)) == before
    assert set(Sighting.objects.values_list("state", flat=True)) == {"open"}
    assert not RegistryQuestion.objects.exists()


@pytest.mark.parametrize("who", ["nobody", "auditor"])
def test_a_refusal_does_not_tell_whether_the_case_exists(signed_in, case, measure, who):
    browser = Client() if who == "nobody" else signed_in(who)
    missing = "HB-222222" if case.reference != "HB-222222" else new_reference()

    def answer(path, method):
        response = browser.get(path) if method == "GET" else browser.post(path)
        text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
        return response.status_code, leads_to(response), text

    for name, method in DESK:
        there = address(name, case, measure)
        if case.reference in there:
            assert answer(there, method) == answer(there.replace(case.reference, missing), method), (name, method)


def test_a_step_is_decided_through_its_own_case_only(signed_in, case, measure):
    other = a_case()
    record_plan(other, plan(step()), cause="the report was examined", at=NOON)
    response = signed_in().post(
        reverse("desk:decide", args=[other.reference, measure.pk]), {"decision": "approve", "reason": "mistaken"}
    )
    assert response.status_code == 404
    assert set(Measure.objects.values_list("state", flat=True)) == {"drafted"}


def test_who_left_the_house_is_nobody_at_once(signed_in, case, measure):
    browser = signed_in("lead")
    get_user_model().objects.filter(pk=browser.person.pk).update(is_active=False)
    assert met(browser.get(address("desk:case", case, measure))) == "sign in"


def test_a_role_taken_away_counts_at_once(signed_in, case, measure):
    browser = signed_in("lead")
    get_user_model().objects.filter(pk=browser.person.pk).update(role="auditor")
    assert met(browser.get(address("desk:case", case, measure))) == "refused"


def test_who_is_refused_is_told_whom_to_ask(signed_in, case, measure):
    page = signed_in("auditor").get(address("desk:case", case, measure)).content.decode()
    assert "ask a team lead" in page
    assert "Sign out" in page


def test_another_organisation_does_not_see_the_case(signed_in, case, measure):
    ours, theirs = signed_in(), signed_in()
    for browser, name in ((ours, "Helpline of Examplia"), (theirs, "Helpline of Sampleland")):
        browser.person.organisation = Organisation.objects.create(name=name)
        browser.person.save()
    ours.post(address("desk:take", case, measure))
    assert theirs.get(address("desk:case", case, measure)).status_code == 404

"""What the desk shows of cases that somebody does not see: nothing, until they give a reason."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from factories.grants import granted, member_of, organisation, put
from factories.pages import leads_to, press, visit
from factories.reports import CONTACT, FULL, NAME, NOON, a_case
from habeas.access import actions
from habeas.access.models import Alarm, Grant, IdentityRequest
from habeas.cases.actions import open_case
from habeas.cases.models import Case
from habeas.kernel import clock
from habeas.ledger import queries as ledger

pytestmark = pytest.mark.django_db
WHY = "she fears for tonight and nobody is here"
PARTS = ("case", "material", "evidence", "law", "plan", "history", "pass_on", "keep")
OPEN_IT, ASK = "Open it and tell the leads", "Ask"


def part(case: Case, name: str = "case") -> str:
    return reverse(f"desk:{name}", args=[case.reference])


def outsider(signed_in, role="caseworker"):
    """Somebody of an organisation that has seats at this desk and does not run it."""
    browser = signed_in(role)
    browser.person.organisation = organisation("police", of_house=False)
    browser.person.save()
    return browser


def what(response) -> tuple[int, str, str]:
    text = response.content.decode()
    return response.status_code, leads_to(response), re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)


@pytest.fixture
def closed_off(case) -> Case:
    return put(case, sealed=True)


# ------------------------------------------------------------------------------------------------ what is not one's own


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_case_one_does_not_see_is_answered_like_one_that_never_was(signed_in, closed_off, name, method):
    for browser in (signed_in(), signed_in("lead"), outsider(signed_in)):
        there = part(closed_off, name)
        nowhere = there.replace(
            closed_off.reference, "HB-222222" if closed_off.reference != "HB-222222" else "HB-333333"
        )
        found, missing = what(getattr(browser, method)(there)), what(getattr(browser, method)(nowhere))
        assert found == missing
        assert found[0] in {404, 405}


def test_looking_for_a_case_one_does_not_see_leaves_it_as_it_was(signed_in, closed_off):
    before = len(ledger.entries_of(closed_off.pk))
    browser = signed_in()
    for name in ("take", "close", "answer"):
        assert (
            browser.post(part(closed_off, name), {"because": "x", "key": "intent.fear", "answer": "yes"}).status_code
            == 404
        )
    closed_off.refresh_from_db()
    assert (closed_off.owner, closed_off.state, len(ledger.entries_of(closed_off.pk))) == (None, "new", before)


def test_whoever_is_named_goes_on_as_before(signed_in, closed_off):
    browser = signed_in()
    granted(closed_off, "assignment", browser.person, at=clock.now())
    for name in PARTS:
        assert browser.get(part(closed_off, name)).status_code == 200, name


def test_what_an_agreement_opens_is_shown_and_not_changed(signed_in, case, measure):
    browser = outsider(signed_in)
    granted(case, "agreement", browser.person.organisation, at=clock.now())
    assert browser.get(part(case)).status_code == 200
    step = reverse("desk:step_act", args=[case.reference, measure.pk])
    for there, told in ((part(case, "take"), {}), (part(case, "answer"), {"key": "intent.fear", "answer": "yes"}),
                        (step, {"do": "mine"}), (part(case, "close"), {"because": "done"})):  # fmt: skip
        response = browser.post(there, told)
        assert response.status_code == 403, there
        assert "ask whoever has it" in response.content.decode()
    case.refresh_from_db()
    assert (case.owner, case.state) == (None, "new")


@pytest.mark.parametrize("role", ["counsel", "clerk"])
def test_counsel_and_clerks_see_what_they_were_let_into(signed_in, case, role):
    browser = signed_in(role)
    assert browser.get(part(case)).status_code == 404
    granted(case, "counsel" if role == "counsel" else "agreement", browser.person, at=clock.now())
    assert browser.get(part(case)).status_code == 200
    assert browser.post(part(case, "take")).status_code == 403


@pytest.mark.parametrize("role", ["custodian", "monitor"])
def test_custodians_and_monitors_are_refused_at_every_case(signed_in, case, role):
    granted(case, "agreement", organisation(), at=clock.now())
    assert signed_in(role).get(part(case)).status_code == 403


def test_an_ended_grant_counts_at_once(signed_in, closed_off):
    browser = signed_in()
    grant = granted(closed_off, "assignment", browser.person, at=clock.now())
    assert browser.get(part(closed_off)).status_code == 200
    actions.end_grant(grant.pk, closed_off, by=browser.person, at=clock.now())
    assert browser.get(part(closed_off)).status_code == 404


def test_the_queue_shows_what_one_sees_and_counts_nothing_else(signed_in, case):
    closed_off, theirs = put(a_case(), sealed=True), put(a_case(), owner=member_of(organisation("regulator")))
    page = visit(signed_in(), "/desk/")
    assert case.reference in page.words
    assert closed_off.reference not in page.words
    assert theirs.reference not in page.words
    guest = outsider(signed_in)
    granted(theirs, "agreement", guest.person, at=clock.now())
    page = visit(guest, "/desk/")
    assert theirs.reference in page.words
    assert case.reference not in page.words


# --------------------------------------------------------------------------------------------------------- emergencies


def test_in_an_emergency_a_case_opens_with_a_reason_and_every_lead_reads_it(signed_in, closed_off):
    browser, lead = signed_in(name="Casey Okafor"), signed_in("lead")
    page = press(browser, visit(browser, reverse("desk:break_glass")), OPEN_IT, case=closed_off.reference, because=WHY)
    assert page.path == part(closed_off)
    assert "The leads were told." in page.words
    listed = visit(lead, reverse("desk:alarms"))
    assert "Casey Okafor" in listed.words
    assert WHY in listed.words
    assert closed_off.reference not in listed.words, "this lead is not named in it"
    press(lead, listed, "It was not justified", because="nobody was in danger")
    assert browser.get(part(closed_off)).status_code == 404
    assert Alarm.objects.get().verdict == "not_justified"
    assert "nobody was in danger" in visit(lead, reverse("desk:alarms")).words


def test_a_lead_who_sees_the_case_reads_which_one_was_opened(signed_in, case):
    guest = outsider(signed_in)
    press(guest, visit(guest, reverse("desk:break_glass")), OPEN_IT, case=case.reference.lower(), because=WHY)
    assert case.reference in visit(signed_in("lead"), reverse("desk:alarms")).words


@pytest.mark.parametrize(
    ("reference", "because", "words"),
    [
        pytest.param("HB-222222", WHY, "There is no case with this reference.", id="no-such-case"),
        pytest.param(None, "urgent", "Say why in a few words", id="hardly-a-reason"),
        pytest.param(None, "", "Say why in a few words", id="no-reason"),
    ],
)
def test_what_is_not_opened_says_why_and_keeps_what_was_typed(signed_in, closed_off, reference, because, words):
    given = reference or closed_off.reference
    response = signed_in().post(reverse("desk:break_glass"), {"case": given, "because": because})
    assert response.status_code == 422
    text = response.content.decode()
    assert words in text
    assert f'value="{given}"' in text
    assert not Grant.objects.exists()


def test_an_emergency_that_was_not_reviewed_in_time_is_shown_as_late(signed_in, closed_off):
    person, lead = signed_in().person, signed_in("lead")
    actions.break_glass(closed_off, WHY, by=person, at=clock.now() - timedelta(days=3, minutes=1))
    assert "Review overdue" in visit(lead, reverse("desk:alarms")).words


def test_nobody_is_offered_the_review_of_their_own_emergency(signed_in, closed_off):
    lead = signed_in("lead")
    actions.break_glass(closed_off, WHY, by=lead.person, at=clock.now())
    alarm = Alarm.objects.get()
    page = visit(lead, reverse("desk:alarms"))
    assert "somebody else reviews it" in page.words
    lead.post(reverse("desk:review_alarm", args=[alarm.pk]), {"verdict": "justified", "because": "I was right"})
    alarm.refresh_from_db()
    assert alarm.reviewed_at is None
    assert lead.post(reverse("desk:review_alarm", args=[alarm.pk + 1]), {"verdict": "justified"}).status_code == 404


# ----------------------------------------------------------------------------------------------------------- identities


@pytest.fixture
def told() -> Case:
    return open_case(FULL, at=NOON).case


def test_an_identity_is_asked_for_released_by_somebody_else_and_shown(signed_in, told):
    browser, custodian = signed_in(name="Casey Okafor"), signed_in("custodian")
    page = visit(browser, part(told, "identity"))
    assert NAME not in page.words
    page = press(browser, page, ASK, purpose="court", because="the court wants her address")
    assert "Asked, and not answered yet" in page.words
    assert CONTACT not in page.words
    listed = visit(custodian, reverse("desk:identities"))
    assert "the court wants her address" in listed.words
    assert NAME not in listed.words
    press(custodian, listed, "Release")
    page = visit(browser, part(told, "identity"))
    assert NAME in page.words
    assert CONTACT in page.words
    assert [entry["kind"] for entry in ledger.entries_of(told.pk)][-1] == "identity.read"
    assert NAME not in visit(signed_in("lead"), part(told, "identity")).words


def test_what_was_left_closed_says_who_answered(signed_in, told):
    browser, lead = signed_in(), signed_in("lead", "Lee Marchetti")
    press(browser, visit(browser, part(told, "identity")), ASK, purpose="help", because="she must be warned at once")
    press(lead, visit(lead, reverse("desk:identities")), "Leave closed")
    page = visit(browser, part(told, "identity"))
    assert "It was left closed" in page.words
    assert "Lee Marchetti" in page.words
    assert NAME not in page.words


def test_nobody_is_offered_what_they_asked_for_themselves(signed_in, told):
    lead = signed_in("lead")
    press(lead, visit(lead, part(told, "identity")), ASK, purpose="review", because="the case is to be reviewed")
    request = IdentityRequest.objects.get()
    assert "somebody else answers" in visit(lead, reverse("desk:identities")).words
    lead.post(reverse("desk:decide_identity", args=[request.pk]), {"do": "release"})
    request.refresh_from_db()
    assert request.decided_at is None


def test_asking_without_a_reason_says_what_is_missing(signed_in, told):
    response = signed_in().post(part(told, "identity"), {"purpose": "court", "because": "so"})
    assert response.status_code == 422
    assert "Say why in a few words" in response.content.decode()


def test_a_lead_reads_no_question_about_a_case_they_do_not_see(signed_in, told):
    person = signed_in().person
    put(told, sealed=True)
    granted(told, "assignment", person, at=clock.now())
    actions.ask_identity(told, "court", "the court wants her address", by=person, at=clock.now())
    assert told.reference not in visit(signed_in("lead"), reverse("desk:identities")).words
    assert told.reference in visit(signed_in("custodian"), reverse("desk:identities")).words


# ------------------------------------------------------------------------------------------------------------- who sees


def test_a_caseworker_closes_a_case_off_and_is_out_of_it_unless_named(signed_in, case):
    browser, lead = signed_in(), signed_in("lead", "Lee Marchetti")
    page = visit(browser, part(case, "who_sees"))
    page = press(browser, page, "Close it off", because="works_here", named=[str(lead.person.pk)])
    assert page.path == reverse("desk:queue")
    assert browser.get(part(case)).status_code == 404
    page = visit(lead, part(case, "who_sees"))
    assert "This case is closed off" in page.words
    assert "Lee Marchetti" in page.words
    press(lead, page, "Open it up again")
    assert browser.get(part(case)).status_code == 200


def test_closing_off_without_naming_anybody_is_refused(signed_in, case):
    browser = signed_in()
    page = press(browser, visit(browser, part(case, "who_sees")), "Close it off", because="other")
    assert "Name at least one caseworker or lead" in page.words
    assert not Case.objects.get(pk=case.pk).sealed


def test_a_lead_lets_a_colleague_in_with_a_reason_and_out_again(signed_in, closed_off):
    lead, browser = signed_in("lead"), signed_in(name="Ines Quill")
    granted(closed_off, "assignment", lead.person, at=clock.now())
    page = visit(lead, part(closed_off, "who_sees"))
    page = press(lead, page, "Let them in", who=str(browser.person.pk), kind="team", because="knows the street")
    assert "Ines Quill" in page.words
    assert "knows the street" in page.words
    assert browser.get(part(closed_off)).status_code == 200
    grant = Grant.objects.get(member=browser.person)
    lead.post(part(closed_off, "who_sees"), {"do": "end", "grant": str(grant.pk)})
    assert browser.get(part(closed_off)).status_code == 404


def test_a_caseworker_lets_nobody_in(signed_in, case):
    browser, other = signed_in(), signed_in()
    assert "Let somebody in" not in visit(browser, part(case, "who_sees")).words
    told = {"do": "give", "who": str(other.person.pk), "kind": "team", "because": "a friend"}
    browser.post(part(case, "who_sees"), told)
    assert not Grant.objects.exists()

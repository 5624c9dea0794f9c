"""On the phone: a member fills in the report, reads the receipt aloud, and has the case."""

from __future__ import annotations

import pytest

from factories.pages import Page, press, visit
from habeas.cases import messages as talk
from habeas.cases import queries
from habeas.cases.models import Case
from habeas.kernel import clock

pytestmark = pytest.mark.django_db

FILE = "File the report"
TOLD = {
    "text": "they posted where she lives",
    "danger": "no",
    "lives_in": "NL",
    "callback": "+1-555-0142, after six",
    "interpreter": "ar",
    "with_interpreter": "on",
    "call_notes": "A neighbour helps her.",
}


@pytest.fixture
def taken(signed_in):
    browser = signed_in("caseworker")
    page = press(browser, visit(browser, "/desk/call/"), FILE, **TOLD)
    return browser, page


def receipt_on(page: Page) -> str:
    return "-".join(page.tree.xpath("//*[contains(@class, 'receipt-code')]//span/text()"))


def test_a_call_becomes_a_case_of_whoever_took_it_with_a_receipt_for_the_caller(taken):
    browser, page = taken
    case = queries.case_by_receipt(receipt_on(page))
    assert (case.owner, case.language) == (browser.person, "ar")
    told = queries.report_of(case)
    assert (told["channel"], told["call"]["notes"]) == ("hotline", "A neighbour helps her.")
    assert "+1-555-0142" in page.words


def test_danger_is_asked_before_anything_else_and_the_script_stands_first(signed_in):
    browser = signed_in("caseworker")
    page = visit(browser, "/desk/call/")
    assert page.words.index("Are you safe where you are?") < page.words.index("Is anyone in danger now?")
    [first, *_] = page.tree.xpath("//main//form//input[@type='radio']/@name")
    assert first == "danger"


def test_the_number_to_call_back_is_sealed_and_shown_on_the_case_only_once_released(taken):
    browser, _page = taken
    case = Case.objects.get()
    assert b"555-0142" not in bytes(case.reports.get().sealed)
    page = visit(browser, f"/desk/cases/{case.reference}/")
    assert "+1-555-0142" not in page.words
    assert "A neighbour helps her." in page.words


def test_a_mistake_is_named_and_nothing_typed_is_lost(signed_in):
    browser = signed_in("caseworker")
    page = press(browser, visit(browser, "/desk/call/"), FILE, **{**TOLD, "text": "", "call_notes": "x" * 5001})
    assert page.status == 422
    assert any("one thing to start from" in error for error in page.errors)
    assert page.typed(FILE)["callback"] == [TOLD["callback"]]
    assert Case.objects.count() == 0


def test_the_desk_and_the_person_talk(taken):
    browser, _page = taken
    case = Case.objects.get()
    talk.write(case, "They called again.", by=None, at=clock.now())
    address = f"/desk/cases/{case.reference}/messages/"
    page = visit(browser, address)
    assert "They called again." in page.words
    assert talk.unread(case, by_person=True) == 0
    page = press(browser, page, "Send the message", message="Thank you. We pass it on.")
    assert "Thank you. We pass it on." in page.words
    empty = press(browser, page, "Send the message", message=" ")
    assert (empty.status, "There is nothing in it yet." in empty.words) == (422, True)


def test_who_asked_to_stop_is_said_on_every_part_of_the_case(taken):
    browser, _page = taken
    case = Case.objects.get()
    Case.objects.update(withdrawn_at=clock.now())
    for part in ("", "plan/", "messages/"):
        assert "The person asked to stop" in visit(browser, f"/desk/cases/{case.reference}/{part}").words

"""Going anywhere: what a question finds, for whom, and what it never finds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from factories.pages import Page, visit
from factories.plans import plan, step
from factories.reports import CONTACT, LINK, NAME, NOON, a_case, an_examined_case
from habeas.cases.models import Case
from habeas.ledger import queries as ledger
from habeas.remedies.actions import record_plan
from habeas.web.desk.search import MOST_CASES, read_reference

HOST = "board.example.net"


@pytest.fixture
def desk(signed_in) -> Client:
    return signed_in(name="Casey Okafor")


def search(desk: Client, asked: str, **headers: str) -> Page:
    return Page(desk.get("/desk/search/", {"q": asked}, headers=headers))


def leads(page: Page) -> list[str]:
    return page.tree.xpath("//ul[@class='found']//a/@href")


def address(case: Case) -> str:
    return f"/desk/cases/{case.reference}/"


# -- by reference --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wanders",
    [str, str.lower, lambda r: r.replace("-", " "), lambda r: r[3:], lambda r: f"  {' '.join(r)} ", lambda r: f"{r}."],
)
def test_a_case_is_found_by_its_reference_however_it_is_typed(desk, wanders):
    case = a_case()
    a_case()
    assert leads(search(desk, wanders(case.reference)))[:1] == [address(case)]


@given(st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=6, max_size=6))
def test_what_is_misread_on_the_phone_is_read_as_it_was_meant(code):
    misread = code.replace("0", "o").replace("1", "l").replace("V", "u")
    assert read_reference(f"hb {misread}") == f"HB-{code}"


@pytest.mark.parametrize("typed", ["", "HB", "HB-", "HB-12345", "HB-1234567", "12345", "a b c", "HBHB-123456"])
def test_what_cannot_be_a_reference_is_none(typed):
    assert read_reference(typed) is None


@pytest.mark.django_db
def test_a_step_is_found_by_the_reference_its_addressee_was_told(desk):
    case = a_case()
    record_plan(case, plan(step()), cause="the report was examined", at=NOON)
    case.measures.update(reference="M-7KQ2M9XD40")
    wanted = [f"/desk/cases/{case.reference}/steps/{case.measures.get().pk}/"]
    assert leads(search(desk, "m 7kq2m9xd4o")) == wanted
    Case.objects.update(sealed=True)
    assert leads(search(desk, "M-7KQ2M9XD40")) == []


# -- by place ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_whole_link_finds_the_cases_that_name_it_and_then_those_on_the_same_site(desk):
    named = a_case(NOON, links=(LINK,))
    same_site = a_case(NOON + timedelta(days=1), links=(f"https://www.{HOST}/another",))
    a_case(links=("https://paste.example.com/x",))
    assert leads(search(desk, LINK)) == [address(named), address(same_site)]
    assert leads(search(desk, f"https://{HOST}/nowhere")) == [address(same_site), address(named)]


@pytest.mark.django_db
@pytest.mark.parametrize("typed", [HOST, f"www.{HOST}", HOST.upper(), f"https://{HOST}", f"{HOST}/thread"])
def test_a_site_finds_its_cases_the_latest_first(desk, typed):
    older, newer = (a_case(NOON + timedelta(days=n), links=(f"https://{HOST}/{n}",)) for n in range(2))
    a_case(links=("https://other.example.net/1",))
    assert leads(search(desk, typed)) == [address(newer), address(older)]


@pytest.mark.django_db
def test_a_busy_site_shows_the_latest_twenty(desk):
    for number in range(MOST_CASES + 3):
        a_case(NOON + timedelta(minutes=number), links=(f"https://{HOST}/{number}",))
    assert len(leads(search(desk, HOST))) == MOST_CASES


# -- what is never found -------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("asked", [NAME, NAME.split()[1], CONTACT, "Lindengracht 212", "%", "_", "' or 1=1 --", "\0"])
def test_no_person_and_no_words_of_a_report_are_found(desk, asked):
    case = an_examined_case()
    assert address(case) not in leads(search(desk, asked))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked", ["x" * 5000, "https://" + "a" * 3000, "https://[::1", "٣" * 6, "\ud83d\ude00", "\u202e"]
)
def test_whatever_is_asked_the_page_opens(desk, asked):
    assert search(desk, asked.encode("utf-8", "replace").decode()).status == 200


@pytest.mark.django_db
def test_a_case_somebody_does_not_see_is_not_found_by_anything(desk):
    case = a_case(links=(LINK,))
    Case.objects.update(sealed=True)
    for asked in (case.reference, LINK, HOST):
        page = search(desk, asked)
        assert leads(page) == []
        assert "Nothing you can see is called so." in page.words


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["auditor", "custodian", "monitor"])
def test_roles_that_open_no_case_find_none(signed_in, role):
    case = a_case(links=(LINK,))
    for asked in (case.reference, LINK, HOST):
        assert leads(search(signed_in(role), asked)) == []


@pytest.mark.django_db
def test_finding_is_no_reading(desk):
    case = a_case(links=(LINK,))
    before = len(ledger.entries_of(case.pk))
    search(desk, LINK)
    assert len(ledger.entries_of(case.pk)) == before


# -- pages ---------------------------------------------------------------------------------------------------------

FOR_ALL = {"/desk/", "/desk/calendar/", "/desk/law/compare/"}
FOR_WORK = {"/desk/mail/", "/desk/contests/", "/desk/directory/", "/desk/known/", "/desk/call/", "/desk/break-glass/"}
FOR_LEADS = {"/desk/law/replay/", "/desk/trace/", "/desk/work/", "/desk/board/", "/desk/alarms/", "/desk/identities/"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "pages"),
    [
        ("caseworker", FOR_ALL | FOR_WORK),
        ("lead", FOR_ALL | FOR_WORK | FOR_LEADS),
        ("auditor", {"/desk/law/replay/"}),
        ("custodian", {"/desk/identities/"}),
        ("counsel", FOR_ALL),
    ],
)
def test_nothing_asked_shows_every_page_the_role_opens_and_each_opens(signed_in, role, pages):
    desk = signed_in(role)
    assert set(leads(search(desk, ""))) == pages
    assert {visit(desk, page).status for page in pages} == {200}


@pytest.mark.django_db
@pytest.mark.parametrize(("asked", "page"), [("queue", "/desk/"), ("DUE", "/desk/calendar/"), ("mail", "/desk/mail/")])
def test_a_page_is_found_by_a_part_of_its_name(desk, asked, page):
    assert leads(search(desk, asked)) == [page]


# -- how it is asked -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_script_gets_the_same_answers_as_a_fragment(desk):
    a_case(links=(LINK,))
    whole, fragment = search(desk, HOST), search(desk, HOST, X_Requested_With="fragment")
    assert leads(whole) == leads(fragment) != []
    assert b"<html" not in fragment.response.content
    assert b"<script" not in fragment.response.content
    assert "X-Requested-With" in fragment.response["Vary"]
    assert "no-store" in fragment.response["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/desk/search/", "/desk/keys/"])
def test_whoever_is_not_signed_in_is_asked_to(client, page):
    assert visit(client, page).path == "/desk/sign-in/"


@pytest.mark.django_db
def test_single_keys_are_switched_off_and_on_without_a_script(desk):
    page = visit(desk, "/desk/keys/")
    assert page.tree.xpath("//dialog[@id='go']/@data-single") == ["on"]
    page = Page(desk.post("/desk/keys/", {"single": "off"}, follow=True))
    assert page.tree.xpath("//dialog[@id='go']/@data-single") == ["off"]
    assert "Single keys are off in this browser." in page.words
    assert desk.cookies["desk_keys"]["httponly"]
    page = Page(desk.post("/desk/keys/", {"single": "on"}, follow=True))
    assert page.tree.xpath("//dialog[@id='go']/@data-single") == ["on"]

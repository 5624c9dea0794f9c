"""A morning at the desk without a mouse: the queue row by row, taking, going anywhere, and switching the keys off."""

from __future__ import annotations

from datetime import timedelta

import pytest

from factories.people import member
from factories.plans import plan, step
from factories.reports import an_examined_case, intake
from habeas.access.models import Person
from habeas.cases.actions import open_case
from habeas.cases.models import Case
from habeas.kernel import clock
from habeas.remedies.actions import record_plan

HOST = "board.example.net"


@pytest.fixture
def cases(house) -> list[Case]:
    """Four cases in the order of the queue: in danger, with a clock that ends soon, read, and new."""
    now = clock.now()
    links = (f"https://{HOST}/thread/1",)
    made = [
        open_case(intake(danger=True, links=links), at=now - timedelta(hours=2)).case,
        open_case(intake(links=links), at=now - timedelta(days=1)).case,
        an_examined_case(intake(danger=False)),
        open_case(intake(danger=False), at=now).case,
    ]
    record_plan(made[1], plan(step()), cause="the report was examined", at=now)
    made[1].measures.update(state="sent", sent_at=now, due_at=now + timedelta(hours=5, minutes=30), due_by_law=True)
    Case.objects.filter(pk=made[1].pk).update(owner=Person.objects.get(username="casey"), state="waiting")
    Case.objects.filter(pk=made[2].pk).update(posted_on=(now - timedelta(days=30)).date())
    return made


@pytest.fixture
def casey(visitor, password, cases):
    who = visitor()
    who.go("/desk/")
    who.page.get_by_label("Username").fill("casey")
    who.page.get_by_label("Password").fill(password)
    who.page.get_by_role("button", name="Sign in").click()
    who.page.wait_for_url("**/desk/")
    return who


def focused(page) -> str:
    return page.evaluate("document.activeElement.textContent.trim()")


def test_the_queue_is_worked_row_by_row(casey, cases, look):
    page, (danger, due, read, new) = casey.page, cases
    look(casey, "desk-queue")
    page.keyboard.press("j")
    assert focused(page) == danger.reference
    page.keyboard.press("j")
    assert focused(page) == due.reference
    page.keyboard.press("k")
    assert focused(page) == danger.reference
    page.keyboard.press("k")
    assert focused(page) == danger.reference, "above the first there is none"
    page.keyboard.press("t")
    page.get_by_text(f"1 case is yours: {danger.reference}").wait_for()
    assert Case.objects.get(pk=danger.pk).owner.username == "casey"
    for _ in range(3):
        page.keyboard.press("j")
    assert focused(page) == read.reference
    page.keyboard.press("o")
    page.wait_for_url(f"**/desk/cases/{read.reference}/")
    page.keyboard.press("t")
    page.get_by_text("The case is yours.").wait_for()
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/desk/")
    page.keyboard.press("n")
    page.wait_for_url(f"**/desk/cases/{new.reference}/")
    for second, path in (("c", "calendar/"), ("m", "mail/"), ("d", "directory/"), ("q", "")):
        page.keyboard.press("g")
        page.keyboard.press(second)
        page.wait_for_url(f"**/desk/{path}")


def test_control_k_goes_anywhere_and_gives_the_focus_back(casey, cases, look):
    page, (danger, due, *_rest) = casey.page, cases
    page.keyboard.press("j")
    page.keyboard.press("Control+k")
    asked = page.locator("#go-q")
    page.locator("#go [data-found] a").first.wait_for()
    assert page.evaluate("document.activeElement.id") == "go-q"
    page.keyboard.type(HOST)
    page.locator("#go [data-found]").get_by_text(due.reference).wait_for()
    look(casey, "desk-go-anywhere")
    assert page.locator("#go [role=status]").text_content() == "2 places to go"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert focused(page) == due.reference
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.id") == "go-q", "behind the last stands the question again"
    page.keyboard.press("Escape")
    asked.wait_for(state="hidden")
    assert focused(page) == danger.reference
    page.keyboard.press("/")
    asked.fill(due.reference.lower().replace("-", " "))
    page.locator("#go [data-found] li").get_by_text("its reference").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/cases/{due.reference}/")
    page.keyboard.press("Control+k")
    page.keyboard.type("due da")
    page.locator("#go [data-found]").get_by_text("1 place to go").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/calendar/")


def test_the_keys_are_shown_and_single_ones_can_be_switched_off(casey, cases, look):
    page = casey.page
    page.keyboard.press("?")
    page.get_by_text("Take the next: the most urgent case with nobody").wait_for()
    look(casey, "desk-keys")
    page.keyboard.press("n")
    assert not Case.objects.filter(pk=cases[0].pk, owner__isnull=False).exists(), "what lies below an open window rests"
    page.get_by_role("button", name="Switch single keys off").click()
    page.get_by_text("Single keys are off in this browser.").first.wait_for()
    casey.go("/desk/")
    page.keyboard.press("j")
    page.keyboard.press("?")
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement === document.body")
    assert page.url.endswith("/desk/")
    page.keyboard.press("Control+k")
    page.locator("#go-q").wait_for()
    page.keyboard.press("Escape")


def test_keys_rest_while_somebody_types(casey, cases):
    page = casey.page
    casey.go("/desk/?danger=yes")
    page.get_by_text("Saved filters").click()
    name = page.get_by_label("A name for what is filtered now")
    name.click()
    page.keyboard.type("jon gqt?/")
    assert name.input_value() == "jon gqt?/"
    assert not page.locator("dialog[open]").count()
    page.keyboard.press("Enter")
    page.get_by_text("Saved in this browser.").wait_for()
    assert not Case.objects.filter(pk=cases[0].pk, owner__isnull=False).exists()


def test_the_same_is_done_without_scripts(visitor, password, cases, look):
    lee = visitor(scripts=False)
    page = lee.page
    lee.go("/desk/")
    page.get_by_label("Username").fill("lee")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Go anywhere").click()
    page.get_by_label("Case, link, site or page").first.fill(HOST)
    page.get_by_role("button", name="Find").click()
    assert page.locator(".found li").count() == 2
    page.get_by_role("link", name="Keys", exact=True).click()
    page.get_by_text("Up one case").wait_for()
    page.get_by_role("link", name="Queue", exact=True).click()
    page.get_by_label(f"take {cases[3].reference}").check()
    page.get_by_role("button", name="Take those ticked").click()
    page.get_by_text(f"1 case is yours: {cases[3].reference}").wait_for()


def test_the_board_and_the_search_page_stand_close_looks(visitor, password, cases, look):
    member(name="Noor Haddad")
    lee = visitor()
    lee.go("/desk/")
    lee.page.get_by_label("Username").fill("lee")
    lee.page.get_by_label("Password").fill(password)
    lee.page.get_by_role("button", name="Sign in").click()
    lee.page.wait_for_url("**/desk/")
    for path, name in (("board/", "desk-board"), (f"search/?q={HOST}", "desk-search"), ("keys/", "desk-keys-page"),
                       ("?show=mine", "desk-queue-empty")):  # fmt: skip
        lee.go(f"/desk/{path}")
        look(lee, name)

"""The partners' side in a real browser: a link that opens, an answer, a counter-notice, its decision, and the desk."""

from __future__ import annotations

import re

import pytest

from factories.notices import HOST, a_link, a_real_notice
from habeas.remedies.models import Measure


@pytest.fixture
def sent(house, settings) -> Measure:
    settings.HABEAS_HOUSE = {"name": "Helpline", "address": "1 Example Street", "email": "notices@example.org"}
    return a_real_notice()


def nothing(_visitor, _name):
    """No close look: without scripts the same pages come from the same templates."""


def sign_in(who, name: str, password: str) -> None:
    who.go("/desk/")
    who.page.get_by_label("Username").fill(name)
    who.page.get_by_label("Password").fill(password)
    who.page.get_by_role("button", name="Sign in").click()
    who.page.wait_for_url("**/desk/")


@pytest.mark.parametrize("scripts", [pytest.param(True, id="with-scripts"), pytest.param(False, id="without-scripts")])
def test_an_addressee_answers_and_whoever_posted_it_contests(sent, visitor, look, password, scripts):
    seen = look if scripts else nothing
    service, poster, desk = visitor(scripts=scripts), visitor(scripts=scripts), visitor(scripts=scripts)
    address = a_link(sent)
    link = answer(service, address, seen)
    give_reasons(service, address, seen)
    contest(poster, link, seen)
    decide(desk, password, seen)
    poster.go(link)
    poster.page.get_by_text("Decided: taking it down was wrong").wait_for()
    seen(poster, "partners-contest-decided")
    service.go(address)
    service.page.get_by_text("It may stand again").wait_for()
    seen(service, "partners-notice-taken-back")


def answer(who, address: str, seen) -> str:
    page = who.page
    who.go(address)
    seen(who, "partners-notice")
    page.get_by_label("We refuse").check()
    page.get_by_label("In your words").fill("We looked at it.")
    page.get_by_role("button", name="Send the answer").click()
    page.get_by_role("link", name="Say on which ground you refuse.").click()
    seen(who, "partners-notice-unclear")
    assert page.get_by_label("In your words").input_value() == "We looked at it."
    page.get_by_label("If you refuse: on which ground").select_option("not_found")
    page.get_by_role("button", name="Send the answer").click()
    page.get_by_text("Your answer stands in the file").wait_for()
    page.get_by_label("It is done").first.check()
    page.get_by_role("button", name="Send the answer").click()
    page.get_by_text("You said that it is done").wait_for()
    seen(who, "partners-notice-answered")
    page.get_by_role("button", name="Make a link for whoever posted it").click()
    page.get_by_text("shown once").wait_for()
    seen(who, "partners-notice-link")
    return re.search(r"/partners/c/[\w-]+/", page.locator("code.address").first.inner_text())[0]


def give_reasons(who, address: str, seen) -> None:
    page = who.page
    who.go(address)
    page.get_by_role("link", name="Write or read statements of reasons").click()
    seen(who, "partners-reasons")
    page.get_by_role("button", name="Keep the statement").click()
    page.get_by_role("link", name="Facts and circumstances of your decision: Fill it in.").click()
    seen(who, "partners-reasons-unclear")
    page.get_by_label("Facts and circumstances of your decision").fill("We looked at the post and took it down.")
    page.get_by_label("Why it breaks that law").fill("It tells strangers where a private person lives.")
    page.get_by_role("checkbox", name="Text", exact=True).check()
    page.get_by_label("Day on which it was posted").fill("2026-01-15")
    page.get_by_label("Was it decided by automated means?").select_option(label="Not automated")
    page.get_by_role("button", name="Keep the statement").click()
    page.get_by_text("The statement is kept.").wait_for()
    page.locator("main details summary").first.click()
    seen(who, "partners-reasons-kept")
    page.get_by_role("link", name="Back to notice").click()


def contest(who, link: str, seen) -> None:
    page = who.page
    who.go(link)
    seen(who, "partners-contest")
    page.get_by_label("It is journalism").check()
    page.get_by_role("button", name="File the counter-notice").click()
    page.get_by_role("link", name="Say in your own words").wait_for()
    seen(who, "partners-contest-unclear")
    page.get_by_label("In your own words").fill("I report on courts for a newspaper.")
    page.get_by_role("button", name="File the counter-notice").click()
    page.get_by_text("Your counter-notice is being read").wait_for()
    seen(who, "partners-contest-filed")


def decide(who, password: str, seen) -> None:
    page = who.page
    sign_in(who, "casey", password)
    who.go("/desk/contests/")
    seen(who, "desk-contests-waiting")
    page.locator("main table a").first.click()
    page.get_by_text("I report on courts for a newspaper.").wait_for()
    seen(who, "desk-contest-open")
    page.get_by_label("wrong: it may stand again").check()
    page.get_by_role("button", name="Decide").click()
    page.get_by_role("link", name="Give the reasons").wait_for()
    seen(who, "desk-contest-unclear")
    page.get_by_label("Your reasons, as the poster will read them").fill("It is a report on a court case.")
    page.get_by_role("button", name="Decide").click()
    page.get_by_text("in 1 taking it down was wrong").wait_for()
    seen(who, "desk-contests-decided")


def test_a_link_that_leads_nowhere_says_calmly_what_to_do(house, visitor, look):
    who = visitor()
    who.go("/partners/n/mistyped/")
    who.page.get_by_text("answer to the address in the letter").wait_for()
    look(who, "partners-no-way")


def test_a_lead_keeps_the_directory(house, visitor, look, password):
    who = visitor()
    page = who.page
    sign_in(who, "lee", password)
    who.go("/desk/directory/")
    look(who, "directory-empty")
    page.get_by_text("Add an addressee").click()
    page.get_by_label("Name", exact=True).fill("The Board")
    page.get_by_label("Its host names").fill("https://board/")
    page.get_by_role("button", name="Add it").click()
    page.get_by_text("is no host name").first.wait_for()
    look(who, "directory-unclear")
    page.get_by_label("Its host names").fill(HOST)
    page.get_by_label("Languages it reads").fill("nl, en")
    page.get_by_role("button", name="Add it").click()
    page.get_by_text("Add a way").click()
    page.get_by_label("By", exact=True).select_option("email")
    page.get_by_label("Address (e-mail").fill(f"abuse@{HOST}")
    page.get_by_role("button", name="Add the way").click()
    page.get_by_text("Saved.").wait_for()
    page.get_by_text("Make a key").click()
    page.get_by_label("For which system").fill("their intake")
    page.get_by_role("button", name="Make the key").click()
    page.get_by_text("shown once").wait_for()
    look(who, "directory-entry")
    who.go("/desk/directory/")
    page.get_by_role("link", name="The Board").wait_for()
    look(who, "directory")

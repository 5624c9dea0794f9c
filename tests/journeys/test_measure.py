"""One measure in a real browser: consent, letter, two yeses, mail, the addressee's link, a contest, its decision."""

from __future__ import annotations

import re
from email import message_from_bytes, policy

import pytest

from factories.mail_servers import Post, smtp_server
from factories.people import member
from factories.reports import an_examined_case
from habeas.journey import report
from habeas.remedies.models import Measure

HOST = "board.example.net"


@pytest.fixture
def step(house, settings) -> Measure:
    settings.HABEAS_HOUSE = {"name": "Helpline", "address": "1 Example Street", "email": "notices@example.org"}
    settings.HABEAS_MAIL_DOMAIN = "answers.example.org"
    settings.HABEAS_SITE = house
    case = an_examined_case()
    report.answer(case, "content.illegal", True, "it locates her and calls on others to act", by=member())
    return Measure.objects.get(case=case, key=f"platform-notice:platform:{HOST}")


def test_a_notice_from_consent_to_a_decided_contest(step, visitor, look, password, settings, do_the_work):
    casey, lee = visitor(), visitor()
    sign_in(casey, "casey", password)
    sign_in(lee, "lee", password)
    address = f"/desk/cases/{step.case.reference}/steps/{step.pk}/"
    write_the_letter(casey, address, look)
    for who in (casey, lee):
        approve(who, step)
    with smtp_server(Post()) as post:
        settings.HABEAS_MAIL = f"smtp://localhost:{post.port}"
        let_it_go(casey, address, look)
        # Looks at the pages are not due yet; what is due is the letter.
        do_the_work()
        message = message_from_bytes(post.got[0], policy=policy.default)
    casey.go(address)
    casey.page.get_by_text("Harm clock").wait_for()
    look(casey, "desk-step-sent")
    link = re.search(r"/partners/n/[\w-]+/", message.get_body(("plain",)).get_content())[0]
    poster_link = answer_by_link(visitor(), link, look)
    contest_it(visitor(scripts=False), poster_link)
    decide_it(visitor, password, look)
    around_the_desk(lee, look)


def sign_in(who, name: str, password: str) -> None:
    who.go("/desk/")
    who.page.get_by_label("Username").fill(name)
    who.page.get_by_label("Password").fill(password)
    who.page.get_by_role("button", name="Sign in").click()
    who.page.wait_for_url("**/desk/")


def write_the_letter(who, address: str, look) -> None:
    page = who.page
    who.go(address)
    page.get_by_label("How they told you").fill("on the phone")
    page.get_by_role("button", name="They agree").click()
    page.get_by_text("They agreed.").wait_for()
    page.get_by_role("button", name="Write the letter").click()
    page.get_by_text("Version 1, saved").wait_for()
    page.get_by_text("Change these words").first.click()
    page.get_by_label("Words of part 1", exact=True).fill("Your service shows private data. Please take it down today.")
    page.get_by_role("button", name="Save as a new version").first.click()
    page.get_by_text("Version 2, saved").wait_for()
    page.get_by_text("1 part differs from the version before").click()
    look(who, "desk-step-letter")


def approve(who, step: Measure) -> None:
    who.go(f"/desk/cases/{step.case.reference}/plan/")
    card = who.page.locator(f"#measure-{step.pk}")
    card.get_by_label("Your reason").fill("it is hers, and it locates her")
    card.get_by_role("button", name="Approve").click()
    who.page.locator(".notice").first.wait_for()


def let_it_go(who, address: str, look) -> None:
    page = who.page
    who.go(address)
    page.get_by_label("E-mail to the address below").check()
    page.get_by_label("E-mail address, if it is not in the directory").fill(f"abuse@{HOST}")
    look(who, "desk-step-ready")
    page.get_by_role("button", name="Let it go").click()
    page.get_by_text("It waits for the worker").wait_for()


def answer_by_link(who, link: str, look) -> str:
    page = who.page
    who.go(link)
    look(who, "partner-notice")
    page.get_by_label("It is done", exact=True).check()
    page.get_by_label("In your words").fill("Removed, and the account was suspended.")
    page.get_by_role("button", name="Send the answer").click()
    page.get_by_text("Your answer stands in the file").wait_for()
    page.get_by_role("button", name="Make a link for whoever posted it").click()
    page.get_by_text("shown once").wait_for()
    look(who, "partner-answered")
    return re.search(r"/partners/c/[\w-]+/", page.locator("code.address").first.inner_text())[0]


def contest_it(who, link: str) -> None:
    """Without scripts, as somebody on an old phone."""
    page = who.page
    who.go(link)
    page.get_by_label("It is journalism, research or in the public interest").check()
    page.get_by_label("In your own words").fill("I report on courts for a newspaper.")
    page.get_by_role("button", name="File the counter-notice").click()
    page.get_by_text("Your counter-notice is being read").wait_for()


def decide_it(visitor, password: str, look) -> None:
    from habeas.access.actions import add_member
    from habeas.kernel import clock

    add_member("noor", password, "caseworker", "Helpline of Examplia", full_name="Noor Haddad", at=clock.now())
    who = visitor()
    sign_in(who, "noor", password)
    who.go("/desk/contests/")
    look(who, "desk-contests")
    who.page.locator("main table a").first.click()
    look(who, "desk-contest")
    who.page.get_by_label("wrong: it may stand again").check()
    who.page.get_by_label("Your reasons, as the poster will read them").fill("It is a report on a court case.")
    who.page.get_by_role("button", name="Decide").click()
    who.page.get_by_text("in 1 taking it down was wrong").wait_for()


def around_the_desk(lead, look) -> None:
    page = lead.page
    for path, name in (("/desk/mail/", "desk-mail"), ("/desk/calendar/", "desk-calendar")):
        lead.go(path)
        look(lead, name)
    lead.go("/desk/directory/")
    page.get_by_text("Add an addressee").click()
    page.get_by_label("Name", exact=True).fill("The Board")
    page.get_by_label("Its host names").fill(HOST)
    look(lead, "desk-directory")
    page.get_by_role("button", name="Add it").click()
    page.get_by_text("Add a way").click()
    page.get_by_label("By", exact=True).select_option("email")
    page.get_by_label("Address (e-mail, https:// or where the form is)").fill(f"abuse@{HOST}")
    page.get_by_role("button", name="Add the way").click()
    page.get_by_text("Saved.").wait_for()
    look(lead, "desk-addressee")

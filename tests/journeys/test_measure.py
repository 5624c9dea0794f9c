"""One measure in a real browser: consent, letter, two yeses, mail, the addressee's answer by link, looks to come."""

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


def test_a_notice_from_consent_to_its_answer(step, visitor, look, password, settings, do_the_work):
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
    answer_by_link(visitor(scripts=False), link)
    casey.go(address)
    casey.page.get_by_role("heading", name="Looks at the pages").wait_for()
    look(casey, "desk-step-answered")
    for path, name in (("/desk/mail/", "desk-mail"), ("/desk/calendar/", "desk-calendar")):
        lee.go(path)
        look(lee, name)


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


def answer_by_link(who, link: str) -> None:
    """Without scripts: an addressee's desk may allow none."""
    page = who.page
    who.go(link)
    page.get_by_label("It is done").first.check()
    page.get_by_label("In your words").fill("Removed, and the account was suspended.")
    page.get_by_role("button", name="Send the answer").click()
    page.get_by_text("Your answer stands in the file").wait_for()

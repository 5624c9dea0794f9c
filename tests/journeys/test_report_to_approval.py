"""One report in, a whole case out: what a person and a caseworker go through, page by page, in a browser."""

from __future__ import annotations

import re

import pytest

POST = """\
everyone wanted this so here it is
Full name: Mara Vellinga
Address: Lindengracht 212, 1015 KL Amsterdam
Phone: +31 6 1234 5678
Email: mara.vellinga@example.org
you know what to do. go pay her a visit
"""
DOXING = "nl.sr.285d"


def nothing(_visitor, _name):
    """No close look: without scripts the same pages come from the same templates."""


@pytest.mark.parametrize("scripts", [pytest.param(True, id="with-scripts"), pytest.param(False, id="without-scripts")])
def test_a_report_becomes_a_case_that_a_person_can_follow(visitor, do_the_work, look, password, scripts):
    seen = look if scripts else nothing
    person, worker = visitor(scripts=scripts), visitor(scripts=scripts)

    receipt = file_report(person, seen)
    follow_before_reading(person, seen, receipt)
    assert do_the_work() == 1
    person.page.reload()
    text = person.page.inner_text("main")
    assert "phone" in text.lower()
    assert "Capture and seal" in text
    for secret in ("Vellinga", "Lindengracht", "1234 5678"):
        assert secret not in text, "a shared screen would expose it again"
    seen(person, "portal-case")

    sign_in(worker, seen, "casey", password)
    reference = open_case(worker, seen)
    answer_a_question(worker, seen, reference)
    approved = approve_a_step(worker, seen, reference)
    worker.page.get_by_role("link", name="History").click()
    history = worker.page.inner_text("main")
    assert "Step approved" in history
    assert "by Casey Okafor" in history
    seen(worker, "desk-history")

    person.page.reload()
    text = person.page.inner_text("main")
    assert "has approved first steps" in text
    assert f"Approved: {approved}" in text
    person.page.get_by_label("Write to the helpline").fill("They called my school today.")
    person.page.get_by_role("button", name="Send the message").click()
    assert "They called my school today." in person.page.inner_text("main")
    person.page.get_by_label("New links").fill("https://mirror.example.net/t/2")
    person.page.get_by_role("button", name="Add links").click()
    assert "1 link was added." in person.page.inner_text("main")
    seen(person, "portal-case-approved")
    person.page.get_by_role("button", name="Close my case on this device").click()
    person.go("/follow/case/")
    assert person.page.url.endswith("/follow/")


def test_pages_that_need_no_case(visitor, look):
    person = visitor()
    for path, name in (
        ("/danger/?country=NL", "danger"),
        ("/under-18/", "under-18"),
        ("/tonight/", "tonight"),
        ("/tonight/?asked=1&exposed=home&exposed=money&danger=no", "tonight-steps"),
        ("/rights/", "rights"),
        ("/rights/NL/", "rights-nl"),
        ("/report/all/", "report-all"),
        ("/receipt/lost/", "receipt-lost"),
    ):
        person.go(path)
        look(person, f"portal-{name}")


def test_withdrawing_and_rating(visitor, do_the_work, look):
    from datetime import timedelta

    from habeas.cases.models import Case
    from habeas.kernel import clock

    person = visitor()
    receipt = file_report(person, nothing)
    do_the_work()
    Case.objects.update(closed_at=clock.now() - timedelta(days=1))
    person.go("/follow/case/")
    page = person.page
    page.get_by_role("link", name="Tell us how it works for you").click()
    look(person, "portal-rate")
    page.get_by_role("group", name="I was treated with respect.").get_by_label("Fully").check()
    page.get_by_role("button", name="Send my answers").click()
    assert "kept apart from your case" in page.inner_text("main")
    page.get_by_role("link", name="Withdraw my report").click()
    look(person, "portal-withdraw")
    page.get_by_role("button", name="Withdraw my report").click()
    assert "You asked us to stop." in page.inner_text("main")
    look(person, "portal-withdrawn")
    assert receipt


def file_report(person, seen) -> str:
    """From the first page, one thing a page, to the receipt."""
    page = person.page
    person.go("/")
    seen(person, "portal-start")
    page.get_by_role("link", name="Report it").click()
    on = page.get_by_role("button", name="Continue")
    page.get_by_label("Where was it posted?").fill("not a link")
    on.click()
    assert "is not a web link" in page.inner_text("main")
    seen(person, "portal-links-refused")
    page.get_by_label("Where was it posted?").fill("https://board.example.net/t/88214")
    on.click()
    page.get_by_label("Home address").check()
    page.get_by_label("Private phone number").check()
    seen(person, "portal-exposed")
    on.click()
    page.get_by_label("The text of the post").fill(POST)
    seen(person, "portal-material")
    on.click()
    page.get_by_label("Me", exact=True).check()
    seen(person, "portal-about")
    on.click()
    page.get_by_label("Where does that person live?").select_option("NL")
    page.get_by_label("Which name is used in the post?").fill("Mara Vellinga")
    on.click()
    page.get_by_role("group", name="Is anyone in danger now?").get_by_label("Yes").check()
    page.get_by_label("I am afraid for my safety").check()
    page.get_by_label("When was it posted?").fill("2026-01-15")
    seen(person, "portal-happened")
    on.click()
    for number in range(6):
        if "/questions/" not in page.url:
            break
        if number == 0:
            seen(person, "portal-question")
        page.get_by_label("I don’t know").check()
        on.click()
    page.get_by_label("Get it taken down").check()
    on.click()
    seen(person, "portal-contact")
    on.click()
    assert "call the emergency number" in page.inner_text("main")
    seen(person, "portal-tonight")
    on.click()
    assert "Nothing was sent yet" in page.inner_text("main")
    seen(person, "portal-check")
    page.get_by_role("button", name="Send the report").click()

    assert page.url.endswith("/receipt/")
    groups = page.get_by_role("region", name="Reference number").locator(".receipt-code span").all_inner_texts()
    assert [len(group) for group in groups] == [4, 4, 4, 4]
    seen(person, "portal-receipt")
    page.get_by_label("Type it once, to be sure").fill("AAAA")
    page.get_by_role("button", name="I have written it down").click()
    assert "Compare each group" in page.inner_text("main")
    seen(person, "portal-receipt-differs")
    page.get_by_label("Type it once, to be sure").fill(" ".join(groups).lower())
    page.get_by_role("button", name="I have written it down").click()
    assert page.url.endswith("/follow/case/")
    return " ".join(groups)


def follow_before_reading(person, seen, receipt: str) -> None:
    page = person.page
    person.go("/receipt/")
    assert "no longer shown" in page.inner_text("main")
    seen(person, "portal-receipt-gone")
    person.go("/follow/")
    page.get_by_label("Your receipt").fill("AAAA-AAAA-AAAA-AAAA")
    page.get_by_role("button", name="Open").click()
    assert "We know no such receipt" in page.inner_text("main")
    seen(person, "portal-follow-refused")
    page.get_by_label("Your receipt").fill(receipt.lower())
    page.get_by_role("button", name="Open").click()
    assert "We have your report" in page.inner_text("main")
    seen(person, "portal-case-unread")


def sign_in(worker, seen, name: str, password: str) -> None:
    page = worker.page
    worker.go("/desk/")
    assert "/desk/sign-in/" in page.url
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill("wrong")
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()
    seen(worker, "desk-sign-in")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/desk/")


def open_case(worker, seen) -> str:
    page = worker.page
    seen(worker, "desk-queue")
    reference = page.locator("tbody th a").inner_text()
    page.get_by_role("link", name=reference).click()
    assert "Open questions" in page.inner_text("main")
    page.get_by_role("button", name="Take this case").click()
    assert "The case is yours." in page.inner_text("main")
    seen(worker, "desk-case")
    page.get_by_role("link", name="Material").click()
    seen(worker, "desk-material")
    return reference


def answer_a_question(worker, seen, reference: str) -> None:
    """On the page of the Dutch doxing provision: the answer moves its finding at once, and the plan says why."""
    page = worker.page
    page.get_by_role("link", name="Law", exact=True).click()
    outcome = page.locator("tr", has=page.locator(f"a[href*='{DOXING}']")).locator("[data-label=Outcome]")
    assert outcome.inner_text().strip().lower() == "possible"
    page.locator(f"tbody a[href*='{DOXING}']").click()
    seen(worker, "desk-provision")
    ask = page.locator("form.ask", has=page.locator("input[value='intent.fear']"))
    ask.get_by_label("Yes").check()
    ask.get_by_role("button", name="Save the answer").click()
    assert re.search(r"Saved\. \d+ findings? changed", page.inner_text("main"))
    page.get_by_role("link", name="Law", exact=True).click()
    assert outcome.inner_text().strip().lower() == "possibly exempt"
    assert DOXING in page.locator(".notice", has_text="What the last answer changed").inner_text()
    seen(worker, "desk-law")


def approve_a_step(worker, seen, reference: str) -> str:
    page = worker.page
    page.get_by_role("link", name="Plan", exact=True).click()
    assert "Last change: answered: intent.fear" in page.inner_text("main")
    seen(worker, "desk-plan")
    step = page.get_by_role("article").first
    title = step.get_by_role("heading").first.inner_text()
    step.get_by_label("Your reason").fill("the proof has to be kept")
    step.get_by_role("button", name="Approve").click()
    assert "Approved. You can still take it back" in page.inner_text("main")
    seen(worker, "desk-plan-approved")
    return title.strip()


def test_a_lead_sees_what_was_given_up_and_a_caseworker_is_told_why_not(visitor, look, password):
    lead, caseworker = visitor(), visitor()
    sign_in(lead, nothing, "lee", password)
    lead.page.get_by_role("link", name="Work given up").click()
    look(lead, "desk-work")
    lead.page.get_by_role("link", name="Compare law").click()
    look(lead, "desk-compare")
    lead.go("/desk/law/replay/")
    look(lead, "desk-replay")
    lead.page.get_by_label("The proposal").fill("repeals: [nl.sr.285d]")
    lead.page.get_by_label("invented cases").check()
    lead.page.get_by_role("button", name="Replay").click()
    lead.page.get_by_role("heading", name="proposal").wait_for()
    look(lead, "desk-replayed")
    sign_in(caseworker, nothing, "casey", password)
    look(caseworker, "desk-queue-empty")
    caseworker.page.get_by_role("link", name="Is it known?").click()
    look(caseworker, "desk-known")
    caseworker.page.get_by_label("The text").fill("a text that nobody has ever seen, long enough to be asked for")
    caseworker.page.get_by_role("button", name="Ask the registry").click()
    caseworker.page.get_by_role("heading", name="Not known").wait_for()
    look(caseworker, "desk-known-not")
    caseworker.go("/desk/work/")
    assert "Your role does not allow this" in caseworker.page.inner_text("main")
    look(caseworker, "desk-refused")
    caseworker.go("/desk/cases/HB-AAAAAA/")
    look(caseworker, "not-found")
    caseworker.page.goto(f"{caseworker.house}/desk/")
    caseworker.page.get_by_role("button", name="Sign out").click()
    caseworker.go("/desk/")
    assert "/desk/sign-in/" in caseworker.page.url

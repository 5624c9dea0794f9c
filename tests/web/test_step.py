"""One step at the desk, as a browser without scripts goes through it: consent, letter, yes, sending, answer, onward."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from factories.mail_servers import Post, smtp_server
from factories.notices import a_measure, a_sent
from factories.pages import Page, press, visit
from factories.people import member
from factories.reports import LINK, SECRETS, an_examined_case
from habeas.journey import answers, report, sending
from habeas.ledger import queries as ledger
from habeas.platforms import ways
from habeas.platforms.models import Dispatch
from habeas.remedies import queries as remedies
from habeas.remedies.models import Measure
from habeas.store.worker import Worker

pytestmark = pytest.mark.django_db
HOST = "board.example.net"


@pytest.fixture(autouse=True)
def _house(settings):
    settings.HABEAS_HOUSE = {"name": "Helpline", "address": "1 Example Street", "email": "notices@example.org"}
    settings.HABEAS_MAIL_DOMAIN = "answers.example.org"


@pytest.fixture
def step(settings):
    """The notice of a case that was examined, with what it waits for answered."""
    case = an_examined_case()
    report.answer(case, "content.illegal", True, "it locates her", by=member())
    return Measure.objects.select_related("case__key").get(case=case, key=f"platform-notice:platform:{HOST}")


def page_of(browser: Client, measure: Measure) -> Page:
    return visit(browser, reverse("desk:step", args=[measure.case.reference, measure.pk]))


def written(browser: Client, measure: Measure) -> Page:
    """Consent noted, letter written."""
    page = press(browser, page_of(browser, measure), "They agree", basis="on the phone")
    return press(browser, page, "Write the letter")


def approved(signed_in, measure: Measure) -> Client:
    browser = signed_in()
    written(browser, measure)
    for each in [browser, *(signed_in() for _ in range(measure.approvals_needed - 1))]:
        plan = visit(each, reverse("desk:plan", args=[measure.case.reference]))
        measure.refresh_from_db()
        form = next(
            f for f in plan.tree.forms if f.get("action") == f"/desk/cases/{measure.case.reference}/plan/{measure.pk}/"
        )
        draft = form.xpath(".//input[@name='draft_of']/@value")[0]
        each.post(form.get("action"), {"decision": "approve", "reason": "it is hers", "draft_of": draft})
    measure.refresh_from_db()
    assert measure.state == "approved"
    return browser


def test_the_step_shows_both_clocks_and_what_is_not_known(signed_in, step):
    page = page_of(signed_in(), step)
    assert "Legal clock" in page.words
    assert "There for all to see for" in page.words
    assert "They have not been asked about this step." in page.words
    assert "A draft that nobody has saved yet" in page.words


def test_a_letter_is_written_edited_and_its_versions_differ_visibly(signed_in, step):
    browser = signed_in()
    page = written(browser, step)
    assert "Version 1" in page.words
    assert LINK in page.words
    form = next(f for f in page.tree.forms if f.xpath(".//textarea[@name='words']"))
    values = {i.get("name"): i.get("value") for i in form.iter("input") if i.get("name")}
    page = Page(browser.post(form.get("action"), {**values, "words": "Our own words about this page."}, follow=True))
    assert "Version 2" in page.words
    assert "Our own words about this page." in page.words
    assert "1 part differs from the version before" in page.words


def test_words_that_would_show_the_data_are_refused_without_repeating_them(signed_in, step):
    browser = signed_in()
    page = written(browser, step)
    form = next(f for f in page.tree.forms if f.xpath(".//textarea[@name='words']"))
    values = {i.get("name"): i.get("value") for i in form.iter("input") if i.get("name")}
    answer = Page(browser.post(form.get("action"), {**values, "words": "She lives at Lindengracht 212."}, follow=True))
    assert "Version 1" in answer.words
    assert "Lindengracht" not in answer.words


def test_two_people_at_one_letter_do_not_overwrite_each_other(signed_in, step):
    browser = signed_in()
    page = written(browser, step)
    form = next(f for f in page.tree.forms if f.xpath(".//textarea[@name='words']"))
    values = {i.get("name"): i.get("value") for i in form.iter("input") if i.get("name")}
    browser.post(form.get("action"), {**values, "words": "The first to save."})
    late = Page(signed_in().post(form.get("action"), {**values, "words": "The second."}, follow=True))
    assert "Somebody saved another version while you wrote" in late.words
    assert "The first to save." in late.words


def test_a_no_of_the_person_keeps_the_letter_here(signed_in, step):
    browser = approved(signed_in, step)
    page = press(browser, page_of(browser, step), "They say no", basis="on the phone")
    assert "They said no. It does not go." in page.words
    assert "It cannot go yet" in page.words


def test_the_printed_letter_opens(signed_in, step):
    browser = signed_in()
    written(browser, step)
    answer = browser.get(reverse("desk:letter", args=[step.case.reference, step.pk]))
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["Content-Type"] == "application/pdf"


def test_it_goes_by_mail_and_an_answer_comes_back(signed_in, step, settings):
    browser = approved(signed_in, step)
    with smtp_server(Post()) as post:
        settings.HABEAS_MAIL = f"smtp://localhost:{post.port}"
        page = press(browser, page_of(browser, step), "Let it go", way="email", address="abuse@board.example.net")
        assert "It waits for the worker" in page.words
        Worker(settings.HABEAS_JOBS, name="tests").run_until_idle()
        assert len(post.got) == 1
    page = page_of(browser, step)
    assert "Sent" in page.words
    raw = f"From: desk@{HOST}\r\nTo: {ways.answers_to(step.reference)}\r\nSubject: Re\r\n\r\nWe removed the page.\r\n"
    kept = sending.take_in(raw.encode())
    inbox = visit(browser, reverse("desk:mail"))
    assert step.reference in inbox.words
    message = visit(browser, reverse("desk:message", args=[kept.pk]))
    assert "We removed the page." in message.words
    assert message.typed("Note it")["event"] == ["comply"], "a guess, for a person to decide"
    done = press(browser, message, "Note it")
    assert "Nothing to read" in done.words
    step.refresh_from_db()
    assert step.state == "complied"
    assert "Looks at the pages" in page_of(browser, step).words
    opened = [entry for entry in ledger.entries_of(step.case_id) if entry["kind"] == "incoming.opened"]
    assert len(opened) == 1


def test_a_message_of_nobody_is_put_to_its_step_by_a_person(signed_in, step):
    browser, measure = signed_in(), a_sent(a_measure(step.case, key="x"))
    kept = sending.take_in(b"Subject: about your letter\r\n\r\nNo.\r\n")
    page = visit(browser, reverse("desk:message", args=[kept.pk]))
    lost = press(browser, page, "Note it", event="refuse", reference="M-0000000000")
    assert "Say to which step it belongs" in lost.words
    press(browser, page, "Note it", event="refuse", reference=measure.reference.lower())
    measure.refresh_from_db()
    assert measure.state == "refused"


def test_filed_by_hand_it_waits_for_proof(signed_in, step):
    browser = approved(signed_in, step)
    page = press(browser, page_of(browser, step), "Let it go", way="web_form")
    assert "It waits for you to file it." in page.words
    empty = press(browser, page, "It is filed")
    assert "Nothing shows that it was filed." in empty.words
    action = page.form("It is filed").get("action")
    proof = SimpleUploadedFile("page.png", b"\x89PNG\r\n", content_type="image/png")
    done = Page(browser.post(action, {"do": "filed", "number": "T-991", "proof": proof}, follow=True))
    assert "Noted as sent." in done.words
    assert Dispatch.objects.get().reference == "T-991"


def test_a_proof_that_is_a_program_is_refused(signed_in, step):
    browser = approved(signed_in, step)
    page = press(browser, page_of(browser, step), "Let it go", way="web_form")
    proof = SimpleUploadedFile("x.exe", b"MZ", content_type="application/x-msdownload")
    answer = Page(browser.post(page.form("It is filed").get("action"), {"do": "filed", "proof": proof}, follow=True))
    assert "The proof is a picture" in answer.words


def test_a_letter_that_waits_can_be_taken_back(signed_in, step):
    browser = approved(signed_in, step)
    page = press(browser, page_of(browser, step), "Let it go", way="post")
    page = press(browser, page, "Take it back")
    assert "Taken back." in page.words
    assert "How it goes" in page.words


def test_a_refusal_is_taken_further_or_asked_again(signed_in):
    browser, measure = signed_in(), a_sent()
    press(browser, page_of(browser, measure), "Note it", event="refuse", says="We see nothing.")
    page = page_of(browser, measure)
    assert "We see nothing." in page.words
    assert "What comes next" in page.words
    again = press(browser, page, "Ask them again", reason="they looked at another page")
    measure.refresh_from_db()
    assert (measure.state, measure.approvals.count()) == ("drafted", 0)
    assert "A draft again" in again.words


def test_a_step_of_another_case_is_not_opened_here(signed_in, step):
    other = a_sent()
    assert signed_in().get(reverse("desk:step", args=[step.case.reference, other.pk])).status_code == 404


def test_nothing_unknown_is_done(signed_in, step):
    browser = signed_in()
    action = reverse("desk:step_act", args=[step.case.reference, step.pk])
    assert browser.post(action, {"do": "explode"}).status_code == 404
    assert browser.post(action, {"do": "edit", "based_on": "x"}).status_code == 404


def test_a_calendar_says_when_and_nothing_of_what(signed_in):
    browser, measure = signed_in(), a_sent()
    measure.owner = browser.person
    measure.save()
    page = press(browser, visit(browser, reverse("desk:calendar")), "Make an address")
    address = page.tree.xpath("//code[contains(@class, 'address')]/text()")[0]
    assert "Your address, shown once" in page.words
    assert "Your address, shown once" not in visit(browser, reverse("desk:calendar")).words
    answer = Client().get(address)
    [event] = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event.decoded("dtstart") == measure.due_at
    text = answer.content.decode()
    assert measure.case.reference not in text
    assert [secret for secret in SECRETS if secret in text.casefold()] == []
    press(browser, visit(browser, reverse("desk:calendar")), "Make an address")
    assert Client().get(address).status_code == 404, "the old address leads nowhere"


def test_a_calendar_of_somebody_who_left_leads_nowhere(signed_in):
    browser = signed_in()
    page = press(browser, visit(browser, reverse("desk:calendar")), "Make an address")
    address = page.tree.xpath("//code[contains(@class, 'address')]/text()")[0]
    browser.person.is_active = False
    browser.person.save()
    assert Client().get(address).status_code == 404


def test_a_contest_is_said_on_the_step(signed_in):
    measure = a_sent()
    answers.answer(measure.pk, "comply", "", by="addressee")
    answers.contest(measure, {"grounds": "journalism", "words": "a review"}, by="poster")
    assert "Whoever posted it contests this" in page_of(signed_in(), measure).words
    assert remedies.measure(measure.pk).state == "contested"

"""What a person can do once they follow their case: talk, say it is back, withdraw, rate, be reminded."""

from __future__ import annotations

from datetime import timedelta

import pytest
from icalendar import Calendar

from factories.notices import a_measure, an_approved
from factories.pages import press, visit
from factories.people import member
from factories.reports import NOON, do_the_work
from habeas.cases import messages as talk
from habeas.cases import queries
from habeas.cases.models import Message, Posting, Rating
from habeas.journey import sending
from habeas.ledger import queries as ledger
from habeas.store.models import Job

pytestmark = pytest.mark.django_db

LINK = "https://board.example.net/t/88214"


@pytest.fixture
def case(client):
    """A case that this client follows."""
    page = press(client, visit(client, "/report/all/"), "Send the report", links=LINK)
    receipt = "-".join(page.tree.xpath("//*[contains(@class, 'receipt-code')]//span/text()"))
    press(client, page, "Go on without typing it")
    do_the_work()
    return queries.case_by_receipt(receipt)


def test_both_sides_write_and_each_sees_when_the_other_read_it(client, case):
    worker = member("caseworker")
    page = press(client, visit(client, "/follow/case/"), "Send the message", message="They called my school.")
    assert "Your message is with the helpline." in page.words
    assert talk.unread(case, by_person=True) == 1
    [said] = talk.read(case, by=worker, at=NOON)
    assert (said.text, said.by_person) == ("They called my school.", True)
    talk.write(case, "Thank you. We look into it.", by=worker, at=NOON)
    page = visit(client, "/follow/case/")
    assert "We look into it." in page.words
    assert talk.unread(case, by_person=False) == 0
    events = [entry["kind"] for entry in ledger.entries_of(case.pk)]
    assert events.count("message.written") == 2


def test_what_was_written_is_sealed(client, case):
    press(client, visit(client, "/follow/case/"), "Send the message", message="They called my school.")
    assert b"school" not in bytes(Message.objects.get().sealed)


@pytest.mark.parametrize("words", ["", "   ", "x" * 5001])
def test_an_empty_or_endless_message_is_turned_back_and_kept_in_the_box(client, case, words):
    page = press(client, visit(client, "/follow/case/"), "Send the message", message=words)
    assert page.status == 422
    assert "Write a few words first" in page.words
    assert Message.objects.count() == 0
    assert page.typed("Send the message")["message"] == [words]


def test_whoever_says_it_is_back_has_it_looked_at_and_taken_up_again(client, case):
    Posting.objects.update(state="gone")
    page = press(client, visit(client, "/follow/case/"), "It is back: board.example.net")
    assert "take it up again" in page.words
    assert Posting.objects.get().state == "back"
    assert Job.objects.filter(kind="evidence.capture").count() == 1


def test_once_withdrawn_nothing_more_leaves_until_the_person_takes_it_up_again(client):
    measure = an_approved(a_measure())
    case = measure.case
    session = client.session
    session["followed_case"] = str(case.pk)
    session.save()
    assert not any("to stop" in one.says for one in sending.obstacles(measure))
    page = press(client, visit(client, "/follow/case/withdraw/"), "Withdraw my report")
    assert "You asked us to stop." in page.words
    measure.refresh_from_db()
    measure.case.refresh_from_db()
    assert any("asked us" in one.says for one in sending.obstacles(measure))
    page = press(client, visit(client, "/follow/case/withdraw/"), "Go on with my case")
    assert "You asked us to stop." not in page.words


def test_a_milestone_is_rated_once_and_apart_from_the_case(client, case):
    assert visit(client, "/follow/case/rate/closed/").status == 404, "nothing to rate yet"
    case.closed_at = NOON + timedelta(days=3)
    case.save(update_fields=["closed_at"])
    page = press(client, visit(client, "/follow/case/rate/closed/"), "Send my answers", pj2="5", cs1="4")
    assert "kept apart from your case" in page.words
    assert dict(Rating.objects.values_list("question", "answer")) == {"pj2": 5, "cs1": 4}
    assert str(case.pk).encode() not in b"".join(
        bytes(row) for row in Rating.objects.values_list("respondent", flat=True)
    )
    assert visit(client, "/follow/case/rate/closed/").status == 404
    entries = [entry for entry in ledger.entries_of(case.pk) if entry["kind"] == "survey.answered"]
    assert entries == [], "who answered does not follow from the log"


def test_the_reminder_names_nothing(client, case):
    answer = client.get("/follow/case/reminder.ics?title=plants")
    [event] = Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(event["summary"]) == "Water the plants"
    assert event["rrule"]["FREQ"] == ["WEEKLY"]
    for word in (b"habeas", b"http", case.reference.encode(), b"helpline"):
        assert word.lower() not in answer.content.lower()

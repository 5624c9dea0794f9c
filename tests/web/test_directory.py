"""The directory of addressees at the desk: leads keep it, everybody who writes letters reads it."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from factories.notices import HOST, a_letter_sent, a_measure
from factories.pages import Page, press, visit
from factories.people import member
from factories.reports import a_case
from habeas.journey import answers
from habeas.kernel import clock
from habeas.platforms import actions as platforms
from habeas.platforms import queries
from habeas.platforms.models import Addressee, PartnerKey, Route

pytestmark = pytest.mark.django_db
LIST = "/desk/directory/"


@pytest.fixture(autouse=True)
def _house(settings):
    settings.HABEAS_HOUSE = {"name": "Helpline", "address": "1 Example Street", "email": "notices@example.org"}


@pytest.fixture
def board() -> Addressee:
    return platforms.put_addressee(
        "the-board", by=member("lead"), at=clock.now(), name="The Board", kind="platform", hosts=[HOST]
    )


@pytest.fixture
def way(board) -> Route:
    return platforms.put_route(
        board, "email", {"address": f"abuse@{HOST}"}, by=member("lead"), at=clock.now(), note="answers fast"
    )


def page_of(browser, entry: Addressee) -> Page:
    return visit(browser, reverse("desk:addressee", args=[entry.slug]))


def test_a_lead_writes_down_who_it_is_and_how_it_is_reached(signed_in):
    lead = signed_in("lead")
    page = press(lead, visit(lead, LIST), "Add it", name="The Board", kind="platform", hosts=f"{HOST}, www.{HOST}",
                 languages="nl, zh-Hant", hours="9 to 5", rules="https://board.example.net/rules",
                 source="their imprint", checked_on="2026-03-02")  # fmt: skip
    assert "Now say how it is reached" in page.words
    page = press(lead, page, "Add the way", channel="email", address=f"abuse@{HOST}", note="answers fast")
    for told in (f"abuse@{HOST}", "answers fast", "9 to 5", "their imprint", "nl, zh-Hant", "March 2, 2026"):
        assert told in page.words
    listed = visit(lead, LIST)
    for told in ("The Board", "Platform", "E-mail"):
        assert told in listed.words
    entry = queries.addressee("the-board")
    assert (entry.hosts, entry.languages) == ([HOST, f"www.{HOST}"], ["nl", "zh-Hant"])


def test_others_read_it_and_cannot_change_it(signed_in, board, way):
    reader = signed_in()
    assert "Add an addressee" not in visit(reader, LIST).words
    page = page_of(reader, board)
    assert f"abuse@{HOST}" in page.words
    for button in ("Add the way", "Make the key", "Close this way", "Change this entry"):
        assert button not in page.words


@pytest.mark.parametrize(
    "told",
    [
        {"do": "fields", "name": "Mine now", "kind": "platform"},
        {"do": "route", "channel": "post", "address": "x"},
        {"do": "close", "because": "x"},
        {"do": "open"},
        {"do": "key", "label": "x"},
        {"do": "close_key", "key": "1"},
    ],
)
def test_who_may_not_keep_it_changes_nothing_of_it(signed_in, board, way, told):
    platforms.make_key(board, "theirs", by=member("lead"), at=clock.now())
    browser = signed_in()
    assert browser.post(reverse("desk:addressee", args=[board.slug]), {**told, "route": way.pk}).status_code == 403
    assert browser.post(LIST, {"name": "Another", "kind": "platform"}).status_code == 403
    assert Addressee.objects.get().name == "The Board"
    assert Route.objects.get().closed_because == ""
    assert PartnerKey.objects.get().closed_at is None


@pytest.mark.parametrize(
    ("told", "trouble"),
    [
        ({"name": ""}, "An entry needs a name"),
        ({"kind": "planet"}, "Choose what it is"),
        ({"hosts": "https://x/"}, "is no host name"),
        ({"jurisdiction": "XQ"}, "No law pack knows the place XQ"),
        ({"languages": "Dutch"}, "is no code of a language"),
        ({"rules": "under the table"}, "An address begins with https://"),
        ({"checked_on": "yesterday"}, "must be a date"),
        ({"checked_on": "2999-01-01"}, "lies in the future"),
        ({"name": "The  Board"}, "has an entry of this name already"),
        ({"name": "…"}, "the name has no letters"),
    ],
)
def test_what_cannot_be_kept_is_said_and_stays_in_the_form(signed_in, board, told, trouble):
    lead = signed_in("lead")
    page = press(lead, visit(lead, LIST), "Add it", **{"name": "New", "kind": "host", "source": "a call", **told})
    assert page.status == 422
    assert any(trouble in error for error in page.errors)
    assert page.typed("Add it")["source"] == ["a call"]
    assert Addressee.objects.count() == 1


@pytest.mark.parametrize(
    "told",
    [
        {"channel": "email", "address": "nobody"},
        {"channel": "email", "address": ""},
        {"channel": "email", "address": "a@b.example\nBcc: c@d.example"},
        {"channel": "pigeon", "address": "x"},
    ],
)
def test_a_way_that_leads_nowhere_is_not_kept(signed_in, board, told):
    lead = signed_in("lead")
    page = press(lead, page_of(lead, board), "Add the way", **told)
    assert page.status == 422
    assert page.errors
    assert not Route.objects.exists()


def test_an_entry_is_corrected(signed_in, board):
    lead = signed_in("lead")
    page = press(lead, page_of(lead, board), "Save", name="The Message Board", hosts=HOST, hours="at night")
    assert "Saved." in page.words
    entry = queries.addressee("the-board")
    assert (entry.name, entry.hosts, entry.hours) == ("The Message Board", [HOST], "at night")


def test_a_way_is_closed_with_a_reason_and_tried_again(signed_in, board, way):
    lead = signed_in("lead")
    silent = press(lead, page_of(lead, board), "Close this way")
    assert "Say why this way leads nowhere." in silent.words
    closed = press(lead, silent, "Close this way", because="it bounces")
    assert "it bounces" in closed.words
    assert queries.routes_to(queries.addressee("the-board"), "platform-notice") == []
    press(lead, closed, "Try it again")
    assert queries.routes_to(queries.addressee("the-board"), "platform-notice") == [way]


def test_a_way_of_another_entry_is_not_touched(signed_in, board, way):
    lead = signed_in("lead")
    other = platforms.put_addressee("other", by=lead.person, at=clock.now(), name="Other", kind="host")
    told = {"do": "close", "route": way.pk, "because": "mistaken"}
    assert lead.post(reverse("desk:addressee", args=[other.slug]), told).status_code == 404
    way.refresh_from_db()
    assert way.closed_because == ""


def test_a_key_is_shown_once_and_kept_nowhere(signed_in, board):
    lead = signed_in("lead")
    page = press(lead, page_of(lead, board), "Make the key", label="their system")
    [key] = [word for word in page.words.split() if word.startswith("hbp_")]
    assert queries.partner_of(key) == board
    assert "hbp_" not in page_of(lead, board).words
    assert not [session for session in Session.objects.all() if "hbp_" in str(session.get_decoded())]
    gone = press(lead, page_of(lead, board), "Close the key their system")
    assert "their system" not in gone.words
    assert queries.partner_of(key) is None


def test_its_record_is_told_in_words(signed_in, board, way):
    sent = [a_letter_sent(a_measure(a_case(links=(f"https://{HOST}/t/{n}",))), way) for n in range(3)]
    answers.answer(sent[0].pk, "comply", "", by="addressee")
    answers.answer(sent[1].pk, "refuse", "", by="addressee")
    words = page_of(signed_in(), board).words
    assert "3 letters sent, 2 answered: 1 done, 1 refused." in words
    assert "On average it answers after" in words


def test_nothing_is_said_of_whom_nobody_wrote_to(signed_in, board):
    assert "Nothing was sent to it through its ways here yet." in page_of(signed_in(), board).words


def test_one_kind_can_be_shown_alone(signed_in, board):
    browser = signed_in()
    assert "The Board" in visit(browser, f"{LIST}?kind=platform").words
    assert "The Board" not in visit(browser, f"{LIST}?kind=court").words
    assert "The Board" in visit(browser, f"{LIST}?kind=planet").words


def test_every_kind_of_addressee_has_its_word():
    from habeas.web.desk.directory import KIND_WORDS, KINDS

    assert set(KIND_WORDS) == set(KINDS)

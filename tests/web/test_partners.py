"""The addressee's side by link, the poster's side, and the desk that decides: each sees its part and nothing else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from factories.notices import a_letter_sent, a_measure, an_approved
from factories.pages import Page, press, visit
from factories.people import member
from factories.reports import LINK, SECRETS, an_examined_case
from habeas.journey import answers, letters, report
from habeas.kernel import clock
from habeas.ledger import queries as ledger
from habeas.platforms import actions as platforms
from habeas.platforms.models import Contest, Door
from habeas.remedies import consents, progress
from habeas.remedies.models import Measure

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _house(settings):
    settings.HABEAS_HOUSE = {"name": "Helpline", "address": "1 Example Street", "email": "notices@example.org"}


@pytest.fixture
def sent() -> Measure:
    """The notice of an examined case, as it went."""
    case = an_examined_case()
    report.answer(case, "content.illegal", True, "it locates her", by=member())
    measure = Measure.objects.get(case=case, key="platform-notice:platform:board.example.net")
    consents.say(case, measure.key, given=True, by=None, at=clock.now())
    report.reassess(case, "the person agreed")
    measure.refresh_from_db()
    return a_letter_sent(measure)


def opened(browser: Client, measure: Measure, used_by: str = "addressee") -> Page:
    token = platforms.make_door(measure, at=clock.now(), used_by=used_by)
    name = "partners:notice" if used_by == "addressee" else "partners:contest"
    return visit(browser, reverse(name, args=[token]))


class TestNotice:
    def test_it_shows_the_letter_and_nothing_else_of_the_case(self, client, sent):
        page = opened(client, sent)
        assert LINK in page.words
        assert sent.reference in page.words
        assert sent.case.reference not in page.words
        assert [secret for secret in SECRETS if secret in page.words.replace(LINK, "").casefold()] == []

    def test_a_first_opening_is_logged(self, client, sent):
        opened(client, sent)
        assert [e["kind"] for e in ledger.entries_of(sent.case_id)].count("door.opened") == 1

    @pytest.mark.parametrize(
        ("answer", "more", "state"),
        [
            ("acknowledge", {}, "acknowledged"),
            ("comply", {}, "complied"),
            ("comply_partly", {"words": "one of two"}, "partly"),
            ("refuse", {"why": "lawful"}, "refused"),
            ("ask_back", {"words": "which post?"}, "acknowledged"),
        ],
    )
    def test_each_answer_leads_where_it_should(self, client, sent, answer, more, state):
        page = press(client, opened(client, sent), "Send the answer", answer=answer, **more)
        sent.refresh_from_db()
        assert sent.state == state
        assert "Your answer stands in the file" in page.words

    @pytest.mark.parametrize(
        ("told", "trouble"),
        [
            ({}, "Choose an answer."),
            ({"answer": "refuse"}, "Say on which ground you refuse."),
            ({"answer": "ask_back"}, "Say in a few words"),
            ({"answer": "explode"}, "Choose an answer."),
        ],
    )
    def test_what_is_unclear_is_said_and_nothing_is_lost(self, client, sent, told, trouble):
        page = press(client, opened(client, sent), "Send the answer", **{"why": "", **told})
        assert page.status == 422
        assert any(trouble in error for error in page.errors)
        sent.refresh_from_db()
        assert sent.state == "sent"

    def test_pressed_twice_it_is_one_answer(self, client, sent):
        page = opened(client, sent)
        for _ in range(2):
            press(client, page, "Send the answer", answer="refuse", why="lawful", words="no")
        kinds = [entry["kind"] for entry in ledger.entries_of(sent.case_id)]
        assert kinds.count("measure.refused") == 1

    def test_a_refusal_stands_with_its_ground_for_the_desk(self, client, sent):
        press(client, opened(client, sent), "Send the answer", answer="refuse", why="not_found", words="gone already")
        assert answers.notice_of(sent).answers[-1][2] == "[not_found] gone already"

    def test_a_done_is_looked_at(self, client, sent):
        press(client, opened(client, sent), "Send the answer", answer="comply")
        assert sent.rechecks.count() == 5

    def test_a_new_draft_is_nobody_s_business_outside(self, client, sent):
        answers.answer(sent.pk, "refuse", "", by="addressee")
        progress.ask_again(sent.pk, "once more", by=member(), at=clock.now())
        measure = Measure.objects.get(pk=sent.pk)
        letters.edit(measure, 1, "A secret thought of the desk.", based_on=1, by=member())
        assert "secret thought" not in opened(client, measure).words

    def test_what_was_taken_back_says_so(self, client, sent):
        from habeas.remedies import actions

        actions.withdraw(sent.pk, "she changed her mind", by=member(), at=clock.now())
        page = opened(client, sent)
        assert "you need do nothing" in page.words
        assert "Send the answer" not in page.words
        assert "changed her mind" not in page.words


class TestLinks:
    def test_every_link_that_does_not_open_meets_the_same_page(self, client, sent):
        closed = platforms.make_door(sent, at=clock.now())
        platforms.close_doors(sent, by=1, at=clock.now())
        old = platforms.make_door(sent, at=clock.now() - timedelta(days=91))
        poster = platforms.make_door(sent, at=clock.now(), used_by="poster")
        pages = [client.get(reverse("partners:notice", args=[t])) for t in ("nonsense", closed, old, poster)]
        bodies = {re.sub(r'value="\w{20,}"', "", page.content.decode()) for page in pages}
        assert {page.status_code for page in pages} == {404}
        assert len(bodies) == 1

    def test_nothing_opens_before_it_was_sent(self, client):
        measure = an_approved(a_measure())
        token = platforms.make_door(measure, at=clock.now())
        assert client.get(reverse("partners:notice", args=[token])).status_code == 404

    def test_an_erased_case_has_no_doors(self, client, sent):
        token = platforms.make_door(sent, at=clock.now())
        platforms.forget_words(sent.case, by=1, at=clock.now())
        assert client.get(reverse("partners:notice", args=[token])).status_code == 404

    def test_its_pages_are_kept_from_caches_and_search_engines(self, client, sent):
        response = opened(client, sent).response
        assert "no-store" in response.headers["Cache-Control"]
        assert "noindex" in response.content.decode()


class TestContest:
    @pytest.fixture
    def down(self, sent) -> Measure:
        return answers.answer(sent.pk, "comply", "", by="addressee")

    def test_the_service_passes_on_a_link_that_is_shown_once(self, client, down):
        page = press(client, opened(client, down), "Make a link for whoever posted it")
        assert "shown once" in page.words
        [address] = re.findall(r"/partners/c/[\w-]+/", page.response.content.decode())
        theirs = visit(Client(), address)
        assert "Regulation (EU) 2022/2065" in theirs.words

    def test_whoever_posted_it_learns_the_grounds_and_not_who_asked(self, client, down):
        page = opened(client, down, "poster")
        assert "Something you posted was taken down" in page.words
        everything = page.response.content.decode().casefold()
        assert [secret for secret in SECRETS if secret in everything] == []
        assert "helpline" not in page.words.casefold()
        assert LINK not in everything
        assert down.reference not in page.words
        assert down.case.reference not in page.words

    def test_a_counter_notice_is_filed_weighed_and_answered(self, client, signed_in, down):
        page = opened(client, down, "poster")
        unclear = press(client, page, "File the counter-notice")
        assert unclear.status == 422
        filed = press(client, page, "File the counter-notice", grounds="expression", words="I am a reporter.")
        assert "being read" in filed.words
        down.refresh_from_db()
        assert down.state == "contested"
        browser = signed_in()
        desk = visit(browser, reverse("desk:contest", args=[Contest.objects.get().pk]))
        assert "I am a reporter." in desk.words
        silent = press(browser, desk, "Decide", was="wrong", reasons=" ")
        assert "Give the reasons" in silent.words
        done = press(browser, desk, "Decide", was="wrong", reasons="It is reporting on a court case.")
        assert "in 1 taking it down was wrong" in done.words
        after = visit(client, filed.path)
        assert "Decided: taking it down was wrong" in after.words
        assert "It is reporting on a court case." in after.words
        assert "File the counter-notice" not in after.words

    def test_whoever_approved_it_does_not_decide(self, client, signed_in, down):
        press(client, opened(client, down, "poster"), "File the counter-notice", grounds="own", words="mine")
        browser = signed_in()
        down.approvals.create(member=browser.person, reason="x", at=clock.now())
        page = visit(browser, reverse("desk:contest", args=[Contest.objects.get().pk]))
        assert "Somebody else decides this" in page.words

    def test_before_anything_was_taken_down_there_is_nothing_to_contest(self, client, sent):
        page = opened(client, sent)
        assert "Make a link for whoever posted it" not in page.words
        assert Door.objects.filter(used_by="poster").count() == 0


class TestDirectory:
    def test_a_lead_keeps_it_and_others_read_it(self, signed_in):
        lead = signed_in("lead")
        page = press(lead, visit(lead, reverse("desk:directory")), "Add it", name="The Board", kind="platform",
                     hosts="board.example.net", languages="en, nl")  # fmt: skip
        page = press(lead, page, "Add the way", channel="email", address="abuse@board.example.net")
        assert "abuse@board.example.net" in page.words
        key = press(lead, page, "Make the key", label="their system")
        assert "hbp_" in key.words
        assert "hbp_" not in visit(lead, key.path).words, "shown once"
        others = visit(signed_in(), key.path)
        assert "Nothing was sent to it" in others.words
        assert "Add the way" not in others.words

    @pytest.mark.parametrize(
        ("told", "trouble"),
        [
            ({"name": "", "kind": "platform"}, "needs a name"),
            ({"name": "X", "kind": "planet"}, "needs a name"),
            ({"name": "X", "kind": "platform", "hosts": "https://x/"}, "is no host name"),
            ({"name": "X", "kind": "platform", "checked_on": "yesterday"}, "must be a date"),
        ],
    )
    def test_what_cannot_be_kept_is_said(self, signed_in, told, trouble):
        lead = signed_in("lead")
        assert trouble in press(lead, visit(lead, reverse("desk:directory")), "Add it", **told).words

    def test_an_address_that_is_none_is_not_kept(self, signed_in):
        lead = signed_in("lead")
        platforms.put_addressee("board", by=lead.person, at=clock.now(), name="Board", kind="platform")
        page = visit(lead, reverse("desk:addressee", args=["board"]))
        assert "address" in press(lead, page, "Add the way", channel="email", address="nobody").words
        assert platforms.Route.objects.filter(channel="email").count() == 0

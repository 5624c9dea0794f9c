"""Whoever posted it learns the grounds and may say that it was wrong; the desk decides, and both sides read why."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from factories.notices import a_letter_sent, a_link, a_measure, a_real_notice
from factories.pages import Page, press, visit
from factories.people import member
from factories.reports import LINK, SECRETS, an_examined_case
from habeas.journey import answers
from habeas.kernel import clock
from habeas.ledger import queries as ledger
from habeas.platforms import actions as platforms
from habeas.platforms import queries
from habeas.platforms.models import Contest, Door
from habeas.remedies.core.states import NotPossible
from habeas.remedies.models import Measure

pytestmark = pytest.mark.django_db

FILE, DECIDE = "File the counter-notice", "Decide"
MAKE_LINK = "Make a link for whoever posted it"


@pytest.fixture(autouse=True)
def _house(settings):
    settings.HABEAS_HOUSE = {"name": "Helpline", "address": "1 Example Street", "email": "notices@example.org"}


@pytest.fixture
def down() -> Measure:
    """The notice of an examined case, after the service said that it is done."""
    return answers.answer(a_real_notice().pk, "comply", "", by="addressee")


@pytest.fixture
def contested(down) -> Contest:
    return answers.contest(down, {"grounds": "expression", "words": "I am a reporter.", "contact": "@r"}, by="poster")


def theirs(browser: Client, measure: Measure) -> Page:
    return visit(browser, a_link(measure, "poster"))


class TestLinkForThePoster:
    def test_the_service_makes_it_by_pressing_and_sees_it_once(self, client, down):
        address = a_link(down)
        page = press(client, visit(client, address), MAKE_LINK)
        assert "shown once" in page.words
        [link] = re.findall(r"http://testserver/partners/c/[\w-]+/", page.response.content.decode())
        assert "/partners/c/" not in visit(client, address).response.content.decode()
        assert "Regulation (EU) 2022/2065" in visit(Client(), link).words

    def test_it_leads_to_the_house_as_outsiders_reach_it(self, client, down, settings):
        settings.HABEAS_SITE = "https://habeas.example.org"
        page = press(client, visit(client, a_link(down)), MAKE_LINK)
        assert "https://habeas.example.org/partners/c/" in page.words

    def test_it_is_never_made_by_opening_an_address(self, client, down):
        token = a_link(down).split("/")[3]
        assert client.get(reverse("partners:poster_link", args=[token])).status_code == 405
        assert not Door.objects.filter(used_by="poster").exists()

    def test_before_anything_was_taken_down_there_is_none(self, client):
        measure = a_letter_sent(a_measure())
        page = visit(client, a_link(measure))
        assert MAKE_LINK not in page.words
        token = page.path.split("/")[3]
        refused = Page(client.post(reverse("partners:poster_link", args=[token]), follow=True))
        assert "Nothing was taken down yet" in refused.words
        assert not Door.objects.filter(used_by="poster").exists()

    @pytest.mark.parametrize("changes", [{"ex_parte": True}, {"phase": "preserve"}])
    def test_what_the_poster_must_not_learn_of_has_none(self, client, changes):
        measure = answers.answer(a_letter_sent(a_measure(**changes)).pk, "comply", "", by="addressee")
        assert MAKE_LINK not in visit(client, a_link(measure)).words
        with pytest.raises(NotPossible):
            answers.door_for_poster(measure)

    def test_there_is_an_end_to_them(self, down):
        for _ in range(answers.MOST_POSTER_LINKS):
            answers.door_for_poster(down)
        with pytest.raises(NotPossible, match="Pass one of them on"):
            answers.door_for_poster(down)


class TestPoster:
    def test_they_learn_where_when_and_on_which_grounds(self, client, down):
        page = theirs(client, down)
        for told in ("board.example.net took it down", "Regulation (EU) 2022/2065 art 16", "Notice and action"):
            assert told in page.words
        for told in ("within 7 days", "no part in the first decision", "Neither side learns who the other is"):
            assert told in page.words

    def test_they_learn_nothing_of_who_asked_or_what_else_is_known(self, client, down):
        everything = theirs(client, down).response.content.decode().casefold()
        assert [secret for secret in (*SECRETS, LINK, "helpline", "home address", "bank account")
                if secret in everything] == []  # fmt: skip
        assert down.reference not in everything.upper()
        assert down.case.reference not in everything.upper()

    @pytest.mark.parametrize("grounds", ["expression", "public", "own", "wrong_link", "mistaken", "other"])
    def test_each_ground_can_be_given(self, client, down, grounds):
        page = press(client, theirs(client, down), FILE, grounds=grounds, words="It should stand.")
        assert "Your counter-notice is being read" in page.words
        assert queries.told_in(Contest.objects.get())["grounds"] == grounds
        down.refresh_from_db()
        assert down.state == "contested"

    @pytest.mark.parametrize(
        ("told", "trouble"),
        [
            ({"words": "x"}, "Choose why it should stand."),
            ({"grounds": "own"}, "Say in your own words"),
            ({"grounds": "own", "words": "  \n"}, "Say in your own words"),
            ({"grounds": "planet", "words": "x"}, "Choose why it should stand."),
            ({"grounds": "own", "words": "x" * 4001}, "At most 4000 characters"),
        ],
    )
    def test_what_is_unclear_is_said_and_what_was_typed_stays(self, client, down, told, trouble):
        page = press(client, theirs(client, down), FILE, **told)
        assert page.status == 422
        assert any(trouble in error for error in page.errors)
        assert page.typed(FILE)["words"] == [told.get("words", "")]
        assert not Contest.objects.exists()

    def test_pressed_twice_it_is_one_counter_notice(self, client, down):
        page = theirs(client, down)
        for _ in range(2):
            again = press(client, page, FILE, grounds="own", words="mine")
        assert Contest.objects.count() == 1
        assert "being read" in again.words
        kinds = [entry["kind"] for entry in ledger.entries_of(down.case_id)]
        assert kinds.count("contest.filed") == kinds.count("measure.contested") == 1

    def test_their_words_are_sealed(self, client, down):
        press(client, theirs(client, down), FILE, grounds="own", words="my very own words", contact="@me.example")
        sealed = bytes(Contest.objects.get().sealed)
        assert b"own words" not in sealed
        assert b"me.example" not in sealed

    def test_a_notice_taken_back_leaves_nothing_to_contest(self, client, down):
        from habeas.remedies import actions

        page = theirs(client, down)
        actions.withdraw(down.pk, "taken back", by=member(), at=clock.now())
        again = press(client, page, FILE, grounds="own", words="mine")
        assert "There is nothing to contest" in again.words
        assert not Contest.objects.exists()

    def test_its_pages_stay_out_of_caches_and_search_engines(self, client, down):
        response = theirs(client, down).response
        assert "no-store" in response.headers["Cache-Control"]
        assert "noindex" in response.content.decode()


class TestDecision:
    def test_who_decides_reads_what_they_say_and_by_when(self, signed_in, contested):
        browser = signed_in()
        assert "Due in 6 days" in visit(browser, reverse("desk:contests")).words
        page = visit(browser, reverse("desk:contest", args=[contested.pk]))
        for told in ("I am a reporter.", "journalism, research", "@r", "Regulation (EU) 2022/2065 art 16"):
            assert told in page.words
        assert "case.read" in {entry["kind"] for entry in ledger.entries_of(contested.measure.case_id)}

    @pytest.mark.parametrize(
        ("was", "state", "poster_reads", "service_reads"),
        [
            ("right", "complied", "Decided: it stays down", "taking it down was right"),
            ("wrong", "withdrawn", "Decided: taking it down was wrong", "It may stand again"),
        ],
    )
    def test_both_sides_read_the_decision_and_its_reasons(
        self, client, signed_in, contested, was, state, poster_reads, service_reads
    ):
        browser, measure = signed_in(), contested.measure
        page = visit(browser, reverse("desk:contest", args=[contested.pk]))
        done = press(browser, page, DECIDE, was=was, reasons="It is reporting on a court case.")
        assert f"in {int(was == 'wrong')} taking it down was wrong" in done.words
        measure.refresh_from_db()
        assert (measure.state, measure.removal_was_wrong) == (state, was == "wrong")
        poster = theirs(client, measure)
        assert poster_reads in poster.words
        assert "It is reporting on a court case." in poster.words
        assert FILE not in poster.words
        assert browser.person.last_name not in poster.words
        service = visit(client, a_link(measure))
        assert service_reads in service.words
        assert ("please put back" in service.words) is (was == "wrong")
        assert "It is reporting on a court case." in service.words
        assert "I am a reporter." not in service.words, "the poster's words are for whoever decides"

    @pytest.mark.parametrize(
        ("told", "trouble"),
        [
            ({"reasons": "x"}, "Say whether taking it down was right."),
            ({"was": "right"}, "Give the reasons"),
            ({"was": "right", "reasons": "   "}, "Give the reasons"),
        ],
    )
    def test_a_decision_needs_a_verdict_and_reasons(self, signed_in, contested, told, trouble):
        browser = signed_in()
        page = press(browser, visit(browser, reverse("desk:contest", args=[contested.pk])), DECIDE, **told)
        assert page.status == 422
        assert any(trouble in error for error in page.errors)
        assert queries.open_contests().count() == 1

    def test_whoever_approved_it_does_not_decide(self, signed_in, contested):
        browser = signed_in()
        page = visit(browser, reverse("desk:contest", args=[contested.pk]))
        contested.measure.approvals.create(member=browser.person, reason="x", at=clock.now())
        assert "Somebody else decides this" in visit(browser, page.path).words
        refused = press(browser, page, DECIDE, was="right", reasons="I said so before.")
        assert refused.status == 422
        assert "decided by somebody who did not" in refused.words
        assert queries.open_contests().count() == 1

    def test_it_is_decided_once(self, signed_in, contested):
        browser = signed_in()
        page = visit(browser, reverse("desk:contest", args=[contested.pk]))
        press(browser, page, DECIDE, was="wrong", reasons="a report")
        assert browser.post(page.path, {"was": "right", "reasons": "x"}).status_code == 404
        assert queries.count_wrong() == (1, 1)

    def test_a_contest_of_an_erased_case_waits_no_more(self, signed_in, contested):
        key = contested.measure.case.key
        type(key).objects.filter(pk=key.pk).update(wrapped=None, destroyed_at=clock.now())
        browser = signed_in()
        assert "No contest waits" in visit(browser, reverse("desk:contests")).words
        assert browser.get(reverse("desk:contest", args=[contested.pk])).status_code == 404

    def test_wrong_removals_are_counted_for_all_to_see_at_the_desk(self, signed_in):
        for was_right in (True, False, False):
            measure = answers.answer(a_letter_sent(a_measure()).pk, "comply", "", by="addressee")
            answers.contest(measure, {"grounds": "own", "words": "x", "contact": ""}, by="poster")
            answers.decide_contest(measure, was_right=was_right, reason="weighed", by=member())
        page = visit(signed_in(), reverse("desk:contests"))
        assert "3 contests decided so far; in 2 taking it down was wrong" in page.words
        assert "Decided last" in page.words


def test_what_the_desk_is_told_names_every_ground_a_poster_can_give():
    from habeas.web.desk.contests import GROUND_WORDS
    from habeas.web.partners.words import CONTEST_WORDS

    assert set(GROUND_WORDS) == set(CONTEST_WORDS)


def test_no_door_of_one_case_opens_another(client, down):
    other = an_examined_case()
    assert other.reference not in visit(client, a_link(down)).response.content.decode()
    assert platforms.close_doors(down, by=1, at=clock.now()) == 1
    assert client.get(a_link(down).replace("/n/", "/c/")).status_code == 404

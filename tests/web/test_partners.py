"""The addressee's side by link: it sees its notice and nothing else, answers in its own time, and nobody guesses in."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from factories.notices import a_link, a_measure, a_real_notice, an_approved
from factories.pages import Page, press, visit
from factories.people import member
from factories.reports import LINK, SECRETS
from factories.statements import COMPLETE
from habeas.journey import answers, letters
from habeas.kernel import clock
from habeas.ledger import queries as ledger
from habeas.platforms import actions as platforms
from habeas.remedies import progress
from habeas.remedies.models import Measure
from habeas.web.partners import statements, way_in

pytestmark = pytest.mark.django_db
KEEP = "Keep the statement"


@pytest.fixture(autouse=True)
def _house(settings):
    settings.HABEAS_HOUSE = {"name": "Helpline", "address": "1 Example Street", "email": "notices@example.org"}


@pytest.fixture(autouse=True)
def _nobody_missed_yet():
    cache.clear()


@pytest.fixture
def sent() -> Measure:
    """The notice of an examined case, as it went."""
    return a_real_notice()


def opened(browser: Client, measure: Measure) -> Page:
    return visit(browser, a_link(measure))


def shown(page: Page) -> str:
    """All that the page holds, small letters, without the links that the letter shows on purpose."""
    return page.response.content.decode().replace(LINK, "").casefold()


class TestNotice:
    def test_it_shows_the_letter_and_nothing_else_of_the_case(self, client, sent):
        page = opened(client, sent)
        assert LINK in page.words
        assert sent.reference in page.words
        assert sent.case.reference not in page.words
        assert [secret for secret in SECRETS if secret in shown(page)] == []

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

    def test_a_refusal_is_read_back_in_words(self, client, sent):
        page = press(
            client, opened(client, sent), "Send the answer", answer="refuse", why="not_found", words="gone <b>"
        )
        assert "We refuse : We cannot find it at the address" in page.words
        assert "gone <b>" in page.words
        assert "[not_found]" not in page.words

    def test_what_was_typed_stays_where_something_is_missing(self, client, sent):
        page = press(client, opened(client, sent), "Send the answer", answer="refuse", why="", words="we know better")
        assert page.typed("Send the answer")["words"] == ["we know better"]
        assert page.typed("Send the answer")["answer"] == ["refuse"]
        assert page.tree.xpath("//select[@aria-invalid='true']/@name") == ["why"]

    def test_done_again_after_it_was_found_standing_is_news(self, client, sent):
        press(client, opened(client, sent), "Send the answer", answer="comply")
        progress.find_standing(sent.pk, by="look", at=clock.now())
        press(client, opened(client, sent), "Send the answer", answer="comply")
        sent.refresh_from_db()
        assert sent.state == "complied"
        assert [entry["kind"] for entry in ledger.entries_of(sent.case_id)].count("measure.complied") == 2

    def test_only_answers_that_can_be_given_are_offered(self, client, sent):
        page = press(client, opened(client, sent), "Send the answer", answer="comply")
        assert "We have it" not in page.words
        assert "It is done in part" in page.words
        stale = press(client, page, "Send the answer", answer="acknowledge")
        assert stale.status == 422
        assert any("not any more" in error for error in stale.errors)

    def test_an_answer_to_what_was_taken_back_meanwhile_is_told_so(self, client, sent):
        from habeas.remedies import actions

        page = opened(client, sent)
        actions.withdraw(sent.pk, "she changed her mind", by=member(), at=clock.now())
        late = press(client, page, "Send the answer", answer="comply")
        assert "you need do nothing" in late.words
        sent.refresh_from_db()
        assert sent.state == "withdrawn"

    def test_it_says_who_wrote_and_by_when(self, client, sent):
        words = opened(client, sent).words
        for told in ("Helpline", "1 Example Street", "notices@example.org", "Answer by", "our own wish"):
            assert told in words

    def test_a_form_from_elsewhere_changes_nothing(self, sent):
        browser = Client(enforce_csrf_checks=True)
        address = a_link(sent)
        assert browser.post(address, {"answer": "comply"}).status_code == 403
        page = visit(browser, address)
        token = page.typed("Send the answer")["csrfmiddlewaretoken"]
        done = press(browser, page, "Send the answer", answer="comply", csrfmiddlewaretoken=token)
        assert "Your answer stands in the file" in done.words

    def test_it_needs_no_script_and_asks_nothing_of_others(self, client, sent):
        tree = opened(client, sent).tree
        assert set(tree.xpath("//@src | //link/@href")) == {
            "/static/habeas/habeas.css", "/static/habeas/favicon.svg", "/static/habeas/habeas.js"
        }  # fmt: skip
        assert tree.xpath("//*[@onclick or @onsubmit]") == []
        assert [link for link in tree.xpath("//a/@href") if not link.startswith("#")] == []

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

    def test_who_tries_many_gets_nowhere_for_a_while(self, client, sent, monkeypatch):
        monkeypatch.setattr(way_in, "MOST_MISSES", 3)
        right = a_link(sent)
        wrong = reverse("partners:notice", args=["nonsense"])
        pages = [client.get(wrong) for _ in range(3)]
        assert client.get(right).status_code == 404
        assert client.get(right).content == pages[0].content, "not even that it would be right"
        assert client.post(right, {"answer": "comply"}).status_code == 404
        assert client.get(right, REMOTE_ADDR="192.0.2.7").status_code == 200
        cache.clear()  # ten minutes later
        assert client.get(right).status_code == 200

    def test_opening_a_right_link_often_counts_as_nothing(self, client, sent, monkeypatch):
        monkeypatch.setattr(way_in, "MOST_MISSES", 3)
        right = a_link(sent)
        assert {client.get(right).status_code for _ in range(6)} == {200}

    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ({"REMOTE_ADDR": "192.0.2.1"}, {"REMOTE_ADDR": "192.0.2.2"}, False),
            ({"REMOTE_ADDR": "2001:db8::1"}, {"REMOTE_ADDR": "2001:db8::2"}, True),
            ({"REMOTE_ADDR": "2001:db8::1"}, {"REMOTE_ADDR": "2001:db8:0:1::1"}, False),
            # Without a proxy in front anybody can write what a proxy would.
            ({"HTTP_X_FORWARDED_FOR": "192.0.2.1"}, {"HTTP_X_FORWARDED_FOR": "192.0.2.2"}, True),
        ],
    )
    def test_a_place_is_an_address_or_what_one_house_has(self, rf, one, other, same):
        assert (way_in._place(rf.get("/", **one)) == way_in._place(rf.get("/", **other))) is same

    def test_behind_a_proxy_the_place_is_whom_the_proxy_spoke_to(self, rf, settings):
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        first = way_in._place(rf.get("/", HTTP_X_FORWARDED_FOR="192.0.2.1"))
        assert way_in._place(rf.get("/", HTTP_X_FORWARDED_FOR="198.51.100.9, 192.0.2.1")) == first
        assert way_in._place(rf.get("/", HTTP_X_FORWARDED_FOR="192.0.2.1, 198.51.100.9")) != first
        assert "192.0.2.1" not in first


class TestStatements:
    @pytest.fixture
    def page(self, client, sent) -> Page:
        answers.answer(sent.pk, "comply", "", by="addressee")
        return visit(client, f"{a_link(sent)}reasons/")

    def test_it_begins_with_what_the_notice_says(self, page):
        begun = page.typed(KEEP)
        assert begun["decision_ground"] == ["DECISION_GROUND_ILLEGAL_CONTENT"]
        assert "Regulation (EU) 2022/2065 art 16" in begun["illegal_content_legal_ground"][0]
        assert begun["source_type"] == ["SOURCE_ARTICLE_16"]
        assert begun["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]
        assert begun["decision_facts"] == [""], "the facts of a decision are theirs to say"
        assert [secret for secret in SECRETS if secret in shown(page)] == []

    def test_what_it_begins_with_is_nearly_a_statement(self, client, page):
        told = press(client, page, KEEP)
        assert told.status == 422
        assert sorted(error.split(":")[0] for error in told.errors) == [
            "Day on which it was posted", "Facts and circumstances of your decision",
            "Was it decided by automated means? Fill it in.", "What the content was", "Why it breaks that law",
        ]  # fmt: skip

    def test_what_is_missing_is_told_in_the_words_of_the_page(self, client, page):
        told = press(client, page, KEEP, decision_visibility=[], decision_monetary_other="a fine")
        assert any("“What happened to payments”" in error and "“Other”" in error for error in told.errors)
        assert any("at least one of “What happened to the content”" in error for error in told.errors)
        assert not [error for error in told.errors if "DECISION_" in error or "decision_" in error]

    def test_it_is_kept_sealed_and_given_back(self, client, sent, page):
        kept = press(client, page, KEEP, **COMPLETE)
        assert "The statement is kept" in kept.words
        assert "Wetboek van Strafrecht, article 285d" in kept.words
        assert b"Strafrecht" not in bytes(sent.reasons_given.get().sealed)
        base = kept.path.removesuffix("/")
        assert client.get(f"{base}.json").json() == {"statements": [COMPLETE]}
        assert client.get(f"{base}.json?puid=2026-0001").json() == {"statements": [COMPLETE]}
        [row] = csv.DictReader(io.StringIO(client.get(f"{base}.csv").content.decode()))
        assert (row["reference"], row["puid"]) == (sent.reference, "2026-0001")
        assert json.loads(row["content_type"]) == ["CONTENT_TYPE_TEXT"]
        assert client.get(f"{base}.json?puid=another").status_code == 404

    def test_pressed_twice_it_is_one_statement(self, client, sent, page):
        for _ in range(2):
            again = press(client, page, KEEP, **COMPLETE)
        assert "The statement is kept" in again.words
        assert sent.reasons_given.count() == 1

    def test_a_number_used_before_is_not_used_again(self, client, sent, page):
        press(client, page, KEEP, **COMPLETE)
        told = press(client, page, KEEP, **{**COMPLETE, "decision_facts": "Something else."})
        assert told.status == 422
        assert any("choose another PUID" in error for error in told.errors)
        assert sent.reasons_given.count() == 1

    @pytest.mark.parametrize(
        ("field", "text", "kind"),
        [
            ("decision_facts", "She was called on +31 6 12345678 by strangers.", "phone"),
            ("illegal_content_explanation", "It shows mara.vellinga@example.org to all.", "email"),
        ],
    )
    def test_personal_data_does_not_get_into_it(self, client, sent, page, field, text, kind):
        told = press(client, page, KEEP, **{**COMPLETE, field: text})
        assert told.status == 422
        assert any(f"personal data ({kind})" in error for error in told.errors)
        assert told.typed(KEEP)[field] == [text], "what was typed stays to be changed"
        assert not sent.reasons_given.exists()

    def test_a_table_runs_nothing(self, client, page):
        kept = press(client, page, KEEP, **{**COMPLETE, "decision_facts": '=HYPERLINK("https://x.example")'})
        [row] = csv.DictReader(io.StringIO(client.get(f"{kept.path.removesuffix('/')}.csv").content.decode()))
        assert row["decision_facts"].startswith("'=HYPERLINK")

    def test_a_poster_s_link_leads_to_none_of_it(self, client, sent):
        token = a_link(sent, "poster").split("/")[3]
        for path in (f"/partners/n/{token}/reasons/", f"/partners/n/{token}/reasons.json"):
            assert client.get(path).status_code == 404

    def test_every_field_of_the_schema_has_its_words(self):
        assert set(statements.LABELS) == set(statements.FIELDS)

"""From a yes to a letter that went: what is in its way is said, it goes once, and what came of it drives the step."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from factories.mail_servers import Post, smtp_server
from factories.people import member
from factories.reports import FULL, LINK, NAME, SECRETS, an_examined_case
from habeas.access.actions import NotAllowed
from habeas.cases.models import Case
from habeas.journey import answers, letters, report, sending
from habeas.kernel import clock
from habeas.ledger import queries as ledger
from habeas.platforms import actions as platforms
from habeas.platforms import queries, ways
from habeas.platforms.models import Dispatch, Incoming, Route
from habeas.remedies import actions, consents, wording
from habeas.remedies import queries as remedies
from habeas.remedies.models import Measure
from habeas.store.models import Job
from habeas.store.worker import Worker

pytestmark = pytest.mark.django_db

ADDRESS = "abuse@board.example.net"
HOST = "board.example.net"


@pytest.fixture(autouse=True)
def _house(settings):
    settings.HABEAS_HOUSE = {
        "name": "Helpline of the tests",
        "address": "1 Example Street, 1000 AA Testdam",
        "email": "notices@helpline.example.org",
    }
    settings.HABEAS_MAIL_DOMAIN = "answers.helpline.example.org"
    settings.HABEAS_SITE = "https://helpline.example.org"


@pytest.fixture
def post(settings):
    with smtp_server(Post()) as server:
        settings.HABEAS_MAIL = f"smtp://localhost:{server.port}"
        yield server


def notice(case: Case | None = None) -> Measure:
    """The notice to the platform of a case that was examined, ready to be decided."""
    case = case or an_examined_case()
    report.answer(case, "content.illegal", True, "it locates her and calls on others to act", by=member())
    return Measure.objects.select_related("case__key").get(case=case, key=f"platform-notice:platform:{HOST}")


def agreed(measure: Measure) -> Measure:
    """Consented to, written and approved by as many as it takes; the directory knows the addressee."""
    route()
    consents.say(measure.case, measure.key, given=True, by=None, at=clock.now())
    report.reassess(measure.case, "the person agreed")
    measure.refresh_from_db()
    letters.draft(measure, "en", based_on=measure.letters.count(), by=member())
    for _ in range(measure.approvals_needed):
        measure = actions.approve(measure.pk, "it is hers, and it locates her", by=member(), at=clock.now())
    return measure


def route(**settings: str) -> Route:
    if not settings and (known := Route.objects.first()):
        return known
    entry = platforms.put_addressee(
        "board", by=member("lead"), at=clock.now(), name="The Board", kind="platform", hosts=[HOST], languages=["en"]
    )
    return platforms.put_route(entry, "email", settings or {"address": ADDRESS}, by=member("lead"), at=clock.now())


def go(measure: Measure, way: Route | None = None) -> Dispatch:
    way = way or route()
    return sending.send(measure, "email", way.settings, route=way, by=member())


def work(settings) -> int:
    """What is due now; looks that are due later stay."""
    return Worker(settings.HABEAS_JOBS, name="the worker of the tests").run_until_idle()


class TestTheWay:
    def test_an_approved_letter_goes_once_and_its_clock_starts(self, post, settings):
        measure = agreed(notice())
        dispatch = go(measure)
        work(settings)
        work(settings)
        measure.refresh_from_db()
        dispatch.refresh_from_db()
        assert (measure.state, dispatch.state, len(post.got)) == ("sent", "sent", 1)
        assert measure.sent_at is not None
        kinds = [entry["kind"] for entry in ledger.entries_of(measure.case_id)]
        assert kinds.count("measure.sent") == kinds.count("dispatch.sent") == 1

    def test_the_letter_names_links_and_kinds_and_never_the_data(self, post, settings):
        measure = agreed(notice())
        go(measure)
        work(settings)
        message = message_from_bytes(post.got[0], policy=policy.default)
        text = message.get_body(("plain",)).get_content()
        assert LINK in text
        assert "home address" in text
        without_the_link = text.replace(LINK, "").casefold()
        assert [secret for secret in SECRETS if secret in without_the_link] == []
        assert NAME not in str(message["subject"])
        [pdf] = message.iter_attachments()
        assert pdf.get_content().startswith(b"%PDF-")

    def test_answers_come_to_an_address_and_a_link_of_this_measure(self, post, settings):
        measure = agreed(notice())
        go(measure)
        work(settings)
        message = message_from_bytes(post.got[0], policy=policy.default)
        assert message["reply-to"] == ways.answers_to(measure.reference)
        assert "https://helpline.example.org/partners/n/" in message.get_body(("plain",)).get_content()
        assert measure.doors.count() == 1

    def test_what_was_sent_can_be_read_and_proved_for_ever(self, post, settings):
        measure = agreed(notice())
        dispatch = go(measure)
        work(settings)
        dispatch = queries.dispatch(dispatch.pk)
        assert dispatch.letter == measure.letters.last()
        assert dispatch.reference.encode() in queries.proof_of(dispatch)
        with pytest.raises(wording.NotEditable):
            letters.draft(Measure.objects.get(pk=measure.pk), "en", based_on=2, by=member())

    def test_filed_by_hand_it_waits_for_its_proof(self, settings):
        measure = agreed(notice())
        dispatch = sending.send(measure, "web_form", {"form": "generic"}, route=None, by=member())
        work(settings)
        measure.refresh_from_db()
        assert (measure.state, dispatch.state) == ("approved", "by_hand")
        with pytest.raises(sending.CannotGo, match="Nothing shows"):
            sending.note_filed(dispatch, " ", b"", "", by=member())
        assert sending.note_filed(dispatch, "TICKET-991", b"\x89PNG", "image/png", by=member()).state == "sent"
        assert sending.note_filed(dispatch, "TICKET-991", b"", "", by=member()) is None, "once"


class TestInItsWay:
    def says(self, measure: Measure) -> str:
        with pytest.raises(sending.CannotGo) as refused:
            go(measure)
        assert Dispatch.objects.count() == 0
        assert all(one.next_step for one in refused.value.obstacles)
        return str(refused.value)

    def test_what_is_not_approved(self, post):
        assert "not approved" in self.says(notice())

    def test_a_consent_that_was_not_asked_for_or_refused(self, post):
        measure = agreed(notice())
        from habeas.remedies.models import Consent

        Consent.objects.all().delete()
        assert "has not been asked" in self.says(measure)
        consents.say(measure.case, measure.key, given=False, by=None, at=clock.now())
        assert "said no" in self.says(measure)

    def test_a_ground_that_fell_away(self, post):
        measure = agreed(notice())
        report.answer(measure.case, "content.illegal", False, "it turned out to be lawful", by=member())
        said = self.says(measure)
        assert "plan no longer holds" in said

    def test_facts_that_changed_since_it_was_read(self, post):
        measure = agreed(notice())
        report.add_links(measure.case, (f"https://{HOST}/thread/another",), by="portal")
        assert "facts changed" in self.says(measure)

    def test_a_house_that_cannot_send_mail(self, settings):
        settings.HABEAS_MAIL = ""
        assert "sends no mail yet" in self.says(agreed(notice()))

    def test_an_address_that_is_none(self, post):
        measure = agreed(notice())
        with pytest.raises(sending.CannotGo, match="can be written to"):
            go(measure, route(address="nobody"))

    def test_a_letter_nobody_wrote(self, post):
        measure = notice()
        consents.say(measure.case, measure.key, given=True, by=None, at=clock.now())
        report.reassess(measure.case, "the person agreed")
        for _ in range(measure.approvals_needed):
            actions.approve(measure.pk, "right", by=member(), at=clock.now())
        assert "No letter has been written" in self.says(Measure.objects.get(pk=measure.pk))

    def test_people_who_may_not(self, post):
        measure = agreed(notice())
        with pytest.raises(NotAllowed):
            sending.send(measure, "email", {"address": ADDRESS}, route=None, by=member("auditor"))

    def test_a_letter_that_waits_already(self, post):
        measure = agreed(notice())
        go(measure)
        with pytest.raises(platforms.OnItsWay):
            sending.send(measure, "email", {"address": ADDRESS}, route=None, by=member())


class TestTrouble:
    def test_a_refusal_stops_the_step_with_a_sentence_and_a_next_step(self, settings):
        with smtp_server(Post(refuses={ADDRESS: "550 5.1.1 unknown"})) as server:
            settings.HABEAS_MAIL = f"smtp://localhost:{server.port}"
            measure = agreed(notice())
            dispatch = go(measure)
            work(settings)
        measure.refresh_from_db()
        dispatch.refresh_from_db()
        assert (measure.state, dispatch.state) == ("stopped", "stopped")
        assert "refused the letter" in measure.stopped_because
        assert "550" in measure.stopped_because
        assert measure.next_step
        assert ADDRESS not in measure.stopped_because + measure.next_step + dispatch.says

    def test_what_was_stopped_goes_again_by_another_way(self, settings, post):
        post.refuses[ADDRESS] = "550 5.1.1 unknown"
        measure = agreed(notice())
        go(measure)
        work(settings)
        measure.refresh_from_db()
        sending.send(measure, "email", {"address": "trust@board.example.net"}, route=None, by=member())
        work(settings)
        measure.refresh_from_db()
        assert (measure.state, measure.stopped_because) == ("sent", "")

    def test_a_server_that_is_down_is_tried_again_later(self, settings):
        settings.HABEAS_MAIL = "smtp://localhost:9"
        measure = agreed(notice())
        dispatch = go(measure)
        work(settings)
        measure.refresh_from_db()
        dispatch.refresh_from_db()
        job = Job.objects.get(kind="platforms.dispatch")
        assert (measure.state, dispatch.state, dispatch.tries, job.state) == ("approved", "queued", 1, "waiting")
        Dispatch.objects.update(tries=platforms.MOST_TRIES - 1)
        Job.objects.filter(pk=job.pk).update(run_at=clock.now())
        work(settings)
        measure.refresh_from_db()
        assert measure.state == "stopped"
        assert "could not be handed over" in measure.stopped_because

    def test_what_was_withdrawn_meanwhile_does_not_go(self, settings, post):
        measure = agreed(notice())
        go(measure)
        actions.withdraw(measure.pk, "she changed her mind", by=member(), at=clock.now())
        work(settings)
        assert post.got == []
        assert Dispatch.objects.get().state == "stopped"

    def test_a_worker_that_dies_after_sending_sends_the_same_letter(self, settings, post, monkeypatch):
        measure = agreed(notice())
        go(measure)
        settle = platforms.settle

        def die(*words, **more):
            raise KeyboardInterrupt

        monkeypatch.setattr(platforms, "settle", die)
        with pytest.raises(KeyboardInterrupt):
            sending.dispatch(Dispatch.objects.get().pk)
        monkeypatch.setattr(platforms, "settle", settle)
        sending.dispatch(Dispatch.objects.get().pk)
        ids = {message_from_bytes(one)["message-id"] for one in post.got}
        measure.refresh_from_db()
        assert (len(post.got), len(ids), measure.state) == (2, 1, "sent")


class TestWhatComesBack:
    @pytest.fixture
    def sent(self, settings, post) -> Measure:
        measure = agreed(notice())
        go(measure)
        work(settings)
        return Measure.objects.get(pk=measure.pk)

    def answer(self, measure: Measure, text: str, to: str = "") -> Incoming:
        raw = f"From: desk@{HOST}\r\nTo: {to or ways.answers_to(measure.reference)}\r\nSubject: Re\r\n\r\n{text}\r\n"
        return sending.take_in(raw.encode())

    def test_an_answer_finds_its_step_and_waits_for_a_person(self, sent):
        kept = self.answer(sent, "We have removed the page.")
        sent.refresh_from_db()
        assert (kept.measure, kept.kind, kept.likely, sent.state) == (sent, "answer", "complied", "acknowledged")
        assert list(queries.to_read()) == [kept]
        opened = sending.open_message(kept.pk, by=member())
        assert opened.said.text == "We have removed the page."

    def test_an_answer_to_another_address_leads_to_no_step(self, sent):
        kept = self.answer(sent, "We have removed it.", to="notices@helpline.example.org")
        assert kept.measure is None

    def test_the_same_message_twice_is_one(self, sent):
        assert self.answer(sent, "x") == self.answer(sent, "x")

    def test_a_bounce_stops_the_step_and_closes_the_way(self, sent):
        dispatch = Dispatch.objects.get()
        bounce = (
            "From: MAILER-DAEMON@mx.example.net\r\nReturn-Path: <>\r\nTo: notices@helpline.example.org\r\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n'
            "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
            "Final-Recipient: rfc822; x@y.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\n"
            f"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: {dispatch.reference}\r\n\r\n--b--\r\n"
        )
        sending.take_in(bounce.encode())
        sent.refresh_from_db()
        assert (sent.state, "came back (5.1.1)" in sent.stopped_because) == ("stopped", True)
        assert Route.objects.get().closed_because.startswith("mail came back")
        assert not queries.to_read().exists()

    def test_a_done_is_looked_at_and_a_refusal_brings_the_next_rung(self, sent):
        answers.answer(sent.pk, "comply", "", by="addressee")
        assert sent.rechecks.count() == 5
        before = remedies.plan_of(sent.case).pk
        answers.answer(sent.pk, "refuse", "We see no violation.", by=member().pk)
        sent.refresh_from_db()
        assert sent.state == "refused"
        assert remedies.plan_of(sent.case).pk > before

    def test_a_person_says_what_a_message_means(self, sent):
        kept = self.answer(sent, "Nein.")
        lead = member()
        platforms.mark_read(kept.pk, by=lead, at=clock.now())
        answers.answer(sent.pk, "refuse", "", by=lead.pk)
        assert queries.to_read().count() == 0

    def test_the_notice_shows_the_letter_and_nothing_else_of_the_case(self, sent):
        seen = answers.notice_of(sent)
        assert seen.reference == sent.reference
        assert sent.case.reference not in seen.text
        assert [secret for secret in SECRETS if secret in seen.text.replace(LINK, "").casefold()] == []

    def test_a_letter_that_is_asked_again_says_what_was_asked_before(self, sent, settings, post):
        answers.answer(sent.pk, "refuse", "no", by="addressee")
        from habeas.remedies import progress

        progress.ask_again(sent.pk, "they misread it", by=member(), at=clock.now() + timedelta(days=1))
        sent.refresh_from_db()
        assert (sent.state, sent.approvals.count()) == ("drafted", 0)


def test_a_report_in_full_has_a_notice_to_send():
    assert FULL.links[0] == LINK
    assert notice().planned["readiness"] == "ready"

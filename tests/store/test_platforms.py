"""The directory, what was sent, what came in, doors and keys, counter-notices: what is kept, and for whom."""

from __future__ import annotations

from datetime import timedelta

import pytest

from factories.notices import HOST, a_measure, a_sent, an_approved
from factories.people import member
from factories.reports import NOON, a_case
from habeas.access.actions import NotAllowed
from habeas.ledger import queries as ledger
from habeas.platforms import actions, queries
from habeas.platforms.models import Addressee, Dispatch, Door, Incoming
from habeas.remedies import wording
from habeas.remedies.models import Measure
from habeas.store.models import Job

pytestmark = pytest.mark.django_db

LETTER = {"subject": "Notice", "blocks": []}
ADDRESS = {"address": "abuse@board.example.net"}


def entry(**changes: object) -> Addressee:
    fields = {"name": "The Board", "kind": "platform", "hosts": [HOST], "languages": ["en"], **changes}
    return actions.put_addressee("the-board", by=member("lead"), at=NOON, **fields)


def queued(measure: Measure | None = None, **changes: object) -> Dispatch:
    measure = measure or a_measure()
    letter = wording.save(measure.pk, LETTER, "en", based_on=0, by="plan", at=NOON)
    measure = an_approved(measure)
    return actions.queue(measure, letter, "email", ADDRESS, by=member(), at=NOON, **{"route": None, **changes})


class TestDirectory:
    def test_a_service_is_known_by_its_hosts_and_what_lies_below_them(self):
        found = entry()
        assert queries.addressee_of(a_measure()) == found
        below = a_measure(key="other", addressee=_to("img.board.example.net"))
        assert queries.addressee_of(below) == found
        assert queries.addressee_of(a_measure(key="third", addressee=_to("notboard.example.net"))) is None

    def test_an_authority_is_known_by_kind_and_place(self):
        actions.put_addressee(
            "ap", by=member("lead"), at=NOON, name="The authority", kind="regulator", jurisdiction="NL"
        )
        measure = a_measure(key="complaint", addressee=_to(None, "regulator", "NL"))
        assert queries.addressee_of(measure).slug == "ap"
        assert queries.addressee_of(a_measure(key="court", addressee=_to(None, "court", "NL"))) is None

    def test_who_left_is_asked_no_more(self):
        found = entry()
        found.left_at = NOON
        found.save()
        assert queries.addressee_of(a_measure()) is None

    def test_only_leads_keep_it(self):
        with pytest.raises(NotAllowed):
            actions.put_addressee("x", by=member(), at=NOON, name="X", kind="platform")
        with pytest.raises(NotAllowed):
            actions.put_route(entry(), "email", ADDRESS, by=member(), at=NOON)

    def test_a_closed_way_is_not_taken_and_can_be_opened(self):
        found = entry()
        lead = member("lead")
        form = actions.put_route(found, "web_form", {"form": "generic"}, by=lead, at=NOON, position=1)
        mail = actions.put_route(found, "email", ADDRESS, by=lead, at=NOON, position=2)
        assert queries.routes_to(queries.addressee("the-board"), "platform-notice") == [form, mail]
        actions.close_route(form.pk, "the form is gone", by="mail", at=NOON)
        assert queries.routes_to(queries.addressee("the-board"), "platform-notice") == [mail]
        actions.open_route(form.pk, by=lead, at=NOON)
        assert queries.routes_to(queries.addressee("the-board"), "platform-notice") == [form, mail]

    def test_a_way_for_some_remedies_serves_no_others(self):
        route = actions.put_route(entry(), "ozone", {}, by=member("lead"), at=NOON, remedies=["platform-notice"])
        assert queries.routes_to(queries.addressee("the-board"), "platform-notice") == [route]
        assert queries.routes_to(queries.addressee("the-board"), "erasure-request") == []

    def test_its_record_is_measured_by_us(self):
        found = entry()
        route = actions.put_route(found, "email", ADDRESS, by=member("lead"), at=NOON)
        from habeas.remedies import progress

        for number, event in enumerate(("comply", "refuse", None)):
            measure = a_measure(key=f"notice-{number}")
            queued(measure, route=route)
            progress.note_sent(measure.pk, by="mail", at=NOON)
            if event:
                progress.note_answer(measure.pk, event, by="addressee", at=NOON + timedelta(hours=2 + 2 * number))
        record = queries.record_of(found)
        assert record == {"sent": 3, "answered": 2, "complied": 1, "refused": 1, "came_back": 0, "mean_hours": 3.0}


class TestSending:
    def test_the_job_is_written_with_what_causes_it(self):
        dispatch = queued()
        assert Job.objects.get(kind="platforms.dispatch").payload == {"dispatch_id": dispatch.pk}
        assert queries.settings_of(dispatch) == ADDRESS
        assert b"abuse" not in bytes(dispatch.settings_sealed)

    def test_the_same_letter_is_not_queued_twice(self):
        dispatch = queued()
        with pytest.raises(actions.OnItsWay):
            actions.queue(dispatch.measure, dispatch.letter, "email", ADDRESS, route=None, by=member(), at=NOON)

    def test_settling_twice_is_settling_once(self):
        dispatch = queued()
        proof = {"reference": "<1@example.org>", "says": "taken", "proof": b"250 OK", "proof_type": "text/plain"}
        settled = actions.settle(dispatch.pk, **proof, by="worker", at=NOON)
        assert (settled.state, queries.proof_of(settled)) == ("sent", b"250 OK")
        assert actions.settle(dispatch.pk, **proof, by="worker", at=NOON) is None
        assert [e["kind"] for e in ledger.entries_of(dispatch.measure.case_id)].count("dispatch.sent") == 1

    def test_a_letter_is_found_by_its_message_id(self):
        dispatch = queued()
        actions.settle(dispatch.pk, reference="<1@x>", says="", proof=b"", proof_type="", by="worker", at=NOON)
        assert queries.dispatch_by_reference("<1@x>") == dispatch
        assert queries.dispatch_by_reference("") is None

    def test_an_auditor_sends_nothing(self):
        measure = a_measure()
        letter = wording.save(measure.pk, LETTER, "en", based_on=0, by="plan", at=NOON)
        with pytest.raises(NotAllowed):
            actions.queue(measure, letter, "email", ADDRESS, route=None, by=member("auditor"), at=NOON)


class TestIncoming:
    RAW = b"From: desk@board.example.net\r\n\r\nWe removed it."

    def test_the_same_message_twice_is_one(self):
        measure = a_sent()
        took = {
            "channel": "email",
            "kind": "answer",
            "likely": "complied",
            "measure": measure,
            "by": "mail",
            "at": NOON,
        }
        first, new = actions.take_in(self.RAW, **took)
        again, new_again = actions.take_in(self.RAW, **took)
        assert (first, new, new_again) == (again, True, False)
        assert queries.raw_of(first) == self.RAW
        assert b"removed" not in bytes(first.raw_sealed)

    def test_a_message_nobody_knows_is_kept_under_a_key_of_its_own(self):
        message, _ = actions.take_in(
            self.RAW, channel="email", kind="unknown", likely="", measure=None, by="mail", at=NOON
        )
        assert list(queries.to_read()) == [message]
        measure = a_sent()
        read = actions.mark_read(message.pk, by=member(), at=NOON, measure=measure)
        assert (read.measure, queries.to_read().count()) == (measure, 0)
        assert queries.raw_of(Incoming.objects.get()) == self.RAW


class TestDoors:
    def test_a_door_opens_until_it_is_closed_or_too_old(self):
        measure = a_sent()
        token = actions.make_door(measure, at=NOON)
        assert queries.door_of(token, at=NOON).measure == measure
        assert queries.door_of(token + "x", at=NOON) is None
        assert queries.door_of(token, at=NOON + timedelta(days=90)) is None
        actions.close_doors(measure, by=1, at=NOON)
        assert queries.door_of(token, at=NOON) is None

    def test_only_the_digest_of_its_secret_is_kept(self):
        token = actions.make_door(a_sent(), at=NOON)
        assert token.encode() not in bytes(Door.objects.get().secret_digest)
        assert len(token) >= 22

    def test_the_first_opening_is_logged_once(self):
        measure = a_sent()
        door = queries.door_of(actions.make_door(measure, at=NOON), at=NOON)
        assert actions.note_opened(door, at=NOON)
        assert not actions.note_opened(door, at=NOON)
        assert [e["kind"] for e in ledger.entries_of(measure.case_id)].count("door.opened") == 1

    def test_a_partner_sees_only_what_went_through_its_own_routes(self):
        lead, found = member("lead"), entry()
        route = actions.put_route(found, "email", ADDRESS, by=lead, at=NOON)
        theirs, other = a_measure(), a_measure(key="elsewhere")
        went = queued(theirs, route=route)
        assert list(queries.notices_to(found)) == [], "not before it went"
        actions.settle(went.pk, reference="", says="", proof=b"", proof_type="", by="worker", at=NOON)
        a_sent_one = a_sent(other)
        from habeas.remedies import progress

        progress.note_sent(theirs.pk, by="mail", at=NOON)
        token = actions.make_key(found, "their system", by=lead, at=NOON)
        assert queries.partner_of(token) == found
        assert list(queries.notices_to(found)) == [theirs]
        assert a_sent_one not in queries.notices_to(found)
        actions.close_key(found.keys.get().pk, by=lead, at=NOON)
        assert queries.partner_of(token) is None


class TestReasonsAndContests:
    def test_a_puid_says_one_thing(self):
        measure = a_sent()
        given = actions.give_reasons(measure, "p-1", {"decision": "removed"}, by="addressee", at=NOON)
        assert actions.give_reasons(measure, "p-1", {"decision": "removed"}, by="addressee", at=NOON) == given
        with pytest.raises(actions.NotOpen, match="PUID"):
            actions.give_reasons(measure, "p-1", {"decision": "kept"}, by="addressee", at=NOON)

    def test_one_contest_at_a_time_and_its_words_are_sealed(self):
        measure = a_sent()
        told = {"grounds": "journalism", "words": "I am a reporter at the Courier."}
        contest = actions.file_contest(measure, told, by="poster", at=NOON)
        assert queries.told_in(contest) == told
        assert b"Courier" not in bytes(contest.sealed)
        with pytest.raises(actions.NotOpen):
            actions.file_contest(measure, told, by="poster", at=NOON)
        decided = actions.settle_contest(measure, was_right=False, by=member(), at=NOON)
        assert decided.was_right is False
        with pytest.raises(actions.NotOpen):
            actions.settle_contest(measure, was_right=False, by=member(), at=NOON)

    def test_an_erased_case_closes_its_doors(self):
        measure = a_sent(a_measure(a_case()))
        token = actions.make_door(measure, at=NOON)
        actions.forget_words(measure.case, by=1, at=NOON)
        assert queries.door_of(token, at=NOON) is None


def _to(name: str | None, kind: str = "platform", place: str | None = None):
    from habeas.remedies.core.model import Addressee as To

    return To(kind, name, place)

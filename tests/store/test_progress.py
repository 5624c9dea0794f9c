"""What happens to a measure after people agreed: sent, answered, out of time, taken further, stopped, contested."""

from __future__ import annotations

from datetime import timedelta

import pytest

from factories.people import member
from factories.plans import plan, step
from factories.reports import NOON, a_case
from habeas.access import keys
from habeas.access.actions import NotAllowed
from habeas.kernel.calendars import Period
from habeas.ledger import queries as ledger
from habeas.remedies import actions, consents, progress, wording
from habeas.remedies.core.model import Clock
from habeas.remedies.core.states import NotPossible
from habeas.remedies.models import Measure, MeasureEvent
from habeas.store.models import Job

OURS = Clock("on_sending", Period(72, "hours"), "our own target", "platform", None, set_by="organisation")
WORDS_ONLY = Clock("on_notice", None, "without undue delay", "platform", "EU-DSA-16", jurisdiction="EU")
WORKING_DAYS = Clock("on_receipt", Period(5, "working_days"), "within 5 working days", "platform", "xa.1", "XA")
LETTER = {"subject": "Notice", "blocks": [{"kind": "text", "text": "We write for the person affected."}]}
ON_ORDER = Clock("on_order", Period(24, "hours"), "24 hours after the order", "platform", "xa.2", "XA")


def sent(**changes: object) -> Measure:
    case = a_case()
    actions.record_plan(case, plan(step(**changes)), cause="the report was examined", at=NOON)
    measure = Measure.objects.get(case=case)
    for _ in range(measure.approvals_needed):
        actions.approve(measure.pk, "it is hers", by=member(), at=NOON)
    return progress.note_sent(measure.pk, by="mail", at=NOON)


def kinds(measure: Measure) -> list[str]:
    return [entry["kind"] for entry in ledger.entries_of(measure.case_id) if entry.get("measure") == measure.pk]


@pytest.mark.django_db
class TestClocks:
    def test_the_clock_of_the_law_starts_when_it_is_sent(self):
        measure = sent()
        assert (measure.state, measure.sent_at, measure.clock_from) == ("sent", NOON, NOON)
        assert (measure.due_at, measure.due_by_law) == (NOON + timedelta(hours=48), True)
        job = Job.objects.get(kind="measure.due")
        assert (job.run_at, job.payload["measure_id"]) == (measure.due_at, measure.pk)

    def test_where_the_law_has_no_number_our_own_target_runs_and_is_called_so(self):
        measure = sent(clock=WORDS_ONLY, other_clocks=(OURS,))
        assert (measure.due_at, measure.due_by_law) == (NOON + timedelta(hours=72), False)
        ran = progress.run_out(measure.pk, measure.due_at, at=measure.due_at)
        assert "Our own target" in ran.next_step

    def test_without_any_number_nothing_is_due(self):
        measure = sent(clock=WORDS_ONLY)
        assert measure.due_at is None
        assert not Job.objects.filter(kind="measure.due").exists()

    def test_where_no_calendar_is_known_working_days_are_not_invented(self):
        measure = sent(clock=WORKING_DAYS, other_clocks=(OURS,))
        assert (measure.due_at, measure.due_by_law) == (NOON + timedelta(hours=72), False)

    def test_a_clock_that_runs_from_an_order_waits_for_the_order(self):
        measure = sent(clock=ON_ORDER)
        assert measure.due_at is None
        measure = progress.start_clock(measure.pk, NOON + timedelta(days=2), by=member(), at=NOON + timedelta(days=3))
        assert measure.due_at == NOON + timedelta(days=3)

    def test_time_runs_out_once_and_only_at_its_time(self):
        measure = sent()
        assert progress.run_out(measure.pk, measure.due_at, at=measure.due_at - timedelta(seconds=1)) is None
        assert progress.run_out(measure.pk, measure.due_at, at=measure.due_at).state == "overdue"
        assert progress.run_out(measure.pk, measure.due_at, at=measure.due_at) is None
        assert kinds(measure).count("measure.ran_out") == 1

    def test_a_clock_set_anew_makes_the_old_one_void(self):
        measure = sent()
        old = measure.due_at
        progress.start_clock(measure.pk, NOON + timedelta(hours=10), by=member(), at=NOON + timedelta(hours=11))
        assert progress.run_out(measure.pk, old, at=old) is None

    def test_an_answer_in_time_stops_the_clock(self):
        measure = sent()
        progress.note_answer(measure.pk, "comply", by="addressee", at=NOON + timedelta(hours=1))
        assert progress.run_out(measure.pk, measure.due_at, at=measure.due_at) is None


@pytest.mark.django_db
class TestAnswers:
    def test_a_late_answer_is_taken(self):
        measure = sent()
        progress.run_out(measure.pk, measure.due_at, at=measure.due_at)
        measure = progress.note_answer(measure.pk, "comply", by="addressee", at=measure.due_at + timedelta(days=3))
        assert measure.state == "complied"

    def test_the_words_of_an_answer_are_sealed(self):
        measure = sent()
        progress.note_answer(measure.pk, "refuse", by="addressee", at=NOON, says="We do not see Mara Vellinga there.")
        event = MeasureEvent.objects.get(event="refuse")
        assert b"Vellinga" not in bytes(event.said_sealed)
        said = keys.unseal(measure.case.key, event.said_sealed, f"measure-event/{event.pk}")
        assert said.decode() == "We do not see Mara Vellinga there."

    def test_a_first_answer_is_remembered_as_the_first(self):
        measure = sent()
        progress.note_answer(measure.pk, "acknowledge", by="addressee", at=NOON + timedelta(hours=1))
        measure = progress.note_answer(measure.pk, "refuse", by="addressee", at=NOON + timedelta(hours=9))
        assert measure.answered_at == NOON + timedelta(hours=1)

    def test_only_answers_are_answers(self):
        with pytest.raises(ValueError, match="not an answer"):
            progress.note_answer(sent().pk, "withdraw", by="addressee", at=NOON)

    def test_nothing_is_answered_that_was_not_sent(self):
        case = a_case()
        actions.record_plan(case, plan(step()), cause="examined", at=NOON)
        with pytest.raises(NotPossible):
            progress.note_answer(Measure.objects.get().pk, "comply", by="addressee", at=NOON)


@pytest.mark.django_db
class TestFurther:
    def test_taking_it_further_needs_a_reason_and_a_name(self):
        measure = sent()
        progress.note_answer(measure.pk, "refuse", by="addressee", at=NOON)
        with pytest.raises(NotPossible, match="why"):
            progress.escalate(measure.pk, " ", by=member(), at=NOON)
        with pytest.raises(NotAllowed):
            progress.escalate(measure.pk, "they refuse", by=member("auditor"), at=NOON)
        assert progress.escalate(measure.pk, "they refuse", by=member(), at=NOON).state == "escalated"

    def test_what_stops_says_why_and_what_to_do_and_can_be_sent_again(self):
        measure = sent()
        measure = progress.stop(measure.pk, "The address does not exist.", "Look it up.", by="mail", at=NOON)
        assert (measure.state, measure.stopped_because, measure.next_step) == (
            "stopped",
            "The address does not exist.",
            "Look it up.",
        )
        again = progress.note_sent(measure.pk, by="mail", at=NOON + timedelta(days=1))
        assert (again.state, again.stopped_because, again.sent_at) == ("sent", "", NOON)

    def test_a_bounce_of_what_is_settled_changes_nothing(self):
        measure = sent()
        progress.note_answer(measure.pk, "comply", by="addressee", at=NOON)
        assert progress.stop(measure.pk, "bounced", "look", by="mail", at=NOON) is None

    def test_a_contest_is_decided_by_somebody_who_did_not_approve(self):
        measure = sent()
        progress.note_answer(measure.pk, "comply", by="addressee", at=NOON)
        progress.contest(measure.pk, by="poster", at=NOON)
        approver = measure.approvals.get().member
        with pytest.raises(NotPossible, match="did not"):
            progress.decide_contest(measure.pk, was_right=False, reason="it is a review", by=approver, at=NOON)
        with pytest.raises(NotPossible, match="reasons"):
            progress.decide_contest(measure.pk, was_right=False, reason="", by=member(), at=NOON)
        decided = progress.decide_contest(measure.pk, was_right=False, reason="it is a review", by=member(), at=NOON)
        assert (decided.state, decided.removal_was_wrong) == ("withdrawn", True)

    def test_what_was_said_to_be_gone_and_stands_is_done_in_part(self):
        measure = sent()
        assert progress.find_standing(measure.pk, by="look", at=NOON) is None
        progress.note_answer(measure.pk, "comply", by="addressee", at=NOON)
        assert progress.find_standing(measure.pk, by="look", at=NOON).state == "partly"

    def test_every_measure_has_a_reference_of_its_own_that_says_nothing(self):
        one, other = sent(), sent()
        assert one.reference != other.reference
        assert one.case.reference not in one.reference


@pytest.mark.django_db
class TestWording:
    def drafted(self) -> Measure:
        case = a_case()
        actions.record_plan(case, plan(step()), cause="examined", at=NOON)
        return Measure.objects.get(case=case)

    def test_versions_are_kept_and_sealed(self):
        measure = self.drafted()
        first = wording.save(measure.pk, LETTER, "en", based_on=0, by="plan", at=NOON)
        other = {**LETTER, "subject": "Notice about a page"}
        second = wording.save(measure.pk, other, "en", based_on=1, by=member(), at=NOON)
        assert [version.number for version in measure.letters.all()] == [1, 2]
        assert (wording.read(first), wording.read(second)) == (LETTER, other)
        assert b"person affected" not in bytes(first.sealed)

    def test_the_same_words_again_are_no_new_version(self):
        measure = self.drafted()
        first = wording.save(measure.pk, LETTER, "en", based_on=0, by="plan", at=NOON)
        assert wording.save(measure.pk, LETTER, "en", based_on=1, by=member(), at=NOON) == first

    def test_two_people_do_not_overwrite_each_other(self):
        measure = self.drafted()
        wording.save(measure.pk, LETTER, "en", based_on=0, by="plan", at=NOON)
        wording.save(measure.pk, {**LETTER, "subject": "A"}, "en", based_on=1, by=member(), at=NOON)
        with pytest.raises(wording.EditedMeanwhile):
            wording.save(measure.pk, {**LETTER, "subject": "B"}, "en", based_on=1, by=member(), at=NOON)

    def test_a_yes_falls_away_when_a_person_changes_the_words(self):
        measure = self.drafted()
        wording.save(measure.pk, LETTER, "en", based_on=0, by="plan", at=NOON)
        actions.approve(measure.pk, "right", by=member(), at=NOON)
        wording.save(measure.pk, {**LETTER, "subject": "A"}, "en", based_on=1, by=member(), at=NOON)
        measure.refresh_from_db()
        assert (measure.state, measure.approvals.count()) == ("drafted", 0)

    def test_what_was_sent_stays_as_it_was_sent(self):
        measure = sent()
        with pytest.raises(wording.NotEditable):
            wording.save(measure.pk, LETTER, "en", based_on=0, by=member(), at=NOON)


@pytest.mark.django_db
class TestConsents:
    def test_the_last_word_counts(self):
        measure = TestWording().drafted()
        assert consents.standing_in(measure.case) == {}
        consents.say(measure.case, measure.key, given=True, by=None, at=NOON)
        consents.say(measure.case, measure.key, given=False, by=member(), basis="by phone", at=NOON)
        assert consents.standing_in(measure.case) == {measure.key: False}

    def test_nobody_consents_to_what_was_never_planned(self):
        with pytest.raises(Measure.DoesNotExist):
            consents.say(a_case(), "no/such", given=True, by=None, at=NOON)

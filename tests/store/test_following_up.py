"""What follows by itself: a deadline passes, a done is checked, and the plan says what comes next. Nothing is sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.notices import HOST, LINK, a_measure, a_sent
from factories.reports import NOON, a_case, an_examined_case
from habeas.cases import actions as cases
from habeas.cases.models import Posting
from habeas.evidence.actions import Reason
from habeas.journey import deadline, verification
from habeas.kernel import clock
from habeas.ledger import queries as ledger
from habeas.remedies import progress
from habeas.remedies.models import Measure, Recheck
from habeas.store.models import Job


@pytest.fixture
def at(monkeypatch):
    """Sets the time of the house."""

    def set_to(instant):
        monkeypatch.setattr(clock, "now", lambda: instant)

    set_to(NOON)
    return set_to


@pytest.fixture
def pages(monkeypatch):
    """What captures find: posting -> state, or an OSError. The capture itself has tests of its own."""
    found: dict[int, str | OSError] = {}

    def capture(posting: Posting, reason: Reason, *, by: object, hash_only: bool = False) -> None:
        answer = found[posting.pk]
        if isinstance(answer, OSError):
            raise answer
        cases.note_state(posting, answer, by=by, at=clock.now())

    monkeypatch.setattr(verification, "capture_now", capture)
    return found


@pytest.mark.django_db
class TestDeadline:
    def test_a_clock_that_ends_makes_the_measure_overdue_and_asks_for_a_new_plan(self, at):
        measure = a_sent()
        at(measure.due_at)
        deadline.measures_due([{"measure_id": measure.pk, "due": measure.due_at.isoformat()}])
        measure.refresh_from_db()
        assert measure.state == "overdue"
        job = Job.objects.get(kind="case.replan")
        assert job.payload == {"case_id": str(measure.case_id), "cause": "time ran out: platform-notice"}

    def test_done_again_it_changes_nothing(self, at):
        measure = a_sent()
        at(measure.due_at)
        ends = [{"measure_id": measure.pk, "due": measure.due_at.isoformat()}]
        deadline.measures_due(ends)
        deadline.measures_due(ends)
        kinds = [entry["kind"] for entry in ledger.entries_of(measure.case_id)]
        assert kinds.count("measure.ran_out") == 1
        assert Job.objects.filter(kind="case.replan").count() == 1

    def test_one_new_plan_is_enough_for_all_clocks_of_a_case(self, at):
        case = a_case(links=(LINK,))
        first, second = a_sent(a_measure(case)), a_sent(a_measure(case, key="erasure/x", remedy="erasure-request"))
        at(first.due_at)
        deadline.measures_due([{"measure_id": m.pk, "due": m.due_at.isoformat()} for m in (first, second)])
        job = Job.objects.get(kind="case.replan")
        assert job.payload["cause"] == "time ran out: erasure-request, platform-notice"

    def test_the_new_plan_follows(self, at):
        case = an_examined_case()
        before = case.plans.count()
        deadline.replan(str(case.pk), "time ran out: platform-notice")
        assert case.plans.count() >= before
        assert Measure.objects.filter(case=case, state="sent").count() == 0, "nothing is sent by a clock"

    def test_an_erased_case_is_left_alone(self):
        case = a_case()
        erased(case)
        deadline.replan(str(case.pk), "time ran out")
        assert not case.plans.exists()


@pytest.mark.django_db
class TestLookingAgain:
    def test_a_done_is_looked_at_soon_and_then_later(self, at):
        measure = progress.note_answer(a_sent().pk, "comply", by="addressee", at=NOON)
        assert verification.plan_looks(measure, "comply") == 5
        assert verification.plan_looks(measure, "comply") == 0, "the same answer again plans nothing twice"
        first = measure.rechecks.first()
        assert first.due_at == NOON + timedelta(hours=1)
        assert Job.objects.filter(kind="measure.recheck").count() == 5

    def test_a_refusal_is_not_looked_at(self):
        measure = progress.note_answer(a_sent().pk, "refuse", by="addressee", at=NOON)
        assert verification.plan_looks(measure, "refuse") == 0

    @pytest.mark.parametrize(
        ("seen", "found", "state"),
        [("gone", "gone", "complied"), ("live", "standing", "partly"), ("back", "standing", "partly")],
    )
    def test_what_a_look_finds_drives_the_measure(self, at, pages, seen, found, state):
        measure = self.done()
        pages.update(dict.fromkeys(Posting.objects.values_list("pk", flat=True), seen))
        verification.look_again(measure.rechecks.first().pk)
        measure.refresh_from_db()
        assert (measure.state, Recheck.objects.first().found) == (state, found)

    def test_a_page_that_cannot_be_reached_is_not_called_gone(self, at, pages):
        measure = self.done()
        pages.update(dict.fromkeys(Posting.objects.values_list("pk", flat=True), OSError("no way through")))
        verification.look_again(measure.rechecks.first().pk)
        measure.refresh_from_db()
        assert (measure.state, Recheck.objects.first().found) == ("complied", "unknown")

    def test_a_look_is_taken_once(self, at, pages):
        measure = self.done()
        pages.update(dict.fromkeys(Posting.objects.values_list("pk", flat=True), "live"))
        recheck = measure.rechecks.first()
        verification.look_again(recheck.pk)
        pages.clear()
        verification.look_again(recheck.pk)
        kinds = [entry["kind"] for entry in ledger.entries_of(measure.case_id)]
        assert (kinds.count("measure.looked"), kinds.count("measure.found_standing")) == (1, 1)

    def test_only_the_postings_of_its_addressee_count(self):
        case = a_case(links=(LINK, "https://paste.example.com/x91k"))
        measure = a_measure(case, addressee=_platform())
        assert [posting.host for posting in verification.postings_of(measure)] == [HOST]

    def test_nothing_is_captured_for_an_erased_case(self, at, pages):
        measure = self.done()
        recheck = measure.rechecks.first()
        erased(measure.case)
        verification.look_again(recheck.pk)
        assert Recheck.objects.filter(done_at=None).count() == 5

    def done(self) -> Measure:
        measure = progress.note_answer(a_sent().pk, "comply", by="addressee", at=NOON)
        verification.plan_looks(measure, "comply")
        return measure


@given(st.lists(st.sampled_from(["live", "gone", "back", "unknown"]), max_size=6))
def test_gone_is_said_only_where_every_page_was_seen_gone(states):
    found = verification.what_stands(states)
    assert (found == "gone") == (bool(states) and set(states) == {"gone"})
    if found in {"standing", "partly"}:
        assert {"live", "back"} & set(states)


def _platform():
    from habeas.remedies.core.model import Addressee

    return Addressee("platform", HOST, None)


def erased(case) -> None:
    case.key.wrapped, case.key.destroyed_at = None, NOON
    case.key.save()

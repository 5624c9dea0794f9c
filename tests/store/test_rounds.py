"""Work that comes round, and cases whose time is up: once in each stretch, never where a duty to keep stands."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from factories.authorities import Authority
from factories.evidence import sealed_item
from factories.notices import a_sent
from factories.people import member
from factories.reports import NOON, a_case
from habeas.access.actions import NotAllowed
from habeas.cases import actions as cases
from habeas.cases import queries
from habeas.cases.models import Case
from habeas.evidence import erasing
from habeas.journey import retention, rounds
from habeas.kernel import clock
from habeas.ledger import queries as ledger
from habeas.ledger import signing, witnessing
from habeas.store import actions as work
from habeas.store import rounds as store
from habeas.store.models import Job
from habeas.store.worker import Worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch):
    def set_to(instant):
        monkeypatch.setattr(clock, "now", lambda: instant)
        monkeypatch.setattr(clock, "today", lambda: instant.date())

    set_to(NOON)
    return set_to


def closed(at: object = NOON) -> Case:
    return cases.close(a_case(), "the page is gone and stayed gone", by=member(), at=at)


class TestRounds:
    ROUNDS = {"tick": 10}  # noqa: RUF012 (never changed)

    def test_each_stretch_has_one_job_however_many_write_it_down(self):
        for minute in (0, 1, 9):
            store.write_down(self.ROUNDS, at=NOON + timedelta(minutes=minute))
        assert Job.objects.count() == 1
        store.write_down(self.ROUNDS, at=NOON + timedelta(minutes=10))
        assert Job.objects.count() == 2

    def test_a_stretch_is_done_once_by_two_workers(self, settings):
        settings.HABEAS_LEDGER_KEY = settings.HABEAS_LEDGER_KEY.parent / "none.key"
        store.write_down({"ledger.checkpoint": 10}, at=clock.now())
        one, two = (Worker(settings.HABEAS_JOBS, name) for name in ("one", "two"))
        assert one.run_until_idle() + two.run_until_idle() == 1
        store.write_down({"ledger.checkpoint": 10}, at=clock.now())
        assert one.run_until_idle() == 0

    def test_every_round_is_a_job_that_somebody_does(self, settings):
        assert set(settings.HABEAS_ROUNDS) <= set(settings.HABEAS_JOBS)

    def test_done_work_is_forgotten_after_a_month_and_given_up_work_stays(self):
        for state in ("done", "dead", "waiting"):
            Job.objects.create(kind="x", state=state, run_at=NOON, created_at=NOON, finished_at=NOON)
        assert store.forget_done(at=NOON + timedelta(days=29)) == 0
        assert store.forget_done(at=NOON + timedelta(days=31)) == 1
        assert set(Job.objects.values_list("state", flat=True)) == {"dead", "waiting"}

    def test_the_log_is_signed_where_it_grew(self, settings, tmp_path):
        settings.HABEAS_LEDGER_KEY = tmp_path / "ledger.key"
        rounds.checkpoint()
        assert witnessing.count_checkpoints() == 0, "a house without a key signs nothing and does not fail"
        signing.new_key("helpline.example.org/ledger")
        a_case()
        rounds.checkpoint()
        rounds.checkpoint()
        assert witnessing.count_checkpoints() == 1
        a_case()
        rounds.checkpoint()
        assert witnessing.count_checkpoints() == 2

    def test_a_round_whose_worker_died_is_done_by_another_and_still_once(self):
        store.write_down(self.ROUNDS, at=NOON)
        [died_over] = work.lease("died", at=NOON)
        store.write_down(self.ROUNDS, at=NOON + timedelta(minutes=5))
        [again] = work.lease("other", at=NOON + timedelta(minutes=5))
        assert (again.pk, again.tries) == (died_over.pk, 2)
        work.finish(again, "other", at=NOON + timedelta(minutes=6))
        store.write_down(self.ROUNDS, at=NOON + timedelta(minutes=9))
        assert work.lease("third", at=NOON + timedelta(minutes=9)) == []

    def test_left_over_files_go_and_what_is_stored_or_being_written_stays(self, settings, tmp_path):
        settings.HABEAS_EVIDENCE = tmp_path / "evidence"
        item = sealed_item()
        folder = tmp_path / "evidence"
        stored = folder / item.stored_as[:2] / item.stored_as
        old, new = folder / ".new-dead", folder / ".new-alive"
        for file in (old, new):
            file.write_bytes(b"half of it")
        for file in (old, stored):
            os.utime(file, (0, 0))
        rounds.tidy()
        assert (old.exists(), new.exists(), stored.exists()) == (False, True, True)

    def test_missing_stamps_are_asked_for_by_themselves(self, settings, tmp_path):
        settings.HABEAS_EVIDENCE = tmp_path / "evidence"
        item = sealed_item()
        assert not item.stamps.exists()
        authority = Authority(tmp_path / "one", name="Time Office of Examplia")
        with authority.serving():
            settings.HABEAS_TIME_AUTHORITIES = [authority.setting()]
            store.write_down({"evidence.missing_stamps": 60}, at=clock.now())
            assert Worker(settings.HABEAS_JOBS).run_until_idle() == 2, "the round, and the asking that it wrote down"
        assert item.stamps.get().state == "stamped"


class TestClosing:
    def test_a_closed_case_says_how_it_ended_under_its_key(self):
        case = closed()
        assert (case.state, case.closed_at) == ("closed", NOON)
        assert queries.closing_of(case) == "the page is gone and stayed gone"
        assert b"stayed gone" not in bytes(case.closing_sealed)

    def test_it_needs_words_and_is_done_once(self):
        case = a_case()
        with pytest.raises(cases.NotClosed, match="how it ended"):
            cases.close(case, " ", by=member(), at=NOON)
        cases.close(case, "done", by=member(), at=NOON)
        with pytest.raises(cases.NotClosed, match="closed already"):
            cases.close(case, "done", by=member(), at=NOON)
        with pytest.raises(NotAllowed):
            cases.close(a_case(), "done", by=member("auditor"), at=NOON)

    def test_opened_again_its_time_stops_counting(self):
        case = closed()
        cases.reopen(case, cause="it is back", by="registry", at=NOON)
        case.refresh_from_db()
        assert case.closed_at is None
        assert queries.closing_of(case) == ""


class TestRetention:
    @pytest.fixture(autouse=True)
    def _days(self, settings, tmp_path):
        settings.HABEAS_RETENTION_DAYS = 180
        settings.HABEAS_EVIDENCE = tmp_path / "evidence"

    def test_a_case_goes_when_its_time_is_up_and_not_before(self, at):
        case = closed()
        sealed_item(case)
        at(NOON + timedelta(days=179, hours=23))
        assert retention.erase_due() == (0, 0)
        at(NOON + timedelta(days=180))
        assert retention.erase_due() == (1, 0)
        assert retention.erase_due() == (0, 0), "once"
        case.key.refresh_from_db()
        assert case.key.wrapped is None
        assert case.erasure.by is None
        [entry] = [e for e in ledger.entries_of(case.pk) if e["kind"] == "custody.key_destroyed"]
        assert entry["by"] == "retention"

    def test_a_legal_hold_comes_first_and_is_seen(self, at):
        case = closed()
        hold = erasing.place_hold(case, "order 12-345", "Court of Examplia", by=member(), at=NOON)
        at(NOON + timedelta(days=200))
        assert retention.erase_due() == (0, 1)
        fate = retention.fate_of(case)
        assert (fate.goes_at, fate.held_by) == (NOON + timedelta(days=180), ("Court of Examplia",))
        erasing.lift_hold(hold, "the order was lifted", by=member("lead"), at=NOON + timedelta(days=201))
        assert retention.erase_due() == (1, 0)

    def test_what_is_under_way_keeps_a_case(self, at):
        measure = a_sent()
        case = cases.close(measure.case, "closed too early", by=member(), at=NOON)
        at(NOON + timedelta(days=200))
        assert retention.erase_due() == (0, 1)
        case.key.refresh_from_db()
        assert case.key.wrapped is not None

    def test_the_desk_is_told_what_is_under_way(self, at):
        measure = a_sent()
        case = cases.close(measure.case, "closed too early", by=member(), at=NOON)
        [waits_for] = retention.fate_of(case).waits_for
        assert "1 step(s) of the plan are approved and not finished" in waits_for
        assert retention.fate_of(closed()).waits_for == ()

    def test_a_case_that_was_opened_again_a_moment_ago_stays(self, at, monkeypatch):
        case = closed()
        at(NOON + timedelta(days=200))
        listed = queries.closed_before(clock.now())
        cases.reopen(case, cause="it is back", by="registry", at=clock.now())
        monkeypatch.setattr(queries, "closed_before", lambda _: listed)
        assert retention.erase_due() == (0, 0)
        case.key.refresh_from_db()
        assert case.key.wrapped is not None

    def test_whoever_works_on_it_hears_a_month_before(self, at):
        case = closed()
        assert not retention.fate_of(case).soon
        at(NOON + timedelta(days=151))
        assert retention.fate_of(case).soon

    def test_an_open_case_never_goes_by_itself(self, at):
        case = a_case()
        at(NOON + timedelta(days=2000))
        assert retention.erase_due() == (0, 0)
        assert retention.fate_of(case).goes_at is None

    def test_where_no_time_is_set_nothing_goes(self, at, settings):
        settings.HABEAS_RETENTION_DAYS = None
        closed()
        at(NOON + timedelta(days=2000))
        assert retention.erase_due() == (0, 0)

"""Later work: done once, safe from a dying worker, visible when it was given up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from habeas.kernel import clock
from habeas.store import actions, queries
from habeas.store.models import Job
from habeas.store.worker import Worker

NOON = datetime(2026, 3, 6, 12, tzinfo=UTC)
CALLS: list[str] = []


def remember(word: str) -> None:
    CALLS.append(word)


def fail(word: str) -> None:
    raise ValueError(f"a message that may hold somebody's data: {word}")


def doze(word: str) -> None:
    time.sleep(1.2)


HANDLERS = {"remember": f"{__name__}.remember", "fail": f"{__name__}.fail"}


@pytest.fixture(autouse=True)
def _forget() -> None:
    CALLS.clear()


def put(kind: str = "remember", *, key: str | None = None, run_at: datetime | None = None, **payload: object) -> Job:
    with transaction.atomic():
        return actions.enqueue(kind, payload or {"word": "hello"}, at=NOON, run_at=run_at, key=key)


@pytest.mark.django_db(transaction=True)
def test_work_is_written_only_in_the_transaction_of_its_cause():
    with pytest.raises(RuntimeError, match="transaction"):
        actions.enqueue("remember", {}, at=NOON)


@pytest.mark.django_db
def test_work_is_lost_with_the_cause_that_failed():
    def cause() -> None:
        with transaction.atomic():
            actions.enqueue("remember", {}, at=NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cause()
    assert queries.counts() == {}


@pytest.mark.django_db
def test_a_deadline_with_a_key_is_one_job_however_often_it_is_set():
    first, again = put(key="measure/7/due"), put(key="measure/7/due")
    assert first.pk == again.pk


@pytest.mark.django_db
def test_nobody_else_gets_a_leased_job_until_the_lease_runs_out():
    job = put()
    assert [j.pk for j in actions.lease("one", at=NOON)] == [job.pk]
    assert actions.lease("two", at=NOON + timedelta(minutes=4)) == []
    taken = actions.lease("two", at=NOON + timedelta(minutes=5))
    assert [(j.pk, j.tries) for j in taken] == [(job.pk, 2)]


@pytest.mark.django_db
def test_a_worker_that_lost_its_lease_cannot_finish_the_job():
    put()
    (late,) = actions.lease("one", at=NOON)
    actions.lease("two", at=NOON + timedelta(minutes=6))
    with pytest.raises(actions.LeaseLost):
        actions.finish(late, "one", at=NOON)


@pytest.mark.django_db
def test_a_renewed_lease_keeps_others_away():
    put()
    (job,) = actions.lease("one", at=NOON)
    actions.renew(job, "one", at=NOON + timedelta(minutes=4))
    assert actions.lease("two", at=NOON + timedelta(minutes=8)) == []
    assert len(actions.lease("two", at=NOON + timedelta(minutes=9))) == 1
    with pytest.raises(actions.LeaseLost):
        actions.renew(job, "one", at=NOON + timedelta(minutes=9))


@pytest.mark.django_db(transaction=True)
def test_long_work_keeps_its_lease(monkeypatch):
    monkeypatch.setattr(actions, "LEASE", timedelta(seconds=0.6))
    put("sleep", run_at=clock.now())
    worker = Worker({"sleep": f"{__name__}.doze"}, name="one")
    thread = threading.Thread(target=lambda: (worker.run_once(), connection.close()))
    thread.start()
    time.sleep(0.9)
    assert actions.lease("two", at=clock.now()) == []
    thread.join()
    assert queries.counts() == {"done": 1}


@pytest.mark.django_db
def test_a_worker_whose_job_was_taken_over_goes_on_working(monkeypatch):
    put()
    worker = Worker(HANDLERS, name="one")
    monkeypatch.setattr(worker, "_handler", lambda kind: lambda **_: Job.objects.update(leased_by="two"))
    assert worker.run_once()
    assert Job.objects.get().leased_by == "two"


@pytest.mark.django_db
def test_work_waits_for_its_time():
    put(run_at=NOON + timedelta(hours=1))
    assert actions.lease("one", at=NOON) == []
    assert len(actions.lease("one", at=NOON + timedelta(hours=1))) == 1


@pytest.mark.django_db
def test_failed_work_comes_back_with_growing_pauses_and_is_buried_in_sight(monkeypatch):
    job = put("fail")
    worker, at, pauses = Worker(HANDLERS, name="one"), NOON, []
    monkeypatch.setattr(clock, "now", lambda: at)
    for _ in range(job.max_tries):
        assert worker.run_once()
        job.refresh_from_db()
        if job.state == Job.State.WAITING:
            pauses.append((job.run_at - at).total_seconds())
            at = job.run_at
    assert pauses == sorted(pauses)
    assert pauses[0] == 5
    assert job.state == Job.State.DEAD
    assert [dead.pk for dead in queries.dead()] == [job.pk]


@pytest.mark.django_db
def test_work_that_may_fail_for_days_pauses_an_hour_at_most_and_harms_no_worker(monkeypatch):
    job = put("fail")
    Job.objects.update(max_tries=1_000, tries=500)
    monkeypatch.setattr(clock, "now", lambda: NOON)
    assert Worker(HANDLERS).run_once()
    job.refresh_from_db()
    assert (job.state, job.tries, job.run_at) == (Job.State.WAITING, 501, NOON + timedelta(hours=1))


@pytest.mark.django_db
def test_what_went_wrong_is_kept_without_anybodys_data():
    put("fail", word="Lindengracht 212")
    Worker(HANDLERS).run_once()
    error = Job.objects.get().last_error
    assert error.startswith("ValueError at ")
    assert "Lindengracht" not in error


@pytest.mark.django_db
def test_work_of_an_unknown_kind_is_kept_for_a_newer_version():
    put("from the future")
    Worker(HANDLERS).run_once()
    assert Job.objects.get().last_error.startswith("UnknownWork")


@pytest.mark.django_db
def test_dead_work_can_be_tried_again():
    job = put()
    Job.objects.update(state=Job.State.DEAD, tries=8)
    actions.revive(job.pk, at=NOON)
    assert Worker(HANDLERS).run_once()
    assert CALLS == ["hello"]


@pytest.mark.django_db
def test_a_worker_that_dies_on_the_last_try_leaves_a_dead_job_not_a_stuck_one():
    put()
    Job.objects.update(tries=8, state=Job.State.LEASED, leased_by="gone", leased_until=NOON)
    assert actions.lease("two", at=NOON + timedelta(seconds=1)) == []
    assert queries.dead().count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_of_a_job_loses_nothing(tmp_path, same_database):
    mark = tmp_path / "started"
    put("sleep", path=str(mark))
    code = (
        "import django, time, sys; django.setup()\n"
        "from habeas.store import worker\n"
        "import types; m = types.ModuleType('later'); sys.modules['later'] = m\n"
        "def sleep(path): open(path, 'w').close(); time.sleep(60)\n"
        "m.sleep = sleep\n"
        "worker.Worker({'sleep': 'later.sleep'}, name='doomed').run_once()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], env=same_database)
    for _ in range(300):
        if mark.exists() or process.poll() is not None:
            break
        time.sleep(0.1)
    assert mark.exists(), "the worker never started the job"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    job = Job.objects.get()
    assert (job.state, job.leased_by, job.tries) == (Job.State.LEASED, "doomed", 1)
    assert actions.lease("next", at=clock.now()) == []
    (again,) = actions.lease("next", at=clock.now() + actions.LEASE)
    actions.finish(again, "next", at=clock.now())
    assert queries.counts() == {"done": 1}


TOGETHER: list[list[str]] = []


def remember_together(payloads: list[dict[str, str]]) -> None:
    words = [payload["word"] for payload in payloads]
    if "poison" in words:
        raise ValueError("one of them cannot be done")
    TOGETHER.append(words)


CROWDS = {"crowd": f"{__name__}.remember_together[]", "remember": f"{__name__}.remember"}


@pytest.mark.django_db
def test_a_crowd_of_one_kind_is_taken_and_done_together():
    TOGETHER.clear()
    for number in range(3):
        put("crowd", word=str(number))
    put("remember", word="another")
    worker = Worker(CROWDS, name="one")
    assert worker.run_until_idle() == 2
    assert (TOGETHER, CALLS) == ([["0", "1", "2"]], ["another"])
    assert queries.counts() == {"done": 4}


@pytest.mark.django_db
def test_one_that_fails_does_not_keep_the_others_of_its_crowd():
    TOGETHER.clear()
    for word in ("first", "poison", "last"):
        put("crowd", word=word)
    Worker(CROWDS, name="one").run_once()
    assert TOGETHER == [["first"], ["last"]]
    assert queries.counts() == {"done": 2, "waiting": 1}
    assert Job.objects.get(state="waiting").last_error.startswith("ValueError")


@pytest.mark.django_db
def test_a_crowd_whose_lease_ran_out_is_not_marked_done():
    for number in range(3):
        put("crowd", word=str(number))
    jobs = actions.lease("one", at=NOON, crowds={"crowd"})
    taken = actions.lease("two", at=NOON + timedelta(minutes=6), crowds={"crowd"})
    assert [job.tries for job in taken] == [2, 2, 2]
    with pytest.raises(actions.LeaseLost):
        actions.finish_crowd(jobs, "one", at=NOON + timedelta(minutes=6))
    actions.finish_crowd(taken, "two", at=NOON + timedelta(minutes=6))
    assert queries.counts() == {"done": 3}


@pytest.mark.django_db
def test_a_crowd_that_kills_its_worker_again_and_again_is_given_up():
    put("crowd", word="x")
    Job.objects.update(tries=8)
    assert actions.lease("one", at=NOON, crowds={"crowd"}) == []
    assert queries.counts() == {"dead": 1}

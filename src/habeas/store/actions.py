"""Later work: put it in the queue, take it under a lease, finish it, or give it back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q

from habeas.store.models import Job

LEASE = timedelta(minutes=5)
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
# Doubled so often, the first pause is past the longest; work that is tried for days would double it out of all numbers.
MOST_DOUBLINGS = 10
# How many jobs one worker takes at once of a kind that is done in crowds; what it holds when it dies waits for a lease.
CROWD = 200


class LeaseLost(RuntimeError):
    """The lease ran out and the job may be in other hands; this worker's result does not count."""


def enqueue(
    kind: str, payload: dict[str, Any], *, at: datetime, run_at: datetime | None = None, key: str | None = None
) -> Job:
    """Write down work for later, in the caller's transaction. The same key twice is the same job, once.

    Raises RuntimeError outside a transaction: work must not outlive, or be lost before, what causes it.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("enqueue needs the transaction of what causes the work")
    due = run_at or at
    if key is None:
        return Job.objects.create(kind=kind, payload=payload, run_at=due, created_at=at)
    job, _ = Job.objects.get_or_create(
        key=key, defaults={"kind": kind, "payload": payload, "run_at": due, "created_at": at}
    )
    return job


@transaction.atomic
def lease(worker: str, *, at: datetime, limit: int = 1, crowds: Collection[str] = ()) -> list[Job]:
    """Take up to ``limit`` due jobs. Work whose worker died comes back here when its lease has run out.

    crowds: kinds of which one worker takes many at once (CROWD): where the first due job is of one, only such come
    """
    due = Job.objects.filter(
        Q(state=Job.State.WAITING, run_at__lte=at) | Q(state=Job.State.LEASED, leased_until__lte=at)
    ).order_by("run_at", "pk")
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True)
    taken: list[Job] = []
    found = list(due[:limit])
    if found and found[0].kind in crowds:
        return _lease_crowd(list(due.filter(kind=found[0].kind)[:CROWD]), worker, at)
    for job in found:
        job.tries += 1
        if job.tries > job.max_tries:
            _bury(job, at, "the worker died on its last try")
            continue
        job.state, job.leased_by, job.leased_until = Job.State.LEASED, worker, at + LEASE
        job.save(update_fields=["state", "leased_by", "leased_until", "tries"])
        taken.append(job)
    return taken


def _lease_crowd(jobs: list[Job], worker: str, at: datetime) -> list[Job]:
    taken = []
    for job in jobs:
        if job.tries >= job.max_tries:
            job.tries += 1
            _bury(job, at, "the worker died on its last try")
        else:
            taken.append(job)
    Job.objects.filter(pk__in=[job.pk for job in taken]).update(
        state=Job.State.LEASED, leased_by=worker, leased_until=at + LEASE, tries=F("tries") + 1
    )
    for job in taken:
        job.state, job.leased_by, job.leased_until, job.tries = Job.State.LEASED, worker, at + LEASE, job.tries + 1
    return taken


@transaction.atomic
def finish_crowd(jobs: Sequence[Job], worker: str, *, at: datetime) -> None:
    """Mark jobs done that were leased together. Raises LeaseLost, and marks none, where another may hold one."""
    held = Job.objects.filter(
        pk__in=[job.pk for job in jobs],
        state=Job.State.LEASED,
        leased_by=worker,
        leased_until__in={job.leased_until for job in jobs},
    )
    if held.update(state=Job.State.DONE, leased_until=None, finished_at=at, last_error="") != len(jobs):
        transaction.set_rollback(True)
        raise LeaseLost(f"some of {len(jobs)} jobs are no longer leased to {worker}")


@transaction.atomic
def renew(job: Job, worker: str, *, at: datetime) -> None:
    """Keep a job that takes longer than a lease. Raises LeaseLost."""
    if not _held(job, worker).update(leased_until=at + LEASE):
        raise LeaseLost(f"{job} is no longer leased to {worker}")


@transaction.atomic
def finish(job: Job, worker: str, *, at: datetime) -> None:
    """Mark a job done. Raises LeaseLost where another worker may hold it."""
    done = _held(job, worker).update(state=Job.State.DONE, leased_until=None, finished_at=at, last_error="")
    if not done:
        raise LeaseLost(f"{job} is no longer leased to {worker}")


@transaction.atomic
def give_back(job: Job, worker: str, error: BaseException, *, at: datetime) -> None:
    """Put a failed job back with a growing pause, or bury it after its last try. Raises LeaseLost."""
    held = _held(job, worker).first()
    if held is None:
        raise LeaseLost(f"{job} is no longer leased to {worker}")
    complaint = _describe(error)
    if held.tries >= held.max_tries:
        _bury(held, at, complaint)
        return
    pause = min(FIRST_PAUSE * 2 ** min(held.tries - 1, MOST_DOUBLINGS), LONGEST_PAUSE)
    held.state, held.leased_until, held.run_at, held.last_error = Job.State.WAITING, None, at + pause, complaint
    held.save(update_fields=["state", "leased_until", "run_at", "last_error"])


@transaction.atomic
def revive(job_id: int, *, at: datetime) -> None:
    """Give a dead job a fresh set of tries, because a person decided so."""
    Job.objects.filter(pk=job_id, state=Job.State.DEAD).update(
        state=Job.State.WAITING, run_at=at, finished_at=None, max_tries=F("tries") + 8
    )


def _held(job: Job, worker: str) -> Any:
    return Job.objects.filter(pk=job.pk, state=Job.State.LEASED, leased_by=worker, tries=job.tries)


def _bury(job: Job, at: datetime, complaint: str) -> None:
    job.state, job.leased_until, job.finished_at, job.last_error = Job.State.DEAD, None, at, complaint
    job.save(update_fields=["state", "leased_until", "finished_at", "last_error", "tries"])


def _describe(error: BaseException) -> str:
    """The kind of error and its place in our code. Its message may hold somebody's data, so it stays out."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{where}"

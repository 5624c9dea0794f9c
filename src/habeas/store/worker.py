"""The worker: takes due jobs one by one, does them, and survives being killed at any moment."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import close_old_connections, connection
from django.utils.module_loading import import_string

from habeas.kernel import clock
from habeas.store import actions, rounds
from habeas.store.models import Job

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.5
ROUNDS_SECONDS = 30.0


class UnknownWork(LookupError):
    """A job of a kind nobody here does: a newer version may have written it."""


class Worker:
    """Does jobs until told to stop.

    handlers: for each kind of job the dotted path of a function that takes the payload's keys as arguments; with "[]"
              behind it, of one that takes a list of payloads and does all or none of them
    rounds:   kinds of work that come round by themselves, with the minutes of a stretch
    """

    def __init__(
        self, handlers: Mapping[str, str], name: str | None = None, *, rounds: Mapping[str, int] | None = None
    ) -> None:
        self._rounds, self._rounds_at = rounds or {}, 0.0
        self.name = name or f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._handlers = handlers
        self._crowds = frozenset(kind for kind, path in handlers.items() if path.endswith("[]"))
        self._stop = threading.Event()

    def stop(self, *_: Any) -> None:
        self._stop.set()

    def run(self) -> None:
        """Work until a signal says stop; the job in hand is finished first."""
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        while not self._stop.is_set():
            close_old_connections()
            self._see_to_rounds()
            if not self.run_once():
                self._stop.wait(IDLE_SECONDS)

    def _see_to_rounds(self) -> None:
        if self._rounds and time.monotonic() - self._rounds_at >= ROUNDS_SECONDS:
            self._rounds_at = time.monotonic()
            rounds.write_down(self._rounds, at=clock.now())

    def run_once(self) -> bool:
        """Do one due job, or a crowd of one kind, if there is one. Returns whether there was."""
        jobs = actions.lease(self.name, at=clock.now(), crowds=self._crowds)
        if jobs and jobs[0].kind in self._crowds:
            self._do_crowd(jobs)
        else:
            for job in jobs:
                self._do(job)
        return bool(jobs)

    def run_until_idle(self, most: int = 1000) -> int:
        """Do all that is due, at most ``most`` times a job or a crowd. Returns how many times."""
        count = 0
        while count < most and self.run_once():
            count += 1
        return count

    def _do_crowd(self, jobs: Sequence[Job]) -> None:
        try:
            self._handler(jobs[0].kind)([job.payload for job in jobs])
            actions.finish_crowd(jobs, self.name, at=clock.now())
        except actions.LeaseLost:
            log.warning("%s job(s) were taken over while %s worked on them", len(jobs), self.name)
        except Exception as error:  # one of them may be the cause: each by itself, so that the others are done
            log.warning("%s of %s together failed: %s", jobs[0].kind, len(jobs), type(error).__name__)
            for job in jobs:
                self._do(job)

    def _do(self, job: Job) -> None:
        try:
            with self._kept(job):
                handler = self._handler(job.kind)
                if job.kind in self._crowds:
                    handler([job.payload])
                else:
                    handler(**job.payload)
        except Exception as error:  # whatever fails, the job goes back in the queue
            log.warning("%s failed on try %s: %s", job, job.tries, type(error).__name__)
            self._settle(job, error)
        else:
            self._settle(job, None)

    def _settle(self, job: Job, error: Exception | None) -> None:
        try:
            if error is None:
                actions.finish(job, self.name, at=clock.now())
            else:
                actions.give_back(job, self.name, error, at=clock.now())
        except actions.LeaseLost:
            # Another worker holds it by now and will settle it; jobs are safe to do twice.
            log.warning("%s was taken over while %s worked on it", job, self.name)

    @contextmanager
    def _kept(self, job: Job) -> Iterator[None]:
        """Renew the lease while the work goes on: reading a long scan takes longer than a lease should."""
        done = threading.Event()

        def renew() -> None:
            try:
                while not done.wait(actions.LEASE.total_seconds() / 3):
                    actions.renew(job, self.name, at=clock.now())
            except actions.LeaseLost:
                return
            finally:
                connection.close()

        keeper = threading.Thread(target=renew, name=f"lease of {job}", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            done.set()
            keeper.join()

    def _handler(self, kind: str) -> Callable[..., Any]:
        if kind not in self._handlers:
            raise UnknownWork(kind)
        handler: Callable[..., Any] = import_string(self._handlers[kind].removesuffix("[]"))
        return handler

"""The write gate: writers to one SQLite file stand in a queue instead of starving each other.

SQLite lets one writer in and makes the others sleep and retry, in no order; under sixteen clients the unlucky ones wait
ten times as long. A lock within the process and a file lock between processes make it a queue. The kernel drops a file
lock when its holder dies, so a killed process never leaves the gate shut.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path


class GateTimeoutError(TimeoutError):
    """The gate stayed shut for too long: some transaction is doing slow work while it holds the database."""


class WriteGate:
    """One gate per database file. Not re-entrant: it is taken by outermost transactions only."""

    def __init__(self, database: str, timeout_seconds: float = 30.0) -> None:
        self._path = Path(f"{database}.gate")
        self._timeout_seconds = timeout_seconds
        self._threads = threading.Lock()
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Wait for the turn to write. Raises GateTimeoutError."""
        give_up_at = time.monotonic() + self._timeout_seconds
        if not self._threads.acquire(timeout=self._timeout_seconds):
            raise GateTimeoutError(self._complaint())
        try:
            self._descriptor = self._lock_file(give_up_at)
        except BaseException:
            self._threads.release()
            raise

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)  # closing drops the file lock
            self._descriptor = None
        self._threads.release()

    def _lock_file(self, give_up_at: float) -> int:
        descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        pause_seconds = 0.0005
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > give_up_at:
                    os.close(descriptor)
                    raise GateTimeoutError(self._complaint()) from None
                time.sleep(pause_seconds)
                pause_seconds = min(pause_seconds * 1.5, 0.01)
            else:
                return descriptor

    def _complaint(self) -> str:
        return (
            f"the database was busy for {self._timeout_seconds:.0f} seconds; "
            "look for a process that holds a transaction open, then try again"
        )


_gates: dict[str, WriteGate] = {}
_gates_lock = threading.Lock()


def gate_for(database: str) -> WriteGate:
    with _gates_lock:
        return _gates.setdefault(database, WriteGate(database))

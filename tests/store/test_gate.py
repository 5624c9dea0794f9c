"""The write gate: writers queue, and a killed writer never leaves it shut."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from habeas.store import actions
from habeas.store.gate import GateTimeoutError, WriteGate
from habeas.store.models import Job

NOON = datetime(2026, 3, 6, 12, tzinfo=UTC)


def test_the_second_writer_waits_for_the_first(tmp_path):
    database, order = str(tmp_path / "db"), []
    first, second = WriteGate(database), WriteGate(database)
    first.acquire()

    def write() -> None:
        second.acquire()
        order.append("second")
        second.release()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join(timeout=0.2)
    order.append("first")
    first.release()
    thread.join(timeout=5)
    assert order == ["first", "second"]


def test_a_gate_that_stays_shut_says_so(tmp_path):
    first, second = WriteGate(str(tmp_path / "db")), WriteGate(str(tmp_path / "db"), timeout_seconds=0.1)
    first.acquire()
    with pytest.raises(GateTimeoutError, match="holds a transaction open"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()


def test_a_killed_process_never_leaves_the_gate_shut(tmp_path):
    database = str(tmp_path / "db")
    code = (
        "import sys, time\nfrom habeas.store.gate import WriteGate\n"
        f"WriteGate({database!r}).acquire()\nprint('in', flush=True)\ntime.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"in\n"
    waiting = WriteGate(database, timeout_seconds=0.1)
    with pytest.raises(GateTimeoutError):
        waiting.acquire()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    after = WriteGate(database, timeout_seconds=5)
    after.acquire()
    after.release()


@pytest.mark.django_db(transaction=True)
def test_sixteen_threads_write_without_one_being_turned_away():
    failures: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for turn in range(5):
                with transaction.atomic():
                    actions.enqueue("nothing", {}, at=NOON, key=f"{number}/{turn}")
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Job.objects.count() == 80


@pytest.mark.django_db(transaction=True)
def test_a_failed_transaction_opens_the_gate_again():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        raise ZeroDivisionError
    with transaction.atomic():
        actions.enqueue("nothing", {}, at=NOON)


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_is_synced_to_the_disk():
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            assert cursor.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
            assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert cursor.execute("PRAGMA foreign_keys").fetchone() == (1,)
        else:
            cursor.execute("SHOW synchronous_commit")
            assert cursor.fetchone() == ("on",)

"""Ten thousand clocks that end in the same minute, two workers, one of them killed with -9 at random: each fires once.

``python bench/clocks.py [--rounds 10] [--clocks 10000]`` on an embedded database with full sync. The limit is a bare
loop of as many commits of one row, with the same sync, in the same run: what any queue on this disk has to pay.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WORKER = """
import django
django.setup()
from habeas.store.worker import Worker
from django.conf import settings
from habeas.store.models import Job
from datetime import UTC, datetime
worker = Worker(settings.HABEAS_JOBS)
print("ready", flush=True)
worker.run()
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--clocks", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="habeas-clocks-") as folder, house(Path(folder)):
        limit = bare_commits(Path(folder), options.clocks)
        worst = 0.0
        for number in range(options.rounds):
            took, fired, twice = one_round(number, options.clocks)
            worst = max(worst, took)
            print(f"round {number + 1}: {fired:,} fired once, {twice} more than once, {took:.1f} s, a worker killed")
            if fired != options.clocks or twice:
                raise SystemExit("a clock was lost, or fired twice")
    rate = options.clocks / worst
    print(f"slowest round {worst:.1f} s for {options.clocks:,} clocks ({rate:,.0f}/s); goal: all within 60 s")
    print(f"bare commits on this disk: {limit:,.0f}/s; ours is {rate / limit:.2f} of it: a crowd shares its commits")


@contextmanager
def house(folder: Path) -> Iterator[None]:
    os.environ |= {
        "HABEAS_VAR": str(folder),
        "DJANGO_SETTINGS_MODULE": "habeas.web.site.settings",
        "HABEAS_DATABASE": "",
    }
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from habeas.access import keys

    keys.make_house_key(settings.HABEAS_KEY_FILE)
    call_command("migrate", verbosity=0)
    yield


def bare_commits(folder: Path, count: int) -> float:
    """Commits of one row per second, with write-ahead log and full sync."""
    with sqlite3.connect(folder / "bare.sqlite3", isolation_level=None) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE fired (clock INTEGER)")
        started = time.perf_counter()
        for number in range(min(count, 2_000)):
            database.execute("INSERT INTO fired VALUES (?)", [number])
        return min(count, 2_000) / (time.perf_counter() - started)


def one_round(number: int, count: int) -> tuple[float, int, int]:
    """(seconds until all fired, how many fired once, how many more than once). A worker is killed on the way."""
    from django.db import connection
    from django.db.models import Count

    from habeas.remedies.models import MeasureEvent
    from habeas.store.models import Job

    measures = running_measures(number, count)
    chance = random.Random(number)  # noqa: S311 (instants to kill at, no secrets)
    workers = [start_worker(), start_worker()]
    for worker in workers:
        worker.stdout.readline()  # type: ignore[union-attr]
    started = time.perf_counter()
    release(measures)
    kill_at, killed = started + chance.uniform(0.3, 2), False
    while Job.objects.filter(kind="measure.due").exclude(state__in=["done", "dead"]).exists():
        time.sleep(0.2)
        if not killed and time.perf_counter() > kill_at:
            victim = chance.randrange(2)
            workers[victim].send_signal(signal.SIGKILL)
            workers[victim].wait()
            workers[victim] = start_worker()
            killed = True
            free_leases()
    took = time.perf_counter() - started
    if not killed:
        raise SystemExit("all clocks had fired before a worker could be killed: take more clocks")
    for worker in workers:
        worker.kill()
        worker.wait()
    fired = MeasureEvent.objects.filter(measure__in=measures, event="run_out").values("measure").annotate(n=Count("pk"))
    counts = [row["n"] for row in fired]
    Job.objects.all().delete()
    connection.close()
    return took, counts.count(1), sum(1 for n in counts if n > 1)


def running_measures(number: int, count: int) -> list[int]:
    """Measures that were sent, with clocks that have ended; their jobs wait."""
    from datetime import UTC, datetime, timedelta

    from habeas.cases.actions import open_case
    from habeas.cases.core.intake import Intake
    from habeas.remedies.models import Measure
    from habeas.store.models import Job

    due = datetime.now(UTC) - timedelta(seconds=1)
    cases = [
        open_case(Intake(channel="portal", reporter="self", lives_in="NL", text="x", submission=f"{number}-{each}"),
                  at=due).case
        for each in range(100)
    ]  # fmt: skip
    planned = {"remedy": "platform-notice", "title": "Notice", "clock": {}, "other_clocks": []}
    made = Measure.objects.bulk_create(
        Measure(
            case=cases[each % len(cases)], key=f"{number}/{each}", reference=f"M-{number:02}{each:07}", position=each,
            phase="remove", planned=planned, approvals_needed=1, state="sent", planned_at=due, sent_at=due,
            clock_from=due, due_at=due,
        )
        for each in range(count)
    )  # fmt: skip
    later = due + timedelta(days=1)
    Job.objects.bulk_create(
        Job(kind="measure.due", payload={"measure_id": one.pk, "due": due.isoformat()}, key=f"due/{one.pk}",
            run_at=later, created_at=due)
        for one in made
    )  # fmt: skip
    return [one.pk for one in made]


def release(measures: list[int]) -> None:
    """Let all clocks end at once."""
    from datetime import UTC, datetime, timedelta

    from habeas.store.models import Job

    Job.objects.filter(kind="measure.due", state="waiting").update(run_at=datetime.now(UTC) - timedelta(seconds=1))


def free_leases() -> None:
    """What the killed worker held comes free when its lease ends; the bench does not wait five minutes for that."""
    from datetime import UTC, datetime

    from habeas.store.models import Job

    Job.objects.filter(state="leased").update(leased_until=datetime.now(UTC))


def start_worker() -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", WORKER], stdout=subprocess.PIPE, text=True)  # noqa: S603 (ourselves)


if __name__ == "__main__":
    main()

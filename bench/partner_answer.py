"""How long a partner's answer takes, with a hundred thousand measures stored, beside an empty page of the same site.

``python bench/partner_answer.py [--measures 100000] [--answers 300]`` on an embedded database with full sync: each
answer is one request through the whole site (key, notice, state, history, ledger, looks, new plan), by 4 clients.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from statistics import quantiles

sys.path.append(str(Path(__file__).parent.parent / "tests"))

CLIENTS = 4
GOAL_MS = 150


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--measures", type=int, default=100_000)
    parser.add_argument("--answers", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="habeas-partners-") as folder:
        os.environ |= {
            "HABEAS_VAR": folder,
            "HABEAS_DATABASE": "",
            "DJANGO_SETTINGS_MODULE": "habeas.web.site.settings",
            "HABEAS_HOUSE_NAME": "Helpline",
            "HABEAS_HOUSE_ADDRESS": "1 Example Street",
            "HABEAS_HOUSE_EMAIL": "notices@example.org",
        }
        key, references = stored(options.measures, options.answers)
        timed([("GET", "/follow/", None)] * 20, "")  # the first of each thread opens what the rest use
        empty, _ = timed([("GET", "/follow/", None)] * options.answers, "")
        asked = [("POST", f"/api/partners/v1/notices/{one}/answers", {"answer": "acknowledged"}) for one in references]
        took, refused = timed(asked, key)
    p50, p99 = quantiles(took, n=100)[49], quantiles(took, n=100)[98]
    print(f"{len(took)} answers by {CLIENTS} clients, {options.measures:,} measures stored, {refused} refused")
    page = quantiles(empty, n=100)[98]
    print(f"p50 {p50:.1f} ms, p99 {p99:.1f} ms (goal p99 {GOAL_MS}); an empty page p99 {page:.1f} ms")
    print(f"ratio of p99 to the empty page: {p99 / page:.1f}")


def stored(measures: int, answers: int) -> tuple[str, list[str]]:
    """A house with so many measures, the last of which went to one partner. (its key, references to answer)."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from habeas.access import keys

    keys.make_house_key(settings.HABEAS_KEY_FILE)
    call_command("migrate", verbosity=0)
    from factories.notices import HOST, a_letter_sent, a_measure
    from factories.people import member
    from factories.reports import a_case
    from habeas.platforms import actions as platforms
    from habeas.remedies.models import Measure

    now = datetime.now(UTC)
    lead = member("lead")
    board = platforms.put_addressee("board", by=lead, at=now, name="board", kind="platform", hosts=[HOST])
    route = platforms.put_route(board, "email", {"address": f"x@{HOST}"}, by=lead, at=now)
    found = [
        a_letter_sent(a_measure(a_case(links=(f"https://{HOST}/t/{number}",))), route) for number in range(answers)
    ]
    like = found[0]
    cases = [a_case() for _ in range(200)]
    Measure.objects.bulk_create(
        (
            Measure(
                case=cases[number % len(cases)],
                key=f"filler/{number}",
                reference=f"F-{number:08}",
                position=number,
                phase="remove",
                planned=like.planned,
                approvals_needed=1,
                state="sent",
                planned_at=now,
                sent_at=now - timedelta(minutes=number),
                due_at=now + timedelta(days=3),
            )
            for number in range(max(0, measures - answers))
        ),
        batch_size=2_000,
    )
    return platforms.make_key(board, "bench", by=lead, at=now), [one.reference or "" for one in found]


def timed(asked: list[tuple[str, str, object]], key: str) -> tuple[list[float], int]:
    """(milliseconds of each request, how many were refused), by several clients side by side."""
    from django.db import connection
    from django.test import Client

    from habeas.web.api import partners

    partners.MOST_REQUESTS = 10**9
    waiting: SimpleQueue[tuple[str, str, object]] = SimpleQueue()
    for one in asked:
        waiting.put(one)
    took: list[float] = []
    refused: list[int] = []

    def work() -> None:
        client = Client(SERVER_NAME="localhost")
        while True:
            try:
                method, path, told = waiting.get_nowait()
            except Empty:
                connection.close()
                return
            started = time.perf_counter()
            if method == "GET":
                answer = client.get(path)
            else:
                answer = client.post(
                    path, json.dumps(told), "application/json", headers={"Authorization": f"Bearer {key}"}
                )
            took.append((time.perf_counter() - started) * 1000)
            if answer.status_code != 200:
                refused.append(answer.status_code)

    workers = [threading.Thread(target=work) for _ in range(CLIENTS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return took, len(refused)


if __name__ == "__main__":
    main()

"""How fast the queue opens: ``python bench/desk_queue.py [--cases 100000] [--open 0.2] [--times 120]``.

Makes invented cases with their steps, places and messages in a database of its own (SQLite in a throwaway folder, or
the empty database that HABEAS_DATABASE names) and opens the desk’s pages as a browser would: server time, one visitor.
Beside it, measured in the same run, turn by turn with the others: a page of the same frame with nothing on it.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID

GOAL_MS = 60
BATCH = 5_000
NOW = datetime.now(UTC).replace(microsecond=0)
SEVERITIES = ("", "none", "low", "moderate", "high", "very_high")
# Of a case that is worked on: how many of a hundred steps stand where.
OPEN_STEPS = {"drafted": 45, "approved": 5, "sent": 25, "acknowledged": 10, "overdue": 5, "refused": 5, "complied": 5}
PLANNED = {"clock": {"starts": "on_notice", "text": "within 48 hours of the notice"}, "addressee": {"kind": "platform"}}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cases", type=int, default=100_000)
    options.add_argument("--open", type=float, default=0.2, help="which share of them is not closed (default: 0.2)")
    options.add_argument("--times", type=int, default=120, help="how often each page is opened")
    options.add_argument("--explain", action="store_true", help="print what the first page asks the database")
    said = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HABEAS_VAR"] = folder
        os.environ["HABEAS_SECRET"] = "for this run only"  # noqa: S105
        os.environ["HABEAS_HOUSE_KEYS"] = f"1 {'5a' * 32}"
        os.environ["DJANGO_SETTINGS_MODULE"] = "habeas.web.site.settings"
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command
        from django.db import connection
        from django.test import Client

        settings.ALLOWED_HOSTS = ["testserver"]
        call_command("migrate", verbosity=0, interactive=False, run_syncdb=True)
        members = _fill(said.cases, said.open)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        browser = Client()
        browser.force_login(members[0])
        browser.get("/desk/")  # templates are read once
        if said.explain:
            _explain(browser)
        share = f"{said.open:.0%} not closed"
        print(f"{connection.vendor}, {said.cases:,} cases, {share}, {said.times} times each\n")
        print(f"{'page':<34}{'p50 ms':>8}{'p95 ms':>8}{'/ empty page':>14}   goal")
        _measure(browser, _pages(members[0]), said.times)


def _pages(member: object) -> dict[str, str]:
    from habeas.remedies import queue

    def deep(wanted: queue.Wanted, page: int) -> str:
        part = queue.part_of_queue(wanted, member, at=NOW, skip=(page - 1) * queue.PER_PAGE - 1, most=1)  # type: ignore[arg-type]
        return f"after={part.following}"

    middle = {f"page {page}": f"/desk/?{deep(queue.Wanted(), page)}" for page in (10, 200)}
    return {
        "empty page": "/desk/keys/",
        "first page": "/desk/",
        **middle,
        "mine": "/desk/?show=mine",
        "my team's": "/desk/?show=team",
        "with nobody": "/desk/?show=unowned",
        "danger": "/desk/?danger=yes",
        "overdue": "/desk/?overdue=yes",
        "waits for the person": "/desk/?waiting=person",
        "waits for an addressee": "/desk/?waiting=addressee",
        "waits for us": "/desk/?waiting=us",
        "closed": "/desk/?state=closed",
        "closed, page 1000": f"/desk/?state=closed&{deep(queue.Wanted(state='closed'), 1000)}",
        "search: a reference": "/desk/search/?q=hb+000000",
        "search: a site": "/desk/search/?q=board7.example.net",
        "search: a link": "/desk/search/?q=https://board.example.net/t/1",
        "board": "/desk/board/",
    }


def _measure(browser: object, pages: dict[str, str], times: int) -> None:
    taken: dict[str, list[float]] = {name: [] for name in pages}
    for _ in range(times):
        for name, address in pages.items():
            start = time.perf_counter()
            response = browser.get(address)  # type: ignore[attr-defined]
            taken[name].append((time.perf_counter() - start) * 1000)
            if response.status_code != 200:
                raise SystemExit(f"{name}: {address} answered {response.status_code}: no figure is worth printing")
    empty = sorted(taken["empty page"])[times // 2]
    for name, all_times in taken.items():
        p50, p95 = sorted(all_times)[times // 2], sorted(all_times)[int(times * 0.95)]
        verdict = "met" if p95 <= GOAL_MS else "MISSED"
        print(f"{name:<34}{p50:>8.1f}{p95:>8.1f}{p50 / empty:>14.1f}   {verdict}: p95 at most {GOAL_MS} ms")


def _explain(browser: object) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for address in ("/desk/",):
        with CaptureQueriesContext(connection) as asked:
            browser.get(address)  # type: ignore[attr-defined]
        for question in asked:
            print(f"{float(question['time']) * 1000:6.1f} ms  {question['sql'][:2000]}\n", file=sys.stderr)


def _batches(rows: Iterator[object]) -> Iterator[list[object]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _fill(count: int, share_open: float) -> list[object]:
    """Twelve members of one house, and cases of the last three years. Returns the members, a lead first."""
    from django.db import transaction

    from habeas.access.models import CaseKey, Organisation, Person
    from habeas.cases.models import Case, Message, Posting
    from habeas.remedies.models import Measure

    if Case.objects.exists():
        raise SystemExit("this database holds cases: name an empty one in HABEAS_DATABASE")
    house = Organisation.objects.create(name="Helpline of Examplia")
    members = [
        Person.objects.create(username=f"m{n}", role="caseworker" if n else "lead", organisation=house, password="!")  # noqa: S106
        for n in range(12)
    ]
    chance = random.Random(1)  # noqa: S311
    first_key = 1 + max(CaseKey.objects.values_list("pk", flat=True), default=0)
    keys = (CaseKey(pk=first_key + n, wrapped=b"x" * 60, house_key_version=1, created_at=NOW) for n in range(count))
    cases, steps, places, words = [], [], [], []
    ages = sorted((chance.randrange(3 * 365 * 86400) for _ in range(count)), reverse=True)
    for n, age_seconds in enumerate(ages):
        opened_at = NOW - timedelta(seconds=age_seconds)
        closed = chance.random() >= share_open
        state = "closed" if closed else chance.choice(["new", "open", "open", "waiting"])
        owner = None if state == "new" or chance.random() < 0.1 else chance.choice(members)
        case = Case(
            id=UUID(int=chance.getrandbits(128), version=4),
            reference=f"HB-{n:06d}",
            key_id=first_key + n,
            state=state,
            danger=chance.choice([True, None, None, False, False, False]),
            posted_on=(opened_at - timedelta(days=chance.randrange(60))).date() if chance.random() < 0.7 else None,
            severity=chance.choice(SEVERITIES),
            owner=owner,
            opened_at=opened_at,
            closed_at=NOW if closed else None,
        )
        cases.append(case)
        steps += [_step(case, number, NOW, closed, chance) for number in range(3)]
        places += [
            Posting(case_id=case.pk, link_sealed=b"x" * 80, link_digest=chance.randbytes(32), state="live",
                    host=f"board{chance.randrange(20_000)}.example.net", reported_at=opened_at)
            for _ in range(2)
        ]  # fmt: skip
        words += [
            Message(case_id=case.pk, member=chance.choice([None, members[0]]), sealed=b"x" * 200, written_at=opened_at,
                    read_at=chance.choice([NOW, NOW, None]))
        ]  # fmt: skip
    with transaction.atomic():
        for model, rows in ((CaseKey, keys), (Case, cases), (Measure, steps), (Posting, places), (Message, words)):
            for batch in _batches(iter(rows)):
                model.objects.bulk_create(batch)
    return members


def _step(case: object, number: int, now: datetime, closed: bool, chance: random.Random) -> object:
    from habeas.remedies.models import Measure

    state = "complied" if closed else chance.choices(list(OPEN_STEPS), list(OPEN_STEPS.values()))[0]
    sent = state not in {"drafted", "approved"}
    return Measure(
        case_id=case.pk,  # type: ignore[attr-defined]
        key=f"notice/{number}",
        position=number,
        phase="remove",
        planned=PLANNED,
        approvals_needed=1,
        state=state,
        planned_at=case.opened_at,  # type: ignore[attr-defined]
        sent_at=case.opened_at + timedelta(hours=chance.randrange(200)) if sent else None,  # type: ignore[attr-defined]
        due_at=now + timedelta(minutes=chance.randrange(-60, 20_000)) if sent else None,
    )


if __name__ == "__main__":
    main()

"""What it takes to ask who may: ``python bench/permissions.py [--cases 100000] [--database postgresql://…]``.

- the three tables by themselves: role and action, role and purpose, role and reasons and state and action;
- one case with the database: why does this member see it;
- 50 of 100,000 cases, for members who come in by the rules of the house and by grants: the oldest being worked on, and
  the first page of the desk's queue, each beside the same page with nothing filtered, in the same run.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import uuid4

NOON = datetime(2026, 3, 6, 12, tzinfo=UTC)
CHECK_US, QUEUE_MS = 20, 60
MEMBERS, BATCH, PER_PAGE = 40, 5_000, 50


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cases", type=int, default=100_000)
    options.add_argument("--pages", type=int, default=60, help="how often each page of the queue is asked for")
    options.add_argument("--database", default="", help="an empty PostgreSQL database (default: an SQLite of its own)")
    said = options.parse_args()
    tables()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(
            HABEAS_VAR=folder,
            HABEAS_SECRET="for this run only",  # noqa: S106
            HABEAS_DATABASE=said.database,
            DJANGO_SETTINGS_MODULE="habeas.web.site.settings",
        )
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        from habeas.access import keys

        keys.make_house_key(settings.HABEAS_KEY_FILE)
        call_command("migrate", verbosity=0, interactive=False)
        with_a_database(said.cases, said.pages)


def tables() -> None:
    """The pure checks, over every row of their tables."""
    from habeas.access.core.permissions import MAY, ROLES, may
    from habeas.access.core.policy import PURPOSES, may_act_for
    from habeas.access.core.visibility import ABOUT, GRANTS, RULES, STATES, Sight, sees

    kinds = (*RULES, *GRANTS)
    one = list(product(ROLES, [[Sight(kind, True)] for kind in kinds], STATES, (False, True), ABOUT))
    # The last of five reasons is the one that counts, and each was given for a purpose.
    five = [
        [*[Sight("agreement", False, frozenset({"review"}))] * 4, Sight(kind, True, frozenset({"help"}))]
        for kind in kinds
    ]
    most = list(product(ROLES, five, STATES, (False, True), ABOUT))
    print(f"{'one check':<46}{'rows':>8}{'mean µs':>9}{'p99 µs':>8}   goal: at most {CHECK_US} µs")
    check("may this role do this", list(product(ROLES, MAY)), lambda row: may(*row))
    check("may this role act for this", list(product(ROLES, PURPOSES)), lambda row: may_act_for(*row))
    for name, rows in (
        ("may they do this in this case, one reason", one),
        ("the same, the fifth of five reasons", most),
    ):
        check(name, rows, lambda row: sees(row[0], row[1], state=row[2], sealed=row[3], action=row[4]))


def check(name: str, rows: list[Any], ask: Callable[[Any], object]) -> None:
    start = time.perf_counter()
    for row in rows:
        ask(row)
    mean = (time.perf_counter() - start) / len(rows) * 1e6
    each = []
    for row in rows:
        start = time.perf_counter()
        ask(row)
        each.append(time.perf_counter() - start)
    p99 = sorted(each)[len(each) * 99 // 100] * 1e6
    print(f"{name:<46}{len(rows):>8,}{mean:>9.2f}{p99:>8.2f}   {'met' if max(mean, p99) <= CHECK_US else 'MISSED'}")


def with_a_database(count: int, pages: int) -> None:
    from django.db.models import Q

    from habeas.access import queries
    from habeas.cases import queries as cases
    from habeas.cases.models import Case
    from habeas.remedies import queue

    people = fill(count)
    some = random.Random(8).sample(list(Case.objects.values_list("pk", flat=True)), 200)  # noqa: S311 (a sample)
    loaded = [cases.case_by_id(pk) for pk in some]
    print(f"\n{'why does this member see this case':<46}{'':>8}{'p50 µs':>9}{'p95 µs':>8}")
    for name, person in people.items():
        each = [
            timed(lambda case=case, person=person: queries.may_do(person, "open_case", case, NOON)) for case in loaded
        ]
        print(f"{name:<46}{'':>8}{statistics.median(each) * 1e6:>9.0f}{quantile(each) * 1e6:>8.0f}")
    page = f"50 of {count:,} cases"
    goal = f"goal: p95 at most {QUEUE_MS} ms"
    print(f"\n{page:<46}{'sees':>8}{'oldest':>9}{'all':>8}{'queue':>8}{'all':>8}   {goal} (all: nothing filtered)")
    filtered = queries.visible_cases
    for name, person in people.items():
        sees = Case.objects.filter(filtered(person, NOON)).count()

        def oldest(person: Any = person) -> list[Case]:
            being_worked_on = Case.objects.filter(queries.visible_cases(person, NOON), state="open")
            return list(being_worked_on.select_related("owner").order_by("opened_at")[:PER_PAGE])

        def most_urgent(person: Any = person) -> list[Case]:
            return [row.case for row in queue.part_of_queue(queue.Wanted(), person, at=NOON).rows]

        for shown in (oldest(), most_urgent()):
            if (sees and not shown) or not all(queries.may_do(person, "open_case", case, NOON) for case in shown):
                raise SystemExit("shown is what is not to be seen, or nothing: no figure is worth printing")
        figures = []
        for ask in (oldest, most_urgent):
            queries.visible_cases = filtered
            figures.append(quantile([timed(ask) for _ in range(pages)]) * 1e3)
            queries.visible_cases = lambda *_: Q()
            figures.append(quantile([timed(ask) for _ in range(pages)]) * 1e3)
        queries.visible_cases = filtered
        met = "met" if figures[0] <= QUEUE_MS else "MISSED"
        all_met = "met" if figures[2] <= QUEUE_MS else "MISSED"
        print(
            f"{name:<46}{sees:>8,}{figures[0]:>9.1f}{''.join(f'{one:>8.1f}' for one in figures[1:])}   {met}, {all_met}"
        )


def fill(count: int) -> dict[str, Any]:
    """Cases of the house and of a regulator, two of a hundred closed off; members who come in by rule and by grant."""
    from habeas.access.models import CaseKey, Grant, Organisation, Person
    from habeas.cases.models import Case
    from habeas.remedies.models import Measure

    chance = random.Random(8)  # noqa: S311 (a sample that is the same each time)
    house = Organisation.objects.create(name="Helpline of Examplia")
    regulator = Organisation.objects.create(name="Regulator of Examplia", kind="regulator", of_house=False)
    police = Organisation.objects.create(name="Police of Examplia", kind="police", of_house=False)

    def person(name: str, organisation: Organisation) -> Person:
        return Person.objects.create(username=name, organisation=organisation, password="!unusable")  # noqa: S106

    team = [person(f"house-{n}", house) for n in range(MEMBERS)]
    officials = [person(f"regulator-{n}", regulator) for n in range(MEMBERS)]
    few, many = person("few-grants", police), person("many-grants", police)
    for start in range(0, count, BATCH):
        made = CaseKey.objects.bulk_create(
            CaseKey(wrapped=b"x", house_key_version=1, created_at=NOON) for _ in range(min(BATCH, count - start))
        )
        opened = Case.objects.bulk_create(
            Case(
                id=uuid4(),
                reference=f"B{start + n:09d}",
                key=key,
                state=chance.choice(("new", "open", "open", "waiting", "closed")),
                danger=chance.choice((True, False, False, None, None)),
                severity=chance.choice(("very_high", "high", "moderate", "low", "none", "")),
                owner=chance.choice([None, None, *chance.sample(team, 3), *chance.sample(officials, 2)]),
                sealed=chance.random() < 0.02,
                opened_at=NOON - timedelta(minutes=chance.randrange(500_000)),
            )
            for n, key in enumerate(made)
        )
        Measure.objects.bulk_create(
            Measure(
                case=case,
                key="platform-notice/bench",
                position=1,
                phase="remove",
                approvals_needed=1,
                state="sent",
                planned_at=NOON,
                sent_at=NOON,
                due_at=NOON + timedelta(minutes=chance.randrange(-20_000, 50_000)),
                planned={},
            )
            for case in opened
            if chance.random() < 0.3
        )
    everything = list(Case.objects.values_list("pk", "key"))

    def grant(holder: dict[str, Any], kind: str, share: list[tuple[Any, Any]]) -> None:
        Grant.objects.bulk_create(
            (
                Grant(
                    case_id=pk, key_id=key, kind=kind, starts_at=NOON - timedelta(days=1), reason_sealed=b"x", **holder
                )
                for pk, key in share
            ),
            batch_size=BATCH,
        )

    grant({"member": few}, "team", chance.sample(everything, min(200, count)))
    grant({"member": many}, "team", chance.sample(everything, min(5_000, count)))
    grant({"organisation": house}, "agreement", chance.sample(everything, min(2_000, count)))
    # Grants of others, that every question has to leave out.
    grant({"member": officials[1]}, "team", chance.sample(everything, min(20_000, count)))
    analyse()
    known = Person.objects.select_related("organisation")
    return {
        "of the house: rules and 2,000 agreements": known.get(pk=team[0].pk),
        "of another organisation: rules only": known.get(pk=officials[0].pk),
        "a guest with 200 grants": known.get(pk=few.pk),
        "a guest with 5,000 grants": known.get(pk=many.pk),
        "a guest without any": known.get(pk=person("no-grants", police).pk),
    }


def analyse() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def quantile(each: list[float]) -> float:
    return sorted(each)[min(len(each) - 1, len(each) * 95 // 100)]


if __name__ == "__main__":
    main()

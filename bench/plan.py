"""How long a plan takes: ``python bench/plan.py [--postings 40] [--times 15]``.

One case with 40 postings at as many services, under the law of 12 places and whatever stands above them; half of the
facts are known. Planned three times over: for the first time; after half of all services refused or kept silent, so
that next rungs open; and with the person's yes or no to every step.

Beside it, measured in the same run:

- values: building the same measures again from all they hold, nothing decided: less work no plan can be;
- as JSON: writing the plan down as the database keeps it, which every planning is followed by;
- law: finding what the provisions say of the case, which every planning comes after.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import date

from habeas.cases.core.facts import Known, Ties
from habeas.journey.examine import provisions_of, situation_of
from habeas.law.core import packs
from habeas.law.core.engine import assess
from habeas.law.core.reach import involved
from habeas.remedies.core.model import Plan, PlannedMeasure, PostingView
from habeas.remedies.core.plan import plan

GOAL_MS = 100
TODAY = date(2026, 11, 23)
PLACES = ("NL", "DE", "FR", "GB", "IN", "JP", "KR", "AU", "BR", "HK", "US-CA", "US-TX")
ROLES = ("platform", "platform", "platform", "host", "cdn", "search_engine", "archive", "data_broker")
ANSWERS = ("refused", "overdue", "partly", "complied", "sent")
FIELDS = tuple(field.name for field in fields(PlannedMeasure))


def best(times: int, work: Callable[[], object]) -> float:
    """Milliseconds of the quickest of several goes."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken) * 1000


def built_again(made: Plan) -> Callable[[], object]:
    held = [tuple(getattr(measure, name) for name in FIELDS) for measure in made.measures]
    return lambda: [PlannedMeasure(*values) for values in held]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--postings", type=int, default=40)
    options.add_argument("--times", type=int, default=15)
    said = options.parse_args()

    ties = Ties(
        {
            "target_lives": frozenset({"NL"}),
            "doer_acts": frozenset({"DE"}),
            "service_in": frozenset(PLACES),
            "harm_falls": frozenset(PLACES),
        }
    )
    jurisdictions, vocabulary = packs.jurisdictions(), packs.load_vocabulary()
    # Every second fact is known, and true unless it is an exemption: the case in which most is open and most carries.
    facts = {key: not key.startswith("exempt.") for key in sorted(vocabulary)[::2]}
    known = {key: Known(key, truth, "person", "invented") for key, truth in facts.items()}
    situation = situation_of(known, ties, posted_on=None, today=TODAY)
    provisions = provisions_of(involved(ties, jurisdictions))
    findings = assess(provisions, situation, vocabulary, jurisdictions, None)
    postings = [
        PostingView(
            url=f"https://s{n}.example.net/{n}",
            service=f"Service {n}",
            jurisdictions=frozenset({PLACES[n % len(PLACES)]}),
            state="live",
            role=ROLES[n % len(ROLES)],  # type: ignore[arg-type]
        )
        for n in range(said.postings)
    ]

    def planned(**more: object) -> Plan:
        return plan(
            findings,
            ties=ties,
            postings=postings,
            wishes=None,
            danger=None,
            today=TODAY,
            jurisdictions=jurisdictions,
            facts=facts,
            **more,  # type: ignore[arg-type]
        )

    first = planned()
    outside = [m.key for m in first.measures if m.addressee.name in {posting.service for posting in postings}]
    standing = {key: ANSWERS[n % len(ANSWERS)] for n, key in enumerate(outside[::2])}
    consents = {m.key: n % 3 != 0 for n, m in enumerate(first.measures) if m.consent_needed}
    again = planned(standing=standing)
    if {m.key for m in again.measures} & set(standing):
        raise SystemExit("something that stands was planned twice: no figure is worth printing")

    rows = (
        ("first plan", first, lambda: planned()),
        (f"after {len(standing)} answers", again, lambda: planned(standing=standing)),
        (f"with {len(consents)} yes or no", planned(consents=consents), lambda: planned(consents=consents)),
    )
    law = best(said.times, lambda: assess(provisions, situation, vocabulary, jurisdictions, None))
    print(f"{len(findings)} findings of {len({p.jurisdiction for p in provisions})} places, {len(postings)} postings\n")
    print(f"{'what':<22}{'measures':>9}{'omitted':>9}{'ms':>8}{'/ values':>10}{'/ JSON':>8}{'/ law':>7}   goal")
    for name, made, work in rows:
        ours = best(said.times, work)
        values = best(said.times, built_again(made))
        written = best(3, lambda made=made: json.dumps(asdict(made), default=sorted))  # type: ignore[misc]
        figures = f"{len(made.measures):>9}{len(made.omissions):>9}{ours:>8.1f}"
        ratios = f"{ours / values:>10.0f}{ours / written:>8.2f}{ours / law:>7.2f}"
        print(f"{name:<22}{figures}{ratios}   {'met' if ours <= GOAL_MS else 'MISSED'}: at most {GOAL_MS} ms")


if __name__ == "__main__":
    main()

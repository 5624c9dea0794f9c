"""How many questions until a plan stands still: ``python bench/interview.py [CASES]``.

Simulated cases over all packs. Each case draws the places it touches and a *story*: one way in which one provision of
those places is met, with every other fact of the case drawn at random. The person can answer whatever is asked of a
person or a caseworker. Three askers get the same cases: ours, a greedy one that asks for the fact named by most
undecided provisions, and a fixed order such as a paper form has (the vocabulary's own). The measure is the
number of answers after which the plan no longer changes, whatever else is answered; ours
also says when it stops by itself.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from datetime import date
from statistics import median

from habeas.cases.core.facts import TIES, Known, Ties
from habeas.journey.examine import Judgement, judge, situation_of
from habeas.law.core import packs
from habeas.law.core.decisive import ways_to_apply
from habeas.law.core.interview import ASKED_IN_A_CASE
from habeas.law.core.reach import lineage
from habeas.remedies.core.model import PostingView

TODAY = date(2026, 11, 23)
POSTINGS = [PostingView(url="https://board.example.net/t/1", service="board.example.net")]
# What a report and its scan settle before anybody is asked.
TOLD = ("act.disclosed", "act.electronic", "data.identifying", "data.contact_or_location", "data.intimate_image")
OTHERS_TRUE = 0.25
DECIDABLE = {"ready", "needs_exemption_review"}

Truths = dict[str, bool]
Asker = Callable[[Judgement, list[str]], str]


def case_of(seed: int) -> tuple[Ties, Truths]:
    """The places of one simulated case, and the truth of every fact in it."""
    chance = random.Random(seed)  # noqa: S311 (a simulation, not a secret)
    jurisdictions = packs.jurisdictions()
    lives = chance.choice([code for code in jurisdictions if code not in {"EU", "COE", "UN"}])
    service = chance.choice(["US", "IE", lives])
    truths = {key: chance.random() < OTHERS_TRUE for key in packs.load_vocabulary()}
    candidates = [
        p
        for code in lineage([lives], jurisdictions)
        if code in jurisdictions
        for p in packs.load_pack(code).provisions
        if p.remedies and p.status == "in_force"
    ]
    story = chance.choice(ways_to_apply(chance.choice(candidates), {}) or [frozenset()])
    truths.update(dict(story))
    truths["act.disclosed"] = truths["data.identifying"] = True
    places = {tie: frozenset({lives}) for tie in TIES}
    return Ties({**places, "service_in": frozenset({service}), "host_in": frozenset({service})}), truths


def judged(ties: Ties, answered: Truths) -> Judgement:
    known = {key: Known(key, truth, "person", "simulated") for key, truth in answered.items()}
    return judge(situation_of(known, ties, posted_on=None, today=TODAY), postings=POSTINGS)


def signature(judgement: Judgement) -> str:
    """What can be done now: the measures a person may decide on, and how."""
    return json.dumps([(m.key, m.readiness) for m in judgement.plan.measures if m.readiness in DECIDABLE])


def open_facts(judgement: Judgement) -> list[str]:
    """Facts some undecided finding waits for and somebody in the case can answer, in the vocabulary's order."""
    missing = {key for finding in judgement.findings for key in finding.missing}
    return [k for k, d in packs.load_vocabulary().items() if k in missing and d.asked_of in ASKED_IN_A_CASE]


def ours(judgement: Judgement, candidates: list[str]) -> str:
    """Our best question; when we would stop, the form's next (so that all askers can be compared to the end)."""
    return next((q.key for q in judgement.questions if q.key in candidates), candidates[0])


def greedy(judgement: Judgement, candidates: list[str]) -> str:
    """The fact that most undecided provisions name."""
    counts = {key: sum(key in finding.missing for finding in judgement.findings) for key in candidates}
    return max(candidates, key=lambda key: (counts[key], key))


def form(judgement: Judgement, candidates: list[str]) -> str:
    return candidates[0]


def interview(ties: Ties, truths: Truths, asker: Asker) -> tuple[list[str], int]:
    """The plan's signature before and after each answer, and after how many answers our own stopping rule stops."""
    answered = {key: truths[key] for key in TOLD}
    signatures, stopped = [], -1
    while True:
        judgement = judged(ties, answered)
        signatures.append(signature(judgement))
        if stopped < 0 and not judgement.questions:
            stopped = len(signatures) - 1
        candidates = [key for key in open_facts(judgement) if key not in answered]
        if not candidates:
            return signatures, stopped if stopped >= 0 else len(signatures) - 1
        key = asker(judgement, candidates)
        answered[key] = truths[key]


def settled_after(signatures: list[str]) -> int:
    """The number of answers after which the plan never changes again."""
    count = len(signatures) - 1
    while count > 0 and signatures[count - 1] == signatures[-1]:
        count -= 1
    return count


def main() -> None:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    askers: dict[str, Asker] = {"ours": ours, "greedy": greedy, "form": form}
    settled: dict[str, list[int]] = {name: [] for name in askers}
    stops, opens, wrong = [], [], 0
    curves: dict[str, list[float]] = {name: [0.0] * 101 for name in askers}
    for seed in range(cases):
        ties, truths = case_of(seed)
        start = open_facts(judged(ties, {key: truths[key] for key in TOLD}))
        opens.append(len(start))
        for name, asker in askers.items():
            signatures, stopped = interview(ties, truths, asker)
            count = settled_after(signatures)
            settled[name].append(count)
            for n in range(101):
                curves[name][n] += (n >= count) / cases
            if name == "ours":
                stops.append(stopped)
                wrong += signatures[stopped] != signatures[-1]
    print(f"{cases} simulated cases, all packs; open facts at the start: median {median(opens):.0f}")
    for name, counts in settled.items():
        share = median(c / max(o, 1) for c, o in zip(counts, opens, strict=True))
        print(f"  {name:<7} plan stands still after: median {median(counts):.0f} questions ({share:.0%} of open facts)")
    share = median(s / max(o, 1) for s, o in zip(stops, opens, strict=True))
    print(f"  ours stops by itself after: median {median(stops):.0f} ({share:.0%}); stopped too early in {wrong} cases")
    print("share of cases settled after n questions")
    for n in (0, 5, 10, 15, 20, 30, 40, 60, 80, 100):
        print(f"  {n:>3}  " + "  ".join(f"{name} {curves[name][n]:.2f}" for name in askers))


if __name__ == "__main__":
    main()

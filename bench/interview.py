"""How many questions until a plan stands still: ``python bench/interview.py [CASES] [--write FOLDER]``.

Simulated cases over all packs (``law/core/simulated.py``): places, one *story* in which one provision of theirs is met,
and every other fact at random. The person can answer whatever is asked of a
person or a caseworker, and answers truly. All askers get the same cases:

- ours, with even chances, and ours with chances learned from 600 other simulated cases;
- greedy, which asks for the fact that most undecided provisions name;
- expert, a fixed order: the facts by how many provisions of all packs name them, most first;
- form, a fixed order as a paper form has: the vocabulary's own.

The measure is the number of answers after which the plan (which steps can be decided on, and how) never changes again,
whatever else is answered. Ours also stops by itself; the run counts in how many cases that was too early.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from statistics import median

from habeas.cases.core.facts import Known, Ties
from habeas.journey.examine import Judgement, judge, situation_of
from habeas.law.core import packs
from habeas.law.core.interview import ASKED_IN_A_CASE
from habeas.law.core.logic import facts_of
from habeas.law.core.priors import learned, tallied
from habeas.law.core.simulated import simulated_case
from habeas.remedies.core.model import PostingView

TODAY = date(2026, 11, 23)
POSTINGS = [PostingView(url="https://board.example.net/t/1", service="board.example.net")]
# What a report and its scan settle before anybody is asked.
TOLD = ("act.disclosed", "act.electronic", "data.identifying", "data.contact_or_location", "data.intimate_image")
DECIDABLE = {"ready", "needs_exemption_review"}
LESSONS = range(1_000_000, 1_000_600)
SHOWN = (0, 3, 6, 9, 12, 15, 20, 25, 30, 40)

Truths = dict[str, bool]
Asker = Callable[[Judgement, list[str]], str]


def judged(ties: Ties, answered: Truths, priors: Mapping[str, float] | None = None) -> Judgement:
    known = {key: Known(key, truth, "person", "simulated") for key, truth in answered.items()}
    return judge(situation_of(known, ties, posted_on=None, today=TODAY), postings=POSTINGS, priors=priors)


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


def expert(judgement: Judgement, candidates: list[str]) -> str:
    return max(candidates, key=lambda key: (named_by()[key], key))


def form(judgement: Judgement, candidates: list[str]) -> str:
    return candidates[0]


@cache
def named_by() -> Mapping[str, int]:
    """How many provisions of all packs name each fact."""
    rules = [p.applies for code in packs.jurisdictions() for p in packs.load_pack(code).provisions]
    return {key: sum(key in facts_of(rule) for rule in rules) for key in packs.load_vocabulary()}


@cache
def lessons() -> Mapping[str, float]:
    return learned(tallied(simulated_case(seed)[1] for seed in LESSONS))


def interview(ties: Ties, truths: Truths, asker: Asker, priors: Mapping[str, float] | None) -> tuple[list[str], int]:
    """The plan's signature before and after each answer, and after how many answers our own stopping rule stops."""
    answered = {key: truths[key] for key in TOLD}
    signatures, stopped = [], -1
    while True:
        judgement = judged(ties, answered, priors)
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
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("cases", nargs="?", type=int, default=200)
    options.add_argument("--write", type=Path, help="a folder to write interview.md and interview.svg to")
    said = options.parse_args()
    askers: dict[str, tuple[Asker, Mapping[str, float] | None]] = {
        "ours": (ours, None),
        "ours, learned": (ours, lessons()),
        "greedy": (greedy, None),
        "expert": (expert, None),
        "form": (form, None),
    }
    settled: dict[str, list[int]] = {name: [] for name in askers}
    opens: list[int] = []
    stops: list[int] = []
    early = 0
    for seed in range(said.cases):
        ties, truths = simulated_case(seed)
        opens.append(len(open_facts(judged(ties, {key: truths[key] for key in TOLD}))))
        for name, (asker, priors) in askers.items():
            signatures, stopped = interview(ties, truths, asker, priors)
            settled[name].append(settled_after(signatures))
            if name == "ours":
                stops.append(stopped)
                early += signatures[stopped] != signatures[-1]
    report = _report(said.cases, opens, settled, stops, early)
    print(report)
    if said.write:
        (said.write / "interview.md").write_text(_PAGE.format(report=report), encoding="utf-8")
        (said.write / "interview.svg").write_text(_curve(settled, said.cases), encoding="utf-8")


def _report(cases: int, opens: list[int], settled: dict[str, list[int]], stops: list[int], early: int) -> str:
    asked = median(opens)
    lines = [
        f"{cases} simulated cases over all packs; open facts at the start: median {asked:.0f}.",
        "",
        "| asker | plan stands still after (median) | of all open facts | median of each case's share |",
        "| --- | --- | --- | --- |",
    ]
    for name, counts in settled.items():
        share = median(count / max(number, 1) for count, number in zip(counts, opens, strict=True))
        lines.append(f"| {name} | {median(counts):g} questions | {median(counts) / asked:.0%} | {share:.0%} |")
    lines += [
        "",
        (
            f"Ours knows by itself that nothing can change any more after {median(stops):g} questions (median, "
            f"{median(stops) / asked:.0%} of the open facts), and was wrong about it in {early} of {cases} cases."
        ),
        "",
        "Share of cases whose plan stands still after so many questions:",
        "",
        "| questions | " + " | ".join(settled) + " |",
        "| --- |" + " --- |" * len(settled),
    ]
    for number in SHOWN:
        shares = (f"{_share(counts, number):.0%}" for counts in settled.values())
        lines.append(f"| {number} | " + " | ".join(shares) + " |")
    return "\n".join(lines)


def _share(counts: list[int], number: int) -> float:
    return sum(count <= number for count in counts) / len(counts)


_PAGE = """# The interview, measured

Written by `python bench/interview.py --write docs/reference`; the text at the top of that file says what is simulated.

{report}

![Share of cases settled after a number of questions](interview.svg)

What the figures do not show: people who do not know an answer, or who stop. Facts are drawn at random beside the story,
so real cases, whose facts hang together, should settle earlier; the learned chances are counts of single facts only.
"""
_WIDTH, _HEIGHT, _MOST = 640, 320, 40
_DASHES = {"ours": "", "ours, learned": "8 3", "greedy": "2 3", "expert": "10 3 2 3", "form": "1 5"}


def _curve(settled: dict[str, list[int]], cases: int) -> str:
    """The curves as an SVG that needs no colour to be read: each has its own dashes and its name at the end."""

    def x(number: float) -> float:
        return 50 + number / _MOST * (_WIDTH - 190)

    def y(share: float) -> float:
        return _HEIGHT - 40 - share * (_HEIGHT - 70)

    title = f"Share of {cases} simulated cases whose plan stands still after a number of questions"
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
            'font-family="sans-serif" font-size="12" aria-labelledby="t">'
        ),
        f'<title id="t">{title}</title><rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
    ]
    parts += [
        f'<path d="M50 {y(share):.0f}H{x(_MOST):.0f}" stroke="#ddd"/>'
        f'<text x="44" y="{y(share) + 4:.0f}" text-anchor="end">{share:.0%}</text>'
        for share in (0, 0.25, 0.5, 0.75, 1)
    ]
    parts += [
        f'<text x="{x(number):.0f}" y="{_HEIGHT - 22}" text-anchor="middle">{number}</text>'
        for number in range(0, _MOST + 1, 10)
    ]
    parts.append(f'<text x="{x(_MOST / 2):.0f}" y="{_HEIGHT - 6}" text-anchor="middle">questions answered</text>')
    for place, (name, counts) in enumerate(settled.items()):
        points = " ".join(f"{x(n):.1f},{y(_share(counts, n)):.1f}" for n in range(_MOST + 1))
        width = 2.5 if name.startswith("ours") else 1.5
        line = f'fill="none" stroke="#1a1a2e" stroke-width="{width}" stroke-dasharray="{_DASHES[name]}"'
        below = 40 + place * 20
        parts.append(
            f'<polyline points="{points}" {line}/><path d="M{_WIDTH - 130} {below - 4}h28" {line}/>'
            f'<text x="{_WIDTH - 96}" y="{below}">{name}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    main()

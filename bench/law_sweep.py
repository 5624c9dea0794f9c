"""All provisions of all packs on very many cases: ``python bench/law_sweep.py [--cases N] [--openfisca PYTHON]``.

Every fact of every case is drawn: true, false or unknown. One run measures three ways to count outcomes:

ours       ``habeas.law.core.planes``: three-valued, all seven outcomes, sub-rules shared, slice by slice
by hand    the limit: each provision's rule as straight numpy code on preallocated rows, true and false planes, the same
           slices and the same counts; written out by this script as text, without sharing and without any framework
OpenFisca  the peer, on numpy too, asked twice: two-valued, every unknown as false (a smaller question than ours), and
           three-valued, with two booleans a fact, which makes the same planes ours makes

The counts of all three are compared, so that none is fast by being wrong. Memory is what ``tracemalloc`` sees at its
peak beyond the facts themselves, that is the packed planes of the facts: two bits a case and fact.

OpenFisca-core is under the AGPL, and so no dependency of ours in any form: it runs in a process and an environment of
its own, made in a temporary folder by pip and thrown away, unless ``--openfisca`` names a Python that has it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import tracemalloc
import venv
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from habeas.law.core import packs
from habeas.law.core.logic import facts_of, has_exemption, without_exemptions
from habeas.law.core.model import OUTCOMES, TIES, Provision, Rule
from habeas.law.core.planes import SLICE_WORDS, Cases, Places, Planes, compile_law, packed

PEER = Path(__file__).with_name("law_sweep_openfisca.py")
Counts = dict[str, list[int]]


def best(action: Callable[[], Any], times: int = 3) -> tuple[float, Any]:
    """The shortest of some runs, in seconds, and what it came to."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        found = action()
        taken.append(time.perf_counter() - start)
    return min(taken), found


def drawn(count: int, facts: Sequence[str]) -> tuple[Cases, Cases, np.ndarray]:
    """Cases with unknowns, the same with every unknown as false, and the latter as one row of booleans a fact."""
    chance = np.random.default_rng(20261123)
    open_, closed, rows = {}, {}, np.empty((len(facts), count), dtype=bool)
    for row, fact in zip(rows, facts, strict=True):
        truths = chance.choice(np.array([1, 0, -1], dtype=np.int8), size=count, p=[0.4, 0.35, 0.25])
        np.equal(truths, 1, out=row)
        open_[fact], closed[fact] = packed(truths), packed(row)
    return Cases(count, open_), Cases(count, closed), rows


def with_days_and_places(cases: Cases) -> Cases:
    """The same cases, each somewhere and some day."""
    chance = np.random.default_rng(7)
    sets = (None, *(frozenset({code}) for code in packs.jurisdictions()))
    places = {tie: Places(chance.integers(0, len(sets), cases.count, dtype=np.int32), sets) for tie in TIES}
    days = np.datetime64(date(2010, 1, 1)) + chance.integers(0, 6000, cases.count)
    return Cases(cases.count, cases.facts, places, days, days + 30)


class ByHand:
    """Each provision's rule as numpy code, as somebody would write it who writes it once and for speed."""

    def __init__(self, provisions: Sequence[Provision], facts: Sequence[str]) -> None:
        self._facts = {fact: number for number, fact in enumerate(facts)}
        self._lines: list[str] = []
        self.rows = 0
        for number, provision in enumerate(provisions):
            self._provision(number, provision)
        body = "\n".join(f"    {line}" for line in self._lines)
        found: dict[str, Any] = {"band": np.bitwise_and, "bor": np.bitwise_or}
        exec(f"def work(facts, row, count, total):\n{body}\n", found)  # noqa: S102 (our own packs' rules)
        self._work = found["work"]

    def counts(self, cases: Cases, provisions: Sequence[Provision]) -> Counts:
        words = -(-cases.count // 64)
        total = np.zeros((len(provisions), 5), dtype=np.int64)
        store = np.empty((self.rows, min(words, SLICE_WORDS)), dtype=np.uint64)
        bits = np.empty(store.shape[1], dtype=np.uint8)
        planes = [cases.facts[fact] for fact in self._facts]
        for first in range(0, words, SLICE_WORDS):
            width = min(SLICE_WORDS, words - first)

            def count(row: np.ndarray, room: np.ndarray = bits[:width]) -> int:
                return int(np.add.reduce(np.bitwise_count(row, out=room), dtype=np.int64))

            facts = [(true[first : first + width], false[first : first + width]) for true, false in planes]
            self._work(facts, [row[:width] for row in store], count, total)
        met, exempt, true, false, not_applying = total.T
        possibly_exempt = true + not_applying - 2 * exempt - met - false
        possible = cases.count - met - exempt - false - possibly_exempt
        columns = np.stack([met, possibly_exempt, possible, exempt, false], axis=1)
        return {p.id: row.tolist() for p, row in zip(provisions, columns, strict=True)}

    def _provision(self, number: int, provision: Provision) -> None:
        true, false, used = self._rule(without_exemptions(provision.elements), 0)
        if provision.exemptions is None and not has_exemption(provision.elements):
            self._lines += [f"total[{number}] += (t := count({true}), 0, t, f := count({false}), f)"]
            return
        if has_exemption(provision.elements):
            holds, fails, used = self._rule(provision.elements, used)
        else:
            holds, fails = true, false
        if provision.exemptions is not None:
            exempt, spared, used = self._rule(provision.exemptions, used)
            one, other, used = self._pair(used)
            self._lines += [f"band({holds}, {spared}, {one})", f"bor({fails}, {exempt}, {other})"]
            holds, fails = one, other
        both, _, used = self._pair(used)
        self._lines += [
            f"band({true}, {fails}, {both})",
            f"total[{number}] += (count({holds}), count({both}), count({true}), count({false}), count({fails}))",
        ]

    def _rule(self, rule: Rule, used: int) -> tuple[str, str, int]:
        """Where it is true and where it is false, as names of rows; and how many rows are now in use."""
        if rule.op == "fact":
            return f"facts[{self._facts[rule.fact]}][0]", f"facts[{self._facts[rule.fact]}][1]", used
        if rule.op == "not":
            true, false, used = self._rule(rule.parts[0], used)
            return false, true, used
        if rule.op == "unless":
            return self._rule(Rule("all", (rule.parts[0], Rule("not", (rule.parts[1],)))), used)
        if rule.op == "at_least":
            raise NotImplementedError("no pack counts parts yet; write the counter by hand when one does")
        narrow, wide = ("band", "bor") if rule.op == "all" else ("bor", "band")
        true, false, used = self._rule(rule.parts[0], used)
        for place, part in enumerate(rule.parts[1:]):
            if place == 0:
                out_true, out_false, used = self._pair(used)
            with_true, with_false, _ = self._rule(part, used)
            self._lines += [f"{narrow}({true}, {with_true}, {out_true})", f"{wide}({false}, {with_false}, {out_false})"]
            true, false = out_true, out_false
        return true, false, used

    def _pair(self, used: int) -> tuple[str, str, int]:
        self.rows = max(self.rows, used + 2)
        return f"row[{used}]", f"row[{used + 1}]", used + 2


def peer(python: str, rules: dict[str, Any], facts: Sequence[str], rows: np.ndarray, cases: Cases) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        if not python:
            venv.create(Path(folder) / "peer", with_pip=True)
            python = str(Path(folder) / "peer" / "bin" / "python")
            subprocess.run([python, "-m", "pip", "install", "--quiet", "openfisca-core"], check=True)  # noqa: S603
        Path(folder, "rules.json").write_text(json.dumps(rules))
        Path(folder, "facts.json").write_text(json.dumps([fact.replace(".", "__") for fact in facts]))
        np.save(Path(folder, "facts.npy"), rows)
        for side in ("true", "false"):
            planes = [getattr(cases.facts[fact], side).view(np.uint8) for fact in facts]
            bits = np.stack([np.unpackbits(plane, bitorder="little", count=cases.count) for plane in planes])
            np.save(Path(folder, f"{side}.npy"), bits.view(bool))
        done = subprocess.run([python, str(PEER), folder], check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return json.loads(done.stdout.splitlines()[-1])


def written(rule: Rule) -> list[Any]:
    return [rule.op, rule.fact.replace(".", "__"), rule.need, [written(part) for part in rule.parts]]


def peak(action: Callable[[], Any]) -> int:
    """Bytes that an action takes at its peak, beyond what there was before."""
    tracemalloc.start()
    action()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def size(planes: Planes) -> int:
    return planes.true.nbytes + planes.false.nbytes


def main() -> None:
    parser = argparse.ArgumentParser(description="All provisions on very many cases, beside OpenFisca.")
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument(
        "--openfisca", default="", help="a Python that has openfisca-core; else one is made for the run"
    )
    asked = parser.parse_args()
    jurisdictions = packs.jurisdictions()
    provisions = [provision for code in jurisdictions for provision in packs.load_pack(code).provisions]
    facts = list(dict.fromkeys(fact for provision in provisions for fact in facts_of(provision.applies)))
    cases, closed, rows = drawn(asked.cases, facts)
    itself = sum(map(size, cases.facts.values()))
    to_compile, sweep = best(lambda: compile_law(provisions))
    hand = ByHand(provisions, facts)

    ours, found = best(lambda: sweep.counts(cases))
    unread, _ = best(lambda: sum(1 for _ in sweep.judge(cases)))
    limit, by_hand = best(lambda: hand.counts(cases, provisions))
    if any([found[name][outcome] for outcome in OUTCOMES[:5]] != by_hand[name] for name in found):
        sys.exit("ours and the code by hand count differently; neither figure means anything")
    names = {f"p{number}": provision for number, provision in enumerate(provisions)}
    rules = {f"{name}_applies": written(p.applies) for name, p in names.items()}
    rules |= {f"{name}_elements": written(without_exemptions(p.elements)) for name, p in names.items()}
    theirs = peer(asked.openfisca, rules, facts, rows, cases)
    two_valued = sweep.counts(closed)
    same = all(two_valued[p.id]["met"] == theirs["two"]["holds"][f"{name}_applies"] for name, p in names.items())
    for name, p in names.items():
        holds, count = theirs["three"]["holds"], found[p.id]
        same &= count["met"] == holds[f"{name}_applies_true"] and count["not_met"] == holds[f"{name}_elements_false"]
        same &= count["met"] + count["exempt"] + count["possibly_exempt"] >= holds[f"{name}_elements_true"]
    if not same:
        sys.exit("ours and OpenFisca count differently; neither figure means anything")
    extra, extra_by_hand = peak(lambda: sweep.counts(cases)), peak(lambda: hand.counts(cases, provisions))

    placed = with_days_and_places(cases)
    full = compile_law(provisions, vocabulary=packs.load_vocabulary(), jurisdictions=jurisdictions, dated=True)
    whole, _ = best(lambda: full.counts(placed), 1)
    extra_whole = peak(lambda: full.counts(placed))

    print(f"{len(provisions)} provisions x {asked.cases:,} cases, {len(facts)} facts: {itself / 1e6:.1f} MB in planes")
    print(f"compiled in {to_compile * 1000:.0f} ms to {sweep.operations} operations on {sweep.buffers} buffers\n")
    print(f"{'way':<46}{'time':>11}{'ours takes':>14}{'memory beyond the facts':>28}")
    for way, seconds, memory in (
        ("ours", ours, extra),
        ("ours, planes made but nothing counted", unread, None),
        ("by hand", limit, extra_by_hand),
        ("OpenFisca, three-valued: the same planes", theirs["three"]["seconds"], None),
        ("OpenFisca, two-valued: a smaller question", theirs["two"]["seconds"], None),
        ("ours with days, reach and what follows", whole, extra_whole),
    ):
        beyond = "" if memory is None else f"{memory / 1e6:.1f} MB = {memory / itself:.2f} x"
        print(f"{way:<46}{seconds * 1000:>8.0f} ms{ours / seconds:>12.3f} x{beyond:>28}")
    planes_only = unread / theirs["three"]["seconds"]
    print(f"\nfor the same planes, nothing counted, ours takes {planes_only:.3f} x OpenFisca's time")
    print("goals: at most 0.1 x OpenFisca's time and 3 x that by hand; memory at most 3 x the facts")


if __name__ == "__main__":
    main()

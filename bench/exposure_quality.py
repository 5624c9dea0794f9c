"""How well the scan finds what labelled sets hold: ``python bench/exposure_quality.py FOLDER [--sets a,b]``.

FOLDER holds ``*.jsonl``, one object a line: ``text`` and ``spans`` ([start, end, kind], characters). Per set and kind:

- overlap: a span counts as found where it shares at least half of the shorter span with one of the same kind;
  precision is over what the scan says, recall over what the set says (one address may be several spans of the set);
- exact: the same start and end;
- chars: by characters, for addresses above all.

Labels on @handles are left out: a handle is not a name. Nothing is written; ``--misses N`` prints spans to look at.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

KINDS = {
    "PERSON": "name",
    "ADDRESS": "address",
    "PHONE": "phone",
    "EMAIL": "email",
    "CARD": "card",
    "IBAN": "iban",
    "SSN": "national_id",
    "IP": "ip",
}

Span = tuple[int, int]


def read(path: Path) -> list[tuple[str, dict[str, list[Span]]]]:
    rows = []
    for line in path.read_text("utf-8").splitlines():
        record = json.loads(line)
        text = record["text"]
        gold: dict[str, list[Span]] = defaultdict(list)
        for start, end, kind in record.get("spans", []):
            label = KINDS.get(kind, kind if kind in KINDS.values() else None)
            if label is None:
                continue
            if label == "name" and (text[start] in "@#" or text[max(0, start - 2) : start].strip() in {"@", "#"}):
                continue
            gold[label].append((start, end))
        rows.append((text, gold))
    return rows


def shared(one: Span, other: Span) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


def matches(one: Span, other: Span) -> bool:
    return shared(one, other) * 2 >= min(one[1] - one[0], other[1] - other[0])


def characters(spans: list[Span]) -> set[int]:
    return {at for start, end in spans for at in range(start, end)}


def measure(rows, find, kinds, show):
    """Counts per kind; ``find`` maps a text to {kind: spans}."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    began = time.process_time()
    found_in = [find(text) for text, _ in rows]
    seconds = time.process_time() - began
    for (text, gold), found in zip(rows, found_in, strict=True):
        for kind in kinds:
            said, true = found.get(kind, []), gold.get(kind, [])
            count = counts[kind]
            count["said"] += len(said)
            count["true"] += len(true)
            count["said_right"] += sum(any(matches(one, other) for other in true) for one in said)
            count["true_found"] += sum(any(matches(one, other) for other in said) for one in true)
            count["exact"] += len(set(said) & set(true))
            ours, theirs = characters(said), characters(true)
            count["chars_both"] += len(ours & theirs)
            count["chars_said"] += len(ours)
            count["chars_true"] += len(theirs)
            for one in true:
                if show and not any(matches(one, other) for other in said):
                    sys.stdout.write(
                        f"  missed {kind}: {text[one[0] : one[1]]!r} in {text[max(0, one[0] - 50) : one[1] + 40]!r}\n"
                    )
                    show -= 1
            for one in said:
                if show and not any(matches(one, other) for other in true):
                    sys.stdout.write(
                        f"  alarm {kind}: {text[one[0] : one[1]]!r} in {text[max(0, one[0] - 50) : one[1] + 40]!r}\n"
                    )
                    show -= 1
    return counts, seconds


def ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def by_scan(text: str) -> dict[str, list[Span]]:
    from habeas.exposure.core.scan import scan

    found: dict[str, list[Span]] = defaultdict(list)
    for exposure in scan(text, today=date(2026, 1, 1)).exposures:
        found[exposure.kind].append((exposure.start, exposure.end))
    return found


def report(folder: Path, sets: list[str], kinds: list[str], show: int, find=by_scan) -> None:
    find("Warm up: Ana Example, 1 Example Street, tel +1 202 555 0101.")
    sys.stdout.write(f"{'set':14}{'kind':12}{'n':>6}{'said':>6}   overlap P/R/F1     exact F1   chars P/R/F1\n")
    for path in sorted(folder.glob("*.jsonl")):
        if sets and path.stem not in sets:
            continue
        rows = read(path)
        if not any(gold for _, gold in rows):
            continue
        counts, seconds = measure(rows, find, kinds, show)
        for kind in kinds:
            count = counts[kind]
            if not count["true"] and not count["said"]:
                continue
            precision, recall = ratio(count["said_right"], count["said"]), ratio(count["true_found"], count["true"])
            exact = f1(ratio(count["exact"], count["said"]), ratio(count["exact"], count["true"]))
            cp, cr = ratio(count["chars_both"], count["chars_said"]), ratio(count["chars_both"], count["chars_true"])
            overlap = f"{precision:.3f}/{recall:.3f}/{f1(precision, recall):.3f}"
            sys.stdout.write(
                f"{path.stem:14}{kind:12}{count['true']:6}{count['said']:6}   {overlap}"
                f"   {exact:.3f}   {cp:.3f}/{cr:.3f}/{f1(cp, cr):.3f}\n"
            )
        size = sum(len(text) for text, _ in rows)
        sys.stdout.write(f"{path.stem:14}{len(rows)} texts, {size / 1e3:.0f} k characters, {seconds:.2f} s CPU\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the scan on labelled sets.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", default="", help="file names without .jsonl, by commas; all by default")
    parser.add_argument("--kinds", default=",".join(sorted(set(KINDS.values()))))
    parser.add_argument("--misses", type=int, default=0, help="how many missed or wrong spans to print per set")
    options = parser.parse_args()
    report(options.folder, [s for s in options.sets.split(",") if s], options.kinds.split(","), options.misses)


if __name__ == "__main__":
    main()

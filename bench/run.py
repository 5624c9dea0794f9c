"""``make bench``: the figures of the issues, each as a ratio against a limit measured in the same run.

A ratio says what we add to what the machine costs anyway, so it means the same on a laptop and on a busy server.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median

TEXT = """\
Full name: Mara Vellinga
Address: Lindengracht 212, 1015 KL Amsterdam. Phone: +31 6 1234 5678, mara@example.org
He lives at 14 Elm Grove, Leeds LS1 4AB; his number is 020 7946 0018. you know what to do, pay her a visit
Nothing here but talk about the weather, version 1.2.3 of a game, order 4492-11 and a meeting at 5pm on Friday.
"""
THREE_KB = (TEXT * 12)[:3072]
PLACES = ("--target-lives-in", "NL", "--service-in", "US,IE")


def seconds(action: Callable[[], object], times: int = 5) -> float:
    """The median time of some runs, in seconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return median(taken)


def command(*words: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, *words], check=True, capture_output=True)  # noqa: S603 (ourselves)


def cold() -> tuple[float, float]:
    """``habeas assess`` of 3 KB of text from a cold start, beside the start of an empty interpreter."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(THREE_KB)
        file.flush()
        ours = seconds(command("-m", "habeas.cli", "assess", file.name, *PLACES))
    return ours, seconds(command("-c", "pass"))


def warm() -> tuple[float, float]:
    """The same text within a running process, beside NFKC and one case-insensitive pass of a regular expression."""
    import re
    import unicodedata

    from habeas.cases.core.facts import Ties
    from habeas.exposure.core.documents import read_document
    from habeas.journey.examine import examine, situation_of

    ties = Ties({"target_lives": frozenset({"NL"}), "service_in": frozenset({"US", "IE"})})
    document = read_document(THREE_KB.encode(), "text.txt")
    situation = situation_of({}, ties, posted_on=None, today=date(2026, 11, 23))
    examine(document, situation)
    ours = seconds(lambda: examine(document, situation), 9)
    pattern = re.compile(r"\b[\w.+-]+@[\w-]+\.\w+|\+?\d[\d ().-]{6,}\d", re.IGNORECASE)
    limit = seconds(lambda: pattern.findall(unicodedata.normalize("NFKC", THREE_KB)), 99)
    return ours, limit


def law() -> tuple[float, float]:
    """All provisions of all packs on one case, with traces, beside reading the packs' bytes from disk."""
    from habeas.cases.core.facts import Ties
    from habeas.kernel.packfiles import PACKS
    from habeas.law.core import packs
    from habeas.law.core.engine import Situation, assess

    jurisdictions, vocabulary = packs.jurisdictions(), packs.load_vocabulary()
    provisions = [provision for code in jurisdictions for provision in packs.load_pack(code).provisions]
    situation = Situation({}, Ties({}), date(2026, 11, 23), date(2026, 11, 23))
    ours = seconds(lambda: assess(provisions, situation, vocabulary, jurisdictions))
    files = [Path(file) for file in PACKS.glob("*/provisions.yaml")]
    return ours, seconds(lambda: [file.read_bytes() for file in files])


ROWS = (
    ("assess, 3 KB of text, cold start", cold, "an empty interpreter", "at most 2 s"),
    ("assess, 3 KB of text, warm", warm, "NFKC and one regular expression", "at most 50 ms"),
    ("454 provisions on one case, with traces", law, "reading the packs from disk", ""),
)


def main() -> None:
    print(f"{'what':<42}{'ours':>10}{'beside':>10}{'ratio':>8}   beside what; goal")
    for name, measure, beside, goal in ROWS:
        ours, limit = measure()
        figures = f"{ours * 1000:>7.1f} ms{limit * 1000:>7.2f} ms{ours / limit:>8.0f}"
        print(f"{name:<42}{figures}   {beside}; {goal or 'no goal set'}")


if __name__ == "__main__":
    main()

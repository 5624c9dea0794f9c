"""A bundle of 100 items, verified offline, beside plain SHA-256 and SHA-512 of the same bytes.

    python bench/bundle.py [ITEMS] [KIB]     default: 100 items of 1,024 KiB, each time-stamped by two authorities

Each item has its ledger entry and proof in a log of a thousand others, and two time-stamps by OpenSSL; one is redacted.
"""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from run import seconds

sys.path.append(str(Path(__file__).parent.parent / "tests"))

from factories import bundles
from habeas.evidence.core.bundle import write_bundle
from habeas.evidence.verify import habeas_verify

LIMIT_SECONDS = 5


def make(folder: Path, items: int, size: int) -> None:
    rng = random.Random(1)  # noqa: S311 (content, no secret)
    house = bundles.House(log=bundles.a_log(entries_before=1000))
    for number in range(items):
        house.seal(rng.randbytes(size), f"item-{number}.bin", "file", "application/octet-stream")
    house.redact(house.exhibits[0], bundles.LINES, hidden=[1])
    contents = house.contents()
    write_bundle(contents, house.enter(contents), folder)


def hash_only(folder: Path) -> None:
    """What no verifier gets around: every byte read and hashed twice."""
    for file in folder.rglob("*"):
        if file.is_file():
            sha256, sha512 = hashlib.sha256(), hashlib.sha512()
            with file.open("rb") as content:
                while block := content.read(1 << 20):
                    sha256.update(block)
                    sha512.update(block)


def main() -> None:
    given = [int(word) for word in sys.argv[1:3]]
    items, kib = given + [100, 1024][len(given) :]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "bundle"
        make(folder, items, kib << 10)
        octets = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        assert habeas_verify.verify(folder).exit_code == 0  # noqa: S101 (a bench of a bundle that fails says nothing)
        ours = seconds(lambda: habeas_verify.verify(folder))
        limit = seconds(lambda: hash_only(folder))
        program = [sys.executable, "-I", str(folder / "data/verify/habeas_verify.py"), str(folder)]
        whole = seconds(lambda: subprocess.run(program, check=True, capture_output=True), 3)  # noqa: S603 (ourselves)
    print(f"bundle of {items} items, {octets / 1e6:.0f} MB, {2 * items} time-stamps")
    print(f"{'verified':<44}{ours:>8.2f} s   goal: at most {LIMIT_SECONDS} s")
    print(f"{'verified by the program, from a cold start':<44}{whole:>8.2f} s")
    print(f"{'plain SHA-256 and SHA-512 of the same bytes':<44}{limit:>8.2f} s   ratio {ours / limit:.2f}")


if __name__ == "__main__":
    main()

"""The log beside its peer and its limits: ``python bench/ledger.py [--entries N]``.

- appends one by one, each durable (full sync), beside pymerkle's SQLite tree in the same run. Pymerkle is under the
  GPL: it runs in an environment of its own that this script makes and throws away, and is no dependency in any form;
- appends in batches, durable;
- a proof of inclusion from a log of ten million entries (made here, on disk);
- checking a log of a million entries.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

PEER = """
import sys, time
from pymerkle import SqliteTree
tree = SqliteTree(sys.argv[1])
leaves = [b'x' * 64 + str(n).encode() for n in range(int(sys.argv[2]))]
start = time.perf_counter()
for leaf in leaves:
    tree.append_entry(leaf)
print(len(leaves) / (time.perf_counter() - start))
"""
BATCH = 5_000
NOON = datetime(2026, 3, 6, 12, tzinfo=UTC)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--entries", type=int, default=10_000_000, help="of the large log (default: ten million)")
    options.add_argument("--no-peer", action="store_true")
    said = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HABEAS_VAR"] = folder
        os.environ["HABEAS_SECRET"] = "for this run only"  # noqa: S105
        os.environ["DJANGO_SETTINGS_MODULE"] = "habeas.web.site.settings"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)
        print(f"{'':<44}{'ours':>12}{'peer or limit':>15}{'ratio':>8}   goal")
        _one_by_one(Path(folder), peer=not said.no_peer)
        _batches()
        _checking(1_000_000)
        _proofs(said.entries)


def _one_by_one(folder: Path, *, peer: bool) -> None:
    from django.db import transaction

    from habeas.ledger import actions

    start, count = time.perf_counter(), 500
    for number in range(count):
        with transaction.atomic():
            actions.append("case.read", by=7, at=NOON, case="c", number=number)
    ours = count / (time.perf_counter() - start)
    theirs = _peer(folder) if peer else float("nan")
    print(
        f"{'appends one by one, full sync, a second':<44}{ours:>12,.0f}{theirs:>15,.0f}{ours / theirs:>8.1f}   >= 10 x"
    )


def _peer(folder: Path) -> float:
    environment = folder / "peer"
    venv.create(environment, with_pip=True)
    python = str(environment / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "pymerkle>=7"], check=True)  # noqa: S603
    ran = subprocess.run(  # noqa: S603
        [python, "-c", PEER, str(folder / "peer.sqlite3"), "300"], check=True, capture_output=True, text=True
    )
    return float(ran.stdout)


def _rows(first: int, count: int) -> Iterator[object]:
    from habeas.ledger.actions import Done

    for number in range(first, first + count):
        yield Done("case.read", 7, NOON, f"case-{number % 977}", {"item": number})


def _append(first: int, count: int) -> float:
    """Append so many, in durable batches; entries a second."""
    from django.db import transaction

    from habeas.ledger import actions

    start = time.perf_counter()
    for begin in range(first, first + count, BATCH):
        with transaction.atomic():
            actions.append_many(_rows(begin, min(BATCH, first + count - begin)))
    return count / (time.perf_counter() - start)


def _batches() -> None:
    from habeas.ledger import queries

    rate = _append(queries.head()[0], 200_000)
    print(f"{f'appends in batches of {BATCH:,}, durable, a second':<44}{rate:>12,.0f}{'':>15}{'':>8}   >= 40,000")


def _checking(entries: int) -> None:
    from habeas.ledger import queries

    size = queries.head()[0]
    _append(size, entries - size)
    start = time.perf_counter()
    faults = list(queries.faults())
    each = time.perf_counter() - start
    if faults:
        raise SystemExit(f"the log does not hold: {faults[:3]}")
    print(f"{f'checking {entries:,} entries, seconds':<44}{each:>12.1f}{'':>15}{'':>8}   <= 20")


def _proofs(entries: int) -> None:
    from habeas.ledger import queries
    from habeas.ledger.core import tree
    from habeas.ledger.models import Entry

    size = queries.head()[0]
    _append(size, max(0, entries - size))
    size, root = queries.head()
    chance, times = random.Random(1), []  # noqa: S311
    for _ in range(400):
        index = chance.randrange(size)
        start = time.perf_counter()
        proof = queries.inclusion(index, size)
        times.append(time.perf_counter() - start)
        leaf = bytes(Entry.objects.values_list("leaf_hash", flat=True).get(index=index))
        tree.check_inclusion(leaf, index, size, proof, root)
    times.sort()
    line = f"proof from {size:,} entries, ms (median, p99)"
    print(f"{line:<44}{times[200] * 1000:>12.2f}{times[396] * 1000:>15.2f}{'':>8}   <= 1")
    print(json.dumps({"root": root.hex(), "size": size}), file=sys.stderr)


if __name__ == "__main__":
    main()

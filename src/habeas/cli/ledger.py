"""``habeas ledger``: check the log of everything done."""

from __future__ import annotations

import argparse

from habeas.cli.main import OK, start_django

DAMAGED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["fsck"], help="fsck: check every entry against the tree")


def run(options: argparse.Namespace) -> int:
    start_django()
    from habeas.ledger import queries

    faults = list(queries.faults())
    for fault in faults:
        print(fault)
    size, root = queries.head()
    print(f"{size} entries, root {root.hex()}" + (f", {len(faults)} fault(s)" if faults else ", all hold"))
    return DAMAGED if faults else OK

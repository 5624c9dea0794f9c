"""Reading and checking the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from habeas.ledger.core import tree
from habeas.ledger.models import Entry, Head


def entries_of(case: object) -> list[dict[str, Any]]:
    """What was done in one case, oldest first: the entries as they were written."""
    return [json.loads(bytes(entry.body)) for entry in Entry.objects.filter(case=str(case)).order_by("index")]


def faults() -> Iterator[str]:
    """Sentences that name whatever does not hold: a changed, missing or reordered entry, or a wrong head."""
    head = Head.objects.filter(id=1).first()
    frontier: list[bytes] = []
    size = 0
    for entry in Entry.objects.order_by("index").iterator(chunk_size=2000):
        if entry.index != size:
            yield f"entry {size} is missing; the next one present is {entry.index}"
            return
        yield from _faults_of(entry)
        frontier = tree.grow(frontier, size, bytes(entry.leaf_hash))
        size += 1
    if head is None:
        if size:
            yield f"the log holds {size} entries but its head is gone"
        return
    if head.size != size:
        yield f"the head counts {head.size} entries but {size} are there"
    elif [node.hex() for node in frontier] != head.frontier:
        yield f"the entries lead to root {tree.root(frontier).hex()[:16]}…, the head says another"


def _faults_of(entry: Entry) -> Iterator[str]:
    body = bytes(entry.body)
    if tree.leaf_hash(body) != bytes(entry.leaf_hash):
        yield f"entry {entry.index} was changed after it was written: its body no longer has its hash"
        return
    written = json.loads(body)
    if written["index"] != entry.index:
        yield f"entry {entry.index} stands in the place of another: its body says it is entry {written['index']}"
        return
    # What the log is searched by stands beside the hashed bytes; moved, it would hide an entry from its case.
    for column in ("kind", "case"):
        if written[column] != getattr(entry, column):
            yield f"entry {entry.index} is filed under another {column} than its body says"


def head() -> tuple[int, bytes]:
    """How many entries there are, and the 32-byte root over them."""
    row = Head.objects.filter(id=1).first()
    if row is None:
        return 0, tree.root([])
    return row.size, tree.root([bytes.fromhex(node) for node in row.frontier])

"""Appending to the log, in the transaction of what it records."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from habeas.ledger.core import tree
from habeas.ledger.models import Entry, Head


def append(kind: str, *, by: object, at: datetime, case: object = "", **ids: Any) -> int:
    """Log one thing that was done and return its index.

    by:  the id of the person or program that did it ("portal" for someone without an account)
    ids: what it was done to: ids, counts and codes, never names, values or texts
    Raises RuntimeError outside a transaction: an entry stands exactly when what it records does.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("append needs the transaction of what it records")
    Head.objects.get_or_create(id=1)
    head = Head.objects.select_for_update().get(id=1)
    body = entry_bytes(
        {"index": head.size, "kind": kind, "by": str(by), "at": _instant(at), "case": str(case), **_plain(ids)}
    )
    leaf = tree.leaf_hash(body)
    Entry.objects.create(index=head.size, at=at, kind=kind, case=str(case), body=body, leaf_hash=leaf)
    frontier = tree.grow([bytes.fromhex(node) for node in head.frontier], head.size, leaf)
    head.size, head.frontier = head.size + 1, [node.hex() for node in frontier]
    head.save(update_fields=["size", "frontier"])
    return head.size - 1


def entry_bytes(content: dict[str, Any]) -> bytes:
    """The one way an entry is written: sorted keys, no spaces, UTF-8."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _plain(ids: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value if isinstance(value, int | str | list) or value is None else str(value) for key, value in ids.items()
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")

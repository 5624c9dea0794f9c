"""Appending to the log, in the transaction of what it records."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from habeas.ledger.core import tiles, tree
from habeas.ledger.models import Entry, Head, Tile

BATCH = 5_000
SALT_BYTES = 12


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that was done, for ``append_many``; the fields are those of ``append``."""

    kind: str
    by: object
    at: datetime
    case: object = ""
    ids: dict[str, Any] = field(default_factory=dict)


def append(kind: str, *, by: object, at: datetime, case: object = "", **ids: Any) -> int:
    """Log one thing that was done and return its index.

    by:  the id of the person or program that did it ("portal" for someone without an account)
    ids: what it was done to: ids, counts and codes, never names, values or texts
    Raises RuntimeError outside a transaction: an entry stands exactly when what it records does.
    """
    return append_many([Done(kind, by, at, case, ids)])


def append_many(done: Iterable[Done]) -> int:
    """Log many things, in order; the index of the first. Raises RuntimeError outside a transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError("append needs the transaction of what it records")
    first, frontier = _held_head()
    rows: list[tuple[Any, ...]] = []
    leaves: list[bytes] = []
    at, instant, stored_at = None, "", None
    for index, one in enumerate(done, first):
        if one.at is not at:  # a batch mostly has one instant, and writing one takes longer than all else
            at, instant, stored_at = one.at, _instant(one.at), connection.ops.adapt_datetimefield_value(one.at)
        case = str(one.case)
        said = _plain(one.ids)
        said |= {"index": index, "kind": one.kind, "by": str(one.by), "at": instant, "case": case}
        # Tiles are public: without a salt, an entry of few words could be guessed from its leaf.
        said["salt"] = secrets.token_hex(SALT_BYTES)
        body = entry_bytes(said)
        leaf = tree.leaf_hash(body)
        tree.grow_in_place(frontier, index, leaf)
        leaves.append(leaf)
        rows.append((index, stored_at, one.kind, case, body, leaf))
    with connection.cursor() as cursor:
        for start in range(0, len(rows), BATCH):
            cursor.executemany(_INSERT_ENTRY, rows[start : start + BATCH])
        cursor.execute(_UPDATE_HEAD, [first + len(rows), json.dumps([node.hex() for node in frontier])])
    _complete_tiles(first, leaves)
    return first


def entry_bytes(content: dict[str, Any]) -> bytes:
    """The one way an entry is written: sorted keys, no spaces, UTF-8."""
    return _ENCODER.encode(content).encode()


def _held_head() -> tuple[int, list[bytes]]:
    """Size and frontier, kept from other writers until the transaction ends."""
    # SQLite lets one writer in from the start of its transaction; it has no lock on a row, and needs none.
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_HEAD + lock)
        row = cursor.fetchone()
        if row is None:
            Head.objects.get_or_create(id=1)
            cursor.execute(_SELECT_HEAD + lock)
            row = cursor.fetchone()
    nodes = json.loads(row[1]) if isinstance(row[1], str) else row[1]
    return row[0], [bytes.fromhex(node) for node in nodes]


def _complete_tiles(first: int, leaves: Sequence[bytes]) -> None:
    """Write down the tiles that these leaves, from index ``first``, complete."""
    size = first + len(leaves)
    for index in range(first // tiles.WIDTH, size // tiles.WIDTH):
        start = index * tiles.WIDTH
        held = _leaves(start, first) if start < first else []
        row = [*held, *leaves[max(0, start - first) : start + tiles.WIDTH - first]]
        _write(0, index, b"".join(row))
        _carry(1, index, tiles.root_of_row(row))


def _carry(level: int, place: int, root: bytes) -> None:
    """Put the root of a full tile in its place one level up, where it may complete the next tile."""
    index, offset = divmod(place, tiles.WIDTH)
    before = b"" if offset == 0 else bytes(Tile.objects.get(level=level, index=index).hashes)
    if len(before) != offset * tree.HASH_BYTES:
        raise RuntimeError(
            f"tile {level}/{index} holds {len(before) // tree.HASH_BYTES} hashes where {offset} must be; "
            "run `habeas ledger fsck` before anything else is written"
        )
    hashes = before + root
    _write(level, index, hashes)
    if offset == tiles.WIDTH - 1:
        _carry(level + 1, index, tiles.tile_root(hashes))


def _write(level: int, index: int, hashes: bytes) -> None:
    Tile.objects.update_or_create(level=level, index=index, defaults={"hashes": hashes})


def _leaves(start: int, end: int) -> list[bytes]:
    rows = Entry.objects.filter(index__gte=start, index__lt=end).order_by("index").values_list("leaf_hash", flat=True)
    return [bytes(leaf) for leaf in rows]


def _plain(ids: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value if isinstance(value, int | str | list) or value is None else str(value) for key, value in ids.items()
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_NAMES = ", ".join(f'"{name}"' for name in ("index", "at", "kind", "case", "body", "leaf_hash"))
_INSERT_ENTRY = f"INSERT INTO {Entry._meta.db_table} ({_NAMES}) VALUES (%s, %s, %s, %s, %s, %s)"  # noqa: S608 (our own names)
_SELECT_HEAD = f"SELECT size, frontier FROM {Head._meta.db_table} WHERE id = 1"  # noqa: S608
_UPDATE_HEAD = f"UPDATE {Head._meta.db_table} SET size = %s, frontier = %s WHERE id = 1"  # noqa: S608

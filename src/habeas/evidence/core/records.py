"""What ``bundle.json`` and ``custody.json`` hold, as everything that describes a bundle reads them.

Times are ISO 8601 in UTC, hashes and commitments lower-case hex, ids text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict


class ExhibitRecord(TypedDict):
    """One exhibit. file: None where only hashes and place are held; details: how it was acquired, JSON values."""

    number: int
    item: str
    file: str | None
    name: str
    kind: str
    media_type: str
    size_bytes: int
    sha256: str
    sha512: str
    salt: str
    commitment: str
    acquired_at: str | None
    sealed_at: str
    ledger_index: int
    stamps: Sequence[str]
    details: Mapping[str, Any]
    before: str | None
    made_from: str | None


class CustodyRecord(TypedDict):
    """One event of custody. by: a person's number, or the name of the program that did it."""

    number: int
    kind: str
    item: str | None
    by: str
    organisation: str
    role: str
    purpose: str
    basis: str
    at: str
    commitment_in: str | None
    commitment_out: str | None
    method: str
    ledger_index: int
    handover: str | None


# Written so because "for" is a word of the language.
BundleRecord = TypedDict(
    "BundleRecord",
    {
        "version": int,
        "case": str,
        "reference": str,
        "made_at": str,
        "made_by": str,
        "for": str,
        "timezone": str,
        "origin": str,
        "exhibits": Sequence[ExhibitRecord],
        # path below data/ -> SHA-512; empty while the documents that are listed themselves are being written
        "files": Mapping[str, str],
    },
)

# What brings an item into the house: an exhibit begins with one of these.
ACQUIRING = frozenset({"capture", "ingest"})


def events_of(exhibit: ExhibitRecord, custody: Sequence[CustodyRecord]) -> list[CustodyRecord]:
    """The events of one exhibit, oldest first."""
    return [event for event in custody if event["item"] == exhibit["item"]]


def detail(exhibit: ExhibitRecord, name: str) -> Any:
    """What an exhibit says of its making; None where it says nothing. Zero and false are answers, empty is none."""
    found = (exhibit.get("details") or {}).get(name)
    return None if found is None or found in ("", [], {}) else found


def tool_of(exhibit: ExhibitRecord) -> tuple[str, str] | None:
    """(name, version or "") of the program that made an exhibit: as ``{"name", "version"}`` or a name alone."""
    said = detail(exhibit, "tool")
    if isinstance(said, Mapping):
        name = str(said.get("name") or "")
        return (name, str(said.get("version") or "")) if name else None
    return (str(said), str(detail(exhibit, "tool_version") or "")) if said else None


def by_program(event: CustodyRecord) -> bool:
    """People appear by number, programs by name."""
    return not event["by"].isdecimal()

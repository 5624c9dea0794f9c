"""The manifest of a hand-over: what is passed to whom, by what means, how large, under which hash, for how long.

The fields are those the Regulation asks for; ``version`` and ``handover`` are ours, so that the manifest can be read
again and told from that of another hand-over.
Source: Commission Implementing Regulation (EU) 2025/1550, Annex, point 3.3.3.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

FEWEST_DAYS: Final = 10
MOST_DAYS: Final = 45
MOST_BYTES: Final = 2_000_000
# "A strong hash", by our reading: of the SHA-2 and SHA-3 families, 256 bits or more. Name -> hex digits.
STRONG_HASHES: Final = {
    "SHA-256": 64,
    "SHA-384": 96,
    "SHA-512": 128,
    "SHA3-256": 64,
    "SHA3-384": 96,
    "SHA3-512": 128,
}
_TEXTS: Final = ("sender", "recipient", "order", "handover", "means")
_FIELDS: Final = frozenset({*_TEXTS, "version", "made_at", "files", "available_until"})
_FILE_FIELDS: Final = frozenset({"name", "size_bytes", "hash", "hash_algorithm"})
_HEX: Final = re.compile("[0-9a-f]+")


class ManifestRefused(ValueError):
    """A manifest that the Regulation would not take. The message says what it lacks."""


def manifest(
    *,
    sender: str,
    recipient: str,
    order: str,
    handover: str,
    made_at: datetime,
    means: str,
    files: Mapping[str, tuple[int, str]],
    available_until: datetime,
) -> dict[str, Any]:
    """The manifest as JSON values.

    order: the reference of what is answered, or of the case where there is none
    means: how it is passed on
    files: name -> (size in bytes, SHA-512 in hex)
    Raises ManifestRefused.
    """
    made = {
        "version": 1,
        "sender": sender,
        "recipient": recipient,
        "order": order,
        "handover": handover,
        "made_at": _written(made_at),
        "means": means,
        "files": [
            {"name": name, "size_bytes": size, "hash": digest, "hash_algorithm": "SHA-512"}
            for name, (size, digest) in sorted(files.items())
        ],
        "available_until": _written(available_until),
    }
    check(made)
    return made


def manifest_json(said: Mapping[str, Any]) -> bytes:
    """A manifest as the file that is sent. Raises ManifestRefused."""
    check(said)
    return json.dumps(said, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def read_manifest(raw: bytes) -> dict[str, Any]:
    """A manifest that came as a file. Raises ManifestRefused."""
    if len(raw) > MOST_BYTES:
        raise ManifestRefused(f"the manifest has {len(raw)} bytes; up to {MOST_BYTES} are read")
    try:
        said = json.loads(raw, object_pairs_hook=_once)
    except ManifestRefused:
        raise
    except (ValueError, RecursionError):
        raise ManifestRefused("the manifest is not JSON in UTF-8") from None
    if not isinstance(said, dict):
        raise ManifestRefused("the manifest is not a JSON object")
    check(said)
    return said


def check(said: Mapping[str, Any]) -> None:
    """Raises ManifestRefused where a field is missing, empty, unknown, or out of its bounds."""
    missing = sorted(_FIELDS - set(said))
    if missing:
        raise ManifestRefused(f"the manifest lacks {', '.join(missing)}")
    unknown = len(set(said) - _FIELDS)
    if unknown:
        raise ManifestRefused(f"the manifest has {unknown} field(s) that none of version 1 has")
    if type(said["version"]) is not int or said["version"] != 1:
        raise ManifestRefused("the manifest is not of version 1")
    empty = [name for name in _TEXTS if not _is_line(said[name])]
    if empty:
        raise ManifestRefused(f"the manifest does not say, on one line each: {', '.join(empty)}")
    _check_files(said["files"])
    days = (_instant(said["available_until"]) - _instant(said["made_at"])) / timedelta(days=1)
    if not FEWEST_DAYS <= days <= MOST_DAYS:
        raise ManifestRefused(f"a package is available for {FEWEST_DAYS} to {MOST_DAYS} days, not {days:.1f}")


def _check_files(files: Any) -> None:
    if not isinstance(files, list) or not files:
        raise ManifestRefused("the manifest names no file")
    for number, file in enumerate(files, 1):
        if not isinstance(file, Mapping) or set(file) != _FILE_FIELDS or not _is_line(file["name"]):
            raise ManifestRefused(f"file {number}: it needs its name, size, hash and the name of the hash")
        if type(file["size_bytes"]) is not int or file["size_bytes"] < 0:
            raise ManifestRefused(f"file {number}: its size is a whole number of bytes")
        _check_hash(number, file["hash_algorithm"], file["hash"])
    if len({file["name"] for file in files}) != len(files):
        raise ManifestRefused("two files of the manifest have the same name")


def _check_hash(number: int, algorithm: Any, digest: Any) -> None:
    digits = STRONG_HASHES.get(algorithm) if isinstance(algorithm, str) else None
    if digits is None:
        raise ManifestRefused(f"file {number}: its hash is one of {', '.join(STRONG_HASHES)}")
    if not isinstance(digest, str) or len(digest) != digits or not _HEX.fullmatch(digest):
        raise ManifestRefused(f"file {number}: a {algorithm} is {digits} hex digits, in lower case")


def _is_line(text: Any) -> bool:
    return isinstance(text, str) and bool(text.strip()) and text.isprintable()


def _instant(text: Any) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        at = None
    if at is None or at.tzinfo is None:
        raise ManifestRefused("the manifest's times must be ISO 8601 with a time zone")
    return at


def _written(at: datetime) -> str:
    if at.tzinfo is None:
        raise ManifestRefused("the manifest's times must have a time zone")
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """What is said twice is read one way by one program and another way by the next."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ManifestRefused("the manifest says the same field twice")
    return found

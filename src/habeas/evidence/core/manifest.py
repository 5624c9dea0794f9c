"""The manifest of a hand-over: what is passed to whom, by what means, how large, under which hash, for how long.

Source: Commission Implementing Regulation (EU) 2025/1550, Annex, point 3.3.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

FEWEST_DAYS: Final = 10
MOST_DAYS: Final = 45
_FIELDS: Final = frozenset(
    {"version", "sender", "recipient", "order", "handover", "made_at", "means", "files", "available_until"}
)
_FILE_FIELDS: Final = frozenset({"name", "size_bytes", "hash", "hash_algorithm"})


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
        "made_at": _instant(made_at),
        "means": means,
        "files": [
            {"name": name, "size_bytes": size, "hash": digest, "hash_algorithm": "SHA-512"}
            for name, (size, digest) in sorted(files.items())
        ],
        "available_until": _instant(available_until),
    }
    check(made)
    return made


def check(said: Mapping[str, Any]) -> None:
    """Raises ManifestRefused where a field is missing, empty, or out of its bounds."""
    missing = sorted(_FIELDS - set(said))
    if missing:
        raise ManifestRefused(f"the manifest lacks {', '.join(missing)}")
    empty = [name for name in ("sender", "recipient", "order", "handover", "means") if not str(said[name]).strip()]
    if empty:
        raise ManifestRefused(f"the manifest does not say: {', '.join(empty)}")
    if not isinstance(said["files"], list) or not said["files"]:
        raise ManifestRefused("the manifest names no file")
    for file in said["files"]:
        _check_file(file)
    try:
        made, until = (datetime.fromisoformat(said[name]) for name in ("made_at", "available_until"))
        days = (until - made) / timedelta(days=1)
    except (TypeError, ValueError):
        raise ManifestRefused("the manifest's times must be ISO 8601 with a time zone") from None
    if not FEWEST_DAYS <= days <= MOST_DAYS:
        raise ManifestRefused(f"a package is available for {FEWEST_DAYS} to {MOST_DAYS} days, not {days:.1f}")


def _check_file(file: Any) -> None:
    if not isinstance(file, Mapping) or not set(file) >= _FILE_FIELDS or not file["name"]:
        raise ManifestRefused("each file needs its name, size, hash and the name of the hash")
    if not isinstance(file["size_bytes"], int) or file["size_bytes"] < 0:
        raise ManifestRefused("the size of a file is a whole number of bytes")
    digest = str(file["hash"])
    if file["hash_algorithm"] != "SHA-512" or len(digest) != 128 or not set(digest) <= set("0123456789abcdef"):
        raise ManifestRefused("a file's hash is a SHA-512, 128 hex digits")


def _instant(at: datetime) -> str:
    if at.tzinfo is None:
        raise ManifestRefused("the manifest's times must have a time zone")
    return at.astimezone(UTC).isoformat(timespec="seconds")

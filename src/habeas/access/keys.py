"""The house's own keys: where they come from, and the data keys of cases under them.

The house key never enters the database. It is read from the file that ``HABEAS_KEY_FILE`` names: one key a line,
``<version> <64 hex digits>``; the highest version wraps, all of them unwrap.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from habeas.access.core import envelope
from habeas.access.models import CaseKey
from habeas.kernel.ids import keyed_digest, receipt_for


class NoHouseKey(RuntimeError):
    """The house key cannot be read. The message says which file and what to do."""


class KeyDestroyed(RuntimeError):
    """The case's key was destroyed: its content was erased on purpose and cannot come back."""


def make_house_key(path: Path) -> None:
    """Write a first house key, readable by its owner only. Never touches a file that is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as stream:
        stream.write(f"1 {envelope.new_key().hex()}\n")
        stream.flush()
        os.fsync(stream.fileno())


def new_case_key(*, at: datetime) -> CaseKey:
    version, house_key = _newest()
    key = CaseKey(house_key_version=version, created_at=at, wrapped=b"\x00")
    key.save()
    key.wrapped = envelope.seal(house_key, envelope.new_key(), _context(key))
    key.save(update_fields=["wrapped"])
    return key


def seal(key: CaseKey, content: bytes | str, context: str) -> bytes:
    """Seal content under a case's key. ``context`` names the field and record, for example ``report/<id>``."""
    raw = content.encode() if isinstance(content, str) else content
    return envelope.seal(_data_key(key), raw, context)


def unseal(key: CaseKey, sealed: bytes | memoryview, context: str) -> bytes:
    """Open what was sealed. Raises KeyDestroyed, CannotOpen."""
    return envelope.unseal(_data_key(key), bytes(sealed), context)


def salt_of(key: CaseKey, context: str) -> bytes:
    """32 bytes that follow from a case's key and a context: there as long as the key is, gone with it.

    Raises KeyDestroyed.
    """
    return hmac.new(_data_key(key), f"salt/{context}".encode(), hashlib.sha256).digest()


def lookup_digest(purpose: str, value: str) -> bytes:
    """A keyed digest by which a secret value (a receipt, a link) is found again without being stored."""
    return keyed_digest(_oldest(), purpose, value)


def receipt_of(submission: str) -> str:
    """The receipt of one submission: the same each time it is asked for."""
    return receipt_for(_oldest(), submission)


def registry_key() -> bytes:
    """The key of the registry of known doxes: always the same one, or nothing in it would be found again."""
    return keyed_digest(_oldest(), "registry", "known doxes")


def _data_key(key: CaseKey) -> bytes:
    if key.wrapped is None:
        raise KeyDestroyed(f"{key} was destroyed on {key.destroyed_at:%Y-%m-%d}: its content was erased")
    house_key = _house_keys().get(key.house_key_version)
    if house_key is None:
        raise NoHouseKey(
            f"{settings.HABEAS_KEY_FILE}: no key of version {key.house_key_version}, which {key} needs; "
            "add its line again from your backup"
        )
    return envelope.unseal(house_key, bytes(key.wrapped), _context(key))


def _context(key: CaseKey) -> str:
    return f"case-key/{key.pk}"


def _newest() -> tuple[int, bytes]:
    version = max(_house_keys())
    return version, _house_keys()[version]


def _oldest() -> bytes:
    """The key for what must be found again: the oldest, so that a rotation loses nothing stored before it."""
    return _house_keys()[min(_house_keys())]


def _house_keys() -> dict[int, bytes]:
    return _read_keys(str(settings.HABEAS_KEY_FILE))


@lru_cache(maxsize=4)
def _read_keys(name: str) -> dict[int, bytes]:
    try:
        lines = Path(name).read_text().split("\n")
        keys = {int(version): bytes.fromhex(key) for version, key in (line.split() for line in lines if line.strip())}
    except (OSError, ValueError) as error:
        raise NoHouseKey(
            f"{name}: the house key cannot be read ({type(error).__name__}); `habeas run` makes one on a new "
            "machine, on any other restore it from your backup"
        ) from error
    if not keys or any(len(key) != envelope.KEY_BYTES for key in keys.values()):
        raise NoHouseKey(f"{name}: each line must be a version and 64 hex digits")
    return keys

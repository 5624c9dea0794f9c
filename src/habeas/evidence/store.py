"""The store of sealed items on disk: named by content, written once, there before the database says so."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path


class ItemDamaged(RuntimeError):
    """A stored item is missing or no longer has its hash."""


def put(folder: Path, sealed: bytes) -> str:
    """Store bytes durably and return their name. Storing the same bytes again changes nothing."""
    name = hashlib.sha256(sealed).hexdigest()
    place = _place(folder, name)
    if place.exists():
        return name
    place.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=place.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(sealed)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, place)
    except BaseException:
        # On a full disk, half-written files would only make it fuller.
        Path(temporary).unlink(missing_ok=True)
        raise
    # A rename is durable only once its folder is.
    for parent in (place.parent, folder):
        _sync_folder(parent)
    return name


def get(folder: Path, name: str) -> bytes:
    """The bytes stored under a name. Raises ItemDamaged."""
    try:
        sealed = _place(folder, name).read_bytes()
    except OSError as error:
        raise ItemDamaged(
            f"stored item {name[:12]}… cannot be read ({error.strerror}); restore it from a backup"
        ) from error
    if hashlib.sha256(sealed).hexdigest() != name:
        raise ItemDamaged(f"stored item {name[:12]}… was changed on disk; restore it from a backup")
    return sealed


def _place(folder: Path, name: str) -> Path:
    return folder / name[:2] / name


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

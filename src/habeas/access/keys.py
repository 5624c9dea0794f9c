"""The house's own keys: where they come from, and the data keys of cases under them.

The house key never enters the database. It is read from the file that ``HABEAS_KEY_FILE`` names, or from the
environment variable ``HABEAS_HOUSE_KEYS`` where that is set: one key a line, ``<version> <64 hex digits>``; the highest
version wraps, all of them unwrap.

The lowest version also makes the digests by which receipts, links and the registry are found again, so it can never be
given up. A house set up by ``make_house_key`` has a version 0 that does only this and never wraps: there every version
that ever wrapped can be given up one day, and with it what old backups still hold of erased cases.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, QuerySet

from habeas.access.core import envelope
from habeas.access.core.envelope import Reader, Writer
from habeas.access.models import CaseKey
from habeas.kernel.ids import keyed_digest, receipt_for
from habeas.ledger import actions as ledger

ENVIRONMENT = "HABEAS_HOUSE_KEYS"
# Never wraps: see the head of this module.
DIGESTS_ONLY = 0
BATCH = 500


class NoHouseKey(RuntimeError):
    """The house key cannot be read. The message says which file and what to do."""


class KeyDestroyed(RuntimeError):
    """The case's key was destroyed: its content was erased on purpose and cannot come back."""


class CannotRotate(RuntimeError):
    """The house keys cannot be changed from here. Nothing was changed; the message says what to do."""


class StillNeeded(RuntimeError):
    """A version of the house key that something still hangs on. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did.

    version:  the version that wraps now
    added:    whether it is new; False: an earlier rotation that had stopped half-way was finished
    rewrapped: how many case keys are under it since
    damaged:  numbers of the case keys that did not open and were left as they are
    """

    version: int
    added: bool
    rewrapped: int
    damaged: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """Where the keys are and what hangs on them.

    case_keys: version -> how many case keys it wraps, for every version that is there or needed
    missing:   versions that case keys need and that are not there
    """

    source: str
    newest: int
    lowest: int
    case_keys: dict[int, int]
    missing: tuple[int, ...]
    destroyed: int


def make_house_key(path: Path) -> None:
    """Write a first house key, readable by its owner only. Never touches a file that is there."""
    if os.environ.get(ENVIRONMENT):
        return  # the keys come from elsewhere; one more in a file would only be mistaken for them
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as stream:
        stream.write(f"{DIGESTS_ONLY} {envelope.new_key().hex()}\n1 {envelope.new_key().hex()}\n")
        stream.flush()
        os.fsync(stream.fileno())
    _sync_folder(path.parent)


@transaction.atomic
def new_case_key(*, at: datetime) -> CaseKey:
    # The row comes first: from here on, giving up a version of the house key waits until this one is written.
    key = CaseKey(house_key_version=DIGESTS_ONLY, created_at=at, wrapped=b"\x00")
    key.save()
    key.house_key_version, house_key = _newest()
    key.wrapped = envelope.seal(house_key, envelope.new_key(), _context(key))
    key.save(update_fields=["wrapped", "house_key_version"])
    return key


def seal(key: CaseKey, content: bytes | str, context: str) -> bytes:
    """Seal content under a case's key. ``context`` names the field and record, for example ``report/<id>``."""
    raw = content.encode() if isinstance(content, str) else content
    return envelope.seal(_data_key(key), raw, context)


def unseal(key: CaseKey, sealed: bytes | memoryview, context: str) -> bytes:
    """Open what was sealed. Raises KeyDestroyed, CannotOpen."""
    return envelope.unseal(_data_key(key), bytes(sealed), context)


def seal_stream(key: CaseKey, reader: Reader, writer: Writer, context: str) -> int:
    """Seal whatever ``reader`` gives, a MiB at a time. Returns how many bytes were written. Raises KeyDestroyed."""
    return envelope.seal_stream(_data_key(key), reader, writer, context)


def unseal_stream(key: CaseKey, reader: Reader, writer: Writer, context: str) -> int:
    """Open a sealed stream (or value) into ``writer``; returns how many bytes that was.

    Where this raises, what was written is a beginning only: throw it away. Raises KeyDestroyed, CannotOpen.
    """
    return envelope.unseal_stream(_data_key(key), reader, writer, context)


def sealed_blocks(key: CaseKey, reader: Reader, context: str) -> Iterator[bytes]:
    """As ``seal_stream``, for a writer that wants to be given pieces. Raises KeyDestroyed."""
    return envelope.sealed_blocks(_data_key(key), reader, context)


def opened_blocks(key: CaseKey, reader: Reader, context: str) -> Iterator[bytes]:
    """As ``unseal_stream``, in pieces. Raises KeyDestroyed at once, CannotOpen at any piece."""
    return envelope.opened_blocks(_data_key(key), reader, context)


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


def versions() -> set[int]:
    """The versions of the house key that are there and can open case keys. Raises NoHouseKey."""
    return set(_house_keys()) - {DIGESTS_ONLY}


def status() -> Status:
    """Where the keys are and what hangs on them. Raises NoHouseKey."""
    house_keys = _house_keys()
    needed = dict(_living().values_list("house_key_version").annotate(Count("pk")).order_by("house_key_version"))
    there = set(house_keys) - {DIGESTS_ONLY}
    return Status(
        source=_source(),
        newest=_newest()[0],
        lowest=min(house_keys),
        case_keys={version: needed.get(version, 0) for version in sorted(there | set(needed))},
        missing=tuple(sorted(set(needed) - there)),
        destroyed=CaseKey.objects.filter(wrapped=None).count(),
    )


def rotate(at: datetime, *, by: object = "keys") -> Rotation:
    """Add a new version of the house key and put every case key under it.

    The new version is on the disk before anything is wrapped by it. Batches are transactions of their own, each with
    its entry in the ledger; killed in between, everything still opens, and asking again finishes the rotation instead
    of adding another version. Servers that run see the new version at once.
    Raises CannotRotate, NoHouseKey where a version that case keys need is lost.
    """
    with _one_at_a_time():
        _require_all_versions()
        version, _ = _newest()
        rewrapped, damaged = _rewrap(version, at, by)
        if rewrapped:
            return Rotation(version, added=False, rewrapped=rewrapped, damaged=tuple(damaged))
        version = _add_version()
        # The earlier batches may have been none at all; that there is a new version is told either way.
        rewrapped, damaged = _rewrap(version, at, by, always_tell=True)
        return Rotation(version, added=True, rewrapped=rewrapped, damaged=tuple(damaged))


def forget(version: int, at: datetime, *, by: object = "keys") -> None:
    """Destroy a version of the house key that nothing needs any more: what only it could open, no backup opens again.

    The file is written over in place of its old self; copies of it (your backup) are yours to destroy.
    Raises StillNeeded, CannotRotate, NoHouseKey.
    """
    with _one_at_a_time(), transaction.atomic():
        _wait_for_new_case_keys()
        house_keys = _house_keys()
        if version not in house_keys:
            raise NoHouseKey(f"{_source()}: there is no key of version {version} to forget")
        if version == min(house_keys):
            raise StillNeeded(
                f"version {version} is the lowest: receipts, links and the registry are found by it and would be lost"
            )
        if version == max(house_keys):
            raise StillNeeded(f"version {version} wraps the keys of new cases; `habeas keys rotate` first")
        count = _living().filter(house_key_version=version).count()
        if count:
            raise StillNeeded(f"version {version} still wraps {count} case key(s); `habeas keys rotate` first")
        _require_file()
        ledger.append("keys.forgotten", by=by, at=at, version=version)
        _write_keys({number: key for number, key in house_keys.items() if number != version})


def _rewrap(version: int, at: datetime, by: object, *, always_tell: bool = False) -> tuple[int, list[int]]:
    """Put case keys under a version, batch by batch. Returns how many, and the numbers of those that did not open."""
    total, damaged, after = 0, list[int](), 0
    while True:
        with transaction.atomic():
            behind = _living().exclude(house_key_version=version).filter(pk__gt=after).order_by("pk")
            batch = list(behind.select_for_update()[:BATCH])
            done = [key for key in batch if _put_under(version, key)]
            CaseKey.objects.bulk_update(done, ["wrapped", "house_key_version"])
            damaged += [key.pk for key in batch if key not in done]
            if done or always_tell:
                remaining = _living().exclude(house_key_version=version).count()
                ledger.append("keys.rotated", by=by, at=at, version=version, rewrapped=len(done), remaining=remaining)
        total, always_tell = total + len(done), False
        if len(batch) < BATCH:
            return total, damaged
        after = batch[-1].pk


def _put_under(version: int, key: CaseKey) -> bool:
    """Wrap a case key anew, in memory. False where it does not open: then it stays as it is, for a backup to mend."""
    try:
        data_key = _data_key(key)
    except envelope.CannotOpen:
        return False
    key.wrapped = envelope.seal(_house_keys()[version], data_key, _context(key))
    key.house_key_version = version
    return True


def _require_all_versions() -> None:
    lost = status().missing
    if lost:
        counts = status().case_keys
        raise NoHouseKey(
            "; ".join(f"{_source()}: no key of version {v}, which {counts[v]} case key(s) need" for v in lost)
            + "; add its line again from your backup. Nothing was changed"
        )


def _add_version() -> int:
    _require_file()
    house_keys = _house_keys()
    version = max(house_keys) + 1
    _write_keys({**house_keys, version: envelope.new_key()})
    return version


def _write_keys(house_keys: dict[int, bytes]) -> None:
    """Replace the key file in one step: whoever reads it, even after a power cut, finds all of the old or the new."""
    file = Path(settings.HABEAS_KEY_FILE).resolve()  # a link stays a link
    text = "".join(f"{version} {key.hex()}\n" for version, key in sorted(house_keys.items()))
    try:
        was = file.stat()
        # Always the same name: what a process that died left there holds keys too, and must not outlive this.
        temporary = file.with_name(f".{file.name}.new")
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w") as stream:
                # The server may run as another user than whoever rotates; it must go on reading.
                os.fchown(descriptor, was.st_uid, was.st_gid)
                os.fchmod(descriptor, was.st_mode & 0o777)
                stream.write(text)
                stream.flush()
                os.fsync(descriptor)
            os.replace(temporary, file)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(file.parent)
    except OSError as error:
        raise CannotRotate(f"{file}: the key file cannot be written ({error.strerror}); nothing was changed") from error


def _require_file() -> None:
    if os.environ.get(ENVIRONMENT):
        raise CannotRotate(
            f"the house keys come from {ENVIRONMENT}, which cannot be changed from here: add or take out its line "
            "yourself, start everything anew, then ask again"
        )


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two rotations at once would each add a version and one of the two be lost."""
    if os.environ.get(ENVIRONMENT):
        yield
        return
    try:
        folder = os.open(Path(settings.HABEAS_KEY_FILE).resolve().parent, os.O_RDONLY)
    except OSError as error:
        raise NoHouseKey(f"{_source()}: its folder cannot be read ({error.strerror})") from error
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _wait_for_new_case_keys() -> None:
    """Until whoever is making a case key has it written, and hold back the next: one under a version about to go."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {CaseKey._meta.db_table} IN SHARE MODE")
    # SQLite lets one transaction write at a time, and this is one.


def _living() -> QuerySet[CaseKey]:
    return CaseKey.objects.filter(wrapped__isnull=False)


def _data_key(key: CaseKey) -> bytes:
    if key.wrapped is None:
        raise KeyDestroyed(f"{key} was destroyed on {key.destroyed_at:%Y-%m-%d}: its content was erased")
    house_key = _house_keys().get(key.house_key_version)
    if house_key is None:
        raise NoHouseKey(
            f"{_source()}: no key of version {key.house_key_version}, which {key} needs; "
            "add its line again from your backup"
        )
    return envelope.unseal(house_key, bytes(key.wrapped), _context(key))


def _context(key: CaseKey) -> str:
    return f"case-key/{key.pk}"


def _newest() -> tuple[int, bytes]:
    house_keys = _house_keys()
    version = max(house_keys)
    if version == DIGESTS_ONLY:
        raise NoHouseKey(f"{_source()}: version {DIGESTS_ONLY} never wraps; a version above it is missing")
    return version, house_keys[version]


def _oldest() -> bytes:
    """The key for what must be found again: the oldest, so that a rotation loses nothing stored before it."""
    house_keys = _house_keys()
    return house_keys[min(house_keys)]


def _source() -> str:
    return ENVIRONMENT if os.environ.get(ENVIRONMENT) else str(settings.HABEAS_KEY_FILE)


def _house_keys() -> dict[int, bytes]:
    given = os.environ.get(ENVIRONMENT)
    if given:
        return _parse(given, ENVIRONMENT)
    name = str(settings.HABEAS_KEY_FILE)
    return _read_keys(name, _state_of(name))


def _state_of(name: str) -> tuple[int, int, int] | None:
    """Changes when the file does, so that a server that runs sees a new version at once."""
    try:
        found = os.stat(name)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


@lru_cache(maxsize=4)
def _read_keys(name: str, state: tuple[int, int, int] | None = None) -> dict[int, bytes]:
    try:
        text = Path(name).read_text()
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from error
    return _parse(text, name)


@lru_cache(maxsize=4)
def _parse(text: str, source: str) -> dict[int, bytes]:
    lines = [line for line in text.split("\n") if line.strip()]
    try:
        pairs = [(int(version), bytes.fromhex(key)) for version, key in (line.split() for line in lines)]
    except ValueError as error:
        raise _unreadable(source, error) from None
    house_keys = dict(pairs)
    if not pairs or len(house_keys) != len(pairs) or min(house_keys) < 0:
        raise NoHouseKey(f"{source}: each line must be a version of its own and 64 hex digits")
    if any(len(key) != envelope.KEY_BYTES for key in house_keys.values()):
        raise NoHouseKey(f"{source}: each line must be a version and 64 hex digits")
    return house_keys


def _unreadable(source: str, error: Exception) -> NoHouseKey:
    return NoHouseKey(
        f"{source}: the house key cannot be read ({type(error).__name__}); `habeas run` makes one on a new "
        "machine, on any other restore it from your backup"
    )


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

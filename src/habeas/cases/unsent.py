"""What somebody tells before they send it: kept so that no page forgets the one before, readable by them alone.

A random key lives in the cookie of their browser and nowhere else; what is stored opens with it only. It ends when they
send, when they leave by "Exit this page", or some hours after they last wrote.
"""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum

from habeas.access.core import envelope
from habeas.cases.models import UnsentFile, UnsentPiece, UnsentReport

STANDS = timedelta(hours=4)
PIECE_BYTES = 1 << 20
# What all visitors together may have on its way: a flood stops at this, and says so.
MOST_BYTES = 4 << 30


class NothingUnsent(LookupError):
    """There is nothing to go on with: it was sent, left or forgotten."""


class PieceRefused(ValueError):
    """A piece of a file that does not fit. ``have``: how many bytes of it stand."""

    def __init__(self, why: str, have: int = 0) -> None:
        super().__init__(why)
        self.have = have


@dataclass(frozen=True, slots=True)
class Unsent:
    """told: page of the form -> what was typed there, field -> values"""

    report_id: uuid.UUID
    key: bytes
    told: dict[str, dict[str, list[str]]]


@dataclass(frozen=True, slots=True)
class FileOnItsWay:
    chosen_as: str
    name: str
    size_bytes: int
    have_bytes: int

    @property
    def whole(self) -> bool:
        return self.have_bytes == self.size_bytes


@transaction.atomic
def begin(told: dict[str, Any], *, at: datetime) -> str:
    """Begin a report; returns the token for the browser's cookie, which is kept nowhere."""
    report, key = UnsentReport(begun_at=at, kept_at=at), envelope.new_key()
    report.sealed = _sealed(report.pk, key, told)
    report.save()
    return base64.urlsafe_b64encode(report.pk.bytes + key).decode().rstrip("=")


def opened(token: str, *, at: datetime) -> Unsent:
    """Raises NothingUnsent."""
    report_id, key = _read(token)
    report = UnsentReport.objects.filter(pk=report_id, kept_at__gt=at - STANDS).first()
    if report is None:
        raise NothingUnsent
    return Unsent(report_id, key, _told(report, key))


@transaction.atomic
def keep(token: str, page: str, typed: dict[str, list[str]], *, at: datetime) -> Unsent:
    """Keep what was typed on one page; the other pages stay as they are. Raises NothingUnsent."""
    report, key = _held(token, at)
    told = {**_told(report, key), page: typed}
    report.sealed, report.kept_at = _sealed(report.pk, key, told), at
    report.save(update_fields=["sealed", "kept_at"])
    return Unsent(report.pk, key, told)


@transaction.atomic
def forget(token: str) -> None:
    """Take everything away; nothing happens where it is gone already."""
    try:
        report_id, _key = _read(token)
    except NothingUnsent:
        return
    UnsentReport.objects.filter(pk=report_id).delete()


@transaction.atomic
def forget_old(*, at: datetime) -> int:
    """Take away what nobody went on with. Returns how many."""
    old = UnsentReport.objects.filter(kept_at__lte=at - STANDS)
    count = old.count()
    old.delete()
    return count


# --------------------------------------------------------------------------------------------------------------- files


def files_of(unsent: Unsent) -> list[FileOnItsWay]:
    return [
        FileOnItsWay(
            file.chosen_as,
            envelope.unseal(unsent.key, bytes(file.name_sealed), _context(file, "name")).decode(),
            file.size_bytes,
            file.have_bytes,
        )
        for file in UnsentFile.objects.filter(report=unsent.report_id)
    ]


@transaction.atomic
def add_piece(
    token: str,
    chosen_as: str,
    name: str,
    size_bytes: int,
    offset: int,
    piece: bytes,
    *,
    most_bytes: int,
    most_files: int,
    at: datetime,
) -> int:
    """The next piece of a file. Returns how many bytes of it stand now.

    A piece that stands already changes nothing, so that sending it again is safe.
    most_bytes: of one file; most_files: of one report
    Raises NothingUnsent, PieceRefused.
    """
    report, key = _held(token, at)
    file = report.files.filter(chosen_as=chosen_as).first() or _new_file(
        report, key, chosen_as, name, size_bytes, most_bytes=most_bytes, most_files=most_files
    )
    if offset + len(piece) <= file.have_bytes:
        return file.have_bytes
    if file.size_bytes != size_bytes or offset != file.have_bytes or offset + len(piece) > size_bytes:
        raise PieceRefused("this piece does not follow the last one", file.have_bytes)
    if not piece or len(piece) > PIECE_BYTES:
        raise PieceRefused(f"a piece holds 1 to {PIECE_BYTES} bytes", file.have_bytes)
    sealed = envelope.seal(key, piece, _context(file, str(offset)))
    UnsentPiece.objects.create(file=file, offset=offset, sealed=sealed)
    file.have_bytes += len(piece)
    file.save(update_fields=["have_bytes"])
    report.kept_at = at
    report.save(update_fields=["kept_at"])
    return file.have_bytes


def have(unsent: Unsent, chosen_as: str) -> int:
    """Bytes of a file that stand; 0 where none does."""
    file = UnsentFile.objects.filter(report=unsent.report_id, chosen_as=chosen_as).first()
    return file.have_bytes if file else 0


@transaction.atomic
def remove_file(token: str, chosen_as: str, *, at: datetime) -> None:
    """Raises NothingUnsent."""
    report, _key = _held(token, at)
    report.files.filter(chosen_as=chosen_as).delete()


def contents(unsent: Unsent) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file that arrived whole, in the order they were chosen."""
    for file in UnsentFile.objects.filter(report=unsent.report_id).prefetch_related("pieces"):
        if file.have_bytes != file.size_bytes:
            continue
        name = envelope.unseal(unsent.key, bytes(file.name_sealed), _context(file, "name")).decode()
        pieces = [
            envelope.unseal(unsent.key, bytes(piece.sealed), _context(file, str(piece.offset)))
            for piece in file.pieces.all()
        ]
        yield name, b"".join(pieces)


def _new_file(
    report: UnsentReport, key: bytes, chosen_as: str, name: str, size_bytes: int, *, most_bytes: int, most_files: int
) -> UnsentFile:
    if not 0 < size_bytes <= most_bytes:
        raise PieceRefused(f"a file holds 1 to {most_bytes} bytes")
    if report.files.count() >= most_files:
        raise PieceRefused(f"a report holds at most {most_files} files")
    under_way = UnsentFile.objects.aggregate(total=Sum("size_bytes"))["total"] or 0
    if under_way + size_bytes > MOST_BYTES:
        raise PieceRefused("too much is on its way at this moment; try again in an hour, or send the report without it")
    file = UnsentFile(report=report, chosen_as=chosen_as, size_bytes=size_bytes)
    file.name_sealed = envelope.seal(key, name.encode(), _context(file, "name"))
    file.save()
    return file


# ------------------------------------------------------------------------------------------------------------- the key


def _held(token: str, at: datetime) -> tuple[UnsentReport, bytes]:
    report_id, key = _read(token)
    report = UnsentReport.objects.select_for_update().filter(pk=report_id, kept_at__gt=at - STANDS).first()
    if report is None:
        raise NothingUnsent
    return report, key


def _read(token: str) -> tuple[uuid.UUID, bytes]:
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        raise NothingUnsent from None
    if len(raw) != 16 + envelope.KEY_BYTES:
        raise NothingUnsent
    return uuid.UUID(bytes=raw[:16]), raw[16:]


def _sealed(report_id: uuid.UUID, key: bytes, told: dict[str, Any]) -> bytes:
    return envelope.seal(key, json.dumps(told).encode(), f"unsent/{report_id}")


def _told(report: UnsentReport, key: bytes) -> dict[str, dict[str, list[str]]]:
    try:
        told: dict[str, dict[str, list[str]]] = json.loads(
            envelope.unseal(key, bytes(report.sealed), f"unsent/{report.pk}")
        )
    except envelope.CannotOpen:
        raise NothingUnsent from None
    return told


def _context(file: UnsentFile, what: str) -> str:
    return f"unsent/{file.report_id}/{file.chosen_as}/{what}"

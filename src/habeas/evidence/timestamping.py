"""Trusted time: asking authorities for time-stamps, later and as often as it takes.

``HABEAS_TIME_AUTHORITIES`` is a JSON list, or a file that holds one: ``[{"name": …, "url": …, "roots": …}]``, where
``roots`` names a PEM file with the authority's root and, where its tokens leave them out, the certificates on the way.
Two authorities under different roofs are worth having: one of them may close or be found wanting.

An authority is given the SHA-512 of a salted commitment and nothing else. One that is down delays its stamp and nothing
more: sealing writes down what is wanted, and the worker asks.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib import request as http
from urllib.error import HTTPError
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from habeas.cases.models import Case
from habeas.evidence.core.commitments import stamped_digest
from habeas.evidence.models import Item, Redaction, Stamp
from habeas.kernel import clock
from habeas.ledger import actions as ledger
from habeas.store import actions as work

if TYPE_CHECKING:
    from habeas.evidence.core.timestamps import Roots, Verified

log = logging.getLogger(__name__)

JOB = "evidence.stamp"
# With pauses of an hour at most, somewhat over a week: an authority that is gone longer is a person's decision.
MOST_TRIES = 200
# The whole exchange, and any silence in it.
TIMEOUT_SECONDS = 15.0
MOST_BYTES = 1 << 17
# Beyond this, one of the two clocks is wrong, and whoever relies on either should know.
CLOCKS_AGREE_WITHIN = timedelta(minutes=2)
_TROUBLE_LENGTH = 200
# How many stamps are asked for in one transaction.
AT_ONCE = 200


class AuthoritiesUnreadable(RuntimeError):
    """HABEAS_TIME_AUTHORITIES cannot be used as it stands. The message says what is wrong with it."""


class UnknownAuthority(LookupError):
    """A stamp's authority no longer stands in HABEAS_TIME_AUTHORITIES."""


class AuthorityDown(RuntimeError):
    """No usable answer this time. The job is to be tried again."""


class NotStamped(LookupError):
    """The authority has not stamped this yet, or refused to."""


class StampDoesNotHold(ValueError):
    """A kept stamp that does not prove what it should. The message says why, in a sentence."""


@dataclass(frozen=True, slots=True)
class Authority:
    """One time-stamp authority. ``roots``: a PEM file."""

    name: str
    url: str
    roots: Path

    def trusted(self) -> Roots:
        """The certificates its stamps must lead to. Raises AuthoritiesUnreadable."""
        from habeas.evidence.core import timestamps

        try:
            return timestamps.read_roots(self.roots_pem())
        except timestamps.NoRoot as error:
            raise self._unusable(str(error)) from error

    def roots_pem(self) -> bytes:
        """The same as they stand in their file, for whoever checks elsewhere. Raises AuthoritiesUnreadable."""
        try:
            return self.roots.read_bytes()
        except OSError as error:
            raise self._unusable(error.strerror) from error

    def _unusable(self, reason: str) -> AuthoritiesUnreadable:
        return AuthoritiesUnreadable(
            f"HABEAS_TIME_AUTHORITIES: {self.name}: its roots in {self.roots} cannot be used: {reason}"
        )


def authorities() -> list[Authority]:
    """Those that are set, in their order. Raises AuthoritiesUnreadable."""
    given = getattr(settings, "HABEAS_TIME_AUTHORITIES", "") or ""
    if isinstance(given, list):
        return _read(json.dumps(given), Path.cwd())
    text = str(given).strip()
    if not text or text.startswith("["):
        return _read(text or "[]", Path.cwd())
    try:
        return _read(Path(text).read_text("utf-8"), Path(text).resolve().parent)
    except (OSError, UnicodeDecodeError) as error:
        raise AuthoritiesUnreadable(
            f"HABEAS_TIME_AUTHORITIES: {text} cannot be read ({type(error).__name__})"
        ) from error


def authority_named(name: str) -> Authority:
    """Raises UnknownAuthority, AuthoritiesUnreadable."""
    for authority in authorities():
        if authority.name == name:
            return authority
    raise UnknownAuthority(
        f"{name} does not stand in HABEAS_TIME_AUTHORITIES; add it again, or take its stamps as lost"
    )


def want_stamps(case: Case | None, subject: str, message: bytes, *, item: Item | None = None, at: datetime) -> None:
    """Ask every authority that is set, in the caller's transaction. What was asked for before is not asked twice.

    subject: what is stamped: item/<id>, redaction/<id>, checkpoint/<n>
    message: 32 bytes, a commitment or the root of a tree; the stamp is over its SHA-512
    A list of authorities that cannot be read is logged, and nothing is asked: whoever hands something in must not be
    turned away for it. ``want_missing`` asks for what was left out, once the list is mended.
    """
    if len(message) != 32:
        raise ValueError(f"what is stamped is a commitment or a root of 32 bytes, not {len(message)}")
    try:
        asked = authorities()
    except AuthoritiesUnreadable as trouble:
        log.error("no time-stamp is asked for %s: %s", subject, trouble)
        return
    for authority in asked:
        stamp, _ = Stamp.objects.get_or_create(
            subject=subject,
            authority=authority.name,
            defaults={"case": case, "item": item, "sha512": stamped_digest(message).hex(), "asked_at": at},
        )
        _enqueue(stamp, at)


def want_missing(at: datetime) -> int:
    """Ask for stamps nobody asked for yet: sealed before an authority was set, or while the list could not be read.

    Returns how many items and trees of redactions lacked one. Raises AuthoritiesUnreadable.
    """
    names = {authority.name for authority in authorities()}
    return sum(_want_for_items(some, at) for some in _some(_items_without(names))) + _want_for_trees(names, at)


def ask_again(at: datetime, *, idle: timedelta = timedelta(0)) -> int:
    """Give stamps that are not there a fresh set of tries where their tries ended, refused ones too. Returns how many.

    idle: how long ago the tries must have ended; what an authority refused just now, it refuses again
    """
    missing = Stamp.objects.exclude(state=Stamp.State.STAMPED).order_by("pk").values_list("pk", flat=True)
    return sum(_ask_again(some, at, idle) for some in _some(list(missing)))


def _items_without(names: set[str]) -> list[Any]:
    """Items whose content opens and that lack the stamp of one of these authorities."""
    lacking = Q(pk__in=[])
    for name in names:
        own = Stamp.objects.filter(item=OuterRef("pk"), authority=name, subject__startswith="item/")
        lacking |= Q(~Exists(own))
    return list(
        Item.objects.filter(lacking, case__key__wrapped__isnull=False).order_by("pk").values_list("pk", flat=True)
    )


@transaction.atomic
def _want_for_items(ids: Sequence[Any], at: datetime) -> int:
    # Looked at again: a case may have been erased since the list was made.
    items = Item.objects.filter(pk__in=ids, case__key__wrapped__isnull=False).select_related("case")
    for item in items:
        want_stamps(item.case, f"item/{item.pk}", bytes.fromhex(item.commitment), item=item, at=at)
    return len(items)


@transaction.atomic
def _want_for_trees(names: set[str], at: datetime) -> int:
    asked = set(Stamp.objects.filter(subject__startswith="redaction/").values_list("subject", "authority"))
    count = 0
    for tree in Redaction.objects.filter(item__case__key__wrapped__isnull=False).select_related("item__case"):
        subject = f"redaction/{tree.pk}"
        if any((subject, name) not in asked for name in names):
            want_stamps(tree.item.case, subject, bytes(tree.root), item=tree.item, at=at)
            count += 1
    return count


@transaction.atomic
def _ask_again(ids: Sequence[Any], at: datetime, idle: timedelta) -> int:
    count = 0
    for stamp in Stamp.objects.filter(pk__in=ids).exclude(state=Stamp.State.STAMPED):
        job = _enqueue(stamp, at)
        if job.state in {job.State.DEAD, job.State.DONE}:
            if job.finished_at > at - idle:
                continue
            job.state, job.run_at, job.finished_at, job.tries = job.State.WAITING, at, None, 0
            job.save(update_fields=["state", "run_at", "finished_at", "tries"])
        elif stamp.state != Stamp.State.REFUSED:
            continue  # it is still tried by itself
        # Not where an answer came in the meantime.
        Stamp.objects.filter(pk=stamp.pk, state=Stamp.State.REFUSED).update(state=Stamp.State.WAITING)
        count += 1
    return count


def _some(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """A few at a time: everybody else writes in between."""
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def ask(stamp_id: int) -> None:
    """Ask one authority for one stamp and keep its answer. A job: safe to do again.

    Raises AuthorityDown where another try may help; a refusal for good is written down and ends the job.
    """
    from habeas.evidence.core import timestamps

    stamp = Stamp.objects.filter(pk=stamp_id, state=Stamp.State.WAITING).first()
    if stamp is None:
        return  # kept already, refused for good, or its case was erased
    try:
        authority = authority_named(stamp.authority)
        trusted = authority.trusted()
    except (AuthoritiesUnreadable, UnknownAuthority) as trouble:
        _note(stamp, str(trouble))
        raise
    digest, nonce = bytes.fromhex(stamp.sha512), secrets.randbits(timestamps.NONCE_BITS - 1) + 1
    try:
        answer = _exchange(authority.url, timestamps.request(digest, nonce))
        verified = timestamps.verify(answer, digest, trusted, nonce=nonce)
    except timestamps.Declined as refusal:
        _note(stamp, str(refusal), Stamp.State.REFUSED if refusal.for_good else Stamp.State.WAITING)
        if refusal.for_good:
            return
        raise AuthorityDown(f"{stamp.authority}: {refusal}") from refusal
    except (AuthorityDown, timestamps.StampRefused) as refusal:
        _note(stamp, str(refusal))
        raise AuthorityDown(f"{stamp.authority}: {refusal}") from refusal
    _keep(stamp, answer, verified)


def check(stamp: Stamp, message: bytes) -> str:
    """That a kept stamp proves what it should, as a sentence.

    message: the 32 bytes that were stamped, a commitment or a root
    Raises NotStamped, StampDoesNotHold, UnknownAuthority, AuthoritiesUnreadable.
    """
    from habeas.evidence.core import timestamps

    if stamp.state != Stamp.State.STAMPED or stamp.token is None:
        raise NotStamped(f"{stamp}: there is none yet" + (f" ({stamp.trouble})" if stamp.trouble else ""))
    digest = stamped_digest(message)
    try:
        verified = timestamps.verify(bytes(stamp.token), digest, authority_named(stamp.authority).trusted())
    except timestamps.StampRefused as refusal:
        raise StampDoesNotHold(f"{stamp} does not hold: {refusal}") from refusal
    if stamp.sha512 != digest.hex() or stamp.stamped_at != verified.gen_time:
        raise StampDoesNotHold(f"{stamp} does not hold: what is written beside the token is not what the token says")
    within = f", give or take {verified.accuracy.total_seconds():g} s" if verified.accuracy is not None else ""
    return (
        f"{stamp.authority} stamped {stamp.subject} at {verified.gen_time:%Y-%m-%d %H:%M:%S} UTC{within} "
        f"(serial {verified.serial:x}, policy {verified.policy})"
    )


def _enqueue(stamp: Stamp, at: datetime) -> Any:
    job = work.enqueue(JOB, {"stamp_id": stamp.pk}, at=at, key=f"stamp/{stamp.pk}")
    if job.max_tries < MOST_TRIES:
        job.max_tries = MOST_TRIES
        job.save(update_fields=["max_tries"])
    return job


@transaction.atomic
def _keep(stamp: Stamp, answer: bytes, verified: Verified) -> None:
    off_by = abs(clock.now() - verified.gen_time)
    kept = Stamp.objects.filter(pk=stamp.pk, state=Stamp.State.WAITING).update(
        state=Stamp.State.STAMPED,
        token=answer,
        stamped_at=verified.gen_time,
        tries=stamp.tries + 1,
        trouble=f"the authority's clock and ours differ by {off_by}"[:_TROUBLE_LENGTH]
        if off_by > CLOCKS_AGREE_WITHIN
        else "",
    )
    if kept:
        # The token's digest, so that the log shows which token it was and that it was there by then.
        ledger.append(
            "stamp.kept",
            by="stamping",
            at=clock.now(),
            case=stamp.case_id or "",
            stamp=stamp.pk,
            item=str(stamp.item_id) if stamp.item_id else None,
            token_sha256=hashlib.sha256(answer).hexdigest(),
        )


def _note(stamp: Stamp, trouble: str, state: Stamp.State = Stamp.State.WAITING) -> None:
    Stamp.objects.filter(pk=stamp.pk, state=Stamp.State.WAITING).update(
        state=state, tries=stamp.tries + 1, trouble=trouble[:_TROUBLE_LENGTH]
    )


def _exchange(url: str, asked: bytes) -> bytes:
    """Post a request and return the answer. Raises AuthorityDown with a sentence that holds no data."""
    until = time.monotonic() + TIMEOUT_SECONDS
    sent = http.Request(  # noqa: S310 - the scheme was checked when the list was read
        url,
        data=asked,
        method="POST",
        headers={
            "Content-Type": "application/timestamp-query",
            "Accept": "application/timestamp-reply",
            "User-Agent": "habeas",
        },
    )
    try:
        with cast(HTTPResponse, _opener().open(sent, timeout=TIMEOUT_SECONDS)) as answered:
            return _bounded(answered, until)
    except HTTPError as error:
        error.close()
        raise AuthorityDown(f"it answered with HTTP status {error.code}") from None
    except TimeoutError:
        raise AuthorityDown(f"no answer within {TIMEOUT_SECONDS:g} s") from None
    except (OSError, HTTPException, ValueError) as error:
        # Among others a refused connection, a name that leads nowhere, a certificate that does not hold.
        reason = getattr(error, "reason", error)
        raise AuthorityDown(f"it could not be asked ({type(reason).__name__})") from None


def _bounded(answered: HTTPResponse, until: float) -> bytes:
    expected = answered.length  # None where the answer does not say
    pieces, size = [], 0
    while (expected is None or size < expected) and (piece := answered.read1(1 << 14)):
        size += len(piece)
        if size > MOST_BYTES:
            raise AuthorityDown(f"its answer is longer than {MOST_BYTES} bytes")
        # A trickle keeps the line from ever being silent.
        if time.monotonic() > until:
            raise TimeoutError
        pieces.append(piece)
    if not pieces:
        raise AuthorityDown("its answer is empty")
    if expected is not None and size < expected:
        raise AuthorityDown("its answer broke off")
    return b"".join(pieces)


class _NoRedirect(http.HTTPRedirectHandler):
    """A moved authority is told by a person who changes the setting, not by whoever sits in between."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@lru_cache(maxsize=1)
def _opener() -> http.OpenerDirector:
    return http.build_opener(_NoRedirect)


@lru_cache(maxsize=8)
def _parsed(text: str, beside: Path) -> tuple[Authority, ...]:
    try:
        listed = json.loads(text)
    except ValueError as error:
        raise AuthoritiesUnreadable("HABEAS_TIME_AUTHORITIES: not JSON") from error
    if not isinstance(listed, list):
        raise AuthoritiesUnreadable("HABEAS_TIME_AUTHORITIES: must be a list of authorities")
    found = tuple(_authority(entry, number, beside) for number, entry in enumerate(listed, 1))
    if len({authority.name for authority in found}) != len(found):
        raise AuthoritiesUnreadable("HABEAS_TIME_AUTHORITIES: two authorities have the same name")
    return found


def _read(text: str, beside: Path) -> list[Authority]:
    return list(_parsed(text, beside))


def _authority(entry: object, number: int, beside: Path) -> Authority:
    where = f"HABEAS_TIME_AUTHORITIES: authority {number}"
    fields = ("name", "url", "roots")
    if not isinstance(entry, dict) or any(
        not isinstance(entry.get(field), str) or not entry[field] for field in fields
    ):
        raise AuthoritiesUnreadable(f"{where}: needs name, url and roots, each a text")
    longest = Stamp._meta.get_field("authority").max_length
    if len(entry["name"]) > longest:
        raise AuthoritiesUnreadable(f"{where}: its name is longer than {longest} characters")
    address = urlsplit(entry["url"])
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise AuthoritiesUnreadable(f"{where}: its url must begin with https:// or http://")
    return Authority(entry["name"], entry["url"], (beside / entry["roots"]).resolve())

"""What happens when a page is captured: it is fetched, sealed, held against the capture before, and its state follows.

A caseworker asks for it, or a watch is due -> a worker captures the page -> the capture is sealed with its custody and
time-stamps -> what changed since the last one is stated, and the posting is live, gone, changed or back.
Of material that nobody may hold, only hashes and place are written down.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from habeas.cases import actions as cases
from habeas.cases import queries
from habeas.evidence import actions as evidence
from habeas.evidence import queries as evidence_queries
from habeas.evidence import watching
from habeas.evidence.actions import Reason
from habeas.journey.scratch import scratch
from habeas.kernel import clock
from habeas.store import actions as store

if TYPE_CHECKING:
    from habeas.access.models import Person
    from habeas.cases.models import Case, Posting
    from habeas.evidence.capture import Capture
    from habeas.evidence.models import Item

CAPTURE = "evidence.capture"
WATCH = "evidence.watch"
INTIMATE = "data.intimate_image"


@transaction.atomic
def ask_for_capture(case: Case, posting_id: int, reason: Reason, *, hash_only: bool, by: Person) -> None:
    """Write down that a page is to be captured; a worker does it within seconds."""
    at = clock.now()
    posting = queries.posting_of(case, posting_id)
    evidence.allow_capture(posting, reason, by=by, at=at)
    payload = {"posting_id": posting.pk, "by": str(by.pk), "purpose": reason.purpose, "basis": reason.basis}
    store.enqueue(CAPTURE, {**payload, "hash_only": hash_only}, at=at)


def capture_posting(posting_id: int, by: str, purpose: str, basis: str, hash_only: bool = False) -> None:
    """Capture the page of a posting now. Done again, it is another capture: pages change."""
    posting = queries.posting(posting_id)
    if posting.case.key.wrapped is None:
        return  # erased since it was asked for
    capture_now(posting, Reason(purpose, basis), by=by, hash_only=hash_only)


def capture_now(posting: Posting, reason: Reason, *, by: object, hash_only: bool = False) -> Item:
    """Capture, seal, compare. Raises what ``capture_page`` raises where nothing at all could be captured."""
    from habeas.evidence.capture import CaptureSettings, capture_page

    case = posting.case
    link = queries.link_of(case, posting)
    only_hashes = hash_only or _nobody_may_hold_it(case)
    with scratch() as folder:
        taken = capture_page(
            link, CaptureSettings(hash_only=only_hashes, allow_private=settings.HABEAS_CAPTURE_ALLOW), folder
        )
        at = clock.now()
        with transaction.atomic():
            case = cases.hold(case)
            # Asked for by page, as what is known by its hashes only does not name the capture before it.
            before = evidence_queries.latest_capture(posting)
            item = _sealed(posting, taken, reason, by=by, at=at, hash_only=only_hashes)
            _follow(posting, item, before, by=by, at=at)
    return item


def watch_due(watch_id: int, run_at: str) -> None:
    """One round of a watch: capture, then write down the next round, until its end. Safe to do again."""
    watch = watching.find(watch_id)
    if watch is None or watch.next_at != datetime.fromisoformat(run_at):
        return  # ended or moved on since this round was written down
    try:
        capture_now(watch.posting, Reason("preserve", "legal_claim"), by="watch")
    except OSError:
        watching.next_round(watch, made=False, at=clock.now())
        raise
    watching.next_round(watch, made=True, at=clock.now())


def _nobody_may_hold_it(case: Case) -> bool:
    known = queries.known_in(case).get(INTIMATE)
    return known is not None and known.truth is True


def _sealed(posting: Posting, taken: Capture, reason: Reason, *, by: object, at: datetime, hash_only: bool) -> Item:
    details = taken.details()
    name = f"{posting.host or 'page'}-{taken.started_at:%Y%m%d-%H%M%S}.wacz"
    if hash_only or taken.wacz is None:
        hashes = evidence_queries.Hashes(taken.sha256, taken.sha512)
        return evidence.note_place(
            posting.case,
            name,
            "application/wacz",
            hashes,
            taken.size_bytes,
            details=details,
            reason=reason,
            by=by,
            at=at,
            posting=posting,
            acquired_at=taken.started_at,
        )
    return evidence.seal_capture(
        posting,
        name,
        taken.wacz,
        details=details,
        acquired_at=taken.started_at,
        reason=reason,
        by=by,
        at=at,
    )


def _follow(posting: Posting, item: Item, before: Item | None, *, by: object, at: datetime) -> None:
    """The state of the posting follows from this capture and the one before."""
    from habeas.evidence.core.page_difference import judge_page, look_from_details

    known = evidence_queries.details_of(before) if before else None
    seen: dict[str, Any] = evidence_queries.details_of(item)
    judged = judge_page(look_from_details(known) if known else None, look_from_details(seen))
    cases.note_state(posting, judged.state, by=by, at=at)

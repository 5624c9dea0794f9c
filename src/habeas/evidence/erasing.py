"""Legal holds, and erasure with proof.

Erasing a case destroys its key: whatever was sealed under it, here or in any copy of the database or store, opens for
nobody. What stood in clear beside it is blanked. The ledger goes on verifying, because it never held more than ids and
commitments; and it says who erased what, when and why.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from habeas.access import actions as access
from habeas.access.models import Person
from habeas.cases import actions as cases
from habeas.cases.models import Case
from habeas.evidence import actions, queries, store
from habeas.evidence.actions import Reason
from habeas.evidence.models import CustodyEvent, Erasure, HandOver, Hold, MarkedCopy, Watch
from habeas.ledger import actions as ledger
from habeas.store import actions as work

REMOVE_FILES = "evidence.remove_files"


class HeldBack(RuntimeError):
    """Something forbids to erase: a legal hold, a clock that still runs, or nobody has asked for what was passed on."""


class NotErased(LookupError):
    """The case was not erased; there is nothing to certify."""


@transaction.atomic
def place_hold(case: Case, basis: str, asked_by: str, *, until: date | None = None, by: Person, at: datetime) -> Hold:
    """Forbid to erase a case. ``asked_by``: the authority or court, never a person's name."""
    access.require(by, "place_hold")
    case = cases.hold(case)
    hold = Hold.objects.create(
        case=case, basis=basis[:200], asked_by=asked_by[:200], until=until, placed_by=by, placed_at=at
    )
    ledger.append(
        "hold.placed", by=by.pk, at=at, case=case.pk, hold=hold.pk, until=until.isoformat() if until else None
    )
    return hold


@transaction.atomic
def lift_hold(hold: Hold, because: str, *, by: Person, at: datetime) -> Hold:
    """End a duty to keep. Whoever placed it may lift it too: the reason is what is asked for later."""
    access.require(by, "lift_hold")
    cases.hold(hold.case)
    hold = Hold.objects.select_for_update().get(pk=hold.pk)
    if hold.lifted_at is not None:
        raise HeldBack(f"the hold was lifted on {hold.lifted_at:%Y-%m-%d}; nothing changed")
    hold.lifted_by, hold.lifted_at, hold.lifted_because = by, at, because[:200]
    hold.save(update_fields=["lifted_by", "lifted_at", "lifted_because"])
    ledger.append("hold.lifted", by=by.pk, at=at, case=hold.case_id, hold=hold.pk)
    return hold


@transaction.atomic
def erase(
    case: Case, basis: str, also: dict[str, int], reasons_to_keep: Sequence[str], *, by: Person | None, at: datetime
) -> Erasure:
    """Destroy the key of a case and certify what that covers.

    basis:           on what ground, a code of ``core/custody.py``
    also:            what other subjects erased in the same transaction, with counts
    reasons_to_keep: sentences of other subjects on what still needs the case; where there is one, nothing happens
    by:              null where its time of retention was up
    Raises HeldBack, NotAllowed.
    """
    if by is not None:
        access.require(by, "erase_case")
    case = cases.hold(case)
    if case.key.wrapped is None:
        raise HeldBack(f"{case} was erased on {case.key.destroyed_at:%Y-%m-%d}")
    forbidding = [*_holds(case, at), *reasons_to_keep, *under_way(case)]
    if forbidding:
        raise HeldBack(f"{case} cannot be erased: " + "; ".join(forbidding))
    names = [*case.items.exclude(stored_as="").values_list("stored_as", flat=True)]
    names += case.handovers.values_list("stored_as", flat=True)
    certificate = _certificate(case, names, also, at)
    _blank(case)
    version = case.key.house_key_version
    case.key.wrapped, case.key.destroyed_at = None, at
    case.key.save(update_fields=["wrapped", "destroyed_at"])
    case.state = Case.State.CLOSED
    case.save(update_fields=["state"])
    event = actions.record(
        case,
        CustodyEvent.Kind.KEY_DESTROYED,
        Reason("erase", basis),
        by=by or "retention",
        at=at,
        items=len(names),
        house_key_version=version,
    )
    # The files hold nothing anybody can open any more. They go once the database stands, and a job sees to it that
    # they go even where this process dies first.
    work.enqueue(REMOVE_FILES, {"names": names}, at=at, key=f"erase/{case.pk}")
    return Erasure.objects.create(
        case=case, basis=basis, by=by, at=at, certificate=certificate, ledger_index=event.ledger_index
    )


def remove_files(names: list[str]) -> None:
    """Take sealed files out of the store. Safe to do again."""
    for name in names:
        if not queries.is_stored_for_any(name):
            store.delete(settings.HABEAS_EVIDENCE, name)


def certificate_of(case: Case) -> dict[str, Any]:
    """What was erased, what remains and who confirmed, as it stands now. Raises NotErased."""
    erasure = Erasure.objects.filter(case=case).first()
    if erasure is None:
        raise NotErased(f"{case} was not erased")
    versions = queries.house_key_versions()
    certificate = dict(erasure.certificate)
    oldest = min(versions) if versions else None
    gone = oldest is not None and oldest > certificate["house_key_version"]
    certificate |= {
        "ledger_index": erasure.ledger_index,
        "copies_with_others": [_copy_held(handover) for handover in case.handovers.exclude(answered_at=None)],
        "backups": (
            "Copies of the database made before the erasure cannot be opened for this case either: the house key that "
            f"wrapped it (version {certificate['house_key_version']}) was destroyed."
            if gone
            else "A copy of the database made before the erasure still opens with the house key of version "
            f"{certificate['house_key_version']}. It ends when such copies are gone or that version is destroyed "
            "(`habeas keys rotate`, then `habeas keys forget`)."
        ),
    }
    return certificate


def _holds(case: Case, at: datetime) -> list[str]:
    return [
        f"a hold for {hold.asked_by} stands since {hold.placed_at:%Y-%m-%d}"
        + (f" until {hold.until:%Y-%m-%d}" if hold.until else "")
        for hold in queries.holds_on(case, on=at.date())
    ]


def under_way(case: Case) -> list[str]:
    """Sentences on hand-overs that need the case; empty where none does."""
    open_states = [HandOver.State.OFFERED, HandOver.State.ACCEPTED]
    count = case.handovers.filter(state__in=open_states).count()
    return [f"{count} hand-over(s) are under way; complete or recall them first"] if count else []


def _certificate(case: Case, names: list[str], also: dict[str, int], at: datetime) -> dict[str, Any]:
    return {
        "case": str(case.pk),
        "erased_at": at.isoformat(),
        "house_key_version": case.key.house_key_version,
        "erased": {
            "reports": case.reports.count(),
            "sealed items": case.items.count(),
            "stored files": len(names),
            "people": case.parties.count(),
            "links": case.postings.count(),
            **also,
        },
        "remains": [
            "entries of the ledger: ids, times, codes and salted commitments, which say nothing without the key",
            "the reference, dates, state and severity of the case, for counting",
            "which facts were true, false or unknown, and what the law said of them, without the words typed beside",
        ],
    }


def _copy_held(handover: HandOver) -> dict[str, Any]:
    confirmed = handover.state == HandOver.State.RETURNED
    return {
        "recipient": handover.recipient,
        "received_at": handover.received_at.isoformat() if handover.received_at else None,
        "asked_to_delete": handover.state in {HandOver.State.RECALLED, HandOver.State.RETURNED},
        "confirmed": confirmed,
    }


def _blank(case: Case) -> None:
    """What stood in clear and could lead to somebody, gone from the rows that stay for counting."""
    for posting in case.postings.all():
        posting.host, posting.link_sealed, posting.link_digest = "", b"", secrets.token_bytes(32)
        posting.save(update_fields=["host", "link_sealed", "link_digest"])
    case.statements.update(basis="")
    case.ties, case.wishes = {}, []
    case.save(update_fields=["ties", "wishes"])
    case.stamps.exclude(state="stamped").delete()
    Watch.objects.filter(posting__case=case).delete()
    MarkedCopy.objects.filter(case=case).update(seed_sealed=b"", sha256="")

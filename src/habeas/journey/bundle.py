"""What happens when evidence leaves the house: it is gathered, proved, logged, encrypted and only then given out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from habeas.evidence import handing_over
from habeas.evidence import queries as evidence
from habeas.journey.scratch import scratch
from habeas.kernel import clock

if TYPE_CHECKING:
    from habeas.access.models import Person
    from habeas.cases.models import Case
    from habeas.evidence.actions import Reason
    from habeas.evidence.models import HandOver, Item

FEWEST_DAYS, MOST_DAYS = 10, 45


class NothingToPassOn(ValueError):
    """No item was chosen, or one that is not of this case; or the package would not be there long enough."""


def export(
    case: Case, item_ids: Sequence[str], reason: Reason, into: Path, *, by: Person, audience: str = "court"
) -> Path:
    """Write a bundle into a new folder, in clear. Raises NothingToPassOn, ItemDamaged, KeyDestroyed."""
    from habeas.evidence import bundling

    return bundling.make(case, _chosen(case, item_ids), reason, into, by=by, audience=audience, at=clock.now())


def export_encrypted(
    case: Case,
    item_ids: Sequence[str],
    reason: Reason,
    recipients: Sequence[str],
    *,
    by: Person,
    audience: str = "court",
) -> bytes:
    """A bundle as a tar, encrypted with age to each recipient. Raises as ``export``, BadRecipient."""
    from habeas.evidence import bundling

    for recipient in recipients:
        handing_over.read_age(recipient)
    with scratch() as folder:
        made = export(case, item_ids, reason, folder / case.reference, by=by, audience=audience)
        return bundling.encrypted(made, recipients)


def offer(
    case: Case,
    item_ids: Sequence[str],
    recipient: handing_over.Recipient,
    conditions: str,
    reason: Reason,
    *,
    days: int,
    by: Person,
    audience: str = "court",
) -> HandOver:
    """Offer a bundle with conditions: encrypted to a key that the recipient gets once they have signed.

    days: for how long it is available (10 to 45: Implementing Regulation (EU) 2025/1550, point 3.3.3)
    """
    if not FEWEST_DAYS <= days <= MOST_DAYS:
        raise NothingToPassOn(f"a package is available for {FEWEST_DAYS} to {MOST_DAYS} days, not {days}")
    if not conditions.strip():
        raise NothingToPassOn("say on what conditions it is handed over; the recipient signs these words")
    import pyrage

    from habeas.evidence import bundling

    items = _chosen(case, item_ids)
    one_time = pyrage.x25519.Identity.generate()
    handover_id, at = uuid4(), clock.now()
    with scratch() as folder:
        made = bundling.make(case, items, reason, folder / case.reference, by=by, audience=audience, at=at)
        package = bundling.encrypted(made, [str(one_time.to_public())])
        until = at + timedelta(days=days)
        manifest = bundling.manifest_of(
            package,
            sender=_sender(by),
            recipient=recipient.name,
            reference=case.reference,
            handover=handover_id,
            until=until,
            at=at,
        )
    return handing_over.offer(
        case,
        handover_id,
        recipient,
        items,
        package,
        str(one_time),
        conditions=conditions,
        manifest=manifest,
        reason=reason,
        available_until=until,
        by=by,
        at=at,
    )


def _sender(by: Person) -> str:
    return by.organisation.name if by.organisation else "Habeas"


def _chosen(case: Case, item_ids: Sequence[str]) -> list[Item]:
    """The items in the order of their sealing, whatever order they were chosen in."""
    wanted = set(item_ids)
    items = [item for item, _ in evidence.items_of(case) if str(item.pk) in wanted]
    if not wanted or len(items) != len(wanted):
        raise NothingToPassOn("choose at least one item of this case")
    return items

"""Reading what is sealed, for those who were let in before, and what is known of it."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Min

from habeas.access import keys
from habeas.cases.models import Case, Posting
from habeas.evidence import store
from habeas.evidence.core.custody import Step, gaps
from habeas.evidence.models import CustodyEvent, HandOver, Hold, Item


class NotHeld(LookupError):
    """Of this item only hashes and place are held, because nobody may hold the content."""


class Hashes(NamedTuple):
    """Of an original, in hex."""

    sha256: str
    sha512: str


def items_of(case: Case) -> list[tuple[Item, str]]:
    """The items of a case in the order of their sealing, each with its name.

    What came with one report was sealed at one instant: the order of custody tells which was first.
    """
    items = case.items.select_related("case__key").annotate(entered=Min("custody__pk"))
    return [(item, name_of(item)) for item in items.order_by("entered", "pk")]


def item_of(case: Case, item_id: object) -> Item:
    """Raises Item.DoesNotExist."""
    return case.items.select_related("case__key", "posting").get(pk=item_id)


def name_of(item: Item) -> str:
    return keys.unseal(item.case.key, item.name_sealed, f"item-name/{item.pk}").decode()


def hashes_of(item: Item) -> Hashes:
    """The hashes of the original. Raises KeyDestroyed."""
    opened = json.loads(keys.unseal(item.case.key, item.hashes_sealed, f"item-hashes/{item.pk}"))
    return Hashes(opened["sha256"], opened["sha512"])


def details_of(item: Item) -> dict[str, Any]:
    """How the item was acquired; empty for what was handed in without a word. Raises KeyDestroyed."""
    if item.details_sealed is None:
        return {}
    opened: dict[str, Any] = json.loads(keys.unseal(item.case.key, item.details_sealed, f"item-details/{item.pk}"))
    return opened


def salt_of(item: Item) -> bytes:
    """What the item's commitment is salted with. Raises KeyDestroyed."""
    return keys.salt_of(item.case.key, f"item-commitment/{item.pk}")


def content_of(item: Item) -> bytes:
    """The original bytes, for programs; people come through ``actions.read``.

    Raises NotHeld, ItemDamaged, CannotOpen, KeyDestroyed.
    """
    if not item.stored_as:
        raise NotHeld(f"{item} is known by its hashes and its place only: nobody may hold its content")
    sealed = store.get(settings.HABEAS_EVIDENCE, item.stored_as)
    return keys.unseal(item.case.key, sealed, f"item/{item.pk}")


def latest_capture(posting: Posting) -> Item | None:
    """The newest capture of a page, or None where there is none yet."""
    return posting.items.filter(kind=Item.Kind.PAGE).order_by("-sealed_at", "-pk").first()


def custody_of(case: Case) -> list[CustodyEvent]:
    """Who did what with the items of a case, oldest first."""
    return list(case.custody.select_related("item", "handover").order_by("ledger_index"))


def custody_gaps(events: list[CustodyEvent]) -> list[str]:
    """Sentences on what the chain of custody lacks."""
    return gaps(
        [
            Step(number, event.kind, str(event.item_id or ""), str(event.handover_id or ""), event.at)
            for number, event in enumerate(events, 1)
        ]
    )


def holds_on(case: Case, *, on: Any = None) -> list[Hold]:
    """The duties to keep that stand.

    on: the day that is asked about; a hold that ended before it does not stand
    """
    standing = case.holds.filter(lifted_at=None).order_by("pk")
    return [hold for hold in standing if hold.until is None or on is None or hold.until >= on]


def is_stored_for_any(name: str) -> bool:
    """Whether a case whose key stands still needs a stored file."""
    living = {"case__key__wrapped__isnull": False, "stored_as": name}
    return Item.objects.filter(**living).exists() or HandOver.objects.filter(**living).exists()


def house_key_versions() -> set[int]:
    """The versions of the house key that are there."""
    return keys.versions()


def seals_damaged(case: Case) -> list[str]:
    """Sentences on the items of a case whose stored bytes are missing or changed."""
    found = []
    for item in case.items.exclude(stored_as=""):
        try:
            store.get(settings.HABEAS_EVIDENCE, item.stored_as)
        except store.ItemDamaged as trouble:
            found.append(f"{item}: {trouble}")
    return found

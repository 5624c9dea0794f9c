from __future__ import annotations

from pathlib import Path

from django.conf import settings

from habeas.access import keys
from habeas.cases.models import Case
from habeas.evidence import store
from habeas.evidence.models import Item


def items_of(case: Case) -> list[tuple[Item, str]]:
    """The items of a case, each with its name."""
    return [(item, name_of(item)) for item in case.items.select_related("case__key")]


def name_of(item: Item) -> str:
    return keys.unseal(item.case.key, item.name_sealed, f"item-name/{item.pk}").decode()


def content_of(item: Item) -> bytes:
    """The original bytes. Raises ItemDamaged, CannotOpen, KeyDestroyed."""
    sealed = store.get(Path(settings.HABEAS_EVIDENCE), item.stored_as)
    return keys.unseal(item.case.key, sealed, f"item/{item.pk}")

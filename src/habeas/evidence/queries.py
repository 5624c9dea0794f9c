"""Reading what is sealed, for those who were let in before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from habeas.access import keys
from habeas.cases.models import Case
from habeas.evidence import store
from habeas.evidence.models import Item


class Hashes(NamedTuple):
    """Of an original, in hex."""

    sha256: str
    sha512: str


def items_of(case: Case) -> list[tuple[Item, str]]:
    """The items of a case, each with its name."""
    return [(item, name_of(item)) for item in case.items.select_related("case__key")]


def name_of(item: Item) -> str:
    return keys.unseal(item.case.key, item.name_sealed, f"item-name/{item.pk}").decode()


def hashes_of(item: Item) -> Hashes:
    """The hashes of the original. Raises KeyDestroyed."""
    opened = json.loads(keys.unseal(item.case.key, item.hashes_sealed, f"item-hashes/{item.pk}"))
    return Hashes(opened["sha256"], opened["sha512"])


def content_of(item: Item) -> bytes:
    """The original bytes. Raises ItemDamaged, CannotOpen, KeyDestroyed."""
    sealed = store.get(Path(settings.HABEAS_EVIDENCE), item.stored_as)
    return keys.unseal(item.case.key, sealed, f"item/{item.pk}")

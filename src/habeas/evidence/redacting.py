"""The trees of redaction: an original cut into salted units under one root, which is logged and time-stamped.

An item is cut once for each kind of unit. Every redacted copy of it opens other units of the same tree, so all of them
lead to the one root that was stamped, and two copies beside each other cannot tell more than both together show.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction

from habeas.access import keys
from habeas.access.models import Person
from habeas.cases import actions as cases
from habeas.evidence import timestamping
from habeas.evidence.core.redaction import RedactionTree, salts_from, tree_of
from habeas.evidence.models import Item, Redaction
from habeas.ledger import actions as ledger


class OriginalDiffers(RuntimeError):
    """What is to be cut does not lead to the root that was logged for the item. Nothing was changed."""


@transaction.atomic
def root_of(
    item: Item, unit: str, values: Sequence[bytes], *, by: object, at: datetime
) -> tuple[Redaction, RedactionTree]:
    """The tree of an item over one kind of unit: made, logged and stamped once, and ever after the same.

    unit:   line, field or region
    values: the bytes of each unit, in order; where the item was cut before, they are cut again as they were then
    Raises OriginalDiffers, KeyDestroyed, and ValueError for an unknown kind of unit or too many units.
    """
    case = cases.hold(item.case)
    found = Redaction.objects.filter(item=item, unit=unit).first()
    if found is not None:
        return found, _again(item, found, b"".join(values))
    secret = keys.salt_of(case.key, f"redaction/{item.pk}/{unit}")
    tree = tree_of(str(item.pk), unit, values, salts_from(secret, len(values)))
    made = Redaction(item=item, unit=unit, root=tree.root, made_at=at)
    made.leaves_sealed = keys.seal(case.key, _leaves(tree), f"redaction-leaves/{made.pk}")
    made.save()
    who = by.pk if isinstance(by, Person) else by
    ledger.append(
        "redaction.rooted", by=who, at=at, case=case.pk, item=item.pk, redaction=made.pk, root=tree.root.hex()
    )
    timestamping.want_stamps(case, f"redaction/{made.pk}", tree.root, item=item, at=at)
    return made, tree


def _leaves(tree: RedactionTree) -> str:
    """Length and salt of every leaf. The values are not kept twice: the original has them."""
    leaves = [[len(value), salt.hex()] for value, salt in zip(tree.values, tree.salts, strict=True)]
    return json.dumps({"version": 1, "leaves": leaves}, separators=(",", ":"))


def _again(item: Item, found: Redaction, original: bytes) -> RedactionTree:
    """The tree as it was made, from the same bytes."""
    kept = json.loads(keys.unseal(item.case.key, found.leaves_sealed, f"redaction-leaves/{found.pk}"))["leaves"]
    tree = tree_of(
        str(item.pk), found.unit, list(_cut(original, [size for size, _ in kept])), [bytes.fromhex(s) for _, s in kept]
    )
    if sum(size for size, _ in kept) != len(original) or tree.root != bytes(found.root):
        raise OriginalDiffers(
            f"{found}: what is cut now is not what was logged; for a picture, another version of the library that "
            "decodes it may be at work. Show the item whole, or redact it where it was redacted before"
        )
    return tree


def _cut(whole: bytes, sizes: Sequence[int]) -> Iterator[bytes]:
    start = 0
    for size in sizes:
        yield whole[start : start + size]
        start += size

"""What happens with traceable copies: one is made for a recipient; one day a leak is held against all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from habeas.evidence import copying
from habeas.exposure.core.documents import recognise
from habeas.kernel import clock

if TYPE_CHECKING:
    from habeas.access.models import Person
    from habeas.evidence.actions import Reason
    from habeas.evidence.models import Item


def mark(item: Item, recipient: str, reason: Reason, *, by: Person) -> copying.Marked:
    """A copy of an item with marks of its own. Raises CannotMark, NotHeld, NotAllowed."""
    return copying.mark(item, recipient, reason, by=by, at=clock.now())


def trace(leaked: bytes, name: str, *, by: Person) -> copying.Traced:
    """Which copy a leaked file was made from. Raises NothingToTrace, CannotTrace, NotAllowed."""
    return copying.trace(leaked, recognise(leaked, name), by=by, at=clock.now())

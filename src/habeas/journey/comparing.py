"""What happens when two organisations captured one page: keyed digests go across, never what either saw.

They agree on a key for one case, by another way than the digests -> each writes the digests of its capture -> whoever
has both files says how much is the same. Who has the digests without the key cannot guess what they are of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from habeas.evidence import actions
from habeas.evidence.core.block_digests import compare, export_json, import_json
from habeas.evidence.core.page_difference import shared_digests
from habeas.evidence.core.wacz import PackageFails, check_package
from habeas.kernel import clock

if TYPE_CHECKING:
    from habeas.access.models import Person
    from habeas.evidence.actions import Reason
    from habeas.evidence.core.block_digests import Counts
    from habeas.evidence.models import Item

WORDS = {"text": "paragraphs", "author": "authors", "time": "times", "media": "pictures and other media"}


class NoCapture(ValueError):
    """The item is no captured page, or one whose package does not hold together."""


def digests_of(item: Item, key: bytes, reason: Reason, *, by: Person) -> bytes:
    """The keyed digests of a captured page, as the file that is sent. Reading the capture is logged.

    key: at least 32 bytes. Raises NoCapture, ValueError for a short key, and as ``evidence.actions.read``.
    """
    if item.media_type != "application/wacz":
        raise NoCapture(f"{item} is no captured page: only captures of pages compare by digests")
    content = actions.read(item, reason, by=by, at=clock.now())
    try:
        pages = check_package(content).pages
    except PackageFails as fault:
        raise NoCapture(f"{item}: {fault}") from None
    if not pages:
        raise NoCapture(f"{item} holds no page that was read")
    return export_json(shared_digests(pages[0], key))


def compared(ours: bytes, theirs: bytes) -> dict[str, Counts]:
    """How much of two captures is the same, by kind. Raises NotComparable."""
    return dict(compare(import_json(ours), import_json(theirs)))


def sentences(found: dict[str, Counts]) -> list[str]:
    """The comparison in words."""
    said = []
    for kind, counts in found.items():
        total = counts.same + counts.only_ours + counts.only_theirs
        if total:
            said.append(
                f"{counts.same} of {total} {WORDS[kind]} are the same; {counts.only_ours} only in the first capture, "
                f"{counts.only_theirs} only in the second."
            )
    return said or ["Neither capture holds anything that compares."]

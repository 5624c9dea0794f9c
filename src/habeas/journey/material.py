"""What happens to one item of a case: it is read, scanned, held against what is known, and made known itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from habeas.cases import actions as cases
from habeas.cases import queries
from habeas.evidence import queries as evidence_queries
from habeas.exposure import actions as exposure
from habeas.exposure import queries as exposure_queries
from habeas.exposure.core.documents import UnreadableFile, read_document
from habeas.exposure.core.known.identifiers import Identifier, identifiers
from habeas.exposure.core.scan import scan
from habeas.journey.examine import known_from, regions_of
from habeas.kernel import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from habeas.cases.models import Case
    from habeas.evidence.models import Item
    from habeas.exposure.core.photo_match import PhotoSketch


def examine_item(case: Case, item: Item, name: str, target_names: Sequence[str]) -> None:
    """Safe to do again: what was said of the item before is replaced."""
    source, at, content = str(item.pk), clock.now(), evidence_queries.content_of(item)
    seen = _Seen(*pictures_of(item.media_type, content), photos_of(item.media_type, content))
    try:
        document = read_document(content, name)
    except UnreadableFile as trouble:
        exposure.record_trouble(case, source, item.media_type, trouble, at=at)
        if seen.bits or seen.photos:
            # A picture without a word in it is known again by what it shows.
            _recognise(case, source, "", frozenset(), seen)
        return
    found = scan(
        document.text, regions=regions_of(queries.ties_of(case)), today=clock.today(), target_names=target_names
    )
    with transaction.atomic():
        cases.hold(case)
        exposure.record_scan(case, source, document, found, at=at)
        cases.record_statements(case, known_from(found.indications), at=at)
    _recognise(case, source, document.text, identifiers(found.exposures), seen)


def pictures_of(media_type: str, content: bytes) -> tuple[bytes | None, list[bytes]]:
    """(the perceptual hash of a picture, the hashes to ask for: the picture turned and mirrored every way).

    (None, []) for what is no picture, or shows too little to be told from others.
    """
    if not media_type.startswith("image/"):
        return None, []
    from habeas.exposure.core.pdq import dihedral

    try:
        found = dihedral(content)
    except UnreadableFile:
        return None, []
    if not found.original.is_telling:
        return None, []
    return found.original.bits, [one.bits for one in found.all()]


def photos_of(media_type: str, content: bytes) -> list[PhotoSketch]:
    """The points of a photo, as it is and mirrored; nothing for what is no picture or mostly text (OCR reads that)."""
    if not media_type.startswith("image/"):
        return []
    from habeas.exposure.core.photo_match import sketch

    try:
        found = [sketch(content), sketch(content, mirrored=True)]
    except UnreadableFile:
        return []
    return [] if found[0].is_text or not len(found[0].points) else found


@dataclass(frozen=True, slots=True)
class _Seen:
    """A picture as it is registered (bits, the first photo) and as it is asked for (turned, all photos)."""

    bits: bytes | None
    turned: list[bytes]
    photos: list[PhotoSketch]


def _recognise(case: Case, source: str, text: str, told: frozenset[Identifier], picture: _Seen) -> None:
    """Hold one item against what is known, then make it known. A closed case that comes back is opened again."""
    at = clock.now()
    for seen in exposure_queries.known_again(text, told, picture.turned, picture.photos, besides=case):
        # One case at a time: two that hold each other's would wait for ever.
        with transaction.atomic():
            before = cases.hold(seen.case)
            if exposure.record_sighting(seen, case, source, at=at):
                cases.reopen(before, cause="material came back", by="scan", at=at)
    with transaction.atomic():
        cases.hold(case)
        photo = picture.photos[0] if picture.photos else None
        exposure.register_known(case, source, text, told, picture.bits, photo, at=at)

"""What happens when material comes back: it is recognised, its case re-opened, and a person says whether it is so.

A report is examined -> each item is held against the registry of known doxes -> the case it repeats gets a sighting
and, if it was closed, is opened again -> a caseworker confirms or dismisses -> where confirmed, the places it was
reported at count as places of the old case too, and its plan follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from habeas.cases import actions as cases
from habeas.cases import queries
from habeas.exposure import actions as exposure
from habeas.exposure import queries as exposure_queries
from habeas.exposure.core.documents import UnreadableFile, read_document, recognise
from habeas.exposure.core.known.identifiers import identifiers
from habeas.exposure.core.scan import scan
from habeas.journey.material import photos_of, pictures_of
from habeas.journey.report import reassess
from habeas.kernel import clock

if TYPE_CHECKING:
    from habeas.access.models import Person
    from habeas.exposure.models import Sighting


def ask(content: bytes, name: str, *, by: Person) -> list[exposure_queries.KnownAgain]:
    """Whether a text or picture is known, for a member who holds one in hand. Nothing of it is kept.

    name: the file's, or "" for a pasted text
    Raises UnreadableFile, AskedTooOften.
    """
    media_type = recognise(content, name)
    pictures, photos = pictures_of(media_type, content)[1], photos_of(media_type, content)
    try:
        text = read_document(content, name or "the text").text
    except UnreadableFile:
        if not pictures and not photos:
            raise
        text = ""
    told = identifiers(scan(text, today=clock.today()).exposures)
    return exposure.ask_registry(text, told, pictures, photos, by=by, at=clock.now())


def in_banks(content: bytes, name: str) -> list[exposure_queries.BankedNear]:
    """What the hash banks of others hold near a picture; nothing for what is no picture."""
    return exposure_queries.banked_near(pictures_of(recognise(content, name), content)[1])


def decide(sighting_id: int, *, same: bool, by: Person) -> Sighting:
    """A caseworker says whether a sighting is the same; if so, the old case gets the new places and a new plan.

    Raises AlreadyDecided.
    """
    with transaction.atomic():
        at = clock.now()
        case = cases.hold(exposure_queries.sighting(sighting_id).case)
        sighting = exposure.decide_sighting(sighting_id, same=same, by=by, at=at)
        if same:
            links = [link for _, link in queries.links_of(sighting.seen_in)]
            cases.mark_back(case, links, by=by, at=at)
            reassess(case, "material came back")
    return sighting

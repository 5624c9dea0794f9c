"""What happens between a planned measure and a letter that can go: facts gathered, words filled, edited, printed.

Facts come from the case each time anew; what people wrote stays. The data of the person affected go in as what must not
show, never as what is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings

from habeas.cases import queries as cases
from habeas.evidence import queries as evidence
from habeas.exposure import queries as exposure
from habeas.journey.verification import postings_of
from habeas.kernel import clock
from habeas.kernel.calendars import NoCalendar
from habeas.law.core import packs
from habeas.platforms import queries as platforms
from habeas.platforms import ways
from habeas.remedies import consents, progress, wording
from habeas.remedies import queries as remedies
from habeas.remedies.core import letters
from habeas.remedies.core.clocks import due_at
from habeas.remedies.core.letter_model import KIND_OF_FACT
from habeas.remedies.core.letter_renewal import renewed, same_ask
from habeas.remedies.core.letters import (
    DeadlineShown,
    EvidenceShown,
    GroundShown,
    Letter,
    LetterFacts,
    PostingShown,
    PreviousShown,
    Withheld,
)
from habeas.remedies.core.model import Ground
from habeas.remedies.core.states import OUT

if TYPE_CHECKING:
    from habeas.access.models import Person
    from habeas.cases.models import Posting
    from habeas.remedies.models import LetterVersion, Measure

MACHINE = "plan"
SENDING = "sending"
# Data of whose it is nothing has to be taken down, nor is it withheld: it is not the person's.
_NOT_THEIRS = frozenset({"author", "organisation"})
# Items whose hash tells nobody anything: a page or a file; a short pasted text could be guessed from it.
_HASHES_SHOWN = frozenset({"page", "screenshot", "file", "email"})
_SHORTEST_WITHHELD = 3


@dataclass(frozen=True, slots=True)
class Written:
    """The letter of a measure as it stands. ``version``: null where only the machine's draft is shown yet."""

    letter: Letter
    version: LetterVersion | None
    language: str
    languages: tuple[str, ...]


def letter_of(measure: Measure, language: str | None = None) -> Written | None:
    """The letter as it stands, or as the machine would draft it now. Null where the remedy has no letter."""
    remedy = measure.planned["remedy"]
    there = letters.languages_of(remedy)
    if not there:
        return None
    last = measure.letters.last()
    if last is not None and language in {None, last.language}:
        return Written(letters.from_data(wording.read(last)), last, last.language, there)
    chosen = language if language in there else language_for(measure, there)
    return Written(_filled(measure, chosen, clock.now()), None, chosen, there)


def language_for(measure: Measure, there: tuple[str, ...]) -> str:
    """A language the addressee reads and the letter exists in; English where none is known."""
    found = platforms.addressee_of(measure)
    reads = list(found.languages) if found else []
    place = packs.jurisdictions().get(measure.planned["addressee"]["jurisdiction"] or "")
    if measure.planned["addressee"]["kind"] in {"court", "regulator", "police", "prosecutor"} and place:
        reads += place.languages
    for tag in reads:
        for known in (tag, tag.partition("-")[0]):
            if known in there:
                return known
    return letters.languages_of(measure.planned["remedy"])[0] if "en" not in there else "en"


def draft(measure: Measure, language: str, *, based_on: int, by: Person | None) -> LetterVersion:
    """Fill the letter from the facts of today; what people edited in this language stays.

    Raises EditedMeanwhile, NotEditable, NoLetter, ShowsPersonalData.
    """
    at = clock.now()
    filled = _filled(measure, language, at)
    written = approved_of(measure)
    if written is not None and written.language == language:
        filled = renewed(letters.from_data(wording.read(written)), filled)
    return wording.save(measure.pk, letters.to_data(filled), language, based_on=based_on, by=by or MACHINE, at=at)


def edit(measure: Measure, number: int, words: str, *, based_on: int, by: Person) -> LetterVersion:
    """Change one paragraph.

    number: of the block, from 1
    Raises EditedMeanwhile, NotEditable, ShowsPersonalData.
    """
    last = measure.letters.get(number=based_on)
    changed = letters.edit(letters.from_data(wording.read(last)), number, words, withheld=list(withheld_in(measure)))
    return wording.save(measure.pk, letters.to_data(changed), last.language, based_on=based_on, by=by, at=clock.now())


def approved_of(measure: Measure) -> LetterVersion | None:
    """The version that people read and approved: what is sent is that one, with the day and the address of sending."""
    return measure.letters.exclude(made_by=SENDING).last()


def sent_of(measure: Measure) -> Letter | None:
    """The letter as it went the last time; a newer draft is nobody's business outside."""
    last = platforms.dispatches_of(measure).filter(state="sent").last()
    return letters.from_data(wording.read(last.letter)) if last is not None else None


def for_today(measure: Measure, version: LetterVersion, *, reply_to: str = "") -> tuple[Letter, bool]:
    """(the letter with today's date and deadline, whether the facts are still those of the version).

    So that a letter that waited does not carry the date of its draft, and no fact changes behind an approval.
    reply_to: where answers to the letter that goes are asked for; empty as in every draft
    """
    approved = letters.from_data(wording.read(version))
    on_its_day = renewed(approved, _filled(measure, version.language, version.made_at))
    today = renewed(approved, _filled(measure, version.language, clock.now(), reply_to))
    return today, same_ask(approved, on_its_day)


def withheld_in(measure: Measure) -> Iterator[Withheld]:
    """What no letter of a case may show: every value that was found about people, and the names it was told."""
    for kind, text in _exposed(measure):
        if len(text.strip()) >= _SHORTEST_WITHHELD and kind != "profile_url":
            yield Withheld(kind, text)
    for party in cases.parties_of(measure.case).values():
        for kind in ("name", "contact"):
            if party.get(kind):
                yield Withheld("name" if kind == "name" else "other", party[kind])


def links_shown(measure: Measure, letter: Letter) -> list[str]:
    """The exact addresses that a letter asks about; none where it does not show them."""
    shown = {each.text for block in letter.blocks for row in block.rows for each in row if each.style == "link"}
    return [link for _, link in _links(measure) if any(link in text for text in shown)]


def _filled(measure: Measure, language: str, at: datetime, reply_to: str = "") -> Letter:
    template = letters.letter_for(measure.planned["remedy"], language)
    return letters.fill(template, letters.words_in(language), _facts(measure, at, reply_to))


def _facts(measure: Measure, at: datetime, reply_to: str) -> LetterFacts:
    case, planned = measure.case, measure.planned
    found = platforms.addressee_of(measure)
    to = planned["addressee"]
    known = cases.known_in(case)
    minor = known.get("subject.minor")
    parties = cases.parties_of(case)
    return LetterFacts(
        reference=measure.reference or "",
        addressee=(found.name if found else to["name"]) or _kind_and_place(to),
        addressee_kind=to["kind"],
        organisation=settings.HABEAS_HOUSE["name"],
        organisation_address=settings.HABEAS_HOUSE["address"],
        organisation_email=settings.HABEAS_HOUSE["email"],
        reply_to=reply_to or ways.answers_to(measure.reference or ""),
        # The helpline writes in its own name: whoever posted it may come to read the letter.
        notifier=settings.HABEAS_HOUSE["name"],
        sent_on=at.date(),
        person=parties.get("target", {}).get("name", ""),
        postings=tuple(_shown(measure, posting, link) for posting, link in _links(measure)),
        grounds=tuple(_grounds(planned)),
        deadline=_deadline(planned, at),
        evidence=tuple(_evidence(measure)),
        previous=tuple(_previous(measure)),
        wishes=frozenset(case.wishes),
        danger=case.danger is True,
        consented=consents.standing_in(case).get(measure.key) is True,
        minor=minor is not None and minor.truth is True,
        ex_parte=bool(planned["ex_parte"]),
        withheld=tuple(withheld_in(measure)),
    )


def _kind_and_place(to: dict[str, str | None]) -> str:
    kind = (to["kind"] or "").replace("_", " ")
    return f"{kind} ({to['jurisdiction']})" if to["jurisdiction"] else kind


def _links(measure: Measure) -> list[tuple[Posting, str]]:
    about = {posting.pk for posting in postings_of(measure)}
    found = cases.links_of(measure.case)
    return [(posting, link) for posting, link in found if posting.pk in about] or found


def _shown(measure: Measure, posting: Posting, link: str) -> PostingShown:
    known = cases.known_in(measure.case)
    seen = {kind for kind, _ in _exposed(measure)}
    # What the words of a page do not show, but somebody said: pictures, recordings, movements.
    told = {kind for fact, kind in KIND_OF_FACT.items() if fact in known and known[fact].truth is True}
    kinds = sorted(seen | told)
    return PostingShown(link, tuple(kinds), posting.reported_at, posting.state)


def _exposed(measure: Measure) -> Iterator[tuple[str, str]]:
    """(kind, text) of all that was found about the person affected and whoever stands beside them."""
    for read in exposure.readings_of(measure.case):
        for found in read.exposures:
            if found.whose not in _NOT_THEIRS:
                yield found.kind, read.text[found.start : found.end]


def _grounds(planned: dict[str, object]) -> Iterator[GroundShown]:
    for one in planned["grounds"]:  # type: ignore[attr-defined]
        ground = Ground(**{**one, "missing": tuple(one["missing"])})
        provision = next(p for p in packs.load_pack(ground.jurisdiction).provisions if p.id == ground.provision)
        yield letters.ground_shown(ground, provision)


def _deadline(planned: dict[str, object], at: datetime) -> DeadlineShown:
    standing = progress.clock_of(planned["clock"])  # type: ignore[arg-type]
    try:
        ends = due_at(standing, at) if standing.starts != "on_order" else None
    except NoCalendar:
        ends = None
    return letters.deadline_shown(standing, ends)


def _evidence(measure: Measure) -> Iterator[EvidenceShown]:
    about = {posting.pk for posting in postings_of(measure)}
    for number, (item, _) in enumerate(evidence.items_of(measure.case), start=1):
        if item.kind in _HASHES_SHOWN and (item.posting_id is None or item.posting_id in about):
            yield EvidenceShown(str(number), evidence.hashes_of(item).sha256, item.sealed_at)


def _previous(measure: Measure) -> Iterator[PreviousShown]:
    """Earlier letters of the case about the same postings, that whoever reads this one should know of."""
    about = {posting.pk for posting in postings_of(measure)}
    for other in remedies.measures_of(measure.case):
        if other.pk == measure.pk or other.state not in OUT or other.sent_at is None:
            continue
        if about & {posting.pk for posting in postings_of(other)}:
            found = platforms.addressee_of(other)
            to = other.planned["addressee"]
            name = (found.name if found else to["name"]) or _kind_and_place(to)
            yield PreviousShown(name, other.sent_at, other.reference or "", _ANSWERS.get(other.state, "unknown"))


_ANSWERS = {
    "acknowledged": "acknowledged",
    "complied": "complied",
    "contested": "complied",
    "partly": "partly",
    "refused": "refused",
}

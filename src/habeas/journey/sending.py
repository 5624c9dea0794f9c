"""What happens when an approved letter goes: what stands in its way is said, it goes once, and what came of it is kept.

A person presses send -> everything that could be wrong is looked at -> the letter gets today's date, an address for
answers and a link of its own -> a worker hands it over -> its clock starts. What a person must file by hand waits for
the proof that they did. A letter that cannot go stops the measure with a sentence and a next step; nothing is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from habeas.access import actions as access
from habeas.journey import answers, report
from habeas.journey import letters as journey_letters
from habeas.kernel import clock
from habeas.platforms import actions as platforms
from habeas.platforms import queries, ways
from habeas.platforms.core.answers import Answered, read_answer
from habeas.platforms.core.dispatch import Attachment, CannotSend, NamedGround, NotReached, Outgoing
from habeas.remedies import consents, progress, wording
from habeas.remedies.core import letters
from habeas.remedies.core.letter_values import CLOSES, OPENS
from habeas.remedies.core.letters import NotFilled, ShowsPersonalData

if TYPE_CHECKING:
    from habeas.access.models import Person
    from habeas.platforms.models import Dispatch, Incoming, Route
    from habeas.remedies.core.letters import Letter
    from habeas.remedies.core.states import Event
    from habeas.remedies.models import LetterVersion, Measure

# Only a letter that goes to whoever acts on it is answered by link.
_ANSWER_BY_LINK = frozenset({"platform", "host", "search_engine", "cdn", "registrar", "data_broker", "archive"})


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What keeps a letter from going: why, and what to do."""

    says: str
    next_step: str


class CannotGo(RuntimeError):
    """The letter stays here. ``obstacles``: all that is in its way; nothing was changed."""

    def __init__(self, obstacles: list[Obstacle]) -> None:
        super().__init__(" ".join(f"{one.says} {one.next_step}" for one in obstacles))
        self.obstacles = obstacles


# ------------------------------------------------------------------------------------------------ what is in its way


def obstacles(measure: Measure) -> list[Obstacle]:
    """All that keeps the letter of an approved measure from going today; empty where it may."""
    found = []
    planned = measure.planned
    if measure.case.withdrawn_at is not None:
        day = f"{measure.case.withdrawn_at:%Y-%m-%d}"
        found.append(Obstacle(f"The person asked us on {day} to stop.", "Send nothing more; write to them first."))
    if measure.state not in {"approved", "stopped"}:
        found.append(Obstacle("This step is not approved.", "Read it, then approve it in the plan."))
    said = consents.standing_in(measure.case).get(measure.key)
    if planned["consent_needed"] and said is not True:
        why = "The person said no to this step." if said is False else "The person has not been asked about this step."
        found.append(Obstacle(why, "Ask them; tell them what it would reveal, and to whom. Note what they say."))
    found += _in_the_law(measure)
    found += _in_the_letter(measure)
    return found


def _in_the_law(measure: Measure) -> list[Obstacle]:
    """What the plan of today says of a measure that people approved on another day."""
    plan = report.judgement_of(measure.case).plan
    today = next((one for one in plan.measures if one.key == measure.key), None)
    if today is None:
        why = next(
            (one.why for one in plan.omissions if one.remedy == measure.planned["remedy"]), "its grounds fell away"
        )
        return [Obstacle(f"The plan no longer holds this step: {why}.", "Read what changed in the plan; withdraw it.")]
    if today.readiness == "needs_exemption_review" and measure.approvals_needed < 2:
        return [Obstacle("An exemption is open since it was approved.", "Take the approval back; two people decide.")]
    if today.readiness in {"needs_facts", "blocked"}:
        return [Obstacle("A fact it stands on is open again.", "Answer the open questions of the case first.")]
    return []


def _in_the_letter(measure: Measure) -> list[Obstacle]:
    last = journey_letters.approved_of(measure)
    if last is None:
        return [Obstacle("No letter has been written.", "Open the letter, read it and save it; then approve the step.")]
    try:
        today, same = journey_letters.for_today(measure, last)
    except ShowsPersonalData as refusal:
        return [Obstacle(str(refusal), "Change the paragraph that shows it.")]
    found = []
    if today.unfilled:
        lacks = ", ".join(name.replace("_", " ") for name in today.unfilled)
        found.append(Obstacle(f"The letter still lacks: {lacks}.", "Add it to the case or to the house's settings."))
    if not same:
        found.append(
            Obstacle(
                "The facts changed since this letter was saved.",
                "Fill it again, read what is different, then approve it.",
            )
        )
    return found


# ------------------------------------------------------------------------------------------------------------- sending


def send(
    measure: Measure, channel: str, route_settings: dict[str, Any], *, route: Route | None, by: Person
) -> Dispatch:
    """Let the letter go by a channel, or wait for a person to file it by hand.

    Raises CannotGo, OnItsWay, NotAllowed.
    """
    access.require(by, "send_measure")
    at = clock.now()
    with transaction.atomic():
        measure = progress.held(measure.pk)
        in_the_way = obstacles(measure)
        approved, by_hand = journey_letters.approved_of(measure), ways.is_by_hand(channel)
        if approved is not None and not in_the_way and not by_hand:
            in_the_way = _in_the_channel(measure, approved, channel, route_settings)
        if approved is None or in_the_way:
            raise CannotGo(in_the_way)
        version = _final(measure, approved)
        return platforms.queue(measure, version, channel, route_settings, route=route, by=by, at=at, by_hand=by_hand)


def _in_the_channel(
    measure: Measure, approved: LetterVersion, channel: str, route_settings: dict[str, Any]
) -> list[Obstacle]:
    today, _ = journey_letters.for_today(measure, approved)
    try:
        needs = ways.channel_for(channel, route_settings).needs(_outgoing(measure, today, key="0" * 32))
    except (CannotSend, ValueError) as refusal:
        return [_obstacle(str(refusal))]
    return [_obstacle(need) for need in needs]


def _final(measure: Measure, approved: LetterVersion) -> LetterVersion:
    """The version that goes: today's date and deadline, an address for answers and a link of its own."""
    at = clock.now()
    door = ""
    if settings.HABEAS_SITE and measure.planned["addressee"]["kind"] in _ANSWER_BY_LINK:
        door = f"{settings.HABEAS_SITE}/partners/n/{platforms.make_door(measure, at=at)}/"
    letter, _ = journey_letters.for_today(measure, approved, reply_to=_reply_to(measure, door))
    last = measure.letters.last()
    return wording.save(
        measure.pk,
        letters.to_data(letter),
        approved.language,
        based_on=last.number if last else 0,
        by=journey_letters.SENDING,
        at=at,
    )


def _reply_to(measure: Measure, door: str) -> str:
    return " · ".join(one for one in (ways.answers_to(measure.reference or ""), door) if one)


def dispatch(dispatch_id: int) -> None:
    """Hand one letter over. Safe to do again: the same key is one act. Raises NotReached to try later."""
    sent = queries.dispatch(dispatch_id)
    measure = sent.measure
    if sent.state != "queued" or measure.case.key.wrapped is None:
        return
    if measure.state not in {"approved", "stopped"}:
        platforms.stop(sent.pk, "The step was taken back before the letter went.", by="worker", at=clock.now())
        return
    tries = platforms.note_try(sent)
    letter = letters.from_data(wording.read(sent.letter))
    try:
        channel = ways.channel_for(sent.channel, queries.settings_of(sent))
        receipt = channel.send(_outgoing(measure, letter, key=sent.key), at=clock.now())
    except (CannotSend, NotFilled) as refusal:
        _stop(sent, _obstacle(str(refusal)))
    except NotReached:
        if tries < platforms.MOST_TRIES:
            raise
        _stop(
            sent,
            Obstacle(f"It could not be handed over in {tries} tries.", "Send it again later, or choose another way."),
        )
    else:
        _settle(sent, receipt.reference, receipt.says, receipt.proof, receipt.proof_type, by="worker")


def note_filed(sent: Dispatch, reference: str, proof: bytes, proof_type: str, *, by: Person) -> Measure | None:
    """A person filed it by hand: the number they were given and a picture of the page prove it. Raises CannotGo."""
    access.require(by, "send_measure")
    if not reference.strip() and not proof:
        raise CannotGo(
            [Obstacle("Nothing shows that it was filed.", "Give the number that was shown, or a picture of the page.")]
        )
    return _settle(sent, reference.strip(), "Filed by hand.", proof, proof_type, by=by.pk)


def take_back(sent: Dispatch, *, by: Person) -> None:
    """Stop a letter that waits to be sent or filed; the measure stays approved."""
    access.require(by, "send_measure")
    platforms.stop(sent.pk, "Taken back before it went.", by=by, at=clock.now())


def _settle(sent: Dispatch, reference: str, says: str, proof: bytes, proof_type: str, *, by: object) -> Measure | None:
    at = clock.now()
    with transaction.atomic():
        progress.held(sent.measure_id)
        settled = platforms.settle(
            sent.pk, reference=reference, says=says, proof=proof, proof_type=proof_type, by=by, at=at
        )
        return progress.note_sent(sent.measure_id, by=by, at=at) if settled is not None else None


def _stop(sent: Dispatch, obstacle: Obstacle) -> None:
    at = clock.now()
    with transaction.atomic():
        progress.held(sent.measure_id)
        platforms.stop(sent.pk, obstacle.says, by="worker", at=at)
        progress.stop(sent.measure_id, obstacle.says, obstacle.next_step, by="worker", at=at)


def _obstacle(sentences: str) -> Obstacle:
    """The first sentence says why, the rest what to do."""
    says, stop, rest = sentences.partition(". ")
    return Obstacle(says + "." if stop else says, rest or "Choose another way in the directory, or file it by hand.")


def _outgoing(measure: Measure, letter: Letter, *, key: str) -> Outgoing:
    from habeas.remedies.typesetting import letter_pdf

    grounds = tuple(
        NamedGround(ground["provision"], ground["citation"], ground["jurisdiction"])
        for ground in measure.planned["grounds"]
    )
    reference = measure.reference or ""
    pdf = letter_pdf(letter, at=clock.now().replace(microsecond=0))
    return Outgoing(
        key=key,
        measure=reference,
        subject=_bare(letter.subject),
        text=letters.text(letter),
        language=letter.language,
        attachments=(Attachment(f"{reference}.pdf", "application/pdf", pdf),),
        links=tuple(journey_letters.links_shown(measure, letter)),
        grounds=grounds,
        reply_to=ways.answers_to(reference),
    )


def _bare(text: str) -> str:
    return text.replace(OPENS, "").replace(CLOSES, "")


# --------------------------------------------------------------------------------------------------- what comes back


def take_in(raw: bytes, *, channel: str = "email") -> Incoming:
    """Keep a message that came in; a bounce stops its measure, an answer waits for a person. Safe to do again."""
    at = clock.now()
    said = read_answer(raw, ways.mail_secret(), ways.mail_domain())
    with transaction.atomic():
        sent = next((found for one in said.message_ids if (found := queries.dispatch_by_reference(one))), None)
        measure = queries.measure_by_reference(said.measure or "") or (sent.measure if sent else None)
        if measure is not None:
            measure = progress.held(measure.pk)
        kept, new = platforms.take_in(
            raw, channel=channel, kind=said.kind, likely=said.likely, measure=measure, by="mail", at=at
        )
        if new and measure is not None:
            _follow(said, measure, sent, kept)
    return kept


def _follow(said: Answered, measure: Measure, sent: Dispatch | None, kept: Incoming) -> None:
    at = clock.now()
    if said.kind == "bounced":
        # A bounce proved by its address alone is about the last letter of that measure.
        bounced = sent if sent is not None and sent.measure_id == measure.pk else measure.dispatches.last()
        if bounced is not None and (said.by_token or bounced == sent):
            because = said.says.partition(": ")[0].rstrip(".") + "."
            next_step = "Look up another way to this addressee in the directory, then send it again."
            platforms.stop(bounced.pk, because, by="mail", at=at)
            progress.stop(measure.pk, because, next_step, by="mail", at=at)
            if bounced.route_id:
                platforms.close_route(bounced.route_id, f"mail came back on {at:%Y-%m-%d}", by="mail", at=at)
            platforms.mark_read(kept.pk, by="mail", at=at)
    elif said.kind in {"delivered", "delayed"}:
        platforms.mark_read(kept.pk, by="mail", at=at)
    elif said.kind == "answer" and said.by_token and measure.state == "sent":
        # Whoever answers to an address nobody can make up has received it; what it means is for a person to say.
        progress.note_answer(measure.pk, "acknowledge", by="mail", at=at)


@dataclass(frozen=True, slots=True)
class Letterbox:
    """A message that came in, opened for a member. ``said``: what it is and seems to say."""

    kept: Incoming
    said: Answered


def open_message(incoming_id: int, *, by: Person) -> Letterbox:
    """Raises NotAllowed, KeyDestroyed, Incoming.DoesNotExist."""
    kept = queries.incoming(incoming_id)
    platforms.note_opened_by(kept, by=by, at=clock.now())
    return Letterbox(kept, read_answer(queries.raw_of(kept), ways.mail_secret(), ways.mail_domain()))


def waits_since(measure: Measure) -> timedelta | None:
    """How long a measure that is out has waited for its first answer; null where it is not out, or was answered."""
    sent_at, answered_at = measure.sent_at, measure.answered_at
    return clock.now() - sent_at if sent_at and not answered_at else None


def with_reference(measure_reference: str) -> Measure | None:
    """The measure a member names by its reference, in any case of letters."""
    return queries.measure_by_reference(measure_reference.strip().upper())


def say_what_it_means(kept: Incoming, event: Event | None, measure: Measure | None, *, by: Person) -> None:
    """A member read it: it belongs to this measure and answers this, or nothing. Raises NotPossible, NotAllowed."""
    access.require(by, "note_answer")
    at = clock.now()
    with transaction.atomic():
        if measure is not None:
            progress.held(measure.pk)
        platforms.mark_read(kept.pk, by=by, at=at, measure=measure)
        if event is not None and measure is not None:
            answers.answer(measure.pk, event, "", by=by.pk)

"""Material that comes back: recognised, its case opened again, decided by a person, and forgotten when withdrawn."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image, ImageDraw

from factories.people import member
from factories.photos import photo
from factories.reports import FULL, NOON, POST, an_examined_case, intake
from habeas.access.actions import NotAllowed
from habeas.cases import queries as cases
from habeas.cases.core.intake import IncomingFile
from habeas.cases.models import Case
from habeas.exposure import actions, queries
from habeas.exposure.actions import AlreadyDecided, AskedTooOften
from habeas.exposure.core.known.identifiers import Identifier
from habeas.exposure.models import KnownEntry, KnownIdentifier, RegistryQuestion, Sighting
from habeas.journey import repost
from habeas.kernel import clock
from habeas.ledger import queries as ledger

pytestmark = pytest.mark.django_db(transaction=True)

STORY = (
    "There was once a quiet ferryman in the harbour town who kept the lanterns and wrote it all in a thick "
    "green book. People said he knew which of the orchard owners owed money to whom, and so the council feared "
    "him more than storms. Nobody believed it until the book was copied page by page and pinned to the door. "
)
AGAIN = "https://mirror.example.com/copy"


def kinds_of(case: Case) -> list[str]:
    return [entry["kind"] for entry in ledger.entries_of(case.pk)]


def close(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(state=Case.State.CLOSED)


def a_picture(width: int = 400, turned: int = 0) -> bytes:
    drawn = Image.new("RGB", (400, 300), (250, 240, 220))
    pen = ImageDraw.Draw(drawn)
    for step in range(9):
        at = 36 * step
        pen.ellipse((at, at // 2, at + 80, at // 2 + 100), fill=(step * 25, 255 - step * 20, 90))
        pen.rectangle((360 - at, at // 2, 400 - at, at // 2 + 30), fill=(40, step * 20, 200))
    file = io.BytesIO()
    drawn.resize((width, width * 3 // 4)).rotate(turned, expand=True).save(file, "JPEG", quality=80)
    return file.getvalue()


def test_a_rewritten_copy_opens_the_closed_case_again_and_a_person_decides():
    first = an_examined_case(intake(text=STORY))
    close(first)
    words = STORY.split()
    copy = " ".join(word for place, word in enumerate(words) if place % 7)
    second = an_examined_case(intake(text=copy.upper(), links=(AGAIN,), submission="another"))

    (seen,) = queries.sightings_of(first)
    assert (seen.seen_in, seen.known_by, seen.state) == (second, "wording", "open")
    assert [one.case for one in queries.seen_elsewhere(second)] == [first]
    assert Case.objects.get(pk=first.pk).state == Case.State.NEW
    assert {"known.seen", "case.reopened"} <= set(kinds_of(first))
    assert "harbour" not in seen.reason

    person = member()
    repost.decide(seen.pk, same=True, by=person)
    first = Case.objects.get(pk=first.pk)
    assert [(posting.state, link) for posting, link in cases.links_of(first)] == [("back", AGAIN)]
    assert {"sighting.decided", "postings.back"} <= set(kinds_of(first))
    with pytest.raises(AlreadyDecided):
        repost.decide(seen.pk, same=False, by=person)


def test_a_dismissed_sighting_changes_nothing_and_stays_dismissed():
    first = an_examined_case(intake(text=STORY))
    second = an_examined_case(intake(text=STORY, links=(AGAIN,), submission="another"))
    (seen,) = queries.sightings_of(first)
    repost.decide(seen.pk, same=False, by=member())
    assert cases.links_of(first) == []
    from habeas.journey.report import examine

    examine(str(second.pk))
    (seen,) = queries.sightings_of(first)
    assert seen.state == "dismissed"


def test_who_may_not_decide_is_refused():
    first = an_examined_case(intake(text=STORY))
    an_examined_case(intake(text=STORY, submission="another"))
    with pytest.raises(NotAllowed):
        repost.decide(queries.sightings_of(first)[0].pk, same=True, by=member("auditor"))
    assert Sighting.objects.get().state == "open"


def test_a_dox_in_other_words_is_known_by_its_identifiers():
    first = an_examined_case(FULL)
    told = "the woman you look for? 1015KL, lindengracht 212 - ring her: 0044 7700-900-123!!"
    an_examined_case(intake(text=told, submission="another"))
    (seen,) = queries.sightings_of(first)
    assert seen.known_by == "identifiers"
    assert "7700" not in seen.reason


def test_a_picture_is_known_when_it_is_made_smaller_or_turned():
    first = an_examined_case(intake(text="", files=(IncomingFile("one.jpg", a_picture()),)))
    copies = (IncomingFile("two.jpg", a_picture(250)), IncomingFile("three.jpg", a_picture(400, turned=90)))
    an_examined_case(intake(text="", files=copies, submission="another"))
    assert [seen.known_by for seen in queries.sightings_of(first)] == ["image", "image"]


def test_a_part_of_a_photo_is_known_again_and_another_photo_is_not():
    first = an_examined_case(intake(text="", files=(IncomingFile("one.jpg", as_jpeg(photo(1))),)))
    whole = photo(1)
    part = whole.crop((0, 0, whole.width * 3 // 4, whole.height * 3 // 4))
    files = (IncomingFile("two.jpg", as_jpeg(part)), IncomingFile("three.jpg", as_jpeg(photo(2))))
    an_examined_case(intake(text="", files=files, submission="another"))
    (seen,) = queries.sightings_of(first)
    assert seen.known_by == "image"
    assert "a part of a known photo" in seen.reason
    assert repost.ask(as_jpeg(part), "part.jpg", by=member())
    actions.withdraw_known(first, by="test", at=NOON)
    assert all(one.case != first for one in repost.ask(as_jpeg(part), "part.jpg", by=member()))


def as_jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85)
    return file.getvalue()


def test_examining_a_case_twice_makes_nothing_twice_and_never_recognises_itself():
    case = an_examined_case(FULL)
    before = KnownEntry.objects.count(), KnownIdentifier.objects.count()
    from habeas.journey.report import examine

    examine(str(case.pk))
    assert (KnownEntry.objects.count(), KnownIdentifier.objects.count()) == before
    assert not Sighting.objects.exists()


def test_what_is_withdrawn_is_not_known_any_more():
    case = an_examined_case(replace(FULL, text=POST + STORY))
    person = member()
    assert repost.ask(STORY.encode(), "", by=person)
    assert actions.withdraw_known(case, by=person.pk, at=NOON) == 2
    assert not repost.ask(STORY.encode(), "", by=person)
    assert not repost.ask(POST.encode(), "", by=person)
    assert not KnownIdentifier.objects.exists()
    assert len(queries.wordings()) == 0
    assert actions.withdraw_known(case, by=person.pk, at=NOON) == 0


def test_a_question_is_logged_with_its_answer_and_without_the_text():
    case = an_examined_case(intake(text=STORY))
    person = member()
    (found,) = repost.ask(STORY.encode(), "", by=person)
    assert found.case == case
    assert not repost.ask(b"nothing that anybody ever saw, at any length that matters", "", by=person)
    asked = [entry for entry in ledger.entries_of("") if entry["kind"] == "registry.asked"]
    assert [entry["cases"] for entry in asked] == [[str(case.pk)], []]
    assert list(RegistryQuestion.objects.order_by("pk").values_list("was_known", flat=True)) == [True, False]
    with pytest.raises(NotAllowed):
        repost.ask(STORY.encode(), "", by=member("auditor"))


def test_nobody_asks_the_registry_for_everything(settings, monkeypatch):
    settings.HABEAS_REGISTRY_QUESTIONS = 3
    monkeypatch.setattr(clock, "now", lambda: NOON)
    person, other = member(), member()
    for _ in range(3):
        actions.ask_registry("", [Identifier("phone", "+447700900123")], by=person, at=NOON)
    with pytest.raises(AskedTooOften, match="Ask again after 13:00 UTC"):
        actions.ask_registry("", [Identifier("phone", "+447700900124")], by=person, at=NOON)
    actions.ask_registry("", [Identifier("phone", "+447700900123")], by=other, at=NOON)
    assert RegistryQuestion.objects.filter(asked_by=str(person.pk)).count() == 3


def test_the_registry_can_be_made_anew_from_the_cases():
    case = an_examined_case(intake(text=STORY))
    queries.wordings().fill([])
    assert queries.known_again(STORY) == []
    assert queries.wordings().rebuild(queries.texts_known()) == 1
    assert [one.case for one in queries.known_again(STORY)] == [case]


def test_a_dox_that_came_back_hundreds_of_times_is_not_taken_for_a_form(settings):
    first = an_examined_case(intake(text=STORY))
    for number in range(3):
        an_examined_case(intake(text=STORY + f" copy {number}", submission=f"form {number}"))
    assert KnownEntry.objects.count() == 4
    assert len(queries.wordings()) == 1
    assert [one.case for one in queries.known_again(STORY)] == [first]


def test_when_the_first_of_several_copies_is_withdrawn_the_next_stands_for_them():
    first = an_examined_case(intake(text=STORY))
    second = an_examined_case(intake(text=STORY, submission="another"))
    third = an_examined_case(intake(text=STORY, submission="a third"))
    actions.withdraw_known(first, by="test", at=NOON)
    assert [one.case for one in queries.known_again(STORY)] == [second]
    actions.withdraw_known(second, by="test", at=NOON)
    assert [one.case for one in queries.known_again(STORY)] == [third]
    actions.withdraw_known(third, by="test", at=NOON)
    assert queries.known_again(STORY) == []


def test_what_many_cases_share_ties_none_of_them_together():
    hotline = "questions? call the office at +44 20 7946 0999"
    for number in range(5):
        an_examined_case(intake(text=f"{hotline} {number}", submission=f"form {number}"))
    assert len(queries.known_again("", [Identifier("phone", "+442079460999")])) == 0

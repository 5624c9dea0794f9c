"""Known material at the desk: asking the registry, and deciding what was seen again."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from factories.pages import Page
from factories.reports import NOON, a_case, an_examined_case, intake
from habeas.cases.models import Case
from habeas.exposure.models import RegistryQuestion, Sighting

pytestmark = pytest.mark.django_db(transaction=True)

STORY = (
    "There was once a quiet ferryman in the harbour town who kept the lanterns and wrote it all in a thick green "
    "book. People said he knew which of the orchard owners owed money to whom, and the council feared him for it. "
)


def ask(browser, **told):
    return Page(browser.post(reverse("desk:known"), told))


def test_a_known_text_leads_to_its_case_and_an_unknown_one_to_nothing(signed_in):
    case = an_examined_case(intake(text=STORY))
    browser = signed_in()
    page = ask(browser, text=STORY.upper())
    assert case.reference in page.words
    assert "A likeness, not a verdict" in page.words
    page = ask(browser, text="a text about something else altogether, which nobody has ever handed in here before")
    assert "Not known" in page.words
    assert case.reference not in page.words
    assert list(RegistryQuestion.objects.order_by("pk").values_list("was_known", flat=True)) == [True, False]


def test_a_file_is_asked_for_like_a_text(signed_in):
    case = an_examined_case(intake(text=STORY))
    page = ask(signed_in(), file=SimpleUploadedFile("copy.txt", STORY.encode()))
    assert case.reference in page.words


@pytest.mark.parametrize(
    ("told", "status", "words"),
    [
        ({"text": "  "}, 422, "Paste a text or choose a file first."),
        ({"file": SimpleUploadedFile("x.bin", b"\x00\x01\x02\x03" * 40)}, 422, "The registry was not asked"),
    ],
)
def test_what_cannot_be_asked_is_said_with_what_to_do(signed_in, told, status, words):
    page = ask(signed_in(), **told)
    assert page.status == status
    assert words in page.words
    assert not RegistryQuestion.objects.exists()


def test_who_asks_too_often_is_told_when_to_go_on(signed_in, settings):
    settings.HABEAS_REGISTRY_QUESTIONS = 1
    browser = signed_in()
    ask(browser, text="the first question, about a text that nobody knows")
    page = ask(browser, text="the second question, about a text that nobody knows")
    assert page.status == 429
    assert "Ask again after" in page.words


def test_a_case_shows_where_it_was_seen_again_and_both_ways_to_decide(signed_in):
    first = an_examined_case(intake(text=STORY))
    second = an_examined_case(intake(text=STORY, links=("https://mirror.example.com/copy",), submission="another"))
    browser = signed_in()
    page = Page(browser.get(reverse("desk:case", args=[first.reference])))
    assert "It may be back" in page.words
    assert second.reference in page.words
    other = Page(browser.get(reverse("desk:case", args=[second.reference])))
    assert f"This repeats material known from {first.reference}" in other.words
    (seen,) = Sighting.objects.all()
    browser.post(reverse("desk:decide_sighting", args=[first.reference, seen.pk]), {"same": "yes"})
    page = Page(browser.get(reverse("desk:case", args=[first.reference])))
    assert "It may be back" not in page.words
    assert "mirror.example.com/copy" in page.words
    assert "Its places are now places of this case" in page.words


def test_a_sighting_is_decided_through_its_own_case_only_and_once(signed_in):
    first, second = a_case(), a_case()
    seen = Sighting.objects.create(
        case=first, seen_in=second, source="x", known_by="wording", reason="the wording repeats", seen_at=NOON
    )
    browser = signed_in()
    assert (
        browser.post(reverse("desk:decide_sighting", args=[second.reference, seen.pk]), {"same": "yes"}).status_code
        == 404
    )
    browser.post(reverse("desk:decide_sighting", args=[first.reference, seen.pk]), {})
    seen.refresh_from_db()
    assert seen.state == "open"
    for answer in ("no", "yes"):
        browser.post(reverse("desk:decide_sighting", args=[first.reference, seen.pk]), {"same": answer})
    seen.refresh_from_db()
    assert seen.state == "dismissed"
    assert Case.objects.get(pk=first.pk).postings.count() == 0

"""A reform at the desk: read, swept, shown, and nothing of it kept."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from factories.pages import Page
from habeas.ledger.models import Entry

PATH = "/desk/law/replay/"
REPEAL = "repeals: [nl.sr.285d]"


def test_over_invented_cases_it_says_what_moves(signed_in):
    page = Page(signed_in("auditor").post(PATH, {"proposal": REPEAL, "over": "invented"}))
    assert page.status == 200
    assert "of 2000 past cases" in page.words
    assert "nl.sr.285d" in page.words
    assert not Entry.objects.filter(kind="cases.exported").exists()


@pytest.mark.django_db
def test_over_our_own_cases_the_log_says_that_they_were_used(signed_in, case):
    page = Page(signed_in("lead").post(PATH, {"proposal": REPEAL, "over": "own"}))
    assert page.status == 200
    assert "of 1 past cases" in page.words
    assert Entry.objects.filter(kind="cases.exported").count() == 1


def test_a_proposal_that_cannot_be_read_stays_on_the_page(signed_in):
    page = Page(signed_in("lead").post(PATH, {"proposal": "repeals: [nl.sr.285x]", "over": "invented"}))
    assert page.status == 422
    assert "did you mean" in page.words
    assert "nl.sr.285x" in page.words


def test_a_file_serves_as_well_and_the_lines_can_be_taken_along(signed_in):
    file = SimpleUploadedFile("reform.yaml", REPEAL.encode())
    answer = signed_in("lead").post(PATH, {"file": file, "over": "invented", "csv": "1"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"kind,name,before,after")

"""What a scan found: recorded once per item, sealed, replaced as a whole when it is read again."""

from __future__ import annotations

import pytest

from factories.reports import MESSAGE, NAME, NOON, POST, SECRETS, a_case
from factories.storage import in_clear, stored_values
from habeas.access import keys
from habeas.cases.models import Case
from habeas.exposure import actions, queries
from habeas.exposure.core.documents import Document, UnreadableFile, read_document
from habeas.exposure.core.model import Scan
from habeas.exposure.core.scan import scan
from habeas.exposure.models import Exposure, Reading, Signal
from habeas.ledger import queries as ledger

SOURCE = "7b0e9c1e-0000-4000-8000-000000000001"


def read(text: str = POST) -> tuple[Document, Scan]:
    document = read_document(text.encode(), "post.txt")
    return document, scan(document.text, regions=("NL",), today=NOON.date(), target_names=(NAME,))


@pytest.fixture
def case(db) -> Case:
    return a_case()


def test_a_reading_comes_back_with_its_text_exposures_and_signs(case):
    document, found = read()
    actions.record_scan(case, SOURCE, document, found, at=NOON)
    (item,) = queries.readings_of(case)
    assert item.text == document.text
    assert [(e.kind, e.start, e.end, e.whose) for e in item.exposures] == [
        (e.kind, e.start, e.end, e.whose) for e in found.exposures
    ]
    assert {s.kind for s in item.signals} == {s.kind for s in found.signals}
    assert {e.kind for e in item.exposures} >= {"name", "phone", "address", "email", "birth_date"}


def test_where_each_stretch_stood_comes_back_and_names_no_attachment_in_clear(case):
    document = read_document(MESSAGE.encode(), "message.eml")
    found = scan(document.text, regions=("NL",), today=NOON.date())
    actions.record_scan(case, SOURCE, document, found, at=NOON)
    (item,) = queries.readings_of(case)
    assert (item.parts, item.notes) == (document.parts, document.notes)
    assert any("vellinga-front-door.txt" in part.origin for part in item.parts)
    assert in_clear(SECRETS, stored_values()) == []


def test_a_value_opens_only_with_the_key_of_its_case(case):
    document, found = read()
    actions.record_scan(case, SOURCE, document, found, at=NOON)
    stored = Exposure.objects.get(kind="phone")
    opened = keys.unseal(case.key, stored.value_sealed, f"exposure/{case.pk}/{SOURCE}/{stored.start}")
    assert opened == b"+447700900123"


def test_no_text_and_no_value_lies_in_clear(case):
    actions.record_scan(case, SOURCE, *read(), at=NOON)
    assert in_clear(SECRETS, stored_values()) == []


def test_read_again_an_item_says_only_what_it_says_now(case):
    actions.record_scan(case, SOURCE, *read(), at=NOON)
    actions.record_scan(case, SOURCE, *read("nothing of anybody"), at=NOON)
    (item,) = queries.readings_of(case)
    assert item.text == "nothing of anybody"
    assert (Exposure.objects.count(), Signal.objects.count()) == (0, 0)


def test_an_unreadable_item_is_kept_with_its_trouble(case):
    trouble = UnreadableFile("encrypted", "front-door.pdf has a password: send a copy without one.")
    actions.record_trouble(case, SOURCE, "application/pdf", trouble, at=NOON)
    (item,) = queries.readings_of(case)
    assert (item.reading.trouble, item.text, item.exposures) == ("encrypted", "", ())
    assert ledger.entries_of(case.pk)[-1]["trouble"] == "encrypted"
    assert in_clear(["front-door"], stored_values()) == []


def test_trouble_goes_once_the_item_can_be_read(case):
    trouble = UnreadableFile("encrypted", "front-door.pdf has a password: send a copy without one.")
    actions.record_trouble(case, SOURCE, "application/pdf", trouble, at=NOON)
    actions.record_scan(case, SOURCE, *read(), at=NOON)
    assert [item.reading.trouble for item in queries.readings_of(case)] == [""]


def test_the_severity_of_a_case_is_that_of_its_gravest_item(case):
    assert queries.severity_of(case) == "none"
    actions.record_scan(case, "one", *read("nothing of anybody"), at=NOON)
    assert queries.severity_of(case) == "none"
    document, found = read()
    actions.record_scan(case, "two", document, found, at=NOON)
    assert queries.severity_of(case) == found.severity == "very_high"
    actions.record_trouble(case, "three", "image/png", UnreadableFile("broken", "it is broken"), at=NOON)
    assert queries.severity_of(case) == "very_high"


def test_two_cases_with_the_same_item_keep_to_themselves(case):
    other = a_case()
    document, found = read()
    actions.record_scan(case, SOURCE, document, found, at=NOON)
    actions.record_scan(other, SOURCE, document, found, at=NOON)
    Reading.objects.filter(case=other).delete()
    assert len(queries.readings_of(case)) == 1

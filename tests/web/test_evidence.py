"""The evidence of a case at the desk: opened for a reason, passed on with conditions, kept or erased in plain sight."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from factories.evidence import CONDITIONS, SECRET_CONTENT, offered, outside, sealed_item
from factories.pages import Page
from habeas.cases.actions import add_links
from habeas.evidence import queries
from habeas.evidence.core.redaction import check_twin, shown_text
from habeas.evidence.models import HandOver, Hold
from habeas.journey import redaction
from habeas.kernel import clock
from habeas.ledger import queries as ledger
from habeas.store.models import Job

pytestmark = pytest.mark.django_db
LINK = "https://board.example.net/t/88214"


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    settings.HABEAS_EVIDENCE = tmp_path / "evidence"


@pytest.fixture
def item(case):
    return sealed_item(case)


def there(name: str, *arguments: object) -> str:
    return reverse(f"desk:{name}", args=[str(argument) for argument in arguments])


def words(response) -> str:
    return Page(response).words


def test_the_page_shows_items_pages_and_the_chain(signed_in, case, item):
    add_links(case, [LINK], by="portal", at=case.opened_at)
    said = words(signed_in().get(there("evidence", case.reference)))
    assert "front-door.png" in said
    assert LINK in said
    assert "Taken in and sealed" in said
    assert "No time-stamp authority is set up" in said


def test_an_empty_case_says_what_would_stand_here(signed_in, case):
    case.items.all().delete()
    assert "Nothing is sealed yet" in words(signed_in().get(there("evidence", case.reference)))


def test_an_item_is_opened_as_a_file_for_a_stated_reason_and_that_is_logged(signed_in, case, item):
    browser = signed_in()
    address = there("open_item", case.reference, item.pk)
    response = browser.post(address, {"purpose": "court", "basis": "legal_claim"})
    assert response.content == SECRET_CONTENT
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"] == 'attachment; filename="front-door.png"'
    entry = ledger.entries_of(case.pk)[-1]
    assert (entry["kind"], entry["by"], entry["purpose"]) == ("custody.read", str(browser.person.pk), "court")


def test_without_a_reason_nothing_is_opened(signed_in, case, item):
    response = signed_in().post(there("open_item", case.reference, item.pk), {"purpose": "", "basis": ""}, follow=True)
    assert SECRET_CONTENT not in response.content
    assert "is no purpose" in words(response)


def test_an_item_of_another_case_is_not_found_through_this_one(signed_in, case, item):
    from factories.reports import a_case

    other = a_case()
    asked = {"purpose": "court", "basis": "legal_claim"}
    assert signed_in().post(there("open_item", other.reference, item.pk), asked).status_code == 404
    assert signed_in().post(there("open_item", case.reference, "no-id"), asked).status_code == 404


def test_a_capture_is_asked_for_and_waits_in_the_queue(signed_in, case):
    add_links(case, [LINK], by="portal", at=case.opened_at)
    posting = case.postings.get()
    asked = {"purpose": "preserve", "basis": "legal_claim"}
    response = signed_in().post(there("capture_page", case.reference, posting.pk), asked, follow=True)
    assert "The page is being captured" in words(response)
    assert Job.objects.get(kind="evidence.capture").payload["posting_id"] == posting.pk


def test_a_page_is_watched_and_no_longer(signed_in, case):
    add_links(case, [LINK], by="portal", at=case.opened_at)
    browser, address = signed_in(), there("capture_page", case.reference, case.postings.get().pk)
    assert "again and again" in words(
        browser.post(address, {"what": "watch", "hours": "24", "days": "30"}, follow=True)
    )
    assert "again every 24 h until" in words(browser.get(there("evidence", case.reference)))
    assert "not captured again" in words(browser.post(address, {"what": "end"}, follow=True))


@pytest.mark.parametrize(
    "told", [{"hours": "x", "days": "3"}, {"hours": "0", "days": "3"}, {"hours": "1", "days": "9999999999"}]
)
def test_a_rhythm_that_makes_no_sense_is_refused_in_words(signed_in, case, told):
    add_links(case, [LINK], by="portal", at=case.opened_at)
    address = there("capture_page", case.reference, case.postings.get().pk)
    said = words(signed_in().post(address, {"what": "watch", **told}, follow=True))
    assert "Choose how often" in said or "at most hourly" in said
    assert not Job.objects.filter(kind="evidence.watch").exists()


def test_a_hand_over_goes_its_way_at_the_desk(signed_in, case, item):
    from django.core.files.uploadedfile import SimpleUploadedFile

    court, browser = outside(), signed_in()
    handover = offered(item, court, at=clock.now())
    address = there("handover", case.reference, handover.pk)
    page = browser.get(there("pass_on", case.reference))
    assert CONDITIONS in words(page)
    assert browser.post(address, {"what": "offer"}).headers["Content-Disposition"].endswith('.offer.json"')
    assert b"age-encryption.org" in browser.post(address, {"what": "package"}).content
    assert "once the recipient has signed" in words(browser.post(address, {"what": "key"}, follow=True))
    signed = SimpleUploadedFile("answer", court.says("accepted", handover))
    assert "conditions accepted" in words(browser.post(address, {"what": "answer", "signed": signed}, follow=True))
    assert b"BEGIN AGE ENCRYPTED FILE" in browser.post(address, {"what": "key"}).content
    receipt = SimpleUploadedFile("receipt", court.says("received", handover))
    assert "The hand-over is complete" in words(
        browser.post(address, {"what": "receipt", "signed": receipt}, follow=True)
    )
    assert HandOver.objects.get().state == "received"


@pytest.mark.parametrize("what", ["answer", "receipt", "return", "nothing", ""])
def test_a_step_without_its_file_changes_nothing(signed_in, case, item, what):
    handover = offered(item, outside())
    browser = signed_in()
    said = words(browser.post(there("handover", case.reference, handover.pk), {"what": what}, follow=True))
    assert "Choose the file" in said or "Press one of the buttons" in said
    assert HandOver.objects.get().state == "offered"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"what": "bundle", "age_recipient": "age1no"}, "begins with age1"),
        ({"what": "offer", "recipient": "Court", "signing_key": "zz", "age_recipient": "x"}, "64 hex digits"),
        ({"what": "bundle", "age_recipient": str(outside().identity.to_public()), "item": []}, "at least one item"),
    ],
)
def test_what_cannot_be_passed_on_says_why(signed_in, case, item, told, said):
    told = {"item": [str(item.pk)], "purpose": "court", "basis": "legal_claim", **told}
    assert said in words(signed_in().post(there("pass_on", case.reference), told, follow=True))


def test_a_hold_is_placed_shown_and_lifted_by_a_lead(signed_in, case):
    browser = signed_in()
    told = {"asked_by": "Court of Examplia", "basis": "order 12-345", "until": ""}
    said = words(browser.post(there("keep", case.reference), told, follow=True))
    assert "Nothing of this case can be erased now" in said
    hold = Hold.objects.get()
    lead = signed_in("lead")
    assert "few words" in words(lead.post(there("lift_hold", case.reference, hold.pk), {}, follow=True))
    lifted = lead.post(there("lift_hold", case.reference, hold.pk), {"because": "proceedings ended"}, follow=True)
    assert "proceedings ended" in words(lifted)


@pytest.mark.parametrize("told", [{"asked_by": "", "basis": "x"}, {"asked_by": "Court", "basis": "x", "until": "soon"}])
def test_a_hold_without_its_facts_is_not_placed(signed_in, case, told):
    signed_in().post(there("keep", case.reference), told)
    assert not Hold.objects.exists()


def test_a_lead_erases_after_typing_the_reference_and_the_page_becomes_the_certificate(signed_in, case, item):
    lead = signed_in("lead")
    address = there("erase", case.reference)
    assert "Nothing was erased" in words(lead.post(address, {"basis": "consent", "again": "HB-222222"}, follow=True))
    assert queries.content_of(item) == SECRET_CONTENT
    said = words(lead.post(address, {"basis": "consent", "again": case.reference.lower()}, follow=True))
    assert "Certificate of erasure" in said
    assert "still opens with the house key of version 1" in said
    for part in ("case", "material", "evidence", "law", "plan", "history", "pass_on"):
        response = lead.get(there(part, case.reference), follow=True)
        assert response.status_code == 200, part
        assert "Mara" not in response.content.decode()


def test_whoever_follows_an_erased_case_is_told_so(signed_in, client):
    from factories.reports import FULL
    from habeas.cases.models import Case
    from habeas.journey import report as journey

    opened = journey.file_report(FULL)
    case = Case.objects.get(pk=opened.case.pk)
    signed_in("lead").post(there("erase", case.reference), {"basis": "consent", "again": case.reference})
    page = client.post("/follow/", {"receipt": opened.receipt}, follow=True)
    assert "Your case was erased" in words(page)
    assert client.post("/follow/case/links/", {"links": LINK}, follow=True).status_code == 200


def test_the_chain_with_a_gap_says_so(signed_in, case, item):
    case.custody.filter(kind="ingest").delete()
    signed_in().post(there("open_item", case.reference, item.pk), {"purpose": "court", "basis": "legal_claim"})
    assert "The chain of custody has a gap" in words(signed_in().get(there("evidence", case.reference)))


def test_a_copy_for_one_recipient_is_saved_and_names_it_when_it_leaks(signed_in, case):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from factories.leaks import prose
    from habeas.evidence.actions import seal

    item = seal(case.reports.get(), "t.txt", "text/plain", prose(4).encode(), by="portal", at=case.opened_at)
    told = {"recipient": "Court of Examplia", "purpose": "court", "basis": "legal_claim"}
    copy = signed_in().post(there("mark_copy", case.reference, item.pk), told)
    assert copy.headers["Content-Disposition"].startswith('attachment; filename="copy-')
    lead = signed_in("lead")
    said = words(lead.post(there("trace_copy"), {"leaked": SimpleUploadedFile("leak.txt", copy.content)}))
    assert "A copy is named" in said
    assert "was made for Court of Examplia" in said
    other = words(lead.post(there("trace_copy"), {"leaked": SimpleUploadedFile("x.txt", prose(8).encode())}))
    assert "It cannot be told" in other
    assert "Choose the leaked file" in words(lead.post(there("trace_copy"), {}))


def test_a_copy_without_a_recipient_is_not_made(signed_in, case, item):
    said = signed_in().post(there("mark_copy", case.reference, item.pk), {"recipient": " "}, follow=True)
    assert "Say which authority" in words(said)


class TestRedacted:
    @pytest.fixture
    def told(self):
        from factories.reports import an_examined_case

        return an_examined_case()

    @pytest.fixture
    def text(self, told):
        return next(one for one, _ in queries.items_of(told) if one.media_type == "text/plain")

    def found(self, item, kind):
        return next(one for one in redaction.found_in_item(item) if one.kind == kind)

    def test_what_was_found_can_be_told_apart_and_stands_nowhere_in_full(self, signed_in, told, text):
        page = Page(signed_in().get(there("evidence", told.reference)))
        assert "What was found about people is hidden" in page.words
        phone = self.found(text, "phone")
        assert f"{phone.masked} phone · the person" in page.words
        for secret in ("Lindengracht", "900123", "14/03/1988", "Sommer!2019", "De Wilgen", "NL91"):
            assert secret not in page.words, secret

    def test_a_text_is_redacted_with_what_may_stay(self, signed_in, told, text):
        birth_date, name = self.found(text, "birth_date"), self.found(text, "name")
        answer = signed_in().post(
            there("redact_item", told.reference, text.pk),
            {"purpose": "court", "basis": "legal_claim", "show": [birth_date.name]},
            follow=True,
        )
        assert "parts are hidden" in words(answer)
        assert "Redacted copy made" in words(answer)
        made = next(one for one, _ in queries.items_of(told) if one.kind == "redacted")
        assert made.made_from == text
        original = queries.content_of(text).decode()
        shown = shown_text(check_twin(json.loads(queries.content_of(made))))
        assert original[slice(*birth_date.spans[0])] in shown
        assert original[slice(*name.spans[0])] not in shown
        assert "Lindengracht" not in shown

    @pytest.mark.parametrize("names", [{"show": ["3-5"]}, {"hide": ["0-1000000"]}, {"show": ["all"]}])
    def test_what_was_not_found_is_no_choice_and_nothing_is_made(self, signed_in, told, text, names):
        answer = signed_in().post(
            there("redact_item", told.reference, text.pk),
            {"purpose": "court", "basis": "legal_claim", **names},
            follow=True,
        )
        assert "What was found has changed" in words(answer)
        assert not told.items.filter(kind="redacted").exists()

    def test_a_picture_needs_places_and_says_so(self, signed_in, case):
        from io import BytesIO

        from PIL import Image

        out = BytesIO()
        Image.new("RGB", (200, 100), "white").save(out, "PNG")
        item = sealed_item(case, out.getvalue(), "door.png")
        item.media_type = "image/png"
        item.save()
        browser = signed_in()
        address = there("redact_item", case.reference, item.pk)
        reason = {"purpose": "court", "basis": "legal_claim"}
        assert "name the boxes" in words(browser.post(address, {**reason, "boxes": ""}, follow=True))
        assert "four numbers" in words(browser.post(address, {**reason, "boxes": "1, 2, 3"}, follow=True))
        assert "not within a picture" in words(browser.post(address, {**reason, "boxes": "900 900 5 5"}, follow=True))
        done = browser.post(address, {**reason, "boxes": "10, 10, 20, 20\n100x50x8x8"}, follow=True)
        assert "parts are hidden" in words(done)

    def test_a_wrong_purpose_changes_nothing(self, signed_in, told):
        item = queries.items_of(told)[0][0]
        answer = signed_in().post(
            there("redact_item", told.reference, item.pk), {"purpose": "fun", "basis": "legal_claim"}, follow=True
        )
        assert "purpose" in words(answer)
        assert not told.items.filter(kind="redacted").exists()

"""Reporting one thing a page, without scripts: nothing is lost between pages, and nothing is sent before the button."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from factories.pages import Page, press, visit
from factories.reports import LINK, NAME, SECRETS
from habeas.cases import queries, unsent
from habeas.cases.models import Case, UnsentFile, UnsentPiece, UnsentReport
from habeas.evidence import queries as evidence
from habeas.kernel import clock
from habeas.law.core.packs import load_vocabulary
from habeas.web.portal import steps

pytestmark = pytest.mark.django_db

ON, SEND, LATER = "Continue", "Send the report", "Go on without typing it"
TOLD = {
    "links": {"links": f"{LINK}\npaste.example.com/x91k"},
    "exposed": {"exposed": ["home", "phone"]},
    "material": {"text": "she lives here"},
    "about": {"reporter": "friend", "minor": "no"},
    "for-another": {"agrees": "yes"},
    "place": {"lives_in": "NL", "name": NAME},
    "happened": {"danger": "no", "happened": ["threat", "fear"], "posted_on": "2026-01-15"},
    "wishes": {"wishes": ["down", "who"]},
    "contact": {"contact": "fenna.vellinga@example.com", "news": "on"},
}


@pytest.fixture(autouse=True)
def a_house_that_sends_news(settings):
    settings.HABEAS_NEWS_FROM, settings.HABEAS_MAIL = "A. Lindgren <a@example.org>", "smtp://localhost:25"


def slug(page: Page) -> str:
    return page.path.rstrip("/").rpartition("/")[2]


def tell(client: Client, told: dict | None = None) -> Page:
    """Walk through the whole form, answering what is told and leaving out the rest. Returns the page to check."""
    page = visit(client, "/report/")
    for _ in range(40):
        if slug(page) == "check":
            return page
        assert page.status == 200, page.errors
        typed = (told or {}).get(slug(page), {})
        if slug(page) == "questions":
            typed = {"said": "yes"}
        page = press(client, page, ON, **typed)
    raise AssertionError("the form never ends")


def receipt_on(page: Page) -> str:
    return "-".join(page.tree.xpath("(//*[contains(@class, 'receipt-code')])[1]//span/text()"))


def test_all_that_was_told_page_by_page_becomes_one_report(client):
    page = press(client, tell(client, TOLD), SEND)
    case = queries.case_by_receipt(receipt_on(page))
    told, known = queries.report_of(case), {key: one.truth for key, one in queries.known_in(case).items()}
    assert (told["text"], told["target_name"], told["reporter"]) == ("she lives here", NAME, "friend")
    assert (told["news"], told["agrees"], told["contact"]) == (True, True, "fenna.vellinga@example.com")
    assert [link for _posting, link in queries.links_of(case)] == [LINK, "https://paste.example.com/x91k"]
    assert (case.danger, case.wishes, str(case.posted_on)) == (False, ["down", "who"], "2026-01-15")
    assert case.ties == {"target_lives": ["NL"]}
    assert {"data.home_contact", "act.threat_of_violence", "harm.fear", "act.disclosed"} <= known.keys()
    assert known["subject.minor"] is False


def test_nothing_is_stored_as_a_report_before_the_button_is_pressed_and_nothing_unsent_stays_after(client):
    page = tell(client, TOLD)
    assert (Case.objects.count(), UnsentReport.objects.count()) == (0, 1)
    press(client, page, SEND)
    assert (Case.objects.count(), UnsentReport.objects.count()) == (1, 0)


def test_every_page_can_be_left_empty_and_then_one_thing_is_asked_for(client):
    page = press(client, tell(client), SEND)
    assert page.status == 422
    assert "Give us one thing to start from" in page.words
    assert Case.objects.count() == 0


@pytest.mark.parametrize("one", [{"links": {"links": LINK}}, {"material": {"text": "she lives here"}}])
def test_one_thing_is_enough(client, one):
    assert press(client, tell(client, one), SEND).path == "/receipt/"


def test_the_law_asks_at_most_five_questions_that_a_person_can_answer_and_says_why(client):
    press(client, visit(client, "/report/place/"), ON, lives_in="NL")
    asked, page = [], visit(client, "/report/questions/")
    while slug(page) == "questions":
        [key] = page.typed(ON)["key"]
        fact = load_vocabulary()[key]
        assert (fact.asked_of, key in asked) == ("person", False)
        assert fact.question in page.words
        assert fact.why in page.words
        asked.append(key)
        page = press(client, page, ON, said="")
    assert 0 < len(asked) <= steps.MOST_QUESTIONS
    assert slug(page) == "wishes"
    assert slug(visit(client, "/report/questions/")) == "wishes", "what was skipped is not asked again"


def test_an_answer_can_be_changed_from_the_page_to_check_and_leads_back_to_it(client):
    page = tell(client, TOLD)
    [change] = [href for href in page.tree.xpath("//a/@href") if "/report/wishes/" in href]
    changing = visit(client, change)
    assert changing.typed(ON)["wishes"] == ["down", "who"]
    back = press_here(client, changing, change, wishes=["compensation"])
    assert slug(back) == "check"
    assert "Compensation" in back.words
    assert "Find out who did it" not in back.words


def press_here(client: Client, page: Page, address: str, **typed: object) -> Page:
    return Page(client.post(address, {**page.typed(ON), **typed}, follow=True))


def test_a_question_of_the_law_can_be_changed_too(client):
    page = tell(client, TOLD)
    changes = [href for href in page.tree.xpath("//a/@href") if "/report/questions/" in href]
    assert changes
    changing = visit(client, changes[0])
    [key] = changing.typed(ON)["key"]
    back = press_here(client, changing, changes[0], said="no")
    assert slug(back) == "check"
    case = queries.case_by_receipt(receipt_on(press(client, back, SEND)))
    assert queries.known_in(case)[key].truth is False


@pytest.mark.parametrize(
    ("reporter", "asked"),
    [("self", None), ("parent", "parent or guardian"), ("lawyer", "asked you to act"), ("friend", "know that you")],
)
def test_who_reports_for_another_is_asked_what_fits_and_who_reports_for_themselves_is_not(client, reporter, asked):
    page = press(client, visit(client, "/report/about/"), ON, reporter=reporter)
    assert (slug(page) == "for-another") is (asked is not None)
    if asked:
        assert asked in page.words


def test_a_mistake_is_named_and_what_was_typed_stays(client):
    page = press(client, visit(client, "/report/links/"), ON, links="https://ok.example.org/1 not-a-link")
    assert (page.status, slug(page)) == (422, "links")
    assert "Entry 2 is not a web link." in page.errors[0]
    assert "not-a-link" in page.typed(ON)["links"][0]


def test_news_by_e_mail_needs_an_address(client):
    page = press(client, visit(client, "/report/contact/"), ON, contact="+1-555-0142", news="on")
    assert page.status == 422
    assert "give an e-mail address" in page.errors[0]


def test_a_file_goes_with_its_page_and_can_be_taken_away_again(client):
    kept = [SimpleUploadedFile("one.txt", b"first"), SimpleUploadedFile("two.txt", b"x" * (unsent.PIECE_BYTES + 5))]
    page = press(client, visit(client, "/report/material/"), "Add these files", files=kept)
    assert "one.txt" in page.words
    assert UnsentPiece.objects.count() == 3
    page = press(client, page, "Remove: one.txt")
    assert "one.txt" not in page.words
    case = queries.case_by_receipt(receipt_on(press(client, tell(client), SEND)))
    [(item, name)] = evidence.items_of(case)
    assert (name, evidence.content_of(item)) == ("two.txt", b"x" * (unsent.PIECE_BYTES + 5))


# -- what is not sent yet ------------------------------------------------------------------------------------------


def test_what_is_not_sent_opens_in_that_browser_only(client):
    tell(client, TOLD)
    assert visit(Client(), "/report/check/").path == "/"
    stored = b"".join(bytes(row) for row in UnsentReport.objects.values_list("sealed", flat=True))
    for secret in SECRETS:
        assert secret.encode() not in stored.lower()
    token = client.cookies["unsent"].value
    forged = token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
    with pytest.raises(unsent.NothingUnsent):
        unsent.opened(forged, at=clock.now())


def test_leaving_by_the_exit_takes_it_away(client):
    press(client, visit(client, "/report/material/"), "Add these files", files=[SimpleUploadedFile("a.txt", b"a")])
    assert UnsentFile.objects.count() == 1
    client.get("/exit/")
    assert (UnsentReport.objects.count(), UnsentFile.objects.count(), UnsentPiece.objects.count()) == (0, 0, 0)


def test_it_is_forgotten_after_four_hours(client):
    press(client, visit(client, "/report/links/"), ON, links=LINK)
    later = clock.now() + unsent.STANDS + timedelta(seconds=1)
    with pytest.raises(unsent.NothingUnsent):
        unsent.opened(client.cookies["unsent"].value, at=later)
    assert unsent.forget_old(at=later) == 1
    assert UnsentReport.objects.count() == 0


def test_sending_twice_is_one_report_with_one_receipt(client):
    page = tell(client, TOLD)
    token = client.cookies["unsent"].value
    kept = unsent.opened(token, at=clock.now())
    first = receipt_on(press(client, page, SEND))
    again = steps.intake_of(kept.told, (), "en")
    from habeas.cases.actions import open_case

    assert open_case(again, at=clock.now()).receipt == first
    assert Case.objects.count() == 1


# -- files piece by piece ------------------------------------------------------------------------------------------


def piece(client: Client, content: bytes, *, offset: int = 0, size: int | None = None, file: str = "f00dcafe") -> tuple:
    answer = client.post(
        "/report/files/",
        content,
        content_type="application/octet-stream",
        headers={"X-File": file, "X-Offset": str(offset), "X-Size": str(size or len(content)), "X-Name": "a%20b.txt"},
    )
    return answer.status_code, answer.json()["have"]


def test_pieces_come_in_order_and_one_that_came_before_changes_nothing(client):
    assert piece(client, b"abc", size=8) == (200, 3)
    assert piece(client, b"abc", size=8) == (200, 3)
    assert piece(client, b"xx", offset=5, size=8) == (409, 3), "a gap"
    assert client.get("/report/files/?file=f00dcafe").json() == {"have": 3}
    assert piece(client, b"defgh", offset=3, size=8) == (200, 8)
    found = dict(unsent.contents(unsent.opened(client.cookies["unsent"].value, at=clock.now())))
    assert found == {"a b.txt": b"abcdefgh"}


@pytest.mark.parametrize("size", [0, -1, 25_000_001])
def test_a_file_of_no_size_or_too_large_is_refused(client, size):
    answer = client.post(
        "/report/files/",
        b"x",
        content_type="application/octet-stream",
        headers={"X-File": "f00dcafe", "X-Offset": "0", "X-Size": str(size), "X-Name": "a"},
    )
    assert answer.status_code == 409
    assert UnsentFile.objects.count() == 0


def test_a_report_takes_so_many_files_and_no_more(client, settings):
    settings.HABEAS_UPLOAD_FILES = 2
    assert [piece(client, b"x", file=f"f00dcaf{n}")[0] for n in range(3)] == [200, 200, 409]


def test_what_arrived_in_part_is_said_and_left_out(client):
    piece(client, b"abc", size=8)
    page = tell(client, {"links": {"links": LINK}})
    assert "did not arrive whole" in page.words
    case = queries.case_by_receipt(receipt_on(press(client, page, SEND)))
    assert evidence.items_of(case) == []


# -- the receipt ---------------------------------------------------------------------------------------------------


def sent(client: Client) -> Page:
    return press(client, tell(client, {"links": {"links": LINK}}), SEND)


def test_the_receipt_typed_again_opens_the_case_and_another_does_not(client):
    page = sent(client)
    wrong = press(client, page, "I have written it down", typed="AAAA-AAAA-AAAA-AAAA")
    assert (wrong.status, receipt_on(wrong)) == (422, receipt_on(page))
    assert "Compare each group" in wrong.words
    assert press(client, page, "I have written it down", typed=receipt_on(page).lower()).path == "/follow/case/"


def test_a_second_receipt_opens_nothing_and_replaces_a_lost_one(client):
    page = sent(client)
    lost = receipt_on(page)
    page = press(client, page, "Make a second receipt")
    spare = "-".join(page.tree.xpath("(//*[contains(@class, 'receipt-code')])[2]//span/text()"))
    assert receipt_on(page) == lost
    assert queries.case_by_receipt(spare) is None
    trusted = Client()
    page = press(trusted, visit(trusted, "/receipt/lost/"), "Make a new receipt", spare=spare)
    assert page.path == "/receipt/"
    new = receipt_on(page)
    assert queries.case_by_receipt(lost) is None
    assert queries.case_by_receipt(new) is not None
    again = press(trusted, visit(trusted, "/receipt/lost/"), "Make a new receipt", spare=spare)
    assert again.status == 404, "it works once"


def test_the_receipt_is_a_picture_too_that_a_phone_reads(client):
    import cv2
    import numpy
    from lxml import etree

    page = sent(client)
    [svg] = page.tree.xpath("//*[local-name()='svg' and contains(@class, 'qr')]")
    assert "http" not in etree.tostring(svg).decode().replace("http://www.w3.org/2000/svg", "")
    import segno

    drawn = segno.make(receipt_on(page), error="m", micro=False)
    rows = numpy.array([[0 if dark else 255 for dark in row] for row in drawn.matrix_iter(scale=8, border=4)], "uint8")
    assert cv2.QRCodeDetector().detectAndDecode(rows)[0] == receipt_on(page)

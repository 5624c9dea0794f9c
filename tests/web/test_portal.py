"""What a person without an account and without scripts goes through: the form, the receipt, coming back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from factories.pages import Page, press, visit
from factories.people import member
from factories.reports import LINK, NAME, NOON, POST, SECRETS, do_the_work
from habeas.cases import actions, queries
from habeas.cases.models import Case, Report
from habeas.evidence import queries as evidence
from habeas.kernel import clock
from habeas.ledger import queries as ledger
from habeas.remedies import actions as remedies
from habeas.remedies import consents, progress
from habeas.remedies.models import Measure
from habeas.web.portal import receipt as receipt_screens

pytestmark = pytest.mark.django_db

SEND, OPEN, LATER, ADD = "Send the report", "Open", "Go on without typing it", "Add links"
STOP = "Close my case on this device"
EVERYTHING = {
    "links": f"{LINK}\npaste.example.com/x91k",
    "text": POST,
    "reporter": "parent",
    "name": NAME,
    "lives_in": "NL",
    "posted_on": "2026-01-15",
    "danger": "yes",
    "agreed": "no",
    "minor": "yes",
    "public": "",
    "happened": ["threat", "fear"],
    "wishes": ["down", "who"],
    "contact": "fenna.vellinga@example.com",
}


def receipt_on(page: Page) -> str:
    return "-".join(page.tree.xpath("//*[contains(@class, 'receipt-code')]//span/text()"))


def filed(client: Client, **told: object) -> str:
    """A report sent with the portal's own form. Returns its receipt."""
    page = press(client, visit(client, "/report/all/"), SEND, **(told or {"text": "she lives here"}))
    assert page.path == "/receipt/", page.errors
    return receipt_on(page)


def following(client: Client, receipt: str) -> Page:
    return press(client, visit(client, "/follow/"), OPEN, receipt=receipt)


# -- filing --------------------------------------------------------------------------------------------------------


def test_a_report_is_filed_without_an_account_and_without_scripts(client):
    receipt = filed(client, **EVERYTHING)
    case = queries.case_by_receipt(receipt)
    told = queries.report_of(case)
    assert (told["text"], told["target_name"], told["reporter"]) == (POST.strip(), NAME, "parent")
    assert [link for _posting, link in queries.links_of(case)] == [LINK, "https://paste.example.com/x91k"]
    known = {key: known.truth for key, known in queries.known_in(case).items()}
    assert known["subject.minor"] is True
    assert known["consent.none"] is True, "they said that nobody agreed"
    assert known["harm.fear"] is True
    assert "act.public" not in known, "“I don’t know” is not a no"
    assert (case.danger, case.wishes, str(case.posted_on)) == (True, ["down", "who"], "2026-01-15")
    assert case.ties == {"target_lives": ["NL"]}


@pytest.mark.parametrize("one", [{"links": LINK}, {"text": "she lives here"}])
def test_one_thing_is_enough_and_the_rest_stays_unknown(client, one):
    case = queries.case_by_receipt(filed(client, **one))
    assert (case.danger, case.ties, case.wishes, case.posted_on) == (None, {}, [], None)
    assert set(queries.known_in(case)) == {"act.disclosed", "act.electronic"}


def test_the_receipt_is_not_in_the_address_and_the_report_is_not_on_the_page(client):
    page = press(client, visit(client, "/report/all/"), SEND, **EVERYTHING)
    assert [address for address, _status in page.response.redirect_chain] == ["/receipt/"]
    assert [secret for secret in SECRETS if secret in page.response.content.decode().lower()] == []


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        pytest.param("links", "https://ok.example.org/1 not-a-link", "Entry 2 is not a web link.", id="no-link"),
        pytest.param("links", "javascript:alert(1)", "Entry 1 is not a web link.", id="a-script"),
        pytest.param("posted_on", "2999-01-01", "This day lies in the future.", id="a-day-to-come"),
        pytest.param("posted_on", "last winter", "Enter a valid date.", id="no-day"),
        pytest.param("lives_in", "ZZ", "Select a valid choice.", id="no-place"),
        pytest.param("text", "x" * 500_001, "at most 500000 characters", id="very-long-text"),
        pytest.param("links", "https://a.example.org/" + "x" * 40_000, "at most 40000 characters", id="very-long-link"),
        pytest.param("name", "M" * 201, "at most 200 characters", id="very-long-name"),
        pytest.param("contact", "c" * 201, "at most 200 characters", id="very-long-contact"),
    ],
)
def test_a_mistake_is_named_where_it_is_and_nothing_typed_is_lost(client, field, typed, said):
    told = {**EVERYTHING, field: typed}
    page = press(client, visit(client, "/report/all/"), SEND, **told)
    assert page.status == 422
    [summary] = page.tree.xpath("//div[@class='error-summary']//a")
    assert said in summary.text_content()
    [box] = page.tree.xpath(f"//*[@id='{summary.get('href')[1:]}']")
    assert box.get("name") == field
    assert said in page.tree.xpath(f"string(//*[@id='{box.get('aria-describedby').split()[-1]}'])")
    stands, kept = page.typed(SEND), {**told}
    if field == "lives_in":
        del kept[field]  # a list cannot show a place it does not have
    assert {name: stands[name] for name in kept} == {n: v if isinstance(v, list) else [v] for n, v in kept.items()}
    assert Case.objects.count() == 0


def test_an_empty_report_is_told_what_is_needed(client):
    page = press(client, visit(client, "/report/all/"), SEND)
    assert page.status == 422
    assert page.errors == ["Give us one thing to start from: a link, the text of the post, or a screenshot."]


@pytest.mark.parametrize("blank", [" ", "\n\n\t", "\u00a0"])
def test_blanks_are_nothing_to_start_from(client, blank):
    assert press(client, visit(client, "/report/all/"), SEND, text=blank, links=blank).status == 422


def test_a_hundred_links_go_and_one_more_is_named(client):
    links = [f"https://board.example.net/t/{n}" for n in range(101)]
    page = press(client, visit(client, "/report/all/"), SEND, links="\n".join(links))
    assert page.errors == [
        "Where was it posted? 101 links are too many for one report; send the first 100 and add more later."
    ]
    assert len(queries.links_of(queries.case_by_receipt(filed(client, links="\n".join(links[:100]))))) == 100


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<script>alert(1)</script> & \"quotes\" 'n' {{ token }} {% now 'Y' %}", id="markup"),
        pytest.param("גרה ברחוב הדוגמה 12 \u202e gnp.exe 🕊 e\u0301", id="right-to-left-and-emoji"),
        pytest.param("word " * 90_000, id="450-thousand-characters"),
    ],
)
def test_whatever_was_written_comes_through_as_it_was(client, text):
    case = queries.case_by_receipt(filed(client, text=text))
    assert queries.report_of(case)["text"] == text.strip()
    refused = press(client, visit(client, "/report/all/"), SEND, text=text, posted_on="2999-01-01")
    assert refused.typed(SEND)["text"][0].strip() == text.strip()
    assert "<script>alert" not in refused.response.content.decode()


def test_a_report_turned_back_asks_for_its_files_again(client):
    file = SimpleUploadedFile("her-house.txt", b"she lives here")
    page = press(client, visit(client, "/report/all/"), SEND, files=file, posted_on="2999-01-01")
    assert page.status == 422
    assert any("Choose your files once more. Browsers do not keep them" in error for error in page.errors)


# -- sending twice -------------------------------------------------------------------------------------------------


def test_a_double_press_makes_one_case_and_shows_one_receipt(client):
    page = visit(client, "/report/all/")
    first, second = (press(client, page, SEND, text="she lives here") for _ in range(2))
    assert receipt_on(first) == receipt_on(second) != ""
    assert (Case.objects.count(), Report.objects.count()) == (1, 1)


def test_the_same_form_long_after_shows_no_receipt_to_the_next_person(client, monkeypatch):
    page = visit(client, "/report/all/")
    receipt = receipt_on(press(client, page, SEND, text="she lives here"))
    later = clock.now() + actions.SUBMISSION_STANDS + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    again = press(Client(), page, SEND, text="she lives here")
    assert again.status == 409
    assert "This report was sent before" in again.words
    assert receipt not in again.response.content.decode()
    assert Case.objects.count() == 1


def test_two_forms_are_two_reports(client):
    assert filed(client) != filed(client)
    assert Case.objects.count() == 2


@pytest.mark.parametrize("token", ["", "made up", "x" * 5000])
def test_a_forged_token_is_no_way_to_the_receipt_of_another(client, token):
    receipt = filed(client)
    assert filed(client, text="she lives here", token=token) != receipt
    assert Case.objects.count() == 2


# -- the receipt ---------------------------------------------------------------------------------------------------


def test_the_receipt_is_shown_until_it_is_kept_and_in_that_browser_only(client):
    receipt = filed(client)
    assert receipt_on(visit(client, "/receipt/")) == receipt, "a reload must not lose it"
    elsewhere = visit(Client(), "/receipt/")
    assert (elsewhere.status, receipt_on(elsewhere)) == (410, "")
    assert press(client, visit(client, "/receipt/"), LATER).path == "/follow/case/"
    gone = visit(client, "/receipt/")
    assert gone.status == 410
    assert "Your report itself is safe." in gone.words
    assert receipt not in gone.response.content.decode()


def test_the_receipt_is_gone_after_half_an_hour(client, monkeypatch):
    filed(client)
    monkeypatch.setattr(receipt_screens, "KEPT_SECONDS", -1)
    assert visit(client, "/receipt/").status == 410


@pytest.mark.parametrize("cookie", ["made up", "", "x" * 4000])
def test_a_forged_receipt_cookie_shows_nothing(client, cookie):
    client.cookies["receipt"] = cookie
    assert visit(client, "/receipt/").status == 410


# -- coming back ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [str, str.lower, lambda r: r.replace("-", " "), lambda r: f"  {r.replace('-', '')} "])
def test_the_receipt_opens_the_case_however_it_is_written(client, write):
    receipt = filed(client)
    page = following(Client(), write(receipt))
    assert page.path == "/follow/case/"
    assert "Where things stand" in page.words


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        pytest.param("AAAA-AAAA-AAAA-AAAA", 404, "We know no such receipt. Check each group", id="unknown"),
        pytest.param("hello", 404, "We know no such receipt. Check each group", id="no-receipt"),
        pytest.param("", 422, "This field is required.", id="empty"),
        pytest.param("A" * 61, 422, "at most 60 characters", id="too-long"),
        pytest.param("١٢٣٤-١٢٣٤-١٢٣٤-١٢٣٤", 404, "We know no such receipt.", id="other-digits"),
        pytest.param("' OR 1=1 --", 404, "We know no such receipt.", id="an-attack"),
    ],
)
def test_a_wrong_receipt_says_what_to_do_and_stays_in_the_box(client, typed, status, said):
    filed(Client())
    page = following(client, typed)
    assert page.status == status
    assert said in page.errors[0]
    assert page.typed(OPEN)["receipt"] == [typed]
    assert visit(client, "/follow/case/").path == "/follow/"


def test_an_empty_request_without_the_form_is_answered_like_an_empty_box(client):
    assert client.post("/follow/", {}).status_code == 422


def test_without_a_receipt_there_is_no_case(client):
    filed(Client())
    assert visit(client, "/follow/case/").path == "/follow/"
    assert Page(client.post("/follow/case/links/", {"links": LINK}, follow=True)).path == "/follow/"


def test_the_person_sees_kinds_and_steps_and_never_the_data(client):
    receipt = filed(client, **EVERYTHING)
    assert "It is being read. Come back in a few minutes." in following(client, receipt).words
    assert do_the_work() == 1
    page = visit(client, "/follow/case/")
    assert "Phone number" in page.words
    assert page.tree.xpath("//ol/li"), "the steps of the plan"
    shown = page.response.content.decode().lower()
    assert [secret for secret in SECRETS if secret in shown] == [], "a shared screen would expose it again"
    assert receipt.lower() not in shown
    assert "board.example.net" in shown


def test_an_approved_step_is_told_and_a_draft_is_called_a_draft(client, signed_in):
    receipt = filed(client, **EVERYTHING)
    do_the_work()
    assert "These are drafts until a person approves them." in following(client, receipt).words
    case, desk = queries.case_by_receipt(receipt), signed_in()
    desk.post(f"/desk/cases/{case.reference}/take/")
    press(desk, visit(desk, f"/desk/cases/{case.reference}/plan/"), "Approve", reason="the proof has to be kept")
    step = case.measures.get(state="approved")
    words = visit(client, "/follow/case/").words
    assert "A person works on your case and has approved first steps." in words
    assert f"Approved: {step.planned['title']}" in words
    assert str(desk.person) not in words, "who works on it stays in the house"


def test_more_links_are_added_once_and_the_plan_follows(client):
    receipt = filed(client, **EVERYTHING)
    do_the_work()
    page = following(client, receipt)
    steps = Measure.objects.count()
    page = press(client, page, ADD, links="https://mirror.example.net/t/2 https://mirror.example.net/t/2")
    assert "1 link was added." in page.words
    assert Measure.objects.count() > steps
    assert "We had these links already." in press(client, page, ADD, links="https://mirror.example.net/t/2").words
    wrong = press(client, page, ADD, links="mirror")
    assert (wrong.status, wrong.typed(ADD)["links"]) == (422, ["mirror"])
    assert "Entry 1 is not a web link." in wrong.errors[0]
    assert press(client, page, ADD, links="").status == 422


def test_a_yes_is_one_press_and_taken_back_in_one(client):
    receipt = filed(client, **EVERYTHING)
    do_the_work()
    page = following(client, receipt)
    form = next(f for f in page.tree.forms if f.get("action") == "/follow/case/consent/")
    step = form.xpath(".//input[@name='step']/@value")[0]
    yes = Page(client.post("/follow/case/consent/", {"step": step, "given": "yes"}, follow=True))
    assert "You said yes." in yes.words
    no = Page(client.post("/follow/case/consent/", {"step": step, "given": "no"}, follow=True))
    assert "What you said no to" in no.words
    assert consents.standing_in(Case.objects.get()) == {step: False}
    again = Page(client.post("/follow/case/consent/", {"step": step, "given": "yes"}, follow=True))
    assert "You said yes." in again.words


def test_nobody_says_yes_without_the_receipt(client):
    filed(client, **EVERYTHING)
    do_the_work()
    step = Case.objects.get().measures.first().key
    assert Page(Client().post("/follow/case/consent/", {"step": step, "given": "yes"}, follow=True)).path == "/follow/"
    assert consents.standing_in(Case.objects.get()) == {}


@pytest.mark.parametrize("told", [{}, {"step": "no:such:step", "given": "yes"}, {"given": "maybe"}])
def test_a_yes_to_nothing_is_no_yes(client, told):
    receipt = filed(client, **EVERYTHING)
    do_the_work()
    following(client, receipt)
    if told == {"given": "maybe"}:
        told = {**told, "step": Case.objects.get().measures.first().key}
    assert client.post("/follow/case/consent/", told).status_code == 404


def test_what_happens_to_a_step_is_told_in_words(client):
    receipt = filed(client, **EVERYTHING)
    do_the_work()
    measure = Case.objects.get().measures.filter(planned__remedy="preservation-request-platform").first()
    remedies.approve(measure.pk, "right", by=member(), at=NOON)
    progress.note_sent(measure.pk, by="mail", at=NOON)
    progress.note_answer(measure.pk, "refuse", by="addressee", at=NOON, says="words of theirs")
    page = following(client, receipt)
    assert "They refuse: Ask the holder to preserve the data" in page.words
    assert "words of theirs" not in page.words
    assert "1 letter has gone." in page.words or "A person at the helpline looks at it" in page.words


def test_closing_the_case_on_this_device_forgets_it(client):
    page = following(client, filed(client))
    assert press(client, page, STOP).path == "/"
    assert visit(client, "/follow/case/").path == "/follow/"


def test_each_visit_with_the_receipt_is_logged_without_it(client):
    receipt = filed(client)
    following(client, receipt)
    entries = ledger.entries_of(queries.case_by_receipt(receipt).pk)
    assert [entry["kind"] for entry in entries if entry["by"] == "receipt"] == ["case.followed"]
    assert receipt not in str(entries)


def test_opening_a_case_gives_the_visit_a_new_session(client):
    first, second = filed(Client()), filed(Client())
    following(client, first)
    before = client.cookies["sessionid"].value
    page = following(client, second)
    assert client.cookies["sessionid"].value != before
    assert queries.case_by_receipt(second).reference in page.words
    assert queries.case_by_receipt(first).reference not in page.words


def test_looking_at_pages_changes_nothing(client):
    receipt = filed(client)
    following(client, receipt)
    case = queries.case_by_receipt(receipt)
    before = (Case.objects.count(), case.state, len(evidence.items_of(case)), case.postings.count())
    for path in (
        "/",
        "/receipt/",
        "/receipt/kept/",
        "/follow/",
        "/follow/case/",
        "/follow/case/links/",
        "/follow/stop/",
    ):
        client.get(path, {"links": LINK, "text": "x", "receipt": receipt})
        client.head(path)
    case.refresh_from_db()
    assert (Case.objects.count(), case.state, len(evidence.items_of(case)), case.postings.count()) == before
    assert visit(client, "/follow/case/").path == "/follow/case/", "still followed"


# -- every page ----------------------------------------------------------------------------------------------------


def pages_of_the_portal(client: Client) -> dict[str, Page]:
    empty = visit(client, "/report/all/")
    pages = {"report": empty, "refused": press(client, empty, SEND), "gone": visit(Client(), "/receipt/")}
    pages["receipt"] = press(client, empty, SEND, **EVERYTHING)
    receipt = receipt_on(pages["receipt"])
    pages["follow"] = visit(client, "/follow/")
    pages["unknown"] = following(client, "AAAA-AAAA-AAAA-AAAA")
    pages["unread"] = following(client, receipt)
    do_the_work()
    pages["case"] = visit(client, "/follow/case/")
    pages["wrong link"] = press(client, pages["case"], ADD, links="mirror")
    pages["missing"] = visit(client, "/nowhere/")
    return pages


def test_every_page_has_a_title_a_language_one_heading_and_the_ways_out_and_on(client):
    for name, page in pages_of_the_portal(client).items():
        tree = page.tree
        assert tree.xpath("string(//title)").strip(), name
        assert tree.get("lang") == "en", name
        assert len(tree.xpath("//h1")) == 1, name
        assert len(tree.xpath("//main[@id='main']")) == 1, name
        links = tree.xpath("//body//a[@href]")
        assert links[0].get("href") == "/exit/", f"{name}: the way out comes first"
        assert links[1].get("href") == "#main", f"{name}: then the way on"
        assert not tree.xpath("//*[@style] | //script[not(@src)] | //*[@onclick]"), f"{name}: the policy would block it"
        outside = [a for a in tree.xpath("//@href | //@src") if "//" in a]
        assert outside == [], f"{name} leads or loads from elsewhere"


def test_no_two_pages_have_the_same_title(client):
    pages = pages_of_the_portal(client)
    titles = {name: pages[name].tree.xpath("string(//title)") for name in ("report", "receipt", "follow", "case")}
    assert len(set(titles.values())) == len(titles), titles

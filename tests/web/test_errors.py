"""Pages for what goes wrong: they say what to do, stand on their own, and leak nothing."""

from __future__ import annotations

import logging

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from factories.pages import Page
from habeas.web.portal import follow
from habeas.web.site.logs import PlacesOnly

pytestmark = pytest.mark.django_db

SECRET = "Mara Vellinga, Lindengracht 212"


def breaks(error: BaseException):
    def view(*_: object) -> None:
        raise error

    return view


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False)


def stands_alone(page: Page) -> None:
    """A page for an error has a head, a language, one heading, the ways out and on, and no inside of the machine."""
    assert page.tree.get("lang") == "en"
    assert page.tree.xpath("string(//title)").strip()
    assert len(page.tree.xpath("//h1")) == 1
    assert page.tree.xpath("(//body//a)[1]/@href") == ["/exit/"]
    assert page.tree.xpath("(//body//a)[2]/@href") == ["#main"]
    text = page.response.content.decode()
    for inside in (
        "Traceback",
        "Django",
        "django",
        "Error:",
        "/src/",
        ".py",
        "site-packages",
        "DEBUG",
        *SECRET.split(", "),
    ):
        assert inside not in text
    assert "no-store" in page.response.headers["Cache-Control"]
    assert "Content-Security-Policy" in page.response.headers


def test_a_request_no_browser_sends(browser):
    page = Page(browser.post("/report/all/", b"x", content_type="multipart/form-data; boundary="))
    assert page.status == 400
    assert "Please go back and try once more. Nothing was stored." in page.words
    stands_alone(page)


def test_a_wrong_host_name(browser):
    page = Page(browser.get("/", HTTP_HOST="board.example.net"))
    assert page.status == 400
    assert "board.example.net" not in page.response.content.decode()
    stands_alone(page)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({"text": "x" * 2_100_000}, id="too-long"),
        pytest.param({f"f{n}": "x" for n in range(1100)}, id="too-many-fields"),
    ],
)
def test_more_than_a_form_takes(browser, told):
    page = Page(browser.post("/report/all/", told))
    assert page.status == 413
    assert "Nothing was stored. Go back: most browsers still show what you wrote." in page.words
    assert "save a long text as a file and send the file" in page.words
    stands_alone(page)


@pytest.mark.parametrize(
    "path", ["/nowhere/", "/desk/nowhere/", "/%00", "/" + "x" * 3000, "/..%2f..%2fetc/passwd", "/<b>"]
)
def test_a_page_that_is_not_here(browser, path):
    page = Page(browser.get(path))
    assert page.status == 404
    assert "The address may be mistyped, or the page has moved." in page.words
    assert "<b>" not in page.response.content.decode()
    stands_alone(page)


def test_a_page_that_is_not_open(browser, monkeypatch):
    monkeypatch.setattr(follow.queries, "case_by_receipt", breaks(PermissionDenied(SECRET)))
    page = Page(browser.post("/follow/", {"receipt": "AAAA-AAAA-AAAA-AAAA"}))
    assert page.status == 403
    assert "ask whoever runs your team" in page.words
    stands_alone(page)


def test_something_broke(browser, monkeypatch):
    monkeypatch.setattr(follow.queries, "case_by_receipt", breaks(RuntimeError(SECRET)))
    page = Page(browser.post("/follow/", {"receipt": "AAAA-AAAA-AAAA-AAAA"}))
    assert page.status == 500
    assert "It is our fault, not yours. Everything you got a receipt for is safe." in page.words
    assert "Please try again in a few minutes." in page.words
    stands_alone(page)


def test_the_log_says_where_it_broke_and_nothing_of_whom_it_was_about(browser, monkeypatch, settings):
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            record.exc_text = None
            lines.append(self.format(record))

    [handler] = [h for h in logging.getLogger().handlers if isinstance(h.formatter, PlacesOnly)]
    kept = Kept()
    kept.setFormatter(handler.formatter)
    logging.getLogger().addHandler(kept)
    try:
        monkeypatch.setattr(follow.queries, "case_by_receipt", breaks(RuntimeError(SECRET)))
        browser.post("/follow/", {"receipt": "7KQ2-M9XD-40RT-HW8C"})
    finally:
        logging.getLogger().removeHandler(kept)
    told = "\n".join(lines)
    assert "RuntimeError" in told
    assert "portal/follow.py:" in told
    for secret in (*SECRET.split(", "), "7KQ2"):
        assert secret not in told

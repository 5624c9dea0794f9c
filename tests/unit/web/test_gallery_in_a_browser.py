"""The gallery as people meet it: axe, small screens, both directions, both lights, under the site's strict policy."""

import mimetypes
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import path

import habeas.web
from habeas.web.components.gallery import gallery
from habeas.web.site.headers import POLICY

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
STATIC = Path(habeas.web.__file__).parent / "static"
SITE = "http://habeas.example"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--headless=new", "--no-first-run", "--disable-background-networking"]
SWITCHES += ["--disable-component-update", "--disable-sync"]

urlpatterns = [path("exit/", lambda _: HttpResponse(), name="exit")]


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium found: install Debian's chromium to run the browser tests")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser, settings):
    """Opens an address of the gallery; no server: the pages and files are handed to the browser as it asks."""
    settings.ROOT_URLCONF = __name__
    pages = []

    def answer(route):
        address = urlsplit(route.request.url)
        if address.path.startswith("/static/"):
            file = STATIC / address.path.removeprefix("/static/")
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0])
        elif address.path == "/components/":
            html = rendered[address.query]
            route.fulfill(body=html, content_type="text/html", headers={"Content-Security-Policy": POLICY})
        else:
            route.fulfill(body="<!DOCTYPE html><title>Weather</title>", content_type="text/html")

    rendered = {}

    def open_page(query="", *, width=1280, light="light", scripts=True):
        rendered[query] = gallery(RequestFactory().get(f"/components/?{query}")).content.decode()
        page = browser.new_page(
            viewport={"width": width, "height": 800}, color_scheme=light, java_script_enabled=scripts
        )
        page.complaints = []
        page.on(
            "console", lambda said: page.complaints.append(said.text) if said.type in ("error", "warning") else None
        )
        page.route("**/*", answer)
        page.goto(f"{SITE}/components/?{query}")
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()


@pytest.mark.parametrize(
    ("query", "width", "light"),
    [
        pytest.param("look=portal", 1280, "light", id="portal"),
        pytest.param("look=portal", 1280, "dark", id="portal-dark"),
        pytest.param("look=portal&language=ar", 320, "light", id="portal-arabic-small"),
        pytest.param("look=desk", 1280, "light", id="desk"),
        pytest.param("look=desk&language=ar", 1280, "dark", id="desk-arabic-dark"),
        pytest.param("look=desk", 320, "light", id="desk-small"),
    ],
)
def test_nobody_is_shut_out_and_nothing_breaks_the_policy(visit, query, width, light):
    from axe_playwright_python.sync_playwright import Axe

    page = visit(query, width=width, light=light)
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.complaints == []


def test_shift_three_times_leaves_and_a_capital_letter_does_not(visit):
    page = visit()
    for letter in "ABC":
        page.keyboard.press(f"Shift+{letter}")
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    assert page.inner_text("nav.exit [role=status]") == "Press Shift once more to leave."
    assert page.url.startswith(f"{SITE}/components/")
    page.keyboard.press("Shift")
    page.wait_for_url(f"{SITE}/exit/")
    page.go_back()
    assert "components" not in page.url


def test_the_way_out_works_without_scripts(visit):
    page = visit(scripts=False)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{SITE}/exit/")


def test_sealed_text_is_clear_only_when_asked_and_never_in_print(visit):
    page = visit(scripts=False, query="look=desk")
    # Read through the browser's own protocol, as scripts are off on the page.
    blur = "el => getComputedStyle(el).filter + ' ' + getComputedStyle(el).visibility"
    mark = page.locator(".mark-text").first
    assert mark.evaluate(blur).startswith("blur(")
    page.emulate_media(media="print")
    assert mark.evaluate(blur).endswith("hidden")
    page.emulate_media(media="screen", reduced_motion="reduce")
    page.check(".sealed-toggle")
    assert mark.evaluate(blur) == "none visible"

"""What the journeys share: a browser, a served house, and a close look at every page they come through."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

ROOT = Path(__file__).parents[2]
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--headless=new",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, SMALL = {"width": 1280, "height": 800}, {"width": 320, "height": 640}
COLOURS_AND_PLACES = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
TWICE = "[...document.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)"
PASSWORD = "a long enough password"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for one module: another may start a driver of its own, and two do not go together."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        missing = "no Chromium found: install Debian's chromium to run the journeys"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver, pytest.MonkeyPatch.context() as environment:
        # Playwright keeps an event loop in this thread; Django then takes every query for a mistake.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        running = driver.chromium.launch(executable_path=chromium, args=SWITCHES)
        yield running
        running.close()


@pytest.fixture
def password() -> str:
    return PASSWORD


@pytest.fixture
def house(live_server, transactional_db) -> str:
    """The address of a served house with one caseworker and one lead."""
    from habeas.access.actions import add_member
    from habeas.kernel import clock

    for username, role, name in (("casey", "caseworker", "Casey Okafor"), ("lee", "lead", "Lee Marchetti")):
        add_member(username, PASSWORD, role, "Helpline of Examplia", full_name=name, at=clock.now())
    return live_server.url


@pytest.fixture
def do_the_work(house) -> Callable[[], int]:
    """What the worker beside the server does, here and now. Returns how many jobs were tried."""
    from django.conf import settings

    from habeas.store.worker import Worker

    return Worker(settings.HABEAS_JOBS).run_until_idle


@pytest.fixture
def elsewhere(settings) -> Iterator[str]:
    """A harmless page on another site, where "Exit this page" leads."""

    class Weather(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!DOCTYPE html><title>Weather</title><link rel=icon href=data:,><p>Sunny.")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Weather)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.HABEAS_EXIT = f"http://127.0.0.1:{server.server_port}/"
    yield settings.HABEAS_EXIT
    server.shutdown()
    server.server_close()


@dataclass
class Visitor:
    """Somebody with a browser. ``complaints``: what the browser's console said on the way."""

    page: Page
    house: str
    scripts: bool
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.house + path)

    def hear(self, said: ConsoleMessage) -> None:
        # A page that answers 404 or 422 on purpose is reported by the browser as a resource that failed.
        answered = said.text.startswith("Failed to load resource: the server responded with a status of 4")
        if said.type in {"error", "warning"} and not (answered and "/static/" not in said.location.get("url", "")):
            self.complaints.append(f"{self.page.url}: {said.text}")


@pytest.fixture
def visitor(browser, house) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors, each with cookies of their own."""
    contexts, visitors = [], []

    def come(*, scripts: bool = True) -> Visitor:
        context = browser.new_context(viewport=WIDE, java_script_enabled=scripts)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        who = Visitor(page, house, scripts)
        page.on("console", who.hear)
        page.on("pageerror", lambda error: who.complaints.append(f"{page.url}: {error}"))
        visitors.append(who)
        return who

    yield come
    for context in contexts:
        context.close()
    assert [complaint for who in visitors for complaint in who.complaints] == []


@pytest.fixture(scope="session")
def pictures() -> Path:
    folder = Path(os.environ.get("HABEAS_SCREENSHOTS") or ROOT / "var" / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def look(pictures) -> Callable[[Visitor, str], None]:
    """Looks closely at the page a visitor is on: in both lights, wide and small, with a picture of each."""
    return partial(_look, pictures)


def _look(pictures: Path, who: Visitor, name: str) -> None:
    page = who.page
    page.wait_for_function("document.documentElement && document.readyState === 'complete'")
    faults = [f"two elements have the id {id_}" for id_ in page.evaluate(TWICE)]
    for size, width in ((WIDE, "wide"), (SMALL, "small")):
        page.set_viewport_size(size)
        # The way out stays in view on a small screen: scrolled down, it covers what it passes.
        page.evaluate("scrollTo(0, 0)")
        sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if sideways > 0:
            faults.append(f"{width}: {sideways} px wider than the screen: {_widest(page)}")
        for light in ("light", "dark"):
            page.emulate_media(color_scheme=light)
            # The first look checks everything; another light or size changes colours and places only.
            found = _axe(page, None if (width, light) == ("wide", "light") else COLOURS_AND_PLACES)
            faults += [f"{width}, {light}: {fault}" for fault in found]
            page.screenshot(path=pictures / f"{name}-{width}-{light}.png", full_page=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)
    assert faults == [], f"{name} ({page.url})"


def _axe(page: Page, rules: list[str] | None) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    # What passed costs as much to tell as to find, and there is no film or foreign style to load beforehand.
    options: dict[str, object] = {"resultTypes": ["violations"], "preload": False}
    if rules:
        options["runOnly"] = {"type": "rule", "values": rules}
    violations = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {[node['target'] for node in rule['nodes']][:5]}" for rule in violations]


def _widest(page: Page) -> str:
    return page.evaluate(
        "() => [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
        ".slice(0, 3).map(e => e.tagName + '.' + e.className).join(', ')"
    )

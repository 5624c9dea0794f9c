"""One visit of one page, as a process of its own: ``python -m habeas.evidence.capture.visit``.

The plan comes as JSON on the standard input; what is seen goes out in frames on the standard output (``frames``), each
as soon as it is known, so that whoever started this may end it at any moment and keep what came. Everything the browser
fetches passes through the guard whose port the plan names. A page may hang its renderer: so no call waits without end.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import resource
import socket
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from habeas.evidence.capture.frames import send

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, CDPSession, Download, Page, Playwright

# Nothing goes around the guard: no names looked up here, no QUIC, no WebRTC beside it, no exception for loopback.
SWITCHES = (
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--disable-quic",
    "--dns-prefetch-disable",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--enforce-webrtc-ip-permission-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-extensions",
    "--disable-component-extensions-with-background-pages",
    "--disable-default-apps",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-gpu",
    "--disable-notifications",
    "--disable-remote-fonts-cache",
    # An error page would load itself again, and the record show a visit that nobody made.
    "--disable-auto-reload",
    "--no-first-run",
    "--no-pings",
    "--no-service-autorun",
    "--deny-permission-prompts",
    "--mute-audio",
    # All frames in one process, so that one session sees the traffic of all of them. The profile lives for this one
    # page and knows no secret that one frame could take from another.
    "--disable-site-isolation-trials",
    (
        "--disable-features=IsolateOrigins,site-per-process,OptimizationHints,MediaRouter,DialMediaRouteProvider,"
        "InterestFeedContentSuggestions,Translate,CertificateTransparencyComponentUpdater,SafeBrowsing,WebBluetooth,"
        "WebUSB,Prerender2,SpeculationRulesPrefetchFuture,AutofillServerCommunication,HttpsUpgrades,"
        "HttpsFirstBalancedModeAutoEnable,LensOverlay,GlobalMediaControls,PaintHolding,DestroyProfileOnBrowserClose"
    ),
    "--js-flags=--max-old-space-size=512",
)
HIGHEST_PICTURE = 12_000
WIDEST_PICTURE = 4_096
MOST_FRAMES = 50
MOST_BLOCKS = 20_000
MOST_LETTERS = 2_000_000
MOST_MARKUP = 20_000_000
MOST_SCROLLS = 40
START_SECONDS = 30.0
CALL_SECONDS = 5.0
FRAMES_SECONDS = 15.0
QUIET_SECONDS = 0.5
AFTER_LOAD_SECONDS = 4.0
_SCRIPT = Path(__file__).with_name("read_page.js")
_HEAR = (
    "requestWillBeSent", "requestWillBeSentExtraInfo", "responseReceived", "responseReceivedExtraInfo", "dataReceived",
    "loadingFinished", "loadingFailed", "requestServedFromCache", "webSocketCreated",
)  # fmt: skip


@dataclass(slots=True)
class Hop:
    """One request and its answer; a redirect makes several of one request id."""

    request: dict[str, Any]
    response: dict[str, Any] | None = None
    body: bytes = b""
    size: int = 0
    ended: bool = False
    has_body: bool = False
    failed: str = ""
    cached: bool = False
    decoded: bool = False
    cut: str = ""


@dataclass(slots=True)
class Trail:
    """Everything heard of one request id."""

    hops: list[Hop] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    answered: list[dict[str, Any]] = field(default_factory=list)
    sent: bool = False


class Visit:
    def __init__(self, plan: dict[str, Any], out: BinaryIO) -> None:
        self.plan, self.out = plan, out
        self.began = time.monotonic()
        self.trails: dict[str, Trail] = {}
        self.quiet_since = time.monotonic()
        self.unpacked = 0
        self.requests = 0
        self.loaded = False
        self.stopped = False
        self.jobs: set[asyncio.Task[None]] = set()
        self.session: CDPSession
        self.buffering: CDPSession
        self.page: Page
        self.main_frame = ""

    # ------------------------------------------------------------------------------------------------- the way through

    async def run(self) -> None:
        from playwright.async_api import async_playwright

        async with async_playwright() as driver:
            with socket.socket() as dead_end:
                # Bound and never listened at: what the browser wants for itself (updates, its maker's services) ends
                # here. The page has a way of its own, through the guard.
                dead_end.bind(("127.0.0.1", 0))
                await self._with_browser(driver, dead_end.getsockname()[1])
        self._send({"is": "done"})

    async def _with_browser(self, driver: Playwright, dead_end: int) -> None:
        try:
            browser = await driver.chromium.launch(
                executable_path=self.plan["browser"],
                args=[f"--proxy-server=socks5://127.0.0.1:{dead_end}", *SWITCHES],
                # Chromium's own sandbox needs a user who is not root.
                chromium_sandbox=os.geteuid() != 0,
                timeout=START_SECONDS * 1000,
            )
        except Exception as trouble:
            self._send({"is": "no_browser", "said": _first_line(trouble)})
            raise
        try:
            await self._tell_browser(browser)
            context = await browser.new_context(**self._context(browser.version))
            await self._in(context)
        finally:
            with suppress(Exception):
                await asyncio.wait_for(browser.close(), CALL_SECONDS)

    async def _tell_browser(self, browser: Browser) -> None:
        session = await browser.new_browser_cdp_session()
        told = await self._ask(session, "SystemInfo.getProcessInfo")
        found = [one["id"] for one in told.get("processInfo", []) if one["type"] == "browser"]
        self._send({"is": "browser", "version": browser.version, "pid": found[0] if found else None})

    def _context(self, version: str) -> dict[str, Any]:
        wanted = self.plan["user_agent"] or plain_user_agent(version)
        self._send({"is": "user_agent", "user_agent": wanted})
        return {
            "proxy": {"server": f"socks5://127.0.0.1:{self.plan['proxy_port']}", "bypass": "<-loopback>"},
            "viewport": {"width": self.plan["viewport"][0], "height": self.plan["viewport"][1]},
            "locale": self.plan["locale"],
            "timezone_id": self.plan["timezone"],
            "user_agent": wanted,
            "accept_downloads": False,
            "service_workers": "block",
            "permissions": [],
            # A page with a bad certificate is evidence too; what is wrong with the certificate is said in the record.
            "ignore_https_errors": True,
        }

    async def _in(self, context: BrowserContext) -> None:
        self.page = page = await context.new_page()
        page.on("popup", self._popup)
        page.on("crash", lambda _: self._incomplete("the page made the browser fall over"))
        page.on("dialog", lambda dialog: self._later(dialog.dismiss()))
        page.on("download", self._download)
        self.session = session = await context.new_cdp_session(page)
        for name in _HEAR:
            session.on(f"Network.{name}", getattr(self, f"_{_snake(name)}"))
        session.on("Page.loadEventFired", lambda _: setattr(self, "loaded", True))
        room = self.plan["max_bytes"]
        await self._ask(session, "Page.enable")
        # Messages that endure come whole or not at all; a second ear keeps what has come of those that never end.
        self.buffering = await context.new_cdp_session(page)
        for ear in (session, self.buffering):
            await self._ask(
                ear,
                "Network.enable",
                maxTotalBufferSize=2 * room,
                maxResourceBufferSize=room,
                maxPostDataSize=1 << 16,
            )
        # Bodies of a page that goes on to another page would be lost without this.
        await self._ask(session, "Network.configureDurableMessages", maxTotalBufferSize=2 * room,
                        maxResourceBufferSize=room)  # fmt: skip
        # The time given is the page's, however long the browser took to start.
        self.began = self.quiet_since = time.monotonic()
        self.main_frame = (await self._ask(session, "Page.getFrameTree"))["frameTree"]["frame"]["id"]
        await self._load()
        await self._look()

    async def _load(self) -> None:
        share = self.plan["max_seconds"] * 0.6
        try:
            await self.page.goto(self.plan["url"], wait_until="commit", timeout=share * 1000)
        except Exception as trouble:  # its errors differ by version; the traffic says what happened
            self._send({"is": "trouble", "said": _first_line(trouble)})
            if "ERR_ABORTED" not in str(trouble) and "Download" not in str(trouble):
                await self._settle(0.5)
                return
        await self._until_quiet(self.began + share)
        if not self.loaded:
            self._incomplete(f"the page had not finished loading after {share:.0f} s")
        if self.plan["scroll"] and self.loaded and not self.stopped:
            await self._scroll()

    async def _until_quiet(self, until: float) -> None:
        loaded_at = 0.0
        while (now := time.monotonic()) < until and not self.stopped:
            await asyncio.sleep(0.05)
            if self.loaded:
                loaded_at = loaded_at or now
                waiting = any(not hop.ended for trail in self.trails.values() for hop in trail.hops[-1:])
                if not waiting and now - self.quiet_since > QUIET_SECONDS:
                    return
                if now - loaded_at > AFTER_LOAD_SECONDS:
                    return

    async def _scroll(self) -> None:
        """Down the page in steps, so that what loads only when it comes into sight does load."""
        until = self.began + self.plan["max_seconds"] * 0.8
        for _ in range(MOST_SCROLLS):
            if time.monotonic() > until or self.stopped:
                self._incomplete("scrolling down the page had no end in the time given")
                break
            at_end = await self._evaluate(
                "() => { const e = document.scrollingElement; if (!e) return true; const was = e.scrollTop;"
                " e.scrollTop += innerHeight * 0.9; return e.scrollTop === was || e.scrollTop > 30000; }"
            )
            if at_end is not False:
                break
            await asyncio.sleep(0.1)
        await self._until_quiet(min(until, time.monotonic() + 3))
        await self._evaluate("() => { if (document.scrollingElement) document.scrollingElement.scrollTop = 0; }")

    async def _look(self) -> None:
        if not await self._answers():
            # A script that never ends: it is stopped, so that the page can be read as it stands.
            self._incomplete("a script of the page never ended and was stopped")
            await self._ask(self.session, "Runtime.terminateExecution")
            await self._ask(self.session, "Emulation.setScriptExecutionDisabled", value=True)
        await self._read_frames()
        await self._picture()
        await self._certificates()
        await self._finish_traffic()

    async def _answers(self) -> bool:
        told = await self._ask(self.session, "Runtime.evaluate", expression="1", seconds=3.0)
        return "result" in told

    # --------------------------------------------------------------------------------------------- what the page shows

    async def _read_frames(self) -> None:
        tree = (await self._ask(self.session, "Page.getFrameTree")).get("frameTree")
        frames = list(_frames(tree)) if tree else []
        if len(frames) > MOST_FRAMES:
            self._incomplete(f"the page has {len(frames)} frames; {MOST_FRAMES} were read")
        until = self.began + self.plan["max_seconds"] + FRAMES_SECONDS
        for number, frame in enumerate(frames[:MOST_FRAMES]):
            if number and time.monotonic() > until:
                self._incomplete(f"the time was up after {number} of {len(frames)} frames")
                break
            seen = await self._evaluate(_SCRIPT.read_text(), frame["id"], MOST_BLOCKS, MOST_LETTERS, MOST_MARKUP)
            if not isinstance(seen, dict):
                if number == 0:
                    self._incomplete("what the page shows could not be read")
                continue
            if seen.pop("cut"):
                self._incomplete("the page has more text or markup than is kept")
            markup = str(seen.pop("markup")).encode("utf-8", "replace")
            self._send({"is": "frame", "main": frame["id"] == self.main_frame, **seen}, markup)

    async def _evaluate(self, function: str, frame: str = "", *arguments: object) -> Any:
        """What a function says in a world of its own of a frame; None where it cannot be asked."""
        made = await self._ask(
            self.session, "Page.createIsolatedWorld", frameId=frame or self.main_frame, worldName="habeas"
        )
        if "executionContextId" not in made:
            return None
        said = ", ".join(json.dumps(one) for one in arguments)
        told = await self._ask(
            self.session,
            "Runtime.evaluate",
            expression=f"({function})({said})",
            contextId=made["executionContextId"],
            returnByValue=True,
            timeout=CALL_SECONDS * 1000,
            seconds=2 * CALL_SECONDS,
        )
        return told.get("result", {}).get("value")

    async def _picture(self) -> None:
        size = (await self._ask(self.session, "Page.getLayoutMetrics")).get("cssContentSize")
        if not size:
            self._incomplete("no picture could be taken", page=False)
            return
        width = max(1, min(int(size["width"]), WIDEST_PICTURE))
        height = max(1, min(int(size["height"]), HIGHEST_PICTURE))
        if size["height"] > height:
            self._incomplete(
                f"the page is {int(size['height']):,} px high; the picture shows the first {height:,}", page=False
            )
        if size["width"] > width:
            self._incomplete(
                f"the page is {int(size['width']):,} px wide; the picture shows the first {width:,}", page=False
            )
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        took = await self._ask(
            self.session, "Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip, seconds=15.0
        )
        if "data" not in took:
            self._incomplete("no picture could be taken", page=False)
            return
        self._send({"is": "picture", "width": width, "height": height}, base64.b64decode(took["data"]))

    async def _certificates(self) -> None:
        origins = {
            "/".join(hop.response["url"].split("/", 3)[:3])
            for trail in self.trails.values()
            for hop in trail.hops
            if hop.response and hop.request.get("main") and hop.response["url"].startswith("https:")
        }
        for origin in sorted(origins)[:20]:
            told = await self._ask(self.session, "Network.getCertificate", origin=origin)
            self._send({"is": "chain", "origin": origin, "der": told.get("tableNames", [])})

    # ----------------------------------------------------------------------------------------------------- the traffic

    def _request_will_be_sent(self, told: dict[str, Any]) -> None:
        trail = self.trails.setdefault(told["requestId"], Trail())
        if "redirectResponse" in told and trail.hops:
            last = trail.hops[-1]
            last.response, last.ended, last.has_body = told["redirectResponse"], True, True
        request = {
            **told["request"],
            "wall": told["wallTime"],
            "type": told.get("type", "Other"),
            "main": told.get("type") == "Document" and told.get("frameId") == self.main_frame,
        }
        trail.hops.append(Hop(request))
        self._heard()
        self.requests += 1
        if self.requests > self.plan["max_requests"]:
            self._stop(f"more than {self.plan['max_requests']:,} requests")

    def _request_will_be_sent_extra_info(self, told: dict[str, Any]) -> None:
        self.trails.setdefault(told["requestId"], Trail()).asked.append(told)

    def _response_received_extra_info(self, told: dict[str, Any]) -> None:
        self.trails.setdefault(told["requestId"], Trail()).answered.append(told)

    def _response_received(self, told: dict[str, Any]) -> None:
        if hop := self._hop(told):
            hop.response = told["response"]
            hop.request["type"] = told.get("type", hop.request["type"])
        self._heard()

    def _data_received(self, told: dict[str, Any]) -> None:
        self.unpacked += told["dataLength"]
        if hop := self._hop(told):
            hop.size += told["dataLength"]
        self._heard()
        if self.unpacked > self.plan["max_bytes"]:
            self._stop(f"more than {self.plan['max_bytes']:,} bytes came")

    def _loading_finished(self, told: dict[str, Any]) -> None:
        if hop := self._hop(told):
            hop.ended = True
            self._later(self._fetch_body(told["requestId"], hop))
        self._heard()

    def _loading_failed(self, told: dict[str, Any]) -> None:
        if hop := self._hop(told):
            hop.ended, hop.failed = True, told.get("blockedReason") or told.get("errorText") or "failed"
        self._heard()

    def _request_served_from_cache(self, told: dict[str, Any]) -> None:
        if hop := self._hop(told):
            hop.cached = True

    def _web_socket_created(self, told: dict[str, Any]) -> None:
        self._incomplete("what passed through web sockets is not in the record", page=False)
        self._send({"is": "socket", "url": told["url"]})

    def _hop(self, told: dict[str, Any]) -> Hop | None:
        trail = self.trails.get(told["requestId"])
        return trail.hops[-1] if trail and trail.hops else None

    def _heard(self) -> None:
        self.quiet_since = time.monotonic()

    async def _fetch_body(self, request: str, hop: Hop) -> None:
        told = await self._ask(self.session, "Network.getResponseBody", requestId=request, seconds=15.0)
        if "body" in told:
            self._keep(hop, told)
            hop.has_body = True
        self._send_trail(request)

    def _keep(self, hop: Hop, told: dict[str, Any]) -> None:
        """Keep the body of an answer; of a text see to it that it came as it was, and not as letters read from it."""
        text = told.get("body")
        if text is None:
            return
        if told.get("base64Encoded"):
            hop.body = base64.b64decode(text)
            return
        hop.body = text.encode("utf-8", "replace")
        # A letter that could not be read, or another length, shows that bytes were lost on the way.
        hop.decoded = "\ufffd" in text or bool(text and hop.size and len(hop.body) != hop.size)

    async def _finish_traffic(self) -> None:
        if self.jobs:
            await asyncio.wait(self.jobs, timeout=CALL_SECONDS)
        unheard = 0
        for request, trail in list(self.trails.items()):  # what a page still asks for comes in between
            if not trail.hops:
                unheard += 1
                continue
            hop = trail.hops[-1]
            if not hop.ended:
                hop.cut = "time"
                # What came so far: of documents and scripts it lies in one place, of pictures in another.
                told = await self._ask(self.buffering, "Network.streamResourceContent", requestId=request)
                hop.body = base64.b64decode(told.get("bufferedData", ""))
                if not hop.body:
                    self._keep(hop, await self._ask(self.buffering, "Network.getResponseBody", requestId=request))
            elif hop.failed and hop.response:
                hop.cut = "length" if self.stopped else "disconnect"
                self._keep(hop, await self._ask(self.session, "Network.getResponseBody", requestId=request))
            self._send_trail(request)
        if unheard:
            self._incomplete(f"{unheard} exchange(s) of background scripts are not in the record", page=False)

    def _send_trail(self, request: str) -> None:
        trail = self.trails[request]
        if trail.sent:
            return
        trail.sent = True
        for number, hop in enumerate(trail.hops):
            if not hop.request["url"].startswith(("http:", "https:")):
                continue  # data: and blob: went over no network
            head = {
                "is": "exchange",
                "request": hop.request,
                "response": hop.response,
                "asked": trail.asked[number] if number < len(trail.asked) else None,
                "answered": trail.answered[number] if number < len(trail.answered) else None,
                "failed": hop.failed,
                "cached": hop.cached,
                "cut": hop.cut,
                "decoded": hop.decoded,
                "has_body": hop.has_body,
            }
            self._send(head, hop.body)

    # ------------------------------------------------------------------------------------------------------- the rest

    def _popup(self, page: Page) -> None:
        self._send({"is": "blocked", "url": page.url, "why": "a window of its own, closed"})
        self._later(page.close())

    def _download(self, download: Download) -> None:
        self._send({"is": "blocked", "url": download.url, "why": "a download, refused"})
        self._later(download.cancel())
        self.loaded = True

    def _stop(self, why: str) -> None:
        if self.stopped:
            return
        self.stopped = True
        self._incomplete(why)
        self._later(self._halt())

    async def _halt(self) -> None:
        await self._ask(
            self.session, "Network.setBlockedURLs", urlPatterns=[{"urlPattern": "*://*:*/*", "block": True}]
        )
        await self._ask(self.session, "Page.stopLoading")

    async def _settle(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def _later(self, work: Any) -> None:
        async def done() -> None:
            with suppress(Exception):
                await work

        task = asyncio.ensure_future(done())
        self.jobs.add(task)
        task.add_done_callback(self.jobs.discard)

    async def _ask(
        self, session: CDPSession, method: str, *, seconds: float = CALL_SECONDS, **words: Any
    ) -> dict[str, Any]:
        """An answer of the browser; empty where it refuses or takes too long."""
        try:
            told: dict[str, Any] = await asyncio.wait_for(session.send(method, words), seconds)
        except Exception:  # a closed page, a hung one, a method this Chromium does not know
            return {}
        return told

    def _incomplete(self, why: str, *, page: bool = True) -> None:
        """page: whether what the page shows is touched by it, and not only the record of the traffic"""
        self._send({"is": "incomplete", "why": why, "page": page})

    def _send(self, head: dict[str, Any], blob: bytes = b"") -> None:
        send(self.out, head, blob)


def plain_user_agent(version: str) -> str:
    """As the same browser with a screen names itself: one without tells the poster that somebody records."""
    return (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{version.partition('.')[0]}.0.0.0 Safari/537.36"
    )


def _first_line(trouble: Exception) -> str:
    return (str(trouble).splitlines() or [""])[0][:300]


def _frames(tree: dict[str, Any]) -> Iterable[dict[str, Any]]:
    yield tree["frame"]
    for child in tree.get("childFrames", []):
        yield from _frames(child)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def main() -> None:
    plan = json.load(sys.stdin)
    # A browser that falls over leaves no picture of its memory behind.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Whatever a program below prints must not get between the frames.
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        asyncio.run(Visit(plan, out).run())


if __name__ == "__main__":
    main()

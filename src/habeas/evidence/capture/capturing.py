"""One page captured: the guard opened, the browser sent, what it saw packed, everything it left behind removed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from habeas.kernel import clock

if TYPE_CHECKING:
    from habeas.evidence.capture.guard import Report
    from habeas.evidence.capture.seen import Seen

TOOL: Final = "Habeas page capture"
# After the time of the page itself: to start the browser, and to read what stands there.
_START_SECONDS: Final = 30.0
_READING_SECONDS: Final = 60.0
_MOST_TOLD: Final = 4
_LONGEST_PATH: Final = 50
_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class CannotCapture(OSError):
    """Nothing of a page could be captured. The sentence says why and what to do, and does not name the page."""


@dataclass(frozen=True, slots=True)
class CaptureSettings:
    """How a page is captured.

    hash_only:     of material that nobody may hold: hashes and place are told, nothing is written
    allow_private: host:port places that may be reached though they are private
    max_bytes:     of what comes, packed or unpacked; max_seconds: until the page is read as it stands
    scroll:        down the page, so that what loads only in sight does load
    user_agent:    "" for that of the same Chromium with a screen
    """

    hash_only: bool = False
    allow_private: Collection[str] = frozenset()
    viewport: tuple[int, int] = (1280, 1024)
    locale: str = "en-US"
    timezone: str = "UTC"
    user_agent: str = ""
    max_seconds: float = 60.0
    max_bytes: int = 100 << 20
    max_requests: int = 1_500
    scroll: bool = True


@dataclass(frozen=True, slots=True)
class Capture:
    """A captured page. wacz: its package, None where nothing may be held; the hashes are the package's either way."""

    wacz: Path | None
    sha256: str
    sha512: str
    size_bytes: int
    started_at: datetime
    told: str

    def details(self) -> dict[str, Any]:
        """What is known of the making and of the page, in JSON values; a new dict at each call."""
        read: dict[str, Any] = json.loads(self.told)
        return read


def capture_page(url: str, settings: CaptureSettings, folder: Path) -> Capture:
    """Capture a page as it is now, into ``folder``, which is the caller's to empty.

    Raises CannotCapture where nothing at all could be captured. A page that is gone, refused or endless is captured as
    far as it goes; its details say what is missing.
    """
    url = _checked(url)
    browser = _browser()
    home = Path(tempfile.mkdtemp(prefix="c-", dir=folder))
    started_at = clock.now()
    try:
        seen, report = _visited(url, settings, browser, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    if not any(one.status is not None for one in seen.way):
        raise CannotCapture(_why_nothing(seen, report, url))
    details = _details(seen, report, url, settings, started_at, clock.now())
    package = _package(seen, report, details, started_at)
    file = None
    if not settings.hash_only:
        file = folder / f"{started_at:%Y%m%d%H%M%S}-{hashlib.sha256(package).hexdigest()[:8]}.wacz"
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(package)
    return Capture(
        wacz=file,
        sha256=hashlib.sha256(package).hexdigest(),
        sha512=hashlib.sha512(package).hexdigest(),
        size_bytes=len(package),
        started_at=started_at,
        told=json.dumps(details),
    )


# --------------------------------------------------------------------------------------------------------- before it


def _checked(url: str) -> str:
    """An address that a browser may be sent to. Raises CannotCapture."""
    url = url.strip()
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in url) or len(url) > 64_000:
        raise CannotCapture("the address holds characters that no address holds; copy it anew")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise CannotCapture("the address cannot be read; copy it anew") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise CannotCapture("only pages at http:// or https:// are captured; give the whole address of the page")
    if "@" in parts.netloc:
        raise CannotCapture("the address holds a name or password before the @; take it out and capture without")
    return url


def _browser() -> str:
    """The program that captures. Raises CannotCapture where it, or what drives it, is not installed."""
    if util.find_spec("playwright") is None:
        raise CannotCapture("capturing needs Playwright; install it with `pip install 'habeas[capture]'`")
    for name in _BROWSERS:
        if found := shutil.which(name):
            return found
    if own := _playwrights_own():
        return str(own)
    raise CannotCapture(
        "no Chromium was found; install it with `apt install chromium`, or `playwright install chromium`"
    )


def _playwrights_own() -> Path | None:
    """The newest Chromium that Playwright fetched for the user who runs this."""
    homes = (
        os.environ.get("PLAYWRIGHT_BROWSERS_PATH", ""),
        Path.home() / ".cache" / "ms-playwright",
        Path.home() / "Library" / "Caches" / "ms-playwright",
    )
    patterns = ("chrome-linux*/chrome", "chrome-mac*/Chromium.app/Contents/MacOS/Chromium")
    found = [
        (int(match[1]), file)
        for home in homes
        if home and Path(home).is_dir()
        for folder in Path(home).iterdir()
        if (match := re.fullmatch(r"chromium-(\d+)", folder.name))
        for pattern in patterns
        for file in folder.glob(pattern)
    ]
    return max(found)[1] if found else None


# ---------------------------------------------------------------------------------------------------------- the visit


def _visited(url: str, settings: CaptureSettings, browser: str, home: Path) -> tuple[Seen, Report]:
    from habeas.evidence.capture.guard import Guard
    from habeas.evidence.capture.seen import Seen

    seen = Seen()
    limit = _START_SECONDS + settings.max_seconds + _READING_SECONDS
    allowed = frozenset(one.strip().lower() for one in settings.allow_private)
    with Guard(max_bytes=settings.max_bytes, max_seconds=limit, allow_private=allowed) as guard:
        plan = {
            "url": url,
            "browser": browser,
            "proxy_port": guard.port,
            "user_agent": settings.user_agent,
            "viewport": list(settings.viewport),
            "locale": settings.locale,
            "timezone": settings.timezone,
            "max_seconds": settings.max_seconds,
            "max_bytes": settings.max_bytes,
            "max_requests": settings.max_requests,
            "scroll": settings.scroll,
        }
        with _short_way_to(home) as temporary:
            _listen(plan, home, temporary, seen, limit=limit, most_bytes=_MOST_TOLD * settings.max_bytes + (64 << 20))
    for why in guard.report.cut:
        seen.note(why)
    return seen, guard.report


@contextmanager
def _short_way_to(home: Path) -> Iterator[Path]:
    """A folder below ``home`` for what the browser keeps for a moment, by a path short enough for its sockets.

    A socket's path has at most 107 bytes, and Chromium adds some 45 to that of its folder.
    """
    folder = home / "t"
    folder.mkdir(mode=0o700)
    if len(os.fsencode(folder)) <= _LONGEST_PATH:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="hb-") as short:
        way = Path(short) / "t"
        way.symlink_to(folder, target_is_directory=True)
        yield way


def _listen(plan: dict[str, Any], home: Path, temporary: Path, seen: Seen, *, limit: float, most_bytes: int) -> None:
    """Run the visit, take in what it tells, and leave no process behind, however it ends."""
    from habeas.evidence.capture.frames import received

    process = subprocess.Popen(
        [sys.executable, "-m", "habeas.evidence.capture.visit"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=home,
        env=_environment(home, temporary),
        start_new_session=True,
    )
    assert process.stdin is not None  # noqa: S101  both are pipes
    assert process.stdout is not None  # noqa: S101
    late = threading.Timer(limit, _end, (process, home))
    late.daemon = True
    late.start()
    try:
        with suppress(BrokenPipeError), process.stdin as plan_out:
            plan_out.write(json.dumps(plan).encode())
        for head, blob in received(process.stdout, most_bytes):
            seen.take(head, blob)
    except (ValueError, RecursionError):
        seen.note("the visit told more than was expected, or nothing that can be read; the rest is left out")
    finally:
        late.cancel()
        _end(process, home)
        process.stdout.close()
    if not seen.done:
        seen.note("the browser had to be ended before it had told everything")


def _environment(home: Path, temporary: Path) -> dict[str, str]:
    """Nothing of ours: no settings, no keys, no address of a database."""
    from habeas import evidence

    code = Path(str(evidence.__file__)).parents[2]
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "XDG_CONFIG_HOME": str(home),
        "XDG_CACHE_HOME": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONPATH": str(code),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _end(process: subprocess.Popen[bytes], home: Path) -> None:
    """End the visit and its browser, which has made itself a process group of its own."""
    groups = {os.getpgid(pid) for pid in _running_in(home) if _lives(pid)} - {os.getpgrp()}
    if process.poll() is None:
        groups.add(process.pid)
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
    until = time.monotonic() + 5
    while (left := _running_in(home)) and time.monotonic() < until:
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def _lives(pid: int) -> bool:
    with suppress(ProcessLookupError):
        return os.getpgid(pid) > 0
    return False


def _running_in(home: Path) -> list[int]:
    """The processes that were given this home and still run. Where there is no /proc, none is found."""
    sign = f"HOME={home}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if sign in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


# ----------------------------------------------------------------------------------------------------------- after it


def _why_nothing(seen: Seen, report: Report, url: str) -> str:
    from habeas.evidence.capture.seen import place_of

    if seen.no_browser:
        return f"Chromium did not start ({seen.no_browser}); start it by hand once to see what it lacks"
    if not seen.version:
        return (
            "Chromium or its driver did not start in time; `pip install 'habeas[capture]'` puts the driver in order, "
            "and starting Chromium by hand shows what that lacks"
        )
    if not seen.done:
        return "the browser had to be ended before the page was there; try again when less is captured at once"
    asked = seen.way[-1].url if seen.way else url
    refusal = next((one for one in report.refusals if one.place == place_of(asked)), None)
    if refusal is not None and refusal.unsafe:
        return (
            f"the address is refused: {refusal.why}. "
            "Where it is meant to be reached, name it as host:port in HABEAS_CAPTURE_ALLOW"
        )
    if refusal is not None:
        return f"the site was not reached: {refusal.why}; try again later, or from another network"
    if "ERR_SSL" in seen.trouble or "ERR_CERT" in seen.trouble:
        return "the site was reached, but no encrypted connection came about; try the page at http://"
    if "ERR_TOO_MANY_REDIRECTS" in seen.trouble:
        return "the site sends the visitor round in a circle; try the address of another page of it"
    return "nobody answers at this address; try again later, or from another network"


def _details(
    seen: Seen, report: Report, url: str, settings: CaptureSettings, started_at: datetime, ended_at: datetime
) -> dict[str, Any]:
    from habeas.evidence.capture import describing
    from habeas.evidence.capture.seen import place_of

    if not seen.pages:
        seen.note("what the page shows could not be read")
    if decoded := sum(one.decoded for one in seen.exchanges):
        seen.note(f"{decoded} text(s) are kept as the browser decoded them, not byte by byte", page=False)
    shows = describing.what_it_shows(seen, url)
    offset = describing.clock_offset(seen.exchanges)
    answer = seen.last_answer
    return {
        **shows,
        "url_asked": url,
        "started_at": started_at.isoformat(),
        "ended_at": ended_at.isoformat(),
        **({"clock_offset_seconds": offset[0], "clock_source": offset[1]} if offset else {}),
        "tool": {"name": TOOL, "version": metadata.version("habeas")},
        "software": {
            "chromium": seen.version,
            "playwright": metadata.version("playwright"),
            "warcio": metadata.version("warcio"),
        },
        "user_agent": seen.user_agent,
        "viewport": list(settings.viewport),
        "locale": settings.locale,
        "account": "none: a profile of its own, without any login",
        "settings": _told_settings(settings),
        "redirects": describing.redirects(seen),
        **describing.places(report, seen),
        "server_address": report.addresses.get(place_of(answer.url), "") if answer else "",
        "tls": describing.chains(seen),
        "incomplete": list(seen.incomplete),
        "counts": describing.counts(report, seen),
        "picture": {
            "sha256": hashlib.sha256(seen.picture).hexdigest() if seen.picture else "",
            "width": seen.picture_size[0],
            "height": seen.picture_size[1],
        },
        "documents": [{"url": one.url, "sha256": hashlib.sha256(one.markup).hexdigest()} for one in seen.pages],
    }


def _told_settings(settings: CaptureSettings) -> dict[str, Any]:
    return {
        **asdict(settings),
        "allow_private": sorted(settings.allow_private),
        "viewport": list(settings.viewport),
        "scripts": "run",
        "service_workers": "blocked",
        "downloads": "refused",
        "windows": "closed",
        "certificate_errors": "passed over; the certificates are in the record",
    }


def _package(seen: Seen, report: Report, details: dict[str, Any], at: datetime) -> bytes:
    from habeas.evidence.capture import describing
    from habeas.evidence.capture.traffic import FILE, Traffic
    from habeas.evidence.core import wacz

    software = f"{TOOL} {details['tool']['version']}, Chromium {seen.version}"
    traffic = Traffic(
        {
            "software": software,
            "format": "WARC File Format 1.1",
            "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            "http-header-user-agent": seen.user_agent,
            "description": "Bodies as the browser handed them over, with their encodings undone; headers that told of "
            "those encodings stand under X-Archive-Orig-.",
        },
        at=at,
    )
    for exchange in sorted(seen.exchanges, key=lambda one: one.at):
        if not exchange.cached:
            traffic.add_exchange(exchange, report.addresses.get(exchange.place, ""))
    _add_views(traffic, seen, at)
    described = json.dumps(details, indent=2, ensure_ascii=False).encode()
    files = {
        f"archive/{FILE}": traffic.warc,
        "indexes/index.cdxj": traffic.index,
        wacz.PAGES: describing.list_of_pages(seen, at=at, media=details["media"]),
        "habeas/capture.json": described,
    }
    title = seen.pages[0].title if seen.pages else ""
    return wacz.pack(files, title=title or "Captured page", created=at, main_page=seen.way[0].url, software=software)


def _add_views(traffic: Any, seen: Seen, at: datetime) -> None:
    """What the page looked like, what it said, how its document stood, and what proves who served it."""
    from habeas.evidence.capture.describing import text_of

    first = seen.way[0].url
    if seen.picture and seen.pages:
        traffic.add_resource(f"urn:view:{first}", seen.picture, "image/png", at=at)
    if seen.pages:
        traffic.add_resource(f"urn:text:{first}", text_of(seen.shown).encode(), "text/plain; charset=utf-8", at=at)
    for number, frame in enumerate(seen.pages):
        name = f"urn:dom:{first}" if not number else f"urn:dom:{number}:{frame.url}"
        traffic.add_resource(name, frame.markup, "text/html; charset=utf-8", at=at)
    for origin, ders in sorted(seen.chains.items()):
        if ders:
            traffic.add_resource(f"urn:tls:{origin}", _pem(ders), "application/pem-certificate-chain", at=at)


def _pem(ders: list[bytes]) -> bytes:
    import base64

    parts = []
    for der in ders:
        said = base64.encodebytes(der).replace(b"\n", b"")
        lines = [said[at : at + 64] for at in range(0, len(said), 64)]
        parts.append(b"\n".join([b"-----BEGIN CERTIFICATE-----", *lines, b"-----END CERTIFICATE-----", b""]))
    return b"".join(parts)

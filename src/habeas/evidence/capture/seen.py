"""What a visit told, taken with care: it comes from a process in which hostile pages ran."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

MOST_EXCHANGES: Final = 5_000
MOST_FRAMES: Final = 100
MOST_BLOCKS: Final = 20_000
MOST_HEADERS: Final = 500
MOST_LETTERS: Final = 2_000_000
LONGEST_ADDRESS: Final = 64_000
LONGEST_LINE: Final = 64_000
MOST_CERTIFICATES: Final = 20
MOST_NOTES: Final = 500
KINDS: Final = frozenset({"text", "author", "time", "alt"})
CUTS: Final = frozenset({"", "length", "time", "disconnect", "unspecified"})
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")
_STATUS_LINE = re.compile(r"HTTP/\d(?:\.\d)? \d{3}(?: .*)?")
_AD_HOST = re.compile(
    r"(?:^|\.)(?:doubleclick\.net|googlesyndication\.com|adnxs\.com|taboola\.com|outbrain\.com|criteo\.(?:com|net)|"
    r"amazon-adsystem\.com|adservice\.google\.[a-z.]+)$"
)

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and, where one came, the answer to it.

    at:         when it was asked
    status:     None where no answer came
    said:       the status line after the protocol: "200 OK"
    asked, answered: headers as they went over the wire, in order, repeated ones repeated
    body:       with content and transfer encoding undone, as browsers hand it over
    cut:        why the body is not whole, in the words of WARC-Truncated; "" where it is
    decoded:    whether a text may have lost bytes that stand for no letter
    main:       whether it was for the page itself, and not for something in it
    """

    url: str
    method: str
    at: datetime
    asked: Headers
    sent: bytes
    status: int | None
    said: str
    answered: Headers
    body: bytes
    media_type: str
    protocol: str
    encryption: Mapping[str, str]
    kind: str
    main: bool
    cut: str
    failed: str
    cached: bool
    decoded: bool
    answered_at: datetime | None

    @property
    def place(self) -> str:
        return place_of(self.url)


@dataclass(frozen=True, slots=True)
class Frame:
    """What one frame showed. blocks: {"kind", "text", "ad"} each, in order."""

    url: str
    title: str
    main: bool
    shown: bool
    password: bool
    author: str
    published: str
    blocks: list[dict[str, Any]]
    markup: bytes


@dataclass(slots=True)
class Seen:
    """Everything that one visit told.

    incomplete: reason -> whether it touches what the page showed, and not only the record of the traffic
    chains:     origin -> certificates, DER, the site's own first
    """

    exchanges: list[Exchange] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    picture: bytes = b""
    picture_size: tuple[int, int] = (0, 0)
    chains: dict[str, list[bytes]] = field(default_factory=dict)
    incomplete: dict[str, bool] = field(default_factory=dict)
    blocked: list[tuple[str, str]] = field(default_factory=list)
    sockets: list[str] = field(default_factory=list)
    version: str = ""
    user_agent: str = ""
    trouble: str = ""
    no_browser: str = ""
    done: bool = False

    def note(self, why: str, *, page: bool = True) -> None:
        if why in self.incomplete or len(self.incomplete) < MOST_NOTES:
            self.incomplete[why] = page or self.incomplete.get(why, False)

    def take(self, head: object, blob: bytes) -> None:
        """Take in one frame of the visit. What makes no sense is left out, and that is said."""
        try:
            said = _mapping(head)
            _TAKEN[str(said.get("is"))](self, said, blob)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError, RecursionError):
            self.note("the visit told something that cannot be understood; it is left out", page=False)

    def _take_exchange(self, head: Mapping[str, Any], blob: bytes) -> None:
        if urlsplit(_text(_mapping(head["request"])["url"])).scheme not in {"http", "https"}:
            return  # data: and blob: went over no network
        if len(self.exchanges) >= MOST_EXCHANGES:
            self.note(f"more than {MOST_EXCHANGES:,} exchanges; the rest is not in the record", page=False)
            return
        self.exchanges.append(_exchange(head, blob))

    def _take_frame(self, head: Mapping[str, Any], blob: bytes) -> None:
        if len(self.frames) < MOST_FRAMES:
            self.frames.append(_frame(head, blob))

    def _take_picture(self, head: Mapping[str, Any], blob: bytes) -> None:
        if not blob.startswith(b"\x89PNG\r\n\x1a\n"):
            raise ValueError("a picture that is none")
        self.picture_size = (int(head["width"]), int(head["height"]))
        self.picture = blob

    def _take_chain(self, head: Mapping[str, Any], _blob: bytes) -> None:
        ders = [base64.b64decode(one, validate=True) for one in list(head["der"])[:MOST_CERTIFICATES]]
        if len(self.chains) < MOST_CERTIFICATES:
            self.chains[_one_line(head["origin"], 300)] = ders

    def _take_incomplete(self, head: Mapping[str, Any], _blob: bytes) -> None:
        self.note(_text(head["why"], 300), page=bool(head.get("page", True)))

    def _take_blocked(self, head: Mapping[str, Any], _blob: bytes) -> None:
        if len(self.blocked) < MOST_NOTES:
            self.blocked.append((_text(head["url"], 2_000), _text(head["why"], 300)))

    def _take_socket(self, head: Mapping[str, Any], _blob: bytes) -> None:
        if len(self.sockets) < MOST_NOTES:
            self.sockets.append(_text(head["url"], 2_000))

    def _take_word(self, head: Mapping[str, Any], _blob: bytes) -> None:
        for kind, name, most in (
            ("browser", "version", 60),
            ("user_agent", "user_agent", 500),
            ("trouble", "said", 300),
            ("no_browser", "said", 300),
        ):
            if head["is"] == kind:
                setattr(self, "version" if kind == "browser" else kind, _one_line(head[name], most) or "not said")

    def _take_end(self, _head: Mapping[str, Any], _blob: bytes) -> None:
        self.done = True

    # ------------------------------------------------------------------------------------------------ what follows

    @property
    def way(self) -> list[Exchange]:
        """The exchanges for the page itself, in the order they were asked: redirects and at last the page."""
        return sorted((one for one in self.exchanges if one.main), key=lambda one: one.at)

    @property
    def last_answer(self) -> Exchange | None:
        return next((one for one in reversed(self.way) if one.status is not None), None)

    @property
    def answer(self) -> Exchange | None:
        """The answer that gave the page; None where the way ended without one."""
        way = self.way
        return way[-1] if way and way[-1].status is not None else None

    @property
    def pages(self) -> list[Frame]:
        """The frames with pages of sites in them, the main one first: not the browser's own error pages."""
        real = [one for one in self.frames if urlsplit(one.url).scheme in {"http", "https", "about", "data", "blob"}]
        if not any(one.main and urlsplit(one.url).scheme in {"http", "https"} for one in real):
            return []
        return sorted(real, key=lambda one: not one.main)

    @property
    def shown(self) -> list[Frame]:
        """Those of the frames that a visitor sees, and that no advertiser filled."""
        return [one for one in self.pages if one.main or (one.shown and not is_ad_host(one.url))]


_TAKEN: Final[Mapping[str, Callable[[Seen, Mapping[str, Any], bytes], None]]] = {
    "exchange": Seen._take_exchange,
    "frame": Seen._take_frame,
    "picture": Seen._take_picture,
    "chain": Seen._take_chain,
    "incomplete": Seen._take_incomplete,
    "blocked": Seen._take_blocked,
    "socket": Seen._take_socket,
    "browser": Seen._take_word,
    "user_agent": Seen._take_word,
    "trouble": Seen._take_word,
    "no_browser": Seen._take_word,
    "done": Seen._take_end,
}


def is_ad_host(url: str) -> bool:
    return bool(_AD_HOST.search(urlsplit(url).hostname or ""))


def place_of(url: str) -> str:
    """host:port of an address, as ``addresses.place`` writes it. Raises ValueError."""
    from habeas.evidence.capture.addresses import place

    parts = urlsplit(url)
    return place(parts.hostname or "", parts.port or {"http": 80, "https": 443}[parts.scheme])


def _exchange(head: Mapping[str, Any], blob: bytes) -> Exchange:
    request = _mapping(head["request"])
    response = None if head.get("response") is None else _mapping(head["response"])
    asked, answered = _mapping(head.get("asked") or {}), _mapping(head.get("answered") or {})
    status = None if response is None else int(response["status"])
    if status is not None and not 100 <= status <= 999:
        raise ValueError("an answer with a status that is none")
    said, headers = _answer_head(response, answered) if response else ("", [])
    cut = str(head.get("cut") or "")
    if response and not cut and not head.get("has_body"):
        cut = "unspecified"
    if status is not None and 300 <= status < 400 and not blob and _promised(headers):
        cut = "unspecified"  # what a redirect says beside its address, browsers throw away
    method = _text(request["method"], 40)
    if not _NAME.fullmatch(method):
        raise ValueError("a request of no method")
    secured = _mapping((response or {}).get("securityDetails") or {})
    return Exchange(
        url=_address(request["url"]),
        method=method,
        at=_instant(float(request["wall"])),
        asked=_asked_headers(request, asked),
        sent=_sent(request),
        status=status,
        said=said,
        answered=headers,
        body=blob if response else b"",
        media_type=_one_line((response or {}).get("mimeType") or "", 200),
        protocol=_one_line((response or {}).get("protocol") or "", 20),
        encryption={name: _one_line(secured.get(name) or "", 100) for name in ("protocol", "cipher")},
        kind=_one_line(request.get("type") or "Other", 40),
        main=request.get("main") is True,
        cut=cut if cut in CUTS else "unspecified",
        failed=_one_line(head.get("failed") or "", 200),
        cached=bool(head.get("cached")),
        decoded=bool(head.get("decoded")),
        answered_at=_instant(float(response["responseTime"]) / 1000)
        if response and "responseTime" in response
        else None,
    )


def _promised(headers: Headers) -> bool:
    """Whether an answer says that a body follows."""
    said = {name.lower(): value for name, value in headers}
    return said.get("content-length", "0") != "0" or "transfer-encoding" in said


def _asked_headers(request: Mapping[str, Any], asked: Mapping[str, Any]) -> Headers:
    headers = _headers(asked.get("headers") or request.get("headers") or {})
    if not any(name.lower() == "host" for name, _ in headers):
        headers.insert(0, ("Host", urlsplit(_address(request["url"])).netloc.rpartition("@")[2]))
    return headers


def _answer_head(response: Mapping[str, Any], answered: Mapping[str, Any]) -> tuple[str, Headers]:
    """(status line after the protocol, headers), as they stood in the answer where that is known."""
    lines = _text(answered.get("headersText") or "", MOST_HEADERS * 1_000).replace("\r\n", "\n").split("\n")
    if _STATUS_LINE.fullmatch(lines[0]):
        said = lines[0].partition(" ")[2]
        parsed: Headers = []
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if line[:1] in {" ", "\t"} and parsed:
                parsed[-1] = (parsed[-1][0], f"{parsed[-1][1]} {_one_line(line)}")
            elif colon and _NAME.fullmatch(name.strip()):
                parsed.append((name.strip(), _one_line(value)))
        return _plain_line(said), parsed[:MOST_HEADERS]
    said = f"{int(response['status'])} {_text(response.get('statusText') or '', 100)}"
    return _plain_line(said), _headers(answered.get("headers") or response.get("headers") or {})


def _headers(said: object) -> Headers:
    """Repeated headers come as one, divided by line ends."""
    found: Headers = []
    for name, value in list(_mapping(said).items())[:MOST_HEADERS]:
        if _NAME.fullmatch(str(name)):
            found += [(str(name), _one_line(line)) for line in str(value).split("\n")]
    return found[:MOST_HEADERS]


def _sent(request: Mapping[str, Any]) -> bytes:
    entries = request.get("postDataEntries")
    if isinstance(entries, list):
        try:
            return b"".join(base64.b64decode(one["bytes"], validate=True) for one in entries if "bytes" in one)
        except (binascii.Error, TypeError):
            return b""
    return str(request.get("postData") or "").encode("utf-8", "replace")


def _frame(head: Mapping[str, Any], markup: bytes) -> Frame:
    blocks: list[dict[str, Any]] = []
    letters = 0
    for one in list(head["blocks"])[:MOST_BLOCKS]:
        text = _text(one["text"], MOST_LETTERS - letters)
        letters += len(text)
        kind = one.get("kind")
        blocks.append({"kind": kind if kind in KINDS else "text", "text": text, "ad": one.get("ad") is True})
    return Frame(
        url=_address(head["url"]),
        title=_text(head.get("title") or "", 2_000),
        main=head.get("main") is True,
        shown=head.get("shown") is True,
        password=head.get("password") is True,
        author=_text(head.get("author") or "", 500).strip(),
        published=_text(head.get("published") or "", 100).strip(),
        blocks=blocks,
        markup=markup,
    )


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _address(said: object) -> str:
    """An address as a request names it: without the part behind #, which never leaves the browser."""
    url = _text(said, LONGEST_ADDRESS).partition("#")[0]
    # Browsers write addresses in ASCII; anything else was never asked for.
    if not url.isascii() or not url or any(ord(letter) <= 32 or ord(letter) == 127 for letter in url):
        raise ValueError("no address")
    urlsplit(url)
    return url


def _mapping(said: object) -> Mapping[str, Any]:
    if not isinstance(said, Mapping):
        raise TypeError("not the shape that was expected")
    return said


def _text(said: object, most: int = LONGEST_LINE) -> str:
    if not isinstance(said, str):
        raise TypeError("not a text")
    # Half a pair of surrogates can be written down nowhere.
    return said[: max(0, most)].encode("utf-8", "replace").decode()


def _plain_line(said: str) -> str:
    """Fit for a status line: a status that is no ASCII has its letters replaced."""
    return _one_line(said, 200).encode("ascii", "replace").decode()


def _one_line(said: object, most: int = LONGEST_LINE) -> str:
    """Fit for a header: no line in it can begin another header."""
    return "".join(letter if letter.isprintable() or letter == "\t" else " " for letter in _text(said, most)).strip()

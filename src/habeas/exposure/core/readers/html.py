"""A web page as a browser saved it: what it shows, and, apart, what it hides.

The page is read as a stream of tags, without a tree: nesting of any depth costs no stack, and a broken page reads as
far as a browser would read it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import unquote

from habeas.exposure.core.readers import Budget, Reading, plain

_META_CHARSET = re.compile(rb"""(?i)<meta[^>]{1,300}?charset\s*=\s*["']?\s*([\w:.-]{1,40})""")
_XML_ENCODING = re.compile(rb"""(?i)\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w:.-]{1,40})""")
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,500}>")
_SAVED_FROM = re.compile(r"saved from url=\(\d+\)\s*(\S+)|^\s*url:\s*(\S+)", re.MULTILINE)

# Elements whose content nobody reads on the page. Options are read from the one that is selected.
_LEFT_OUT = {"script", "style", "template", "noframes", "datalist"}
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "dl", "blockquote", "article", "section",
               "pre", "form", "figure", "hr"}  # fmt: skip
_LINES = {"div", "li", "tr", "dt", "dd", "br", "header", "footer", "nav", "aside", "main", "address", "figcaption",
          "caption", "details", "summary", "fieldset", "legend", "option", "center", "body", "thead", "tbody", "tfoot",
          "optgroup", "textarea", "dialog", "iframe", "title"}  # fmt: skip

_HIDING_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)"
    r"|font-size\s*:\s*0(?:\.0+)?(?:px|pt|em|rem|%)?\s*(?:;|!|$)|(?<![-\w])opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)",
    re.IGNORECASE,
)
_INK = re.compile(r"(?i)(?<![-\w])color\s*:\s*([^;!]{1,60})")
_PAPER = re.compile(r"(?i)background(?:-color)?\s*:\s*([^;!]{1,60})")
_WHITE = {"white", "#fff", "#ffffff", "rgb(255,255,255)", "rgba(255,255,255,1)", "#ffffffff"}

_VALUE_TYPES = {"", "text", "email", "tel", "url", "search", "number", "date", "datetime-local", "password", "submit",
                "button", "reset"}  # fmt: skip

# Links that say who or where somebody is, even where their text does not.
_PROFILE_LINK = re.compile(
    r"""(?xi) ^ (?: https?: )? // (?: [\w-]+\. )*
    (?: (?: facebook|instagram|twitter|tiktok|linkedin|threads|youtube|reddit|snapchat|pinterest|tumblr|github|twitch
          |vk|ok|weibo|telegram|discord|steamcommunity|onlyfans|patreon|flickr|medium|soundcloud|strava|venmo|paypal
          |keybase|gravatar|bsky|mastodon ) \. \w{2,6} / [^/?\#\s]
      | (?: x\.com | t\.me | wa\.me | fb\.com | cash\.app | linktr\.ee | about\.me | paypal\.me ) / [^/?\#\s]
      | google\.[\w.]{2,6} /maps | maps\.(?:app\.)?\w+ | openstreetmap\.org/ )
    | ^ (?: https?: )? // [^/\s]+ / (?: @ | ~ | u/ | user/ | users/ | profile/ | profiles/ | people/ | in/ | member/ )
    | ^ / (?: @ | u/ | user/ | users/ | profile/ | profiles/ | people/ | member/ ) [^/\s]
    """
)
_NOT_A_PROFILE = re.compile(
    r"(?i)/(?:share|sharer|intent|login|signup|privacy|terms|policies|help|about|hashtag|search)\b"
)

_BLANKS = re.compile(r"[ \t\n\r\f]+")
_PARAGRAPH_END = re.compile(r"(?i)</p\s*>")
_BLANK_LINES = re.compile(r"\n{3,}")
_NBSP = "\u00a0"
# Stand for the edges between cells and rows until blanks are put right.
_CELL, _ROW = "\x1f", "\x1e"


def read(data: bytes, name: str, budget: Budget) -> Reading:
    """The visible text, then what the page hides. Raises UnreadableFile: encoding, no_text."""
    declared = _META_CHARSET.search(data[:8192]) or _XML_ENCODING.match(data[:300])
    decoded = plain.decode(data, name, declared[1].decode("ascii", "replace") if declared else None)
    reading = read_text(decoded.text)
    if decoded.note:
        reading.notes.insert(0, decoded.note)
    return reading


def read_text(source: str) -> Reading:
    """A page that is already text, such as the HTML body of a mail."""
    from lxml import etree

    page = _Page()
    parser = etree.HTMLParser(target=page, encoding="utf-8", huge_tree=True, no_network=True)
    # The page is handed over as UTF-8, so what it declares about itself must not be heard again. A zero would end it.
    markup = _XML_DECLARATION.sub("", source, count=1).replace("\0", "")
    # A browser breaks the line at every such tag, even at one that closes nothing; the parser passes over those.
    markup = _PARAGRAPH_END.sub("</p><br>", markup)
    for start in range(0, len(markup), 1_000_000):
        parser.feed(markup[start : start + 1_000_000].encode("utf-8", "replace"))
    with suppress(etree.LxmlError):  # raised for a page without one tag or letter
        parser.close()
    return page.reading()


@dataclass(slots=True)
class _Open:
    """An element that has not ended: what it does to the text within it."""

    tag: str
    silent: bool
    hidden: bool
    pre: bool
    paper: str | None
    href: str = ""
    text_from: int = 0


@dataclass(slots=True)
class _Flow:
    """Text as it comes; blanks and line breaks are put right at the end."""

    chunks: list[str] = field(default_factory=list)

    def text(self) -> str:
        text = "".join(self.chunks)
        text = re.sub(r" +", " ", text)
        text = re.sub(rf" ?([\n\t{_CELL}{_ROW}]) ?", r"\1", text)
        text = _BLANK_LINES.sub("\n\n", text)
        # Blocks at the edges of a cell leave it in its row.
        text = re.sub(rf"\n*{_CELL}\n*", "\t", text)
        text = re.sub(rf"\n*{_ROW}", "\n", text)
        text = re.sub(r"(?<![ \t])[ \t]+\n", "\n", text)
        text = _BLANK_LINES.sub("\n\n", text)
        return text.replace(_NBSP, " ").strip(" \n")


class _Page:
    """Receives the parser's events: the methods' names are lxml's."""

    def __init__(self) -> None:
        self.shown = _Flow()
        self.secret = _Flow()
        self.stack: list[_Open] = []
        self.title: list[str] = []
        self.in_title = False
        self.saved_from = self.canonical = self.og_url = self.description = ""
        self.inline_images = 0
        self.has_stylesheet = False
        self.row_has_cell = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        above = self.stack[-1] if self.stack else _Open("", silent=False, hidden=False, pre=False, paper=None)
        style = attributes.get("style", "")
        paper = _colour(_PAPER, style) or _normal(attributes.get("bgcolor", "")) or above.paper
        element = _Open(
            tag=tag,
            silent=above.silent or tag in _LEFT_OUT or (tag == "option" and "selected" not in attributes),
            hidden=above.hidden or self._hides(attributes, style, paper),
            pre=above.pre or tag in {"pre", "textarea"},
            paper=paper,
        )
        self.stack.append(element)
        if tag in {"meta", "link", "style", "title", "base"}:
            self._head(tag, attributes)
        if element.silent:
            return
        flow = self.secret if element.hidden else self.shown
        if element.hidden and not above.hidden:
            flow.chunks.append("\n")
        self._break(flow, tag, starts=True)
        if tag == "a":
            element.href = attributes.get("href", "")[:1000].strip()
            element.text_from = len(flow.chunks)
        elif tag == "img":
            self._image(flow, attributes)
        elif tag == "input":
            self._field(flow, attributes)

    def end(self, tag: str) -> None:
        while self.stack:
            element = self.stack.pop()
            if not element.silent:
                flow = self.secret if element.hidden else self.shown
                if element.href:
                    _append_target(flow, element)
                self._break(flow, element.tag, starts=False)
            if element.tag == "title":
                self.in_title = False
            if element.tag == tag or not any(above.tag == tag for above in self.stack[-20:]):
                return

    def data(self, data: str) -> None:
        if self.in_title:
            self.title.append(data)
            return
        element = self.stack[-1] if self.stack else None
        if element is not None and element.silent:
            return
        flow = self.secret if element is not None and element.hidden else self.shown
        if element is not None and element.pre:
            flow.chunks.append(data.replace("\r\n", "\n").replace("\r", "\n").replace(" ", _NBSP))
        else:
            flow.chunks.append(_BLANKS.sub(" ", data))

    def comment(self, text: str) -> None:
        found = None if self.saved_from else _SAVED_FROM.search(text[:2000])
        if found:
            self.saved_from = found[1] or found[2]

    def close(self) -> None:
        """Called by the parser at the end of the page."""

    def reading(self) -> Reading:
        title = _BLANKS.sub(" ", "".join(self.title)).strip()
        shown, secret = self.shown.text(), self.secret.text()
        reading = Reading()
        if title:
            reading.headers["title"] = title
            reading.pieces.append(("page title", title))
        url = self.saved_from or self.canonical or self.og_url
        if url:
            reading.headers["url"] = url
        if self.description and self.description not in shown and self.description != title:
            reading.pieces.append(("page description", self.description))
        reading.pieces.append(("page text", shown))
        if secret.strip():
            reading.pieces.append(("hidden text", secret))
            reading.notes.append("the page holds text that a browser does not show; it stands at the end")
        if self.inline_images:
            reading.notes.append(
                f"{self.inline_images} picture(s) inside the page were not read: send a screenshot if they hold text"
            )
        return reading

    def _hides(self, attributes: Mapping[str, str], style: str, paper: str | None) -> bool:
        if "hidden" in attributes or (style and _HIDING_STYLE.search(style)):
            return True
        ink = _colour(_INK, style) or _normal(attributes.get("color", ""))
        if not ink:
            return False
        if paper:
            return ink == paper or (ink in _WHITE and paper in _WHITE)
        # Without an own background, white is invisible only where no stylesheet may have darkened the page.
        return ink in _WHITE and not self.has_stylesheet

    def _head(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "title":
            self.in_title = not self.title and not any(element.tag == "svg" for element in self.stack[-5:])
        elif tag == "style":
            self.has_stylesheet = True
        elif tag == "link":
            relation = attributes.get("rel", "").lower().split()
            self.has_stylesheet = self.has_stylesheet or "stylesheet" in relation
            if "canonical" in relation and not self.canonical:
                self.canonical = attributes.get("href", "").strip()
        elif tag == "meta":
            key = (attributes.get("property") or attributes.get("name") or "").lower()
            content = _BLANKS.sub(" ", attributes.get("content", "")).strip()[:2000]
            if key == "og:url":
                self.og_url = self.og_url or content
            elif key in {"description", "og:description", "twitter:description"}:
                self.description = self.description or content

    def _break(self, flow: _Flow, tag: str, *, starts: bool) -> None:
        if tag in {"td", "th"}:
            if starts and self.row_has_cell:
                flow.chunks.append(_CELL)
            self.row_has_cell = True
        elif tag == "tr" and not starts:
            flow.chunks.append(_ROW)
        elif tag in _PARAGRAPHS:
            flow.chunks.append("\n\n")
        elif tag in _LINES and (starts or tag != "br"):
            flow.chunks.append("\n")
        if tag in {"tr", "table"}:
            self.row_has_cell = False

    def _image(self, flow: _Flow, attributes: Mapping[str, str]) -> None:
        if attributes.get("src", "")[:5].lower() == "data:":
            self.inline_images += 1
        words = dict.fromkeys(_BLANKS.sub(" ", attributes.get(key, "")).strip() for key in ("alt", "title"))
        flow.chunks.extend(f" [{text}] " for text in words if text)

    def _field(self, flow: _Flow, attributes: Mapping[str, str]) -> None:
        kind = attributes.get("type", "").lower()
        value = attributes.get("value", "")[:2000].strip()
        if kind in _VALUE_TYPES and value:
            flow.chunks.append(f" {value} ")
        elif kind == "hidden" and value and len(value) <= 200 and (" " in value or "@" in value):
            # Other hidden values are tokens of the site's software.
            self.secret.chunks.append(f"\n{value}\n")


def _append_target(flow: _Flow, element: _Open) -> None:
    """Put the address behind a link after its text, where it says who or where somebody is and the text does not."""
    target = _telling_target(element.href)
    if not target:
        return
    text = "".join(flow.chunks[element.text_from : element.text_from + 200]).lower()
    digits = re.sub(r"\D", "", target)
    if target.lower() in text or (target.lstrip("+").isdigit() and digits in re.sub(r"\D", "", text)):
        return
    flow.chunks.append(f" <{target}>")


def _telling_target(href: str) -> str:
    scheme, colon, rest = href.partition(":")
    if colon and scheme.lower() in {"mailto", "tel", "sms", "geo", "xmpp", "skype", "callto"}:
        return unquote(rest.partition("?")[0]).strip().lstrip("/")
    if _PROFILE_LINK.match(href) and not _NOT_A_PROFILE.search(href):
        return href[:300]
    return ""


def _colour(pattern: re.Pattern[str], style: str) -> str | None:
    found = pattern.search(style) if style else None
    return _normal(found[1]) if found else None


def _normal(colour: str) -> str | None:
    return colour.replace(" ", "").lower() or None

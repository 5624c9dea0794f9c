"""What somebody tells us when they report, checked and tidied before anything is stored."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from urllib.parse import urlsplit

from habeas.cases.core.facts import Truth

Reporter = Literal["self", "parent", "lawyer", "friend", "employer", "other"]
REPORTERS: tuple[Reporter, ...] = ("self", "parent", "lawyer", "friend", "employer", "other")

Channel = Literal["portal", "hotline", "desk", "sample"]

Wish = Literal["down", "stop", "who", "compensation", "advice"]
WISHES: tuple[Wish, ...] = ("down", "stop", "who", "compensation", "advice")

MOST_LINKS = 100


class UnusableLink(ValueError):
    """An entry that is no link, or too many of them. The message repeats none of them.

    entry: the number of the one that is no link, from 1; count: how many there were, where they are too many
    """

    def __init__(self, message: str, *, entry: int = 0, count: int = 0) -> None:
        super().__init__(message)
        self.entry, self.count = entry, count


@dataclass(frozen=True, slots=True)
class IncomingFile:
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Intake:
    """One report as it came in.

    lives_in:  jurisdiction code of the person affected, or null where not told
    links:     where the data was posted, as given, each once
    answers:   facts of the law's vocabulary, true, false or unknown
    danger:    whether someone is or may be in danger now
    posted_on: the day it was first posted, or null where not known
    news:      whether they want a word by e-mail when there is news
    agrees:    where somebody reports for another: whether that person knows and agrees
    hashes:    of private pictures, made on the person's device: ``pdq:<hex> sha256:<hex> quality:<n>``, one a picture
    call:      of a report by phone: ``callback``, ``interpreter`` and ``notes`` of whoever took it
    submission: the random token of the form, so that sending it twice is one report
    """

    channel: Channel
    reporter: Reporter
    language: str = "en"
    lives_in: str | None = None
    links: tuple[str, ...] = ()
    text: str = ""
    files: tuple[IncomingFile, ...] = ()
    answers: dict[str, Truth] = field(default_factory=dict)
    wishes: frozenset[Wish] = frozenset()
    danger: Truth = None
    posted_on: date | None = None
    target_name: str = ""
    contact: str = ""
    news: bool = False
    agrees: Truth = None
    hashes: tuple[str, ...] = ()
    call: dict[str, str] = field(default_factory=dict)
    submission: str = field(default_factory=lambda: secrets.token_urlsafe(24))


_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def read_links(typed: str) -> tuple[str, ...]:
    """Links from a box of text, one a line or divided by spaces, each once, in order.

    Adds ``https://`` where people left it out. Raises UnusableLink.
    """
    links: dict[str, None] = {}
    for number, word in enumerate(typed.split(), start=1):
        link = word.strip("<>\"'(),;")
        if not link:
            continue
        if not _SCHEME.match(link):
            link = f"https://{link}"
        try:
            parts = urlsplit(link)
            host = parts.hostname or ""
        except ValueError:
            host = ""
        if "." not in host or parts.scheme.lower() not in {"http", "https"}:
            raise UnusableLink(
                f"Entry {number} is not a web link. A link starts with https:// and holds a site name, "
                "like https://www.example.org/page.",
                entry=number,
            )
        links.setdefault(link)
    if len(links) > MOST_LINKS:
        raise UnusableLink(
            f"{len(links)} links are too many for one report; send the first {MOST_LINKS} and add more later.",
            count=len(links),
        )
    return tuple(links)


def host_of(link: str) -> str:
    """The site a link leads to, lower case, without ``www.``."""
    return (urlsplit(link).hostname or "").lower().removeprefix("www.")

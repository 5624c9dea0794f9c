"""Letters for places that publish them: what may stand there, and what must not.

An address is cut to its host, since a published address leads everybody to what it should hide.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

from habeas.remedies.core.letter_model import Withheld
from habeas.remedies.core.letter_withheld import within

# Anything that leads further than to a host, also where somebody took its scheme apart (hxxps, [.]).
_SCHEME = re.compile(r"h(?:tt|xx)ps?\s*:\s*/\s*/\s*([^\s<>\"']+)", re.IGNORECASE)
_BARE = re.compile(r"(?<![\w@/.-])(?:[a-z0-9-]+\.)+[a-z]{2,24}(?::\d+)?[/?#][^\s<>\"']*", re.IGNORECASE)
_AT_URI = re.compile(r"\bat://\S+", re.IGNORECASE)
_ENDS = ".,;:!?)]}»”’"


def hosts_of(links: Iterable[str]) -> tuple[str, ...]:
    """The hosts of addresses, each once, in their order; what has none is left out."""
    found: dict[str, None] = {}
    for link in links:
        try:
            host = urlsplit(link).hostname
        except ValueError:
            host = None
        if host:
            found[host.lower()] = None
    return tuple(found)


def shows_link(text: str, links: Iterable[str] = ()) -> bool:
    """Whether a text leads further than to a host, or holds one of these links, with or without its scheme."""
    plain = _plain(text)
    if any(_leads_on(one.rstrip(_ENDS)) for one in _SCHEME.findall(plain)):
        return True
    if _AT_URI.search(plain) or any(one.rstrip(_ENDS)[-1] not in "/?#" for one in _BARE.findall(plain)):
        return True
    folded = plain.casefold()
    return any(tail in folded for link in links if _leads_on(tail := _plain(link).casefold().partition("://")[2]))


def shows_withheld(text: str, withheld: Iterable[Withheld | str]) -> bool:
    """Whether a text shows a value that must not stand in it, however it is spaced, cased or punctuated."""
    plain = _plain(text)
    return any(within(one if isinstance(one, Withheld) else Withheld("value", one), plain) for one in withheld)


def _leads_on(rest: str) -> bool:
    """rest: an address from its host on."""
    return bool(re.search(r"[/?#].*[^/?#\s]", rest))


def _plain(text: str) -> str:
    """Without signs nobody sees, and with points written as points."""
    folded = unicodedata.normalize("NFKC", text)
    shown = "".join(sign for sign in folded if unicodedata.category(sign) not in {"Cf", "Cc"} or sign.isspace())
    return re.sub(r"\s*[\[({]\s*(?:\.|dot)\s*[\])}]\s*", ".", shown, flags=re.IGNORECASE)

"""Internet addresses (IPv4 and IPv6)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from habeas.exposure.core.detectors import Candidate, ScanContext
from habeas.exposure.core.normalise import NormalisedText

PATTERNS: dict[str, re.Pattern[str]] = {
    "IPv4": re.compile(r"(?<![\w.,:@+-])(?:\d{1,3}\.){3}\d{1,3}(?![\w@]|\.\d|,\d|-\w)"),
    "IPv4 with hidden dots": re.compile(
        r"(?<![\w.])\d{1,3}(?:\s?[\[({](?:\.|dot)[\])}]\s?\d{1,3}){3}(?!\w|\.\d)", re.IGNORECASE
    ),
    "IPv6": re.compile(
        r"(?<![\w:.])(?=[0-9a-f]{0,4}:[0-9a-f:])[0-9a-f:]{3,39}(?:(?:\d{1,3}\.){3}\d{1,3})?(?![\w:]|\.\d)",
        re.IGNORECASE,
    ),
}  # fmt: skip

_VERSION = re.compile(
    r"\b(?:v|ver|vers|version|release|build|firmware|driver|update|patch|chrome|firefox|safari|opera|edge|section|"
    r"sect|§|chapter|"
    r"kapitel|abschnitt|paragraph|figure|fig|table|rev|oid|upgrade[ds]? to)\W{0,3}$",
    re.IGNORECASE,
)
_AFTER_SLASH = re.compile(r"[A-Za-z]/$")
_LABEL = re.compile(
    r"\bip\b|ip ?addr|ipv[46]|adresse ip|dirección ip|айпи|server|host|logged|login|located", re.IGNORECASE
)
_HIDDEN_DOT = re.compile(r"\s?[\[({](?:\.|dot)[\])}]\s?", re.IGNORECASE)
# Addresses of no one: unspecified, loopback, broadcast, multicast.
# The documentation blocks (RFC 5737, RFC 3849) are kept, because exercises and tests must use them.
_NEIGHBOURHOOD = 24
# Groups of letters alone are whole words to the normaliser, so their look-alikes are still there.
_CYRILLIC_HEX = str.maketrans("асеАВСЕ", "aceABCE")


class NetworkDetector:
    """Value: the address in its canonical form. Detail: "IPv4" or "IPv6", with ", private" where it is not routed."""

    name = "network"

    def find(self, text: NormalisedText, context: ScanContext) -> Iterator[Candidate]:
        plain = text.text
        if plain.count(".") >= 3:
            for match in PATTERNS["IPv4"].finditer(plain):
                yield from _judge(match, match.group(), plain)
        if "." in plain or "dot" in text.lower:
            for match in PATTERNS["IPv4 with hidden dots"].finditer(plain):
                yield from _judge(match, _HIDDEN_DOT.sub(".", match.group()), plain)
        if plain.count(":") >= 2:
            folded = plain if plain.isascii() else plain.translate(_CYRILLIC_HEX)
            for match in PATTERNS["IPv6"].finditer(folded):
                if match.group().count(":") >= 2:
                    yield from _judge(match, match.group(), plain)


def _judge(match: re.Match[str], written: str, plain: str) -> Iterator[Candidate]:
    try:
        address = ipaddress.ip_address(written)
    except ValueError:
        return
    if address.is_unspecified or address.is_loopback or address.is_multicast or str(address) == "255.255.255.255":
        return
    before = plain[max(0, match.start() - _NEIGHBOURHOOD) : match.start()]
    labelled = _LABEL.search(before) is not None
    confidence, reason = 0.97, f"a complete {_family(address)} address"
    if address.version == 4:
        first = int(written.partition(".")[0])
        if not labelled and (_VERSION.search(before) or _AFTER_SLASH.search(before) or first == 0):
            return
        if first >= 240:
            return
        if not labelled and max(map(int, written.split("."))) < 20:
            confidence, reason = 0.6, "four small numbers with dots: an internet address or a version"
    elif len(written) < 8 and not labelled:
        # "::1", "a::b" and the like are code more often than addresses.
        return
    detail = _family(address)
    if address.is_private and not _is_documentation(address):
        detail += ", private"
        confidence, reason = 0.5, f"a complete {_family(address)} address of a private network, which locates nobody"
    if labelled:
        reason += ", with a word for it before"
    yield Candidate("ip", match.start(), match.end(), str(address), detail, confidence, reason)


def _family(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    return f"IPv{address.version}"


_DOCUMENTATION = tuple(
    ipaddress.ip_network(block)
    for block in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")
)


def _is_documentation(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return any(address.version == block.version and address in block for block in _DOCUMENTATION)


DETECTOR = NetworkDetector()

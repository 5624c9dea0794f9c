"""Addresses that a fixed form gives away: post boxes, military post, Indian house numbers, East Asian signs.

Each finder is one pattern over the text with its own key; what needs a grammar of streets is in ``address.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from habeas.exposure.core.detectors.address_words import fold


@dataclass(frozen=True, slots=True)
class Address:
    """One address: characters of the text, canonical key, country guess, confidence and why."""

    start: int
    end: int
    value: str
    country: str
    confidence: float
    reason: str


POST_BOX = re.compile(
    r"\b(?:p\.?\s?o\.?\s?box|post\s?office\sbox|postfach|postbus|apartado(?:\sde\scorreos)?|casella\spostale"
    r"|caixa\spostal"
    r"|c\.\s?p\.|skrytka\spocztowa|postboks|b\.?\s?p\.?|boîte\spostale|locked\sbag|gpo\sbox|psc"
    r"|unit(?=\s\d{4}\sbox)|cmr)"
    r"(?:\s(?:no|nr|n)\.?)?\s{0,2}[:#]?\s{0,2}(?P<number>\d{1,6}(?:\s\d{2,4}\b)?)(?:,?\sbox\s(?P<box>\d{1,6}))?",
    re.IGNORECASE,
)


def boxes(text: str) -> list[Address]:
    found = []
    for match in POST_BOX.finditer(text):
        short = match.group().lower().startswith(("bp", "b.p", "c.p", "c. p", "cmr", "b p"))
        end, confidence, postcode, country = match.end(), 0.5, "", ""
        tail = re.compile(
            r"[\s,]{1,4}(?:(?P<apo>[AFD]PO,?\s(?:AA|AE|AP)\s\d{5})"
            r"|(?P<code>(?:[A-Z]{1,2}-)?\d{4,5}(?:\s?[A-Z]{2}\b)?)\s(?P<city>[A-ZÀ-Þ][\w'’\-]+(?:\s[A-ZÀ-Þ][\w'’\-]+){0,2})"
            r"|(?P<city2>[A-ZÀ-Þ][\w'’\-]+(?:\s[A-ZÀ-Þ][\w'’\-]+){0,2}),?\s(?P<code2>(?:[A-Z]{2,3},?\s)?\d{4,5}"
            r"|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}))"
        ).match(text, match.end())
        if tail:
            end, confidence = tail.end(), 0.8
            postcode = (tail.group("code") or tail.group("code2") or tail.group("apo") or "")[-5:].strip()
            country = "US" if tail.group("apo") or re.match(r"[A-Z]{2},?\s\d{5}", tail.group("code2") or "") else ""
        elif short:
            continue
        number = match.group("number").replace(" ", "")
        found.append(
            Address(
                match.start(),
                end,
                f"{number}|pobox{match.group('box') or ''}|{postcode}",
                country,
                confidence,
                "a post box",
            )
        )
    return found


_MILITARY = re.compile(
    r"\b(?:(?:USS|USNS|USNV|USCGC|USAV|HMS|CMR|PSC|Unit)\s[^\n,]{1,40}?)[\s,]{1,4}"
    r"(?P<office>[AFD]PO),?\s(?P<area>AA|AE|AP),?\s(?P<zip>\d{5})(?:-\d{4})?\b",
    re.IGNORECASE,
)


def military(text: str) -> list[Address]:
    """A ship or unit with its military post office: "USS Example, FPO AP 96691". Source: USPS Publication 28, 225."""
    if "po" not in text.lower():
        return []
    found = []
    for match in _MILITARY.finditer(text):
        unit = re.sub(r"[^a-z0-9]", "", fold(re.split(r"[\n,]", match.group())[0]))
        why = "a ship or unit and a military post office stand together"
        found.append(Address(*match.span(), f"|{unit}|{match['zip']}", "US", 0.9, why))
    return found


_PIN = re.compile(r"(?<![\d.,/+])[1-9]\d{2}[ \-]?\d{3}(?![\d\-/]|[.,]\d)(?:,?\s{1,2}India\b)?", re.IGNORECASE)
_INDIAN_HOUSE = re.compile(
    r"(?:^|(?<=\s))(?P<said>(?:flat|house|plot|door|shop|villa|h|d|qtr|quarter)\.?\s?(?:no|number)?\.?\s?[:\-]?\s?|no\.?\s?|#\s?)?"
    r"(?P<number>(?:[A-Z]-?)?\d{1,4}[A-Z]?(?:[/\-]\d{1,4}[A-Z]?){0,3})(?=$|\s)",
    re.IGNORECASE,
)
_INDIAN_ROAD = re.compile(
    r"\b(?:road|rd|street|st|marg|nagar|colony|layout|lane|cross|main|sector|block|vihar|enclave|chowk|path|ganj|zila"
    r"|puram|circle|bazaar|bazar|salai|society|apartments|phase|extension|gali|mohalla|bagh)\b"
)
_NUMBERS_A_QUARTER = re.compile(
    r"(?:sector|phase|block|ward|stage|cross|main|gali|road|street|nagar|level|tower)\.?\s$", re.IGNORECASE
)
_PIECE = re.compile(r"[^,\n]+")


def indian(text: str) -> list[Address]:
    """House number, road, quarter, city and six-digit PIN, read from the PIN backwards: the road has no number."""
    found: list[Address] = []
    for pin in _PIN.finditer(text):
        floor = max(pin.start() - 160, 0)
        gap = text.rfind("\n\n", floor, pin.start())
        floor = gap + 2 if gap >= 0 else floor
        pieces = [(floor + one.start(), one.group()) for one in _PIECE.finditer(text[floor : pin.start()])]
        found += _from_pin(text, pieces[-7:], pin)
    return found


def _from_pin(text: str, pieces: list[tuple[int, str]], pin: re.Match[str]) -> Iterator[Address]:
    if len(pieces) < 2 or not re.fullmatch(r"\s{0,2}[A-Za-z][A-Za-z .&\-–]{1,36}", pieces[-1][1]):
        return
    start, number, said, parts = -1, "", False, [pieces[-1][1]]
    for at, piece in reversed(pieces[:-1]):
        begin = piece.rfind(":") + 1
        piece, at = piece[begin:], at + begin
        houses = [one for one in _INDIAN_HOUSE.finditer(piece) if not _NUMBERS_A_QUARTER.search(piece[: one.start()])]
        if not houses and (start >= 0 or begin or len(piece) > 40 or re.search(r"[!?;]|\w{4}\.\s", piece)):
            break
        if houses:
            house = houses[0] if not piece[: houses[0].start()].strip() else houses[-1]
            behind = piece[house.end() :].strip()
            if start >= 0 and (behind or not house["said"]):
                break
            start = at + house.start()
            said = said or bool(house["said"])
            number = number or house["number"].lower()
            if behind:
                parts.append(behind)
            if piece[: house.start()].strip() or begin:
                break
        else:
            parts.append(piece)
    streets = [fold(part).strip() for part in reversed(parts)]
    roads = [street for street in streets if _INDIAN_ROAD.search(street)]
    titled = all(part.strip()[:1].isupper() for part in parts)
    if start < 0 or len(parts) < 2 or not (said or roads or titled):
        return
    street = re.sub(r"[^a-z0-9]", "", re.sub(r"\brd\b", "road", (roads or streets)[0]))
    key = f"{number}|{street}|{re.sub(r'[^0-9]', '', pin.group())}"
    why = "a flat or house number, parts of an Indian address and a PIN code stand together"
    yield Address(start, pin.end(), key, "IN", 0.92 if said or roads else 0.7, why)

"""Bank accounts (IBAN) and payment cards."""

from __future__ import annotations

import re
from collections.abc import Iterator

from habeas.exposure.core.detectors import Candidate, ScanContext
from habeas.exposure.core.normalise import NormalisedText

# Length of an IBAN by country. Source: SWIFT IBAN registry, release 99.
IBAN_LENGTHS: dict[str, int] = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
    "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24,
    "FI": 18,
    "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21,
    "HU": 28,
    "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21,
    "LT": 20,
    "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30,
    "NI": 28,
    "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33,
    "SA": 24,
    "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24,
    "TR": 26,
    "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip

PATTERNS: dict[str, re.Pattern[str]] = {
    "iban": re.compile(
        rf"(?<![a-z0-9])(?:{'|'.join(IBAN_LENGTHS).lower()})[ .\-]?\d[ ]?\d(?:[ .\-]{{0,2}}[a-z0-9]){{11,29}}"
    ),
    "card": re.compile(r"(?<![\d])(?<!\d[.,])\d(?:[ ]?[ .\-]?[ ]?\d){11,18}(?!\d)"),
}

# network -> (first digits as ranges, lengths in digits). Source: ISO/IEC 7812 ranges as the networks publish them.
NETWORKS: tuple[tuple[str, tuple[tuple[int, int], ...], tuple[int, ...]], ...] = (
    ("American Express", ((34, 34), (37, 37)), (15,)),
    ("Diners Club", ((300, 305), (3095, 3095), (36, 36), (38, 39)), (14, 16, 17, 18, 19)),
    ("Discover", ((6011, 6011), (644, 649), (65, 65)), (16, 17, 18, 19)),
    ("JCB", ((3528, 3589), (1800, 1800), (2131, 2131)), (15, 16, 17, 18, 19)),
    ("Mir", ((2200, 2204),), (16, 17, 18, 19)),
    ("Mastercard", ((51, 55), (2221, 2720)), (16,)),
    ("Troy", ((9792, 9792),), (16,)),
    ("UnionPay", ((62, 62), (81, 81)), (16, 17, 18, 19)),
    ("RuPay", ((508, 508), (60, 60), (82, 82)), (16,)),
    ("Elo", ((4011, 4011), (5067, 5067), (6362, 6363), (6500, 6516)), (16,)),
    ("Maestro", ((50, 50), (56, 58), (6, 6)), (12, 13, 14, 15, 16, 17, 18, 19)),
    ("Visa", ((4, 4),), (13, 16, 19)),
)

_GROUPINGS = frozenset(
    {
        (4, 4, 4, 4),
        (4, 6, 5),
        (4, 6, 4),
        (4, 4, 4, 4, 3),
        (4, 4, 4, 1),
        (4, 4, 4),
        (6, 13),
        (4, 5, 6),
        (8, 8),
        (4, 4, 5),
        (4, 4, 4, 3),
        (6, 10),
    }
)
_CARD_LABEL = re.compile(
    r"\b(?:cards?|cc|ccn?um|credit|debit|visa|master ?card|amex|american express|discover|maestro|karten?|"
    r"kreditkarte|carte|"
    r"tarjeta|cart[aã]o|carta|kaart|kort|karta|kart[ıi]|cvv2?|cvc|exp|karty|hitelkártya)\b|карт|卡|カード|카드|بطاق|כרטיס",
    re.IGNORECASE,
)
_OTHER_LABEL = re.compile(
    r"\b(?:isbn|order|tracking|track|parcel|shipment|invoice|imei|serial|sku|ean|upc|barcode|ticket|reference|ref|"
    r"iccid|"
    r"transaction|gtin|waybill|sendungsnummer|bestellnummer|commande|pedido)\b",
    re.IGNORECASE,
)
_NOT_ALNUM = re.compile(r"[^A-Za-z0-9]")
_GROUPS = re.compile(r"\d+")


class IbanDetector:
    """Value: the account without blanks, in capitals. Detail: the country."""

    name = "iban"

    def find(self, text: NormalisedText, context: ScanContext) -> Iterator[Candidate]:
        plain = text.text
        for match in PATTERNS["iban"].finditer(text.lower):
            length = IBAN_LENGTHS[match.group()[:2].upper()]
            value, end = _take(plain, match.start(), match.end(), length)
            if len(value) != length or (end < len(plain) and plain[end].isalnum()):
                continue
            if not is_iban(value):
                continue
            yield Candidate(
                "iban", match.start(), end, value, value[:2], 0.99,
                f"a bank account of {value[:2]}: the length is right for the country and the check digits hold",
            )  # fmt: skip


def _take(plain: str, start: int, end: int, length: int) -> tuple[str, int]:
    """The first ``length`` letters and digits from start on, and where they end."""
    taken: list[str] = []
    place = start
    while place < end and len(taken) < length:
        if plain[place].isalnum():
            taken.append(plain[place])
        place += 1
    return "".join(taken).upper(), place


def is_iban(value: str) -> bool:
    """Whether the check digits hold. Source: ISO 13616, ISO/IEC 7064 MOD 97-10. value: capitals, no blanks."""
    if not value.isascii() or not value.isalnum():
        return False
    moved = value[4:] + value[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


class CardDetector:
    """Value: digits only. Detail: the network."""

    name = "card"

    def find(self, text: NormalisedText, context: ScanContext) -> Iterator[Candidate]:
        plain = text.text
        for match in PATTERNS["card"].finditer(plain):
            groups = _GROUPS.findall(match.group())
            digits = "".join(groups)
            if len(set(digits)) < 2 or not luhn_holds(digits):
                continue
            network = network_of(digits)
            before = plain[max(0, match.start() - 50) : match.start()]
            labelled = _CARD_LABEL.search(before) or _CARD_LABEL.search(plain[match.end() : match.end() + 25])
            if network is None and not labelled:
                continue
            grouped = tuple(map(len, groups))
            if len(grouped) > 1 and grouped not in _GROUPINGS and not labelled:
                continue
            if plain[max(0, match.start() - 1) : match.start()].isalpha() and not labelled:
                continue
            if not labelled and _OTHER_LABEL.search(before[-30:]):
                continue
            yield _card(match, digits, network, bool(labelled), len(grouped) > 1)


def _card(match: re.Match[str], digits: str, network: str | None, labelled: bool, grouped: bool) -> Candidate:
    # One digit string in ten passes the check digit by chance: a rare length or a bare run needs the word "card".
    usual = network is not None and network != "Maestro" and len(digits) in (14, 15, 16)
    confidence = 0.99 if labelled and network else 0.9 if usual else 0.75 if labelled else 0.5
    if usual and grouped and not labelled:
        confidence = 0.95
    reason = f"a card number of {network or 'an unknown network'}: the check digit holds"
    if labelled:
        reason += ", and a word for a card stands beside it"
    return Candidate("card", match.start(), match.end(), digits, network or "", confidence, reason)


def luhn_holds(digits: str) -> bool:
    """Whether the check digit holds. Source: ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = ord(digit) - 48
        if place % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def network_of(digits: str) -> str | None:
    """The card network of a number, by its first digits and its length; None where none issues such numbers."""
    for network, ranges, lengths in NETWORKS:
        if len(digits) not in lengths:
            continue
        for first, last in ranges:
            if first <= int(digits[: len(str(first))]) <= last:
                return network
    return None


IBAN_DETECTOR = IbanDetector()
CARD_DETECTOR = CardDetector()

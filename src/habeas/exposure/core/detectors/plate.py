"""Licence plates, beside a word for a plate or a car; a layout alone is never enough."""

from __future__ import annotations

import re
from collections.abc import Iterator

from habeas.exposure.core.detectors import Candidate, ScanContext
from habeas.exposure.core.normalise import NormalisedText
from habeas.exposure.core.spans import Taken

# country -> how plates are written there
LAYOUTS: dict[str, str] = {
    "GB": r"[A-Z]{2}\d{2} ?[A-HJ-PR-Y][A-HJ-PR-Z]{2}|[A-Z]\d{1,3} ?[A-Z]{3}|[A-Z]{3} ?\d{1,3}[A-Z]",
    "DE": r"[A-ZÄÖÜ]{1,3}[ \-][A-Z]{1,2}[ \-]?[1-9]\d{0,3}[EH]?",
    "FR": r"[A-HJ-NP-TV-Z]{2}[ \-]?\d{3}[ \-]?[A-HJ-NP-TV-Z]{2}|\d{2,4} ?[A-Z]{2,3} ?\d{2}",
    "ES": r"\d{4}[ \-]?[BCDFGHJKLMNPRSTVWXYZ]{3}|[A-Z]{1,2}[ \-]\d{4}[ \-][A-Z]{1,2}",
    "IT": r"[A-HJ-NPR-TV-Z]{2} ?\d{3} ?[A-HJ-NPR-TV-Z]{2}",
    "NL": r"[A-Z]{2}-\d{2}-\d{2}|\d{2}-\d{2}-[A-Z]{2}|\d{2}-[A-Z]{2}-\d{2}|[A-Z]{2}-\d{2}-[A-Z]{2}|"
    r"[A-Z]{2}-[A-Z]{2}-\d{2}|\d{2}-[A-Z]{2}-[A-Z]{2}|\d{2}-[A-Z]{3}-\d|\d-[A-Z]{3}-\d{2}|[A-Z]{2}-\d{3}-[A-Z]|[A-Z]-\d{3}-[A-Z]{2}|"
    r"[A-Z]{3}-\d{2}-[A-Z]|[A-Z]-\d{2}-[A-Z]{3}|\d-[A-Z]{2}-\d{3}|\d{3}-[A-Z]{2}-\d",
    "BE": r"[12]-[A-Z]{3}-\d{3}",
    "PL": r"[A-Z]{2,3} [A-Z0-9]{4,5}",
    "PT": r"\d{2}-[A-Z]{2}-\d{2}|[A-Z]{2}-\d{2}-[A-Z]{2}|\d{2}-\d{2}-[A-Z]{2}",
    "SE": r"[A-HJ-PR-UW-Z]{3} ?\d{2}[A-HJ-PR-UW-Z0-9]",
    "NO": r"[A-Z]{2} ?\d{5}",
    "DK": r"[A-Z]{2} ?\d{2} ?\d{3}",
    "CH": r"(?:ZH|BE|LU|UR|SZ|OW|NW|GL|ZG|FR|SO|BS|BL|SH|AR|AI|SG|GR|AG|TG|TI|VD|VS|NE|GE|JU)[ \-]?\d{1,6}",
    "AT": r"[A-Z]{1,2}[ \-]\d{1,5} ?[A-Z]{1,3}",
    "IE": r"\d{2,3}[ \-](?:C|CE|CN|CW|D|DL|G|KE|KK|KY|L|LD|LH|LM|LS|MH|MN|MO|OY|RN|SO|T|W|WH|WW|WX)[ \-]\d{1,6}",
    "BR": r"[A-Z]{3}[ \-]?\d[A-Z0-9]\d{2}",
    "IN": r"[A-Z]{2}[ \-]?\d{1,2}[ \-]?[A-Z]{1,3}[ \-]?\d{4}",
    "RU": r"[ABEKMHOPCTYXАВЕКМНОРСТУХ]\d{3}[ABEKMHOPCTYXАВЕКМНОРСТУХ]{2} ?\d{2,3}",
    "TR": r"\d{2} ?[A-Z]{1,3} ?\d{2,5}",
    "US": r"(?=[A-Z0-9 \-]{0,7}\d)(?=[A-Z0-9 \-]{0,7}[A-Z])[A-Z0-9]{1,4}[ \-]?[A-Z0-9]{2,5}",
}  # fmt: skip

_LABEL = re.compile(
    r"(?<![^\W_])(?:licen[cs]e plates?|number plates?|plates?|plate (?:no|number|#)|lic(?:\.|ense)? ?#|vehicle "
    r"reg\w*|reg(?:istration)?(?: (?:no|number|plate|mark))?|"
    r"vrm|tag(?: number)?|kennzeichen|autokennzeichen|nummernschild|kfz(?:-kennzeichen)?|immatricul\w+|plaque(?: "
    r"d'immatriculation)?|matr[íi]culas?|placa|targa(?:to)?|"
    r"kenteken(?:plaat|nummer)?|nummerplaat|tablica rejestracyjna|rejestracja|nr rej\w*|registreringsnummer|regnr|"
    r"reg\.?nr|nummerplade|skilt\w*|rekisteri\w*|plaka(?:s[ıi])?|"
    r"rendsz[áa]m|spz)\b|номер(?:а)? (?:машин\w*|авто\w*)|госномер\w*|车牌\w*|車牌|ナンバープレート|번호판",
)
_VEHICLE = re.compile(
    r"(?<![^\W_])(?:drives?|driving|car|cars|vehicle|truck|van|suv|sedan|pickup|motorbike|motorcycle|auto|wagen|"
    r"voiture|coche|carro|macchina|samoch[óo]d|bil|parked|parks|"
    r"toyota|honda|ford|bmw|audi|mercedes|vw|volkswagen|tesla|nissan|chevy|chevrolet|hyundai|kia|renault|peugeot|"
    r"fiat|seat|opel|vauxhall|skoda|volvo|jeep|dodge|mazda|subaru)\b",
)
_WORD_AHEAD = re.compile(
    r"[^\w\n]{0,4}(?:(?:is|was|ist|est|es|è|number|no|nr|numero|n[°o]|of (?:his|her|their) car|reads?|says|"
    r"lautet)\b[^\w\n]{0,3}){0,2}",
    re.IGNORECASE,
)
_OF_STATE = re.compile(
    r"\b(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|"
    r"V[AT]|W[AIVY])\s?$"
)
_REACH = 60
# Layouts that words, versions or flight numbers do not have; taken beside a word for a vehicle.
_PARTICULAR = ("GB", "FR", "ES", "IT", "NL", "BE", "BR", "IN")


class PlateDetector:
    """Value: letters and digits in capitals. Detail: the country whose layout it has, or ""."""

    name = "plate"

    def find(self, text: NormalisedText, context: ScanContext) -> Iterator[Candidate]:
        plain = text.text
        taken = Taken()
        for label in _LABEL.finditer(text.lower):
            match, country = _after(plain, label.end(), context)
            if match is None:
                continue
            confidence = 0.93 if country and country != "US" else 0.8
            reason = (
                f"has the layout of a plate of {country} and follows a word for a plate"
                if country
                else "follows a word for a licence plate"
            )
            candidate = Candidate("plate", *match.span(), _value(match.group()), country, confidence, reason)
            if taken.take(candidate.start, candidate.end):
                yield candidate
        for vehicle in _VEHICLE.finditer(text.lower):
            for match, country in _particular(plain, vehicle.end(), context):
                if taken.take(*match.span()):
                    reason = f"has the layout of a plate of {country}, near a word for a vehicle"
                    yield Candidate("plate", *match.span(), _value(match.group()), country, 0.7, reason)


_SHAPES = {
    country: re.compile(rf"(?<![A-Za-z0-9])(?:{layout})(?![A-Za-z0-9]|-\w)") for country, layout in LAYOUTS.items()
}
_SHAPES_ANY_CASE = {
    country: re.compile(rf"(?<![A-Za-z0-9])(?:{layout})(?![A-Za-z0-9]|-\w)", re.IGNORECASE)
    for country, layout in LAYOUTS.items()
}


def _order(context: ScanContext) -> list[str]:
    return [
        *(region for region in context.regions if region in LAYOUTS),
        *(country for country in LAYOUTS if country not in context.regions),
    ]


def _after(plain: str, place: int, context: ScanContext) -> tuple[re.Match[str] | None, str]:
    """The plate right after a label (in any case of letters), else the nearest one in capitals within reach."""
    ahead = _WORD_AHEAD.match(plain, place)
    start = ahead.end() if ahead else place
    best: tuple[int, int, re.Match[str], str] | None = None
    for rank, country in enumerate(_order(context)):
        for shapes, at_most in ((_SHAPES_ANY_CASE, 0), (_SHAPES, 25)):
            match = shapes[country].search(plain, start, min(len(plain), start + at_most + 14))
            if match is None or match.start() - start > at_most or "\n" in plain[start : match.start()]:
                continue
            if not any(map(str.isdigit, match.group())) or not any(map(str.isalpha, match.group())):
                continue
            if country in ("US", "PL", "CH", "NO", "DK", "SE", "AT") and match.start() != start:
                continue
            key = match.start(), -len(match.group()) * 100 + rank
            if best is None or key < best[:2]:
                best = (*key, match, country)
            break
    return (best[2], best[3]) if best else (None, "")


def _particular(plain: str, place: int, context: ScanContext) -> Iterator[tuple[re.Match[str], str]]:
    for country in _order(context):
        if country in _PARTICULAR:
            match = _SHAPES[country].search(plain, place, min(len(plain), place + _REACH))
            if match and "\n" not in plain[place : match.start()]:
                yield match, country


def _value(written: str) -> str:
    return re.sub(r"[^A-Z0-9ÄÖÜА-Я]", "", written.upper())


DETECTOR = PlateDetector()

"""Coordinates: decimal degrees, degrees with minutes, geo: addresses, map links and plus codes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from habeas.exposure.core.detectors import Candidate, ScanContext
from habeas.exposure.core.normalise import NormalisedText
from habeas.exposure.core.spans import Taken

_LAT = r"[+\-]?(?:[0-8]?\d|90)\.\d{3,15}"
_LON = r"[+\-]?(?:1[0-7]\d|0?\d?\d|180)\.\d{3,15}"
_ANGLE = r"\d{1,3} ?[°ºd] ?(?:\d{1,2}(?:\.\d{1,10})? ?['m] ?(?:\d{1,2}(?:\.\d{1,10})? ?(?:\"|''|s) ?)?)?"

PATTERNS: dict[str, re.Pattern[str]] = {
    "map link": re.compile(
        rf"(?:/@|[?&](?:q|ll|sll|daddr|saddr|query|center|destination|origin|cp|viewpoint|mlat)=(?:loc:)?|geo:|"
        rf"/place/|!3d|#map=\d{{1,2}}/)"
        rf"(?P<lat>{_LAT})(?:,|%2C|/|~|!4d|&mlon=)\+?(?P<lon>{_LON})",
        re.IGNORECASE,
    ),
    "decimal": re.compile(
        rf"(?<![\w.,])(?P<lat>{_LAT})°?(?: ?(?P<ns>[NS])\b)? ?[,;/ ] ?(?P<lon>{_LON})°?(?: "
        rf"?(?P<ew>[EWO])\b)?(?![\w.]|,\d)"
    ),
    "labelled": re.compile(
        rf"\blat(?:itude|itud)?\.?[\"']? ?[:=]? ?(?P<lat>{_LAT})°?(?: "
        rf"?(?P<ns>[NS])\b)?[^\d\n]{{1,24}}?(?P<lon>{_LON})°?(?: ?(?P<ew>[EWO])\b)?",
        re.IGNORECASE,
    ),
    "degrees": re.compile(
        rf"(?<![\w.])(?P<lat>{_ANGLE}) ?(?P<ns>[NS])[,;/ ]{{0,3}}(?P<lon>{_ANGLE}) ?(?P<ew>[EWO])\b", re.IGNORECASE
    ),
    "degrees, letter first": re.compile(
        rf"(?<!\w)(?P<ns>[NS]) ?(?P<lat>{_ANGLE})[,;/ ]{{0,3}}(?P<ew>[EWO]) ?(?P<lon>{_ANGLE})", re.IGNORECASE
    ),
    "plus code": re.compile(r"(?<![\w+])(?P<code>[23456789CFGHJMPQRVWX]{8}\+[23456789CFGHJMPQRVWX]{2,3})(?!\w)"),
}  # fmt: skip

_TRIGGERS = {
    "map link": re.compile(r"/@|geo:|[?&][a-z]{1,11}=|/place/|!3d|#map="),
    "decimal": re.compile(r"\d\.\d{3}"),
    "labelled": re.compile(r"lat"),
    "degrees": re.compile("[°ºd]"),
    "degrees, letter first": re.compile("[°ºd]"),
    "plus code": re.compile(r"\+"),
}
_LABEL = re.compile(
    r"\b(?:gps|coord\w*|location|located|lat\w*|position|pin|map|maps|koordinat\w*|ubicaci[óo]n|standort|posizione|"
    r"localiza\w*|lives|house|home|"
    r"drop(?:ped)?|координат\w*)\b|坐标|座標",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class PlaceDetector:
    """Value: "latitude,
    longitude" in decimal degrees, five places (about one metre), or the plus code. Detail: how written."""

    name = "coordinates"

    def find(self, text: NormalisedText, context: ScanContext) -> Iterator[Candidate]:
        taken = Taken()
        for name, pattern in PATTERNS.items():
            if not _TRIGGERS[name].search(text.lower):
                continue
            for match in pattern.finditer(text.text):
                candidate = _judge(name, match, text.text)
                if candidate and taken.take(candidate.start, candidate.end):
                    yield candidate


def _judge(name: str, match: re.Match[str], plain: str) -> Candidate | None:
    labelled = _LABEL.search(plain, max(0, match.start() - 40), match.start()) is not None
    if name == "plus code":
        return Candidate(
            "coordinates",
            *match.span(),
            match["code"],
            "plus code",
            0.9,
            "a plus code, which names a place to a few metres",
        )
    parts = match.groupdict()
    south, west = parts.get("ns") in ("S", "s"), parts.get("ew") in ("W", "w", "O", "o")
    latitude, longitude = _degrees(match["lat"], south), _degrees(match["lon"], west)
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    value = f"{latitude:.5f},{longitude:.5f}"
    if name == "map link":
        return Candidate(
            "coordinates", match.start("lat"), match.end("lon"), value, name, 0.97, "coordinates inside a map link"
        )
    if name == "labelled":
        return Candidate(
            "coordinates", match.start("lat"), match.end(), value, name, 0.95, "latitude and longitude, named as such"
        )
    if name.startswith("degrees"):
        return Candidate(
            "coordinates", *match.span(), value, "degrees", 0.95, "degrees north or south with degrees east or west"
        )
    places = min(len(match["lat"].rpartition(".")[2]), len(match["lon"].rpartition(".")[2]))
    sided = bool(parts.get("ns") and parts.get("ew"))
    separated = "," in plain[match.end("lat") : match.start("lon")] or sided
    if not separated and not labelled:
        return None
    confidence = 0.95 if labelled or sided else 0.85 if places >= 5 else 0.75 if places == 4 else 0.5
    reason = f"two numbers in the ranges of latitude and longitude with {places} decimals or more"
    return Candidate(
        "coordinates",
        *match.span(),
        value,
        "decimal",
        confidence,
        reason + (", after a word for a place" if labelled else ""),
    )


def _degrees(written: str, negative: bool) -> float | None:
    """Decimal degrees of "52.5163" or "52° 31.205'"; None where minutes or seconds are out of range."""
    parts = [float(part) for part in _NUMBER.findall(written)]
    if not parts or any(part >= 60 for part in parts[1:]):
        return None
    total = sum(part / 60.0**power for power, part in enumerate(parts))
    return -float(total) if negative or written.lstrip().startswith("-") else float(total)


DETECTOR = PlaceDetector()

"""How grave each item is and the text as a whole: dimension S of the harm scale, then what stands together.

S counts the data in its context: 1 a name or public role; 2 workplace, school or contact data; 3 home address, live
location, finances, family; 4 special or intimate data, or any locating data of a person under threat. National
identifiers are counted with finances, credentials with 4 because they open everything else. What the writer tells of
themselves and what belongs to an organisation exposes nobody and does not count.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from habeas.exposure.core.detectors.cue import routines
from habeas.exposure.core.model import Exposure, Kind, Signal
from habeas.exposure.core.normalise import NormalisedText

Severity = Literal["none", "low", "moderate", "high", "very_high"]

_OF_KIND: dict[Kind, tuple[int, str]] = {
    "name": (1, "a name"),
    "handle": (1, "an account name"),
    "profile_url": (1, "a link to a profile"),
    "email": (2, "contact data"),
    "phone": (2, "contact data"),
    "workplace": (2, "it tells where somebody works"),
    "school": (2, "it tells where somebody learns"),
    "birth_date": (2, "a birth date, which helps to identify and to impersonate"),
    "plate": (2, "a number plate, which helps to follow somebody"),
    "ip": (2, "an internet address, which can point to a place"),
    "address": (3, "it tells where somebody can be found"),
    "coordinates": (3, "it is an exact place"),
    "family": (3, "it is about somebody's family"),
    "national_id": (3, "an identifier issued by a state"),
    "iban": (3, "financial data"),
    "card": (3, "financial data"),
    "credential": (4, "it opens an account"),
}
LOCATING: frozenset[Kind] = frozenset({"address", "coordinates", "workplace", "school", "plate"})
_REACHING: frozenset[Kind] = frozenset({"phone", "email"})
_COUNTED = frozenset({"target", "family", "third_party", "unknown"})
_IDENTIFYING: frozenset[Kind] = frozenset({"name", "handle", "profile_url"})

_MINOR = re.compile(
    r"\b(?:(?:1[0-7]|[1-9])[\s\-]?(?:years?[\s\-]?old|yrs?\s?old|y/?o|jahre\salt|ans|años|jaar\soud|anni|anos)"
    r"|minor|underage|schoolgirl|schoolboy|toddler|kindergarten(?:er)?|primary\sschool|elementary\sschool"
    r"|middle\sschool|grundschule|école\sprimaire|colegio|basisschool)\b",
    re.IGNORECASE,
)
_INTIMATE = re.compile(
    r"\b(?:nudes?|naked\s(?:pics?|photos?|pictures?)|sex\s?tape|onlyfans\sleak\w*|intimate\s(?:pics?|photos?"
    r"|images?)|hiv(?:\spositive|\+)|medical\srecords?|diagnos(?:ed|is)\s(?:with|of)|abortion|mental\shospital"
    r"|nacktfotos|nacktbilder|photos?\snues?|fotos?\sdesnud[oa]|naaktfoto['’]?s)\b",
    re.IGNORECASE,
)


def grade(
    exposures: Sequence[Exposure], signals: Sequence[Signal], text: NormalisedText
) -> tuple[tuple[Exposure, ...], Severity, str]:
    """The exposures with their gravity, the severity of the whole, and why.

    Expects ``whose`` to be assigned. Items of the writer or of an organisation keep gravity 1 and do not count.
    """
    aimed = _aimed(signals)
    graded = tuple(_graded(exposure, aimed, text.original) for exposure in exposures)
    severity, reason = _whole([e for e in graded if _counts(e)], signals, text.original)
    return graded, severity, reason


def _counts(exposure: Exposure) -> bool:
    return exposure.whose in _COUNTED


def _aimed(signals: Sequence[Signal]) -> str:
    """What aims at somebody ("a threat", "a call to act"), or ""; not what was taken back or played with."""
    for kind, words in (
        ("threat", "a threat"),
        ("call_to_act", "a call to act"),
        ("someone_should", "a veiled call to act"),
    ):
        if any(s.kind == kind and s.strength >= 0.5 for s in signals):
            return words
    return ""


def _graded(exposure: Exposure, aimed: str, text: str) -> Exposure:
    if not _counts(exposure):
        return replace(exposure, gravity=1, gravity_reason="not data of a person who is exposed")
    base, reason = _OF_KIND[exposure.kind]
    if exposure.kind == "address" and "|pobox" in exposure.value:
        base, reason = 2, "a post box tells no home"
    if exposure.kind == "ip" and exposure.confidence < 0.6:
        base = 1
    if "minor" in exposure.detail.split(", ") or (exposure.kind == "school" and _of_a_minor(exposure, text)):
        return replace(exposure, gravity=4, gravity_reason=f"{reason}, and it concerns a child")
    if exposure.kind in LOCATING and "|pobox" not in exposure.value and aimed:
        return replace(exposure, gravity=4, gravity_reason=f"{reason}, and {aimed} stands in the same text")
    if base < 4 and exposure.kind in {"name", "handle", "family"} and _near(_INTIMATE, text, exposure, 80):
        return replace(exposure, gravity=4, gravity_reason="intimate or health matters are told beside it")
    return replace(exposure, gravity=base, gravity_reason=reason)


def _of_a_minor(exposure: Exposure, text: str) -> bool:
    """Whether a school phrase, or its line just before it, speaks of a child or of a school for children."""
    line_start = text.rfind("\n", 0, exposure.start) + 1
    return bool(_MINOR.search(text, max(line_start, exposure.start - 60), exposure.end))


def _near(pattern: re.Pattern[str], text: str, exposure: Exposure, distance: int) -> bool:
    return bool(pattern.search(text, max(0, exposure.start - distance), exposure.end + distance))


def _whole(counted: Sequence[Exposure], signals: Sequence[Signal], text: str) -> tuple[Severity, str]:
    if not counted:
        return "none", "no personal data of anybody but the writer or an organisation was found"
    harm = {s.kind for s in signals if s.toward == "harm" and s.strength >= 0.5}
    aimed = bool(harm & {"threat", "call_to_act", "someone_should", "coordination"})
    kinds = {e.kind for e in counted}
    telling = kinds - _IDENTIFYING
    worst = max(e.gravity for e in counted)
    home = [e for e in counted if e.kind in {"address", "coordinates"} and "|pobox" not in e.value]
    habits = bool(routines(text)) if counted else False
    child = any("child" in e.gravity_reason for e in counted)
    points = {1: 0.0, 2: 1.0, 3: 2.0, 4: 3.0}[worst]
    grounds = []
    if home:
        grounds.append("a home or exact place")
    if habits and (home or kinds & LOCATING):
        points += 0.75
        grounds.append("habits that tell when somebody is there")
    if child:
        points += 1
        grounds.append("a child")
    if len(telling) >= 3:
        points += 0.75
        grounds.append(f"{len(telling)} kinds of data together")
    if kinds & {"name"} and home:
        points += 0.25
    if "drop_announcement" in harm:
        points += 0.5
        grounds.append("an announcement that gives somebody away")
    if aimed:
        points += (1 if telling else 0.5) + (0.5 if "threat" in harm else 0)
        grounds.append("words that call for action or threaten")
    if telling <= {"ip"} and not aimed and not child:
        points = min(points, 1.5)
    legitimate = {
        s.kind
        for s in signals
        if s.toward == "legitimacy" and s.kind in {"news_style", "court_record", "press_contact"}
    }
    if legitimate and not harm:
        points -= 0.75
    severity: Severity = (
        "very_high" if points >= 4.5 else "high" if points >= 2.9 else "moderate" if points >= 1.5 else "low"
    )
    if not grounds:
        grounds.append(
            {
                1: "only names or public roles",
                2: "contact data, a workplace or a school",
                3: "finances, family or an identifier",
                4: "data that opens accounts or is intimate",
            }[worst]
        )
    mild = " It reads like a report or a record, which weighs against." if legitimate and not harm else ""
    return severity, _sentence(grounds) + mild


def _sentence(grounds: Sequence[str]) -> str:
    if len(grounds) == 1:
        return f"The text shows {grounds[0]}."
    return f"The text shows {', '.join(grounds[:-1])} and {grounds[-1]}."

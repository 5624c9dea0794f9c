"""One text in, all that it reveals out: normalise, detect, settle overlaps, say whose and how grave."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache

from habeas.exposure.core import gravity, indications, signals, trigger, whose
from habeas.exposure.core.detectors import (
    Candidate,
    Detector,
    ScanContext,
    address,
    birth_date,
    credential,
    cue,
    email,
    handle,
    money,
    name,
    national_id,
    network,
    phone,
    place,
    plate,
)
from habeas.exposure.core.model import Exposure, Kind, Scan
from habeas.exposure.core.normalise import NormalisedText, normalise

DETECTORS: tuple[Detector, ...] = (
    email.DETECTOR,
    phone.DETECTOR,
    money.IBAN_DETECTOR,
    money.CARD_DETECTOR,
    national_id.DETECTOR,
    network.DETECTOR,
    place.DETECTOR,
    birth_date.DETECTOR,
    handle.DETECTOR,
    credential.DETECTOR,
    plate.DETECTOR,
    address.DETECTOR,
    name.DETECTOR,
    cue.DETECTOR,
)

# What names a person's place, line, account or papers. Names, handles, links and words of family alone lead nowhere.
FINDING: frozenset[Kind] = frozenset(
    {
        "email", "phone", "address", "national_id", "iban", "card", "ip", "coordinates", "birth_date", "credential",
        "plate",
    }
)  # fmt: skip
_OTHERS = tuple(detector for detector in DETECTORS if detector.name in {"handle", "name", "cue"})
_FINDERS = tuple(detector for detector in DETECTORS if detector not in _OTHERS)
NOTHING = Scan(exposures=(), signals=(), indications=(), severity="none", severity_reason="")

LEAST_CONFIDENCE = 0.5

# Kinds that may share characters, because each says something of its own: a leaked log-in also exposes the e-mail.
_TOGETHER: frozenset[frozenset[Kind]] = frozenset(
    frozenset(pair)
    for pair in (
        ("credential", "email"), ("credential", "ip"), ("family", "name"), ("family", "birth_date"),
        ("workplace", "address"),
        ("workplace", "name"), ("school", "address"), ("school", "name"), ("family", "phone"), ("family", "email"),
        ("family", "handle"),
    )
)  # fmt: skip
# Where two kinds claim the same characters with the same confidence, the one with the stricter form wins.
_STRICTNESS: tuple[Kind, ...] = (
    "iban", "credential", "profile_url", "email", "card", "ip", "coordinates", "national_id", "birth_date", "phone",
    "plate", "address",
    "handle", "workplace", "school", "family", "name",
)  # fmt: skip
# Inside a web address these are only pieces of it.
_NOT_IN_A_URL: frozenset[Kind] = frozenset(
    {"card", "national_id", "birth_date", "plate", "address", "name", "workplace", "school", "family"}
)
_SURE = 0.8


def scan(text: str, *, regions: Sequence[str] = (), today: date, target_names: Sequence[str] = ()) -> Scan:
    """All that one text reveals.

    regions:      ISO 3166-1 alpha-2 codes the case points to, most likely first
    today:        the day of the scan, against which dates of birth are judged
    target_names: names of the person affected, as the report gives them
    """
    normalised = normalise(text)
    return _judged(normalised, _found(normalised, ScanContext(_codes(regions), today)), target_names)


def scan_many(
    texts: Iterable[str], *, regions: Sequence[str] = (), today: date, target_names: Sequence[str] = ()
) -> Iterator[Scan]:
    """The scan of each of very many texts, most of which expose nobody.

    A text in which nothing stands by which a person can be found (``FINDING``) is passed over: its scan is ``NOTHING``,
    although names or words of family may stand in it. The scans of all others are those of ``scan``.
    """
    context = ScanContext(_codes(regions), today)
    look = trigger.look()
    for text in texts:
        if look is None:
            normalised = normalise(text)
            yield _kept(_judged(normalised, _found(normalised, context), target_names))
        else:
            yield _swept(text, look, context, target_names)


def _swept(text: str, look: trigger.Look, context: ScanContext, target_names: Sequence[str]) -> Scan:
    marks = look(text)
    normalised = NormalisedText(text, text)
    if trigger.is_disguised(text, marks):
        normalised = normalise(text)
        if normalised.text != text:
            marks = look(normalised.text)
    found = [one for detector in _worth_asking(marks) for one in detector.find(normalised, context)]
    if not any(one.confidence >= LEAST_CONFIDENCE for one in found):
        return NOTHING
    found += [one for detector in _OTHERS for one in detector.find(normalised, context)]
    return _kept(_judged(normalised, found, target_names))


@lru_cache(maxsize=4096)
def _worth_asking(marks: frozenset[str]) -> tuple[Detector, ...]:
    return tuple(detector for detector in _FINDERS if trigger.may_find(detector.name, marks))


def _kept(found: Scan) -> Scan:
    return found if any(exposure.kind in FINDING for exposure in found.exposures) else NOTHING


def _judged(text: NormalisedText, found: Iterable[Candidate], target_names: Sequence[str]) -> Scan:
    signs = signals.find(text)
    exposures = tuple(_exposure(candidate, text) for candidate in settle(found, text.urls))
    exposures = whose.assign(exposures, text, signs, target_names)
    exposures, severity, severity_reason = gravity.grade(exposures, signs, text)
    return Scan(
        exposures=exposures,
        signals=signs,
        indications=indications.from_scan(exposures, signs, text),
        severity=severity,
        severity_reason=severity_reason,
    )


def candidates(text: NormalisedText, context: ScanContext) -> list[Candidate]:
    """What all detectors find, overlaps settled, by start."""
    return settle(_found(text, context), text.urls)


def _found(text: NormalisedText, context: ScanContext) -> list[Candidate]:
    return [candidate for detector in DETECTORS for candidate in detector.find(text, context)]


def _codes(regions: Sequence[str]) -> tuple[str, ...]:
    return tuple(region.upper() for region in regions)


def settle(found: Iterable[Candidate], urls: Sequence[tuple[int, int]] = ()) -> list[Candidate]:
    """Of candidates that claim the same characters the surer stays, then the longer, then the stricter kind.

    urls: (start, end) of web addresses, by start and without overlap
    The same candidates in any order give the same result, sorted by start.
    """
    ranked = sorted(
        (
            one
            for one in found
            if one.confidence >= LEAST_CONFIDENCE and one.end > one.start and not _is_piece_of_url(one, urls)
        ),
        key=lambda one: (
            -_weight(one),
            one.start - one.end,
            _STRICTNESS.index(one.kind),
            one.start,
            one.value,
            one.reason,
        ),
    )
    kept: list[Candidate] = []
    starts: list[int] = []
    by_start: list[Candidate] = []
    longest = 0
    for one in ranked:
        first = bisect_right(starts, one.start - longest - 1)
        last = bisect_right(starts, one.end)
        if any(_exclude(one, other) for other in by_start[first:last]):
            continue
        place = bisect_right(starts, one.start)
        starts.insert(place, one.start)
        by_start.insert(place, one)
        longest = max(longest, one.end - one.start)
        kept.append(one)
    return sorted(kept, key=lambda one: (one.start, one.end, _STRICTNESS.index(one.kind)))


def _weight(one: Candidate) -> float:
    """Confidence in steps of five hundredths, so that a hair's difference does not outweigh length."""
    return round(one.confidence * 20) / 20


def _exclude(one: Candidate, other: Candidate) -> bool:
    if one.end <= other.start or other.end <= one.start:
        return False
    if one.kind == other.kind:
        return True
    kinds: frozenset[Kind] = frozenset((one.kind, other.kind))
    if kinds in _TOGETHER:
        return False
    # An address that ran on over a well-founded number must not hide it, nor the number the address.
    return not (
        "address" in kinds and one.confidence >= _SURE and other.confidence >= _SURE and kinds & {"phone", "email"}
    )


def _is_piece_of_url(one: Candidate, urls: Sequence[tuple[int, int]]) -> bool:
    if one.kind not in _NOT_IN_A_URL or not urls:
        return False
    place = bisect_right(urls, (one.start, len(urls) and urls[-1][1])) - 1
    return place >= 0 and one.start < urls[place][1]


def _exposure(candidate: Candidate, text: NormalisedText) -> Exposure:
    start, end = text.span(candidate.start, candidate.end)
    return Exposure(
        kind=candidate.kind,
        start=start,
        end=end,
        text=text.original[start:end],
        value=candidate.value,
        detail=candidate.detail,
        confidence=candidate.confidence,
        reason=candidate.reason,
    )

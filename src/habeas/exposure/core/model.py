"""What a text, page or image reveals: spans with a kind, an owner and a gravity, and signs of intent.

All offsets count characters of the text as it was given, before any normalisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Whose = Literal["target", "family", "author", "third_party", "organisation", "unknown"]

Kind = Literal[
    "name", "email", "phone", "address", "national_id", "iban", "card", "ip", "coordinates", "birth_date",
    "handle", "profile_url", "credential", "plate", "workplace", "school", "family",
]  # fmt: skip

SignalKind = Literal[
    # toward harm
    "drop_announcement", "call_to_act", "threat", "someone_should", "coordination",
    # toward legitimacy
    "press_contact", "official_contact", "self_disclosure", "court_record", "news_style",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exposure:
    """One item of personal data in a text.

    start, end: characters of the text as given; ``text == given[start:end]``
    value:      the normalised value (E.164 phone, lower-case e-mail, IBAN without spaces, …)
    detail:     what narrows the kind (country of a phone, name of a national id, network of a card), or ""
    confidence: 0..1, that this is what its kind says
    reason:     why it was accepted, in one sentence for a caseworker
    whose:      whose data it is; whose_reason says why
    gravity:    1 (name or public role) to 4 (special data, or locating data with a call to act), by the harm scale's
                dimension S; gravity_reason says why
    """

    kind: Kind
    start: int
    end: int
    text: str
    value: str
    detail: str
    confidence: float
    reason: str
    whose: Whose = "unknown"
    whose_reason: str = ""
    gravity: int = 1
    gravity_reason: str = ""


@dataclass(frozen=True, slots=True)
class Signal:
    """A sign of intent or of legitimacy: ranked, with a reason, and never a verdict.

    toward:   "harm" or "legitimacy"
    strength: 0..1
    """

    kind: SignalKind
    toward: Literal["harm", "legitimacy"]
    start: int
    end: int
    text: str
    strength: float
    reason: str


@dataclass(frozen=True, slots=True)
class Indication:
    """A fact of the law's vocabulary that the text speaks to.

    truth:   True where the text itself settles it (an address is there), None where it is only a sign
    leaning: 0..1 toward true, for signs
    basis:   what in the text, without repeating anybody's data
    """

    fact: str
    truth: bool | None
    leaning: float | None
    basis: str


@dataclass(frozen=True, slots=True)
class Scan:
    """All that one text reveals. Exposures are sorted by start and do not overlap within a kind."""

    exposures: tuple[Exposure, ...]
    signals: tuple[Signal, ...]
    indications: tuple[Indication, ...]
    severity: Literal["none", "low", "moderate", "high", "very_high"]
    severity_reason: str

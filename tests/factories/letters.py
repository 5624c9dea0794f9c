"""Facts to fill letters from: invented, and full enough for every letter of the catalogue."""

from __future__ import annotations

from datetime import UTC, date, datetime

from habeas.remedies.core.letters import (
    DeadlineShown,
    EvidenceShown,
    GroundShown,
    HashShown,
    LetterFacts,
    PostingShown,
    PreviousShown,
)

SEEN = datetime(2026, 11, 21, 8, 14, tzinfo=UTC)
DUE = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)


def ground(provision: str = "xa.penal-code.214b", jurisdiction: str = "XA", **changes: object) -> GroundShown:
    made = {
        "provision": provision,
        "citation": "Penal Code of Examplia, section 214b",
        "jurisdiction": jurisdiction,
        "line": "Publishing where somebody lives to frighten them",
        "outcome": "met",
        "confidence": "high",
    }
    return GroundShown(**{**made, **changes})


def posting(url: str = "https://board.example.net/t/4471#p3", **changes: object) -> PostingShown:
    return PostingShown(**{"url": url, "kinds": ("address", "phone"), "first_seen": SEEN, "state": "live", **changes})


def letter_facts(**changes: object) -> LetterFacts:
    made = {
        "reference": "HB-7Q2K-41",
        "addressee": "board.example.net, abuse desk",
        "addressee_kind": "platform",
        "organisation": "Examplia Helpline",
        "organisation_address": "Box 12, 1000 Examplia",
        "organisation_email": "notices@helpline.example.org",
        "reply_to": "m-7q2k41@helpline.example.org",
        "notifier": "the helpline's desk for notices",
        "sent_on": date(2026, 11, 23),
        "postings": (posting(), posting("https://mirror.example.com/a", kinds=("name", "iban"), state="back")),
        "grounds": (ground(),),
        "deadline": DeadlineShown("within 48 hours of the notice", DUE),
        "evidence": (EvidenceShown("3", "5a" * 32, SEEN),),
        "previous": (PreviousShown("host.example.com", SEEN, "HB-7Q2K-40", "refused"),),
        "hashes": (HashShown("pdq", "f0" * 32),),
    }
    return LetterFacts(**{**made, **changes})

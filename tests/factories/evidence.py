"""Cases with sealed items, and an authority outside that can sign and decrypt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from factories.people import member
from factories.reports import NOON, a_case
from habeas.access.models import Person
from habeas.cases.models import Case
from habeas.evidence import actions, handing_over
from habeas.evidence.actions import Reason
from habeas.evidence.core import answers
from habeas.evidence.models import HandOver, Item

FOR_COURT = Reason("court", "legal_claim")
CONDITIONS = "For proceedings 12-345 only. No copy leaves the registry. Destroy it when they end."
SECRET_CONTENT = b"a picture of the front door at Lindengracht 212" * 40


@dataclass(frozen=True, slots=True)
class Outside:
    """A court registry with keys of its own."""

    signing: Ed25519PrivateKey
    identity: pyrage.x25519.Identity

    @property
    def recipient(self) -> handing_over.Recipient:
        return handing_over.Recipient(
            "Court of Examplia, registry",
            self.signing.public_key().public_bytes_raw(),
            str(self.identity.to_public()),
        )

    def says(self, decision: str, handover: HandOver, at: str = "2026-03-07T09:00:00+00:00") -> bytes:
        said = answers.statement(
            decision,  # type: ignore[arg-type]
            str(handover.pk),
            package_sha256=handover.package_sha256,
            conditions_sha512=handing_over.conditions_digest(handover),
            at=at,
            name="the registry",
        )
        return answers.sign(said, self.signing)


def outside(seed: int = 7) -> Outside:
    return Outside(Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32), pyrage.x25519.Identity.generate())


def sealed_item(case: Case | None = None, content: bytes = SECRET_CONTENT, name: str = "front-door.png") -> Item:
    case = case or a_case()
    sealed = actions.seal(case.reports.get(), name, "image/png", content, by="portal", at=NOON)
    return Item.objects.select_related("case__key").get(pk=sealed.pk)


def offered(item: Item, to: Outside, *, by: Person | None = None, at: datetime = NOON) -> HandOver:
    """A hand-over whose package is the item's content, encrypted as ``journey/handover.py`` encrypts a bundle."""
    one_time = pyrage.x25519.Identity.generate()
    return handing_over.offer(
        item.case,
        uuid4(),
        to.recipient,
        [item],
        pyrage.encrypt(SECRET_CONTENT, [one_time.to_public()]),
        str(one_time),
        conditions=CONDITIONS,
        manifest={"order": "12-345"},
        reason=FOR_COURT,
        available_until=at + timedelta(days=30),
        by=by or member("caseworker"),
        at=at,
    )

"""A notice of illegal content for a service's own intake over JSON, and what it answers: receipt, decision, webhook.

One format for every service that takes notices this way. Its parts are those of the law, so nothing in it is optional
that the law asks for: why it is illegal, the exact addresses, who gives notice, and that they do so in good faith.
Sources: Regulation (EU) 2022/2065, article 16(2) and (4) to (6); the Standard Webhooks specification 1.0.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from habeas.platforms.core.dispatch import Answer, AnswerState, Outgoing

MOST_ATTACHED_BYTES: Final = 10_000_000
MOST_LINKS: Final = 500
# Longer than this apart, a webhook is an old one that somebody sends again.
WEBHOOK_SECONDS: Final = 300
_MOST_WEBHOOK_BYTES = 1 << 18

_ID = re.compile(r"(?!\.+\Z)[A-Za-z0-9._~:-]{1,200}")
_KEY = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}")
_OUTCOMES: Mapping[str, tuple[AnswerState, str]] = {
    "removed": ("complied", "The service decided to take it down."),
    "disabled": ("complied", "The service decided to make it inaccessible."),
    "partly_removed": ("partly", "The service decided to take down a part of it."),
    "restricted": ("partly", "The service decided to restrict it; it is not gone."),
    "no_action": ("refused", "The service decided to leave it up."),
    "more_information": ("more_information", "The service asks for more before it decides."),
}
_WAITING: Mapping[str, str] = {
    "received": "The service has received the notice.",
    "in_review": "The service is looking at the notice.",
}
_NOT_KNOWN = "The service answered in words that are not known here. Read the proof and note what it means."


class NotReadable(ValueError):
    """What a service sent is not of the agreed shape. The message repeats nothing of it."""


class NotSigned(ValueError):
    """A webhook that nobody with the secret sent now. It is dropped."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The confirmation of receipt that article 16(4) asks for. reference: the service's own number of the notice"""

    reference: str
    received: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What a webhook tells. event: its own number: the same one twice is one; answer: null where nothing is new"""

    event: str
    reference: str
    answer: Answer | None


def needs_of(outgoing: Outgoing, notifier: str, email: str) -> list[str]:
    """What a notice lacks before it may go; empty where it is whole."""
    found = []
    if not outgoing.text.strip():
        found.append("The letter does not say why it is illegal. Draft it again from the plan, then send it.")
    if not outgoing.links:
        found.append("The letter names no exact address. Add the postings to the case, then draft it again.")
    elif len(outgoing.links) > MOST_LINKS:
        found.append(f"A notice takes at most {MOST_LINKS} addresses. Send the letter in parts.")
    if not notifier.strip() or "@" not in email:
        found.append(
            "A notice names who gives it, with an e-mail address. Whoever keeps this house sets HABEAS_HOUSE_NAME and "
            "HABEAS_HOUSE_EMAIL."
        )
    if outgoing.facts.get("good_faith", True) is not True:
        found.append("Nobody declared good faith. Add the declaration to the letter, then send it.")
    if sum(len(one.content) for one in outgoing.attachments) > MOST_ATTACHED_BYTES:
        found.append("The attachments are too large for a notice. Send fewer, or hand them over as evidence.")
    if not _KEY.fullmatch(outgoing.key):
        found.append("The letter has no key that can be sent. Queue it again.")
    return found


def notice_of(outgoing: Outgoing, notifier: str, email: str, *, trusted_flagger: bool = False) -> dict[str, Any]:
    """The notice as it is sent. An approved letter holds the declaration of good faith, so it is repeated here."""
    return {
        "reference": outgoing.measure,
        "language": outgoing.language,
        "subject": outgoing.subject,
        "explanation": outgoing.text,
        "locations": [{"url": link} for link in outgoing.links],
        "grounds": [
            {"provision": one.provision, "citation": one.citation, "jurisdiction": one.jurisdiction}
            for one in outgoing.grounds
        ],
        "notifier": {"name": notifier, "email": email, "trusted_flagger": trusted_flagger},
        "good_faith": True,
        "reply_to": outgoing.reply_to,
        "attachments": [
            {
                "name": one.name,
                "media_type": one.media_type,
                "sha256": hashlib.sha256(one.content).hexdigest(),
                "content": base64.b64encode(one.content).decode("ascii"),
            }
            for one in outgoing.attachments
        ],
    }


def idempotency_key(key: str) -> str:
    """A key as the header takes it: a string of RFC 8941. Source: draft-ietf-httpapi-idempotency-key-header."""
    return f'"{key}"'


def read_acknowledgement(said: Mapping[str, Any]) -> Acknowledgement:
    """Raises NotReadable."""
    return Acknowledgement(_reference(said), said.get("status") in {*_WAITING, "decided"})


def read_state(said: Mapping[str, Any], proof: bytes, media_type: str, *, at: datetime) -> Answer | None:
    """What became of a notice; null where the service says nothing of it. Raises NotReadable.

    at: when it was said, for an answer that names no time of its own
    """
    reference, status = _reference(said), said.get("status")
    if status is None:
        return None
    if isinstance(status, str) and status in _WAITING:
        return Answer("acknowledged", reference, at, _WAITING[status], proof, media_type)
    decision = said.get("decision")
    if status != "decided" or not isinstance(decision, Mapping):
        return Answer("unknown", reference, at, _NOT_KNOWN, proof, media_type)
    outcome = decision.get("outcome")
    state, says = (
        _OUTCOMES.get(outcome, ("unknown", _NOT_KNOWN)) if isinstance(outcome, str) else ("unknown", _NOT_KNOWN)
    )
    if state in {"complied", "partly", "refused"}:
        says = " ".join([says, *_lacks(decision)])
    return Answer(state, reference, _instant(decision.get("decided_at")) or at, says, proof, media_type)


def read_webhook(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], *, at: datetime) -> Told:
    """What a service tells of a notice by itself. Raises NotSigned, NotReadable.

    headers: names in any case; secrets: those that stand, as ``whsec_`` and base64: two while one is replaced
    at:      now, with a time zone
    """
    held = {name.lower(): value for name, value in headers.items()}
    event, sent, signatures = (held.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not _ID.fullmatch(event) or not re.fullmatch(r"[0-9]{1,12}", sent):
        raise NotSigned("the webhook has no number or no time")
    if abs(at.timestamp() - int(sent)) > WEBHOOK_SECONDS:
        raise NotSigned(f"the webhook was signed more than {WEBHOOK_SECONDS} seconds from now")
    if not _signed(f"{event}.{sent}.".encode() + body, signatures, secrets):
        raise NotSigned("no signature of the webhook was made with our secret")
    if len(body) > _MOST_WEBHOOK_BYTES:
        raise NotReadable("the webhook is larger than any decision")
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise NotReadable("the webhook holds no JSON") from None
    data = told.get("data") if isinstance(told, dict) else None
    if not isinstance(data, dict):
        raise NotReadable("the webhook says nothing of any notice")
    answer = read_state(data, body, "application/json", at=at)
    return Told(event, _reference(data), answer)


def webhook_signature(event: str, sent_at: datetime, body: bytes, secret: str) -> str:
    """The signature a webhook carries. Raises ValueError for what is no secret."""
    return "v1," + base64.b64encode(_mac(f"{event}.{int(sent_at.timestamp())}.".encode() + body, secret)).decode()


def _signed(content: bytes, signatures: str, secrets: Sequence[str]) -> bool:
    wanted = [_mac(content, secret) for secret in secrets]
    found = False
    for one in signatures.split()[:10]:
        version, _, text = one.partition(",")
        try:
            mac = base64.b64decode(text, validate=True) if version == "v1" else b""
        except (binascii.Error, ValueError):
            continue
        found |= any(hmac.compare_digest(mac, each) for each in wanted)
    return found


def _mac(content: bytes, secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < 16:
        raise ValueError("a secret of webhooks is whsec_ and at least 16 bytes in base64; ask the service for one")
    return hmac.new(key, content, hashlib.sha256).digest()


def _reference(said: Mapping[str, Any]) -> str:
    reference = said.get("id")
    if isinstance(reference, int) and not isinstance(reference, bool) and 0 <= reference < 1 << 63:
        reference = str(reference)
    if not isinstance(reference, str) or not _ID.fullmatch(reference):
        raise NotReadable("the answer has no number of the notice")
    return reference


def _lacks(decision: Mapping[str, Any]) -> list[str]:
    """What the law wants told with a decision, where it was not."""
    found = []
    if not decision.get("redress"):
        found.append("It does not say how to contest it, as article 16(5) wants.")
    if not isinstance(decision.get("automated"), bool):
        found.append("It does not say whether a machine decided, as article 16(6) wants.")
    return found


def _instant(said: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(said) if isinstance(said, str) else None
        return at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None

"""What goes out through a channel and what comes back: values that every channel shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

ReceiptState = Literal["delivered", "accepted", "by_hand"]
AnswerState = Literal[
    "acknowledged", "complied", "partly", "refused", "more_information", "bounced", "unknown"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter. name: as its reader sees it; media_type: as registered with IANA."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class NamedGround:
    """A provision that carries what is asked. jurisdiction: its code."""

    provision: str
    citation: str
    jurisdiction: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One letter, ready to go.

    key:      the same key is the same act, once, however often it is tried
    measure:  our reference of the measure: opaque, leads to no case
    text:     the letter as plain text; it never holds the target's data
    links:    the exact addresses that are asked about
    reply_to: where answers go, in the form the channel understands
    facts:    structured fields that the channel's own format asks for
    """

    key: str
    measure: str
    subject: str
    text: str
    language: str
    attachments: tuple[Attachment, ...] = ()
    links: tuple[str, ...] = ()
    grounds: tuple[NamedGround, ...] = ()
    reply_to: str = ""
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Receipt:
    """What proves that a letter was handed over.

    reference: the addressee's own, or the message id
    proof:     bytes as they came (an answer, a transcript), with their media type
    says:      one sentence for the caseworker
    """

    channel: str
    state: ReceiptState
    reference: str
    at: datetime
    proof: bytes
    proof_type: str
    says: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What an addressee says became of a letter, as its system tells it."""

    state: AnswerState
    reference: str
    at: datetime
    says: str
    proof: bytes
    proof_type: str


class CannotSend(ValueError):
    """It cannot go this way, now or later. The message says why and what to do next, and shows nobody's data."""


class NotReached(OSError):
    """The addressee's system could not be reached, or did not answer as agreed: try again later."""

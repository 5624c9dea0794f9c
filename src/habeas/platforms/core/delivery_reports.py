"""What mail servers tell of a letter: codes in their replies, reports of delivery (RFC 3464), notes of no standard.

Words of a server may repeat an address, so they are kept for the record and never shown: what is said here is ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Action = Literal["failed", "delayed", "delivered", "relayed", "expanded"]

_ACTIONS: tuple[Action, ...] = get_args(Action)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
# A reply code stands at the start of what a server said: "550 no such user", "said: 550-5.1.1".
_CODE = re.compile(
    r"(?:^|smtp;|said:|error:|status:|\bcode:?|\()\s*([45]\d\d)(?=[\s:)-]|$)", re.IGNORECASE | re.MULTILINE
)
_MOST_REPORTS = 200
_LONGEST = 1000

_ELSEWHERE = "Look up another way to this addressee in the directory."
_AGAIN = "Send it again later, or choose another way."
_OURS = "Ask whoever keeps our mail server and domain."

# (why, what to do) by subject and detail of RFC 3463 and the registry it opened; a subject alone stands for the rest.
_MEANINGS: Mapping[str, tuple[str, str]] = {
    "1": ("the address is not one that takes mail", _ELSEWHERE),
    "1.1": ("the address does not exist", _ELSEWHERE),
    "1.2": ("the domain of the address does not exist or takes no mail", _ELSEWHERE),
    "1.3": ("the address is not written as the server wants it", "Look at the address in the directory."),
    "1.6": ("the addressee has moved", "Look up its new address in the directory."),
    "1.7": ("our own address is not accepted", _OURS),
    "1.8": ("our own domain is not accepted", _OURS),
    "1.10": ("the domain of the address takes no mail at all", _ELSEWHERE),
    "2": ("the mailbox cannot take it", _ELSEWHERE),
    "2.1": ("the mailbox is closed", _ELSEWHERE),
    "2.2": ("the mailbox is full", _AGAIN),
    "2.3": ("the letter is too large for the mailbox", "Send it with fewer attachments."),
    "3": ("the mail server cannot take it", _AGAIN),
    "3.4": ("the letter is too large for the mail server", "Send it with fewer attachments."),
    "4": ("the mail server could not be reached", _AGAIN),
    "4.6": ("the mail goes round in a circle", _ELSEWHERE),
    "5": ("the mail servers do not understand each other", _OURS),
    "5.3": ("it has too many recipients", "Send it to fewer addresses."),
    "6": ("the letter cannot be read there", "Send it without attachments, or choose another way."),
    "7": ("the mail server refuses mail from us", f"{_OURS} Until then, choose another way."),
    "7.8": ("the mail server wants a user and password it knows", "Renew the user and password in HABEAS_MAIL."),
}
_SIGN_IN = "7.8"
# The plain codes of RFC 5321, for servers that give no other.
_OF_CODES: Mapping[int, str] = {
    421: "3", 450: "2", 451: "3", 452: "3", 550: "1.1", 551: "1.6", 552: "3.4", 553: "1.3", 554: "7", 556: "1.10",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What became of a letter for one recipient.

    status:     of RFC 3463, such as 5.1.1; empty where none was given
    recipient:  the address as the report names it; diagnostic: the server's own words. Neither is for display
    """

    action: Action
    status: str = ""
    recipient: str = field(default="", repr=False)
    diagnostic: str = field(default="", repr=False)


def status_in(text: str) -> str:
    """The first status of RFC 3463 in what a server said, or nothing."""
    found = _STATUS.search(text[:_LONGEST])
    return found[1] if found else ""


def code_in(text: str) -> int | None:
    """The first reply code of refusal (4xx, 5xx) in what a server said."""
    found = _CODE.search(text[:_LONGEST])
    return int(found[1]) if found else None


def meaning(status: str, code: int | None = None) -> tuple[str, str]:
    """(why, what to do), as a clause and as a sentence; the reply code speaks where there is no status."""
    detail = _SIGN_IN if code in {530, 534, 535} else status.partition(".")[2]
    if not detail or detail == "0.0":
        detail = _OF_CODES.get(code or 0, "")
    subject = detail.partition(".")[0]
    return _MEANINGS.get(detail) or _MEANINGS.get(subject) or ("the mail server did not say why", _ELSEWHERE)


def parse_report(text: str) -> tuple[str, list[DeliveryReport]]:
    """(envelope id, what it says of each recipient) of a message/delivery-status.

    Fields in an unknown order, without blank lines between recipients, or with an action that is none are taken as far
    as they tell. Source: RFC 3464, section 2; RFC 6533 for addresses in other scripts.
    """
    envelope_id, reports = "", []
    for block in _blocks(text):
        envelope_id = envelope_id or _value(block, "original-envelope-id")
        status = status_in(_value(block, "status")) or status_in(_value(block, "diagnostic-code"))
        action = _action(_value(block, "action"), status)
        if action is None:
            continue
        reports.append(
            DeliveryReport(
                action=action,
                status=status,
                recipient=_typed(_value(block, "original-recipient") or _value(block, "final-recipient")),
                diagnostic=_typed(_value(block, "diagnostic-code")),
            )
        )
    return envelope_id, reports[:_MOST_REPORTS]


def gravest(reports: Iterable[DeliveryReport]) -> DeliveryReport | None:
    """The report that matters most: a failure before a delay before a delivery."""
    return min(reports, key=lambda report: _ACTIONS.index(report.action), default=None)


def sentence(reports: Iterable[DeliveryReport]) -> str:
    """What reports say together, for the caseworker: why, how far, and what to do; nobody's address."""
    every = list(reports)
    worst = gravest(every)
    if worst is None:
        return ""
    status = f" ({worst.status})" if worst.status else ""
    why, step = meaning(worst.status, code_in(worst.diagnostic))
    if worst.action == "failed":
        others = sum(report.action != "failed" for report in every)
        but = f" It reached {others} of {len(every)} addresses." if others else ""
        return f"The mail came back{status}: {why}.{but} {step}"
    if worst.action == "delayed":
        return f"The mail waits{status}: {why}. The mail server goes on trying; nothing needs to be done yet."
    if worst.action == "relayed":
        return "The mail was passed on to a server that sends no reports; whether it arrived is not known."
    if worst.action == "expanded":
        return "The mail was taken and passed on to several mailboxes behind the address."
    return "The mail server of the addressee took the letter."


def _blocks(text: str) -> list[dict[str, str]]:
    """Groups of fields; a recipient that begins before the one before it has ended begins a group of its own."""
    blocks: list[dict[str, str]] = [{}]
    name = ""
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:5000]:
        if not line.strip():
            blocks.append({})
            name = ""
        elif line[0] in " \t":
            if name:
                blocks[-1][name] = f"{blocks[-1][name]} {line.strip()}"[:_LONGEST]
        elif ":" in line:
            name, _, value = line[:_LONGEST].partition(":")
            name = name.strip().lower()
            if name == "final-recipient" and name in blocks[-1]:
                blocks.append({})
            blocks[-1].setdefault(name, value.strip())
    return blocks


def _value(block: Mapping[str, str], name: str) -> str:
    return block.get(name, "")


def _typed(value: str) -> str:
    """A value without its type: ``rfc822; a@example.org``."""
    kind, semicolon, rest = value.partition(";")
    return rest.strip() if semicolon and " " not in kind.strip() else value


def _action(word: str, status: str) -> Action | None:
    """The action, or what the status means where the word is none."""
    word = word.strip().lower().partition(" ")[0]
    for action in _ACTIONS:
        if word == action:
            return action
    if not word:
        return None
    by_class: dict[str, Action] = {"5": "failed", "4": "delayed", "2": "delivered"}
    return by_class.get(status[:1])

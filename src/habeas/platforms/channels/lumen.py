"""Deposit of a redacted notice with Lumen, which publishes requests for removal so that people can study them.

What is published stays: nothing leaves whose text shows a withheld value or leads further than to a host. Lumen has no
keys of acts and hides what it still looks at, so where its answer never came a person finds out, instead of a retry.
Source: Lumen API (POST /notices, with the X-Authentication-Token header; 201 names the notice in Location).
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from habeas.platforms.channels.asking import Reply, Service, Unanswered, proof_type, refusal
from habeas.platforms.channels.once import NotKnown, Once
from habeas.platforms.core import redaction
from habeas.platforms.core.dispatch import Answer, CannotSend, NotReached, Outgoing, Receipt

KINDS = ("PrivateInformation", "DataProtection", "Defamation", "CourtOrder", "Other")
_ACTIONS = ("Yes", "No", "Partial", "Unspecified")
_NUMBER = re.compile(r"/notices/([0-9]{1,18})/?\Z")
_UNSURE = (
    "Lumen was sent the notice, but no answer came, so it is not known whether it was deposited. Look for the code {} "
    "among Lumen's notices, or ask Lumen; if it is not there, send it again."
)


class LumenChannel:
    """recipient: whom the notice went to; sender: this house; kind: one of ``KINDS``."""

    name = "lumen"

    def __init__(
        self, service: Service, token: str, once: Once, *, recipient: str, sender: str, kind: str = "PrivateInformation"
    ) -> None:
        if kind not in KINDS:
            raise CannotSend(f"The way in the directory names no kind of notice: choose one of {', '.join(KINDS)}.")
        self._service, self._headers, self._once = service, {"X-Authentication-Token": token}, once
        self._recipient, self._sender, self._kind = recipient, sender, kind

    def needs(self, outgoing: Outgoing) -> list[str]:
        found = []
        if not outgoing.subject.strip() or not outgoing.text.strip():
            found.append("The letter has no subject or no text. Draft it again from the plan, then send it.")
        if not self._recipient.strip() or not self._sender.strip():
            found.append(
                "A deposit names who was asked and who asked. Add both to the directory and HABEAS_HOUSE_NAME."
            )
        if not outgoing.key or not outgoing.measure:
            found.append("The letter has no key that can be sent. Queue it again.")
        # Nobody can vouch for a redaction without knowing what was to be taken out.
        withheld = outgoing.facts.get("withheld")
        if withheld is None or isinstance(withheld, str):
            found.append("It is not known what this letter must withhold. Open the case, so that it is looked up.")
            return found
        published = f"{outgoing.subject}\n{outgoing.text}"
        if redaction.shows_withheld(published, withheld):
            found.append("The letter shows data that Lumen would publish. Name the kind of data instead of the value.")
        if redaction.shows_link(published, outgoing.links):
            found.append("The letter shows a whole address that Lumen would publish. Cut it to the name of its host.")
        return found

    def send(self, outgoing: Outgoing, *, at: datetime) -> Receipt:
        if missing := self.needs(outgoing):
            raise CannotSend(" ".join(missing))
        code = deposit_code(outgoing.key)
        try:
            if (known := self._once.begin(outgoing.key)) is not None:
                proof = f"{known}\n".encode()
                return Receipt(
                    self.name, "delivered", known, at, proof, "text/plain", "Lumen holds this notice already."
                )
        except NotKnown:
            raise CannotSend(_UNSURE.format(code)) from None
        try:
            number, reply = self._deposited(self._notice(outgoing, code, at))
        except Unanswered:
            raise CannotSend(_UNSURE.format(code)) from None
        except (CannotSend, NotReached):
            self._once.take_back(outgoing.key)
            raise
        self._once.done(outgoing.key, number)
        # Its answer to a deposit is the address alone.
        proof, kind = (f"{reply.status} {reply.location}\n".encode(), "text/plain")
        if reply.content:
            proof, kind = reply.content, proof_type(reply)
        says = "Lumen took the redacted notice; it may look at it before it shows it."
        return Receipt(self.name, "delivered", number, at, proof, kind, says)

    def ask(self, reference: str, *, at: datetime) -> Answer | None:
        return None  # an archive decides nothing

    def _deposited(self, notice: dict[str, object]) -> tuple[str, Reply]:
        """(its number, the answer). Raises CannotSend, NotReached; Unanswered where it may have been deposited."""
        reply = self._service.post("/notices", {"notice": notice}, self._headers)
        if reply.status != 201:
            raise refusal(reply)
        match = _NUMBER.search(reply.location)
        if match is None:
            raise Unanswered("Lumen named no number of the notice")
        return match[1], reply

    def _notice(self, outgoing: Outgoing, code: str, at: datetime) -> dict[str, object]:
        action = outgoing.facts.get("action_taken")
        hosts = redaction.hosts_of(outgoing.links)
        return {
            "type": self._kind,
            "title": f"{outgoing.subject} ({code})",
            "subject": outgoing.subject,
            "body": outgoing.text,
            "date_sent": at.date().isoformat(),
            "source": "API",
            "language": outgoing.language.partition("-")[0].lower(),
            "jurisdiction_list": ", ".join(dict.fromkeys(one.jurisdiction for one in outgoing.grounds)),
            "regulation_list": ", ".join(dict.fromkeys(one.citation.replace(",", "") for one in outgoing.grounds)),
            "action_taken": action if action in _ACTIONS else "Unspecified",
            "works_attributes": [
                {
                    "description": "Addresses cut to their hosts",
                    "infringing_urls_attributes": [{"url": f"https://{host}/"} for host in hosts],
                }
            ],
            "entity_notice_roles_attributes": [
                {"name": role, "entity_attributes": {"name": who, "kind": "organization"}}
                for role, who in (("recipient", self._recipient), ("sender", self._sender))
            ],
        }


def deposit_code(key: str) -> str:
    """What people find a deposit by again: it leads to no measure."""
    return hashlib.sha256(f"lumen {key}".encode()).hexdigest()[:16]

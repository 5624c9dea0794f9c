"""Notices to a service's own intake under article 16 of the Digital Services Act: JSON over HTTPS, with a key.

The intake remembers keys of acts, so a notice that is handed over twice is one notice there.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

from habeas.platforms.channels.asking import Service, Unanswered, asked_in_vain, proof_type, refusal
from habeas.platforms.core import notice_intake
from habeas.platforms.core.dispatch import Answer, CannotSend, NotReached, Outgoing, Receipt
from habeas.platforms.core.notice_intake import NotReadable

_GONE = "The service knows no notice with this number any more. Ask it by another way what became of it."


class DsaNoticeChannel:
    """The intake of one service.

    api_key:         what it gave us; notifier, email: who gives notice (article 16(2)(c)): the house
    trusted_flagger: whether the house has that status, article 22
    """

    name = "dsa_notice"

    def __init__(
        self, service: Service, api_key: str, *, notifier: str, email: str, trusted_flagger: bool = False
    ) -> None:
        self._service, self._headers = service, {"Authorization": f"Bearer {api_key}"}
        self._notifier, self._email, self._trusted = notifier, email, trusted_flagger

    def needs(self, outgoing: Outgoing) -> list[str]:
        return notice_intake.needs_of(outgoing, self._notifier, self._email)

    def send(self, outgoing: Outgoing, *, at: datetime) -> Receipt:
        if missing := self.needs(outgoing):
            raise CannotSend(" ".join(missing))
        notice = notice_intake.notice_of(outgoing, self._notifier, self._email, trusted_flagger=self._trusted)
        key = notice_intake.idempotency_key(outgoing.key)
        reply = self._service.post("/notices", notice, {**self._headers, "Idempotency-Key": key})
        if reply.status == 409:
            raise NotReached("the service is still at work on this very notice (409)")
        if reply.status not in {200, 201, 202}:
            raise refusal(reply)
        try:
            told = notice_intake.read_acknowledgement(reply.fields())
        except NotReadable as fault:
            raise Unanswered(f"the service did not answer as agreed: {fault}") from None
        return Receipt(
            channel=self.name,
            state="delivered" if told.received else "accepted",
            reference=told.reference,
            at=at,
            proof=reply.content,
            proof_type=proof_type(reply),
            says="The service confirmed receipt, as article 16(4) wants."
            if told.received
            else "The service took the notice; it has not confirmed receipt, as article 16(4) wants.",
        )

    def ask(self, reference: str, *, at: datetime) -> Answer | None:
        reply = self._service.get(f"/notices/{quote(reference, safe='')}", self._headers)
        if reply.status in {404, 410}:
            return Answer("unknown", reference, at, _GONE, reply.content, proof_type(reply))
        if reply.status != 200:
            raise asked_in_vain(reply)
        try:
            found = notice_intake.read_state(reply.fields(), reply.content, proof_type(reply), at=at)
        except NotReadable as fault:
            raise NotReached(f"the service did not answer as agreed: {fault}") from None
        if found is not None and found.reference != reference:
            raise NotReached("the service answered about another notice")
        return found

"""Reports to a moderation service of the AT Protocol (Ozone), with its reason for doxxing.

A report goes to the server of our account, which hands it on to the labeler. Reports have no key, and whoever reports
never sees them again: what was reported is noted here, and where no answer came a person decides, instead of a retry.
Source: lexicons com.atproto.server.createSession, com.atproto.moderation.createReport, tools.ozone.report.defs; XRPC.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from habeas.platforms.channels.asking import Reply, Service, Unanswered, proof_type, refusal
from habeas.platforms.channels.once import NotKnown, Once
from habeas.platforms.core.dispatch import Answer, CannotSend, NotReached, Outgoing, Receipt

DOXXING = "tools.ozone.report.defs#reasonHarassmentDoxxing"
# What a labeler that knows no reasons of Ozone takes in its place.
OLDER = "com.atproto.moderation.defs#reasonRude"
MOST_SIGNS, MOST_BYTES = 2000, 20_000

_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,200}(?<![:%])")
_AT_URI = re.compile(
    r"at://(?P<who>did:[a-z]+:[A-Za-z0-9._:%-]{1,200})/(?P<kind>[A-Za-z0-9.-]{1,200})/(?P<key>[\w.~:-]{1,200})"
)
_CID = re.compile(r"[A-Za-z0-9+=]{8,256}")
_HANDLE = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE)
_POST = re.compile(r"/profile/(?P<who>[^/]+)(?:/post/(?P<key>[\w.~:-]{1,200}))?/?\Z")
_APPS = frozenset({"bsky.app", "www.bsky.app"})
_UNSURE = (
    "The report was sent, but no answer came, so it is not known whether it arrived. Look at the post: if it still "
    "stands without a label, send it again."
)


class _Unsure(Exception):
    """It may have been reported."""


class OzoneChannel:
    """identifier: handle or DID of the house's account; app_password: of that account; labeler: DID of the service

    reason_type: ``DOXXING``, or ``OLDER`` for a labeler that knows none of Ozone's reasons
    """

    name = "ozone"

    def __init__(
        self,
        service: Service,
        identifier: str,
        app_password: str,
        labeler: str,
        once: Once,
        *,
        reason_type: str = DOXXING,
    ) -> None:
        if not _DID.fullmatch(labeler):
            raise CannotSend("The way in the directory names no labeler: it begins with did:. Correct it there.")
        if reason_type not in {DOXXING, OLDER}:
            raise CannotSend(f"The way in the directory names no reason: choose {DOXXING} or {OLDER}.")
        self._service, self._identifier, self._app_password = service, identifier, app_password
        self._labeler, self._reason_type, self._once = labeler, reason_type, once

    def needs(self, outgoing: Outgoing) -> list[str]:
        found = []
        if _subject_of(outgoing) is None:
            found.append(
                "A report is about one post (its at-uri and cid, or its link) or one account (its did). Send one for "
                "each; where there are several of one account, report the account."
            )
        if not outgoing.text.strip() or not outgoing.key:
            found.append("The letter has no text or no key. Draft it again from the plan, then send it.")
        return found

    def send(self, outgoing: Outgoing, *, at: datetime) -> Receipt:
        if missing := self.needs(outgoing):
            raise CannotSend(" ".join(missing))
        try:
            if (known := self._once.begin(outgoing.key)) is not None:
                says = "The moderation service has this report already."
                return Receipt(self.name, "accepted", known, at, f"{known}\n".encode(), "text/plain", says)
        except NotKnown:
            raise CannotSend(_UNSURE) from None
        try:
            number, reply = self._reported(outgoing)
        except _Unsure:
            raise CannotSend(_UNSURE) from None
        except (CannotSend, NotReached):
            self._once.take_back(outgoing.key)
            raise
        self._once.done(outgoing.key, number)
        says = "The moderation service took the report; it tells those who report nothing more."
        return Receipt(self.name, "accepted", number, at, reply.content, proof_type(reply), says)

    def ask(self, reference: str, *, at: datetime) -> Answer | None:
        return None  # whoever reports is told nothing more

    def _reported(self, outgoing: Outgoing) -> tuple[str, Reply]:
        """(its number, the answer). Raises CannotSend, NotReached, _Unsure."""
        subject = self._resolved(_subject_of(outgoing))
        headers = {"Authorization": f"Bearer {self._session()}", "atproto-proxy": f"{self._labeler}#atproto_labeler"}
        report = {"reasonType": self._reason_type, "reason": reason_for(outgoing), "subject": subject}
        try:
            reply = self._service.post("/xrpc/com.atproto.moderation.createReport", report, headers)
            return _number(reply), reply
        except Unanswered:
            # Before this request, an answer that does not come means that nothing was reported.
            raise _Unsure from None

    def _session(self) -> str:
        """A token of our account. The account's own password is never used: an app password can be taken back."""
        told = {"identifier": self._identifier, "password": self._app_password}
        reply = self._service.post("/xrpc/com.atproto.server.createSession", told)
        if reply.status in {400, 401}:
            raise CannotSend(
                f"Signing in failed ({reply.status}). Whoever keeps this house makes a new app password for its "
                "account, then send it again."
            )
        if reply.status != 200:
            raise refusal(reply)
        token = reply.fields().get("accessJwt")
        if not isinstance(token, str) or not token:
            raise NotReached("the server did not answer as agreed: it gave no session")
        return token

    def _resolved(self, subject: Mapping[str, str] | None) -> dict[str, str]:
        """The subject as a report holds it; what a link only names is looked up. Raises CannotSend, NotReached."""
        subject = dict(subject or {})
        who = subject.get("handle")
        if who is not None:
            found = self._looked_up("com.atproto.identity.resolveHandle", handle=who).get("did")
            if not isinstance(found, str) or not _DID.fullmatch(found):
                raise NotReached("the server did not answer as agreed: it names no account")
            subject["did"] = found
        if "did" in subject and "key" not in subject:
            return {"$type": "com.atproto.admin.defs#repoRef", "did": subject["did"]}
        if "cid" not in subject:
            kind = "app.bsky.feed.post"
            found = self._looked_up(
                "com.atproto.repo.getRecord", repo=subject["did"], collection=kind, rkey=subject["key"]
            ).get("cid")
            if not isinstance(found, str) or not _CID.fullmatch(found):
                raise NotReached("the server did not answer as agreed: it names no version of the post")
            subject |= {"uri": f"at://{subject['did']}/{kind}/{subject['key']}", "cid": found}
        return {"$type": "com.atproto.repo.strongRef", "uri": subject["uri"], "cid": subject["cid"]}

    def _looked_up(self, method: str, **query: str) -> dict[str, Any]:
        reply = self._service.get(f"/xrpc/{method}?{urlencode(query)}")
        if reply.status in {400, 404}:
            raise CannotSend(
                f"The post or account is not found there ({reply.status}). Look at the posting again: it may be gone, "
                "or may have moved."
            )
        if reply.status != 200:
            raise refusal(reply)
        return reply.fields()


def reason_for(outgoing: Outgoing) -> str:
    """The letter, where a report has room for it; else what it stands on and where answers go."""
    if len(outgoing.text) <= MOST_SIGNS and len(outgoing.text.encode()) <= MOST_BYTES:
        return outgoing.text
    citations = "; ".join(dict.fromkeys(one.citation for one in outgoing.grounds))
    parts = (outgoing.subject, citations, f"Ref. {outgoing.measure}", outgoing.reply_to)
    return "\n".join(part for part in parts if part)[:MOST_SIGNS]


def _subject_of(outgoing: Outgoing) -> Mapping[str, str] | None:
    """{"uri", "cid"} · {"did"} · {"did" or "handle", and "key" for a post}; null where there is none, or several."""
    told = outgoing.facts.get("subject")
    if isinstance(told, Mapping):
        uri, cid, did = told.get("uri"), told.get("cid"), told.get("did")
        if isinstance(uri, str) and _AT_URI.fullmatch(uri) and isinstance(cid, str) and _CID.fullmatch(cid):
            return {"uri": uri, "cid": cid}
        return {"did": did} if uri is None and isinstance(did, str) and _DID.fullmatch(did) else None
    if told is not None or len(outgoing.links) != 1:
        return None
    try:
        parts = urlsplit(outgoing.links[0])
        match = _POST.fullmatch(parts.path) if parts.hostname in _APPS else None
    except ValueError:
        return None
    if match is None:
        return None
    who = match["who"]
    named = "did" if _DID.fullmatch(who) else "handle" if _HANDLE.fullmatch(who) else None
    if named is None:
        return None
    return {named: who, **({"key": match["key"]} if match["key"] else {})}


def _number(reply: Reply) -> str:
    """The number of the report. Raises CannotSend, NotReached; Unanswered where it may have been taken."""
    if reply.status in {502, 504}:
        raise Unanswered(f"the server could not hear the moderation service out ({reply.status})")
    if reply.status == 400:
        raise CannotSend(
            "The moderation service does not take this report (400). See whether it knows Ozone's reasons: if not, a "
            "lead sets the older one in the directory; else report by hand."
        )
    if reply.status != 200:
        raise refusal(reply)
    number = reply.fields().get("id")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 1 << 63:
        raise Unanswered("the server did not answer as agreed: it names no number of the report")
    return str(number)

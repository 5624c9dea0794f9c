"""Hashes of pictures for a bank that services match uploads against: a Hasher-Matcher-Actioner, or StopNCII.

Only hashes and a number that leads nowhere leave the house: no letter, no link, no file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from habeas.exposure.core import hash_exchange
from habeas.exposure.core.hash_exchange import HMA_PDQ, HashRecord, UnreadableExchange
from habeas.platforms.channels.asking import Service, Unanswered, asked_in_vain, proof_type, refusal
from habeas.platforms.core.dispatch import Answer, AnswerState, CannotSend, NotReached, Outgoing, Receipt

MOST_HASHES = 20
# Of 800 hashes each; a submission is looked for from a day before it was made.
_MOST_PAGES, _PAGE_RECORDS = 50, 800
_LONGEST_BANK, _LONGEST_REFERENCE = 60, 300
_LOOKED_FOR_FROM = timedelta(days=1)


class HmaChannel:
    """One bank of a Hasher-Matcher-Actioner.

    It knows no keys of acts, so each hash is looked for in the bank before it is put there. Its index is minutes old: a
    hash tried again within them may stand in the bank twice, which matches no more than once does.
    token: for the proxy in front of it; empty: there is none
    """

    name = "hash_bank"

    def __init__(self, service: Service, bank: str, token: str = "") -> None:
        """Raises CannotSend for what is no name of a bank."""
        try:
            self._bank = hash_exchange.hma_bank_name(bank)
        except UnreadableExchange as fault:
            raise CannotSend(f"The way in the directory names no bank: {fault}. Correct it there.") from None
        if len(self._bank) > _LONGEST_BANK:
            raise CannotSend(f"The name of the bank has more than {_LONGEST_BANK} signs. Correct it in the directory.")
        self._service = service
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def needs(self, outgoing: Outgoing) -> list[str]:
        return _needs(outgoing)

    def send(self, outgoing: Outgoing, *, at: datetime) -> Receipt:
        hashes = _hashes(outgoing)
        path = f"/c/bank/{quote(self._bank)}/signal"
        ids, proof = [], []
        for one in hashes:
            held = self._held(one)
            if held is None:
                reply = self._service.post(path, hash_exchange.write_hma_hashes(one), self._headers)
                if reply.status not in {200, 201}:
                    raise refusal(reply)
                held = _readable(lambda reply=reply: hash_exchange.read_hma_content(reply.content).id)
                proof.append(reply.content)
            ids.append(held)
        reference = f"{self._bank}:{','.join(map(str, ids))}"
        if len(reference) > _LONGEST_REFERENCE:
            raise Unanswered("the service did not answer as agreed: its numbers are longer than numbers are")
        return Receipt(
            channel=self.name,
            state="delivered",
            reference=reference,
            at=at,
            proof=b"\n".join(proof) or json.dumps({"bank": self._bank, "held": ids}).encode(),
            proof_type="application/json",
            says=f"The bank holds {len(hashes)} of {len(hashes)} hashes; {len(proof)} of them are new there.",
        )

    def ask(self, reference: str, *, at: datetime) -> Answer | None:
        bank, _, ids = reference.partition(":")
        if bank != self._bank or not all(one.isascii() and one.isdecimal() for one in ids.split(",")):
            return None
        contents, proof = [], []
        for one in ids.split(",")[:MOST_HASHES]:
            reply = self._service.get(f"/c/bank/{quote(bank)}/content/{one}", self._headers)
            proof.append(reply.content)
            if reply.status == 404:
                contents.append(False)
                continue
            if reply.status != 200:
                raise asked_in_vain(reply)
            contents.append(_readable(lambda reply=reply: hash_exchange.read_hma_content(reply.content)).is_enabled(at))
        state: AnswerState = "acknowledged" if all(contents) else "partly" if any(contents) else "refused"
        says = f"The bank matches against {sum(contents)} of {len(contents)} hashes."
        return Answer(state, reference, at, says, b"\n".join(proof), "application/json")

    def _held(self, one: str) -> int | None:
        """The number of the content in the bank that is this very hash, or null."""
        query = urlencode({"signal_type": HMA_PDQ, "signal": one, "banks": self._bank})
        reply = self._service.get(f"/m/lookup?{query}", self._headers)
        if reply.status != 200:
            raise refusal(reply)
        matches = _readable(lambda: hash_exchange.read_hma_lookup(reply.content))
        there = (match.content_id for match in matches if match.bank == self._bank and match.distance == 0)
        return next((number for number in there if number is not None), None)


class StopNciiChannel:
    """The hash exchange of StopNCII, API v1. A newer record of a hash replaces the older one, so twice is once."""

    name = "hash_bank"

    def __init__(self, service: Service, token: str, *, function_keys: Mapping[str, str] | None = None) -> None:
        self._service, self._headers = service, {"Ocp-Apim-Subscription-Key": token}
        self._function_keys = dict(function_keys or {})

    def needs(self, outgoing: Outgoing) -> list[str]:
        return _needs(outgoing)

    def send(self, outgoing: Outgoing, *, at: datetime) -> Receipt:
        hashes, case = _hashes(outgoing), _case(outgoing.key)
        records = [HashRecord(one, "Active", int(at.timestamp()), {case: "Active"}) for one in hashes]
        reply = self._service.post(
            "/SubmitHashes", hash_exchange.write_submission(records), self._headers_of("SubmitHashes")
        )
        if not 200 <= reply.status < 300:
            raise refusal(reply)
        if reply.content.strip():
            reply.fields()
        return Receipt(
            channel=self.name,
            state="accepted",
            reference=f"{case}@{int((at - _LOOKED_FOR_FROM).timestamp())}",
            at=at,
            proof=reply.content,
            proof_type=proof_type(reply),
            says=f"The exchange took {len(hashes)} hashes; services match uploads against them from now on.",
        )

    def ask(self, reference: str, *, at: datetime) -> Answer | None:
        case, _, since = reference.partition("@")
        if not since.isascii() or not since.isdecimal():
            return None
        ours: dict[str, HashRecord] = {}
        next_page, seen = "", {""}
        for _ in range(_MOST_PAGES):
            query = {"startTimestamp": since, "pageSize": _PAGE_RECORDS}
            query |= {"nextPageToken": next_page} if next_page else {}
            reply = self._service.get(f"/FetchHashes?{urlencode(query)}", self._headers_of("FetchHashes"))
            if reply.status != 200:
                raise asked_in_vain(reply)
            page = _readable(lambda reply=reply: hash_exchange.read_page(reply.content))
            ours = hash_exchange.merged(ours, (one for one in page.records if case in one.cases))
            if not page.has_more:
                return _standing(reference, case, tuple(ours.values()), at)
            next_page = page.next_page
            if next_page in seen:
                raise NotReached("the exchange leads in a circle")
            seen.add(next_page)
        raise NotReached(f"the exchange has more than {_MOST_PAGES} pages since then")

    def _headers_of(self, endpoint: str) -> dict[str, str]:
        key = self._function_keys.get(endpoint)
        return {**self._headers, **({"x-functions-key": key} if key else {})}


def _standing(reference: str, case: str, ours: Sequence[HashRecord], at: datetime) -> Answer | None:
    """What services say of the hashes of a submission."""
    if not ours:
        return None
    proof = hash_exchange.write_page(ours).encode()
    withdrawn = sum(one.cases[case] in {"Withdrawn", "Deleted"} or not one.is_live for one in ours)
    said = [one.value for record in ours for one in record.feedback]
    blocked, kept = said.count("Blocked"), said.count("NotBlocked")
    waiting = sum(value in {"PendingReview", "QualityUnknown", "None"} for value in said)
    says = f"Services say of {len(ours)} hashes: {blocked} times blocked, {kept} times not, {waiting} times still open."
    state: AnswerState
    if withdrawn == len(ours):
        state, says = "unknown", "The hashes are withdrawn there. Ask who withdrew them, then submit them again."
    elif blocked and not kept and not waiting and all(one.feedback for one in ours):
        state = "complied"
    elif blocked:
        state = "partly"
    elif kept and not waiting:
        state = "refused"
    else:
        state = "acknowledged"
    return Answer(state, reference, at, says, proof, "application/json")


def _needs(outgoing: Outgoing) -> list[str]:
    found = outgoing.facts.get("hashes")
    if not isinstance(found, list | tuple) or not found:
        return ["There are no hashes of pictures to hand over. Hash the pictures of the case first, then send it."]
    if len(found) > MOST_HASHES:
        return [f"At most {MOST_HASHES} hashes go at once. Send them in parts."]
    if not outgoing.key:
        return ["The letter has no key that can be sent. Queue it again."]
    try:
        for one in found:
            hash_exchange.write_hma_hashes(one)
    except UnreadableExchange:
        return ["One of the hashes is no PDQ hash of 64 hexadecimal digits. Hash the pictures again, then send it."]
    return []


def _hashes(outgoing: Outgoing) -> tuple[str, ...]:
    if missing := _needs(outgoing):
        raise CannotSend(" ".join(missing))
    return tuple(dict.fromkeys(one.lower() for one in outgoing.facts["hashes"]))


def _case(key: str) -> str:
    """A number of the submission that leads to no case of ours."""
    return hashlib.sha256(f"hash bank {key}".encode()).hexdigest()[:20]


def _readable(read: Any) -> Any:
    try:
        return read()
    except UnreadableExchange:
        raise Unanswered("the service did not answer as agreed: its answer is not of the known shape") from None

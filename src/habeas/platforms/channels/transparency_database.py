"""Statements of reasons for the Union's transparency database, for a platform that uses Habeas on its side.

The database takes each PUID once. One that it holds already is ours where it says the same, so twice is once.
Source: Regulation (EU) 2022/2065, article 24(5); the database's API v1 (success is 201 alone).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from habeas.platforms.channels.asking import Reply, Service, Unanswered, asked_in_vain, proof_type, refusal
from habeas.platforms.core import redaction
from habeas.platforms.core import statement_of_reasons as schema
from habeas.platforms.core.dispatch import Answer, CannotSend, NotReached, Outgoing, Receipt
from habeas.platforms.core.statement_of_reasons import NotAStatement

MOST_AT_ONCE = 100
# A reference is kept in 300 characters.
_LONGEST_PUID = 250
_GONE = "The database shows no statement with this PUID. Look for it there; send it again if it never arrived."


class TransparencyDatabaseChannel:
    """token: of the platform's account, as the database gave it"""

    name = "transparency_database"

    def __init__(self, service: Service, token: str) -> None:
        self._service, self._headers = service, {"Authorization": f"Bearer {token}"}

    def needs(self, outgoing: Outgoing) -> list[str]:
        try:
            statements_of(outgoing)
        except CannotSend as refused:
            return [str(refused)]
        return []

    def send(self, outgoing: Outgoing, *, at: datetime) -> Receipt:
        statements = statements_of(outgoing)
        many = "statements" in outgoing.facts
        path, content = ("/statements", {"statements": statements}) if many else ("/statement", statements[0])
        reply = self._service.post(f"/api/v1{path}", content, self._headers)
        reference = statements[0]["puid"] + (f"+{len(statements) - 1}" if len(statements) > 1 else "")
        if reply.status == 422 and (taken := _taken(reply)) is not None:
            self._must_be_ours(statements, taken)
            says = f"The database holds all {len(statements)} already, as we sent them."
            return Receipt(self.name, "delivered", reference, at, reply.content, proof_type(reply), says)
        if reply.status == 422:
            raise CannotSend(_not_taken(reply))
        if reply.status != 201:
            raise refusal(reply)
        given = reply.fields()
        rows = given.get("statements") if many else [given]
        if not isinstance(rows, list) or len(rows) != len(statements) or not all(map(_has_number, rows)):
            raise Unanswered("the database did not answer as agreed: it names no number of a statement")
        says = f"The database took {len(statements)} of {len(statements)} statements."
        return Receipt(self.name, "delivered", reference, at, reply.content, proof_type(reply), says)

    def ask(self, reference: str, *, at: datetime) -> Answer | None:
        """Whether the database shows the statement, the first one where there are several."""
        puid = reference.partition("+")[0]
        reply = self._existing(puid)
        if _found(reply):
            says = "The database shows the statement."
            return Answer("acknowledged", reference, at, says, reply.content, proof_type(reply))
        return Answer("unknown", reference, at, _GONE, reply.content, proof_type(reply))

    def _existing(self, puid: str) -> Reply:
        """Found (302 without a way on, as the database says it, or 200), or 404. Raises NotReached."""
        reply = self._service.get(f"/api/v1/statement/existing-puid/{quote(puid, safe='')}", self._headers)
        if reply.status != 404 and not _found(reply):
            raise asked_in_vain(reply)
        return reply

    def _must_be_ours(self, statements: Sequence[Mapping[str, Any]], taken: frozenset[str]) -> None:
        """Of statements that were refused for their PUID: whether the database holds every one as it was sent.

        Raises CannotSend where it holds another, or only some; NotReached where it does not show them yet.
        """
        others = sum(one["puid"] not in taken for one in statements)
        if others:
            raise CannotSend(
                f"The database holds {len(statements) - others} of {len(statements)} PUIDs already, and took none of "
                "the others. Send those that it lacks by themselves, with PUIDs of their own."
            )
        for one in statements:
            reply = self._existing(one["puid"])
            if reply.status == 404:
                raise NotReached("the database knows the PUID, but does not show its statement yet")
            if not _same(one, reply.fields()):
                raise CannotSend(
                    "The database holds another statement under this PUID, and each may be used once. Give this one a "
                    "PUID of its own."
                )


def statements_of(outgoing: Outgoing) -> list[dict[str, Any]]:
    """The statements of an act, checked: ``facts["statement"]``, or up to 100 in ``facts["statements"]``.

    One without a PUID gets one that follows from the key of the act. Raises CannotSend.
    """
    facts = outgoing.facts
    told = facts.get("statements", [facts["statement"]] if "statement" in facts else None)
    if not isinstance(told, list | tuple) or not told or not all(isinstance(one, Mapping) for one in told):
        raise CannotSend("There is no statement of reasons to send. Write it on the page of the notice first.")
    if len(told) > MOST_AT_ONCE:
        raise CannotSend(f"The database takes at most {MOST_AT_ONCE} statements at once. Send them in parts.")
    if not outgoing.key:
        raise CannotSend("The letter has no key that can be sent. Queue it again.")
    found = []
    for number, one in enumerate(told, start=1):
        try:
            found.append(schema.checked({**one, "puid": one.get("puid") or _puid(outgoing.key, number)}))
        except NotAStatement as faults:
            which = f"statement {number}: " if len(told) > 1 else ""
            raise CannotSend(f"The database would not take it. {which}{faults}") from None
        if len(found[-1]["puid"]) > _LONGEST_PUID:
            raise CannotSend(f"The PUID has more than {_LONGEST_PUID} characters. Shorten it, then send it again.")
        if any(redaction.shows_withheld(text, facts.get("withheld", ())) for text in schema.texts(found[-1]).values()):
            raise CannotSend("The statement shows personal data, which it may not hold. Take it out, then send it.")
    if len({one["puid"] for one in found}) < len(found):
        raise CannotSend("Two of the statements have the same PUID. Give each one of its own, then send them again.")
    return found


def _puid(key: str, number: int) -> str:
    return f"habeas-{hashlib.sha256(f'statement {key}'.encode()).hexdigest()[:32]}-{number}"


def _taken(reply: Reply) -> frozenset[str] | None:
    """The PUIDs that a refusal says are held already; null where it refuses for anything else."""
    said = reply.fields()
    errors, existing = said.get("errors"), said.get("existing")
    if not isinstance(errors, dict):
        return None
    listed = errors.get("existing_puids")
    found = {one for one in listed if isinstance(one, str)} if isinstance(listed, list) else set()
    if isinstance(existing, dict) and isinstance(existing.get("puid"), str):
        found.add(existing["puid"])
    return frozenset(found) or None


def _not_taken(reply: Reply) -> str:
    """A refusal by the names of the fields it is about, which are of the schema and nobody's words."""
    errors = reply.fields().get("errors")
    named: dict[str, None] = {}
    for name, inner in errors.items() if isinstance(errors, dict) else ():
        for one in (name, *(inner if isinstance(inner, dict) else ())):
            if one in schema.FIELDS:
                named[one] = None
    about = f" for {', '.join(named)}" if named else ""
    return f"The database refused it{about} (422). Correct that, or see whether its schema changed, then send it again."


def _has_number(row: Any) -> bool:
    return isinstance(row, dict) and isinstance(row.get("uuid"), str) and bool(row["uuid"])


def _found(reply: Reply) -> bool:
    return reply.status == 200 or (reply.status == 302 and not reply.location)


def _same(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    """Whether a statement the database shows is ours: it may add fields, times to days, and leave out what it drops."""
    if "decision_facts" not in theirs or "category" not in theirs:
        return False
    shown = {name: theirs[name] for name in ours if name != "puid" and theirs.get(name) is not None}
    return all(_shape(name, value) == _shape(name, ours[name]) for name, value in shown.items())


def _shape(name: str, value: Any) -> Any:
    """A value as it is compared: lists without order, days without times, texts without their spacing."""
    kind = schema.FIELDS[name].kind
    if kind in {"many", "product"} and isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return value
    if kind == "many" and isinstance(value, list):
        return sorted(map(str, value))
    if kind == "day" and isinstance(value, str):
        return value[:10]
    return " ".join(value.split()) if isinstance(value, str) else value

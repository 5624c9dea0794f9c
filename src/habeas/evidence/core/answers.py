"""What a recipient signs: that the conditions were accepted (or not), and later that the package was received.

A statement is canonical JSON, an empty line, and a base64 Ed25519 signature over the JSON. It can be made with any
tool; `habeas evidence answer` makes it too.
"""

from __future__ import annotations

import base64
import json
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

Decision = Literal["accepted", "refused", "received", "returned", "destroyed"]
DECISIONS: tuple[Decision, ...] = ("accepted", "refused", "received", "returned", "destroyed")
MOST_BYTES = 20_000


class AnswerRefused(ValueError):
    """A signed answer that cannot count. Says what is wrong with it, never what is in it."""


def statement(
    decision: Decision, handover: str, *, package_sha256: str, conditions_sha512: str, at: str, name: str = ""
) -> bytes:
    """The bytes to be signed.

    at:   ISO 8601 with time zone, by the recipient's clock
    name: who answers for the recipient, as they want to be named; may be empty
    """
    said = {
        "what": "habeas hand-over answer, version 1",
        "decision": decision,
        "handover": handover,
        "package_sha256": package_sha256,
        "conditions_sha512": conditions_sha512,
        "at": at,
        "name": name,
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sign(said: bytes, key: Ed25519PrivateKey) -> bytes:
    return said + b"\n\n" + base64.b64encode(key.sign(said)) + b"\n"


def check(
    raw: bytes, key: bytes, *, handover: str, package_sha256: str, conditions_sha512: str, allowed: frozenset[str]
) -> dict[str, Any]:
    """What was said, once it is sure that the recipient said it of this hand-over and these conditions.

    key: the recipient's Ed25519 public key, 32 bytes
    Raises AnswerRefused.
    """
    if len(raw) > MOST_BYTES:
        raise AnswerRefused(f"the answer has {len(raw)} bytes; a signed statement has some hundred")
    said, mark, signature = raw.partition(b"\n\n")
    if not mark:
        raise AnswerRefused("the answer has no signature: it must end with an empty line and a base64 signature")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(base64.b64decode(signature.strip(), validate=True), said)
    except (InvalidSignature, ValueError) as error:
        raise AnswerRefused("the signature is not the recipient's over this statement") from error
    try:
        answer = json.loads(said)
    except (ValueError, RecursionError) as error:
        raise AnswerRefused("the signed statement is not JSON") from error
    if not isinstance(answer, dict):
        raise AnswerRefused("the signed statement is not a JSON object")
    wanted = {"handover": handover, "package_sha256": package_sha256, "conditions_sha512": conditions_sha512}
    for field, value in wanted.items():
        if answer.get(field) != value:
            raise AnswerRefused(f"the statement is about another {field.split('_')[0]} than this one")
    if answer.get("decision") not in allowed:
        raise AnswerRefused(f"the statement must say {' or '.join(sorted(allowed))} at this point")
    return answer

"""What a recipient signs counts for one hand-over, one package and one set of conditions, and for nothing else."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from habeas.evidence.core.answers import DECISIONS, AnswerRefused, check, sign, statement

KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
ABOUT = {"package_sha256": "ab" * 32, "conditions_sha512": "cd" * 64}
AT = "2026-11-23T12:00:00+00:00"


def signed(decision: str = "accepted", handover: str = "h-1", **about: str) -> bytes:
    said = statement(decision, handover, **{**ABOUT, **about}, at=AT, name="Registry, Court of Examplia")  # type: ignore[arg-type]
    return sign(said, KEY)


def checked(raw: bytes, key: bytes = PUBLIC, *, allowed: tuple[str, ...] = ("accepted", "refused")) -> dict:
    return check(raw, key, handover="h-1", **ABOUT, allowed=frozenset(allowed))


@pytest.mark.parametrize("decision", DECISIONS)
def test_what_was_signed_is_what_was_said(decision):
    said = checked(signed(decision), allowed=DECISIONS)
    assert (said["decision"], said["name"], said["at"]) == (decision, "Registry, Court of Examplia", AT)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (signed(handover="h-2"), "about another handover"),
        (signed(package_sha256="ac" * 32), "about another package"),
        (signed(conditions_sha512="ce" * 64), "about another conditions"),
        (signed("received"), "must say accepted or refused"),
        (b"{}", "no signature"),
        (signed() + b"x" * 30_000, "has 3"),
        (sign(b"[1]", KEY), "not a JSON object"),
        (sign(b"no json", KEY), "not JSON"),
    ],
)
def test_an_answer_to_something_else_does_not_count(raw, why):
    with pytest.raises(AnswerRefused, match=why):
        checked(raw)


def test_the_signature_of_somebody_else_does_not_count():
    other = Ed25519PrivateKey.from_private_bytes(b"\x08" * 32)
    said = statement("accepted", "h-1", **ABOUT, at=AT)
    with pytest.raises(AnswerRefused, match="not the recipient's"):
        checked(sign(said, other))


@given(st.data())
def test_no_changed_byte_counts(data):
    raw = bytearray(signed())
    position = data.draw(st.integers(0, len(raw) - 2))
    raw[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(AnswerRefused):
        checked(bytes(raw))


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_by_name(raw):
    with pytest.raises(AnswerRefused):
        checked(raw)

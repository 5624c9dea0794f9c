"""What services answer to a notice by themselves: only what was signed now, by who has the secret, is believed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.platforms.core.notice_intake import (
    WEBHOOK_SECONDS,
    NotReadable,
    NotSigned,
    read_state,
    read_webhook,
    webhook_signature,
)

AT = datetime(2026, 3, 6, 12, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"a secret of the tests, 32 bytes..").decode()
OTHER = "whsec_" + base64.b64encode(b"another secret, which is not ours").decode()
DECISION = {
    "outcome": "removed",
    "decided_at": "2026-03-06T11:58:00+01:00",
    "redress": ["internal complaint"],
    "automated": False,
}
BODY = json.dumps({"type": "notice.decided", "data": {"id": "N-1", "status": "decided", "decision": DECISION}}).encode()


def signed(body: bytes = BODY, *, secret: str = SECRET, at: datetime = AT, event: str = "msg_1") -> dict[str, str]:
    return {
        "Webhook-Id": event,
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": webhook_signature(event, at, body, secret),
    }


def test_a_decision_that_was_signed_now_is_read():
    told = read_webhook(BODY, signed(), [SECRET], at=AT)
    assert (told.event, told.reference, told.answer.state) == ("msg_1", "N-1", "complied")
    assert told.answer.at == datetime(2026, 3, 6, 10, 58, tzinfo=UTC)
    assert told.answer.proof == BODY
    assert told.answer.says == "The service decided to take it down."


def test_a_signature_is_the_one_of_standard_webhooks():
    content = f"msg_1.{int(AT.timestamp())}.".encode() + BODY
    digest = hmac.digest(b"a secret of the tests, 32 bytes..", content, hashlib.sha256)
    assert signed()["Webhook-Signature"] == "v1," + base64.b64encode(digest).decode()


def test_while_a_secret_is_replaced_both_count():
    assert read_webhook(BODY, signed(secret=OTHER), [SECRET, OTHER], at=AT).reference == "N-1"
    both = {**signed(), "Webhook-Signature": f"v1a,xx v1,!! {signed()['Webhook-Signature']}"}
    assert read_webhook(BODY, both, [SECRET], at=AT).reference == "N-1"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (BODY, {}),
        (BODY, signed(secret=OTHER)),
        (BODY + b" ", signed()),
        (BODY, {**signed(), "Webhook-Id": "msg_2"}),
        (BODY, {**signed(), "Webhook-Timestamp": str(int(AT.timestamp()) + 1)}),
        (BODY, {**signed(), "Webhook-Timestamp": "yesterday"}),
        (BODY, {**signed(), "Webhook-Signature": ""}),
        (BODY, {**signed(), "Webhook-Signature": "v1,"}),
        (BODY, signed(at=AT - timedelta(seconds=WEBHOOK_SECONDS + 1))),
        (BODY, signed(at=AT + timedelta(seconds=WEBHOOK_SECONDS + 1))),
    ],
)
def test_what_was_not_signed_now_by_the_service_is_dropped(body, headers):
    with pytest.raises(NotSigned):
        read_webhook(body, headers, [SECRET], at=AT)


def test_without_a_secret_nothing_is_believed():
    with pytest.raises(NotSigned):
        read_webhook(BODY, signed(), [], at=AT)
    for empty in ("whsec_", "whsec_c2hvcnQ=", "whsec_!"):
        with pytest.raises(ValueError, match="secret"):
            webhook_signature("msg_1", AT, BODY, empty)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"data": {}}', b'{"data": {"id": ".."}}', b'{"data": {"id": "a/b"}}']
)
def test_signed_words_that_say_nothing_of_a_notice_are_not_readable(body):
    with pytest.raises(NotReadable):
        read_webhook(body, signed(body), [SECRET], at=AT)


def test_a_decision_that_keeps_back_what_the_law_wants_is_told_of():
    bare = read_state({"id": "N-1", "status": "decided", "decision": {"outcome": "no_action"}}, b"{}", "x/y", at=AT)
    assert (bare.state, bare.at) == ("refused", AT)
    assert "article 16(5)" in bare.says
    assert "article 16(6)" in bare.says


def test_a_service_that_says_nothing_of_a_state_has_not_answered():
    assert read_state({"id": 7}, b"{}", "application/json", at=AT) is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["id", "data", "status", "decision", "outcome", "decided_at", "redress", "automated"]),
            inner,
        )
    ),
    max_leaves=10,
)


@given(anything)
def test_whatever_is_signed_is_read_or_refused(told):
    body = json.dumps({"data": told}).encode()
    try:
        read_webhook(body, signed(body), [SECRET], at=AT)
    except NotReadable as refusal:
        assert len(str(refusal)) < 100  # noqa: PT017 - either end is right


@given(
    st.binary(max_size=60),
    st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text(max_size=30)),
)
def test_nobody_makes_a_signature_up(body, headers):
    with pytest.raises(NotSigned):
        read_webhook(body, {"webhook-timestamp": str(int(AT.timestamp())), **headers}, [SECRET], at=AT)

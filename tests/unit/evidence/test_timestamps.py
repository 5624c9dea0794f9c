"""Time-stamps: what a real authority answers is taken, and nothing else is, whatever the bytes."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms, tsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from factories.authorities import POLICY, Authority
from habeas.evidence.core import timestamps
from habeas.evidence.core.timestamps import (
    Declined,
    NoRoot,
    NotAStamp,
    OtherDigest,
    OtherNonce,
    StampRefused,
    Untrusted,
    read_roots,
    verify,
    with_sorted_certificates,
)

COMMITMENT = bytes(range(32))
DIGEST = hashlib.sha512(COMMITMENT).digest()
NONCE = 0xF00D_0000_0000_0001


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("authorities")


@pytest.fixture(scope="module")
def with_chain(folder) -> Authority:
    return Authority(folder / "chain")


@pytest.fixture(scope="module")
def without_chain(folder) -> Authority:
    return Authority(folder / "bare", chain=False, roots_with_intermediate=True, digits=6)


@pytest.fixture(scope="module")
def answer(with_chain) -> bytes:
    return with_chain.reply(timestamps.request(DIGEST, NONCE))


@pytest.fixture(scope="module")
def roots(with_chain) -> timestamps.Roots:
    return read_roots(with_chain.roots.read_bytes())


@pytest.fixture(scope="module")
def true(answer, roots) -> timestamps.Verified:
    return verify(answer, DIGEST, roots, nonce=NONCE)


def out_of_order(answer: bytes) -> bytes:
    """The answer with its certificates in the order DER forbids, however OpenSSL happened to send them."""
    ordered = with_sorted_certificates(answer)
    found = tsp.TimeStampResp.load(ordered)["time_stamp_token"]["content"]["certificates"]
    certificates = [one.dump() for one in found]
    assert len(certificates) == 2
    return ordered.replace(found.contents, b"".join(reversed(certificates)))


def test_a_request_says_what_openssl_reads_from_it(tmp_path):
    (tmp_path / "query").write_bytes(timestamps.request(DIGEST, NONCE))
    said = subprocess.run(
        ["openssl", "ts", "-query", "-in", tmp_path / "query", "-text"], capture_output=True, text=True, check=True
    ).stdout
    assert "Hash Algorithm: sha512" in said
    assert f"Nonce: {NONCE:#X}".replace("0X", "0x") in said
    assert "Certificate required: yes" in said
    hexed = "".join(
        byte
        for line in said.splitlines()
        if line.startswith("    00")
        for byte in line[11:58].replace("-", " ").split()
    )
    assert hexed == DIGEST.hex()


@pytest.mark.parametrize(("digest", "nonce"), [(DIGEST[:32], 1), (DIGEST, 0), (DIGEST, 1 << 64), (DIGEST, -1)])
def test_a_request_with_another_digest_or_a_nonce_out_of_range_is_not_made(digest, nonce):
    with pytest.raises(ValueError, match=r"SHA-512|nonce"):
        timestamps.request(digest, nonce)


def test_a_stamp_says_when_how_exactly_and_under_which_policy(with_chain, answer, roots):
    verified = verify(answer, DIGEST, roots, nonce=NONCE)
    assert abs(datetime.now(UTC) - verified.gen_time) < timedelta(minutes=5)
    assert verified.accuracy == timedelta(seconds=1, milliseconds=500)
    assert verified.policy == POLICY
    assert verified.serial > 0x100
    assert verified.nonce == NONCE
    assert verified.signer == "CN=Time Office of Examplia Signer,C=XA"
    assert verified.signer_valid_until == with_chain.signer.not_valid_after_utc


def test_openssl_agrees_with_us_on_a_stamp(with_chain, answer, tmp_path):
    (tmp_path / "answer").write_bytes(answer)
    said = subprocess.run(
        ["openssl", "ts", "-verify", "-digest", DIGEST.hex(), "-in", tmp_path / "answer", "-CAfile", with_chain.roots],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Verification: OK" in said.stdout + said.stderr


def test_certificates_out_of_order_are_put_in_order_and_nothing_else_changes(answer, roots):
    unsorted = out_of_order(answer)
    assert unsorted != with_sorted_certificates(answer)
    with pytest.raises(ValueError, match="InvalidSetOrdering"):
        timestamps.rfc3161_client.decode_timestamp_response(unsorted)
    ordered = with_sorted_certificates(unsorted)
    assert len(ordered) == len(unsorted)
    old, new = (tsp.TimeStampResp.load(one)["time_stamp_token"]["content"] for one in (unsorted, ordered))
    for part in ("version", "digest_algorithms", "encap_content_info", "signer_infos"):
        assert old[part].dump() == new[part].dump()
    assert with_sorted_certificates(ordered) == ordered
    assert verify(unsorted, DIGEST, roots) == verify(ordered, DIGEST, roots)


def test_a_token_without_the_chain_needs_it_beside_the_root(without_chain):
    answer = without_chain.reply(timestamps.request(DIGEST, NONCE))
    pem = without_chain.roots.read_bytes()
    assert verify(answer, DIGEST, read_roots(pem), nonce=NONCE).policy == POLICY
    root_only = pem[: pem.index(b"-----END CERTIFICATE-----") + 26]
    with pytest.raises(Untrusted, match="does not lead to a root"):
        verify(answer, DIGEST, read_roots(root_only), nonce=NONCE)


def test_an_instant_is_as_precise_as_the_authority_gave_it(without_chain):
    answers = [without_chain.reply(timestamps.request(DIGEST, NONCE)) for _ in range(3)]
    trusted = read_roots(without_chain.roots.read_bytes())
    moments = [verify(answer, DIGEST, trusted).gen_time for answer in answers]
    assert any(moment.microsecond for moment in moments)
    assert moments == sorted(moments)


def test_an_older_commitment_to_the_signing_certificate_is_read_too(folder):
    older = Authority(folder / "older", ess="sha1")
    answer = older.reply(timestamps.request(DIGEST, NONCE))
    assert verify(answer, DIGEST, read_roots(older.roots.read_bytes())).policy == POLICY


def test_a_stamp_of_something_else_is_refused(answer, roots):
    with pytest.raises(OtherDigest):
        verify(answer, hashlib.sha512(b"something else").digest(), roots)


def test_a_stamp_over_another_kind_of_hash_is_refused(with_chain, roots):
    asked = timestamps.tsp.TimeStampReq.load(timestamps.request(DIGEST, NONCE))
    digest = hashlib.sha256(COMMITMENT).digest()
    asked["message_imprint"] = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest}
    with pytest.raises(OtherDigest):
        verify(with_chain.reply(asked.dump()), digest, roots)


def test_an_old_answer_sent_again_is_refused(answer, roots):
    with pytest.raises(OtherNonce):
        verify(answer, DIGEST, roots, nonce=NONCE + 1)


def test_another_authority_of_the_same_name_is_refused(folder, answer):
    other = Authority(folder / "another")
    with pytest.raises(Untrusted, match="does not lead to a root"):
        verify(answer, DIGEST, read_roots(other.roots.read_bytes()))


@pytest.mark.parametrize(
    ("days_from", "days_to", "sentence"),
    [pytest.param(-60, -30, "had expired on", id="expired"), pytest.param(30, 60, "not valid before", id="too-early")],
)
def test_a_signing_certificate_out_of_its_time_is_refused(folder, days_from, days_to, sentence):
    now = datetime.now(UTC)
    authority = Authority(
        folder / f"out-of-time{days_from}",
        valid_from=now + timedelta(days=days_from),
        valid_to=now + timedelta(days=days_to),
    )
    answer = authority.reply(timestamps.request(DIGEST, NONCE))
    with pytest.raises(Untrusted, match=sentence):
        verify(answer, DIGEST, read_roots(authority.roots.read_bytes()))


@pytest.mark.parametrize(
    ("purpose", "cades"),
    [
        pytest.param(ExtendedKeyUsageOID.CODE_SIGNING, True, id="a-certificate-for-programs"),
        pytest.param(ExtendedKeyUsageOID.TIME_STAMPING, False, id="a-signature-that-commits-to-no-certificate"),
    ],
)
def test_a_true_signature_that_is_no_time_stamping_one_is_refused(folder, answer, purpose, cades):
    """Signed by OpenSSL's CMS under a trusted root: all there but what makes it a time-stamp."""
    authority = Authority(folder / f"forger-{purpose.dotted_string}", purpose=purpose)
    info = tsp.TimeStampResp.load(answer)["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed.dump()
    (authority.folder / "info.der").write_bytes(info)
    signing = "openssl cms -sign -nodetach -binary -outform DER -econtent_type 1.2.840.113549.1.9.16.1.4"
    files = "-in info.der -signer signer.pem -inkey signer.key -certfile chain.pem -out token.der"
    words = [*signing.split(), *(["-cades"] if cades else []), *files.split()]
    done = subprocess.run(words, cwd=authority.folder, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    forged = tsp.TimeStampResp(
        {
            "status": {"status": "granted"},
            "time_stamp_token": cms.ContentInfo.load((authority.folder / "token.der").read_bytes()),
        }
    ).dump()
    with pytest.raises(Untrusted):
        verify(forged, DIGEST, read_roots(authority.roots.read_bytes()))


def test_a_refusal_for_good_can_be_told_from_one_that_passes(folder):
    picky = Authority(folder / "picky", digests="sha256")
    with pytest.raises(Declined, match="rejected the request: bad alg") as refusal:
        verify(
            picky.reply(timestamps.request(DIGEST, NONCE)), DIGEST, read_roots(picky.roots.read_bytes()), nonce=NONCE
        )
    assert refusal.value.for_good
    busy = tsp.PKIStatusInfo({"status": "rejection", "fail_info": {"time_not_available"}}).dump()
    with pytest.raises(Declined, match="time not available") as refusal:
        verify(b"\x30" + bytes([len(busy)]) + busy, DIGEST, read_roots(picky.roots.read_bytes()))
    assert not refusal.value.for_good


def test_a_grant_without_a_token_is_no_stamp(roots):
    granted = tsp.PKIStatusInfo({"status": "granted"}).dump()
    with pytest.raises(NotAStamp, match="sent none"):
        verify(b"\x30" + bytes([len(granted)]) + granted, DIGEST, roots)


@pytest.mark.parametrize("answer", [b"", b"<html>", bytes(1 << 18), b"\x30\x80", b"\x30\x03\x02\x01\x00"])
def test_what_is_no_answer_is_refused_by_name(answer, roots):
    with pytest.raises(NotAStamp):
        verify(answer, DIGEST, roots)


@pytest.mark.parametrize(
    "pem", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_a_file_without_a_root_is_named(pem):
    with pytest.raises(NoRoot):
        read_roots(pem)


def test_a_file_with_certificates_on_the_way_only_is_named(with_chain):
    with pytest.raises(NoRoot, match="signs itself"):
        read_roots((with_chain.folder / "chain.pem").read_bytes())


@hypothesis_settings(max_examples=150)
@given(
    edits=st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 8), st.binary(max_size=4)), min_size=1, max_size=3)
)
def test_a_changed_stamp_is_refused_by_name_or_still_says_the_same(answer, true, roots, edits):
    """Bytes outside the signature may change without harm; whatever is accepted says exactly what was signed."""
    changed = answer
    for place, length, put in edits:
        at = place % (len(changed) + 1)
        changed = changed[:at] + put + changed[at + length :]
    assert outcome(changed, roots) in {true, StampRefused}


def outcome(answer: bytes, roots: timestamps.Roots) -> object:
    try:
        return verify(answer, DIGEST, roots, nonce=NONCE)
    except StampRefused:
        return StampRefused


def test_every_single_byte_changed_is_refused_by_name_or_still_says_the_same(answer, true, roots):
    outcomes = [
        outcome(answer[:place] + bytes([answer[place] ^ 0x41]) + answer[place + 1 :], roots)
        for place in range(len(answer))
    ]
    assert set(outcomes) <= {true, StampRefused}
    assert outcomes.count(StampRefused) > len(answer) * 0.9


@given(st.binary(max_size=200))
def test_noise_is_refused_by_name(roots, noise):
    with pytest.raises(StampRefused):
        verify(noise, DIGEST, roots)


@given(st.binary(max_size=400))
def test_noise_stays_as_it_is_where_certificates_are_put_in_order(noise):
    assert with_sorted_certificates(noise) == noise

"""Checkpoints: whoever signs or cosigns one means this log, this size, this root and this time, and no other."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import count

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st
from tlog_scales import signing as oracle
from tlog_scales.tlog import Checkpoint as OracleCheckpoint

from factories.signers import AT, LOG, ORIGIN, checkpoint, cosigned, key, leaves, witness
from habeas.ledger.core import checkpoints, notes
from habeas.ledger.core.checkpoints import Checkpoint, NotACheckpoint, NotASubmission, Submission
from habeas.ledger.core.notes import SignatureFails

WITNESS = witness("regulator.example.org")
EVERY_KIND = [*LOG, *WITNESS]
COSIGNERS = [one for one in EVERY_KIND if one.kind != notes.ED25519]
SAID = checkpoint(5)
SIGNED = {signer: checkpoints.sign(SAID, signer, AT) for signer in EVERY_KIND}
NOTE = cosigned(5)
ORIGINS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
HASHES = st.binary(min_size=32, max_size=32)
SIZES = st.integers(0, (1 << 63) - 1)


@given(ORIGINS, SIZES, HASHES)
def test_a_checkpoint_reads_back(origin, size, root):
    said = Checkpoint(origin, size, root)
    assert checkpoints.parse(said.text) == said


@given(st.text(max_size=120) | st.from_regex(r"[a-z]{1,5}\n[0-9]{1,21}\n[A-Za-z0-9+/]{42,43}=\n", fullmatch=True))
def test_nothing_but_a_checkpoint_is_taken_for_one(text):
    with suppress(NotACheckpoint):
        assert checkpoints.parse(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        SAID.text[:-1],
        SAID.text + "\n",
        SAID.text.replace("\n5\n", "\n05\n"),
        SAID.text.replace("\n5\n", "\n+5\n"),
        SAID.text.replace("\n5\n", "\n5 \n"),
        SAID.text.replace("\n5\n", "\n٥\n"),
        SAID.text.replace("\n5\n", f"\n{1 << 63}\n"),
        SAID.text.replace("=\n", "\n"),
        "\n" + SAID.text,
        f"{ORIGIN}\n5\nAAAA\n",
        f"{ORIGIN}\n5\n",
        "",
    ],
)
def test_a_checkpoint_is_read_strictly(text):
    with pytest.raises(NotACheckpoint):
        checkpoints.parse(text)


# -- signatures ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("signer", EVERY_KIND, ids=repr)
@given(ORIGINS, SIZES, HASHES, st.integers(1, 1 << 40))
@settings(max_examples=40)
def test_another_implementation_accepts_our_signatures(signer, origin, size, root, at):
    note = checkpoints.signed(Checkpoint(origin, size, root), [signer], at)
    theirs = OracleCheckpoint(
        origin, size, root, [oracle.NoteSignature.from_line(str(note.signatures[0]).rstrip("\n"))]
    )
    theirs.verify(oracle.Vkey.from_string(str(signer.verifier)))


@pytest.mark.parametrize("signer", [oracle.PlainEd25519Signer, oracle.MLDSA44CosignatureSigner])
def test_we_accept_signatures_of_another_implementation(signer):
    made = OracleCheckpoint.make_signed(ORIGIN, SAID.size, SAID.root, [signer(ORIGIN, b"k" * 32)])
    note = notes.parse(made.serialize())
    held = checkpoints.verified(
        checkpoints.parse(note.text), note.signatures, [notes.parse_key(signer(ORIGIN, b"k" * 32).vkey.serialize())]
    )
    assert len(held) == 1


@pytest.mark.parametrize("signer", EVERY_KIND, ids=repr)
def test_a_signature_says_when_unless_it_is_a_plain_one(signer):
    held = checkpoints.verify(SAID, checkpoints.sign(SAID, signer, AT), signer.verifier)
    assert held.at == (None if signer.kind == notes.ED25519 else AT)


@pytest.mark.parametrize("signer", EVERY_KIND, ids=repr)
@pytest.mark.parametrize(
    "change",
    [{"origin": "elsewhere.example.org/ledger"}, {"size": 6}, {"root": checkpoint(6).root}],
    ids=["origin", "size", "root"],
)
def test_a_signature_is_for_one_log_size_and_root(signer, change):
    signature = checkpoints.sign(SAID, signer, AT)
    with pytest.raises(SignatureFails):
        checkpoints.verify(replace(SAID, **change), signature, signer.verifier)


@pytest.mark.parametrize("signer", COSIGNERS, ids=repr)
def test_the_time_of_a_cosignature_cannot_be_changed(signer):
    signature = checkpoints.sign(SAID, signer, AT)
    for at in (0, AT - 1, AT + 1, (1 << 63) + 5):
        with pytest.raises(SignatureFails):
            checkpoints.verify(
                SAID, replace(signature, payload=at.to_bytes(8, "big") + signature.payload[8:]), signer.verifier
            )


@pytest.mark.parametrize("signer", EVERY_KIND, ids=repr)
@given(st.data())
@settings(max_examples=40)
def test_no_bit_of_a_signature_can_be_changed(signer, data):
    signature = SIGNED[signer]
    payload = bytearray(signature.payload)
    payload[data.draw(st.integers(0, len(payload) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SignatureFails):
        checkpoints.verify(SAID, replace(signature, payload=bytes(payload)), signer.verifier)
    with pytest.raises(SignatureFails):
        checkpoints.verify(SAID, replace(signature, payload=signature.payload[:-1]), signer.verifier)


def test_an_ml_dsa_cosignature_is_its_signers_own():
    mine, other = key("a.example.org", notes.ML_DSA_44), key("b.example.org", notes.ML_DSA_44)
    borrowed = notes.SigningKey(other.name, notes.ML_DSA_44, mine.seed)
    signature = checkpoints.sign(SAID, mine, AT)
    renamed = notes.Signature(borrowed.name, borrowed.verifier.id, signature.payload)
    with pytest.raises(SignatureFails):
        checkpoints.verify(SAID, renamed, borrowed.verifier)


def test_an_ed25519_cosignature_covers_the_text_that_its_specification_shows():
    signature = checkpoints.sign(SAID, WITNESS[0], AT)
    message = b"cosignature/v1\ntime %d\n" % AT + SAID.text.encode()
    Ed25519PublicKey.from_public_bytes(WITNESS[0].verifier.public).verify(signature.payload[8:], message)


def test_lines_by_others_are_passed_over_and_one_that_does_not_hold_spoils_the_note():
    note = cosigned(5, WITNESS, witness("stranger.example.org"))
    known = [one.verifier for one in WITNESS]
    assert [held.key for held in checkpoints.verified(SAID, note.signatures, known)] == known
    forged = replace(checkpoints.sign(checkpoint(6), WITNESS[0], AT))
    with pytest.raises(SignatureFails, match=r"regulator\.example\.org"):
        checkpoints.verified(SAID, [*note.signatures, forged], known)


def test_a_cosignature_needs_a_time_to_be_made():
    with pytest.raises(ValueError, match="time"):
        checkpoints.sign(SAID, WITNESS[0], 0)


# -- what a witness is asked with ----------------------------------------------------------------------------------


@given(SIZES, st.lists(HASHES, max_size=63))
def test_a_submission_reads_back(old, hashes):
    submission = Submission(old, tuple(hashes), NOTE)
    assert checkpoints.parse_submission(str(submission).encode()) == (submission, SAID)


@given(
    st.binary(max_size=200)
    | st.text(max_size=100).map(lambda text: f"old 3\n{text}\n\n{NOTE}".encode("utf-8", "replace"))
)
def test_nothing_but_a_submission_is_taken_for_one(body):
    with suppress(NotASubmission):
        submission, _ = checkpoints.parse_submission(body)
        assert str(submission).encode() == body


@pytest.mark.parametrize(
    "body",
    [
        f"new 0\n\n{NOTE}",
        f"old 00\n\n{NOTE}",
        f"old -1\n\n{NOTE}",
        f"old  0\n\n{NOTE}",
        f"old 0\n{NOTE}",
        f"old 3\nAAAA\n\n{NOTE}",
        "old 3\n" + f"{notes.encode(leaves(1)[0])}\n" * 64 + f"\n{NOTE}",
        f"old 0\r\n\n{NOTE}",
        f"old 0\n\n{SAID.text}",
        "old 0\n\nno checkpoint\n\n" + str(NOTE).partition("\n\n")[2],
        "old 0\n\n" + "x" * checkpoints.MOST_SUBMITTED_BYTES,
        "",
    ],
    ids=count(),
)
def test_a_submission_is_read_strictly(body):
    with pytest.raises(NotASubmission):
        checkpoints.parse_submission(body.encode())

"""Proof files: what somebody without network or database can check of one entry, and what nobody can change unseen."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tlog_scales.tlog import InclusionProof

from factories.signers import LOG, cosigned, entries, hash_at, leaves, witness
from habeas.ledger.core import checkpoints, policies, proof_files, tree
from habeas.ledger.core.proof_files import NotAProof, NotProved

A, B, C = (witness(f"{letter}.example.org") for letter in "abc")
POLICY = policies.parse(
    "".join(f"log {one.verifier}\n" for one in LOG)
    + "".join(f"witness {name} {keys[0].verifier}\n" for name, keys in (("a", A), ("b", B), ("c", C)))
    + "group two 2 a b c\nquorum two\n"
)
NOTES = {size: cosigned(size, A, B) for size in (1, 2, 7, 20)}


def proof_of(index: int, size: int) -> str:
    return proof_files.write(index, tree.inclusion_proof(index, size, hash_at(size)), NOTES[size])


PLACES = st.sampled_from(sorted(NOTES)).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size)))


@given(PLACES)
def test_an_entry_is_proved_offline_by_a_policy_of_ones_own(place):
    index, size = place
    proof = proof_files.parse(proof_of(index, size))
    assert str(proof) == proof_of(index, size)
    assert proof_files.check(proof, entries(size)[index], POLICY).holds
    InclusionProof(index, size, list(proof.hashes)).check(leaves(size)[index], tree.root_of(leaves(size)))


@given(PLACES, st.binary(max_size=20))
def test_another_entry_is_not_proved(place, other):
    proof = proof_files.parse(proof_of(*place))
    with pytest.raises(NotProved, match="not what stands at"):
        proof_files.check(proof, other, POLICY)
    with pytest.raises(NotProved):
        proof_files.check(replace(proof, index=proof.index + 1), entries(20)[proof.index], POLICY)


A_PROOF = proof_of(11, 20).encode()


@given(st.integers(0, len(A_PROOF) - 1), st.integers(1, 255))
def test_no_byte_of_a_proof_changes_unseen(place, change):
    raw = bytearray(A_PROOF)
    raw[place] ^= change
    try:
        proof = proof_files.parse(bytes(raw))
        verdict = proof_files.check(proof, entries(20)[11], POLICY)
    except (NotAProof, NotProved):
        return
    # Lines by keys that the policy does not know say nothing; a line turned into such a one is a signature less.
    assert verdict.holds
    before, after = (one.note.signatures for one in (proof_files.parse(A_PROOF), proof))
    assert replace(proof, note=proof_files.parse(A_PROOF).note) == proof_files.parse(A_PROOF)
    spared = [old for old, new in zip(before, after, strict=True) if old != new]
    assert len(spared) == 1
    assert not any(one.key.made(spared[0]) for one in POLICY.witnesses)


UNSIGNED = checkpoints.signed(checkpoints.parse(NOTES[20].text), [*A, *B], 1)


@pytest.mark.parametrize(
    ("note", "said"),
    [
        pytest.param(cosigned(20, A), "missing: b, c", id="one-witness-too-few"),
        pytest.param(cosigned(20, A, witness("d.example.org")), "missing: b, c", id="a-stranger-does-not-count"),
        pytest.param(UNSIGNED, "no key of the policy for the log", id="not-by-the-log"),
        pytest.param(cosigned(7, A, B), "not what stands at 11", id="of-a-smaller-tree"),
    ],
)  # fmt: skip
def test_a_checkpoint_that_does_not_satisfy_the_policy_proves_nothing(note, said):
    proof = replace(proof_files.parse(A_PROOF), note=note)
    with pytest.raises(NotProved, match=said):
        proof_files.check(proof, entries(20)[11], POLICY)


def test_what_somebody_added_is_kept_and_not_believed():
    proof = replace(proof_files.parse(A_PROOF), extra=b"anything")
    assert proof_files.parse(str(proof)) == proof
    assert proof_files.check(proof, entries(20)[11], POLICY).holds


@given(
    st.binary(max_size=200)
    | st.lists(st.sampled_from([*A_PROOF.decode().split("\n"), "extra AA==", "extra x", "index 01", "index"])).map(
        "\n".join
    )
    | st.text(max_size=80).map(lambda text: f"c2sp.org/tlog-proof@v1\nindex 3\n{text}\n\n{NOTES[2]}")
)
def test_nothing_but_a_proof_is_taken_for_one(content):
    with suppress(NotAProof):
        proof = proof_files.parse(content)
        assert str(proof).encode() == (content if isinstance(content, bytes) else content.encode())
        with suppress(NotProved):
            proof_files.check(proof, b"", POLICY)


@pytest.mark.parametrize(
    "text",
    [
        A_PROOF.decode().replace("@v1", "@v2"),
        A_PROOF.decode().replace("index 11", "index 011"),
        A_PROOF.decode().replace("index 11\n", ""),
        A_PROOF.decode().replace("index 11\n", "index 11\nextra AAAA\n"),
        A_PROOF.decode().replace("index 11\n", "index 11\n" + "A" * 43 + "=\n" * 60),
        A_PROOF.decode().replace("index 11\n", "index 11\n" + ("A" * 43 + "=\n") * 60),
        A_PROOF.decode().partition("\n\n")[0],
        "x" * (proof_files.MOST_BYTES + 1),
    ],
    ids=count(),
)
def test_a_proof_is_read_strictly(text):
    with pytest.raises(NotAProof):
        proof_files.parse(text)

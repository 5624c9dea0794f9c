"""Proofs of inclusion and consistency: what they prove holds, an outside oracle agrees, nothing else passes."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tlog_scales.tlog import ConsistencyProof, InclusionProof

from habeas.ledger.core import tree

LEAVES = [tree.leaf_hash(f"entry {number}".encode()) for number in range(300)]
ROOTS = [tree.root_of(LEAVES[:size]) for size in range(301)]
SIZES = st.integers(1, 300)


def at(level: int, index: int) -> bytes:
    return tree.root_of(LEAVES[index << level : (index + 1) << level])


def inclusion(index: int, size: int) -> list[bytes]:
    return tree.inclusion_proof(index, size, at)


def consistency(old: int, size: int) -> list[bytes]:
    return tree.consistency_proof(old, size, at)


def test_an_outside_oracle_accepts_every_proof_of_inclusion():
    for size in range(1, 71):
        for index in range(size):
            proof = inclusion(index, size)
            InclusionProof(index, size, proof).check(LEAVES[index], ROOTS[size])
            tree.check_inclusion(LEAVES[index], index, size, proof, ROOTS[size])


def test_an_outside_oracle_accepts_every_proof_of_consistency():
    for size in range(1, 71):
        for old in range(1, size + 1):
            proof = consistency(old, size)
            ConsistencyProof(old, size, proof).check(ROOTS[old], ROOTS[size])
            tree.check_consistency(old, ROOTS[old], size, ROOTS[size], proof)


@given(SIZES, st.data())
def test_a_changed_proof_of_inclusion_fails(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof, leaf, root, place = inclusion(index, size), LEAVES[index], ROOTS[size], index
    change = data.draw(st.sampled_from(["a hash", "one less", "one more", "the leaf", "the root", "the place"]))
    if change in {"a hash", "one less"} and not proof:
        return
    step = data.draw(st.integers(0, max(0, len(proof) - 1)))
    if change == "a hash":
        proof[step] = tree.node_hash(proof[step], proof[step])
    elif change == "one less":
        del proof[step]
    elif change == "one more":
        proof.insert(step, LEAVES[0])
    elif change == "the leaf":
        leaf = tree.leaf_hash(b"another")
    elif change == "the root":
        root = ROOTS[size - 1]
    else:
        place = data.draw(st.integers(-2, size + 2).filter(lambda other: other != index))
    with pytest.raises(tree.ProofFails):
        tree.check_inclusion(leaf, place, size, proof, root)


@given(SIZES, st.data())
def test_a_log_that_was_rewritten_has_no_proof_of_consistency(size, data):
    old = data.draw(st.integers(1, size))
    changed = data.draw(st.integers(0, old - 1))
    other = [*LEAVES[:size]]
    other[changed] = tree.leaf_hash(b"rewritten")

    def rewritten(level: int, index: int) -> bytes:
        return tree.root_of(other[index << level : (index + 1) << level])

    proof = tree.consistency_proof(old, size, rewritten)
    with pytest.raises(tree.ProofFails):
        tree.check_consistency(old, ROOTS[old], size, tree.root_of(other), proof)


@given(SIZES, st.data())
def test_a_changed_proof_of_consistency_fails(size, data):
    old = data.draw(st.integers(1, size))
    proof = consistency(old, size)
    step = data.draw(st.integers(0, max(0, len(proof) - 1)))
    change = data.draw(st.sampled_from(["a hash", "one less", "one more"]))
    if change != "one more" and not proof:
        return
    if change == "a hash":
        proof[step] = tree.node_hash(proof[step], proof[step])
    elif change == "one less":
        del proof[step]
    else:
        proof.insert(step, LEAVES[0])
    with pytest.raises(tree.ProofFails):
        tree.check_consistency(old, ROOTS[old], size, ROOTS[size], proof)


@given(st.integers(-3, 9), st.integers(-3, 9), st.lists(st.binary(min_size=32, max_size=32), max_size=5))
def test_any_proof_is_accepted_or_refused_by_name(one, other, proof):
    for check in (
        lambda: tree.check_inclusion(LEAVES[0], one, other, proof, ROOTS[3]),
        lambda: tree.check_consistency(one, ROOTS[3], other, ROOTS[4], proof),
    ):
        with suppress(tree.ProofFails):
            check()


def test_an_old_empty_log_needs_no_proof_and_no_root_but_that_of_nothing():
    tree.check_consistency(0, ROOTS[0], 5, ROOTS[5], [])
    with pytest.raises(tree.ProofFails, match="hash of nothing"):
        tree.check_consistency(0, ROOTS[1], 5, ROOTS[5], [])


def test_one_size_has_one_root():
    with pytest.raises(tree.ProofFails, match="two roots for one size of 5"):
        tree.check_consistency(5, ROOTS[5], 5, ROOTS[4], [])


def test_a_log_that_shrank_is_refused():
    with pytest.raises(tree.ProofFails, match="cannot have shrunk"):
        tree.check_consistency(6, ROOTS[6], 5, ROOTS[5], [])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_there_is_no_proof_of_an_entry_that_is_not_there(index, size):
    with pytest.raises(ValueError, match="has no leaf"):
        inclusion(index, size)

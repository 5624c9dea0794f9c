"""Policies: how many witnesses a checkpoint needs, and that nobody counts twice."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.signers import AT, LOG, ORIGIN, checkpoint, cosigned, key, witness
from habeas.ledger.core import checkpoints, notes, policies
from habeas.ledger.core.notes import Note
from habeas.ledger.core.policies import Group, Log, NotAPolicy, Policy, Witness

NAMES = ("X1", "X2", "X3", "Y1", "Y2", "Y3")
SIGNERS = {name: key(f"{name.lower()}.example.org/witness", notes.ED25519_COSIGNATURE) for name in NAMES}
LINES = [f"log {LOG[0].verifier}", *(f"witness {name} {SIGNERS[name].verifier}" for name in NAMES)]
TWO_LEVELS = "\n".join(
    [
        "# two of ours and any of theirs",
        *LINES,
        "",
        "group X-witnesses 2 X1 X2 X3",
        "group Y-witnesses any\tY1 Y2  Y3 ",
        "group X-and-Y all X-witnesses Y-witnesses",
        "quorum X-and-Y",
        "",
    ]
)


def cosigned_by(names) -> Note:
    return _cosigned_by(tuple(sorted(names)))


@cache
def _cosigned_by(names: tuple[str, ...]) -> Note:
    return cosigned(5, [SIGNERS[name] for name in names])


@given(st.sets(st.sampled_from(NAMES)))
def test_two_of_ours_and_one_of_theirs_are_needed(names):
    verdict = policies.satisfied(policies.parse(TWO_LEVELS), cosigned_by(names))
    ours, theirs = sum(name[0] == "X" for name in names), sum(name[0] == "Y" for name in names)
    assert verdict.holds == (ours >= 2 and theirs >= 1)
    assert set(verdict.witnessed) == names
    assert set(verdict.witnessed.values()) <= {AT}


def test_a_verdict_says_who_signed_and_who_is_missing():
    verdict = policies.satisfied(policies.parse(TWO_LEVELS), cosigned_by(["X1", "Y2"]))
    assert verdict.reasons == (
        f"signed by the log {ORIGIN} (ed25519)",
        "cosigned by X1 on 2026-03-06 at 12:00:00 UTC",
        "cosigned by Y2 on 2026-03-06 at 12:00:00 UTC",
        "the quorum needs 2 of 2, but 1 cosigned; missing: X-witnesses",
    )


# A policy as drawn: how many of the six witnesses stand in which of two groups, and what each group asks for.
@st.composite
def policies_drawn(draw) -> Policy:
    first = draw(st.integers(1, 5))
    groups = (("a", NAMES[:first]), ("b", NAMES[first:]))
    drawn = [Group(name, draw(st.integers(1, len(members))), members) for name, members in groups]
    drawn.append(Group("both", draw(st.integers(1, 2)), ("a", "b")))
    quorum = draw(st.sampled_from(["none", "a", "both", "X1"]))
    url = draw(st.sampled_from(["", "https://help.example.org/witness"]))
    return Policy(
        tuple(Log(one.verifier, url) for one in LOG),
        tuple(Witness(name, SIGNERS[name].verifier, url) for name in NAMES),
        tuple(drawn),
        quorum,
    )


@given(policies_drawn())
def test_a_policy_reads_back(policy):
    assert policies.parse(str(policy)) == policies.parse(policy.to_bytes()) == policy


@given(policies_drawn(), st.sets(st.sampled_from(NAMES)), st.sampled_from(NAMES))
def test_one_more_witness_never_makes_a_checkpoint_worse(policy, names, another):
    fewer = policies.satisfied(policy, cosigned_by(names))
    more = policies.satisfied(policy, cosigned_by(names | {another}))
    assert more.holds or not fewer.holds


@given(
    st.binary(max_size=200)
    | st.lists(st.sampled_from([*TWO_LEVELS.split("\n"), "quorum none", "quorum X1", "group"])).map("\n".join)
)
def test_nothing_but_a_policy_is_taken_for_one(content):
    with suppress(NotAPolicy):
        policy = policies.parse(content)
        assert policies.parse(policy.to_bytes()) == policy


@given(st.integers(0, len(TWO_LEVELS) - 1), st.binary(min_size=1, max_size=1))
def test_a_policy_with_another_byte_is_refused_or_read_without_harm(place, byte):
    raw = TWO_LEVELS.encode()
    with suppress(NotAPolicy):
        policies.satisfied(policies.parse(raw[:place] + byte + raw[place + 1 :]), cosigned_by(NAMES))


X1, X2 = LINES[1:3]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([X1], "no quorum line"),
        ([X1, "quorum X1", "quorum X1"], "line 3: .* second quorum"),
        (["quorum X1", X1], "line 1: .* not defined above"),
        ([X1, X1.replace("X1", "Z"), "quorum Z"], "line 2: .* another witness with this key"),
        ([LINES[0], LINES[0], "quorum none"], "line 2: .* another log with this key"),
        ([X1, X2.replace("X2", "X1"), "quorum X1"], "line 2: .* defined already"),
        ([X1, "group X1 any X1", "quorum X1"], "line 2: .* defined already"),
        ([X1.replace("X1", "none"), "quorum none"], "line 1: .* defined already"),
        ([X1, "group g any X1 X1", "quorum g"], "line 2: .* counts twice"),
        ([X1, X2, "group g any X1", "group h any X1 X2", "quorum h"], "line 4: .* counts twice"),
        ([X1, "group g any g", "quorum g"], "line 2: .* not defined above"),
        ([X1, "group g any none", "quorum g"], "line 2: .* not defined above"),
        ([X1, "group g 2 X1", "quorum g"], "line 2: .* from 1 to its members"),
        ([X1, "group g 0 X1", "quorum g"], "line 2: .* from 1 to its members"),
        ([X1, "group g 01 X1", "quorum g"], "line 2: .* from 1 to its members"),
        ([X1, "group g some X1", "quorum g"], "line 2: .* from 1 to its members"),
        ([X1, "group g any", "quorum g"], "line 2: .* no log, witness, group or quorum"),
        ([f"witness W {LOG[0].verifier}", "quorum W"], "line 1: .* key for cosignatures"),
        ([f"witness W {SIGNERS['X1'].verifier} https://a.example.org b", "quorum W"], "line 1: .* no log, witness"),
        ([X1[:-3], "quorum X1"], "line 1: .* base64"),
        ([X1, "quorum X1\r"], "control"),
        ([X1, "quorum X1\x7f"], "control"),
        (["#"] * 2001 + ["quorum none"], "more than 2000 lines"),
    ],
)  # fmt: skip
def test_a_policy_is_read_strictly(lines, said):
    with pytest.raises(NotAPolicy, match=said):
        policies.parse("".join(f"{line}\n" for line in lines))


def test_a_policy_that_may_have_been_cut_is_refused():
    with pytest.raises(NotAPolicy, match="cut"):
        policies.parse("quorum none")


def test_names_may_be_of_any_bytes_and_stay_apart():
    raw = b"".join((LINES[1].replace("X1", "K").encode(), b"\n", LINES[2].encode().replace(b"X2", b"\xff\xfe"), b"\n"))
    policy = policies.parse(raw + b"group g all K \xff\xfe\nquorum g\n")
    assert policy.to_bytes() == raw + b"group g all K \xff\xfe\nquorum g\n"
    assert policy.witnesses[1].name == "\udcff\udcfe"


# -- what counts ---------------------------------------------------------------------------------------------------

ORGANISATIONS = {name: witness(name) for name in ("a.example.org", "b.example.org", "c.example.org")}


def two_of_three() -> Policy:
    known = {
        name: [Witness(f"{name}/{notes.KINDS[one.kind]}", one.verifier) for one in keys]
        for name, keys in ORGANISATIONS.items()
    }
    return policies.of_witnesses([Log(one.verifier) for one in LOG], known, policies.majority(3))


def test_both_keys_of_an_organisation_are_one_witness():
    a, b, c = ORGANISATIONS.values()
    assert not policies.satisfied(two_of_three(), cosigned(5, a)).holds
    assert policies.satisfied(two_of_three(), cosigned(5, a[:1], c[1:])).holds
    for some in combinations([a, b, c], 2):
        assert policies.satisfied(two_of_three(), cosigned(5, *some)).holds


@pytest.mark.parametrize(("count", "least"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3)])
def test_a_majority_is_more_than_half(count, least):
    assert policies.majority(count) == least


def test_a_policy_without_witnesses_asks_for_none_and_never_for_more_than_there_are():
    logs = [Log(one.verifier) for one in LOG]
    alone = policies.of_witnesses(logs, {}, 0)
    assert alone.quorum == "none"
    assert policies.satisfied(alone, cosigned(5)).holds
    with pytest.raises(NotAPolicy, match="2 witnesses are asked for, but 0 are known"):
        policies.of_witnesses(logs, {}, 2)


def test_a_single_key_may_bear_the_organisations_name():
    one = ORGANISATIONS["a.example.org"][0]
    policy = policies.of_witnesses(
        [Log(LOG[0].verifier)], {"a.example.org": [Witness("a.example.org", one.verifier)]}, 1
    )
    assert [group.name for group in policy.groups] == ["quorum"]
    assert policies.satisfied(policy, cosigned(5, [one])).holds


def test_a_log_signs_in_its_own_name_only():
    policy = policies.parse(f"log {LOG[0].verifier}\nquorum none\n")
    other = checkpoint(5, origin="elsewhere.example.org/ledger")
    verdict = policies.satisfied(policy, checkpoints.signed(other, LOG, AT))
    assert (verdict.holds, verdict.reasons[0]) == (False, "the policy knows no log elsewhere.example.org/ledger")


@pytest.mark.parametrize("signer", LOG, ids=repr)
def test_either_kind_of_key_of_the_log_is_enough(signer):
    policy = policies.parse("".join(f"log {one.verifier}\n" for one in LOG) + "quorum none\n")
    assert policies.satisfied(policy, checkpoints.signed(checkpoint(5), [signer], AT)).holds
    assert not policies.satisfied(policy, checkpoints.signed(checkpoint(5), SIGNERS.values(), AT)).holds


def test_a_forged_line_by_a_known_key_spoils_the_note():
    wrong = checkpoints.sign(checkpoint(6), SIGNERS["X3"], AT)
    note = cosigned_by(["X1", "X2", "Y1"])
    verdict = policies.satisfied(policies.parse(TWO_LEVELS), Note(note.text, (*note.signatures, wrong)))
    assert not verdict.holds
    assert "nothing under this checkpoint counts" in verdict.reasons[0]


def test_a_cosignature_that_says_no_time_does_not_count():
    signer = ORGANISATIONS["a.example.org"][1]
    at_no_time = checkpoints._cosigned(signer.verifier, checkpoint(5), 0)
    line = notes.Signature(signer.name, signer.verifier.id, bytes(8) + signer.sign_bytes(at_no_time))
    note = cosigned(5)
    policy = policies.parse(f"log {LOG[0].verifier}\nwitness A {signer.verifier}\nquorum A\n")
    verdict = policies.satisfied(policy, Note(note.text, (*note.signatures, line)))
    assert (verdict.holds, verdict.reasons[-1]) == (False, "the witness A did not cosign it")


def test_lines_that_not_all_signatures_cover_are_no_evidence():
    said = checkpoints.Checkpoint(ORIGIN, 5, checkpoint(5).root, ("and more",))
    verdict = policies.satisfied(
        policies.parse(f"log {LOG[0].verifier}\nquorum none\n"), checkpoints.signed(said, LOG, AT)
    )
    assert not verdict.holds
    assert "more lines than all signatures cover" in verdict.reasons[0]

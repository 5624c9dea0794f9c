"""Signed notes: what is not exactly a note is refused by name, and what was signed cannot be changed unseen."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tlog_scales.signing import Vkey

from factories.signers import LOG, ORIGIN, key, witness
from habeas.ledger.core import notes
from habeas.ledger.core.notes import NotAKey, NotANote, SignatureFails

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30), min_size=1, max_size=5).map(
    lambda lines: "".join(f"{line}\n" for line in lines)
)
SIGNER = LOG[0]
A_NOTE = str(notes.Note("the text\n", (notes.sign("the text\n", SIGNER),)))


@given(TEXTS)
def test_what_was_signed_reads_back_and_holds(text):
    note = notes.Note(text, (notes.sign(text, SIGNER),))
    assert notes.parse(str(note).encode()) == note
    notes.verify(text, note.signatures[0], SIGNER.verifier)


@given(st.integers(0, len(A_NOTE.encode()) - 1), st.integers(1, 255))
def test_no_byte_of_a_note_changes_unseen(place, change):
    raw = bytearray(A_NOTE.encode())
    raw[place] ^= change
    try:
        note = notes.parse(bytes(raw))
    except NotANote:
        return
    ours = [line for line in note.signatures if SIGNER.verifier.made(line)]
    for line in ours:
        with pytest.raises(SignatureFails):
            notes.verify(note.text, line, SIGNER.verifier)


@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: f"{text}\n\n\u2014 {text}\n".encode("utf-8", "replace"))
)
def test_nothing_but_a_note_is_taken_for_one(content):
    try:
        note = notes.parse(content)
    except NotANote:
        return
    assert str(note).encode() == content


@given(st.text(max_size=100) | st.from_regex(r"[a-z./]{1,9}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44,48}={0,2}", fullmatch=True))
def test_nothing_but_a_key_is_taken_for_one(text):
    with suppress(NotAKey):
        assert str(notes.parse_key(text)) == text


def line(name: str = "a", raw: bytes = b"idididsignature") -> str:
    return f"\u2014 {name} {base64.b64encode(raw).decode()}\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param("text\n" + line(), "no empty line", id="text-and-signature-not-apart"),
        pytest.param("text\n\n" + line()[:-1], "does not end", id="cut"),
        pytest.param("text\n\n", "does not end", id="no-signature"),
        pytest.param("text\n\n- a aWRpZHNpZw==\n", "no signature", id="a-hyphen-for-a-dash"),
        pytest.param("text\n\n\u2014 a\n", "no signature", id="a-name-only"),
        pytest.param("text\n\n" + line(raw=b"idid"), "without a signature", id="an-id-only"),
        pytest.param("text\n\n\u2014 a aWRpZHM=x\n", "base64", id="not-base64"),
        pytest.param("text\n\n\u2014 a aWRpZHM\n", "base64", id="padding-left-out"),
        pytest.param("text\n\n\u2014 a aWRpZHN=\n", "one form", id="spare-bits-set"),
        pytest.param("text\n\n" + line("a+b"), "plus", id="a-plus-in-a-name"),
        pytest.param("text\n\n" + line("a\u2003b"), "spaces", id="a-wide-space-in-a-name"),
        pytest.param("te\txt\n\n" + line(), "control", id="a-tab"),
        pytest.param("te\rxt\n\n" + line(), "control", id="a-carriage-return"),
        pytest.param(b"te\xffxt\n\n" + line().encode(), "UTF-8", id="not-utf-8"),
        pytest.param("text \ud800\n\n" + line(), "UTF-8", id="half-a-character"),
        pytest.param("text\n\n" + line() * 129, "no more than 128", id="too-many-signatures"),
        pytest.param("x" * (notes.MOST_BYTES + 1), "longer", id="too-long"),
        pytest.param("", "no empty line", id="empty"),
    ],
)  # fmt: skip
def test_a_note_is_read_strictly(content, said):
    with pytest.raises(NotANote, match=said):
        notes.parse(content)


def test_a_text_may_hold_empty_lines_and_a_note_many_signatures():
    note = notes.parse("first\n\nsecond\n\n" + line() * 128)
    assert note.text == "first\n\nsecond\n"
    assert len(note.signatures) == 128


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "a\tb", "\u2028", "é" * 128, "\ud800"])
def test_a_name_that_could_be_misread_is_no_name_of_a_key(name):
    with pytest.raises(NotAKey):
        notes.require_name(name)


@pytest.mark.parametrize("signer", [*LOG, *witness("regulator.example.org")], ids=repr)
def test_another_implementation_reads_our_keys_and_finds_the_same_id(signer):
    ours = signer.verifier
    theirs = Vkey.from_string(str(ours))
    assert (theirs.name, theirs.key_id.to_bytes(4, "big")) == (ours.name, ours.id)
    assert Vkey(ours.name, None, ours.kind, ours.public).key_id == theirs.key_id
    assert notes.parse_key(theirs.serialize()) == ours


def test_one_seed_under_another_name_or_kind_is_another_key():
    seed = b"s" * 32
    ids = {notes.SigningKey(name, kind, seed).verifier.id for name in "ab" for kind in notes.KINDS}
    assert len(ids) == 6


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("helpline", "hotline"), "does not follow"),
        (lambda text: text[:-5], "base64"),
        (lambda text: text.replace("+", " ", 1), "neither spaces"),
        (lambda text: text.partition("+")[0], "name[+]id[+]base64"),
        (lambda text: text.split("+")[0] + "+00000000+" + base64.b64encode(b"\x01" + b"k" * 32).decode(), "follow"),
        (lambda text: text.split("+")[0] + "+00000000+" + base64.b64encode(b"\x02" + b"k" * 32).decode(), "no kind"),
        (lambda text: text.split("+")[0] + "+00000000+" + base64.b64encode(b"\x06" + b"k" * 32).decode(), "no kind"),
        (lambda text: text.replace(text.split("+")[1], text.split("+")[1].upper() + "0"), "does not follow"),
    ],
)
def test_a_key_that_was_cut_or_changed_is_refused(change, said):
    with pytest.raises(NotAKey, match=said):
        notes.parse_key(change(str(SIGNER.verifier)))


def test_a_file_of_keys_may_say_what_they_are_for():
    keys = [one.verifier for one in LOG]
    text = f"# of our log\r\n{keys[0]}\n\n  {keys[1]}  \n"
    assert notes.parse_keys(text) == tuple(keys)
    with pytest.raises(NotAKey, match="no verifier key"):
        notes.parse_keys("# nothing\n")
    with pytest.raises(NotAKey, match="twice"):
        notes.parse_keys(f"{keys[0]}\n{keys[0]}\n")


def test_a_secret_is_not_shown():
    assert SIGNER.seed.hex() not in repr(SIGNER)
    assert repr(SIGNER) == f"SigningKey({ORIGIN!r}, 'ed25519')"


def test_a_line_by_another_key_is_no_signature_of_ours():
    other = key("elsewhere.example.org/ledger", notes.ED25519)
    with pytest.raises(SignatureFails, match="not by the key"):
        notes.verify("the text\n", notes.sign("the text\n", other), SIGNER.verifier)


def test_a_key_for_checkpoints_signs_nothing_else():
    with pytest.raises(ValueError, match="checkpoints only"):
        notes.sign("the text\n", LOG[1])
    with pytest.raises(ValueError, match="checkpoints only"):
        notes.verify("the text\n", notes.sign("the text\n", SIGNER), LOG[1].verifier)
    with pytest.raises(NotANote):
        notes.sign("no line end", SIGNER)

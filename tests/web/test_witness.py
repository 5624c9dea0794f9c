"""What programs of others see of this house: a witness that cosigns what only grew, and hashes, never entries."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import count
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tlog_scales.backend import TilesBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tlog import Checkpoint as OracleCheckpoint

from factories.reports import NOON
from habeas.kernel import clock
from habeas.ledger import actions, queries, signing, witnessing
from habeas.ledger.core import checkpoints, notes, tree
from habeas.ledger.core.checkpoints import Checkpoint, Submission
from habeas.ledger.core.notes import Note, SigningKey
from habeas.ledger.models import Entry, WatchedLog

pytestmark = [pytest.mark.django_db, pytest.mark.urls("factories.outside_urls")]

ADD = "/witness/add-checkpoint"
ORIGIN = "hotline.example.com/ledger"
LOG = tuple(SigningKey(ORIGIN, kind, bytes([kind]) * 32) for kind in (notes.ED25519, notes.ML_DSA_44))
STRANGER = SigningKey(ORIGIN, notes.ED25519, b"s" * 32)
BRANCHES = {name: [tree.leaf_hash(f"{name} {number}".encode()) for number in range(40)] for name in ("main", "fork")}
# The fork tells the first four entries as they were, and then another story.
BRANCHES["fork"][:4] = BRANCHES["main"][:4]


@pytest.fixture(autouse=True)
def house(settings, tmp_path) -> None:
    settings.HABEAS_LEDGER_KEY = tmp_path / "ledger.key"
    signing.new_key("helpline.example.org/ledger")


@pytest.fixture
def watched(db) -> WatchedLog:
    return witnessing.watch_log(ORIGIN, "".join(f"{one.verifier}\n" for one in LOG), NOON)


def said(size: int, branch: str = "main") -> Checkpoint:
    return Checkpoint(ORIGIN, size, tree.root_of(BRANCHES[branch][:size]))


def proof(old: int, size: int, branch: str = "main") -> tuple[bytes, ...]:
    leaves = BRANCHES[branch]
    return tuple(
        tree.consistency_proof(old, size, lambda level, at: tree.root_of(leaves[at << level : (at + 1) << level]))
    )


def signed(checkpoint: Checkpoint, keys=LOG) -> Note:
    return checkpoints.signed(checkpoint, keys, 1_772_798_400)


def post(body: str | bytes, client: Client | None = None):
    content = body if isinstance(body, bytes) else body.encode()
    return (client or Client(enforce_csrf_checks=True)).post(ADD, content, content_type="text/plain")


def ask(old: int, size: int, branch: str = "main"):
    return post(str(Submission(old, proof(old, size, branch), signed(said(size, branch)))))


def state() -> tuple[int, bytes, int]:
    row = WatchedLog.objects.get()
    return row.size, bytes(row.root), row.refused


# -- add-checkpoint ------------------------------------------------------------------------------------------------


def test_what_only_grew_is_cosigned_with_both_keys_and_another_implementation_accepts_it(watched):
    _, ours = signing.verifier_keys()
    old = 0
    for size in (0, 1, 2, 7, 7, 8, 33):
        before = int(clock.now().timestamp())
        answer = ask(old, size)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
        assert "no-store" in answer.headers["Cache-Control"]
        lines = notes.parse_signatures(answer.content.decode())
        held = checkpoints.verified(said(size), lines, ours)
        assert [one.key for one in held] == list(ours)
        assert all(before <= one.at <= before + 60 for one in held)
        theirs = OracleCheckpoint.from_text(str(Note(said(size).text, lines)))
        for key in ours:
            theirs.verify(Vkey.from_string(str(key)))
        assert state() == (size, said(size).root, 0)
        old = size
    kept = notes.parse(WatchedLog.objects.get().note)
    assert (kept.text, len(kept.signatures)) == (said(33).text, 2)


def test_whoever_names_an_old_size_is_told_the_latest(watched):
    assert ask(0, 7).status_code == 200
    for old, size in ((0, 9), (3, 9), (8, 9), (3, 3)):
        answer = ask(old, size)
        assert (answer.status_code, answer.content) == (409, b"7\n")
        assert answer.headers["Content-Type"] == "text/x.tlog.size"
    assert state() == (7, said(7).root, 0)


def test_a_fork_is_refused_whichever_proof_comes_with_it(watched):
    assert ask(0, 7).status_code == 200
    for hashes in (proof(7, 9, "fork"), proof(7, 9), (), proof(7, 9)[:-1], proof(7, 9) * 2):
        answer = post(str(Submission(7, hashes, signed(said(9, "fork")))))
        assert (answer.status_code, "does not follow" in answer.content.decode()) == (422, True)
    assert state() == (7, said(7).root, 5)


def test_before_they_part_both_branches_follow(watched):
    assert ask(0, 4).status_code == 200
    assert ask(4, 9, "fork").status_code == 200
    assert ask(9, 12).status_code == 422


def test_two_roots_for_one_size_are_refused_and_kept_as_proof(watched):
    assert ask(0, 7).status_code == 200
    for _ in range(3):
        answer = ask(7, 7, "fork")
        assert (answer.status_code, answer.headers["Content-Type"]) == (409, "text/plain; charset=utf-8")
    assert state() == (7, said(7).root, 3)
    kept = [json.loads(bytes(entry.body)) for entry in Entry.objects.filter(kind=witnessing.CONTRADICTION)]
    assert len(kept) == 1, "however often it is sent"
    both = [notes.parse(kept[0][name]) for name in ("note", "cosigned")]
    assert [checkpoints.parse(note.text) for note in both] == [said(7, "fork"), said(7)]
    for note in both:
        assert checkpoints.verified(checkpoints.parse(note.text), note.signatures, [one.verifier for one in LOG])


def test_a_log_that_was_rolled_back_is_refused(watched):
    assert ask(0, 9).status_code == 200
    answer = ask(0, 7)
    assert (answer.status_code, answer.content) == (409, b"9\n")
    assert ask(9, 7 + 9).status_code == 200
    assert post(str(Submission(9, (), signed(said(7))))).status_code == 400
    assert state()[0] == 16


def test_the_first_checkpoint_needs_no_proof_and_may_not_have_one(watched):
    assert post(str(Submission(0, proof(1, 7), signed(said(7))))).status_code == 422
    assert post(str(Submission(0, (), signed(Checkpoint(ORIGIN, 0, bytes(32)))))).status_code == 409
    assert ask(0, 7).status_code == 200
    assert post(str(Submission(7, proof(7, 9), signed(said(7))))).status_code == 422


def test_a_log_that_is_not_watched_is_unknown(db):
    assert ask(0, 7).status_code == 404


@pytest.mark.parametrize(
    "note",
    [
        pytest.param(signed(said(7), [STRANGER]), id="by-a-stranger"),
        pytest.param(replace(signed(said(7)), text=said(8).text), id="of-another-checkpoint"),
        pytest.param(
            Note(said(7).text, (*signed(said(7)).signatures, *signed(said(8)).signatures)), id="one-line-does-not-hold"
        ),
    ],
)
def test_without_a_signature_of_the_log_nothing_is_cosigned(watched, note):
    assert post(str(Submission(0, (), note))).status_code == 403
    assert state() == (0, tree.root([]), 0)


def test_one_key_of_the_log_is_enough_and_strangers_are_passed_over(watched):
    assert post(str(Submission(0, (), signed(said(7), [STRANGER, LOG[1]])))).status_code == 200


A_SUBMISSION = str(Submission(0, (), signed(said(7))))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "old 0",
        A_SUBMISSION[:-1],
        A_SUBMISSION.replace("old 0", "old 00"),
        A_SUBMISSION.replace("old 0", "old 8"),
        A_SUBMISSION.replace("\n7\n", "\n07\n"),
        str(Submission(3, (bytes(32),) * 64, signed(said(7)))),
        b"\xff" + A_SUBMISSION.encode(),
    ],
    ids=count(),
)
def test_what_cannot_be_read_is_a_bad_request(watched, body):
    assert post(body).status_code == 400
    assert state()[0] == 0


def test_more_than_a_checkpoint_can_need_is_not_read(watched):
    assert post(b"x" * (checkpoints.MOST_SUBMITTED_BYTES + 1)).status_code == 413


@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_is_answered_in_the_words_of_the_protocol(watched, data):
    raw = bytearray(A_SUBMISSION.encode())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    assert post(bytes(raw)).status_code in {200, 400, 403, 404, 409, 422}


def test_only_posts_are_asked_and_no_form_s_token_is_needed(watched, client):
    assert client.get(ADD).status_code == 405
    assert post(A_SUBMISSION, Client(enforce_csrf_checks=True)).status_code == 200


def test_a_house_without_a_witness_key_says_so_and_not_where_it_should_be(watched, settings, tmp_path):
    settings.HABEAS_LEDGER_KEY = tmp_path / "nowhere.key"
    answer = ask(0, 7)
    assert (answer.status_code, b"nowhere" in answer.content) == (503, False)
    assert state()[0] == 0


# -- our own log, from outside -------------------------------------------------------------------------------------


def log(count: int) -> None:
    with transaction.atomic():
        actions.append_many([actions.Done("case.read", 7, NOON, "", {"number": number}) for number in range(count)])


class Outside(TilesBackend):
    """A monitor elsewhere: it sees what is served and nothing else, with a reader that is not ours."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get(self, *path: str) -> bytes | None:
        address = "/ledger/" + "/".join(path)
        self.asked.append(address)
        answer = Client().get(address)
        return answer.content if answer.status_code == 200 else None

    def put(self, *path: str, data: bytes) -> None:
        raise AssertionError("a monitor only reads")


@pytest.mark.parametrize("size", [1, 255, 256, 257, 700])
def test_from_the_tiles_anybody_recomputes_every_root(size):
    log(size)
    witnessing.sign_checkpoint(NOON)
    reader = TilesReader(Outside())
    checkpoint = reader.get_checkpoint()
    assert (checkpoint.size, checkpoint.origin) == (size, "helpline.example.org/ledger")
    for key in signing.verifier_keys()[0]:
        checkpoint.verify(Vkey.from_string(str(key)))
    assert reader.calculate_root_hash() == checkpoint.root_hash
    for old in {1, size // 2, size - 1} - {0}:
        reader.get_consistency_proof(old, size).check(queries.root_at(old), checkpoint.root_hash)
    for index in (0, size // 2, size - 1):
        leaf = tree.leaf_hash(queries.entry_bytes(index))
        reader.get_inclusion_proof(index, size).check(leaf, checkpoint.root_hash)


def test_a_monitor_that_comes_back_sees_that_the_log_only_grew():
    log(300)
    witnessing.sign_checkpoint(NOON)
    before = TilesReader(Outside()).get_checkpoint()
    log(400)
    witnessing.sign_checkpoint(NOON)
    reader = TilesReader(Outside())
    now = reader.get_checkpoint()
    reader.get_consistency_proof(before.size, now.size).check(before.root_hash, now.root_hash)


def test_a_full_tile_may_be_kept_for_ever_and_a_checkpoint_not_at_all():
    log(300)
    witnessing.sign_checkpoint(NOON)
    full, part = (Client().get(f"/ledger/tile/{place}") for place in ("0/000", "0/001.p/44"))
    for answer, width in ((full, 256), (part, 44)):
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert len(answer.content) == 32 * width
        assert not answer.cookies
    assert full.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "immutable" not in part.headers["Cache-Control"]
    checkpoint = Client().get("/ledger/checkpoint")
    assert checkpoint.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert checkpoint.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "place",
    [
        "0/001", "0/001.p/45", "0/002", "0/002.p/1", "1/000", "1/000.p/2", "2/000.p/1", "0/000.p/256", "0/000.p/0",
        "0/000.p/044", "0/x000/001.p/44", "0/1", "0/0001", "0/000/", "00/000", "-1/000", "64/000", "99999/000",
        "0/x00/000", "entries/000", "entries/001.p/44", "data/000", "0/../0/000", "0/%30%30%30.p/x",
        "0/x999/x999/x999/x999/x999/x999/999",
    ],
)  # fmt: skip
def test_nothing_else_is_served_and_entries_never(place):
    log(300)
    witnessing.sign_checkpoint(NOON)
    log(300)
    answer = Client().get(f"/ledger/tile/{place}")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_what_we_did_not_sign_for_yet_is_not_shown():
    log(300)
    assert Client().get("/ledger/checkpoint").status_code == 404
    assert Client().get("/ledger/tile/0/000").status_code == 404
    witnessing.sign_checkpoint(NOON)
    assert Client().get("/ledger/tile/0/000").status_code == 200


def test_no_answer_holds_an_entry():
    log(300)
    witnessing.sign_checkpoint(NOON)
    outside = Outside()
    reader = TilesReader(outside)
    reader.get_checkpoint()
    reader.calculate_root_hash()
    told = b"".join(Client().get(urlsplit(address).path).content for address in set(outside.asked))
    for index in range(300):
        assert queries.entry_bytes(index) not in told
    assert b"case.read" not in told

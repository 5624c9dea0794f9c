"""Organisations witness each other: each a program with a database, keys and a log of its own, over loopback."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

import pytest
from django.db import connection, transaction
from tlog_scales.signing import Vkey
from tlog_scales.tlog import Checkpoint as OracleCheckpoint
from tlog_scales.tlog import InclusionProof

from factories import houses
from factories.reports import NOON
from habeas.kernel import clock
from habeas.ledger import actions, queries, signing, witnessing
from habeas.ledger.core import checkpoints, notes, policies, proof_files, tree
from habeas.ledger.core.checkpoints import Submission
from habeas.ledger.models import Checkpoint, Cosignature, Entry, Head, Tile, WatchedLog, Witness
from habeas.ledger.witnessing import ContradictsCheckpoint, NoCheckpoint, WitnessRefused

pytestmark = pytest.mark.django_db

_numbers = count(1)


@pytest.fixture(scope="module")
def others(tmp_path_factory) -> Iterator[list[houses.House]]:
    """A regulator and a prosecutor's office."""
    names = ("regulator.example.org", "prosecutor.example.org")
    begun = [houses.begin(name, tmp_path_factory.mktemp("house")) for name in names]
    yield [houses.ready(house) for house in begun]
    for house in begun:
        house.stop()


@pytest.fixture
def our_key(settings, tmp_path) -> str:
    """A log and witness of our own, new for each test. Gives what ``habeas ledger keys`` would tell others."""
    settings.HABEAS_LEDGER_KEY = tmp_path / "keys" / "ledger.key"
    settings.HABEAS_LEDGER_QUORUM = None
    signing.new_key(f"helpline-{next(_numbers)}.example.org/ledger")
    log, witness = signing.verifier_keys()
    return "".join(f"{key}\n" for key in (*log, *witness))


@pytest.fixture
def witnessed(our_key, others) -> list[houses.House]:
    """Both others watch our log, and we know them as witnesses."""
    for house in others:
        house.watch(witnessing.origin(), our_key)
        witnessing.add_witness(house.name, house.address, house.keys, clock.now())
    return others


def log(number: int, kind: str = "case.read") -> None:
    with transaction.atomic():
        actions.append_many([actions.Done(kind, 7, NOON, "", {"number": one}) for one in range(number)])


def signed_and_asked() -> Checkpoint:
    checkpoint = witnessing.sign_checkpoint(clock.now())
    witnessing.ask_witnesses(clock.now())
    return checkpoint


def troubles() -> dict[str, str]:
    return dict(Witness.objects.values_list("name", "last_trouble"))


def forget_the_log() -> None:
    for model in (Cosignature, Checkpoint, Tile, Entry, Head):
        model.objects.all().delete()


# -- signing -------------------------------------------------------------------------------------------------------


def test_a_checkpoint_is_signed_with_both_kinds_of_key_and_another_implementation_accepts_it(our_key):
    log(5)
    checkpoint = witnessing.sign_checkpoint(NOON)
    size, root = queries.head()
    assert (checkpoint.size, bytes(checkpoint.root), checkpoint.signed_at) == (size, root, NOON)
    theirs = OracleCheckpoint.from_text(checkpoint.note)
    assert (theirs.origin, theirs.size, theirs.root_hash) == (witnessing.origin(), size, root)
    assert len(theirs.signatures) == 2
    for line in our_key.splitlines()[:2]:
        theirs.verify(Vkey.from_string(line))


def test_the_same_size_is_signed_once(our_key):
    log(5)
    first = witnessing.sign_checkpoint(NOON)
    again = witnessing.sign_checkpoint(NOON + timedelta(hours=1))
    assert (again.pk, again.note) == (first.pk, first.note)
    log(1)
    assert witnessing.sign_checkpoint(NOON).size == first.size + 1


def test_an_empty_log_may_be_signed_for_too(our_key):
    forget_the_log()
    checkpoint = witnessing.sign_checkpoint(NOON)
    assert (checkpoint.size, bytes(checkpoint.root)) == (0, tree.root([]))
    log(3)
    assert witnessing.sign_checkpoint(NOON).size == 3


@pytest.mark.parametrize("grown", [0, 3, 300])
def test_a_root_that_contradicts_what_we_signed_is_never_signed(our_key, grown):
    log(5)
    witnessing.sign_checkpoint(NOON)
    for model in (Tile, Entry, Head):
        model.objects.all().delete()
    log(5 + grown, kind="case.opened")
    with pytest.raises(ContradictsCheckpoint, match="checkpoint at 5"):
        witnessing.sign_checkpoint(NOON)
    assert Checkpoint.objects.count() == 1


def test_a_log_that_lost_entries_is_not_signed(our_key):
    log(5)
    witnessing.sign_checkpoint(NOON)
    for model in (Tile, Entry, Head):
        model.objects.all().delete()
    log(4)
    with pytest.raises(ContradictsCheckpoint, match="holds 4 entries, but we signed checkpoint at 5"):
        witnessing.sign_checkpoint(NOON)


def test_a_damaged_tree_is_not_signed(our_key):
    log(600)
    tile = Tile.objects.get(level=0, index=0)
    tile.hashes = bytes(32) + bytes(tile.hashes)[32:]
    tile.save()
    Tile.objects.filter(level=1).delete()
    with pytest.raises(ContradictsCheckpoint, match="fsck"):
        witnessing.sign_checkpoint(NOON)


def test_without_a_key_nothing_is_signed_and_the_reason_says_what_to_do(settings, tmp_path):
    settings.HABEAS_LEDGER_KEY = tmp_path / "none.key"
    for ask in (lambda: witnessing.sign_checkpoint(NOON), witnessing.origin, witnessing.policy_text):
        with pytest.raises(signing.NoLedgerKey, match=r"none\.key is not there.*habeas ledger new-key NAME"):
            ask()


# -- keys on disk --------------------------------------------------------------------------------------------------


def test_keys_are_made_once_and_for_their_owner_only(our_key):
    file = signing.key_file()
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.read_bytes()
    with pytest.raises(signing.KeyExists, match="never made anew"):
        signing.new_key("another.example.org/ledger")
    assert file.read_bytes() == before
    made = signing.keys()
    assert len({one.seed for one in (*made.log, *made.witness)}) == 4
    assert {one.name for one in made.witness} == {made.origin.replace("/ledger", "/witness")}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: "", "no ed25519 line"),
        (lambda text: text.replace("ed25519 h", "ed25519 x", 1) + text.splitlines()[0], "more than one name"),
        (lambda text: text[:-10], "64 hex digits"),
        (lambda text: text.replace("ml-dsa-44", "ml-dsa-65"), "algorithm is one of"),
        (lambda text: text + "one two\n", "line 5"),
        (lambda text: text + "ed25519 a+b " + "00" * 32, "line 5"),
        (lambda text: text + text.splitlines()[1].replace("example", "examplia"), "same key"),
        (lambda text: text.replace("/witness", "/ledger"), "name of its own"),
        (lambda text: text.replace("ed25519", "\udcff"), "not a file of ledger keys"),
    ],
)  # fmt: skip
def test_a_damaged_key_file_is_named_and_shows_no_secret(our_key, change, said):
    file = signing.key_file()
    text = file.read_text()
    file.write_bytes(change(text).encode("utf-8", "surrogateescape"))
    with pytest.raises(signing.NoLedgerKey, match=said) as refusal:
        signing.keys()
    assert str(file) in str(refusal.value)
    assert not any(word in str(refusal.value) for word in text.split() if len(word) == 64)


@pytest.mark.parametrize(("name", "witness"), [("a b", ""), ("", ""), ("a.example.org", "a+b"), ("a/witness", "")])
def test_names_that_cannot_be_used_make_no_file(settings, tmp_path, name, witness):
    settings.HABEAS_LEDGER_KEY = tmp_path / "ledger.key"
    with pytest.raises(notes.NotAKey):
        signing.new_key(name, witness)
    assert not signing.key_file().exists()


# -- being witnessed -----------------------------------------------------------------------------------------------


def test_witnesses_cosign_as_the_log_grows_and_an_entry_is_proved_offline(witnessed):
    for grown in (5, 1, 700):
        log(grown)
        checkpoint = signed_and_asked()
        assert set(troubles().values()) == {""}
        note = witnessing.assembled(checkpoint)
        assert len(note.signatures) == 2 + 2 * len(witnessed)
        verdict = policies.satisfied(policies.parse(witnessing.policy_text()), note)
        assert verdict.holds
        assert len(verdict.witnessed) == 4
    for index in (0, 255, 256, 705):
        proof = proof_files.parse(witnessing.proof_file(index))
        entry = queries.entry_bytes(index)
        assert proof_files.check(proof, entry, policies.parse(witnessing.policy_text())).holds
        root = checkpoints.parse(proof.note.text).root
        InclusionProof(index, checkpoint.size, list(proof.hashes)).check(tree.leaf_hash(entry), root)
    for house in witnessed:
        assert house.watched(witnessing.origin())["size"] == checkpoint.size
    theirs = OracleCheckpoint.from_text(str(note))
    for line in witnessed[0].keys.splitlines()[2:]:
        theirs.verify(Vkey.from_string(line))


def test_a_cosigned_checkpoint_is_not_asked_for_again(witnessed):
    log(5)
    checkpoint = signed_and_asked()
    assert witnessing.ask_witnesses(clock.now()) == []
    assert Cosignature.objects.filter(checkpoint=checkpoint).count() == 4


def test_a_witness_whose_size_we_forgot_tells_it_and_gets_the_right_proof(witnessed):
    log(300)
    signed_and_asked()
    log(1)
    Witness.objects.update(last_size=7)
    checkpoint = signed_and_asked()
    assert set(troubles().values()) == {""}
    assert set(Witness.objects.values_list("last_size", flat=True)) == {checkpoint.size} == {queries.head()[0]}


@pytest.mark.django_db(transaction=True)
def test_we_and_another_organisation_witness_each_other(our_key, others, settings, live_server):
    settings.ROOT_URLCONF = "factories.outside_urls"
    regulator, prosecutor = others
    name = witnessing.origin().partition("/")[0]
    witnessing.watch_log(f"{regulator.name}/ledger", regulator.keys, clock.now())
    regulator.add_witness(name, f"{live_server.url}/witness", our_key)
    for grown in (4, 300):
        regulator.log(grown)
        theirs = regulator.checkpoint()
        assert theirs["troubles"] == {name: ""}
        verdict = policies.satisfied(policies.parse(theirs["policy"]), notes.parse(theirs["note"]))
        assert verdict.holds
        assert set(verdict.witnessed) == {f"{name}/ed25519-cosignature", f"{name}/ml-dsa-44"}
        seen = WatchedLog.objects.get()
        said = checkpoints.parse(notes.parse(theirs["note"]).text)
        assert (seen.size, bytes(seen.root), seen.refused) == (said.size, said.root, 0)
    assert prosecutor.say(do="checkpoint")["troubles"] == {}


def test_a_forked_log_is_refused_by_those_who_saw_the_other_branch(witnessed):
    log(5)
    signed_and_asked()
    sizes = {house.name: house.watched(witnessing.origin()) for house in witnessed}
    forget_the_log()
    Witness.objects.update(last_size=0)
    log(5 + 3, kind="case.opened")
    checkpoint = signed_and_asked()
    assert set(troubles().values()) == {"it says that our log does not follow from what it has seen of it (HTTP 422)"}
    assert not Cosignature.objects.exists()
    assert not witnessing.verdict_on(checkpoint).holds
    for house in witnessed:
        now = house.watched(witnessing.origin())
        assert now == {**sizes[house.name], "refused": 1}


def test_another_root_for_the_same_size_is_refused(witnessed):
    log(5)
    signed_and_asked()
    forget_the_log()
    log(queries.head()[0] + 5 - Entry.objects.count(), kind="case.opened")
    Witness.objects.update(last_size=0)
    before = witnessed[0].watched(witnessing.origin())["size"]
    missing = before - queries.head()[0]
    log(missing, kind="case.opened")
    assert queries.head()[0] == before
    signed_and_asked()
    assert set(troubles().values()) == {f"it has seen another root for our log of {before} entries (HTTP 409)"}


def test_a_log_that_was_rolled_back_is_refused(witnessed):
    log(9)
    size = signed_and_asked().size
    forget_the_log()
    log(4)
    signed_and_asked()
    for trouble in troubles().values():
        assert trouble.startswith(f"it has cosigned our log at {size} entries, but we ask for 4: entries are missing")
    assert not Cosignature.objects.exists()


def test_a_witness_that_is_down_is_noted_and_stops_no_other(witnessed, tmp_path_factory):
    down = houses.ready(houses.begin("court.example.org", tmp_path_factory.mktemp("house")))
    down.watch(witnessing.origin(), "".join(f"{key}\n" for key in signing.verifier_keys()[0]))
    witnessing.add_witness(down.name, down.address, down.keys, clock.now())
    log(5)
    assert witnessing.verdict_on(signed_and_asked()).holds
    assert set(troubles().values()) == {""}
    down.stop()
    log(5)
    at = clock.now()
    checkpoint = witnessing.sign_checkpoint(at)
    assert {one.witness: bool(one.trouble) for one in witnessing.ask_witnesses(at)} == {
        "regulator.example.org": False,
        "prosecutor.example.org": False,
        "court.example.org": True,
    }
    row = Witness.objects.get(name=down.name)
    assert row.last_trouble == "it could not be asked (ConnectionRefusedError)"
    assert (row.last_asked_at, row.last_size) == (at, checkpoint.size - 5)
    assert witnessing.verdict_on(checkpoint).holds, "two of three are enough"


def test_a_witness_that_does_not_know_us_says_so(our_key, others):
    for house in others:
        witnessing.add_witness(house.name, house.address, house.keys, clock.now())
    log(5)
    signed_and_asked()
    for trouble in troubles().values():
        assert trouble.startswith("it does not know our log")


def test_a_retired_witness_is_neither_asked_nor_counted_and_what_it_cosigned_stays(witnessed):
    log(5)
    first = signed_and_asked()
    witnessing.retire_witness(witnessed[0].name, clock.now())
    log(5)
    second = signed_and_asked()
    assert len(witnessing.assembled(first).signatures) == 6
    assert len(witnessing.assembled(second).signatures) == 4
    assert "regulator" not in witnessing.policy_text()
    assert witnessing.verdict_on(second).holds
    assert list(witnessing.faults()) == []
    with pytest.raises(WitnessRefused, match="never comes back"):
        witnessing.add_witness("back.example.org", witnessed[0].address, witnessed[0].keys, clock.now())
    with pytest.raises(WitnessRefused, match="no witness"):
        witnessing.retire_witness(witnessed[0].name, clock.now())


def test_who_witnesses_and_who_is_watched_stands_in_the_log_without_names(witnessed):
    witnessing.watch_log(f"{witnessed[0].name}/ledger", witnessed[0].keys, clock.now())
    entries = [json.loads(bytes(body)) for body in Entry.objects.order_by("index").values_list("body", flat=True)]
    assert [entry["kind"] for entry in entries][-3:] == ["witness.added", "witness.added", "log.watched"]
    always = {"at", "by", "case", "index", "kind", "salt"}
    assert all(set(entry) - always <= {"keys", "log", "witness"} for entry in entries[-3:])


# -- policy and proofs ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("quorum", "line"), [(None, "quorum all "), (1, "quorum any "), (0, None)])
def test_the_quorum_is_the_houses_to_set(witnessed, settings, quorum, line):
    settings.HABEAS_LEDGER_QUORUM = quorum
    text = witnessing.policy_text()
    assert (f"group {line}" in text) if line else text.endswith("quorum none\n")


def test_more_witnesses_than_there_are_cannot_be_asked_for(witnessed, settings):
    settings.HABEAS_LEDGER_QUORUM = 3
    with pytest.raises(policies.NotAPolicy, match="3 witnesses are asked for, but 2 are known"):
        witnessing.policy_text()


def test_a_witness_with_two_keys_of_a_kind_is_still_one(our_key):
    keys = [notes.SigningKey("a.example.org/w", notes.ED25519_COSIGNATURE, bytes([byte]) * 32) for byte in (1, 2)]
    witnessing.add_witness(
        "a.example.org", "https://a.example.org", "".join(f"{key.verifier}\n" for key in keys), clock.now()
    )
    policy = policies.parse(witnessing.policy_text())
    assert [(group.least, len(group.members)) for group in policy.groups] == [(1, 2), (1, 1)]


def test_an_entry_without_a_checkpoint_cannot_be_proved_yet(our_key):
    forget_the_log()
    with pytest.raises(NoCheckpoint, match="habeas ledger checkpoint"):
        witnessing.proof_file(0)
    log(2)
    first = witnessing.sign_checkpoint(NOON)
    log(1)
    with pytest.raises(NoCheckpoint, match="entry 2 does not stand in checkpoint at 2"):
        witnessing.proof_file(2)
    witnessing.sign_checkpoint(NOON)
    assert checkpoints.parse(proof_files.parse(witnessing.proof_file(1)).note.text).size == 3
    assert checkpoints.parse(proof_files.parse(witnessing.proof_file(1, first)).note.text).size == 2


@pytest.mark.parametrize(
    ("name", "address", "keys", "said"),
    [
        ("two words", "", "", "one word"),
        ("none", "", "", "cannot be the name"),
        ("quorum", "", "", "cannot be the name"),
        ("#a", "", "", "cannot be the name"),
        ("a.example.org/ml-dsa-44", "", "", "cannot be the name"),
        ("", "ftp://a.example.org", "", "looks like https"),
        ("", "https://user:password@a.example.org", "", "looks like https"),
        ("", "https://a.example.org?x=1", "", "looks like https"),
        ("", "https://[::1", "", "looks like https"),
        ("", "file:///etc/passwd", "", "looks like https"),
        ("", "", "nothing", "name[+]id[+]base64"),
        ("", "", "# nothing", "no verifier key"),
    ],
)
def test_a_witness_that_cannot_be_used_is_not_taken_in(our_key, name, address, keys, said):
    with pytest.raises(WitnessRefused, match=said):
        witnessing.add_witness(
            name or "a.example.org", address or "https://a.example.org/witness", keys or our_key, clock.now()
        )
    assert not Witness.objects.exists()


def test_of_a_file_with_all_keys_the_right_ones_are_taken(our_key, others):
    keys = others[0].keys
    log_keys, witness_keys = notes.parse_keys(keys)[:2], notes.parse_keys(keys)[2:]
    witness = witnessing.add_witness("a.example.org", "https://a.example.org/witness/", keys, clock.now())
    assert notes.parse_keys(witness.keys) == witness_keys
    assert witness.address == "https://a.example.org/witness"
    assert notes.parse_keys(witnessing.watch_log(log_keys[0].name, keys, clock.now()).keys) == log_keys
    with pytest.raises(WitnessRefused, match="watched already"):
        witnessing.watch_log(log_keys[0].name, keys, clock.now())
    with pytest.raises(WitnessRefused, match="none of these keys is of the log"):
        witnessing.watch_log("b.example.org/ledger", keys, clock.now())
    with pytest.raises(WitnessRefused, match="no witness of its own log"):
        witnessing.add_witness("b.example.org", "https://b.example.org", our_key, clock.now())
    with pytest.raises(WitnessRefused, match="none of these keys is of a witness"):
        witnessing.add_witness("b.example.org", "https://b.example.org", "".join(map(str, log_keys[:1])), clock.now())


# -- witnesses that misbehave --------------------------------------------------------------------------------------

Handler = Callable[[BaseHTTPRequestHandler, bytes], None]


@contextmanager
def server(handle: Handler) -> Iterator[str]:
    class Asked(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            handle(self, self.rfile.read(int(self.headers["Content-Length"])))

        def log_message(self, *_: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    running.daemon_threads = True
    threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()


def answer(status: int, body: bytes = b"", **headers: str) -> Handler:
    def handle(asked: BaseHTTPRequestHandler, _: bytes) -> None:
        asked.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            asked.send_header(name.replace("_", "-"), value)
        asked.end_headers()
        asked.wfile.write(body)

    return handle


BAD = notes.SigningKey("bad.example.org/witness", notes.ED25519_COSIGNATURE, b"b" * 32)
STRANGER = notes.SigningKey("stranger.example.org/witness", notes.ED25519_COSIGNATURE, b"s" * 32)


def cosigns(key: notes.SigningKey = BAD, *, later: float = 0, size: int = 0) -> Handler:
    def handle(asked: BaseHTTPRequestHandler, body: bytes) -> None:
        _, said = checkpoints.parse_submission(body)
        said = replace(said, size=said.size + size)
        at = int(clock.now().timestamp() + later)
        answer(200, str(checkpoints.sign(said, key, at)).encode())(asked, body)

    return handle


def trickles(asked: BaseHTTPRequestHandler, _: bytes) -> None:
    try:
        asked.wfile.write(b"HTTP/1.0 200 OK\r\n")
        while True:
            asked.wfile.write(b"X-More: 1\r\n")
            asked.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass


@pytest.mark.parametrize(
    ("handle", "trouble"),
    [
        (answer(200), "its answer does not hold: the last signature line does not end"),
        (answer(200, b"\xff\n"), "its answer does not hold: not UTF-8"),
        (answer(200, b"\xe2\x80\x94 a aWRpZHNpZw==\n"), "its answer is signed by none of the keys it gave us"),
        (cosigns(STRANGER), "its answer is signed by none of the keys it gave us"),
        (cosigns(size=1), "its answer does not hold: the ed25519-cosignature signature of bad.example.org/witness"),
        (cosigns(later=3600), "it cosigned at a time that is not now"),
        (cosigns(later=-3600), "it cosigned at a time that is not now"),
        (answer(200, b"x" * (witnessing.MOST_ANSWER_BYTES + 1)), "its answer is longer than"),
        (answer(302, Location="http://127.0.0.1:1/add-checkpoint"), "it answered with HTTP status 302"),
        (answer(307, Location="http://127.0.0.1:1/add-checkpoint"), "it answered with HTTP status 307"),
        (answer(500, b"oh"), "it answered with HTTP status 500"),
        (answer(403), "it knows our log by other keys"),
        (answer(409, b"3\n"), "it has seen another root"),
        (answer(409, b"-3\n", Content_Type="text/x.tlog.size"), "it did not say which size it has seen"),
        (answer(409, b"99999\n", Content_Type="text/x.tlog.size"), "it has cosigned our log at 99999 entries"),
        (answer(409, b"0\n", Content_Type="text/x.tlog.size"), "it says that 0 is not the size it has seen"),
        (answer(200, b"x", Content_Length="5"), "its answer broke off"),
        (lambda asked, _: asked.wfile.write(b"no HTTP at all\r\n\r\n"), "it could not be asked (BadStatusLine)"),
        (lambda asked, _: time.sleep(2), "no answer within 0.5 s"),
        (trickles, "no answer within 1 s"),
    ],
)  # fmt: skip
def test_a_witness_that_misbehaves_is_noted_and_believed_nothing(our_key, monkeypatch, handle, trouble):
    monkeypatch.setattr(witnessing, "SILENCE_SECONDS", 0.5)
    monkeypatch.setattr(witnessing, "ROUND_SECONDS", 1.0)
    good = notes.SigningKey("good.example.org/witness", notes.ED25519_COSIGNATURE, b"g" * 32)
    with server(handle) as bad_address, server(cosigns(good)) as good_address:
        witnessing.add_witness("bad.example.org", bad_address, str(BAD.verifier), clock.now())
        witnessing.add_witness("good.example.org", good_address, str(good.verifier), clock.now())
        log(5)
        signed_and_asked()
    assert troubles()["bad.example.org"].startswith(trouble)
    assert troubles()["good.example.org"] == ""
    assert [one.witness.name for one in Cosignature.objects.all()] == ["good.example.org"]


def test_a_witness_that_never_settles_is_left(our_key):
    sizes = count(1)

    def moves(asked: BaseHTTPRequestHandler, body: bytes) -> None:
        answer(409, b"%d\n" % next(sizes), Content_Type="text/x.tlog.size")(asked, body)

    with server(moves) as address:
        witnessing.add_witness("bad.example.org", address, str(BAD.verifier), clock.now())
        log(9)
        signed_and_asked()
    assert troubles() == {"bad.example.org": "it named another size each time it was asked"}
    assert next(sizes) == 1 + witnessing.MOST_ROUNDS


def test_a_witness_whose_keys_were_spoilt_here_stops_no_other(witnessed):
    Witness.objects.filter(name=witnessed[0].name).update(keys="spoilt")
    log(5)
    witnessing.sign_checkpoint(clock.now())
    asked = {one.witness: one.trouble for one in witnessing.ask_witnesses(clock.now())}
    assert asked[witnessed[0].name].startswith("what we hold of it cannot be read")
    assert asked[witnessed[1].name] == ""


# -- being a witness -----------------------------------------------------------------------------------------------

THEIRS = tuple(
    notes.SigningKey("hotline.example.com/ledger", kind, bytes([kind]) * 32)
    for kind in (notes.ED25519, notes.ML_DSA_44)
)
LEAVES = [tree.leaf_hash(b"%d" % number) for number in range(40)]


def node(level: int, index: int) -> bytes:
    return tree.root_of(LEAVES[index << level : (index + 1) << level])


def submission(old: int, size: int) -> bytes:
    said = checkpoints.Checkpoint("hotline.example.com/ledger", size, tree.root_of(LEAVES[:size]))
    note = checkpoints.signed(said, THEIRS, int(NOON.timestamp()))
    return str(Submission(old, tuple(tree.consistency_proof(old, size, node)), note)).encode()


@pytest.mark.django_db(transaction=True)
def test_of_many_who_ask_at_once_one_is_cosigned_and_nothing_ever_goes_back(our_key):
    witnessing.watch_log("hotline.example.com/ledger", "".join(f"{one.verifier}\n" for one in THEIRS), NOON)
    assert witnessing.add_checkpoint(submission(0, 8), NOON).status == 200
    answers: list[witnessing.Answer] = []

    def ask(size: int) -> None:
        try:
            answers.append(witnessing.add_checkpoint(submission(8, size), NOON))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(size,)) for size in range(9, 21)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.status for one in answers) == [200, *[409] * 11]
    log = WatchedLog.objects.get()
    assert {one.body for one in answers if one.status == 409} == {f"{log.size}\n".encode()}
    assert bytes(log.root) == tree.root_of(LEAVES[: log.size])


# -- checking ------------------------------------------------------------------------------------------------------


@pytest.fixture
def cosigned_checkpoint(witnessed) -> Checkpoint:
    log(5)
    return signed_and_asked()


def test_what_holds_has_no_faults(cosigned_checkpoint):
    assert [*queries.faults(), *witnessing.faults()] == []


def altered(text: str, place: int) -> str:
    other = "A" if text[place] != "A" else "B"
    return text[:place] + other + text[place + 1 :]


@pytest.mark.parametrize("line", [1, 2, 4, 5])
def test_every_line_of_a_stored_checkpoint_is_held_by_its_signatures(cosigned_checkpoint, line):
    lines = cosigned_checkpoint.note.split("\n")
    lines[line] = "99" if line == 1 else altered(lines[line], len(lines[line]) // 2)
    Checkpoint.objects.update(note="\n".join(lines))
    assert any("was changed after it was signed" in fault for fault in witnessing.faults())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"root": b"r" * 32}, "is filed under another size or root than was signed"),
        ({"size": 1}, "is filed under another size or root than was signed"),
        ({"note": "no note"}, "was changed after it was signed: there is no empty line"),
    ],
)
def test_a_stored_checkpoint_that_was_changed_is_named(cosigned_checkpoint, change, said):
    Checkpoint.objects.update(**change)
    assert any(said in fault for fault in witnessing.faults())


def test_a_stored_cosignature_that_was_changed_is_named(cosigned_checkpoint):
    for row in Cosignature.objects.all():
        kept = row.line
        for line, said in [
            (altered(kept, len(kept) // 2), "does not hold"),
            (altered(kept, len(kept.rpartition(" ")[0]) + 3), "is by none of its keys"),
            ("", "does not hold"),
        ]:
            Cosignature.objects.filter(pk=row.pk).update(line=line)
            faults = list(witnessing.faults())
            assert len(faults) == 1
            assert faults[0].startswith(
                f"checkpoint at {cosigned_checkpoint.size}: cosignature {row.pk} of {row.witness} {said}"
            )
        Cosignature.objects.filter(pk=row.pk).update(line=kept)


def test_checkpoints_that_others_keys_signed_are_not_ours(cosigned_checkpoint):
    signing.key_file().unlink()
    assert [fault.partition(":")[0] for fault in witnessing.faults()] == [
        "no signature of our checkpoints could be checked"
    ]
    signing.new_key("another.example.org/ledger")
    assert list(witnessing.faults()) == [f"{cosigned_checkpoint} is signed by none of our keys"]


@pytest.fixture
def seen(our_key) -> WatchedLog:
    """A log of others, watched, of which we cosigned a checkpoint at 8."""
    witnessing.watch_log("hotline.example.com/ledger", "".join(f"{one.verifier}\n" for one in THEIRS), NOON)
    assert list(witnessing.faults()) == []
    assert witnessing.add_checkpoint(submission(0, 8), NOON).status == 200
    assert list(witnessing.faults()) == []
    return WatchedLog.objects.get()


@pytest.mark.parametrize(
    "change",
    [
        {"size": 7},
        {"root": bytes(32)},
        {"origin": "other.example.com/ledger"},
        {"note": ""},
        {"note": "no note"},
        {"keys": "no key"},
        {"keys": str(BAD.verifier)},
    ],
    ids=str,
)
def test_what_was_seen_of_others_cannot_be_changed_here_unseen(seen, change):
    WatchedLog.objects.update(**change)
    faults = list(witnessing.faults())
    assert len(faults) == 1
    assert "watched log" in faults[0]

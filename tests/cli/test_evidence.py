"""``habeas evidence``: the whole way of an item at the console, and every refusal in one sentence."""

from __future__ import annotations

import json

import pyrage
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from factories.evidence import CONDITIONS, SECRET_CONTENT, outside, sealed_item
from factories.leaks import prose
from factories.people import member
from factories.reports import NOON, a_case
from habeas.evidence.actions import seal
from habeas.evidence.core.bundle import decrypt_with
from habeas.kernel import clock
from habeas.ledger import signing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def house(tmp_path, settings):
    settings.HABEAS_EVIDENCE = tmp_path / "evidence"
    settings.HABEAS_SCRATCH = tmp_path / "scratch"
    settings.HABEAS_LEDGER_KEY = tmp_path / "keys" / "ledger.key"
    settings.HABEAS_LEDGER_KEY.parent.mkdir()
    signing.new_key("helpline.example.org/ledger")


@pytest.fixture
def case():
    case = a_case()
    sealed_item(case)
    return case


@pytest.fixture
def casey():
    return member().username


@pytest.fixture
def lee():
    return member("lead").username


def test_items_are_listed_and_checked_without_being_opened(habeas, case):
    said = habeas("evidence", "list", case)
    assert said.code == 0
    assert "front-door.png" in said.out
    assert habeas("evidence", "check", case).out == "all stored items are there and unchanged\n"


def test_a_damaged_store_is_named(habeas, case, settings):
    item = case.items.get()
    file = settings.HABEAS_EVIDENCE / item.stored_as[:2] / item.stored_as
    file.write_bytes(b"changed")
    said = habeas("evidence", "check", case)
    assert said.code == 1
    assert str(item.pk) in said.out


def test_opening_writes_the_original_and_stands_in_the_chain(habeas, case, casey, tmp_path):
    said = habeas("evidence", "open", case, "1", "--out", tmp_path / "door.png", "--as", casey)
    assert said.code == 0, said.err
    assert (tmp_path / "door.png").read_bytes() == SECRET_CONTENT
    custody = habeas("evidence", "custody", case)
    assert custody.code == 0
    assert "read" in custody.out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["open", "CASE", "7", "--out", "OUT", "--as", "CASEY"], "has no item '7'"),
        (["open", "CASE", "1", "--out", "OUT", "--as", "nobody"], "nobody has this user name"),
        (["open", "HB-222222", "1", "--out", "OUT", "--as", "CASEY"], "a reference looks like"),
        (["open", "CASE", "1", "--out", "OUT", "--as", "CASEY", "--purpose", "fun"], "is no purpose"),
        (["erase", "CASE", "--as", "CASEY"], "nothing was erased"),
        (["erase", "CASE", "--as", "CASEY", "--yes", "CASE"], "may not erase case"),
        (["certificate", "CASE"], "was not erased"),
        (["trace", "LEAK", "--as", "LEE"], "no traceable copy was ever made"),
        (["capture", "CASE", "--link", "https://x.example.org/", "--as", "CASEY"], "has no such link"),
        (["key", "CASE", "--handover", "x", "--out", "OUT", "--as", "CASEY"], "has no hand-over"),
        (["export", "CASE", "--out", "OUT", "--to", "age1x", "--as", "CASEY"], "begins with age1"),
        (["lift", "CASE", "9", "--because", "x", "--as", "LEE"], "has no hold 9"),
    ],
)
def test_a_refusal_is_one_sentence_and_changes_nothing(habeas, case, casey, lee, tmp_path, words, why):
    (tmp_path / "leak.txt").write_text(prose(1))
    names = {"CASE": case, "CASEY": casey, "LEE": lee, "OUT": tmp_path / "out", "LEAK": tmp_path / "leak.txt"}
    said = habeas("evidence", *[names.get(word, word) for word in words])
    assert said.code == 2, said.out
    assert why in said.err
    assert "Traceback" not in said.err
    assert not (tmp_path / "out").exists()


def test_a_bundle_is_exported_and_verified(habeas, case, casey, tmp_path):
    said = habeas("evidence", "export", case, "--for", "court", "--out", tmp_path / "bundle", "--as", casey)
    assert said.code == 0, said.err
    verified = habeas("evidence", "verify", tmp_path / "bundle")
    assert verified.code == 0, verified.out
    (tmp_path / "bundle" / "data" / "exhibits" / "001-front-door.png").write_bytes(b"another door")
    assert habeas("evidence", "verify", tmp_path / "bundle").code == 1


def test_a_hand_over_at_the_console_from_both_sides(habeas, case, casey, tmp_path):
    court = outside()
    key = court.signing.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "court.pem").write_bytes(key)
    (tmp_path / "conditions.txt").write_text(CONDITIONS)
    offered = habeas(
        "evidence", "offer", case, "--recipient", "Court of Examplia", "--signing-key",
        court.recipient.signing_key.hex(), "--age", court.recipient.age_recipient, "--conditions",
        tmp_path / "conditions.txt", "--out", tmp_path / "offer", "--as", casey,
    )  # fmt: skip
    assert offered.code == 0, offered.err
    (offer,) = (tmp_path / "offer").glob("*.offer.json")
    number = json.loads(offer.read_text())["handover"]
    for decision, take in (("accepted", "answer"), ("received", "receipt")):
        signed = tmp_path / f"{decision}.signed"
        shown = habeas("evidence", "sign", offer, decision, "--key", tmp_path / "court.pem", "--out", signed)
        assert CONDITIONS in shown.out
        taken = habeas("evidence", take, case, signed, "--handover", number, "--as", casey)
        assert taken.code == 0, taken.err
        if take == "answer":
            given = habeas("evidence", "key", case, "--handover", number, "--out", tmp_path / "key.age", "--as", casey)
            assert given.code == 0, given.err
    secret = pyrage.decrypt((tmp_path / "key.age").read_bytes(), [court.identity]).decode()
    (package,) = (tmp_path / "offer").glob("*.tar.age")
    decrypt_with(package, [secret], tmp_path / "opened")
    assert habeas("evidence", "verify", tmp_path / "opened").code == 0


def test_a_marked_copy_is_traced(habeas, casey, lee, tmp_path):
    case = a_case()
    seal(case.reports.get(), "t.txt", "text/plain", prose(2).encode(), by="portal", at=clock.now())
    copy = tmp_path / "copy.txt"
    made = habeas("evidence", "mark", case, "1", "--recipient", "Court of Examplia", "--out", copy, "--as", casey)
    assert made.code == 0, made.err
    traced = habeas("evidence", "trace", copy, "--as", lee)
    assert (traced.code, "was made for Court of Examplia" in traced.out) == (0, True)
    (tmp_path / "other.txt").write_text(prose(5))
    assert habeas("evidence", "trace", tmp_path / "other.txt", "--as", lee).code == 1


def test_a_hold_stands_before_an_erasure_and_the_certificate_follows(habeas, case, lee):
    placed = habeas("evidence", "hold", case, "--asked-by", "Court of Examplia", "--on", "order 12-345", "--as", lee)
    assert placed.code == 0, placed.err
    refused = habeas("evidence", "erase", case, "--as", lee, "--yes", case)
    assert (refused.code, "a hold for Court of Examplia" in refused.err) == (2, True)
    hold = case.holds.get().pk
    assert habeas("evidence", "lift", case, hold, "--because", "proceedings ended", "--as", lee).code == 0
    erased = habeas("evidence", "erase", case, "--as", lee, "--yes", case)
    assert erased.code == 0, erased.err
    assert json.loads(erased.out)["erased"]["sealed items"] == 1
    assert habeas("evidence", "list", case).code == 2


def a_captured_page(case, texts: list[str]):
    """A captured page of a case, as a capture packs it."""
    import json

    from habeas.cases import actions as cases
    from habeas.cases import queries
    from habeas.evidence import actions
    from habeas.evidence.core.wacz import pack

    cases.add_links(case, ["https://board.example.net/t/1"], by="portal", at=NOON)
    posting, link = queries.links_of(case)[0]
    blocks = [{"kind": "text", "text": text} for text in texts]
    page = {"url": link, "ts": "2026-03-06T12:00:00Z", "habeas": {"blocks": blocks, "media": []}}
    head = {"format": "json-pages-1.0", "id": "pages", "title": "Pages"}
    files = {
        "pages/pages.jsonl": "\n".join(json.dumps(line) for line in (head, page)).encode(),
        "archive/data.warc.gz": b"WARC",
        "indexes/index.cdxj": b"",
    }
    content = pack(files, title="t", created=NOON, main_page=link, software="tests")
    reason = actions.Reason("preserve", "legal_claim")
    told = {"details": {}, "acquired_at": NOON, "reason": reason, "by": "tests", "at": NOON}
    return actions.seal_capture(posting, "page.wacz", content, **told)


def test_two_captures_compare_by_digests_that_show_nothing(habeas, casey, tmp_path):
    key = tmp_path / "key"
    key.write_text("ab" * 32)
    made = []
    for name, more in (("ours", "Only we saw this line."), ("theirs", "Only they saw this one.")):
        case = a_case()
        a_captured_page(case, ["The same first paragraph.", "And a second one, 3 views", more])
        made.append(tmp_path / name)
        said = habeas("evidence", "digests", case, "1", "--key-file", key, "--out", made[-1], "--as", casey)
        assert said.code == 0, said.err
        assert b"paragraph" not in made[-1].read_bytes()
    told = habeas("evidence", "compare", *made)
    assert told.out == "2 of 4 paragraphs are the same; 1 only in the first capture, 1 only in the second.\n"
    assert json.loads(habeas("evidence", "compare", *made, "--json").out)["text"]["same"] == 2


def test_digests_under_another_key_do_not_compare(habeas, casey, tmp_path):
    case = a_case()
    a_captured_page(case, ["a paragraph of some length"])
    for number in (1, 2):
        (tmp_path / f"key{number}").write_text(f"{number:02}" * 32)
        key, out = tmp_path / f"key{number}", tmp_path / f"d{number}"
        habeas("evidence", "digests", case, "1", "--key-file", key, "--out", out, "--as", casey)
    said = habeas("evidence", "compare", tmp_path / "d1", tmp_path / "d2")
    assert (said.code, "different keys" in said.err) == (2, True)


def test_what_cannot_be_compared_is_one_sentence(habeas, case, casey, tmp_path):
    (tmp_path / "short").write_text("ab")
    (tmp_path / "key").write_text("ab" * 32)
    (tmp_path / "junk").write_bytes(b"{}")
    to = ("--out", tmp_path / "out", "--as", casey)
    assert "64 hex digits" in habeas("evidence", "digests", case, "1", "--key-file", tmp_path / "none", *to).err
    assert "needs 32" in habeas("evidence", "digests", case, "1", "--key-file", tmp_path / "short", *to).err
    assert "no captured page" in habeas("evidence", "digests", case, "1", "--key-file", tmp_path / "key", *to).err
    assert "no list of block digests" in habeas("evidence", "compare", tmp_path / "junk", tmp_path / "junk").err
    assert "cannot be read" in habeas("evidence", "compare", tmp_path / "none", tmp_path / "junk").err
    assert not (tmp_path / "out").exists()

"""``habeas registry``: asked, withdrawn, made anew, and hashes of pictures in and out of files."""

from __future__ import annotations

import io
import json
import sys

import pytest
from PIL import Image, ImageDraw

from factories.people import member
from factories.reports import NOON, an_examined_case, intake
from habeas.cases.core.intake import IncomingFile
from habeas.exposure import actions, queries
from habeas.exposure.core.pdq import hash_picture
from habeas.exposure.models import HashBank, KnownEntry, SharedHash
from habeas.ledger import queries as ledger

pytestmark = pytest.mark.django_db(transaction=True)

STORY = (
    "There was once a quiet ferryman in the harbour town who kept the lanterns and wrote it all in a thick "
    "green book. People said he knew which of the orchard owners owed money to whom, and so the council feared "
    "him more than storms. Nobody believed it until the book was copied page by page and pinned to the door. "
)


def a_picture() -> bytes:
    drawn = Image.new("RGB", (400, 300), (250, 240, 220))
    pen = ImageDraw.Draw(drawn)
    for step in range(9):
        at = 36 * step
        pen.ellipse((at, at // 2, at + 80, at // 2 + 100), fill=(step * 25, 255 - step * 20, 90))
        pen.rectangle((360 - at, at // 2, 400 - at, at // 2 + 30), fill=(40, step * 20, 200))
    file = io.BytesIO()
    drawn.save(file, "JPEG", quality=80)
    return file.getvalue()


def a_case(submission: str = "one"):
    return an_examined_case(intake(text=STORY, files=(IncomingFile("door.jpg", a_picture()),), submission=submission))


def a_page(**changes: object) -> str:
    record = {
        "lastModtimestamp": 1_000, "signalType": "ImagePDQ", "hashValue": hash_picture(a_picture()).bits.hex(),
        "hashStatus": "Active", "caseNumbers": {"c-1": "Active"},
    }  # fmt: skip
    others = [{"signalType": "VideoMD5"}, {"signalType": "Text"}, {"signalType": "Text"}]
    return json.dumps({"hashRecords": [{**record, **changes}, *others]})


@pytest.fixture
def casey():
    return member().username


@pytest.fixture
def post(tmp_path):
    file = tmp_path / "post.txt"
    file.write_text(STORY.upper())
    return file


# ------------------------------------------------------------------------------------------------------------- ask


def test_a_known_text_is_told_with_its_case_and_the_reason(habeas, casey, post):
    case = a_case()
    said = habeas("registry", "ask", post, "--as", casey)
    assert (said.code, said.err) == (0, "")
    assert said.out == f"known\n  {case}: the wording repeats 100% of what is kept of a known text\n"


def test_a_known_picture_is_told_and_what_others_share_of_it(habeas, casey, tmp_path):
    case = a_case()
    (tmp_path / "page.json").write_text(a_page())
    habeas("registry", "import-hashes", tmp_path / "page.json", "--bank", "Examplia")
    (tmp_path / "copy.jpg").write_bytes(a_picture())
    said = habeas("registry", "ask", tmp_path / "copy.jpg", "--as", casey)
    assert said.code == 0
    assert f"{case}: the picture differs from a known one in 0 of 256 bits" in said.out
    assert (
        "bank Examplia: Active, INVESTIGATION_SEED; the picture differs from a hash of it in 0 of 256 bits" in said.out
    )


def test_what_is_not_known_ends_with_1_and_is_logged_all_the_same(habeas, casey, post):
    said = habeas("registry", "ask", post, "--as", casey)
    assert (said.code, said.out, said.err) == (1, "not known\n", "")
    assert [entry["cases"] for entry in ledger.entries_of("") if entry["kind"] == "registry.asked"] == [[]]


def test_a_text_may_come_from_standard_input(habeas, casey, monkeypatch):
    case = a_case()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(STORY.encode())))
    said = habeas("registry", "ask", "-", "--as", casey)
    assert (said.code, str(case) in said.out) == (0, True)


@pytest.mark.parametrize(
    ("content", "code", "reason"),
    [
        pytest.param(None, 3, "post.txt cannot be opened (No such file or directory)", id="missing"),
        pytest.param(b"  \n", 4, "post.txt is empty", id="empty"),
        pytest.param(b"x" * 25_000_001, 5, "the limit is 25.0 MB", id="too-large"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_by_assess(habeas, casey, tmp_path, content, code, reason):
    if content is not None:
        (tmp_path / "post.txt").write_bytes(content)
    said = habeas("registry", "ask", tmp_path / "post.txt", "--as", casey)
    assert (said.code, said.out) == (code, "")
    assert reason in said.err
    assert str(tmp_path) not in said.err


def test_a_folder_is_refused(habeas, casey, tmp_path):
    said = habeas("registry", "ask", tmp_path, "--as", casey)
    assert (said.code, "is no ordinary file" in said.err) == (3, True)


def test_who_may_not_ask_and_who_is_nobody_is_refused(habeas, post):
    said = habeas("registry", "ask", post, "--as", member("auditor").username)
    assert (said.code, said.out) == (2, "")
    assert "the role auditor may not ask registry" in said.err
    said = habeas("registry", "ask", post, "--as", "nobody")
    assert (said.code, said.out) == (2, "")
    assert "--as 'nobody': nobody has this user name" in said.err
    assert "--as" in habeas("registry", "ask", post).err


def test_asking_too_often_is_refused(habeas, casey, post, settings):
    settings.HABEAS_REGISTRY_QUESTIONS = 1
    assert habeas("registry", "ask", post, "--as", casey).code == 1
    said = habeas("registry", "ask", post, "--as", casey)
    assert (said.code, said.out) == (2, "")
    assert "Ask again after" in said.err


# ---------------------------------------------------------------------------------------- status, withdraw, rebuild


def test_status_says_how_much_is_known_and_what_it_takes(habeas, settings, tmp_path):
    empty = habeas("registry", "status")
    assert (empty.code, empty.err) == (0, "")
    assert "per text" not in empty.out

    a_case()
    (tmp_path / "page.json").write_text(a_page())
    habeas("registry", "import-hashes", tmp_path / "page.json", "--bank", "Examplia")
    said = habeas("registry", "status").out.splitlines()
    columns = {line.split()[0]: line.split() for line in said}
    texts = sum(file.stat().st_size for file in (settings.HABEAS_REGISTRY / "texts").iterdir())
    assert columns["texts"] == ["texts", "1", f"{texts:,}", "B", f"{texts:.1f}", "B", "per", "text"]
    assert columns["pictures"][1] == "1"
    assert columns["identifiers"][1:] == ["0", "in", "the", "database"]
    assert columns["banked"][1] == "1"
    everything = sum(file.stat().st_size for file in settings.HABEAS_REGISTRY.rglob("*") if file.is_file())
    assert columns["together"][1:3] == [f"{everything:,}", "B"]
    assert "  Examplia: 1 hashes from file, last taken in 20" in said[-1]


def test_withdrawn_is_forgotten_and_who_has_its_hashes_is_said(habeas, casey, post, tmp_path):
    case = a_case()
    assert habeas("registry", "export-hashes", case, "--out", tmp_path / "out.json", "--as", casey).code == 0
    said = habeas("registry", "withdraw", str(case).lower(), "--as", casey)
    assert (said.code, said.err) == (0, "")
    assert f"{case}: 2 entries forgotten" in said.out
    assert f"1 picture hashes of it are with others: `habeas registry export-hashes {case} --out FILE" in said.out
    assert habeas("registry", "ask", post, "--as", casey).code == 1
    assert "nothing of it was known" in habeas("registry", "withdraw", case, "--as", casey).out


def test_who_may_not_withdraw_and_what_is_no_case_is_refused(habeas, casey):
    case = a_case()
    said = habeas("registry", "withdraw", case, "--as", member("auditor").username)
    assert (said.code, KnownEntry.objects.count()) == (2, 2)
    assert "may not" in said.err
    said = habeas("registry", "withdraw", "HB-NONE00", "--as", casey)
    assert (said.code, said.out) == (2, "")
    assert "there is no case 'HB-NONE00'; a reference looks like HB-7KQ2M9" in said.err


def test_the_registry_is_made_anew_from_what_lies_sealed(habeas, casey, post):
    case = a_case()
    a_case("another")
    queries.wordings().fill([])
    queries.pictures().rebuild([])
    assert habeas("registry", "ask", post, "--as", casey).code == 1
    said = habeas("registry", "rebuild")
    assert (said.code, said.out, said.err) == (0, "1 texts\n2 pictures\n", "")
    assert str(case) in habeas("registry", "ask", post, "--as", casey).out
    assert len(queries.known_again("", (), [hash_picture(a_picture()).bits])) == 2


def test_rebuilding_says_how_far_it_is(habeas, monkeypatch):
    from habeas.cli import registry

    monkeypatch.setattr(registry, "PROGRESS_SECONDS", 0)
    a_case()
    assert habeas("registry", "rebuild").err == "1 texts so far …\n1 pictures so far …\n"


def test_a_registry_that_cannot_be_read_says_so_until_it_is_made_anew(habeas, casey, post, settings):
    a_case()
    for kind in ("texts", "pictures"):
        (settings.HABEAS_REGISTRY / kind / "current.json").write_text("{")
    queries._wordings.cache_clear()
    queries._pictures.cache_clear()
    queries._banks.cache_clear()
    for words in (["status"], ["ask", post, "--as", casey], ["compact"]):
        said = habeas("registry", *words)
        assert (said.code, said.out) == (2, "")
        assert said.err == "habeas: current.json cannot be read: run `habeas registry rebuild`\n"
    assert habeas("registry", "rebuild").out == "1 texts\n1 pictures\n"
    assert habeas("registry", "ask", post, "--as", casey).code == 0


def test_a_bank_whose_files_are_lost_is_named_and_mended_by_its_file(habeas, settings, tmp_path):
    (tmp_path / "page.json").write_text(a_page())
    habeas("registry", "import-hashes", tmp_path / "page.json", "--bank", "Examplia")
    HashBank.objects.update(next_set=1_500)
    (settings.HABEAS_REGISTRY / "banks" / "current.json").write_text("{")
    queries._banks.cache_clear()
    assert "run `habeas registry rebuild`" in habeas("registry", "status").err
    said = habeas("registry", "rebuild")
    assert (said.code, said.out) == (1, "0 texts\n0 pictures\n")
    assert said.err == "bank Examplia: 1 hashes are lost, and stand nowhere else: take its files in again\n"
    assert HashBank.objects.get().next_set == 0, "a service sends all of it again"
    assert habeas("registry", "import-hashes", tmp_path / "page.json", "--bank", "Examplia").code == 0
    assert queries.banked_near([hash_picture(a_picture()).bits])
    assert habeas("registry", "rebuild").code == 0


def test_the_old_registry_answers_until_the_new_one_is_whole(habeas, casey, post, monkeypatch):
    a_case()

    def power_fails(*_: object):
        assert queries.known_again(STORY)
        raise OSError("no power")

    monkeypatch.setattr(queries, "texts_known", power_fails)
    with pytest.raises(OSError, match="no power"):
        habeas("registry", "rebuild")
    assert habeas("registry", "ask", post, "--as", casey).code == 0


def test_a_damaged_picture_is_left_out_and_said(habeas, settings, tmp_path):
    case = a_case()
    item = case.items.get(media_type="image/jpeg")
    (stored,) = settings.HABEAS_EVIDENCE.rglob(item.stored_as)
    whole = stored.read_bytes()
    try:
        stored.write_bytes(whole[:-1])
        said = habeas("registry", "rebuild")
    finally:
        stored.write_bytes(whole)
    assert (said.code, said.out) == (1, "1 texts\n0 pictures\n")
    assert f"{case}: a picture is left out: stored item" in said.err


def test_compact_builds_the_journal_into_the_mapped_file(habeas, settings):
    a_case()
    assert not list((settings.HABEAS_REGISTRY / "texts").glob("wording-*"))
    said = habeas("registry", "compact")
    assert (said.code, said.out.startswith("1 texts in ")) == (0, True)
    assert len(list((settings.HABEAS_REGISTRY / "texts").glob("wording-*"))) == 1
    assert queries.known_again(STORY)


# ------------------------------------------------------------------------------------------------- hashes of pictures


def test_hashes_of_others_are_taken_in_and_what_cannot_be_matched_is_said(habeas, tmp_path):
    file = tmp_path / "page.json"
    file.write_text(a_page())
    said = habeas("registry", "import-hashes", file, "--bank", "Examplia")
    assert (said.code, said.err) == (0, "")
    assert said.out == (
        "bank Examplia: 1 new, 0 changed, 0 taken out, 0 as before\n"
        "2 of kind Text left out: only ImagePDQ can be matched here\n"
        "1 of kind VideoMD5 left out: only ImagePDQ can be matched here\n"
    )
    file.write_text(a_page(hashStatus="Withdrawn", lastModtimestamp=1_001))
    said = habeas("registry", "import-hashes", file, "--bank", "Examplia")
    assert "0 new, 0 changed, 1 taken out, 0 as before" in said.out
    assert queries.banked_near([hash_picture(a_picture()).bits]) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(a_page(hashValue="12"), "record 1: hashValue: has 2 digits", id="a-record"),
        pytest.param("pdq", "it is no JSON", id="no-json"),
        pytest.param(None, "cannot be opened", id="missing"),
    ],
)
def test_a_file_of_hashes_that_is_wrong_leaves_everything_as_it_was(habeas, tmp_path, content, reason):
    file = tmp_path / "page.json"
    if content is not None:
        file.write_text(content)
    said = habeas("registry", "import-hashes", file, "--bank", "Examplia")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("habeas: page.json")
    assert reason in said.err
    assert queries.banks() == []


def test_a_bank_without_a_name_is_refused(habeas, tmp_path):
    said = habeas("registry", "import-hashes", tmp_path / "page.json", "--bank", " ")
    assert (said.code, "--bank: give the bank a name" in said.err) == (2, True)


def test_a_file_does_not_change_how_far_a_service_was_read(habeas, tmp_path):
    from habeas.exposure.core.hash_exchange import Page

    bank = actions.open_bank("StopNCII", "https://hashes.example.org/v1", by="test", at=NOON)
    actions.import_page(bank, Page((), "here", True), by="test", at=NOON)
    (tmp_path / "page.json").write_text(a_page())
    assert habeas("registry", "import-hashes", tmp_path / "page.json", "--bank", "StopNCII").code == 0
    bank.refresh_from_db()
    assert (bank.next_page, bank.next_set, bank.source) == ("here", 0, "https://hashes.example.org/v1")


def test_hashes_of_the_cases_named_go_into_a_new_file_for_its_owner_only(habeas, casey, tmp_path):
    case, _ = a_case(), a_case("not named")
    out = tmp_path / "out.json"
    said = habeas("registry", "export-hashes", case, case, "--out", out, "--as", casey)
    assert (said.code, said.err) == (0, "")
    assert f"1 active and 0 withdrawn hashes in {out}" in said.out
    assert "Nothing was sent" in said.out
    (record,) = json.loads(out.read_text())["hashRecords"]
    assert (record["hashValue"], record["hashStatus"]) == (hash_picture(a_picture()).bits.hex(), "Active")
    assert oct(out.stat().st_mode & 0o777) == "0o600"
    assert list(SharedHash.objects.values_list("case", flat=True)) == [case.pk]


def test_an_export_after_a_withdrawal_calls_the_hashes_back_at_whoever_takes_it_in(habeas, casey, tmp_path):
    case = a_case()
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    habeas("registry", "export-hashes", case, "--out", first, "--as", casey)
    habeas("registry", "import-hashes", first, "--bank", "Partner")
    assert queries.banked_near([hash_picture(a_picture()).bits])
    habeas("registry", "withdraw", case, "--as", casey)
    said = habeas("registry", "export-hashes", case, "--out", second, "--as", casey)
    assert "0 active and 1 withdrawn hashes" in said.out
    assert "1 taken out" in habeas("registry", "import-hashes", second, "--bank", "Partner").out
    assert queries.banked_near([hash_picture(a_picture()).bits]) == []


def test_nothing_to_export_leaves_no_file(habeas, casey, tmp_path):
    case = an_examined_case(intake(text=STORY))
    said = habeas("registry", "export-hashes", case, "--out", tmp_path / "out.json", "--as", casey)
    assert (said.code, said.out) == (2, "")
    assert "nothing was written" in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_not_written_over_and_nothing_counts_as_shared(habeas, casey, tmp_path):
    case, out = a_case(), tmp_path / "out.json"
    out.write_text("what somebody kept")
    said = habeas("registry", "export-hashes", case, "--out", out, "--as", casey)
    assert (said.code, out.read_text()) == (2, "what somebody kept")
    assert "is there already; name a new one" in said.err
    said = habeas("registry", "export-hashes", case, "--out", tmp_path / "no" / "out.json", "--as", casey)
    assert (said.code, "cannot be written (No such file or directory)" in said.err) == (2, True)
    said = habeas("registry", "export-hashes", case, "--out", tmp_path / "x", "--as", member("auditor").username)
    assert (said.code, (tmp_path / "x").exists()) == (2, False)
    assert not SharedHash.objects.exists()


def test_a_file_that_could_not_be_written_shares_nothing(habeas, casey, tmp_path, monkeypatch):
    from habeas.cli import house

    case = a_case()

    def disk_is_full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(house.os, "fsync", disk_is_full)
    said = habeas("registry", "export-hashes", case, "--out", tmp_path / "out.json", "--as", casey)
    monkeypatch.undo()
    assert (said.code, said.out) == (2, "")
    assert "cannot be written (No space left on device)" in said.err
    assert not (tmp_path / "out.json").exists()
    assert not SharedHash.objects.exists()


def test_a_bank_is_switched_off_and_on(habeas, casey, tmp_path):
    (tmp_path / "page.json").write_text(a_page())
    habeas("registry", "import-hashes", tmp_path / "page.json", "--bank", "Examplia")
    assert habeas("registry", "bank", "Examplia", "off", "--as", casey).out == "bank Examplia is switched off\n"
    assert queries.banked_near([hash_picture(a_picture()).bits]) == []
    assert ", switched off" in habeas("registry", "status").out
    habeas("registry", "bank", "Examplia", "on", "--as", casey)
    assert queries.banked_near([hash_picture(a_picture()).bits])
    said = habeas("registry", "bank", "Exampla", "off", "--as", casey)
    assert (said.code, "there is no bank 'Exampla'; there are: Examplia" in said.err) == (2, True)


# ----------------------------------------------------------------------------------------------------- the machine


def test_a_machine_that_is_not_set_up_is_told_how_to(habeas_alone, tmp_path):
    said = habeas_alone("registry", "status", var=tmp_path, HABEAS_DATABASE="")
    assert (said.code, said.out) == (2, "")
    assert "habeas run" in said.err
    assert "Traceback" not in said.err


def test_its_help_starts_without_anything_heavy(habeas_alone):
    said = habeas_alone("registry", "--help")
    assert said.code == 0
    for action in ("status", "ask", "withdraw", "rebuild", "compact", "import-hashes", "export-hashes", "bank"):
        assert action in said.out

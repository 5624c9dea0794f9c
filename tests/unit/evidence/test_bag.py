"""BagIt 1.0: what we write, `bagit` reads; whatever happens to a bag afterwards is named."""

from __future__ import annotations

import unicodedata
from datetime import date
from pathlib import Path

import bagit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.evidence.core.bag import (
    BadPath,
    BagUnreadable,
    ContentDiffers,
    Digests,
    decode_path,
    digests_of,
    encode_path,
    faults,
    path_in_bag,
    read_bag,
    write_bag,
)

ON = date(2026, 3, 7)
PAYLOAD = {
    "exhibits/001-note.txt": b"He lives at a blue house",
    "deep/er/still/é.bin": bytes(range(256)) * 9,
    "empty": b"",
}
INFO = [("Source-Organization", "Helpline of Examplia"), ("External-Identifier", "EX-2026-0042")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_bag(tmp_path / "bag", PAYLOAD, INFO, bagged_on=ON)
    return tmp_path / "bag"


def every_byte(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_reference_reader_finds_our_bag_valid(folder: Path) -> None:
    read = bagit.Bag(str(folder))
    read.validate()
    assert read.version_info == (1, 0)
    assert read.info["Payload-Oxum"] == "2328.3"
    assert read.info["Bagging-Date"] == "2026-03-07"
    assert read.info["External-Identifier"] == "EX-2026-0042"
    assert set(read.algorithms) == {"sha256", "sha512"}
    assert len(read.tagfile_entries()) == 4


def test_an_older_version_is_not_taken_for_ours(tmp_path: Path) -> None:
    (tmp_path / "bag").mkdir()
    (tmp_path / "bag" / "a file.txt").write_text("content")
    bagit.make_bag(str(tmp_path / "bag"), {"Contact-Name": "Registry"}, checksums=["sha256", "sha512"])
    # It declares 0.97 still; the rest of what it writes is 1.0.
    with pytest.raises(BagUnreadable, match=r"bagit\.txt"):
        read_bag(tmp_path / "bag")


def test_our_own_reader_finds_nothing_wrong_and_reads_everything_back(folder: Path) -> None:
    assert faults(folder) == []
    bag = read_bag(folder)
    assert bag.info[:2] == INFO
    assert bag.manifests["sha512"]["data/empty"] == digests_of(b"").sha512
    assert set(bag.manifests["sha256"]) == {f"data/{path}" for path in PAYLOAD}


def test_the_same_content_gives_the_same_bytes_wherever_it_comes_from(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "note").write_bytes(PAYLOAD["exhibits/001-note.txt"])
    otherwise = {
        "empty": lambda: iter([]),
        "deep/er/still/é.bin": lambda: iter([bytes(range(256))] * 9),
        "exhibits/001-note.txt": tmp_path / "note",
    }
    write_bag(tmp_path / "again", otherwise, INFO, bagged_on=ON)
    assert every_byte(tmp_path / "again") == every_byte(folder)


def test_a_name_is_written_in_nfc_however_it_came(tmp_path: Path) -> None:
    write_bag(tmp_path / "bag", {unicodedata.normalize("NFD", "café.txt"): b"x"}, INFO, bagged_on=ON)
    assert list(read_bag(tmp_path / "bag").manifests["sha256"]) == [unicodedata.normalize("NFC", "data/café.txt")]
    bagit.Bag(str(tmp_path / "bag")).validate()


def test_line_ends_and_percent_signs_in_names_survive(tmp_path: Path) -> None:
    write_bag(tmp_path / "bag", {"100% sure%0A\r\n.txt": b"x", "plain": b"y"}, INFO, bagged_on=ON)
    manifest = (tmp_path / "bag" / "manifest-sha256.txt").read_bytes().decode()
    assert "data/100%25 sure%250A%0D%0A.txt\n" in manifest
    assert faults(tmp_path / "bag") == []


def test_the_reference_reader_takes_line_ends_in_names(tmp_path: Path) -> None:
    # A percent sign it does not take: it neither writes nor reads %25, against RFC 8493, section 2.1.3.
    write_bag(tmp_path / "bag", {"two\nlines.txt": b"x"}, INFO, bagged_on=ON)
    bagit.Bag(str(tmp_path / "bag")).validate()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_encoding_a_path_loses_nothing_and_leaves_one_line(path: str) -> None:
    assert decode_path(encode_path(path)) == path
    assert not {"\r", "\n"} & set(encode_path(path))


@pytest.mark.parametrize(
    "path", ["../out", "a/../../out", "/etc/passwd", "a//b", "", "a/.", "~root", "C:/x", "a\\..\\b", "a\0b", "\ud800"]
)
def test_a_path_that_leads_elsewhere_never_enters_a_bag(path: str, tmp_path: Path) -> None:
    with pytest.raises(BadPath):
        write_bag(tmp_path / "bag", {path: b"x"}, INFO, bagged_on=ON)
    assert list(tmp_path.iterdir()) == []


@given(st.text(alphabet="ab./~\\:é", min_size=1, max_size=12))
def test_a_path_that_is_taken_stays_below_the_bag(path: str) -> None:
    try:
        taken = path_in_bag(path)
    except BadPath:
        return
    assert (Path("/bag") / taken).resolve().is_relative_to("/bag")


def test_names_that_differ_by_case_only_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadPath, match="by case only"):
        write_bag(tmp_path / "bag", {"Note.txt": b"1", "note.txt": b"2"}, INFO, bagged_on=ON)


def test_a_bag_is_written_once_and_only_whole(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        write_bag(folder, PAYLOAD, INFO, bagged_on=ON)

    def breaks() -> object:
        yield b"a part"
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_bag(tmp_path / "broken", {"file": breaks}, INFO, bagged_on=ON)  # type: ignore[dict-item]
    with pytest.raises(ContentDiffers, match="file"):
        write_bag(tmp_path / "other", {"file": b"x"}, INFO, bagged_on=ON, expected={"file": Digests(1, "", "")})
    assert [path.name for path in tmp_path.iterdir()] == ["bag"]


def test_a_value_cannot_smuggle_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ends a line"):
        write_bag(tmp_path / "bag", {}, [("Source-Organization", "x\nPayload-Oxum: 0.0")], bagged_on=ON)


def change(folder: Path, path: str) -> None:
    (folder / path).write_bytes((folder / path).read_bytes() + b"x")


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        (lambda bag: change(bag, "data/empty"), "data/empty: was changed"),
        (lambda bag: (bag / "data/empty").unlink(), "data/empty: is in manifest-sha256.txt but missing"),
        (lambda bag: (bag / "data/extra").write_bytes(b""), "data/extra: is there but not in manifest-sha512.txt"),
        (lambda bag: change(bag, "bag-info.txt"), "bag-info.txt"),
        (lambda bag: change(bag, "manifest-sha256.txt"), "manifest-sha256.txt"),
        (lambda bag: (bag / "tagmanifest-sha512.txt").unlink(), "tagmanifest-sha512.txt: is missing"),
        (lambda bag: (bag / "link").symlink_to("/etc/passwd"), "link: is a link"),
        (lambda bag: (bag / "data" / "more").symlink_to("/etc"), "data/more: is a link"),
        (lambda bag: (bag / "fetch.txt").write_text("https://example.org/x 1 data/x\n"), "fetch.txt"),
        (lambda bag: (bag / "bagit.txt").write_bytes(b"\xff"), "bagit.txt: is not UTF-8"),
        (lambda bag: (bag / "manifest-sha256.txt").write_text("00  ../../etc/passwd\n"), "no path below a bag"),
        (lambda bag: (bag / "manifest-sha256.txt").write_text("00  data/a\n11  data/a\n"), "a second time"),
    ],
)
def test_whatever_happens_to_a_bag_is_named(folder: Path, harm: object, named: str) -> None:
    harm(folder)  # type: ignore[operator]
    assert any(named in sentence for sentence in faults(folder))


def test_a_wrong_count_of_octets_is_named(folder: Path) -> None:
    info = folder / "bag-info.txt"
    info.write_text(info.read_text().replace("2328.3", "2328.4"))
    assert any("Payload-Oxum is 2328.4, but data/ has 2328.3" in sentence for sentence in faults(folder))


def test_folded_values_are_read_as_one(folder: Path) -> None:
    (folder / "bag-info.txt").write_text("Contact-Name: Registry\n  of Examplia\nPayload-Oxum: 2328.3\n")
    assert read_bag(folder).info[0] == ("Contact-Name", "Registry of Examplia")

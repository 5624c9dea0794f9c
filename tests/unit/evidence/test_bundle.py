"""A bundle as it is written, packed and opened again."""

from __future__ import annotations

import json
import os
import tarfile
from dataclasses import replace
from pathlib import Path

import bagit
import pyrage
import pytest
from cryptography import x509
from tlog_scales import signing, tlog

from factories import bundles
from habeas.evidence.core import bag
from habeas.evidence.core.bag import BadPath, ContentDiffers
from habeas.evidence.core.bundle import (
    BundleContents,
    BundleIncomplete,
    LogProofs,
    PackageUnreadable,
    Stamp,
    bundle_json,
    bundle_sha512,
    decrypt_with,
    encrypt_to,
    exhibit_file,
    tar_pieces,
    write_bundle,
)


@pytest.fixture(scope="module")
def made() -> tuple[BundleContents, LogProofs]:
    return bundles.a_bundle()


@pytest.fixture(scope="module")
def folder(made: tuple[BundleContents, LogProofs], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle") / "EX-2026-0042"
    write_bundle(*made, folder)
    return folder


def every_byte(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_bundle_is_a_bag_that_the_reference_reader_finds_valid(folder: Path) -> None:
    read = bagit.Bag(str(folder))
    read.validate()
    assert read.info["External-Identifier"] == "EX-2026-0042"
    assert bag.faults(folder) == []


def test_a_bundle_holds_what_a_court_needs_where_it_looks_for_it(folder: Path) -> None:
    described = json.loads((folder / "data/bundle.json").read_bytes())
    first, second, third = described["exhibits"]
    assert first["file"] == "exhibits/001-forum.example.org.wacz"
    assert second["file"] == "exhibits/002-note-threat-100-.txt"
    assert second["name"] == "note «threat» 100%.txt"
    assert third["file"] is None
    for exhibit in described["exhibits"]:
        index = exhibit["ledger_index"]
        entry = json.loads((folder / f"data/ledger/entries/{index}.json").read_bytes())
        assert entry["commitment"] == exhibit["commitment"]
        assert (folder / f"data/ledger/proofs/{index}.tlog-proof").is_file()
        assert [(folder / "data" / stamp).is_file() for stamp in exhibit["stamps"]] == [True, True]
    custody = json.loads((folder / "data/custody.json").read_bytes())
    assert [event["number"] for event in custody] == [1, 2, 3, 4, 5]
    assert [event["kind"] for event in custody] == ["capture", "ingest", "ingest", "read", "offered"]
    for path in ("verify/habeas_verify.py", "verify/README.txt", "statements/process.pdf", "ledger/policy.txt"):
        assert (folder / "data" / path).stat().st_size > 0
    assert len(list((folder / "data/redactions").iterdir())) == 2


def test_the_entry_of_the_bundle_holds_the_hash_of_its_description(
    made: tuple[BundleContents, LogProofs], folder: Path
) -> None:
    contents, proofs = made
    entered = json.loads((folder / f"data/ledger/entries/{proofs.index}.json").read_bytes())
    assert entered["bundle_sha512"] == bundle_sha512(contents)
    assert (folder / "data/bundle.json").read_bytes() == bundle_json(contents)
    named = json.loads(bundle_json(contents))["files"]
    others = {path.relative_to(folder / "data").as_posix() for path in (folder / "data").rglob("*") if path.is_file()}
    left_out = {path for path in others - set(named) if not path.startswith(("exhibits/", "ledger/"))}
    assert left_out == {"bundle.json"}


def test_the_same_contents_give_the_same_bytes(made: tuple[BundleContents, LogProofs], folder: Path) -> None:
    again = folder.parent / "again"
    write_bundle(*made, again)
    assert every_byte(again) == every_byte(folder)


def test_an_outside_implementation_takes_the_proofs_of_the_log_used_here(
    made: tuple[BundleContents, LogProofs], folder: Path
) -> None:
    """What the verifier is tested with is itself checked by tlog-scales."""
    keys = [
        signing.Vkey.from_string(line.split()[-1])
        for line in (folder / "data/ledger/policy.txt").read_text().splitlines()
        if line.startswith(("log", "witness"))
    ]
    assert sorted(key.sig_type for key in keys) == [1, 4, 4, 6, 6]
    for index in made[1].proofs:
        head, _, note = (folder / f"data/ledger/proofs/{index}.tlog-proof").read_text().partition("\n\n")
        checkpoint = tlog.Checkpoint.from_text(note)
        for key in keys:
            checkpoint.verify(key)
        hashes = [bundles.base64.b64decode(line) for line in head.splitlines()[2:]]
        leaf = bundles.leaf_hash((folder / f"data/ledger/entries/{index}.json").read_bytes())
        tlog.InclusionProof(index, checkpoint.size, hashes).check(leaf, checkpoint.root_hash)


def test_openssl_takes_the_time_stamps_used_here(made: tuple[BundleContents, LogProofs], tmp_path: Path) -> None:
    exhibit = made[0].exhibits[1]
    message = bytes.fromhex(json.loads(bundle_json(made[0]))["exhibits"][1]["commitment"])
    (tmp_path / "message").write_bytes(message)
    for authority, stamp in zip(bundles.authorities(), exhibit.stamps, strict=True):
        (tmp_path / "token").write_bytes(stamp.token)
        (tmp_path / "root").write_bytes(authority.pem)
        assert x509.load_pem_x509_certificates(authority.pem)
        bundles._openssl(
            "ts", "-verify", "-data", tmp_path / "message", "-in", tmp_path / "token", "-CAfile", tmp_path / "root"
        )


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("front-door.png", "exhibits/001-front-door.png"),
        ("../../etc/passwd", "exhibits/001-etc-passwd"),
        ("Bär & Söhne (1).PDF", "exhibits/001-Bar-Sohne-1-.PDF"),
        ("написано.txt", "exhibits/001-txt"),
        (".htaccess", "exhibits/001-htaccess"),
        ("", "exhibits/001-item"),
        ("a" * 300 + ".jpeg", f"exhibits/001-{'a' * 60}.jpeg"),
        ("evil\n  data/x", "exhibits/001-evil-data-x"),
    ],
)
def test_an_exhibit_is_filed_under_its_number_and_what_every_system_takes_of_its_name(
    made: tuple[BundleContents, LogProofs], name: str, file: str
) -> None:
    assert exhibit_file(1, replace(made[0].exhibits[0], name=name)) == file


def test_content_that_is_not_what_was_sealed_is_never_bundled(
    made: tuple[BundleContents, LogProofs], tmp_path: Path
) -> None:
    contents, proofs = made
    other = [replace(contents.exhibits[0], content=b"something else"), *contents.exhibits[1:]]
    with pytest.raises(ContentDiffers, match="exhibits/001"):
        write_bundle(replace(contents, exhibits=other), proofs, tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"entries": {}}, "exhibit 1: ledger entry 5 is not among the entries"),
        ({"authorities": []}, "no root certificate of theirs"),
        ({"made_by": "Helpline\nPayload-Oxum: 1.1"}, "one line each"),
        ({"documents": {"ledger/entries/1.json": b"{}"}}, "fills itself"),
        ({"documents": {"custody.json": b"[]"}}, "fills itself"),
        ({"made_at": bundles.MADE.replace(tzinfo=None)}, "time zone"),
        ({"reference": "another"}, "its bundle_sha512 is another"),
    ],
)
def test_what_would_not_verify_is_refused_before_it_is_written(
    made: tuple[BundleContents, LogProofs], tmp_path: Path, changes: dict[str, object], why: str
) -> None:
    contents, proofs = made
    with pytest.raises(BundleIncomplete, match=why):
        write_bundle(replace(contents, **changes), proofs, tmp_path / "b")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_needs_its_own_entry_and_every_proof(made: tuple[BundleContents, LogProofs], tmp_path: Path) -> None:
    contents, proofs = made
    with pytest.raises(BundleIncomplete, match="has no proof"):
        write_bundle(contents, replace(proofs, proofs={}), tmp_path / "b")
    entry = proofs.entry.replace(b"bundle.made", b"bundle.read")
    with pytest.raises(BundleIncomplete, match="its kind is another"):
        write_bundle(contents, replace(proofs, entry=entry), tmp_path / "b")
    with pytest.raises(BundleIncomplete, match="comes after them"):
        write_bundle(contents, replace(proofs, index=5), tmp_path / "b")


def test_numbers_and_texts_that_are_no_json_are_refused(made: tuple[BundleContents, LogProofs]) -> None:
    for wrong in ({"offset": float("nan")}, {"name": "half \ud83d"}):
        exhibits = [replace(made[0].exhibits[0], details=wrong), *made[0].exhibits[1:]]
        with pytest.raises(BundleIncomplete, match="JSON"):
            bundle_json(replace(made[0], exhibits=exhibits))


def test_a_slug_cannot_lead_out_of_the_folder(made: tuple[BundleContents, LogProofs]) -> None:
    stamp = Stamp("../../x", b"")
    exhibits = [replace(made[0].exhibits[0], stamps=[stamp])]
    authorities = [replace(made[0].authorities[0], slug="../../x")]
    with pytest.raises((BundleIncomplete, BadPath)):
        bundle_json(replace(made[0], exhibits=exhibits, authorities=authorities))


# ---------------------------------------------------------------------------------------------------------- packing


def test_a_package_opens_for_each_recipient_and_for_nobody_else(folder: Path, tmp_path: Path) -> None:
    court, defence, stranger = (pyrage.x25519.Identity.generate() for _ in range(3))
    encrypt_to(folder, [str(court.to_public()), str(defence.to_public())], tmp_path / "bundle.age")
    assert b"Helpline" not in (tmp_path / "bundle.age").read_bytes()
    for number, reader in enumerate((court, defence)):
        decrypt_with(tmp_path / "bundle.age", [str(reader)], tmp_path / f"opened-{number}")
        assert every_byte(tmp_path / f"opened-{number}") == every_byte(folder)
    with pytest.raises(PackageUnreadable, match="does not open"):
        decrypt_with(tmp_path / "bundle.age", [str(stranger)], tmp_path / "stolen")
    assert not (tmp_path / "stolen").exists()


def test_the_tar_file_is_one_that_others_read_and_tells_nothing_of_the_machine(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "bundle.tar").write_bytes(b"".join(tar_pieces(folder)))
    assert b"".join(tar_pieces(folder)) == (tmp_path / "bundle.tar").read_bytes()
    assert (tmp_path / "bundle.tar").stat().st_size % tarfile.RECORDSIZE == 0
    with tarfile.open(tmp_path / "bundle.tar") as archive:
        members = archive.getmembers()
        assert {member.mtime for member in members} == {0}
        assert {(member.uid, member.uname, member.mode) for member in members} == {(0, "", 0o644)}
        archive.extractall(tmp_path, filter="data")
    assert every_byte(tmp_path / folder.name) == every_byte(folder)


def test_a_changed_or_cut_package_leaves_nothing_behind(folder: Path, tmp_path: Path) -> None:
    reader = pyrage.x25519.Identity.generate()
    encrypt_to(folder, [str(reader.to_public())], tmp_path / "bundle.age")
    whole = (tmp_path / "bundle.age").read_bytes()
    for harmed in (whole[:-1], whole[:-70_000], whole[:90_000] + b"\0" + whole[90_001:], b"", b"no age file"):
        (tmp_path / "harmed.age").write_bytes(harmed)
        with pytest.raises(PackageUnreadable):
            decrypt_with(tmp_path / "harmed.age", [str(reader)], tmp_path / "opened")
        assert not (tmp_path / "opened").exists()


@pytest.mark.parametrize("name", ["b/../../out", "/etc/out", "b/./x", "..", "b//x", "loose", "b/x\\..\\y"])
def test_a_package_that_leads_out_of_its_folder_is_not_unpacked(name: str, tmp_path: Path) -> None:
    reader = pyrage.x25519.Identity.generate()
    bad = tarfile.TarInfo(name)
    packed = bad.tobuf() + bytes(tarfile.RECORDSIZE - 512)
    (tmp_path / "bad.age").write_bytes(pyrage.encrypt(packed, [reader.to_public()]))
    with pytest.raises(PackageUnreadable):
        decrypt_with(tmp_path / "bad.age", [str(reader)], tmp_path / "opened")
    assert [path.name for path in tmp_path.iterdir()] == ["bad.age"]


def test_links_and_devices_in_a_package_are_not_unpacked(tmp_path: Path) -> None:
    reader = pyrage.x25519.Identity.generate()
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
        bad = tarfile.TarInfo("b/x")
        bad.type, bad.linkname = kind, "/etc/passwd"
        packed = bad.tobuf() + bytes(tarfile.RECORDSIZE - 512)
        (tmp_path / "bad.age").write_bytes(pyrage.encrypt(packed, [reader.to_public()]))
        with pytest.raises(PackageUnreadable):
            decrypt_with(tmp_path / "bad.age", [str(reader)], tmp_path / "opened")
        assert not (tmp_path / "opened").exists()


def test_a_bundle_is_encrypted_to_somebody_and_once(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(PackageUnreadable, match="at least one"):
        encrypt_to(folder, [], tmp_path / "bundle.age")
    with pytest.raises(PackageUnreadable, match="begin with age1"):
        encrypt_to(folder, ["age1notakey"], tmp_path / "bundle.age")
    (tmp_path / "bundle.age").touch()
    with pytest.raises(FileExistsError):
        encrypt_to(folder, [str(pyrage.x25519.Identity.generate().to_public())], tmp_path / "bundle.age")


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="needs a system with sparse files")
def test_packing_takes_little_memory_however_large_the_exhibit(tmp_path: Path) -> None:
    import resource

    (tmp_path / "large").mkdir()
    with (tmp_path / "large" / "exhibit").open("wb") as file:
        file.truncate(300 << 20)
    reader = pyrage.x25519.Identity.generate()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    encrypt_to(tmp_path / "large", [str(reader.to_public())], tmp_path / "large.age")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40 << 10  # KiB

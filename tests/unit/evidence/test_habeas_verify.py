"""The verifier against bundles that were tampered with, by people who know the format too.

Three attackers change a bundle at random:

- the clumsy one changes files and leaves the manifests;
- the able one writes new manifests, so that the folder is a valid bag again;
- the knowing one also writes the new hashes into bundle.json.

All are found out and the file is named, because exhibits are bound by commitments in the ledger, ledger entries by
inclusion proofs, and everything else by bundle.json, whose hash stands in the ledger entry of the bundle.

Not bound, whatever the attacker does with it: signatures beyond the quorum, when they are taken out of every proof at
once (the note format has unknown and missing signatures ignored). Names, details, organisations and methods are bound
since the bundle was made, and not before: that is what the sender entered. A sender who makes a whole new log with keys
of their own is found out by ``--policy`` and ``--roots`` only. The verifier says all three.
"""

from __future__ import annotations

import ast
import base64
import copy
import hashlib
import io
import json
import os
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import bundles
from habeas.evidence.core.bundle import BundleContents, LogProofs, Stamp, bundle_sha512, write_bundle
from habeas.evidence.core.commitments import commitment
from habeas.evidence.verify import habeas_verify
from habeas.evidence.verify.habeas_verify import Report, Trouble, verify
from habeas.ledger.core import checkpoints, notes, policies, proof_files, tree

CLUMSY, ABLE, KNOWING = 1000, 500, 250  # random changes by each attacker
PARTS = 5


@pytest.fixture(scope="module")
def made() -> tuple[BundleContents, LogProofs]:
    return bundles.a_bundle()


@pytest.fixture(scope="module")
def whole(made: tuple[BundleContents, LogProofs], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "bundle"
    write_bundle(*made, folder)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "bundle")
    return tmp_path / "bundle"


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle with every kind of file, and few of each: it is checked thousands of times."""
    house = bundles.House(stamped_by=[0])
    house.seal(bundles.a_capture(), "forum.example.org.wacz", "page", "application/wacz")
    house.stamped_by = [1]
    house.redact(house.seal(b"".join(bundles.LINES), "note.txt"), bundles.LINES, hidden=[1])
    house.step("offered", bundles.SEALED + timedelta(seconds=9), handover="20000000-0000-4000-8000-000000000001")
    contents = house.contents()
    folder = tmp_path_factory.mktemp("target") / "bundle"
    write_bundle(contents, house.enter(contents), folder)
    return folder


def told(report: Report) -> str:
    return "\n".join(report.fails)


def written(tmp_path: Path, contents: BundleContents, house: bundles.House) -> Report:
    """The report on a bundle that a house entered in its log honestly, whatever it says."""
    write_bundle(contents, house.enter(contents), tmp_path / "bundle")
    return verify(tmp_path / "bundle")


# ------------------------------------------------------------------------------------------------ a bundle that holds


def test_a_bundle_as_it_was_made_holds(whole: Path) -> None:
    report = verify(whole)
    assert report.fails == []
    assert report.exit_code == 0
    said = "\n".join(report.holds)
    assert "Exhibit 1 (forum.example.org.wacz): its content is what was sealed on" in said
    assert "Exhibit 3 (picture.png): the hash given for it" in said
    assert "the 2 parts of the captured page" in said
    assert "3 of 3 witnesses cosigned" in said
    assert "All 5 custody events" in said
    assert said.count("says the authority CN=tsa.example.") == 7
    assert "2 of 3 lines of exhibit 2 are open" in said


def test_it_takes_what_our_own_ledger_writes(tmp_path: Path) -> None:
    """Proofs, checkpoint, cosignatures and policy by ``habeas.ledger.core``, which the verifier shares no line with."""
    keys = [notes.SigningKey(bundles.ORIGIN, kind, bytes([kind]) * 32) for kind in (notes.ED25519, notes.ML_DSA_44)]
    seen = [
        notes.SigningKey(f"w{number}.example.org", kind, bytes([40 + number, kind] * 16))
        for number in (1, 2, 3)
        for kind in (notes.ED25519_COSIGNATURE, notes.ML_DSA_44)
    ]
    organisations: dict[str, list[policies.Witness]] = {}
    for key in seen:
        organisations.setdefault(key.name, []).append(policies.Witness(f"{key.name}/{key.kind}", key.verifier))
    policy = policies.of_witnesses([policies.Log(key.verifier) for key in keys], organisations, 2)
    house = bundles.a_house()
    contents = replace(house.contents(), policy=str(policy))
    index = house.enter(contents).index
    hashes = [tree.leaf_hash(entry) for entry in house.log.entries]

    def hash_at(level: int, place: int) -> bytes:
        return tree.root_of(hashes[place << level : (place + 1) << level])

    checkpoint = checkpoints.Checkpoint(bundles.ORIGIN, len(hashes), tree.root_of(hashes))
    note = checkpoints.signed(checkpoint, [*keys, *seen[:4]], int(house.log.cosigned_at.timestamp()))
    proofs = {
        it: proof_files.write(it, tree.inclusion_proof(it, len(hashes), hash_at), note).encode()
        for it in (*contents.entries, index)
    }
    write_bundle(contents, LogProofs(index, house.log.entries[index], proofs), tmp_path / "bundle")
    report = verify(tmp_path / "bundle")
    assert report.fails == []
    # Three houses with two keys each: houses are counted, not keys.
    assert "2 of 3 witnesses cosigned" in "\n".join(report.holds)


def test_it_says_what_it_took_on_the_senders_word(whole: Path) -> None:
    said = "\n".join(verify(whole).unchecked)
    assert "sender's own claim" in said
    assert "--policy" in said
    assert "--roots" in said
    assert "not revoked" in "\n".join(habeas_verify.sentences(verify(whole)))


def test_the_copy_in_the_bundle_runs_on_its_own(whole: Path, tmp_path: Path) -> None:
    """As a technician runs it: no environment, no path, from another folder."""
    ran = subprocess.run(
        [sys.executable, "-I", str(whole / "data/verify/habeas_verify.py"), str(whole)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONIOENCODING": "ascii"},
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.endswith("RESULT: all that was checked holds.\n")
    assert ran.stderr == ""


def test_it_needs_nothing_but_the_standard_library_and_cryptography() -> None:
    tree = ast.parse(Path(habeas_verify.__file__).read_text())
    imported = {
        name.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }
    imported |= {
        str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}
    assert not imported & {"socket", "http", "urllib", "ssl", "subprocess", "ctypes", "pickle", "shutil", "tempfile"}
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {"eval", "exec", "compile", "__import__"}


# --------------------------------------------------------------------------------------------------------- attackers


class Tampering:
    """One bundle, changed and put right again. Remembers what it touched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = {
            path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }
        self.digests = {
            path: (hashlib.sha256(content).hexdigest(), hashlib.sha512(content).hexdigest())
            for path, content in self.files.items()
        }
        self.touched: dict[str, bytes | None] = {}

    def put(self, path: str, content: bytes | None) -> None:
        self.touched[path] = content
        file = self.folder / path
        # A new file, since some file systems write an overwritten one to disk at once.
        file.unlink(missing_ok=True)
        if content is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)

    def __enter__(self) -> Tampering:
        return self

    def __exit__(self, *_: object) -> None:
        self.restore()

    def changed(self) -> set[str]:
        return {path for path, content in self.touched.items() if content != self.files.get(path)}

    def reseal(self) -> None:
        """New manifests over what is there now, as whoever changed it would write them."""
        now: dict[str, Any] = {**self.digests}
        sizes = {path: len(content) for path, content in self.files.items()}
        for path, content in self.touched.items():
            if content is None:
                now.pop(path, None)
                sizes.pop(path, None)
            else:
                now[path] = (hashlib.sha256(content).hexdigest(), hashlib.sha512(content).hexdigest())
                sizes[path] = len(content)
        data = sorted(path for path in now if path.startswith("data/"))
        oxum = f"Payload-Oxum: {sum(sizes[path] for path in data)}.{len(data)}\n".encode()
        info = (self.folder / "bag-info.txt").read_bytes().splitlines(keepends=True)
        tags = {"bag-info.txt": b"".join(oxum if line.startswith(b"Payload-Oxum") else line for line in info)}
        for place, name in enumerate(("sha256", "sha512")):
            tags[f"manifest-{name}.txt"] = "".join(f"{now[path][place]}  {path}\n" for path in data).encode()
        tags["bagit.txt"] = (self.folder / "bagit.txt").read_bytes()
        for path, content in tags.items():
            self.put(path, content)
        for name in ("sha256", "sha512"):
            lines = [f"{hashlib.new(name, tags[path]).hexdigest()}  {path}\n" for path in sorted(tags)]
            self.put(f"tagmanifest-{name}.txt", "".join(lines).encode())

    def restore(self) -> None:
        for path in list(self.touched):
            self.put(path, self.files.get(path))
        self.touched.clear()


def flip(rng: random.Random, it: Tampering, path: str) -> None:
    content = bytearray(it.files[path])
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    it.put(path, bytes(content))


def cut(rng: random.Random, it: Tampering, path: str) -> None:
    it.put(path, it.files[path][: rng.randrange(len(it.files[path]))])


def lengthen(rng: random.Random, it: Tampering, path: str) -> None:
    it.put(path, it.files[path] + rng.choice([b"\n", b" ", b"\0", rng.randbytes(20)]))


def remove(rng: random.Random, it: Tampering, path: str) -> None:
    it.put(path, None)


def add(rng: random.Random, it: Tampering, path: str) -> None:
    beside = path.rpartition("/")[0] or "data"
    it.put(f"{beside}/{rng.choice(['99.json', 'x.tsr', 'more.txt', '.hidden'])}", rng.choice([b"", it.files[path]]))


def swap(rng: random.Random, it: Tampering, path: str) -> None:
    other = rng.choice(sorted(it.files))
    if it.files[other] != it.files[path] and other.startswith("data/") == path.startswith("data/"):
        it.put(path, it.files[other])
        it.put(other, it.files[path])


def edit(rng: random.Random, it: Tampering, path: str) -> None:
    """Another value somewhere in a JSON file, well-formed and of the same kind."""
    path = path if path.endswith(".json") else "data/bundle.json"
    value = json.loads(it.files[path])
    places = list(leaves(value))
    holder, key = rng.choice(places)
    holder[key] = other_value(rng, holder[key])
    it.put(path, bundles.canonical(value))


def edit_line(rng: random.Random, it: Tampering, path: str) -> None:
    """A line of a proof, policy or tag file replaced, doubled, dropped or moved."""
    texts = sorted(it for it in it.files if it.endswith((".tlog-proof", ".txt")))
    path = path if path in texts else rng.choice(texts)
    lines = it.files[path].splitlines(keepends=True)
    at = rng.randrange(len(lines))
    what = rng.randrange(4)
    if what == 0:
        other = it.files[rng.choice(texts)].splitlines(keepends=True)
        lines[at] = rng.choice(other)
    elif what == 1:
        lines.insert(at, lines[at])
    elif what == 2:
        del lines[at]
    else:
        lines.append(lines.pop(at))
    it.put(path, b"".join(lines))


def leaves(value: Any) -> Iterator[tuple[Any, Any]]:
    for key in value if isinstance(value, dict) else range(len(value)):
        inner = value[key]
        if isinstance(inner, dict | list) and inner:
            yield from leaves(inner)
        else:
            yield value, key


def other_value(rng: random.Random, value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return "x"
    if isinstance(value, int | float):
        return value + rng.choice([1, -1, 2**40])
    if isinstance(value, str) and value:
        at = rng.randrange(len(value))
        return value[:at] + rng.choice("0123456789abcdef-") + value[at + 1 :]
    return rng.choice([{"x": 1}, [1], "y"])


HARMS = (flip, flip, cut, lengthen, remove, add, swap, edit, edit, edit_line, edit_line)
TAGS = ("manifest-", "tagmanifest-", "bag-info.txt", "bagit.txt")


def found_out(it: Tampering, changed: set[str], how: str) -> None:
    report = verify(it.folder)
    assert report.exit_code in (1, 2), f"{how} of {changed} went unseen"
    assert any(path in told(report) for path in changed), f"{how} of {changed} is not named in:\n{told(report)}"


@pytest.mark.parametrize("part", range(PARTS))
def test_every_random_change_is_found_and_the_file_named(target: Path, part: int) -> None:
    it, rng, tried = Tampering(target), random.Random(part), 0  # noqa: S311 (the same harm again)
    while tried < CLUMSY // PARTS:
        harm, path = rng.choice(HARMS), rng.choice(sorted(it.files))
        with it:
            harm(rng, it, path)
            if it.changed():
                tried += 1
                found_out(it, it.changed(), harm.__name__)
    assert verify(target).exit_code == 0


@pytest.mark.parametrize("part", range(PARTS))
def test_new_manifests_do_not_hide_a_change(target: Path, part: int) -> None:
    it, rng, tried = Tampering(target), random.Random(100 + part), 0  # noqa: S311
    payload = sorted(path for path in it.files if path.startswith("data/"))
    while tried < ABLE // PARTS:
        harm, path = rng.choice(HARMS), rng.choice(payload)
        with it:
            harm(rng, it, path)
            changed = {path for path in it.changed() if path.startswith("data/") or path == "bagit.txt"}
            if changed:
                tried += 1
                it.reseal()
                found_out(it, changed, harm.__name__)
    assert verify(target).exit_code == 0


@pytest.mark.parametrize("part", range(PARTS))
def test_new_hashes_in_the_description_do_not_hide_a_change_either(target: Path, part: int) -> None:
    it, rng, tried = Tampering(target), random.Random(200 + part), 0  # noqa: S311
    settled = sorted(f"data/{path}" for path in json.loads(it.files["data/bundle.json"])["files"])
    exhibits = sorted(path for path in it.files if path.startswith("data/exhibits/"))
    while tried < KNOWING // PARTS:
        harm, path = rng.choice((flip, cut, lengthen, add, remove)), rng.choice(settled + exhibits)
        with it:
            harm(rng, it, path)
            changed = it.changed()
            if changed:
                tried += 1
                described = json.loads(it.files["data/bundle.json"])
                for path in changed:
                    rewrite(described, path, it.touched[path])
                it.put("data/bundle.json", bundles.canonical(described))
                it.reseal()
                found_out(it, {"data/bundle.json"}, f"{harm.__name__} of {changed}, with new hashes in bundle.json,")
    assert verify(target).exit_code == 0


def rewrite(described: dict[str, Any], path: str, content: bytes | None) -> None:
    """Make a description fit a changed file: hashes, and for an exhibit its commitment too."""
    name = path.removeprefix("data/")
    for exhibit in described["exhibits"]:
        if exhibit["file"] == name:
            if content is None:
                exhibit["file"] = None
                return
            exhibit["size_bytes"] = len(content)
            exhibit["sha256"] = hashlib.sha256(content).hexdigest()
            exhibit["sha512"] = hashlib.sha512(content).hexdigest()
            salt = bytes.fromhex(exhibit["salt"])
            exhibit["commitment"] = commitment(salt, hashlib.sha512(content).digest()).hex()
            return
    described["files"].pop(name, None)
    if content is not None:
        described["files"][name] = hashlib.sha512(content).hexdigest()


def test_a_surplus_signature_can_be_taken_away_unseen_and_a_needed_one_cannot(folder: Path) -> None:
    """The limit that the docstring above names: of three witnesses, two are asked for."""
    it = Tampering(folder)

    def without(gone: tuple[str, ...], line: str) -> bool:
        return not (line.startswith("\u2014") and line.split(" ")[1].endswith(gone))

    for gone, exit_code in ((("helpline",), 0), (("helpline", "regulator"), 1)):
        for path in [path for path in it.files if path.endswith(".tlog-proof")]:
            lines = it.files[path].decode().splitlines(keepends=True)
            it.put(path, "".join(line for line in lines if without(gone, line)).encode())
        it.reseal()
        report = verify(folder)
        assert report.exit_code == exit_code, told(report)
        it.restore()


# ------------------------------------------------------------------------------------------- the reader's own list


def test_the_readers_own_policy_decides(whole: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.txt"
    policy.write_bytes((whole / "data/ledger/policy.txt").read_bytes())
    report = verify(whole, policy)
    assert report.exit_code == 0
    assert not any("--policy" in sentence for sentence in report.unchecked)
    stranger = bundles.ed25519("log.example.net/stranger", 1)
    others = bundles.Log([bundles.ed25519(bundles.ORIGIN + "x", 1)], {})
    for wrong in (
        f"log {stranger.vkey}\nquorum none\n",
        f"log {replace(others.signers[0], name=bundles.ORIGIN).vkey}\nquorum none\n",
        f"log {bundles.a_log().signers[0].vkey}\nwitness w {bundles.ed25519('w.example.org', 4).vkey}\nquorum w\n",
    ):
        policy.write_text(wrong)
        report = verify(whole, policy)
        assert report.exit_code == 1
        assert "data/ledger/proofs/" in told(report)


def test_an_old_library_says_which_signatures_it_could_not_check(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(habeas_verify, "MLDSA44PublicKey", None)
    report = verify(whole)
    assert report.exit_code == 0
    assert "2 of 3 witnesses cosigned" in "\n".join(report.holds)
    assert any("ML-DSA signature of witness.example.com/regulator" in sentence for sentence in report.unchecked)


def test_a_quorum_over_groups_counts_members_and_not_signatures(whole: Path, tmp_path: Path) -> None:
    log = bundles.a_log()
    head = f"# mine\nlog {log.signers[1].vkey} https://log.example.org\n\n"
    witnesses = "".join(f"witness {name} {signer.vkey}\n" for name, signer in log.witnesses.items())
    absent = f"witness absent {bundles.ml_dsa('absent.example.org').vkey}\n"
    policy = tmp_path / "policy.txt"
    for rest, exit_code in (
        ("quorum none\n", 0),
        ("quorum prosecutor\n", 0),
        ("quorum absent\n", 1),
        ("group a all prosecutor helpline\ngroup b any regulator absent\ngroup q all a b\nquorum q\n", 0),
        ("group a all prosecutor absent\ngroup q 2 a helpline regulator\nquorum q\n", 0),
        ("group a all prosecutor absent\ngroup q all a helpline\nquorum q\n", 1),
        ("group q 4 prosecutor helpline regulator absent\nquorum q\n", 1),
    ):
        policy.write_text(head + witnesses + absent + rest)
        assert verify(whole, policy).exit_code == exit_code, rest


@pytest.mark.parametrize(
    "text",
    [
        "", "quorum none\n", "log x\nquorum none\n", "{log}", "{log}quorum a\n", "{log}quorum none\nquorum none\n",
        "{log}{log}quorum none\n", "{log}witness none {key}\nquorum none\n",
        "{log}witness a {key}\nwitness a {key}\nquorum a\n",
        "{log}group g 1 a\nquorum none\n", "{log}witness a {key}\ngroup g 2 a\nquorum g\n",
        "{log}witness a {key}\ngroup g 2 a a\nquorum g\n", "{log}witness a {key}\ngroup g 0 a\nquorum g\n",
        "{log}witness a {key}\ngroup g 1 a\ngroup h 1 a\nquorum g\n", "{log}group g 1 g\nquorum g\n",
        "{log}witness a {note}\nquorum a\n", "{log}nonsense\nquorum none\n", "{log}quorum none\n\x00",
    ],
)  # fmt: skip
def test_a_policy_that_could_be_read_in_two_ways_is_refused(text: str, whole: Path, tmp_path: Path) -> None:
    words = {
        "log": f"log {bundles.a_log().signers[0].vkey}\n",
        "key": bundles.ed25519("w.example.org", 4).vkey,
        "note": bundles.ed25519("w.example.org", 1).vkey,
    }
    policy = tmp_path / "policy.txt"
    policy.write_text(text.format(**words))
    assert verify(whole, policy).exit_code == 2


def test_the_readers_own_roots_decide(whole: Path, tmp_path: Path) -> None:
    roots = tmp_path / "roots"
    roots.mkdir()
    assert verify(whole, None, roots).exit_code == 2
    for authority in bundles.authorities():
        (roots / f"{authority.slug}.pem").write_bytes(authority.pem)
    report = verify(whole, None, roots)
    assert report.exit_code == 0
    assert not any("--roots" in sentence for sentence in report.unchecked)
    (roots / f"{bundles.authorities()[0].slug}.pem").unlink()
    report = verify(whole, None, roots)
    assert report.exit_code == 1
    assert "does not lead to a root" in told(report)
    assert "tsa.example.org.tsr" in told(report)
    assert "tsa.example.com.tsr" not in told(report)


# ------------------------------------------------------------------------------- a sender whose own words do not hold


def test_a_time_stamp_before_the_acquisition_is_named(tmp_path: Path) -> None:
    later = bundles.NOW + timedelta(hours=6)
    house = bundles.a_house(acquired_at=later, sealed_at=later, made_at=later + timedelta(minutes=1))
    house.log.cosigned_at = later + timedelta(minutes=2)
    report = written(tmp_path, house.contents(), house)
    assert "-tsa.example.org.tsr: says a time before the exhibit was acquired" in told(report)
    assert "-tsa.example.org.tsr: says a time before the exhibit was sealed" in told(report)


def test_sealing_before_the_acquisition_is_named(tmp_path: Path) -> None:
    house = bundles.a_house(acquired_at=bundles.SEALED + timedelta(seconds=1))
    report = written(tmp_path, house.contents(), house)
    assert "data/bundle.json: exhibit 1: was sealed before it was acquired" in told(report)


def test_a_bundle_made_before_its_parts_is_named(tmp_path: Path) -> None:
    house = bundles.a_house(made_at=bundles.SEALED - timedelta(hours=1))
    report = written(tmp_path, house.contents(), house)
    assert "exhibit 1: was sealed after the bundle was made" in told(report)
    assert ".tsr: says a time after the bundle was made" in told(report)
    assert "data/custody.json: event 1 (capture): says a time after the bundle was made" in told(report)


def test_a_cosignature_before_the_entry_that_it_covers_is_named(tmp_path: Path) -> None:
    house = bundles.a_house()
    house.log.cosigned_at = bundles.SEALED - timedelta(hours=2)
    report = written(tmp_path, house.contents(), house)
    assert "before the time of an entry that it holds" in told(report)


def test_custody_before_the_sealing_is_named(tmp_path: Path) -> None:
    house = bundles.House()
    early = f"00000000-0000-4000-8000-{1:012d}"
    house.step("read", bundles.SEALED - timedelta(hours=1), item=early)
    house.seal(b"content", "note.txt")
    report = written(tmp_path, house.contents(), house)
    assert "data/custody.json: event 1 (read): comes before the sealing of exhibit 1" in told(report)


def test_custody_that_runs_backwards_is_named(tmp_path: Path) -> None:
    house = bundles.a_house()
    house.step("read", bundles.SEALED - timedelta(minutes=10), item=house.exhibits[0].item)
    report = written(tmp_path, house.contents(), house)
    assert "event 6 (read): says an earlier time than an event before it" in told(report)
    swapped = replace(house.contents(), custody=[*house.custody[1:5], house.custody[0]])
    (tmp_path / "b").mkdir()
    assert "does not stand in the order of the ledger" in told(written(tmp_path / "b", swapped, house))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"kind": "copy"}, "is of something else"),
        ({"by": "8"}, "has another 'by'"),
        ({"purpose": "partner"}, "has another 'purpose'"),
        ({"item": "00000000-0000-4000-8000-000000000001"}, "another"),
        ({"at": bundles.SEALED + timedelta(seconds=6)}, "says another time"),
        ({"commitment_in": "00" * 32}, "was with something else than exhibit 2"),
        ({"ledger_index": 9}, "does not stand in the order of the ledger"),
    ],
)
def test_custody_that_says_something_else_than_the_ledger_is_named(
    tmp_path: Path, changes: dict[str, Any], why: str
) -> None:
    house = bundles.a_house()
    house.custody[3] = replace(house.custody[3], **changes)
    report = written(tmp_path, house.contents(), house)
    assert "data/custody.json: event" in told(report)
    assert why in told(report)


def test_an_exhibit_without_the_event_that_took_it_in_is_named(tmp_path: Path) -> None:
    house = bundles.a_house()
    contents = replace(house.contents(), custody=house.custody[1:])
    assert "data/custody.json: does not say how exhibit 1 came in" in told(written(tmp_path, contents, house))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"salt": bytes(32)}, "has another 'commitment'"),
        ({"ledger_index": 6}, "has another 'item'"),
        ({"ledger_index": 9}, "has another"),
        ({"item": "00000000-0000-4000-8000-00000000000f"}, "has another 'item'"),
        ({"sealed_at": bundles.SEALED - timedelta(days=300)}, "was made at another time than 'sealed_at'"),
        ({"made_from": "00000000-0000-4000-8000-000000000002"}, "was sealed before the exhibit that it says"),
    ],
)
def test_an_exhibit_that_the_ledger_does_not_bear_out_is_named(
    tmp_path: Path, changes: dict[str, Any], why: str
) -> None:
    house = bundles.a_house()
    house.exhibits[0] = replace(house.exhibits[0], **changes)
    report = written(tmp_path, house.contents(), house)
    assert "data/bundle.json: exhibit 1: " in told(report)
    assert why in told(report)


def test_a_hash_nobody_can_compare_is_still_bound_to_the_ledger(tmp_path: Path) -> None:
    house = bundles.a_house()
    house.exhibits[2] = replace(house.exhibits[2], sha512="ab" * 64)
    assert "data/bundle.json: exhibit 3: ledger entry 7 has another 'commitment'" in told(
        written(tmp_path, house.contents(), house)
    )


def test_entries_of_another_case_do_not_pass_for_this_one(tmp_path: Path) -> None:
    house = bundles.a_house()
    contents = replace(house.contents(), case="another")
    index = house.log.append("bundle.made", at=house.made_at, case="another", bundle_sha512=bundle_sha512(contents))
    checkpoint = house.log.checkpoint()
    proofs = {it: house.log.proof(it, checkpoint) for it in (*contents.entries, index)}
    write_bundle(contents, LogProofs(index, house.log.entries[index], proofs), tmp_path / "bundle")
    report = verify(tmp_path / "bundle")
    assert "exhibit 1: ledger entry 5 has another 'case'" in told(report)
    assert "ledger entry 8 is of another case" in told(report)


def test_two_histories_in_one_bundle_are_named(tmp_path: Path) -> None:
    """A log that shows one tree for one exhibit and another for the rest: both signed, both with a quorum."""
    house = bundles.a_house()
    contents = house.contents()
    proofs = house.enter(contents)
    fork = copy.deepcopy(house.log)
    fork.entries[0] = fork.entries[0].replace(b"another-0", b"another-9")
    forged = {**proofs.proofs, 5: fork.proof(5, fork.checkpoint())}
    write_bundle(contents, replace(proofs, proofs=forged), tmp_path / "bundle")
    report = verify(tmp_path / "bundle")
    assert "data/ledger/proofs/5.tlog-proof: has another checkpoint than" in told(report)


# ------------------------------------------------------------------------------------------------------- time-stamps


def with_stamp(tmp_path: Path, token: Callable[[bytes], bytes], pem: bytes | None = None) -> Report:
    house = bundles.House(stamped_by=[])
    exhibit = house.seal(b"content", "note.txt")
    bound = commitment(exhibit.salt, bytes.fromhex(exhibit.sha512))
    house.exhibits[0] = replace(exhibit, stamps=[Stamp("tsa.example.org", token(bound))])
    contents = house.contents()
    if pem is not None:
        contents = replace(contents, authorities=[replace(contents.authorities[0], pem=pem)])
    return written(tmp_path, contents, house)


def test_a_time_stamp_over_something_else_is_named(tmp_path: Path) -> None:
    report = with_stamp(tmp_path, lambda bound: bundles.stamped(0, bound[::-1]))
    assert "-tsa.example.org.tsr: is a time-stamp over something else" in told(report)


def test_a_time_stamp_over_a_weaker_hash_is_named(tmp_path: Path) -> None:
    report = with_stamp(tmp_path, lambda bound: bundles.authorities()[0].stamp(bound, digest="sha256"))
    assert "is over another kind of hash than SHA-512" in told(report)


def test_a_time_stamp_of_another_authority_is_named(tmp_path: Path) -> None:
    report = with_stamp(tmp_path, lambda bound: bundles.stamped(1, bound))
    assert "does not lead to a root: nobody there issued CN=tsa.example.com stamps" in told(report)


def test_a_root_that_only_carries_the_right_name_is_not_taken(tmp_path: Path) -> None:
    twin = bundles.StampAuthority("tsa.example.org", between=True, send_chain=True)
    report = with_stamp(tmp_path, lambda bound: bundles.stamped(0, bound), twin.pem)
    assert "does not lead to a root" in told(report)


def test_the_signers_own_certificate_is_no_root(tmp_path: Path) -> None:
    authority = bundles.authorities()[0]
    report = with_stamp(
        tmp_path, lambda bound: bundles.stamped(0, bound), (authority._folder / "signer.pem").read_bytes()
    )
    assert "has no root certificate to lead to" in told(report)


def test_a_chain_that_is_not_sent_can_stand_beside_the_root(tmp_path: Path) -> None:
    authority = bundles.StampAuthority("tsa.example.org", between=True, send_chain=False)
    assert "does not lead to a root" in told(with_stamp(tmp_path, authority.stamp, authority.pem))
    (tmp_path / "b").mkdir()
    assert with_stamp(tmp_path / "b", authority.stamp, authority.extra_pem).exit_code == 0


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_every_bit_of_a_time_stamp_counts_or_is_no_part_of_what_was_said(
    made: tuple[BundleContents, LogProofs],
) -> None:
    """Flipped bits either fail, or leave time and imprint as they were (a status text, a certificate not needed)."""
    exhibit = made[0].exhibits[1]
    message = commitment(exhibit.salt, bytes.fromhex(exhibit.sha512))
    rng = random.Random(3)  # noqa: S311
    for authority, stamp in zip(bundles.authorities(), exhibit.stamps, strict=True):
        roots = habeas_verify.x509.load_pem_x509_certificates(authority.pem)
        true = habeas_verify.check_stamp(stamp.token, message, roots)
        for _ in range(300):
            token = bytearray(stamp.token)
            token[rng.randrange(len(token))] ^= 1 << rng.randrange(8)
            report = Report()
            with report.about("stamp"):
                assert habeas_verify.check_stamp(bytes(token), message, roots)[0] == true[0]


def test_the_content_and_the_signature_of_a_time_stamp_cannot_change(made: tuple[BundleContents, LogProofs]) -> None:
    exhibit = made[0].exhibits[1]
    message = commitment(exhibit.salt, bytes.fromhex(exhibit.sha512))
    authority, token = bundles.authorities()[0], exhibit.stamps[0].token
    roots = habeas_verify.x509.load_pem_x509_certificates(authority.pem)
    year = token.index(b"\x18\x0f2") + 2  # the GeneralizedTime
    for changed, why in (
        (token[:year] + b"2019" + token[year + 4 :], "its content is not what was signed"),
        (token[:-1] + bytes([token[-1] ^ 1]), "the signature of the authority does not fit"),
        (token[:-1], "ends too early"),
        (token + b"\0", "DER"),
        (b"\x30\x05\x30\x03\x02\x01\x02", "is a refusal"),
        (b"", "is not built as a time-stamp"),
    ):
        with pytest.raises(Trouble, match=why):
            habeas_verify.check_stamp(changed, message, roots)


@pytest.mark.parametrize("usage", ["code", ""])
def test_a_certificate_for_something_else_stamps_nothing(usage: str) -> None:
    """OpenSSL itself refuses to stamp with one, so the check is put to the certificate."""
    authority = bundles.StampAuthority("tsa.example.net", between=False, send_chain=False, usage=usage)
    signer = habeas_verify.x509.load_pem_x509_certificate((authority._folder / "signer.pem").read_bytes())
    roots = habeas_verify.x509.load_pem_x509_certificates(authority.pem)
    report = Report()
    with report.about("it"):
        habeas_verify.check_chain(signer, roots, roots, bundles.NOW)
    assert report.exit_code == 1


def test_a_certificate_counts_at_the_time_stamped_only() -> None:
    authority = bundles.authorities()[1]
    signer = habeas_verify.x509.load_pem_x509_certificate((authority._folder / "signer.pem").read_bytes())
    roots = habeas_verify.x509.load_pem_x509_certificates(authority.pem)
    habeas_verify.check_chain(signer, roots, roots, bundles.NOW)
    for at in (bundles.NOW - timedelta(days=2), bundles.NOW + timedelta(days=400)):
        with pytest.raises(Trouble, match="out of date"):
            habeas_verify.check_chain(signer, roots, roots, at)


# ------------------------------------------------------------------------------------ redacted copies, captured pages


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (lambda twin: twin["leaves"][0].update(value=base64.b64encode(b"She").decode()), "do not lead to its root"),
        (lambda twin: twin["leaves"][0].update(salt="00" * 16), "do not lead to its root"),
        (lambda twin: twin["leaves"][0].update(salt="00" * 8), "salt is not 16 bytes"),
        (lambda twin: twin["leaves"][0].update(hash="00" * 32), "neither open nor hidden"),
        (lambda twin: twin["leaves"].pop(), "as many parts as it says"),
        (lambda twin: twin["leaves"].reverse(), "part out of place"),
        (lambda twin: twin.update(root="00" * 32), "do not lead to its root"),
        (lambda twin: twin.update(unit="word"), "of an unknown kind"),
        (lambda twin: twin.update(leaves=[], count=0), "as many parts as it says"),
    ],
)
def test_a_redacted_copy_that_does_not_hold_is_named(tmp_path: Path, harm: Callable[[Any], None], why: str) -> None:
    house = bundles.a_house()
    twin = copy.deepcopy(dict(house.redactions[0].twin))
    harm(twin)
    house.redactions[0] = replace(house.redactions[0], twin=twin)
    report = written(tmp_path, house.contents(), house)
    assert "data/redactions/10000000-0000-4000-8000-000000000001.json: " in told(report)
    assert why in told(report)


def test_a_redacted_copy_of_something_else_than_was_stamped_is_named(tmp_path: Path) -> None:
    house = bundles.a_house()
    twin, _ = bundles.a_twin(house.exhibits[1].item, [b"Something else\n", b"entirely\n"], [])
    house.redactions[0] = replace(house.redactions[0], twin=twin)
    report = written(tmp_path, house.contents(), house)
    assert "-tsa.example.org.tsr: is a time-stamp over something else" in told(report)


def test_a_redacted_copy_without_a_time_stamp_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    house = bundles.a_house()
    house.redactions[0] = replace(house.redactions[0], stamps=[])
    report = written(tmp_path, house.contents(), house)
    assert report.exit_code == 0
    assert any("its root carries no time-stamp" in sentence for sentence in report.unchecked)


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=40), st.data())
def test_any_redacted_copy_leads_to_the_root_of_rfc_6962(lines: list[bytes], data: st.DataObject) -> None:
    hidden = data.draw(st.sets(st.integers(0, len(lines) - 1)))
    twin, root = bundles.a_twin("item", lines, sorted(hidden))
    assert habeas_verify.redaction_root(twin) == (root, len(lines) - len(hidden))


def seal_page(tmp_path: Path, content: bytes) -> Report:
    house = bundles.House(stamped_by=[])
    house.seal(content, "page.wacz", "page", "application/wacz")
    return written(tmp_path, house.contents(), house)


def zipped(parts: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as out:
        for path, part in parts.items():
            out.writestr(path, part)
    return made.getvalue()


def test_a_capture_changed_before_it_was_sealed_is_named(tmp_path: Path) -> None:
    report = seal_page(tmp_path, bundles.a_capture(changed=b"another page"))
    assert "data/exhibits/001-page.wacz: has a part archive/data.warc.gz that was changed" in told(report)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"no zip file", "cannot be read (BadZipFile)"),
        (zipped({"a": b"x"}), "has no datapackage.json"),
        (zipped({"datapackage.json": b'{"resources":[]}'}), "has no datapackage-digest.json"),
        (
            zipped({"datapackage.json": b"{}", "datapackage-digest.json": b'{"hash":"md5:0"}'}),
            "a hash that this program",
        ),
        (zipped({"datapackage.json": b"{}", "datapackage-digest.json": b'{"hash":"sha256:0"}'}), "that was changed"),
        (zipped({"datapackage.json": b"[" * 200_000, "datapackage-digest.json": b"{}"}), "is nested too deep"),
        (zipped({"x": b"y"}, zipfile.ZIP_LZMA), "packed in an unusual way"),
    ],
)
def test_a_capture_that_is_no_whole_package_is_named(tmp_path: Path, content: bytes, why: str) -> None:
    report = seal_page(tmp_path, content)
    assert "data/exhibits/001-page.wacz: " in told(report)
    assert why in told(report)


def test_a_part_nobody_listed_is_named(tmp_path: Path) -> None:
    package = io.BytesIO(bundles.a_capture())
    with zipfile.ZipFile(package, "a") as out:
        out.writestr("archive/more.warc.gz", b"slipped in")
    assert "has a part archive/more.warc.gz that its datapackage.json does not list" in told(
        seal_page(tmp_path, package.getvalue())
    )


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = zipped({f"part-{number}": bytes(50 << 20) for number in range(4)})
    report = seal_page(tmp_path, bomb)
    assert "unpacks to more than any capture of its size" in told(report)


def test_a_zip_file_that_lies_about_its_sizes_is_named(tmp_path: Path) -> None:
    package = bytearray(bundles.a_capture())
    directory = package.index(b"PK\x01\x02")
    package[directory + 24 : directory + 28] = (7).to_bytes(4, "little")
    assert "data/exhibits/001-page.wacz: " in told(seal_page(tmp_path, bytes(package)))


def test_a_table_of_contents_without_end_is_not_read(tmp_path: Path) -> None:
    end = b"PK\x05\x06" + bytes(4) + (9).to_bytes(2, "little") * 2 + (100 << 20).to_bytes(4, "little") + bytes(6)
    package = tmp_path / "package"
    with package.open("wb") as file:
        file.truncate(100 << 20)
        file.seek(0, os.SEEK_END)
        file.write(end)
    with package.open("rb") as file, pytest.raises(Trouble, match="table of contents larger"):
        zipfile.ZipFile(habeas_verify.NarrowFile(file))  # type: ignore[arg-type]


# ----------------------------------------------------------------------------------------------------- hostile folders


DEEP = b'{"version":' + b"[" * 300_000 + b"]" * 300_000 + b"}"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (DEEP, "is nested too deep"),
        (b"\xff\xfe", "is no JSON in UTF-8"),
        (b"{", "is no JSON"),
        (b"[]", "is no object"),
        (b"{}", "has no 'version'"),
        (b'{"version":1,"version":1}', "a doubled key"),
        (b'{"version":NaN}', "is no JSON"),
        (b'{"version":Infinity}', "is no JSON"),
        (b'{"version":1e999}', "holds a number"),
        (b'{"version":' + b"9" * 5000 + b"}", "holds a number"),
        (b'{"version":"\\ud800"}', "is no whole number"),
        (b'{"version":true}', "is no whole number"),
        (b'{"version":1,"case":"\\ud800"}', "is no text"),
        (b"\xef\xbb\xbf{}", "is no JSON"),
        (b"", "is no JSON"),
    ],
)
def test_a_description_that_cannot_be_trusted_ends_the_check_with_a_sentence(
    folder: Path, content: bytes, why: str
) -> None:
    (folder / "data/bundle.json").write_bytes(content)
    report = verify(folder)
    assert report.exit_code == 2
    assert "data/bundle.json" in told(report)
    assert why in told(report)


def test_any_value_of_any_kind_anywhere_in_the_description_is_met_with_a_sentence(folder: Path) -> None:
    """Every leaf and every branch of bundle.json, replaced by something of another kind."""
    it = Tampering(folder)
    described = json.loads(it.files["data/bundle.json"])
    described["exhibits"] = described["exhibits"][:1]
    strange = [
        None,
        True,
        -1,
        2**62,
        0.5,
        "",
        "\u202e",
        "x" * 5000,
        "../../etc/passwd",
        "0001-01-01T00:00:00Z",
        [],
        {},
        [[]],
    ]
    places = [(holder, key) for holder, key in [*leaves(described), *[(described, key) for key in described]]]
    for number, (holder, key) in enumerate(places):
        if holder is described["files"] and number % 3:
            continue
        kept = holder[key]
        for value in strange:
            holder[key] = value
            it.put("data/bundle.json", bundles.canonical(described))
            report = verify(folder)
            assert report.exit_code in (1, 2)
            assert "data/bundle.json" in told(report)
        holder[key] = kept


@pytest.mark.parametrize(
    "path",
    [
        "data/custody.json",
        "data/ledger/entries/6.json",
        "data/ledger/bundle-entry.json",
        "data/redactions/10000000-0000-4000-8000-000000000001.json",
    ],
)
@pytest.mark.parametrize(
    "content", [DEEP, b"\xff", b"NaN", b"[[]]", b'{"index":"6"}', b'[{"number":{}}]', b'{"leaves":[1]}']
)
def test_hostile_json_in_any_file_is_met_with_a_sentence(folder: Path, path: str, content: bytes) -> None:
    (folder / path).write_bytes(content)
    report = verify(folder)
    assert report.exit_code == 1
    assert path in told(report)


@pytest.mark.parametrize("target", ["/etc/passwd", "../../whole", "bundle.json", "/", "loop"])
def test_links_are_named_and_never_followed(folder: Path, target: str) -> None:
    (folder / "data/loop").symlink_to(target)
    (folder / "data/custody.json").unlink()
    (folder / "data/custody.json").symlink_to(target)
    shutil.rmtree(folder / "data/statements")
    (folder / "data/statements").symlink_to(target)
    report = verify(folder)
    assert report.exit_code == 1
    for path in ("data/loop", "data/custody.json", "data/statements"):
        assert f"{path}: is a link" in told(report)


def test_pipes_are_named_and_not_waited_for(folder: Path) -> None:
    (folder / "data/custody.json").unlink()
    os.mkfifo(folder / "data/custody.json")
    os.mkfifo(folder / "data/more")
    report = verify(folder)
    assert report.exit_code == 1
    assert "data/custody.json: is no plain file" in told(report)
    assert "data/more: is no plain file" in told(report)


def test_a_folder_in_the_place_of_a_file_is_named(folder: Path) -> None:
    (folder / "data/custody.json").unlink()
    (folder / "data/custody.json").mkdir()
    (folder / "bagit.txt").unlink()
    (folder / "bagit.txt").mkdir()
    report = verify(folder)
    assert "data/custody.json" in told(report)
    assert "bagit.txt: is missing" in told(report)


def test_huge_files_are_refused_before_they_are_read(folder: Path) -> None:
    for path in ("data/ledger/policy.txt", "data/ledger/proofs/6.tlog-proof", "data/ledger/entries/7.json"):
        with (folder / path).open("r+b") as file:
            file.truncate(20 << 20)
    report = verify(folder)
    for path in ("policy.txt", "proofs/6.tlog-proof", "entries/7.json"):
        assert f"data/ledger/{path}: is larger than 1 MiB" in told(report)
    with (folder / "data/bundle.json").open("r+b") as file:
        file.truncate(1 << 40)
    report = verify(folder)
    assert report.exit_code == 2
    assert "1024 GiB" in told(report)


@pytest.mark.parametrize(
    "line",
    [
        "{}  ../../etc/passwd",
        "{}  /etc/passwd",
        "{}  data/../../x",
        "{}  data/%2e%2e/x",
        "{}  C:\\x",
        "junk",
        "{} ",
        "zz  data/x",
    ],
)
def test_a_manifest_that_leads_elsewhere_opens_nothing(folder: Path, line: str) -> None:
    manifest = folder / "manifest-sha256.txt"
    manifest.write_text(manifest.read_text() + line.format("00" * 32) + "\n")
    report = verify(folder)
    assert report.exit_code == 1
    assert "manifest-sha256.txt" in told(report)


def test_names_cannot_write_to_the_readers_terminal(tmp_path: Path) -> None:
    house = bundles.House()
    house.seal(b"content", "\x1b[2J\x1b[1;1Hall holds\u202e\u2066\n  holds  ")
    (tmp_path / "b").mkdir()
    write_bundle(*(lambda contents: (contents, house.enter(contents)))(house.contents()), tmp_path / "b" / "bundle")
    (tmp_path / "b/bundle/data/\x1b[31mred\n").write_bytes(b"")
    said = "\n".join(habeas_verify.sentences(verify(tmp_path / "b/bundle")))
    assert not {"\x1b", "\u202e", "\u2066", "\r"} & set(said)
    assert "\\x1b[31mred\\n" in said


@pytest.mark.skipif(sys.platform == "darwin", reason="the system refuses such names itself")
def test_a_name_that_is_not_utf8_is_named(folder: Path) -> None:
    with open(os.fsencode(folder / "data") + b"/\xff\xfe", "wb"):
        pass
    report = verify(folder)
    assert report.exit_code == 1
    assert "has a name that is not UTF-8" in told(report)


def test_folders_without_end_are_not_walked(folder: Path) -> None:
    (folder / "/".join(["data", *["x"] * 200])).mkdir(parents=True)
    report = verify(folder)
    assert report.exit_code == 2
    assert "nested too deep" in told(report)


@pytest.mark.parametrize("make", [lambda place: None, Path.mkdir, Path.touch])
def test_what_is_no_bundle_at_all_ends_with_two(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "b")
    report = verify(tmp_path / "b")
    assert report.exit_code == 2
    assert list(habeas_verify.sentences(report))[-1] == "RESULT: this cannot be read as a bundle."


@given(st.binary(max_size=200))
def test_the_readers_of_formats_meet_any_bytes_with_trouble_or_a_value(content: bytes) -> None:
    for read in (
        habeas_verify.parse_json,
        habeas_verify.parse_policy,
        habeas_verify.parse_proof,
        habeas_verify.der,
        habeas_verify.read_manifest,
        lambda content: habeas_verify.check_stamp(content, b"", []),
        lambda content: habeas_verify.parse_checkpoint(content.decode("utf-8")),
    ):
        try:
            read(content)
        except (Trouble, ValueError, IndexError):
            continue


@given(st.integers(1, 70), st.data())
def test_a_proof_leads_to_the_root_and_no_other_does(size: int, data: st.DataObject) -> None:
    entries = [b"entry %d" % number for number in range(size)]
    leaves_of = [bundles.leaf_hash(entry) for entry in entries]
    index = data.draw(st.integers(0, size - 1))
    proof, root = bundles.tree_path(index, leaves_of), bundles.tree_root(leaves_of)
    assert habeas_verify.root_from_proof(entries[index], index, size, proof) == root
    other = data.draw(st.integers(0, size - 1).filter(lambda it: it != index)) if size > 1 else None
    for harm in ([*proof, root], proof[:-1], proof[::-1]):
        if harm != proof:
            try:
                assert habeas_verify.root_from_proof(entries[index], index, size, harm) != root
            except Trouble:
                continue
    if other is not None:
        try:
            assert habeas_verify.root_from_proof(entries[index], other, size, proof) != root
        except Trouble:
            return

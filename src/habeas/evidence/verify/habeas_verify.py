#!/usr/bin/env python3
"""Checks an evidence bundle, offline, and says in sentences what holds.

    python habeas_verify.py BUNDLE [--policy FILE] [--roots FOLDER]

BUNDLE   the unpacked folder (the one that holds bagit.txt)
--policy which log and which witnesses YOU accept (C2SP tlog-policy); without it, the sender's own claim is used
--roots  root certificates (.pem) of the time-stamp authorities YOU accept; without it, those in the bundle are used

Exit code: 0 all that was checked holds; 1 something does not; 2 it cannot be read as a bundle.

It needs Python 3.11 or later and the library `cryptography` (50 or later for ML-DSA signatures), opens no network
connection, writes no file, and is meant to be read: every check is a plain function, in the order in which `verify`
calls them. The bundle may come from an adversary, so nothing in it is trusted: not names, not sizes, not nesting.

How the parts hold each other:

    exhibit --SHA-512, salt--> commitment --> ledger entry --inclusion proof--> checkpoint <-- signed by log, witnesses
                                   ^-- time-stamps of outside authorities (RFC 3161)
    every other file --SHA-512--> bundle.json --SHA-512--> ledger entry "bundle.made" --inclusion proof--> checkpoint

Sources: RFC 8493 (BagIt), RFC 6962 (tree), RFC 3161, 5035, 5652 (time-stamps),
C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof, tlog-policy; WACZ 1.1.1 (captured pages).
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import os
import re
import stat
import sys
import unicodedata
import zipfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

try:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
except ImportError:  # an older library: signatures of that kind are then reported as not checked
    MLDSA44PublicKey = None

MIB = 1 << 20
LARGEST_BUNDLE = 200 << 30
LARGEST_JSON = 64 * MIB
LARGEST_REDACTION = 512 * MIB  # pixels of a picture, in base64
LARGEST_SMALL_FILE = 1 * MIB  # ledger entries, proofs, time-stamps, certificates, policies
MOST_FILES = 200_000
DEEPEST_FOLDER = 12
LARGEST_UNPACKED = 8 << 30  # of one captured page
# The clocks of the sender, of witnesses and of time-stamp authorities are not one clock.
CLOCKS_MAY_DIFFER = timedelta(seconds=60)

NOT_PROVED = """\
That the content is true: only that it is, bit for bit, what was sealed.
That a page looked like its capture to anybody else, or that the capturing computer was honest.
Anything about the time before an item was sealed, beyond what the sender wrote down ("acquired_at", "details").
That names, organisations, "details" and methods are right: only that they are as entered when the bundle was made.
That nothing was left out: a bundle holds what its maker chose. Ask for the exhibits you miss, by item number.
That custody events happened as said: only that each was written down then, and has not been changed since.
That a redaction tree was made of the whole original, unless the original is among the exhibits and you compare.
That certificates of time-stamp authorities were not revoked: that needs a network, or revocation lists of that day.
That witnesses are independent of the sender, or that more than those shown here signed: look at who they are."""


class Trouble(Exception):
    """Something does not hold or cannot be read. The message is a sentence for the report."""


class Report:
    """The findings, in sentences. `unreadable` is set where so much is missing that the rest cannot be checked."""

    def __init__(self):
        self.holds, self.fails, self.unreadable = [], [], False
        self.unchecked = {}  # a dict keeps the order and says a thing once

    def fail(self, where, sentence):
        self.fails.append(shown(where) + ": " + sentence)

    def skip(self, sentence):
        self.unchecked[sentence] = True

    @contextmanager
    def about(self, where):
        """Whatever goes wrong while one thing is checked becomes a sentence about it, and the next thing is checked."""
        try:
            yield
        except Trouble as trouble:
            self.fail(where, str(trouble))
        except Exception as trouble:
            # Parsers meet hostile bytes here; whichever way they stumble, the thing could not be checked.
            self.fail(where, "cannot be read (" + type(trouble).__name__ + ")")

    @property
    def exit_code(self):
        return 2 if self.unreadable else 1 if self.fails else 0


def shown(text, longest=160):
    """Text from the bundle, safe to print: no line ends, no terminal commands, no letters that turn the line around."""
    text = str(text)
    text = text if len(text) <= longest else text[:longest] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def need(holds, sentence):
    if not holds:
        raise Trouble(sentence)


def verify(folder, policy_file=None, roots_folder=None):
    """All checks, the cheap and general ones first. Returns a Report."""
    report, described = Report(), None
    with report.about("the bundle"):
        own_policy = None if policy_file is None else parse_policy(read_own(policy_file))
        own_roots = None if roots_folder is None else own_certificates(roots_folder)
        bundle = Bundle(folder, report)
        described = describe(bundle)
    if described is None:
        report.unreadable = True
        return report
    bundle.hash_all(report)
    entries = {}  # filled by check_ledger: those that are shown to stand in the log
    for check, *more in (
        (check_bag,),
        (check_layout,),
        (check_ledger, entries, own_policy),
        (check_own_entry, entries),
        (check_exhibits, entries),
        (check_custody, entries),
        (check_stamps, own_roots),
        (check_redactions, own_roots),
    ):
        with report.about("the bundle"):
            check(bundle, described, report, *more)
    return report


# ---------------------------------------------------------------------------------------------- files, read with care


class Bundle:
    """The files below a folder. Only plain files that lie in it count; links are refused, so nothing leads out of it.

    sizes:   path below the bundle (NFC, "/" between folders) to bytes
    digests: the same path to (SHA-256, SHA-512), hex
    """

    def __init__(self, folder, report):
        self.folder, self.sizes, self.places, self.digests = str(folder), {}, {}, {}
        need(os.path.isdir(self.folder), "there is no such folder")
        to_visit = [""]
        while to_visit:
            inside = to_visit.pop()
            need(inside.count("/") < DEEPEST_FOLDER, "folders are nested too deep for a bundle")
            with os.scandir(os.path.join(self.folder, inside)) as found:
                for item in found:
                    path = inside + "/" + item.name if inside else item.name
                    if item.is_symlink():
                        report.fail(path, "is a link, which a bundle never holds; it was not followed")
                    elif item.is_dir(follow_symlinks=False):
                        to_visit.append(path)
                    elif item.is_file(follow_symlinks=False):
                        self.add(path, item.stat(follow_symlinks=False).st_size, report)
                    else:
                        report.fail(path, "is no plain file; it was not opened")
        total = sum(self.sizes.values())
        need(total <= LARGEST_BUNDLE, f"holds {total >> 30} GiB; this program reads up to {LARGEST_BUNDLE >> 30} GiB")

    def add(self, path, size, report):
        need(len(self.sizes) < MOST_FILES, f"holds more than {MOST_FILES} files")
        name = unicodedata.normalize("NFC", path)  # file systems differ in how they spell é
        if not is_utf8(name):
            report.fail(path, "has a name that is not UTF-8")
        elif name in self.sizes:
            report.fail(name, "is there twice, in two spellings of one name")
        else:
            self.sizes[name], self.places[name] = size, path

    def open(self, path):
        need(path in self.sizes, "is missing")
        # Without these, a file swapped for a link or a pipe after the listing could lead out of the folder or hang.
        careful = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        file = os.fdopen(os.open(os.path.join(self.folder, self.places[path]), os.O_RDONLY | careful), "rb")
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            raise Trouble("is no plain file")
        return file

    def read(self, path, largest=LARGEST_SMALL_FILE):
        with self.open(path) as file:
            content = file.read(largest + 1)
        need(len(content) <= largest, f"is larger than {largest // MIB} MiB, which such a file never is")
        return content

    def hash_all(self, report):
        """Each file is read once, whatever its size, in constant memory."""
        for path in sorted(self.sizes):
            with report.about(path), self.open(path) as file:
                sha256, sha512, size = hashlib.sha256(), hashlib.sha512(), 0
                for block in iter(lambda file=file: file.read(MIB), b""):
                    size += len(block)
                    need(size <= self.sizes[path], "grew while it was read")
                    sha256.update(block)
                    sha512.update(block)
                self.digests[path] = (sha256.hexdigest(), sha512.hexdigest())


def is_utf8(text):
    try:
        return text.encode("utf-8") is not None
    except UnicodeEncodeError:  # half a character, or bytes that are none
        return False


def read_own(path):
    """A file of the reader's own, named on the command line."""
    try:
        with open(path, "rb") as file:
            return file.read(LARGEST_SMALL_FILE)
    except OSError as trouble:
        raise Trouble(f"{shown(path)} cannot be read: {trouble.strerror}") from None


def parse_json(content):
    """JSON that means one thing only: two readers could take a doubled key, NaN or a huge number differently."""

    def one_of_each(pairs):
        need(len(dict(pairs)) == len(pairs), "says one thing twice (a doubled key)")
        return dict(pairs)

    def number(text):
        need(len(text) <= 32, "holds a number that is too long")
        value = float(text) if set(text) & set(".eE") else int(text)
        need(abs(value) < 1 << 63, "holds a number that is too large")
        return value

    try:
        hooks = {"parse_int": number, "parse_float": number, "parse_constant": number}
        return json.loads(content.decode("utf-8"), object_pairs_hook=one_of_each, **hooks)
    except RecursionError:
        raise Trouble("is nested too deep") from None
    except ValueError:
        raise Trouble("is no JSON in UTF-8") from None


# Shapes of values. A reader may trust a value after this, and no sooner.
TEXT, WHOLE, HEX32, HEX64, TIME, THINGS, LIST = "text", "whole number", "32 bytes", "64 bytes", "time", "object", "list"
OR_NULL = " or null"


def shaped(value, shape, where):
    """`value` as a dict that has at least the members of `shape`, each of its kind. Times become datetimes."""
    need(isinstance(value, dict), f"{where} is no object")
    result = dict(value)
    for name, kind in shape.items():
        need(name in value, f"{where} has no {name!r}")
        result[name] = valued(value[name], kind, f"{where}: {name!r}")
    return result


def valued(value, kind, where):
    if kind.endswith(OR_NULL):
        if value is None:
            return None
        kind = kind[: -len(OR_NULL)]
    if kind == TIME:
        return instant(value, where)
    fits = {
        TEXT: lambda: isinstance(value, str) and is_utf8(value),
        WHOLE: lambda: type(value) is int and 0 <= value < 1 << 63,
        HEX32: lambda: isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value),
        HEX64: lambda: isinstance(value, str) and re.fullmatch("[0-9a-f]{128}", value),
        THINGS: lambda: isinstance(value, dict),
        LIST: lambda: isinstance(value, list),
    }
    need(fits[kind](), f"{where} is no {kind}")
    return value


def instant(value, where):
    need(isinstance(value, str) and re.fullmatch(r"[-0-9T:.]{19,26}(Z|[+]00:00)", value), f"{where} is no time in UTC")
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise Trouble(f"{where} is no time") from None


def when(at):
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


# --------------------------------------------------------------------------------------------- bundle.json and the bag

BUNDLE = {
    "version": WHOLE, "case": TEXT, "reference": TEXT, "made_at": TIME, "made_by": TEXT, "for": TEXT, "origin": TEXT,
    "exhibits": LIST, "entries": LIST, "files": THINGS,
}  # fmt: skip
EXHIBIT = {
    "number": WHOLE, "item": TEXT, "file": TEXT + OR_NULL, "name": TEXT, "kind": TEXT, "media_type": TEXT,
    "size_bytes": WHOLE, "sha256": HEX32, "sha512": HEX64, "salt": HEX32, "commitment": HEX32,
    "acquired_at": TIME + OR_NULL, "sealed_at": TIME, "ledger_index": WHOLE, "stamps": LIST, "details": THINGS,
    "before": TEXT + OR_NULL, "made_from": TEXT + OR_NULL,
}  # fmt: skip
ITEM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def describe(bundle):
    """data/bundle.json, every value of the kind it must have. Without it there is nothing to check against."""
    try:
        described = shaped(parse_json(bundle.read("data/bundle.json", LARGEST_JSON)), BUNDLE, "bundle.json")
        need(described["version"] == 1, "is of another version than this program reads")
        exhibits = [shaped(it, EXHIBIT, "an exhibit") for it in described["exhibits"]]
        for number, exhibit in enumerate(exhibits, 1):
            need(exhibit["number"] == number, f"exhibit {number} does not stand in the place of its number")
            need(ITEM.fullmatch(exhibit["item"]), f"exhibit {number}: 'item' is no item number")
            path = exhibit["file"]
            need(path is None or path.startswith(f"exhibits/{number:03d}-"), f"exhibit {number}: its file is elsewhere")
            need(len(exhibit["stamps"]) <= 20, f"exhibit {number}: has more time-stamps than this program reads")
            for stamp in exhibit["stamps"]:
                of_it = isinstance(stamp, str) and stamp.startswith(f"timestamps/{exhibit['item']}-")
                need(of_it and stamp.endswith(".tsr"), f"exhibit {number}: a time-stamp is named after another item")
        by_item = {exhibit["item"]: exhibit for exhibit in exhibits}
        need(len(by_item) == len(exhibits), "an item is there under two numbers")
        for index in described["entries"]:
            valued(index, WHOLE, "bundle.json: a number in 'entries'")
        need(described["entries"] == sorted(set(described["entries"])), "'entries' is not in order")
        for digest in described["files"].values():
            valued(digest, HEX64, "bundle.json: a hash in 'files'")
        return {**described, "exhibits": exhibits, "by_item": by_item, "own_index": own_index(bundle)}
    except Trouble as trouble:
        raise Trouble(f"data/bundle.json {trouble}") from None


def own_index(bundle):
    """Which ledger entry enters this very bundle; None where the bundle does not say so in its one way."""
    try:
        said = bundle.read("data/ledger/bundle-entry.json")
        index = valued(parse_json(said)["index"], WHOLE, "the number")
        return index if said == b'{"index":%d}' % index else None
    except (Trouble, OSError, LookupError, TypeError):
        return None


def check_bag(bundle, described, report):
    """RFC 8493: every file has both hashes that the manifests say, none is missing, none was added."""
    before = len(report.fails)
    data = {path for path in bundle.sizes if path.startswith("data/")}
    tags = {"bagit.txt", "bag-info.txt", "manifest-sha256.txt", "manifest-sha512.txt"}
    tag_manifests = {"tagmanifest-sha256.txt", "tagmanifest-sha512.txt"}
    for path in sorted(set(bundle.sizes) - data - tags - tag_manifests):
        report.fail(path, "does not belong into a bundle")
    for place, algorithm in enumerate(("sha256", "sha512")):
        for manifest, covered in ((f"manifest-{algorithm}.txt", data), (f"tagmanifest-{algorithm}.txt", tags)):
            with report.about(manifest):
                content = bundle.read(manifest, LARGEST_JSON)
                listed = read_manifest(content)
                for path in sorted(covered - set(listed)):
                    report.fail(path, f"is there, but {manifest} does not list it")
                for path in sorted(set(listed) - covered):
                    report.fail(path, f"is listed in {manifest}, but missing or misplaced")
                for path in sorted(covered & set(listed)):
                    if path in bundle.digests and bundle.digests[path][place] != listed[path]:
                        report.fail(path, f"was changed: it does not have the hash in {manifest}")
                lines = "".join(f"{listed[path]}  {written(path)}\n" for path in sorted(listed))
                need(content == lines.encode("utf-8"), "was changed: its lines are not written as they were")
    with report.about("bagit.txt"):
        declared = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
        need(bundle.read("bagit.txt") == declared, "does not declare a bag of version 1.0")
    with report.about("bag-info.txt"):
        # Everything in it follows from the rest, so nothing in it can be changed unseen.
        info = [
            "Source-Organization: " + described["made_by"],
            "External-Identifier: " + described["reference"],
            "Bag-Software-Agent: Habeas",
            "Bagging-Date: " + described["made_at"].date().isoformat(),
            f"Payload-Oxum: {sum(bundle.sizes[path] for path in data)}.{len(data)}",
        ]
        lines = bundle.read("bag-info.txt").decode("utf-8").split("\n")
        need(lines == [*info, ""], "does not say what bundle.json and the files say")
    if len(report.fails) == before:
        report.holds.append(f"All {len(bundle.sizes)} files are there, none was added; each has both hashes listed.")


def read_manifest(content):
    """{path: hash}. Paths are only ever compared with the files found; none is opened because a manifest names it."""
    listed = {}
    for line in content.decode("utf-8").split("\n")[:-1]:
        match = re.fullmatch(r"([0-9a-f]{64}|[0-9a-f]{128})  (.+)", line)
        need(match, "has a line that is no hash with a path")
        path = match[2].replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
        need(path not in listed, "lists a file twice")
        listed[path] = match[1]
    return listed


def written(path):
    """A path as a manifest writes it (RFC 8493, section 2.1.3)."""
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def check_layout(bundle, described, report):
    """Every file is one that bundle.json accounts for: by its SHA-512, as an exhibit, or as a part of the ledger."""
    files = {"data/" + path: digest for path, digest in described["files"].items()}
    exhibits = {"data/" + it["file"] for it in described["exhibits"] if it["file"] is not None}
    ledger = {"data/bundle.json", "data/ledger/bundle-entry.json"}
    for index in [*described["entries"], described["own_index"]]:
        ledger |= {f"data/ledger/entries/{index}.json", f"data/ledger/proofs/{index}.tlog-proof"}
    data = {path for path in bundle.sizes if path.startswith("data/")}
    for path in sorted(data - set(files) - exhibits - ledger):
        report.fail(path, "is in the bundle, but bundle.json does not know it")
    for path in sorted(set(files) & (exhibits | ledger)):
        report.fail(path, "stands in bundle.json twice, as two different things")
    for path, digest in sorted(files.items()):
        with report.about(path):
            need(path in bundle.digests, "is named in bundle.json, but missing")
            need(bundle.digests[path][1] == digest, "is not the file that bundle.json names: its SHA-512 is another")
    mine = hashlib.sha512(read_own(__file__)).hexdigest() if os.path.exists(__file__) else None
    if mine != described["files"].get("verify/habeas_verify.py"):
        report.skip("This program differs from the copy in the bundle. Trust the one you had from elsewhere.")


# ------------------------------------------------------------------------------------- the ledger: entries and proofs

ENTRY = {"index": WHOLE, "kind": TEXT, "by": TEXT, "at": TIME, "case": TEXT}


def check_ledger(bundle, described, report, entries, own_policy):
    """Fills `entries` with those that are shown to stand in the log: {index: entry}. One checkpoint holds them all."""
    checkpoints, paths = {}, {}
    for index in sorted(set(described["entries"]) | ({described["own_index"]} - {None})):
        entry_path, proof_path = f"data/ledger/entries/{index}.json", f"data/ledger/proofs/{index}.tlog-proof"
        with report.about(entry_path):
            content = bundle.read(entry_path)
            entry = shaped(parse_json(content), ENTRY, "the entry")
            need(entry["index"] == index, "says that it is another entry")
            with report.about(proof_path):
                said_index, proof, note = parse_proof(bundle.read(proof_path))
                need(said_index == index, "proves another entry")
                if note not in checkpoints:
                    checkpoints[note], paths[note] = parse_checkpoint(note), []
                paths[note].append(proof_path)
                root = root_from_proof(content, index, checkpoints[note]["size"], proof)
                leads = root == checkpoints[note]["root"]
                need(leads, f"does not lead from {entry_path} to the root of its checkpoint: one of them was changed")
                entries[index] = entry
    need(checkpoints, "data/ledger/proofs: no proof can be read, so nothing is shown to stand in any log")
    # Two checkpoints could be two histories, shown to two readers. A bundle needs one only.
    note = max(paths, key=lambda note: len(paths[note]))
    for path in [path for other in paths if other != note for path in paths[other]]:
        report.fail(path, f"has another checkpoint than {paths[note][0]}; a bundle has one")
    policy = own_policy
    with report.about("data/ledger/policy.txt"):
        claimed = parse_policy(bundle.read("data/ledger/policy.txt"))
        if own_policy is None:
            policy = claimed
            report.skip(
                "Whose keys sign the log: the keys and the quorum are those in data/ledger/policy.txt, the sender's "
                "own claim. Ask the log and its witnesses for their keys, and pass your own file with --policy."
            )
    if policy is not None:
        with report.about(paths[note][0]):
            check_checkpoint(checkpoints[note], described["origin"], policy, entries, report)
            report.holds.append(f"{len(entries)} ledger entries stand in it: each inclusion proof leads to its root.")


def parse_proof(content):
    """C2SP tlog-proof: (index, hashes from the leaf's sibling upwards, the checkpoint as a signed note)."""
    head, blank, note = content.decode("utf-8").partition("\n\n")
    lines = head.split("\n")
    need(blank and len(lines) >= 2 and lines[0] == "c2sp.org/tlog-proof@v1", "is no proof of the form tlog-proof@v1")
    # An "extra" line is allowed by the format but proves nothing, and Habeas writes none.
    need(re.fullmatch("index (0|[1-9][0-9]{0,17})", lines[1]), "has no line with an index where it must be")
    need(len(lines) <= 2 + 63, "has more hashes than any tree can need")
    return int(lines[1][6:]), [unbase64(line, 32) for line in lines[2:]], note


def root_from_proof(entry, index, size, proof):
    """The root that an entry and its proof lead to. Source: RFC 9162, section 2.1.3.2 (the tree of RFC 6962)."""
    need(index < size, "is for an entry that the checkpoint's tree does not have yet")
    node = hashlib.sha256(b"\x00" + entry).digest()
    last = size - 1
    for sibling in proof:
        need(last > 0, "has more hashes than the tree is high")
        if index % 2 or index == last:
            node = hashlib.sha256(b"\x01" + sibling + node).digest()
            while index % 2 == 0 and index:  # a node without a sibling moves up as it is
                index, last = index // 2, last // 2
        else:
            node = hashlib.sha256(b"\x01" + node + sibling).digest()
        index, last = index // 2, last // 2
    need(last == 0, "has fewer hashes than the tree is high")
    return node


def unbase64(text, length=None):
    """Base 64 in its one spelling: spare bits that say nothing could otherwise be changed unseen."""
    content = base64.b64decode(text.encode("ascii"), validate=True)
    need(base64.b64encode(content).decode("ascii") == text, "has base 64 that is not in its one form")
    need(length is None or len(content) == length, f"has a value that is not {length} bytes long")
    return content


def parse_checkpoint(note):
    """C2SP tlog-checkpoint in a signed-note: what was signed and says, and [(key name, key id, signature)]."""
    body, blank, signatures = note.rpartition("\n\n")
    need(blank and signatures.endswith("\n"), "has no signed checkpoint")
    need(not re.search("[\x00-\x09\x0b-\x1f]", note), "has control characters in its checkpoint")
    lines = body.split("\n")
    # Lines beyond these are not covered by every kind of signature, so none are taken.
    need(len(lines) == 3 and lines[0], "has no checkpoint of three lines")
    need(re.fullmatch("0|[1-9][0-9]{0,17}", lines[1]), "has a checkpoint without a size")
    signed = []
    need(signatures.count("\n") <= 128, "has more signatures than this program reads")
    for line in signatures[:-1].split("\n"):
        match = re.fullmatch("\u2014 ([^ +]+) ([A-Za-z0-9+/=]+)", line)
        need(match, "has a line that is no signature")
        blob = unbase64(match[2])
        signed.append((match[1], blob[:4], blob[4:]))
    root = unbase64(lines[2], 32)
    return {"text": body + "\n", "origin": lines[0], "size": int(lines[1]), "root": root, "signatures": signed}


# ------------------------------------------------------------------------------ who signed: the log and its witnesses

ED25519_NOTE, ED25519_COSIGNATURE, ML_DSA_44 = 1, 4, 6
KEY_BYTES = {ED25519_NOTE: 32, ED25519_COSIGNATURE: 32, ML_DSA_44: 1312}


def parse_key(text):
    """A verifier key `name+id+base64(kind, key)`, as signed-note writes it."""
    parts = text.split("+", 2)
    need(len(parts) == 3 and parts[0], "has a key that is not written as name+id+key")
    blob = unbase64(parts[2])
    kind, public = blob[0], blob[1:]
    need(KEY_BYTES.get(kind) == len(public), "has a key of a kind this program does not know")
    name = parts[0].encode("utf-8", "surrogateescape")
    key_id = hashlib.sha256(name + b"\n" + blob).digest()[:4]
    need(parts[1] == key_id.hex(), f"has a key of {shown(parts[0])} whose id does not follow from it")
    return {"name": parts[0], "id": key_id, "kind": kind, "public": public}


def parse_policy(content):
    """C2SP tlog-policy: {"logs": [key], "witnesses": {name: key}, "groups": {name: (least, members)}, "quorum": name}.

    A group may name only what stands above it, so groups never go in circles.
    """
    need(not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", content), "has control characters")
    logs, witnesses, groups, quorum, members_so_far = [], {}, {}, [], set()
    for line in content.decode("utf-8", "surrogateescape").split("\n"):
        words = re.split("[ \t]+", line.strip(" \t"))
        if not words[0] or words[0].startswith("#"):
            continue
        if words[0] == "log" and len(words) in (2, 3):
            logs.append(parse_key(words[1]))
        elif words[0] == "witness" and len(words) in (3, 4):
            need(words[1] not in {*witnesses, *groups, "none"}, f"defines {shown(words[1])} twice")
            witnesses[words[1]] = parse_key(words[2])
            need(witnesses[words[1]]["kind"] != ED25519_NOTE, "has a witness with a key that is not for cosignatures")
        elif words[0] == "group" and len(words) >= 4:
            name, least, members = words[1], words[2], words[3:]
            need(name not in {*witnesses, *groups, "none"}, f"defines {shown(name)} twice")
            need(set(members) <= {*witnesses, *groups}, f"has a group {shown(name)} with members not defined above it")
            # So that nobody counts twice: each name is a member once, in all groups together.
            need(len(set(members)) == len(members) and not set(members) & members_so_far, "counts one member twice")
            members_so_far |= set(members)
            count = {"all": str(len(members)), "any": "1"}.get(least, least)
            need(re.fullmatch("[1-9][0-9]{0,4}", count) and int(count) <= len(members), "asks for more than there are")
            groups[name] = (int(count), members)
        elif words[0] == "quorum" and len(words) == 2:
            need(words[1] in {*witnesses, *groups, "none"}, "has a quorum that is not defined above it")
            quorum.append(words[1])
        else:
            raise Trouble("has a line that is no log, witness, group or quorum")
    need(len(quorum) == 1, "has no quorum, or more than one")
    for keys in (logs, list(witnesses.values())):
        need(len({key["public"] for key in keys}) == len(keys), "has one key twice")
    need(logs, "names no log")
    return {"logs": logs, "witnesses": witnesses, "groups": groups, "quorum": quorum[0]}


def check_checkpoint(checkpoint, origin, policy, entries, report):
    """The log itself signed, and enough witnesses cosigned. A signature by a known key that fails spoils the whole."""
    need(checkpoint["origin"] == origin, "has a checkpoint of another log than bundle.json names")
    latest = max((entry["at"] for entry in entries.values()), default=None)
    known = {(key["name"], key["id"]): (None, key) for key in policy["logs"] if key["name"] == origin}
    known.update({(key["name"], key["id"]): (name, key) for name, key in policy["witnesses"].items()})
    by_log, witnessed = False, {}
    for name, key_id, signature in checkpoint["signatures"]:
        if (name, key_id) not in known:  # unknown signers say nothing, for or against
            continue
        witness, key = known[name, key_id]
        if key["kind"] == ML_DSA_44 and MLDSA44PublicKey is None:
            report.skip(f"The ML-DSA signature of {shown(name)}, which does not count: `cryptography` is too old here.")
            continue
        at = check_signature(key, signature, checkpoint)
        early = at and latest and at < latest - CLOCKS_MAY_DIFFER
        need(not early, f"was signed by {shown(name)} before the time of an entry that it holds")
        if witness is None:
            by_log = True
        elif at is None:  # a cosignature without a time does not say when its witness saw the log
            report.skip(f"A cosignature of {shown(name)} says no time, so it does not count.")
        else:
            witnessed[witness] = (shown(name), when(at))
    need(by_log, f"has no signature of the log {shown(origin)} by a key of the policy")
    satisfied = {"none", *witnessed}
    for name, (least, members) in policy["groups"].items():  # in their order, so members are settled before
        if len(satisfied & set(members)) >= least:
            satisfied.add(name)
    asked = {shown(key["name"]) for key in policy["witnesses"].values()}  # a witness may have several keys
    signed = dict(witnessed[name] for name in sorted(witnessed))
    count = f"{len(signed)} of {len(asked)} witnesses cosigned"
    need(policy["quorum"] in satisfied, f"lacks the quorum {shown(policy['quorum'])}: {count}")
    who = "; ".join(f"{name} on {at}" for name, at in sorted(signed.items()))
    report.holds.append(f"The log {shown(origin)} signed a checkpoint of {checkpoint['size']} entries.")
    if policy["quorum"] == "none":
        report.skip("Whether others saw the same log: the policy asks for no witness.")
    else:
        report.holds.append(f"That checkpoint has the quorum of the policy; {count}: {who}.")


def check_signature(key, signature, checkpoint):
    """One signature over a checkpoint; returns the time that a cosignature says, or None. C2SP tlog-cosignature."""
    who = shown(key["name"])
    sizes = {ED25519_NOTE: 64, ED25519_COSIGNATURE: 8 + 64, ML_DSA_44: 8 + 2420}
    need(len(signature) == sizes[key["kind"]], f"has a signature of {who} of the wrong length")
    text = checkpoint["text"].encode("utf-8")
    try:
        if key["kind"] == ED25519_NOTE:
            ed25519.Ed25519PublicKey.from_public_bytes(key["public"]).verify(signature, text)
            return None
        stamped, signature = signature[:8], signature[8:]
        at = int.from_bytes(stamped, "big")
        need(at < 1 << 36, f"has a signature of {who} with an impossible time")
        if key["kind"] == ED25519_COSIGNATURE:
            message = b"cosignature/v1\ntime %d\n" % at + text
            ed25519.Ed25519PublicKey.from_public_bytes(key["public"]).verify(signature, message)
        else:
            name, origin = key["name"].encode("utf-8", "surrogateescape"), checkpoint["origin"].encode("utf-8")
            message = b"subtree/v1\n\x00" + bytes([len(name)]) + name + stamped + bytes([len(origin)]) + origin
            message += bytes(8) + checkpoint["size"].to_bytes(8, "big") + checkpoint["root"]
            MLDSA44PublicKey.from_public_bytes(key["public"]).verify(signature, message)
        return datetime.fromtimestamp(at, UTC) if at else None
    except InvalidSignature:
        raise Trouble(f"has a signature of {who} that is not over this checkpoint") from None


def check_own_entry(bundle, described, report, entries):
    """The ledger entry "bundle.made" holds the SHA-512 of bundle.json, and through it of everything beside it."""
    index, before = described["own_index"], len(report.fails)
    with report.about("data/ledger/bundle-entry.json"):
        need(index is not None, "does not name the entry of this bundle, so its names and statements are not covered")
        need(index in entries, f"names ledger entry {index}, which is not shown to stand in the log")
        entry = entries[index]
        with report.about("data/bundle.json"):
            digest = bundle.digests["data/bundle.json"][1]
            need(entry.get("bundle_sha512") == digest, f"is not the one that ledger entry {index} entered")
            early = entry["at"] < described["made_at"] - CLOCKS_MAY_DIFFER
            need(not early, f"says it was made after ledger entry {index} entered it")
        fits = (entry["kind"], entry["case"], index in described["entries"]) == (
            "bundle.made",
            described["case"],
            False,
        )
        need(fits, f"names ledger entry {index}, which does not enter this bundle")
    if len(report.fails) == before:
        report.holds.append(
            f"bundle.json, and through it every other file, is what ledger entry {index} entered on "
            f"{when(entry['at'])}: names, details and statements were not changed since."
        )


# -------------------------------------------------------------------------------------------------- exhibits, custody

COMMITMENT_PREFIX = b"habeas item commitment, version 1\n"


def check_exhibits(bundle, described, report, entries):
    for exhibit in described["exhibits"]:
        number, before = exhibit["number"], len(report.fails)
        label = f"Exhibit {number} ({shown(exhibit['name'], 60)})"
        with report.about(f"data/bundle.json: exhibit {number}"):
            check_sealing(exhibit, described, entries)
        if exhibit["file"] is None:
            what = "the hash given for it (only hash and place are held, so there is no content to compare)"
        else:
            what, path = "its content", f"data/{exhibit['file']}"
            with report.about(path):
                need(path in bundle.digests, f"(exhibit {number}) is missing")
                size = bundle.sizes[path]
                need(size == exhibit["size_bytes"], f"(exhibit {number}) does not have the size in bundle.json")
                same = bundle.digests[path] == (exhibit["sha256"], exhibit["sha512"])
                need(same, f"(exhibit {number}) does not have the hashes in bundle.json")
                if exhibit["kind"] == "page":
                    count = check_capture(bundle, path)
                    report.holds.append(f"{label}: the {count} parts of the captured page are those that were packed.")
        if len(report.fails) == before:
            sealed = f"{when(exhibit['sealed_at'])}, ledger entry {exhibit['ledger_index']}"
            report.holds.append(f"{label}: {what} is what was sealed on {sealed}.")


def check_sealing(exhibit, described, entries):
    """Salt and SHA-512 give the commitment, and the ledger entry holds the same one."""
    made = COMMITMENT_PREFIX + bytes.fromhex(exhibit["salt"]) + bytes.fromhex(exhibit["sha512"])
    need(hashlib.sha256(made).hexdigest() == exhibit["commitment"], "salt and SHA-512 do not give its commitment")
    index = exhibit["ledger_index"]
    need(index in described["entries"] and index in entries, f"its ledger entry {index} is not shown to be in the log")
    entry = entries[index]
    expected = {name: exhibit[name] for name in ("item", "commitment", "size_bytes")}
    for name, value in {**expected, "case": described["case"], "kind": "item.sealed"}.items():
        same = entry.get(name) == value and type(entry[name]) is type(value)
        need(same, f"ledger entry {index} has another {name!r}")
    need(entry["at"] == exhibit["sealed_at"], f"ledger entry {index} was made at another time than 'sealed_at'")
    acquired = exhibit["acquired_at"]
    need(acquired is None or acquired <= exhibit["sealed_at"], "was sealed before it was acquired")
    need(exhibit["sealed_at"] <= described["made_at"] + CLOCKS_MAY_DIFFER, "was sealed after the bundle was made")
    for other in (described["by_item"].get(exhibit["before"]), described["by_item"].get(exhibit["made_from"])):
        late = other is not None and other["ledger_index"] >= index
        need(not late, "was sealed before the exhibit that it says it comes after or was made from")


CUSTODY = {
    "number": WHOLE, "kind": TEXT, "item": TEXT + OR_NULL, "by": TEXT, "organisation": TEXT, "role": TEXT,
    "purpose": TEXT, "basis": TEXT, "at": TIME, "commitment_in": HEX32 + OR_NULL, "commitment_out": HEX32 + OR_NULL,
    "method": TEXT, "ledger_index": WHOLE, "handover": TEXT + OR_NULL,
}  # fmt: skip


def check_custody(bundle, described, report, entries):
    """Who held what, in order: every event is its ledger entry, and no time contradicts another."""
    path, before = "data/custody.json", len(report.fails)
    with report.about(path):
        events = valued(parse_json(bundle.read(path, LARGEST_JSON)), LIST, "the whole")
        events = [shaped(event, CUSTODY, f"event {number}") for number, event in enumerate(events, 1)]
        last_index, last_at = -1, None
        for number, event in enumerate(events, 1):
            with report.about(f"{path}: event {number} ({shown(event['kind'], 20)})"):
                need(event["number"] == number, "does not stand in the place of its number")
                need(event["ledger_index"] > last_index, "does not stand in the order of the ledger")
                early = last_at is not None and event["at"] < last_at - CLOCKS_MAY_DIFFER
                last_index, last_at = event["ledger_index"], max(last_at or event["at"], event["at"])
                need(not early, "says an earlier time than an event before it")
                need(event["at"] <= described["made_at"] + CLOCKS_MAY_DIFFER, "says a time after the bundle was made")
                check_event(event, described["by_item"].get(event["item"]), described, entries, report)
        sealed = {(event["ledger_index"], event["item"]) for event in events}
        for exhibit in described["exhibits"]:
            known = (exhibit["ledger_index"], exhibit["item"]) in sealed
            need(known, f"does not say how exhibit {exhibit['number']} came in")
        if len(report.fails) == before:
            report.holds.append(f"All {len(events)} custody events are in the order of the ledger, and as it has them.")


def check_event(event, exhibit, described, entries, report):
    index = event["ledger_index"]
    if exhibit is not None:
        need(index >= exhibit["ledger_index"], f"comes before the sealing of exhibit {exhibit['number']}")
        early = event["at"] < exhibit["sealed_at"] - CLOCKS_MAY_DIFFER
        need(not early, f"says a time before the sealing of exhibit {exhibit['number']}")
        same = event["commitment_in"] in (None, exhibit["commitment"])
        need(same, f"was with something else than exhibit {exhibit['number']}: the commitment is another")
    if index not in described["entries"]:
        report.skip(f"Custody event {event['number']}: its ledger entry {index} is not in the bundle.")
        return
    need(index in entries, f"its ledger entry {index} is not shown to stand in the log")
    entry = entries[index]
    need(entry["case"] == described["case"], f"ledger entry {index} is of another case")
    need(entry["at"] == event["at"], f"ledger entry {index} says another time")
    need(entry.get("custody") == event["kind"], f"ledger entry {index} is of something else")
    for name in ("by", "role", "purpose", "basis", "item", "handover", "commitment_in", "commitment_out"):
        # The ledger leaves out what is empty.
        need((entry.get(name) or None) == (event[name] or None), f"ledger entry {index} has another {name!r}")


# ---------------------------------------------------------------------------------- captured pages (WACZ): parts inside


class NarrowFile(io.BufferedIOBase):
    """A file that is read in moderate pieces only: the zip library reads a whole table of contents at once."""

    def __init__(self, file):
        self.file = file

    def read(self, size=-1):
        content = self.file.read(size if 0 <= size <= 4 * MIB else 4 * MIB + 1)
        need(len(content) <= 4 * MIB, "is a zip file with a table of contents larger than any capture needs")
        return content

    def seek(self, offset, whence=0):
        return self.file.seek(offset, whence)

    def tell(self):
        return self.file.tell()

    def seekable(self):
        return True


def check_capture(bundle, path):
    """Every part of a WACZ file has the hash in its datapackage.json, and that has the one in its digest file."""
    with bundle.open(path) as file, zipfile.ZipFile(NarrowFile(file)) as package:
        parts = {part.filename: part for part in package.infolist() if not part.is_dir()}
        need(len(parts) == sum(not part.is_dir() for part in package.infolist()), "has a part twice")
        # A small file can unpack to more than any disk holds.
        allowed = bundle.sizes[path] + min(LARGEST_UNPACKED, 100 * bundle.sizes[path] + 64 * MIB)
        need(sum(part.file_size for part in parts.values()) <= allowed, "unpacks to more than any capture of its size")
        for part in parts.values():
            plain = part.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) and not part.flag_bits & 1
            need(plain, f"has a part {shown(part.filename)} that is encrypted or packed in an unusual way")
        listed = parse_json(read_part(package, parts, "datapackage.json"))
        digest = shaped(parse_json(read_part(package, parts, "datapackage-digest.json")), {"hash": TEXT}, "its digest")
        same = part_hash(package, parts, "datapackage.json", digest["hash"]) == digest["hash"]
        need(same, "has a datapackage.json that was changed")
        resources = shaped(listed, {"resources": LIST}, "datapackage.json")["resources"]
        resources = [shaped(it, {"path": TEXT, "hash": TEXT, "bytes": WHOLE}, "a resource") for it in resources]
        named = {resource["path"] for resource in resources}
        need(len(named) == len(resources), "lists a part twice")
        for extra in sorted(set(parts) - named - {"datapackage.json", "datapackage-digest.json"}):
            raise Trouble(f"has a part {shown(extra)} that its datapackage.json does not list")
        for it in resources:
            need(it["path"] in parts, f"lacks its part {shown(it['path'])}")
            same = parts[it["path"]].file_size == it["bytes"]
            same = same and part_hash(package, parts, it["path"], it["hash"]) == it["hash"]
            need(same, f"has a part {shown(it['path'])} that was changed after the capture was packed")
        return len(resources)


def read_part(package, parts, name):
    need(name in parts, f"has no {name}")
    need(parts[name].file_size <= LARGEST_JSON, f"has a {name} that is too large")
    return package.read(parts[name])


def part_hash(package, parts, name, like):
    """The hash of a part, written as `like` is (`sha256:…` or `sha512:…`)."""
    algorithm = like.partition(":")[0]
    need(algorithm in ("sha256", "sha512"), "uses a hash that this program does not take")
    digest = hashlib.new(algorithm)
    with package.open(parts[name]) as content:
        for block in iter(lambda: content.read(MIB), b""):
            digest.update(block)
    return f"{algorithm}:{digest.hexdigest()}"


# -------------------------------------------------------------------------------------------- time-stamps (RFC 3161)


def oid(dotted):
    """An object identifier as DER writes it."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    encoded = bytes([40 * first + second])
    for number in rest:
        digits = [number & 127]
        while number := number >> 7:
            digits.insert(0, 128 | number & 127)
        encoded += bytes(digits)
    return encoded


SIGNED_DATA, TST_INFO = oid("1.2.840.113549.1.7.2"), oid("1.2.840.113549.1.9.16.1.4")
CONTENT_TYPE, MESSAGE_DIGEST = oid("1.2.840.113549.1.9.3"), oid("1.2.840.113549.1.9.4")
SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2 = oid("1.2.840.113549.1.9.16.2.12"), oid("1.2.840.113549.1.9.16.2.47")
SHA512 = oid("2.16.840.1.101.3.4.2.3")
DIGESTS = {oid("2.16.840.1.101.3.4.2.1"): "sha256", oid("2.16.840.1.101.3.4.2.2"): "sha384", SHA512: "sha512"}
SIGNATURES = {  # how it is signed, and with which hash; None: the hash named beside it
    oid("1.2.840.113549.1.1.1"): ("rsa", None), oid("1.2.840.113549.1.1.10"): ("pss", None),
    oid("1.2.840.113549.1.1.11"): ("rsa", "sha256"), oid("1.2.840.113549.1.1.12"): ("rsa", "sha384"),
    oid("1.2.840.113549.1.1.13"): ("rsa", "sha512"), oid("1.2.840.10045.4.3.2"): ("ecdsa", "sha256"),
    oid("1.2.840.10045.4.3.3"): ("ecdsa", "sha384"), oid("1.2.840.10045.4.3.4"): ("ecdsa", "sha512"),
    oid("1.3.101.112"): ("ed25519", None),
}  # fmt: skip
UNDERSTOOD = {x509.BasicConstraints.oid, x509.KeyUsage.oid, x509.ExtendedKeyUsage.oid}
HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
INTEGER, OCTETS, OBJECT, TIME_TAG, SEQUENCE, SET, FIRST = 0x02, 0x04, 0x06, 0x18, 0x30, 0x31, 0xA0  # FIRST: [0]


def der(content):
    """The elements that stand one after another: [(tag, body, the whole element)]. One level; callers go deeper."""
    elements, at = [], 0
    while at < len(content):
        need(at + 2 <= len(content), "has broken DER")
        tag, length, start = content[at], content[at + 1], at + 2
        need(tag & 31 != 31, "has DER with a tag this program does not take")
        if length >= 128:
            count = length & 127
            need(1 <= count <= 4, "has DER with a length that is not definite")
            length, start = int.from_bytes(content[start : start + count], "big"), start + count
            need(length >= 128 and length.bit_length() > 8 * (count - 1), "has DER with a length not in its one form")
        need(start + length <= len(content), "has DER that ends too early")
        elements.append((tag, content[start : start + length], content[at : start + length]))
        at = start + length
    return elements


def one(content, tag):
    """The body of the one element that must be there."""
    elements = der(content)
    need(len(elements) == 1 and elements[0][0] == tag, "is not built as a time-stamp")
    return elements[0][1]


def parts_of(content, *tags):
    """The bodies of the first elements, which must have these tags, and the list of what follows them."""
    elements = der(content)
    fits = len(elements) >= len(tags) and all(element[0] == tag for element, tag in zip(elements, tags, strict=False))
    need(fits, "is not built as a time-stamp")
    return [element[1] for element in elements[: len(tags)]] + [elements[len(tags) :]]


def check_stamp(token, message, certificates):
    """That an authority stamped SHA-512 of `message`; returns (when, the name of the authority).

    token:        TimeStampResp, DER
    certificates: what the reader gave or the bundle claims; of these, those that signed themselves are roots
    """
    status, rest = parts_of(one(token, SEQUENCE), SEQUENCE)
    need(parts_of(status, INTEGER)[0] in (b"\x00", b"\x01") and len(rest) == 1, "is a refusal, not a time-stamp")
    kind, signed, _ = parts_of(rest[0][1], OBJECT, FIRST)
    need(kind == SIGNED_DATA and rest[0][0] == SEQUENCE, "holds no signed data")
    _, _, content, others = parts_of(one(signed, SEQUENCE), INTEGER, SET, SEQUENCE)
    content_kind, content, _ = parts_of(content, OBJECT, FIRST)
    need(content_kind == TST_INFO, "holds something else than a time-stamp")
    info = one(content, OCTETS)
    included = [element for tag, body, _ in others if tag == FIRST for element in der(body)]
    signers = [body for tag, body, _ in others if tag == SET]
    need(len(signers) == 1 and len(included) <= 20, "has no list of signers, or too many certificates")
    _, _, imprint, _, others = parts_of(one(info, SEQUENCE), INTEGER, OBJECT, SEQUENCE, INTEGER)
    algorithm, stamped, _ = parts_of(imprint, SEQUENCE, OCTETS)
    need(parts_of(algorithm, OBJECT)[0] == SHA512, "is over another kind of hash than SHA-512")
    need(stamped == hashlib.sha512(message).digest(), "is a time-stamp over something else")
    need(others and others[0][0] == TIME_TAG, "says no time")
    at = generalized_time(others[0][1])
    pool = [x509.load_der_x509_certificate(whole) for tag, _, whole in included if tag == SEQUENCE] + certificates
    signer = check_signer(one(signers[0], SEQUENCE), info, pool)
    check_chain(signer, pool, [it for it in certificates if issued(it, it, 0)], at)
    return at, signer.subject.rfc4514_string()


def generalized_time(body):
    match = re.fullmatch(rb"([0-9]{14})(\.[0-9]{1,9})?Z", body)
    need(match, "says a time that is not in UTC")
    at = datetime.strptime(match[1].decode("ascii"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return at + timedelta(seconds=float(match[2] or 0))


def check_signer(signer, info, pool):
    """CMS: the signature is over the signed attributes; they name the content and the one certificate that signed."""
    elements = der(signer)
    tags = [tag for tag, _, _ in elements[:6]]
    need(tags[:1] + tags[2:] == [INTEGER, SEQUENCE, FIRST, SEQUENCE, OCTETS], "is not signed as a time-stamp")
    digest_algorithm, attributes, signature_algorithm, signature = (body for _, body, _ in elements[2:6])
    digest_name = DIGESTS.get(parts_of(digest_algorithm, OBJECT)[0])
    kind, hash_name = SIGNATURES.get(parts_of(signature_algorithm, OBJECT)[0], (None, None))
    need(digest_name and kind, "is signed with a method that this program does not take")
    values = {}
    for tag, body, _ in der(attributes):
        name, value, _ = parts_of(body, OBJECT, SET)
        need(tag == SEQUENCE and name not in values, "has one signed attribute twice")
        values[name] = value
    need(one(values.get(CONTENT_TYPE, b""), OBJECT) == TST_INFO, "signs something else than a time-stamp")
    digest = one(values.get(MESSAGE_DIGEST, b""), OCTETS)
    need(digest == hashlib.new(digest_name, info).digest(), "was changed: its content is not what was signed")
    certificate = signing_certificate(values, pool)
    signed = b"\x31" + elements[3][2][1:]  # what is sent as [0] was signed as a SET
    verify_signature(certificate.public_key(), kind, HASHES[hash_name or digest_name], signature, signed)
    return certificate


def signing_certificate(values, pool):
    """RFC 5035: which certificate signed stands in the signed part itself, so no other can be put in its place."""
    second = SIGNING_CERTIFICATE_V2 in values
    named = one(values.get(SIGNING_CERTIFICATE_V2 if second else SIGNING_CERTIFICATE, b""), SEQUENCE)
    identified = der(parts_of(parts_of(named, SEQUENCE)[0], SEQUENCE)[0])
    # The first form of the attribute knows SHA-1 only; it points at a certificate whose signature is checked anyway.
    algorithm = "sha256" if second else "sha1"
    if second and identified and identified[0][0] == SEQUENCE:
        algorithm, identified = DIGESTS.get(parts_of(identified[0][1], OBJECT)[0]), identified[1:]
    need(algorithm and identified and identified[0][0] == OCTETS, "does not say which certificate signed it")
    for certificate in pool:
        encoded = certificate.public_bytes(serialization.Encoding.DER)
        if hashlib.new(algorithm, encoded).digest() == identified[0][1]:
            return certificate
    raise Trouble("is signed by a certificate that is neither in it nor given")


def verify_signature(key, kind, algorithm, signature, signed):
    fits = {"rsa": rsa.RSAPublicKey, "pss": rsa.RSAPublicKey, "ecdsa": ec.EllipticCurvePublicKey}
    need(isinstance(key, fits.get(kind, ed25519.Ed25519PublicKey)), "is signed with another kind of key than it says")
    try:
        if kind == "rsa":
            key.verify(signature, signed, padding.PKCS1v15(), algorithm)
        elif kind == "pss":
            key.verify(signature, signed, padding.PSS(padding.MGF1(algorithm), padding.PSS.AUTO), algorithm)
        elif kind == "ecdsa":
            key.verify(signature, signed, ec.ECDSA(algorithm))
        else:
            key.verify(signature, signed)
    except InvalidSignature:
        raise Trouble("was changed: the signature of the authority does not fit") from None


def check_chain(signer, pool, roots, at):
    """From the signer to a root, every certificate valid at the time stamped. RFC 3161, section 2.3; RFC 5280."""
    usage = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    only = list(usage.value) == [x509.oid.ExtendedKeyUsageOID.TIME_STAMPING]
    need(usage.critical and only, "is signed by a certificate that is not for time-stamps only")
    need(roots, "has no root certificate to lead to")
    certificate = signer
    for below in range(6):
        critical = {it.oid for it in certificate.extensions if it.critical}
        need(critical <= UNDERSTOOD, "has a certificate with a condition that this program does not know")
        need(certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc, "has a certificate out of date")
        if certificate in roots:
            return
        issuers = [it for it in [*roots, *pool] if it != certificate and issued(it, certificate, below)]
        need(issuers, f"does not lead to a root: nobody there issued {shown(certificate.subject.rfc4514_string(), 80)}")
        certificate = issuers[0]
    raise Trouble("has a chain of certificates that is too long")


@lru_cache(maxsize=1000)  # the same few certificates come with every time-stamp
def issued(issuer, certificate, below):
    """Whether a certificate that may issue others did issue this one. below: how many issuers stand beneath it."""
    if issuer.subject != certificate.issuer:
        return False
    try:
        limits = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        if not limits.ca or (limits.path_length is not None and below > limits.path_length):
            return False
        usages = [it.value for it in issuer.extensions if isinstance(it.value, x509.KeyUsage)]
        if usages and not usages[0].key_cert_sign:
            return False
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, InvalidSignature, ValueError, TypeError):
        return False
    return True


def own_certificates(folder):
    """All certificates in the .pem files of a folder of the reader's own."""
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith((".pem", ".crt")))
        found = [it for name in names for it in x509.load_pem_x509_certificates(read_own(os.path.join(folder, name)))]
    except (OSError, ValueError):
        raise Trouble(f"{shown(folder)} holds certificates that cannot be read") from None
    need(found, f"{shown(folder)} holds no certificate (.pem)")
    return found


def stamp_of(bundle, described, report, path, message, own_roots):
    """One time-stamp in the bundle, named after a subject (36 letters) and an authority: (when, by whom in words)."""
    authority = os.path.basename(path)[37 : -len(".tsr")]
    certificates = own_roots
    if own_roots is None:
        claimed = f"data/timestamps/{authority}.pem"
        need(claimed in bundle.sizes, f"has no root certificate {claimed}, and none was given with --roots")
        certificates = x509.load_pem_x509_certificates(bundle.read(claimed))
        report.skip(
            f"Who the time-stamp authority {shown(authority)} is: its root certificate is the sender's own claim. "
            "Get it from the authority (or a trusted list) and pass its folder with --roots."
        )
    at, name = check_stamp(bundle.read(path), message, certificates)
    need(at <= described["made_at"] + CLOCKS_MAY_DIFFER, "says a time after the bundle was made")
    return at, f"existed on {when(at)}, says the authority {shown(name)}."


def check_stamps(bundle, described, report, own_roots):
    """Every time-stamp is over the commitment of its exhibit, and no time contradicts another."""
    used = set()
    for exhibit in described["exhibits"]:
        label = f"Exhibit {exhibit['number']} ({shown(exhibit['name'], 60)})"
        for path in [f"data/{stamp}" for stamp in exhibit["stamps"]]:
            used.add(path)
            with report.about(path):
                message = bytes.fromhex(exhibit["commitment"])
                at, said = stamp_of(bundle, described, report, path, message, own_roots)
                acquired = exhibit["acquired_at"] or at
                need(at >= acquired - CLOCKS_MAY_DIFFER, "says a time before the exhibit was acquired")
                need(at >= exhibit["sealed_at"] - CLOCKS_MAY_DIFFER, "says a time before the exhibit was sealed")
                report.holds.append(f"{label}: {said}")
        if not exhibit["stamps"]:
            report.skip(f"{label}: carries no time-stamp, so its time rests on the ledger and its witnesses alone.")
    for path in sorted(bundle.sizes):
        if path.startswith("data/timestamps/") and path.endswith(".tsr") and path not in used:
            report.fail(path, "is a time-stamp that belongs to no exhibit")


# ---------------------------------------------------------------------------------------------------- redacted copies

REDACTION = {"version": WHOLE, "item": TEXT, "unit": TEXT, "root": HEX32, "count": WHOLE, "leaves": LIST}


def check_redactions(bundle, described, report, own_roots):
    """Opened parts and hashes of the hidden ones lead to the root, and the root is what was time-stamped."""
    inside = [path for path in sorted(bundle.sizes) if path.startswith("data/redactions/")]
    stamps = {}
    for path in [path for path in inside if path.endswith(".tsr")]:
        stamps.setdefault(path[: len("data/redactions/") + 36] + ".json", []).append(path)
    for path in [path for path in inside if not path.endswith(".tsr")]:
        with report.about(path):
            twin = shaped(parse_json(bundle.read(path, LARGEST_REDACTION)), REDACTION, "the redacted copy")
            need(twin["version"] == 1 and twin["unit"] in ("line", "field", "region"), "is of an unknown kind")
            root, opened = redaction_root(twin)
            need(root.hex() == twin["root"], "has parts that do not lead to its root: a part was changed")
            exhibit = described["by_item"].get(twin["item"])
            of = f"exhibit {exhibit['number']}" if exhibit else f"item {shown(twin['item'], 40)}"
            what = f"{shown(path)}: {opened} of {twin['count']} {twin['unit']}s of {of} are open"
            report.holds.append(f"{what}; they and the hidden ones lead to its root.")
            for stamp in stamps.get(path, ()):
                with report.about(stamp):
                    said = stamp_of(bundle, described, report, stamp, root, own_roots)[1]
                    report.holds.append(f"{shown(path)}: its root {said}")
            if path not in stamps:
                report.skip(f"{shown(path)}: its root carries no time-stamp.")
    for path in sorted(set(stamps) - set(inside)):
        report.fail(stamps[path][0], "is a time-stamp of a redacted copy that is not there")


def redaction_root(twin):
    """The root over all leaves in their order, and how many of them are open."""
    need(len(twin["leaves"]) == twin["count"] > 0, "does not have as many parts as it says")
    hashes_so_far, opened = [], 0
    for index, leaf in enumerate(twin["leaves"]):
        need(isinstance(leaf, dict) and leaf.get("index") == index, "has a part out of place")
        if set(leaf) == {"index", "hash"}:
            hashes_so_far.append(bytes.fromhex(valued(leaf["hash"], HEX32, f"part {index}: 'hash'")))
            continue
        need(set(leaf) == {"index", "salt", "value"}, f"has a part {index} that is neither open nor hidden")
        salt = valued(leaf["salt"], TEXT, "salt")
        need(re.fullmatch("[0-9a-f]{32}", salt), f"has a part {index} whose salt is not 16 bytes")
        value = unbase64(valued(leaf["value"], TEXT, "value"))
        hashes_so_far.append(hashlib.sha256(b"\x00" + bytes.fromhex(salt) + value).digest())
        opened += 1
    # RFC 6962 pairs neighbours level by level; one without a neighbour moves up as it is.
    while len(hashes_so_far) > 1:
        pairs = [hashes_so_far[at : at + 2] for at in range(0, len(hashes_so_far), 2)]
        hashes_so_far = [hashlib.sha256(b"\x01" + b"".join(it)).digest() if len(it) == 2 else it[0] for it in pairs]
    return hashes_so_far[0], opened


# --------------------------------------------------------------------------------------------------------- the report


def sentences(report):
    """The report as lines of text."""
    yield f"{len(report.fails)} thing(s) do not hold:" if report.fails else "Nothing was found that does not hold."
    yield from (f"  FAILS    {sentence}" for sentence in report.fails)
    yield "What holds:" if report.holds else "Nothing could be shown to hold."
    yield from (f"  holds    {sentence}" for sentence in report.holds)
    if report.unchecked:
        yield "What was not checked, and why:"
        yield from (f"  not      {sentence}" for sentence in report.unchecked)
    yield "What none of this proves:"
    yield from (f"  -        {sentence}" for sentence in NOT_PROVED.splitlines())
    yield {
        0: "RESULT: all that was checked holds.",
        1: "RESULT: something does not hold. See above.",
        2: "RESULT: this cannot be read as a bundle.",
    }[report.exit_code]


def main(words=None):
    parser = argparse.ArgumentParser(description="Check an evidence bundle, offline.")
    parser.add_argument("bundle", help="the unpacked folder: the one that holds bagit.txt")
    parser.add_argument("--policy", help="your own policy: which log and witnesses you accept, and how many")
    parser.add_argument("--roots", help="a folder with root certificates (.pem) of the authorities you accept")
    given = parser.parse_args(words)
    report = verify(given.bundle, given.policy, given.roots)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal that cannot write é shows a code instead
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.stdout.write("\n".join(sentences(report)) + "\n")
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())

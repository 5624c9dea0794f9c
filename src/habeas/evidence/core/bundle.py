"""A bundle: the exhibits of a case with everything that shows what they are, as one folder that checks itself.

The folder is a BagIt 1.0 bag. Its manifests catch accidents; whoever changes a file can write new manifests, though.
So ``bundle.json`` names a SHA-512 of every other file, and its own stands in the ledger, in an entry ``bundle.made``
that the bundle carries with its proof. That entry is made between the two steps here:

    digest = bundle_sha512(contents)                 # everything but the log's proofs is settled
    index = ledger.append("bundle.made", …, bundle_sha512=digest)
    write_bundle(contents, proofs, folder)           # proofs of all entries in one checkpoint after that entry
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tarfile
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from habeas.evidence.core import bag
from habeas.evidence.core.commitments import commitment

Content = bag.Content

ENTRY_KIND = "bundle.made"
VERIFIER = Path(__file__).parent.parent / "verify"
_SLUG = re.compile(r"[a-z0-9]([a-z0-9.-]{0,60}[a-z0-9])?")
_BLOCK = 512  # of a tar file


class BundleIncomplete(ValueError):
    """What is to be bundled contradicts itself or lacks something: it would not verify."""


class PackageUnreadable(ValueError):
    """A package that does not open with these keys, or holds what a bundle never holds."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time-stamp. authority: its slug, as in ``Authority``; token: the TimeStampResp as it came, DER."""

    authority: str
    token: bytes


@dataclass(frozen=True, slots=True)
class Authority:
    """A time-stamp authority. slug: lower-case letters, digits, dots, dashes; pem: its root certificate(s)."""

    slug: str
    pem: bytes


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One item, in the order of the exhibit numbers.

    content:      the original, or None where only hash and place are held
    sha256 …:     of the original, lower-case hex
    salt:         32 bytes, what the commitment is salted with
    ledger_index: of the entry that sealed it
    details:      how it was acquired, JSON values
    """

    item: str
    name: str
    kind: str
    media_type: str
    size_bytes: int
    sha256: str
    sha512: str
    salt: bytes
    sealed_at: datetime
    ledger_index: int
    content: Content | None = None
    acquired_at: datetime | None = None
    stamps: Sequence[Stamp] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    before: str | None = None
    made_from: str | None = None


@dataclass(frozen=True, slots=True)
class CustodyStep:
    """One custody event, as ``models.CustodyEvent`` has it; ids as text, empty commitments as None."""

    kind: str
    by: str
    organisation: str
    role: str
    purpose: str
    basis: str
    at: datetime
    ledger_index: int
    item: str | None = None
    handover: str | None = None
    commitment_in: str | None = None
    commitment_out: str | None = None
    method: str = ""


@dataclass(frozen=True, slots=True)
class RedactedTwin:
    """A redacted twin under the id of its redaction: the JSON of ``twin``, with its time-stamps over the root."""

    id: str
    twin: Mapping[str, Any]
    stamps: Sequence[Stamp] = ()


@dataclass(frozen=True, slots=True)
class BundleContents:
    """Everything that is settled before the bundle itself is entered in the ledger.

    case:      opaque id; must be what the ledger entries say
    made_for:  "court", "authority", …
    origin:    of the log
    policy:    C2SP tlog-policy
    entries:   index to the exact bytes of the ledger entry: of every exhibit and custody event at least
    documents: path below ``data/`` to content: case.jsonld, completeness.json, statements/*.pdf, not-proved.txt
    """

    case: str
    reference: str
    made_at: datetime
    made_by: str
    made_for: str
    origin: str
    policy: str
    exhibits: Sequence[Exhibit]
    custody: Sequence[CustodyStep]
    entries: Mapping[int, bytes]
    authorities: Sequence[Authority] = ()
    redactions: Sequence[RedactedTwin] = ()
    documents: Mapping[str, Content] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LogProofs:
    """What the ledger says once the bundle is entered.

    index, entry: of the ``bundle.made`` entry and its exact bytes
    proofs:       index to the C2SP tlog-proof, for that entry and every one of the contents, all in one checkpoint
    """

    index: int
    entry: bytes
    proofs: Mapping[int, bytes]


def bundle_json(contents: BundleContents) -> bytes:
    """The bytes of ``bundle.json``: canonical JSON, so that its hash is a hash of what it says.

    Raises BundleIncomplete, BadPath.
    """
    _require_whole(contents)
    listed = {path: bag.digests_of(content).sha512 for path, content in _settled_files(contents).items()}
    return _canonical(
        {
            "version": 1,
            "case": contents.case,
            "reference": contents.reference,
            "made_at": _instant(contents.made_at),
            "made_by": contents.made_by,
            "for": contents.made_for,
            "timezone": "UTC",
            "origin": contents.origin,
            "exhibits": [_exhibit(number, exhibit) for number, exhibit in enumerate(contents.exhibits, 1)],
            "entries": sorted(contents.entries),
            "files": listed,
        }
    )


def custody_json(contents: BundleContents) -> bytes:
    """The bytes of ``custody.json``: the events, numbered, oldest first."""
    return _canonical([_custody(number, step) for number, step in enumerate(contents.custody, 1)])


def bundle_sha512(contents: BundleContents) -> str:
    """What the ledger entry ``bundle.made`` holds as ``bundle_sha512``, hex.

    It gives nothing away: ``bundle.json`` holds the salts of the exhibits.
    """
    return hashlib.sha512(bundle_json(contents)).hexdigest()


def write_bundle(contents: BundleContents, proofs: LogProofs, folder: Path) -> None:
    """Write the bundle as a folder; the same contents and proofs give the same bytes.

    folder: must not be there; appears only once it is whole
    Raises BundleIncomplete, BadPath, ContentDiffers, FileExistsError, OSError.
    """
    described = bundle_json(contents)
    _require_entered(contents, proofs, described)
    payload: dict[str, Content] = {"bundle.json": described, **_settled_files(contents)}
    payload["ledger/bundle-entry.json"] = _canonical({"index": proofs.index})
    for index, entry in {**contents.entries, proofs.index: proofs.entry}.items():
        payload[f"ledger/entries/{index}.json"] = entry
        payload[f"ledger/proofs/{index}.tlog-proof"] = proofs.proofs[index]
    expected = {}
    for number, exhibit in enumerate(contents.exhibits, 1):
        if exhibit.content is not None:
            path = exhibit_file(number, exhibit)
            payload[path] = exhibit.content
            # What is read must be what was sealed: a bundle with anything else only embarrasses whoever files it.
            expected[path] = bag.Digests(exhibit.size_bytes, exhibit.sha256, exhibit.sha512)
    info = [
        ("Source-Organization", contents.made_by),
        ("External-Identifier", contents.reference),
        ("Bag-Software-Agent", "Habeas"),
    ]
    bagged_on = contents.made_at.astimezone(UTC).date()
    bag.write_bag(folder, payload, info, bagged_on=bagged_on, expected=expected)


def exhibit_file(number: int, exhibit: Exhibit) -> str:
    """Where an exhibit lies below ``data/``: its number and as much of its name as every system takes."""
    name = unicodedata.normalize("NFKD", exhibit.name).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-")
    stem, dot, ending = name.rpartition(".")
    kept = f"{stem[:60]}.{ending[:12]}" if dot else name[:60]
    return f"exhibits/{number:03d}-{kept or 'item'}"


def encrypt_to(folder: Path, recipients: Sequence[str], out: Path) -> None:
    """Pack a bundle as one tar file, encrypted to age recipients (``age1…``), in constant memory.

    Raises PackageUnreadable for a recipient that is no age key, FileExistsError, OSError.
    """
    import pyrage

    if not recipients:
        raise PackageUnreadable("a bundle is encrypted to somebody: name at least one age recipient")
    try:
        keys = [pyrage.x25519.Recipient.from_str(recipient) for recipient in recipients]
    except pyrage.RecipientError:
        raise PackageUnreadable("a recipient is no age key; it must begin with age1 and be copied whole") from None
    unfinished = out.with_name(out.name + ".unfinished")
    if out.exists():
        raise FileExistsError(f"{out.name} is there already")
    try:
        with unfinished.open("wb") as sink:
            pyrage.encrypt_io(_Pulled(tar_pieces(folder)), sink, keys)
        unfinished.rename(out)
    finally:
        unfinished.unlink(missing_ok=True)


def decrypt_with(package: Path, identities: Sequence[str], folder: Path) -> None:
    """Open a package into a folder that must not be there. identities: ``AGE-SECRET-KEY-1…``.

    Raises PackageUnreadable, FileExistsError, OSError.
    """
    import pyrage

    if folder.exists():
        raise FileExistsError(f"{folder.name} is there already")
    try:
        keys = [pyrage.x25519.Identity.from_str(identity) for identity in identities]
    except pyrage.IdentityError:
        raise PackageUnreadable("an identity is no age key; it begins with AGE-SECRET-KEY-1") from None
    unfinished = folder.with_name(folder.name + ".unfinished")
    # Nothing is unpacked before the whole package proved to be what was encrypted.
    with tempfile.TemporaryFile(dir=folder.parent) as plain:
        try:
            with package.open("rb") as source:
                pyrage.decrypt_io(source, plain, keys)
        except (pyrage.DecryptError, OSError) as trouble:
            # A changed block and a full disk both come as OSError from age: its own words say which.
            said = f"{package.name} does not open with these keys, or was changed ({trouble})"
            raise PackageUnreadable(said) from trouble
        plain.seek(0)
        try:
            _unpack(plain, unfinished)
            unfinished.rename(folder)
        except tarfile.TarError:
            raise PackageUnreadable(f"{package.name} holds no tar file") from None
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def tar_pieces(folder: Path) -> Iterator[bytes]:
    """The folder as a tar file, piece by piece: plain files in the order of their names, all with the same date.

    Dates and owners of the machine that packed it are nobody's business, and would make every package differ.
    """
    octets = 0
    for file in sorted((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.as_posix()):
        head = tarfile.TarInfo(f"{folder.name}/{file.relative_to(folder).as_posix()}")
        head.size, head.mode = file.stat().st_size, 0o644
        piece = head.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")
        octets += len(piece)
        yield piece
        given = 0
        for piece in bag.pieces_of(file):
            given += len(piece)
            yield piece
        if given != head.size:
            raise BundleIncomplete(f"{file.name} changed while it was packed")
        padding = -given % _BLOCK
        octets += given + padding
        yield bytes(padding)
    # Two empty blocks end a tar file, which is filled up to whole records.
    yield bytes(2 * _BLOCK + -(octets + 2 * _BLOCK) % tarfile.RECORDSIZE)


class _Pulled:
    """A reader over pieces: what encrypts asks for bytes, and they are made as they are asked for."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            return bytes(self._rest) + b"".join(self._pieces)
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = memoryview(piece)
        given, self._rest = self._rest[:size], self._rest[size:]
        return bytes(given)


def _unpack(source: IO[bytes], folder: Path) -> None:
    """Plain files below one folder, by names a bag would take; nothing else is written."""
    with tarfile.open(fileobj=source, mode="r:") as archive:
        for member in archive:
            top, slash, path = member.name.partition("/")
            try:
                path = bag.path_in_bag(path)
            except bag.BadPath:
                raise PackageUnreadable("the package holds a file whose name leads elsewhere") from None
            content = archive.extractfile(member) if member.isreg() else None
            if content is None or not slash or top in {"", ".", ".."}:
                raise PackageUnreadable("the package holds what is no plain file of a bundle")
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as out:
                shutil.copyfileobj(content, out, bag.BLOCK_BYTES)


def _settled_files(contents: BundleContents) -> dict[str, Content]:
    """What ``bundle.json`` names by hash: all but itself, exhibits, entries and proofs, which are held otherwise."""
    files: dict[str, Content] = {**contents.documents}
    files["custody.json"] = custody_json(contents)
    files["ledger/policy.txt"] = contents.policy.encode()
    for authority in contents.authorities:
        files[f"timestamps/{authority.slug}.pem"] = authority.pem
    for exhibit in contents.exhibits:
        for stamp in exhibit.stamps:
            files[_stamp_file("timestamps", exhibit.item, stamp)] = stamp.token
    for redaction in contents.redactions:
        files[f"redactions/{redaction.id}.json"] = _canonical(redaction.twin)
        for stamp in redaction.stamps:
            files[_stamp_file("redactions", redaction.id, stamp)] = stamp.token
    for name in ("habeas_verify.py", "README.txt"):
        files[f"verify/{name}"] = (VERIFIER / name).read_bytes()
    return files


def _stamp_file(folder: str, subject: str, stamp: Stamp) -> str:
    return f"{folder}/{subject}-{stamp.authority}.tsr"


def _exhibit(number: int, exhibit: Exhibit) -> dict[str, Any]:
    return {
        "number": number,
        "item": exhibit.item,
        "file": exhibit_file(number, exhibit) if exhibit.content is not None else None,
        "name": exhibit.name,
        "kind": exhibit.kind,
        "media_type": exhibit.media_type,
        "size_bytes": exhibit.size_bytes,
        "sha256": exhibit.sha256,
        "sha512": exhibit.sha512,
        "salt": exhibit.salt.hex(),
        "commitment": commitment(exhibit.salt, bytes.fromhex(exhibit.sha512)).hex(),
        "acquired_at": _instant(exhibit.acquired_at) if exhibit.acquired_at else None,
        "sealed_at": _instant(exhibit.sealed_at),
        "ledger_index": exhibit.ledger_index,
        "stamps": sorted(_stamp_file("timestamps", exhibit.item, stamp) for stamp in exhibit.stamps),
        "details": dict(exhibit.details),
        "before": exhibit.before,
        "made_from": exhibit.made_from,
    }


def _custody(number: int, step: CustodyStep) -> dict[str, Any]:
    return {
        "number": number,
        "kind": step.kind,
        "item": step.item,
        "by": step.by,
        "organisation": step.organisation,
        "role": step.role,
        "purpose": step.purpose,
        "basis": step.basis,
        "at": _instant(step.at),
        "commitment_in": step.commitment_in or None,
        "commitment_out": step.commitment_out or None,
        "method": step.method,
        "ledger_index": step.ledger_index,
        "handover": step.handover,
    }


def _require_whole(contents: BundleContents) -> None:
    slugs = {authority.slug for authority in contents.authorities}
    for slug in slugs:
        if not _SLUG.fullmatch(slug):
            raise BundleIncomplete(f"{slug[:60]!r} is no slug: use lower-case letters, digits, dots and dashes")
    stamps = [stamp for exhibit in contents.exhibits for stamp in exhibit.stamps]
    stamps += [stamp for redaction in contents.redactions for stamp in redaction.stamps]
    unknown = {stamp.authority for stamp in stamps} - slugs
    if unknown:
        raise BundleIncomplete(f"stamps of {', '.join(sorted(unknown))}, but no root certificate of theirs")
    for what, indices in (
        ("exhibit", [exhibit.ledger_index for exhibit in contents.exhibits]),
        ("custody event", [step.ledger_index for step in contents.custody]),
    ):
        for number, index in enumerate(indices, 1):
            if index not in contents.entries:
                raise BundleIncomplete(f"{what} {number}: ledger entry {index} is not among the entries")
    for value in (contents.made_by, contents.reference):
        if value != value.strip() or not value.isprintable():
            raise BundleIncomplete("who made the bundle and its reference stand on one line each, without line ends")
    reserved = ("exhibits/", "ledger/", "timestamps/", "redactions/", "verify/")
    for path in contents.documents:
        if path.startswith(reserved) or path in {"bundle.json", "custody.json"}:
            raise BundleIncomplete(f"{path[:80]!r} is a place the bundle fills itself")


def _require_entered(contents: BundleContents, proofs: LogProofs, described: bytes) -> None:
    if proofs.index in contents.entries:
        raise BundleIncomplete(f"ledger entry {proofs.index} is one of the contents; the bundle's own comes after them")
    said = json.loads(proofs.entry)
    expected = {"index": proofs.index, "kind": ENTRY_KIND, "case": contents.case}
    expected["bundle_sha512"] = hashlib.sha512(described).hexdigest()
    for name, value in expected.items():
        if said.get(name) != value:
            raise BundleIncomplete(f"ledger entry {proofs.index} does not enter this bundle: its {name} is another")
    for index in (*contents.entries, proofs.index):
        if index not in proofs.proofs:
            raise BundleIncomplete(f"ledger entry {index} has no proof")


def _canonical(value: Any) -> bytes:
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return text.encode()
    except ValueError as trouble:
        raise BundleIncomplete(
            "a value cannot be written as JSON in UTF-8 (a number, or half a character)"
        ) from trouble


def _instant(at: datetime) -> str:
    if at.tzinfo is None:
        raise BundleIncomplete("a time in a bundle needs a time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")

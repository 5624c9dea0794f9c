"""Whole bundles: a real log with signers and witnesses, real time-stamps by OpenSSL, a real redacted twin.

The log here is written for tests, on its own: what checks a bundle is not checked against what it was made with.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import random
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from habeas.evidence.core.bundle import (
    Authority,
    BundleContents,
    CustodyStep,
    Exhibit,
    LogProofs,
    RedactedTwin,
    Stamp,
    bundle_sha512,
)
from habeas.evidence.core.commitments import commitment

CASE = "5d3f0c1e-8a55-4c0e-9a64-0c5f4d7a1b20"
ORIGIN = "log.example.org/habeas"
NOW = datetime.now(UTC).replace(microsecond=0)
# The authorities' clock is the machine's: their stamps come after the sealing and before the bundle.
SEALED = NOW - timedelta(minutes=1)
MADE = NOW + timedelta(hours=12)


# ------------------------------------------------------------------------------------------------------------- the log


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it is written there."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + tree_root(leaves[:split]) + tree_root(leaves[split:])).digest()


def tree_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 6962, section 2.1.1, as it is written there."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return [*tree_path(index, leaves[:split]), tree_root(leaves[split:])]
    return [*tree_path(index - split, leaves[split:]), tree_root(leaves[:split])]


@dataclass(frozen=True, slots=True)
class Signer:
    """A key of the log or of a witness. kind: 1 or 4 for Ed25519, 6 for ML-DSA-44."""

    name: str
    kind: int
    key: Any

    @property
    def vkey(self) -> str:
        blob = bytes([self.kind]) + self.key.public_key().public_bytes_raw()
        return f"{self.name}+{self._id(blob).hex()}+{base64.b64encode(blob).decode()}"

    def line(self, body: str, at: int) -> str:
        """The signature line under a checkpoint. Source: C2SP signed-note and tlog-cosignature."""
        stamped = at.to_bytes(8, "big")
        if self.kind == 1:
            signature = self.key.sign(body.encode())
        elif self.kind == 4:
            signature = stamped + self.key.sign(f"cosignature/v1\ntime {at}\n{body}".encode())
        else:
            origin, size, root = body.splitlines()
            message = b"subtree/v1\n\x00" + _short(self.name) + stamped + _short(origin) + bytes(8)
            message += int(size).to_bytes(8, "big") + base64.b64decode(root)
            signature = stamped + self.key.sign(message)
        key_id = self._id(bytes([self.kind]) + self.key.public_key().public_bytes_raw())
        return f"\u2014 {self.name} {base64.b64encode(key_id + signature).decode()}\n"

    def _id(self, blob: bytes) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + blob).digest()[:4]


def _short(text: str) -> bytes:
    return bytes([len(text.encode())]) + text.encode()


def ed25519(name: str, kind: int) -> Signer:
    return Signer(name, kind, Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest()))


def ml_dsa(name: str) -> Signer:
    return Signer(name, 6, MLDSA44PrivateKey.from_seed_bytes(hashlib.sha256(name.encode()).digest()))


@dataclass(slots=True)
class Log:
    """An append-only log in memory, with its signers and witnesses."""

    signers: list[Signer]
    witnesses: dict[str, Signer]
    quorum: str = "group seen 2 {names}\nquorum seen\n"
    entries: list[bytes] = field(default_factory=list)
    cosigned_at: datetime = MADE + timedelta(seconds=5)

    @property
    def policy(self) -> str:
        lines = [f"log {signer.vkey}" for signer in self.signers]
        lines += [f"witness {name} {signer.vkey}" for name, signer in self.witnesses.items()]
        return "\n".join(lines) + "\n" + self.quorum.format(names=" ".join(self.witnesses))

    def append(self, kind: str, *, at: datetime, by: str = "7", case: str = CASE, **ids: Any) -> int:
        said = {"index": len(self.entries), "kind": kind, "by": by, "at": written(at), "case": case, **ids}
        self.entries.append(canonical(said))
        return len(self.entries) - 1

    def checkpoint(self) -> str:
        root = tree_root([leaf_hash(entry) for entry in self.entries])
        body = f"{ORIGIN}\n{len(self.entries)}\n{base64.b64encode(root).decode()}\n"
        signed = [*self.signers, *self.witnesses.values()]
        return body + "\n" + "".join(signer.line(body, int(self.cosigned_at.timestamp())) for signer in signed)

    def proof(self, index: int, checkpoint: str) -> bytes:
        path = tree_path(index, [leaf_hash(entry) for entry in self.entries])
        lines = "".join(base64.b64encode(node).decode() + "\n" for node in path)
        return f"c2sp.org/tlog-proof@v1\nindex {index}\n{lines}\n{checkpoint}".encode()


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def a_log(entries_before: int = 5) -> Log:
    """A log with an Ed25519 and an ML-DSA-44 key, three witnesses of both kinds, and entries of other cases."""
    log = Log(
        signers=[ed25519(ORIGIN, 1), ml_dsa(ORIGIN)],
        witnesses={
            "prosecutor": ed25519("witness.example.org/prosecutor", 4),
            "regulator": ml_dsa("witness.example.com/regulator"),
            "helpline": ed25519("witness.example.net/helpline", 4),
        },
    )
    for number in range(entries_before):
        log.append("case.opened", at=SEALED - timedelta(hours=1), case=f"another-{number}")
    return log


# -------------------------------------------------------------------------------------------------------- time-stamps


class StampAuthority:
    """A time-stamp authority run by OpenSSL: root, optionally an authority between, and the certificate that signs."""

    def __init__(self, slug: str, *, between: bool, send_chain: bool, usage: str = "time_stamping") -> None:
        self.slug = slug
        self._kept = tempfile.TemporaryDirectory(prefix="habeas-tsa-")  # goes with the authority
        self._folder = Path(self._kept.name)
        root_key: Any = rsa.generate_private_key(65537, 2048)
        root = _certificate(f"{slug} root", root_key, None, root_key, ca=True)
        issuer, issuer_key, chain = root, root_key, [root]
        if between:
            issuer_key = ec.generate_private_key(ec.SECP256R1())
            issuer = _certificate(f"{slug} between", issuer_key, root, root_key, ca=True)
            chain = [issuer, root]
        key = rsa.generate_private_key(65537, 2048) if between else ec.generate_private_key(ec.SECP256R1())
        signer = _certificate(f"{slug} stamps", key, issuer, issuer_key, ca=False, usage=usage)
        self.pem = _pem(root)
        self.extra_pem = b"".join(_pem(it) for it in chain)
        (self._folder / "signer.pem").write_bytes(_pem(signer))
        (self._folder / "chain.pem").write_bytes(self.extra_pem)
        (self._folder / "serial").write_text("01")
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (self._folder / "key.pem").write_bytes(private)
        certs = f"certs = {self._folder}/chain.pem\n" if send_chain else ""
        (self._folder / "tsa.cnf").write_text(
            f"[tsa]\ndefault_tsa = own\n[own]\nserial = {self._folder}/serial\n{certs}"
            f"signer_cert = {self._folder}/signer.pem\nsigner_key = {self._folder}/key.pem\n"
            "signer_digest = sha256\ndefault_policy = 1.2.3.4.1\n"
            "digests = sha256, sha512\naccuracy = secs:1\ness_cert_id_alg = sha256\n"
        )

    def stamp(self, message: bytes, *, digest: str = "sha512") -> bytes:
        """A TimeStampResp over the digest of a message, DER, with the certificate of the signer."""
        place = self._folder
        (place / "message").write_bytes(message)
        _openssl("ts", "-query", "-data", place / "message", f"-{digest}", "-cert", "-out", place / "query")
        _openssl("ts", "-reply", "-queryfile", place / "query", "-config", place / "tsa.cnf", "-out", place / "reply")
        return (place / "reply").read_bytes()


def _openssl(*words: object) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


def _certificate(name: str, key: Any, issuer: Any, issuer_key: Any, *, ca: bool, usage: str = "") -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.subject if issuer else subject)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=365))
    builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    if usage:
        purposes = [x509.ObjectIdentifier({"time_stamping": "1.3.6.1.5.5.7.3.8", "code": "1.3.6.1.5.5.7.3.3"}[usage])]
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


@cache
def authorities() -> tuple[StampAuthority, StampAuthority]:
    """Two authorities, as different as they come: a chain of three with all certificates sent, and a plain pair."""
    return (
        StampAuthority("tsa.example.org", between=True, send_chain=True),
        StampAuthority("tsa.example.com", between=False, send_chain=False),
    )


@cache
def stamped(authority: int, message: bytes) -> bytes:
    return authorities()[authority].stamp(message)


# --------------------------------------------------------------------------------------------------------- the content


def a_capture(seed: int = 1, *, changed: bytes | None = None) -> bytes:
    """A WACZ file of the shape of version 1.1.1, with a digest file. changed: put in the place of its archive."""
    parts = {
        "archive/data.warc.gz": random.Random(seed).randbytes(3000),  # noqa: S311 (content, no secret)
        "pages/pages.jsonl": b'{"format":"json-pages-1.0","id":"pages"}\n{"url":"https://forum.example.org/t/1"}\n',
    }
    package = {
        "profile": "data-package",
        "wacz_version": "1.1.1",
        "resources": [
            {"path": path, "hash": f"sha256:{hashlib.sha256(part).hexdigest()}", "bytes": len(part)}
            for path, part in parts.items()
        ],
    }
    listed = canonical(package)
    parts["datapackage.json"] = listed
    digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(listed).hexdigest()}"}
    parts["datapackage-digest.json"] = canonical(digest)
    if changed is not None:
        parts["archive/data.warc.gz"] = changed
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        for path, part in parts.items():
            out.writestr(zipfile.ZipInfo(path, (2026, 3, 7, 9, 0, 0)), part, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def a_twin(item: str, lines: Sequence[bytes], hidden: Sequence[int], seed: int = 5) -> tuple[dict[str, Any], bytes]:
    """A redacted twin by lines, and its 32-byte root."""
    salts = random.Random(seed)  # noqa: S311 (tests must give the same bytes again)
    leaves: list[dict[str, Any]] = []
    nodes = []
    for index, line in enumerate(lines):
        salt = salts.randbytes(16)
        nodes.append(leaf_hash(salt + line))
        if index in hidden:
            leaves.append({"index": index, "hash": nodes[-1].hex()})
        else:
            leaves.append({"index": index, "salt": salt.hex(), "value": base64.b64encode(line).decode()})
    root = tree_root(nodes)
    twin = {"version": 1, "item": item, "unit": "line", "root": root.hex(), "count": len(lines), "leaves": leaves}
    return twin, root


@dataclass(slots=True)
class House:
    """An organisation that seals items and makes bundles of them. Change what it says to see it found out."""

    log: Log = field(default_factory=a_log)
    acquired_at: datetime | None = SEALED - timedelta(minutes=5)
    sealed_at: datetime = SEALED
    made_at: datetime = MADE
    stamped_by: Sequence[int] = (0, 1)
    exhibits: list[Exhibit] = field(default_factory=list)
    custody: list[CustodyStep] = field(default_factory=list)
    redactions: list[RedactedTwin] = field(default_factory=list)

    def seal(
        self, content: bytes, name: str, kind: str = "file", media_type: str = "text/plain", *, hold: bool = True
    ) -> Exhibit:
        number = len(self.exhibits) + 1
        item = f"00000000-0000-4000-8000-{number:012d}"
        salt = hashlib.sha256(f"salt of {item}".encode()).digest()
        sha512 = hashlib.sha512(content)
        bound = commitment(salt, sha512.digest())
        event = "capture" if kind == "page" else "ingest"
        step = self.step(
            event, self.sealed_at, entry="item.sealed", item=item, commitment_out=bound.hex(),
            commitment=bound.hex(), size_bytes=len(content),
        )  # fmt: skip
        stamps = [Stamp(authorities()[place].slug, stamped(place, bound)) for place in self.stamped_by]
        exhibit = Exhibit(
            item=item,
            name=name,
            kind=kind,
            media_type=media_type,
            size_bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            sha512=sha512.hexdigest(),
            salt=salt,
            sealed_at=self.sealed_at,
            ledger_index=step.ledger_index,
            content=content if hold else None,
            acquired_at=self.acquired_at if kind == "page" else None,
            stamps=stamps,
            details={"tool": "Chromium", "clock_offset_seconds": 0.1 + 0.2, "drift": 1e-05} if kind == "page" else {},
        )
        self.exhibits.append(exhibit)
        return exhibit

    def step(self, kind: str, at: datetime, *, entry: str = "", method: str = "", **ids: Any) -> CustodyStep:
        said = {"custody": kind, "role": "caseworker", "purpose": "court", "basis": "legal_claim"}
        index = self.log.append(entry or f"custody.{kind}", at=at, **said, **ids)
        known = {key: ids.get(key) for key in ("item", "handover", "commitment_in", "commitment_out")}
        step = CustodyStep(
            kind, "7", "Helpline of Examplia", said["role"], said["purpose"], said["basis"], at, index,
            method=method, **known,
        )  # fmt: skip
        self.custody.append(step)
        return step

    def redact(self, exhibit: Exhibit, lines: Sequence[bytes], hidden: Sequence[int]) -> None:
        twin, root = a_twin(exhibit.item, lines, hidden)
        stamp = Stamp(authorities()[0].slug, stamped(0, root))
        self.redactions.append(RedactedTwin("10000000-0000-4000-8000-000000000001", twin, [stamp]))

    def contents(self) -> BundleContents:
        return BundleContents(
            case=CASE,
            reference="EX-2026-0042",
            made_at=self.made_at,
            made_by="Helpline of Examplia",
            made_for="court",
            origin=ORIGIN,
            policy=self.log.policy,
            exhibits=self.exhibits,
            custody=self.custody,
            entries={step.ledger_index: self.log.entries[step.ledger_index] for step in self.custody},
            authorities=[Authority(it.slug, it.pem) for it in authorities()],
            redactions=self.redactions,
            documents={
                "case.jsonld": b'{"@context":{},"@graph":[]}',
                "completeness.json": b'{"gaps":[]}',
                "statements/process.pdf": b"%PDF-1.7\nprocess of the sealing, for tests\n%%EOF\n",
                "not-proved.txt": b"That the content is true.\n",
            },
        )

    def enter(self, contents: BundleContents) -> LogProofs:
        """Enter a bundle in the log, let some others follow, and prove every entry in one checkpoint."""
        index = self.log.append("bundle.made", at=self.made_at, bundle_sha512=bundle_sha512(contents))
        self.log.append("case.read", at=self.made_at, case="another")
        checkpoint = self.log.checkpoint()
        proofs = {it: self.log.proof(it, checkpoint) for it in (*contents.entries, index)}
        return LogProofs(index, self.log.entries[index], proofs)


LINES = (b"He lives at a blue house\n", b"Call +1-555-0142 at night\n", b"You know what to do\n")


def a_house(**changes: Any) -> House:
    """A house with a captured page, a note with a redacted twin, a picture nobody may hold, and some custody."""
    house = House(**changes)
    house.seal(a_capture(), "forum.example.org.wacz", "page", "application/wacz")
    note = house.seal(b"".join(LINES), "note «threat» 100%.txt")
    house.seal(b"pixels nobody may hold" * 9, "picture.png", "file", "image/png", hold=False)
    bound = commitment(note.salt, bytes.fromhex(note.sha512)).hex()
    house.step("read", house.sealed_at + timedelta(seconds=5), item=note.item, commitment_in=bound)
    house.step("offered", house.sealed_at + timedelta(seconds=9), handover="20000000-0000-4000-8000-000000000001")
    house.redact(note, LINES, hidden=[1])
    return house


def a_bundle(**changes: Any) -> tuple[BundleContents, LogProofs]:
    house = a_house(**changes)
    contents = house.contents()
    return contents, house.enter(contents)


__all__ = ["House", "Log", "StampAuthority", "a_bundle", "a_house", "a_log", "authorities", "replace"]

"""The signed list of the law: what every file of the packs must be, who vouches for it, and until when.

``manifest.json`` stands in the folder of the packs and names every file in it with its SHA-256, and the vocabulary.
``manifest.sig`` beside it holds the Ed25519 signature over exactly the bytes of the list, in base64. The signature is
checked first: nothing that was not signed is read any further. A file that is changed, missing or not in the list
refuses all of the law: an invented rule on one screen costs more than a morning without any.

Keys are PEM files. The private one signs and stays where the law is kept; the public one goes to every house.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
# Signed together with the list, so that a signature made for something else with the same key proves nothing here.
_PURPOSE = b"habeas law manifest 1\n"
_FORMAT = 1
_MOST_NAMED = 5


class UnverifiedLaw(Exception):
    """The packs are not what somebody signed. The message says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was signed.

    version: grows with every signing, so that an old list cannot pass for a new one
    issued, expires: days; it holds on both
    facts:   SHA-256 of the vocabulary, in hexadecimal
    files:   path below the folder of the packs, with / -> SHA-256, in hexadecimal
    """

    version: int
    issued: date
    expires: date
    facts: str
    files: Mapping[str, str]

    def to_bytes(self) -> bytes:
        """Canonical JSON: sorted keys, no blanks, UTF-8."""
        content = {
            "format": _FORMAT,
            **asdict(self),
            "issued": self.issued.isoformat(),
            "expires": self.expires.isoformat(),
        }
        return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def build(root: Path, facts: Path, *, version: int, issued: date, expires: date) -> Manifest:
    """The list of what lies in a folder of packs now. Raises UnverifiedLaw where it holds links, ValueError on days."""
    if expires < issued:
        raise ValueError(f"it would expire on {expires}, before it is issued on {issued}")
    return Manifest(version, issued, expires, _digest(facts), digests(root))


def digests(root: Path) -> dict[str, str]:
    """Every file below a folder of packs, save the list and its signature: path -> SHA-256 in hexadecimal.

    Raises UnverifiedLaw where there is a link: what it leads to lies outside and could change unseen.
    """
    found = {}
    for folder, folders, files in os.walk(root):
        for name in sorted((*folders, *files)):
            path = Path(folder) / name
            if path.is_symlink():
                shown = path.relative_to(root).as_posix()
                raise UnverifiedLaw(f"{shown} in {root} is a link; put the file itself there, then sign again")
            if path.is_file() and not (path.parent == root and name in {MANIFEST, SIGNATURE}):
                found[path.relative_to(root).as_posix()] = _digest(path)
    return dict(sorted(found.items()))


def sign(manifest: Manifest, private_key: bytes) -> bytes:
    """The signature over a list, in base64. Raises ValueError where the key is no Ed25519 private key in PEM."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(private_key, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("the key is not an Ed25519 private key in PEM; make one with `habeas law new-key`")
    return base64.b64encode(key.sign(_PURPOSE + manifest.to_bytes())) + b"\n"


def key_pair(private_bytes: bytes) -> tuple[bytes, bytes]:
    """A private and a public key as PEM. private_bytes: 32 random bytes."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    key = Ed25519PrivateKey.from_private_bytes(private_bytes)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def verify_packs(
    root: Path, public_key: bytes, today: date, at_least_version: int = 0, *, facts: Path | None = None
) -> Manifest:
    """The list by which a folder of packs is verified. Raises UnverifiedLaw where anything at all does not hold.

    public_key:       PEM
    at_least_version: the newest version seen here before; an older list is refused, however well it is signed
    facts:            the vocabulary that belongs to the packs (default: as ``examples.vocabulary_of`` finds it)
    """
    from habeas.law.core.examples import vocabulary_of

    content, signature = _read(root, MANIFEST), _read(root, SIGNATURE)
    _check_signature(content, signature, public_key)
    manifest = read_manifest(content)
    if manifest.version < at_least_version:
        raise UnverifiedLaw(
            f"the law is version {manifest.version}, and version {at_least_version} was seen here before; "
            "install the newest packs"
        )
    if today > manifest.expires:
        raise UnverifiedLaw(f"the signed list of the law expired on {manifest.expires}; install a newer one")
    if today < manifest.issued:
        raise UnverifiedLaw(
            f"the signed list of the law is of {manifest.issued}, which is still to come; mend the clock"
        )
    vocabulary = facts or vocabulary_of(root)
    if _digest(vocabulary) != manifest.facts:
        raise UnverifiedLaw(f"{vocabulary.name} is not the vocabulary that was signed; {_REPAIR}")
    _check_files(manifest.files, digests(root))
    return manifest


def read_manifest(content: bytes) -> Manifest:
    """A list from its bytes. Raises UnverifiedLaw; says nothing about who signed it."""
    try:
        said = json.loads(content)
        if said["format"] != _FORMAT:
            raise UnverifiedLaw(
                f"{MANIFEST} is of format {said['format']!r}, and this Habeas reads {_FORMAT}; upgrade it"
            )
        version, files = said["version"], said["files"]
        if not isinstance(version, int) or isinstance(version, bool) or not isinstance(files, dict):
            raise TypeError
        return Manifest(
            version, date.fromisoformat(said["issued"]), date.fromisoformat(said["expires"]), said["facts"], files
        )
    except (ValueError, KeyError, TypeError):
        raise UnverifiedLaw(f"{MANIFEST} is not a list of the law; sign again with `habeas law sign`") from None


_REPAIR = "install the packs again, or sign what you changed with `habeas law sign`"


def _check_signature(content: bytes, signature: bytes, public_key: bytes) -> None:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(public_key)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise UnverifiedLaw("the public key is not an Ed25519 key in PEM; use the .pub file of `habeas law new-key`")
    try:
        raw = base64.b64decode(signature.strip(), validate=True)
        if base64.b64encode(raw) + b"\n" != signature:  # base64 can be written in several ways; only ours is taken
            raise InvalidSignature
        key.verify(raw, _PURPOSE + content)
    except (InvalidSignature, binascii.Error, ValueError):
        raise UnverifiedLaw(
            f"the signature of {MANIFEST} is not that of this key: the list was altered or another key signed it; "
            f"{_REPAIR}"
        ) from None


def _check_files(signed: Mapping[str, str], found: Mapping[str, str]) -> None:
    changed = [name for name, digest in signed.items() if name in found and found[name] != digest]
    missing = [name for name in signed if name not in found]
    extra = [name for name in found if name not in signed]
    faults = [
        f"{words} {_some(names)}"
        for words, names in (("changed since:", changed), ("missing:", missing), ("not signed:", extra))
        if names
    ]
    if faults:
        raise UnverifiedLaw(f"the packs are not those that were signed ({'; '.join(faults)}); {_REPAIR}")


def _some(names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _read(root: Path, name: str) -> bytes:
    try:
        return (root / name).read_bytes()
    except OSError:
        raise UnverifiedLaw(
            f"{root} has no {name}, so nobody vouches for its law; sign it with `habeas law sign`"
        ) from None


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise UnverifiedLaw(f"{path.name} cannot be read: {error.strerror or error}; {_REPAIR}") from None

"""Signed notes: a text with signature lines under it, and the keys that sign and check them.

A verifier key is written ``name+id+base64``: the name of who signs, four bytes of a hash as hex, and the kind of
signature with the public key. Three kinds are known here: Ed25519 over the text itself; Ed25519 as a cosignature, with
the time; and ML-DSA-44 as a cosignature, which stands where quantum computers break the other two. What a cosignature
covers is a checkpoint: see ``checkpoints.py``.
Source: C2SP signed-note; C2SP tlog-cosignature.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

ED25519: Final = 0x01
ED25519_COSIGNATURE: Final = 0x04
ML_DSA_44: Final = 0x06
# Each kind: its name in key files, and the bytes of a public key and of a signature without its time.
KINDS: Final = {ED25519: "ed25519", ED25519_COSIGNATURE: "ed25519-cosignature", ML_DSA_44: "ml-dsa-44"}
PUBLIC_BYTES: Final = {ED25519: 32, ED25519_COSIGNATURE: 32, ML_DSA_44: 1312}
SIGNATURE_BYTES: Final = {ED25519: 64, ED25519_COSIGNATURE: 64, ML_DSA_44: 2420}
SEED_BYTES: Final = 32
KEY_ID_BYTES: Final = 4

# Two lines of an ML-DSA and an Ed25519 key for each of 64 who sign.
MOST_SIGNATURES: Final = 128
MOST_BYTES: Final = 1 << 19
_DASH = "\u2014 "
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
_ID = re.compile("[0-9a-f]{8}")
_MOST_NAME_BYTES = 255  # what ML-DSA-44 cosignatures can say


class NotANote(ValueError):
    """Not a signed note. The message says what is wrong and shows nothing of the text."""


class NotAKey(ValueError):
    """Not a verifier key or signing key of a kind that is known here. The message never shows a secret."""


class SignatureFails(ValueError):
    """A signature line does not fit the text and the key it names."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line. ``key_id``: 4 bytes; ``payload``: whatever the kind of key makes of it."""

    name: str
    key_id: bytes
    payload: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {encode(self.key_id + self.payload)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text, which ends with its last line's end, and the signature lines in their order."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name it signs under and the kind of its signatures."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """4 bytes: enough to find the key a line is by, not to prove anything."""
        material = _name_bytes(self.name) + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(material).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encode(bytes([self.kind]) + self.public)}"

    def made(self, signature: Signature) -> bool:
        """Whether a line says that it is by this key. It is only once ``check_bytes`` holds too."""
        return signature.name == self.name and signature.key_id == self.id

    def check_bytes(self, signature: bytes, message: bytes) -> None:
        """signature: 64 or 2,420 bytes, without a time. Raises SignatureFails."""
        try:
            if self.kind == ML_DSA_44:
                MLDSA44PublicKey.from_public_bytes(self.public).verify(signature, message)
            else:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            raise SignatureFails(
                f"the {KINDS[self.kind]} signature of {self.name} does not fit what was signed"
            ) from None


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """A secret: a seed of 32 bytes. It shows itself nowhere."""

    name: str
    kind: int
    seed: bytes

    def __repr__(self) -> str:
        return f"SigningKey({self.name!r}, {KINDS.get(self.kind, self.kind)!r})"

    @property
    def verifier(self) -> VerifierKey:
        if self.kind == ML_DSA_44:
            public = MLDSA44PrivateKey.from_seed_bytes(self.seed).public_key().public_bytes_raw()
        else:
            public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return VerifierKey(self.name, self.kind, public)

    def sign_bytes(self, message: bytes) -> bytes:
        """64 or 2,420 bytes."""
        if self.kind == ML_DSA_44:
            return MLDSA44PrivateKey.from_seed_bytes(self.seed).sign(message)
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)


def parse(content: bytes | str) -> Note:
    """A signed note as it came. Nothing in it may be believed before a signature has been checked.

    Raises NotANote for anything that is not exactly of the form: UTF-8, no control characters, a text, an empty line
    and 1 to 128 signature lines, each base64 in its one form.
    """
    text = _decoded(content)
    body, blank, under = text.rpartition("\n\n")
    if not blank:
        raise NotANote("there is no empty line between a text and its signatures")
    return Note(body + "\n", parse_signatures(under))


def parse_signatures(lines: str) -> tuple[Signature, ...]:
    """Signature lines, one under the other, each with its line end. Raises NotANote."""
    if not lines.endswith("\n"):
        raise NotANote("the last signature line does not end")
    found = lines[:-1].split("\n")
    if len(found) > MOST_SIGNATURES:
        raise NotANote(f"there are {len(found)} signatures; no more than {MOST_SIGNATURES} are read")
    return tuple(map(_signature, found))


def parse_key(text: str) -> VerifierKey:
    """A verifier key ``name+id+base64``. Raises NotAKey."""
    name, plus, rest = text.partition("+")
    said_id, second, blob = rest.partition("+")
    if not plus or not second:
        raise NotAKey("a verifier key is written name+id+base64")
    require_name(name)
    try:
        raw = decode(blob)
    except NotANote:
        raise NotAKey(f"the verifier key of {name} is not in base64") from None
    if not raw or PUBLIC_BYTES.get(raw[0]) != len(raw) - 1:
        raise NotAKey(
            f"the verifier key of {name} is of no kind known here (Ed25519, Ed25519 cosignature, ML-DSA-44), "
            "or not as long as its kind is"
        )
    key = VerifierKey(name, raw[0], raw[1:])
    if not _ID.fullmatch(said_id) or bytes.fromhex(said_id) != key.id:
        raise NotAKey(f"the verifier key of {name} has an id that does not follow from it: it was cut or changed")
    return key


def parse_keys(text: str) -> tuple[VerifierKey, ...]:
    """One verifier key a line; empty lines and lines that begin with # are left out. Raises NotAKey.

    At least one key, and none twice.
    """
    lines = [line.strip(" \t\r") for line in text.split("\n")]
    keys = tuple(parse_key(line) for line in lines if line and not line.startswith("#"))
    if not keys:
        raise NotAKey("there is no verifier key")
    if len({key.public for key in keys}) < len(keys):
        raise NotAKey("there is a verifier key twice")
    return keys


def require_name(name: str) -> str:
    """The name of a key: not empty, no space of any kind, no plus sign, no control character. Raises NotAKey."""
    if not name or "+" in name or any(sign.isspace() for sign in name) or not _is_plain(name):
        raise NotAKey(
            "a key's name has neither spaces nor plus signs, such as helpline.example.org/ledger, and is not empty"
        )
    if len(_name_bytes(name)) > _MOST_NAME_BYTES:
        raise NotAKey(f"a key's name has at most {_MOST_NAME_BYTES} bytes")
    return name


def sign(text: str, key: SigningKey) -> Signature:
    """The signature line of an Ed25519 key over any text.

    Raises ValueError for another kind of key, NotANote for a text that cannot be signed.
    """
    if key.kind != ED25519:
        raise ValueError(f"a key of kind {KINDS[key.kind]} signs checkpoints only")
    if not text.endswith("\n") or not _is_plain(text):
        raise NotANote("a text to sign ends with a line end and has no other control characters")
    return Signature(key.name, key.verifier.id, key.sign_bytes(text.encode()))


def verify(text: str, signature: Signature, key: VerifierKey) -> None:
    """That an Ed25519 key signed this text. Raises SignatureFails; ValueError for another kind of key."""
    if key.kind != ED25519:
        raise ValueError(f"a key of kind {KINDS[key.kind]} signs checkpoints only")
    if not key.made(signature):
        raise SignatureFails(f"the line is not by the key of {key.name}")
    key.check_bytes(signature.payload, text.encode())


def encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def decode(text: str) -> bytes:
    """Base64 in its one form: what could be written in two ways could be changed unseen. Raises NotANote."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise NotANote("there is something that is not base64") from None
    if encode(raw) != text:
        raise NotANote("there is base64 that is not in its one form")
    return raw


def decode_hash(text: str) -> bytes:
    """32 bytes from base64. Raises NotANote."""
    raw = decode(text)
    if len(raw) != 32:
        raise NotANote("there is a hash that is not 32 bytes long")
    return raw


def decode_number(text: str) -> int:
    """A whole number below 2**63, in decimal, without zeros before it. Raises NotANote."""
    if not re.fullmatch("0|[1-9][0-9]{0,18}", text) or int(text) >= 1 << 63:
        raise NotANote("there is a number that is not written as a size or an index is")
    return int(text)


def _decoded(content: bytes | str) -> str:
    if len(content) > MOST_BYTES:
        raise NotANote(f"it is longer than {MOST_BYTES} bytes")
    try:
        text = content.decode() if isinstance(content, bytes) else content.encode().decode()
    except UnicodeError:
        raise NotANote("it is not UTF-8") from None
    if _CONTROL.search(text):
        raise NotANote("there are control characters in it")
    return text


def _signature(line: str) -> Signature:
    name, space, blob = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise NotANote("there is a line that is no signature")
    try:
        require_name(name)
    except NotAKey as fault:
        raise NotANote(str(fault)) from None
    raw = decode(blob)
    if len(raw) <= KEY_ID_BYTES:
        raise NotANote("there is a signature line without a signature")
    return Signature(name, raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])


def _name_bytes(name: str) -> bytes:
    # Policies may hold names that are no UTF-8; such a name makes an id of its own and fits no note.
    return name.encode("utf-8", "surrogateescape")


def _is_plain(text: str) -> bool:
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return not _CONTROL.search(text)

"""BagIt 1.0: a folder whose manifests say what must be in it, with two hashes of every file.

Two, because a bag is kept for decades: should SHA-256 weaken one day, SHA-512 of the same file still stands.
Source: RFC 8493.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

Content = bytes | Path | Callable[[], Iterable[bytes]]

ALGORITHMS = ("sha256", "sha512")
DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
BLOCK_BYTES = 1 << 20
TAG_FILE_BYTES = 64 << 20  # a manifest of some 400,000 files
_LINE = re.compile(r"([0-9A-Fa-f]+)[ \t]+(?:\./)?(.+)")
_ENCODED = re.compile(r"%(25|0[Aa]|0[Dd])")


class BadPath(ValueError):
    """A path that does not belong in a bag: it leads out of it, or two systems would read it differently."""


class ContentDiffers(ValueError):
    """What was read is not what was expected at a path."""


class BagUnreadable(ValueError):
    """A tag file that is missing or not what RFC 8493 says."""


@dataclass(frozen=True, slots=True)
class Digests:
    """Of one file. size_bytes: octets; the hashes in lower-case hex."""

    size_bytes: int
    sha256: str
    sha512: str

    def of(self, algorithm: str) -> str:
        return self.sha256 if algorithm == "sha256" else self.sha512


@dataclass(frozen=True, slots=True)
class Bag:
    """What a bag's tag files say.

    info:      labels and values of bag-info.txt, in their order
    manifests: algorithm to {path below the bag, beginning with data/: hex hash}
    """

    info: list[tuple[str, str]]
    manifests: dict[str, dict[str, str]]


def write_bag(
    folder: Path,
    payload: Mapping[str, Content],
    info: Sequence[tuple[str, str]],
    *,
    bagged_on: date,
    expected: Mapping[str, Digests] | None = None,
) -> dict[str, Digests]:
    """Write a bag and return what was written, by path below ``data/``. The same input gives the same bytes.

    folder:   must not be there; appears only once the bag is whole
    payload:  path below ``data/`` (``/`` between folders) to its content: bytes, a file, or a call that gives pieces
    info:     labels and values for bag-info.txt; Bagging-Date and Payload-Oxum are added
    expected: what the content at some paths must turn out to be
    Raises BadPath, ContentDiffers, FileExistsError, OSError.
    """
    paths = _distinct(payload)
    if folder.exists():
        raise FileExistsError(f"{folder.name} is there already; a bag is written once")
    unfinished = folder.with_name(folder.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        written = {path: _write(unfinished / "data" / path, payload[given]) for path, given in sorted(paths.items())}
        for path, digests in (expected or {}).items():
            if written[path_in_bag(path)] != digests:
                raise ContentDiffers(f"{path}: the content does not have the size and hashes it should have")
        (unfinished / "data").mkdir(parents=True, exist_ok=True)
        octets = sum(digests.size_bytes for digests in written.values())
        lines = [*info, ("Bagging-Date", bagged_on.isoformat()), ("Payload-Oxum", f"{octets}.{len(written)}")]
        tags = {"bagit.txt": DECLARATION, "bag-info.txt": "".join(_info_line(*line) for line in lines)}
        for name in ALGORITHMS:
            tags[f"manifest-{name}.txt"] = _manifest({f"data/{path}": it.of(name) for path, it in written.items()})
        tag_digests = {name: _write(unfinished / name, text.encode()) for name, text in tags.items()}
        for name in ALGORITHMS:
            listed = _manifest({path: digests.of(name) for path, digests in tag_digests.items()})
            _write(unfinished / f"tagmanifest-{name}.txt", listed.encode())
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return written


def read_bag(folder: Path) -> Bag:
    """What the tag files of a bag say, without a look at its content. Raises BagUnreadable."""
    declared = _tag_file(folder, "bagit.txt")
    if declared != DECLARATION:
        raise BagUnreadable("bagit.txt does not declare BagIt 1.0 with tag files in UTF-8")
    manifests = {name: _read_manifest(folder, f"manifest-{name}.txt") for name in ALGORITHMS}
    return Bag(_read_info(_tag_file(folder, "bag-info.txt")), manifests)


def faults(folder: Path) -> list[str]:
    """Sentences on what does not hold in a bag, each beginning with the file; empty where everything holds."""
    present, found = _present(folder)
    try:
        bag = read_bag(folder)
        tag_manifests = {name: _read_manifest(folder, f"tagmanifest-{name}.txt") for name in ALGORITHMS}
    except BagUnreadable as trouble:
        return [*found, str(trouble)]
    if "fetch.txt" in present:
        found.append("fetch.txt: names files that would have to be fetched; this bag is not whole")
    digests = {path: digests_of(file) for path, file in sorted(present.items())}
    data = {path for path in present if path.startswith("data/")}
    tags = set(present) - data - {f"tagmanifest-{name}.txt" for name in ALGORITHMS}
    for name in ALGORITHMS:
        found += _differences(f"manifest-{name}.txt", name, bag.manifests[name], data, digests)
        found += _differences(f"tagmanifest-{name}.txt", name, tag_manifests[name], tags, digests)
    oxum = f"{sum(digests[path].size_bytes for path in data)}.{len(data)}"
    said = [value for label, value in bag.info if label.lower() == "payload-oxum"]
    if said != [oxum]:
        found.append(f"bag-info.txt: Payload-Oxum is {' and '.join(said) or 'missing'}, but data/ has {oxum}")
    return found


def path_in_bag(path: str) -> str:
    """The path in the one form a bag writes it: NFC. Raises BadPath for whatever could lead out of the bag."""
    normal = unicodedata.normalize("NFC", path)
    pieces = normal.split("/")
    if any(piece in {"", ".", ".."} for piece in pieces) or pieces[0].startswith("~"):
        raise BadPath(f"{normal[:80]!r} is no path below a bag")
    # On Windows both would lead elsewhere than on other systems.
    if "\\" in normal or ":" in normal or "\0" in normal:
        raise BadPath(f"{normal[:80]!r} has a character that not every system takes in a file's name")
    try:
        normal.encode()
    except UnicodeEncodeError:
        raise BadPath(f"{normal[:80]!r} cannot be written in UTF-8") from None
    return normal


def encode_path(path: str) -> str:
    """As a manifest writes it: percent sign and line ends encoded, nothing else. Source: RFC 8493, section 2.1.3."""
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def decode_path(path: str) -> str:
    return _ENCODED.sub(lambda match: chr(int(match[1], 16)), path)


def digests_of(content: Content) -> Digests:
    """Size and both hashes, in one pass and constant memory."""
    size, sha256, sha512 = 0, hashlib.sha256(), hashlib.sha512()
    for piece in pieces_of(content):
        size += len(piece)
        sha256.update(piece)
        sha512.update(piece)
    return Digests(size, sha256.hexdigest(), sha512.hexdigest())


def pieces_of(content: Content) -> Iterator[bytes]:
    """The content piece by piece, wherever it lies."""
    if isinstance(content, bytes):
        yield content
    elif isinstance(content, Path):
        with content.open("rb") as file:
            while piece := file.read(BLOCK_BYTES):
                yield piece
    else:
        yield from content()


def _distinct(payload: Mapping[str, Content]) -> dict[str, str]:
    """The path in the bag for every path given. Two that differ by case only would be one file on some systems."""
    paths: dict[str, str] = {}
    seen: set[str] = set()
    for given in payload:
        path = path_in_bag(given)
        if path.casefold() in seen:
            raise BadPath(f"{path[:80]!r} stands twice in the bag, or differs from another path by case only")
        seen.add(path.casefold())
        paths[path] = given
    return paths


def _write(file: Path, content: Content) -> Digests:
    file.parent.mkdir(parents=True, exist_ok=True)
    size, sha256, sha512 = 0, hashlib.sha256(), hashlib.sha512()
    with file.open("xb") as out:
        for piece in pieces_of(content):
            out.write(piece)
            size += len(piece)
            sha256.update(piece)
            sha512.update(piece)
    return Digests(size, sha256.hexdigest(), sha512.hexdigest())


def _info_line(label: str, value: str) -> str:
    if ":" in label or any(ord(letter) < 32 for letter in label + value):
        raise ValueError(f"bag-info.txt: {label!r} or its value holds a character that ends a line or a label")
    return f"{label}: {value}\n"


def _manifest(hashes: Mapping[str, str]) -> str:
    return "".join(f"{digest}  {encode_path(path)}\n" for path, digest in sorted(hashes.items()))


def _tag_file(folder: Path, name: str) -> str:
    file = folder / name
    try:
        if not stat.S_ISREG(file.lstat().st_mode):
            raise BagUnreadable(f"{name}: is no plain file")
        if file.lstat().st_size > TAG_FILE_BYTES:
            raise BagUnreadable(f"{name}: is larger than {TAG_FILE_BYTES >> 20} MiB")
        return file.read_bytes().decode()
    except FileNotFoundError:
        raise BagUnreadable(f"{name}: is missing") from None
    except UnicodeDecodeError:
        raise BagUnreadable(f"{name}: is not UTF-8") from None


def _read_info(text: str) -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line[:1] in {" ", "\t"} and lines:  # a value folded over several lines
            label, value = lines[-1]
            lines[-1] = (label, f"{value} {line.strip()}")
            continue
        label, colon, value = line.partition(":")
        if not colon or not label:
            raise BagUnreadable(f"bag-info.txt: line {number} is no label with a value")
        lines.append((label, value.strip()))
    return lines


def _read_manifest(folder: Path, name: str) -> dict[str, str]:
    listed: dict[str, str] = {}
    for number, line in enumerate(re.split("\r\n|\r|\n", _tag_file(folder, name)), 1):
        if not line:
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise BagUnreadable(f"{name}: line {number} is no hash with a path")
        try:
            path = path_in_bag(decode_path(match[2]))
        except BadPath as trouble:
            raise BagUnreadable(f"{name}: line {number}: {trouble}") from None
        if path in listed:
            raise BagUnreadable(f"{name}: line {number} names {path[:80]!r} a second time")
        listed[path] = match[1].lower()
    return listed


def _present(folder: Path) -> tuple[dict[str, Path], list[str]]:
    """Every plain file of a folder by its path in NFC, and sentences on whatever is no plain file."""
    present: dict[str, Path] = {}
    found: list[str] = []
    for place, folders, files in os.walk(folder):
        for name in sorted(folders + files):
            file = Path(place) / name
            path = unicodedata.normalize("NFC", file.relative_to(folder).as_posix())
            mode = file.lstat().st_mode
            if stat.S_ISDIR(mode):
                continue
            if not stat.S_ISREG(mode):
                found.append(f"{path}: is a link or a device; a bag holds plain files only")
            elif path in present:
                found.append(f"{path}: is there twice, in two spellings of one name")
            else:
                present[path] = file
    return present, found


def _differences(
    manifest: str, algorithm: str, listed: Mapping[str, str], present: Iterable[str], digests: Mapping[str, Digests]
) -> list[str]:
    there = set(present)
    found = [f"{path}: is in {manifest} but missing" for path in sorted(set(listed) - there)]
    found += [f"{path}: is there but not in {manifest}" for path in sorted(there - set(listed))]
    changed = [path for path in sorted(there & set(listed)) if digests[path].of(algorithm) != listed[path]]
    return found + [f"{path}: was changed; it does not have the hash that {manifest} says" for path in changed]

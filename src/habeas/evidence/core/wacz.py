"""Captured pages as WACZ 1.1.1 files: packed, and verified strictly.

A WACZ file is a zip file with the traffic (WARC), an index, a list of pages, ``datapackage.json`` with the SHA-256 of
every other file, and ``datapackage-digest.json`` with that of ``datapackage.json``. The reference tool lets a package
pass whose digest file is gone; here each of these must be there and right, and no byte may lie between the files.
A digest file that was written anew to fit a changed package is not found out here: the hash of the whole file, which is
sealed and time-stamped, does that.

Source: https://specs.webrecorder.net/wacz/1.1.1/
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

VERSION: Final = "1.1.1"
DATA_PACKAGE: Final = "datapackage.json"
DIGEST: Final = "datapackage-digest.json"
PAGES: Final = "pages/pages.jsonl"
MOST_FILES: Final = 1_000
MOST_UNPACKED_BYTES: Final = 4 << 30
MOST_JSON_BYTES: Final = 64 << 20
# One byte of a zip file unpacks to at most about a thousand.
_MOST_GROWTH: Final = 1_100
_LOCAL_HEADER, _END = 30, 22
_ENCRYPTED, _HAS_DESCRIPTOR = 0x1, 0x8


class PackageFails(ValueError):
    """A WACZ file that does not hold what it says. The sentence names the file inside."""


@dataclass(frozen=True, slots=True)
class Package:
    """A verified package. files: path -> content, without the two that hold the hashes."""

    title: str
    created: str
    main_page: str
    software: str
    files: Mapping[str, bytes]

    @property
    def pages(self) -> list[dict[str, Any]]:
        """The pages, without the line that heads the list. Raises PackageFails."""
        return [_object(line, PAGES) for line in self.files[PAGES].splitlines()[1:] if line.strip()]


def pack(files: Mapping[str, bytes], *, title: str, created: datetime, main_page: str, software: str) -> bytes:
    """A WACZ file; the same input gives the same bytes.

    files:   path -> content; at least ``pages/pages.jsonl``, one WARC below ``archive/`` and one index
    created: with time zone
    """
    instant = f"{created:%Y-%m-%dT%H:%M:%SZ}"
    described = {
        "profile": "data-package",
        "wacz_version": VERSION,
        "title": title,
        "created": instant,
        "mainPageUrl": main_page,
        "mainPageDate": instant,
        "software": software,
        "resources": [
            {
                "name": path.rpartition("/")[2].lower(),
                "path": path,
                "hash": _sha256(content),
                "bytes": len(content),
                "sha512": hashlib.sha512(content).hexdigest(),
            }
            for path, content in sorted(files.items())
        ],
    }
    package = json.dumps(described, indent=2, ensure_ascii=False).encode()
    digest = json.dumps({"path": DATA_PACKAGE, "hash": _sha256(package)}, indent=2).encode()
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for path, content in [*sorted(files.items()), (DATA_PACKAGE, package), (DIGEST, digest)]:
            entry = zipfile.ZipInfo(path, created.timetuple()[:6])
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, content)
    return whole.getvalue()


def check_package(content: bytes, *, most_unpacked_bytes: int = MOST_UNPACKED_BYTES) -> Package:
    """The package, once every file in it has the hash that is written down for it. Raises PackageFails, nothing else.

    most_unpacked_bytes: a small file can unpack to more than any disk holds
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = _entries(archive, len(content), most_unpacked_bytes)
            _no_gaps(archive, content)
            files = {name: archive.read(entry) for name, entry in entries.items()}
    except PackageFails:
        raise
    except Exception as error:  # the zip reader has many: BadZipFile, zlib.error, struct.error, EOFError, RuntimeError…
        raise PackageFails(f"the file cannot be read as a zip file ({type(error).__name__})") from error
    package = _object(_required(files, DATA_PACKAGE), DATA_PACKAGE)
    _check_digest(files)
    _check_resources(package, files)
    del files[DATA_PACKAGE], files[DIGEST]
    _check_shape(package, files)
    return Package(
        title=str(package.get("title", "")),
        created=str(package.get("created", "")),
        main_page=str(package.get("mainPageUrl", "")),
        software=str(package.get("software", "")),
        files=files,
    )


def _entries(archive: zipfile.ZipFile, size: int, most_unpacked_bytes: int) -> dict[str, zipfile.ZipInfo]:
    listed = archive.infolist()
    if len(listed) > MOST_FILES:
        raise PackageFails(f"the package holds {len(listed):,} files; a capture holds at most {MOST_FILES:,}")
    if sum(entry.file_size for entry in listed) > min(most_unpacked_bytes, _MOST_GROWTH * size):
        raise PackageFails("the package unpacks to more than any capture of its size")
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in listed:
        name = entry.filename
        if not _plain_path(name):
            raise PackageFails(f"{_shown(name)}: a name that leads out of the package or is a folder")
        if name in found:
            raise PackageFails(f"{_shown(name)}: the package holds it twice")
        if entry.flag_bits & _ENCRYPTED or entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise PackageFails(f"{_shown(name)}: is encrypted or packed in an unusual way")
        found[name] = entry
    return found


def _no_gaps(archive: zipfile.ZipFile, content: bytes) -> None:
    """Every byte belongs to a file, its header or the table of contents: nothing is hidden beside them."""
    at = 0
    for entry in sorted(archive.infolist(), key=lambda entry: entry.header_offset):
        if entry.header_offset != at:
            raise PackageFails(f"{_shown(entry.filename)}: bytes that belong to no file lie before it")
        head = content[at : at + _LOCAL_HEADER]
        at += _LOCAL_HEADER + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        at += entry.compress_size
        if entry.flag_bits & _HAS_DESCRIPTOR:
            at = _after_descriptor(content, at, entry)
    end = content[-_END:]
    length = int.from_bytes(end[12:16], "little")
    closed = end.startswith(b"PK\x05\x06") and end[-2:] == bytes(2)
    if archive.start_dir != at or not closed or at + length + _END != len(content):
        raise PackageFails("bytes that belong to no file lie before the table of contents or after it")


def _after_descriptor(content: bytes, at: int, entry: zipfile.ZipInfo) -> int:
    signature = 4 if content[at : at + 4] == b"PK\x07\x08" else 0
    sizes = 16 if max(entry.file_size, entry.compress_size) > 0xFFFFFFFF else 8
    return at + signature + 4 + sizes


def _check_digest(files: Mapping[str, bytes]) -> None:
    digest = _object(_required(files, DIGEST), DIGEST)
    if digest.get("path") != DATA_PACKAGE:
        raise PackageFails(f"{DIGEST}: is not about {DATA_PACKAGE}")
    if not _has_hash(files[DATA_PACKAGE], digest.get("hash")):
        raise PackageFails(f"{DATA_PACKAGE}: was changed; {DIGEST} has another hash for it")


def _check_resources(package: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    resources = package.get("resources")
    if not isinstance(resources, list):
        raise PackageFails(f"{DATA_PACKAGE}: lists no files")
    named: set[str] = set()
    for resource in resources:
        path = resource.get("path") if isinstance(resource, dict) else None
        if not isinstance(path, str):
            raise PackageFails(f"{DATA_PACKAGE}: lists a file without a path")
        if path in named:
            raise PackageFails(f"{_shown(path)}: {DATA_PACKAGE} lists it twice")
        named.add(path)
        if path not in files or path in {DATA_PACKAGE, DIGEST}:
            raise PackageFails(f"{_shown(path)}: is listed in {DATA_PACKAGE}, but the package does not hold it")
        size = resource.get("bytes")
        if isinstance(size, bool) or size != len(files[path]):
            raise PackageFails(f"{_shown(path)}: has {len(files[path]):,} bytes, but {DATA_PACKAGE} says otherwise")
        if not _has_hash(files[path], resource.get("hash")):
            raise PackageFails(f"{_shown(path)}: was changed after the capture was packed")
        said = resource.get("sha512")
        if said is not None and said != hashlib.sha512(files[path]).hexdigest():
            raise PackageFails(f"{_shown(path)}: has another SHA-512 than {DATA_PACKAGE} says")
    for extra in sorted(set(files) - named - {DATA_PACKAGE, DIGEST}):
        raise PackageFails(f"{_shown(extra)}: is in the package, but {DATA_PACKAGE} does not list it")


def _check_shape(package: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    version = package.get("wacz_version")
    if not isinstance(version, str) or not version.startswith("1."):
        raise PackageFails(f"{DATA_PACKAGE}: is of no version of WACZ that is known here")
    if not any(path.startswith("archive/") and path.endswith((".warc", ".warc.gz")) for path in files):
        raise PackageFails("archive/: the package holds no traffic (no .warc or .warc.gz)")
    if not any(path.startswith("indexes/") for path in files):
        raise PackageFails("indexes/: the package holds no index")
    lines = _required(files, PAGES).splitlines()
    if not lines or _object(lines[0], PAGES).get("format") != "json-pages-1.0":
        raise PackageFails(f"{PAGES}: does not begin as a list of pages")
    for line in lines[1:]:
        if line.strip() and not {"url", "ts"} <= set(_object(line, PAGES)):
            raise PackageFails(f"{PAGES}: a page without address or time")


def _object(raw: bytes, name: str) -> dict[str, Any]:
    if len(raw) > MOST_JSON_BYTES:
        raise PackageFails(f"{name}: is larger than any capture needs")
    try:
        # Two values under one name would be read one way here and another way elsewhere.
        read = json.loads(raw.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise PackageFails(f"{name}: cannot be read as JSON") from error
    if not isinstance(read, dict):
        raise PackageFails(f"{name}: holds something else than is expected there")
    return read


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice")
    return made


def _required(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise PackageFails(f"{name}: is missing")
    return files[name]


def _has_hash(content: bytes, said: object) -> bool:
    return isinstance(said, str) and said == _sha256(content)


def _sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _plain_path(name: str) -> bool:
    parts = name.split("/")
    return (
        "\\" not in name and "\0" not in name and ":" not in name and all(part not in {"", ".", ".."} for part in parts)
    )


def _shown(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name[:100])

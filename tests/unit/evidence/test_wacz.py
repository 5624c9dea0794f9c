"""Packages of captured pages: what was packed comes back, and no byte of them can change unseen."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.evidence.core.wacz import DATA_PACKAGE, DIGEST, PAGES, PackageFails, check_package, pack

AT = datetime(2026, 3, 6, 12, 20, 14, tzinfo=UTC)
HEAD = b'{"format": "json-pages-1.0", "id": "pages", "title": "All"}\n'
PAGE = b'{"url": "https://forum.example.org/post", "ts": "2026-03-06T12:20:14Z", "title": "Look where they live"}\n'
FILES = {
    "archive/data.warc.gz": b"\x1f\x8b the traffic",
    "indexes/index.cdxj": b"org,example,forum)/post 20260306122014 {}\n",
    PAGES: HEAD + PAGE,
}


def packed(files: dict[str, bytes] | None = None) -> bytes:
    return pack(
        FILES if files is None else files,
        title="Look where they live",
        created=AT,
        main_page="https://forum.example.org/post",
        software="a test",
    )


def zipped(files: dict[str, bytes], **more: object) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", **more) as archive:  # type: ignore[arg-type]
        for name, content in files.items():
            archive.writestr(name, content)
    return whole.getvalue()


def opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_digest(files: dict[str, bytes]) -> dict[str, bytes]:
    """Files with a digest file that fits their datapackage.json."""
    hashed = f"sha256:{hashlib.sha256(files[DATA_PACKAGE]).hexdigest()}"
    return {**files, DIGEST: json.dumps({"path": DATA_PACKAGE, "hash": hashed}).encode()}


@given(
    st.dictionaries(
        st.from_regex(r"habeas/[a-z0-9]{1,12}\.[a-z]{2,4}", fullmatch=True), st.binary(max_size=300), max_size=4
    )
)
def test_what_was_packed_comes_back(extra):
    package = check_package(packed({**FILES, **extra}))
    assert package.files == {**FILES, **extra}
    assert (package.title, package.main_page) == ("Look where they live", "https://forum.example.org/post")
    assert package.created == "2026-03-06T12:20:14Z"
    assert [page["title"] for page in package.pages] == ["Look where they live"]


def test_the_same_capture_gives_the_same_bytes():
    assert packed() == packed(dict(reversed(FILES.items())))


@given(st.data())
def test_any_altered_byte_is_found(data):
    content = bytearray(packed())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    try:
        package = check_package(bytes(content))
    except PackageFails:
        return
    # A zip file has fields that mean nothing (times, rights, versions): there, what is read has not changed by a bit.
    assert package == check_package(packed())
    _, outside = regions(packed())
    assert at in outside


def regions(content: bytes) -> tuple[set[int], set[int]]:
    """(where the contents and names of files lie, where the zip file speaks of itself)"""
    inside: set[int] = set()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            begins = entry.header_offset + 30
            inside |= set(range(begins, begins + len(entry.filename) + entry.compress_size))
    return inside, set(range(len(content))) - inside


def test_every_byte_of_every_file_inside_counts():
    content = packed()
    inside, _ = regions(content)
    for at in sorted(inside):
        altered = bytearray(content)
        altered[at] ^= 1
        with pytest.raises(PackageFails):
            check_package(bytes(altered))


@given(st.data())
def test_a_package_that_was_cut_or_grew_is_found(data):
    content = packed()
    cut = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(PackageFails):
        check_package(content[:cut])
    more = data.draw(st.binary(min_size=1, max_size=50))
    with pytest.raises(PackageFails):
        check_package(more + content)
    with pytest.raises(PackageFails):
        check_package(content + more)


@given(st.binary(max_size=2_000))
def test_noise_is_refused_and_nothing_else_happens(noise):
    with pytest.raises(PackageFails):
        check_package(noise)


@pytest.mark.parametrize("name", [DATA_PACKAGE, DIGEST, PAGES, "archive/data.warc.gz"])
def test_a_file_that_is_missing_is_named(name):
    files = opened(packed())
    del files[name]
    with pytest.raises(PackageFails, match=name):
        check_package(zipped(files))


def test_a_file_that_nobody_listed_is_named():
    with pytest.raises(PackageFails, match=r"extra\.txt: is in the package, but"):
        check_package(zipped({**opened(packed()), "extra.txt": b"planted"}))


def test_a_changed_page_list_is_named():
    files = opened(packed())
    files[PAGES] = files[PAGES].replace(b"live", b"love")
    with pytest.raises(PackageFails, match=r"pages/pages\.jsonl: was changed after"):
        check_package(zipped(files))


def test_a_changed_data_package_is_found_by_its_digest():
    files = opened(packed())
    files[DATA_PACKAGE] = files[DATA_PACKAGE].replace(b"Look", b"Luck")
    with pytest.raises(PackageFails, match=r"datapackage\.json: was changed"):
        check_package(zipped(files))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(lambda it: it["resources"].append(it["resources"][0]), "lists it twice", id="listed-twice"),
        pytest.param(lambda it: it.update(resources={}), "lists no files", id="no-list"),
        pytest.param(lambda it: it["resources"][0].update(path=7), "without a path", id="no-path"),
        pytest.param(lambda it: it["resources"][0].update(bytes=True), "says otherwise", id="size-is-no-number"),
        pytest.param(lambda it: it["resources"][0].update(hash="md5:00"), "was changed", id="weak-hash"),
        pytest.param(lambda it: it["resources"][0].update(sha512="00"), "SHA-512", id="second-hash-wrong"),
        pytest.param(lambda it: it.update(wacz_version="9"), "of no version", id="unknown-version"),
    ],
)
def test_a_data_package_of_another_shape_is_refused(change, said):
    files = opened(packed())
    described = json.loads(files[DATA_PACKAGE])
    change(described)
    with pytest.raises(PackageFails, match=said):
        check_package(zipped(with_digest({**files, DATA_PACKAGE: json.dumps(described).encode()})))


@pytest.mark.parametrize("name", ["../outside", "/absolute", "a\\b", "C:evil", "archive//x", "folder/"])
def test_a_name_that_leads_out_of_the_package_is_refused(name):
    with pytest.raises(PackageFails, match="leads out of the package or is a folder"):
        check_package(zipped({**opened(packed()), name: b""}))


def test_a_file_that_stands_twice_is_refused():
    whole = io.BytesIO(packed())
    with zipfile.ZipFile(whole, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(PAGES, b"another")
    with pytest.raises(PackageFails, match="holds it twice"):
        check_package(whole.getvalue())


def test_a_package_that_unpacks_to_more_than_it_may_is_refused_before_it_is_unpacked():
    files = {**FILES, "habeas/zeros": bytes(3_000_000)}
    bomb = zipped(opened(packed(files)), compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(PackageFails, match="unpacks to more"):
        check_package(bomb, most_unpacked_bytes=2_000_000)
    assert check_package(bomb).files["habeas/zeros"] == bytes(3_000_000)


def test_two_values_under_one_name_are_refused():
    files = opened(packed())
    doubled = files[DATA_PACKAGE].replace(b"{", b'{"title": "Another",', 1)
    with pytest.raises(PackageFails, match=r"datapackage\.json: cannot be read"):
        check_package(zipped(with_digest({**files, DATA_PACKAGE: doubled})))

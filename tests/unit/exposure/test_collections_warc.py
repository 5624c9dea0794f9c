"""Web archives as warcio writes them are read back by our own reader, whose bounds warcio does not have."""

from __future__ import annotations

import gzip
import io
import time
import tracemalloc
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from habeas.exposure.core.collections import Limits, Unit, units

warcio = pytest.importorskip("warcio", reason="writes the web archives to read")
from warcio.statusandheaders import StatusAndHeaders  # noqa: E402
from warcio.warcwriter import WARCWriter  # noqa: E402

PAGE = b"<html><body><p>Jane lives at 12 Sample Street</p></body></html>"
DATE = "2026-03-06T12:20:00Z"


def found(data: bytes, name: str = "crawl.warc.gz", **limits) -> list[Unit]:
    return list(units(io.BytesIO(data), name, size_bytes=len(data), limits=Limits(**limits)))


def web_archive(entries, *, packed=True) -> bytes:
    """entries: (address, record type, content type, HTTP headers or None, body)"""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed)
    writer.write_record(writer.create_warcinfo_record("crawl.warc.gz", {"software": "a crawler by jane@example.org"}))
    for address, kind, content_type, http, body in entries:
        headers = http and StatusAndHeaders("200 OK", http, protocol="HTTP/1.1")
        record = writer.create_warc_record(
            address, kind, payload=io.BytesIO(body), http_headers=headers, warc_content_type=content_type,
            warc_headers_dict={"WARC-Date": DATE},
        )  # fmt: skip
        writer.write_record(record)
    return out.getvalue()


def response(body: bytes, *headers: tuple[str, str], content_type="text/html", address="https://board.example.net/t/1"):
    return address, "response", "", [("Content-Type", content_type), *headers], body


def chunked(body: bytes, size: int = 20) -> bytes:
    pieces = [body[n : n + size] for n in range(0, len(body), size)]
    return b"".join(b"%X;x=y\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


@pytest.mark.parametrize("packed", [True, False])
def test_pages_texts_and_tables_come_with_their_address_and_time(packed):
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(picture, "PNG")
    data = web_archive([
        ("https://board.example.net/t/1", "request", "", [("Host", "board.example.net")], b""),
        response(PAGE),
        response(b"body { color: red }", content_type="text/css"),
        response(b"var a = 'jane@example.org'", content_type="application/javascript"),
        response(b"name,email\nJane,jane@example.org\n", content_type="text/csv", address="https://example.com/a.csv"),
        ("https://example.com/n.txt", "resource", "text/plain", None, b"a note of hers\n"),
        response(bytes(range(256)) * 9, content_type="application/octet-stream"),
        ("https://example.com/n.txt", "conversion", "text/plain", None, b"the text of a page\n"),
        response(picture.getvalue(), content_type="image/png", address="https://example.com/p.png"),
        response(b"", content_type="text/html"),
    ], packed=packed)  # fmt: skip
    given_units = found(data)
    assert [(unit.place, unit.document.text if unit.document else unit.trouble.code) for unit in given_units] == [
        (f"record 3, https://board.example.net/t/1, {DATE}", "Jane lives at 12 Sample Street"),
        (f"record 6, https://example.com/a.csv, {DATE}, row 1", "name: Jane\nemail: jane@example.org"),
        (f"record 7, https://example.com/n.txt, {DATE}", "a note of hers\n"),
        (f"record 9, https://example.com/n.txt, {DATE}", "the text of a page\n"),
        (f"record 10, https://example.com/p.png, {DATE}", "no_text"),
    ]
    assert {unit.path for unit in given_units} == {("crawl.warc.gz",)}


def brotli_packed(body: bytes) -> bytes:
    return bytes(pytest.importorskip("brotli").compress(body))


@pytest.mark.parametrize(("coding", "pack"), [
    ("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", lambda body: zlib.compress(body)[2:-4]),
    ("br", brotli_packed), ("identity", bytes), ("gzip", bytes),
    ("gzip, gzip", lambda b: gzip.compress(gzip.compress(b))),
])  # fmt: skip
@pytest.mark.parametrize("in_chunks", [True, False])
def test_bodies_are_unpacked_and_put_together(coding, pack, in_chunks):
    body = pack(PAGE)
    headers = [("Content-Encoding", coding)]
    if in_chunks:
        body = chunked(body)
        headers.append(("Transfer-Encoding", "chunked"))
    (unit,) = found(web_archive([response(body, *headers)]))
    assert unit.document.text == "Jane lives at 12 Sample Street"


def test_a_body_stored_out_of_its_chunks_is_read_though_its_header_says_otherwise():
    (unit,) = found(web_archive([response(PAGE, ("Transfer-Encoding", "chunked"))]))
    assert unit.document.text == "Jane lives at 12 Sample Street"


def test_a_body_packed_in_an_unknown_way_is_told_and_costs_no_other():
    given_units = found(web_archive([response(b"(\xb5/\xfd...", ("Content-Encoding", "zstd")), response(PAGE)]))
    assert [unit.trouble.code if unit.trouble else "" for unit in given_units] == ["unknown_type", ""]


def test_a_damaged_record_costs_only_itself():
    data = web_archive([response(PAGE), response(PAGE), response(PAGE)], packed=False)
    places = [n for n in range(len(data)) if data[n : n + 14] == b"Content-Length"]
    data = data[: places[2] + 16] + b"x" + data[places[2] + 17 :]
    given_units = found(data, "crawl.warc")
    assert [unit.trouble.code if unit.trouble else "" for unit in given_units].count("broken") >= 1
    assert sum(unit.document is not None for unit in given_units) == 2


@pytest.mark.parametrize("packed", [True, False])
def test_a_web_archive_that_is_cut_off_gives_what_came_before_and_one_trouble(packed):
    data = web_archive([response(PAGE), response(PAGE), response(b"<p>" + b"the long tale " * 9_000)], packed=packed)
    given_units = found(data[:-100])
    assert [unit.document.text for unit in given_units[:2]] == ["Jane lives at 12 Sample Street"] * 2
    assert [unit.trouble.code for unit in given_units if unit.trouble] == ["broken"]


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_bomb_in_a_record_is_stopped_in_little_memory(coding):
    block = b"Jane was here.\n" * 130_000
    if coding == "br":
        packer = pytest.importorskip("brotli").Compressor(quality=5)
        body = b"".join(packer.process(block) for _ in range(600)) + packer.finish()
    else:
        deflater = zlib.compressobj(9, zlib.DEFLATED, 31)
        body = b"".join(deflater.compress(block) for _ in range(600)) + deflater.flush()
    data = web_archive(
        [response(b"<p>" + PAGE), response(body, ("Content-Encoding", coding), content_type="text/plain")]
    )
    tracemalloc.start()
    started = time.monotonic()
    given_units = found(data)
    assert time.monotonic() - started < 30
    assert tracemalloc.get_traced_memory()[1] < 60_000_000
    tracemalloc.stop()
    assert given_units[0].document is not None
    assert {unit.trouble.code for unit in given_units if unit.trouble} == {"too_large"}


SAMPLE = web_archive([
    response(chunked(gzip.compress(PAGE)), ("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")),
    ("https://example.com/n.txt", "resource", "text/plain", None, b"a note of hers\n"),
], packed=False)  # fmt: skip


@given(st.data())
@settings(max_examples=400, deadline=10_000, suppress_health_check=list(HealthCheck))
def test_damaged_web_archives_give_only_units(data):
    broken = bytearray(SAMPLE)
    for _ in range(data.draw(st.integers(0, 6))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(broken)))
    for unit in found(bytes(broken[:cut]), "a.warc"):
        assert (unit.document is None) != (unit.trouble is None)

"""The traffic of a visit as WARC 1.1, with an index: every request, every answer, what the page showed.

Browsers hand over bodies with their encodings undone. A header that speaks of an encoding that is not there any more
(``Content-Encoding``, ``Transfer-Encoding``, the length that went with it) keeps its value under ``X-Archive-Orig-``.

Sources: WARC 1.1 (ISO 28500:2017), https://specs.webrecorder.net/cdxj/0.1.0/
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from habeas.evidence.capture.seen import Exchange, Headers

FILE: Final = "data.warc.gz"
_UNDONE = frozenset({"content-encoding", "transfer-encoding"})
_PROTOCOLS: Final = {"h2": "h2", "h3": "h3", "http/1.1": "http/1.1", "http/1.0": "http/1.0"}


class Traffic:
    """A WARC file in the making, with its index. Everything in it is compressed record by record."""

    def __init__(self, information: Mapping[str, str], *, at: datetime) -> None:
        from warcio.warcwriter import WARCWriter

        self._raw = io.BytesIO()
        self._writer = WARCWriter(self._raw, gzip=True, warc_version="1.1")
        self._lines: list[str] = []
        self._about = ""
        body = "".join(f"{name}: {value}\r\n" for name, value in information.items() if value).encode()
        self._about = self._add("warcinfo", "", at, body, "application/warc-fields", {"WARC-Filename": FILE})

    @property
    def warc(self) -> bytes:
        return self._raw.getvalue()

    @property
    def index(self) -> bytes:
        """CDXJ, sorted."""
        return "".join(sorted(self._lines)).encode()

    def add_exchange(self, exchange: Exchange, address: str) -> None:
        """Write down one exchange. address: of the machine that answered, "" where it is not known."""
        where = {"WARC-IP-Address": address} if address else {}
        answer = self._answer(exchange, where) if exchange.status is not None else ""
        self._request(exchange, where, answer)
        if exchange.failed or exchange.decoded:
            said = {"fetch-failed": exchange.failed, "text-decoded-by-browser": "yes" if exchange.decoded else ""}
            body = "".join(f"{name}: {value}\r\n" for name, value in said.items() if value).encode()
            beside = {"WARC-Concurrent-To": answer} if answer else {}
            self._add("metadata", exchange.url, exchange.at, body, "application/warc-fields", beside)

    def add_resource(self, name: str, content: bytes, media_type: str, *, at: datetime) -> None:
        """Write down what no site sent as it is here. name: ``urn:view:…`` and the like"""
        self._add("resource", name, at, content, media_type, indexed={"mime": media_type.partition(";")[0]})

    def _answer(self, exchange: Exchange, where: Mapping[str, str]) -> str:
        more = {**where, "WARC-Resource-Type": exchange.kind.lower()}
        if exchange.protocol in _PROTOCOLS:
            more["WARC-Protocol"] = _PROTOCOLS[exchange.protocol]
        if exchange.encryption.get("cipher"):
            more["WARC-Cipher-Suite"] = exchange.encryption["cipher"]
        if exchange.cut:
            more["WARC-Truncated"] = exchange.cut
        indexed = {"mime": exchange.media_type or "unk", "status": str(exchange.status)}
        if exchange.method != "GET":
            indexed["method"] = exchange.method
        return self._add(
            "response",
            exchange.url,
            exchange.at,
            exchange.body,
            "application/http; msgtype=response",
            more,
            head=(exchange.said, stored_headers(exchange.answered, len(exchange.body)), "HTTP/1.1"),
            indexed=indexed,
        )

    def _request(self, exchange: Exchange, where: Mapping[str, str], answer: str) -> None:
        parts = urlsplit(exchange.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._add(
            "request",
            exchange.url,
            exchange.at,
            exchange.sent,
            "application/http; msgtype=request",
            {**where, **({"WARC-Concurrent-To": answer} if answer else {})},
            head=(f"{target} HTTP/1.1", exchange.asked, exchange.method),
        )

    def _add(
        self,
        kind: str,
        url: str,
        at: datetime,
        content: bytes,
        content_type: str,
        more: Mapping[str, str] | None = None,
        *,
        head: tuple[str, Headers, str] | None = None,
        indexed: Mapping[str, str] | None = None,
    ) -> str:
        """Write one record; returns its id. head: (rest of the first line, headers, its first word)"""
        from warcio.statusandheaders import StatusAndHeaders

        http = None
        block = b""
        if head is not None:
            line, headers, first = head
            http = StatusAndHeaders(line, list(headers), protocol=first)
            http.compute_headers_buffer()
            block = http.headers_buff
        digest = _sha256(content)
        named = {"WARC-Date": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}", **(more or {})}
        if self._about:
            named["WARC-Warcinfo-ID"] = self._about
        if kind != "warcinfo":
            named["WARC-Payload-Digest"] = digest
        named["WARC-Block-Digest"] = _sha256(block + content)
        record = self._writer.create_warc_record(
            url,
            kind,
            payload=io.BytesIO(content),
            length=len(content),
            warc_content_type=content_type,
            warc_headers_dict=named,
            http_headers=http,
        )
        offset = self._raw.tell()
        self._writer.write_record(record)
        if indexed is not None:
            self._index(url, at, digest, offset, self._raw.tell() - offset, indexed)
        return str(record.rec_headers.get_header("WARC-Record-ID"))

    def _index(self, url: str, at: datetime, digest: str, offset: int, length: int, indexed: Mapping[str, str]) -> None:
        said: dict[str, Any] = {
            "url": url,
            **indexed,
            "digest": digest,
            "length": str(length),
            "offset": str(offset),
            "filename": FILE,
        }
        self._lines.append(f"{search_key(url)} {at.astimezone(UTC):%Y%m%d%H%M%S} {json.dumps(said)}\n")


def stored_headers(answered: Headers, size: int) -> Headers:
    """Headers that fit the body as it is stored: the true ones, those of an undone encoding under another name."""
    undone = any(name.lower() in _UNDONE for name, _ in answered)
    kept: Headers = []
    for name, value in answered:
        gone = name.lower() in _UNDONE or (name.lower() == "content-length" and (undone or value != str(size)))
        kept.append((f"X-Archive-Orig-{name}" if gone else name, value))
    if not any(name.lower() == "content-length" for name, _ in kept):
        kept.append(("Content-Length", str(size)))
    return kept


def search_key(url: str) -> str:
    """The address with its host turned round, as indexes are sorted by (SURT).

    Example: ``https://www.example.org:8443/A?b=2&a=1`` gives ``org,example:8443)/a?a=1&b=2``.
    """
    parts = urlsplit(url.lower())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "".join(letter for letter in url.lower() if letter > " ")
    host = re.sub(r"^www[0-9]*\.", "", parts.hostname.rstrip("."))
    turned = ",".join(reversed(host.split(".")))
    port = f":{parts.port}" if parts.port not in {None, {"http": 80, "https": 443}[parts.scheme]} else ""
    path = re.sub("/+", "/", parts.path).rstrip("/") or "/"
    query = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    return f"{turned}{port}){path}{'?' + query if query else ''}"


def _sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"

"""What a visit tells is not trusted; what is written down of it is a record that anybody can read."""

from __future__ import annotations

import base64
import io
from datetime import UTC, datetime
from typing import Any

import pytest
import surt
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from habeas.evidence.capture.describing import clock_offset, redirects, what_it_shows
from habeas.evidence.capture.seen import Seen
from habeas.evidence.capture.traffic import Traffic, search_key, stored_headers

AT = datetime(2026, 3, 6, 12, 20, 14, tzinfo=UTC)
URL = "https://forum.example.org/post"


def told(url: str = URL, status: int = 200, **more: Any) -> dict[str, Any]:
    """An exchange as the visit tells it. more: parts of the request or the whole, by their names"""
    head: dict[str, Any] = {
        "is": "exchange",
        "request": {
            "url": url,
            "method": "GET",
            "headers": {},
            "wall": AT.timestamp(),
            "type": "Document",
            "main": True,
        },
        "response": {
            "url": url,
            "status": status,
            "statusText": "OK",
            "headers": {"content-type": "text/html"},
            "mimeType": "text/html",
            "protocol": "h2",
            "responseTime": AT.timestamp() * 1000 + 200,
        },
        "failed": "",
        "cut": "",
        "has_body": True,
    }
    for name, value in more.items():
        part = next((head[key] for key in ("request", "response") if name in head[key]), head)
        part[name] = value
    return head


def seen_of(*frames: tuple[Any, bytes]) -> Seen:
    seen = Seen()
    for head, blob in frames:
        seen.take(head, blob)
    return seen


def records(seen: Seen) -> list[tuple[str, dict[str, str], dict[str, str], bytes]]:
    traffic = Traffic({"software": "a test"}, at=AT)
    for exchange in seen.exchanges:
        traffic.add_exchange(exchange, "192.0.2.7")
    found = []
    for record in ArchiveIterator(io.BytesIO(traffic.warc), check_digests="raise"):
        http = dict(record.http_headers.headers) if record.http_headers else {}
        found.append((record.rec_type, dict(record.rec_headers.headers), http, record.raw_stream.read()))
    return found


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
kinds = ["exchange", "frame", "picture", "chain", "incomplete", "blocked", "socket", "browser", "trouble", "done", "x"]


@given(st.sampled_from(kinds), st.dictionaries(st.text(max_size=8), json_values, max_size=5), st.binary(max_size=50))
def test_whatever_is_told_nothing_falls_over(kind, more, blob):
    seen = seen_of(({**more, "is": kind}, blob), (more, blob), (None, blob), ([kind], blob))
    assert len(seen.exchanges) <= 1


@given(st.data(), json_values)
def test_an_exchange_with_one_part_of_another_shape_is_left_out_or_taken_whole(data, value):
    head = told()
    part = data.draw(st.sampled_from([head, head["request"], head["response"]]))
    part[data.draw(st.sampled_from(sorted(part)))] = value
    seen = seen_of((head, b"body"))
    for kind, _, _, body in records(seen):
        assert kind in {"warcinfo", "request", "response", "metadata"}
        assert kind != "response" or body == b"body"


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_no_header_can_smuggle_in_another(name, value, status):
    """A line end in a header or a status line would begin a header, or a record, that no site sent."""
    hostile = {
        "x-said": f"{value}\r\nX-Smuggled: 1\rX-Smuggled: 1",
        f"{name}\r\nX-Smuggled": "1",
        f"X-Smuggled: {name}": "1",
    }
    head = told(headers=hostile, answered={"headers": hostile}, asked={"headers": hostile}, type="x\r\nX-Smuggled: 1")
    head["response"]["statusText"] = f"{status}\r\nX-Smuggled: 1"
    found = records(seen_of((head, b"body")))
    assert [kind for kind, *_ in found] == ["warcinfo", "response", "request"]
    assert not any(header.lower() == "x-smuggled" for _, warc, http, _ in found for header in [*warc, *http])
    assert [body for kind, _, _, body in found if kind == "response"] == [b"body"]
    head["request"]["method"] = "GET / HTTP/1.1\r\nX-Smuggled: 1\r\n"
    assert seen_of((head, b"body")).exchanges == []


def test_repeated_headers_stay_repeated():
    head = told(
        answered={
            "headersText": "HTTP/1.1 200 Fine\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Long: one\r\n two\r\n\r\n"
        }
    )
    (exchange,) = seen_of((head, b"")).exchanges
    assert exchange.said == "200 Fine"
    assert exchange.answered == [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Long", "one two")]
    other = told(answered={"headers": {"set-cookie": "a=1\nb=2"}})
    assert seen_of((other, b"")).exchanges[0].answered == [("set-cookie", "a=1"), ("set-cookie", "b=2")]


def test_what_went_over_no_network_is_not_in_the_record():
    assert seen_of((told("data:text/html,hello"), b""), (told("blob:https://x.example.org/1"), b"")).exchanges == []


def test_an_answer_without_its_body_says_so():
    (exchange,) = seen_of((told(has_body=False), b"")).exchanges
    assert exchange.cut == "unspecified"
    found = {kind: warc for kind, warc, *_ in records(seen_of((told(has_body=False), b"")))}
    assert found["response"]["WARC-Truncated"] == "unspecified"
    assert found["response"]["WARC-Protocol"] == "h2"


def test_a_request_without_an_answer_is_in_the_record_with_what_went_wrong():
    head = told(failed="net::ERR_CONNECTION_RESET")
    head["response"] = None
    found = records(seen_of((head, b"")))
    assert [kind for kind, *_ in found] == ["warcinfo", "request", "metadata"]
    assert found[-1][3] == b"fetch-failed: net::ERR_CONNECTION_RESET\r\n"


def test_what_was_sent_is_in_the_record():
    head = told(method="POST")
    head["request"]["postDataEntries"] = [{"bytes": base64.b64encode(b"a=1\xff").decode()}]
    (_, _, http, body) = next(record for record in records(seen_of((head, b""))) if record[0] == "request")
    assert (body, http["Host"]) == (b"a=1\xff", "forum.example.org")


@pytest.mark.parametrize(
    ("headers", "size", "stored"),
    [
        ([("Content-Length", "4")], 4, [("Content-Length", "4")]),
        ([], 4, [("Content-Length", "4")]),
        (
            [("content-encoding", "br"), ("content-length", "4")],
            4,
            [
                ("X-Archive-Orig-content-encoding", "br"),
                ("X-Archive-Orig-content-length", "4"),
                ("Content-Length", "4"),
            ],
        ),
        (
            [("Transfer-Encoding", "chunked")],
            9,
            [("X-Archive-Orig-Transfer-Encoding", "chunked"), ("Content-Length", "9")],
        ),
    ],
)
def test_headers_fit_the_body_as_it_is_stored(headers, size, stored):
    assert stored_headers(headers, size) == stored


hosts = st.from_regex(r"(www[0-9]?\.)?[a-z][a-z0-9-]{0,8}[a-z0-9]\.example\.(org|com)", fullmatch=True)
paths = st.from_regex(r"(/[A-Za-z0-9_.-]{1,8}){0,3}/?", fullmatch=True).filter(lambda path: "/." not in path)
queries = st.from_regex(r"(\?[a-z]{1,4}=[A-Za-z0-9]{0,4}(&[a-z]{1,4}=[A-Za-z0-9]{0,4}){0,3})?", fullmatch=True)


@given(st.sampled_from(["http", "https"]), hosts, st.sampled_from(["", ":8080", ":80", ":443"]), paths, queries)
def test_the_search_key_is_that_of_the_reference(scheme, host, port, path, query):
    url = f"{scheme}://{host}{port}{path}{query}"
    assert search_key(url) == surt.surt(url)


def test_the_clock_is_held_against_the_answers_that_tell_the_time():
    ahead = told(answered={"headers": {"Date": "Fri, 06 Mar 2026 12:20:44 GMT"}})
    stored = told(answered={"headers": {"Date": "Fri, 06 Mar 2026 09:00:00 GMT", "Age": "12000"}})
    nonsense = told(answered={"headers": {"Date": "yesterday"}})
    seen = seen_of((ahead, b""), (stored, b""), (nonsense, b""), (told(), b""))
    offset, source = clock_offset(seen.exchanges) or (0.0, "")
    # Answered half-way between 14.0 and 14.2; the header stands for anything from 44 to 45.
    assert offset == pytest.approx(30.4)
    assert "1 answer(s) of 1 host(s)" in source
    assert clock_offset(seen_of((told(), b"")).exchanges) is None


def test_a_browsers_own_error_page_is_not_the_sites():
    blocks = [{"kind": "text", "text": "This page is not working", "ad": False}]
    error = {"is": "frame", "main": True, "url": "chrome-error://chromewebdata/", "shown": True, "blocks": blocks}
    seen = seen_of((told(status=404), b""), (error, b"<html>"))
    shows = what_it_shows(seen, URL)
    assert (seen.pages, shows["blocks"], shows["url_final"]) == ([], [], URL)
    assert shows["seems"]["reason"] == "not_found"


def test_a_redirect_is_told_with_its_status_and_where_it_led():
    second = told("https://forum.example.org/moved")
    second["request"]["wall"] += 1
    assert redirects(seen_of((second, b""), (told(status=301), b""))) == [
        {"url": URL, "status": 301, "to": "https://forum.example.org/moved"}
    ]

"""What may be published: no value of the person's, and nothing that leads further than to a host."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.platforms.core.redaction import hosts_of, shows_link, shows_withheld

LINK = "https://board.example.net/thread/88214"


@pytest.mark.parametrize(
    "text",
    [
        f"See {LINK}.",
        "See (https://board.example.net/thread/88214).",
        "HTTPS://BOARD.EXAMPLE.NET/a",
        "hxxps://board.example.net/a",
        "https :// board.example.net/thread",
        "board.example.net/thread/88214",
        "board[.]example[.]net/thread/88214",
        "board (dot) example (dot) net/thread/88214",
        "https://board.example.net?post=1",
        "https://board.example.net/#p1",
        "at://did:plc:mallory/app.bsky.feed.post/3k",
        "\u2068https://board.example.net/\u2069thread",
        "https://board.example.net/\u200bthread",
        "http://192.0.2.7/a",
        "https://board.example.net:8443/a",
    ],
)
def test_whatever_leads_further_than_to_a_host_is_seen(text):
    assert shows_link(text)


@pytest.mark.parametrize(
    "text",
    [
        "The post is on board.example.net.",
        "The post is on https://board.example.net/.",
        "https://board.example.net",
        "Regulation (EU) 2022/2065, articles 16(2) and 16(4)-(6)",
        "Write to desk@helpline.example.org and/or call.",
        "On 06/03/2026 at 12:00, e.g./i.e. then.",
        "",
    ],
)
def test_hosts_and_law_may_stand(text):
    assert not shows_link(text)


def test_a_known_link_is_seen_without_its_scheme_too():
    assert shows_link("look at intranet/thread/7", ["http://intranet/thread/7"])
    assert not shows_link("look at intranet", ["http://intranet/thread/7"])


def test_addresses_are_cut_to_hosts_each_once():
    links = [LINK, "https://BOARD.example.net/b", "http://mirror.example.com:8080/x", "no address", "https://[broken"]
    assert hosts_of(links) == ("board.example.net", "mirror.example.com")


@pytest.mark.parametrize(
    "text", ["12 Orchard Lane", "at 12, ORCHARD\u200b lane", "12\u00a0Orchard\u2068 Lane\u2069", "12-orchard-lane"]
)
def test_a_withheld_value_is_seen_however_it_is_written(text):
    assert shows_withheld(text, ["12 Orchard Lane"])
    assert not shows_withheld("a home address", ["12 Orchard Lane"])


@given(st.from_regex(r"[a-z]{2,8}(/[a-z0-9]{1,8}){1,3}", fullmatch=True), st.text(max_size=20), st.text(max_size=20))
def test_no_link_hides_among_other_words(tail, before, after):
    assert shows_link(f"{before} https://{tail.replace('/', '.example/', 1)} {after}")
    hosts = " ".join(hosts_of([f"https://{tail.replace('/', '.example/', 1)}"]))
    assert not shows_link(hosts)

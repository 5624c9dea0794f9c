"""Links as people paste them."""

from __future__ import annotations

import pytest

from habeas.cases.core.intake import MOST_LINKS, UnusableLink, host_of, read_links


@pytest.mark.parametrize(
    ("typed", "links"),
    [
        pytest.param("https://www.example.org/a", ("https://www.example.org/a",), id="one"),
        pytest.param("example.org/a", ("https://example.org/a",), id="without-a-scheme"),
        pytest.param(
            " <https://example.org/a>,\n\nhttp://example.net",
            ("https://example.org/a", "http://example.net"),
            id="wrapped-and-several",
        ),
        pytest.param("https://example.org/a https://example.org/a", ("https://example.org/a",), id="each-once"),
        pytest.param("", (), id="none"),
    ],
)
def test_links_are_read_as_pasted(typed, links):
    assert read_links(typed) == links


@pytest.mark.parametrize("typed", ["nonsense", "javascript:alert(1)", "https://", "ftp://example.org/a", "http://[::1"])
def test_what_is_no_link_is_named_by_its_place_and_not_repeated(typed):
    with pytest.raises(UnusableLink, match="Entry 2 is not a web link") as refusal:
        read_links(f"https://example.org {typed}")
    assert typed.split(":")[-1].strip("/ ") == "" or typed not in str(refusal.value)


def test_too_many_links_are_refused_with_a_way_out():
    with pytest.raises(UnusableLink, match=f"send the first {MOST_LINKS}"):
        read_links("\n".join(f"https://example.org/{n}" for n in range(MOST_LINKS + 1)))


def test_the_site_of_a_link():
    assert host_of("https://WWW.Example.ORG:8080/a") == "example.org"

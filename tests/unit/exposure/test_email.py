import pytest

from habeas.exposure.core.detectors.email import DETECTOR


@pytest.mark.parametrize(
    ("text", "address"),
    [
        pytest.param("write to mira@example.org.", "mira@example.org", id="at the end of a sentence"),
        pytest.param(
            "Mira.Caldwell+news@Mail.Example.CO.UK",
            "mira.caldwell+news@mail.example.co.uk",
            id="dots, a tag and capitals",
        ),
        pytest.param("<mira@example.org>", "mira@example.org", id="in angle brackets"),
        pytest.param("mailto:mira@example.org", "mira@example.org", id="in a mail link"),
        pytest.param("E-Mail:mira@example.org", "mira@example.org", id="after a colon"),
        pytest.param("user=mira@example.org", "mira@example.org", id="after an equals sign"),
        pytest.param("zoë@example.org", "zoë@example.org", id="accented letter"),
        pytest.param("почта@пример.рф", "почта@пример.рф", id="Cyrillic address"),
        pytest.param("mira [at] example [dot] org", "mira@example.org", id="bracketed words"),
        pytest.param("mira(at)example.org", "mira@example.org", id="bracketed at"),
        pytest.param("mira{AT}example{DOT}org", "mira@example.org", id="curly brackets"),
        pytest.param("mira [arroba] example [punto] org", "mira@example.org", id="Spanish words"),
        pytest.param("mira (ät) example (punkt) de", "mira@example.de", id="German words"),
        pytest.param("mira &#64; example.org", "mira@example.org", id="HTML entity"),
        pytest.param("mira_at_example_dot_org", "mira@example.org", id="underscores around the words"),
        pytest.param("email me: mira at example dot org", "mira@example.org", id="spelt out after the word e-mail"),
        pytest.param("mira.c91 at gmail dot com", "mira.c91@gmail.com", id="spelt out with a provider"),
        pytest.param("mira@example dot org", "mira@example.org", id="only the dot spelt out"),
        pytest.param("miraATexampleDOTorg", "mira@example.org", id="capital words"),
        pytest.param("mira @ example . org", "mira@example.org", id="blanks around the signs"),
        pytest.param("m i r a @ e x a m p l e . o r g", "mira@example.org", id="spaced out"),
        pytest.param("mira\u200b@\u200bexample.org", "mira@example.org", id="zero-width characters"),
        pytest.param("ｍｉｒａ＠ｅｘａｍｐｌｅ．ｏｒｇ", "mira@example.org", id="full width"),
        pytest.param("mіrа@ехаmрlе.org", "mira@example.org", id="Cyrillic look-alikes"),
        pytest.param("𝗆𝗂𝗋𝖺@𝖾𝗑𝖺𝗆𝗉𝗅𝖾.𝗈𝗋𝗀", "mira@example.org", id="mathematical letters"),
    ],
)
def test_addresses_are_found_however_they_are_written(text, address, values):
    assert values(DETECTOR, text) == [address]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("look at example dot com", id="an ordinary sentence with at and dot"),
        pytest.param("meet me at google dot com headquarters", id="a company spelt out"),
        pytest.param("icon@2x.png and logo@home.svg", id="file names"),
        pytest.param("package@1.2.3", id="a version"),
        pytest.param("@mira and @example.com", id="handles"),
        pytest.param("see you @ the bar. Come early", id="an at sign for a place"),
        pytest.param("dinner @ Joes . So good", id="tokenised tweet"),
        pytest.param("a@b", id="no domain"),
        pytest.param("(a) first point. second", id="numbered paragraphs"),
        pytest.param("@mira@social.example", id="an account of the fediverse"),
    ],
)
def test_what_only_looks_like_an_address_is_left(text, values):
    assert values(DETECTOR, text) == []


def test_the_reason_does_not_repeat_the_address(candidates):
    (found,) = candidates(DETECTOR, "mira [at] example.org")
    assert "mira" not in found.reason
    assert found.detail == "disguised"


def test_the_span_covers_the_whole_disguise(candidates):
    text = "x mira [at] example [dot] org y"
    (found,) = candidates(DETECTOR, text)
    assert text[found.start : found.end] == "mira [at] example [dot] org"

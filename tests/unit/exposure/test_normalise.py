import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.exposure.core.normalise import NormalisedText, normalise


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        pytest.param("５５５－０１２３", "555-0123", id="full-width digits and dash"),
        pytest.param("𝟓𝟓𝟓 𝐉𝐨𝐡𝐧", "555 John", id="mathematical digits and letters"),
        pytest.param("٠١٢٣ ०१२ ۴۵", "0123 012 45", id="Arabic, Devanagari and Persian digits"),
        pytest.param("5️⃣5️⃣5️⃣", "555", id="keycap emoji"),
        pytest.param("❺⑤➄", "555", id="circled digits"),
        pytest.param("🅹🅾🅷🅽", "JOHN", id="letters in black squares"),
        pytest.param(
            "jo\u200bhn\u2060@ex\u00adample.com", "john@example.com", id="zero-width characters and soft hyphens"
        ),
        pytest.param("\u202e555\u202c", "555", id="direction overrides"),
        pytest.param(
            "555\u2010555\u2011555\u2012555\u2013555\u2014555\u2015555\u2212555\ufe58555",
            "-".join(["555"] * 9),
            id="dashes of every kind",
        ),
        pytest.param("a\u00a0b\u2009c\u3000d", "a b c d", id="odd blanks"),
        pytest.param("j\u0336o\u0336h\u0336n\u0336", "john", id="struck-out letters"),
        pytest.param("n\u0303o", "ño", id="a letter and its accent become one"),
        pytest.param("jоhn@ехample.com", "john@example.com", id="Cyrillic look-alikes in an e-mail address"),
        pytest.param("раураl.com", "paypal.com", id="Cyrillic look-alikes in a domain"),
        pytest.param("@јоhn_dоe", "@john_doe", id="Cyrillic look-alikes in a handle"),
        pytest.param("αdmin@example.org", "admin@example.org", id="Greek look-alikes in an e-mail address"),
        pytest.param("ᴊᴏʜɴ", "john", id="small capitals"),
        pytest.param("O’Brien “said”", 'O\'Brien "said"', id="curly quotes"),
        pytest.param("555•0123", "555.0123", id="bullets between digits"),
        pytest.param("03ー1234", "03-1234", id="Japanese long vowel sign between digits"),
        pytest.param("5 5 5 - 5 5 5 - 0 1 2 3", "555-555-0123", id="spaced-out digits"),
        pytest.param("c a l l  5 5 5  0 1 2 3 now", "c a l l  555 0123 now", id="wider gaps end words"),
        pytest.param(
            "(5 5 5) 5 5 5 - 0 1 2 3.", "(555)555-0123.", id="spaced-out digits in brackets, with a full stop"
        ),
        pytest.param("j o h n @ e x a m p l e . c o m?", "john@example.com?", id="spaced-out e-mail address"),
        pytest.param("D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0", "DE89370400440532013000", id="spaced-out account"),
        pytest.param("five five five zero one two three", "5550123", id="digits in words"),
        pytest.param("cinco cinco cinco cero uno dos tres", "5550123", id="digits in Spanish words"),
    ],
)
def test_disguised_text_becomes_plain(written, plain):
    assert normalise(written).text == plain


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("Привет, мир. Москва, ул. Ленина", id="Russian"),
        pytest.param("Καλημέρα κόσμε", id="Greek"),
        pytest.param("مرحبا بالعالم", id="Arabic"),
        pytest.param("नमस्ते दुनिया", id="Hindi"),
        pytest.param("東京都千代田区 スーパー", id="Japanese"),
        pytest.param("서울특별시", id="Korean"),
        pytest.param("Zoë Müller, Łódź, Đặng", id="accented Latin"),
        pytest.param("почта@пример.рф", id="a Cyrillic e-mail address"),
        pytest.param("5½ x", id="a fraction"),
        pytest.param("a b c d e f g h", id="single letters"),
        pytest.param("one two three", id="three number words"),
    ],
)
def test_real_words_come_through(written):
    assert normalise(written).text == written


def test_plain_text_costs_no_map():
    assert normalise("plain text, 555-0123").starts is None


def test_a_span_leads_back_to_the_disguise():
    text = normalise("mail j\u200bо\u200bhn@example.com now")
    start = text.text.index("john@example.com")
    first, last = text.span(start, start + len("john@example.com"))
    assert text.original[first:last] == "j\u200bо\u200bhn@example.com"


pieces = st.one_of(
    st.characters(exclude_categories=["Cs"]),
    st.sampled_from("0123456789 @.-abcXYZаеорсΑΒ\u200b\u0301\u0336\ufe0f\u20e3５𝟓ﬁ①½가\u1161\u11a8"),
    st.sampled_from(["5 5 5 ", "a b @ c ", "five, ", "zero "]),
)
alphabets = st.lists(pieces, max_size=60).map("".join)


@given(alphabets)
def test_the_way_back_never_runs_backwards(written):
    text = normalise(written)
    if text.starts is None or text.ends is None:
        assert text.text == written
        return
    assert len(text.starts) == len(text.ends) == len(text.text)
    assert list(text.starts) == sorted(text.starts)
    assert list(text.ends) == sorted(text.ends)
    assert all(0 <= start < end <= len(written) for start, end in zip(text.starts, text.ends, strict=True))


@given(alphabets, st.data())
def test_every_span_holds_the_characters_it_stands_for(written, data):
    text = normalise(written)
    if not text.text:
        return
    start = data.draw(st.integers(0, len(text.text) - 1))
    end = data.draw(st.integers(start + 1, len(text.text)))
    first, last = text.span(start, end)
    assert 0 <= first < last <= len(written)
    for place in range(start, end):
        if text.text[place].isascii() and text.text[place] in written[first:last]:
            continue
        one, two = text.span(place, place + 1)
        assert first <= one < two <= last


@given(st.text(st.characters(max_codepoint=127), max_size=80))
def test_ascii_letters_and_digits_are_never_changed(written):
    text = normalise(written)
    if text.starts is None:
        assert text == NormalisedText(written, written)
    else:
        kept = [character for character in text.text if not character.isspace()]
        stood = [text.original[text.starts[place]] for place, c in enumerate(text.text) if not c.isspace()]
        assert all(one == two or one.isdigit() for one, two in zip(kept, stood, strict=True))


@given(alphabets)
def test_lower_keeps_the_length(written):
    text = normalise(written)
    assert len(text.lower) == len(text.text)


@given(alphabets)
def test_normalising_twice_changes_no_letter(written):
    once = normalise(written).text
    assert len(normalise(once).text) <= len(once) or not once.isascii()

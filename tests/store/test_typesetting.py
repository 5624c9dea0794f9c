"""Letters in print: for archives and screen readers, in every script we write, and nothing in them is markup."""

from __future__ import annotations

import ctypes
import re
from dataclasses import replace
from datetime import UTC, datetime

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from factories.letters import letter_facts, posting
from habeas.evidence.core.glyphs import letters_of
from habeas.evidence.printing import FONTS, STATEMENTS, letters
from habeas.remedies.core.letters import Letter, NotFilled, edit, fill, letter_for, text, words_in
from habeas.remedies.typesetting import FAMILIES, letter_pdf

EN = words_in("en")
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def letter(**changes) -> Letter:
    return fill(letter_for("platform-notice"), EN, letter_facts(**changes))


def read(pdf: bytes) -> str:
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
    return "\n".join(pages).replace("\r\n", "\n")


def fonts_in(pdf: bytes) -> set[str]:
    names = set()
    for page in pypdfium2.PdfDocument(pdf):
        for each in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT]):
            font = pdfium.FPDFTextObj_GetFont(each.raw)
            length = pdfium.FPDFFont_GetBaseFontName(font, None, 0)
            name = ctypes.create_string_buffer(length)
            pdfium.FPDFFont_GetBaseFontName(font, name, length)
            names.add(name.value.decode().partition("+")[2])
    return names


def squeezed(words: str) -> str:
    return re.sub(r"\s", "", words)


def test_a_letter_is_for_archives_and_for_screen_readers():
    pdf = letter_pdf(letter(), at=AT)
    for mark in (b"<pdfaid:part>3", b"<pdfaid:conformance>A", b"<pdfuaid:part>1", b"/MarkInfo", b"/Lang"):
        assert mark in pdf, mark


def test_a_letter_in_print_says_what_the_letter_in_text_says():
    shown = letter()
    in_print = squeezed(read(letter_pdf(shown, at=AT)))
    for block in shown.blocks:
        for each in (block.text, *(field.text for row in block.rows for field in row)):
            assert squeezed(re.sub("[\u2068\u2069]", "", each)) in in_print


def test_the_same_letter_gives_the_same_bytes():
    assert letter_pdf(letter(), at=AT) == letter_pdf(letter(), at=AT)
    assert letter_pdf(letter(), at=AT) != letter_pdf(letter(danger=True), at=AT)


@pytest.mark.parametrize(
    ("words", "font"),
    [
        pytest.param("الشخص المعني", "NotoSansArabic", id="Arabic"),
        pytest.param("प्रभावित व्यक्ति", "NotoSansDevanagari", id="Hindi"),
        pytest.param("影響を受けた人", "NotoSansCJK", id="Japanese"),
        pytest.param("当事人的住址", "NotoSansCJK", id="Chinese, simplified"),
        pytest.param("當事人的住址", "NotoSansCJK", id="Chinese, traditional"),
        pytest.param("영향을 받은 사람", "NotoSansCJK", id="Korean"),
    ],
)
def test_every_script_we_write_is_set_in_its_own_letters(words, font):
    pdf = letter_pdf(letter(addressee=words, organisation=f"{words} (X)"), at=AT)
    there = read(pdf)
    assert any(name.startswith(font) for name in fonts_in(pdf))
    assert "[U+" not in there
    # Extraction gives Arabic in the order of sight and Devanagari by shapes; every letter is there all the same.
    assert set(squeezed(words)) <= set(squeezed(there))


@pytest.mark.parametrize(
    ("language", "tags"),
    [("ar", b"/Lang(ar)"), ("ja", b"/Lang(ja)"), ("zh-Hant", b"/Lang(zh-TW)"), ("zh-Hans", b"/Lang(zh-CN)")],
)
def test_a_letter_says_its_language_to_those_who_hear_it(language, tags):
    words = replace(EN, language=language)
    made = fill(replace(letter_for("platform-notice"), language=language), words, letter_facts())
    assert tags in letter_pdf(made, at=AT, words=words)


def test_chinese_letters_take_the_shape_of_the_letters_language():
    def pixels(language):
        words = replace(EN, language=language)
        made = fill(replace(letter_for("platform-notice"), language=language, subject="直骨角"), words, letter_facts())
        pdf = letter_pdf(made, at=AT, words=words)
        return pypdfium2.PdfDocument(pdf)[0].render().to_numpy().tobytes()

    assert len({pixels(language) for language in ("zh-Hans", "zh-Hant", "ja")}) == 3


HOSTILE = '#panic("x") *bold* $x$ \\ @ref <label> #include "/etc/passwd" `raw` // c /* [ ] "'


def test_what_looks_like_markup_stays_text():
    made = edit(letter(addressee=HOSTILE), 1, f"{HOSTILE} #set page(height: 1pt)")
    there = squeezed(read(letter_pdf(made, at=AT)))
    assert there.count(squeezed(HOSTILE)) >= 2
    assert squeezed("#set page(height: 1pt)") in there


def test_what_no_font_shows_stands_as_its_code_and_the_page_says_so():
    there = read(letter_pdf(letter(addressee="ก desk"), at=AT))
    assert "[U+0E01] desk" in there
    assert "Unicode codes" in there
    assert "Unicode codes" not in read(letter_pdf(letter(), at=AT))


def test_joiners_shape_what_stands_beside_them_and_are_no_codes():
    joined, apart = "क्\u200dष", "क्ष"
    assert "[U+" not in read(letter_pdf(letter(addressee=joined), at=AT))
    assert letter_pdf(letter(addressee=joined), at=AT) != letter_pdf(letter(addressee=apart), at=AT)


def test_a_long_address_breaks_within_the_page_and_stays_whole():
    url = "https://board.example.net/" + "a1" * 400
    pdf = letter_pdf(letter(postings=(posting(url),)), at=AT)
    assert squeezed(url) in squeezed(read(pdf))
    page = pypdfium2.PdfDocument(pdf)[0]
    for each in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT]):
        assert each.get_bounds()[2] <= page.get_width() - 40


def test_a_letter_with_a_gap_is_not_printed():
    with pytest.raises(NotFilled, match="reply_to"):
        letter_pdf(letter(reply_to=""), at=AT)


def test_statements_are_still_set_in_letters_of_every_weight():
    both = [letters_of((FONTS / name).read_bytes()) for name in ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf")]
    assert letters(STATEMENTS) == both[0] & both[1]
    assert letters(STATEMENTS) < letters(FAMILIES)


def test_the_fonts_hold_the_letters_in_common_use():
    known = letters(FAMILIES)
    for codec, count in (("gb2312", 6763), ("big5", 13053), ("euc_jp", 6355), ("euc_kr", 4888)):
        there = _han_of(codec)
        assert len(there) >= count
        assert there <= known, codec
    assert set(range(0xAC00, 0xD7A4)) <= known


def test_the_words_of_every_letter_can_be_printed():
    known = letters(FAMILIES)
    for remedy in ("platform-notice", "police-report", "school-letter"):
        shown = set(map(ord, text(fill(letter_for(remedy), EN, letter_facts()))))
        assert shown - known - {0x0A, 0x2068, 0x2069} == set()


def _han_of(codec: str) -> set[int]:
    found = set()
    for high in range(0xA1, 0xFF):
        for low in range(0x40, 0xFF):
            try:
                letters_there = bytes((high, low)).decode(codec)
            except UnicodeDecodeError:
                continue
            found |= {
                ord(each) for each in letters_there if 0x4E00 <= ord(each) <= 0x9FFF or 0xF900 <= ord(each) <= 0xFAFF
            }
    return found

import pytest

from habeas.exposure.core.detectors.birth_date import DETECTOR


@pytest.mark.parametrize(
    ("text", "day"),
    [
        pytest.param("DOB: 1991-04-30", "1991-04-30", id="ISO"),
        pytest.param("DOB 04/30/1991", "1991-04-30", id="month first, told by the day"),
        pytest.param("born on 30.04.1991", "1991-04-30", id="dots"),
        pytest.param("Date of birth:\n 30/04/91", "1991-04-30", id="short year on the next line"),
        pytest.param("born April 30, 1991", "1991-04-30", id="English, month word first"),
        pytest.param("born on the 30th of April 1991", "1991-04-30", id="English, day first"),
        pytest.param("生年月日 1988年3月14日", "1988-03-14", id="Japanese"),
        pytest.param("1988年3月14日生まれ", "1988-03-14", id="Japanese, word last"),
        pytest.param("생년월일 1988년 3월 14일", "1988-03-14", id="Korean"),
        pytest.param("出生日期:1988年3月14日", "1988-03-14", id="Chinese"),
        pytest.param("née le 3 mars 1988", "1988-03-03", id="French"),
        pytest.param("né le 1er août 1975", "1975-08-01", id="French, first of the month"),
        pytest.param("geboren am 3. März 1988", "1988-03-03", id="German"),
        pytest.param("geb. 03.03.1988", "1988-03-03", id="German, short"),
        pytest.param("fecha de nacimiento: 3 de marzo de 1988", "1988-03-03", id="Spanish"),
        pytest.param("nascida em 3 de março de 1988", "1988-03-03", id="Portuguese"),
        pytest.param("nato il 3 marzo 1988", "1988-03-03", id="Italian"),
        pytest.param("geboortedatum: 3 maart 1988", "1988-03-03", id="Dutch"),
        pytest.param("ur. 3 marca 1988", "1988-03-03", id="Polish"),
        pytest.param("дата рождения: 03.03.1988", "1988-03-03", id="Russian"),
        pytest.param("родилась 3 марта 1988", "1988-03-03", id="Russian, in words"),
        pytest.param("doğum tarihi 03.03.1988", "1988-03-03", id="Turkish"),
        pytest.param("生年月日:1988年3月3日", "1988-03-03", id="Japanese"),
        pytest.param("1988年3月3日生まれ", "1988-03-03", id="Japanese, label last"),
        pytest.param("생년월일 1988년 3월 3일", "1988-03-03", id="Korean"),
        pytest.param("تاريخ الميلاد ١٩٨٨/٠٣/٠٣", "1988-03-03", id="Arabic with its own digits"),
        pytest.param("her birthday is March 3", "--03-03", id="birthday without a year"),
        pytest.param("born in 1988", "1988", id="year only"),
        pytest.param("DOB: 1988‑03‑03", "1988-03-03", id="odd dashes"),
    ],
)
def test_a_date_that_a_word_for_birth_claims(text, day, values):
    assert values(DETECTOR, text) == [day]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("on 30 April 1991 the wall fell", id="a date by itself"),
        pytest.param("born 2031-01-01", id="in the future"),
        pytest.param("born 1850-01-01", id="nobody lives that long"),
        pytest.param("DOB: 31/02/1990", id="no such day"),
        pytest.param("a newborn in 1991", id="part of another word"),
        pytest.param("the stillborn project of 1991", id="part of a figure of speech"),
    ],
)
def test_other_dates_are_left(text, values):
    assert values(DETECTOR, text) == []


def test_us_cases_read_the_month_first(values):
    assert values(DETECTOR, "DOB: 04/05/1991", "US") == ["1991-04-05"]
    assert values(DETECTOR, "DOB: 04/05/1991", "GB") == ["1991-05-04"]


def test_an_ambiguous_date_says_so(candidates):
    (found,) = candidates(DETECTOR, "DOB: 04/05/1991")
    assert "other way round" in found.detail

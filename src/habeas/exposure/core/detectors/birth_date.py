"""Dates of birth: a date that a word for birth claims. A date by itself is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from habeas.exposure.core.detectors import Candidate, ScanContext
from habeas.exposure.core.normalise import NormalisedText
from habeas.exposure.core.spans import Taken

# Applied to lower-case text.
_LABEL = re.compile(
    r"(?<![^\W_])(?:d\.?o\.?b\.?|date of birth|birth ?dates?|birth ?day|bday|b-day|born(?: on| in)?|birth|"
    r"n[ée]\(?e?\)? le|date de naissance|naissance|anniversaire|geb(?:oren|\.|urtsdatum|urtstag|oren am)?|geburtstag|"
    r"fecha de nacimiento|naci[óo](?: el)?|nacid[oa](?: el)?|nacimiento|cumplea[ñn]os|f\. ?nac\.?|nascid[oa](?: "
    r"em)?|nasceu(?: em)?|"
    r"data de nascimento|nascimento|anivers[áa]rio|nat[oa](?: il)?|data di nascita|nascita|compleanno|"
    r"geboortedatum|geboren(?: op)?|"
    r"urodz(?:ony|ona|eni\w*|iny)|data urodzenia|ur\.|f[øo]dt|f[øo]dselsdato|f[öo]delse(?:datum|dag)|f[öo]dd|"
    r"syntym[äa](?:aika|päivä)|syntynyt|"
    r"do[ğg]um(?: tarihi| g[üu]n[üu])?|narozen[aý]?|datum narozen[íi]|sz[üu]let(?:ett|[ée]si d[áa]tum)|"
    r"n[ăa]scut[ăa]?|data na[șs]terii|"
    r"tanggal lahir|lahir|ttl|tarikh lahir|ng[àa]y sinh|sinh ng[àa]y)(?!\w)|"
    r"(?:дата рожд\w*|род(?:ился|илась|\.)|рожд\w*|д\.?р\.?\b|дата народж\w*|народ(?:ився|илася)|роден[а]?|"
    r"рођен[а]?|γεννήθηκε|ημ\w* γέννησης|"
    r"تاريخ الميلاد|مواليد|ولد|تولد|תאריך לידה|נולדה?|生年月日|誕生日|生まれ|出生(?:日期|年月日)?|生日|생년월일|생일|"
    r"जन्म ?(?:तिथि|दिन)?|"
    r"วันเกิด|জন্ম)",
)

_MONTHS: dict[str, int] = {}
for _language in (
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "janv févr mars avr mai juin juil aout sept oct nov déc",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "jänner feber maerz apr mai jun jul aug sept okt nov dez",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ene feb mar abr may jun jul ago set oct nov dic",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "januar februar marts april maj juni juli august september oktober november december",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    "ledna února března dubna května června července srpna září října listopadu prosince",
    "januari februari maret april mei juni juli agustus september oktober november desember",
    (
        "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta "
        "heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta"
    ),
):
    for _number, _word in enumerate(_language.split(), start=1):
        _MONTHS.setdefault(_word, _number)
_MONTH = "(?P<month_word>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_MONTH_NUMBER = r"(?P<month>0?[1-9]|1[0-2])"
_YEAR = r"(?P<year>(?:18|19|20)\d\d)"
_SHORT_YEAR = r"(?P<year>(?:18|19|20)\d\d|\d\d)"
_SEPARATOR = r" ?(?P<mark>[\-/.]) ?"

# name -> pattern, tried in this order at the first digits or month after the label
PATTERNS: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "year first": rf"{_YEAR}{_SEPARATOR}{_MONTH_NUMBER} ?(?P=mark) ?{_DAY}(?!\d)",
        "year first, signs": rf"{_YEAR} ?[年년] ?{_MONTH_NUMBER} ?[月월] ?{_DAY}(?!\d) ?[日일號号]?",
        "eight digits": r"(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)",
        "numbers": rf"(?P<first>\d{{1,2}}){_SEPARATOR}(?P<second>\d{{1,2}}) ?(?P=mark) ?'?{_SHORT_YEAR}(?!\d)",
        "day, month word, year": rf"{_DAY}(?:st|nd|rd|th|er|º|ª|\.)?,? ?(?:of |de |d'|-|/)?{_MONTH} ?,?"
        rf"(?: de[l]?| of|-|/)? ?'?{_SHORT_YEAR}(?!\d)",
        "month word, day, year": rf"{_MONTH} ?{_DAY}(?:st|nd|rd|th)? ?,? ?'?(?P<year>(?:18|19|20)\d\d)(?!\d)",
        "day and month word": rf"{_DAY}(?:st|nd|rd|th|er|º|\.)? ?(?:of |de )?{_MONTH}(?!\w)",
        "month word and day": rf"{_MONTH} ?{_DAY}(?:st|nd|rd|th)?(?!\d)",
        "year": rf"{_YEAR}(?!\d|th|s\b|[-/]\d)",
    }.items()
}  # fmt: skip

_BETWEEN = re.compile(
    r"[^\d\n]{0,30}?(?=\d|\b(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b)", re.IGNORECASE
)
_BETWEEN_LINES = re.compile(r"[ \t]{0,4}[:\-]{0,2}[ \t]{0,4}\n[ \t]{0,8}(?=\d)")
_AFTER_DATE = re.compile(
    r"^ ?(?:に|日|년)? ?(?:生まれ|出生|생(?!일)|年生|born\b|geboren\b|doğumlu|г\.? ?р\.?|года рождения)", re.IGNORECASE
)
_OLDEST_YEARS = 120
# A bare year must stand this close to the word, in characters.
_YEAR_WITHIN = 8
_CHILDREN_OF = re.compile(r"(?:new|still|first|air|stubborn)-?$", re.IGNORECASE)


class BirthDateDetector:
    """Value: ISO date, "year-month" parts unknown left out ("1991-04-30", "--04-30", "1991"). Detail: the layout."""

    name = "birth_date"

    def find(self, text: NormalisedText, context: ScanContext) -> Iterator[Candidate]:
        plain = text.text
        taken = Taken()
        for label in _LABEL.finditer(text.lower):
            if _CHILDREN_OF.search(plain, max(0, label.start() - 8), label.start()):
                continue
            gap = _BETWEEN_LINES.match(plain, label.end()) or _BETWEEN.match(plain, label.end())
            if gap is None:
                continue
            candidate = _date_at(plain, gap.end(), context, label.group())
            if candidate and candidate.detail == "year only" and gap.end() - label.end() > _YEAR_WITHIN:
                continue
            if candidate and taken.take(candidate.start, candidate.end):
                yield candidate
        if not plain.isascii():
            yield from _followed_by_label(plain, context, taken)


def _followed_by_label(plain: str, context: ScanContext, taken: Taken) -> Iterator[Candidate]:
    """ "1991年4月30日生まれ": in some languages the word for birth comes last."""
    for match in PATTERNS["year first, signs"].finditer(plain):
        if _AFTER_DATE.match(plain[match.end() : match.end() + 12]) and not taken.overlaps(*match.span()):
            candidate = _judged("year first, signs", match, context, "")
            if candidate:
                yield candidate


def _date_at(plain: str, place: int, context: ScanContext, label: str) -> Candidate | None:
    for name, pattern in PATTERNS.items():
        match = pattern.match(plain, place)
        if match:
            return _judged(name, match, context, label)
    return None


def _judged(name: str, match: re.Match[str], context: ScanContext, label: str) -> Candidate | None:
    parts = match.groupdict()
    today = context.today
    detail = "full date"
    year = _year(parts.get("year"), today)
    if name == "numbers":
        first, second = int(match["first"]), int(match["second"])
        # Day first is the custom of most of the world; the US, or a number above twelve, decides otherwise.
        month_first = second > 12 or (first <= 12 and context.regions[:1] == ("US",) and match["mark"] != ".")
        day, month = (second, first) if month_first else (first, second)
        if first <= 12 and second <= 12 and first != second:
            detail = "full date; day and month could be the other way round"
    else:
        day = int(parts["day"]) if parts.get("day") else 0
        month = (
            int(parts["month"])
            if parts.get("month")
            else _MONTHS.get((parts.get("month_word") or "").lower().rstrip("."), 0)
        )
    value = _value(year, month, day, today)
    if value is None:
        return None
    general = label.lower() in {
        "born",
        "born in",
        "born on",
        "ttl",
        "birth",
        "lahir",
        "nascimento",
        "naissance",
        "生日",
        "생일",
    }
    if name == "year":
        if not label or label.lower().startswith(("birthday", "bday", "anniv", "geburtstag", "cumple", "complean")):
            return None
        return Candidate("birth_date", *match.span(), value, "year only", 0.6, "a year right after a word for birth")
    if year is None:
        return Candidate(
            "birth_date",
            *match.span(),
            value,
            "day and month",
            0.7,
            "a day and month after a word for birth or birthday",
        )
    confidence = 0.93 if general else 0.96
    return Candidate(
        "birth_date", *match.span(), value, detail, confidence, "a full date after a word for the date of birth"
    )


def _year(written: str | None, today: date) -> int | None:
    if not written:
        return None
    year = int(written)
    if len(written) == 2:
        year += 2000 if year <= today.year % 100 - 1 else 1900
    return year


def _value(year: int | None, month: int, day: int, today: date) -> str | None:
    """The ISO form, or None where no living person was born then."""
    if year is not None and not today.year - _OLDEST_YEARS <= year <= today.year:
        return None
    if not month:
        return str(year) if year is not None else None
    try:
        born_on = date(year if year is not None else 2000, month, day)
    except ValueError:
        return None
    if year is None:
        return f"--{month:02d}-{day:02d}"
    return born_on.isoformat() if born_on <= today else None


DETECTOR = BirthDateDetector()

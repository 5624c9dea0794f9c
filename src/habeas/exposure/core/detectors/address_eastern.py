"""Addresses in Chinese, Japanese and Korean signs, and Japanese and Korean ones in Latin letters.

They run from the wide to the narrow (province, city, ward, street, number), mostly without blanks. A number with its
sign (丁目, 番, 号, 號, 로 152) is found first; where the address begins is told by the signs for areas before it. The
key keeps the narrowest area, the street or quarter and the number: province and city are what people leave out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from habeas.exposure.core.detectors.address_forms import Address
from habeas.exposure.core.detectors.address_words import fold

_WHY = "place and street signs of an East Asian address with a number"
_HAN = "\u4e00-\u9fff々〆"
_HAN_DIGITS = {ord(sign): str(value) for value, sign in enumerate("一二三四五六七八九", 1)} | {ord("臺"): "台"}

# --------------------------------------------------------------------------------------------- Japan

_PREFECTURE = re.compile(
    "東京都|北海道|京都府|大阪府|(?:青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|神奈川|新潟|富山|石川|福井|山梨"
    "|長野|岐阜|静岡|愛知|三重|滋賀|兵庫|奈良|和歌山|鳥取|島根|岡山|広島|山口|徳島|香川|愛媛|高知|福岡|佐賀|長崎|熊本"
    "|大分|宮崎|鹿児島|沖縄)県"
)
_NUMERAL = r"(?:\d{1,5}|[一二三四五六七八九十]{1,3}(?=丁目|番|号))"
_JAPANESE = re.compile(
    rf"(?P<code>(?:〒\s?)?\b\d{{3}}-\d{{4}}[\s　]{{1,3}}|〒\s?\d{{7}}[\s　]{{1,3}})?"
    rf"(?P<run>[{_HAN}ぁ-んァ-ヶー 　]{{2,40}}+)"
    rf"(?P<number>{_NUMERAL}(?:丁目|番地|番|号)?(?:[-－ー−‐の 　]?{_NUMERAL}(?:丁目|番地|番|号)?){{0,4}}(?:号室|号)?)"
    rf"(?P<house>[ 　]?(?=[の{_HAN}]{{0,10}}[ァ-ヶ])[ァ-ヶーの{_HAN}・]{{2,20}}(?:[A-Z]?\d{{1,4}})?(?:号室|号|階)?)?"
)
_AREA_SIGN = re.compile("[市区郡町村]")
_NOT_IN_A_TOWN = re.compile("[はを]")


def _japanese(text: str) -> Iterator[Address]:
    for match in _JAPANESE.finditer(text):
        run, number = match["run"], match["number"]
        numerals = re.findall(r"\d+", number.translate(_HAN_DIGITS))
        named = [*_PREFECTURE.finditer(run)]
        wide = named[-1] if named else None
        sign = _AREA_SIGN.search(run, wide.end() if wide else 0)
        enough = 1 if wide and sign and re.search("[番号]", number) else 2
        if len(numerals) + len(re.findall("[一二三四五六七八九]丁目", run)) < enough:
            continue
        if (wide is None and sign is None) or run.rstrip()[-1] in "路街巷弄":
            continue
        begin = wide.start() if wide else _after_words(run, sign.start() if sign else 0)
        if _NOT_IN_A_TOWN.search(run, max(begin, sign.end() if sign else 0)):
            continue
        start = match.start("run") + begin
        if match["code"] and not run[:begin].strip():
            start = match.start("code")
        town = run[wide.end() if wide else begin :].translate(_HAN_DIGITS)
        extra = re.search(r"\d丁目$", town)
        if extra:
            numerals = [extra.group()[0], *numerals]
            town = town[: extra.start()]
        key = f"{'-'.join(numerals[:3])}|{_narrow(town, '市区郡町村')}|"
        yield Address(start, match.end(), key, "JP", 0.85, _WHY)


def _after_words(run: str, sign: int) -> int:
    """Where the area that ends in the sign at ``sign`` begins: after the particle or blank before it."""
    begin = max(run.rfind(particle, 0, sign) for particle in "はがをにでへ、 　") + 1
    return begin + len(run[begin:]) - len(run[begin:].lstrip())


def _narrow(areas: str, signs: str) -> str:
    """The narrowest area with the street: "横浜市南区柿木沢" gives "南区柿木沢"."""
    plain = re.sub(r"[\s　]", "", areas).replace("ヶ", "ケ")
    parts = re.findall(rf"[^{signs}]{{1,12}}[{signs}]+", plain)
    while parts and not plain[sum(map(len, parts)) :]:
        parts.pop()
    return plain[sum(map(len, parts[:-1])) :]


# --------------------------------------------------------------------------------------------- China

_DETAIL = r"(?:号楼|號樓|号院|栋|棟|幢|座|单元|單元|楼|樓|层|層|室|号|號|户|戶)"
_CHINESE = re.compile(
    rf"(?P<code>(?<!\d)\d{{3,6}}\s{{0,2}})?(?P<run>[{_HAN}]{{2,30}}+)(?<=[路街道巷弄段里村同])"
    r"(?P<way>(?:\d{1,2}段)?(?:\d{1,4}巷)?(?:\d{1,4}弄)?)"
    rf"(?P<number>\d{{1,5}}(?:[-之]\d{{1,3}})?[号號](?:之\d{{1,3}})?|[A-Za-z]座)"
    rf"(?P<rest>(?:[，, ]?[{_HAN}]{{0,6}}?[A-Za-z]?\d{{1,5}}(?:-\d{{1,5}})?{_DETAIL}){{0,4}}(?:之\d{{1,3}})?)"
    r"(?P<pin>\s{1,2}\d{6}(?!\d))?"
)
_WHERE_WORDS = re.compile("(?:在|于|於|址|到|寄|是|为|為)(?=.{2})")


def _chinese(text: str) -> Iterator[Address]:
    for match in _CHINESE.finditer(text):
        run = match["run"]
        sign = re.search("[省市区區县縣]", run)
        begin = 0
        for word in _WHERE_WORDS.finditer(run, 0, sign.start() if sign else max(len(run) - 2, 0)):
            begin = word.end()
        start = match.start("run") + begin
        if match["code"] and not begin:
            start = match.start("code")
        street = (run[begin:] + match["way"]).translate(_HAN_DIGITS)
        number = "-".join(re.findall(r"\d+|[a-z]", match["number"].lower()))
        later = re.search(r"之(\d+)$", match["rest"])
        key = f"{number}{'-' + later[1] if later else ''}|{_narrow(street, '省市区區县縣')}|"
        country = "TW" if "號" in match["number"] else "CN"
        yield Address(start, match.end(), key, country, 0.85, _WHY)


# --------------------------------------------------------------------------------------------- Korea

_PROVINCE = (
    r"(?:[가-힣]{2,4}(?:특별자치도|특별자치시|특별시|광역시)|서울시?|부산시?|대구시?|인천시?|광주시?|대전시?|울산시?|세종시?"
    r"|경기도?|강원도?|충청[남북]도|전라[남북]도|경상[남북]도|충북|충남|전북|전남|경북|경남|제주도?)"
)
_KOREAN = re.compile(
    rf"(?:(?<!\d)\d{{5}}\s)?(?<![가-힣])(?:{_PROVINCE}\s(?:[가-힣]{{1,5}}[시군구]\s){{0,2}}|(?:[가-힣]{{1,5}}[시군구]\s){{1,2}})"
    r"(?:[가-힣]{1,5}[읍면]\s)?(?P<road>[가-힣\d·]{1,12}(?:로|길)(?:\s?\d{1,3}[가-힣]?길)?)\s?(?:지하\s?)?"
    r"(?P<number>\d{1,4}(?:-\d{1,4})?)(?!\d)(?:번지)?(?:\s?\([가-힣\d ,·]{2,20}\))?"
    r"(?:,?\s[가-힣A-Za-z]{0,10}\s?\d{1,4}동)?(?:,?\s?\d{1,4}호)?(?:\s?\([가-힣\d ,·]{2,20}\))?"
)


def _korean(text: str) -> Iterator[Address]:
    for match in _KOREAN.finditer(text):
        areas = re.findall(r"[가-힣]+[시군구](?=\s)", match.group()[: match.start("road") - match.start()])
        key = f"{match['number']}|{areas[-1] if areas else ''}{match['road'].replace(' ', '')}|"
        yield Address(*match.span(), key, "KR", 0.85, _WHY)


# --------------------------------------------------------------------------------------------- in Latin letters

_WORD = r"[A-Za-zĀ-ſ]{2,20}"
_BLOCKS = r"\d{1,4}(?:-\d{1,4}){1,3}"
_AREA = rf"{_WORD}-(?:ku|shi|machi|cho|chō|gun|ken|fu|to|mura|son|gu|si|dong|do|eup|myeon)\b"
_ROMAJI = re.compile(
    rf"(?<![\w\-])(?P<flat>(?:#?\d{{1,4}},?\s|{_WORD}\s\d{{2,4}},\s))?"
    rf"(?:(?P<first>{_BLOCKS}|\d{{1,2}}-chome-\d{{1,2}}(?:-\d{{1,2}})?),?\s(?P<town>{_WORD}(?:[ \-]{_WORD})?)"
    rf"|(?P<town2>{_WORD}(?:[ \-](?!\d){_WORD})?),?\s(?P<last>{_BLOCKS}|\d{{1,2}}-chome,?\s?{_BLOCKS}))"
    rf"(?P<rest>,?\s{{1,2}}{_AREA}(?:,?\s{_WORD}(?:-{_WORD})?){{0,2}})(?:,?\s〒?\d{{3}}-\d{{4}})?(?:,?\sJapan\b)?",
    re.IGNORECASE,
)
_HANGUL_IN_LATIN = re.compile(
    rf"(?<![\w\-])(?P<number>\d{{1,4}}(?:-\d{{1,3}})?),?\s(?P<road>{_WORD}(?:-?\d{{0,3}}[a-z]?)?-?(?:daero|ro|gil)"
    rf"(?:\s?\d{{1,3}}(?:beon)?-gil)?),\s{_WORD}-(?:gu|si|gun|dong)\b(?:,\s{_WORD}(?:-{_WORD})?){{0,2}}"
    r"(?:,?\s\d{5}\b)?(?:,?\s(?:South\s|Republic\sof\s)?Korea\b)?",
    re.IGNORECASE,
)


_AREA_NAME = r"(?:[A-Z][\w'’\-]{1,20}\s){1,4}"
_NUMBERED_ROAD = re.compile(
    r"(?<!\w)(?:(?:\d{1,3}F(?:-\d{1,2})?|(?:Room|Rm\.?|Unit|Flat|Building|Block)\s\w{1,5}),?\s){0,3}"
    r"No\.?\s?(?P<number>\d{1,5}(?:-\d{1,3})?),?\s"
    r"(?P<ways>(?:(?:Lane|Ln\.?|Alley|Aly\.?|Section|Sec\.?)\s\d{1,4},?\s){0,3})"
    r"(?P<road>(?:[A-Z][\w'’\-]{1,20},?\s){1,4}?(?:Road|Rd|Street|St|Avenue|Ave|Boulevard|Blvd|Lane|Highway|Hwy)\b)\.?"
    r"(?P<section>\s(?:Section|Sec\.?)\s\d{1,2})?"
    rf"(?P<areas>(?:,\s{_AREA_NAME}(?:District|Dist\b\.?|City|County|Township|Province|New\sArea))*)"
    r"(?P<rest>(?:,\s[A-Z][a-z]{2,15}(?:\s(?:City|County|Province))?){0,2}(?:,?\s\d{3,6}\b)?"
    r"(?:,?\s(?:Taiwan(?:\s\(R\.?O\.?C\.?\))?|China|P\.?R\.?\s?China))?)"
)
_ROAD_WORDS = {"rd": "road", "st": "street", "ave": "avenue", "blvd": "boulevard", "hwy": "highway", "sec": "section"}


def _chinese_in_latin(text: str) -> Iterator[Address]:
    for match in _NUMBERED_ROAD.finditer(text):
        if not match["areas"] and not match["ways"]:
            continue
        named = match["road"] + (match["section"] or "") + " " + match["ways"]
        named = re.sub(r"(?i)\b(?:lane|ln|alley|aly)\.?\s\d+,?\s", "", named)
        road = "".join(_ROAD_WORDS.get(word, word) for word in re.findall(r"[a-z0-9]+", fold(named)))
        sure = 0.98 if match["areas"] else 0.75
        why = "number, road and district of a Chinese address"
        yield Address(*match.span(), f"{match['number']}|{road}|", "CN", sure, why)


def _latin(text: str) -> Iterator[Address]:
    for match in _ROMAJI.finditer(text):
        blocks = re.findall(r"\d+", match["first"] or match["last"])
        town = re.sub(r"[^a-z]", "", fold(match["town"] or match["town2"]))
        why = "block number and ward of a Japanese address"
        yield Address(*match.span(), f"{'-'.join(blocks[:3])}|{town}|", "JP", 0.8, why)
    for match in _HANGUL_IN_LATIN.finditer(text):
        road = re.sub(r"[^a-z0-9]", "", fold(match["road"]))
        yield Address(
            *match.span(), f"{match['number']}|{road}|", "KR", 0.8, "number, road and ward of a Korean address"
        )


_HAN_SIGN, _HANGUL_SIGN = re.compile("[路街道巷弄段里村同市区區郡町村都府県县縣]"), re.compile("[로길]")
_LATIN_SIGN = re.compile(r"-(?:ku|shi|machi|cho|chō|gun|ken|fu|to|mura|son|gu|si|dong|do|eup|myeon)\b", re.IGNORECASE)


def eastern(text: str) -> Iterator[Address]:
    """Every East Asian address; several readings of one place may overlap."""
    if not text.isascii():
        if _HAN_SIGN.search(text):
            yield from _japanese(text)
            yield from _chinese(text)
        if _HANGUL_SIGN.search(text):
            yield from _korean(text)
    if _LATIN_SIGN.search(text):
        yield from _latin(text)
    if "No" in text:
        yield from _chinese_in_latin(text)

"""Postal addresses, by the grammars of about thirty countries.

An address grows from a core (a street word beside a house number, or a bare "word number" that a postcode vouches for)
along its tail (unit, place, region, postcode, country; commas, lines and field labels between them) and back over what
leads it (flat, floor, the name of a house). How much of it stands decides the confidence: street, number, postcode and
place 0.95, street, number and place 0.85, street and number 0.7; a street alone counts only after words such as "lives
on". Forms that need no grammar are in ``address_forms``, East Asian ones in ``address_eastern``, words in
``address_words``.

The value is ``number|street|postcode``, folded so that rewriting (St or Street, Str. or Straße, accents, case, number
before or after, flat, place and country left out) leaves it unchanged. The country is a guess from the postcode's form
and the street's language.

Every pattern runs over bounded pieces and never restarts from an earlier one, so the time is linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from habeas.exposure.core.detectors import Candidate, ScanContext
from habeas.exposure.core.detectors import address_forms as forms
from habeas.exposure.core.detectors import address_words as tables
from habeas.exposure.core.detectors.address_eastern import eastern
from habeas.exposure.core.detectors.address_forms import Address
from habeas.exposure.core.normalise import NormalisedText
from habeas.exposure.core.spans import Taken

# What ``trigger.py`` reads to tell in advance whether an address can stand in a text.
_PREFIXES, _UNIT_WORDS, _ENDINGS = tables.PREFIXES, tables.UNIT_WORDS, tables.ENDINGS
_EN_TYPE, _EN_ALONE, _POST_BOX = tables.EN_TYPE, tables.EN_ALONE, forms.POST_BOX


_POSTCODE_LABEL = re.compile(
    r"(?:c\.?\s?p\.?|cep|cap|plz|pin|pincode|pin\s?code|zip|zip\s?code|post\s?code|postal\s?code|postcode|postleitzahl"
    r"|code\s?postal|código\s?postal|kod\s?pocztowy|postnr\.?|eircode)\s{0,3}[:.\-–]?\s{0,3}(?=[\dA-Z〒])",
    re.IGNORECASE,
)
# Postcodes whose form alone tells the country.
_OWN_POSTCODES = (
    (
        "GB",
        re.compile(r"(?:GIR\s?0AA|[A-PR-UWYZ][A-HK-Y]?\d[A-HJ-NP-Y\d]?\s{0,2}\d[ABD-HJLNP-UW-Z]{2})\b", re.IGNORECASE),
    ),
    ("CA", re.compile(r"[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ \-]?\d[ABCEGHJ-NPRSTV-Z]\d\b", re.IGNORECASE)),
    ("IE", re.compile(r"(?:[AC-FHKNPRTV-Y]\d\d|D6W)[ \-]?(?=\D{0,3}\d)[\dAC-FHKNPRTV-Y]{4}\b", re.IGNORECASE)),
    ("NL", re.compile(r"(?:NL-?\s?)?[1-9]\d{3}\s?(?!SA|SD|SS)[A-Z]{2}\b(?![^\W\d_])")),
    ("PL", re.compile(r"(?:PL-?\s?)?\d\d-\d{3}\b(?!-)")),
    ("PT", re.compile(r"(?:PT?-?\s?)?[1-9]\d{3}-\d{3}\b(?!-)")),
    ("BR", re.compile(r"\d{5}-\d{3}\b(?!-)")),
    ("US", re.compile(r"\d{5}-\d{4}\b(?!-)")),
    ("JP", re.compile(r"〒\s?\d{3}-?\d{4}\b")),
)
_COUNTRY_LETTERS = re.compile(r"(DE?|FR?|IT?|ES?|AT?|CH|BE?|LU?|DK|NO?|SE?|FIN?|CZ|SK|HU?|GR|HR|SI)[\-–]\s?(?=\d{3,5})")
_DIGIT_POSTCODE = re.compile(r"(?:\d{3} \d{2}|\d{3}\s\d{3}|\d{8}|\d{4,6})(?![\w\-]|[.,:/]\d)")
_LOWER_NL = re.compile(r"[1-9]\d{3}\s?[a-z]{2}\b")

_TOKEN = re.compile(
    r"\n|[cC]/(?=\s?[^\W\d_])|[^\W\d_](?:/(?=\d))|\d+(?:[.,]\d+)*[^\W\d_]{0,3}(?:[\-–/]\d+[^\W\d_]{0,2})*"
    r"|[dlDL]['’](?=[^\W\d_])|[nN][º°]|(?:[vcpVCP]\.(?=(?:le|so|za|zza|LE|SO|ZA|ZZA|º)\b))?[^\W\d_]+(?:['’\-][^\W\d_]+)*[.º]?|〒"
    r"|[^\w\s]|_+"
)
_HOUSE = re.compile(r"#?\d{1,6}(?:bis|ter|[^\W\d_]{0,2})(?:[\-–/]\d{1,5}[^\W\d_]?){0,2}$", re.IGNORECASE)
_ORDINAL = re.compile(r"\d{1,3}(?:st|nd|rd|th)$", re.IGNORECASE)
_NO_HOUSE = re.compile(r"\d{1,3}(?:st|nd|rd|th|am|pm|km|kg|mm|cm|gb|mb|ml|hz|pt|px|k|m|ème|eme|er|º)$", re.IGNORECASE)
_AROUND_CURRENCY = frozenset("$€£¥%+")
_FIELD = re.compile(
    r"(?:street(?:\s?address)?|house(?:\s?(?:no|number))?|city|town|village|county|state|province|region|country"
    r"|postcode"
    r"|post\s?code|postal\s?code|zip(?:\s?code)?|plz|ort|stadt|wohnort|land|bundesland|straße|strasse|hausnummer|ville"
    r"|code\s?postal|pays|rue|ciudad|localidad|provincia|código\s?postal|c\.?p\.?|cp|país|municipio|woonplaats"
    r"|plaats|straat"
    r"|huisnummer|città|comune|provincia|cap|paese|cidade|bairro|estado|cep|país|miasto|kod(?:\s?pocztowy)?|kraj|ulica"
    r"|apt|unit|suite|address\s?(?:line\s?)?[12]|line\s?[12]|pin(?:code)?|eircode|suburb)\s{0,3}[:=]\s{0,3}",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:(?<=\n)|(?<=^)|(?<=[,;|•\-*>(\]]\s)|(?<=[,;|•*>(\]]))(?:[\s\-*•>#=~_|\[(]{0,6})"
    r"(?P<label>(?:(?:home|house|current|last\s?known|street|postal|mailing|residential|physical|full|known"
    r"|private|work|old|prev(?:ious)?)"
    r"\s{0,2}){0,2}(?:address(?:es)?|addy|addr|residence|lives(?:\s(?:at|in))?|location|home)"
    r"|(?:wohn|privat|haus|post|heim)?(?:adresse|anschrift)|wohnort|wohnhaft|wohnt"
    r"|(?:adresse)(?:\s(?:postale|personnelle|actuelle|privée|du domicile))?|domicile|habite|résidence"
    r"|(?:dirección|direccion|domicilio|vive(?:\sen)?)(?:\s(?:particular|postal|actual))?"
    r"|(?:huis|woon|thuis|post)?adres|woont|indirizzo(?:\s(?:di casa|privato))?|residenza|abita|recapito|endereço"
    r"|endereco|morada|mora"
    r"|adres(?:\s(?:zamieszkania|domowy))?|zamieszkały|adress|hemadress|bostad|bopæl|bosted|hjemmeadresse|osoite"
    r"|kotiosoite"
    r"|street|straße|strasse|rue|calle|straat|via|住所|地址|주소)\s{0,3}(?:\([^)\n]{1,20}\)\s{0,2})?(?::|=|："
    r"|\s[–-])[ \t]{0,4}",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"\b(?:(?:he|she|they|family|parents|mother|mom|mum|dad|who|that|currently|now|still)?\s?(?:lives?|living|live"
    r"|stays?|staying|resides?|residing|located|based)"
    r"\s(?:at|on|in|near|over\s(?:at|on))|(?:house|flat|apartment|place|home|residence)\s(?:is\s)?(?:at|on)"
    r"|(?:deliver|send|ship|mail|post)(?:ed)?\s(?:it\s|them\s|this\s)?to"
    r"|(?:address|addy)(?:\s(?:is|with|to|at)|\s?:)|corner\sof|moved\s(?:in)?to|house\snumber|find\s(?:him|her|them)\sat|come\sto|visit\s(?:him|her"
    r"|them)?\s?(?:at)?|go\sto|show\sup\sat|meet\sat|parked\s(?:on|at|outside)"
    r"|(?:wohnt|wohne|wohnen|lebt|wohnhaft|gemeldet|zuhause|zu\shause)(?:\s(?:jetzt|aktuell|in|an|am|im|auf|unter"
    r"|bei|der|dem|ist))*|adresse\s(?:ist|lautet)"
    r"|(?:habite|habitent|vit|réside|demeure|loge|domicilié[e]?)(?:\s(?:au|à|a|aux|dans|sur|chez))?|adresse\sest"
    r"|(?:vive|viven|reside|domiciliad[oa])(?:\s(?:en|con))?(?:\s(?:la|el))?|dirección\ses"
    r"|(?:woont|wonen|verblijft)(?:\s(?:op|aan|in|bij))?(?:\s(?:de|het))?|adres\sis"
    r"|(?:abita|abitano|risiede|vive)(?:\s(?:in|a|al))?|(?:mora|moram|reside|vive)(?:\s(?:na|no|em))?"
    r"|(?:mieszka)(?:\s(?:na|przy|w))?|(?:bor|bosatt)(?:\s(?:på|i|ved))?)\W{0,4}$",
    re.IGNORECASE,
)
_CUE_AHEAD = re.compile(
    r"\b(?:lives?|living|live|stays?|resides?|house\sis|home\sis|wohnt|woont|habite|vive|abita|mora|parked"
    r"|parks)\s(?:right\s|just\s)?(?:at|on|off|in der|in|am|an der|rue|aan de|op de|na|en la)\s(?:the\s)?"
    r"(?=[A-ZÀ-Þ])"
)


_COMPOUND_END = re.compile(
    "(?:" + "|".join(sorted((re.escape(ending) for ending in tables.ENDINGS), key=len, reverse=True)) + r")$"
)


@dataclass(slots=True)
class _Word:
    start: int
    end: int
    text: str
    low: str

    @property
    def plain(self) -> str:
        """In lower case, without the dot of an abbreviation."""
        return self.low.rstrip(".")

    @property
    def title(self) -> bool:
        return self.text[0].isupper()

    @property
    def shouted(self) -> bool:
        return len(self.text) > 1 and self.text.isupper()


@dataclass(slots=True)
class _Found:
    """An address in the making. ``first`` and ``last`` are token indexes, ``last`` excluded."""

    first: int
    last: int
    number: str
    street: str
    families: tuple[str, ...]
    strength: float
    stood: set[str] = field(default_factory=set)
    postcode: str = ""
    country: str = ""
    end: int = -1
    start: int = -1


def _words(text: str, first: int, last: int) -> list[_Word]:
    return [_Word(m.start(), m.end(), m.group(), m.group().lower()) for m in _TOKEN.finditer(text, first, last)]


_BEFORE_A_NUMBER, _AFTER_A_NUMBER = 160, 260  # characters; no address reaches further from its nearest number


def _words_near_numbers(text: str) -> list[_Word]:
    """The words of the text that an address can hold; where text is left out, two line breaks stand for it."""
    words: list[_Word] = []
    done = 0
    for first, last in _stretches(text):
        if first > done and words:
            words += [_Word(done, done, "\n", "\n"), _Word(done, done, "\n", "\n")]
        words += _words(text, first, last)
        done = last
    return words


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """(first, last) of the stretches of the text around its numbers, cut at blanks, in order and apart."""
    begin, end = -1, -1
    for number in _DIGITS.finditer(text):
        low = max(number.start() - _BEFORE_A_NUMBER, 0)
        high = _blank_after(text, number.end() + _AFTER_A_NUMBER)
        if low > end:
            if begin >= 0:
                yield begin, end
            begin = _blank_after(text, low) if low else 0
            begin = min(begin, number.start())
        end = max(high, end)
    if begin >= 0:
        yield begin, end


def _blank_after(text: str, at: int) -> int:
    """The end of the word at ``at``, or ``at`` where a word runs on for more than forty characters."""
    blank = _BLANK.search(text, at, at + 40)
    return blank.start() if blank else min(at, len(text)) if at + 40 < len(text) else len(text)


_DIGITS = re.compile(r"\d+")
_BLANK = re.compile(r"\s")

# --------------------------------------------------------------------------------------------- cores


def _is_house_number(words: list[_Word], at: int) -> bool:
    word = words[at].text
    if not word[0].isdigit() or not _HOUSE.match(word) or _NO_HOUSE.match(word):
        return False
    if at and words[at - 1].end == words[at].start and words[at - 1].text[0].isalpha():
        return False
    if at + 1 < len(words) and words[at + 1].start == words[at].end and words[at + 1].text[0].isalnum():
        return False
    if at and words[at - 1].text in _AROUND_CURRENCY:
        return False
    if at and words[at - 1].plain in tables.NUMBERS_OTHERS:
        # "5 de Mayo 12" may be a street that is named for a day.
        year = re.fullmatch(r"1[5-9]\d\d|20\d\d", word)
        return words[at - 1].low in tables.MONTHS and not year and _type_before(words, at - 1) >= 0
    return not (at + 1 < len(words) and words[at + 1].text in _AROUND_CURRENCY and words[at + 1].start == words[at].end)


def _english(words: list[_Word], at: int) -> _Found | None:
    """NUMBER (direction) name … TYPE (direction): "14 Elm Grove", "830 3rd St S", "9912 S. Avenue H"."""
    first = _after_flat(words, at)
    last = _english_end(words, first - 1)
    if last < 0 or last - first > 6:
        return None
    street = words[first : last + 1]
    inner = [w for w in street if w.text[0].isalpha()]
    lower = any(not w.title and w.low not in tables.PARTICLES for w in inner)
    types = [tables.EN_TYPE[w.plain] for w in inner if w.plain in tables.EN_TYPE]
    weak = bool(types) and all(one in tables.EN_WEAK for one in types)
    strength = (0.2 if weak else 0.45) if lower else (0.45 if weak else 0.7)
    return _Found(at, last + 1, words[at].text, _english_key(street), ("en",), strength)


def _english_end(words: list[_Word], at: int) -> int:
    """The index of the last word of an English street whose number stands at ``at``; -1 where none does."""
    last, k, stop = -1, at + 1, min(len(words), at + 9)
    while k < stop:
        word = words[k]
        if last == k - 1 and word.text[0].isdigit() and words[k - 1].plain in tables.EN_ROADS:
            return k
        if (last >= 0 and word.text[0].isdigit()) or not _goes_on(words, k, at, last, stop):
            break
        if _is_type(words, k, at, stop):
            last = k
        elif word.plain in {"avenue", "ave"} and k + 1 < stop and len(words[k + 1].plain) == 1 and words[k + 1].title:
            last = k = k + 1
        elif last >= 0:
            glued = k + 1 < len(words) and words[k + 1].start == word.end and words[k + 1].text[0].isalnum()
            return k if word.plain in tables.DIRECTIONS and not glued else last
        elif word.text.endswith(".") and len(word.plain) > 3 and word.plain not in tables.DIRECTIONS:
            break
        k += 1
    return last


def _goes_on(words: list[_Word], k: int, at: int, last: int, stop: int) -> bool:
    """Whether word ``k`` can be part of an English street name."""
    word = words[k]
    if word.text[0].isdigit():
        typed = k + 1 < stop and words[k + 1].plain in tables.EN_TYPE and words[k - 1].plain in tables.DIRECTIONS
        return bool(_ORDINAL.match(word.text)) or typed
    if not word.text[0].isalpha():
        return word.text in {"'", "’"}
    if last >= 0 or word.plain not in tables.EN_STOP or (word.plain == "the" and k == at + 1):
        return True
    if word.shouted and word.plain in tables.EN_STOP - tables.EN_IN_NAMES:
        return False  # in capitals throughout, a capital says nothing
    return word.title and word.plain not in tables.EN_HARD_STOP


def _is_type(words: list[_Word], k: int, at: int, stop: int) -> bool:
    """Whether word ``k`` is a street type here: not as the first word ("12 Park …"), nor "St" for Saint."""
    low = words[k].plain
    if low not in tables.EN_TYPE or (k == at + 1 and low not in tables.EN_ALONE):
        return False
    if low == "st" and k + 2 < stop and words[k + 1].title and words[k + 1].plain not in tables.EN_TYPE:
        return words[k + 2].plain not in tables.EN_TYPE
    return True


def _english_key(street: list[_Word]) -> str:
    names = []
    for position, word in enumerate(street):
        if position and word.plain in tables.EN_TYPE:
            names.append(tables.EN_TYPE[word.plain])
        elif word.plain in tables.DIRECTIONS:
            names.append(tables.DIRECTIONS[word.plain])
        elif word.plain == "st":
            names.append("saint")
        elif word.text[0].isalnum() and word.plain != "the":
            names.append(tables.fold(word.plain))
    return "".join(names)


def _name_after(words: list[_Word], at: int, most: int = 7) -> int:
    """The index after a Romance street name that starts at ``at``; ``at`` itself where none does."""
    k, solid, after = at, 0, at
    lower_style = at < len(words) and not words[at].title and words[at].low not in tables.PARTICLES
    while k < min(len(words), at + most):
        word = words[k]
        if word.text[0].isdigit():
            month = k + 1 < len(words) and words[k + 1].low in tables.MONTHS
            if not month and not (
                solid and words[k - 1].low in tables.MONTHS and re.fullmatch(r"1[89]\d\d|20\d\d", word.text)
            ):
                break
            solid += 1
            after = k + 1
        elif not word.text[0].isalpha():
            break
        elif word.low in tables.PARTICLES and word.low not in {"y", "e", "i", "a", "na", "à", "et", "in", "en", "au"}:
            if lower_style and solid:
                break
        elif word.low in tables.PARTICLES:
            if not (k + 1 < len(words) and words[k + 1].title) or word.low in {"a", "à", "en", "na", "in", "au"}:
                break
        elif word.title or word.low in tables.MONTHS:
            solid += 1
            after = k + 1
            if word.text.endswith(".") and len(word.text) > 4:
                break
        elif lower_style or not solid:
            if word.low in tables.EN_STOP or word.low in tables.PLACE_STOP or solid >= 3:
                break
            lower_style = True
            solid += 1
            after = k + 1
        else:
            break
        k += 1
    return after


def _key_of_name(words: list[_Word]) -> str:
    return "".join(
        tables.fold(w.low.rstrip(".")) for w in words if w.low not in tables.PARTICLES and w.text[0].isalnum()
    )


def _type_before_name(words: list[_Word], at: int) -> _Found | None:
    """NUMBER (bis) TYPE name: "12 bis rue de la Paix"."""
    k = at + 1
    number = words[at].text
    if k < len(words) and (
        words[k].low in {"bis", "ter", "quater"} or (len(words[k].text) == 1 and words[k].low in "abcd")
    ):
        number += words[k].low
        k += 1
    if k < len(words) and words[k].text == ",":
        k += 1
    if k >= len(words) or words[k].low not in tables.PREFIXES:
        return None
    families, form = _families_of(words[k].low)
    if "fr" not in families and "pt" not in families:
        return None
    after = _name_after(words, k + 1)
    if after == k + 1:
        return None
    weak = words[k].low in tables.PREFIX_WEAK
    lower = not any(w.title for w in words[k + 1 : after])
    particle = words[k + 1].low in tables.PARTICLES
    strength = (0.3 if lower else 0.55 if particle else 0.4) if weak else (0.5 if lower else 0.7)
    return _Found(at, after, number, form + _key_of_name(words[k + 1 : after]), ("fr",), strength)


def _families_of(word: str) -> tuple[tuple[str, ...], str]:
    family, form = tables.PREFIXES[word]
    return tables.SHARED_PREFIX.get(word, (family,)), form


def _before_number(words: list[_Word], at: int) -> int:
    """The index of the last word of what stands before a house number, past commas and "nº"; -1 where a line ends."""
    k = at - 1
    steps = 0
    while k >= 0 and steps < 3 and (words[k].low in tables.NUMBER_MARKS or words[k].text in {",", "°", "º"}):
        k -= 1
        steps += 1
    return k if k >= 0 and words[k].text != "\n" else -1


def _type_then_number(words: list[_Word], at: int) -> _Found | None:
    """TYPE name NUMBER: "Calle Mayor 5", "Via Roma, 12", "ul. Długa 7/3", "Carrera 7 # 12-34"."""
    last = _before_number(words, at)
    first = _type_before(words, last) if last >= 0 else -1
    if first < 0:
        return None
    inner = words[first + 1 : last + 1]
    if not any(w.text[0].isalnum() and w.low not in tables.PARTICLES for w in inner):
        return None
    families, form = _families_of(words[first].low)
    if families[0] == "fr" and re.fullmatch(r"\d{5}", words[at].text):
        return None
    if len(families) > 1 and "en" not in families:
        # French puts the number first, so a shared word with the number last is Spanish or Portuguese.
        families = tuple(family for family in families if family != "fr")
        form = "avenida" if form == "avenue" else form
    lower = not any(w.title or w.text[0].isdigit() for w in inner)
    weak = words[first].low in tables.PREFIX_WEAK
    strength = (0.2 if lower else 0.55) if weak else (0.5 if lower else 0.7)
    if words[first].low in {"via", "rua"} and words[first].title and not lower:
        strength = 0.68
    if lower and len(inner) > 3:
        strength -= 0.2
    if weak and any(w.text == "," for w in words[last + 1 : at]):
        strength -= 0.25 if "en" in families and not any(w.low in tables.PARTICLES for w in inner) else 0.1
    return _Found(first, at + 1, words[at].text, form + _key_of_name(inner), families, strength)


def _type_before(words: list[_Word], last: int) -> int:
    """The index of the street type before a name that ends at ``last``, at most seven words back; -1 where none is."""
    for k in range(last, max(last - 8, -1), -1):
        word = words[k]
        if word.low in tables.PREFIXES and k < last:
            # "Rua do Largo 5": a type inside the name, behind the one that counts.
            if k >= 2 and words[k - 1].low in tables.PARTICLES and words[k - 2].low in tables.PREFIXES:
                return k - 2
            return k
        if not _in_name(words, k, last):
            return -1
    return -1


def _in_name(words: list[_Word], k: int, last: int) -> bool:
    """Whether word ``k`` can be part of a Romance or Polish street name that ends at ``last``."""
    word = words[k]
    if word.text[0].isdigit():
        beside = words[k + 1].low if k + 1 < len(words) else ""
        return beside in tables.MONTHS or beside in {"de", "#"} or beside in tables.NUMBER_MARKS
    if not word.text[0].isalpha():
        return word.text in {"#", "'", "’"}
    if k == last and word.low in {"a", "à", "e", "y", "in", "en", "na", "w"}:
        return False
    if word.low in tables.PARTICLES:
        return True
    if word.low in tables.EN_STOP | _LOWER_STOP and (word.shouted or not word.title):
        return False
    return not (word.text.endswith(".") and len(word.text) > 5 and k != last)


def _compound_then_number(words: list[_Word], at: int) -> _Found | None:
    """A word that says street, then NUMBER: "Hauptstr. 12a", "Berliner Straße 5", "Kerkstraat 12-3", "Storgatan 4"."""
    k = _before_number(words, at)
    if k < 0 or len(words[at].text) > 9 or not words[k].text[0].isalpha():
        return None
    word = words[k]
    match = _COMPOUND_END.search(word.low)
    if match is None or word.low in tables.NOT_STREETS or re.match(r"\d{5}", words[at].text):
        return None
    ending = match.group()
    family, form = tables.ENDINGS[ending]
    stem = word.low[: match.start()].rstrip("-")
    weak = ending in tables.COMPOUND_WEAK
    first = _compound_first(words, k, bool(stem), family)
    loose = first == k and not stem
    if weak and k < at - 1 and not (stem and words[k].title):
        return None  # "Science Park, No. 5"
    if loose and (weak or word.title or not _plain_name(words, k - 1)):
        return None
    first -= 1 if loose else 0  # "smålands allé 4": nothing is in capitals
    lower = not words[first].title
    strength = 0.3 if loose else (0.3 if lower else 0.45) if weak else (0.55 if lower else 0.7)
    if re.fullmatch(r"(?:19|20)\d\d", words[at].text) or len(re.split(r"\D", words[at].text)[0]) > 4:
        strength -= 0.2
    both = ending in {"weg", "hof", "markt", "pad", "str", "str.", "park"}
    key = _key_of_name(words[first:k]) + tables.fold(stem) + form
    return _Found(first, at + 1, words[at].text, key, ("de", "nl") if both else (family,), strength)


def _plain_name(words: list[_Word], k: int) -> bool:
    """Whether word ``k`` may be a name in lower case."""
    if k < 0 or not words[k].text[0].isalpha() or words[k].title:
        return False
    return words[k].plain not in tables.EN_STOP | tables.PLACE_STOP | tables.PARTICLES and len(words[k].plain) > 2


def _compound_first(words: list[_Word], k: int, stem: bool, family: str) -> int:
    """The index of the first word of a street that ends in the street word at ``k``; stem: it is a compound."""
    first = k
    for _ in range(4):
        if first < 1 or not words[first - 1].text[0].isalpha():
            hyphen = first >= 2 and words[first - 1].text == "-" and words[first - 2].end == words[first - 1].start
            if not (hyphen and words[first - 2].text[0].isupper()):
                break
            first -= 2  # "H.-Dieter-Faust-Straße"
            continue
        before, here = words[first - 1], words[first]
        bare = not stem and first == k
        if before.low in tables.ADJECTIVES:
            goes_on = before.title or bare
        elif before.low in tables.PLACE_STOP or (bare and before.low in tables.EN_STOP):
            break
        elif before.title:
            doubled = "-" in before.text and "-" in here.text  # "Loretta-Jacobi Jäckel-Allee"
            finnish = not stem and family == "fi" and k - first < 3  # "Nils Westermarckin kuja"
            goes_on = bare or doubled or finnish or here.low in _BEFORE_NAMES or before.low in _BEFORE_STREETS
        else:
            named = first >= 2 and words[first - 2].title and before.low in _BEFORE_NAMES
            goes_on = named and first < k + stem
        if not goes_on:
            break
        first -= 1
    return first


_BEFORE_NAMES = frozenset({"van", "von", "de", "der", "den", "ten", "ter"})
_BEFORE_STREETS = _BEFORE_NAMES | {"van't", "an", "am", "auf", "im", "zum", "zur", "in", "unter"}


_CODE_ALONE = re.compile(r"\d{5}|\d{4}|\d{4,5}-\d{3}")
_NO_NUMBER = frozenset({"s", "/", "n", "sn", "snc", "s.n", "n."})


def _street_before_postcode(words: list[_Word], at: int) -> _Found | None:
    """TYPE name without number, then a postcode: "rue Bonneau, 82944 Saint-Exemple". The core ends before the code."""
    if not _CODE_ALONE.fullmatch(words[at].text):
        return None
    own = "-" in words[at].text
    last = _end_before(words, at - 1)
    core = _numberless(words, last, len(words[at].text) == 4)
    if core is None and own and last >= 0:
        # Between street and code a quarter may stand: "Travessa Maia, Centro, 89688-667".
        k = last
        while k >= 0 and last - k < 5 and words[k].text[0].isalpha():
            k -= 1
        core = (
            _numberless(words, _end_before(words, k), False) if k >= 0 and words[k].text in {",", "\n", "-"} else None
        )
    return core


def _end_before(words: list[_Word], k: int) -> int:
    """The last word before ``k`` past commas, one line break and "s/n" (without number); -1 where none stands."""
    steps = 0
    while k >= 0 and steps < 6 and (words[k].text in {",", "\n", "-"} or words[k].low in _NO_NUMBER):
        k -= 1
        steps += 1
    return k if k >= 0 and words[k].text[0].isalpha() else -1


def _numberless(words: list[_Word], last: int, short: bool) -> _Found | None:
    """A street without number whose name ends at ``last``; short: a postcode of four digits follows."""
    if last < 0:
        return None
    k = last
    while k >= 0 and last - k < 7 and words[k].text[0].isalpha():
        if words[k].low in tables.PREFIXES and k < last:
            families, form = _families_of(words[k].low)
            lower = not any(w.title for w in words[k + 1 : last + 1])
            if short and not {"fr", "pt"} & set(families):
                return None
            end = last + 1
            while end < len(words) and words[end].low in _NO_NUMBER | {","} and end - last < 6:
                end += 1
            while words[end - 1].text == ",":
                end -= 1
            strength = 0.25 if lower or words[k].low in tables.PREFIX_WEAK - {"avenue", "boulevard", "via"} else 0.35
            return _Found(k, end, "", form + _key_of_name(words[k + 1 : last + 1]), families, strength)
        if words[k].plain in tables.EN_STOP - tables.PARTICLES - {"do"} and not words[k].title:
            return None
        k -= 1
    word = words[last]
    match = _COMPOUND_END.search(word.low)
    if match is None or not match.start() or match.group() in tables.COMPOUND_WEAK or word.low in tables.NOT_STREETS:
        return None
    family, form = tables.ENDINGS[match.group()]
    return _Found(last, last + 1, "", tables.fold(word.low[: match.start()].rstrip("-")) + form, (family,), 0.35)


def _compound_after_number(words: list[_Word], at: int) -> _Found | None:
    """NUMBER, then the compound: "12, Bahnhofstrasse"."""
    k = at + 1
    if k < len(words) and words[k].text == ",":
        k += 1
    if k >= len(words) or not words[k].title:
        return None
    match = _COMPOUND_END.search(words[k].low)
    if (
        match is None
        or not match.start()
        or match.group() in tables.COMPOUND_WEAK
        or words[k].low in tables.NOT_STREETS
    ):
        return None
    family, form = tables.ENDINGS[match.group()]
    return _Found(
        at, k + 1, words[at].text, tables.fold(words[k].low[: match.start()].rstrip("-")) + form, (family,), 0.5
    )


def _bare_cores(words: list[_Word], at: int) -> Iterator[_Found]:
    """A number beside a name without a street word; a postcode right after must vouch for it."""
    first = _after_flat(words, at)
    beside = (words[k].plain for k in (at - 1, first) if 0 <= k < len(words))
    if _A_DATE.match(words[at].text) and any(word in tables.MONTH_NAMES for word in beside):
        return
    yield from _bare_after(words, at, first)
    if not (at and words[at - 1].text == "#"):
        yield from _bare_before(words, at, _before_number(words, at))


_A_DATE = re.compile(r"0?[1-9]$|[12]\d$|3[01]$|1[5-9]\d\d$|20\d\d$")


def _after_flat(words: list[_Word], at: int) -> int:
    """Where the name after a number starts: past the comma after the only number, a flat's ("Flat 2, Elm Court")."""
    k = at + 1
    said = at and (words[at - 1].plain in tables.UNIT_WORDS or words[at - 1].plain == "no")
    return k + 1 if said and k < len(words) and words[k].text in {",", "\n"} else k


def _bare_after(words: list[_Word], at: int, first: int) -> Iterator[_Found]:
    """NUMBER name: the longest name first, so that less of it is taken for the place."""
    k = first
    while k < len(words) and k - first < 4 and _names(words, k) and words[k].title:
        k += 1
        if k + 1 < len(words) and words[k].low in tables.PARTICLES and words[k + 1].title:
            k += 1
    for last in range(k, first, -1):
        yield _Found(at, last, words[at].text, _english_key(words[first:last]), (), 0.25)
    if k > first:
        return
    while k < len(words) and k - first < 4 and _names(words, k) and words[k].plain not in tables.EN_STOP:
        k += 1
    if k > first and k < len(words) and (words[k].text in {",", "\n"} or words[k].plain in tables.UNIT_WORDS):
        yield _Found(at, k, words[at].text, _english_key(words[first:k]), (), _LOWER_BARE)


def _bare_before(words: list[_Word], at: int, last: int) -> Iterator[_Found]:
    """name NUMBER, in capitals word by word; in lower case all words up to where the line or the sentence breaks."""
    k = last
    while k >= 0 and last - k < 4 and _names(words, k):
        if words[k].title and words[k].plain not in tables.PARTICLES | tables.EN_STOP | _LOWER_STOP:
            yield _Found(k, at + 1, words[at].text, _key_of_name(words[k : last + 1]), (), 0.25)
        elif words[k].low not in tables.PARTICLES:
            break
        k -= 1
    if k < last or k < 0 or words[k].title:
        return
    while k >= 0 and last - k < 3 and _names(words, k) and words[k].plain not in tables.EN_STOP:
        k -= 1
    if k < last and (k < 0 or not words[k].text[0].isalnum() or words[k].plain in tables.EN_STOP):
        yield _Found(k + 1, at + 1, words[at].text, _key_of_name(words[k + 1 : last + 1]), (), _LOWER_BARE)


def _names(words: list[_Word], k: int) -> bool:
    """Whether word ``k`` can be part of a name: letters, no unit with its number, nothing that opens another field."""
    word = words[k]
    if not word.text[0].isalpha() or word.plain in tables.PLACE_STOP:
        return False
    return not (
        word.plain in tables.UNIT_WORDS
        and k + 1 < len(words)
        and (words[k + 1].text[0].isdigit() or word.text[-1] == ".")
    )


_LOWER_BARE = 0.15


# --------------------------------------------------------------------------------------------- tails

_BETWEEN = frozenset(",;|•-–—>*·()/")


def _skip(words: list[_Word], k: int, end: int) -> int:
    """The first token that starts at or after character ``end``."""
    while k < len(words) and words[k].start < end:
        k += 1
    return k


def _separator(text: str, words: list[_Word], k: int) -> tuple[int, str]:
    """Past commas, one line break and field labels: the next token and how it is set off (space, comma, line)."""
    kind, lines, steps = "space", 0, 0
    while k < len(words) and steps < 8:
        word = words[k]
        if word.text == "\n":
            lines += 1
            if lines > 1 and words[k - 1].text == "\n":
                return len(words), "gap"
            kind = "line"
        elif word.text in _BETWEEN or (word.text in "?.:" and kind == "line"):
            kind = "comma" if kind == "space" else kind
        else:
            break
        k += 1
        steps += 1
    if k < len(words) and kind != "space":
        label = _FIELD.match(text, words[k].start)
        if label:
            k = _skip(words, k, label.end())
            kind = "field"
            if k < len(words) and words[k].text == "\n":
                return len(words), "gap"
    return k, kind


def _place(words: list[_Word], k: int, lower: bool = False) -> int:
    """The index after a place name that starts at ``k``; ``k`` itself where none does."""
    start, solid, low_end = k, k, k + 2
    if k + 1 < len(words) and words[k].low in _OPENS_A_PLACE and words[k + 1].title and not words[k].title:
        k += 1  # "da Costa", "den Haag"
    while k < len(words) and k - start < 7:
        word = words[k]
        if not word.text[0].isalpha():
            k, ends = _mark_in_place(words, k, start)
            solid = k if ends else solid
            if k < len(words) and words[k] is word:
                break
            continue
        if _ends_a_place(words, k, start):
            break
        if word.title and not _is_region(word):
            k += 1
            solid = k
            if word.text.endswith(".") and len(word.text) > 3:
                break
        elif k > start and word.low in _LINKS and _leads_on(words, k):
            k += 1
        elif lower and k > start and word.low in _LOWER_LINKS and not word.title and _goes_on_low(words, k):
            k += 2 if words[k + 1].low in _LOWER_LINKS else 1
            low_end = k + 2  # one more word: "wijk bij duurstede"
        elif lower and k < low_end and len(word.plain) > 2 and word.plain not in tables.EN_STOP | _LOWER_STOP:
            k += 1
            solid = k
        else:
            break
    return solid


def _mark_in_place(words: list[_Word], k: int, start: int) -> tuple[int, bool]:
    """(index to go on at, whether the place may end there) for a mark or number at ``k``; ``k`` if none."""
    word = words[k]
    following = words[k + 1] if k + 1 < len(words) else None
    glued = following is not None and following.start == word.end and following.text[0].isalpha()
    if word.text in "'’":
        if k > start:
            return k + 1, not glued  # "Villanova Mondovi'"
        if following is not None and glued and following.low.startswith(("s-", "t")):
            return k + 2, following.low.startswith("s-")  # "'s-Hertogenbosch", "'t Harde"
    elif k > start and words[k - 1].low in _HAS_DISTRICTS and _DISTRICT.fullmatch(word.text):
        return k + 1, True  # "Dublin 8"
    return k, False


def _ends_a_place(words: list[_Word], k: int, start: int) -> bool:
    """Whether the word at ``k`` belongs to something else: a phone's label, a country, the letters of a postcode."""
    word = words[k]
    if k > start and word.low in tables.PARTICLES:
        return False
    if word.plain in tables.PLACE_STOP:
        return True
    if k > start and word.title and word.low in tables.COUNTRY and words[k - 1].low not in tables.PARTICLES:
        return True
    glued = k + 1 < len(words) and words[k + 1].start == word.end
    return len(word.plain) <= 2 and glued and words[k + 1].text[0].isdigit()  # "LS6"


def _is_region(word: _Word) -> bool:
    return len(word.text) == 2 and word.text.isupper() and (word.low in tables.US_CODES or word.low in tables.AU_ALL)


_HAS_DISTRICTS = frozenset({"dublin", "cedex", "praha", "prague"})
_DISTRICT = re.compile(r"\d{1,2}[Ww]?")
_OPENS_A_PLACE = frozenset({"da", "de", "do", "dos", "das", "den", "la", "le", "les", "el", "los", "las", "l'", "l’"})
# What stands inside a place's name in lower case: "Eck en Wiel", "Frankfurt am Main", "Sur-le-Mont".
_LINKS = tables.PARTICLES | {
    "en",
    "bei",
    "sul",
    "bij",
    "op",
    "sur",
    "sous",
    "lez",
    "les",
    "al",
    "nad",
    "ob",
    "aan",
    "v.",
    "a.",
    "i.",
}


_LOWER_LINKS = frozenset(
    {
        "de",
        "do",
        "dos",
        "das",
        "del",
        "della",
        "di",
        "d'",
        "d’",
        "de'",
        "bei",
        "am",
        "an",
        "der",
        "im",
        "ob",
        "bij",
    }
    | {"aan", "den", "sur", "sous", "lez", "sul", "al", "la", "v."}
)


# What goes on in a sentence after an address in lower case.
_LOWER_STOP = frozenset(
    {
        "con",
        "da",
        "di",
        "de",
        "du",
        "und",
        "et",
        "met",
        "mit",
        "avec",
        "com",
        "och",
        "og",
        "desde",
        "seit",
        "depuis",
        "sinds",
    }
    | {
        "von",
        "vom",
        "para",
        "por",
        "per",
        "chez",
        "oder",
        "ou",
        "maar",
        "pero",
        "aber",
        "mais",
        "que",
        "che",
        "dass",
        "ist",
    }
    | {
        "bitte",
        "svp",
        "merci",
        "danke",
        "je",
        "il",
        "elle",
        "ihr",
        "sein",
        "mein",
        "jetzt",
        "oggi",
        "hoy",
        "ahora",
        "som",
    }
)


def _goes_on_low(words: list[_Word], k: int) -> bool:
    """Whether a word of a name in lower case follows the small word at ``k``."""
    k += 2 if k + 1 < len(words) and words[k + 1].low in _LOWER_LINKS else 1
    return k < len(words) and words[k].text[0].isalpha() and words[k].plain not in tables.EN_STOP | tables.PLACE_STOP


def _leads_on(words: list[_Word], k: int) -> bool:
    """Whether a name goes on after the small word at ``k``, with at most one more between: "de la Montaña"."""
    if k + 1 < len(words) and words[k + 1].title:
        return True
    return k + 2 < len(words) and words[k + 1].low in _LINKS and words[k + 2].title


def _postcode(text: str, words: list[_Word], k: int, found: _Found, kind: str) -> tuple[str, str, int] | None:
    """(country, code, end character) of a postcode at token ``k``; digits alone need the street's language."""
    at = words[k].start
    label = _POSTCODE_LABEL.match(text, at)
    if label:
        at = label.end()
    letters = _COUNTRY_LETTERS.match(text, at)
    country = ""
    if letters:
        country = tables.LETTERS_COUNTRY.get(letters.group(1), letters.group(1))
        at = letters.end()
    elif not label:
        for owner, form in _OWN_POSTCODES:
            own = form.match(text, at)
            if own and not (
                owner in {"GB", "NL"} and own.group().islower() and found.families not in {("en",), ("nl",), ()}
            ):
                if owner == "US" and "es" in found.families:
                    owner = "MX"
                if owner == "PL" and found.families and "pl" not in found.families and kind == "space":
                    continue
                return owner, own.group(), own.end()
        if kind != "space" or "nl" in found.families:
            own = _LOWER_NL.match(text, at) if found.families != ("en",) else None
            small = tables.EN_STOP | (frozenset({"en", "te", "op"}) if "nl" in found.families else tables.PARTICLES)
            if own and own.group()[-2:] not in small:
                return "NL", own.group(), own.end()
    else:
        for owner, form in _OWN_POSTCODES:
            own = form.match(text, at)
            if own:
                return owner, own.group(), own.end()
    digits = _DIGIT_POSTCODE.match(text, at)
    if not digits:
        return None
    code = digits.group()
    regional = "AU" if found.country == "AU" and len(code) == 4 else ""
    guess = country or regional or _country_of_digits(code, found.families, text[digits.end() : digits.end() + 30])
    if guess is None and not label:
        return None
    return guess or "", code, digits.end()


_SWISS = re.compile(
    r"\s(?:zürich|zuerich|bern\b|basel|genf|genève|geneve|luzern|winterthur|st\.?\s?gallen|lausanne|zug\b|chur"
    r"|thun|biel|köniz"
    r"|fribourg|freiburg|neuchâtel|sion|schaffhausen|aarau|baden\b|uster|emmen|lugano|bellinzona|olten|solothurn"
    r"|wil\b|nyon|vevey"
    r"|montreux|yverdon|renens|meyrin|carouge|lancy|frauenfeld|wädenswil|horgen|dietikon|dübendorf)",
    re.IGNORECASE,
)


def _country_of_digits(code: str, families: tuple[str, ...], after: str) -> str | None:
    """The country a postcode of digits points to, by the street's language; None where it is no postcode there."""
    plain = code.replace(" ", "").replace("\xa0", "")
    family = families[0] if families else ""
    if len(plain) == 5 and " " in code:
        return {"sv": "SE"}.get(family, "CZ" if not family else None)
    if len(plain) == 5:
        if not family:
            return ""
        if family == "pt" and "es" not in families:
            return "BR"
        return {
            "en": "US",
            "de": "DE",
            "fr": "FR",
            "es": "ES",
            "it": "IT",
            "fi": "FI",
            "sv": "SE",
            "pt": "ES",
            "pl": "PL",
            "tr": "TR",
        }.get(family)
    if len(plain) == 4:
        if _SWISS.match(after):
            return "CH"
        if not family:
            return None if re.fullmatch(r"(?:19|20)\d\d", code) else ""
        return {
            "de": "AT",
            "fr": "BE",
            "nl": "BE",
            "da": "DK",
            "no": "NO",
            "it": "CH",
            "en": "AU",
            "pt": "PT",
            "hu": "HU",
        }.get(family)
    if len(plain) == 8:
        return "BR" if "pt" in families else None
    if len(plain) == 6:
        return {"en": "IN", "": None}.get(family)
    return None


def _unit(words: list[_Word], k: int) -> int:
    """The index after a unit ("apt 3b", "3º B", "2. OG", "3rd floor"); ``k`` itself where none stands."""
    word = words[k]
    following = words[k + 1] if k + 1 < len(words) else None
    if word.text == "#" and following and (following.text[0].isdigit() or len(following.text) == 1):
        return k + 2
    if word.text[0].isdigit():
        return _unit_from_number(words, k)
    return _unit_from_word(words, k) if word.plain in tables.UNIT_WORDS and word.text[0].isalpha() else k


def _unit_from_word(words: list[_Word], k: int) -> int:
    """ "apt 3b", "flat no. 2", "esc. A", "basement"."""
    word = words[k]
    bare = k + 1 if word.plain in tables.BARE_UNITS else k
    if k + 1 == len(words):
        return bare
    following = words[k + 1]
    beyond = words[k + 2] if k + 2 < len(words) else None
    if following.low in tables.NUMBER_MARKS and beyond is not None and beyond.text[0].isdigit():
        return k + 3
    one_letter = len(following.text) == 1 and following.text.isalpha()
    if following.text[0].isdigit() or (one_letter and following.low not in "yàaeoi"):
        letter = beyond is not None and len(beyond.text) == 1 and beyond.text.isalpha() and beyond.low not in "yaeoiw"
        return k + 3 if letter else k + 2
    if one_letter and following.title and word.text.endswith(".") and beyond is not None and beyond.text in {",", "\n"}:
        return k + 2  # "esc. A,"
    letters = re.fullmatch(r"[A-Z]{1,2}\d{0,4}", following.text) and following.low not in tables.US_CODES
    return k + 2 if letters and word.plain not in tables.NUMBERED_UNITS else bare


_FLOOR = re.compile(r"\d{1,3}(?:º|ª|°|o|er|e|ème|eme|st|nd|rd|th)")


def _unit_from_number(words: list[_Word], k: int) -> int:
    """ "3º B", "2.º Dto", "2. OG", "3rd floor", "4 A"."""
    word = words[k]
    rest = [one.text for one in words[k + 1 : k + 4]]
    if len(rest) == 3 and rest[0] == "." and rest[1].lower() in {"º", "ª", "o", "a"}:
        return k + 4 if _is_side(rest[2]) else k + 3
    marked = bool(rest) and rest[0] in {".", "º", "ª", "°"}
    if _FLOOR.fullmatch(word.low) or marked:
        after = k + 1 + marked
        if after < len(words) and _is_side(words[after].text):
            return after + 1
        return after if word.low[-1] in "ºª" or (marked and rest[0] in {"º", "ª"}) else k
    if not rest or not re.fullmatch(r"\d{1,3}", word.text):
        return k
    if re.fullmatch(r"[^\W\d_]\.?", rest[0]) and rest[0][0].isupper():
        return k + 2 if len(rest) == 1 or rest[1] in {",", "\n"} else k
    return k + 2 if len(word.text) < 3 and rest[0].lower().rstrip(".") in tables.FLOORS else k


def _is_side(text: str) -> bool:
    """Whether a word says which flat of a floor: "izda", "Dto", "OG", or one capital."""
    plain = text.lower().rstrip(".")
    return plain in tables.UNIT_WORDS or plain in tables.SIDES or (len(text) == 1 and text.isupper())


def _region(words: list[_Word], k: int) -> tuple[int, str, str]:
    """(index after, code, country) of a state or province at ``k``."""
    for length in (3, 2, 1):
        name = " ".join(w.low for w in words[k : k + length])
        if name in tables.STATES and words[k].title:
            return k + length, tables.STATES[name], "US"
    low = words[k].low.replace(".", "")
    upper = words[k].text.isupper()
    after = words[k + 1].text if k + 1 < len(words) else "\n"
    glued = k + 1 < len(words) and words[k + 1].start == words[k].end and after[0].isalnum()
    if not low.isalpha() or len(low) > 5 or glued:
        return k, "", ""
    if len(low) == 2 and k and words[k - 1].text == "(" and after == ")":
        return k + 1, low, ""  # an Italian province
    if not upper:
        return _lower_region(words, k, low)
    if low in tables.AU_CODES:
        return k + 1, low, "AU"
    if low in tables.US_CODES | tables.CA_CODES:
        return k + 1, low, "CA" if low in tables.CA_CODES and low not in tables.US_CODES else "US"
    if low in tables.BR_CODES:
        return k + 1, low, "BR"
    if len(low) == 2:
        return k + 1, low, ""
    if low in tables.MX_CODES and re.match(r"\d{5}", _beyond(words, k)):
        return k + 1, low, "MX"
    return k, "", ""


def _lower_region(words: list[_Word], k: int, low: str) -> tuple[int, str, str]:
    """A region in lower case: only with its postcode, or where a stroke sets it off ("são paulo / sp")."""
    code = _beyond(words, k)
    if low in tables.AU_ALL and re.fullmatch(r"\d{4}", code):
        return k + 1, low, "AU"
    if low in tables.US_CODES and re.match(r"\d{5}", code):
        return k + 1, low, "US"
    if low in tables.CA_CODES and re.fullmatch(r"[a-z]\d[a-z](?:[ \-]?\d[a-z]\d)?", code.lower()):
        return k + 1, low, "CA"
    if low in tables.MX_CODES and re.match(r"\d{5}", code):
        return k + 1, low, "MX"
    if low in tables.BR_CODES and k and words[k - 1].text in {"/", "-"}:
        return k + 1, low, "BR"
    return k, "", ""


def _beyond(words: list[_Word], k: int) -> str:
    """The token after ``k``, past a comma, with what is glued to it; "" where none follows."""
    k += 1
    if k < len(words) and words[k].text == ",":
        k += 1
    glued = ""
    while k < len(words) and len(glued) < 12 and (not glued or words[k].start == words[k - 1].end):
        glued += words[k].text
        k += 1
    return glued.rstrip(".,;)")


def _country_at(words: list[_Word], k: int) -> tuple[int, str]:
    for length in (4, 3, 2, 1):
        if k + length <= len(words):
            name = " ".join(w.low for w in words[k : k + length])
            code = tables.COUNTRY.get(name, tables.COUNTRY.get(name.rstrip(".")))
            if code is not None and (words[k].title or length > 1):
                return k + length, code
    return k, ""


_US_STATES = "|".join(sorted((*tables.STATES, *tables.US_CODES), key=len, reverse=True))
_US_TAIL = re.compile(
    rf"(?:[a-z][a-z.'\-]*,?\s){{1,4}}?(?:(?:{_US_STATES})\.?,?\s\d{{5}}(?:-\d{{4}})?\b|(?:{'|'.join(tables.STATES)})\b)",
    re.IGNORECASE,
)
# What keeps its dot at the end of an address; any other dot ends the sentence.
_ABBREVIATED = {short for short, full in tables.EN_TYPE.items() if short != full and len(short) < 5} | tables.KEEP_DOTS
_CLOSED_NUMBER = re.compile(r"\d{1,4}")
_AFTER_COUNTRY = re.compile(r"\d{4,6}(?:-\d{3,4})?")
_ITS_OWN = frozenset({"GB", "CA", "IE", "NL"})  # their postcodes need no place beside them
_MOST_UNITS = 4  # block, stairs, floor, door
_BEFORE_PLACE = frozenset({"in", "à", "en", "te", "w", "i", "a"})


class _Tail:
    """Walks from a core over what may follow it. What is doubtful (a place) stays out unless something sure follows."""

    def __init__(self, text: str, words: list[_Word], found: _Found) -> None:
        self.text, self.words, self.found = text, words, found
        self.k = self.sure = _number_addition(words, found.last, found)
        self.pending = 0  # places passed that nothing sure has followed yet
        self.lower = not any(w.title for w in words[found.first : self.k] if w.text[0].isalpha())
        self.done = False
        self.units = 0

    def grow(self) -> None:
        pieces = (self._us_line, self._postcode, self._unit, self._country, self._region, self._in_place, self._place)
        for _ in range(10):
            j, kind = _separator(self.text, self.words, self.k)
            if j >= len(self.words) or kind == "gap":
                break
            if not any(piece(j, kind) for piece in pieces) or self.done:
                break
        found, last = self.found, self.words[self.sure - 1]
        found.last, found.end = self.sure, last.end
        if self.text[found.end : found.end + 1] == ")" and "(" in self.text[self.words[found.first].start : found.end]:
            found.end += 1
        if last.text.endswith(".") and last.plain not in _ABBREVIATED:
            found.end -= 1

    def _take(self, to: int, *parts: str) -> bool:
        """Accept everything up to token ``to``, places passed on the way included."""
        self.found.stood.update(parts)
        if self.pending:
            self.found.stood.add("city")
        self.pending = 0
        self.k = self.sure = to
        return True

    def _us_line(self, j: int, kind: str) -> bool:
        """City, state and ZIP in one go, whatever their case: "jacksonville beach fl 32250"."""
        found = self.found
        if found.families not in {("en",), ()} or "postcode" in found.stood:
            return False
        match = _US_TAIL.match(self.text, self.words[j].start)
        if match is None:
            return False
        digits = re.search(r"\d{5}", match.group())
        found.country = "US"
        if digits:
            found.postcode = digits.group()
            found.stood.add("postcode")
        return self._take(_skip(self.words, j, match.end()), "city", "region")

    def _postcode(self, j: int, kind: str) -> bool:
        found = self.found
        code = None if "postcode" in found.stood else _postcode(self.text, self.words, j, found, kind)
        if code is None:
            return False
        country, value, end = code
        known = self.pending or found.stood & {"city", "region"}
        after = _skip(self.words, j, end)
        place = after
        if country not in {"GB", "CA", "IE", "US", "JP"} or (country in {"GB", "IE"} and not known):
            place = _place(self.words, after, self.lower)
            if place == after:
                # The code alone on its line, or before a comma: the place may follow there.
                beyond, how = _separator(self.text, self.words, after)
                if how in {"line", "comma"} and not known:
                    further = _place(self.words, beyond, self.lower) if beyond < len(self.words) else beyond
                    closed = further >= len(self.words) or not self.words[further].title
                    place = further if further > beyond and closed else after
        if place == after and country not in _ITS_OWN:
            # Digits with no place on either side may be anything, unless English or long and set apart.
            alone = kind in {"space", "line"} and found.families != ("en",) and (not found.families or len(value) == 4)
            short = len(value) == 4 and country in {"AT", "BE", "DK", "NO", "CH", ""}
            if not known and (alone or short or not found.families or country == "AU"):
                return self._stop()
            if short and kind == "space":
                return self._stop()
        found.postcode, found.country = value, country
        return self._take(place, "postcode", *(["city"] if place > after else []))

    def _stop(self) -> bool:
        self.done = True
        return True

    def _unit(self, j: int, kind: str) -> bool:
        words = self.words
        polish = words[j].low in {"m.", "lok."} and j + 1 < len(words) and words[j + 1].text.isdigit()
        after = j + 2 if polish else _unit(words, j)
        if (
            after == j
            and j == self.found.last
            and "es" in self.found.families
            and _CLOSED_NUMBER.fullmatch(words[j].text)
        ):
            # A second number is a flat in Mexico: "Calle Reforma 45 12".
            after = j + 1 if j + 1 < len(words) and words[j + 1].text in {",", "\n"} else j
        self.units += after > j
        return after > j and not self.pending and self.units <= _MOST_UNITS and self._take(after, "unit")

    def _country(self, j: int, kind: str) -> bool:
        found = self.found
        if kind == "space" and not self.pending and "postcode" not in found.stood:
            return False
        after, country = _country_at(self.words, j)
        if after == j:
            return False
        if country and (not found.country or found.country in {"US", "AT", "BE", "AU"}):
            found.country = country
        self.done = "postcode" in found.stood
        following = self.words[after] if after < len(self.words) else None
        if not self.done and following is not None and _AFTER_COUNTRY.fullmatch(following.text):
            gap = self.text[self.words[after - 1].end : following.start]
            if not gap.strip(" ,") and len(gap) <= 2:
                found.postcode = following.text
                self.done = True
                return self._take(after + 1, "country", "postcode")
        return self._take(after, "country")

    def _region(self, j: int, kind: str) -> bool:
        found = self.found
        if "region" in found.stood or not (kind in {"comma", "field"} or self.pending or "city" in found.stood):
            return False
        after, _code, country = _region(self.words, j)
        verb = after < len(self.words) and self.words[after].low in {"is", "was", "has"}
        if after == j or (verb and "postcode" not in found.stood):
            return False
        found.country = found.country or country
        return self._take(after, "region")

    def _in_place(self, j: int, kind: str) -> bool:
        """A place after a preposition: "14 Elm Grove in Leeds"."""
        words = self.words
        if {"postcode", "city"} <= self.found.stood:
            return self._stop()
        if words[j].low not in _BEFORE_PLACE or kind != "space" or "city" in self.found.stood or j + 1 >= len(words):
            return False
        after = _place(words, j + 1)
        return after > j + 1 and words[j + 1].title and self._take(after, "city")

    def _place(self, j: int, kind: str) -> bool:
        words = self.words
        loose = self.lower and kind in {"space", "comma"}
        after = _place(words, j, self.lower)
        if after == j or self.pending == 2:
            return False
        if not self.pending and "city" not in self.found.stood:
            following = words[after] if after < len(words) else None
            closing = words[after - 1].text.endswith(".")
            at_end = following is None or closing or following.text in {"\n", ",", ".", "!", ";"}
            closed = at_end or following is None or not following.title or not following.text[0].isalnum()
            if (loose and at_end) or (not loose and kind in {"comma", "field"} and closed):
                return self._take(after, "city")
        self.pending += 1
        self.k = after
        return True


def _grow(text: str, words: list[_Word], found: _Found) -> None:
    _Tail(text, words, found).grow()


def _number_addition(words: list[_Word], k: int, found: _Found) -> int:
    """A letter or "bis" set apart from the house number: "12 a", "12 bis"."""
    if k < len(words) and words[k - 1].text[0].isdigit() and words[k].start - words[k - 1].end <= 1:
        low = words[k].low
        if low in {"bis", "ter", "hs"}:
            found.number += low
            return k + 1
        after = words[k + 1].text if k + 1 < len(words) else "\n"
        if len(low) == 1 and low in "abcdefgh" and (after in {",", "\n", ".", ";"} or after[0].isdigit()):
            found.number += low
            return k + 1
    return k


_OPENS_A_LINE = re.compile(r"(?:^|\n)[ \t>?*•|\-]{0,8}$")


def _number_in_front(text: str, words: list[_Word], found: _Found) -> None:
    """The number of a building or block before a street that has its own: "275 Søndergade 52"."""
    at = found.first - 1
    if at < 0 or not words[at].text.isdigit() or len(words[at].text) > 5:
        return
    if text[words[at].end : words[found.first].start] not in {" ", "  "} or not found.number:
        return
    before = text[max(0, words[at].start - 48) : words[at].start]
    unit = at >= 2 and _unit(words, at - 2) == at and words[at - 2].low.rstrip(".") in tables.UNIT_WORDS
    ahead = before.rstrip(" ")[-1:] in {",", ":"} or _OPENS_A_LINE.search(before) or _CUE.search(before)
    if unit or ahead or _WITH_ADDRESS.search(before):
        found.first = at
        found.start = words[at].start


_WITH_ADDRESS = re.compile(r"\b(?:address (?:with|to)|is|it's in|at|to|with|in|lives)\s$", re.IGNORECASE)


def _lead(words: list[_Word], found: _Found) -> None:
    """A unit written before the street: "Flat 2, 14 Elm Grove", "Unit 5/12 Smith Street"; "No." before the number."""
    k = found.first - 1
    if k >= 0 and words[found.first].text[0].isdigit():
        number_sign = words[k].plain in {"no", "hno"} or words[k].text == "№"
        flat = words[k].plain in tables.UNIT_WORDS and found.last > found.first + 1
        begins = number_sign or (flat and words[found.first + 1].text in {",", "\n"})
        if begins and words[k].end <= words[found.first].start:
            found.first = k
            k -= 1
            if number_sign and k >= 1 and words[k].text == "." and words[k - 1].low == "h":
                found.first = k - 1  # "H.No. 12"
                k -= 2
            elif number_sign and k >= 0 and words[k].plain in {"h", "house", "flat", "plot", "door"}:
                found.first = k
                k -= 1
    for _ in range(3):
        j = k
        if j >= 0 and words[j].text in {",", "\n", "-", "/"}:
            j -= 1
        house = _named_house(words, j) if j < k else j
        if j >= 1 and _unit(words, j - 1) == j + 1 and words[j - 1].plain in tables.UNIT_WORDS:
            found.first = j - 1
            found.stood.add("unit")
        elif j >= 1 and words[j].low == "floor" and _ORDINAL.match(words[j - 1].text):
            found.first = j - 1
        elif j >= 2 and words[j].text == "F" and words[j - 1].text == "/" and words[j - 2].text.isdigit():
            found.first = j - 2  # "12/F": the twelfth floor
        elif house < j:
            found.first = house + 1
        else:
            return
        k = found.first - 1


def _named_house(words: list[_Word], last: int) -> int:
    """The index before the name of a house that ends at ``last`` ("Rowan Court", "The Old Forge"); ``last`` if none."""
    k = last
    while k >= 0 and last - k < 4 and words[k].title and words[k].text[0].isalpha():
        if words[k].low == "the" and k < last:
            return k - 1
        k -= 1
    named = last - k > 1 and words[last].plain in tables.BUILDINGS and (k < 0 or not words[k].text[0].isalnum())
    return k if named else last


# --------------------------------------------------------------------------------------------- the whole

_OTHER_ADDRESSES = re.compile(
    r"(?:\bip|e-?mail|mail|mac|web|wallet|btc|eth|crypto|url|http|bitcoin|internet|memory|server)[\s\-_]{0,2}$",
    re.IGNORECASE,
)
_BONUS = {"postcode": 0.2, "city": 0.08, "region": 0.06, "country": 0.05, "unit": 0.1}
_SAYS = {"unit": "a unit", "postcode": "a postcode", "city": "a place", "region": "a region", "country": "a country"}
LEAST = 0.5


def find_addresses(text: str) -> list[Address]:
    """All addresses in ``text``, by start, without overlap; only those of at least ``LEAST`` confidence."""
    candidates: list[Address] = []
    labels = _labels(text)
    if _DIGITS.search(text):
        words = _words_near_numbers(text)
        candidates += _numbered(text, words, labels)
        candidates += forms.boxes(text)
        candidates += forms.military(text)
        candidates += eastern(text)
        candidates += forms.indian(text)
        candidates += _labelled(text, labels, candidates)
    candidates += _unnumbered(text)
    candidates.sort(key=lambda a: (-a.confidence, a.start - a.end, a.start))
    taken = Taken()
    kept = [one for one in candidates if one.confidence >= LEAST and taken.take(one.start, one.end)]
    return sorted(kept, key=lambda a: a.start)


def _numbered(text: str, words: list[_Word], labels: list[tuple[int, int]]) -> list[Address]:
    found: list[Address] = []
    taken_to = -1
    for at in range(len(words)):
        if not words[at].text[0].isdigit() or at < taken_to or not _is_house_number(words, at):
            continue
        best: tuple[float, _Found] | None = None
        cores = [
            core
            for core in (
                _english(words, at),
                _type_before_name(words, at),
                _type_then_number(words, at),
                _compound_then_number(words, at),
                _compound_after_number(words, at),
                _street_before_postcode(words, at),
            )
            if core is not None
        ]
        if all(not core.number for core in cores):
            cores += _bare_cores(words, at)
        for core in cores:
            _grow(text, words, core)
            if "postcode" not in core.stood and not core.number.strip("0"):
                continue
            if core.strength == _LOWER_BARE and not _is_vouched(text, words, core):
                continue
            _number_in_front(text, words, core)
            if (
                not core.families
                and "postcode" not in core.stood
                and not ("unit" in core.stood and _numbered_unit(text, words, core))
                and not _said_to_be(text, words[core.first].start)
            ):
                continue
            _lead(words, core)
            core.start = words[core.first].start
            score = _confidence(text, core, labels)
            rank = score + 0.002 * (core.end - core.start) / 10
            if best is None or rank > best[0]:
                best = (rank, core)
        if best is None:
            continue
        core = best[1]
        score = _confidence(text, core, labels)
        if score >= LEAST:
            start = core.start
            value_start = _value_before(labels, start)
            if start - value_start <= 40 and "\n" not in text[value_start:start]:
                start = value_start
            start, end = _corner(text, start, core.end)
            found.append(Address(start, end, _key(core), core.country or _home(core), round(score, 2), _why(core)))
            if score >= 0.6 or "postcode" not in core.stood:
                taken_to = core.last  # a doubtful postcode may be the number of the street itself
    return found


def _numbered_unit(text: str, words: list[_Word], core: _Found) -> bool:
    """Whether a unit in words with digits stands behind a house number that is no year: "10 Dearborn, apt 5"."""
    if re.fullmatch(r"(?:19|20)\d\d", core.number):
        return False
    inside = words[core.first : core.last]
    if not any(word.plain in tables.UNIT_WORDS for word in inside):
        return False  # "12 A 14 B" is many things
    return sum(1 for word in inside if word.text[0].isdigit()) > 1


_SAID_TO_BE = re.compile(r"(?:\b(?:at|is|unter|lautet|au|op|aan|nel|nº)|:)\s{0,2}$", re.IGNORECASE)


def _said_to_be(text: str, start: int) -> bool:
    """Whether the words before say that an address follows ("lives at", "address is")."""
    before = text[max(0, start - 48) : start]
    return bool(_SAID_TO_BE.search(before) and _CUE.search(before))


def _value_before(labels: list[tuple[int, int]], start: int) -> int:
    """Where the value of the nearest label before ``start`` begins; far away where there is none."""
    place = bisect_right(labels, start, key=lambda label: label[1])
    return labels[place - 1][1] if place else -10_000


def _home(core: _Found) -> str:
    """The country a street's language points to where no postcode stands and only one country writes so."""
    return (
        {"pl": "PL", "sv": "SE", "fi": "FI", "it": "IT", "da": "DK", "no": "NO"}.get(core.families[0], "")
        if core.families
        else ""
    )


def _confidence(text: str, core: _Found, labels: list[tuple[int, int]]) -> float:
    score = core.strength + sum(_BONUS.get(part, 0.0) for part in core.stood)
    if core.strength >= 0.65 and core.number and "city" in core.stood:
        score += 0.08
    start = core.start
    if not core.families and "unit" in core.stood and "postcode" not in core.stood:
        score += 0.2
    if core.strength < 0.45 and "postcode" in core.stood and _is_sure_code(core):
        score += 0.1
    if start - _value_before(labels, start) <= 60 or _CUE.search(text[max(0, start - 48) : start]):
        score += 0.2
    else:
        line_start = text.rfind("\n", 0, start) + 1
        line_end = text.find("\n", core.end)
        if not text[line_start:start].strip(" \t>-*•") and not text[
            core.end : line_end if line_end >= 0 else len(text)
        ].strip(" \t.,"):
            score += 0.1
    return min(score, 0.97)


def _is_vouched(text: str, words: list[_Word], core: _Found) -> bool:
    """Whether a name in lower case beside a number is a street: postcode and place, and a sure code or words before."""
    if not {"postcode", "city"} <= core.stood:
        return False
    start = words[core.first].start
    return _is_sure_code(core) or bool(_CUE.search(text[max(0, start - 48) : start]))


def _is_sure_code(core: _Found) -> bool:
    """Whether a postcode is more than a number: its own form, or a region beside it."""
    return len(core.postcode) > 5 or core.country in {"GB", "NL", "CA", "PL"} or "region" in core.stood


def _why(core: _Found) -> str:
    parts = [
        "a house number"
        if not core.families
        else "a street word with a house number"
        if core.number
        else "a street word"
    ]
    parts += [_SAYS[part] for part in ("unit", "postcode", "city", "region", "country") if part in core.stood]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts) + " stand together"


def _key(core: _Found) -> str:
    written, country = tables.fold(core.number), core.country or _home(core)
    if country in {"AU", "NZ", "PL"} and "/" in written:
        # The flat stands before the house number in the one country and after it in the other: "5/12".
        written = written.split("/")[0 if country == "PL" else -1]
    number = re.sub(r"[^0-9a-z/\-]", "", written).replace("/", "-")
    postcode = re.sub(r"[^0-9A-Z]", "", core.postcode.upper())
    if core.country == "US":
        postcode = postcode[:5]
    street = re.sub(r"[^0-9a-z]", "", core.street)
    if country in {"PT", "BR"} and street.startswith("rue"):
        street = "rua" + street[3:]  # both write "R."
    if country in {"NL", "BE"} and street.endswith("strasse"):
        street = street.removesuffix("strasse") + "straat"  # both write "str."
    return f"{number}|{street}|{postcode}"


def _labels(text: str) -> list[tuple[int, int]]:
    """(start of the label, start of its value) of every "Address:" in the text."""
    found = []
    for match in _LABEL.finditer(text):
        label = match.group("label").lower()
        start = match.start("label")
        if label in tables.LINE_ONLY and text[text.rfind("\n", 0, start) + 1 : start].strip(" \t-*•>#=~_|[("):
            continue
        if _OTHER_ADDRESSES.search(text[max(0, start - 12) : start]):
            continue
        found.append((start, match.end()))
    return found


_NOT_A_PLACE = re.compile(r"[@]|https?:|www\.|0x[0-9a-f]{6}|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d", re.IGNORECASE)


def _labelled(text: str, labels: list[tuple[int, int]], others: list[Address]) -> list[Address]:
    """What a label says is an address, where no grammar knew it: needs words and a number."""
    found = []
    taken = Taken()
    for other in sorted(others, key=lambda a: a.start):
        taken.take(other.start, other.end)
    for _start, value_start in labels:
        while value_start < len(text) and text[value_start] in " \t\r\n":
            value_start += 1
        end = text.find("\n", value_start)
        end = min(end if end >= 0 else len(text), value_start + 120)
        follow = re.compile(
            r"\n[ \t>]{0,4}(?:[A-Z]{1,2}-?)?\d{4,6}\s[^\n:]{2,30}(?=\n|$)"
            r"|\n[ \t>]{0,4}[^\n:\d]{2,30}[, ]\s?(?:[A-Z]{2}\s)?\d{4,5}(?=\n|$)"
        ).match(text, end)
        if follow:
            end = follow.end()
        value = text[value_start:end].rstrip(" .,;|")
        cut = re.search(r"\s(?:[A-Za-zé]{3,12}\s?:|\|)", value)
        if cut:
            value = value[: cut.start()].rstrip(" .,;|-")
        if taken.overlaps(value_start, value_start + len(value)):
            continue
        letters = sum(letter.isalpha() for letter in value)
        if (
            letters < 4
            or not any(letter.isdigit() for letter in value)
            or _NOT_A_PLACE.search(value)
            or len(value.split()) < 2
            or len(value.split()) > 18
        ):
            continue
        postcode = re.search(r"\b(?:\d{4,6}|\d{5}-\d{3,4}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b", value)
        number = re.search(r"(?<!\w)\d{1,5}[a-zA-Z]?(?!\w)", value)
        street = re.sub(r"[^a-z]", "", tables.fold(re.split(r"[,\n]", value)[0]))
        code = postcode.group().replace(" ", "") if postcode else ""
        key = f"{number.group().lower() if number else ''}|{street}|{code}"
        found.append(
            Address(
                value_start,
                value_start + len(value),
                key,
                "",
                0.7 if postcode else 0.6,
                "a label says it is an address, and it holds words and a number",
            )
        )
    return found


_CORNER = re.compile(r"\b(?:the\s)?corner of\s(?P<first>[^\n,.;]{2,60}?\sand\s)?$", re.IGNORECASE)
_OTHER_STREET = re.compile(r"\s(?:and|&)\s(?:[A-ZÀ-Þ][\w'’\-]*)(?:\s[A-ZÀ-Þ][\w'’\-]*){0,3}(?:\s\d{1,4}\b)?")


def _corner(text: str, start: int, end: int) -> tuple[int, int]:
    """The whole of "the corner of Elm Street and Oak Lane", of which one street was found."""
    before = _CORNER.search(text[max(0, start - 90) : start])
    if before is None:
        return start, end
    other = None if before["first"] else _OTHER_STREET.match(text, end)
    return max(0, start - 90) + before.start(), other.end() if other else end


def _unnumbered(text: str) -> list[Address]:
    """A street without a number after words that say someone lives there: "lives on Maple Avenue in Leeds"."""
    found = []
    for cue in _CUE_AHEAD.finditer(text):
        words = _words(text[cue.end() : cue.end() + 90], 0, 90)
        core = _street_alone(words)
        if core is None:
            continue
        piece = text[cue.end() : cue.end() + 90]
        _grow(piece, words, core)
        found.append(
            Address(
                cue.end(),
                cue.end() + core.end,
                _key(core),
                core.country,
                round(min(0.55 + 0.05 * len(core.stood), 0.75), 2),
                "a street without a number, after words that say someone lives there",
            )
        )
    return found


def _street_alone(words: list[_Word]) -> _Found | None:
    for k, word in enumerate(words[:6]):
        if not word.text[0].isalnum() or word.low in tables.EN_STOP:
            return None
        low = word.low.rstrip(".")
        if k and low in tables.EN_TYPE and (word.title or tables.EN_TYPE[low] not in tables.EN_WEAK):
            key = "".join(tables.fold(w.low.rstrip(".")) for w in words[:k]) + tables.EN_TYPE[low]
            return _Found(0, k + 1, "", key, ("en",), 0.3)
        match = _COMPOUND_END.search(word.low)
        if match and match.group() not in tables.COMPOUND_WEAK and (match.start() or k):
            family, form = tables.ENDINGS[match.group()]
            return _Found(
                0,
                k + 1,
                "",
                "".join(tables.fold(w.low) for w in words[:k]) + tables.fold(word.low[: match.start()]) + form,
                (family,),
                0.3,
            )
        if not k and word.low in tables.PREFIXES:
            after = _name_after(words, 1)
            if after > 1:
                families, form = _families_of(word.low)
                return _Found(0, after, "", form + _key_of_name(words[1:after]), families, 0.3)
    return None


class AddressDetector:
    """Postal addresses; ``detail`` is the country the form points to, or ""."""

    name = "address"

    def find(self, text: NormalisedText, context: ScanContext) -> Iterator[Candidate]:
        for found in find_addresses(text.text):
            yield Candidate(
                kind="address",
                start=found.start,
                end=found.end,
                value=found.value,
                detail=found.country,
                confidence=found.confidence,
                reason=found.reason,
            )


DETECTOR = AddressDetector()

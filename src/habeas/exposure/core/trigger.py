"""Which detectors can find anything in a text at all, decided in microseconds.

Most of what is posted exposes nobody. Each *mark* is a pattern so wide that where it does not stand, the detectors that
name it find nothing; the patterns are plain enough for Hyperscan, which looks for all of them in one pass over the
bytes. Without Hyperscan every detector is asked, which gives the same answers, slower.

The patterns run over UTF-8 bytes, letters in any case, and over text as it came: what must be made plain first (see
``normalise``) is a mark of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache

from habeas.exposure.core.detectors import address, address_words, birth_date, credential, national_id, plate
from habeas.exposure.core.normalise import stands_for_itself

_DIGIT_RUN = r"\d(?:[ ().\-/+]{0,7}\d){5}"
_SPOT = r"(?:\d[ .\-/+()]{0,2}[A-Za-z]{0,4}[ .\-/()]?){4}"

_LETTER = r"[\w.+%'\-\x80-\xff]"
_LABEL = r"[\w\-\x80-\xff]{1,64}"
_DOT_WORD = r"\s{1,3}(?:dot|po|pu|kropka|\xd1|nokta)\b"
_DIGIT_WORD = (
    r"(?:zero|one|two|three|four|five|six|seven|eight|nine|oh|cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|"
    r"un|deux|trois|quatre|cinq|sept|huit|neuf|null|eins|zwei|drei|vier|f\xc3\xbcnf|sechs|sieben|acht|neun|um|dois|"
    r"quatro|sete|oito|nove|z\xc3\xa9ro|tr\xc3\xaas)"
)

# mark -> patterns. Where none of them matches, the mark does not stand in the text.
MARKS: dict[str, tuple[str, ...]] = {
    "digit": (r"\d",),
    "six digits": (_DIGIT_RUN,),
    "number": (_SPOT,),
    "mail": (
        r"[\w.+%'\-\x80-\xff]@[\w\x80-\xff][\w.\-\x80-\xff]{0,80}\.[a-z\x80-\xff]",
        rf"{_LETTER}\s?@\s?{_LABEL}(?:\s{{0,3}}[\[({{<*_~|]{{1,2}}\s?(?:dot|d0t|p|kropka|\xd1|nokta|\.)|\s{{0,3}}(?:&|%2e)|{_DOT_WORD})",
        rf"{_LETTER}(?:@|\s{{1,2}}@\s{{1,2}}|@\s{{1,2}}){_LABEL}(?:\s{{0,2}}\.\s{{0,2}}co)?\s{{0,2}}\.\s{{0,2}}[a-z]{{2}}",
        r"[\[({<*_~|]{1,2}\s?(?:at|\xc3\xa4t|\xc3\x84t|arroba|arobase|chiocciola|klammeraffe|apenstaartje|malpa|ma\xc5\x82pa|\xd1|et|a|@)",
        r"&#0?64;|&#x40;|&commat;|%40",
        r"\s(?:at|\xc3\xa4t|\xc3\x84t|arroba|arobase|chiocciola)\s{1,3}[\w\-\x80-\xff]{1,64}\s{0,3}(?:\.|dot|pun|poi|kro|\xd1|nok|[\[({<*_~|&%])",
        r"at[a-z0-9\-]{1,120}dot",
    ),
    "account": (r"[a-z]{2}\d{2}(?:[ .\-]{0,3}[a-z0-9]){11}",),
    "address of a machine": (
        r"\d\.\d{1,3}\.\d{1,3}\.\d",
        r"\d\s?[\[({](?:\.|dot)[\])}]\s?\d",
        r":[0-9a-f\x80-\xff]{0,12}:",
    ),
    "place": (
        r"\d\.\d{3}",
        r"\d ?(?:\xc2\xb0|\xc2\xba|d)",
        r"[23456789CFGHJMPQRVWX]{8}\+[23456789CFGHJMPQRVWX]{2}",
    ),
    "key": (
        r"-----BEGIN", r"(?:AKIA|ASIA)[A-Z2-7]{16}", r"gh[pousr]_\w{16}|github_pat_", r"glpat-", r"xox[abeoprs]-",
        r"[rs]k_(?:live|test)_", r"AIza[\w\-]{16}", r"sk-[\w\-]{16}", r"eyJ[\w\-]{8}", r"\d:AA[\w\-]{16}",
        r"npm_\w{16}",
        r"[MNO][\w\-]{22,26}\.[\w\-]{6}\.[\w\-]{16}",
    ),
    "log-in": (r"@[\w\-\x80-\xff.]{3,120}[:;|][^\s:;|,<>]", r"://[^\s/@]{1,130}:[^\s/@]{1,64}@"),
    "spaced out": (
        r"(?:[\w@.+()/:#\-] {1,8}){6}",
        rf"{_DIGIT_WORD}[ ,.\-]{{1,3}}{_DIGIT_WORD}[ ,.\-]{{1,3}}[a-z]",
    ),
}  # fmt: skip


# Letters outside ASCII count as no part of a word here, which makes a boundary wider and never narrower.
# ``look`` puts line feeds around the text, so that its ends are boundaries too.
_START, _END = "[^a-zA-Z0-9]", "[^a-zA-Z0-9_]"


def _bare(pattern: str) -> str:
    """A pattern as bytes patterns want it: looks around left out, groups without names, letters as UTF-8.

    Leaving a look around out makes a pattern wider, never narrower. Sets with letters outside ASCII become choices.
    """
    pattern = re.sub(r"\(\?<!\[(?:a-z|\^\\W_)[^\]]*\]\)", _START, pattern)
    pattern = _without_looks(pattern)
    pattern = re.sub(r"\(\?P<\w+>", "(?:", pattern)
    # A boundary of words is kept where a choice begins or ends; in between it is left out.
    pattern = re.sub(r"(?:(?<=^)|(?<=[(|:]))\\b", _START, pattern)
    pattern = re.sub(r"\\b(?=$|[|)])", _END, pattern)
    pattern = re.sub(r"\[([^\]]*[^\x00-\x7f][^\]]*)\]", _as_choice, pattern)
    pattern = re.sub(r"([^\x00-\x7f])(?=[?*+{])", r"(?:\1)", pattern)
    pattern = pattern.replace(r"\b", "").replace(r"\w", r"[\w\x80-\xff]")
    return "".join(
        character if character.isascii() else "".join(rf"\x{byte:02x}" for byte in character.encode())
        for character in pattern
    )


def _without_looks(pattern: str) -> str:
    kept, place = [], 0
    for look in re.finditer(r"\(\?<?[=!]", pattern):
        if look.start() < place:
            continue
        kept.append(pattern[place : look.start()])
        place = _end_of_group(pattern, look.start())
    return "".join([*kept, pattern[place:]])


def _end_of_group(pattern: str, start: int) -> int:
    depth, place, in_set = 0, start, False
    while place < len(pattern):
        character = pattern[place]
        if character == "\\":
            place += 1
        elif in_set:
            in_set = character != "]"
        elif character == "[":
            in_set = True
            place += pattern[place + 1] == "^"
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth == 0:
                return place + 1
        place += 1
    return place


def _as_choice(found: re.Match[str]) -> str:
    """ "[éa]" as "(?:é|a)": in bytes a letter outside ASCII is several."""
    inside = found.group(1)
    if inside.startswith("^"):
        return r"[^\n]"
    ranges = [(one, one) for one in re.sub(r".-.", "", inside)]
    ranges += [(one[0], one[2]) for one in re.findall(r".-.", inside)]
    plain = "".join(re.escape(a) if a == b else f"{a}-{b}" for a, b in ranges if b.isascii())
    wide = [a if a == b else r"[\x80-\xff]{2,4}" for a, b in ranges if not b.isascii()]
    return "(?:" + "|".join([*([f"[{plain}]"] if plain else []), *wide]) + ")"


def _in_bytes(letters: str) -> str:
    return "".join(rf"\x{byte:02x}" if byte > 127 else re.escape(chr(byte)) for byte in letters.encode())


def _streets() -> tuple[str, ...]:
    """What an address with a number has besides: a street word near it, a unit, a box, a postcode, words before it.

    The distances are those of ``address``: a street's name has at most seven words.
    """
    apart, word = r"[^\w\x80-\xff]", r"[^\s]+\s{1,3}"
    types = _choice({*address._EN_TYPE, *address._EN_ALONE})
    prefixes, ends, units = _choice(address._PREFIXES), _choice(address._ENDINGS), _choice(address._UNIT_WORDS)
    states = _choice({*address_words.US_CODES, *address_words.STATES})
    mark = r"(?:n[r.o]{0,2}[.:]?|n\xc2[\xb0\xba]|#|num[a-z]{0,3}[.:]?|[^\w\s]){0,2}"
    return (
        rf"\d[^\s]*\s{{1,3}}(?:{word}){{0,7}}(?:{types}){apart}",
        rf"\d[^\s]*\s{{0,3}}(?:{word}){{0,2}}(?:{prefixes}){apart}",
        rf"{apart}(?:{prefixes})\s{{0,3}}(?:{word}){{1,8}}[^\s\d]{{0,3}}\d",
        rf"(?:{ends})[.,]{{0,2}}\s{{0,3}}{mark}\s{{0,3}}\d",
        rf"\d[^\s]{{0,8}}[\s,]{{1,3}}[^\s]*(?:{ends}){apart}",
        rf"\d[^\s]*\s{{1,3}}(?:{word}){{0,8}}(?:{units})\.?\s{{0,3}}{mark}\s{{0,2}}[a-z]{{0,2}}\d",
        rf"\d[^\s]*\s{{1,3}}(?:{word}){{0,8}}(?:{units})\.?\s{{1,3}}[a-z]{apart}",
        rf"\d[^\s]*\s{{1,3}}(?:{word}){{0,8}}#\s?(?:\d|[a-z]{apart})",
        # A house number and a postcode.
        r"(?-i:\d[^\s]{0,9}\s{1,3}[A-Z\x80-\xff][^\x00]{1,120}\d{3})",
        r"(?-i:[A-Z\x80-\xff][^\s]*\s{1,3}\d[^\x00]{1,120}\d{3})",
        rf"\d[^\x00]*[^a-z0-9][a-z]{{1,2}}\d[a-z\d]?\s{{0,2}}\d[a-z]{{2}}{_END}",
        rf"\d[^\x00]*[^a-z0-9](?:[a-z]\d[a-z][ \-]?\d[a-z]\d|[a-z]\d{{2}}[ \-]?[a-z\d]{{4}}){_END}",
        # The same where capitals do not help: the state and its code, or the six digits of India.
        rf"\d[^\x00]{{1,120}}[^a-z0-9](?:{states})\.?,?\s{{1,3}}\d{{5}}",
        r"\d[^\x00]{1,120}[^a-z0-9](?:nsw|vic|qld|tas|act|sa|wa|nt),?\s{1,3}\d{4}",
        r"\d[^\x00]{1,160}[1-9]\d{2}\s?\d{3}",
        _bare(address._LABEL.pattern),
        _bare(address._CUE.pattern.removesuffix("$")) + r"[^\x00]{0,60}\d",
        _bare(address._POST_BOX.pattern),
        r"[afd]po,?\s(?:aa|ae|ap)",
        r"corner of",
    )


def _choice(words: Iterable[str]) -> str:
    return "|".join(sorted(map(_in_bytes, words)))


@cache
def marks() -> dict[str, tuple[str, ...]]:
    """All marks: those above, and the words that detectors themselves look for."""
    any_label = national_id._labels()[0].pattern
    words = credential._WORDS_FOR_SECRETS
    return MARKS | {
        "word for an id": tuple(_bare(part) for part in (any_label, national_id._GENERIC.pattern)),
        "layout of an id": (
            r"\d{3}-\d\d-\d{4}",
            *(_bare(kind.shape) for kind in national_id.KINDS if kind.alone),
        ),
        "word for birth": (_bare(birth_date._LABEL.pattern), r"(?:\xe5\xb9\xb4|\xeb\x85\x84)"),
        "word for a secret": (
            _bare(rf"(?:{words})(?: (?:is|was|ist|est|es|é|è))?\s{{0,2}}(?:[:=]|->|：|is|was|ist|est)"),
        ),
        "street": _streets(),
        "place in Chinese, Japanese or Korean": (
            # 市 区 區 郡 町 村 路 街 道 巷 同 县 縣, 로 길
            rf"(?:{'|'.join(_in_bytes(sign) for sign in '市区區郡町村路街道巷同县縣로길')})",
        ),
        "street without a number": (_bare(address._CUE_AHEAD.pattern),),
        "word for a plate": tuple(rf"(?:{_bare(part.pattern)})[^\n]*\d" for part in (plate._LABEL, plate._VEHICLE)),
    }


# detector -> any of these sets of marks must stand in the text, all of a set together.
NEEDS: dict[str, tuple[frozenset[str], ...]] = {
    name: tuple(frozenset(one.split(" + ")) for one in sets)
    for name, sets in {
        "email": ("mail",),
        "phone": ("six digits",),
        "iban": ("account",),
        "card": ("six digits",),
        "national_id": ("layout of an id", "number + word for an id"),
        "network": ("address of a machine",),
        "coordinates": ("place + digit",),
        "birth_date": ("word for birth + digit",),
        "credential": ("key", "log-in", "word for a secret"),
        "plate": ("word for a plate + digit",),
        "address": ("digit + street", "place in Chinese, Japanese or Korean + digit", "street without a number"),
    }.items()
}

# What a typesetter or a keyboard puts in by itself. It hides something only beside what is a mark already.
_HARMLESS = frozenset(
    "\u00a0\u2018\u2019\u201c\u201d\u201e\u2013\u2014\u2026\u200d\ufe0f\ufe0e\u20e3\u00ad\u202f\u2022\u00b4\u2122"
)
_known_plain: set[str] = set()
_known_harmless: set[str] = set(_HARMLESS)

Look = Callable[[str], frozenset[str]]


def may_find(detector: str, marks: frozenset[str]) -> bool:
    """Whether a detector can find anything in a text with these marks."""
    return any(needed <= marks for needed in NEEDS[detector])


def is_disguised(text: str, marks: frozenset[str]) -> bool:
    """Whether a text must be made plain before its marks say anything."""
    if "spaced out" in marks:
        return True
    if text.isascii():
        return False
    odd = set(text) - _known_plain
    if not odd:
        return False
    for character in odd - _known_harmless:
        if not character.isascii() and not stands_for_itself(character):
            return True
        if len(_known_plain) < _MOST_KNOWN:
            _known_plain.add(character)
    return not odd.isdisjoint(_known_harmless) and ("digit" in marks or "@" in text or not marks.isdisjoint(_TELLING))


_TELLING = frozenset({"mail", "word for a secret", "key", "log-in"})
_MOST_KNOWN = 20_000


@cache
def look() -> Look | None:
    """A function from a text to the marks that stand in it, or None where Hyperscan is not installed."""
    try:
        import hyperscan
    except ImportError:
        return None
    names = [name for name, patterns in marks().items() for _ in patterns]
    patterns = [pattern.encode("latin-1") for several in marks().values() for pattern in several]
    flags = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SINGLEMATCH
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(expressions=patterns, ids=list(range(len(patterns))), flags=[flags] * len(patterns))
    seen: list[int] = []

    def note(pattern: int, start: int, end: int, flags: int, context: object) -> None:
        seen.append(pattern)

    def marks_in(text: str) -> frozenset[str]:
        seen.clear()
        database.scan(f"\n{text}\n".encode("utf-8", "surrogatepass"), match_event_handler=note)
        return frozenset([names[pattern] for pattern in seen])

    return marks_in

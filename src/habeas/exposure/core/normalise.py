"""Undo the ways in which text hides from search, and remember where every character stood.

Two passes. The first makes each character plain: compatibility forms (full width, mathematical letters, ligatures),
digits of other scripts, dashes and blanks of every kind, look-alike letters inside words that mix scripts; what nobody
can see goes. The second closes up digits and addresses written with a blank after every character. Real Cyrillic,
Greek, Arabic, Indic or CJK words come through unchanged.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache


@dataclass(frozen=True)
class NormalisedText:
    """A text made plain, with a way back to the original.

    original: as it was given
    text:     normalised; detectors read this one
    starts, ends: for each character of ``text``, the stretch of ``original`` it stands for; None where both texts
              are the same
    """

    original: str
    text: str
    starts: array[int] | None = None
    ends: array[int] | None = None

    @cached_property
    def lower(self) -> str:
        """``text`` in lower case, of the same length."""
        lowered = self.text.lower()
        if len(lowered) == len(self.text):
            return lowered
        return "".join(one if len(one := character.lower()) == 1 else character for character in self.text)

    @cached_property
    def urls(self) -> tuple[tuple[int, int], ...]:
        """The web addresses in ``text``: (start, end), without the punctuation of the sentence around them."""
        return tuple(_urls(self.text))

    @cached_property
    def words(self) -> frozenset[str]:
        """The different words of ``lower``, to decide cheaply whether a label can be present at all."""
        return frozenset(_WORD.findall(self.lower))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The characters of ``original`` that ``text[start:end]`` stands for. An empty span stays empty."""
        if self.starts is None or self.ends is None:
            return start, end
        if start >= end:
            place = self.starts[start] if start < len(self.starts) else len(self.original)
            return place, place
        return self.starts[start], self.ends[end - 1]


_WORD = re.compile(r"[^\W\d_]+")

# ------------------------------------------------------------------------------------------------- web addresses

_URL = re.compile(
    r"""(?<![\w@.-])(?:(?:[a-z][a-z0-9+]{1,11}://|www\d?\.)[^\s<>"'`|\\^{}]{2,2000}+
        |(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}/[^\s<>"'`|\\^{}]{0,2000}+)""",
    re.IGNORECASE | re.VERBOSE,
)


def _urls(text: str) -> Iterator[tuple[int, int]]:
    if "/" not in text and "www" not in text:
        return
    for match in _URL.finditer(text):
        end = match.end()
        while end > match.start() and text[end - 1] in ".,;:!?)]*_":
            # A closing bracket belongs to the address only where one opens inside it.
            if text[end - 1] == ")" and "(" in text[match.start() : end]:
                break
            end -= 1
        yield match.start(), end


# --------------------------------------------------------------------------------------------------- characters

# Look-alikes of Latin letters, by script. Real words of that script must not be touched, so these are folded only where
# a word mixes scripts or stands in an e-mail address, a domain or a handle.
# Source: the single letters of Unicode TR39, confusables.txt, that people use.
_ALIKE = (
    ("аеорсухіїјѕһԁԛԝѵүкмтвн", "aeopcyxiijshdqwvykmtbh"),
    ("АВЕКМНОРСТУХІЈЅҮԌԚԜӀӏ", "ABEKMHOPCTYXIJSYGQWIl"),
    ("αογνρτυικχβε", "aoyvptuikxbe"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳ", "ABEZHIKMNOPTYXcj"),
    ("օոսհցԼՕՍ", "onuhgLOU"),
)
LOOK_ALIKES = {seen: meant for alike, latin in _ALIKE for seen, meant in zip(alike, latin, strict=True)}
_LOOK_ALIKES = str.maketrans(LOOK_ALIKES)
_ANY_LOOK_ALIKE = re.compile("[" + "".join(LOOK_ALIKES) + "]")
_TOKEN = re.compile(r"[^\s,;:\"'<>()\[\]{}|/=]{1,256}+")
_RUN = re.compile(r"[^\W_]+")
_LATIN = re.compile(r"[A-Za-z]")
_LATIN_OR_AT = re.compile(r"[A-Za-z@]")
_ENDS_AS_DOMAIN = re.compile(r"\.[A-Za-z]{2,24}$")

# Letters of phonetic and letter-like alphabets that stand in no ordinary word: always folded.
LETTER_FORMS = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢɑɡ", "abcdefghijklmnoprstuvwyzag", strict=True))
LETTER_FORMS |= {chr(first + i): chr(65 + i) for first in (0x1F150, 0x1F170) for i in range(26)}
_ALWAYS = dict(LETTER_FORMS)
_ALWAYS |= dict.fromkeys("‐‑‒–—―⁃˗−➖﹘﹣－⸺⸻", "-")
_ALWAYS |= dict.fromkeys("‘’‛ʼ′", "'") | dict.fromkeys("“”„‟″", '"')
_ALWAYS |= dict.fromkeys("\u2028\u2029\x85", "\n") | {"\u2800": " ", "☎": " ", "⁺": "+", "∶": ":"}

_SEEN_FORMAT_SIGNS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2\U000110bd\U000110cd")
_UNSEEN = frozenset("\u034f\u115f\u1160\u3164\uffa0\u17b4\u17b5\u20e3") | {
    chr(code)
    for first, last in ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
    for code in range(first, last + 1)
}

# Marks that are a dot or a dash only by what stands around them.
_BETWEEN = (
    (re.compile(r"(?<=[0-9A-Za-z])。(?=[0-9A-Za-z])"), "."),
    (re.compile(r"(?<=\d)[·•∙‧・٫](?=\d)"), "."),
    (re.compile(r"(?<=\d)ー(?=\d)"), "-"),
)
_ANY_BETWEEN = re.compile("[。·•∙‧・٫ー]")


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """What one character stands for: itself, other characters, or nothing where nobody sees it."""
    if character in _ALWAYS:
        return _ALWAYS[character]
    category = unicodedata.category(character)
    if character in _UNSEEN or (category == "Cf" and character not in _SEEN_FORMAT_SIGNS):
        return ""
    if category == "Zs":
        return " "
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    if "\u3130" <= character <= "\u318f":
        return character  # single Korean letters: the compatible form would fall apart
    compatible = unicodedata.normalize("NFKC", character)
    if compatible.startswith(" ") or "\u2044" in compatible:
        return character  # a loose accent, or a fraction: "5½" must not become 51/2
    return "".join(_ALWAYS.get(part, part) for part in compatible)


def _is_joining(character: str) -> bool:
    return unicodedata.combining(character) != 0 or "\u1161" <= character <= "\u11ff"


@lru_cache(maxsize=4096)
def _stands_for_itself(characters: frozenset[str]) -> bool:
    """Whether none of the characters is changed or joins another: most words of most scripts."""
    return not any(_is_joining(character) or _plain(character) != character for character in characters)


def stands_for_itself(character: str) -> bool:
    """Whether a character means what it looks like, wherever it stands."""
    return _stands_for_itself(frozenset(character)) and not (
        _ANY_LOOK_ALIKE.match(character) or _ANY_BETWEEN.match(character)
    )


_STRETCH = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]+")


def _plain_characters(text: str) -> tuple[list[str], array[int], array[int]]:
    """The first pass: (characters, where each starts, where each ends)."""
    characters: list[str] = []
    starts = array("q")
    ends = array("q")
    for stretch in _STRETCH.finditer(text):
        first, last = stretch.span()
        if stretch.group().isascii() or _stands_for_itself(frozenset(stretch.group())):
            characters.extend(stretch.group())
            starts.extend(range(first, last))
            ends.extend(range(first + 1, last + 1))
            continue
        for place in range(first, last):
            character = text[place]
            if characters and _is_joining(character):
                joined = unicodedata.normalize("NFC", characters[-1] + character)
                if len(joined) == 1:
                    characters[-1] = joined
                    ends[-1] = place + 1
                    continue
                if "\u0300" <= character <= "\u036f":
                    # A mark over a Latin letter or digit that makes no letter of any language: struck-out text.
                    ends[-1] = place + 1
                    continue
            plain = _plain(character)
            characters.extend(plain)
            for _ in plain:
                starts.append(place)
                ends.append(place + 1)
    return characters, starts, ends


def _fold_look_alikes(text: str) -> str:
    """Latin letters for their look-alikes, in words that mix scripts and in addresses. Same length."""
    if not _ANY_LOOK_ALIKE.search(text):
        return text
    return _TOKEN.sub(lambda token: _fold_token(token.group()), text)


def _fold_token(token: str) -> str:
    if token.isascii() or not _LATIN_OR_AT.search(token) or not _ANY_LOOK_ALIKE.search(token):
        return token
    folded = token.translate(_LOOK_ALIKES)
    if folded.isascii() and ("@" in token or (_LATIN.search(token) and _ENDS_AS_DOMAIN.search(token))):
        return folded
    return _RUN.sub(lambda run: _fold_run(run.group()), token)


def _fold_run(run: str) -> str:
    if run.isascii() or not _LATIN.search(run):
        return run
    folded = run.translate(_LOOK_ALIKES)
    return folded if folded.isascii() else run


# ------------------------------------------------------------------------------------------------- spaced-out text

_SPACED = re.compile(r"(?<![^\s(\[\"':])(?:[\w@.+()/:#-](?=[.,;:!?)\]\"']{0,3}+(?!\S)) {0,8}+){7,}+")
_SPACED_DIGITS = re.compile(r"[+(\d](?: {0,8}+[\d+()./-])*+")
_SPACED_IPV6 = re.compile(r"[0-9A-Fa-f:](?: {1,8}+[0-9A-Fa-f:])*+")
_SPACED_ACCOUNT = re.compile(
    r"(?<![A-Za-z] )(?<![A-Za-z]  )[A-Za-z] {1,4}[A-Za-z] {1,4}\d {1,4}\d(?: {1,4}+[A-Za-z\d])*+"
)
_GAP = re.compile(" +")

_DIGIT_WORDS = {
    word: str(digit)
    for language in (
        "zero one two three four five six seven eight nine",
        "oh one two three four five six seven eight nine",
        "cero uno dos tres cuatro cinco seis siete ocho nueve",
        "zéro un deux trois quatre cinq six sept huit neuf",
        "null eins zwei drei vier fünf sechs sieben acht neun",
        "zero um dois três quatro cinco seis sete oito nove",
    )
    for digit, word in enumerate(language.split())
}
_A_DIGIT_WORD = "(?:" + "|".join(sorted(_DIGIT_WORDS, key=len, reverse=True)) + ")"
_DIGITS_IN_WORDS = re.compile(rf"(?<!\w){_A_DIGIT_WORD}(?:[ ,.\-]{{1,3}}+{_A_DIGIT_WORD}){{6,24}}+(?!\w)")
_ONE_DIGIT_WORD = re.compile(_A_DIGIT_WORD)


@dataclass(frozen=True, slots=True)
class _Edit:
    """Put ``into`` (at most one character) in the place of text[start:end]."""

    start: int
    end: int
    into: str


def _closing_up(text: str) -> Iterator[_Edit]:
    """The second pass, as edits in order and without overlap."""
    edits: list[_Edit] = []
    for run in _SPACED.finditer(text):
        edits.extend(_close_run(text, *run.span()))
    lower = text.lower()
    for spoken in _DIGITS_IN_WORDS.finditer(lower) if len(lower) == len(text) else ():
        previous = spoken.start()
        for word in _ONE_DIGIT_WORD.finditer(lower, *spoken.span()):
            if word.start() > previous:
                edits.append(_Edit(previous, word.start(), ""))
            edits.append(_Edit(word.start(), word.end(), _DIGIT_WORDS[word.group()]))
            previous = word.end()
    return iter(sorted(edits, key=lambda edit: edit.start))


def _close_run(text: str, start: int, end: int) -> Iterator[_Edit]:
    run = text[start:end].rstrip()
    end = start + len(run)
    if "@" in run:
        yield from _without_gaps(text, start, end)
        return
    account = _SPACED_ACCOUNT.search(run)
    if account and sum(map(str.isdigit, account.group())) >= 12:
        yield from _without_gaps(text, start + account.start(), start + account.end())
        return
    if run.count(":") >= 2:
        for hexadecimal in _SPACED_IPV6.finditer(run):
            if hexadecimal.group().count(":") >= 2 and len(hexadecimal.group()) >= 15:
                yield from _without_gaps(text, start + hexadecimal.start(), start + hexadecimal.end())
                return
    for digits in _SPACED_DIGITS.finditer(run):
        if sum(map(str.isdigit, digits.group())) >= 7:
            yield from _without_gaps(text, start + digits.start(), start + digits.end())


def _without_gaps(text: str, start: int, end: int) -> Iterator[_Edit]:
    """The narrowest gap goes; a wider one is where a word ended, and leaves one blank."""
    gaps = [gap.span() for gap in _GAP.finditer(text, start, end)]
    if not gaps:
        return
    narrowest = min(last - first for first, last in gaps)
    for first, last in gaps:
        if last - first == narrowest:
            yield _Edit(first, last, "")
        else:
            yield _Edit(first, last, " ")


def normalise(text: str) -> NormalisedText:
    """The plain form of a text, with a way back. Plain ASCII without spaced-out stretches stays as it is."""
    plain, starts, ends = text, None, None
    if not text.isascii():
        characters, starts, ends = _plain_characters(text)
        plain = _fold_look_alikes("".join(characters))
        if _ANY_BETWEEN.search(plain):
            for pattern, meant in _BETWEEN:
                plain = pattern.sub(meant, plain)
    edits = list(_closing_up(plain))
    if edits:
        plain, starts, ends = _edited(plain, edits, starts, ends)
    return NormalisedText(text, plain, starts, ends)


def _edited(
    text: str, edits: list[_Edit], starts: array[int] | None, ends: array[int] | None
) -> tuple[str, array[int], array[int]]:
    if starts is None or ends is None:
        starts, ends = array("q", range(len(text))), array("q", range(1, len(text) + 1))
    pieces: list[str] = []
    new_starts, new_ends = array("q"), array("q")
    done = 0
    for edit in [*edits, _Edit(len(text), len(text), "")]:
        pieces.append(text[done : edit.start])
        new_starts.extend(starts[done : edit.start])
        new_ends.extend(ends[done : edit.start])
        if edit.into:
            pieces.append(edit.into)
            new_starts.append(starts[edit.start])
            new_ends.append(ends[edit.end - 1])
        done = edit.end
    return "".join(pieces), new_starts, new_ends

"""Names of people: label lines, forms of address, and a model of our own for running text.

The model is a conditional random field trained by ``habeas.exposure.training.names``; it also learns places and
organisations, because the commonest mistake is to take one of those for a person. What it says is trusted only where
it is sure; a label ("Name:") or a form of address ("Frau", "Mr") needs no model.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from habeas.exposure.core.detectors import Candidate, ScanContext
from habeas.exposure.core.normalise import NormalisedText
from habeas.exposure.core.spans import Taken

DATA = Path(__file__).resolve().parents[2] / "data"
MODEL_FILE = DATA / "names.crfsuite"

# One token: a link or e-mail, a handle or tag, a word (initials keep their dot), or a single mark.
_TOKEN = re.compile(
    r"https?://\S+|www\.\S+|[\w.+\-]{1,64}@[\w\-]{1,64}\.[\w.\-]{2,64}"
    r"|[@#]\w+"
    r"|[^\W\d_](?=\.)\.(?![^\W_]{3})|\d+(?:[.,:/]\d+)*"
    r"|[^\W\d_]+(?:['’\-][^\W\d_]{2,})*|\w+|[^\w\s]"
)
_POSSESSIVE = re.compile(r"(?<=[^\W\d_])(?:['’]s)$", re.IGNORECASE)


def _set(words: str) -> frozenset[str]:
    """The words of a blank-separated list."""
    return frozenset(words.split())


_TITLES = _set(
    "mr mrs ms miss mx dr prof professor sir dame lord lady herr frau fräulein hr fr monsieur madame mademoiselle "
    "m mme mlle señor señora señorita sr sra srta dhr mevr mevrouw meneer mw dott dottor dottoressa sig signor "
    "signora senhor senhora pan pani fru president senator minister officer detective sgt capt judge coach aunt "
    "uncle"
)


def tokens(text: str) -> list[tuple[int, int]]:
    """Start and end of every token of ``text``; a possessive "'s" is a token of its own."""
    spans: list[tuple[int, int]] = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        word = match.group()
        if len(word) > 3 and word[-1] in "sS" and word[-2] in "'’":
            spans += [(start, end - 2), (end - 2, end)]
        else:
            spans.append((start, end))
    return spans


_SENTENCE_END = re.compile(r"(?<=[.!?…。])[\"'”’)\]]{0,2}\s+(?=[\"'“‘(\[]?[A-ZÀ-ÖØ-Þ0-9@#])|\s*\n\s*")
_ABBREVIATION = re.compile(
    r"(?:\b[A-Za-z]|\b(?:mr|mrs|ms|dr|prof|st|hr|fr|sr|sra|mme|vs|no|nr|jr|sgt|capt|sen|rep))\.$", re.IGNORECASE
)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every stretch the model reads as one: a line, or a sentence of it."""
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if "\n" not in match.group() and _ABBREVIATION.search(text, max(start, match.start() - 6), match.start()):
            continue
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start < len(text):
        yield start, len(text)


_LIGATURES = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "’": "'", "ı": "i"})


@lru_cache(maxsize=16384)
def fold(word: str) -> str:
    """Lower case without accents: the form in which names are compared and looked up."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFD", word.lower().translate(_LIGATURES))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@cache
def given_names() -> frozenset[str]:
    return frozenset((DATA / "given_names.txt").read_text("utf-8").split())


@cache
def family_names() -> frozenset[str]:
    return frozenset((DATA / "family_names.txt").read_text("utf-8").split())


_PINYIN = re.compile(
    r"(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ue|ui|un|uo|a|e|i|o"
    r"|u)){1,3}"
)


@lru_cache(maxsize=16384)
def _traits(word: str) -> tuple[str, str, str]:
    """The word's form without letters (shape), its folded form, and what the lists know of it."""
    folded = fold(word)
    if word[0] in "@#":
        return word[0] + "w", word[0], ""
    if word[:4] in {"http", "www."} or "@" in word:
        return "url", "url", ""
    if word.isdigit():
        return "d", "0", ""
    if word.isupper():
        shape = "X" if len(word) == 1 else "X." if len(word) == 2 and word[1] == "." else "XX"
    elif word[0].isupper():
        shape = "Xx" if word[1:].islower() else "XxX" if word.isalpha() else "Xx-"
    elif word.isalpha():
        shape = "x" if word.islower() else "xX"
    elif word[0].isalnum():
        shape = "xd"
    else:
        shape = word[:1]
    known = ""
    first = folded.partition("-")[0]
    if first in given_names():
        known += "G"
    if folded in family_names():
        known += "F"
    if folded.rstrip(".") in _TITLES:
        known += "T"
    return shape, folded, known


@lru_cache(maxsize=16384)
def _own(word: str) -> tuple[str, ...]:
    shape, folded, known = _traits(word)
    found = [
        "w=" + folded,
        "s=" + shape,
        "p3=" + folded[:3],
        "x2=" + folded[-2:],
        "x3=" + folded[-3:],
        "k=" + known + shape,
        "n=" + str(min(len(word), 8)) + shape,
    ]
    if len(folded) > 3:
        found += ["p4=" + folded[:4], "x4=" + folded[-4:]]
    if shape in {"Xx", "XX", "x"} and _PINYIN.fullmatch(folded):
        found.append("pinyin" + shape)
    return tuple(found)


@lru_cache(maxsize=65536)
def _beside(word: str, offset: str) -> tuple[str, ...]:
    shape, folded, known = _traits(word)
    return (offset + "w=" + folded, offset + "s=" + shape, offset + "k=" + known + shape)


@lru_cache(maxsize=65536)
def _further(word: str, offset: str) -> tuple[str, ...]:
    shape, folded, known = _traits(word)
    return (offset + "w=" + folded, offset + "k=" + known + shape)


def features(words: Sequence[str]) -> list[list[str]]:
    """What the model sees of each word of one sentence: itself, its form, its lists, and two neighbours either side."""
    count = len(words)
    traits = [_traits(word) for word in words]
    letters = [shape for shape, _, _ in traits if shape[0] in "Xx"]
    capitals = sum(1 for shape in letters if shape[0] == "X")
    style = (
        "caps" if letters and capitals >= 0.8 * len(letters) and len(letters) > 3 else "low" if not capitals else "mix"
    )
    rows: list[list[str]] = []
    for at, word in enumerate(words):
        row = list(_own(word))
        shape, _folded, known = traits[at]
        row.append("style=" + style + shape + known)
        if at:
            row += _beside(words[at - 1], "-1")
            row.append("-1,0=" + traits[at - 1][2] + traits[at - 1][0] + "|" + known + shape)
            if at > 1:
                row += _further(words[at - 2], "-2")
        else:
            row.append("BOS" + shape)
        if at + 1 < count:
            row += _beside(words[at + 1], "+1")
            row.append("0,+1=" + known + shape + "|" + traits[at + 1][2] + traits[at + 1][0])
            if at + 2 < count:
                row += _further(words[at + 2], "+2")
        else:
            row.append("EOS")
        rows.append(row)
    return rows


# --------------------------------------------------------------------------------------------- labels and cues

_WORD = r"[^\W\d_](?:[^\W\d_]|['’.\-](?=[^\W\d_]))*\.?"
_UPPER = r"(?-i:[A-ZÀ-ÖØ-ÞŁŚŻŹĆŠŽČŘĐİ])"
_LABELLED = re.compile(
    r"(?:^|(?<=[\n|;•*>,(\[]))[ \t\-–*•>#=~_\[(]{0,8}"
    r"(?P<label>(?:(?:full|real|legal|true|actual|birth|maiden|complete|first|last|middle|given|family"
    r"|sur)[\s\-]{0,2}){0,2}(?:name|surname)(?:\(s\)|s)?"
    r"|(?:vor-?\s?(?:und|&|/)\s?(?:nach|zu|familien)?name|(?:voller|echter|richtiger|ganzer"
    r"|bürgerlicher)\s(?:nach)?name|vorname|nachname|familienname|klarname)"
    r"|(?:nom(?:\s(?:et|\/|&)\sprénoms?|\scomplet|\sde\sfamille)?|prénoms?(?:\set\snom)?|vrai\snom)"
    r"|(?:nombre(?:\s(?:y\sapellidos?|completo|real))?|apellidos?)"
    r"|(?:naam|volledige\snaam|voornaam|achternaam|voor-?\sen\sachternaam|echte\snaam)"
    r"|(?:nome(?:\s(?:e\scognome|completo|vero|verdadeiro))?|cognome|sobrenome|apelido)"
    r"|(?:imię(?:\si\snazwisko)?|nazwisko|namn|navn|fullständigt\snamn|fulde\snavn|nimi|ad\ssoyad|isim)"
    r"|target|victim|subject|person|owner|(?:dox|doxx|d0x|info)\s(?:on|of|for)|attn|signed)"
    r"[ \t]{0,2}(?:\([^)\n]{1,20}\))?[ \t.]{0,20}(?::|=|：|\t)[ \t]{0,6}"
    r"(?P<value>" + _WORD + r"(?:[ \t]" + _WORD + r"){0,4})",
    re.IGNORECASE,
)
_NOT_LABELS = re.compile(
    r"\b(?:user|file|domain|company|brand|business|screen|nick|pet|host|product|band|team|street|school"
    r"|firmen?)[\s\-_]?$",
    re.IGNORECASE,
)
_CUED = re.compile(
    r"\b(?:(?:my|his|her|their|the|real|full|whose)\s(?:(?:real|full|actual|legal|first|last|birth|maiden|middle|family|married)\s)?(?:sur|nick)?name"
    r"(?:\sis|\swas|['’]s)|name\?|(?:call|calls|called|calling)\sme|(?:real|full|legal)\sname|(?:is|was|are)\s(?:called|named)|name\sof"
    r"|(?:ich\sheiße|er\sheißt|sie\sheißt|heißt|mein\sname\sist|(?:sein|ihr)\s(?:\w{1,12}\s)?name\sist)"
    r"|(?:je\sm['’]appelle|s['’]appelle|(?:mon|son)\s(?:vrai\s)?nom\sest)"
    r"|(?:me\sllamo|se\sllama|(?:mi|su)\snombre\s(?:real\s)?es)"
    r"|(?:ik\sheet|hij\sheet|zij\sheet|ze\sheet|heet|(?:mijn|zijn|haar)\s(?:echte\s)?naam\sis)"
    r"|(?:mi\schiamo|si\schiama|il\ssuo\s(?:vero\s)?nome\sè)|(?:chamo-me|me\schamo|chama-se|se\schama"
    r"|o\snome\s(?:dele|dela)\sé)"
    r"|(?:nazywa\ssię|jag\sheter|heter|hedder|heiter)"
    r")\s(?P<value>" + _WORD + r"(?:[ \t]" + _WORD + r"){0,3})",
    re.IGNORECASE,
)
_TITLED = re.compile(
    r"(?<![\w.])(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Dame|Herrn?|Frau|Hr|Fr|Dhr|Mevrouw|Mevr|Meneer|Mw"
    r"|Monsieur|Madame|Mademoiselle"
    r"|M|Mme|Mlle|Señora?|señora?|señorita|senhora?|signora?|monsieur|madame|mevrouw|meneer|Sra|Sr|Srta|Don|Doña"
    r"|Sig|Signora?|Sig\.ra|Dott|Dottoressa|Senhora?|Pani?|Fru|Herr Dr|Frau Dr|MR|MRS|MS|HERR|FRAU)"
    r"\.?[ \t](?:Dr\.[ \t])?(?P<value>"
    + _UPPER
    + _WORD[len(r"[^\W\d_]") :]
    + r"(?:[ \t](?:(?:van|von|de|del|della|da|di|le|la|zu|der|den|ten|bin|al)[ \t]){0,2}"
    + _UPPER
    + _WORD[len(r"[^\W\d_]") :]
    + r"){0,3})"
)
# Single letters before a capitalised word are titles only in the language that uses them.
_FRENCH = re.compile(r"\b(?:le|la|les|des|une?|est|et|chez|pas|dans|avec|qui)\b")

_STOP = _set(
    "the a an and or but not is was are were be been he she it they we you i who what when where why how this "
    "that these those his her their our your my me him them us at in on of to from for with by as if so then than "
    "here there now unknown none n/a na tba tbd redacted anonymous yes no please phone address email age dob born "
    "street city employer work school number tel mobile name first last full sein ihr und oder der die das den "
    "dem ein eine ist war nicht von bei mit für aus auf zu im am le la les un une et ou est dans avec sur pour el "
    "los las y o es en con por para del de het een en of is niet van met voor op il lo gli e non per que som och "
    "inte på"
)
_CONNECT = _set("van von de del della der den ten ter da di do dos du la le al bin ibn el mac mc o zu af av y e")


def _trimmed(text: str, start: int, end: int, *, loose: bool) -> tuple[int, int] | None:
    """The words of ``text[start:end]`` that can be a name; ``loose`` keeps lower-case words too."""
    kept_end, count = start, 0
    capitals = text[start].isupper()
    for match in re.finditer(r"\S+", text[start:end]):
        word = match.group()
        plain = word.rstrip(".,").lower()
        if plain in _STOP and not (word[0].isupper() and len(word) > 3):
            if plain not in _CONNECT or not count:
                break
            continue
        if not word[0].isupper() and plain not in _CONNECT and (capitals or not loose):
            break
        if plain in _CONNECT and not word[0].isupper():
            continue
        kept_end = start + match.end()
        count += 1
        if word.endswith(".") and len(word) > 3:
            break
    if not count:
        return None
    while (
        kept_end > start
        and text[kept_end - 1] in ".,'’-"
        and kept_end - start > 2
        and text[kept_end - 3 : kept_end - 2] not in {" ", ""}
    ):
        kept_end -= 1
    return (start, kept_end) if kept_end - start >= 2 else None


def _by_label(text: str) -> Iterator[tuple[int, int, float, str]]:
    for match in _LABELLED.finditer(text):
        label = match.group("label").lower()
        if _NOT_LABELS.search(text[max(0, match.start("label") - 12) : match.start("label")]):
            continue
        sure = (
            "nam" in label
            or "nom" in label
            or label in {"naam", "voornaam", "achternaam", "apellidos", "apellido", "prénom", "prénoms", "cognome"}
        )
        span = _trimmed(text, *match.span("value"), loose=sure)
        if span and (sure or _listed(text[span[0] : span[1]]) or " " in text[span[0] : span[1]]):
            yield *span, 0.95 if sure else 0.75, "a label says it is a name"


def _listed(words: str) -> bool:
    return any(fold(part).partition("-")[0] in given_names() for part in words.split())


def _by_cue(text: str) -> Iterator[tuple[int, int, float, str]]:
    for match in _CUED.finditer(text):
        start, end = match.span("value")
        span = _trimmed(text, start, end, loose=True)
        if span is None:
            continue
        words = text[span[0] : span[1]].split()
        if (
            "name" in match.group().lower()[:12]
            and 2 <= len(words) <= 3
            and text[span[1] : span[1] + 1] in {",", ".", "\n", ""}
        ):
            yield *span, 0.8, "words before it say it is a name"
            continue
        if text[start].isupper():
            yield *span, 0.85, "words before it say it is a name"
        elif fold(words[0]) in given_names():
            # In lower case the sentence runs on: keep a second word only where a list knows it as a family name.
            last = span[0] + len(words[0])
            if len(words) > 1 and fold(words[1]) in family_names():
                last += 1 + len(words[1])
            yield span[0], last, 0.7, "words before it say it is a name"


# What only people do, so that whoever does it is one.
_DOES = re.compile(
    r"(?:^|(?<=[\n.!?>\"”]\s)|(?<=\n))(?P<value>"
    + _UPPER
    + r"[^\W\d_]+(?:['’\-][^\W\d_]+)*(?:\s"
    + _UPPER
    + r"(?:\.|[^\W\d_]+(?:['’\-][^\W\d_]+)*)){0,3})\s(?:lives|lived|shouted|whispered|smiled|laughed|married|had\sgiven"
    r"|grew\sup|was\sborn|is\s\d{1,2}\syears\sold|works\s(?:at|for|as)|moved\s(?:in|to))\b",
    re.MULTILINE,
)
_SPEAKS = re.compile(
    r"[\"”’']\s(?:says|said|asks|asked|replied|added)\s(?P<value>"
    + _UPPER
    + r"[^\W\d_]+(?:['’\-][^\W\d_]+)*(?:\s"
    + _UPPER
    + r"[^\W\d_]+(?:['’\-][^\W\d_]+)*){0,2})"
)
_NOT_SUBJECTS = _set(
    "everyone everybody someone somebody nobody anyone one who whoever people police officials nothing everything "
    "something another both all none many most some few others mother father mom mum dad brother sister son daughter "
    "wife husband grandma grandpa aunt uncle god jesus monday tuesday wednesday thursday friday saturday sunday "
    "today yesterday company team president minister doctor officer also then well"
)


def _by_deed(text: str) -> Iterator[tuple[int, int, float, str]]:
    for pattern in (_DOES, _SPEAKS):
        for match in pattern.finditer(text):
            first, *_ = words = [fold(word) for word in match["value"].split()]
            if first in _STOP or first in _NOT_SUBJECTS or words[-1].rstrip(".") in _NOT_PEOPLE:
                continue
            yield *match.span("value"), 0.75, "it does what people do"


def _by_title(text: str) -> Iterator[tuple[int, int, float, str]]:
    for match in _TITLED.finditer(text):
        title = match.group()[: match.start("value") - match.start()].strip().rstrip(".")
        if title == "M" and not _FRENCH.search(text):
            continue
        if (
            title in {"Don", "Pan", "Pani", "Fr", "Sig", "MS", "Miss", "Sir", "Dame", "Madame"}
            and not _listed(match.group("value"))
            and title not in {"Miss", "Madame"}
        ):
            continue
        span = _trimmed(text, *match.span("value"), loose=False)
        if span:
            yield *span, 0.88, "a form of address stands before it"


# --------------------------------------------------------------------------------------------- running text

_REPEATED = re.compile(r"(?<![\w@#])" + _UPPER + r"[^\W\d_]{2,}(?![\w])")


@cache
def _tagger() -> Any:
    """The model, opened once for the process; None where its file is missing."""
    if not MODEL_FILE.exists():
        return None
    import pycrfsuite

    tagger = pycrfsuite.Tagger()
    tagger.open(str(MODEL_FILE))
    return tagger


LEAST = 0.5
# From here up the model's word counts. Below one half, because the model was seen to be too shy of names it never met:
# on the held-out sets 0.35 finds nearly a tenth more names and loses a few hundredths of precision.
_LIKELY = 0.35


def _by_model(text: str) -> Iterator[tuple[int, int, float, str]]:
    tagger = _tagger()
    if tagger is None:
        return
    for start, end in sentences(text):
        spans = tokens(text[start:end])
        words = [text[start + a : start + b] for a, b in spans]
        if not any(_may_be_name(word) for word in words):
            continue
        # One overlong line (a pasted table, a minified page) would otherwise cost as much as all the others.
        for part in range(0, len(words), 400):
            yield from _tagged(tagger, text, start, spans[part : part + 400], words[part : part + 400])


def _may_be_name(word: str) -> bool:
    shape, _, known = _traits(word)
    return shape[0] == "X" or ("G" in known and shape == "x")


def _tagged(
    tagger: Any, text: str, start: int, spans: list[tuple[int, int]], words: list[str]
) -> Iterator[tuple[int, int, float, str]]:
    """Runs of words that are names with at least ``_LIKELY``; a word that rather begins a name starts a new one."""
    tagger.set(features(words))
    begins = [tagger.marginal("B-P", at) for at in range(len(words))]
    inside = [tagger.marginal("I-P", at) for at in range(len(words))]
    at = 0
    while at < len(words):
        first = at
        at += 1
        if begins[first] + inside[first] < _LIKELY:
            continue
        while at < len(words) and begins[at] + inside[at] >= _LIKELY and inside[at] >= begins[at]:
            at += 1
        last = at
        while first < last and (not _is_name_word(words[first]) or fold(words[first]).rstrip(".") in _TITLES):
            first += 1
        while last > first and not _is_name_word(words[last - 1]):
            last -= 1
        shown = words[first:last]
        if shown and last < len(words) and fold(words[last]) in _NOT_PEOPLE:
            continue
        if shown and not any(word[0] in "@#" for word in shown) and not _names_no_person(shown):
            likely = sum(begins[k] + inside[k] for k in range(first, last)) / (last - first)
            confidence = min(0.95, LEAST + (likely - _LIKELY) * 0.7)
            yield start + spans[first][0], start + spans[last - 1][1], confidence, "it reads as a person's name here"


# Words the model takes for names now and then: labels of contact data, and pronouns that open a sentence.
_NEVER = _set(
    "handy telefon telefoon telefono tel mobil mobile cell adresse address direccion adres indirizzo morada "
    "email mail alter age edad leeftijd eta idade beruf arbeitgeber schule mutter vater ort plz geburtsdatum "
    "elle il ils elles je tu on nous vous el ella ellos sie er es wir ihr du hij zij ze ik wij lui lei io "
    "lmao lol omg wtf target dox doxx snitch mom mum dad mommy daddy monsieur madame senor senora herr frau "
    "employer school phone instagram twitter facebook snapchat discord telegram iban bic pin ssn vat nan id dob null"
)


# Behind a name these make it a street's, a firm's or an institution's.
_NOT_PEOPLE = _set(
    "street road avenue lane bypass highway bridge square airport station stadium hospital clinic university college "
    "school academy institute orchestra choir band festival theatre theater museum foundation trust bank insurance "
    "investments holdings partners associates group corporation corp inc llc ltd plc gmbh ag company industries "
    "technologies systems solutions services research records magazine times herald orchestra county city council party"
)


def _names_no_person(shown: list[str]) -> bool:
    folded = [fold(word).rstrip(".") for word in shown]
    return folded[-1] in _NOT_PEOPLE or all(word in _NEVER for word in folded)


def _is_name_word(word: str) -> bool:
    return word[0].isalpha() and "@" not in word and word[:4].lower() not in {"http", "www."}


class NameDetector:
    """People's names. ``value`` is folded: lower case, no accents, single spaces."""

    name = "name"

    def find(self, text: NormalisedText, context: ScanContext) -> Iterator[Candidate]:
        for start, end, confidence, reason in find_names(text.text):
            yield Candidate("name", start, end, _value(text.text[start:end]), "", round(confidence, 2), reason)


def _value(name: str) -> str:
    return " ".join(fold(name).split())


def find_names(text: str) -> list[tuple[int, int, float, str]]:
    """(start, end, confidence, reason) of every name, by start, without overlap; the surer and longer one stays."""
    found = [*_by_label(text), *_by_cue(text), *_by_title(text), *_by_deed(text), *_by_model(text)]
    found.sort(key=lambda one: (-one[2], one[0] - one[1], one[0]))
    taken = Taken()
    kept = [one for one in found if taken.take(one[0], one[1])]
    kept += _repeated(text, kept, taken)
    kept.sort()
    return kept


def _repeated(text: str, kept: list[tuple[int, int, float, str]], taken: Taken) -> list[tuple[int, int, float, str]]:
    """Later or earlier mentions of a person already found: the same word, capitalised, elsewhere in the text."""
    parts: dict[str, float] = {}
    for start, end, confidence, _ in kept:
        if confidence < 0.7:
            continue
        for word in text[start:end].split():
            if len(word) > 2 and word[0].isupper() and word.isalpha() and word.lower() not in _STOP:
                parts[word] = max(parts.get(word, 0.0), confidence)
    again = []
    if parts:
        for match in _REPEATED.finditer(text):
            if match.group() in parts and not taken.overlaps(*match.span()):
                confidence = 0.85 * parts[match.group()]
                if confidence >= LEAST:
                    again.append((match.start(), match.end(), confidence, "the same name stands elsewhere in the text"))
    return again


DETECTOR = NameDetector()

"""The words of the portal in every language: finds them, keeps the catalogues in step, checks and compiles them.

python scripts/messages.py update     new words go into every catalogue, empty; words that are gone go out
python scripts/messages.py check      what a machine can tell of a translation; exit code 1 where something is wrong
python scripts/messages.py compile    .po -> .mo
python scripts/messages.py export LANGUAGE > words.json    what still lacks a translation
python scripts/messages.py import LANGUAGE < words.json    put translations in: {key: words} or {key: [forms]}

Words stand in Python (gettext and its kin), in templates, and in data: the law's questions, titles of steps, guides.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "habeas"
LOCALE = SOURCE / "locale"
SCREENS = ("web/portal", "web/intake.py", "web/templates", "web/components", "web/site", "learning")
LEFT_OUT = ("desk_base.html", "gallery.py", "gallery.html")
ISOLATES = {"\u2066", "\u2067", "\u2068"}

# How many forms a language has for "n things", and which is which. Source: Unicode CLDR 46, plural rules (cardinal).
PLURALS = {
    "es": "nplurals=3; plural=n == 1 ? 0 : n != 0 && n % 1000000 == 0 ? 1 : 2;",
    "fr": "nplurals=3; plural=(n == 0 || n == 1) ? 0 : n != 0 && n % 1000000 == 0 ? 1 : 2;",
    "de": "nplurals=2; plural=(n != 1);",
    "nl": "nplurals=2; plural=(n != 1);",
    "pt-br": "nplurals=3; plural=(n == 0 || n == 1) ? 0 : n != 0 && n % 1000000 == 0 ? 1 : 2;",
    "ar": "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5;",
    "zh-hans": "nplurals=1; plural=0;",
    "zh-hant": "nplurals=1; plural=0;",
    "hi": "nplurals=2; plural=(n > 1);",
    "ru": "nplurals=4; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : "
    "n%10==0 || (n%10>=5 && n%10<=9) || (n%100>=11 && n%100<=14) ? 2 : 3);",
    "uk": "nplurals=4; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : "
    "n%10==0 || (n%10>=5 && n%10<=9) || (n%100>=11 && n%100<=14) ? 2 : 3);",
    "ja": "nplurals=1; plural=0;",
    "ko": "nplurals=1; plural=0;",
    "tr": "nplurals=2; plural=(n != 1);",
    "id": "nplurals=1; plural=0;",
}
SCRIPTS = {
    "ar": ("ARABIC",),
    "hi": ("DEVANAGARI",),
    "ru": ("CYRILLIC",),
    "uk": ("CYRILLIC",),
    "zh-hans": ("CJK",),
    "zh-hant": ("CJK",),
    "ja": ("HIRAGANA", "KATAKANA", "CJK"),
    "ko": ("HANGUL",),
}
# A sentence in signs that stand for words is far shorter than one in letters.
SHORTEST = {"zh-hans": 0.1, "zh-hant": 0.1, "ja": 0.15, "ko": 0.15}
STATUS = "draft: not yet read by a translator of this language"
_SLOTS = re.compile(r"%\([a-z_]+\)[sd]|%[sd]|\{[a-z_]*\}|</?[a-z]+[^>]*>")
_CALLS = {
    "_": 1,
    "gettext": 1,
    "gettext_lazy": 1,
    "gettext_noop": 1,
    "ngettext": 2,
    "ngettext_lazy": 2,
    "pgettext": -1,
    "pgettext_lazy": -1,
}


@dataclass(frozen=True, slots=True, order=True)
class Words:
    """context: empty where there is none; plural: empty where there is one form only"""

    text: str
    plural: str = ""
    context: str = ""

    @property
    def key(self) -> str:
        return f"{self.context}|{self.text}" if self.context else self.text


# -------------------------------------------------------------------------------------------------------- finding them


def portal_words() -> set[Words]:
    """Every string that a page of the portal can show."""
    return {*_in_files(SCREENS), *_in_data()}


def _in_files(folders: Iterable[str]) -> Iterator[Words]:
    _set_up()
    from django.utils.translation.template import templatize

    for folder in folders:
        for file in sorted((SOURCE / folder).rglob("*")) or [SOURCE / folder]:
            if file.name in LEFT_OUT:
                continue
            if file.suffix == ".py":
                yield from _calls(ast.parse(file.read_text("utf-8")))
            elif file.suffix == ".html":
                for call in _call_texts(templatize(file.read_text("utf-8"), origin=str(file))):
                    yield from _calls(ast.parse(call, mode="eval"))


def _in_data() -> Iterator[Words]:
    _set_up()
    from habeas.journey.telling import to_persons
    from habeas.learning.core.safety import guide
    from habeas.remedies.core.catalogue import catalogue

    for step in guide():
        yield from (Words(step.text), Words(step.why))
    for asked in to_persons().values():
        yield from (Words(asked.text), Words(asked.why))
    for entry in catalogue().values():
        yield Words(entry.title)
        if entry.reveals:
            yield Words(entry.reveals)


def _call_texts(code: str) -> Iterator[str]:
    """The calls in what Django makes of a template: the rest of it is no Python."""
    for match in re.finditer(r"\b(?:gettext|ngettext|pgettext|npgettext)\(", code):
        depth, end, quoted = 0, match.end() - 1, ""
        while end < len(code):
            sign = code[end]
            if quoted:
                if sign == "\\":
                    end += 1
                elif sign == quoted:
                    quoted = ""
            elif sign in "\"'":
                quoted = sign
            elif sign in "()":
                depth += 1 if sign == "(" else -1
                if depth == 0:
                    yield code[match.start() : end + 1]
                    break
            end += 1


def _calls(tree: ast.AST) -> Iterator[Words]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        kind = _CALLS.get(name)
        if kind is None:
            continue
        texts = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        if kind == -1 and len(texts) >= 2:
            yield Words(texts[1], context=texts[0])
        elif kind == 2 and len(texts) >= 2:
            yield Words(texts[0], plural=texts[1])
        elif kind == 1 and texts:
            yield Words(texts[0])


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "habeas.web.site.settings")
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()


# --------------------------------------------------------------------------------------------------------- catalogues


def languages() -> list[tuple[str, Path]]:
    from habeas.kernel.languages import ENGLISH, PORTAL

    return [(one.code, LOCALE / one.folder / "LC_MESSAGES" / "django.po") for one in PORTAL if one != ENGLISH]


def update(code: str, file: Path, words: set[Words]) -> int:
    """Bring a catalogue in step. Returns how many of its words lack a translation."""
    before = polib.pofile(str(file)) if file.is_file() else polib.POFile()
    known = {(entry.msgid, entry.msgctxt or ""): entry for entry in before}
    after = polib.POFile(wrapwidth=120)
    after.metadata = {
        "Project-Id-Version": "Habeas",
        "Language": code,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS[code],
        "X-Status": STATUS,
    }
    forms = int(PLURALS[code].partition("nplurals=")[2][0])
    for one in sorted(words):
        entry = known.get((one.text, one.context))
        if entry is None or bool(entry.msgid_plural) != bool(one.plural):
            entry = polib.POEntry(msgid=one.text, msgctxt=one.context or None, msgstr="")
        entry.msgid_plural, entry.obsolete = one.plural, False
        if one.plural:
            entry.msgstr_plural = {n: entry.msgstr_plural.get(n, "") for n in range(forms)}
        after.append(entry)
    file.parent.mkdir(parents=True, exist_ok=True)
    after.save(str(file))
    return sum(not _whole(entry) for entry in after)


def compiled(file: Path) -> bytes:
    """The catalogue as gettext reads it; entries without a translation are left to English."""
    return polib.pofile(str(file)).to_binary()


def faults(code: str, file: Path, words: set[Words]) -> Iterator[str]:
    """What a machine can tell of a catalogue, as sentences."""
    catalogue = polib.pofile(str(file))
    if catalogue.metadata.get("Plural-Forms") != PLURALS[code]:
        yield f"{code}: its plural forms are not CLDR's"
    held = {Words(entry.msgid, entry.msgid_plural or "", entry.msgctxt or "") for entry in catalogue}
    for one in sorted(words ^ held):
        yield f"{code}: {'lacks' if one in words else 'still holds'} {one.text[:60]!r}; run scripts/messages.py update"
    letters, right = 0, 0
    for entry in catalogue:
        label = f"{code}: {entry.msgid[:60]!r}"
        if entry.fuzzy:
            yield f"{label} is marked as a guess"
        if not _whole(entry):
            yield f"{label} has no translation"
            continue
        for source, said in _pairs(entry):
            yield from (
                f"{label}: {fault}" for fault in _faults_of(code, source, said, plural=bool(entry.msgid_plural))
            )
            for sign in _SLOTS.sub("", said):
                if sign.isalpha():
                    letters += 1
                    names = SCRIPTS.get(code, ("LATIN",))
                    right += unicodedata.name(sign, "").startswith(names)
    if letters and right / letters < 0.6:
        yield f"{code}: only {right / letters:.0%} of its letters are of its script"


def _faults_of(code: str, source: str, said: str, *, plural: bool) -> Iterator[str]:
    slots, has = sorted(_SLOTS.findall(source)), sorted(_SLOTS.findall(said))
    # "One letter" may leave the number out.
    if slots != has and not (plural and set(has) <= set(slots)):
        yield f"its slots are {has}, not {slots}"
    if "%" in said.replace("%%", "") and "%(" not in source and not re.search(r"%[sd]", source) and "%" not in source:
        yield "it has a per cent sign the source has not"
    if source == said and len(source) > 24:
        yield "it is the English"
    ratio = len(said) / max(len(source), 1)
    if len(source) > 24 and not SHORTEST.get(code, 0.4) <= ratio <= 2.6:
        yield f"it is {ratio:.1f} times as long as the English"
    if sum(said.count(sign) for sign in ISOLATES) != said.count("\u2069"):
        yield "a change of direction is left open"
    if source[:1].isspace() != said[:1].isspace() or source[-1:].isspace() != said[-1:].isspace():
        yield "it begins or ends with another blank than the English"


def _pairs(entry: polib.POEntry) -> list[tuple[str, str]]:
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    return [(entry.msgid_plural, said) for said in entry.msgstr_plural.values()]


def _whole(entry: polib.POEntry) -> bool:
    return all(entry.msgstr_plural.values()) if entry.msgid_plural else bool(entry.msgstr)


# ------------------------------------------------------------------------------------------------------------- by hand


def export(file: Path) -> dict[str, object]:
    """What lacks a translation: key -> English, or [one, many, number of forms wanted]."""
    return {
        Words(entry.msgid, context=entry.msgctxt or "").key: (
            [entry.msgid, entry.msgid_plural, len(entry.msgstr_plural)] if entry.msgid_plural else entry.msgid
        )
        for entry in polib.pofile(str(file))
        if not _whole(entry)
    }


def take_in(file: Path, told: dict[str, str | list[str]]) -> int:
    """Put translations into a catalogue. Returns how many found their place."""
    catalogue, count = polib.pofile(str(file), wrapwidth=120), 0
    for entry in catalogue:
        said = told.get(Words(entry.msgid, context=entry.msgctxt or "").key)
        if said is None:
            continue
        count += 1
        if entry.msgid_plural:
            forms = [said] if isinstance(said, str) else said
            entry.msgstr_plural = {n: forms[min(n, len(forms) - 1)] for n in range(len(entry.msgstr_plural))}
        else:
            entry.msgstr = said if isinstance(said, str) else said[0]
    catalogue.save(str(file))
    return count


def main(asked: list[str]) -> int:
    what, *rest = asked or ["help"]
    places = dict(languages())
    if what == "update":
        words = portal_words()
        for code, file in places.items():
            print(f"{code}: {update(code, file, words)} of {len(words)} without a translation")
    elif what == "check":
        words = portal_words()
        found = [fault for code, file in places.items() if file.is_file() for fault in faults(code, file, words)]
        print("\n".join(found) or f"{len(words)} words, nothing wrong that a machine can see")
        return 1 if found else 0
    elif what == "compile":
        # One that lacks words is still being written, and is not offered.
        for file in places.values():
            if file.is_file() and all(map(_whole, polib.pofile(str(file)))):
                file.with_suffix(".mo").write_bytes(compiled(file))
    elif what == "export" and rest:
        json.dump(export(places[rest[0]]), sys.stdout, ensure_ascii=False, indent=1)
    elif what == "import" and rest:
        print(take_in(places[rest[0]], json.load(sys.stdin)), "taken in on", datetime.now(UTC).date())
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

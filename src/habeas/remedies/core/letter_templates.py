"""Reading letters and the words of their machine-made blocks: strict, and with errors that point.

A slot, block, condition or declaration that is not known is an error here, not a gap in a letter that goes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from habeas.kernel.packfiles import PACKAGE, PackFileError, read_yaml
from habeas.remedies.core.catalogue import CATALOGUE
from habeas.remedies.core.letter_model import (
    BLOCKS,
    FIRST_LANGUAGE,
    SLOT,
    SLOTS,
    WISHES,
    LetterTemplate,
    NoLetter,
    Part,
    When,
    Words,
)

WORDS = PACKAGE / "remedies" / "letters" / "words"


@cache
def letter_for(remedy: str, language: str = FIRST_LANGUAGE, root: Path = CATALOGUE) -> LetterTemplate:
    """The letter of a remedy in a language. Raises NoLetter, PackFileError."""
    path = root / remedy / "letters" / f"{language}.yaml"
    if not path.is_file():
        raise NoLetter(f"{path}: there is no such letter; write it, or send the one in {FIRST_LANGUAGE!r}")
    template = _read_template(path)
    if language != FIRST_LANGUAGE:
        first = letter_for(remedy, FIRST_LANGUAGE, root)
        for difference_ in shape_differences(first, template):
            raise PackFileError(f"{path}: {difference_}; a translation says the same, part by part")
    return template


@cache
def languages_of(remedy: str, root: Path = CATALOGUE) -> tuple[str, ...]:
    """The languages a remedy has a letter in, the first one first."""
    found = [file.stem for file in (root / remedy / "letters").glob("*.yaml")]
    return tuple(sorted(found, key=lambda language: (language != FIRST_LANGUAGE, language)))


@cache
def words_in(language: str, root: Path = WORDS) -> Words:
    """The words of a language. Raises NoLetter, PackFileError where one is missing or not known."""
    path = root / f"{language}.yaml"
    if not path.is_file():
        raise NoLetter(f"{path}: the words of that language are not there")
    raw = read_yaml(path)
    names = [each.name for each in fields(Words)]
    _only(path, "words", raw, names, names)
    sections = {name: MappingProxyType(dict(raw[name])) for name in names[2:]}
    words = Words(language=str(raw["language"]), person=str(raw["person"]), **sections)
    if words.language != path.stem:
        raise PackFileError(f"{path}: the language {words.language!r} differs from the file's name")
    if language != FIRST_LANGUAGE:
        first = words_in(FIRST_LANGUAGE, root)
        for name in names[2:]:
            wanted = getattr(first, name)
            _only(path, name, sections[name], wanted, wanted)
    for name, sentence in (*words.sentences.items(), *words.declarations.items()):
        _check_slots(path, f"{name!r}", sentence)
    return words


def shape_differences(first: LetterTemplate, other: LetterTemplate) -> Iterator[str]:
    """Where a translation does not say what the first language says: parts, conditions, facts and slots."""
    if (first.shows, first.kinds, first.names_person) != (other.shows, other.kinds, other.names_person):
        yield "`shows`, `kinds` or `names_person` differs"
    if _slots_in(first.subject) != _slots_in(other.subject):
        yield "the subject has other slots"
    for name in ("demand", "declarations", "parts"):
        ours, theirs = getattr(first, name), getattr(other, name)
        if len(ours) != len(theirs):
            yield f"{name}: {len(theirs)} instead of {len(ours)}"
            continue
        for number, (one, two) in enumerate(zip(ours, theirs, strict=True), 1):
            closed = one.kind == "facts" or name == "declarations"
            if (one.kind, one.when, one.unless, len(one.texts)) != (two.kind, two.when, two.unless, len(two.texts)):
                yield f"{name}, number {number}: kind or condition differs"
            elif closed and one.texts != two.texts:
                yield f"{name}, number {number}: {two.texts[0]!r} instead of {one.texts[0]!r}"
            elif not closed and _slots_in(" ".join(one.texts)) != _slots_in(" ".join(two.texts)):
                yield f"{name}, number {number}: the slots differ"


def _read_template(path: Path) -> LetterTemplate:
    raw = read_yaml(path)
    keys = ("language", "subject", "parts")
    _only(path, "letter", raw, keys, (*keys, "shows", "kinds", "names_person", "demand", "declarations"))
    if raw["language"] != path.stem:
        raise PackFileError(f"{path}: the language {raw['language']!r} differs from the file's name")
    if raw.get("shows", "links") not in {"links", "hosts", "nothing"}:
        raise PackFileError(f"{path}: shows: {raw['shows']!r} is not links, hosts or nothing")
    if not isinstance(raw.get("names_person", False), bool):
        raise PackFileError(f"{path}: names_person is true or false")
    _check_slots(path, "the subject", raw["subject"])
    _check_kinds(path, "kinds", raw.get("kinds") or ())
    template = LetterTemplate(
        remedy=path.parent.parent.name,
        language=raw["language"],
        subject=raw["subject"],
        shows=raw.get("shows", "links"),
        kinds=frozenset(raw.get("kinds") or ()),
        names_person=raw.get("names_person", False),
        demand=_parts(path, "demand", raw.get("demand") or (), ("text",)),
        declarations=_parts(path, "declarations", raw.get("declarations") or (), ("say",)),
        parts=_parts(path, "parts", raw["parts"], ("text", "facts", "heading", "blanks")),
    )
    _check_blocks(path, template)
    return template


def _check_blocks(path: Path, template: LetterTemplate) -> None:
    named = [part.texts[0] for part in template.parts if part.kind == "facts"]
    for name in named:
        if name not in BLOCKS:
            raise PackFileError(f"{path}: unknown facts block {name!r}{_nearest(name, BLOCKS)}")
    for name in ("demand", "declarations"):
        if bool(getattr(template, name)) != (name in named):
            raise PackFileError(f"{path}: {name!r} is written and not placed, or placed and not written; do both")
    known = words_in(template.language).declarations
    for part in template.declarations:
        if part.texts[0] not in known:
            raise PackFileError(f"{path}: unknown declaration {part.texts[0]!r}{_nearest(part.texts[0], known)}")


def _parts(path: Path, where: str, raw: Any, kinds: Sequence[str]) -> tuple[Part, ...]:
    if not isinstance(raw, list | tuple):
        raise PackFileError(f"{path}: {where} is a list")
    return tuple(_part(path, f"{where}, number {number}", each, kinds) for number, each in enumerate(raw, 1))


def _part(path: Path, where: str, raw: Any, kinds: Sequence[str]) -> Part:
    if isinstance(raw, str):
        raw = {kinds[0]: raw}
    _only(path, where, raw, (), (*kinds, "when", "unless"))
    given = [kind for kind in kinds if kind in raw]
    if len(given) != 1:
        raise PackFileError(f"{path}: {where}: give one of {', '.join(kinds)}")
    content = raw[given[0]]
    texts = tuple(content) if given[0] == "blanks" else (content,)
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
        raise PackFileError(f"{path}: {where}: {given[0]} is empty or no text")
    for text in texts:
        _check_slots(path, where, text)
    kind: Any = "text" if given[0] == "say" else given[0]
    return Part(
        kind,
        tuple(" ".join(text.split()) for text in texts),
        _when(path, where, raw.get("when")),
        _when(path, where, raw.get("unless")),
    )


def _when(path: Path, where: str, raw: Any) -> When | None:
    if raw is None:
        return None
    names = {each.name: each.type for each in fields(When)}
    _only(path, f"{where}, when", raw, (), names)
    if not raw:
        raise PackFileError(f"{path}: {where}: an empty condition; leave it out")
    made: dict[str, Any] = {}
    for name, value in raw.items():
        if "bool" in str(names[name]):
            if not isinstance(value, bool):
                raise PackFileError(f"{path}: {where}: {name} is true or false")
            made[name] = value
        elif isinstance(value, list) and value and all(isinstance(each, str) for each in value):
            made[name] = frozenset(value)
        else:
            raise PackFileError(f"{path}: {where}: {name} is a list of texts")
    for wish in made.get("wish", ()):
        if wish not in WISHES:
            raise PackFileError(f"{path}: {where}: unknown wish {wish!r}{_nearest(wish, WISHES)}")
    _check_kinds(path, where, made.get("data", ()))
    return When(**made)


def _check_kinds(path: Path, where: str, kinds: Iterable[str]) -> None:
    known = words_in(FIRST_LANGUAGE).kinds
    for kind in kinds:
        if kind not in known:
            raise PackFileError(f"{path}: {where}: unknown kind of data {kind!r}{_nearest(kind, known)}")


def _only(path: Path, where: str, raw: Any, needed: Iterable[str], known: Iterable[str]) -> None:
    if not isinstance(raw, Mapping):
        raise PackFileError(f"{path}: {where} is not written as a mapping")
    known = list(known)
    for name in raw:
        if name not in known:
            raise PackFileError(f"{path}: {where}: unknown key {name!r}{_nearest(str(name), known)}")
    for name in needed:
        if name not in raw:
            raise PackFileError(f"{path}: {where}: {name!r} is missing")


def _check_slots(path: Path, where: str, text: Any) -> None:
    if not isinstance(text, str):
        raise PackFileError(f"{path}: {where} is no text")
    for name in SLOT.findall(text):
        if name not in SLOTS:
            raise PackFileError(f"{path}: {where}: unknown slot {{{name}}}{_nearest(name, SLOTS)}")
    if "{" in SLOT.sub("", text) or "}" in SLOT.sub("", text):
        raise PackFileError(f"{path}: {where}: a brace without its other half")


def _nearest(word: str, known: Iterable[str]) -> str:
    close = get_close_matches(word, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(sorted(known))}"


def _slots_in(text: str) -> frozenset[str]:
    return frozenset(SLOT.findall(text))

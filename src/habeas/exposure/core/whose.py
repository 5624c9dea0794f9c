"""Whose data an item is: the person the text is aimed at, their family, the writer, an organisation, somebody else.

The order matters and goes from the surest to the weakest ground: a mailbox that belongs to a function; the writer's own
words ("my number is"); family named beside it; the target's name, a labelled block, a pronoun, or an announcement that
points at somebody. Where nothing points anywhere the answer is "unknown", which counts as somebody's.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Generic, TypeVar

from habeas.exposure.core.detectors.name import fold
from habeas.exposure.core.model import Exposure, Signal, Whose
from habeas.exposure.core.normalise import NormalisedText


def _set(words: str) -> frozenset[str]:
    """The words of a blank-separated list."""
    return frozenset(words.split())


_FUNCTION_MAILBOXES = _set(
    "info press media contact kontakt contacto contato contatti office support hello sales presse prensa stampa "
    "pers redaktion redaction newsdesk newsroom news service admin webmaster postmaster noreply no-reply "
    "donotreply privacy datenschutz dpo impressum hr jobs careers bewerbung billing accounts legal abuse security "
    "help helpdesk team mail post zentrale sekretariat secretariat reception booking bookings reservations events "
    "marketing editor editors tips feedback enquiries inquiries complaints council mairie rathaus buergerbuero "
    "gemeente ayuntamiento comune poststelle"
)
# Not right after digits: "3511 AB" is a Dutch postcode, not a Swedish company.
_ORGANISATION = re.compile(
    r"(?<!\d )\b(?:gmbh|ag|ug|kg|e\.?v\.?|ltd|limited|llc|inc|corp|plc|s\.?a\.?r\.?l|sas|s\.?l\.?u?|s\.?p\.?a|s\.?r\.?l"
    r"|b\.?v|n\.?v|oy|ab|a/s|foundation|stiftung|charity|council|ministry"
    r"|department|hotline|helpline|switchboard|reception|customer\sservice|kundenservice|zentrale|front\sdesk"
    r"|headquarters|our\s(?:office|store|shop|branch|team)|we\sare\slocated|visit\sus"
    r"|police\sstation|polizei(?:inspektion|revier)?|town\shall|city\shall|rathaus|mairie|ayuntamiento|museum"
    r"|library|clinic|hospital|opening\shours|öffnungszeiten)\b",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(
    r"\b(?:my|mine|our|i['’]m|i\sam|i\slive|i\swork|me\s(?:at|on|via|under)|us\s(?:at|on|via|under)"
    r"|mein(?:e[nrms]?)?|unser(?:e[nrms]?)?|ich|mich|mir|uns|mon|ma|mes|notre|nos|moi|je|j['’]|mi|mis|nuestr[oa]s?"
    r"|yo|mijn|onze|ik|mij|mio|(?-i:mia)|miei|nostr[oa]|meu|minha|meus|minhas|noss[oa]|mój|moja|moje)\b",
    re.IGNORECASE,
)
_THIRD_PERSON = re.compile(
    r"\b(?:his|her|hers|him|he|she|they|their|theirs|them|sein(?:e[nrms]?)?|ihr(?:e[nrms]?)?|ihm|ihn|er|deren"
    r"|dessen|il|elle|lui|ses|leurs?|chez\s(?:lui|elle)|él|ella|sus?|zijn|haar|hij|zij|hem|suo|sua|suoi|lui|lei"
    r"|ele|ela|dele|dela|jego|jej)\b",
    re.IGNORECASE,
)
_KIN = re.compile(
    r"\b(?:wife|husband|mother|mom|mum|father|dad|parents?|(?:his|her|their|our|my|the|a|['’]s)\s(?:\w{1,10}\s)?son|daughter|kids?|children|brother|sister|siblings?"
    r"|girlfriend|boyfriend|fianc[eé]e?|grandmother|grandfather|grandma|grandpa|aunt|uncle|cousin|spouse"
    r"|relatives?|family"
    r"|ehefrau|ehemann|mutter|vater|eltern|sohn|tochter|kinder|bruder|schwester|freundin|oma|opa|femme|mari|épouse"
    r"|mère|père|fille|fils|enfants|frère|sœur|soeur|copine"
    r"|mujer|esposa|esposo|marido|madre|padre|padres|hij[oa]s?|herman[oa]s?|novi[oa]|abuel[oa]|vrouw|moeder|vader"
    r"|ouders|zoon|dochter|kinderen|broer|zus|vriendin|moglie|marito|genitori|figli[oa]?|sorella|fratello|esposa"
    r"|mãe|pai|pais|filh[oa]s?|irmã|irmão)\b",
    re.IGNORECASE,
)
_LABEL_LINE = re.compile(r"^[ \t\-*•>#=~|]{0,8}[^\W\d_][^\n:=]{0,30}[ \t.]{0,20}[:=][ \t]{0,6}\S", re.MULTILINE)
_MENTION = re.compile(r"(?<![\w@.])@\w{2,30}")
_SIGNATURE = re.compile(
    r"(?:^|\n)[ \t]*(?:(?:best|kind(?:est)?|warm)\s(?:regards|wishes)|regards|sincerely|yours\s\w+|cheers"
    r"|mit\sfreundlichen\sgrüßen|viele\sgrüße|liebe\sgrüße|beste\sgrüße|mfg|cordialement|bien\s(?:à\svous"
    r"|cordialement)|un\ssaludo|saludos|atentamente|met\svriendelijke\sgroet(?:en)?|groet(?:en|jes)?|mvg"
    r"|cordiali\ssaluti|atenciosamente|pozdrawiam|--)[ \t]*[,.!]?[ \t]*\n",
    re.IGNORECASE,
)
_GAP = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class _Block:
    """A stretch between blank lines. ``labelled``: at least two lines of the form "Label: value"."""

    start: int
    end: int
    labelled: bool


def assign(
    exposures: Sequence[Exposure], text: NormalisedText, signals: Sequence[Signal], target_names: Sequence[str]
) -> tuple[Exposure, ...]:
    """The same exposures with ``whose`` and ``whose_reason``.

    target_names: names of the person the report is about, in any order and case; may be empty
    """
    reader = _Reader(exposures, text.original, signals, target_names)
    return tuple(_told(exposure, *reader.owner(exposure)) for exposure in exposures)


def _told(exposure: Exposure, whose: Whose, reason: str) -> Exposure:
    return replace(exposure, whose=whose, whose_reason=reason)


_Item = TypeVar("_Item", Exposure, Signal)


def _start(item: Exposure | Signal) -> int:
    return item.start


class _Along(Generic[_Item]):
    """Items by where they start, so that what is near is found without reading them all."""

    def __init__(self, items: Sequence[_Item]) -> None:
        self.items: list[_Item] = sorted(items, key=_start)
        self._starts = [_start(item) for item in self.items]

    def between(self, first: int, last: int) -> Sequence[_Item]:
        """Those that start at ``first`` or later and before ``last``."""
        return self.items[bisect_left(self._starts, first) : bisect_left(self._starts, last)]


class _Reader:
    """One text, read once: its blocks, its lines and what points at whom."""

    def __init__(
        self, exposures: Sequence[Exposure], text: str, signals: Sequence[Signal], targets: Sequence[str]
    ) -> None:
        self.text = text
        self.targets = [
            parts for target in targets if (parts := frozenset(part for part in _parts(target) if len(part) > 1))
        ]
        self.blocks = _blocks(text)
        self.block_starts = [block.start for block in self.blocks]
        self.disclosed = _Along([s for s in signals if s.kind == "self_disclosure"])
        self.offices = _Along([s for s in signals if s.kind in {"press_contact", "official_contact"}])
        self.drops = [
            s for s in signals if s.kind in {"drop_announcement", "call_to_act", "threat"} and s.strength >= 0.5
        ]
        self.families = _Along([e for e in exposures if e.kind == "family"])
        self.names = _Along([e for e in exposures if e.kind == "name"])
        self.signatures = [match.end() for match in _SIGNATURE.finditer(text)]
        self.target_spans = _Along([e for e in self.names.items if self._is_target(e.value)])
        self.target_places = {(e.start, e.end) for e in self.target_spans.items}
        self.subject = self._subject()

    def owner(self, exposure: Exposure) -> tuple[Whose, str]:
        rules = (
            self._organisation,
            self._author,
            self._near_organisation,
            self._family,
            self._target,
            self._third_party,
        )
        for rule in rules:
            told = rule(exposure)
            if told is not None:
                return told
        return "unknown", "nothing near it says whose it is"

    # ---- rules, the surest first

    def _organisation(self, exposure: Exposure) -> tuple[Whose, str] | None:
        if exposure.kind == "email" and exposure.value.partition("@")[0].split("+")[0] in _FUNCTION_MAILBOXES:
            return "organisation", "the mailbox is a function's, not a person's"
        if exposure.kind not in {"email", "phone", "address", "iban", "profile_url"}:
            return None
        block = self._block(exposure)
        if self.drops and not self.offices.between(exposure.start - 100, exposure.end + 80):
            return None
        first, last = min(block.start, exposure.start - 160), max(block.end, exposure.start + 160)
        if self.offices.between(first, last) and not self._points_at_person(exposure):
            return "organisation", "it stands in the contact details of an office or a press desk"
        if any(_imprint(s) for s in self.disclosed.between(exposure.start - 520, exposure.start + 1)):
            return "organisation", "it stands in the imprint or contact notice of a business or website"
        return None

    def _near_organisation(self, exposure: Exposure) -> tuple[Whose, str] | None:
        if (
            exposure.kind not in {"phone", "address", "email"}
            or self.drops
            or not _ORGANISATION.search(self._line(exposure))
        ):
            return None
        named = any(exposure.start - one.end < 60 for one in self.names.between(exposure.start - 120, exposure.start))
        if named or self._points_at_person(exposure):
            return None
        return "organisation", "an organisation is named on the same line"

    def _author(self, exposure: Exposure) -> tuple[Whose, str] | None:
        if exposure.kind == "family" and _FIRST_PERSON.match(exposure.text):
            return "author", "the writer speaks of their own family"
        before = self._sentence_before(exposure, 60)
        own, other = _last(_FIRST_PERSON, before), _last(_THIRD_PERSON, before)
        if own > other and exposure.kind != "handle":
            return "author", "the writer speaks of themselves or their own family just before it"
        for signal in self.disclosed.between(exposure.start - 160, exposure.start + 1):
            between = self.text[signal.end : exposure.start]
            near = exposure.start < signal.end + 100 and "\n\n" not in between
            if near and not _imprint(signal) and not _THIRD_PERSON.search(between):
                return "author", "it follows words with which the writer gives their own details"
        if not self.drops and self._signed(exposure.start):
            return "author", "it stands in the writer's signature"
        return None

    def _family(self, exposure: Exposure) -> tuple[Whose, str] | None:
        if exposure.kind == "family":
            return "family", "the phrase names a member of somebody's family"
        if self._is_target_span(exposure):
            return None
        for relative in self.families.between(exposure.start - 300, exposure.start + 1):
            if relative.start <= exposure.start and exposure.end <= relative.end:
                return "family", "it stands in a phrase about somebody's family"
            between = self.text[relative.end : exposure.start]
            if (
                0 <= exposure.start - relative.end < 90
                and between.count("\n") == 0
                and not re.search(r"[.!?]\s", between)
            ):
                return "family", "it follows a phrase about somebody's family"
        before = self._sentence_before(exposure, 50)
        if exposure.kind != "handle" and _KIN.search(before.rpartition(",")[2] if exposure.kind == "name" else before):
            return "family", "a family word stands before it"
        return None

    def _target(self, exposure: Exposure) -> tuple[Whose, str] | None:
        if exposure.kind == "name":
            if self._is_target_span(exposure):
                return "target", "it is the name of the person the report is about"
            if not self.targets and exposure.value in self.subject:
                return "target", "the text is about this person"
            return None
        block = self._block(exposure)
        if self.target_spans.between(block.start, block.end):
            return "target", "it stands in the same block as the target's name"
        if self.drops and block.labelled:
            return "target", "it stands in a labelled list, and the text announces or aims at somebody"
        before = self._sentence_before(exposure, 110)
        others = [
            one
            for one in self.names.between(exposure.start - 120, exposure.start)
            if 0 <= exposure.start - one.end < 60 and not self._is_target_span(one) and one.value not in self.subject
        ]
        if _THIRD_PERSON.search(before) or _THIRD_PERSON.search(exposure.text):
            if self.targets and others and not self.target_spans.items:
                return "third_party", "another person is named just before it"
            return "target", "the sentence speaks of the person as he, she or they"
        if self.subject and any(one.value in self.subject for one in self.names.between(block.start, block.end)):
            return "target", "it stands in the same block as the name of the person the text is about"
        if self.target_spans.items and not others:
            return "target", "the text names the target and nobody else near it"
        if self.drops:
            return "target", "the text announces or calls for action against somebody, and this is given with it"
        mention = _MENTION.search(self.text, max(block.start, exposure.start - 300), exposure.start)
        if mention and exposure.kind != "handle":
            return "target", "an account is mentioned just before it"
        if exposure.kind == "handle" and self.drops:
            return "target", "the text aims at somebody and mentions this account"
        return None

    def _third_party(self, exposure: Exposure) -> tuple[Whose, str] | None:
        if exposure.kind == "name":
            if not self.targets and not self.subject:
                return None
            return "third_party", "it is a person's name, but not the one the text is aimed at"
        line = self._line(exposure)
        near = self.names.between(exposure.start - 200, exposure.start + 200)
        if any(one.text in line and not self._is_target_span(one) for one in near):
            return "third_party", "another person is named on the same line"
        return None

    # ---- what the rules look at

    def _is_target(self, value: str) -> bool:
        parts = frozenset(_parts(value))
        return any(
            parts and (parts <= target or target <= parts or len(parts & target) >= 2) for target in self.targets
        )

    def _is_target_span(self, exposure: Exposure) -> bool:
        return (exposure.start, exposure.end) in self.target_places

    def _subject(self) -> frozenset[str]:
        """The names of the person the text seems to be about, where the report names nobody: the first one after an
        announcement or a name label, else the one named most often where the text aims at somebody."""
        names = self.names.items
        if self.targets or not names:
            return frozenset()
        first = None
        for name in names:
            if any(s.start <= name.start < s.end + 60 for s in self.drops if s.kind == "drop_announcement"):
                first = name
                break
            line_start = self.text.rfind("\n", 0, name.start) + 1
            if re.match(
                r"[ \t\-*•>#=~]{0,8}[^\n:]{0,25}\b(?:name|nom|nombre|naam|nome|target|subject|dox)\b[^\n:]{0,15}:",
                self.text[line_start : name.start],
                re.IGNORECASE,
            ):
                first = name
                break
        if first is None and (self.drops or any(block.labelled for block in self.blocks)):
            counts: dict[str, int] = {}
            for name in names:
                counts[name.value] = counts.get(name.value, 0) + 1
            first = max(names, key=lambda name: (counts[name.value], -name.start))
        if first is None:
            return frozenset()
        parts = frozenset(_parts(first.value))
        return frozenset(
            name.value
            for name in names
            if frozenset(_parts(name.value)) <= parts or parts <= frozenset(_parts(name.value))
        )

    def _points_at_person(self, exposure: Exposure) -> bool:
        before = self._sentence_before(exposure, 80)
        return bool(_THIRD_PERSON.search(before)) and not re.search(
            r"\b(?:office|press|constituency|büro|bureau|oficina|kantoor)\b", before, re.IGNORECASE
        )

    def _signed(self, start: int) -> bool:
        place = bisect_right(self.signatures, start)
        return place > 0 and start - self.signatures[place - 1] < 260

    def _block(self, exposure: Exposure) -> _Block:
        place = bisect_right(self.block_starts, exposure.start) - 1
        return self.blocks[place] if place >= 0 else _Block(0, len(self.text), labelled=False)

    def _line(self, exposure: Exposure) -> str:
        start = max(self.text.rfind("\n", 0, exposure.start) + 1, exposure.start - 200)
        end = self.text.find("\n", exposure.end)
        return self.text[start : min(end if end >= 0 else len(self.text), exposure.end + 200)]

    def _sentence_before(self, exposure: Exposure, most: int) -> str:
        piece = self.text[max(0, exposure.start - most) : exposure.start]
        piece = piece.rpartition("\n")[2]
        ends = list(re.finditer(r"[.!?]\s+(?=[^\W\d_])", piece))
        return piece[ends[-1].end() :] if ends else piece


def _parts(name: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", fold(name))


def _imprint(signal: Signal) -> bool:
    return "imprint" in signal.reason


def _blocks(text: str) -> list[_Block]:
    blocks, start = [], 0
    for gap in _GAP.finditer(text):
        blocks.append((start, gap.start()))
        start = gap.end()
    blocks.append((start, len(text)))
    return [_Block(s, e, labelled=_has_labels(text, s, e)) for s, e in blocks if e > s]


def _has_labels(text: str, start: int, end: int) -> bool:
    return len(list(islice(_LABEL_LINE.finditer(text, start, end), 2))) == 2


def _last(pattern: re.Pattern[str], text: str) -> int:
    """Where the last match begins; -1 where there is none."""
    return max((match.start() for match in pattern.finditer(text)), default=-1)

"""Whose data an item is: the person the text is aimed at, their family, the writer, an organisation, somebody else.

The order matters and goes from the surest to the weakest ground: a mailbox that belongs to a function; the writer's own
words ("my number is"); family named beside it; the target's name, a labelled block, a pronoun, or an announcement that
points at somebody. Where nothing points anywhere the answer is "unknown", which counts as somebody's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

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
_ORGANISATION = re.compile(
    r"\b(?:gmbh|ag|ug|kg|e\.?v\.?|ltd|limited|llc|inc|corp|plc|s\.?a\.?r\.?l|sas|s\.?l\.?u?|s\.?p\.?a|s\.?r\.?l|b\.?v|n\.?v|oy|ab|a/s|foundation|stiftung|charity|council|ministry"
    r"|department|hotline|helpline|switchboard|reception|customer\sservice|kundenservice|zentrale|front\sdesk|headquarters|our\s(?:office|store|shop|branch|team)|we\sare\slocated|visit\sus"
    r"|police\sstation|polizei(?:inspektion|revier)?|town\shall|city\shall|rathaus|mairie|ayuntamiento|museum|library|clinic|hospital|opening\shours|öffnungszeiten)\b",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(
    r"\b(?:my|mine|our|i['’]m|i\sam|i\slive|i\swork|me\s(?:at|on|via|under)|us\s(?:at|on|via|under)|mein(?:e[nrms]?)?|unser(?:e[nrms]?)?|ich|mich|mir|uns|mon|ma|mes|notre|nos|moi|je|j['’]|mi|mis|nuestr[oa]s?|yo|mijn|onze|ik|mij|mio|(?-i:mia)|miei|nostr[oa]|meu|minha|meus|minhas|noss[oa]|mój|moja|moje)\b",
    re.IGNORECASE,
)
_THIRD_PERSON = re.compile(
    r"\b(?:his|her|hers|him|he|she|they|their|theirs|them|sein(?:e[nrms]?)?|ihr(?:e[nrms]?)?|ihm|ihn|er|deren|dessen|il|elle|lui|ses|leurs?|chez\s(?:lui|elle)|él|ella|sus?|zijn|haar|hij|zij|hem|suo|sua|suoi|lui|lei|ele|ela|dele|dela|jego|jej)\b",
    re.IGNORECASE,
)
_KIN = re.compile(
    r"\b(?:wife|husband|mother|mom|mum|father|dad|parents?|son|daughter|kids?|children|brother|sister|siblings?|girlfriend|boyfriend|fianc[eé]e?|grandmother|grandfather|grandma|grandpa|aunt|uncle|cousin|spouse|relatives?|family"
    r"|ehefrau|ehemann|mutter|vater|eltern|sohn|tochter|kinder|bruder|schwester|freundin|oma|opa|femme|mari|épouse|mère|père|fille|fils|enfants|frère|sœur|soeur|copine"
    r"|mujer|esposa|esposo|marido|madre|padre|padres|hij[oa]s?|herman[oa]s?|novi[oa]|abuel[oa]|vrouw|moeder|vader|ouders|zoon|dochter|kinderen|broer|zus|vriendin|moglie|marito|genitori|figli[oa]?|sorella|fratello|esposa|mãe|pai|pais|filh[oa]s?|irmã|irmão)\b",
    re.IGNORECASE,
)
_LABEL_LINE = re.compile(r"^[ \t\-*•>#=~|]{0,8}[^\W\d_][^\n:=]{0,30}[ \t.]{0,20}[:=][ \t]{0,6}\S", re.MULTILINE)
_MENTION = re.compile(r"(?<![\w@.])@\w{2,30}")
_SIGNATURE = re.compile(
    r"(?:^|\n)[ \t]*(?:(?:best|kind(?:est)?|warm)\s(?:regards|wishes)|regards|sincerely|yours\s\w+|cheers|mit\sfreundlichen\sgrüßen|viele\sgrüße|liebe\sgrüße|beste\sgrüße|mfg|cordialement|bien\s(?:à\svous|cordialement)|un\ssaludo|saludos|atentamente|met\svriendelijke\sgroet(?:en)?|groet(?:en|jes)?|mvg|cordiali\ssaluti|atenciosamente|pozdrawiam|--)[ \t]*[,.!]?[ \t]*\n",
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
        self.disclosed = [s for s in signals if s.kind == "self_disclosure"]
        self.offices = [s for s in signals if s.kind in {"press_contact", "official_contact"}]
        self.drops = [
            s for s in signals if s.kind in {"drop_announcement", "call_to_act", "threat"} and s.strength >= 0.5
        ]
        self.families = [e for e in exposures if e.kind == "family"]
        self.names = [e for e in exposures if e.kind == "name"]
        self.signatures = [match.end() for match in _SIGNATURE.finditer(text)]
        self.target_spans = [e for e in self.names if self._is_target(e.value)]
        self.subject = self._subject()

    def owner(self, exposure: Exposure) -> tuple[Whose, str]:
        for rule in (self._organisation, self._author, self._family, self._target, self._third_party):
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
        if self.drops and not self._near(self.offices, exposure, 80):
            return None
        if any(block.start <= s.start < block.end or abs(s.start - exposure.start) < 160 for s in self.offices):
            if not self._points_at_person(exposure):
                return "organisation", "it stands in the contact details of an office or a press desk"
        if any(_imprint(s) and s.start <= exposure.start < s.end + 500 for s in self.disclosed):
            return "organisation", "it stands in the imprint or contact notice of a business or website"
        if (
            exposure.kind in {"phone", "address", "email"}
            and _ORGANISATION.search(self._line(exposure))
            and not self._points_at_person(exposure)
        ):
            return "organisation", "an organisation is named on the same line"
        return None

    def _author(self, exposure: Exposure) -> tuple[Whose, str] | None:
        before = self._sentence_before(exposure, 60)
        own = None
        for own in _FIRST_PERSON.finditer(before):
            pass
        other = None
        for other in _THIRD_PERSON.finditer(before):
            pass
        if exposure.kind == "family" and _FIRST_PERSON.match(exposure.text):
            return "author", "the writer speaks of their own family"
        if own and (other is None or other.start() < own.start()) and exposure.kind not in {"handle"}:
            if _KIN.search(before[own.end() :]):
                return "family", "the writer speaks of their own family"
            return "author", "the writer speaks of themselves just before it"
        for signal in self.disclosed:
            if (
                not _imprint(signal)
                and signal.start - 10 <= exposure.start < signal.end + 100
                and "\n\n" not in self.text[signal.end : exposure.start]
            ):
                if exposure.start >= signal.start and not _THIRD_PERSON.search(self.text[signal.end : exposure.start]):
                    return "author", "it follows words with which the writer gives their own details"
        if not self.drops and any(0 <= exposure.start - end < 260 for end in self.signatures):
            return "author", "it stands in the writer's signature"
        return None

    def _family(self, exposure: Exposure) -> tuple[Whose, str] | None:
        if exposure.kind == "family":
            return "family", "the phrase names a member of somebody's family"
        if self._is_target_span(exposure):
            return None
        for relative in self.families:
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
        if any(block.start <= span.start < block.end for span in self.target_spans):
            return "target", "it stands in the same block as the target's name"
        if self.drops and block.labelled:
            return "target", "it stands in a labelled list, and the text announces or aims at somebody"
        before = self._sentence_before(exposure, 110)
        others = [
            e
            for e in self.names
            if 0 <= exposure.start - e.end < 60 and not self._is_target_span(e) and e.value not in self.subject
        ]
        if _THIRD_PERSON.search(before) or _THIRD_PERSON.search(exposure.text):
            if self.targets and others and not self.target_spans:
                return "third_party", "another person is named just before it"
            return "target", "the sentence speaks of the person as he, she or they"
        if (
            not self.targets
            and self.subject
            and any(block.start <= e.start < block.end for e in self.names if e.value in self.subject)
        ):
            return "target", "it stands in the same block as the name of the person the text is about"
        if self.target_spans and not others:
            return "target", "the text names the target and nobody else near it"
        if self.drops:
            return "target", "the text announces or calls for action against somebody, and this is given with it"
        mention = None
        for mention in _MENTION.finditer(self.text, block.start, exposure.start):
            pass
        if mention and exposure.kind != "handle":
            return "target", "an account is mentioned just before it"
        if exposure.kind == "handle" and self.drops:
            return "target", "the text aims at somebody and mentions this account"
        return None

    def _third_party(self, exposure: Exposure) -> tuple[Whose, str] | None:
        if exposure.kind == "name":
            return "third_party", "it is a person's name, but not the one the text is aimed at"
        line = self._line(exposure)
        if any(e.start >= exposure.start - 200 and e.text in line for e in self.names if not self._is_target_span(e)):
            return "third_party", "another person is named on the same line"
        return None

    # ---- what the rules look at

    def _is_target(self, value: str) -> bool:
        parts = frozenset(_parts(value))
        return any(
            parts and (parts <= target or target <= parts or len(parts & target) >= 2) for target in self.targets
        )

    def _is_target_span(self, exposure: Exposure) -> bool:
        return exposure in self.target_spans

    def _subject(self) -> frozenset[str]:
        """The names of the person the text seems to be about, where the report names nobody: the first one after an
        announcement or a name label, else the one named most often where the text aims at somebody."""
        if self.targets or not self.names:
            return frozenset()
        first = None
        for name in self.names:
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
            for name in self.names:
                counts[name.value] = counts.get(name.value, 0) + 1
            first = max(self.names, key=lambda name: (counts[name.value], -name.start))
        if first is None:
            return frozenset()
        parts = frozenset(_parts(first.value))
        return frozenset(
            name.value
            for name in self.names
            if frozenset(_parts(name.value)) <= parts or parts <= frozenset(_parts(name.value))
        )

    def _points_at_person(self, exposure: Exposure) -> bool:
        before = self._sentence_before(exposure, 80)
        return bool(_THIRD_PERSON.search(before)) and not re.search(
            r"\b(?:office|press|constituency|büro|bureau|oficina|kantoor)\b", before, re.IGNORECASE
        )

    def _near(self, signals: Sequence[Signal], exposure: Exposure, distance: int) -> bool:
        return any(abs(s.start - exposure.start) < distance or abs(s.end - exposure.start) < distance for s in signals)

    def _block(self, exposure: Exposure) -> _Block:
        return next(
            (b for b in self.blocks if b.start <= exposure.start < b.end), _Block(0, len(self.text), labelled=False)
        )

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
    count = 0
    for _ in _LABEL_LINE.finditer(text, start, end):
        count += 1
        if count >= 2:
            return True
    return False

"""Signs of intent and of legitimacy in a text: phrases, each with a strength and a plain reason, and never a verdict.

A phrase weakens where the text takes it back ("don't call her"), reports it ("he wrote that …"), quotes it, or plainly
plays with it ("I'm going to kill him lol", a game, a match). Measured on public posts such phrases alone tell threats
from other talk only poorly, so nothing may follow from one sign by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from habeas.exposure.core.model import Signal, SignalKind
from habeas.exposure.core.normalise import NormalisedText
from habeas.exposure.core.spans import Taken
from habeas.kernel.packfiles import read_yaml

DATA = Path(__file__).resolve().parents[1] / "data"

# Below this a sign says nothing.
LEAST = 0.2


_NEGATION = re.compile(
    r"(?:\b(?:do\s?n['’]?t|do\snot|does\s?n['’]?t|did\s?n['’]?t|never|not|no\sone\s(?:should|may)|nobody\sshould"
    r"|should\s?n['’]?t|shouldn['’]t|please\sdon['’]?t|stop|without|against|rather\sthan|instead\sof"
    r"|refus\w{1,4}\sto|would\s?n['’]?t|wo\s?n['’]?t|can\s?n['’]?t|cannot|nicht|kein(?:e[nrm]?)?|niemals|niemand"
    r"|ne|n['’]|pas|jamais|no|nunca|jamás|niet|nooit|geen|non|mai|não|nie)\b[^\n.!?]{0,18})$",
    re.IGNORECASE,
)
_NEGATED_AFTER = re.compile(
    r"^[^\n.!?]{0,12}\b(?:nicht|pas|niet|keinesfalls)\b(?!\s(?:mehr\s)?(?:sicher|vergessen))", re.IGNORECASE
)
_NEGATED_INSIDE = re.compile(r"\b(?:nicht|niemals|pas|jamais|niet|nooit|never|do\s?n['’]?t|do\snot)\b", re.IGNORECASE)
# Requests are taken back by a "not" inside them ("Ruft nicht bei ihrem Chef an"); a threat may live on one.
_ASKING: frozenset[SignalKind] = frozenset({"call_to_act", "coordination", "drop_announcement"})
_REPORTED = re.compile(
    r"(?:\b(?:he|she|they|it|who|someone|somebody|police|court|prosecutors?|report(?:s|edly)?|post|message|letter"
    r"|caller|man|woman|defendant|officials?|[A-Z]\w{2,15})\s(?:(?:had|has|have|was|were|also|then|allegedly"
    r"|reportedly|later)\s){0,2}(?:wrote|said|says|posted|tweeted|told|claimed?s?|alleged(?:ly)?|threatened"
    r"|messaged|wanted|warned|accused|charged|convicted|sentenced|read|reading)|schrieb|sagte|drohte|behauptete"
    r"|a\s(?:écrit|dit|menacé)|aurait|escribió|dijo|amenazó|schreef|zei|dreigde|ha\s(?:scritto|detto|minacciato)"
    r"|escreveu|disse|ameaçou|threatening\sto|threats?\s(?:to|of|like|such\sas)|accused\sof"
    r"|for\sallegedly)\b[^\n.!?]{0,50}$",
    re.IGNORECASE,
)
_PLAYFUL = re.compile(
    r"\b(?:l[oe]l+|lmf?ao|rofl|ha(?:ha)+|jaja(?:ja)*|hehe\w*|mdr|ptdr|jk|j/k|kidding|joking|just\sa\sjoke|xd|kkk+"
    r"|in\sminecraft|in\s(?:the|this|a|my)\s(?:game|match|movie|film|book|show|episode|novel|dream|level|raid"
    r"|campaign)|boss\s(?:fight|level)|at\s(?:chess|fifa|poker|monopoly|mario\skart|uno|tennis)|final\sboss"
    r"|the\svillain|character|npc|fantasy\s(?:team|league)|my\s(?:husband|wife|brother|sister|cat|dog|kids?"
    r"|roommate)\s(?:if|for|when))\b|[😂🤣😹😆😜😝]|:['’]?[dDpP]\b|;-?\)",
    re.IGNORECASE,
)
_TIME_PHRASES = re.compile(
    r"\b(?:kill|killing|killed)\s(?:it|time|the\s(?:vibe|mood|time|lights?|engine|process|music|game)|some\stime"
    r"|two\sbirds)\b",
    re.IGNORECASE,
)
_QUOTES = {'"': '"', "“": "”", "„": "“", "«": "»", "‘": "’", "»": "«"}


@dataclass(frozen=True, slots=True)
class _Sign:
    """The phrases of one kind, language and strength, as one pattern. ``cased``: over the text as it is."""

    kind: SignalKind
    toward: Literal["harm", "legitimacy"]
    language: str
    strength: float
    reason: str
    cased: bool
    pattern: re.Pattern[str]


# Signs of a language are looked for only where one of its everyday words stands: most of the time goes there.
_EVERYDAY = {
    "de": "der die das den dem des ein eine ist sind er sie es ich wir ihr du ihn ihm ihnen sein seine ihre alle "
    "hier mal bitte"
    " und wo was man jemand dich dir mich mir mein meine meiner macht teilt bevor nicht uns kontaktieren schreibt"
    " bei ihrem seinem ihren seinen deine dein auf mit von im zum zur ruft besucht stattet meldet schickt sollte wäre",
    "fr": "le la les un une des de du et est il elle on je tu nous vous son sa ses leur lui mon ma voici voilà "
    "allez faites où que"
    " qui pas chez quelqu ce tes avant faites partagez contactez joignable infos t",
    "es": "el la los las un una de del y es él ella su sus se te que en no por mi me os le lo aquí aqui ya "
    "alguien sé pásalo pasadlo"
    " compartid compartan difundid difundan vamos voy estás merece vivo trabajo llamad llamen quemad ojalá sabemos",
    "nl": "de het een en is zijn haar hij zij ze ik we wij je jullie hem hun hier van op dit iemand men mijn me "
    "ons bel mail deel"
    " delen verspreid allemaal pas gelekte maak ga",
    "it": "il la lo i gli le un una di e è suo sua suoi ti che al alle sei so mio mi qualcuno sarebbe ecco fate "
    "andate tutti"
    " condividete chiamate deve hai merita guardati abbiamo",
    "pt": "o a os as um uma de do da dos e é ele ela dele dela seu sua você vocês que em meu minha aqui alguém "
    "vou vamos isso"
    " compartilhem espalhem divulguem repassem seria liguem tem vai sei tá",
    "pl": "w z na i jest jego jej się mój skontaktuj nie to",
}
_LANGUAGE_WORDS = {language: frozenset(words.split()) for language, words in _EVERYDAY.items()}


@cache
def _signs() -> tuple[_Sign, ...]:
    """The signs of ``data/signals.yaml``, compiled once for the process."""
    data = read_yaml(DATA / "signals.yaml")
    words = {"{" + name + "}": pattern for name, pattern in data["words"].items()}
    return tuple(
        _Sign(
            kind=sign["kind"],
            toward=sign["toward"],
            language=sign["language"],
            strength=sign["strength"],
            reason=sign["reason"],
            cased=sign.get("cased", False),
            pattern=re.compile("|".join(_expression(phrase, words) for phrase in sign["phrases"])),
        )
        for sign in data["signs"]
    )


_SPELLED = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|[ ']")


def _spelt(piece: re.Match[str]) -> str:
    """A blank and an apostrophe stand for their kind; escapes and character classes stay as they are."""
    return {" ": r"\s", "'": "['’]"}.get(piece.group(), piece.group())


def _expression(phrase: str | list[str], words: dict[str, str]) -> str:
    """One phrase of the file as an expression: long ones are written there in parts."""
    whole = phrase if isinstance(phrase, str) else "".join(phrase)
    for name, pattern in words.items():
        whole = whole.replace(name, pattern)
    whole = _SPELLED.sub(_spelt, whole)
    return whole if whole.startswith("(?:^") else r"\b" + whole


def find(text: NormalisedText) -> tuple[Signal, ...]:
    """Every sign in the text, by start, offsets in the original; at most one of a kind over the same characters."""
    plain, lower = text.text, text.lower
    present = set(re.findall(r"[^\W\d_]+", lower))
    found: list[Signal] = []
    for sign in _signs():
        everyday = _LANGUAGE_WORDS.get(sign.language)
        if everyday is not None and everyday.isdisjoint(present):
            continue
        for match in sign.pattern.finditer(plain if sign.cased else lower):
            start, end = _bare(plain, *match.span())
            if end <= start:
                continue
            strength, reason = sign.strength, sign.reason
            if sign.toward == "harm":
                strength, reason = _weakened(plain, start, end, sign.kind, strength, reason)
            if strength >= LEAST:
                first, last = text.span(start, end)
                shown = text.original[first:last]
                found.append(Signal(sign.kind, sign.toward, first, last, shown, round(strength, 2), reason))
    found.sort(key=lambda one: (-one.strength, one.start - one.end, one.start))
    taken: dict[SignalKind, Taken] = {}
    kept = [one for one in found if taken.setdefault(one.kind, Taken()).take(one.start, one.end)]
    return tuple(sorted(kept, key=lambda one: (one.start, one.end, one.kind)))


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the marks and blanks around it."""
    while start < end and (text[start].isspace() or text[start] in ".,:;!?"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ",:;"):
        end -= 1
    return start, end


def _weakened(text: str, start: int, end: int, kind: SignalKind, strength: float, reason: str) -> tuple[float, str]:
    before = text[max(0, text.rfind("\n", 0, start) + 1, start - 70) : start]
    around = text[max(0, start - 60) : end + 60]
    if _TIME_PHRASES.search(text[start:end]):
        return 0.0, reason
    inside = kind in _ASKING and _NEGATED_INSIDE.search(text, start, end)
    if inside or _NEGATION.search(before) or _NEGATED_AFTER.search(text[end : end + 24]):
        return strength * 0.25, reason + ", but the text takes it back"
    if _REPORTED.search(before):
        return strength * 0.45, reason + ", but as something somebody else is said to have said"
    if _quoted(text, start, end):
        return strength * 0.5, reason + ", but inside a quotation"
    if _PLAYFUL.search(around):
        return strength * 0.4, reason + ", but it may be a joke or a game"
    return strength, reason


def _quoted(text: str, start: int, end: int) -> bool:
    """Whether the words stand inside quotation marks that open and close on their line."""
    line_start = max(text.rfind("\n", 0, start) + 1, start - 200)
    line_end = text.find("\n", end)
    line_end = min(line_end if line_end >= 0 else len(text), end + 200)
    head, tail = text[line_start:start], text[end:line_end]
    for opening, closing in _QUOTES.items():
        if opening == closing:
            if head.count(opening) % 2 and closing in tail:
                return True
        elif head.rfind(opening) > head.rfind(closing) and closing in tail:
            return True
    return False

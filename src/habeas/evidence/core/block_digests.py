"""Two organisations looked at one page: did they see the same? Answered without either showing what it saw.

A page is cut into blocks (paragraphs, authors, times) and media. What changes from one visit to the next (counters,
"3 hours ago", request numbers) is made plain first. Then each block becomes an HMAC-SHA256 under a key that only the
two hold: who has the digests but not the key cannot even guess a telephone number in them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

Kind = Literal["text", "author", "time", "media"]
KINDS: Final[tuple[Kind, ...]] = ("text", "author", "time", "media")
KEY_BYTES: Final = 32
MOST_DIGESTS: Final = 100_000
MOST_JSON_BYTES: Final = 16 << 20
_WHAT = "habeas block digests, version 1"
_HEX = re.compile(r"[0-9a-f]{64}")


class NotComparable(ValueError):
    """Digests that cannot be held against each other: another key, another version, or not digests at all."""


@dataclass(frozen=True, slots=True)
class Digests:
    """What one organisation saw, in keyed digests.

    key_check: says which key was used, not what it is; 16 hex digits
    blocks:    kind -> how often each digest was seen
    """

    key_check: str
    blocks: Mapping[Kind, Counter[str]]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many blocks of one kind are the same, and how many only one side saw."""

    same: int
    only_ours: int
    only_theirs: int


# ------------------------------------------------------------------------------------------------- what changes anyway

_NUMBER = r"\d{1,3}(?:[.,\u202f\u2019' ]?\d{3}){0,3}(?:[.,]\d{1,2})?\s?(?:[kmb]|tsd\.?|mio\.?|mln|mil|rb)?"
_COUNTED = (
    r"views?|likes?|comments?|replies|reply|shares?|reposts?|retweets?|quotes?|followers?|following|members?|online|"
    r"votes?|points?|reactions?|bookmarks?|plays?|subscribers?|visitors?|aufrufe|kommentare?|antworten|mal geteilt|"
    r"mitglieder|abonnenten|gefällt mir|vues?|commentaires?|partages?|abonnés|réponses?|j’aime|vistas|visitas|"
    r"comentarios?|"
    r"respuestas?|compartidos?|seguidores|me gusta|visualizações|visualizzazioni|comentários?|respostas|commenti|"
    r"risposte|weergaven|reacties|volgers|wyświetleń|komentarz\w*|odpowiedzi|просмотр\w*|комментари\w*|ответ\w*|"
    r"подписчик\w*|görüntüleme|yorum|beğeni|tayangan|komentar|回|次|回复|评论|いいね|件のコメント|مشاهدة|تعليق"
)
_COUNTER = re.compile(rf"(?<![\w+-]){_NUMBER}(?:\s+|(?=[回次件]))(?:{_COUNTED})(?!\w)")
_COUNTER_AFTER = re.compile(rf"(?<!\w)({_COUNTED})\s?[:·]\s?{_NUMBER}(?![\w-])")
# A number alone in its block, short or with the marks of a counter: no telephone number, postcode or year of birth.
_BARE_COUNTER = re.compile(r"\d{1,3}|\d{1,3}(?:[.,\u202f\u2019']\d{3}){1,3}|\d{1,4}(?:[.,]\d{1,2})?\s?[kmb]")
_UNIT = (
    r"(?:s|sec|secs|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?|mo|months?|y|yrs?|years?|sekunden?|"
    r"minuten?|stunden?|tage?n?|wochen?|monate?n?|jahre?n?|secondes?|heures?|jours?|semaines?|mois|ans?|segundos?|"
    r"minutos?|horas?|d[ií]as?|semanas?|mes(?:es)?|años?|dias?|anos?|secondi|minuti|ore|ora|giorni|giorno|"
    r"settiman[ae]|mesi|"
    r"ann[oi]|seconden|uur|dag(?:en)?|weken|maand(?:en)?|jaar|sekund\w*|minut\w*|godzin\w*|dni|dzień|tygodni\w*|"
    r"miesi\w*|lat\w*|"
    r"saniye|dakika|saat|gün|hafta|ay|yıl|секунд\w*|минут\w*|час\w*|дн\w*|день|недел\w*|месяц\w*|год\w*|лет)"
)
_AGO = re.compile(
    rf"(?<!\w)(?:(?:an?|one|\d{{1,3}})\s?{_UNIT}\s(?:ago|fa|geleden|temu|önce|назад|atrás)"
    rf"|(?:vor|il y a|hace|há|przed)\s(?:einer|einem|une?|\d{{1,3}})\s{_UNIT}"
    r"|\d{1,3}\s?(?:秒|分|分钟|時間|小时|日|天|週間|周)前"
    r"|just now|gerade eben|à l’instant|ahora mismo|только что)(?!\w)"
)
_BARE_AGE = re.compile(r"\d{1,3}\s?(?:s|sec|m|min|h|std|d|w|mo|y)\.?")
_NONCE = re.compile(
    r"(?<!\w)(ray id|request id|trace id|error id|event id|reference id|correlation id|incident id|session|nonce|csrf)"
    r"(\W{0,3})[0-9a-z][0-9a-z-]{7,}"
)
_CLOCK = re.compile(r"(?<!\d)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?!\d)")
_WORD = re.compile(r"[^\W\d_]+")
_TIME_WORDS: Final = frozenset(
    re.findall(
        r"\S+",
        """
        jan january janvier januar enero gennaio janeiro feb february février februar febrero febbraio fevereiro mar
        march mars märz marzo março apr april avril abril aprile may mai mayo maggio maio jun june juin juni junio
        giugno junho jul july juillet juli julio luglio julho aug august août agosto sep sept september septembre
        septiembre settembre setembro oct okt october octobre oktober octubre ottobre outubro nov november novembre
        noviembre novembro dec dez december décembre dezember diciembre dicembre dezembro mon tue wed thu fri sat
        sun monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag
        samstag sonntag lundi mardi mercredi jeudi vendredi samedi dimanche am pm a p m at on um uhr à le las el de
        t z utc gmt cet cest est edt pst pdt today yesterday heute gestern hier hoy ayer updated last posted edited
        published now time server page generated
        """,
    )
)


def normalised(text: str) -> str:
    """A block with everything plain that differs between two visits of an unchanged page.

    Letters, addresses, telephone numbers, dates of birth and postcodes stay: a change of those matters.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if _BARE_COUNTER.fullmatch(plain):
        return "⟨count⟩"
    if _BARE_AGE.fullmatch(plain):
        return "⟨age⟩"
    if _CLOCK.search(plain) and all(word in _TIME_WORDS for word in _WORD.findall(plain)):
        return "⟨time⟩"
    plain = _AGO.sub("⟨age⟩", plain)
    plain = _COUNTER_AFTER.sub(r"\1 ⟨count⟩", plain)
    plain = _COUNTER.sub("⟨count⟩", plain)
    return _NONCE.sub(r"\1 ⟨nonce⟩", plain)


def instant(said: str) -> str:
    """A time as a page states it for machines, in UTC to the minute; anything else as ``normalised``."""
    try:
        moment = datetime.fromisoformat(said.strip())
    except ValueError:
        return normalised(said)
    if moment.tzinfo is None:
        return f"{moment:%Y-%m-%dT%H:%M}"
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


# ------------------------------------------------------------------------------------------------------------- digests


def digests_of(blocks: Iterable[tuple[str, str]], media_sha256: Iterable[str], key: bytes) -> Digests:
    """What was seen, in keyed digests.

    blocks:       (kind, text): "text", "author", "time"; other kinds count as text
    media_sha256: hex, of the media that matter
    key:          at least 32 bytes that the two organisations share, and use for one case only
    Raises ValueError for a shorter key.
    """
    if len(key) < KEY_BYTES:
        raise ValueError(f"the shared key has {len(key)} bytes; it needs {KEY_BYTES} or more")
    found: dict[Kind, Counter[str]] = {kind: Counter() for kind in KINDS}
    for kind, text in blocks:
        which: Kind = "author" if kind == "author" else "time" if kind == "time" else "text"
        plain = instant(text) if which == "time" else normalised(text)
        if plain:
            found[which][_keyed(key, which, plain)] += 1
    for sha256 in media_sha256:
        found["media"][_keyed(key, "media", sha256.lower())] += 1
    return Digests(_keyed(key, "check", "")[:16], found)


def export_json(digests: Digests) -> bytes:
    """What is sent to the other organisation."""
    said = {
        "what": _WHAT,
        "key_check": digests.key_check,
        "blocks": {kind: sorted(digests.blocks[kind].elements()) for kind in KINDS},
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def import_json(raw: bytes) -> Digests:
    """What the other organisation sent. Raises NotComparable."""
    if len(raw) > MOST_JSON_BYTES:
        raise NotComparable("the digests are larger than any page's")
    try:
        said: Any = json.loads(raw)
        blocks: Any = said["blocks"] if said["what"] == _WHAT else None
        check: Any = said["key_check"]
        read: dict[Kind, Counter[str]] = {kind: Counter(blocks[kind]) for kind in KINDS}
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise NotComparable("this is no list of block digests, version 1") from error
    entries = [one for counted in read.values() for one in counted]
    right = all(isinstance(blocks[kind], list) for kind in KINDS)
    if (
        not right
        or len(entries) > MOST_DIGESTS
        or not all(isinstance(one, str) and _HEX.fullmatch(one) for one in entries)
    ):
        raise NotComparable("the list holds something else than digests of 64 hex digits")
    if not isinstance(check, str) or not re.fullmatch(r"[0-9a-f]{16}", check):
        raise NotComparable("the list does not say which key it was made with")
    return Digests(check, read)


def compare(ours: Digests, theirs: Digests) -> dict[Kind, Counts]:
    """For each kind how much both saw and how much only one did. Raises NotComparable where the keys differ."""
    if not hmac.compare_digest(ours.key_check, theirs.key_check):
        raise NotComparable("the two lists were made with different keys; agree on one key and make them again")
    return {
        kind: Counts(
            same=(ours.blocks[kind] & theirs.blocks[kind]).total(),
            only_ours=(ours.blocks[kind] - theirs.blocks[kind]).total(),
            only_theirs=(theirs.blocks[kind] - ours.blocks[kind]).total(),
        )
        for kind in KINDS
    }


def _keyed(key: bytes, kind: str, value: str) -> str:
    return hmac.new(key, f"{_WHAT}\n{kind}\n{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

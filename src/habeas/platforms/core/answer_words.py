"""The words by which an answer is guessed, by what it seems to say. Guesses are shown to a person, who decides."""

from __future__ import annotations

import re
from typing import Literal

Likely = Literal["", "acknowledged", "complied", "partly", "refused", "more_information"]

_ASKS = (
    r"(?:please|kindly) (?:provide|send|supply|specify|clarify)",
    r"we (?:need|require) (?:more|further|additional)",
    r"(?:more|further|additional) (?:information|details) (?:is|are)? ?(?:needed|required)",
    r"proof of identity",
    r"(?:bitte|benötigen).{0,40}(?:angaben|informationen|nachweis)",
    r"(?:merci|veuillez).{0,30}(?:préciser|fournir)",
    r"(?:proporcione|necesitamos|faltan).{0,40}(?:información|datos)",
    r"verstrek.{0,30}(?:gegevens|informatie)",
)
_REFUSES = (
    r"(?:does|do|did) not (?:violate|appear to violate|breach)",
    r"not (?:in )?violat\w+|no violation",
    r"unable to (?:remove|act|comply|assist)",
    r"(?:cannot|can't|can not|will not|won't|declined? to|refused? to) (?:remove|take|act|comply|process|disclose)",
    r"(?:request|notice|report) (?:has been|was|is) (?:rejected|denied|declined|refused)",
    r"take no (?:further )?action",
    r"verstößt nicht|abgelehnt|lehnen .{0,40} ab",
    r"n['’]enfreint pas|rejetée?",
    r"no infringe|denegad[oa]|rechazad[oa]",
    r"afgewezen|wijzen .{0,40} af",
    r"não viola|rejeitad[oa]",
)
_DONE_IN_PART = (
    r"(?:some|part|several) of the (?:content|links|urls|pages|posts).{0,60}(?:removed|deleted|disabled|taken down)",
    r"partial(?:ly)? (?:removed|complied)",
    r"teilweise (?:entfernt|gelöscht)",
    r"partiellement (?:supprim|retir)",
)
_DONE = (
    r"(?:has|have|had) (?:now )?been (?:removed|deleted|disabled|taken down|suspended|delisted|de-?indexed|blocked)",
    r"(?:has|have) (?:now )?been preserved",
    r"(?:was|were) (?:removed|deleted|taken down)",
    r"we(?:'ve| have)? (?:removed|deleted|taken (?:it|this|the \w+) down|disabled)",
    r"wurden? (?:entfernt|gelöscht|gesperrt)",
    r"a été (?:supprimée?|retirée?)|ont été (?:supprimé|retiré)",
    r"ha(?:n)? sido (?:eliminad|retirad|borrad)",
    r"(?:is|zijn) verwijderd",
    r"foi removid|foram removid",
    r"削除しました|삭제(?:되었|했)습니다|已(?:删除|移除|刪除)",
)
_RECEIVED = (
    r"(?:have|has been|was) received",
    r"thank you for (?:contacting|your (?:report|message|notice|request|e-?mail))",
    r"(?:ticket|case|reference) (?:number|id|no\.?|#)",
    r"will (?:review|look into|investigate)",
    r"eingegangen|bien reçu|hemos recibido|hebben .{0,40} ontvangen|recebemos|受け付け|접수",
)


def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


# The most telling first: who asks for more has not decided, and "has not been removed because" holds a "removed".
_GUESSES: tuple[tuple[Likely, re.Pattern[str], str], ...] = (
    ("more_information", _any_of(_ASKS), "it asks for something"),
    ("refused", _any_of(_REFUSES), "it speaks of a refusal"),
    ("partly", _any_of(_DONE_IN_PART), "it speaks of a part"),
    ("complied", _any_of(_DONE), "it says that something was removed or done"),
    ("acknowledged", _any_of(_RECEIVED), "it says that it was received"),
)
_READ = 20_000


def guess(text: str) -> tuple[Likely, str]:
    """What an answer seems to say, with the reason; ("", "") where nothing points anywhere."""
    for likely, words, why in _GUESSES:
        if words.search(text[:_READ]):
            return likely, why
    return "", ""

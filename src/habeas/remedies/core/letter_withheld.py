"""What a letter must not show, however somebody wrote it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from habeas.remedies.core.letter_model import Letter, ShowsPersonalData, Withheld

# From this length on a value counts within longer words too (an ending, a name run together with another).
_LONG = 8


def check_withheld(letter: Letter, withheld: Iterable[Withheld]) -> None:
    """Refuses a letter whose words show a value that is withheld, however it is spaced, cased or punctuated.

    Links are left out: whoever must act on one needs it as it is. Raises ShowsPersonalData.
    """
    secrets = [(each.kind, _squeezed(each.value)) for each in withheld]
    if not secrets:
        return
    for where, words in _words_of(letter):
        there = _squeezed(words)
        for kind, secret in secrets:
            if _shows(secret, there):
                raise ShowsPersonalData(
                    f"{where} shows personal data ({kind}); name the kind of data instead of the value"
                )


def within(secret: Withheld, text: str) -> bool:
    """Whether a text shows a withheld value, spacing, case and punctuation aside."""
    return _shows(_squeezed(secret.value), _squeezed(text))


@dataclass(frozen=True, slots=True)
class _Squeezed:
    """Letters and digits alone. ``starts``, ``ends``: where a word began and ended in ``text``."""

    text: str
    starts: frozenset[int]
    ends: frozenset[int]


def _squeezed(text: str) -> _Squeezed:
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold())
    starts, ends, at = [], [], 0
    for word in words:
        starts.append(at)
        at += len(word)
        ends.append(at)
    return _Squeezed("".join(words), frozenset(starts), frozenset(ends))


def _shows(secret: _Squeezed, there: _Squeezed) -> bool:
    wanted = secret.text
    if not wanted:
        return False
    # Scripts without capitals mostly write no spaces, or join small words to a name.
    anywhere = any(unicodedata.category(letter) == "Lo" for letter in wanted)
    at = there.text.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        if anywhere or (at in there.starts and end in there.ends):
            return True
        if len(wanted) >= _LONG and (at in there.starts or not any(at < cut < end for cut in there.starts)):
            return True
        at = there.text.find(wanted, at + 1)
    return False


def _words_of(letter: Letter) -> Iterator[tuple[str, str]]:
    yield "the subject", letter.subject
    for each in letter.head:
        yield "the head of the letter", each.text
    for number, block in enumerate(letter.blocks, 1):
        yield f"block {number}", block.text
        for row in block.rows:
            for each in row:
                if each.style == "words":
                    yield f"block {number} ({block.name})", each.text

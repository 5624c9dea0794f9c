"""What a letter must not show, however somebody wrote it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from habeas.remedies.core.letter_model import Letter, ShowsPersonalData, Withheld

# Shorter values are looked for as whole words: two letters occur in any sentence.
_SHORT = 5


def check_withheld(letter: Letter, withheld: Iterable[Withheld]) -> None:
    """Refuses a letter whose words show a value that is withheld, however it is spaced, cased or punctuated.

    Links are left out: whoever must act on one needs it as it is. Raises ShowsPersonalData.
    """
    for secret in withheld:
        for where, text in _words_of(letter):
            if within(secret, text):
                raise ShowsPersonalData(
                    f"{where} shows personal data ({secret.kind}); name the kind of data instead of the value"
                )


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


def within(secret: Withheld, text: str) -> bool:
    wanted, there = _words(secret.value), _words(text)
    squeezed = "".join(wanted)
    if not squeezed:
        return False
    if len(squeezed) >= _SHORT:
        return squeezed in "".join(there)
    return any(there[at : at + len(wanted)] == wanted for at in range(len(there) - len(wanted) + 1))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold())

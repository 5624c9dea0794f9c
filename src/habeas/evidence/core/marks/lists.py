"""Marks in what the house itself writes: the order of equivalent items, and equivalent wordings.

These survive what destroys every typographic mark: retyping, translation of characters, reading by OCR. They are for
covering notes, conditions, notices and headings of tables; nothing that is quoted from evidence goes through here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from habeas.evidence.core.marks.codes import Order, Signs, place, signs

# A sentence in pieces: fixed words, and pairs of wordings that say the same.
Wording: TypeAlias = tuple["str | tuple[str, str]", ...]

# What a marked copy says of itself. The first wordings are the plain ones, for the unmarked rendering.
NOTICE: tuple[Wording, ...] = (
    (("This is a marked copy", "This copy is marked"), "."),
    (
        ("It was made", "It was prepared"),
        " for ",
        ("one recipient only", "a single recipient"),
        " and ",
        ("can be told", "can be distinguished"),
        " from ",
        ("every other copy", "all other copies"),
        ".",
    ),
    (
        ("The original is unmarked", "The original carries no marks"),
        " and ",
        ("stays under seal", "remains under seal"),
        "; ",
        ("its content is", "what it says is"),
        " ",
        ("the same", "identical"),
        ".",
    ),
    (
        ("If this copy becomes public", "Should this copy become public"),
        ", ",
        ("its marks show", "its marks tell"),
        " ",
        ("which hand-over it came from", "from which hand-over it came"),
        ".",
    ),
)

VISIBLE_LINE = "Marked copy for one recipient; the original is unmarked and under seal."


def ordered(items: Iterable[str], seed: bytes, label: str = "list") -> list[str]:
    """Equivalent items in the order of one copy. Items that read the same keep no place and come last, as they came.

    label: which list of the document; lists with other items may share one. Raises BadSeed.
    """
    given = list(items)
    names = [_name(item) for item in given]
    alone = [item for item, name in zip(given, names, strict=True) if names.count(name) == 1]
    twins = [item for item, name in zip(given, names, strict=True) if names.count(name) > 1]
    return sorted(alone, key=lambda item: place(seed, _order_label(label), _name(item))) + twins


def seen_order(text: str, items: Sequence[str], label: str = "list") -> Order:
    """In which order the items of a list stand in a leaked text. Items that are missing or stand twice are left out."""
    folded = fold(text)
    names = [_name(item) for item in items]
    at: dict[bytes, int] = {}
    for item, name in zip(items, names, strict=True):
        wanted = fold(item)
        if wanted and names.count(name) == 1 and folded.count(wanted) == 1:
            at[name] = folded.index(wanted)
    return Order(_order_label(label), tuple(sorted(at, key=at.__getitem__)))


def worded(sentences: Sequence[Wording], seed: bytes | None, label: str = "wording") -> str:
    """Sentences in the wordings of one copy, parted by spaces; without a seed in the plain wordings. Raises BadSeed."""
    pairs = sum(isinstance(piece, tuple) for sentence in sentences for piece in sentence)
    chosen = iter(signs(seed, _wording_label(label), pairs).tolist() if seed is not None else [-1] * pairs)
    return " ".join(
        "".join(piece if isinstance(piece, str) else piece[next(chosen) > 0] for piece in sentence)
        for sentence in sentences
    )


def seen_wordings(text: str, sentences: Sequence[Wording], label: str = "wording") -> Signs:
    """Which wordings a leaked text has. A sentence that is missing or was changed says nothing."""
    import numpy as np

    folded, found = fold(text), []
    for sentence in sentences:
        pairs = [piece for piece in sentence if isinstance(piece, tuple)]
        pattern = "".join(re.escape(fold_inside(p)) if isinstance(p, str) else _either(p) for p in sentence)
        match = re.search(pattern, folded)
        for number, (_, second) in enumerate(pairs, 1):
            found.append(0.0 if match is None else 1.0 if match[number] == fold_inside(second) else -1.0)
    return Signs(_wording_label(label), np.array(found, dtype=np.float64))


def fold(text: str) -> str:
    """A text without what typography and copying change: composed letters, plain quotes and dashes, single spaces."""
    return fold_inside(text).strip()


def fold_inside(text: str) -> str:
    plain = unicodedata.normalize("NFC", text).translate(_PLAIN)
    return re.sub(r"\s+", " ", plain)


_PLAIN = str.maketrans(
    dict.fromkeys("’‘ʼ＇", "'")
    | dict.fromkeys("“”＂", '"')
    | dict.fromkeys("–—‐‑−", "-")
    | dict.fromkeys("\u200b\u2060\ufeff\u00ad", "")
    | {"…": "..."}
)


def _either(pair: tuple[str, str]) -> str:
    first, second = (re.escape(fold_inside(each)) for each in pair)
    return f"({first}|{second})"


def _name(item: str) -> bytes:
    return fold(item).encode()


def _order_label(label: str) -> str:
    return f"order/{label}"


def _wording_label(label: str) -> str:
    return f"wording/{label}"

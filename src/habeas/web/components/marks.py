"""Cuts a text into stretches so that overlapping marks can be shown in HTML, which cannot overlap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .shapes import Span


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the text with the spans that cover it (none: plain text).

    begins: the spans whose first character is this piece's first: only here are they named
    """

    text: str
    covers: tuple[Span, ...]
    begins: tuple[Span, ...]

    @property
    def gravity(self) -> int:
        """1 to 4, the gravest of what covers it; 0 for plain text."""
        return max((span.gravity for span in self.covers), default=0)


def cut(text: str, spans: Iterable[Span]) -> Sequence[Stretch]:
    """``text`` in order, as stretches; joined again they are ``text``.

    Raises ValueError where a span does not lie within the text: its offsets were counted on another text.
    """
    ordered = sorted(spans, key=lambda span: (span.start, span.end))
    for span in ordered:
        if not 0 <= span.start < span.end <= len(text):
            raise ValueError(
                f"a mark from {span.start} to {span.end} does not fit a text of {len(text)} characters: "
                "offsets must count the text as it is shown"
            )
    edges = sorted({0, len(text), *(s.start for s in ordered), *(s.end for s in ordered)})
    begins: dict[int, list[Span]] = {}
    for span in ordered:
        begins.setdefault(span.start, []).append(span)
    stretches: list[Stretch] = []
    covers: list[Span] = []
    # One pass: a hostile text has tens of thousands of marks, and trying each on each piece took a minute a page.
    for start, end in pairwise(edges):
        covers = [span for span in covers if span.end > start] + begins.get(start, [])
        stretches.append(Stretch(text[start:end], tuple(covers), tuple(begins.get(start, ()))))
    return stretches

"""Stretches of a text that are taken, asked for in logarithmic time: a long text may hold thousands."""

from __future__ import annotations

from bisect import bisect_left


class Taken:
    """Spans (start, end) without overlap."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def overlaps(self, start: int, end: int) -> bool:
        place = bisect_left(self._starts, end)
        return place > 0 and self._ends[place - 1] > start

    def add(self, start: int, end: int) -> None:
        """Take a span that overlaps none of those taken."""
        place = bisect_left(self._starts, start)
        self._starts.insert(place, start)
        self._ends.insert(place, end)

    def take(self, start: int, end: int) -> bool:
        """Take a span if it is free; whether it was."""
        if self.overlaps(start, end):
            return False
        self.add(start, end)
        return True

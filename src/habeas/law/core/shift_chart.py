"""What a reform changes, as a chart: a bar to the right for cases newly covered, to the left for those no longer.

The chart is plain SVG that says in words what its bars say, needs no colour to be read, and stands beside a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from habeas.law.core.replay import Shift

_LABEL, _BAR, _ROW, _TOP = 250, 190, 26, 34
WIDTH = _LABEL + 2 * _BAR + 120


def shift_chart(title: str, rows: Mapping[str, Shift]) -> str:
    """An SVG of some shifts, the largest first, at most 30. Widths are shares of the largest one."""
    shown = sorted(rows.items(), key=lambda row: (-(row[1].gained + row[1].lost), row[0]))[:30]
    most = max((max(shift.gained, shift.lost) for _, shift in shown), default=0) or 1
    middle, height = _LABEL + _BAR + 60, _TOP + _ROW * max(len(shown), 1) + 10
    box = f'viewBox="0 0 {WIDTH} {height}" font-size="13" font-family="sans-serif"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label={quoteattr(title)} {box}>',
        f"<title>{escape(title)}</title>",
        f'<text x="{middle - 6}" y="18" text-anchor="end" fill="currentColor">no longer</text>',
        f'<text x="{middle + 6}" y="18" fill="currentColor">newly</text>',
        f'<path d="M{middle} 24V{height - 6}" stroke="currentColor" stroke-width="1"/>',
    ]
    for place, (name, shift) in enumerate(shown):
        y = _TOP + place * _ROW
        gained, lost = (round(count / most * _BAR) for count in (shift.gained, shift.lost))
        parts.append(
            f"<g><title>{escape(name)}: {shift.gained} newly, {shift.lost} no longer</title>"
            f'<text x="0" y="{y + 14}" fill="currentColor">{escape(name)}</text>'
            f'<rect x="{middle}" y="{y}" width="{gained}" height="18" fill="currentColor"/>'
            f'<rect x="{middle - lost}" y="{y}" width="{lost}" height="18" fill="none" stroke="currentColor"/>'
            + _number(shift.gained, middle + gained + 5, y, "start")
            + _number(shift.lost, middle - lost - 5, y, "end")
            + "</g>"
        )
    return "\n".join([*parts, "</svg>", ""])


def _number(count: int, x: int, y: int, anchor: str) -> str:
    return f'<text x="{x}" y="{y + 14}" text-anchor="{anchor}" fill="currentColor">{count}</text>' if count else ""

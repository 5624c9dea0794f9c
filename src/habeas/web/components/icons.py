"""Small drawings that stand beside words, never instead of them.

Each is drawn in a 16 by 16 box with the text's own colour, so that it survives dark mode, print and forced colours.
Parts with class ``f`` are filled. Names in ``FLIPPED`` point along the line of reading and turn round right to left.
"""

from __future__ import annotations

from django.utils.safestring import SafeString, mark_safe

_RING = '<circle cx="8" cy="8" r="6.25"/>'
_SHIELD = '<path d="M8 1.5 13.5 3.5v4c0 3.5-2.3 5.8-5.5 7-3.2-1.2-5.5-3.5-5.5-7v-4Z"/>'

ICONS: dict[str, str] = {
    # what a rule came to: the shape alone tells them apart
    "met": _RING + '<path d="M5 8.2 7.2 10.4 11 6"/>',
    "half": _RING + '<path class="f" d="M8 1.75a6.25 6.25 0 0 1 0 12.5Z"/>',
    "failed": _RING + '<path d="m5.7 5.7 4.6 4.6m0-4.6-4.6 4.6"/>',
    "shield": _SHIELD,
    "half-shield": _SHIELD + '<path class="f" d="M8 1.5 13.5 3.5v4c0 3.5-2.3 5.8-5.5 7Z"/>',
    "dashed": '<circle cx="8" cy="8" r="6.25" stroke-dasharray="2.4 2.5"/>',
    "beyond": _RING + '<path d="M3.6 12.4 12.4 3.6"/>',
    # states and kinds of news
    "ring": _RING,
    "dot": '<circle class="f" cx="8" cy="8" r="4"/>',
    "check": '<path d="M3 8.5 6.5 12 13 4.5"/>',
    "cross": '<path d="m4 4 8 8m0-8-8 8"/>',
    "info": _RING + '<path d="M8 7.4V11M8 5v.1"/>',
    "warning": '<path d="M8 2 14.5 13.5h-13ZM8 6.4v3.2m0 2.1v.1"/>',
    "clock": _RING + '<path d="M8 4.6V8l2.4 1.5"/>',
    "pen": '<path d="m3 13 .7-3L11 2.7 13.3 5 6 12.3Z"/>',
    "send": '<path d="M14 2 7 9m7-7L9.8 14 7 9 2 6.2Z"/>',
    "person": '<circle cx="8" cy="5.2" r="2.7"/><path d="M2.8 14c.6-3 2.6-4.5 5.2-4.5s4.6 1.5 5.2 4.5"/>',
    "people": '<circle cx="6" cy="5.4" r="2.4"/>'
    '<path d="M1.5 13.5c.5-2.7 2.2-4 4.5-4s4 1.3 4.5 4M10.5 3.3a2.4 2.4 0 0 1'
    ' 0 4.3m1.4 2.2c1.4.5 2.3 1.7 2.6 3.7"/>',
    "pause": '<path d="M5.5 3.5v9m5-9v9"/>',
    "up": '<path d="M8 13V3M4 7l4-4 4 4"/>',
    "again": '<path d="M3 8a5 5 0 1 1 1.5 3.6M3 4.5V8h3.5"/>',
    "speech": '<path d="M2 3h12v8H8l-3 2.8V11H2Z"/>',
    "eye": '<path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8Z"/><circle cx="8" cy="8" r="2"/>',
    "lock": '<path d="M3.5 7h9v6.5h-9ZM5.5 7V5a2.5 2.5 0 0 1 5 0v2"/>',
    "flag": '<path d="M4 14.5v-12h8l-2 3 2 3H4"/>',
    # directions
    "back": '<path d="M13 8H3m4-4L3 8l4 4"/>',
    "onward": '<path d="M3 8h10M9 4l4 4-4 4"/>',
    "next": '<path d="M6 3.5 10.5 8 6 12.5"/>',
    "globe": _RING + '<path d="M1.9 8h12.2M8 1.8c3.4 3.6 3.4 8.8 0 12.4-3.4-3.6-3.4-8.8 0-12.4Z"/>',
}

FLIPPED = frozenset({"back", "onward", "next", "send"})


def draw(name: str) -> SafeString:
    """The drawing called ``name``, hidden from screen readers. Raises ValueError where there is none of that name."""
    if name not in ICONS:
        raise ValueError(f'no icon is called "{name}"; there are: {", ".join(sorted(ICONS))}')
    turns = " icon-turns" if name in FLIPPED else ""
    # Every part is a constant of this file: nothing from outside reaches the page unescaped.
    return mark_safe(f'<svg class="icon{turns}" viewBox="0 0 16 16" aria-hidden="true">{ICONS[name]}</svg>')  # noqa: S308

"""The values that views hand to the components. All optional parts have defaults, so a template never misses one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from django.utils.functional import Promise

from .statuses import Tone

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of breadcrumbs, tabs or a menu.

    url:     empty for the place where the reader is
    current: this is the place where the reader is
    count:   how many things are behind it, or None not to say
    lang:    the language of the label, where it differs from the page's (for a language menu)
    """

    label: Words
    url: str = ""
    current: bool = False
    count: int | None = None
    lang: str = ""
    rtl: bool = False


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One line of a summary. A value of None or "" is shown as "Not given".

    change_url:  where it can be changed, or empty where it cannot
    """

    key: Words
    value: Any = None
    change_url: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    number:  align at the end and use figures of equal width
    sort_url, sorted: the link that sorts by it; "ascending", "descending" or "" where it is not the order now
    """

    label: Words
    number: bool = False
    sort_url: str = ""
    sorted: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, for a timeline."""

    at: datetime | date
    title: Words
    text: Words = ""
    who: Words = ""
    icon: str = "dot"
    tone: Tone = "neutral"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold before a step can go out. ``holds`` may be unknown."""

    label: Words
    holds: bool | None
    note: Words = ""


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One measure of a plan.

    phase:     preserve, disclose, remove, … in words
    ground:    the citation it rests on
    due_at:    when its clock runs out; None where no time is fixed, or none runs yet
    clock_text: what the clock will be once it runs, in words
    done_at:   when the clock was stopped by an answer
    approvals: names of those who have approved, ``approvals_needed`` of them are needed
    """

    number: int
    phase: Words
    title: Words
    addressee: Words
    ground: Words
    status: str
    due_at: datetime | date | None = None
    clock_text: Words = ""
    done_at: datetime | None = None
    approvals: Sequence[Words] = ()
    approvals_needed: int = 1
    checks: Sequence[Check] = field(default=())
    url: str = ""


class Span(Protocol):
    """A marked stretch of a text. An ``exposure.core.model.Exposure`` is one as it stands.

    start, end: characters of the text
    kind:       what it is, in a word
    gravity:    1 to 4
    """

    start: int
    end: int
    kind: str
    gravity: int


class Trace(Protocol):
    """An explained rule, as a tree. A ``law.core.model.TraceNode`` is one as it stands."""

    label: str
    truth: bool | None
    because: str
    parts: Sequence[Trace]

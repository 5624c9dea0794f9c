"""A redacted copy of an item: what the scan found about people is hidden; what is shown proves to be the original's.

Shown is only what was read: of an e-mail, for example, encoded parts and the headers nobody reads are hidden, because
nothing looked for data in them. And what is hidden in one place is hidden wherever the same words stand.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any, get_args

from django.db import transaction

from habeas.access import actions as access
from habeas.cases import actions as cases
from habeas.cases import queries as case_queries
from habeas.evidence import actions as evidence
from habeas.evidence import queries, redacting
from habeas.evidence.core.custody import require_reason
from habeas.evidence.core.redaction import HIDDEN, Span, check_twin, merged, shown_text, twin_of, units_of_text
from habeas.exposure import queries as exposure
from habeas.exposure.core.documents import clean_text, recognise
from habeas.exposure.core.model import Kind
from habeas.journey.material import examine_item
from habeas.kernel import clock

if TYPE_CHECKING:
    from habeas.access.models import Person
    from habeas.evidence.actions import Reason
    from habeas.evidence.core.redaction import RedactionTree
    from habeas.evidence.core.regions import Box
    from habeas.evidence.models import Item
    from habeas.exposure.models import Exposure
    from habeas.exposure.queries import ReadItem

MEDIA_TYPE = "application/json"
# Whose data stays visible: the writer's own, and what an organisation has for everybody.
_LEFT_VISIBLE = frozenset({"author", "organisation"})
# Shorter than this, the same letters stand in many places by chance.
_FEWEST_LETTERS = 3
_LONG_ENOUGH_FOR_BOTH_ENDS = 8
_RUNS = re.compile("[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+|\r\n|.", re.DOTALL)


class NotRedacted(ValueError):
    """No redacted copy can be made of this item so. The message says why and what to do; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Made:
    """A redacted copy.

    twin:   JSON, as sealed: what proves itself
    shown:  the same as people look at it: a text in UTF-8, or a picture in PNG
    hidden: how many of the ``units`` are hidden
    item:   the twin as an item of the case
    """

    twin: bytes
    shown: bytes
    hidden: int
    units: int
    item: Item


@dataclass(frozen=True, slots=True)
class Found:
    """Something that was found in a text, however often it stands there.

    name:   tells it from the others of one reading
    spans:  where it stands in the text as it was read
    masked: enough of it for who knows the text, and for nobody else
    hidden: whether it is hidden unless somebody says otherwise
    """

    name: str
    spans: tuple[Span, ...]
    kind: str
    whose: str
    masked: str
    hidden: bool


def found_in(read: ReadItem) -> list[Found]:
    """What can be hidden or shown in a text, in the order of its first place. The same words are one thing."""
    places: defaultdict[str, list[Exposure]] = defaultdict(list)
    for one in read.exposures:
        places[_plain(read.text[one.start : one.end])].append(one)
    return [_found(read.text, ones) for ones in places.values()]


def found_in_item(item: Item) -> list[Found]:
    """As ``found_in``, for one item. Raises NotRedacted, KeyDestroyed."""
    return found_in(_reading_of(item))


def redact(
    item: Item,
    reason: Reason,
    *,
    by: Person,
    keep: Collection[str] = (),
    show: Sequence[Span] = (),
    spans: Sequence[Span] = (),
    boxes: Sequence[Box] = (),
) -> Made:
    """Seal a redacted copy of a text or picture, with a root that is logged and time-stamped.

    keep:  kinds of exposures that stay visible, such as "name"
    show:  what was found and stays visible, where it stands, as ``found_in`` has it; hidden all the same where the
           same words stand as something that is hidden
    spans: more to hide in a text: characters of it as it was read
    boxes: what to hide in a picture: x, y, width, height in pixels of the upright picture
    Raises NotRedacted, NotAllowed, UnknownPurpose, NotHeld, ItemDamaged, KeyDestroyed, OriginalDiffers.
    """
    access.require(by, "read_item")
    require_reason(reason.purpose, reason.basis)
    if item.kind == "redacted":
        raise NotRedacted(f"{item} is a redacted copy itself; redact the item that it was made from")
    content = queries.content_of(item)
    if recognise(content, queries.name_of(item)).startswith("image/"):
        if keep or show or spans:
            raise NotRedacted(f"{item} is a picture: name boxes to hide in it, not spans or kinds")
        return _redact_picture(item, content, boxes, reason, by=by)
    if boxes:
        raise NotRedacted(f"{item} is a text: name spans to hide in it, not boxes")
    return _redact_text(item, content, frozenset(keep), frozenset(show), spans, reason, by=by)


# --------------------------------------------------------------------------------------------------------------- texts


def _redact_text(
    item: Item,
    content: bytes,
    keep: frozenset[str],
    show: frozenset[Span],
    spans: Sequence[Span],
    reason: Reason,
    *,
    by: Person,
) -> Made:
    unknown = sorted(keep - set(get_args(Kind)))
    if unknown:
        raise NotRedacted(f"no exposure is of the kind {unknown[0][:40]!r}; there are {', '.join(get_args(Kind))}")
    try:
        original = content.decode()
    except UnicodeDecodeError:
        raise NotRedacted(
            f"{item} is not a text in UTF-8: hand in its text, or a screenshot of it, and redact that"
        ) from None
    read = _reading_of(item)
    try:
        chosen = merged(spans, len(read.text))
    except ValueError as trouble:
        raise NotRedacted(f"{item}: {trouble}") from None
    found = [(one.start, one.end) for one in read.exposures]
    if not show <= set(found):
        raise NotRedacted(f"{item}: nothing was found where something is to stay visible; look at what was found again")
    secret = [(one.start, one.end) for one in read.exposures if _is_secret(one) and one.kind not in keep]
    secret = [span for span in secret if span not in show]
    places = _Placed(original, read)
    hide = [*places.of([*secret, *chosen]), *places.unread(), *places.same_words([*secret, *chosen])]
    if not secret and not chosen:
        raise NotRedacted(f"nothing to hide was found in {item}; name spans to hide, or pass it on as it is")
    # Cut at everything that was found: another copy may show what this one hides, and the item is cut only once.
    units, _ = units_of_text(original, [*hide, *places.of(found)])
    return _sealed(item, "line", [unit.encode() for unit in units], lambda tree: _touched(tree, hide), reason, by=by)


def _is_secret(one: Exposure) -> bool:
    return one.whose not in _LEFT_VISIBLE


def _found(text: str, ones: Sequence[Exposure]) -> Found:
    first = next((one for one in ones if _is_secret(one)), ones[0])
    return Found(
        name=f"{ones[0].start}-{ones[0].end}",
        spans=tuple((one.start, one.end) for one in ones),
        kind=first.kind,
        whose=first.whose,
        masked=_masked(" ".join(text[first.start : first.end].split())),
        hidden=_is_secret(first),
    )


def _masked(words: str) -> str:
    return f"{words[:2]}…{words[-2:]}" if len(words) >= _LONG_ENOUGH_FOR_BOTH_ENDS else f"{words[:1]}…"


def _plain(words: str) -> str:
    """Words as they count as the same."""
    return words.strip().casefold()


def _reading_of(item: Item) -> ReadItem:
    """What was read in the item and found in it; scanned now where it was not before."""
    read = _reading_kept(item)
    if read is None:
        names = [party["name"] for party in case_queries.parties_of(item.case).values() if party.get("name")]
        examine_item(item.case, item, queries.name_of(item), names)
        read = _reading_kept(item)
    if read is None or read.reading.trouble or not read.text:
        raise NotRedacted(f"{item} cannot be read, so nothing can be found in it; redact a screenshot of it with boxes")
    return read


def _reading_kept(item: Item) -> ReadItem | None:
    return next((one for one in exposure.readings_of(item.case) if one.reading.source == str(item.pk)), None)


class _Placed:
    """Where in an original the characters of its read text stand.

    Reading cleans: line ends become line feeds, control characters go; a mail's parts are decoded and put in another
    order. A text is placed whole; anything else line by line, and a line that stands nowhere as it was read has no
    place.
    """

    def __init__(self, original: str, read: ReadItem) -> None:
        self.original, self.text = original, read.text
        self.cleaned, self.starts = _cleaned(original)
        # Where read lines stand: (start in the read text, start in the cleaned original, length), in order.
        self.lines: list[tuple[int, int, int]]
        if self.cleaned == self.text:
            self.lines = [(0, 0, len(self.text))]
        else:
            self.lines = list(_same_lines(self.text, self.cleaned))

    def of(self, spans: Iterable[Span]) -> list[Span]:
        """Spans of the read text as spans of the original. What has no place is in no line that is shown."""
        found = []
        for begin, end in spans:
            for read_at, stands_at, length in self.lines:
                first, last = max(begin, read_at), min(end, read_at + length)
                if first < last:
                    found.append(self._in_original(first - read_at + stands_at, last - read_at + stands_at))
        return found

    def unread(self) -> list[Span]:
        """What of the original nobody read, so that nothing was looked for in it: not even whose it is."""
        found, place = [], 0
        for _, begin, length in sorted(self.lines, key=lambda line: line[1]):
            found += _visible_lines(self.cleaned, place, begin)
            place = begin + length
        found += _visible_lines(self.cleaned, place, len(self.cleaned))
        return [self._in_original(begin, end) for begin, end in found]

    def same_words(self, spans: Iterable[Span]) -> list[Span]:
        """Wherever else the words of these spans stand, in capitals or not, as words of their own."""
        words = {_plain(self.text[begin:end]) for begin, end in spans}
        words = {word for word in words if len(word) >= _FEWEST_LETTERS}
        if not words:
            return []
        longest_first = "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))
        pattern = re.compile(rf"(?<!\w)(?:{longest_first})(?!\w)", re.IGNORECASE)
        return [self._in_original(*match.span()) for match in pattern.finditer(self.cleaned)]

    def _in_original(self, begin: int, end: int) -> Span:
        return self.starts[begin], self.starts[end]


def _cleaned(original: str) -> tuple[str, list[int]]:
    """(the text as a reader cleans it, where each of its characters begins in the original, and its end)."""
    pieces: list[str] = []
    starts: list[int] = []
    place = 1 if original.startswith("\ufeff") else 0
    for run in _RUNS.finditer(original, place):
        piece = clean_text(run[0])
        pieces.append(piece)
        # One character of a run each; of a line end in two characters the first; nothing of what is left out.
        starts.extend(range(run.start(), run.start() + len(piece)))
    return "".join(pieces), [*starts, len(original)]


def _same_lines(text: str, cleaned: str) -> Iterator[tuple[int, int, int]]:
    """The lines of a read text that stand in the original word for word, each of those once."""
    standing: dict[str, deque[int]] = defaultdict(deque)
    for begin, line in _lines(cleaned):
        standing[line].append(begin)
    for begin, line in _lines(text):
        if line.strip() and standing[line]:
            yield begin, standing[line].popleft(), len(line)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    place = 0
    for line in text.split("\n"):
        yield place, line
        place += len(line) + 1


def _visible_lines(text: str, begin: int, end: int) -> list[Span]:
    """Each stretch of lines between two places, without the blanks around it: a blank line tells nothing."""
    between = text[begin:end]
    return [(begin + match.start(), begin + match.end()) for match in re.finditer(r"\S(?:.*\S)?", between)]


# ------------------------------------------------------------------------------------------------------------ pictures


def _redact_picture(item: Item, content: bytes, boxes: Sequence[Box], reason: Reason, *, by: Person) -> Made:
    from habeas.evidence.core import regions

    if not boxes:
        # The letters of a picture are read line by line; where a word of a line stands is not known.
        raise NotRedacted(
            f"{item} is a picture: what stands in it is read without its place, so name the boxes to hide "
            "(x, y, width and height in pixels)"
        )
    try:
        values = regions.values_of(content)
        hidden = regions.hidden_units(*regions.size_of(values), boxes)
    except regions.PictureRefused as refusal:
        raise NotRedacted(f"{item}: {refusal}") from None
    return _sealed(item, "region", values, lambda _: hidden, reason, by=by)


# ------------------------------------------------------------------------------------------------------------- sealing


def _sealed(
    item: Item,
    unit: str,
    values: Sequence[bytes],
    to_hide: Callable[[RedactionTree], set[int]],
    reason: Reason,
    *,
    by: Person,
) -> Made:
    at = clock.now()
    with transaction.atomic():
        cases.hold(item.case)
        try:
            redaction, tree = redacting.root_of(item, unit, values, by=by, at=at)
        except ValueError as trouble:
            raise NotRedacted(f"{item}: {trouble}") from None
        hidden = to_hide(tree)
        twin = twin_of(tree, hidden)
        shown = _shown(twin)
        if not _shows_something(unit, shown, hidden, len(tree.values)):
            raise NotRedacted(
                f"nothing of {item} would be left to show: hide less, or hand in its text or a screenshot of it "
                "and redact that"
            )
        content = json.dumps(twin, separators=(",", ":")).encode()
        units = len(tree.values)
        sealed = evidence.seal_derived(
            item,
            "redacted",
            f"redacted-{str(item.pk)[:8]}.json",  # the name of the original may name somebody
            MEDIA_TYPE,
            content,
            details={
                "method": f"salted units ({unit}), {len(hidden)} of {units} hidden",
                "redaction": str(redaction.pk),
                "root": tree.root.hex(),
                "unit": unit,
                "units": units,
                "hidden": len(hidden),
            },
            reason=reason,
            by=by,
            at=at,
        )
    return Made(content, shown, len(hidden), units, sealed)


def _shown(twin: dict[str, Any]) -> bytes:
    if twin["unit"] == "region":
        from habeas.evidence.core import regions

        return regions.shown(twin)
    return shown_text(check_twin(twin)).encode()


def _shows_something(unit: str, shown: bytes, hidden: set[int], units: int) -> bool:
    if unit == "region":
        return len(hidden) < units - 1  # the frame shows nothing
    return bool(shown.decode().replace(HIDDEN, "").strip())


def _touched(tree: RedactionTree, hide: Iterable[Span]) -> set[int]:
    """The units of a text in which something is to be hidden, be it one character."""
    borders = list(accumulate((len(value.decode()) for value in tree.values), initial=0))
    found: set[int] = set()
    for begin, end in hide:
        found.update(range(bisect_right(borders, begin) - 1, bisect_left(borders, end)))
    return found

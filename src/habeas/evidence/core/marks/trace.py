"""Who a leaked copy was made for: the copies that may be named, compared with the leak, and what can be said.

A verdict names a copy, not a person: the hand-over it was made for. Whoever had that copy since is another question,
and so is who in the house could read the seeds. It names one only where the chance of naming any wrong one, over all
copies and all ways of reading, is below ``codes.ACCUSE_BELOW``; else it says that it cannot tell, and why.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from habeas.evidence.core.marks.codes import ACCUSE_BELOW, Agreement, Reading, agreements, corrected
from habeas.evidence.core.marks.lists import Wording, seen_order, seen_wordings

PDF = "application/pdf"
# Beyond this a mistake of the house is likelier than chance, so no sentence claims more.
_SAID_AT_MOST = 12
# Pages of a leaked document in which a picture is looked for.
_MOST_PICTURES = 40


class CannotTrace(ValueError):
    """The leak, an original or the list of copies cannot be compared at all. Says nothing of their content."""


@dataclass(frozen=True)
class Candidate:
    """A copy that may have leaked.

    copy_id:    what it is called in the verdict
    seed:       32 bytes, its secret
    original:   the unmarked rendering from which it was made: text in UTF-8, PNG or JPEG, or PDF
    media_type: of the original
    wordings:   sentences that the house wrote into it with ``lists.worded``, per label
    lists:      items that it put in an order of its own with ``lists.ordered``, per label
    """

    copy_id: str
    seed: bytes = field(repr=False)
    original: bytes = field(repr=False)
    media_type: str
    wordings: tuple[tuple[str, tuple[Wording, ...]], ...] = ()
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Score:
    """How well one copy agrees with the leak, in the way of reading that speaks for it most.

    deviations: about 0 for a copy that has nothing to do with the leak
    share:      share of the marks that agree, 0..1; 0.5 is what chance gives
    chance:     at most this is the chance that such a copy agrees as well; 1 copy, 1 way of reading
    """

    copy_id: str
    deviations: float
    share: float
    log10_chance: float
    what: str

    @property
    def chance(self) -> float:
        return corrected(self.log10_chance, 1)


@dataclass(frozen=True)
class Verdict:
    """Which copy the leak was made from, or None.

    copy_ids: all copies that the leak was put together from; the likeliest first
    chance:   at most this is the chance that any copy would be named as strongly, had the leak been made from none
    tests:    copies compared times ways of reading: what ``chance`` was corrected for
    scores:   every copy compared, the likeliest first
    sentence: the same for people
    """

    copy_ids: tuple[str, ...]
    chance: float
    tests: int
    scores: tuple[Score, ...]
    sentence: str

    @property
    def copy_id(self) -> str | None:
        return self.copy_ids[0] if self.copy_ids else None


def trace(
    leaked: bytes, media_type: str, candidates: Sequence[Candidate], *, accuse_below: float = ACCUSE_BELOW
) -> Verdict:
    """Compare a leak with every copy that was handed over.

    media_type: of the leak: text, a picture or PDF; a picture of a page is compared with PDFs too
    Each original is read once, whatever the number of its copies, at about a second a picture or page.
    Raises CannotTrace, codes.BadSeed.
    """
    _require_different(candidates)
    leak = _Leak(leaked, media_type)
    originals: dict[tuple[object, ...], list[Candidate]] = {}
    for each in candidates:
        same = each.original, each.media_type, each.wordings, each.lists
        originals.setdefault(same, []).append(each)
    tests = sum(len(copies) * _ways(leak, copies[0]) for copies in originals.values())
    best: dict[str, Score] = {each.copy_id: Score(each.copy_id, 0.0, 0.5, 0.0, "") for each in candidates}
    marks: dict[str, int] = {}
    for copies in originals.values():
        for reading in _readings(leak, copies[0]):
            marks[reading.what] = max(marks.get(reading.what, 0), reading.marks)
            named = False
            for copy, agreement in zip(copies, agreements(reading, [each.seed for each in copies]), strict=True):
                score = _score(copy, agreement, reading)
                best[copy.copy_id] = max(best[copy.copy_id], score, key=_likelihood)
                named = named or corrected(agreement.log10_chance, tests) <= accuse_below
            # The other ways cost more and are paid for in ``tests`` already.
            if named:
                break
    scores = tuple(sorted(best.values(), key=_likelihood, reverse=True))
    guilty = tuple(each for each in scores if corrected(each.log10_chance, tests) <= accuse_below)
    chance = corrected(scores[0].log10_chance, tests) if scores else 1.0
    sentence = _named(guilty, marks, tests, len(scores)) if guilty else _cannot_tell(scores, marks, tests, accuse_below)
    return Verdict(tuple(each.copy_id for each in guilty), chance, tests, scores, sentence)


class _Leak:
    """The leak, in the forms in which it is compared, each made when it is first needed."""

    def __init__(self, content: bytes, media_type: str) -> None:
        self.content, self.kind = content, _kind(media_type)
        self._text: str | None = None

    @property
    def text(self) -> str:
        if self._text is None:
            if self.kind == PDF:
                from habeas.evidence.core.marks.pdf import NotAPdf, text_of

                try:
                    self._text = text_of(self.content)
                except NotAPdf as error:
                    raise CannotTrace(f"the leak: {error}") from error
            else:
                self._text = _decoded(self.content)
        return self._text


def _ways(leak: _Leak, copy: Candidate) -> int:
    """At most so many ways of reading a leak beside this original."""
    kind = _kind(copy.media_type)
    in_words = leak.kind != "image" and bool(copy.wordings or copy.lists)
    if kind == "text":
        return 0 if leak.kind == "image" else 1
    if leak.kind == "text":
        return int(in_words)
    if kind == PDF:
        from habeas.evidence.core.marks.pdf import WAYS

        return WAYS + in_words
    return 1 + in_words


def _readings(leak: _Leak, copy: Candidate) -> Iterator[Reading]:
    if leak.kind != "image":
        said = _in_words(leak.text, copy)
        if said is not None:
            yield said
    if leak.kind != "text" and _kind(copy.media_type) != "text":
        yield from _in_pictures(leak, copy)


def _in_words(text: str, copy: Candidate) -> Reading | None:
    """Forms, wordings and orders in one: they are independent, and each may be too little alone."""
    signs = [seen_wordings(text, sentences, label) for label, sentences in copy.wordings]
    orders = [seen_order(text, items, label) for label, items in copy.lists]
    if _kind(copy.media_type) == "text":
        from habeas.evidence.core.marks.text import read_text

        signs += read_text(text, _decoded(copy.original)).signs
    return Reading("the words of the leak", tuple(signs), tuple(orders)) if signs or orders else None


def _in_pictures(leak: _Leak, copy: Candidate) -> Iterator[Reading]:
    from habeas.evidence.core.marks import image, pdf

    try:
        if _kind(copy.media_type) == PDF:
            original = pdf.Original(copy.original)
            if leak.kind == PDF:
                yield from pdf.read_pdf(leak.content, original)
            else:
                yield from pdf.read_pictures([image.decoded(leak.content)], original)
            return
        pictures = pdf.pictures_of(leak.content) if leak.kind == PDF else iter([image.decoded(leak.content)])
        pixels = image.decoded(copy.original)
        for picture in islice(pictures, _MOST_PICTURES):
            reading = image.read_pixels(picture, pixels)
            # One page of a leaked document shows the picture; the first is enough.
            if reading is not None:
                yield reading
                return
    except (image.NotAPicture, pdf.NotAPdf) as error:
        raise CannotTrace(f"leak or original of copy {copy.copy_id}: {error}") from error


def _score(copy: Candidate, agreement: Agreement, reading: Reading) -> Score:
    return Score(copy.copy_id, agreement.deviations, agreement.share, agreement.log10_chance, reading.what)


def _likelihood(score: Score) -> tuple[float, float]:
    return -score.log10_chance, score.deviations


def _named(guilty: Sequence[Score], marks: dict[str, int], tests: int, compared: int) -> str:
    first = guilty[0]
    # Of two copies put together the weaker one decides how sure this is.
    weakest = max(each.log10_chance for each in guilty) + math.log10(tests)
    made = (
        f"The leak was made from copy {first.copy_id}"
        if len(guilty) == 1
        else "The leak was put together from copies " + " and ".join(each.copy_id for each in guilty)
    )
    return (
        f"{made}: of {_counted(marks[first.what], 'mark')} read from {first.what}, {first.share:.0%} agree with "
        f"{'it' if len(guilty) == 1 else 'the first'}. Had it been made from none of the "
        f"{_counted(compared, 'copy', 'copies')} compared, the chance of naming any of them would be below "
        f"{_one_in(weakest)}. This names a copy and the hand-over it was made for, not who passed it on."
    )


def _cannot_tell(scores: Sequence[Score], marks: dict[str, int], tests: int, accuse_below: float) -> str:
    compared = _counted(len(scores), "copy", "copies")
    if not any(marks.values()):
        return f"Cannot tell: nothing in the leak could be laid over an original of the {compared} compared."
    most = max(marks.values())
    needed = math.ceil(math.log2(max(1, tests) / accuse_below))
    if most < needed:
        return (
            f"Cannot tell: {_counted(most, 'mark')} could be read, and to name one of the {compared} compared "
            f"at least {needed} must be."
        )
    return (
        f"Cannot tell: {_counted(most, 'mark')} could be read, but none of the {compared} compared agrees with them "
        "better than chance allows. The leak was made from another copy or from the original, or its marks were "
        "removed."
    )


def _one_in(log10: float) -> str:
    power = min(_SAID_AT_MOST, math.floor(-log10))
    return f"1 in {10**power:,}"


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _kind(media_type: str) -> str:
    plain = media_type.split(";")[0].strip().lower()
    if plain == PDF:
        return PDF
    family = plain.split("/")[0]
    if family in ("text", "image"):
        return family
    raise CannotTrace(f"a leak or original of type {plain!r} cannot be traced: text, pictures and PDF can")


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    return content.decode("utf-8-sig", errors="replace")


def _require_different(candidates: Sequence[Candidate]) -> None:
    if len({each.copy_id for each in candidates}) < len(candidates):
        raise CannotTrace("two copies have the same id: a verdict could not say which of them it names")
    if len({each.seed for each in candidates}) < len(candidates):
        raise CannotTrace("two copies have the same seed and so the same marks: they cannot be told apart")

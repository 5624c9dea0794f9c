"""Picture hashes as others write them: the pages of StopNCII, the answers of a Hasher-Matcher-Actioner (HMA).

Only PDQ hashes are taken, since nothing else can be matched here; others are counted under their name. A page is read
whole or not at all: an error names every record and field that is wrong, and nobody's hash or case number.

Sources: ThreatExchange, ``python-threatexchange`` (client and tests of the StopNCII API v1; ``fetch_state.py`` for how
opinions combine) and ``hasher-matcher-actioner`` (blueprints hashing, matching, curation).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeVar, get_args

HashState = Literal["Received", "Active", "Withdrawn", "Deleted"]
FeedbackValue = Literal["None", "QualityUnknown", "PendingReview", "Blocked", "NotBlocked", "Withdrawn", "Deleted"]
Opinion = Literal["NEGATIVE_CLASS", "INVESTIGATION_SEED", "POSITIVE_CLASS"]
Aggregate = Literal["NEGATIVE_CLASS", "INVESTIGATION_SEED", "POSITIVE_CLASS", "DISPUTED"]

# The one kind of hash that is matched here, as each side calls it.
STOPNCII_PDQ: Final = "ImagePDQ"
HMA_PDQ: Final = "pdq"
STOPNCII_SIGNAL_TYPES = ("ImagePDQ", "VideoMD5", "VideoTMK", "Text", "URL", "Unknown")
HASH_DIGITS = 64

LIVE_STATES: frozenset[HashState] = frozenset({"Received", "Active"})
# Live services send these two for feedback without a value.
_NO_FEEDBACK = {"Undefined": "None", "Unknown": "None"}
_OPINION_OF: Mapping[FeedbackValue, Opinion] = {"Blocked": "POSITIVE_CLASS", "NotBlocked": "NEGATIVE_CLASS"}
_ORDER: tuple[Aggregate, ...] = get_args(Aggregate)

# 9999-12-31: beyond it, somebody wrote milliseconds.
_LAST_SECOND = 253_402_300_799
MOST_CASES, MOST_FEEDBACK, MOST_TAGS, MOST_CHARACTERS = 10_000, 1_000, 100, 200
_FAULTS_SHOWN = 5
_HEX = re.compile(r"[0-9a-fA-F]+\Z")
_HMA_BANK = re.compile(r"[A-Z][A-Z0-9_]*\Z")

_Word = TypeVar("_Word", bound=str)


class UnreadableExchange(ValueError):
    """What another service or a file says cannot be read. The message names the records and fields."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        more = len(faults) - _FAULTS_SHOWN
        super().__init__("; ".join(faults[:_FAULTS_SHOWN]) + (f"; and {more} more" if more > 0 else ""))


@dataclass(frozen=True, slots=True)
class Feedback:
    """What one service says of a hash. source: its name; tags: words of its own"""

    value: FeedbackValue
    tags: tuple[str, ...] = ()
    source: str = ""

    @property
    def opinion(self) -> Opinion:
        return _OPINION_OF.get(self.value, "INVESTIGATION_SEED")


@dataclass(frozen=True, slots=True)
class HashRecord:
    """All that is said of one PDQ hash at one time: a snapshot, which a newer one replaces whole.

    hash_value:  64 hexadecimal digits, small letters
    modified_at: whole seconds since 1970, UTC
    cases:       number of a case -> its state; one hash may belong to several
    """

    hash_value: str
    state: HashState
    modified_at: int
    cases: Mapping[str, HashState] = field(default_factory=dict)
    feedback: tuple[Feedback, ...] = ()

    @property
    def bits(self) -> bytes:
        return bytes.fromhex(self.hash_value)

    @property
    def is_live(self) -> bool:
        """Whether the hash may be matched against."""
        return self.state in LIVE_STATES

    @property
    def modified(self) -> datetime:
        return datetime.fromtimestamp(self.modified_at, UTC)

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(sorted({tag for one in self.feedback for tag in one.tags}))

    @property
    def opinion(self) -> Aggregate:
        """What those who gave feedback hold of it, and the person who handed it in: that it be looked into."""
        return combined(["INVESTIGATION_SEED", *(one.opinion for one in self.feedback)])


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an exchange.

    records:   PDQ hashes only
    next_page: what to ask the next page with; empty on a last page, or where the service names none
    has_more:  whether there is a next page
    next_set:  whole seconds since 1970 from which to fetch next time, or None
    skipped:   kind of hash -> how many were left out
    """

    records: tuple[HashRecord, ...]
    next_page: str = ""
    has_more: bool = False
    next_set: int | None = None
    skipped: Mapping[str, int] = field(default_factory=dict)


def combined(opinions: Iterable[Opinion | Aggregate]) -> Aggregate:
    """The strongest of several opinions, but DISPUTED where one says no and another anything else.

    Raises ValueError for no opinion at all.
    """
    places = {_ORDER.index(one) for one in opinions}
    if not places:
        raise ValueError("there is no opinion to combine")
    return "DISPUTED" if len(places) > 1 and 0 in places else _ORDER[max(places)]


def replaces(arriving_at: int, arriving: HashState, held_at: int, held: HashState) -> bool:
    """Whether a record takes the place of the one that is held: where it is newer.

    Of two of the same second the one that takes the hash out wins, in whatever order they come.
    """
    if arriving_at != held_at:
        return arriving_at > held_at
    return arriving not in LIVE_STATES or held in LIVE_STATES


def merged(held: Mapping[str, HashRecord], arriving: Iterable[HashRecord]) -> dict[str, HashRecord]:
    """The newest record of each hash. Withdrawn ones stay among them, or an older page would bring their hash back."""
    newest = dict(held)
    for record in arriving:
        old = newest.get(record.hash_value)
        if old is None or replaces(record.modified_at, record.state, old.modified_at, old.state):
            newest[record.hash_value] = record
    return newest


def live(records: Mapping[str, HashRecord]) -> frozenset[str]:
    """The hashes that may be matched against."""
    return frozenset(value for value, record in records.items() if record.is_live)


# ------------------------------------------------------------------------------------------------------- StopNCII, v1


def read_page(content: bytes | str) -> Page:
    """A page as StopNCII's FetchHashes writes it, and as ``write_page`` does. Raises UnreadableExchange."""
    page = _object(read_json(content), "the page")
    raw = page.get("hashRecords")
    if not isinstance(raw, list):
        raise UnreadableExchange(["the page: hashRecords is missing or is no list"])
    next_page = _text(page.get("nextPageToken") or "", "the page: nextPageToken", 10_000)
    has_more = page.get("hasMoreRecords", bool(next_page))
    if not isinstance(has_more, bool):
        raise UnreadableExchange(["the page: hasMoreRecords is neither true nor false"])
    if has_more and not next_page:
        raise UnreadableExchange(["the page: hasMoreRecords is true, but nextPageToken is missing"])
    count = page.get("count", len(raw))
    if count != len(raw):
        raise UnreadableExchange([f"the page: count is {_shown(count)}, but hashRecords holds {len(raw)}: it was cut"])
    next_set = page.get("nextSetTimestamp")
    records, skipped = _records(raw)
    return Page(
        records,
        next_page if has_more else "",
        has_more,
        None if next_set is None else _seconds(next_set, "the page: nextSetTimestamp"),
        skipped,
    )


def write_page(
    records: Sequence[HashRecord], *, next_page: str = "", next_set: int | None = None, has_more: bool | None = None
) -> str:
    """A page that ``read_page`` and clients of StopNCII read."""
    page = {
        "count": len(records),
        "nextPageToken": next_page or None,
        "nextSetTimestamp": max((one.modified_at for one in records), default=0) if next_set is None else next_set,
        "hasMoreRecords": bool(next_page) if has_more is None else has_more,
        "hashRecords": [write_record(one) for one in records],
    }
    return json.dumps(page, ensure_ascii=False, indent=1)


def write_record(record: HashRecord) -> dict[str, Any]:
    return {
        "lastModtimestamp": record.modified_at,
        "signalType": STOPNCII_PDQ,
        "hashValue": record.hash_value,
        "hashStatus": record.state,
        "caseNumbers": dict(record.cases),
        "CSPFeedbacks": [
            {"source": one.source, "feedbackValue": one.value, "tags": list(one.tags)} for one in record.feedback
        ],
    }


def write_submission(records: Sequence[HashRecord]) -> dict[str, Any]:
    """What SubmitHashes takes."""
    return {"count": len(records), "hashRecords": [write_record(one) for one in records]}


def write_feedback(feedback: Mapping[str, Feedback]) -> dict[str, Any]:
    """What SubmitFeedback takes. feedback: hash value -> what this house says of it; whose it is, the token says"""
    said = [{"hashValue": value, "feedbackValue": one.value, "tags": list(one.tags)} for value, one in feedback.items()]
    return {"count": len(said), "hashFeedbacks": said}


def _records(raw: Sequence[Any]) -> tuple[tuple[HashRecord, ...], dict[str, int]]:
    records: dict[str, HashRecord] = {}
    skipped: Counter[str] = Counter()
    faults: list[str] = []
    for number, one in enumerate(raw, start=1):
        where = f"record {number}"
        try:
            fields = _object(one, where)
            signal_type = _word(fields.get("signalType"), STOPNCII_SIGNAL_TYPES, f"{where}: signalType")
            if signal_type != STOPNCII_PDQ:
                skipped[signal_type] += 1
                continue
            record = _record(fields, where)
        except UnreadableExchange as fault:
            faults += fault.faults
        else:
            held = records.setdefault(record.hash_value, record)
            if replaces(record.modified_at, record.state, held.modified_at, held.state):
                records[record.hash_value] = record
    if faults:
        raise UnreadableExchange(faults)
    return tuple(records.values()), dict(skipped)


def _record(fields: Mapping[str, Any], where: str) -> HashRecord:
    """All faults of a record are told at once."""
    faults: list[str] = []

    def read(part: Callable[[], Any]) -> Any:
        try:
            return part()
        except UnreadableExchange as fault:
            faults.extend(fault.faults)
            return None

    record = HashRecord(
        hash_value=read(lambda: _hash(fields.get("hashValue"), f"{where}: hashValue")),
        state=read(lambda: _word(fields.get("hashStatus"), get_args(HashState), f"{where}: hashStatus")),
        modified_at=read(lambda: _seconds(fields.get("lastModtimestamp"), f"{where}: lastModtimestamp")),
        cases=read(lambda: _cases(fields.get("caseNumbers"), f"{where}: caseNumbers")),
        feedback=read(lambda: _feedback(fields.get("CSPFeedbacks"), f"{where}: CSPFeedbacks")),
    )
    if faults:
        raise UnreadableExchange(faults)
    return record


def _cases(raw: Any, where: str) -> dict[str, HashState]:
    if raw is None or raw == []:  # the service writes an empty list where there are none
        return {}
    cases = _object(raw, where)
    if len(cases) > MOST_CASES:
        raise UnreadableExchange([f"{where}: {len(cases)} case numbers, and at most {MOST_CASES} are taken"])
    return {
        _text(number, f"{where}: number {place}"): _word(state, get_args(HashState), f"{where}: state {place}")
        for place, (number, state) in enumerate(cases.items(), start=1)
    }


def _feedback(raw: Any, where: str) -> tuple[Feedback, ...]:
    said = []
    for place, one in enumerate(_list(raw, where, MOST_FEEDBACK), start=1):
        fields = _object(one, f"{where} {place}")
        value = fields.get("feedbackValue")
        if isinstance(value, str):
            value = _NO_FEEDBACK.get(value, value)
        tags = _list(fields.get("tags"), f"{where} {place}: tags", MOST_TAGS)
        said.append(
            Feedback(
                _word(value, get_args(FeedbackValue), f"{where} {place}: feedbackValue"),
                tuple(sorted({_text(tag, f"{where} {place}: tags") for tag in tags})),
                _text(fields.get("source") or "", f"{where} {place}: source"),
            )
        )
    return tuple(said)


# ---------------------------------------------------------------------------------------- HMA: /h/hash, /m/…, /c/bank…


@dataclass(frozen=True, slots=True)
class HmaMatch:
    """A content of a bank that is near. distance: bits, or None where the answer names none; bank: "" likewise"""

    bank: str
    content_id: int | None
    distance: int | None


@dataclass(frozen=True, slots=True)
class HmaBank:
    """enabled_ratio: 0..1, the share of questions that this bank answers"""

    name: str
    enabled_ratio: float

    @property
    def is_enabled(self) -> bool:
        return self.enabled_ratio > 0


@dataclass(frozen=True, slots=True)
class HmaContent:
    """One content of a bank. pdq: 64 hexadecimal digits, or "" where the answer holds none

    disabled_until: whole seconds since 1970; 0: for good, 1: never
    """

    id: int
    bank: str = ""
    pdq: str = ""
    disabled_until: int = 1
    skipped: Mapping[str, int] = field(default_factory=dict)

    def is_enabled(self, at: datetime) -> bool:
        return self.disabled_until != 0 and self.disabled_until <= at.timestamp()


def read_hma_hashes(content: bytes | str) -> tuple[str, dict[str, int]]:
    """What ``/h/hash`` says of a picture: (its PDQ hash or "", kind of hash -> how many others)."""
    return _signals(_object(read_json(content), "the hashes"), "the hashes")


def write_hma_hashes(hash_value: str) -> dict[str, str]:
    return {HMA_PDQ: _hash(hash_value, "pdq")}


def read_hma_lookup(content: bytes | str) -> tuple[HmaMatch, ...]:
    """What ``/m/lookup`` or ``/m/raw_lookup`` answers to a PDQ hash, of the shapes of today and of 2023."""
    said = read_json(content)
    if isinstance(said, list):  # names of banks, as it was at first
        return tuple(HmaMatch(_text(name, f"match {place}"), None, None) for place, name in enumerate(said, start=1))
    answer = _object(said, "the matches")
    if set(answer) == {"matches"}:
        raw = _list(answer["matches"], "matches", MOST_CASES)
        return tuple(_match("", one, f"match {place}") for place, one in enumerate(raw, start=1))
    if set(answer) == {HMA_PDQ}:  # /m/lookup of a file answers by kind of hash
        answer = _object(answer[HMA_PDQ], HMA_PDQ)
    return tuple(
        _match(_text(bank, "the name of a bank"), one, f"{bank}: match {place}")
        for bank, found in answer.items()
        for place, one in enumerate(_list(found, bank, MOST_CASES), start=1)
    )


def write_hma_lookup(matches: Iterable[HmaMatch]) -> dict[str, list[dict[str, Any]]]:
    """What ``/m/lookup`` answers to a hash: bank -> matches, the distance as text."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in matches:
        found.setdefault(one.bank, []).append({"bank_content_id": one.content_id, "distance": str(one.distance)})
    return found


def read_hma_banks(content: bytes | str) -> tuple[HmaBank, ...]:
    """What ``/c/banks`` lists."""
    raw = _list(read_json(content), "the banks", MOST_CASES)
    return tuple(_bank(_object(one, f"bank {place}"), f"bank {place}") for place, one in enumerate(raw, start=1))


def write_hma_banks(banks: Iterable[HmaBank]) -> list[dict[str, Any]]:
    return [{"name": one.name, "matching_enabled_ratio": one.enabled_ratio} for one in banks]


def read_hma_content(content: bytes | str) -> HmaContent:
    """What ``/c/bank/{name}/content/{id}`` says, and what adding a signal answers."""
    fields = _object(read_json(content), "the content")
    bank = fields.get("bank")
    signals = fields.get("signals")
    pdq, skipped = _signals(_object(signals, "signals"), "signals") if signals is not None else ("", {})
    return HmaContent(
        _whole(fields.get("id"), "id"),
        _bank(_object(bank, "bank"), "bank").name if bank is not None else "",
        pdq,
        _seconds(fields.get("disable_until_ts", 1), "disable_until_ts"),
        skipped,
    )


def write_hma_content(content: HmaContent, bank: HmaBank) -> dict[str, Any]:
    return {
        "id": content.id,
        "disable_until_ts": content.disabled_until,
        "original_media_uri": None,
        "bank": write_hma_banks([bank])[0],
        "signals": {HMA_PDQ: content.pdq} if content.pdq else {},
    }


def read_hma_deleted(content: bytes | str) -> int:
    """How many contents a DELETE took out."""
    return _whole(_object(read_json(content), "the answer").get("deleted"), "deleted")


def hma_bank_name(name: str) -> str:
    """The name, where an HMA takes it: capital letters, digits and _, a letter first. Raises UnreadableExchange."""
    if not _HMA_BANK.match(name):
        raise UnreadableExchange([f"bank {name[:40]!r}: a name is made of A-Z, 0-9 and _, and begins with a letter"])
    return name


def _signals(raw: Mapping[str, Any], where: str) -> tuple[str, dict[str, int]]:
    others = Counter(_text(name, where) for name in raw if name != HMA_PDQ)
    return _hash(raw[HMA_PDQ], f"{where}: {HMA_PDQ}") if raw.get(HMA_PDQ) else "", dict(others)


def _match(bank: str, raw: Any, where: str) -> HmaMatch:
    if isinstance(raw, int):
        return HmaMatch(bank, _whole(raw, where), None)
    fields = _object(raw, where)
    id_ = fields.get("bank_content_id", fields.get("content_id"))
    distance = fields.get("distance")
    if isinstance(distance, str) and distance.isdecimal():
        distance = int(distance)
    if not isinstance(distance, int) or isinstance(distance, bool) or not 0 <= distance <= 4 * HASH_DIGITS:
        raise UnreadableExchange([f"{where}: distance is no number from 0 to {4 * HASH_DIGITS}"])
    return HmaMatch(bank, _whole(id_, f"{where}: bank_content_id"), distance)


def _bank(fields: Mapping[str, Any], where: str) -> HmaBank:
    ratio = fields.get("matching_enabled_ratio")
    if not isinstance(ratio, int | float) or isinstance(ratio, bool) or not 0 <= ratio <= 1:
        raise UnreadableExchange([f"{where}: matching_enabled_ratio is no number from 0 to 1"])
    return HmaBank(_text(fields.get("name"), f"{where}: name"), float(ratio))


# ---------------------------------------------------------------------------------------------------- field by field


def read_json(content: bytes | str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableExchange(["it is no JSON, or was cut off"]) from error


def _object(raw: Any, where: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise UnreadableExchange([f"{where}: is {_kind(raw)} and not an object"])
    return raw


def _list(raw: Any, where: str, most: int) -> list[Any]:
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise UnreadableExchange([f"{where}: is {_kind(raw)} and not a list"])
    if len(raw) > most:
        raise UnreadableExchange([f"{where}: holds {len(raw)}, and at most {most} are taken"])
    return raw


def _text(raw: Any, where: str, most: int = MOST_CHARACTERS) -> str:
    if not isinstance(raw, str):
        raise UnreadableExchange([f"{where}: is {_kind(raw)} and not a text"])
    if len(raw) > most:
        raise UnreadableExchange([f"{where}: has {len(raw)} characters, and at most {most} are taken"])
    if not raw.isprintable():
        raise UnreadableExchange([f"{where}: holds characters that cannot be printed"])
    return raw


def _word(raw: Any, words: Sequence[_Word], where: str) -> _Word:
    for word in words:
        if raw == word:
            return word
    raise UnreadableExchange([f"{where}: {_shown(raw)} is none of {', '.join(words)}"])


def _hash(raw: Any, where: str) -> str:
    if not isinstance(raw, str):
        raise UnreadableExchange([f"{where}: is {_kind(raw)} and not a text"])
    if len(raw) != HASH_DIGITS:
        raise UnreadableExchange([f"{where}: has {len(raw)} digits, and a PDQ hash has {HASH_DIGITS}"])
    if not _HEX.match(raw):
        raise UnreadableExchange([f"{where}: holds other characters than 0-9 and a-f"])
    return raw.lower()


def _seconds(raw: Any, where: str) -> int:
    seconds = _whole(raw, where)
    if seconds > _LAST_SECOND:
        raise UnreadableExchange([f"{where}: lies after the year 9999; whole seconds since 1970 are meant"])
    return seconds


def _whole(raw: Any, where: str) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool) or raw < 0:
        raise UnreadableExchange([f"{where}: is {_kind(raw)} and not a whole number from 0"])
    return raw


def _kind(raw: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "missing"}
    return kinds.get(type(raw), "another number")


def _shown(raw: Any) -> str:
    """A value in a message: short words only, so that no hash and nobody's name can stand in it."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        return str(raw)[:20]
    return f'"{raw}"' if isinstance(raw, str) and re.fullmatch(r"[A-Za-z0-9]{1,20}", raw) else _kind(raw)

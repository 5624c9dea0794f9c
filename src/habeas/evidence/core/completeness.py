"""Is a record complete? What each standard asks for, exhibit by exhibit, and a sentence for each hole.

Formats are no help here: a CASE document without performer, time or hash still conforms. So we say ourselves what is
there, what is missing and what does not apply, by standard; the source of each demand and how sure we are of it stand
beside. Something asked for counts as there once the record says something of it; whether that is true is for others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Final, Literal

from habeas.evidence.core.custody import Step, gaps
from habeas.evidence.core.records import (
    ACQUIRING,
    BundleRecord,
    CustodyRecord,
    ExhibitRecord,
    by_program,
    detail,
    events_of,
    tool_of,
)

Answer = Literal["present", "missing", "not applicable"]
Confidence = Literal["high", "medium", "low"]
Check = Callable[[ExhibitRecord, Sequence[CustodyRecord]], Answer]
WholeCheck = Callable[[BundleRecord, Mapping[str, Any] | None], Answer]


@dataclass(frozen=True, slots=True)
class Standard:
    """A text that says what evidence must come with. confidence: how sure we are of what it asks."""

    id: str
    name: str
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Field:
    """Something a record can say of an exhibit.

    hole: what is said where it is missing, after "exhibit 3: "
    """

    id: str
    words: str
    hole: str
    check: Check


@dataclass(frozen=True, slots=True)
class WholeField:
    """Something a record can say as a whole."""

    id: str
    words: str
    hole: str
    check: WholeCheck


@dataclass(frozen=True, slots=True)
class Demand:
    """That a standard asks for a field. asked: what it asks for, in few words; of it this field is the answer."""

    standard: str
    asked: str
    fields: tuple[str, ...]


# Sources and confidence: research of November 2026. The text of 2025/1550 was read in full to its point 5; of the
# Berkeley Protocol two summaries were; the others are known texts that were not read again.
STANDARDS: Final = (
    Standard(
        "berkeley", "Berkeley Protocol on Digital Open Source Investigations", "OHCHR and UC Berkeley, 2020", "medium"
    ),
    Standard("iso27037", "ISO/IEC 27037", "ISO/IEC 27037:2012", "low"),
    Standard("swgde", "SWGDE best practices, web and social media capture", "SWGDE", "low"),
    Standard("fre902", "US Federal Rules of Evidence 902(13) and 902(14)", "FRE 902(13), 902(14)", "medium"),
    Standard("eidas", "Regulation (EU) No 910/2014 (eIDAS), articles 41 and 42", "eIDAS, articles 41 and 42", "medium"),
    Standard(
        "ir1550",
        "Commission Implementing Regulation (EU) 2025/1550",
        "Implementing Regulation (EU) 2025/1550, Annex, point 3.3.3",
        "high",
    ),
)


def report(
    bundle: BundleRecord, custody: Sequence[CustodyRecord], manifest: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """``completeness.json``: what is present, missing and not applicable, by exhibit and by standard, in sentences.

    custody:  oldest first
    manifest: of the hand-over, where the bundle is handed over
    """
    rows = [_row(exhibit, events_of(exhibit, custody)) for exhibit in bundle["exhibits"]]
    whole = {field.id: field.check(bundle, manifest) for field in WHOLE}
    broken = [*custody_gaps(bundle, custody)]
    holes = [f"exhibit {row['number']}: {hole}" for row in rows for hole in row["holes"]]
    holes += [f"the bundle: {_WORDS[name].hole}" for name, answer in whole.items() if answer == "missing"]
    return {
        "version": 1,
        "standards": [_standard(one) for one in STANDARDS],
        "exhibits": rows,
        "bundle": whole,
        "by_standard": {one.id: _by_standard(one, rows, whole) for one in STANDARDS},
        "custody_gaps": broken,
        "sentences": [*holes, *broken] or ["Nothing that these standards ask for is missing."],
    }


def custody_gaps(bundle: BundleRecord, custody: Sequence[CustodyRecord]) -> list[str]:
    """A sentence for each place where the chain does not hold together; empty where it does."""
    found = gaps([_step(event) for event in custody])
    for one, after in pairwise(custody):
        if after["ledger_index"] <= one["ledger_index"]:
            found.append(f"event {after['number']} stands in the ledger before event {one['number']}, or beside it")
    found += _never_answered(custody)
    for exhibit in bundle["exhibits"]:
        found += _gaps_of(exhibit, bundle, custody)
    return found


def _never_answered(custody: Sequence[CustodyRecord]) -> list[str]:
    """Hand-overs that were accepted and whose receipt nobody signed."""
    by_kind: dict[str, set[str]] = {}
    for event in custody:
        if event["handover"]:
            by_kind.setdefault(event["handover"], set()).add(event["kind"])
    return [
        f"hand-over {handover[:8]}… was accepted; no receipt, return or recall of it is recorded"
        for handover, kinds in by_kind.items()
        if "accepted" in kinds and not kinds & {"received", "returned", "recalled"}
    ]


def _gaps_of(exhibit: ExhibitRecord, bundle: BundleRecord, custody: Sequence[CustodyRecord]) -> list[str]:
    number, events = exhibit["number"], events_of(exhibit, custody)
    began = [event for event in events if event["kind"] in ACQUIRING]
    found = []
    if not began:
        found.append(f"exhibit {number}: no event says how it came into the house")
    if len(began) > 1:
        found.append(f"exhibit {number}: it came into the house {len(began)} times")
    found += [
        f"exhibit {number}: its sealing is entry {exhibit['ledger_index']}, event {event['number']} names another entry"
        for event in began
        if event["ledger_index"] != exhibit["ledger_index"]
    ]
    if exhibit["acquired_at"] and _at(exhibit["acquired_at"]) > _at(exhibit["sealed_at"]):
        found.append(f"exhibit {number}: it was sealed before its capture began")
    for event in events:
        bound = event["commitment_out"] if event["kind"] in ACQUIRING else event["commitment_in"]
        if bound and bound != exhibit["commitment"]:
            found.append(f"exhibit {number}: event {event['number']} ({event['kind']}) is bound to other content")
    return found + _gap_of_making(exhibit, bundle, custody)


def _gap_of_making(exhibit: ExhibitRecord, bundle: BundleRecord, custody: Sequence[CustodyRecord]) -> list[str]:
    """A copy was made from an original in the same bundle, and no event says so."""
    original = next((one for one in bundle["exhibits"] if one["item"] == exhibit["made_from"]), None)
    if original is None:
        return []
    if any(event["commitment_out"] == exhibit["commitment"] for event in events_of(original, custody)):
        return []
    return [f"exhibit {exhibit['number']}: no event says how it was made from exhibit {original['number']}"]


def _row(exhibit: ExhibitRecord, events: Sequence[CustodyRecord]) -> dict[str, Any]:
    answers = {field.id: field.check(exhibit, events) for field in FIELDS}
    return {
        "number": exhibit["number"],
        "item": exhibit["item"],
        "answers": answers,
        "holes": [
            f"{field.hole} (asked for by {_asking(field.id)})" for field in FIELDS if answers[field.id] == "missing"
        ],
    }


def _asking(field: str) -> str:
    asking = {demand.standard for demand in DEMANDS if field in demand.fields}
    return ", ".join(one.source for one in STANDARDS if one.id in asking)


def _standard(standard: Standard) -> dict[str, Any]:
    return {
        "id": standard.id,
        "name": standard.name,
        "source": standard.source,
        "confidence": standard.confidence,
        "asks": [
            {
                "for": demand.asked,
                "fields": [{"id": name, "words": _WORDS[name].words} for name in demand.fields],
            }
            for demand in DEMANDS
            if demand.standard == standard.id
        ],
    }


def _by_standard(standard: Standard, rows: Sequence[dict[str, Any]], whole: Mapping[str, Answer]) -> dict[str, Any]:
    """What a standard asks for: how often it is there, and where it is not."""
    asked = list(dict.fromkeys(name for demand in DEMANDS if demand.standard == standard.id for name in demand.fields))
    found: dict[Answer, list[str]] = {"present": [], "missing": [], "not applicable": []}
    for name in asked:
        if name in whole:
            found[whole[name]].append(f"bundle: {name}")
        else:
            for row in rows:
                found[row["answers"][name]].append(f"exhibit {row['number']}: {name}")
    return {
        "present": len(found["present"]),
        "not_applicable": len(found["not applicable"]),
        "missing": found["missing"],
    }


def _step(event: CustodyRecord) -> Step:
    return Step(event["number"], event["kind"], event["item"] or "", event["handover"] or "", _at(event["at"]))


def _at(instant: str) -> datetime:
    return datetime.fromisoformat(instant)


# ------------------------------------------------------------------------------------- what a record says of an exhibit


def _there(name: Literal["item", "name", "media_type", "sha256", "sha512", "commitment"]) -> Check:
    return lambda exhibit, _events: "present" if exhibit.get(name) else "missing"


def _size(exhibit: ExhibitRecord, _events: Sequence[CustodyRecord]) -> Answer:
    return "present" if isinstance(exhibit.get("size_bytes"), int) else "missing"


def _content(exhibit: ExhibitRecord, _events: Sequence[CustodyRecord]) -> Answer:
    # Of what nobody may hold, hash and place are all there may be: that is no hole.
    return "present" if exhibit["file"] else "not applicable"


def _bound(exhibit: ExhibitRecord, _events: Sequence[CustodyRecord]) -> Answer:
    return "present" if exhibit.get("commitment") and exhibit.get("ledger_index") is not None else "missing"


def _stamped(exhibit: ExhibitRecord, _events: Sequence[CustodyRecord]) -> Answer:
    return "present" if exhibit["stamps"] else "missing"


def _captured(*names: str) -> Check:
    """Something that only a capture can say of itself, under one of these names."""

    def check(exhibit: ExhibitRecord, _events: Sequence[CustodyRecord]) -> Answer:
        if exhibit["kind"] != "page":
            return "not applicable"
        return "present" if any(detail(exhibit, name) is not None for name in names) else "missing"

    return check


def _tool(exhibit: ExhibitRecord, _events: Sequence[CustodyRecord]) -> Answer:
    if exhibit["kind"] != "page":
        return "not applicable"
    return "present" if tool_of(exhibit) is not None else "missing"


def _tool_version(exhibit: ExhibitRecord, _events: Sequence[CustodyRecord]) -> Answer:
    tool = tool_of(exhibit)
    if exhibit["kind"] != "page" or tool is None:
        return "not applicable"  # without a tool that hole is named already
    return "present" if tool[1] else "missing"


def _begun(exhibit: ExhibitRecord, _events: Sequence[CustodyRecord]) -> Answer:
    if exhibit["kind"] != "page":
        return "not applicable"
    return "present" if exhibit["acquired_at"] else "missing"


def _certificates(exhibit: ExhibitRecord, _events: Sequence[CustodyRecord]) -> Answer:
    address = str(detail(exhibit, "url_final") or detail(exhibit, "url_asked") or "")
    if exhibit["kind"] != "page" or not address.lower().startswith("https:"):
        return "not applicable"
    return "present" if any(detail(exhibit, name) is not None for name in ("tls", "certificates")) else "missing"


def _original(exhibit: ExhibitRecord, _events: Sequence[CustodyRecord]) -> Answer:
    if exhibit["kind"] not in {"redacted", "translation"}:
        return "not applicable"
    return "present" if exhibit["made_from"] else "missing"


def _taken_in(_exhibit: ExhibitRecord, events: Sequence[CustodyRecord]) -> Answer:
    return "present" if any(event["kind"] in ACQUIRING for event in events) else "missing"


def _every(name: Literal["by", "purpose", "basis", "at", "role"]) -> Check:
    return lambda _exhibit, events: "present" if events and all(event.get(name) for event in events) else "missing"


def _where(_exhibit: ExhibitRecord, events: Sequence[CustodyRecord]) -> Answer:
    """Programs act in the house that made the bundle; of people it must be said where they belong."""
    return "present" if events and all(event["organisation"] or by_program(event) for event in events) else "missing"


def _changes(_exhibit: ExhibitRecord, events: Sequence[CustodyRecord]) -> Answer:
    made = [event for event in events if event["kind"] in {"copy", "redact", "translate"}]
    if not made:
        return "not applicable"
    made_new = [event for event in made if event["kind"] != "copy"]
    bound = all(event["commitment_in"] for event in made) and all(event["commitment_out"] for event in made_new)
    return "present" if bound else "missing"


FIELDS: Final = (
    Field("item", "an identifier of its own", "it has no identifier of its own", _there("item")),
    Field("name", "the name of the file", "the name of the file is not recorded", _there("name")),
    Field("size", "the size in bytes", "the size is not recorded", _size),
    Field("media_type", "the format of the file", "the format of the file is not recorded", _there("media_type")),
    Field("sha256", "a SHA-256 of the original", "its SHA-256 is not recorded", _there("sha256")),
    Field("sha512", "a SHA-512 of the original", "its SHA-512 is not recorded", _there("sha512")),
    Field("content", "the content itself", "the content is not here", _content),
    Field("bound", "an entry of the log that binds it", "no entry of the log binds it", _bound),
    Field("original", "the original of a copy", "it is a copy, and of what is not recorded", _original),
    Field("taken_in", "who took it in or captured it", "nobody recorded taking it in or capturing it", _taken_in),
    Field("by", "who did it, for every event", "who did something with it is not always recorded", _every("by")),
    Field(
        "role", "in what role, for every event", "the role of who did something is not always recorded", _every("role")
    ),
    Field("at", "when, for every event", "when something was done with it is not always recorded", _every("at")),
    Field("where", "in which organisation, for every event", "in which organisation is not always recorded", _where),
    Field(
        "purpose", "why, for every event", "why something was done with it is not always recorded", _every("purpose")
    ),
    Field("basis", "on what legal basis, for every event", "the legal basis is not always recorded", _every("basis")),
    Field(
        "changes",
        "what every copy or change was made from and gave",
        "of a copy or change it is not recorded what it was made from or what it gave",
        _changes,
    ),
    Field("stamp", "a time-stamp of an authority outside the house", "it carries no time-stamp from outside", _stamped),
    Field("tool", "the tool of the capture", "the tool that captured it is not named", _tool),
    Field("tool_version", "the version of that tool", "the version of the tool is not recorded", _tool_version),
    Field(
        "settings",
        "the settings of the capture",
        "the settings of the capture are not recorded",
        _captured("settings", "viewport"),
    ),
    Field(
        "agent", "how the browser named itself", "how the browser named itself is not recorded", _captured("user_agent")
    ),
    Field("address", "the address asked for", "the address asked for is not recorded", _captured("url_asked")),
    Field("final_address", "the address in the end", "the address in the end is not recorded", _captured("url_final")),
    Field(
        "server",
        "the network address of the server",
        "the network address of the server is not recorded",
        _captured("server_address", "server_ip"),
    ),
    Field(
        "network",
        "from which network the page was seen",
        "from which network the page was seen is not recorded",
        _captured("network", "network_exit", "exit_address"),
    ),
    Field(
        "account", "whether an account was used", "whether an account was used is not recorded", _captured("account")
    ),
    Field("begun", "when the capture began", "when the capture began is not recorded", _begun),
    Field(
        "clock",
        "how far the clock was off",
        "how far the clock was off is not recorded",
        _captured("clock_offset_seconds"),
    ),
    Field(
        "clock_source",
        "what the clock was held against",
        "what the clock was held against is not recorded",
        _captured("clock_source", "clock_offset_source"),
    ),
    Field(
        "certificates",
        "the certificates of the encrypted connection",
        "the certificates of the encrypted connection are not recorded",
        _certificates,
    ),
)


# ------------------------------------------------------------------------------------ what a record says as a whole


def _sender(bundle: BundleRecord, _manifest: Mapping[str, Any] | None) -> Answer:
    return "present" if bundle["made_by"] else "missing"


def _order(bundle: BundleRecord, _manifest: Mapping[str, Any] | None) -> Answer:
    return "present" if bundle["reference"] else "missing"


def _signed(_bundle: BundleRecord, _manifest: Mapping[str, Any] | None) -> Answer:
    return "missing"  # a program writes the statement; only a person can sign it


def _qualified(bundle: BundleRecord, _manifest: Mapping[str, Any] | None) -> Answer:
    # Where there is no time-stamp at all, that is the hole.
    return "missing" if any(exhibit["stamps"] for exhibit in bundle["exhibits"]) else "not applicable"


def _told(name: str) -> WholeCheck:
    """Whom it goes to, how and for how long is said when it is handed over, in the manifest, and not before."""

    def check(_bundle: BundleRecord, manifest: Mapping[str, Any] | None) -> Answer:
        if manifest is None:
            return "not applicable"
        return "present" if manifest.get(name) else "missing"

    return check


WHOLE: Final = (
    WholeField("sender", "who made it", "who made it is not recorded", _sender),
    WholeField("order", "the order or reference", "the order or reference is not recorded", _order),
    WholeField(
        "signed_statement",
        "a statement of the process, signed by a qualified person",
        "a qualified person has yet to sign the statement of the process (FRE 902(13), 902(14))",
        _signed,
    ),
    WholeField(
        "qualified_stamp",
        "whether the time-stamps are qualified",
        "whether the time-stamps are qualified is not recorded; look the authorities up in the trusted lists (eIDAS, "
        "articles 41 and 42)",
        _qualified,
    ),
    WholeField("recipient", "the recipient", "the manifest does not name the recipient", _told("recipient")),
    WholeField("sent_at", "the time of sending", "the manifest does not say when", _told("made_at")),
    WholeField("means", "by what means it is sent", "the manifest does not say by what means", _told("means")),
    WholeField(
        "availability", "until when it is available", "the manifest does not say until when", _told("available_until")
    ),
)
_WORDS: Final[Mapping[str, Field | WholeField]] = {field.id: field for field in (*FIELDS, *WHOLE)}

DEMANDS: Final = (
    Demand("berkeley", "authenticity", ("sha256", "bound", "address", "taken_in")),
    Demand("berkeley", "availability and persistence", ("content",)),
    Demand("berkeley", "identity", ("item",)),
    Demand("berkeley", "renderability and understandability", ("media_type",)),
    Demand("berkeley", "an evidentiary copy that is never touched, beside working copies", ("bound", "original")),
    Demand("berkeley", "custody: who held it, in order", ("by", "at", "where")),
    Demand("berkeley", "every change and copy written down", ("changes",)),
    Demand("iso27037", "identification, collection, acquisition, preservation", ("taken_in", "sha256", "content")),
    Demand(
        "iso27037",
        "auditable: a custody record with identifier, who, when, where, why",
        (
            "item",
            "by",
            "at",
            "where",
            "purpose",
        ),
    ),
    Demand("iso27037", "repeatable and reproducible", ("tool", "tool_version", "settings")),
    Demand("iso27037", "justifiable", ("purpose", "basis")),
    Demand("iso27037", "least handling: each change shown", ("changes",)),
    Demand("swgde", "the tool, its version and settings", ("tool", "tool_version", "settings", "agent")),
    Demand("swgde", "the account used", ("account",)),
    Demand("swgde", "the network", ("network", "server", "certificates")),
    Demand("swgde", "the clock and how far it was off", ("begun", "clock", "clock_source")),
    Demand("swgde", "the full page and its media", ("content", "address", "final_address")),
    Demand("swgde", "a hash on acquisition", ("sha256",)),
    Demand(
        "fre902",
        "902(13): an electronic process or system, described by a qualified person",
        (
            "tool",
            "tool_version",
            "taken_in",
            "signed_statement",
        ),
    ),
    Demand(
        "fre902",
        "902(14): a copy identified by its hash, certified by a qualified person",
        (
            "sha256",
            "signed_statement",
        ),
    ),
    Demand("eidas", "article 41: an electronic time-stamp", ("stamp",)),
    Demand(
        "eidas", "articles 41(2) and 42: a qualified electronic time-stamp is presumed accurate", ("qualified_stamp",)
    ),
    Demand("ir1550", "sender and recipient", ("sender", "recipient")),
    Demand("ir1550", "the order", ("order",)),
    Demand("ir1550", "time and means", ("sent_at", "means")),
    Demand("ir1550", "file names and sizes", ("name", "size")),
    Demand("ir1550", "one strong hash and its name", ("sha512",)),
    Demand("ir1550", "availability of 10 to 45 days", ("availability",)),
)

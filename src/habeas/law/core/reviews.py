"""Who has looked at which provision: a review belongs to the very words that were reviewed.

``packs/<code>/reviews.yaml`` is a list to which every review is added and from which none is taken. Each carries the
digest of the provision as it then stood; a provision whose content is another today has a *stale* review, and one to
which nobody came is *unreviewed*. Only *reviewed* says that somebody stands behind what is written now.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from habeas.kernel.packfiles import PACKS, PackFileError, pack_folder, read_yaml
from habeas.law.core.check import Problem
from habeas.law.core.model import Finding, Provision
from habeas.law.core.packs import load_pack, parse_day

FILE = "reviews.yaml"
_KEYS = {"provision", "by", "on", "digest"}
_HEADER = """\
# Who reviewed which provision, and when. Added to by `habeas law review`; nothing is ever taken out.
# The digest is that of the provision as it was reviewed: where its content changes, the review is stale.
"""

State = Literal["unreviewed", "reviewed", "stale"]


@dataclass(frozen=True, slots=True)
class Review:
    """One review. ``by`` is a role or the name of a body; ``digest`` is that of the provision as reviewed."""

    provision: str
    by: str
    on: date
    digest: str


@dataclass(frozen=True, slots=True)
class Status:
    """How a provision stands. ``last`` is the review that counts, or the last one that no longer does."""

    state: State
    last: Review | None = None

    def __str__(self) -> str:
        if self.last is None:
            return "not reviewed"
        said = f"by {self.last.by} on {self.last.on}"
        return f"reviewed {said}" if self.state == "reviewed" else f"changed since it was reviewed {said}"


def digest_of(provision: Provision) -> str:
    """SHA-256 in hexadecimal over what a provision says, however its file is laid out.

    The order of keys, folded lines and what a key says by being left out change nothing. The day its status was last
    read (``as_of``) counts only where it decides something: where the day it came into force is not recorded.
    """
    content = _canonical(provision)
    if provision.in_force_from is not None:
        content.pop("as_of", None)
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def _canonical(value: Any) -> Any:
    """Plain data without what is null, empty or the default: a field the format gains later changes no digest."""
    if is_dataclass(value) and not isinstance(value, type):
        said = {
            each.name: getattr(value, each.name)
            for each in fields(value)
            if each.default is MISSING or getattr(value, each.name) != each.default
        }
        return _canonical(said)
    if isinstance(value, Mapping):
        said = {str(key): _canonical(item) for key, item in value.items()}
        return {key: item for key, item in said.items() if item is not None and item not in ([], {})}
    if isinstance(value, (list, tuple)):
        return [_canonical(item) for item in value]
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.isoformat() if isinstance(value, date) else value


@cache
def load_reviews(code: str, root: Path = PACKS) -> tuple[Review, ...]:
    """The reviews of one pack, oldest first; none where nobody reviewed anything. Raises PackFileError."""
    path = pack_folder(code, root) / FILE
    if not path.is_file():
        return ()
    found = []
    content = read_yaml(path)
    if not isinstance(content, list):
        raise PackFileError(f"{path}: the file is not a list of reviews; run `habeas law check`")
    for number, entry in enumerate(content, start=1):
        fault = _fault(entry)
        if fault:
            raise PackFileError(f"{path}: entry {number}: {fault}")
        found.append(Review(entry["provision"], entry["by"], parse_day(entry["on"]), entry["digest"]))
    return tuple(found)


def _fault(entry: Any) -> str:
    """What is wrong with one entry, or nothing."""
    if not isinstance(entry, dict) or set(entry) != _KEYS:
        return f"a review has {', '.join(sorted(_KEYS))} and nothing else; write it with `habeas law review`"
    empty = [key for key in sorted(_KEYS) if not isinstance(entry[key], str) or not entry[key].strip()]
    if empty:
        return f"{empty[0]} is not text; write it with `habeas law review`"
    try:
        parse_day(entry["on"])
    except ValueError as error:
        return str(error)
    return ""


def status_of(provision: Provision, reviews: Iterable[Review]) -> Status:
    """How a provision stands, from the reviews of its pack (those of other provisions are passed over)."""
    own = [review for review in reviews if review.provision == provision.id]
    if not own:
        return Status("unreviewed")
    digest = digest_of(provision)
    fitting = [review for review in own if review.digest == digest]
    return Status("reviewed", fitting[-1]) if fitting else Status("stale", own[-1])


def reviewed_only(findings: Iterable[Finding], reviews: Iterable[Review]) -> tuple[Finding, ...]:
    """The findings from which a plan may be made where only reviewed provisions may ground a measure.

    What would carry something and is not reviewed is left out. What limits others stays, reviewed or not: shields,
    exemptions that hold, and of an unreviewed finding whose exemption is open, the limit alone. A house that asks for
    review must not protect expression less for it.
    """
    reviews = tuple(reviews)
    kept: list[Finding] = []
    for finding in findings:
        if not _would_ground(finding) or status_of(finding.provision, reviews).state == "reviewed":
            kept.append(finding)
        elif finding.outcome == "possibly_exempt":
            kept.append(replace(finding, provision=replace(finding.provision, effect="shield")))
    return tuple(kept)


def set_aside(findings: Iterable[Finding], reviews: Iterable[Review]) -> tuple[str, ...]:
    """The ids of the provisions that ``reviewed_only`` lets ground nothing."""
    reviews = tuple(reviews)
    return tuple(
        finding.provision.id
        for finding in findings
        if _would_ground(finding) and status_of(finding.provision, reviews).state != "reviewed"
    )


def _would_ground(finding: Finding) -> bool:
    return finding.provision.effect == "claim" and finding.outcome in {"met", "possible", "possibly_exempt"}


def entry(provision: Provision, *, by: str, on: date) -> str:
    """One review as YAML, to be added to the file."""
    # JSON strings are YAML strings, with every quote and colon in a name taken care of.
    return (
        f"- provision: {provision.id}\n"
        f"  by: {json.dumps(by, ensure_ascii=False)}\n"
        f"  on: {on.isoformat()}\n"
        f"  digest: {digest_of(provision)}\n"
    )


def with_entry(content: str, added: str) -> str:
    """The text of a reviews file with one more entry at its end; the start of one where it was empty."""
    if content.strip() in {"", "[]"}:
        return f"{_HEADER}\n{added}"
    return f"{content.rstrip()}\n\n{added}"


def check_reviews(root: Path = PACKS) -> list[Problem]:
    """Faults in the reviews of every pack, and as notes: what is stale, and how much nobody reviewed yet."""
    problems: list[Problem] = []
    for path in sorted(root.glob("*/jurisdiction.yaml")):
        code, file = path.parent.name, f"{root.name}/{path.parent.name}/{FILE}"
        try:
            reviews, provisions = load_reviews(code, root), load_pack(code, root).provisions
        except PackFileError as error:
            if FILE in str(error):  # the other files have their own check
                problems.append(Problem(file, "", str(error).partition(f"{FILE}: ")[2]))
            continue
        ids = {provision.id for provision in provisions}
        problems += [
            Problem(file, review.provision, "no such provision", "an id never changes; write the old one back")
            for review in reviews
            if review.provision not in ids
        ]
        states = {provision.id: status_of(provision, reviews) for provision in provisions}
        problems += [
            Problem(file, name, str(status), "have it reviewed again with `habeas law review`", "note")
            for name, status in states.items()
            if status.state == "stale"
        ]
        open_ = sum(status.state == "unreviewed" for status in states.values())
        if open_:
            problems.append(Problem(file, "", f"{open_} of {len(states)} provisions are not reviewed", level="note"))
    return problems

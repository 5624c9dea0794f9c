"""Policies: whose logs and which witnesses are believed, and how many witnesses it takes.

Source: C2SP tlog-policy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from habeas.ledger.core import checkpoints, notes
from habeas.ledger.core.checkpoints import Signed
from habeas.ledger.core.notes import Note, VerifierKey

NONE: Final = "none"
# What the quorum of `of_witnesses` is called.
QUORUM: Final = "quorum"
MOST_BYTES: Final = 1 << 20
MOST_LINES: Final = 2000
_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_COUNT = re.compile("[1-9][0-9]{0,8}")
_BLANK = re.compile("[ \t]+")
_COSIGNING = (notes.ED25519_COSIGNATURE, notes.ML_DSA_44)


class NotAPolicy(ValueError):
    """Not a policy. The message says which line and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Log:
    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Witness:
    name: str
    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Holds once ``least`` of its members do; a member is a witness or an earlier group."""

    name: str
    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A checkpoint is believed that one of these logs signed and the quorum cosigned.

    groups: in an order in which each names only witnesses and groups before it
    quorum: the name of a witness or group, or ``none``
    """

    logs: tuple[Log, ...]
    witnesses: tuple[Witness, ...] = ()
    groups: tuple[Group, ...] = ()
    quorum: str = NONE

    def __str__(self) -> str:
        lines = [" ".join(filter(None, ("log", str(log.key), log.url))) for log in self.logs]
        lines += [" ".join(filter(None, ("witness", one.name, str(one.key), one.url))) for one in self.witnesses]
        lines += [f"group {one.name} {_least(one)} {' '.join(one.members)}" for one in self.groups]
        return "".join(f"{line}\n" for line in [*lines, f"quorum {self.quorum}"])

    def to_bytes(self) -> bytes:
        """The file. Names that were no UTF-8 come out as they came in."""
        return str(self).encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a note satisfies a policy.

    reasons:   sentences, what was found or what is missing
    witnessed: name of each witness that cosigned -> when it says that it did, whole seconds since 1970
    """

    holds: bool
    reasons: tuple[str, ...]
    witnessed: Mapping[str, int]


def parse(content: bytes | str) -> Policy:
    """A policy file. Raises NotAPolicy."""
    try:
        raw = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    except UnicodeEncodeError:
        raise NotAPolicy("there is something in it that no file can hold") from None
    if len(raw) > MOST_BYTES:
        raise NotAPolicy(f"it is longer than {MOST_BYTES} bytes")
    if _CONTROL.search(raw):
        raise NotAPolicy("there are control characters in it; only tabs and line ends may be")
    if not raw.endswith(b"\n"):
        raise NotAPolicy("its last line does not end: it may have been cut")
    lines = raw.decode("utf-8", "surrogateescape").split("\n")
    if len(lines) > MOST_LINES:
        raise NotAPolicy(f"it has more than {MOST_LINES} lines")
    read = _Reading()
    for number, line in enumerate(lines, 1):
        words = _BLANK.split(line.strip(" \t"))
        if words[0] and not words[0].startswith("#"):
            try:
                read.line(words)
            except (NotAPolicy, notes.NotAKey) as fault:
                raise NotAPolicy(f"line {number}: {fault}") from None
    if read.quorum is None:
        raise NotAPolicy("it has no quorum line; `quorum none` asks for no witness")
    return Policy(tuple(read.logs), tuple(read.witnesses), tuple(read.groups), read.quorum)


def satisfied(policy: Policy, note: Note) -> Verdict:
    """Whether one of the policy's logs signed a note as its checkpoint, and enough witnesses cosigned it.

    A signature by a known key that does not hold spoils the whole note. A cosignature without a time does not count:
    its signer did not say that it knows of no larger tree.
    """
    try:
        checkpoint = checkpoints.parse(note.text)
        if checkpoint.extensions:
            raise checkpoints.NotACheckpoint("it has more lines than all signatures cover")
    except checkpoints.NotACheckpoint as fault:
        return Verdict(False, (f"what is signed is no checkpoint: {fault}",), {})
    logs = [log.key for log in policy.logs if log.key.name == checkpoint.origin]
    named = {witness.key: witness.name for witness in policy.witnesses}
    try:
        by_log = checkpoints.verified(checkpoint, note.signatures, logs)
        by_witness = checkpoints.verified(checkpoint, note.signatures, named)
    except notes.SignatureFails as fault:
        return Verdict(False, (f"{fault}; so nothing under this checkpoint counts",), {})
    witnessed = _witnessed(named, by_witness)
    reached = _reached(policy, witnessed)
    enough = policy.quorum in reached
    if by_log:
        kinds = ", ".join(dict.fromkeys(notes.KINDS[one.key.kind] for one in by_log))
        reasons = [f"signed by the log {_shown(checkpoint.origin)} ({kinds})"]
    elif logs:
        reasons = [f"no key of the policy for the log {_shown(checkpoint.origin)} signed it"]
    else:
        reasons = [f"the policy knows no log {_shown(checkpoint.origin)}"]
    reasons += [f"cosigned by {name} on {_when(at)}" for name, at in witnessed.items()]
    reasons += [_about_quorum(policy, reached)]
    return Verdict(bool(by_log) and enough, tuple(reasons), witnessed)


def majority(count: int) -> int:
    """More than half of so many."""
    return count // 2 + 1


def of_witnesses(logs: Sequence[Log], witnesses: Mapping[str, Sequence[Witness]], least: int) -> Policy:
    """A policy that asks for ``least`` organisations, each by any of its keys: two keys of one are one witness.

    witnesses: name of the organisation -> its keys
    Raises NotAPolicy where more are asked for than there are, or a key stands twice.
    """
    if not 0 <= least <= len(witnesses):
        raise NotAPolicy(f"{least} witnesses are asked for, but {len(witnesses)} are known")
    groups = [
        Group(name, 1, tuple(one.name for one in keys))
        for name, keys in witnesses.items()
        if len(keys) > 1 or keys[0].name != name
    ]
    quorum = NONE
    if least:
        quorum = QUORUM
        groups.append(Group(quorum, least, tuple(witnesses)))
    made = Policy(tuple(logs), tuple(one for keys in witnesses.values() for one in keys), tuple(groups), quorum)
    return parse(made.to_bytes())


class _Reading:
    """What the lines so far have said. Each name and key once; a group knows only what stands above it."""

    def __init__(self) -> None:
        self.logs: list[Log] = []
        self.witnesses: list[Witness] = []
        self.groups: list[Group] = []
        self.quorum: str | None = None
        self._names: set[str] = set()
        self._members: set[str] = set()
        self._keys: set[tuple[str, bytes]] = set()

    def line(self, words: list[str]) -> None:
        match words:
            case ["log", key, *url] if len(url) <= 1:
                self.logs.append(Log(self._key("log", key), "".join(url)))
            case ["witness", name, key, *url] if len(url) <= 1:
                parsed = self._key("witness", key)
                if parsed.kind not in _COSIGNING:
                    raise NotAPolicy("a witness needs a key for cosignatures")
                self.witnesses.append(Witness(self._new_name(name), parsed, "".join(url)))
            case ["group", name, least, *members] if members:
                group = Group(name, _least_of(least, len(members)), self._new_members(members))
                self._new_name(name)
                self.groups.append(group)
            case ["quorum", name]:
                if self.quorum is not None:
                    raise NotAPolicy("there is a second quorum line")
                if name not in {*self._names, NONE}:
                    raise NotAPolicy("the quorum is not defined above it")
                self.quorum = name
            case _:
                raise NotAPolicy("it is no log, witness, group or quorum")

    def _key(self, role: str, text: str) -> VerifierKey:
        key = notes.parse_key(text)
        if (role, key.public) in self._keys:
            raise NotAPolicy(f"there is another {role} with this key")
        self._keys.add((role, key.public))
        return key

    def _new_name(self, name: str) -> str:
        if name in self._names or name == NONE:
            raise NotAPolicy("this name is defined already")
        self._names.add(name)
        return name

    def _new_members(self, members: list[str]) -> tuple[str, ...]:
        for name in members:
            if name not in self._names:
                raise NotAPolicy("a member of the group is not defined above it")
            if name in self._members:
                raise NotAPolicy("a member of the group is one already: nobody counts twice")
            self._members.add(name)
        return tuple(members)


def _least_of(word: str, count: int) -> int:
    if word in {"any", "all"}:
        return 1 if word == "any" else count
    if not _COUNT.fullmatch(word) or int(word) > count:
        raise NotAPolicy("a group says any, all, or a number from 1 to its members")
    return int(word)


def _least(group: Group) -> str:
    return {len(group.members): "all", 1: "any"}.get(group.least, str(group.least))


def _witnessed(named: Mapping[VerifierKey, str], found: Sequence[Signed]) -> dict[str, int]:
    """Earliest time each witness says, in the order of the policy."""
    times: dict[str, int] = {}
    for one in found:
        if one.at:
            name = named[one.key]
            times[name] = min(one.at, times.get(name, one.at))
    return {name: times[name] for name in named.values() if name in times}


def _reached(policy: Policy, witnessed: Mapping[str, int]) -> set[str]:
    reached = {NONE, *witnessed}
    for group in policy.groups:  # each after its members
        if sum(name in reached for name in group.members) >= group.least:
            reached.add(group.name)
    return reached


def _about_quorum(policy: Policy, reached: set[str]) -> str:
    if policy.quorum == NONE:
        return "the policy asks for no witness"
    group = next((one for one in policy.groups if one.name == policy.quorum), None)
    if group is None:
        return f"the witness {policy.quorum} {'cosigned it' if policy.quorum in reached else 'did not cosign it'}"
    there = sum(name in reached for name in group.members)
    needed = f"the quorum needs {group.least} of {len(group.members)}"
    if there >= group.least:
        return f"{needed}, and {there} cosigned"
    missing = ", ".join(name for name in group.members if name not in reached)
    return f"{needed}, but {there} cosigned; missing: {missing}"


def _shown(origin: str) -> str:
    """An origin that may come from anybody, safe on a terminal and in one line."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in origin[:200])


def _when(at: int) -> str:
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d at %H:%M:%S UTC")
    except (OverflowError, ValueError, OSError):
        return f"second {at}, which no calendar holds"

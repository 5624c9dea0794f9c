"""The scan over whole collections: every text of every file, on several processors, into a file of results.

``find_files`` lists what there is, ``answers`` reads and scans it and gives results in the order of the list, however
many processors work on it, and ``ResultFile`` writes them down so that a sweep that was stopped can go on.

The results are JSON Lines. A text in which something is exposed has one line:

    path        list of names from outside in: ["seized/backup.zip", "mail/1.eml"]; the first is the file
    place       "" for a whole document, else "row 12", "lines 7-90", "record 5, https://board.example.net/t/1"
    severity    none (only data of the writer or of an organisation), low, moderate, high, very_high
    reason      why, in one sentence
    exposures   list of: kind, detail, start, end (characters of the text), origin ("page 2"; "" where the text has one
                part), whose, whose_reason, gravity (1..4), gravity_reason, confidence (0..1), reason; where values were
                asked for also value and text
    signals     list of: kind, toward ("harm" or "legitimacy"), start, end, strength (0..1), reason; where values were
                asked for also text

What cannot be read has one too:

    path, place
    trouble     code (of ``habeas.exposure.core.documents.UnreadableFile``), message

Without values a line holds nobody's data but what file names hold: files of results get lost.
"""

from __future__ import annotations

import heapq
import json
import os
import signal
import stat
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from habeas.exposure.core.collections import Limits, units
from habeas.exposure.core.documents import Part, UnreadableFile, shown_name
from habeas.exposure.core.model import Kind, Scan, Signal
from habeas.exposure.core.scan import scan_many

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.connection import Connection

SEVERITIES = ("none", "low", "moderate", "high", "very_high")
GRAVEST = 10

# One packet of work: big enough that handing it over costs nothing, small enough that nobody waits for the last one.
PACKET_CHARACTERS = 262_144
PACKET_TEXTS = 512
PACKET_FILES = 64
# Files up to this size are read by whoever scans them; larger ones are read once, and scanned by all.
WHOLE_BYTES = 1_000_000
# What is one document however large, and slow to read.
_DOCUMENTS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"RIFF")
# What may hold far more than its size says.
_ARCHIVES = (b"PK", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"WARC/")

Told = Callable[[int], None]
"""Is called with the number of bytes of files done since the last call."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What to look for, and what to write down.

    regions:      ISO 3166-1 alpha-2 codes the texts point to, most likely first
    today:        the day of the scan, against which dates of birth are judged
    min_severity: texts below it are counted, but have no line
    kinds:        exposures of other kinds are left out of the lines and the count; empty: all kinds
    show_values:  write down what was found, and not only where
    """

    regions: tuple[str, ...]
    today: date
    min_severity: str = "none"
    kinds: frozenset[Kind] = frozenset()
    show_values: bool = False


# --- which files there are -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file to read, or one thing that cannot be read.

    path:         as the operating system takes it; "-" is standard input
    may_be_link:  named by a person, so that a link there is meant
    trouble:      (code, message) where it is already known that it cannot be read
    """

    path: str
    size_bytes: int
    mtime_ns: int
    may_be_link: bool = False
    trouble: tuple[str, str] | None = None

    @property
    def shown(self) -> str:
        """The path as people read it; bytes that are no text are written out."""
        if self.path == "-":
            return "standard input"
        return os.fsencode(self.path).decode("utf-8", "backslashreplace")

    def identity(self) -> tuple[str, int, int]:
        """What tells whether it is the same file, unchanged."""
        path = os.fsencode(os.path.abspath(self.path)).decode("utf-8", "backslashreplace")
        return path, self.size_bytes, self.mtime_ns


@dataclass(slots=True)
class Found:
    """All files of some folders, in a stable order, and how many links within them were not followed."""

    files: list[SourceFile] = field(default_factory=list)
    links: int = 0

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)


STANDARD_INPUT = SourceFile("-", 0, 0)


def find_files(roots: Sequence[str | Path], *, leave_out: Iterable[Path] = ()) -> Found:
    """Every file of every folder, hidden ones too, each once, by name.

    roots:     files and folders; "-" is standard input. What lies within another root is not listed twice
    leave_out: files not to list, such as the one the results go to
    Links within folders are not followed: what they lead to is either listed under its own name, or lies outside.
    Raises FileNotFoundError where a root does not exist.
    """
    found = Found()
    spared = set()
    for path in leave_out:
        with suppress(OSError):
            status = path.stat()
            spared.add((status.st_dev, status.st_ino))
    for root in _outermost(roots):
        if root == "-":
            found.files.append(STANDARD_INPUT)
            continue
        status = os.stat(root)
        if stat.S_ISDIR(status.st_mode):
            _walk(root, found, spared)
        elif (status.st_dev, status.st_ino) not in spared:
            found.files.append(_listed(root, status, may_be_link=True))
    return found


def _outermost(roots: Sequence[str | Path]) -> list[str]:
    """The roots without those that lie within another."""
    real = [(str(root), "-" if str(root) == "-" else os.path.realpath(root, strict=True)) for root in roots]
    kept: list[str] = []
    for number, (given, path) in enumerate(real):
        parents = {str(parent) for parent in Path(path).parents}
        covered = any(
            other in parents or (other == path and earlier < number) for earlier, (_, other) in enumerate(real)
        )
        if not covered:
            kept.append(given)
    return kept


def _walk(root: str, found: Found, spared: set[tuple[int, int]]) -> None:
    # A list of folders still to do instead of recursion: folders can lie deeper than Python calls.
    waiting = [root]
    while waiting:
        path = waiting.pop()
        try:
            status = os.lstat(path) if path != root else os.stat(path)
        except OSError as error:
            found.files.append(_unreadable(path, error))
            continue
        if stat.S_ISLNK(status.st_mode):
            found.links += 1
        elif stat.S_ISDIR(status.st_mode):
            try:
                names = sorted(os.listdir(path), reverse=True)
            except OSError as error:
                found.files.append(_unreadable(path, error))
                continue
            waiting += [os.path.join(path, name) for name in names]
        elif (status.st_dev, status.st_ino) not in spared:
            found.files.append(_listed(path, status))


def _listed(path: str, status: os.stat_result, *, may_be_link: bool = False) -> SourceFile:
    if not stat.S_ISREG(status.st_mode):
        return SourceFile(path, 0, status.st_mtime_ns, trouble=_not_ordinary(path))
    return SourceFile(path, status.st_size, status.st_mtime_ns, may_be_link)


def _not_ordinary(path: str) -> tuple[str, str]:
    # A pipe or a device could keep us waiting for ever.
    return "unknown_type", f"{_shown(path)} is not an ordinary file: copy its content into one."


def _unreadable(path: str, error: OSError) -> SourceFile:
    return SourceFile(path, 0, 0, trouble=_refusal(path, error))


def _refusal(path: str, error: OSError) -> tuple[str, str]:
    shown = _shown(path)
    if isinstance(error, PermissionError):
        return "missing", f"{shown} may not be read by this account: change its permissions."
    if isinstance(error, FileNotFoundError):
        return "missing", f"{shown} is no longer there: scan its folder again."
    return "missing", f"{shown} cannot be opened ({error.strerror or type(error).__name__}): check the path."


def _shown(path: str) -> str:
    return shown_name(os.fsencode(os.path.basename(path) or path).decode("utf-8", "backslashreplace"))


# --- what is in a file -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """One text to scan, or why there is none; a ``Unit`` without what the scan does not need.

    done_bytes: how far into its file it lies
    """

    path: tuple[str, ...]
    place: str
    text: str
    parts: tuple[Part, ...] = ()
    trouble: tuple[str, str] | None = None
    done_bytes: int = 0


def texts_of(source: SourceFile, stdin: BinaryIO | None = None) -> Iterator[Text]:
    """Every text of one file. Raises nothing for what is in it."""
    if source.trouble is not None:
        yield Text((source.shown,), "", "", trouble=source.trouble)
        return
    try:
        stream, size_bytes = _open(source, stdin)
    except UnreadableFile as trouble:
        yield Text((source.shown,), "", "", trouble=(trouble.code, str(trouble)))
        return
    name = "standard input" if source.path == "-" else _shown(source.path)
    try:
        for unit in units(stream, name, size_bytes=size_bytes):
            path = (source.shown, *unit.path[1:])
            if unit.document is not None:
                parts = unit.document.parts if len(unit.document.parts) > 1 else ()
                yield Text(path, unit.place, unit.document.text, parts, done_bytes=unit.done_bytes)
            elif unit.trouble is not None:
                why = (unit.trouble.code, str(unit.trouble))
                yield Text(path, unit.place, "", trouble=why, done_bytes=unit.done_bytes)
    finally:
        if stream is not stdin:
            stream.close()


def _open(source: SourceFile, stdin: BinaryIO | None) -> tuple[BinaryIO, int]:
    """The file's bytes and how many they are. Raises UnreadableFile."""
    if source.path == "-":
        if stdin is None:
            raise UnreadableFile("missing", "standard input is not there: name a file.")
        return stdin, _size_of_input(stdin)
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not source.may_be_link:
        # Somebody may have put a link in its place since the folder was listed.
        flags |= getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(source.path, flags)
    except OSError as error:
        raise UnreadableFile(*_refusal(source.path, error)) from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise UnreadableFile(*_not_ordinary(source.path))
    return os.fdopen(descriptor, "rb"), status.st_size


def _size_of_input(stdin: BinaryIO) -> int:
    with suppress(OSError, ValueError):
        status = os.fstat(stdin.fileno())
        if stat.S_ISREG(status.st_mode):
            return status.st_size
    # Nobody knows how much will come. What is unpacked is then measured against what has come so far.
    return Limits().unpacked_bytes // Limits().unpacking_ratio


# --- packets of work -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some texts of one file, which somebody else has read. number: of the file; ends: they are its last"""

    number: int
    texts: tuple[Text, ...]
    ends: bool


@dataclass(frozen=True, slots=True)
class Whole:
    """One file to read and scan."""

    number: int
    source: SourceFile


@dataclass(frozen=True, slots=True)
class Packet:
    """Work for one processor. done_bytes: how many bytes of files are done with it"""

    pieces: tuple[Stretch | Whole, ...]
    done_bytes: int

    def halves(self) -> tuple[Packet, Packet] | None:
        """Two packets that are the same work; None where it cannot be divided."""
        if len(self.pieces) > 1:
            middle = len(self.pieces) // 2
            return Packet(self.pieces[:middle], 0), Packet(self.pieces[middle:], 0)
        (piece,) = self.pieces
        if isinstance(piece, Whole) or len(piece.texts) < 2:
            return None
        middle = len(piece.texts) // 2
        return (
            Packet((Stretch(piece.number, piece.texts[:middle], ends=False),), 0),
            Packet((replace(piece, texts=piece.texts[middle:]),), 0),
        )


@dataclass(frozen=True, slots=True)
class Grave:
    """One of the gravest texts, to look at first."""

    rank: tuple[int, int]
    path: tuple[str, ...]
    place: str
    severity: str
    kinds: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What one piece of work gave.

    number: of the file
    lines:  whole lines of JSON
    tally:  "texts", "characters", "exposed", "lines"; "severity high", "kind phone", "trouble broken": how many of each
    ends:   the file is done with it
    """

    number: int
    lines: bytes
    tally: Counter[str]
    gravest: tuple[Grave, ...]
    ends: bool


def packets(files: Sequence[SourceFile], stdin: BinaryIO | None = None) -> Iterator[Packet]:
    """All work, in the order of the files. Reads large files as it goes, and no further than it is asked."""
    together: list[Whole] = []
    size_bytes = weight = 0
    for number, source in enumerate(files):
        costs = _weight(source)
        if together and (costs is None or weight + costs > PACKET_CHARACTERS or len(together) >= PACKET_FILES):
            yield Packet(tuple(together), size_bytes)
            together, size_bytes, weight = [], 0, 0
        if costs is None:
            yield from _stretches(number, source, stdin)
        else:
            together.append(Whole(number, source))
            size_bytes += source.size_bytes
            weight += costs
    if together:
        yield Packet(tuple(together), size_bytes)


def _weight(source: SourceFile) -> int | None:
    """How much work a file is, in characters of text; None where it is to be read as it is handed out."""
    if source.trouble is not None:
        return 0
    if source.path == "-":
        return None
    try:
        stream, _ = _open(source, None)
        with stream:
            head = stream.read(8)
    except (UnreadableFile, OSError):
        return 0  # whoever reads it will say why not
    if head.startswith(_DOCUMENTS):
        return PACKET_CHARACTERS
    if head.startswith(_ARCHIVES) or source.size_bytes > WHOLE_BYTES:
        return None
    return source.size_bytes


def _stretches(number: int, source: SourceFile, stdin: BinaryIO | None) -> Iterator[Packet]:
    held: list[Text] = []
    characters = told_bytes = 0
    for text in texts_of(source, stdin):
        if held and (characters + len(text.text) > PACKET_CHARACTERS or len(held) >= PACKET_TEXTS):
            # Never backwards, and no further than the file's end: some readers read its end first.
            done_bytes = max(told_bytes, held[-1].done_bytes)
            if source.path != "-":
                done_bytes = min(done_bytes, source.size_bytes)
            yield Packet((Stretch(number, tuple(held), ends=False),), done_bytes - told_bytes)
            held, characters, told_bytes = [], 0, done_bytes
        held.append(text)
        characters += len(text.text)
    end_bytes = held[-1].done_bytes if held and source.path == "-" else source.size_bytes
    yield Packet((Stretch(number, tuple(held), ends=True),), max(0, end_bytes - told_bytes))


# --- the scan --------------------------------------------------------------------------------------------------------


def work(packet: Packet, asked: Asked) -> tuple[Answer, ...]:
    """The answers to one packet; in another process, or in this one."""
    return tuple(
        _answer(piece.number, texts_of(piece.source), True, asked)
        if isinstance(piece, Whole)
        else _answer(piece.number, piece.texts, piece.ends, asked)
        for piece in packet.pieces
    )


def _answer(number: int, texts: Iterable[Text], ends: bool, asked: Asked) -> Answer:
    lines: list[bytes] = []
    tally: Counter[str] = Counter()
    gravest: list[Grave] = []
    for text, found in _scanned(texts, asked):
        if isinstance(found, tuple):
            tally[f"trouble {found[0]}"] += 1
            line = {
                "path": text.path,
                "place": text.place,
                "trouble": {"code": found[0], "message": found[1]},
            }
            lines.append(_encoded(line))
            continue
        tally["texts"] += 1
        tally["characters"] += len(text.text)
        tally[f"severity {found.severity}"] += 1
        found = _wanted(found, asked)
        if not found.exposures:
            continue
        tally["exposed"] += 1
        for exposure in found.exposures:
            tally[f"kind {exposure.kind}"] += 1
        if SEVERITIES.index(found.severity) < SEVERITIES.index(asked.min_severity):
            continue
        lines.append(_encoded(_line(text, found, asked)))
        gravest.append(_grave(text, found))
    tally["lines"] = len(lines)
    return Answer(number, b"".join(lines), tally, graver(gravest), ends)


def _scanned(texts: Iterable[Text], asked: Asked) -> Iterator[tuple[Text, Scan | tuple[str, str]]]:
    """Each text with its scan, or with its trouble, in order."""
    batch: list[Text] = []
    characters = 0
    for text in texts:
        batch.append(text)
        characters += len(text.text)
        if characters >= PACKET_CHARACTERS or len(batch) >= PACKET_TEXTS:
            yield from zip(batch, _batch(batch, asked), strict=True)
            batch, characters = [], 0
    yield from zip(batch, _batch(batch, asked), strict=True)


def _batch(texts: Sequence[Text], asked: Asked) -> list[Scan | tuple[str, str]]:
    readable = [text.text for text in texts if text.trouble is None]
    found: Iterator[Scan | tuple[str, str]]
    try:
        found = iter(list(scan_many(readable, regions=asked.regions, today=asked.today)))
    except Exception:
        # One text that the scan cannot bear must not take a thousand others with it.
        found = iter([_alone(text, asked) for text in texts if text.trouble is None])
    return [text.trouble or next(found) for text in texts]


def _alone(text: Text, asked: Asked) -> Scan | tuple[str, str]:
    try:
        (found,) = scan_many([text.text], regions=asked.regions, today=asked.today)
    except Exception as error:
        # The cause is not shown, because it may quote the text.
        return "broken", (
            f"{shown_name(text.path[-1])} was read, but the scan failed on it ({type(error).__name__}): "
            "look at it by hand, and report the kind of file."
        )
    return found


def _wanted(found: Scan, asked: Asked) -> Scan:
    if not asked.kinds:
        return found
    return replace(found, exposures=tuple(one for one in found.exposures if one.kind in asked.kinds))


def _line(text: Text, found: Scan, asked: Asked) -> dict[str, Any]:
    exposures = []
    for one in found.exposures:
        entry = {
            "kind": one.kind,
            "detail": one.detail,
            "start": one.start,
            "end": one.end,
            "origin": next((part.origin for part in text.parts if part.start <= one.start < part.end), ""),
            "whose": one.whose,
            "whose_reason": one.whose_reason,
            "gravity": one.gravity,
            "gravity_reason": one.gravity_reason,
            "confidence": round(one.confidence, 4),
            "reason": one.reason,
        }
        if asked.show_values:
            entry |= {"value": one.value, "text": one.text}
        exposures.append(entry)
    return {
        "path": text.path,
        "place": text.place,
        "severity": found.severity,
        "reason": found.severity_reason,
        "exposures": exposures,
        "signals": [_sign(sign, asked) for sign in found.signals],
    }


def _sign(sign: Signal, asked: Asked) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "kind": sign.kind,
        "toward": sign.toward,
        "start": sign.start,
        "end": sign.end,
        "strength": round(sign.strength, 4),
        "reason": sign.reason,
    }
    return {**entry, "text": sign.text} if asked.show_values else entry


def _encoded(line: dict[str, Any]) -> bytes:
    return json.dumps(line, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _grave(text: Text, found: Scan) -> Grave:
    kinds = Counter(exposure.kind for exposure in found.exposures)
    told = ", ".join(f"{count} {kind}" if count > 1 else kind for kind, count in sorted(kinds.items()))
    return Grave((SEVERITIES.index(found.severity), len(kinds)), text.path, text.place, found.severity, told)


def graver(texts: Iterable[Grave]) -> tuple[Grave, ...]:
    """The gravest of some texts, of equals the first."""
    return tuple(heapq.nlargest(GRAVEST, texts, key=lambda grave: grave.rank))


# --- many processors -------------------------------------------------------------------------------------------------


def answers(
    files: Sequence[SourceFile],
    asked: Asked,
    *,
    jobs: int = 1,
    stdin: BinaryIO | None = None,
    told: Told = lambda done_bytes: None,
) -> Generator[Answer]:
    """What every file gives, in the order of the files, the same for any number of jobs.

    jobs:  processes that scan; 1 does it all in this one
    told:  hears of every packet when it is done, which may be before its answer is given
    Memory stays bounded: no more texts are read ahead than the jobs can soon scan. With more than one job, a file that
    brings a reader down costs one line of trouble. Stop it by closing the iterator: its processes end with it.
    """
    work_to_do = packets(files, stdin)
    if jobs == 1:
        for packet in work_to_do:
            yield from work(packet, asked)
            told(packet.done_bytes)
        return
    team = _Team(jobs, asked, told)
    try:
        for packet in work_to_do:
            yield from team.take(packet)
        yield from team.finish()
    finally:
        team.stop()


class CannotStart(RuntimeError):
    """Processes cannot be started from here, as from a script that is read from standard input."""


class _Team:
    """Processes that scan packets, and what they have been given, in order.

    Each process has a thread here that hands it a packet and waits for the answer, over a pipe of their own: so that it
    is known which packet brought a process down, and that no process which is ended holds what another waits for.
    """

    def __init__(self, jobs: int, asked: Asked, told: Told) -> None:
        from concurrent.futures import ThreadPoolExecutor
        from threading import Lock

        self._jobs = jobs
        self._asked = asked
        self._told = told
        self._waiting: deque[Future[tuple[Answer, ...]]] = deque()
        self._working: dict[Future[tuple[Answer, ...]], int] = {}
        self._threads = ThreadPoolExecutor(jobs, "scan", initializer=_ignore_interrupts)
        # Guards what follows: threads take a process from the idle ones, and put it back.
        self._lock = Lock()
        self._idle: list[_Scanner] = []
        self._all: set[_Scanner] = set()
        self._is_stopped = False

    def take(self, packet: Packet) -> Iterator[Answer]:
        """Hand out a packet, once there is room for it. Gives what has been answered by then."""
        while len(self._working) >= 2 * self._jobs + 1:
            self._wait()
        # Results that wait for an earlier one that takes long are small, but not nothing.
        while len(self._waiting) >= 64 * self._jobs:
            yield from self._waiting.popleft().result()
        future = self._threads.submit(self._scan, packet)
        self._working[future] = packet.done_bytes
        self._waiting.append(future)
        self._wait(patience_seconds=0)
        while self._waiting and self._waiting[0].done():
            yield from self._waiting.popleft().result()

    def finish(self) -> Iterator[Answer]:
        while self._waiting:
            self._wait()
            while self._waiting and self._waiting[0].done():
                yield from self._waiting.popleft().result()

    def stop(self) -> None:
        """End all processes now, also in the middle of a packet."""
        with self._lock:
            self._is_stopped = True
            scanners = list(self._all)
        for scanner in scanners:
            scanner.process.terminate()
        self._threads.shutdown(cancel_futures=True)
        for scanner in scanners:
            scanner.end()

    def _wait(self, patience_seconds: float | None = None) -> None:
        from concurrent.futures import FIRST_COMPLETED, wait

        for future in wait(list(self._working), timeout=patience_seconds, return_when=FIRST_COMPLETED).done:
            self._told(self._working.pop(future))

    def _scan(self, packet: Packet, *, again: bool = False) -> tuple[Answer, ...]:
        """The answers to a packet. One that brings a process down is halved until only what does so is left out."""
        scanner = self._scanner()
        try:
            scanner.pipe.send(packet)
            given: tuple[Answer, ...] = scanner.pipe.recv()
        except (EOFError, OSError):
            with self._lock:
                self._all.discard(scanner)
            scanner.end()
            if self._is_stopped:
                return ()
        else:
            with self._lock:
                self._idle.append(scanner)
            return given
        halves = packet.halves()
        if halves is not None:
            return (*self._scan(halves[0]), *self._scan(halves[1]))
        # Once more: it may have been ended for the memory that others asked for.
        return (_given_up(packet.pieces[0]),) if again else self._scan(packet, again=True)

    def _scanner(self) -> _Scanner:
        with self._lock:
            if self._is_stopped:
                raise CannotStart("the sweep was stopped")
            if self._idle:
                return self._idle.pop()
            scanner = _Scanner.start(self._asked)
            self._all.add(scanner)
        scanner.wait_until_ready()
        return scanner


@dataclass(eq=False, slots=True)
class _Scanner:
    """One process that scans, and our end of the pipe to it."""

    process: Any
    pipe: Connection

    @classmethod
    def start(cls, asked: Asked) -> _Scanner:
        from multiprocessing import get_context, resource_tracker

        # It is started with the first process, and lets interrupts through again in the thread that does so.
        resource_tracker.ensure_running()
        _ignore_interrupts()
        # Spawned, not forked: libraries that read pictures hold threads, which do not survive a fork.
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, asked), daemon=True)
        process.start()
        theirs.close()
        return cls(process, ours)

    def wait_until_ready(self) -> None:
        try:
            self.pipe.recv()
        except (EOFError, OSError):
            raise CannotStart("a process that scans could not be started here; use --jobs 1") from None

    def end(self) -> None:
        self.pipe.close()
        self.process.join()


def _serve(pipe: Connection, asked: Asked) -> None:
    """What a process that scans does: packets in, answers out, until there is nobody to ask."""
    _ignore_interrupts()
    try:
        pipe.send("ready")
        while True:
            pipe.send(work(pipe.recv(), asked))
    except BaseException:
        # Without a trace, which may quote the text. Whoever asked notices, and narrows it down.
        os._exit(1)


def _ignore_interrupts() -> None:
    """In this thread, and in every process it starts: whoever started the sweep hears Ctrl-C, and ends it."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _given_up(piece: Stretch | Whole) -> Answer:
    if isinstance(piece, Whole):
        text, ends = Text((piece.source.shown,), "", ""), True
    else:
        text, ends = piece.texts[0] if piece.texts else Text(("",), "", ""), piece.ends
    message = (
        f"{shown_name(text.path[-1])} brought the reader down, or asked for more memory than there is: "
        "look at it by hand, on a machine that may be lost."
    )
    line = _encoded({"path": text.path, "place": text.place, "trouble": {"code": "broken", "message": message}})
    return Answer(piece.number, line, Counter({"trouble broken": 1, "lines": 1}), (), ends)


# --- where results go ------------------------------------------------------------------------------------------------


class CannotResume(ValueError):
    """There is nothing to go on with, or it was begun otherwise."""


@dataclass(slots=True)
class Totals:
    """What a sweep found so far. files: done, of which ``earlier_files`` before this run"""

    tally: Counter[str] = field(default_factory=Counter)
    gravest: tuple[Grave, ...] = ()
    files: int = 0
    earlier_files: int = 0

    def add(self, answer: Answer) -> None:
        self.tally += answer.tally
        self.gravest = graver((*self.gravest, *answer.gravest))
        self.files += answer.ends

    def counts(self, group: str) -> dict[str, int]:
        """The counts of one group of the tally: severity, kind or trouble."""
        start = f"{group} "
        return {name[len(start) :]: count for name, count in self.tally.items() if name.startswith(start) and count}


@dataclass(slots=True)
class _Done:
    """One finished file in the results: its identity, where its lines end, and what it gave."""

    path: str
    size_bytes: int
    mtime_ns: int
    end: int
    tally: dict[str, int]


class ResultFile:
    """Results on disk, and beside them (``FILE.state``) how far the sweep has come.

    Lines go to the file as they come; for a table (.parquet) to ``FILE.part``, which becomes the table at the end.
    The state is replaced in one step, and never runs ahead of the lines. Used as a context: left by an exception, what
    is on disk is whole lines, and ``resume`` goes on after the last finished file.
    """

    LEAST_SECONDS_BETWEEN_STATES = 2.0

    def __init__(self, out: Path, asked: Asked) -> None:
        self.out = out
        self.asked = asked
        self.totals = Totals()
        self.skipped: list[SourceFile] = []
        self.changed = 0
        self._files: Sequence[SourceFile] = ()
        self._done: list[_Done] = []
        self._tally: Counter[str] = Counter()
        self._stream: Any = None
        self._whole_bytes = 0
        self._state_at = time.monotonic()
        self._state_seconds = 0.0

    @property
    def lines(self) -> Path:
        return self.out.with_name(self.out.name + ".part") if self.out.suffix == ".parquet" else self.out

    @property
    def state(self) -> Path:
        return self.out.with_name(self.out.name + ".state")

    def is_unfinished(self) -> bool:
        """Whether a sweep to this file was stopped before its end."""
        return self.state.exists()

    def own_files(self) -> tuple[Path, ...]:
        return self.out, self.lines, self.state

    def begin(self, files: Sequence[SourceFile]) -> Sequence[SourceFile]:
        """Start anew; what was in the file is lost."""
        self._files = files
        self._open(0)
        self._save()
        return files

    def resume(self, files: Sequence[SourceFile]) -> Sequence[SourceFile]:
        """Go on; the files that are still to be done. The day is that of the first run. Raises CannotResume.

        Finished files are skipped where path, size and time of change are the same. A file that has changed is done
        again, and its old lines go; the lines of a file that is no longer among ``files`` stay.
        """
        done, gravest = self._load()
        now = {file.identity()[0]: file for file in files}
        kept, start, whole = [], 0, True
        with self.lines.open("rb") as old:
            for one in done:
                file = now.get(one.path)
                if file is None or file.identity() == (one.path, one.size_bytes, one.mtime_ns):
                    kept.append((start, one))
                else:
                    whole = False
                    self.changed += 1
                start = one.end
            if not whole:
                kept = self._without_changed(old, kept)
        gone = {one.path for one in done} - {one.path for _, one in kept}
        shown_gone = {file.shown for path, file in now.items() if path in gone}
        self._done = [one for _, one in kept]
        finished = {one.path for one in self._done}
        self.skipped = [file for file in files if file.identity()[0] in finished]
        self._files = [file for file in files if file.identity()[0] not in finished]
        for one in self._done:
            self.totals.tally.update(one.tally)
        self.totals.files = self.totals.earlier_files = len(self._done)
        self.totals.gravest = graver(grave for grave in gravest if grave.path[0] not in shown_gone)
        self._open(self._done[-1].end if self._done else 0)
        self._save()
        return self._files

    def add(self, answer: Answer) -> None:
        """Write the next answer down; they come in the order of the files that ``begin`` or ``resume`` gave."""
        data = memoryview(answer.lines)
        while data:
            data = data[self._stream.write(data) :]
        self._whole_bytes += len(answer.lines)
        self._tally += answer.tally
        self.totals.add(answer)
        if answer.ends:
            path, size_bytes, mtime_ns = self._files[answer.number].identity()
            self._done.append(_Done(path, size_bytes, mtime_ns, self._whole_bytes, dict(self._tally)))
            self._tally = Counter()
            # The longer the list of files, the longer it takes: at most a twentieth of the time goes into it.
            pause = max(self.LEAST_SECONDS_BETWEEN_STATES, 20 * self._state_seconds)
            if time.monotonic() - self._state_at > pause:
                self._save()

    def __enter__(self) -> ResultFile:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self._stream is None:
            return
        self._stream.truncate(self._whole_bytes)
        self._save()
        self._stream.close()
        if kind is not None:
            return
        if self.lines != self.out:
            write_table(self.lines, self.out)
            self.lines.unlink()
        self.state.unlink()

    def _open(self, end: int) -> None:
        # Only for whoever runs the sweep: even without values, results say where personal data lies.
        descriptor = os.open(self.lines, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        self._stream = os.fdopen(descriptor, "r+b", buffering=0)
        self._stream.truncate(end)
        self._stream.seek(end)
        self._whole_bytes = end

    def _without_changed(self, old: BinaryIO, kept: list[tuple[int, _Done]]) -> list[tuple[int, _Done]]:
        """Write the lines of the kept files alone, in place of the old ones."""
        beside = self.lines.with_name(self.lines.name + ".new")
        moved = []
        with _private(beside) as new:
            for start, one in kept:
                old.seek(start)
                begins = new.tell()
                left = one.end - start
                while left > 0 and (data := old.read(min(left, 1_000_000))):
                    new.write(data)
                    left -= len(data)
                moved.append((begins, replace(one, end=new.tell())))
            new.flush()
            os.fsync(new.fileno())
        # Should we be stopped here, a state that does not fit the lines would be worse than one that begins anew.
        self._save()
        os.replace(beside, self.lines)
        return moved

    def _load(self) -> tuple[list[_Done], list[Grave]]:
        if not self.state.exists():
            there = f"{self.out} is finished" if self.out.exists() else f"no sweep to {self.out} was begun"
            raise CannotResume(f"{there}: there is nothing to go on with; leave --resume out")
        try:
            kept = json.loads(self.state.read_text("utf-8"))
            begun = kept["asked"]
            done = [_Done(*one) for one in kept["done"]]
            gravest = [
                Grave((rank[0], rank[1]), tuple(path), place, severity, kinds)
                for rank, path, place, severity, kinds in kept["gravest"]
            ]
            today = date.fromisoformat(begun["today"])
            size_bytes = self.lines.stat().st_size
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CannotResume(
                f"{self.state} cannot be read ({type(error).__name__}): remove it, and begin without --resume"
            ) from None
        if done and size_bytes < done[-1].end:
            raise CannotResume(f"{self.lines} is shorter than it was: remove {self.state}, and begin without --resume")
        self.asked = replace(self.asked, today=today)
        mine = _told(self.asked)
        for name, value in mine.items():
            if begun.get(name) != value:
                raise CannotResume(
                    f"the sweep to {self.out} was begun with another --{name.replace('_', '-')} "
                    f"({_said(begun.get(name))}); give the same, or begin without --resume"
                )
        return done, gravest

    def _save(self) -> None:
        began = time.monotonic()
        if self._stream is not None:
            os.fsync(self._stream.fileno())
        state = {
            "asked": _told(self.asked),
            "done": [(one.path, one.size_bytes, one.mtime_ns, one.end, one.tally) for one in self._done],
            "gravest": [(g.rank, g.path, g.place, g.severity, g.kinds) for g in self.totals.gravest],
        }
        beside = self.state.with_name(self.state.name + ".new")
        with _private(beside) as stream:
            stream.write(json.dumps(state).encode())
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, self.state)
        self._state_at = time.monotonic()
        self._state_seconds = self._state_at - began


def _told(asked: Asked) -> dict[str, Any]:
    """What was asked, as the state remembers it; the names are those of the options."""
    return {
        "regions": list(asked.regions),
        "today": asked.today.isoformat(),
        "min_severity": asked.min_severity,
        "kinds": sorted(asked.kinds),
        "show_values": asked.show_values,
    }


def _said(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return "given" if value else "not given"
    return str(value)


def _private(path: Path) -> Any:
    """A new file that only its owner reads, in place of one that may be there."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o600), "wb")


# --- tables ----------------------------------------------------------------------------------------------------------


def table_schema() -> Any:
    """The columns of a table of results: the keys of a line; null where a line has none."""
    import pyarrow as pa

    text, whole, number = pa.string(), pa.int64(), pa.float64()
    exposure = {
        "kind": text, "detail": text, "start": whole, "end": whole, "origin": text, "whose": text, "whose_reason": text,
        "gravity": whole, "gravity_reason": text, "confidence": number, "reason": text, "value": text, "text": text,
    }  # fmt: skip
    signal_ = {
        "kind": text, "toward": text, "start": whole, "end": whole, "strength": number, "reason": text, "text": text,
    }  # fmt: skip
    return pa.schema(
        {
            "path": pa.list_(text),
            "place": text,
            "severity": text,
            "reason": text,
            "exposures": pa.list_(pa.struct(exposure)),
            "signals": pa.list_(pa.struct(signal_)),
            "trouble": pa.struct({"code": text, "message": text}),
        }
    )


def write_table(lines: Path, out: Path) -> None:
    """A file of lines as one Parquet file, which appears whole or not at all. Needs pyarrow."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema, beside = table_schema(), out.with_name(out.name + ".new")
    with lines.open("rb") as stream, _private(beside) as new, pq.ParquetWriter(new, schema) as writer:
        batch: list[dict[str, Any]] = []
        for line in stream:
            batch.append(json.loads(line))
            if len(batch) >= 10_000:
                writer.write_table(pa.Table.from_pylist(batch, schema))
                batch = []
        if batch:
            writer.write_table(pa.Table.from_pylist(batch, schema))
    os.replace(beside, out)


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

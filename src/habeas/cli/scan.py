"""``habeas scan``: whole folders, archives, tables and dumps; what is exposed in each text of them."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from habeas.cli.main import OK, Refused
from habeas.kernel import clock

if TYPE_CHECKING:
    from habeas.exposure.sweep import Asked, Found, ResultFile, SourceFile, Totals

UNREADABLE = 1
INTERRUPTED = 130
_SEVERITIES = ("low", "moderate", "high", "very_high")
EPILOG = """\
exit codes: 0 all was read; 1 some files, or parts of them, could not be read (each has a line that says why; an empty
file counts as read); 2 a wrong option or path; 130 interrupted: with --out, --resume goes on.

A scan finds candidates, not facts: somebody should look at what it found."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files and folders; - for standard input")
    look = parser.add_argument_group("what to look for")
    look.add_argument("--regions", metavar="CODES", default="", help="countries the texts point to, such as NL,US")
    look.add_argument("--min-severity", choices=_SEVERITIES, metavar="LEVEL", help=", ".join(_SEVERITIES))
    look.add_argument("--kinds", metavar="KINDS", default="", help="only these kinds, such as address,phone")
    look.add_argument("--today", metavar="DATE", help=argparse.SUPPRESS)
    results = parser.add_argument_group("results")
    results.add_argument("--out", type=Path, metavar="FILE", help="one line for each text: FILE.jsonl or FILE.parquet")
    results.add_argument("--resume", action="store_true", help="go on after the last finished file of a stopped scan")
    results.add_argument("--show-values", action="store_true", help="write down what was found, and not only where")
    results.add_argument("--json", action="store_true", help="the summary as JSON; without --out the lines before it")
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="processes that scan (default: as many as there are processors)"
    )


def run(options: argparse.Namespace) -> int:
    asked = _asked(options)
    _check(options)

    from habeas.exposure import sweep

    results = sweep.ResultFile(options.out, asked) if options.out else None
    found = _found(options.paths, results)
    if results and not options.resume and results.is_unfinished():
        raise Refused(
            f"{results.out} holds a scan that was stopped: go on with --resume, or remove {results.state} to begin anew"
        )
    try:
        return _sweep(options, asked, found, results)
    except (sweep.CannotResume, sweep.CannotStart) as refusal:
        raise Refused(str(refusal)) from None
    except OSError as error:
        # What cannot be read has a line of its own and does not come here.
        if results is None or isinstance(error, BrokenPipeError):
            raise
        raise Refused(
            f"{results.out} cannot be written ({error.strerror or type(error).__name__}): make room, "
            "or name another place with --out"
        ) from None


def _sweep(options: argparse.Namespace, asked: Asked, found: Found, results: ResultFile | None) -> int:
    from habeas.exposure import sweep

    totals = results.totals if results else sweep.Totals()
    files: Sequence[SourceFile] = found.files
    given = _Reading(sys.stdin.buffer) if "-" in options.paths else None
    began = time.monotonic()
    try:
        with results or nullcontext():
            if results:
                files = results.resume(files) if options.resume else results.begin(files)
                asked = results.asked
                if options.resume:
                    _say_skipped(results)
            size_bytes = sum(file.size_bytes for file in files)
            jobs = options.jobs or sweep.processors()
            if options.jobs is None and given is None:
                # A process takes longer to start than a small file to scan.
                jobs = min(jobs, 1 + size_bytes // 500_000)
            with (
                _bar(size_bytes or None) as told,
                closing(
                    sweep.answers(files, asked, jobs=jobs, stdin=cast("BinaryIO | None", given), told=told)
                ) as answers,
            ):
                for answer in answers:
                    if results:
                        results.add(answer)
                        continue
                    totals.add(answer)
                    if options.json:
                        sys.stdout.write(answer.lines.decode())
    except KeyboardInterrupt:
        _say_stopped(totals, len(found.files), results)
        return INTERRUPTED
    size_bytes += given.read_bytes if given else 0
    summary = _summary(totals, found, size_bytes, time.monotonic() - began, options.out)
    if options.json:
        print(json.dumps({"summary": summary}, ensure_ascii=False))
    else:
        _print(summary)
    return UNREADABLE if set(summary["troubles"]) - {"empty"} else OK


def _asked(options: argparse.Namespace) -> Asked:
    from typing import get_args

    from habeas.exposure.core.model import Kind
    from habeas.exposure.sweep import Asked

    kinds = _named(options.kinds)
    for kind in kinds:
        if kind not in get_args(Kind):
            raise Refused(f"--kinds: unknown kind {kind!r}{_near(kind, get_args(Kind))}")
    return Asked(
        regions=_regions(options.regions),
        today=_day(options.today),
        min_severity=options.min_severity or "none",
        kinds=frozenset(kinds),  # type: ignore[arg-type]
        show_values=options.show_values,
    )


def _regions(text: str) -> tuple[str, ...]:
    from habeas.law.core import places

    codes = tuple(code.upper() for code in _named(text))
    for code in codes:
        if len(code) != 2 or code == "EU":
            raise Refused(f"--regions: {code!r} is not a country; write two letters, such as NL,US")
        if not places.known(code):
            raise Refused(f"--regions: {places.complaint(code)}")
    return codes


def _named(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _near(name: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(known)}"


def _day(text: str | None) -> date:
    if text is None:
        return clock.today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"--today {text!r} is not a day that exists; write it as YYYY-MM-DD, like 2026-01-31") from None


def _check(options: argparse.Namespace) -> None:
    if options.jobs is not None and options.jobs < 1:
        raise Refused(f"--jobs {options.jobs} scans nothing; give 1 or more")
    if options.resume and not options.out:
        raise Refused("--resume goes on with a file of results: name it with --out")
    if options.resume and "-" in options.paths:
        raise Refused("--resume cannot go on with standard input, which is gone; name files")
    if options.out is None:
        return
    if options.out.suffix not in {".jsonl", ".parquet"}:
        raise Refused(f"--out {options.out}: results are written as FILE.jsonl or FILE.parquet")
    if options.out.is_dir() or not options.out.absolute().parent.is_dir():
        raise Refused(f"--out {options.out}: name a file in a folder that exists")
    if options.out.suffix == ".parquet":
        try:
            import pyarrow.parquet  # noqa: F401
        except ImportError:
            raise Refused(
                'a scan to .parquet needs the extra "analytics": install it with `pip install "habeas[analytics]"`, '
                "or write FILE.jsonl"
            ) from None


def _found(paths: list[str], results: ResultFile | None) -> Found:
    from habeas.exposure.sweep import find_files

    try:
        return find_files(paths, leave_out=results.own_files() if results else ())
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise Refused(f"{error.filename} does not exist") from None
        raise Refused(f"{error.filename} cannot be opened ({error.strerror})") from None


class _Reading:
    """Standard input, counted as it is read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.read_bytes = 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.read_bytes += len(data)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def _bar(total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on the error stream, where somebody watches; nothing in a pipe. total: bytes; null: not known"""
    if not sys.stderr.isatty():
        yield lambda done_bytes: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("scan", total=total)
        yield lambda done_bytes: progress.advance(task, done_bytes)


def _say_skipped(results: ResultFile) -> None:
    skipped, gone = len(results.skipped), results.totals.earlier_files - len(results.skipped)
    told = [f"going on with {results.out}: {_many(skipped, 'finished file')} skipped"]
    if results.changed:
        told.append(f"{_many(results.changed, 'finished file')} changed since, and will be scanned again")
    if gone:
        told.append(f"{_many(gone, 'finished file')} not among those named now, whose lines stay")
    print("; ".join(told), file=sys.stderr)


def _say_stopped(totals: Totals, files: int, results: ResultFile | None) -> None:
    told = f"stopped after {totals.files} of {_many(files, 'file')}"
    print(f"{told}; --resume goes on with {results.out}" if results else told, file=sys.stderr)


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _summary(totals: Totals, found: Found, size_bytes: int, seconds: float, out: Path | None) -> dict[str, Any]:
    """files, texts, ...: of the whole scan; size_bytes and seconds of this run, without what it skipped"""
    tally, severities = totals.tally, totals.counts("severity")
    return {
        "files": totals.files,
        "files_skipped": totals.earlier_files,
        "links_not_followed": found.links,
        "texts": tally["texts"],
        "characters": tally["characters"],
        "texts_with_exposures": tally["exposed"],
        "severities": {level: severities[level] for level in (*_SEVERITIES[::-1], "none") if level in severities},
        "exposures": dict(sorted(totals.counts("kind").items(), key=lambda entry: (-entry[1], entry[0]))),
        "troubles": dict(sorted(totals.counts("trouble").items())),
        "gravest": [
            {"path": grave.path, "place": grave.place, "severity": grave.severity, "kinds": grave.kinds}
            for grave in totals.gravest
        ],
        "out": str(out) if out else None,
        "lines": tally["lines"],
        "size_bytes": size_bytes,
        "seconds": round(seconds, 3),
        "megabytes_per_second": round(size_bytes / 1e6 / seconds, 3) if seconds else 0.0,
    }


def _print(summary: dict[str, Any]) -> None:
    from habeas.cli.layout import columns, heading, open_console, text

    console = open_console()
    read = f"{_many(summary['files'], 'file')}, {_many(summary['texts'], 'text')}"
    console.print(text(f"{read}: {_many(summary['texts_with_exposures'], 'text')} with exposures", "bold"))
    speed = f"{summary['size_bytes'] / 1e6:,.1f} MB in {summary['seconds']:,.1f} s"
    console.print(text(f"{speed}, {summary['megabytes_per_second']:,.2f} MB/s", "dim"))
    if summary["links_not_followed"]:
        console.print(text(f"{_many(summary['links_not_followed'], 'link')} not followed", "dim"))
    for title, key in (
        ("Texts by severity", "severities"),
        ("Exposures by kind", "exposures"),
        ("What could not be read", "troubles"),
    ):
        if not summary[key]:
            continue
        heading(console, title)
        table = columns("", "#")
        for name, count in summary[key].items():
            table.add_row(text(name.replace("_", " ")), f"{count:,}")
        console.print(table)
    if summary["gravest"]:
        heading(console, "Look at these first")
        table = columns("Severity", "Where", "What")
        for grave in summary["gravest"]:
            where = " › ".join(grave["path"]) + (f", {grave['place']}" if grave["place"] else "")
            table.add_row(text(grave["severity"].replace("_", " ")), text(where), text(grave["kinds"], "dim"))
        console.print(table)
    if summary["out"]:
        console.print()
        console.print(text(f"{_many(summary['lines'], 'line')} in {summary['out']}"))

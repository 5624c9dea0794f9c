"""``habeas registry``: the registry of known doxes on this machine, and hashes of pictures from and for others."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from habeas.cli.house import case_named, member_named, new_file, refusals_of_the_house
from habeas.cli.main import OK, Refused, start_django

if TYPE_CHECKING:
    from habeas.cases.models import Case
    from habeas.evidence.models import Item
    from habeas.exposure.models import HashBank

NOT_KNOWN = 1
INCOMPLETE = 1
# A page of StopNCII holds 800 records of some 500 bytes; a whole set may come as one file.
MOST_FILE_BYTES = 256_000_000
PROGRESS_SECONDS = 2.0
EPILOG = """\
exit codes: 0 done, or known; 1 asked: not known, or rebuilt: something is missing; 2 refused, nothing was
changed; ask also 3 to 8, like `habeas assess`, where a file cannot be read."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("status", help="how much is known, and what it takes")
    ask = actions.add_parser("ask", help="is this text or picture known? Logged, and nothing of it is kept")
    ask.add_argument("file", help="a text, page, e-mail, PDF or picture; - for standard input")
    withdraw = actions.add_parser("withdraw", help="forget all material of a case")
    withdraw.add_argument("case", help="its reference, such as HB-7KQ2M9")
    actions.add_parser("rebuild", help="make the files anew from the cases")
    actions.add_parser("compact", help="build new texts into the mapped file")
    bring = actions.add_parser(
        "import-hashes", help="take in picture hashes that others share, as StopNCII writes them"
    )
    bring.add_argument("file", type=Path)
    bring.add_argument(
        "--bank", required=True, metavar="NAME", help="the bank they belong to; made where there is none"
    )
    give = actions.add_parser("export-hashes", help="write the picture hashes of the cases named, for others")
    give.add_argument("cases", nargs="+", metavar="CASE", help="its reference, such as HB-7KQ2M9")
    give.add_argument("--out", required=True, type=Path, metavar="FILE", help="a new file, readable by its owner only")
    switch = actions.add_parser("bank", help="switch a bank of others' hashes on or off")
    switch.add_argument("bank", metavar="NAME")
    switch.add_argument("to", choices=["on", "off"])
    for action in (ask, withdraw, give, switch):
        action.add_argument("--as", dest="member", required=True, metavar="MEMBER", help="who does it: a user name")


def run(options: argparse.Namespace) -> int:
    start_django()
    actions: Mapping[str, Callable[[argparse.Namespace], int]] = {
        "status": _status,
        "ask": _ask,
        "withdraw": _withdraw,
        "rebuild": _rebuild,
        "compact": _compact,
        "import-hashes": _import_hashes,
        "export-hashes": _export_hashes,
        "bank": _bank,
    }
    from habeas.exposure.registry.folder import BrokenRegistry

    with refusals_of_the_house(BrokenRegistry):
        return actions[options.action](options)


def _status(options: argparse.Namespace) -> int:
    from habeas.exposure import queries

    texts, pictures, banked = queries.wordings(), queries.pictures(), queries.bank_pictures()
    rows = [("texts", len(texts), texts.folder), ("pictures", len(pictures), pictures.folder)]
    total = 0
    for name, count, folder in rows:
        size_bytes = _size_bytes(folder)
        total += size_bytes
        per_text = f"   {size_bytes / count:.1f} B per text" if count and folder == texts.folder else ""
        print(f"{name:<12}{count:>12,}{size_bytes:>16,} B{per_text}")
    print(f"{'identifiers':<12}{queries.count_identifiers():>12,}{'in the database':>18}")
    size_bytes = _size_bytes(banked.folder)
    print(f"{'banked':<12}{len(banked):>12,}{size_bytes:>16,} B")
    print(f"{'together':<24}{total + size_bytes:>16,} B in {texts.folder.parent}")
    for bank, count in queries.banks():
        print(f"  {bank.name}: {count:,} hashes from {bank.source}, {_state(bank)}")
    return OK


def _state(bank: HashBank) -> str:
    fetched = f"last taken in {bank.fetched_at:%Y-%m-%d %H:%M} UTC" if bank.fetched_at else "never taken in"
    return f"{fetched}{'' if bank.enabled else ', switched off'}"


def _ask(options: argparse.Namespace) -> int:
    from habeas.cli.assess import UNREADABLE
    from habeas.exposure.actions import AskedTooOften
    from habeas.exposure.core.documents import UnreadableFile
    from habeas.journey import repost

    person = member_named(options.member)
    try:
        content, name = _content(options.file)
        found = repost.ask(content, name, by=person)
    except UnreadableFile as trouble:
        raise Refused(str(trouble), UNREADABLE[trouble.code]) from None
    except AskedTooOften as refusal:
        raise Refused(str(refusal)) from None
    near = repost.in_banks(content, name)
    print("known" if found or near else "not known")
    for one in found:
        print(f"  {one.case.reference}: {one.reason}")
    for shared in near:
        print(
            f"  bank {shared.bank.name}: {shared.state}, {shared.opinion}; "
            f"the picture differs from a hash of it in {shared.distance} of 256 bits"
        )
    return OK if found or near else NOT_KNOWN


def _withdraw(options: argparse.Namespace) -> int:
    from habeas.access import actions as access
    from habeas.exposure import actions, queries
    from habeas.kernel import clock

    person, case = member_named(options.member), case_named(options.case)
    access.require(person, "decide_sighting")
    count = actions.withdraw_known(case, by=person.pk, at=clock.now())
    print(f"{case}: {count} entries forgotten" if count else f"{case}: nothing of it was known")
    with_others = queries.shared_of(case).filter(withdrawn_at=None).count()
    if with_others:
        print(
            f"{with_others} picture hashes of it are with others: `habeas registry export-hashes {case} --out FILE "
            f"--as {options.member}` writes what calls them back"
        )
    return OK


def _rebuild(options: argparse.Namespace) -> int:
    from habeas.exposure import actions

    unread: list[str] = []
    texts = actions.rebuild_texts(_Progress("texts"))
    print(f"{texts:,} texts", flush=True)
    pictures = actions.rebuild_pictures(lambda numbers: _pictures_known(numbers, unread), _Progress("pictures"))
    print(f"{pictures:,} pictures")
    unread += [
        f"bank {name}: {count:,} hashes are lost, and stand nowhere else: take its files in again"
        for name, count in actions.mend_banks().items()
    ]
    for line in unread:
        print(line, file=sys.stderr)
    return INCOMPLETE if unread else OK


def _pictures_known(numbers: Iterable[int], unread: list[str]) -> Iterator[tuple[int, bytes]]:
    """(entry, PDQ hash) of the entries that are telling pictures; a line in ``unread`` for an item that is damaged."""
    from habeas.access.core.envelope import CannotOpen
    from habeas.evidence.store import ItemDamaged
    from habeas.exposure import queries

    items: dict[str, Item] = {}
    of = None
    for number, case, source in queries.known_sources(numbers):
        if case.pk != of:
            of, items = case.pk, _images_of(case)
        if source not in items:
            continue
        try:
            bits = _hash_of(items[source])
        except (ItemDamaged, CannotOpen) as trouble:
            unread.append(f"{case}: a picture is left out: {trouble}")
            continue
        if bits:
            yield number, bits


def _images_of(case: Case) -> dict[str, Item]:
    return {
        str(item.pk): item for item in case.items.filter(media_type__startswith="image/").select_related("case__key")
    }


def _hash_of(item: Item) -> bytes | None:
    from habeas.evidence import queries as evidence
    from habeas.journey.material import pictures_of

    return pictures_of(item.media_type, evidence.content_of(item))[0]


def _compact(options: argparse.Namespace) -> int:
    from habeas.exposure import queries

    texts = queries.wordings()
    before = _size_bytes(texts.folder)
    texts.compact()
    print(f"{len(texts):,} texts in {_size_bytes(texts.folder):,} B, before {before:,} B")
    return OK


def _import_hashes(options: argparse.Namespace) -> int:
    from dataclasses import replace

    from habeas.exposure import actions
    from habeas.exposure.core.hash_exchange import UnreadableExchange, read_page
    from habeas.kernel import clock

    name = options.bank.strip()
    if not name or len(name) > 100 or not name.isprintable():
        raise Refused("--bank: give the bank a name of 1 to 100 characters")
    try:
        page = read_page(_file(options.file))
    except UnreadableExchange as fault:
        raise Refused(f"{options.file.name}: {fault}; nothing was taken in") from None
    bank = actions.open_bank(name, "file", by="console", at=clock.now())
    # Where a file ends says nothing of how far a service was read.
    page = replace(page, next_page=bank.next_page, has_more=True)
    done = actions.import_page(bank, page, by="console", at=clock.now())
    print(
        f"bank {bank.name}: {done.added:,} new, {done.changed:,} changed, {done.taken_out:,} taken out, "
        f"{done.unchanged:,} as before"
    )
    for kind, count in sorted(done.skipped.items()):
        print(f"{count:,} of kind {kind} left out: only ImagePDQ can be matched here")
    return OK


def _export_hashes(options: argparse.Namespace) -> int:
    from django.db import transaction

    from habeas.access.actions import require
    from habeas.access.core.envelope import CannotOpen
    from habeas.evidence.store import ItemDamaged
    from habeas.exposure import actions, queries
    from habeas.exposure.core.hash_exchange import write_page
    from habeas.kernel import clock

    person = member_named(options.member)
    require(person, "approve_measure")
    cases = list({case.pk: case for case in map(case_named, options.cases)}.values())
    try:
        hashes = {
            case.pk: {
                source: bits
                for source, item in _images_of(case).items()
                if source in queries.sources_known(case) and (bits := _hash_of(item))
            }
            for case in cases
        }
    except (ItemDamaged, CannotOpen) as trouble:
        raise Refused(str(trouble)) from None
    # In one transaction with the file: what was never written was never shared.
    with new_file(options.out) as write, transaction.atomic():
        records = [
            record
            for case in cases
            for record in actions.share_hashes(case, hashes[case.pk], by=person, at=clock.now())
        ]
        if not records:
            raise Refused("no picture of these cases is known, and none was ever shared: nothing was written")
        write(write_page(records))
    live = sum(record.is_live for record in records)
    print(f"{live} active and {len(records) - live} withdrawn hashes in {options.out}")
    print("Nothing was sent: hand the file to those it is for. A hash tells roughly what a picture shows.")
    return OK


def _bank(options: argparse.Namespace) -> int:
    from django.core.exceptions import ObjectDoesNotExist

    from habeas.exposure import actions, queries
    from habeas.kernel import clock

    person = member_named(options.member)
    try:
        bank = queries.bank_named(options.bank)
    except ObjectDoesNotExist:
        names = ", ".join(bank.name for bank, _ in queries.banks()) or "none"
        raise Refused(f"there is no bank {options.bank[:40]!r}; there are: {names}") from None
    actions.switch_bank(bank, on=options.to == "on", by=person, at=clock.now())
    print(f"bank {bank.name} is switched {options.to}")
    return OK


# ---------------------------------------------------------------------------------------------------------- files


def _content(name: str) -> tuple[bytes, str]:
    """(the bytes, a name by which to tell what they are). Raises UnreadableFile."""
    from habeas.exposure.core.documents import LIMIT_BYTES, UnreadableFile, too_large

    if name == "-":
        content, shown = sys.stdin.buffer.read(LIMIT_BYTES + 1), ""
    else:
        content, shown = _read(Path(name), LIMIT_BYTES), Path(name).name
    if len(content) > LIMIT_BYTES:
        raise too_large(shown or "standard input", len(content), LIMIT_BYTES)
    if not content.strip():
        raise UnreadableFile("empty", f"{shown or 'standard input'} is empty: nothing was asked.")
    return content, shown


def _file(path: Path) -> bytes:
    from habeas.exposure.core.documents import UnreadableFile

    try:
        content = _read(path, MOST_FILE_BYTES)
    except UnreadableFile as trouble:
        raise Refused(str(trouble)) from None
    if len(content) > MOST_FILE_BYTES:
        raise Refused(f"{path.name} is larger than {MOST_FILE_BYTES // 1_000_000} MB: divide it into pages")
    return content


def _read(path: Path, limit_bytes: int) -> bytes:
    """Up to one byte more than allowed. Raises UnreadableFile."""
    from habeas.exposure.core.documents import UnreadableFile, shown_name

    shown = shown_name(path.name or str(path))
    if path.exists() and not path.is_file():
        # A pipe or a device could keep us waiting for ever.
        raise UnreadableFile("missing", f"{shown} is no ordinary file: name one file.")
    try:
        with path.open("rb") as stream:
            return stream.read(limit_bytes + 1)
    except OSError as error:
        raise UnreadableFile("missing", f"{shown} cannot be opened ({error.strerror}): check the path.") from None


def _size_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("*") if file.is_file())


class _Progress:
    """Says how far it is, every two seconds: over itself at a terminal, line by line in a log."""

    def __init__(self, what: str) -> None:
        self._what, self._said_at = what, time.monotonic()

    def __call__(self, done: int) -> None:
        if time.monotonic() - self._said_at >= PROGRESS_SECONDS:
            self._said_at = time.monotonic()
            end = "\r" if sys.stderr.isatty() else "\n"
            print(f"{done:,} {self._what} so far …", end=end, file=sys.stderr, flush=True)

"""``habeas evidence``: what is sealed in a case, and everything that can be done with it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from habeas.cli.house import case_named, member_named, new_file, refusals_of_the_house
from habeas.cli.main import OK, Refused, start_django

if TYPE_CHECKING:
    from habeas.cases.models import Case
    from habeas.evidence.actions import Reason
    from habeas.evidence.models import HandOver, Item

FAILS = 1
EPILOG = """\
exit codes: 0 done, or all holds; 1 verify, check, trace: something does not hold, or nobody is named;
2 refused, nothing was changed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    def add(
        name: str, words: str, *, case: bool = True, member: bool = True, reason: bool = False
    ) -> argparse.ArgumentParser:
        action = actions.add_parser(name, help=words, description=words)
        if case:
            action.add_argument("case", help="its reference, such as HB-7KQ2M9")
        if member:
            action.add_argument("--as", dest="member", required=True, metavar="MEMBER", help="who does it: a user name")
        if reason:
            action.add_argument("--purpose", default="court", help="what for, as a code (default: court)")
            action.add_argument("--basis", default="legal_claim", help="legal basis, as a code (default: legal_claim)")
        return action

    add("list", "the sealed items of a case, without opening them", member=False)
    add("custody", "who touched what, and whether the chain has a gap", member=False)
    add("check", "are all stored items there and unchanged?", member=False)
    capture = add("capture", "capture the pages of a case now", reason=True)
    capture.add_argument("--link", help="only this one of its links")
    capture.add_argument("--hash-only", action="store_true", help="nobody may hold it: hashes and place only")
    opened = add("open", "write the original of an item to a file; recorded", reason=True)
    opened.add_argument("item", help="its number in `list`")
    opened.add_argument("--out", required=True, type=Path, metavar="FILE")
    export = add("export", "a bundle with every proof, for somebody outside", reason=True)
    export.add_argument("--for", dest="audience", default="court", choices=["court", "authority", "partner"])
    export.add_argument("--item", action="append", metavar="N", help="only these items (numbers in `list`)")
    export.add_argument("--out", required=True, type=Path, metavar="PATH", help="a new folder, or FILE.tar.age")
    export.add_argument("--to", action="append", metavar="age1…", help="encrypt to this age recipient; may be repeated")
    verify = add("verify", "run the verifier on a bundle", case=False, member=False)
    verify.add_argument("bundle", type=Path)
    verify.add_argument("--policy", type=Path, help="your own policy of logs and witnesses")
    verify.add_argument("--roots", type=Path, help="folder with root certificates you trust")
    offer = add("offer", "offer a hand-over with conditions", reason=True)
    offer.add_argument("--item", action="append", metavar="N", help="only these items (numbers in `list`)")
    offer.add_argument("--recipient", required=True, help="the authority or organisation")
    offer.add_argument("--signing-key", required=True, metavar="HEX", help="their Ed25519 public key")
    offer.add_argument("--age", required=True, metavar="age1…", help="their age recipient")
    offer.add_argument("--conditions", required=True, type=Path, metavar="FILE", help="a text they will sign")
    offer.add_argument("--days", type=int, default=30, help="available for 10 to 45 days (default: 30)")
    offer.add_argument("--out", required=True, type=Path, metavar="FOLDER", help="offer and package are written there")
    for name, words in (
        ("answer", "take the recipient's signed answer to the conditions"),
        ("receipt", "take the recipient's signed receipt"),
        ("return", "take the recipient's signed word that theirs is gone"),
    ):
        add(name, words).add_argument("signed", type=Path, help="what they signed")
        actions.choices[name].add_argument("--handover", required=True, metavar="ID")
    key = add("key", "write the package's key, encrypted to a recipient who has accepted")
    key.add_argument("--handover", required=True, metavar="ID")
    key.add_argument("--out", required=True, type=Path, metavar="FILE")
    add("recall", "take an offer back, or ask for what was received").add_argument(
        "--handover", required=True, metavar="ID"
    )
    sign = add("sign", "as a recipient: sign an answer to an offer", case=False, member=False)
    sign.add_argument("offer", type=Path, help="the offer as it came, JSON")
    sign.add_argument("decision", choices=["accepted", "refused", "received", "returned", "destroyed"])
    sign.add_argument("--key", required=True, type=Path, metavar="FILE", help="Ed25519 private key, PEM")
    sign.add_argument("--name", default="", help="who answers")
    sign.add_argument("--out", required=True, type=Path, metavar="FILE")
    redact = add("redact", "make a redacted copy that verifies against the original", reason=True)
    redact.add_argument("item", help="its number in `list`")
    redact.add_argument("--out", required=True, type=Path, metavar="FILE", help="the redacted twin, JSON")
    digests = add("digests", "write keyed digests of a captured page, for another organisation to compare", reason=True)
    digests.add_argument("item", help="its number in `list`")
    digests.add_argument("--key-file", required=True, type=Path, metavar="FILE", help="the shared key, 64 hex digits")
    digests.add_argument("--out", required=True, type=Path, metavar="FILE")
    both = add("compare", "how much of two captures is the same, by their digests", case=False, member=False)
    both.add_argument("ours", type=Path)
    both.add_argument("theirs", type=Path)
    both.add_argument("--json", action="store_true", help="as JSON")
    mark = add("mark", "make a traceable copy for one recipient", reason=True)
    mark.add_argument("item", help="its number in `list`")
    mark.add_argument("--recipient", required=True)
    mark.add_argument("--out", required=True, type=Path, metavar="FILE")
    trace = add("trace", "which recipient's copy leaked?", case=False)
    trace.add_argument("leaked", type=Path)
    hold = add("hold", "forbid to erase a case")
    hold.add_argument("--asked-by", required=True, help="the authority or court")
    hold.add_argument("--on", dest="basis", required=True, help="order, file number or duty")
    hold.add_argument("--until", type=date.fromisoformat, help="last day, if known")
    lift = add("lift", "end a hold")
    lift.add_argument("hold", type=int)
    lift.add_argument("--because", required=True)
    erase = add("erase", "destroy the key of a case, with a certificate; nothing brings it back")
    erase.add_argument("--basis", default="consent")
    erase.add_argument("--yes", metavar="CASE", help="the reference once more, to confirm")
    add("certificate", "what was erased, what remains, who confirmed", member=False)


def run(options: argparse.Namespace) -> int:
    if options.action == "verify":
        return _verify(options)
    if options.action == "sign":
        return _sign(options)
    if options.action == "compare":
        return _compare(options)
    start_django()
    from habeas.evidence.actions import CaseErased
    from habeas.evidence.copying import CannotMark
    from habeas.evidence.core.answers import AnswerRefused
    from habeas.evidence.core.custody import UnknownPurpose
    from habeas.evidence.erasing import HeldBack, NotErased
    from habeas.evidence.handing_over import BadRecipient, WrongMoment
    from habeas.evidence.queries import NotHeld
    from habeas.evidence.store import ItemDamaged
    from habeas.journey.bundle import NothingToPassOn
    from habeas.journey.comparing import NoCapture
    from habeas.ledger.signing import NoLedgerKey

    actions: Mapping[str, Callable[[argparse.Namespace], int]] = {
        "list": _list,
        "custody": _custody,
        "check": _check,
        "capture": _capture,
        "open": _open,
        "export": _export,
        "offer": _offer,
        "answer": _take,
        "receipt": _take,
        "return": _take,
        "key": _key,
        "recall": _recall,
        "redact": _redact,
        "digests": _digests,
        "mark": _mark,
        "trace": _trace,
        "hold": _hold,
        "lift": _lift,
        "erase": _erase,
        "certificate": _certificate,
    }
    refusals = (
        AnswerRefused,
        BadRecipient,
        CannotMark,
        CaseErased,
        NoLedgerKey,
        HeldBack,
        ItemDamaged,
        NoCapture,
        NotErased,
        NotHeld,
        NothingToPassOn,
    )
    with refusals_of_the_house(UnknownPurpose, WrongMoment, *refusals):
        return actions[options.action](options)


# --------------------------------------------------------------------------------------------------- what is there


def _list(options: argparse.Namespace) -> int:
    from habeas.evidence import queries

    case = case_named(options.case)
    for number, (item, name) in enumerate(queries.items_of(case), 1):
        stamps = ", ".join(f"{stamp.authority} {stamp.state}" for stamp in item.stamps.order_by("authority"))
        held = "" if item.stored_as else "   hash and place only"
        sealed = f"sealed {item.sealed_at:%Y-%m-%d %H:%M:%S}Z"
        print(f"{number:>3}  {item.kind:<10} {item.size_bytes:>12,} B  {sealed}  {name}{held}")
        print(f"     commitment {item.commitment}" + (f"   time-stamps: {stamps}" if stamps else ""))
    return OK


def _custody(options: argparse.Namespace) -> int:
    from habeas.evidence import queries

    events = queries.custody_of(case_named(options.case))
    for number, event in enumerate(events, 1):
        what = "case"
        if event.item_id or event.handover_id:
            what = f"item {str(event.item_id)[:8]}" if event.item_id else f"hand-over {str(event.handover_id)[:8]}"
        who = f"by {event.by} ({event.role}), {event.purpose} on {event.basis}, entry {event.ledger_index}"
        print(f"{number:>3}  {event.at:%Y-%m-%d %H:%M:%S}Z  {event.kind:<13} {what:<20} {who}")
    gaps = queries.custody_gaps(events)
    for gap in gaps:
        print(gap)
    return FAILS if gaps else OK


def _check(options: argparse.Namespace) -> int:
    from habeas.evidence import queries

    damaged = queries.seals_damaged(case_named(options.case))
    for sentence in damaged:
        print(sentence)
    print("all stored items are there and unchanged" if not damaged else f"{len(damaged)} damaged")
    return FAILS if damaged else OK


# --------------------------------------------------------------------------------------------- capturing and opening


def _capture(options: argparse.Namespace) -> int:
    from habeas.cases import queries as cases
    from habeas.evidence import actions as evidence
    from habeas.journey import capture
    from habeas.kernel import clock

    case, member = case_named(options.case), member_named(options.member)
    pages = [(posting, link) for posting, link in cases.links_of(case) if options.link in {None, link}]
    if not pages:
        raise Refused(f"{case} has no such link; `habeas evidence list {case}` shows what is sealed already")
    for posting, link in pages:
        posting = cases.posting(posting.pk)
        reason = _reason(options)
        evidence.allow_capture(posting, reason, by=member, at=clock.now())
        try:
            item = capture.capture_now(posting, reason, by=member, hash_only=options.hash_only)
        except OSError as trouble:
            raise Refused(f"{link}: {trouble}") from None
        state = cases.posting(posting.pk).state
        print(f"{link}: {state}; sealed as {str(item.pk)[:8]}, {item.size_bytes:,} B")
    return OK


def _open(options: argparse.Namespace) -> int:
    from habeas.evidence import actions
    from habeas.kernel import clock

    case, member = case_named(options.case), member_named(options.member)
    item = _item(case, options.item)
    with new_file(options.out) as write:
        write(actions.read(item, _reason(options), by=member, at=clock.now()))
    print(f"written to {options.out}; the log says that {member} opened it")
    return OK


# --------------------------------------------------------------------------------------------------------- passing on


def _export(options: argparse.Namespace) -> int:
    from habeas.journey import bundle

    case, member = case_named(options.case), member_named(options.member)
    items = _items(case, options.item)
    if options.to:
        with new_file(options.out) as write:
            write(
                bundle.export_encrypted(case, items, _reason(options), options.to, by=member, audience=options.audience)
            )
        print(f"{options.out}: encrypted to {len(options.to)} recipient(s)")
        return OK
    if options.out.exists():
        raise Refused(f"--out {options.out}: this is there already; name a new folder")
    bundle.export(case, items, _reason(options), options.out, by=member, audience=options.audience)
    print(f"{options.out}: not encrypted; keep it where only you can read it")
    print(f"check it with: python {options.out}/data/verify/habeas_verify.py {options.out}")
    return OK


def _verify(options: argparse.Namespace) -> int:
    from habeas.evidence.verify import habeas_verify

    words = [str(options.bundle)]
    for name in ("policy", "roots"):
        if getattr(options, name):
            words += [f"--{name}", str(getattr(options, name))]
    return habeas_verify.main(words)


def _offer(options: argparse.Namespace) -> int:
    from habeas.evidence import handing_over
    from habeas.journey import bundle

    case, member = case_named(options.case), member_named(options.member)
    recipient = handing_over.read_recipient(options.recipient, options.signing_key, options.age)
    conditions = _bytes(options.conditions).decode(errors="replace")
    items = _items(case, options.item)
    handover = bundle.offer(case, items, recipient, conditions, _reason(options), days=options.days, by=member)
    options.out.mkdir(parents=True, exist_ok=True)
    for name, content in (
        ("offer.json", handing_over.offer_file(handover)),
        ("tar.age", handing_over.package_of(handover)),
    ):
        with new_file(options.out / f"{handover.pk}.{name}") as write:
            write(content)
    print(f"hand-over {handover.pk} offered to {handover.recipient}; offer and package are in {options.out}")
    print("the key follows with `habeas evidence key` once they have accepted")
    return OK


def _take(options: argparse.Namespace) -> int:
    from habeas.evidence import handing_over
    from habeas.kernel import clock

    member = member_named(options.member)
    take = {
        "answer": handing_over.take_answer,
        "receipt": handing_over.take_receipt,
        "return": handing_over.take_return,
    }[options.action]
    handover = take(_handover(options), _bytes(options.signed), by=member, at=clock.now())
    print(f"hand-over {handover.pk}: {handover.get_state_display().lower()}")
    return OK


def _key(options: argparse.Namespace) -> int:
    from habeas.evidence import handing_over
    from habeas.kernel import clock

    with new_file(options.out) as write:
        write(handing_over.key_for(_handover(options), by=member_named(options.member), at=clock.now()))
    print(f"{options.out}: for the recipient alone; give it to them")
    return OK


def _recall(options: argparse.Namespace) -> int:
    from habeas.evidence import handing_over
    from habeas.kernel import clock

    handing_over.recall(_handover(options), by=member_named(options.member), at=clock.now())
    print("recalled; for what was received, ask for their signed word that it is gone")
    return OK


def _sign(options: argparse.Namespace) -> int:
    """The recipient's side: needs no house, no database, only the offer and a key."""
    import json

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from habeas.evidence.core import answers
    from habeas.kernel import clock

    try:
        offer = json.loads(_bytes(options.offer))
        key = load_pem_private_key(_bytes(options.key), password=None)
        said = answers.statement(
            options.decision,
            offer["handover"],
            package_sha256=offer["package_sha256"],
            conditions_sha512=offer["conditions_sha512"],
            at=clock.now().isoformat(),
            name=options.name,
        )
    except (KeyError, TypeError, ValueError) as trouble:
        raise Refused(f"offer or key cannot be read ({type(trouble).__name__}); give them as they came") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused("--key must be an Ed25519 private key: openssl genpkey -algorithm ed25519")
    print(offer.get("conditions", ""))
    with new_file(options.out) as write:
        write(answers.sign(said, key))
    print(f"\nsigned: {options.decision}; send {options.out} back")
    return OK


# ---------------------------------------------------------------------------------------------- redacting and tracing


def _redact(options: argparse.Namespace) -> int:
    from habeas.journey import redaction

    case, member = case_named(options.case), member_named(options.member)
    made = redaction.redact(_item(case, options.item), _reason(options), by=member)
    with new_file(options.out) as write:
        write(made.twin)
    print(f"{made.hidden} of {made.units} parts hidden; the twin is in {options.out} and sealed in the case")
    return OK


def _digests(options: argparse.Namespace) -> int:
    from habeas.journey import comparing

    case, member = case_named(options.case), member_named(options.member)
    made = comparing.digests_of(_item(case, options.item), _shared_key(options.key_file), _reason(options), by=member)
    with new_file(options.out) as write:
        write(made)
    print(f"{options.out}: send it to the other organisation, and the key by another way")
    return OK


def _shared_key(file: Path) -> bytes:
    try:
        key = bytes.fromhex(file.read_text("ascii").strip())
    except (OSError, ValueError):
        raise Refused(f"{file}: a file with 64 hex digits is needed; `openssl rand -hex 32` makes one") from None
    if len(key) < 32:
        raise Refused(f"{file}: the key has {len(key)} bytes; it needs 32 or more")
    return key


def _compare(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from habeas.evidence.core.block_digests import NotComparable
    from habeas.journey import comparing

    try:
        found = comparing.compared(options.ours.read_bytes(), options.theirs.read_bytes())
    except OSError as trouble:
        raise Refused(f"{trouble.filename}: cannot be read ({trouble.strerror})") from None
    except NotComparable as refusal:
        raise Refused(str(refusal)) from None
    if options.json:
        print(json.dumps({kind: asdict(counts) for kind, counts in found.items()}, indent=1))
    else:
        print("\n".join(comparing.sentences(found)))
    return OK


def _mark(options: argparse.Namespace) -> int:
    from habeas.journey import copies

    case, member = case_named(options.case), member_named(options.member)
    with new_file(options.out) as write:
        write(copies.mark(_item(case, options.item), options.recipient, _reason(options), by=member).content)
    print(f"{options.out}: a copy for {options.recipient} alone; it says that it is marked")
    return OK


def _trace(options: argparse.Namespace) -> int:
    from habeas.evidence.copying import NothingToTrace
    from habeas.evidence.core.marks.trace import CannotTrace
    from habeas.journey import copies

    try:
        found = copies.trace(_bytes(options.leaked), options.leaked.name, by=member_named(options.member))
    except (CannotTrace, NothingToTrace) as refusal:
        raise Refused(str(refusal)) from None
    print(found.sentence)
    return OK if found.copy else FAILS


# ------------------------------------------------------------------------------------------------- keeping and erasing


def _hold(options: argparse.Namespace) -> int:
    from habeas.evidence import erasing
    from habeas.kernel import clock

    case, member = case_named(options.case), member_named(options.member)
    hold = erasing.place_hold(case, options.basis, options.asked_by, until=options.until, by=member, at=clock.now())
    print(f"hold {hold.pk} stands: nothing of {case} is erased while it does")
    return OK


def _lift(options: argparse.Namespace) -> int:
    from habeas.evidence import erasing
    from habeas.kernel import clock

    case, member = case_named(options.case), member_named(options.member)
    hold = case.holds.filter(pk=options.hold).first()
    if hold is None:
        raise Refused(f"{case} has no hold {options.hold}")
    erasing.lift_hold(hold, options.because, by=member, at=clock.now())
    print(f"hold {hold.pk} is lifted")
    return OK


def _erase(options: argparse.Namespace) -> int:
    from habeas.journey.erasure import erase_case

    case, member = case_named(options.case), member_named(options.member)
    if (options.yes or "").strip().upper() != case.reference:
        raise Refused(f"nothing was erased: repeat with --yes {case.reference} if you mean it; nothing brings it back")
    erase_case(case, options.basis, by=member)
    return _certificate(options)


def _certificate(options: argparse.Namespace) -> int:
    import json

    from habeas.evidence.erasing import certificate_of

    print(json.dumps(certificate_of(case_named(options.case)), indent=2, ensure_ascii=False))
    return OK


# -------------------------------------------------------------------------------------------------------- what is named


def _reason(options: argparse.Namespace) -> Reason:
    from habeas.evidence.actions import Reason

    return Reason(options.purpose, options.basis)


def _item(case: Case, number: str) -> Item:
    return _by_number(case)[_number(case, number)]


def _items(case: Case, numbers: list[str] | None) -> list[str]:
    items = _by_number(case)
    chosen = [_number(case, number) for number in numbers] if numbers else sorted(items)
    return [str(items[number].pk) for number in chosen]


def _number(case: Case, number: str) -> int:
    if not number.isdecimal() or int(number) not in _by_number(case):
        raise Refused(f"{case} has no item {number[:20]!r}; `habeas evidence list {case}` numbers them")
    return int(number)


def _by_number(case: Case) -> dict[int, Item]:
    from habeas.evidence import queries

    return {number: item for number, (item, _) in enumerate(queries.items_of(case), 1)}


def _handover(options: argparse.Namespace) -> HandOver:
    from django.core.exceptions import ValidationError

    case = case_named(options.case)
    try:
        found = case.handovers.select_related("case__key").filter(pk=options.handover).first()
    except ValidationError:
        found = None
    if found is None:
        raise Refused(f"{case} has no hand-over {options.handover[:40]!r}")
    return found


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"{path} cannot be opened ({error.strerror}): check the path") from None

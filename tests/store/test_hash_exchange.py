"""Picture hashes from others and for others: taken in, found, withdrawn; fetched from services that misbehave."""

from __future__ import annotations

import hashlib
import io
import json
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import IntegrityError, transaction
from PIL import Image, ImageDraw

from factories.people import member
from factories.reports import NOON, an_examined_case, intake
from habeas.access import keys
from habeas.access.actions import NotAllowed
from habeas.cases.core.intake import IncomingFile
from habeas.exposure import actions, queries
from habeas.exposure.actions import AlreadyDecided, Imported
from habeas.exposure.core.hash_exchange import Feedback, HashRecord, Page, read_page, write_page
from habeas.exposure.core.pdq import hash_picture
from habeas.exposure.exchange import ExchangeFailed, Hma, StopNcii, fetch_into
from habeas.exposure.models import BankedHash, HashBank, SharedHash
from habeas.kernel.ids import keyed_digest
from habeas.ledger import queries as ledger

pytestmark = pytest.mark.django_db(transaction=True)

STORY = (
    "There was once a quiet ferryman in the harbour town who kept the lanterns and wrote it all in a thick "
    "green book. People said he knew which of the orchard owners owed money to whom, and so the council feared "
    "him more than storms. Nobody believed it until the book was copied page by page and pinned to the door. "
)
SEQUEL = (
    "Years later a gardener found seven blue bottles under the old pear tree behind the mill, each with a letter "
    "rolled up inside, and every letter asked the same question of a different neighbour who had long moved away. "
)
ONE, OTHER = bytes(range(32)), bytes(range(100, 132))
# Three bits away from ONE.
NEAR_ONE = bytes([ONE[0] ^ 7, *ONE[1:]])


def a_picture(width: int = 400) -> bytes:
    drawn = Image.new("RGB", (400, 300), (250, 240, 220))
    pen = ImageDraw.Draw(drawn)
    for step in range(9):
        at = 36 * step
        pen.ellipse((at, at // 2, at + 80, at // 2 + 100), fill=(step * 25, 255 - step * 20, 90))
        pen.rectangle((360 - at, at // 2, 400 - at, at // 2 + 30), fill=(40, step * 20, 200))
    file = io.BytesIO()
    drawn.resize((width, width * 3 // 4)).save(file, "JPEG", quality=80)
    return file.getvalue()


def record(bits: bytes = ONE, state: str = "Active", at: int = 1_000, *feedback: Feedback) -> HashRecord:
    return HashRecord(bits.hex(), state, at, {"c-1": state}, feedback)


def a_bank(*records: HashRecord, name: str = "Examplia") -> HashBank:
    bank = actions.open_bank(name, "file", by="test", at=NOON)
    take_in(bank, *records)
    return bank


def take_in(bank: HashBank, *records: HashRecord, **more: object) -> Imported:
    return actions.import_page(bank, Page(tuple(records), **more), by="test", at=NOON)


def found(*bits: bytes) -> list[tuple[str, str, int]]:
    return [(one.bank.name, one.state, one.distance) for one in queries.banked_near(bits or (ONE,))]


def kinds(case: object = "") -> list[str]:
    return [entry["kind"] for entry in ledger.entries_of(case)]


# ------------------------------------------------------------------------------------------------ what comes in


def test_a_hash_of_a_bank_is_found_by_one_near_it_with_its_bank_state_and_distance():
    a_bank(record(), record(OTHER, "Received"))
    assert found(NEAR_ONE) == [("Examplia", "Active", 3)]
    assert found(OTHER, NEAR_ONE) == [("Examplia", "Received", 0), ("Examplia", "Active", 3)]
    assert found(bytes(32)) == []


def test_the_hash_stands_in_no_table_and_in_no_file_as_it_is(settings):
    a_bank(record())
    row = BankedHash.objects.get()
    assert ONE.hex() not in json.dumps([row.their_id, row.state, row.opinion, row.tags])
    files = [file for file in settings.HABEAS_REGISTRY.rglob("*") if file.is_file()]
    assert files
    for file in files:
        assert ONE not in file.read_bytes()


def test_banks_and_our_own_pictures_are_disguised_under_different_keys():
    """Whoever shares a bank knows its hashes: the files of ours must not open to what can be told from theirs."""
    assert queries.bank_pictures().disguised(ONE) != queries.pictures().disguised(ONE)


def test_a_page_taken_in_says_what_it_brought_and_stands_in_the_log_once():
    bank = a_bank(record(), record(OTHER))
    third = bytes(32)
    newer = [record(at=1_001, state="Active"), record(OTHER, "Withdrawn", 1_002), record(third, "Deleted", 5)]
    assert take_in(bank, *newer, skipped={"VideoMD5": 2}) == Imported(0, 1, 1, 1, {"VideoMD5": 2})
    entry = ledger.entries_of("")[-1]
    assert {key: entry[key] for key in ("kind", "by", "bank", "added", "changed", "taken_out", "skipped")} == {
        "kind": "bank.imported", "by": "test", "bank": bank.pk, "added": 0, "changed": 1, "taken_out": 1, "skipped": 2,
    }  # fmt: skip
    assert kinds() == ["bank.opened", "bank.imported", "bank.imported"]


def test_whole_pages_come_and_go_and_every_process_sees_the_same():
    from habeas.exposure.registry.banks import Banks

    opened = queries.bank_pictures()
    other_process = Banks(opened.folder, keyed_digest(keys.registry_key(), "registry", "banks"))
    page = [hashlib.sha256(number.to_bytes(4)).digest() for number in range(100)]
    bank = a_bank(*map(record, page))
    assert len(other_process) == 100
    gone, extra = page[:40], bytes(32)
    take_in(bank, *(record(bits, "Withdrawn", 2_000) for bits in gone), record(extra))
    assert len(opened) == len(other_process) == 61
    assert not [bits for bits in gone if found(bits)]
    assert all(other_process.search(bits, 0) for bits in (*page[40:], extra))


@pytest.mark.parametrize("state", ["Withdrawn", "Deleted"])
def test_what_is_withdrawn_is_found_no_more_and_gone_from_the_files(state):
    bank = a_bank(record(), record(OTHER))
    take_in(bank, record(state=state, at=1_001))
    assert found() == []
    assert found(OTHER) == [("Examplia", "Active", 0)]
    assert len(queries.bank_pictures()) == 1
    assert take_in(bank, record(at=1_000)) == Imported(0, 0, 0, 1, {})
    assert found() == []
    assert take_in(bank, record(at=1_002)) == Imported(0, 1, 0, 0, {})
    assert found() == [("Examplia", "Active", 0)]


def test_a_withdrawal_counts_although_a_crash_kept_it_from_the_files(monkeypatch):
    bank = a_bank(record(), record(OTHER))
    monkeypatch.setattr(actions, "_into_banks", lambda kept, gone: None)
    take_in(bank, record(state="Withdrawn", at=1_001), record(bytes(32)))
    monkeypatch.undo()
    assert len(queries.bank_pictures()) == 2, "the files still hold it"
    assert found() == []
    take_in(bank, record(state="Withdrawn", at=1_001), record(bytes(32)))
    assert len(queries.bank_pictures()) == 2, "the same page again mends them"
    assert found(bytes(32)) == [("Examplia", "Active", 0)]
    assert found() == []


def test_taking_in_the_same_page_again_changes_nothing():
    bank = a_bank(record(), record(OTHER, "Withdrawn"))
    before = list(BankedHash.objects.order_by("pk").values())
    assert take_in(bank, record(), record(OTHER, "Withdrawn")) == Imported(0, 0, 0, 2, {})
    assert list(BankedHash.objects.order_by("pk").values()) == before
    assert len(queries.bank_pictures()) == 1


def test_a_page_that_breaks_off_leaves_nothing_behind(monkeypatch):
    bank = a_bank()
    monkeypatch.setattr(actions.ledger, "append", lambda *args, **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        take_in(bank, record())
    assert not BankedHash.objects.exists()
    assert len(queries.bank_pictures()) == 0


def test_a_bank_that_is_switched_off_is_not_found_and_comes_back_whole():
    bank, person = a_bank(record()), member()
    other = a_bank(record(NEAR_ONE), name="Second bank")
    actions.switch_bank(bank, on=False, by=person, at=NOON)
    assert found() == [("Second bank", "Active", 3)]
    assert [(one.name, count) for one, count in queries.banks()] == [("Examplia", 1), ("Second bank", 1)]
    actions.switch_bank(bank, on=True, by=person, at=NOON)
    assert found() == [("Examplia", "Active", 0), ("Second bank", "Active", 3)]
    with pytest.raises(NotAllowed):
        actions.switch_bank(other, on=False, by=member("auditor"), at=NOON)


def test_what_this_house_took_out_stays_out_whatever_the_bank_says():
    bank, person = a_bank(record()), member()
    (banked,) = BankedHash.objects.all()
    actions.withdraw_banked(banked.pk, by=person, at=NOON)
    assert found() == []
    assert len(queries.bank_pictures()) == 0
    take_in(bank, record(at=9_999))
    assert found() == []
    assert len(queries.bank_pictures()) == 0
    assert "banked.withdrawn" in kinds()
    with pytest.raises(AlreadyDecided, match="was taken out on 2026-03-06 at 12:00 UTC"):
        actions.withdraw_banked(banked.pk, by=person, at=NOON)


def test_opinions_of_others_and_our_own_combine():
    bank = a_bank(record(ONE, "Active", 1, Feedback("Blocked", ("Nude",), "Examplebook")))
    (near,) = queries.banked_near([ONE])
    assert (near.opinion, near.tags) == ("POSITIVE_CLASS", ("Nude",))
    actions.record_opinion(near.banked, "NEGATIVE_CLASS", by=member(), at=NOON)
    assert queries.banked_near([ONE])[0].opinion == "DISPUTED"
    take_in(bank, record(ONE, "Active", 2, Feedback("PendingReview")))
    assert queries.banked_near([ONE])[0].opinion == "DISPUTED"
    actions.record_opinion(near.banked, "POSITIVE_CLASS", by=member("lead"), at=NOON)
    assert queries.banked_near([ONE])[0].opinion == "POSITIVE_CLASS"
    with pytest.raises(NotAllowed):
        actions.record_opinion(near.banked, "NEGATIVE_CLASS", by=member("auditor"), at=NOON)
    assert kinds().count("banked.judged") == 2


def test_what_all_hold_for_a_false_alarm_is_not_told():
    a_bank(record())
    BankedHash.objects.update(opinion="NEGATIVE_CLASS")
    assert found() == []


# ------------------------------------------------------------------------------------------------ what goes out


def a_case_with_a_picture(submission: str = "one"):
    files = (IncomingFile("one.jpg", a_picture()), IncomingFile("one.txt", b"she lives in that house"))
    return an_examined_case(intake(text="", files=files, submission=submission))


def hashes_of(case) -> dict[str, bytes]:
    return {str(item.pk): hash_picture(a_picture()).bits for item in case.items.filter(media_type="image/jpeg")}


def test_known_pictures_go_out_active_and_after_their_withdrawal_withdrawn():
    case, person = a_case_with_a_picture(), member()
    (sent,) = actions.share_hashes(case, hashes_of(case), by=person, at=NOON)
    assert (sent.bits, sent.state, sent.modified_at) == (hash_picture(a_picture()).bits, "Active", NOON.timestamp())
    assert set(sent.cases.values()) == {"Active"}
    assert actions.share_hashes(case, hashes_of(case), by=person, at=NOON + timedelta(hours=1)) == [sent]

    actions.withdraw_known(case, by=person.pk, at=NOON)
    (called_back,) = actions.share_hashes(case, hashes_of(case), by=person, at=NOON)
    assert (called_back.hash_value, called_back.state) == (sent.hash_value, "Withdrawn")
    assert called_back.cases.keys() == sent.cases.keys()
    assert called_back.modified_at > sent.modified_at, "others keep the newer of two records"
    shared = [entry for entry in ledger.entries_of(case.pk) if entry["kind"] == "hashes.shared"]
    assert [(entry["active"], entry["withdrawn"]) for entry in shared] == [(1, 0), (1, 0), (0, 1)]


def test_a_withdrawal_takes_the_hash_out_at_those_who_took_it_in():
    case, person = a_case_with_a_picture(), member()
    (sent,) = read_page(write_page(actions.share_hashes(case, hashes_of(case), by=person, at=NOON))).records
    bank = a_bank(sent)
    assert len(found(sent.bits)) == 1
    actions.withdraw_known(case, by=person.pk, at=NOON)
    take_in(bank, *actions.share_hashes(case, {}, by=person, at=NOON))
    assert found(sent.bits) == []


def test_a_case_known_again_after_its_withdrawal_is_active_again_and_newer():
    case, person = a_case_with_a_picture(), member()
    actions.share_hashes(case, hashes_of(case), by=person, at=NOON)
    actions.withdraw_known(case, by=person.pk, at=NOON)
    (gone,) = actions.share_hashes(case, {}, by=person, at=NOON)
    (source,) = hashes_of(case)
    actions.register_known(case, source, "", (), hashes_of(case)[source], at=NOON)
    (again,) = actions.share_hashes(case, hashes_of(case), by=person, at=NOON)
    assert again.state == "Active"
    assert again.modified_at > gone.modified_at


def test_only_what_is_known_goes_out_and_nothing_that_names_the_case():
    case = an_examined_case(intake(text="she lives here"))
    assert actions.share_hashes(case, {"no item of it": ONE}, by=member(), at=NOON) == []
    assert not SharedHash.objects.exists()
    assert "hashes.shared" not in kinds(case.pk)

    other = a_case_with_a_picture()
    written = write_page(actions.share_hashes(other, hashes_of(other), by=member(), at=NOON))
    assert other.reference not in written
    assert str(other.pk) not in written


def test_the_shared_hash_lies_sealed_and_who_may_not_share_is_refused():
    case = a_case_with_a_picture()
    with pytest.raises(NotAllowed):
        actions.share_hashes(case, hashes_of(case), by=member("auditor"), at=NOON)
    (sent,) = actions.share_hashes(case, hashes_of(case), by=member(), at=NOON)
    assert sent.bits not in bytes(SharedHash.objects.get().hash_sealed)


def test_the_database_refuses_a_withdrawal_before_the_sharing_and_a_hash_twice_in_a_bank():
    case = a_case_with_a_picture()
    actions.share_hashes(case, hashes_of(case), by=member(), at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        SharedHash.objects.update(withdrawn_at=NOON - timedelta(seconds=1))
    a_bank(record())
    row = BankedHash.objects.get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


# ------------------------------------------------------------------------------------------------- made anew


def test_texts_are_made_anew_while_others_withdraw_and_add_some():
    first = an_examined_case(intake(text=STORY))
    late = []

    def others_work(done: int) -> None:
        if done == 1:
            actions.withdraw_known(first, by="test", at=NOON)
            late.append(an_examined_case(intake(text=SEQUEL, submission="late")))

    queries.wordings().fill([])
    assert actions.rebuild_texts(others_work) == 1
    assert queries.known_again(STORY) == []
    assert [one.case for one in queries.known_again(SEQUEL)] == late


def test_pictures_are_made_anew_while_others_withdraw_and_add_some():
    first, bits = a_case_with_a_picture(), hash_picture(a_picture()).bits
    late = []

    def hashes_while_others_work(numbers):
        yield from [
            (number, bits) for number, case, source in queries.known_sources(numbers) if source in hashes_of(case)
        ]
        if not late:
            actions.withdraw_known(first, by="test", at=NOON)
            late.append(a_case_with_a_picture("late"))

    queries.pictures().rebuild([])
    assert queries.known_again("", (), [bits]) == []
    assert actions.rebuild_pictures(hashes_while_others_work, lambda done: None) == 1
    assert [one.case for one in queries.known_again("", (), [bits])] == late


def test_a_registry_that_cannot_be_read_is_made_anew(settings):
    text = "The ferryman kept the lanterns of the harbour and wrote each of the debts of the town in a green book."
    case = an_examined_case(intake(text=text))
    queries.wordings().compact()
    folder = settings.HABEAS_REGISTRY / "texts"
    (segment,) = folder.glob("wording-*")
    segment.write_bytes(b"not what it was")
    queries._wordings.cache_clear()
    told: list[int] = []
    assert actions.rebuild_texts(told.append) == 1
    assert told == [1]
    assert [one.case for one in queries.known_again(text)] == [case]


# ------------------------------------------------------------------------------------------ services over the network


@dataclass
class Answer:
    """What the server says once. cut: how many bytes of the content it sends before it hangs up"""

    content: object = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    chunked: bool = False


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    content: object


class Double:
    """A service on this machine: it says what it was told to say, in order, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: deque[Answer] = deque()
        self.asked: list[Asked] = []
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except ConnectionError:
                    self.close_connection = True

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                double.asked.append(
                    Asked(
                        self.command,
                        parts.path,
                        query,
                        {name.lower(): value for name, value in self.headers.items()},
                        json.loads(body) if body else None,
                    )
                )
                self.say(double.answers.popleft() if len(double.answers) > 1 else double.answers[0])

            def say(self, one: Answer) -> None:
                content = one.content if isinstance(one.content, bytes) else json.dumps(one.content).encode()
                self.send_response(one.status)
                for name, value in one.headers.items():
                    self.send_header(name, value)
                if one.chunked:
                    self.send_header("Transfer-Encoding", "chunked")
                    content = b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content)
                else:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content if one.cut is None else content[: one.cut])
                if one.cut is not None:
                    self.wfile.flush()
                    self.close_connection = True

            do_GET = do_POST = do_DELETE = answer  # noqa: N815 - the names http.server calls

            def log_message(self, *args: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}/v1"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def says(self, *answers: Answer) -> None:
        self.answers = deque(answers)


@pytest.fixture
def double(monkeypatch) -> Iterator[Double]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    service = Double()
    yield service
    service.server.shutdown()
    service.server.server_close()
    service.thread.join(timeout=5)


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def stop_ncii(double, pauses) -> StopNcii:
    return StopNcii(
        double.base,
        "the token",
        function_keys={"FetchHashes": "fetch key"},
        allow_http=True,
        timeout_seconds=5,
        pause=pauses.append,
    )


@pytest.fixture
def hma(double, pauses) -> Hma:
    return Hma(double.base, allow_http=True, timeout_seconds=5, pause=pauses.append)


def says(*records: HashRecord, next_page: str = "", next_set: int = 0) -> Answer:
    return Answer(write_page(records, next_page=next_page, next_set=next_set).encode())


def test_all_pages_are_fetched_one_after_the_other_with_token_and_key(double, stop_ncii):
    double.says(says(record(), next_page="second"), says(record(OTHER), next_page="third"), says(next_set=77))
    pages = list(stop_ncii.fetch_pages(since=10))
    assert [len(page.records) for page in pages] == [1, 1, 0]
    assert pages[-1].next_set == 77
    assert [(one.method, one.path) for one in double.asked] == [("GET", "/v1/FetchHashes")] * 3
    assert [one.query.get("nextPageToken") for one in double.asked] == [None, "second", "third"]
    assert {one.query["startTimestamp"] for one in double.asked} == {"10"}
    assert {one.headers["ocp-apim-subscription-key"] for one in double.asked} == {"the token"}
    assert {one.headers["x-functions-key"] for one in double.asked} == {"fetch key"}


def test_what_was_fetched_fills_the_bank_and_the_next_fetch_goes_on_from_there(double, stop_ncii):
    bank = actions.open_bank("StopNCII", double.base, by="test", at=NOON)
    double.says(says(record(), next_page="second"), says(record(OTHER), next_set=1_500))
    assert [one.added for one in fetch_into(bank, stop_ncii, by="test")] == [1, 1]
    bank.refresh_from_db()
    assert (bank.next_set, bank.next_page) == (1_500, "")
    double.says(says(record(state="Withdrawn", at=1_600), next_set=1_600))
    fetch_into(bank, stop_ncii, by="test")
    assert double.asked[-1].query["startTimestamp"] == "1500"
    assert found() == []
    assert found(OTHER) == [("StopNCII", "Active", 0)]


def test_a_fetch_that_broke_off_goes_on_with_the_page_it_stopped_at(double, stop_ncii):
    bank = actions.open_bank("StopNCII", double.base, by="test", at=NOON)
    double.says(says(record(), next_page="second"), Answer(status=500))
    with pytest.raises(ExchangeFailed, match="FetchHashes answered 500, 5 times"):
        fetch_into(bank, stop_ncii, by="test")
    assert found() == [("StopNCII", "Active", 0)], "the first page stands"
    bank.refresh_from_db()
    assert bank.next_page == "second"
    double.says(says(record(OTHER), next_set=9))
    fetch_into(bank, stop_ncii, by="test")
    assert double.asked[-1].query["nextPageToken"] == "second"
    assert len(found(ONE, OTHER)) == 2


def test_a_token_the_service_forgot_begins_the_set_anew(double, stop_ncii):
    bank = actions.open_bank("StopNCII", double.base, by="test", at=NOON)
    take_in(bank, next_page="long ago", has_more=True)
    bank.refresh_from_db()
    double.says(Answer(status=400), says(record(), next_set=5))
    fetch_into(bank, stop_ncii, by="test")
    assert [one.query.get("nextPageToken") for one in double.asked] == ["long ago", None]
    assert found() == [("StopNCII", "Active", 0)]


def test_a_page_that_changed_meanwhile_counts_by_its_newest_records(double, stop_ncii):
    bank = actions.open_bank("StopNCII", double.base, by="test", at=NOON)
    first = says(record(at=10), record(OTHER, at=10), next_page="second")
    moved = says(record(state="Withdrawn", at=20), record(OTHER, at=5))
    double.says(first, moved)
    fetch_into(bank, stop_ncii, by="test")
    assert found(ONE, OTHER) == [("StopNCII", "Active", 0)]
    assert found(ONE) == []


def test_pages_that_lead_in_a_circle_end(double, stop_ncii):
    double.says(says(next_page="a"), says(next_page="b"), says(next_page="a"))
    with pytest.raises(ExchangeFailed, match="leads in a circle"):
        list(stop_ncii.fetch_pages())


def test_a_service_that_is_busy_gets_the_time_it_asks_for(double, stop_ncii, pauses, monkeypatch):
    from habeas.kernel import clock

    monkeypatch.setattr(clock, "now", lambda: NOON)
    until = format_datetime(NOON + timedelta(seconds=30), usegmt=True)
    double.says(
        Answer(status=429, headers={"Retry-After": "7"}),
        Answer(status=503, headers={"Retry-After": until}),
        Answer(status=500, headers={"Retry-After": "soon"}),
        says(record()),
    )
    assert len(next(stop_ncii.fetch_pages()).records) == 1
    assert pauses[:2] == [7.0, 30.0]
    assert 1.6 <= pauses[2] <= 2.4, "the third pause is the doubled one"


def test_too_long_a_wait_is_refused_and_said(double, stop_ncii, pauses):
    double.says(Answer(status=429, headers={"Retry-After": "3600"}))
    with pytest.raises(ExchangeFailed, match="asks for 3600 seconds of patience") as refusal:
        list(stop_ncii.fetch_pages())
    assert (refusal.value.status, pauses) == (429, [])


@pytest.mark.parametrize("chunked", [False, True], ids=["by-length", "in-chunks"])
def test_an_answer_that_is_cut_off_is_asked_for_again(double, stop_ncii, chunked):
    whole = says(record())
    double.says(Answer(whole.content, cut=50, chunked=chunked), Answer(whole.content, chunked=chunked))
    assert len(next(stop_ncii.fetch_pages()).records) == 1
    assert len(double.asked) == 2


def test_an_answer_always_cut_off_is_given_up(double, stop_ncii, pauses):
    double.says(Answer(says(record()).content, cut=50))
    with pytest.raises(ExchangeFailed, match=r"broke off \(only 50 of \d+ bytes came\), 5 times"):
        list(stop_ncii.fetch_pages())
    assert len(pauses) == 4
    assert pauses == sorted(pauses)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param(b"<html>maintenance</html>", "it is no JSON", id="a-web-page"),
        pytest.param({"hashRecords": "none"}, "hashRecords is missing or is no list", id="wrong-shape"),
        pytest.param({"hashRecords": [{"signalType": "ImagePDQ"}]}, "record 1: hashValue: is missing", id="a-field"),
    ],
)
def test_wrong_json_is_named_and_nothing_of_the_page_taken_in(double, stop_ncii, content, fault):
    bank = actions.open_bank("StopNCII", double.base, by="test", at=NOON)
    double.says(Answer(content))
    with pytest.raises(ExchangeFailed, match=fault):
        fetch_into(bank, stop_ncii, by="test")
    assert len(double.asked) == 1, "what is wrong now is wrong in a second"
    assert not BankedHash.objects.exists()


def test_an_answer_without_end_is_not_read_to_its_end(double):
    double.says(Answer(b" " * 200_000))
    client = StopNcii(double.base, "t", allow_http=True, most_bytes=100_000)
    with pytest.raises(ExchangeFailed, match="answered more than 100,000 bytes"):
        list(client.fetch_pages())


def test_a_service_that_says_nothing_is_not_waited_for():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        base = f"http://127.0.0.1:{silent.getsockname()[1]}"
        client = StopNcii(base, "t", allow_http=True, timeout_seconds=0.1, pause=lambda seconds: None)
        with pytest.raises(ExchangeFailed, match="cannot be reached or broke off"):
            list(client.fetch_pages())


@pytest.mark.parametrize(("status", "said"), [(401, "check the token"), (403, "check the token"), (404, "address")])
def test_a_refusal_is_final_and_says_what_to_look_at(double, stop_ncii, status, said):
    double.says(Answer(b"secret words of the service", status=status))
    with pytest.raises(ExchangeFailed, match=said) as refusal:
        list(stop_ncii.fetch_pages())
    assert (len(double.asked), refusal.value.status) == (1, status)
    assert "secret words" not in str(refusal.value)


def test_the_token_follows_no_redirect(double, stop_ncii):
    double.says(Answer(status=302, headers={"Location": f"{double.base}/elsewhere"}))
    with pytest.raises(ExchangeFailed, match=r"302 \(moved\)"):
        list(stop_ncii.fetch_pages())
    assert [one.path for one in double.asked] == ["/v1/FetchHashes"]


@pytest.mark.parametrize(
    "base",
    ["http://hashes.example.org/v1", "ftp://hashes.example.org", "https://user:pass@hashes.example.org", "https://",
     "https://hashes.example.org/?key=1", "hashes.example.org"],
)  # fmt: skip
def test_hashes_travel_over_https_only(base):
    with pytest.raises(ExchangeFailed) as refusal:
        StopNcii(base, "t")
    assert "pass" not in str(refusal.value)


def test_records_and_feedback_are_handed_in_by_the_caller_in_portions(double, stop_ncii):
    double.says(Answer({}))
    stop_ncii.submit([record(number.to_bytes(32)) for number in range(501)])
    stop_ncii.feedback({ONE.hex(): Feedback("NotBlocked", ("Example",))})
    assert [(one.method, one.path, one.content["count"]) for one in double.asked] == [
        ("POST", "/v1/SubmitHashes", 500),
        ("POST", "/v1/SubmitHashes", 1),
        ("POST", "/v1/SubmitFeedback", 1),
    ]
    assert double.asked[0].content["hashRecords"][1]["hashValue"] == (1).to_bytes(32).hex()
    assert double.asked[2].content["hashFeedbacks"][0]["feedbackValue"] == "NotBlocked"


def test_what_must_not_happen_twice_is_asked_again_only_where_nothing_was_done(double, stop_ncii, pauses):
    double.says(Answer(status=500))
    with pytest.raises(ExchangeFailed, match="answered 500"):
        stop_ncii.submit([record()])
    assert len(double.asked) == 1
    double.says(Answer(status=429, headers={"Retry-After": "1"}), Answer({}))
    stop_ncii.submit([record()])
    assert len(double.asked) == 3
    assert pauses == [1.0]


def test_nothing_is_sent_by_taking_in_sharing_or_judging(double, stop_ncii):
    case = a_case_with_a_picture()
    actions.share_hashes(case, hashes_of(case), by=member(), at=NOON)
    a_bank(record())
    actions.record_opinion(BankedHash.objects.get().pk, "NEGATIVE_CLASS", by=member(), at=NOON)
    assert double.asked == []


def test_an_hma_is_asked_by_hash(double, hma):
    double.says(Answer({"BANK_A": [{"bank_content_id": 4, "distance": "2"}]}))
    (match,) = hma.lookup(ONE, banks=["BANK_A", "BANK_B"])
    assert (match.bank, match.content_id, match.distance) == ("BANK_A", 4, 2)
    assert double.asked[0].path == "/v1/m/lookup"
    assert double.asked[0].query == {"signal_type": "pdq", "signal": ONE.hex(), "banks": "BANK_A,BANK_B"}


def test_a_hash_is_put_into_a_bank_of_an_hma_looked_at_and_taken_out_again(double, hma):
    double.says(
        Answer([{"name": "DOXES", "matching_enabled_ratio": 1.0}]),
        Answer({"id": 9, "signals": {"pdq": ONE.hex()}}, status=201),
        Answer({
            "id": 9, "disable_until_ts": 1, "original_media_uri": None,
            "bank": {"name": "DOXES", "matching_enabled_ratio": 1.0}, "signals": {"pdq": ONE.hex()},
        }),
        Answer({"deleted": 1}),
        Answer({"deleted": 0}),
    )  # fmt: skip
    assert [bank.name for bank in hma.banks()] == ["DOXES"]
    added = hma.add("DOXES", ONE)
    assert (added.id, added.pdq) == (9, ONE.hex())
    assert hma.content("DOXES", added.id).bank == "DOXES"
    assert hma.remove("DOXES", added.id) is True
    assert hma.remove("DOXES", added.id) is False
    assert [(one.method, one.path, one.content) for one in double.asked[1:4]] == [
        ("POST", "/v1/c/bank/DOXES/signal", {"pdq": ONE.hex()}),
        ("GET", "/v1/c/bank/DOXES/content/9", None),
        ("DELETE", "/v1/c/bank/DOXES/content/9", None),
    ]


def test_trouble_with_an_hma_names_the_place_and_no_hash(double, hma):
    double.says(Answer(status=503))
    with pytest.raises(ExchangeFailed, match="m/lookup answered 503, 5 times") as refusal:
        hma.lookup(ONE)
    assert ONE.hex() not in str(refusal.value)
    double.says(Answer(status=500))
    with pytest.raises(ExchangeFailed):
        hma.add("DOXES", ONE)
    assert len(double.asked) == 6, "adding twice would bank it twice"

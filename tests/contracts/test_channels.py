"""One suite for every channel but e-mail: each against a real server on the loopback, and each in memory."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from contracts.servers import (
    KEY,
    LOST,
    Bench,
    FarSide,
    HmaServer,
    LumenServer,
    NoticeIntake,
    OzoneServer,
    Said,
    StopNciiServer,
    TransparencyServer,
    raw_server,
    running,
)
from contracts.twins import Twin
from factories.mail_servers import certificate
from factories.statements import COMPLETE, INCOMPATIBLE
from habeas.platforms import ways
from habeas.platforms.channels.asking import Service
from habeas.platforms.channels.contract import Channel
from habeas.platforms.channels.dsa_notice import DsaNoticeChannel
from habeas.platforms.channels.hash_bank import MOST_HASHES, HmaChannel, StopNciiChannel
from habeas.platforms.channels.lumen import LumenChannel, deposit_code
from habeas.platforms.channels.once import Once
from habeas.platforms.channels.ozone import DOXXING, OLDER, OzoneChannel, reason_for
from habeas.platforms.channels.transparency_database import TransparencyDatabaseChannel
from habeas.platforms.core.dispatch import Answer, Attachment, CannotSend, NamedGround, NotReached, Outgoing, Receipt

AT = datetime(2026, 3, 6, 12, tzinfo=UTC)
LINK = "https://board.example.net/thread/88214"
WITHHELD = "12 Orchard Lane"
HASHES = ("0f" * 32, "a5" * 32)
LETTER = Outgoing(
    key="7b" * 16,
    measure="M-7KQ2M9XD40",
    subject="Notice of illegal content: M-7KQ2M9XD40",
    text="We write for the person affected. A post on board.example.net shows a home address.\n",
    language="en",
    attachments=(Attachment("M-7KQ2M9XD40.pdf", "application/pdf", b"%PDF-1.7 " + bytes(range(256))),),
    links=(LINK,),
    grounds=(NamedGround("nl.sr.285d", "Wetboek van Strafrecht, article 285d", "NL"),),
    reply_to="answers+m-7kq2m9xd40@answers.example.org",
)


@dataclass(frozen=True)
class Kind:
    """A channel, the service behind it, and a letter that it takes.

    remembers: whether the service knows keys, so that a lost answer is simply tried again
    spoilt:    letters it cannot take
    """

    far: Callable[[], FarSide]
    make: Callable[[Service, Path], Channel]
    letter: Outgoing
    spoilt: tuple[Outgoing, ...]
    remembers: bool = True


def with_facts(**facts: Any) -> Outgoing:
    return replace(LETTER, facts=facts)


SUBJECT = {"uri": "at://did:plc:mallorymallory/app.bsky.feed.post/3kabc", "cid": "bafyreiabcdefg"}
KINDS: dict[str, Kind] = {
    "dsa_notice": Kind(
        NoticeIntake,
        lambda service, _: DsaNoticeChannel(service, KEY, notifier="Helpline", email="desk@helpline.example.org"),
        LETTER,
        (
            replace(LETTER, links=()),
            replace(LETTER, text=" "),
            replace(LETTER, key='a"b'),
            replace(LETTER, facts={"good_faith": False}),
            replace(LETTER, links=(LINK,) * 501),
            replace(LETTER, attachments=(Attachment("a.pdf", "application/pdf", bytes(10_000_001)),)),
        ),
    ),
    "hma": Kind(
        HmaServer,
        lambda service, _: HmaChannel(service, "DOXES", KEY),
        with_facts(hashes=HASHES[:1]),
        (LETTER, with_facts(hashes=["no hash"]), with_facts(hashes=[7]), with_facts(hashes=HASHES * MOST_HASHES)),
    ),
    "stopncii": Kind(
        StopNciiServer,
        lambda service, _: StopNciiChannel(service, KEY),
        with_facts(hashes=HASHES),
        (LETTER, with_facts(hashes=[]), with_facts(hashes=HASHES[0]), with_facts(hashes=["0f" * 31])),
    ),
    "lumen": Kind(
        LumenServer,
        lambda service, folder: LumenChannel(service, KEY, Once(folder, "lumen"), recipient="Board", sender="Helpline"),
        with_facts(withheld=(WITHHELD,)),
        (
            LETTER,
            replace(LETTER, facts={"withheld": (WITHHELD,)}, text="She lives at 12, ORCHARD\u200b lane."),
            replace(LETTER, facts={"withheld": ()}, text=f"See {LINK}."),
            replace(LETTER, facts={"withheld": ()}, subject=" "),
        ),
        remembers=False,
    ),
    "transparency_database": Kind(
        TransparencyServer,
        lambda service, _: TransparencyDatabaseChannel(service, KEY),
        with_facts(statement={name: value for name, value in COMPLETE.items() if name != "puid"}),
        (
            LETTER,
            with_facts(statement={**COMPLETE, "category": "DOXXING"}),
            with_facts(statements=[COMPLETE] * 2),
            with_facts(statements=[{**COMPLETE, "puid": str(number)} for number in range(101)]),
            with_facts(statement={**COMPLETE, "decision_facts": WITHHELD}, withheld=[WITHHELD]),
            with_facts(statement={**COMPLETE, "puid": "x" * 251}),
        ),
    ),
    "ozone": Kind(
        OzoneServer,
        lambda service, folder: OzoneChannel(
            service, "desk.helpline.example", KEY, OzoneServer.LABELER, Once(folder, "ozone")
        ),
        with_facts(subject=SUBJECT),
        (
            LETTER,
            with_facts(subject={"uri": "https://board.example.net/1", "cid": "bafyreiabcdefg"}),
            with_facts(subject={"uri": SUBJECT["uri"]}),
            with_facts(subject=[SUBJECT]),
            replace(with_facts(subject=SUBJECT), text=""),
        ),
        remembers=False,
    ),
}


@dataclass
class Trial:
    kind: Kind
    channel: Channel
    moods: Any
    acts: Callable[[], int]
    asked: Callable[[], int]

    @property
    def letter(self) -> Outgoing:
        return self.kind.letter


def service_at(base: str, **changes: Any) -> Service:
    return Service(base, **{"seconds": 0.4, "most_seconds": 0.7, "most_bytes": 200_000, **changes})


@contextmanager
def served(name: str, folder: Path) -> Iterator[tuple[Channel, Bench]]:
    kind = KINDS[name]
    with running(kind.far()) as bench:
        yield kind.make(service_at(bench.base), folder), bench


@pytest.fixture(params=[f"{name}-{how}" for name in KINDS for how in ("http", "twin")])
def trial(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Trial]:
    name, how = request.param.rsplit("-", 1)
    kind = KINDS[name]
    if how == "http":
        with served(name, tmp_path / "acts") as (channel, bench):
            yield Trial(kind, channel, bench.moods, lambda: len(bench.far.acts), lambda: len(bench.asked))
    else:
        real = kind.make(service_at("http://127.0.0.1:1"), tmp_path / "acts")
        twin = Twin(real.name, real.needs, remembers=kind.remembers)
        yield Trial(kind, twin, twin.moods, lambda: len(twin.acts), lambda: len(twin.acts))


def failing(trial: Trial, mood: str) -> CannotSend | NotReached:
    trial.moods.append(mood)
    with pytest.raises((CannotSend, NotReached)) as failure:
        trial.channel.send(trial.letter, at=AT)
    return failure.value


# -------------------------------------------------------------------------------------------------------- the one suite


def test_a_letter_that_is_whole_is_handed_over_with_a_proof(trial):
    assert trial.channel.needs(trial.letter) == []
    receipt = trial.channel.send(trial.letter, at=AT)
    assert isinstance(receipt, Receipt)
    assert (receipt.channel, receipt.at, trial.acts()) == (trial.channel.name, AT, 1)
    assert receipt.state in {"delivered", "accepted"}
    assert 0 < len(receipt.reference) <= 300
    assert receipt.proof
    assert "/" in receipt.proof_type
    assert receipt.says.endswith(".")
    assert len(receipt.says) <= 400


def test_the_same_key_twice_is_one_act(trial):
    first = trial.channel.send(trial.letter, at=AT)
    again = trial.channel.send(trial.letter, at=AT + timedelta(minutes=5))
    assert trial.acts() == 1
    # What StopNCII is asked with also says since when to look.
    assert again.reference.partition("@")[0] == first.reference.partition("@")[0]


def test_what_a_letter_lacks_is_said_with_a_next_step_before_anything_leaves(trial):
    for spoilt in trial.kind.spoilt:
        needs = trial.channel.needs(spoilt)
        assert needs
        assert all(". " in need and need.endswith(".") for need in needs)
        with pytest.raises(CannotSend):
            trial.channel.send(spoilt, at=AT)
    assert (trial.acts(), trial.asked()) == (0, 0)


@pytest.mark.parametrize("status", ["500", "503", "429"])
def test_come_back_later_is_not_reached_and_later_it_goes(trial, status):
    assert isinstance(failing(trial, status), NotReached)
    assert trial.acts() == 0
    trial.channel.send(trial.letter, at=AT)
    assert trial.acts() == 1


@pytest.mark.parametrize("status", ["400", "401", "403", "404", "405", "410", "413", "422", "451"])
def test_a_refusal_is_a_sentence_with_a_next_step_and_may_be_mended(trial, status):
    refused = failing(trial, status)
    assert isinstance(refused, CannotSend)
    assert status in str(refused)
    why, stop, step = str(refused).partition(". ")
    assert all((why, stop, step.endswith(".")))
    assert trial.acts() == 0
    trial.channel.send(trial.letter, at=AT)
    assert trial.acts() == 1


@pytest.mark.parametrize("mood", [*LOST, "cut before"])
def test_a_lost_answer_never_doubles_what_was_done(trial, mood):
    began = time.monotonic()
    lost = failing(trial, mood)
    assert time.monotonic() - began < 3, "nobody is waited for without end"
    assert trial.acts() == (0 if mood == "cut before" else 1)
    if trial.kind.remembers:
        assert isinstance(lost, NotReached)
        trial.channel.send(trial.letter, at=AT)
        assert trial.acts() == 1
    else:
        # Only a person can find out; until then, and on every further try, nothing goes.
        assert isinstance(lost, CannotSend)
        assert "not known whether" in str(lost)
        done = trial.acts()
        with pytest.raises(CannotSend, match="not known whether"):
            trial.channel.send(trial.letter, at=AT)
        assert trial.acts() == done


@pytest.mark.parametrize("name", sorted(set(KINDS) - {"stopncii"}))
def test_an_answer_without_a_number_is_no_receipt(name, tmp_path):
    with served(name, tmp_path) as (channel, bench):
        bench.moods.append("empty object")
        with pytest.raises((CannotSend, NotReached)):
            channel.send(KINDS[name].letter, at=AT)
        assert len(bench.far.acts) == 1


def test_nobody_is_followed_to_another_address(trial):
    refused = failing(trial, "redirect")
    assert isinstance(refused, CannotSend)
    assert "elsewhere.example.net" not in str(refused)
    assert trial.acts() == 0


@pytest.mark.parametrize("mood", ["cut", "huge", "not json", "cut before", "redirect", "503", "401", "404", "422"])
def test_no_error_shows_the_letter_or_a_key(trial, mood):
    shown = failing(trial, mood)
    assert shown.__cause__ is None
    assert shown.__context__ is None or shown.__suppress_context__
    telling = ("person affected", LINK, "/thread/", WITHHELD, HASHES[0][:8], KEY, "jwt-of", SUBJECT["cid"], "mallory")
    assert not [secret for secret in telling if secret in str(shown)]


def test_what_cannot_be_asked_is_null_and_the_rest_an_answer(trial):
    receipt = trial.channel.send(trial.letter, at=AT)
    answer = trial.channel.ask(receipt.reference, at=AT)
    assert answer is None or isinstance(answer, Answer)
    assert trial.acts() == 1, "asking changes nothing"


@pytest.mark.parametrize("name", KINDS)
def test_a_service_that_is_not_there_is_not_reached(name, tmp_path):
    channel = KINDS[name].make(service_at("http://127.0.0.1:1"), tmp_path)
    with pytest.raises(NotReached):
        channel.send(KINDS[name].letter, at=AT)
    with served(name, tmp_path) as (there, bench):
        there.send(KINDS[name].letter, at=AT)
        assert len(bench.far.acts) == 1, "the same letter goes later"


header = st.sampled_from(
    [b"", b"Content-Length: 3\r\n", b"Content-Length: -1\r\n", b"Content-Length: x\r\n", b": \r\n", b"\xff\xfe: 1\r\n",
     b"Transfer-Encoding: chunked\r\n", b"Location: /notices/7\r\n", b"Location: \xff\r\n",
     b"Content-Type: application/json\r\n"]
)  # fmt: skip
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
WORDS = [
    "id", "status", "decision", "outcome", "received", "decided", "removed", "statements", "uuid", "errors",
    "existing", "existing_puids", "puid", "accessJwt", "did", "hashRecords", "hasMoreRecords", "DOXES",
]  # fmt: skip
values = st.recursive(
    scalars | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=8,
)


@st.composite
def spoken(draw: st.DrawFn) -> bytes:
    """What a service might say: mostly HTTP, mostly JSON, and none of it as agreed."""
    body = draw(values.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=40))
    status = draw(
        st.sampled_from([100, 200, 201, 202, 204, 302, 307, 400, 401, 404, 409, 422, 429, 500, 503, 599, 999])
    )
    head = b"HTTP/1.1 %d x\r\n" % status + b"".join(draw(st.lists(header, max_size=3))) + b"\r\n"
    return draw(st.just(head + body) | st.binary(max_size=60))


@pytest.mark.parametrize("name", KINDS)
def test_whatever_a_service_says_only_the_agreed_ever_comes_out(name, tmp_path_factory):
    kind = KINDS[name]
    with raw_server() as (port, says):
        service = service_at(f"http://127.0.0.1:{port}", seconds=1)

        @effort(max_examples=60)
        @given(spoken())
        def tried(said: bytes) -> None:
            says.append(said)
            channel = kind.make(service, tmp_path_factory.mktemp("acts"))
            try:
                came: object = channel.send(kind.letter, at=AT)
            except (CannotSend, NotReached) as refused:
                came = refused
            assert isinstance(came, Receipt) or "person affected" not in str(came)
            for reference in ("7", "DOXES:1", "ab@0"):
                try:
                    answer = channel.ask(reference, at=AT)
                except NotReached:
                    continue
                assert answer is None or isinstance(answer, Answer)

        tried()


@pytest.mark.parametrize("name", KINDS)
def test_whatever_comes_back_for_a_letter_only_the_agreed_ever_comes_out(name, tmp_path_factory):
    kind = KINDS[name]
    with running(kind.far()) as bench:
        service = service_at(bench.base)

        @effort(max_examples=40)
        @given(
            st.sampled_from([200, 201, 202, 204, 302, 400, 409, 422, 500]), values, st.text("/notices1 ", max_size=12)
        )
        def tried(status: int, body: Any, location: str) -> None:
            bench.moods.append(Said(status, body, {"Location": location}))
            try:
                came: object = kind.make(service, tmp_path_factory.mktemp("acts")).send(kind.letter, at=AT)
            except (CannotSend, NotReached) as refused:
                came = refused
            assert isinstance(came, Receipt) or "person affected" not in str(came)
            assert not isinstance(came, Receipt) or len(came.reference) <= 300

        tried()


# ----------------------------------------------------------------------------------------------------- asking over HTTP


@pytest.mark.parametrize(
    "base",
    ["http://board.example.net", "ftp://board.example.net", "https://", "https://u:p@board.example.net",
     "https://[broken", "board.example.net", "https://board.example.net/?a=1", "https://board.example.net/#x",
     "https://b.example:99999/",     "https://board.example.net/a\r\nb", ""],
)  # fmt: skip
def test_an_address_to_which_nothing_may_go_is_told_from_the_start(base):
    with pytest.raises(CannotSend, match="directory") as refused:
        Service(base)
    assert "u:p" not in str(refused.value)


def test_a_key_with_a_line_break_is_neither_sent_nor_shown(tmp_path):
    with running(NoticeIntake()) as bench:
        channel = DsaNoticeChannel(service_at(bench.base), "se\ncret", notifier="Helpline", email="desk@example.org")
        with pytest.raises(CannotSend, match="cannot be sent") as refused:
            channel.send(LETTER, at=AT)
    assert "cret" not in str(refused.value)
    assert bench.asked == []


@contextmanager
def encrypted(context: ssl.SSLContext, got: list[bytes]) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(201)
            self.end_headers()
            self.wfile.write(b'{"id": "N-1", "status": "received"}')

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def test_a_certificate_nobody_vouches_for_gets_nothing_and_ours_does(tmp_path):
    file, context = certificate(tmp_path)
    got: list[bytes] = []
    with encrypted(context, got) as port:
        base = f"https://localhost:{port}"
        with pytest.raises(NotReached, match="certificate"):
            DsaNoticeChannel(Service(base), KEY, notifier="House", email="a@example.org").send(LETTER, at=AT)
        assert got == []
        ours = Service(base, ca=file)
        trusting = DsaNoticeChannel(ours, KEY, notifier="House", email="a@example.org")
        assert trusting.send(LETTER, at=AT).reference == "N-1"
    assert len(got) == 1


# ------------------------------------------------------------------------------------------------------- each by itself


class TestNotices:
    def test_a_notice_holds_all_that_article_16_wants(self, tmp_path):
        with served("dsa_notice", tmp_path) as (channel, bench):
            receipt = channel.send(LETTER, at=AT)
        [notice] = bench.far.acts
        assert (receipt.state, receipt.reference) == ("delivered", "N-1")
        assert notice["explanation"] == LETTER.text
        assert notice["locations"] == [{"url": LINK}]
        assert notice["notifier"] == {
            "name": "Helpline",
            "email": "desk@helpline.example.org",
            "trusted_flagger": False,
        }
        assert notice["good_faith"] is True
        assert notice["grounds"][0]["citation"] == LETTER.grounds[0].citation
        assert notice["attachments"][0]["name"] == "M-7KQ2M9XD40.pdf"
        assert bench.asked[0].headers["idempotency-key"] == f'"{LETTER.key}"'

    @pytest.mark.parametrize(
        ("state", "became"),
        [
            ({"status": "received"}, "acknowledged"),
            ({"status": "in_review"}, "acknowledged"),
            ({"status": "decided", "decision": {"outcome": "removed"}}, "complied"),
            ({"status": "decided", "decision": {"outcome": "disabled"}}, "complied"),
            ({"status": "decided", "decision": {"outcome": "partly_removed"}}, "partly"),
            ({"status": "decided", "decision": {"outcome": "no_action"}}, "refused"),
            ({"status": "decided", "decision": {"outcome": "more_information"}}, "more_information"),
            ({"status": "decided", "decision": {"outcome": "praised"}}, "unknown"),
            ({"status": "decided"}, "unknown"),
        ],
    )
    def test_what_became_of_it_is_asked(self, tmp_path, state, became):
        with served("dsa_notice", tmp_path) as (channel, bench):
            receipt = channel.send(LETTER, at=AT)
            bench.far.states[receipt.reference] = state
            answer = channel.ask(receipt.reference, at=AT)
        assert (answer.state, answer.reference) == (became, receipt.reference)
        assert answer.proof

    def test_a_notice_that_the_service_forgot_is_not_known(self, tmp_path):
        with served("dsa_notice", tmp_path) as (channel, _):
            assert channel.ask("N-77", at=AT).state == "unknown"

    def test_one_that_is_still_being_taken_is_tried_again(self, tmp_path):
        with served("dsa_notice", tmp_path) as (channel, bench):
            bench.moods.append("409")
            with pytest.raises(NotReached):
                channel.send(LETTER, at=AT)

    def test_another_letter_under_the_same_key_is_refused_there(self, tmp_path):
        with served("dsa_notice", tmp_path) as (channel, bench):
            channel.send(LETTER, at=AT)
            with pytest.raises(CannotSend):
                channel.send(replace(LETTER, text="Another."), at=AT)
            assert len(bench.far.acts) == 1


class TestHashes:
    @pytest.mark.parametrize("name", ["hma", "stopncii"])
    def test_only_hashes_and_a_number_leave_the_house(self, name, tmp_path):
        with served(name, tmp_path) as (channel, bench):
            channel.send(with_facts(hashes=HASHES), at=AT)
        left = b"\n".join(f"{one.path}{one.query}{one.headers}".encode() + one.raw for one in bench.asked).decode()
        assert HASHES[0] in left
        telling = ("person", "board", "M-7KQ", "PDF", LETTER.key, "285d", "answers+")
        assert not [told for told in telling if told in left]

    def test_a_hash_that_the_bank_holds_is_not_put_there_again(self, tmp_path):
        with served("hma", tmp_path) as (channel, bench):
            channel.send(with_facts(hashes=HASHES[:1]), at=AT)
            receipt = channel.send(replace(with_facts(hashes=HASHES), key="11" * 16), at=AT)
            assert bench.far.acts == list(HASHES)
        assert receipt.reference == "DOXES:1,2"
        assert receipt.says == "The bank holds 2 of 2 hashes; 1 of them are new there."

    def test_half_a_submission_goes_on_where_it_broke_off(self, tmp_path):
        with served("hma", tmp_path) as (channel, bench):
            bench.moods.extend(["ok", "503"])
            with pytest.raises(NotReached):
                channel.send(with_facts(hashes=HASHES), at=AT)
            channel.send(with_facts(hashes=HASHES), at=AT)
            assert bench.far.acts == list(HASHES)

    def test_a_bank_is_asked_what_it_still_matches(self, tmp_path):
        with served("hma", tmp_path) as (channel, bench):
            reference = channel.send(with_facts(hashes=HASHES), at=AT).reference
            states = [channel.ask(reference, at=AT).state]
            for number in (1, 2):
                bench.far.disabled.add(number)
                states.append(channel.ask(reference, at=AT).state)
        assert states == ["acknowledged", "partly", "refused"]
        assert channel.ask("OTHER:1", at=AT) is None

    @pytest.mark.parametrize(
        ("said", "became"),
        [
            ([[], []], "acknowledged"),
            ([["Blocked"], ["Blocked"]], "complied"),
            ([["Blocked"], []], "partly"),
            ([["Blocked", "NotBlocked"], ["Blocked"]], "partly"),
            ([["NotBlocked"], ["NotBlocked"]], "refused"),
            ([["PendingReview"], ["NotBlocked"]], "acknowledged"),
        ],
    )
    def test_what_services_say_of_hashes_is_read_page_by_page(self, tmp_path, said, became):
        with served("stopncii", tmp_path) as (channel, bench):
            receipt = channel.send(with_facts(hashes=HASHES), at=AT)
            for one, feedback in zip(HASHES, said, strict=True):
                bench.far.records[one]["CSPFeedbacks"] = [
                    {"source": f"s{place}", "feedbackValue": value, "tags": []} for place, value in enumerate(feedback)
                ]
            assert channel.ask(receipt.reference, at=AT).state == became
            assert [one.path for one in bench.asked].count("/FetchHashes") == 2

    def test_hashes_that_somebody_withdrew_are_told_of(self, tmp_path):
        with served("stopncii", tmp_path) as (channel, bench):
            receipt = channel.send(with_facts(hashes=HASHES), at=AT)
            for record in bench.far.records.values():
                record["hashStatus"] = "Withdrawn"
            assert "withdrawn" in channel.ask(receipt.reference, at=AT).says
            bench.far.records.clear()
            assert channel.ask(receipt.reference, at=AT) is None

    def test_what_is_no_bank_is_told_from_the_start(self):
        with pytest.raises(CannotSend, match="bank"):
            HmaChannel(service_at("http://127.0.0.1:1"), "doxes; drop")


class TestLumen:
    def test_a_deposit_shows_hosts_and_names_no_person(self, tmp_path):
        with served("lumen", tmp_path) as (channel, bench):
            receipt = channel.send(KINDS["lumen"].letter, at=AT)
        [notice] = bench.far.acts
        assert (receipt.state, receipt.reference) == ("delivered", "4001")
        assert notice["type"] == "PrivateInformation"
        assert notice["works_attributes"][0]["infringing_urls_attributes"] == [{"url": "https://board.example.net/"}]
        assert notice["title"].endswith(f"({deposit_code(LETTER.key)})")
        assert (notice["date_sent"], notice["jurisdiction_list"], notice["action_taken"]) == (
            "2026-03-06",
            "NL",
            "Unspecified",
        )
        sent = bench.asked[-1].raw.decode()
        assert not [told for told in ("/thread/", "answers+", "PDF", LETTER.key, WITHHELD) if told in sent]

    def test_without_knowing_what_is_withheld_nothing_is_published(self, tmp_path):
        channel = KINDS["lumen"].make(service_at("http://127.0.0.1:1"), tmp_path)
        assert ["withhold" in need for need in channel.needs(LETTER)] == [True]
        assert channel.needs(with_facts(withheld=())) == []


class TestStatementsOfReasons:
    def test_a_hundred_go_at_once_and_once(self, tmp_path):
        letter = with_facts(statements=[{**COMPLETE, "puid": f"p-{number}"} for number in range(100)])
        with served("transparency_database", tmp_path) as (channel, bench):
            receipt = channel.send(letter, at=AT)
            again = channel.send(letter, at=AT)
            assert len(bench.far.acts) == 100
        assert receipt.reference == again.reference == "p-0+99"
        assert "holds all 100 already" in again.says

    def test_a_puid_that_says_something_else_is_not_ours(self, tmp_path):
        with served("transparency_database", tmp_path) as (channel, bench):
            channel.send(with_facts(statement=COMPLETE), at=AT)
            for letter in (
                with_facts(statement={**INCOMPATIBLE, "puid": COMPLETE["puid"]}),
                with_facts(statements=[COMPLETE, INCOMPATIBLE]),
            ):
                with pytest.raises(CannotSend, match=r"PUIDs? of (its|their) own"):
                    channel.send(letter, at=AT)
            assert len(bench.far.acts) == 1

    def test_one_that_the_database_knows_and_does_not_show_yet_is_tried_again(self, tmp_path):
        with served("transparency_database", tmp_path) as (channel, bench):
            channel.send(with_facts(statement=COMPLETE), at=AT)
            bench.far.hidden = True
            with pytest.raises(NotReached):
                channel.send(with_facts(statement=COMPLETE), at=AT)
            assert channel.ask(COMPLETE["puid"], at=AT).state == "unknown"
            bench.far.hidden = False
            assert channel.ask(COMPLETE["puid"], at=AT).state == "acknowledged"

    def test_a_puid_follows_from_the_act_where_none_was_given(self, tmp_path):
        bare = KINDS["transparency_database"].letter
        with served("transparency_database", tmp_path) as (channel, bench):
            channel.send(bare, at=AT)
            channel.send(replace(bare, key="11" * 16), at=AT)
        first, second = (one["puid"] for one in bench.far.acts)
        assert first != second
        assert first.startswith("habeas-")

    def test_a_refusal_names_the_field_and_repeats_nothing(self, tmp_path):
        class Strict(TransparencyServer):
            def answer(self, asked):
                return Said(422, {"errors": {"statement_0": {"content_date": ["Bad: A notice told us"]}, "x": []}})

        with running(Strict()) as bench:
            channel = TransparencyDatabaseChannel(service_at(bench.base), KEY)
            with pytest.raises(CannotSend, match=r"refused it for content_date \(422\)") as refused:
                channel.send(with_facts(statement=COMPLETE), at=AT)
        assert "A notice told us" not in str(refused.value)


class TestOzone:
    def test_a_report_gives_the_reason_for_doxxing_to_the_labeler(self, tmp_path):
        with served("ozone", tmp_path) as (channel, bench):
            receipt = channel.send(KINDS["ozone"].letter, at=AT)
        [report] = bench.far.acts
        assert report == {
            "reasonType": "tools.ozone.report.defs#reasonHarassmentDoxxing",
            "reason": LETTER.text,
            "subject": {"$type": "com.atproto.repo.strongRef", **SUBJECT},
        }
        assert (receipt.reference, channel.ask(receipt.reference, at=AT)) == ("901", None)
        assert KEY not in "".join(str(one.headers) for one in bench.asked)

    @pytest.mark.parametrize(
        ("letter", "subject"),
        [
            (
                with_facts(subject={"did": "did:plc:mallorymallory"}),
                {"$type": "com.atproto.admin.defs#repoRef", "did": "did:plc:mallorymallory"},
            ),
            (
                replace(LETTER, links=("https://bsky.app/profile/mallory.example.net/post/3kabc",)),
                {"$type": "com.atproto.repo.strongRef", **SUBJECT},
            ),
            (
                replace(LETTER, links=("https://bsky.app/profile/did:plc:mallorymallory/post/3kabc",)),
                {"$type": "com.atproto.repo.strongRef", **SUBJECT},
            ),
            (
                replace(LETTER, links=("https://bsky.app/profile/mallory.example.net",)),
                {"$type": "com.atproto.admin.defs#repoRef", "did": "did:plc:mallorymallory"},
            ),
        ],
    )
    def test_a_report_is_about_an_account_or_what_a_link_shows(self, tmp_path, letter, subject):
        with served("ozone", tmp_path) as (channel, bench):
            channel.send(letter, at=AT)
        assert [report["subject"] for report in bench.far.acts] == [subject]

    @pytest.mark.parametrize("who", ["nobody.example.net/post/3kabc", "mallory.example.net/post/3kzzz"])
    def test_a_post_that_is_not_found_is_not_reported(self, tmp_path, who):
        with served("ozone", tmp_path) as (channel, bench):
            with pytest.raises(CannotSend, match="not found there"):
                channel.send(replace(LETTER, links=(f"https://bsky.app/profile/{who}",)), at=AT)
            assert bench.far.acts == []

    def test_several_posts_are_several_reports(self, tmp_path):
        channel = KINDS["ozone"].make(service_at("http://127.0.0.1:1"), tmp_path)
        post = "https://bsky.app/profile/mallory.example.net/post/"
        assert channel.needs(replace(LETTER, links=(f"{post}1", f"{post}2")))

    def test_a_wrong_app_password_is_told_and_not_shown(self, tmp_path):
        with running(OzoneServer()) as bench:
            once = Once(tmp_path, "ozone")
            channel = OzoneChannel(service_at(bench.base), "desk", "wrong-one", OzoneServer.LABELER, once)
            with pytest.raises(CannotSend, match="new app password") as refused:
                channel.send(KINDS["ozone"].letter, at=AT)
        assert "wrong-one" not in str(refused.value)

    def test_a_labeler_that_knows_only_older_reasons_gets_one(self, tmp_path):
        with running(OzoneServer()) as bench:
            channel = OzoneChannel(
                service_at(bench.base), "desk.helpline.example", KEY, OzoneServer.LABELER, Once(tmp_path, "ozone"),
                reason_type=OLDER,
            )  # fmt: skip
            channel.send(KINDS["ozone"].letter, at=AT)
        assert [report["reasonType"] for report in bench.far.acts] == ["com.atproto.moderation.defs#reasonRude"]

    @pytest.mark.parametrize(
        "change", [{"labeler": "labeler.example.net"}, {"reason_type": "tools.ozone.report.defs#reasonOther"}]
    )
    def test_settings_that_lead_nowhere_are_told_from_the_start(self, tmp_path, change):
        told = {"labeler": OzoneServer.LABELER, "reason_type": DOXXING, **change}
        with pytest.raises(CannotSend, match="directory"):
            OzoneChannel(
                service_at("http://127.0.0.1:1"), "desk", KEY, told["labeler"], Once(tmp_path, "ozone"),
                reason_type=told["reason_type"],
            )  # fmt: skip

    def test_a_letter_longer_than_a_report_is_told_in_short(self):
        long = replace(LETTER, text="We write. " * 300)
        assert len(reason_for(long)) < 2000
        assert LETTER.grounds[0].citation in reason_for(long)
        assert LETTER.reply_to in reason_for(long)
        assert reason_for(LETTER) == LETTER.text

    @pytest.mark.parametrize("status", ["502", "504"])
    def test_where_the_labeler_was_not_heard_out_a_person_decides(self, tmp_path, status):
        with served("ozone", tmp_path) as (channel, bench):
            bench.moods.append(status)
            with pytest.raises(CannotSend, match="not known whether"):
                channel.send(KINDS["ozone"].letter, at=AT)


class TestOnce:
    def test_an_act_is_known_after_the_process_that_began_it_is_gone(self, tmp_path):
        Once(tmp_path, "ozone").begin("k")
        Once(tmp_path, "ozone").done("k", "901")
        assert Once(tmp_path, "ozone").begin("k") == "901"
        assert Once(tmp_path, "lumen").begin("k") is None, "another channel is another act"

    def test_a_folder_that_cannot_be_written_lets_nothing_go(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(NotReached):
            Once(tmp_path / "file", "ozone").begin("k")

    def test_of_many_who_begin_at_once_one_does(self, tmp_path):
        begun: list[object] = []

        def begin() -> None:
            try:
                begun.append(Once(tmp_path, "ozone").begin("k"))
            except Exception as refused:
                begun.append(type(refused).__name__)

        threads = [threading.Thread(target=begin) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(map(str, begun)) == ["None", *["NotKnown"] * 7]


ROUTES: dict[str, dict[str, Any]] = {
    "dsa_notice": {},
    "hash_bank": {"bank": "DOXES"},
    "lumen": {"recipient": "Board"},
    "transparency_database": {},
    "ozone": {"account": "desk.helpline.example", "labeler": OzoneServer.LABELER},
}


class TestRoutes:
    @pytest.fixture
    def told(self, settings, tmp_path):
        file = tmp_path / "channels.json"
        file.write_text('{"board": "a-secret"}')
        settings.HABEAS_CHANNEL_SECRETS = file
        return {"address": "https://board.example.net/api", "secret": "board"}

    @pytest.mark.parametrize("name", ROUTES)
    def test_a_route_in_the_directory_names_a_channel(self, told, name):
        channel = ways.channel_for(name, {**told, **ROUTES[name]})
        assert channel.name == name
        assert name in ways.channels()

    @pytest.mark.parametrize("name", ROUTES)
    def test_what_a_route_lacks_is_told(self, told, name):
        for missing in {"address", *ROUTES[name]} - {"bank"}:
            route = {**told, **ROUTES[name]}
            route.pop(missing)
            with pytest.raises(CannotSend, match=missing):
                ways.channel_for(name, route)
        with pytest.raises(CannotSend, match="secret"):
            ways.channel_for(name, {**told, **ROUTES[name], "secret": "other"})

    def test_a_hash_bank_without_a_name_is_the_exchange_of_stopncii(self, told):
        assert isinstance(ways.channel_for("hash_bank", told), StopNciiChannel)
        no_proxy = {"address": "http://127.0.0.1:5000", "bank": "DOXES"}
        assert isinstance(ways.channel_for("hash_bank", no_proxy), HmaChannel)

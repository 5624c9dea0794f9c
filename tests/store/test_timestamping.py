"""Asking for time-stamps: an authority that fails delays its stamp, never the sealing, and never a false stamp."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import transaction

from factories.authorities import Authority, dawdle, send
from factories.reports import NOON, a_case
from habeas.access.models import CaseKey
from habeas.evidence import actions, redacting, timestamping
from habeas.evidence.core.commitments import stamped_digest
from habeas.evidence.models import Item, Stamp
from habeas.kernel import clock
from habeas.ledger.models import Entry
from habeas.store.models import Job
from habeas.store.worker import Worker

pytestmark = pytest.mark.django_db

COMMITMENT = bytes(range(32))
HANDLERS = {timestamping.JOB: "habeas.evidence.timestamping.ask"}


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    """Two authorities that answer: one with the chain in its tokens, one without."""
    folder = tmp_path_factory.mktemp("authorities")
    one = Authority(folder / "one", name="Time Office of Examplia")
    other = Authority(folder / "other", name="Clock House", chain=False, roots_with_intermediate=True)
    with one.serving(), other.serving():
        yield one, other


@pytest.fixture
def one(offices, settings):
    settings.HABEAS_TIME_AUTHORITIES = [offices[0].setting()]
    offices[0]._faults.clear()
    offices[0].requests.clear()
    return offices[0]


@pytest.fixture
def two(offices, settings):
    settings.HABEAS_TIME_AUTHORITIES = [office.setting() for office in offices]
    for office in offices:
        office._faults.clear()
    return offices


@pytest.fixture
def case():
    return a_case()


def wanted(case=None, subject: str = "checkpoint/7", message: bytes = COMMITMENT, **others) -> list[Stamp]:
    with transaction.atomic():
        timestamping.want_stamps(case, subject, message, at=NOON, **others)
    return list(Stamp.objects.filter(subject=subject).order_by("pk"))


def asked(stamp: Stamp) -> Stamp:
    timestamping.ask(stamp.pk)
    stamp.refresh_from_db()
    return stamp


def fails(stamp: Stamp) -> str:
    """The trouble after a try that is to be tried again."""
    with pytest.raises(timestamping.AuthorityDown) as down:
        timestamping.ask(stamp.pk)
    stamp.refresh_from_db()
    assert (stamp.state, stamp.token, stamp.stamped_at) == (Stamp.State.WAITING, None, None)
    assert stamp.trouble in str(down.value)
    assert COMMITMENT.hex() not in str(down.value)
    assert stamp.sha512 not in str(down.value)
    return stamp.trouble


def test_what_is_sealed_is_stamped_by_every_authority(two, case, tmp_path, settings):
    settings.HABEAS_EVIDENCE = tmp_path
    item = actions.seal(case.reports.get(), "door.png", "image/png", b"a picture", by="portal", at=NOON)
    worker = Worker(HANDLERS)
    while worker.run_once():
        pass
    stamps = list(item.stamps.order_by("pk"))
    assert [stamp.authority for stamp in stamps] == ["Time Office of Examplia", "Clock House"]
    for stamp in stamps:
        said = timestamping.check(stamp, bytes.fromhex(item.commitment))
        assert said.startswith(f"{stamp.authority} stamped item/{item.pk} at {stamp.stamped_at:%Y-%m-%d %H:%M:%S} UTC")
        assert "give or take 1.5 s" in said
        assert abs(clock.now() - stamp.stamped_at) < timedelta(minutes=2)
        assert (stamp.case, stamp.item, stamp.trouble) == (case, item, "")


def test_an_authority_is_given_the_digest_and_a_nonce_and_nothing_else(one):
    (stamp,) = wanted()
    asked(stamp)
    (request,) = one.requests
    from asn1crypto import tsp

    told = tsp.TimeStampReq.load(request).native
    assert told["message_imprint"]["hashed_message"] == stamped_digest(COMMITMENT) == bytes.fromhex(stamp.sha512)
    assert {name for name, value in told.items() if value} == {"version", "message_imprint", "nonce", "cert_req"}
    assert COMMITMENT not in request
    assert len(request) < 110


def test_the_token_is_kept_exactly_as_it_came(one, monkeypatch):
    sent = []
    monkeypatch.setattr(one, "reply", lambda request, reply=one.reply: sent.append(reply(request)) or sent[-1])
    (stamp,) = wanted()
    assert bytes(asked(stamp).token) == sent[0]


def test_a_kept_stamp_is_an_entry_of_the_ledger_with_the_digest_of_its_token(one, case):
    import hashlib

    (stamp,) = wanted(case)
    asked(stamp)
    entry = json.loads(bytes(Entry.objects.get(kind="stamp.kept").body))
    assert (entry["stamp"], entry["case"]) == (stamp.pk, str(case.pk))
    assert entry["token_sha256"] == hashlib.sha256(bytes(stamp.token)).hexdigest()


def test_asking_again_for_what_is_kept_asks_nobody(one):
    (stamp,) = wanted()
    token = bytes(asked(stamp).token)
    assert bytes(asked(stamp).token) == token
    assert len(one.requests) == 1
    assert wanted() == [stamp]
    assert Job.objects.filter(kind=timestamping.JOB).count() == 1


def test_every_request_has_a_nonce_of_its_own(one):
    for number in range(3):
        asked(*wanted(subject=f"checkpoint/{number}"))
    assert len(set(one.requests)) == 3


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        pytest.param(send(b"", status=500), "HTTP status 500", id="500"),
        pytest.param(send(b"", status=302, Location="http://192.0.2.1/"), "HTTP status 302", id="sent-elsewhere"),
        pytest.param(send(b""), "its answer is empty", id="empty"),
        pytest.param(send(b"<html>busy</html>"), "not a time-stamp", id="garbage"),
        pytest.param(send(bytes(1 << 18)), "longer than", id="far-too-long"),
        pytest.param(lambda handler, _: handler.connection.close(), "could not be asked", id="hangs-up"),
    ],
)
def test_an_answer_that_is_none_is_written_down_and_tried_again(one, fault, trouble):
    (stamp,) = wanted()
    one.answer_with(fault)
    assert trouble in fails(stamp)
    assert stamp.tries == 1
    assert asked(stamp).state == Stamp.State.STAMPED
    assert (stamp.trouble, stamp.tries) == ("", 2)


def test_an_answer_that_breaks_off_is_tried_again(one):
    def half(handler, body: bytes) -> None:
        answer = one.reply(body)
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(answer)))
        handler.end_headers()
        handler.wfile.write(answer[: len(answer) // 2])

    (stamp,) = wanted()
    one.answer_with(half)
    assert "broke off" in fails(stamp)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(dawdle(2), id="a-trickle"),
        pytest.param(lambda handler, _: __import__("time").sleep(1), id="silence"),
    ],
)
def test_an_authority_that_is_too_slow_is_left_and_tried_again(one, fault, monkeypatch):
    monkeypatch.setattr(timestamping, "TIMEOUT_SECONDS", 0.3)
    (stamp,) = wanted()
    one.answer_with(fault)
    assert fails(stamp) == "no answer within 0.3 s"


def test_an_old_answer_sent_again_is_not_kept(one):
    first, second = wanted(), wanted(subject="checkpoint/8")
    one.answer_with(send(bytes(asked(*first).token)))
    assert "its nonce is not ours" in fails(*second)


def test_an_answer_for_something_else_is_not_kept(one):
    from habeas.evidence.core import timestamps

    (stamp,) = wanted()
    one.answer_with(send(one.reply(timestamps.request(stamped_digest(bytes(32)), 5))))
    assert "over another digest" in fails(stamp)


def test_an_answer_by_somebody_else_is_not_kept(one, tmp_path):
    other = Authority(tmp_path / "impostor")
    (stamp,) = wanted()
    one.answer_with(lambda handler, body: send(other.reply(body))(handler, body))
    assert "does not lead to a root of this authority" in fails(stamp)


def test_an_answer_under_an_expired_certificate_is_not_kept(tmp_path, settings):
    now = clock.now()
    late = Authority(tmp_path / "late", valid_from=now - timedelta(days=60), valid_to=now - timedelta(days=30))
    with late.serving():
        settings.HABEAS_TIME_AUTHORITIES = [late.setting()]
        (stamp,) = wanted()
        assert "had expired on" in fails(stamp)


def test_a_refusal_for_good_ends_the_asking_until_somebody_asks_again(tmp_path, settings):
    picky = Authority(tmp_path / "picky", digests="sha256")
    with picky.serving():
        settings.HABEAS_TIME_AUTHORITIES = [picky.setting()]
        (stamp,) = wanted()
        Worker(HANDLERS).run_once()
        stamp.refresh_from_db()
        assert (stamp.state, stamp.tries) == (Stamp.State.REFUSED, 1)
        assert stamp.trouble == "the authority rejected the request: bad alg"
        assert Job.objects.get(kind=timestamping.JOB).state == Job.State.DONE
        with pytest.raises(timestamping.NotStamped, match="bad alg"):
            timestamping.check(stamp, COMMITMENT)
        configuration = picky.folder / "tsa.cnf"
        configuration.write_text(configuration.read_text().replace("digests = sha256", "digests = sha512"))
        assert timestamping.ask_again(clock.now(), idle=timedelta(days=1)) == 0, "not what was refused just now"
        stamp.refresh_from_db()
        assert stamp.state == Stamp.State.REFUSED
        assert timestamping.ask_again(clock.now()) == 1
        Worker(HANDLERS).run_once()
        stamp.refresh_from_db()
        assert stamp.state == Stamp.State.STAMPED
        assert timestamping.ask_again(clock.now()) == 0


def test_asking_that_was_given_up_begins_anew_a_day_later_and_not_before(one):
    (stamp,) = wanted()
    gone = clock.now() - timedelta(hours=23)
    Job.objects.update(state=Job.State.DEAD, tries=timestamping.MOST_TRIES, finished_at=gone)
    assert timestamping.ask_again(clock.now(), idle=timedelta(days=1)) == 0
    assert timestamping.ask_again(clock.now() + timedelta(hours=2), idle=timedelta(days=1)) == 1
    job = Job.objects.get()
    assert (job.state, job.tries, job.max_tries) == (Job.State.WAITING, 0, timestamping.MOST_TRIES)
    assert timestamping.ask_again(clock.now()) == 0, "it is tried by itself again"
    job.delete()
    timestamping.ask_again(clock.now())
    Worker(HANDLERS).run_once()
    stamp.refresh_from_db()
    assert stamp.state == Stamp.State.STAMPED, "also where the job was forgotten"


def test_one_authority_that_is_down_delays_its_own_stamp_and_nothing_else(two, case, tmp_path, settings, monkeypatch):
    settings.HABEAS_EVIDENCE = tmp_path
    settings.HABEAS_TIME_AUTHORITIES = [two[0].setting(), {**two[1].setting(), "url": "http://127.0.0.1:9/"}]
    item = actions.seal(case.reports.get(), "door.png", "image/png", b"a picture", by="portal", at=NOON)
    assert Item.objects.filter(pk=item.pk).exists()
    worker = Worker(HANDLERS)
    while worker.run_once():
        pass
    up, down = item.stamps.order_by("pk")
    assert up.state == Stamp.State.STAMPED
    assert (down.state, down.trouble) == (Stamp.State.WAITING, "it could not be asked (ConnectionRefusedError)")
    job = Job.objects.get(key=f"stamp/{down.pk}")
    assert job.state == Job.State.WAITING
    assert job.max_tries == timestamping.MOST_TRIES, "a day without it must not bury the stamp"
    settings.HABEAS_TIME_AUTHORITIES = [office.setting() for office in two]
    later = job.run_at + timedelta(seconds=1)
    monkeypatch.setattr("habeas.store.worker.clock.now", lambda: later)
    assert worker.run_once()
    down.refresh_from_db()
    assert down.state == Stamp.State.STAMPED


@pytest.mark.parametrize(
    "setting",
    [
        pytest.param("[", id="half-a-list"),
        pytest.param('{"name": "Clock House"}', id="a-file-that-is-not-there"),
        pytest.param('[{"name": "Clock House"}]', id="no-url"),
        pytest.param('[{"name": "Clock House", "url": "file:///etc", "roots": "r.pem"}]', id="no-web-address"),
        pytest.param([{"name": "x" * 101, "url": "https://time.example.org/", "roots": "r.pem"}], id="long-name"),
        pytest.param([{"name": "Clock House", "url": "https://time.example.org/", "roots": "r.pem"}] * 2, id="twice"),
    ],
)
def test_a_list_that_cannot_be_read_turns_nobody_away(setting, settings, case, tmp_path, caplog):
    settings.HABEAS_TIME_AUTHORITIES = setting
    settings.HABEAS_EVIDENCE = tmp_path
    with pytest.raises(timestamping.AuthoritiesUnreadable, match=r"^HABEAS_TIME_AUTHORITIES: "):
        timestamping.authorities()
    item = actions.seal(case.reports.get(), "door.png", "image/png", b"a picture", by="portal", at=NOON)
    assert not item.stamps.exists()
    assert f"no time-stamp is asked for item/{item.pk}: HABEAS_TIME_AUTHORITIES" in caplog.text


def test_what_was_sealed_before_an_authority_was_set_is_stamped_later(one, case, tmp_path, settings):
    settings.HABEAS_EVIDENCE = tmp_path
    settings.HABEAS_TIME_AUTHORITIES = ""
    item = actions.seal(case.reports.get(), "door.png", "image/png", b"a picture", by="portal", at=NOON)
    assert timestamping.want_missing(clock.now()) == 0
    settings.HABEAS_TIME_AUTHORITIES = [one.setting()]
    assert timestamping.want_missing(clock.now()) == 1
    assert timestamping.want_missing(clock.now()) == 0
    assert timestamping.check(asked(item.stamps.get()), bytes.fromhex(item.commitment))


def test_the_root_of_a_redaction_made_before_an_authority_was_set_is_stamped_later(one, case, tmp_path, settings):
    settings.HABEAS_EVIDENCE = tmp_path
    settings.HABEAS_TIME_AUTHORITIES = ""
    item = actions.seal(case.reports.get(), "post.txt", "text/plain", b"one\ntwo\n", by="portal", at=NOON)
    tree, _ = redacting.root_of(item, "line", [b"one\n", b"two\n"], by="test", at=NOON)
    settings.HABEAS_TIME_AUTHORITIES = [one.setting()]
    assert timestamping.want_missing(clock.now()) == 2
    assert timestamping.want_missing(clock.now()) == 0
    stamp = Stamp.objects.get(subject=f"redaction/{tree.pk}")
    assert timestamping.check(asked(stamp), bytes(tree.root))


def test_many_that_lack_a_stamp_are_asked_for_a_few_at_a_time(two, case, tmp_path, settings, monkeypatch):
    monkeypatch.setattr(timestamping, "AT_ONCE", 2)
    settings.HABEAS_EVIDENCE = tmp_path
    settings.HABEAS_TIME_AUTHORITIES = [two[0].setting()]
    for number in range(5):
        actions.seal(case.reports.get(), f"{number}.txt", "text/plain", b"x", by="portal", at=NOON)
    settings.HABEAS_TIME_AUTHORITIES = [office.setting() for office in two]
    assert timestamping.want_missing(clock.now()) == 5, "each lacks the stamp of the second authority"
    assert Stamp.objects.count() == 10
    assert timestamping.want_missing(clock.now()) == 0


def test_roots_that_cannot_be_read_keep_the_stamp_waiting(one, settings):
    settings.HABEAS_TIME_AUTHORITIES = [{**one.setting(), "roots": "nowhere.pem"}]
    (stamp,) = wanted()
    with pytest.raises(timestamping.AuthoritiesUnreadable, match=r"nowhere\.pem cannot be used: No such file"):
        timestamping.ask(stamp.pk)
    stamp.refresh_from_db()
    assert stamp.trouble.startswith("HABEAS_TIME_AUTHORITIES: Time Office of Examplia")
    assert one.requests == []


def test_an_authority_that_was_taken_out_is_named(one, settings):
    (stamp,) = wanted()
    settings.HABEAS_TIME_AUTHORITIES = ""
    with pytest.raises(timestamping.UnknownAuthority, match="Time Office of Examplia does not stand in"):
        timestamping.ask(stamp.pk)


def test_the_list_can_be_a_file_with_the_roots_beside_it(one, settings, tmp_path):
    (tmp_path / "roots.pem").write_bytes(one.roots.read_bytes())
    (tmp_path / "authorities.json").write_text(json.dumps([{**one.setting(), "roots": "roots.pem"}]))
    settings.HABEAS_TIME_AUTHORITIES = str(tmp_path / "authorities.json")
    (stamp,) = wanted()
    assert asked(stamp).state == Stamp.State.STAMPED


def test_without_an_authority_nothing_is_asked(settings):
    settings.HABEAS_TIME_AUTHORITIES = ""
    assert wanted() == []


def test_a_stamp_of_another_commitment_does_not_hold(one):
    (stamp,) = wanted()
    with pytest.raises(timestamping.StampDoesNotHold, match="over another digest"):
        timestamping.check(asked(stamp), bytes(32))


def test_a_time_written_beside_the_token_that_it_does_not_say_does_not_hold(one):
    (stamp,) = wanted()
    asked(stamp)
    stamp.stamped_at -= timedelta(days=1)
    with pytest.raises(timestamping.StampDoesNotHold, match="not what the token says"):
        timestamping.check(stamp, COMMITMENT)


def test_a_token_that_was_changed_does_not_hold(one):
    (stamp,) = wanted()
    token = bytearray(asked(stamp).token)
    token[-3] ^= 1
    stamp.token = bytes(token)
    with pytest.raises(timestamping.StampDoesNotHold):
        timestamping.check(stamp, COMMITMENT)


def test_a_stamp_that_is_not_there_yet_proves_nothing(one):
    with pytest.raises(timestamping.NotStamped, match="there is none yet"):
        timestamping.check(*wanted(), COMMITMENT)


def test_clocks_that_disagree_are_told_and_the_stamp_is_kept(one, monkeypatch):
    (stamp,) = wanted()
    fast = clock.now() + timedelta(hours=3)
    monkeypatch.setattr(timestamping.clock, "now", lambda: fast)
    assert asked(stamp).state == Stamp.State.STAMPED
    assert stamp.trouble.startswith("the authority's clock and ours differ by ")


def test_a_stamp_whose_case_was_erased_in_between_is_not_kept(one, case, monkeypatch):
    (stamp,) = wanted(case)

    def then_erased(url: str, request: bytes, exchange=timestamping._exchange) -> bytes:
        answer = exchange(url, request)
        Stamp.objects.filter(pk=stamp.pk).delete()
        return answer

    monkeypatch.setattr(timestamping, "_exchange", then_erased)
    timestamping.ask(stamp.pk)
    assert len(one.requests) == 1
    assert not Stamp.objects.exists()
    assert not Entry.objects.filter(kind="stamp.kept").exists()
    timestamping.ask(stamp.pk)
    assert len(one.requests) == 1, "there is nothing left to ask for"


def test_an_erased_case_is_not_asked_for_again(one, case, tmp_path, settings):
    settings.HABEAS_EVIDENCE = tmp_path
    settings.HABEAS_TIME_AUTHORITIES = ""
    actions.seal(case.reports.get(), "door.png", "image/png", b"a picture", by="portal", at=NOON)
    CaseKey.objects.filter(pk=case.key_id).update(wrapped=None, destroyed_at=NOON)
    settings.HABEAS_TIME_AUTHORITIES = [one.setting()]
    assert timestamping.want_missing(clock.now()) == 0


def test_what_is_no_commitment_is_not_stamped(one):
    with pytest.raises(ValueError, match="32 bytes"):
        wanted(message=b"a whole document")

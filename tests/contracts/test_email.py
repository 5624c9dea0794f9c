"""E-mail against a real SMTP server with the moods of real ones; answers through real LMTP and IMAP conversations."""

from __future__ import annotations

import logging
import smtplib
import socket
import ssl
import stat
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller

from factories.mail_servers import Mailbox, Post, certificate, free_port, imap_server, smtp_server, spoken_server
from habeas.platforms import receiving
from habeas.platforms.channels.email import EmailChannel
from habeas.platforms.core.answers import read_answer
from habeas.platforms.core.dispatch import Attachment, CannotSend, NotReached, Outgoing
from habeas.platforms.core.mail import MailSettings, message_id_for, reply_address
from habeas.platforms.receiving import MailboxRefused, fetch_imap, serve_lmtp

AT = datetime(2026, 3, 6, 12, tzinfo=UTC)
SECRET = b"a secret of the tests, 32 bytes.."
TO = "abuse@board.example.net"
LETTER = Outgoing(
    key="0f" * 16,
    measure="M-7KQ2M9XD40",
    subject="Notice of illegal content: M-7KQ2M9XD40",
    text="We write for the person affected.\n\nWhere it is: \u2068https://board.example.net/thread/88214\u2069\n",
    language="en",
    attachments=(Attachment("notice — M-7KQ2M9XD40.pdf", "application/pdf", b"%PDF-1.7 " + bytes(range(256))),),
    links=("https://board.example.net/thread/88214",),
    reply_to=reply_address(SECRET, "M-7KQ2M9XD40", "answers.example.org"),
)


def settings(port: int, **changes: object) -> MailSettings:
    plain = MailSettings("localhost", port, "none", "Helpline", "notices@example.org", "answers.example.org", seconds=3)
    return replace(plain, **changes)


def channel(post: Post, to: str = TO, **changes: object) -> EmailChannel:
    return EmailChannel(settings(post.port, **changes), to)


@pytest.fixture
def post():
    with smtp_server(Post()) as server:
        yield server


def test_a_letter_arrives_whole_with_its_files(post):
    receipt = channel(post).send(LETTER, at=AT)
    assert (receipt.state, receipt.reference) == ("accepted", message_id_for(LETTER.key, "example.org"))
    message = message_from_bytes(post.got[0], policy=policy.default)
    assert message["subject"] == LETTER.subject
    assert (message["from"], message["to"], message["reply-to"]) == (
        "Helpline <notices@example.org>",
        TO,
        LETTER.reply_to,
    )
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == LETTER.text
    [attachment] = message.iter_attachments()
    assert (attachment.get_filename(), attachment.get_content()) == (
        LETTER.attachments[0].name,
        LETTER.attachments[0].content,
    )
    assert receipt.proof.endswith(post.got[0])
    assert message_from_bytes(receipt.proof)["x-handed-over"] == "2026-03-06T12:00:00+00:00; 250 OK"


def test_a_report_of_delivery_is_asked_for_where_it_can_be(post):
    channel(post).send(LETTER, at=AT)
    assert "NOTIFY=SUCCESS,FAILURE,DELAY" in post.options[0]
    assert f"ENVID={LETTER.key}" in post.options[0]


def test_a_server_without_reports_gets_the_letter_too():
    with smtp_server(Post(), dsn=False) as post:
        assert channel(post).send(LETTER, at=AT).state == "accepted"
        assert not any(option.startswith("NOTIFY") for option in post.options[0])


def test_the_same_act_has_the_same_message_id_however_often_it_is_tried():
    with smtp_server(Post(cuts=1)) as post:
        with pytest.raises(NotReached):
            channel(post).send(LETTER, at=AT)
        channel(post).send(LETTER, at=AT)
        ids = {message_from_bytes(one)["message-id"] for one in post.got}
        assert len(post.got) == 2
        assert len(ids) == 1


@pytest.mark.parametrize("answer", ["451 4.3.0 later", "421 4.3.2 closing", "452 4.2.2 full"])
def test_come_back_later_is_not_reached(answer):
    with smtp_server(Post(answers=[answer])) as post, pytest.raises(NotReached):
        channel(post).send(LETTER, at=AT)


@pytest.mark.parametrize(
    ("refusal", "step"),
    [
        ("550 5.1.1 no such user abuse@board.example.net", "does not exist"),
        ("553 5.1.3 what?", "not written"),
        ("571 5.7.1 blocked", "refuses mail from us"),
    ],
)
def test_a_refused_recipient_is_a_sentence_with_a_next_step_and_without_the_address(refusal, step):
    with smtp_server(Post(refuses={TO: refusal})) as post:
        with pytest.raises(CannotSend, match=step) as refused:
            channel(post).send(LETTER, at=AT)
        assert "abuse@" not in str(refused.value)
        assert post.got == []


def test_a_letter_that_is_refused_at_its_end_cannot_be_sent():
    with smtp_server(Post(answers=["554 5.7.1 spam"])) as post, pytest.raises(CannotSend, match="refuses mail from us"):
        channel(post).send(LETTER, at=AT)


def test_a_server_that_is_not_there_is_not_reached():
    with pytest.raises(NotReached):
        EmailChannel(settings(free_port()), TO).send(LETTER, at=AT)


def test_a_server_that_never_speaks_is_not_waited_for_without_end():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(NotReached):
            EmailChannel(settings(silent.getsockname()[1], seconds=0.3), TO).send(LETTER, at=AT)


def test_a_certificate_nobody_vouches_for_is_refused_and_ours_is_not(tmp_path):
    file, context = certificate(tmp_path)
    with smtp_server(Post(), tls=context) as post:
        with pytest.raises(NotReached):
            EmailChannel(settings(post.port, security="starttls"), TO).send(LETTER, at=AT)
        assert post.got == [], "nothing is sent in clear"
        trusting = EmailChannel(settings(post.port, security="starttls"), TO, ca=file)
        assert trusting.send(LETTER, at=AT).state == "accepted"


def test_a_server_that_offers_no_encryption_gets_nothing():
    with smtp_server(Post()) as post:
        with pytest.raises(CannotSend, match="lacks"):
            EmailChannel(settings(post.port, security="starttls"), TO).send(LETTER, at=AT)
        assert post.got == []


def test_letters_of_other_scripts_in_an_address_need_a_server_that_takes_them(post):
    with pytest.raises(CannotSend, match="lacks"):
        channel(post, "büro@example.net").send(LETTER, at=AT)
    assert channel(post, "abuse@bücher.example").send(LETTER, at=AT).state == "accepted"
    assert b"abuse@xn--bcher-kva.example" in post.got[0]


@pytest.mark.parametrize("to", ["nobody", "a@b", "a b@example.net", "a@example.net\r\nBcc: x@example.com", ""])
def test_what_is_no_address_is_said_before_anything_leaves(post, to):
    written = channel(post, to)
    assert len(written.needs(LETTER)) == 1
    with pytest.raises(CannotSend, match="directory"):
        written.send(LETTER, at=AT)
    assert post.got == []


@pytest.mark.parametrize(
    "spoilt",
    [
        replace(LETTER, subject="Notice\r\nBcc: x@example.com"),
        replace(LETTER, text="  "),
        replace(LETTER, attachments=(Attachment("a\r\nb.pdf", "application/pdf", b"x"),)),
        replace(LETTER, attachments=(Attachment("a.pdf", "pdf", b"x"),)),
        replace(LETTER, reply_to="x@example.org\r\nBcc: y@example.com"),
    ],
)
def test_headers_cannot_be_slipped_in(post, spoilt):
    with pytest.raises(CannotSend):
        channel(post).send(spoilt, at=AT)
    assert post.got == []


@pytest.mark.parametrize("url", ["smtp://mail.example.org", "http://x", "smtps://", "mail.example.org"])
def test_settings_that_would_send_in_clear_or_nowhere_are_refused(url):
    with pytest.raises(ValueError, match="HABEAS_MAIL"):
        MailSettings.parse(url, sender_name="x", sender="a@example.org")


def test_settings_are_read_from_one_line_and_keep_their_password_to_themselves():
    read = MailSettings.parse("smtp+starttls://us%40er:p%2Fw@mail.example.org", sender_name="x", sender="a@example.org")
    assert (read.host, read.port, read.user, read.password) == ("mail.example.org", 587, "us@er", "p/w")
    assert "p/w" not in repr(read)


def test_what_the_law_asks_for_is_written_in_any_script(post):
    letter = replace(
        LETTER,
        subject="通知：違法なコンテンツ \u2068M-7KQ2M9XD40\u2069 إشعار",
        text="影響を受けた人のために書いています。\n" * 50,
        language="zh-Hant",
        attachments=(Attachment("通知 §16.pdf", "application/pdf", b"%PDF"),),
    )
    channel(post).send(letter, at=AT)
    assert post.got[0].isascii(), "any server on the way can pass it on"
    message = message_from_bytes(post.got[0], policy=policy.default)
    assert (message["subject"], message["content-language"]) == (letter.subject, "zh-Hant")
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == letter.text
    assert [one.get_filename() for one in message.iter_attachments()] == ["通知 §16.pdf"]


def test_reports_come_to_the_address_of_the_measure_and_nobody_reads_the_name_of_this_machine(post):
    channel(post).send(LETTER, at=AT)
    assert post.senders == [LETTER.reply_to]
    assert socket.gethostname().encode() not in post.got[0]
    elsewhere = replace(LETTER, reply_to="desk@example.org")
    channel(post).send(elsewhere, at=AT)
    assert post.senders[1] == "notices@example.org", "reports come back where mail is received"


class TestSeveralAddresses:
    BOTH = (TO, "legal@board.example.net")

    def test_a_letter_that_one_of_them_takes_is_sent_and_the_other_is_told_of(self):
        with smtp_server(Post(refuses={TO: "550 5.1.1 abuse@board.example.net unknown"})) as post:
            receipt = EmailChannel(settings(post.port), self.BOTH).send(LETTER, at=AT)
        assert len(post.got) == 1
        assert "refused 1 of 2 addresses (550): the address does not exist." in receipt.says
        assert "abuse@" not in receipt.says
        assert message_from_bytes(receipt.proof)["x-refused"].startswith("address 1; 550 5.1.1")

    def test_one_that_may_take_it_later_is_waited_for(self):
        refuses = {TO: "550 5.1.1 no", "legal@board.example.net": "450 4.2.1 later"}
        with smtp_server(Post(refuses=refuses)) as post, pytest.raises(NotReached):
            EmailChannel(settings(post.port), self.BOTH).send(LETTER, at=AT)

    def test_where_none_takes_it_nothing_is_sent(self):
        refuses = dict.fromkeys(self.BOTH, "550 5.1.1 no")
        with smtp_server(Post(refuses=refuses)) as post, pytest.raises(CannotSend, match="does not exist"):
            EmailChannel(settings(post.port), self.BOTH).send(LETTER, at=AT)
        assert post.got == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
class TestSigningIn:
    def test_who_signs_in_is_let_in(self):
        with smtp_server(Post(), password="p/w ü") as post:
            assert channel(post, user="house", password="p/w ü").send(LETTER, at=AT).state == "accepted"
            assert post.users == ["house"]

    def test_a_wrong_password_is_told_and_not_shown(self):
        with smtp_server(Post(), password="right") as post:
            with pytest.raises(CannotSend, match="HABEAS_MAIL must be renewed") as refused:
                channel(post, user="house", password="wrong-one").send(LETTER, at=AT)
            assert "wrong-one" not in str(refused.value)
            assert post.got == []

    def test_a_server_that_wants_it_and_got_none_says_so(self):
        with (
            smtp_server(Post(), password="right") as post,
            pytest.raises(CannotSend, match="user and password it knows"),
        ):
            channel(post).send(LETTER, at=AT)

    def test_a_server_that_knows_no_users_is_not_told_ours(self, post):
        # Its only ways to sign in need an encrypted line, so it offers none.
        with pytest.raises(CannotSend, match="no way to sign in"):
            channel(post, user="house", password="secret").send(LETTER, at=AT)
        assert post.users == []


def test_a_server_that_speaks_tls_from_the_start(tmp_path):
    file, context = certificate(tmp_path)
    with smtp_server(Post(), tls=context, at_once=True) as post:
        with pytest.raises(NotReached, match="certificate"):
            EmailChannel(settings(post.port, security="tls"), TO).send(LETTER, at=AT)
        assert EmailChannel(settings(post.port, security="tls"), TO, ca=file).send(LETTER, at=AT).state == "accepted"
    assert len(post.got) == 1


def test_a_certificate_of_another_host_is_none(tmp_path):
    file, context = certificate(tmp_path, "mail.example.org")
    with smtp_server(Post(), tls=context) as post, pytest.raises(NotReached, match="certificate"):
        EmailChannel(settings(post.port, security="starttls"), TO, ca=file).send(LETTER, at=AT)


def test_a_letter_larger_than_the_server_takes_does_not_leave():
    large = replace(LETTER, attachments=(Attachment("a.pdf", "application/pdf", bytes(40_000)),))
    with smtp_server(Post(), data_size_limit=50_000) as post:
        with pytest.raises(CannotSend, match="larger than the mail server takes"):
            channel(post).send(large, at=AT)
        assert post.got == []
        assert channel(post).send(LETTER, at=AT).state == "accepted"


def test_attachments_no_server_takes_are_told_of_before():
    large = replace(LETTER, attachments=(Attachment("a.pdf", "application/pdf", bytes(20_000_001)),))
    assert ["larger" in need for need in EmailChannel(settings(25), TO).needs(large)] == [True]


def test_an_address_in_other_letters_goes_where_they_are_taken():
    with smtp_server(Post(), enable_SMTPUTF8=True) as post:
        assert channel(post, "büro@example.net").send(LETTER, at=AT).state == "accepted"
        assert "To: büro@example.net".encode() in post.got[0]
        assert {"SMTPUTF8", "BODY=8BITMIME"} <= set(post.options[0])


def test_an_address_of_ours_in_other_letters_needs_them_taken_too(post):
    with pytest.raises(CannotSend, match="letters beyond a to z"):
        channel(post, sender="bücher@example.org").send(LETTER, at=AT)
    assert post.got == []


@pytest.mark.parametrize("greeting", [b"421 4.3.2 too busy\r\n", b"450 later\r\n", b"garbage\r\n", b""])
def test_a_server_that_does_not_greet_us_today_is_tried_again(greeting):
    with spoken_server(greeting) as port, pytest.raises(NotReached):
        EmailChannel(settings(port, seconds=0.5), TO).send(LETTER, at=AT)


def test_a_server_that_never_takes_our_mail_is_not_tried_again():
    with spoken_server(b"554 5.7.1 not you\r\n") as port, pytest.raises(CannotSend, match="refuses mail from us"):
        EmailChannel(settings(port), TO).send(LETTER, at=AT)


def test_a_server_that_never_ends_its_sentence_is_cut_off():
    began = time.monotonic()
    with spoken_server(b"220 hello\r\n", then=b"250-more\r\n", pause=0.02) as port, pytest.raises(NotReached):
        EmailChannel(settings(port, most_seconds=0.4), TO).send(LETTER, at=AT)
    assert time.monotonic() - began < 3


def test_a_slow_server_is_tried_again_and_gets_the_same_letter():
    """It took the letter, and its answer came too late to be heard."""

    class Slow(Post):
        async def handle_DATA(self, *args):  # noqa: N802
            import asyncio

            said = await super().handle_DATA(*args)
            await asyncio.sleep(0.5 if len(self.got) == 1 else 0)
            return said

    with smtp_server(Slow()) as post:
        with pytest.raises(NotReached):
            channel(post, seconds=0.2).send(LETTER, at=AT)
        channel(post).send(LETTER, at=AT)
    first, second = (raw.split(b"\r\n\r\n", 1) for raw in post.got)
    assert first == second, "who gets both can tell that they are one"


@pytest.mark.parametrize(
    "spoilt",
    [
        replace(LETTER, subject="Notice\x0bBcc: x@example.com"),
        replace(LETTER, subject="Notice\u2028Bcc: x@example.com"),
        replace(LETTER, subject="half a sign \ud800"),
        replace(LETTER, text="half a sign \ud800"),
        replace(LETTER, measure="M-1\r\nBcc: x@example.com"),
        replace(LETTER, language="en\r\nBcc: x@example.com"),
        replace(LETTER, key="1\r\nRCPT TO:<x@example.com>"),
        replace(LETTER, key=""),
        replace(LETTER, attachments=(Attachment("a.eml", "message/rfc822", b"Subject: x"),)),
        replace(LETTER, attachments=(Attachment("a.pdf", "application/pdf; x=y", b"x"),)),
        replace(LETTER, attachments=(Attachment("../a.pdf", "application/pdf", b"x"),)),
    ],
)
def test_nothing_that_would_be_read_as_something_else_leaves(post, spoilt):
    assert len(channel(post).needs(spoilt)) == 1
    with pytest.raises(CannotSend):
        channel(post).send(spoilt, at=AT)
    assert post.got == []


def test_neither_sending_nor_receiving_writes_down_an_address_or_a_word(caplog):
    caplog.set_level(logging.DEBUG)
    with smtp_server(Post(answers=["554 5.7.1 desk@board.example.net is not for you"])) as post:
        caplog.clear()
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # that is the other side's log
        with pytest.raises(CannotSend):
            channel(post).send(LETTER, at=AT)

    def full(raw: bytes) -> None:
        raise OSError("no room for desk@board.example.net")

    logging.getLogger("mail.log").setLevel(logging.DEBUG)
    port = free_port()
    controller = serve_lmtp(full, SECRET, "127.0.0.1", port)
    try:
        with smtplib.LMTP("127.0.0.1", port) as lmtp, pytest.raises(smtplib.SMTPDataError):
            lmtp.sendmail("desk@board.example.net", [LETTER.reply_to], b"Subject: x\r\n\r\nIt was removed.")
    finally:
        controller.stop()
    written = caplog.text.lower()
    assert "oserror" in written
    assert not [word for word in ("desk@", "abuse@", "answers+", "removed", "notice") if word in written]


class TestReceiving:
    @pytest.fixture
    def kept(self):
        return []

    @pytest.fixture
    def door(self, kept):
        port = free_port()
        controller = serve_lmtp(kept.append, SECRET, "127.0.0.1", port)
        yield port
        controller.stop()

    def test_an_answer_is_stored_before_it_is_acknowledged(self, door, kept):
        with smtplib.LMTP("127.0.0.1", door) as lmtp:
            lmtp.sendmail("desk@board.example.net", [LETTER.reply_to], b"Subject: done\r\n\r\nIt was removed.\r\n")
        assert len(kept) == 1
        assert b"It was removed." in kept[0]
        assert LETTER.reply_to.encode() in kept[0]

    def test_an_address_without_a_token_of_ours_is_refused(self, door, kept):
        forged = reply_address(b"another secret", "M-7KQ2M9XD40", "answers.example.org")
        for address in ("answers@answers.example.org", forged, "postmaster@answers.example.org"):
            with smtplib.LMTP("127.0.0.1", door) as lmtp, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
                lmtp.sendmail("x@example.net", [address], b"Subject: x\r\n\r\nx")
            assert refused.value.recipients[address][0] == 550
        assert kept == []

    def test_what_cannot_be_stored_stays_with_its_sender(self):
        def full(raw: bytes) -> None:
            raise OSError("no room")

        port = free_port()
        controller = serve_lmtp(full, SECRET, "127.0.0.1", port)
        try:
            with smtplib.LMTP("127.0.0.1", port) as lmtp, pytest.raises(smtplib.SMTPDataError) as refused:
                lmtp.sendmail("x@example.net", [LETTER.reply_to], b"Subject: x\r\n\r\nx")
            assert refused.value.smtp_code == 451
        finally:
            controller.stop()

    def test_many_at_once_are_all_kept(self, door, kept):
        def hand_over(number: int) -> None:
            with smtplib.LMTP("127.0.0.1", door) as lmtp:
                lmtp.sendmail("x@example.net", [LETTER.reply_to], b"Subject: %d\r\n\r\nx" % number)

        threads = [threading.Thread(target=hand_over, args=(number,)) for number in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({message_from_bytes(raw)["subject"] for raw in kept}) == 30

    def test_who_sent_it_is_kept_and_a_server_that_reports_is_known_as_one(self, door, kept):
        with smtplib.LMTP("127.0.0.1", door) as lmtp:
            lmtp.sendmail("desk@board.example.net", [LETTER.reply_to], b"Subject: done\r\n\r\nx")
            lmtp.sendmail("", [LETTER.reply_to], b"Subject: Undelivered Mail\r\n\r\n550 5.1.1 no such user")
        assert [message_from_bytes(raw)["return-path"] for raw in kept] == ["<desk@board.example.net>", "<>"]
        bounce = read_answer(kept[1], SECRET, "example.org")
        assert (bounce.kind, bounce.measure) == ("bounced", LETTER.measure)

    def test_a_line_no_standard_allows_is_no_reason_to_turn_an_answer_away(self, door, kept):
        with smtplib.LMTP("127.0.0.1", door) as lmtp:
            lmtp.sendmail("x@example.net", [LETTER.reply_to], b"Subject: x\r\n\r\n" + b"y" * 200_000 + b"\r\n")
        assert len(kept[0]) > 200_000

    def test_every_byte_comes_through(self, door, kept):
        body = b"Subject: x\r\n\r\n" + bytes(n for n in range(256) if n not in b"\r\n") + b"\r\n.\r\n..dots\r\n"
        with smtplib.LMTP("127.0.0.1", door) as lmtp:
            lmtp.sendmail("x@example.net", [LETTER.reply_to], body)
        assert kept[0].endswith(body)

    def test_each_recipient_gets_a_conversation_of_its_own(self, door, kept):
        other = reply_address(SECRET, "M-0000000000", "answers.example.org")
        with smtplib.LMTP("127.0.0.1", door) as lmtp:
            refused = lmtp.sendmail("x@example.net", [LETTER.reply_to, other], b"Subject: x\r\n\r\nx")
        assert (list(refused), refused[other][0], len(kept)) == ([other], 452, 1)

    def test_what_is_too_large_is_refused_and_the_next_is_not(self, kept, monkeypatch):
        monkeypatch.setattr(receiving, "MOST_BYTES", 1000)
        port = free_port()
        controller = serve_lmtp(kept.append, SECRET, "127.0.0.1", port)
        try:
            with smtplib.LMTP("127.0.0.1", port) as lmtp:
                with pytest.raises(smtplib.SMTPResponseException) as refused:
                    lmtp.sendmail("x@example.net", [LETTER.reply_to], b"Subject: x\r\n\r\n" + b"y\r\n" * 2000)
                lmtp.sendmail("x@example.net", [LETTER.reply_to], b"Subject: small\r\n\r\nx")
        finally:
            controller.stop()
        assert (refused.value.smtp_code, len(kept)) == (552, 1)

    def test_a_socket_of_this_machine_is_for_those_its_folder_lets_in(self, kept, tmp_path):
        socket_file = tmp_path / "answers.sock"
        controller = serve_lmtp(kept.append, SECRET, unix=socket_file)
        try:
            assert stat.S_IMODE(socket_file.stat().st_mode) == 0o660
            with smtplib.LMTP(str(socket_file)) as lmtp:
                lmtp.sendmail("x@example.net", [LETTER.reply_to], b"Subject: x\r\n\r\nIt was removed.")
        finally:
            controller.stop()
        assert len(kept) == 1

    def test_by_smtp_too_and_then_on_this_machine_only(self, kept):
        port = free_port()
        controller = serve_lmtp(kept.append, SECRET, "127.0.0.1", port, smtp=True)
        try:
            with smtplib.SMTP("127.0.0.1", port) as visitor:
                visitor.sendmail("x@example.net", [LETTER.reply_to], b"Subject: x\r\n\r\nx")
        finally:
            controller.stop()
        assert len(kept) == 1
        with pytest.raises(ValueError, match="this machine only"):
            serve_lmtp(kept.append, SECRET, "0.0.0.0", port, smtp=True)  # noqa: S104

    def test_more_conversations_than_there_is_room_for_are_asked_to_come_back(self, kept, monkeypatch):
        monkeypatch.setattr(receiving, "MOST_CONVERSATIONS", 2)
        port = free_port()
        controller = serve_lmtp(kept.append, SECRET, "127.0.0.1", port)
        try:
            _wait_until_quiet(controller)
            with smtplib.LMTP("127.0.0.1", port), smtplib.LMTP("127.0.0.1", port):
                with pytest.raises(smtplib.SMTPConnectError) as refused:
                    smtplib.LMTP("127.0.0.1", port)
                assert refused.value.smtp_code == 421
            _wait_until_quiet(controller)
            with smtplib.LMTP("127.0.0.1", port) as lmtp:
                lmtp.sendmail("x@example.net", [LETTER.reply_to], b"Subject: x\r\n\r\nx")
        finally:
            controller.stop()
        assert len(kept) == 1

    def test_a_sender_that_hangs_up_in_the_middle_leaves_nothing_half(self, door, kept):
        with socket.create_connection(("127.0.0.1", door)) as visitor:
            visitor.sendall(
                b"LHLO x\r\nMAIL FROM:<x@example.net>\r\nRCPT TO:<%s>\r\nDATA\r\nSubject: x\r\n\r\nhalf"
                % LETTER.reply_to.encode()
            )
            time.sleep(0.1)
        with smtplib.LMTP("127.0.0.1", door) as lmtp:
            lmtp.sendmail("x@example.net", [LETTER.reply_to], b"Subject: whole\r\n\r\nx")
        assert [message_from_bytes(raw)["subject"] for raw in kept] == ["whole"]


def _wait_until_quiet(controller: Controller) -> None:
    """Those who left have left once the server noticed."""
    time.sleep(0.2)


class TestFetching:
    FIRST, SECOND = (b"Message-ID: <%d@board.example.net>\r\nSubject: done\r\n\r\nx\r\n" % n for n in (1, 2))

    def fetch(self, mailbox: Mailbox, kept: list[bytes], **more: object) -> int:
        keep = more.pop("keep", kept.append)
        options = {"security": "none", "seconds": 3, **more}
        return fetch_imap(keep, "localhost", mailbox.port, "house", mailbox.password, **options)

    def test_what_nobody_has_seen_is_taken_in_once(self):
        kept: list[bytes] = []
        with imap_server(Mailbox({1: self.FIRST, 2: self.SECOND, 3: b"old"}, seen={3})) as mailbox:
            assert self.fetch(mailbox, kept) == 2
            assert self.fetch(mailbox, kept) == 0
        assert (kept, mailbox.seen, mailbox.moved) == ([self.FIRST, self.SECOND], {1, 2, 3}, {})

    def test_what_cannot_be_stored_comes_again_and_does_not_keep_the_others(self):
        kept: list[bytes] = []

        def keep(raw: bytes) -> None:
            if raw == self.FIRST and not kept:
                kept.append(b"tried")
                raise OSError("no room")
            kept.append(raw)

        with imap_server(Mailbox({1: self.FIRST, 2: self.SECOND})) as mailbox:
            assert self.fetch(mailbox, kept, keep=keep) == 1
            assert mailbox.seen == {2}
            assert self.fetch(mailbox, kept, keep=keep) == 1
        assert kept == [b"tried", self.SECOND, self.FIRST]

    def test_a_conversation_that_breaks_off_loses_nothing(self):
        kept: list[bytes] = []
        with imap_server(Mailbox({1: self.FIRST, 2: self.SECOND}, cuts_at=2)) as mailbox:
            with pytest.raises(NotReached):
                self.fetch(mailbox, kept)
            mailbox.cuts_at = 0
            assert self.fetch(mailbox, kept) == 1
        assert kept == [self.FIRST, self.SECOND]

    def test_a_copy_that_came_another_way_is_not_stored_again(self):
        kept: list[bytes] = []
        again = b"Received: by another.example\r\n" + self.FIRST
        with imap_server(Mailbox({1: self.FIRST, 2: again, 3: self.SECOND})) as mailbox:
            assert self.fetch(mailbox, kept) == 3
        assert (kept, mailbox.seen) == ([self.FIRST, self.SECOND], {1, 2, 3})

    def test_what_was_stored_is_put_aside_where_the_server_can(self):
        for can_move in (True, False):
            kept: list[bytes] = []
            with imap_server(Mailbox({1: self.FIRST}, can_move=can_move)) as mailbox:
                assert self.fetch(mailbox, kept, done="Read by Habeas") == 1
            assert (mailbox.moved, mailbox.seen) == ({1: "Read by Habeas"} if can_move else {}, {1})

    def test_what_is_too_large_is_not_even_fetched(self):
        kept: list[bytes] = []
        with imap_server(Mailbox({1: self.FIRST, 2: self.SECOND}, claims={1: 10**9})) as mailbox:
            assert self.fetch(mailbox, kept) == 1
        assert (kept, mailbox.fetched, mailbox.seen) == ([self.SECOND], [2], {2})

    def test_a_wrong_password_is_told_without_the_words_of_the_server(self):
        with imap_server(Mailbox({}, password="right")) as mailbox:
            with pytest.raises(MailboxRefused, match="user or password") as refused:
                fetch_imap(print, "localhost", mailbox.port, "house", "wrong", security="none", seconds=3)
            assert "somebody" not in str(refused.value)
            with pytest.raises(MailboxRefused, match="no folder"):
                fetch_imap(
                    print, "localhost", mailbox.port, "house", "right", mailbox="Gone", security="none", seconds=3
                )

    def test_only_over_an_encrypted_line_we_trust(self, tmp_path):
        file, context = certificate(tmp_path)
        trusting = ssl.create_default_context(cafile=str(file))
        kept: list[bytes] = []
        with imap_server(Mailbox({1: self.FIRST}), tls=context) as mailbox:
            with pytest.raises(NotReached):
                self.fetch(mailbox, kept, security="tls")
            assert self.fetch(mailbox, kept, security="tls", context=trusting) == 1
        with pytest.raises(MailboxRefused, match="encrypted"):
            fetch_imap(print, "imap.example.org", 143, "house", "x", security="none")

    def test_a_mailbox_that_is_not_there_is_tried_again(self):
        with pytest.raises(NotReached):
            fetch_imap(print, "localhost", free_port(), "house", "x", security="none", seconds=1)
        with pytest.raises(MailboxRefused, match="plain signs"):
            fetch_imap(print, "localhost", 1, "house\r\nA1 LOGOUT", "x", security="none")

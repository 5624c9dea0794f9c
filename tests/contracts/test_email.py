"""E-mail against a real SMTP server with the moods of real ones, and answers through a real LMTP conversation."""

from __future__ import annotations

import smtplib
import threading
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from factories.mail_servers import Post, certificate, free_port, smtp_server
from habeas.platforms.channels.email import EmailChannel
from habeas.platforms.core.dispatch import Attachment, CannotSend, NotReached, Outgoing
from habeas.platforms.core.mail import MailSettings, message_id_for, reply_address
from habeas.platforms.receiving import serve_lmtp

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
    assert post.got[0].rstrip() in receipt.proof.replace(b"\r\n.\r\n", b"\r\n")


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
        ("571 5.7.1 blocked", "Look at the address"),
    ],
)
def test_a_refused_recipient_is_a_sentence_with_a_next_step_and_without_the_address(refusal, step):
    with smtp_server(Post(refuses={TO: refusal})) as post:
        with pytest.raises(CannotSend, match=step) as refused:
            channel(post).send(LETTER, at=AT)
        assert "abuse@" not in str(refused.value)
        assert post.got == []


def test_a_letter_that_is_refused_at_its_end_cannot_be_sent():
    with smtp_server(Post(answers=["554 5.7.1 spam"])) as post, pytest.raises(CannotSend, match="takes no mail"):
        channel(post).send(LETTER, at=AT)


def test_a_server_that_is_not_there_is_not_reached():
    with pytest.raises(NotReached):
        EmailChannel(settings(free_port()), TO).send(LETTER, at=AT)


def test_a_server_that_never_speaks_is_not_waited_for_without_end():
    import socket

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

"""Reading mail that comes back: whose it is, what it is, and what it seems to say."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from habeas.platforms.core.answer_words import guess
from habeas.platforms.core.answers import read_answer
from habeas.platforms.core.mail import (
    NoSuchAddress,
    mail_address,
    measure_in,
    measure_of,
    message_id_for,
    reply_address,
    token_for,
)

SECRET = b"a secret of the tests, 32 bytes.."
DOMAIN = "example.org"
MEASURE = "M-7KQ2M9XD40"
TO = reply_address(SECRET, MEASURE, "answers.example.org")
OURS = message_id_for("0f" * 16, DOMAIN)


def read(raw: bytes):
    return read_answer(raw, SECRET, DOMAIN)


def message(text: str = "We have removed the page.", **headers: str) -> bytes:
    made = EmailMessage()
    for name, value in {"From": "Desk <desk@board.example.net>", "To": TO, "Subject": "Re: Notice", **headers}.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made.as_bytes()


BOUNCE = f"""\
From: MAILER-DAEMON@mx.example.net
To: notices@example.org
Return-Path: <>
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="edge"

--edge
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--edge
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Original-Envelope-Id: 0f0f

Final-Recipient: rfc822; abuse@board.example.net
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--edge
Content-Type: text/rfc822-headers

From: notices@example.org
Message-ID: {OURS}

--edge--
""".replace("\n", "\r\n").encode()


class TestTokens:
    @given(st.text(alphabet="0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=10, max_size=10))
    def test_a_token_leads_to_its_measure_in_any_case_of_letters(self, code):
        reference = f"M-{code}"
        assert measure_of(SECRET, token_for(SECRET, reference).upper()) == reference
        assert measure_in(SECRET, reply_address(SECRET, reference, "x.example.org")) == reference

    @given(st.text(max_size=40))
    @example(token_for(b"another secret", MEASURE))
    @example(token_for(SECRET, MEASURE)[:-1])
    @example(token_for(SECRET, MEASURE).replace("m-7", "m-8"))
    def test_nobody_makes_one_up(self, text):
        assert measure_of(SECRET, text) is None or text.strip().lower() == token_for(SECRET, measure_of(SECRET, text))
        assert measure_of(b"another one", token_for(SECRET, MEASURE)) is None

    def test_the_address_stays_within_what_servers_take(self):
        local = TO.partition("@")[0]
        assert len(local) <= 64
        assert mail_address(TO) == TO

    @pytest.mark.parametrize(
        "text", ["", "abuse-desk", "@x.org", "a@", "a@b", "a b@x.org", "a@x..org", ".a@x.org", "a\n@x.org"]
    )
    def test_what_is_no_address_is_refused_without_repeating_it(self, text):
        with pytest.raises(NoSuchAddress) as refused:
            mail_address(text)
        assert not text.strip() or text not in str(refused.value)


class TestThreading:
    def test_the_address_leads_to_the_measure(self):
        answered = read(message())
        assert (answered.measure, answered.by_token) == (MEASURE, True)

    def test_an_address_in_any_of_the_places_servers_write_it(self):
        for name in ("Cc", "Delivered-To", "X-Original-To", "Envelope-To"):
            assert read(message(To="notices@example.org", **{name.replace("-", "_"): TO})).measure == MEASURE

    def test_a_forged_address_leads_nowhere(self):
        forged = reply_address(b"another secret", MEASURE, "answers.example.org")
        assert read(message(To=forged)).measure is None

    def test_references_lead_to_the_letter(self):
        answered = read(message(To="notices@example.org", References=f"<x@y.example> {OURS}", In_Reply_To="<z@y>"))
        assert answered.message_ids == (OURS,)

    def test_message_ids_of_another_domain_are_not_ours(self):
        assert read(message(References=message_id_for("a", "example.com"))).message_ids == ()


class TestKinds:
    def test_a_bounce_names_the_letter_and_the_status_and_not_the_address(self):
        answered = read(BOUNCE)
        assert (answered.kind, answered.message_ids) == ("bounced", (OURS,))
        assert "(5.1.1)" in answered.says
        assert "abuse@" not in answered.says

    @pytest.mark.parametrize(
        ("action", "kind"), [("delayed", "delayed"), ("delivered", "delivered"), ("relayed", "delivered")]
    )
    def test_other_reports_of_delivery(self, action, kind):
        assert read(BOUNCE.replace(b"Action: failed", f"Action: {action}".encode())).kind == kind

    def test_one_failed_recipient_among_delivered_ones_is_a_bounce(self):
        two = BOUNCE.replace(
            b"\r\n--edge\r\nContent-Type: text/rfc822",
            b"\r\nFinal-Recipient: rfc822; b@x.example\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\n"
            b"--edge\r\nContent-Type: text/rfc822",
        )
        assert read(two).kind == "bounced"

    def test_a_bounce_of_no_standard_is_one_too(self):
        raw = message("The mail could not be delivered: 5.7.1", From="postmaster@x.example", Subject="failure notice")
        answered = read(raw)
        assert (answered.kind, "(5.7.1)" in answered.says) == ("bounced", True)

    def test_out_of_office_is_no_answer(self):
        assert (
            read(message("I am away.", Subject="Automatic reply: Notice", Auto_Submitted="auto-replied")).kind
            == "automatic"
        )
        assert read(message("Bin weg.", Subject="Abwesenheitsnotiz")).kind == "automatic"

    def test_a_ticket_system_that_answers_by_itself_has_received_it(self):
        raw = message("Thank you for your report. Ticket number 991.", Auto_Submitted="auto-generated")
        assert (read(raw).kind, read(raw).likely) == ("answer", "acknowledged")

    def test_an_answer_with_nothing_in_it_is_not_known(self):
        assert read(message("  \n")).kind == "unknown"

    def test_only_what_its_writer_wrote_counts(self):
        raw = message(
            "We cannot act.\n\nOn Mon, 2 Mar 2026, the Helpline wrote:\n> It has been removed elsewhere.\n> x"
        )
        answered = read(raw)
        assert answered.text == "We cannot act."
        assert answered.likely == "refused"

    def test_a_page_is_read_as_words_and_nothing_in_it_is_fetched(self):
        made = EmailMessage()
        made["To"] = TO
        made.set_content(
            "<p>It was <b>removed</b>.</p><script>x</script><img src='https://t.example/p.gif'>", subtype="html"
        )
        assert "It was removed." in read(made.as_bytes()).text
        assert "script" not in read(made.as_bytes()).text

    def test_attachments_are_named_without_paths(self):
        made = EmailMessage()
        made["To"] = TO
        made.set_content("see the file")
        made.add_attachment(b"x", maintype="application", subtype="pdf", filename="../../decision.pdf")
        assert read(made.as_bytes()).attachments == ("....decision.pdf",)


@pytest.mark.parametrize(
    ("text", "likely"),
    [
        ("The content has been removed.", "complied"),
        ("We have taken the page down.", "complied"),
        ("Der Beitrag wurde gelöscht.", "complied"),
        ("La publication a été supprimée.", "complied"),
        ("El contenido ha sido eliminado.", "complied"),
        ("該当の投稿を削除しました。", "complied"),
        ("This does not violate our rules.", "refused"),
        ("We are unable to remove it. It has been removed from search.", "refused"),
        ("Wir lehnen den Antrag ab.", "refused"),
        ("Some of the links have been removed.", "partly"),
        ("Please provide the exact URL.", "more_information"),
        ("Bitte senden Sie uns einen Nachweis.", "more_information"),
        ("Your message has been received, ticket #22.", "acknowledged"),
        ("Wir grüßen Sie.", ""),
    ],
)
def test_what_an_answer_seems_to_say_is_guessed_with_a_reason(text, likely):
    guessed, why = guess(text)
    assert guessed == likely
    assert bool(why) == bool(likely)


@given(st.binary(max_size=2000))
def test_no_bytes_make_the_reader_fail(raw):
    assert read(raw).kind in {"answer", "unknown", "automatic", "bounced"}


@given(st.data())
def test_no_change_of_a_bounce_makes_the_reader_fail(data):
    place = data.draw(st.integers(0, len(BOUNCE) - 1))
    piece = data.draw(st.binary(max_size=30))
    read(BOUNCE[:place] + piece + BOUNCE[place + data.draw(st.integers(0, 30)) :])


def test_deep_and_wide_mail_is_bounded():
    deep = b"To: x@y.example\r\n" + b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(300)
    )
    assert read(deep).kind in {"unknown", "answer"}
    wide = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nx\r\n" * 5000 + b"--b--"
    assert len(read(wide).text) < 5000

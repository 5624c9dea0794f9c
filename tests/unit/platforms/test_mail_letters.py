"""A letter as an e-mail: what its bytes are, the same each time, and nothing slipped in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.platforms.core.dispatch import Attachment, CannotSend, Outgoing
from habeas.platforms.core.mail import (
    MailSettings,
    NoSuchAddress,
    envelope_id,
    envelope_sender,
    faults_of,
    mail_address,
    mail_for,
    token_for,
)

AT = datetime(2026, 3, 6, 12, tzinfo=UTC)
TO = "abuse@board.example.net"
SETTINGS = MailSettings(
    "mail.example.org", 587, "starttls", "Helpline", "notices@example.org", "answers.example.org", "house", "s3cret"
)
LETTER = Outgoing(
    key="0f" * 16,
    measure="M-7KQ2M9XD40",
    subject="Notice: M-7KQ2M9XD40",
    text="We write for the person affected.\n",
    language="en",
    attachments=(Attachment("notice.pdf", "application/pdf", b"%PDF-1.7"),),
    reply_to="answers+x@answers.example.org",
)
# Every sign that is written as one: half of a pair is no sign. In a line nothing may end it, or the letter stays here.
WRITABLE = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
LINE = st.one_of(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=80), WRITABLE)


def arrived(letter: Outgoing, to: str | tuple[str, ...] = TO) -> EmailMessage:
    """The letter as a reader of mail that is not ours sees it."""
    return message_from_bytes(mail_for(letter, SETTINGS, to, at=AT).as_bytes(), policy=policy.default)


HEADERS = sorted(key.lower() for key in arrived(LETTER))


class TestTheSameEachTime:
    def test_byte_for_byte_apart_from_its_date(self):
        first = mail_for(LETTER, SETTINGS, TO, at=AT).as_bytes()
        assert mail_for(LETTER, SETTINGS, TO, at=AT).as_bytes() == first
        later = mail_for(LETTER, SETTINGS, TO, at=AT + timedelta(hours=1)).as_bytes()
        assert later.replace(b"13:00:00", b"12:00:00") == first

    def test_another_act_is_another_message(self):
        other = replace(LETTER, key="0e" * 16)
        assert arrived(other)["message-id"] != arrived(LETTER)["message-id"]

    def test_the_key_does_not_stand_in_it(self):
        assert LETTER.key.encode() not in mail_for(LETTER, SETTINGS, TO, at=AT).as_bytes()


class TestWhatItSays:
    def test_it_does_not_say_that_a_machine_wrote_it(self):
        message = arrived(LETTER)
        assert not {"auto-submitted", "precedence", "x-mailer", "user-agent"} & {key.lower() for key in message}

    def test_the_language_is_that_of_the_letter(self):
        assert arrived(replace(LETTER, language="pt-BR"))["content-language"] == "pt-BR"

    def test_several_addresses_see_each_other(self):
        assert arrived(LETTER, (TO, "legal@board.example.net"))["to"] == f"{TO}, legal@board.example.net"

    def test_a_letter_without_files_is_text_alone(self):
        assert arrived(replace(LETTER, attachments=())).get_content_type() == "text/plain"

    def test_dots_and_from_lines_arrive_as_they_were(self):
        text = "From here on\n.\n..\n.hidden\nFrom there\n"
        assert arrived(replace(LETTER, text=text)).get_body().get_content().replace("\r\n", "\n") == text


@given(subject=LINE, name=LINE, text=WRITABLE)
def test_whatever_is_written_arrives_as_it_was_or_does_not_leave(subject, name, text):
    letter = replace(
        LETTER, subject=subject, text=text, attachments=(Attachment(name, "application/pdf", b"%PDF-1.7"),)
    )
    try:
        message = arrived(letter)
    except CannotSend:
        assert faults_of(letter, (TO,))
        return
    assert sorted(key.lower() for key in message) == HEADERS, "no header came or went"
    assert message["subject"] == " ".join(subject.split())
    [attachment] = message.iter_attachments()
    assert attachment.get_filename() == name.strip()
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == lines


@given(st.text(max_size=60))
def test_no_text_slips_into_a_conversation_with_a_server(text):
    written = envelope_id(text) if text.isprintable() or text.isascii() else envelope_id(text.encode().hex())
    assert all("!" <= sign <= "~" for sign in written)
    assert "=" not in written


def test_an_envelope_id_leads_back_to_its_key():
    from urllib.parse import unquote

    assert envelope_id("0f" * 16) == "0f" * 16
    assert unquote(envelope_id("a+b=c d").replace("+", "%")) == "a+b=c d"
    assert envelope_id("x" * 101) == "", "a longer one would be refused"


class TestWhereReportsGo:
    def test_to_the_measure_where_its_mail_is_received(self):
        assert envelope_sender(LETTER, SETTINGS) == LETTER.reply_to
        assert envelope_sender(replace(LETTER, reply_to="x@ANSWERS.example.org"), SETTINGS).startswith("x@")

    def test_to_the_house_where_it_is_not(self):
        assert envelope_sender(LETTER, replace(SETTINGS, reply_domain="")) == SETTINGS.sender
        assert envelope_sender(replace(LETTER, reply_to="x@example.org"), SETTINGS) == SETTINGS.sender
        assert envelope_sender(replace(LETTER, reply_to=""), SETTINGS) == SETTINGS.sender


class TestAddresses:
    @pytest.mark.parametrize(
        ("text", "address"),
        [
            (" abuse@Board.Example.NET ", "abuse@board.example.net"),
            ("abuse@bücher.example", "abuse@xn--bcher-kva.example"),
            ("büro@example.net", "büro@example.net"),
            ("a+b.c@例え.example", "a+b.c@xn--r8jz45g.example"),
        ],
    )
    def test_a_domain_is_sent_in_ascii_and_what_is_before_it_as_it_is(self, text, address):
        assert mail_address(text) == address

    @pytest.mark.parametrize(
        "text",
        [
            "a@straße.example",  # the one standard reads strasse, the other another name
            "a@-x.example",
            "a@x-.example",
            "a@" + "x" * 64 + ".example",
            "a" * 65 + "@x.example",
            "a@x.example\x00",
            '"a b"@x.example',
            "a@[192.0.2.1]",
            "a\u2028b@x.example\n",
            "\ud800@x.example",
            "a@" + "x." * 130 + "example",
        ],
    )
    def test_what_could_reach_another_is_no_address(self, text):
        with pytest.raises(NoSuchAddress) as refused:
            mail_address(text)
        assert text.partition("@")[2] not in str(refused.value)

    @given(st.text(max_size=40))
    def test_what_is_an_address_stays_the_same_address(self, text):
        try:
            address = mail_address(text)
        except NoSuchAddress:
            return
        assert mail_address(address) == address

    @pytest.mark.parametrize("reference", ["", "M-1", "M-7KQ2M9XD40X", "X-7KQ2M9XD40", "M-7KQ2M9XD4+"])
    def test_a_token_is_made_for_a_reference_of_ours_alone(self, reference):
        with pytest.raises(ValueError, match="reference"):
            token_for(b"secret", reference)


class TestSettings:
    @pytest.mark.parametrize(
        "url",
        [
            "smtps://house:pa/ss@mail.example.org",
            "smtp+starttls://house:pa/ss@mail.example.org:587",
            "smtps://house:pass@mail.example.org:port",
            "smtps://[house:pass@mail.example.org",
        ],
    )
    def test_a_password_that_breaks_the_line_is_not_repeated(self, url):
        with pytest.raises(ValueError, match="HABEAS_MAIL") as refused:
            MailSettings.parse(url, sender_name="x", sender="a@example.org")
        assert "pa" not in str(refused.value).replace("password", "")

    @pytest.mark.parametrize(
        "changes",
        [
            {"security": "none"},
            {"sender": "notices@bücher.example"},
            {"sender": "notices"},
            {"sender_name": "Helpline\r\nBcc: x@example.com"},
            {"reply_domain": "x.example\r\n"},
        ],
    )
    def test_settings_no_letter_can_be_sent_with_are_refused_at_once(self, changes):
        with pytest.raises(ValueError):  # noqa: PT011 (each says something else)
            replace(SETTINGS, **changes)

    def test_they_keep_their_password_to_themselves(self):
        assert "s3cret" not in repr(SETTINGS)

"""Reading mail that comes back: whose it is, what it is, and what it seems to say."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from habeas.platforms.core.answer_words import guess
from habeas.platforms.core.answers import UNREADABLE, files_of, identity_of, read_answer
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
Original-Envelope-Id: {"0f" * 16}

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
        ("We are unable to remove it. It has been removed from search.", "partly"),
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


def dsn(fields: str, *, status_type: str = "message/delivery-status", encoding: str = "", returned: str = "") -> bytes:
    """A report of delivery as a mail server makes it."""
    return (
        f"From: MAILER-DAEMON@mx.example.net\r\nTo: {TO}\r\nSubject: Delivery Status Notification\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="edge"\r\n\r\n'
        "--edge\r\nContent-Type: text/plain\r\n\r\nYour message: see below.\r\n"
        f"--edge\r\nContent-Type: {status_type}\r\n{encoding}\r\n{fields}\r\n"
        f"--edge\r\nContent-Type: message/rfc822\r\n\r\n{returned}\r\n--edge--\r\n"
    ).encode()


FAILED = (
    "Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; a@board.example.net\r\nAction: failed\r\nStatus: 5.2.2\r\n"
)


class TestReports:
    def test_the_address_it_came_to_is_enough(self):
        answered = read(dsn(FAILED))
        assert (answered.kind, answered.measure) == ("bounced", MEASURE)
        assert answered.says.startswith("The mail came back (5.2.2): the mailbox is full. Send it again later")
        assert answered.attachments == (), "the letter that came back is ours"

    def test_the_letter_that_came_back_leads_to_its_measure(self):
        returned = f"Message-ID: {OURS}\r\nReply-To: {TO}\r\nSubject: Notice\r\n\r\nWe have removed nothing."
        answered = read(dsn(FAILED, returned=returned).replace(f"To: {TO}\r\nSubject: Del".encode(), b"Subject: Del"))
        assert (answered.measure, answered.message_ids) == (MEASURE, (OURS,))
        assert "removed" not in answered.text

    def test_the_envelope_leads_to_the_letter_where_nothing_of_it_came_back(self):
        answered = read(dsn(f"Original-Envelope-Id: {'0f' * 16}\r\n{FAILED}"))
        assert answered.message_ids == (OURS,)

    @pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
    def test_in_whatever_encoding(self, encoding):
        import base64
        import quopri

        fields = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring, "8bit": bytes}[encoding](
            FAILED.encode()
        ).decode()
        answered = read(dsn(fields, encoding=f"Content-Transfer-Encoding: {encoding}\r\n"))
        assert (answered.kind, [report.status for report in answered.reports]) == ("bounced", ["5.2.2"])

    def test_for_addresses_in_other_letters(self):
        fields = FAILED.replace("rfc822; a@", "utf-8; büro@").replace("failed", "delayed").replace("5.2.2", "4.4.1")
        answered = read(dsn(fields, status_type="message/global-delivery-status"))
        assert (answered.kind, answered.reports[0].recipient) == ("delayed", "büro@board.example.net")

    def test_taken_by_one_and_passed_on_by_another(self):
        fields = FAILED.replace("failed", "relayed").replace("5.2.2", "2.1.9")
        answered = read(dsn(fields))
        assert (answered.kind, "not known" in answered.says) == ("delivered", True)

    def test_a_receipt_that_it_was_opened_is_no_answer(self):
        raw = dsn(
            "Final-Recipient: rfc822; a@board.example.net\r\nDisposition: manual-action/MDN-sent-manually; displayed",
            status_type="message/disposition-notification",
        )
        assert (read(raw).kind, "opened" in read(raw).says) == ("automatic", True)

    def test_a_complaint_of_a_mail_service_is_no_answer(self):
        raw = dsn("Feedback-Type: abuse\r\nVersion: 1", status_type="message/feedback-report")
        assert (read(raw).kind, "unwanted" in read(raw).says) == ("automatic", True)


EXIM = f"""\
Return-Path: <>
X-Failed-Recipients: abuse@board.example.net
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.example.net>
To: notices@example.org
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  abuse@board.example.net
    host mx.board.example.net [192.0.2.7]
    SMTP error from remote mail server after RCPT TO:<abuse@board.example.net>:
    550 5.2.1 mailbox disabled

------ This is a copy of the message, including all the headers. ------

Message-ID: {OURS}
Reply-To: {TO}
Subject: Notice of a 550 5.1.1 kind

We ask that it be removed.
"""
QMAIL = f"""\
Return-Path: <>
From: MAILER-DAEMON@mx.example.net
To: {TO}
Subject: failure notice

Hi. This is the qmail-send program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<abuse@board.example.net>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Subject: Notice
"""
WAITING = f"""\
Return-Path: <>
From: Mail Delivery System <Mailer-Daemon@mx.example.net>
To: {TO}
Subject: Warning: message 1abc-def delayed 24 hours

This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered; it could not be delivered so far
because of: 450 4.7.1 greylisted. The mail server will keep trying.
"""


class TestReportsOfNoStandard:
    def test_what_exim_writes(self):
        answered = read(EXIM.encode())
        assert (answered.kind, answered.measure, answered.message_ids) == ("bounced", MEASURE, (OURS,))
        assert "(5.2.1): the mailbox is closed" in answered.says

    def test_what_qmail_writes(self):
        assert (read(QMAIL.encode()).kind, "(5.1.1)" in read(QMAIL.encode()).says) == ("bounced", True)

    def test_one_that_only_waits(self):
        answered = read(WAITING.encode())
        assert (answered.kind, "nothing needs to be done yet" in answered.says) == ("delayed", True)

    @pytest.mark.parametrize(
        ("subject", "text"),
        [
            ("Unzustellbar: Notice", "Die Nachricht konnte nicht zugestellt werden."),
            ("Non remis : Notice", "Votre message n'a pas pu être remis."),
            ("No se puede entregar: Notice", "No se pudo entregar el mensaje."),
            ("Onbestelbaar: Notice", "Uw bericht is niet bezorgd."),
            ("Não entregue: Notice", "A mensagem não foi entregue."),
            ("系统退信", "无法投递"),
            ("配信不能", "メールを配信できませんでした。"),
        ],
    )
    def test_in_the_languages_of_our_addressees(self, subject, text):
        assert read(message(text, From="postmaster@board.example.net", Subject=subject)).kind == "bounced"

    def test_a_person_who_writes_of_codes_sends_no_report(self):
        raw = message("Your mail to legal@ bounced with 550 5.1.1, undeliverable; write to abuse@ please.")
        assert read(raw).kind == "answer"

    def test_an_automatic_reply_from_nobody_is_no_bounce(self):
        raw = b"Return-Path: <>\r\n" + message(
            "I am away. Urgent mail can not be delivered to me.", Subject="Out of office: Notice"
        )
        assert read(raw).kind == "automatic"


class TestAutomaticReplies:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Auto_Submitted": "auto-replied; owner=x"},
            {"Auto_Submitted": "AUTO-GENERATED"},
            {"X_Autoreply": "yes"},
            {"X_Autorespond": "Notice"},
            {"Precedence": "auto_reply"},
            {"Subject": "Réponse automatique : Notice"},
            {"Subject": "自動返信: Notice"},
            {"Subject": "=?utf-8?b?QXV0b21hdGljIHJlcGx5?= Notice"},
        ],
    )
    def test_are_known_by_their_headers(self, headers):
        assert read(message("Grüße.", **headers)).kind == "automatic"

    def test_what_says_that_it_is_not_automatic_is_an_answer(self):
        assert read(message("Hello.", Auto_Submitted="no")).kind == "answer"

    def test_a_removal_that_a_machine_tells_of_is_an_answer_too(self):
        answered = read(message("The content has been removed.", Auto_Submitted="auto-generated"))
        assert (answered.kind, answered.likely) == ("answer", "complied")
        assert "sent automatically" in answered.says


class TestText:
    def test_the_words_of_our_own_subject_are_not_theirs(self):
        raw = message("Hello.", Subject=f"Re: Post that has been removed twice: {MEASURE}")
        assert read(raw).likely == ""

    @pytest.mark.parametrize(
        ("charset", "encoded"),
        [
            ("iso-8859-1", "Wir haben es “gelöscht” – 5 €".encode("cp1252")),
            ("gb2312", "內容已經刪除".encode("gb18030")),
            ("shift_jis", "①削除しました".encode("cp932")),
            ("us-ascii", "gelöscht".encode()),
            ("x-unknown", "gelöscht".encode()),
            ("utf-8", "gelöscht".encode("cp1252")),
            ("punycode", b"gel"),
            ("zip", b"gel"),
        ],
    )
    def test_is_read_in_the_encoding_it_has_whatever_it_says(self, charset, encoded):
        raw = b"To: x\r\nContent-Type: text/plain; charset=%s\r\n\r\n" % charset.encode() + encoded
        assert read(raw).text in {"Wir haben es “gelöscht” – 5 €", "內容已經刪除", "①削除しました", "gelöscht", "gel"}

    def test_headers_in_bare_letters_are_read(self):
        raw = "From: Büro <desk@board.example.net>\r\nSubject: Re: gelöscht\r\n\r\nx".encode()
        assert read(raw).subject == "Re: gelöscht"
        assert read(raw.decode().encode("cp1252")).subject == "Re: gelöscht"
        assert read(b"Subject: =?utf-8?q?gel=C3=B6scht?= =?utf-8?b?!!!?= =?nope?q?x?=\r\n\r\nx").subject

    def test_a_page_without_its_quotation_and_its_hidden_words(self):
        made = EmailMessage()
        made["To"] = TO
        made.set_content(
            "<html><head><style>p {color: red}</style></head><body><p>We cannot act on this.</p>"
            '<div style="display:none">It has been removed.</div><img src="https://t.example/p.gif" width=1>'
            '<div class="gmail_quote"><p>On 2 March: it has been removed</p></div></body></html>',
            subtype="html",
        )
        answered = read(made.as_bytes())
        assert (answered.text, answered.likely) == ("We cannot act on this.", "refused")

    def test_a_stub_beside_a_page_gives_way_to_it(self):
        made = EmailMessage()
        made["To"] = TO
        made.set_content("Your program shows no pages.")
        made.add_alternative("<p>The content has been removed.</p>" + "<p>Regards, the desk.</p>" * 30, subtype="html")
        assert read(made.as_bytes()).likely == "complied"

    def test_the_plain_version_is_read_where_it_says_the_same(self):
        made = EmailMessage()
        made["To"] = TO
        made.set_content("The content has been removed.")
        made.add_alternative("<p>The <b>content</b> has been removed.</p>", subtype="html")
        assert read(made.as_bytes()).text == "The content has been removed."

    def test_references_in_the_text_are_mentioned_and_prove_nothing(self):
        answered = read(message("About M-0123456789 and M-ABCDEFGHJK, not XM-0123456789.", To="x@example.org"))
        assert (answered.measure, answered.mentions) == (None, ("M-0123456789", "M-ABCDEFGHJK"))

    def test_a_token_in_the_text_proves_that_its_writer_had_our_letter(self):
        raw = message(f"We forward this:\n> From: Helpline\n> Reply-To: {TO}\n", To="notices@example.org")
        assert read(raw).measure == MEASURE


class TestFiles:
    def made(self) -> bytes:
        made = EmailMessage()
        made["To"] = "notices@example.org"
        made.set_content("see the files")
        made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Bescheid §1.pdf")
        inner = EmailMessage()
        inner["Subject"], inner["Message-ID"], inner["Reply-To"] = "Notice", OURS, TO
        inner.set_content("We ask that it be removed.")
        made.add_attachment(inner)
        return made.as_bytes()

    def test_come_with_their_content_and_messages_as_messages(self):
        files = files_of(self.made())
        assert [(file.name, file.media_type) for file in files] == [
            ("Bescheid §1.pdf", "application/pdf"),
            ("message 2.eml", "message/rfc822"),
        ]
        assert files[0].content == b"%PDF"
        assert b"We ask that it be removed." in files[1].content

    def test_a_letter_of_ours_that_is_attached_leads_to_its_measure(self):
        answered = read(self.made())
        assert (answered.measure, answered.message_ids, answered.text) == (MEASURE, (OURS,), "see the files")


class TestTheSameMessage:
    RAW = message("We have removed it.", Message_ID="<1@board.example.net>")

    def test_is_known_again_whatever_way_it_came(self):
        again = b"Received: from a.example by b.example\r\n" + self.RAW.replace(b"\n", b"\r\n") + b"\r\n\r\n"
        assert identity_of(again) == identity_of(self.RAW)

    def test_is_not_another_one_under_its_id(self):
        assert identity_of(self.RAW.replace(b"removed", b"refused")) != identity_of(self.RAW)
        assert identity_of(b"Delivered-To: x@example.org\r\n" + self.RAW) != identity_of(self.RAW)

    @given(st.binary(max_size=300))
    def test_any_bytes_have_one(self, raw):
        assert len(identity_of(raw)) == 64


@pytest.mark.parametrize(
    ("text", "likely"),
    [
        ("If the content has been removed, you will be told.", ""),
        ("No content has been removed.", ""),
        ("We do not think that the page has been removed by us.", ""),
        ("Le contenu n'a pas été supprimé.", "refused"),
        ("El contenido no ha sido eliminado.", "refused"),
        ("O conteúdo não foi removido.", "refused"),
        ("De pagina is niet verwijderd.", "refused"),
        ("投稿は削除されませんでした。", ""),
        ("该内容尚未删除。", ""),
        ("The page has not been removed.", "refused"),
        ("After review, the content is no longer available.", "complied"),
        ("Your report will be reviewed and the content will be removed if it breaks our rules.", "acknowledged"),
        ("We removed 3 posts. The others do not violate our rules.", "partly"),
        ("Der Inhalt wurde nicht gelöscht.", "refused"),
        ("Die Seite wurde von uns\nam Montag gelöscht und ist nicht mehr erreichbar.", "complied"),
        ("Wir benötigen noch weitere Angaben von Ihnen.", "more_information"),
        ("Ihre Nachricht ist eingegangen.", "acknowledged"),
        ("Nous avons supprimé le contenu.", "complied"),
        ("Ce contenu n'enfreint pas nos règles.", "refused"),
        ("Veuillez nous fournir une pièce d'identité.", "more_information"),
        ("Se ha eliminado el contenido.", "complied"),
        ("Su solicitud ha sido denegada.", "refused"),
        ("Hemos recibido su mensaje.", "acknowledged"),
        ("De pagina is inmiddels verwijderd.", "complied"),
        ("Uw verzoek is afgewezen.", "refused"),
        ("Wij hebben uw bericht ontvangen.", "acknowledged"),
        ("O conteúdo foi removido.", "complied"),
        ("O conteúdo não viola as nossas regras.", "refused"),
        ("تمت إزالة المحتوى.", "complied"),
        ("المحتوى لا ينتهك قواعدنا.", "refused"),
        ("لقد تلقينا رسالتك.", "acknowledged"),
        ("该内容已被删除。", "complied"),
        ("該內容並未違反規定。", "refused"),
        ("请您提供身份证明。", "more_information"),
        ("ご指摘の投稿は規約に違反していません。", "refused"),
        ("詳細をお知らせください。", "more_information"),
        ("해당 게시물이 삭제되었습니다.", "complied"),
        ("규정을 위반하지 않습니다.", "refused"),
        ("सामग्री हटा दी गई है।", "complied"),
        ("यह हमारे नियमों का उल्लंघन नहीं है।", "refused"),
        ("\u2068The content\u2069 has been\n removed.", "complied"),
    ],
)
def test_a_guess_leans_to_caution_in_every_language_we_write(text, likely):
    assert guess(text)[0] == likely


@given(st.binary(max_size=2000))
def test_no_bytes_make_the_reader_fail(raw):
    answered = read(raw)
    assert answered.kind in {"answer", "unknown", "automatic", "bounced", "delayed"}
    assert answered.says != UNREADABLE
    files_of(raw)


@given(st.data())
def test_no_change_of_a_message_makes_the_reader_fail(data):
    whole = data.draw(st.sampled_from([BOUNCE, EXIM.encode(), dsn(FAILED, returned="Subject: x"), TestFiles().made()]))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(whole)))
        piece = data.draw(st.one_of(st.binary(max_size=30), st.sampled_from(PIECES)))
        whole = whole[:place] + piece + whole[place + data.draw(st.integers(0, 30)) :]
    assert read(whole).says != UNREADABLE
    files_of(whole)


# What readers of mail stumble over.
PIECES = [
    b"\r\nContent-Type: multipart/mixed; boundary=edge\r\n",
    b"\r\nContent-Type: message/rfc822\r\n\r\n",
    b"\r\nContent-Type: message/delivery-status\r\n\r\n",
    b"\r\nContent-Type: text/plain; charset*=x''%E4; charset*0=utf\r\n",
    b"\r\nContent-Type: ;;;=\r\n",
    b"\r\nContent-Disposition: attachment; filename*=nope'en'%ff%fe\r\n",
    b"\r\nContent-Transfer-Encoding: uuencode\r\n\r\nbegin 644 x\r\n#!!!\r\n",
    b"\r\nContent-Transfer-Encoding: base64\r\n\r\n====A\r\n",
    b"\r\nSubject: =?utf-8?b?/////w==?= =?utf-16?q?=00?= =?idna?q?xn--?=\r\n",
    b"\r\nFrom: " + b"(" * 3000 + b"\r\n",
    b"\r\nTo: \x00\xff\xfe,,,<<>>\r\n",
    b"--edge--",
    b"\r\n--edge\r\n",
    b"\x00",
    b"\r",
    b"<html><![CDATA[<!--",
]


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param(b"From: " + b"(" * 3900 + b"\r\n", id="comments-in-comments"),
        pytest.param(b"Subject: " + b"x" * 400_000 + b"\r\n", id="endless-header"),
        pytest.param(
            b"Content-Type: text/plain; charset*=x''%E4; charset*0=utf\r\n\r\n\x80", id="an-encoding-given-twice"
        ),
        pytest.param(b"References: " + b"<a@b>\r\n " * 9000 + b"\r\n", id="endless-references"),
        pytest.param(b"Content-Type: " + b"message/rfc822\r\n\r\nContent-Type: " * 2000 + b"x\r\n", id="matryoshka"),
        pytest.param(b"Content-Type: text/html\r\n\r\n" + b"<div>" * 19_000, id="tags-in-tags"),
        pytest.param(b"Content-Type: text/html\r\n\r\n" + b"<p>x" * 10**5 + b"</b>" * 10**5, id="ends-of-nothing"),
        pytest.param(
            b"Content-Type: message/delivery-status\r\n\r\n" + b"Action: failed\r\n\r\n" * 60_000, id="reports"
        ),
    ],
)
def test_mail_that_is_built_to_harm_is_read_as_far_as_it_can_be_and_still_finds_its_measure(hostile):
    answered = read(f"To: {TO}\r\n".encode() + hostile)
    assert answered.measure == MEASURE
    assert answered.says != UNREADABLE


def test_deep_and_wide_mail_is_bounded():
    deep = b"To: x@y.example\r\n" + b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(300)
    )
    assert read(deep).kind in {"unknown", "answer"}
    wide = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nx\r\n" * 5000 + b"--b--"
    assert len(read(wide).text) < 5000

"""What mail servers tell of a letter: fields, codes and sentences of theirs, and what we say of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.platforms.core.delivery_reports import (
    DeliveryReport,
    code_in,
    gravest,
    meaning,
    parse_report,
    sentence,
    status_in,
)

POSTFIX = """\
Reporting-MTA: dns; mx.example.net
X-Postfix-Queue-ID: 4B0C
Arrival-Date: Fri,  6 Mar 2026 12:00:00 +0000
Original-Envelope-Id: 0f0f

Final-Recipient: rfc822; abuse@board.example.net
Original-Recipient: rfc822;legal@board.example.net
Action: failed
Status: 5.1.1
Remote-MTA: dns; board.example.net
Diagnostic-Code: smtp; 550 5.1.1 <abuse@board.example.net>: Recipient
    address rejected: User unknown
"""


class TestFields:
    def test_a_report_is_read_with_its_folded_lines(self):
        envelope, [report] = parse_report(POSTFIX)
        assert (envelope, report.action, report.status) == ("0f0f", "failed", "5.1.1")
        assert report.recipient == "legal@board.example.net", "the address we wrote to, and not where it was sent on"
        assert report.diagnostic.endswith("address rejected: User unknown")

    def test_recipients_without_a_blank_line_between_them_are_two(self):
        text = "Final-Recipient: rfc822; a@x.example\nAction: failed\nFinal-Recipient: rfc822; b\nAction: delayed"
        assert [report.action for report in parse_report(text)[1]] == ["failed", "delayed"]

    @pytest.mark.parametrize(
        ("fields", "action", "status"),
        [
            ("Action: FAILED (permanent)\nStatus: 5.0.0 (permanent failure)", "failed", "5.0.0"),
            ("Action: rejected\nStatus: 5.7.1", "failed", "5.7.1"),
            ("Action: waiting\nStatus: 4.4.1", "delayed", "4.4.1"),
            ("Action: failed\nDiagnostic-Code: X-Notes; 550 5.2.2 mailbox full", "failed", "5.2.2"),
            ("ACTION:relayed\nSTATUS:2.1.9", "relayed", "2.1.9"),
        ],
    )
    def test_what_servers_write_instead_of_the_standard_is_read_too(self, fields, action, status):
        [report] = parse_report(f"Final-Recipient: rfc822; a@x.example\n{fields}")[1]
        assert (report.action, report.status) == (action, status)

    def test_a_group_of_fields_without_an_action_tells_nothing(self):
        assert parse_report("Reporting-MTA: dns; x\n\nStatus: 5.1.1\n\nAction: dancing")[1] == []

    def test_an_address_does_not_show_in_a_traceback(self):
        assert "legal@" not in repr(parse_report(POSTFIX)[1])

    @given(st.text(max_size=500))
    def test_no_text_makes_it_fail(self, text):
        for report in parse_report(text)[1]:
            assert sentence([report])


class TestCodes:
    @pytest.mark.parametrize(
        ("said", "status", "code"),
        [
            ("550 5.1.1 no such user", "5.1.1", 550),
            ("550-5.1.1 The email account does not exist", "5.1.1", 550),
            ("host mx.example.net[192.0.2.5] said: 452 4.2.2 full", "4.2.2", 452),
            ("Remote host said: 554 delivery error", "", 554),
            ("#<#5.1.1 smtp;550 unknown> #SMTP#", "5.1.1", 550),
            ("192.0.2.5.1.1 is not 10.5.1.1.2", "", None),
            ("we have 550 items", "", None),
            ("version 5.12.3456", "", None),
        ],
    )
    def test_are_told_from_other_numbers(self, said, status, code):
        assert (status_in(said), code_in(said)) == (status, code)

    @pytest.mark.parametrize(
        ("status", "code", "why", "step"),
        [
            ("5.1.1", 550, "does not exist", "Look up another way"),
            ("5.1.10", 556, "takes no mail at all", "Look up another way"),
            ("5.2.2", 552, "full", "again later"),
            ("5.3.4", 552, "too large", "fewer attachments"),
            ("5.7.26", 550, "refuses mail from us", "our mail server and domain"),
            ("5.7.0", 530, "user and password", "HABEAS_MAIL"),
            ("5.0.0", 551, "has moved", "new address"),
            ("", 550, "does not exist", "Look up another way"),
            ("", None, "did not say why", "Look up another way"),
            ("5.99.99", None, "did not say why", "Look up another way"),
        ],
    )
    def test_lead_to_a_next_step(self, status, code, why, step):
        said, does = meaning(status, code)
        assert why in said
        assert step in does


class TestSentences:
    def test_a_failure_outweighs_a_delay_and_a_delay_a_delivery(self):
        every = [DeliveryReport("delivered"), DeliveryReport("delayed"), DeliveryReport("failed", "5.1.1")]
        assert gravest(every).action == "failed"
        assert gravest(every[:2]).action == "delayed"
        assert gravest([]) is None
        assert "It reached 2 of 3 addresses." in sentence(every)

    @pytest.mark.parametrize(
        ("action", "words"),
        [
            ("delayed", "nothing needs to be done yet"),
            ("delivered", "took the letter"),
            ("relayed", "whether it arrived is not known"),
            ("expanded", "several mailboxes"),
        ],
    )
    def test_each_is_said_in_our_words(self, action, words):
        assert words in sentence([DeliveryReport(action, "2.0.0", "a@x.example", "550 a@x.example said this")])
        assert "a@x" not in sentence([DeliveryReport(action, "2.0.0", "a@x.example", "550 a@x.example said this")])

    def test_the_first_sentence_says_why_and_the_next_what_to_do(self):
        says, _, step = sentence(parse_report(POSTFIX)[1]).partition(". ")
        assert says == "The mail came back (5.1.1): the address does not exist"
        assert step == "Look up another way to this addressee in the directory."

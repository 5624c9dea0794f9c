"""What the writer of a mail wrote, without the letter of ours that comes back under it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.platforms.core.quoting import own_page, own_words

OURS = "We ask that the page be removed.\n\nIt has been removed elsewhere."


def quoted(mark: str = "> ") -> str:
    return "".join(f"{mark}{line}\n" for line in OURS.split("\n"))


@pytest.mark.parametrize(
    "head",
    [
        "On Mon, 2 Mar 2026 at 09:15, Helpline <notices@example.org> wrote:",
        "On Mon, 2 Mar 2026 at 09:15, Helpline\n<notices@example.org> wrote:",
        "Am 02.03.2026 um 09:15 schrieb Helpline:",
        "Le lun. 2 mars 2026 à 09:15, Helpline <notices@example.org> a écrit :",
        "El lun, 2 mar 2026 a las 9:15, Helpline (<notices@example.org>) escribió:",
        "Op ma 2 mrt 2026 om 09:15 schreef Helpline <notices@example.org>:",
        "Em seg., 2 de mar. de 2026 às 09:15, Helpline escreveu:",
        "2026年3月2日(月) 9:15 Helpline <notices@example.org>:",
        "2026년 3월 2일 (월) 오전 9:15, Helpline님이 작성:",
        "在 2026年3月2日，Helpline <notices@example.org> 写道：",
        "في الاثنين، 2 مارس 2026 كتب Helpline:",
        "सोम, 2 मार्च 2026 को Helpline ने लिखा:",
    ],
)
def test_an_answer_above_a_quotation_stands_alone(head):
    assert own_words(f"We cannot act on this.\n\nDesk\n\n{head}\n\n{quoted()}") == "We cannot act on this.\n\nDesk"


@pytest.mark.parametrize(
    "head",
    [
        "-----Original Message-----\nFrom: Helpline\nSent: Monday, 2 March 2026\nTo: Desk\nSubject: Notice",
        "-----Ursprüngliche Nachricht-----\nVon: Helpline\nGesendet: Montag\nAn: Desk\nBetreff: Notice",
        "________________________________\nFrom: Helpline <notices@example.org>\nSent: Monday\nTo: Desk\nSubject: x",
        "De : Helpline <notices@example.org>\nEnvoyé : lundi 2 mars 2026\nÀ : Desk\nObjet : Notice",
        "Van: Helpline\nVerzonden: maandag 2 maart 2026\nAan: Desk\nOnderwerp: Notice",
        "发件人: Helpline\n发送时间: 2026年3月2日\n收件人: Desk\n主题: Notice",
        "差出人: Helpline\n送信日時: 2026年3月2日\n宛先: Desk\n件名: Notice",
        "보낸 사람: Helpline\n보낸 날짜: 2026년\n받는 사람: Desk\n제목: Notice",
        "*From:* Helpline\n*Date:* Monday\n*To:* Desk\n*Subject:* Notice",
        "---------- Forwarded message ---------\nFrom: Helpline\nDate: Mon\nSubject: x\nTo: Desk",
        "------------------ 原始邮件 ------------------\n发件人: Helpline",
        "On Mon, 2 Mar 2026, Helpline wrote:",
    ],
)
def test_a_letter_below_a_head_without_marks_is_left_out(head):
    assert own_words(f"We cannot act on this.\n\n{head}\n\n{OURS}") == "We cannot act on this."


def test_answers_between_the_lines_are_all_kept():
    text = f"Hello,\n\nOn Monday 2 March, you wrote:\n> We ask that the page be removed.\n\nNo.\n\n{quoted()}\nDesk"
    assert own_words(text) == "Hello,\n\nNo.\n\nDesk"


def test_an_answer_below_the_quotation_is_kept():
    assert own_words(f"On 2 March, Helpline wrote:\n{quoted()}\nWe cannot act on this.") == "We cannot act on this."


@pytest.mark.parametrize(
    "text",
    [
        "From: our legal desk we inform you that the page is gone.",
        "We removed:\n\nhttps://board.example.net/1\nhttps://board.example.net/2",
        "Please send:\n- the address\n- a proof",
        "To: whom it may concern\nFrom: Desk\n\nThe page is gone.",
        "Decision\n--------\nThe page is gone.",
        "On 2 March we removed the page.",
    ],
)
def test_what_only_looks_like_a_head_is_kept(text):
    assert own_words(text) == text


def test_where_everything_is_quoted_nothing_is_taken_away():
    assert own_words(quoted(">")) == quoted(">").strip()
    assert own_words("-----Original Message-----\nFrom: a\nTo: b\nSubject: c").startswith("-----Original")


@given(st.text(max_size=400))
def test_it_never_says_more_than_was_written(text):
    own = own_words(text)
    signs = [sign for sign in own if not sign.isspace()]
    rest = iter(text)
    assert all(sign in rest for sign in signs), "in the same order"
    assert bool(own) == bool(text.strip("\0").strip()) or not own


@pytest.mark.parametrize(
    "head",
    [
        '<div class="gmail_quote">',
        '<div class="gmail_extra"><br><div class="gmail_quote gmail_quote_container">',
        '<blockquote type="cite" cite="mid:1@example.org">',
        '<div class="moz-cite-prefix">On 2 March',
        '<div id="divRplyFwdMsg" dir="ltr">',
        '<div id="x_divRplyFwdMsg">',
        '<hr style="display:inline-block" id="stopSpelling">',
        "<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm'>",
        '<div name="quote" style="margin:10px">',
        '<div class="yahoo_quoted" id="yahoo_quoted_1">',
        '<div class="protonmail_quote">',
    ],
)
def test_a_page_ends_where_its_program_begins_to_quote(head):
    assert own_page(f"<p>We cannot act.</p>{head}<p>{OURS}</p></div>").endswith("<p>We cannot act.</p>") or (
        "gmail_extra" in head
    )
    assert OURS not in own_page(f"<p>We cannot act.</p>{head}<p>{OURS}</p></div>")


def test_a_page_that_quotes_nothing_is_whole():
    page = "<blockquote>A decision of the desk</blockquote><p>gmail_quote is a class</p>"
    assert own_page(page) == page

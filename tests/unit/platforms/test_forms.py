"""Forms on the web: every file is whole, fields come in the order of the form, and doubt is said aloud."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from habeas.kernel.packfiles import PackFileError
from habeas.platforms.core.dispatch import Attachment, NamedGround, Outgoing
from habeas.platforms.core.forms import CHOOSE, VALUES, House, NoSuchForm, form_named, forms, to_paste, warnings

TODAY = date(2026, 3, 6)
HOUSE = House("Helpline", "desk@helpline.example.org", "1 Harbour Street")
LETTER = Outgoing(
    key="7b" * 16,
    measure="M-7KQ2M9XD40",
    subject="Notice of illegal content",
    text="We write for the person affected.",
    language="en",
    attachments=(Attachment("M-7KQ2M9XD40.pdf", "application/pdf", b"%PDF"),),
    links=("https://board.example.net/1", "https://board.example.net/2"),
    grounds=(
        NamedGround("nl.sr.285d", "Wetboek van Strafrecht, article 285d", "NL"),
        NamedGround("eu.gdpr.17", "GDPR, article 17", "EU"),
    ),
    reply_to="answers+m-7kq2m9xd40@answers.example.org",
)
WRITTEN = """
platform: Board
url: https://board.example.net/report
source: looked at it
checked_on: 2026-03-01
fields:
  - {label: Address, value: first_link}
  - {label: Others, value: other_links, longest: 10}
  - {label: Kind, value: choose, options: [Doxxing, Other], note: Take the first.}
proof: Keep the number.
"""


def read(tmp_path, text: str = WRITTEN):
    (tmp_path / "board.yaml").write_text(text)
    return forms(tmp_path)["board"]


@pytest.mark.parametrize("name", forms())
def test_every_form_says_where_a_post_is_how_to_answer_and_where_it_comes_from(name):
    form = form_named(name)
    values = {field.value for field in form.fields}
    assert {"links", "first_link"} & values
    assert {"text", "reply_to", "reference"} <= values
    assert form.source
    assert form.proof.endswith(".")


@pytest.mark.parametrize("name", forms())
def test_a_form_nobody_compared_with_the_live_one_says_so(name):
    form = form_named(name)
    says = " ".join(warnings(form, to_paste(form, LETTER, HOUSE), today=TODAY))
    assert ("Nobody has compared" in says) is (form.checked_on is None)
    assert ("Look it up" in says) is (not form.url)


@pytest.mark.parametrize("name", forms())
def test_the_house_files_and_no_name_of_a_person_is_filled_in(name):
    for field in to_paste(form_named(name), LETTER, HOUSE):
        assert field.choose is not bool(field.text) or not field.text
        assert field.choose or field.text, f"{field.label}: neither to paste nor to choose"


def test_fields_come_in_the_order_of_the_form_with_what_to_paste(tmp_path):
    pasted = to_paste(read(tmp_path), LETTER, HOUSE)
    assert [(one.label, one.text, one.choose) for one in pasted] == [
        ("Address", "https://board.example.net/1", False),
        ("Others", "https://board.example.net/2", False),
        ("Kind", "", True),
    ]
    assert pasted[2].options == ("Doxxing", "Other")


def test_what_is_too_long_for_a_field_is_told_with_what_to_do(tmp_path):
    form = read(tmp_path)
    pasted = to_paste(form, LETTER, HOUSE)
    assert [one.too_long_by for one in pasted] == [0, len("https://board.example.net/2") - 10, 0]
    [says] = warnings(form, pasted, today=TODAY)
    assert "“Others” is 17 signs too long" in says


def test_a_form_that_was_looked_at_long_ago_is_doubted(tmp_path):
    form = read(tmp_path)
    later = form.checked_on + timedelta(days=181)
    assert "2026-03-01" in " ".join(warnings(form, to_paste(form, LETTER, HOUSE), today=later))


def test_every_value_is_made_from_the_letter_or_the_house():
    made = {name: value(LETTER, HOUSE) for name, value in VALUES.items()}
    assert made["links"] == "https://board.example.net/1\nhttps://board.example.net/2"
    assert made["hosts"] == "board.example.net"
    assert made["grounds"] == "Wetboek van Strafrecht, article 285d\nGDPR, article 17"
    assert made["countries"] == "NL, EU"
    assert (made["notifier"], made["attachments"]) == ("Helpline", "M-7KQ2M9XD40.pdf")
    assert all(made.values())
    bare = replace(LETTER, links=(), reply_to="")
    assert VALUES["first_link"](bare, HOUSE) == ""
    assert VALUES["reply_to"](bare, HOUSE) == HOUSE.email


def test_a_route_without_a_form_gets_the_generic_one_and_a_wrong_name_is_told():
    assert form_named().id == form_named("generic").id == "generic"
    with pytest.raises(NoSuchForm, match="directory"):
        form_named("borad")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("value: first_link", "value: name_of_the_person", "none of"),
        ("label: Address", "label: ''", "label"),
        ("label: Others", "label: Address", "same label"),
        ("longest: 10", "longest: 0", "longest"),
        ("value: other_links, longest: 10", "value: other_links, options: [a]", f"value: {CHOOSE}"),
        ("https://board", "http://board", "https"),
        ("2026-03-01", "lately", "checked_on"),
        ("source: looked at it", "source: ''", "source"),
        ("proof:", "prove:", "has"),
    ],
)
def test_a_file_that_is_not_whole_is_refused_with_the_place(tmp_path, old, new, told):
    with pytest.raises(PackFileError, match=told) as refusal:
        read(tmp_path, WRITTEN.replace(old, new))
    assert "board.yaml" in str(refusal.value)

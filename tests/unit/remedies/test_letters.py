"""Letters say what is asked, on which law and of what kind of data, and never show the data."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from factories.letters import SEEN, ground, letter_facts, posting
from habeas.exposure.core.model import Kind
from habeas.kernel.packfiles import PackFileError
from habeas.law.core.packs import jurisdictions, load_pack
from habeas.remedies.core.catalogue import catalogue
from habeas.remedies.core.letter_model import BLOCKS, KIND_OF_FACT, SLOTS
from habeas.remedies.core.letter_values import CLOSES, OPENS, direction_of, plain
from habeas.remedies.core.letters import (
    DeadlineShown,
    EvidenceShown,
    HashShown,
    Letter,
    LetterFacts,
    NoLetter,
    NotEditable,
    NotFilled,
    ShowsPersonalData,
    Withheld,
    check_withheld,
    difference,
    document,
    edit,
    fill,
    from_data,
    languages_of,
    letter_for,
    preview,
    shape_differences,
    text,
    to_data,
    value,
    words_in,
)

EN = words_in("en")
SENT = [entry.id for entry in catalogue().values() if entry.leaves_the_house]
LETTER = """
language: en
subject: "About {{reference}}"
demand: [Take it down.]
parts:
  - text: "{text}"
  - facts: demand
"""


def written(folder, content, remedy="notice", language="en"):
    path = folder / remedy / "letters" / f"{language}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return letter_for(remedy, language, folder)


def filled(remedy="platform-notice", **changes) -> Letter:
    return fill(letter_for(remedy), EN, letter_facts(**changes))


def all_forms(letter: Letter) -> str:
    forms = [text(letter), json.dumps([document(letter), to_data(letter)], ensure_ascii=False)]
    return "\n".join([*forms, repr(letter), repr(difference(letter, letter))])


# --- reading


def test_an_unknown_slot_is_refused_when_the_letter_is_read(tmp_path):
    with pytest.raises(PackFileError, match=r"unknown slot \{adressee\}; did you mean 'addressee'"):
        written(tmp_path, LETTER.format(text="Dear {adressee}"))


@pytest.mark.parametrize(
    ("written_part", "said"),
    [
        pytest.param("- facts: posting", "unknown facts block 'posting'; did you mean 'postings'", id="block"),
        pytest.param("- {text: A, when: {wishes: [down]}}", "unknown key 'wishes'; did you mean 'wish'", id="key"),
        pytest.param("- {text: A, when: {wish: [dwon]}}", "unknown wish 'dwon'; did you mean 'down'", id="wish"),
        pytest.param("- {text: A, when: {data: [adress]}}", "unknown kind of data 'adress'", id="kind of data"),
        pytest.param("- {text: A, when: {danger: maybe}}", "danger is true or false", id="no truth"),
        pytest.param("- {text: A, facts: demand}", "give one of text, facts, heading, blanks", id="two in one"),
        pytest.param("- text: 'An open {brace'", "a brace without its other half", id="brace"),
        pytest.param("- {text: A, when: {}}", "an empty condition", id="empty condition"),
    ],
)
def test_a_mistake_in_a_letter_is_refused_with_where_and_what(tmp_path, written_part, said):
    with pytest.raises(PackFileError, match=re.escape(said)):
        written(tmp_path, LETTER.format(text="A") + f"  {written_part}\n")


def test_declarations_must_be_sentences_that_the_words_have(tmp_path):
    content = LETTER.format(text="A") + "  - facts: declarations\ndeclarations: [good_fait]\n"
    with pytest.raises(PackFileError, match="unknown declaration 'good_fait'; did you mean 'good_faith'"):
        written(tmp_path, content)


def test_what_is_asked_cannot_be_left_out_of_the_letter(tmp_path):
    with pytest.raises(PackFileError, match="'demand' is written and not placed"):
        written(tmp_path, LETTER.format(text="A").replace("facts: demand", "facts: postings"))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"shows": "hosts"}, id="shows more or less"),
        pytest.param({"names_person": True}, id="names the person"),
        pytest.param({"subject": "Notice"}, id="slot lost in the subject"),
        pytest.param({"parts": letter_for("platform-notice").parts[1:]}, id="part lost"),
        pytest.param({"parts": letter_for("platform-notice").parts[::-1]}, id="other order"),
        pytest.param({"demand": letter_for("platform-notice").demand[::-1]}, id="condition moved"),
        pytest.param({"declarations": letter_for("platform-notice").declarations[::-1]}, id="other declarations"),
    ],
)
def test_a_translation_that_says_something_else_is_told_apart(change):
    first = letter_for("platform-notice")
    assert list(shape_differences(first, first)) == []
    assert list(shape_differences(first, replace(first, language="de", **change)))


@pytest.mark.parametrize("remedy", SENT)
def test_every_translation_there_is_says_the_same_and_fills(remedy):
    for language in languages_of(remedy):
        letter = fill(letter_for(remedy, language), words_in(language), letter_facts())
        assert letter.unfilled == ()
        assert document(letter)["direction"] == letter.direction


def test_a_letter_that_is_not_there_is_said_to_be_missing():
    with pytest.raises(NoLetter, match="there is no such letter"):
        letter_for("seal-evidence")


# --- the catalogue's letters


@pytest.mark.parametrize("remedy", SENT)
def test_every_measure_that_leaves_the_house_has_a_letter_that_fills(remedy):
    template = letter_for(remedy)
    kind = catalogue()[remedy].addressee
    for consented in (True, False):
        for danger in (True, False):
            letter = fill(
                template, EN, letter_facts(addressee_kind=kind, consented=consented, danger=danger, person="Mara V.")
            )
            assert letter.unfilled == ()
            assert "{" not in text(letter)
            assert letter.blocks[0].kind == "text", "the first words are people's, and say what is asked"
            assert [block.name for block in letter.blocks].count("contact") == 1
    assert languages_of(remedy)[0] == "en"


@pytest.mark.parametrize("remedy", SENT)
def test_the_first_lines_say_what_is_asked(remedy):
    blocks = filled(remedy).blocks
    first_facts = next(block for block in blocks if block.kind == "facts")
    assert first_facts.name == "demand"
    assert sum(len(block.text) for block in blocks[: blocks.index(first_facts)]) < 600


def test_a_heading_is_followed_by_words_in_every_letter():
    for remedy in SENT:
        blocks = filled(remedy, evidence=(), previous=(), hashes=(), grounds=()).blocks
        for heading, after in pairwise(blocks):
            assert heading.kind != "heading" or after.kind in {"text", "blanks"}, (remedy, heading.text)
        assert blocks[-1].kind != "heading"


def test_every_provision_a_letter_waits_for_is_in_a_pack():
    known = {provision.id for code in jurisdictions() for provision in load_pack(code).provisions}
    for remedy in SENT:
        for part in _parts_of(remedy):
            for condition in (part.when, part.unless):
                for wanted in condition.provision if condition else ():
                    assert any(each == wanted or each.startswith(f"{wanted}.") for each in known), (remedy, wanted)


def test_a_sentence_that_names_a_law_waits_for_that_law():
    cites = re.compile(
        r"\b[Aa]rticles? \d|\b[Ss]ections? \d|\b[Rr]ule \d|Regulation \(|Directive|Convention on|Ordinance|\bU\.S\.C|"
        r"\bAct\b|\bLGPD\b|GDPR|eSafety"
    )
    for remedy in SENT:
        template = letter_for(remedy)
        assert not cites.search(template.subject)
        for part in _parts_of(remedy):
            if any(cites.search(each) for each in part.texts):
                assert part.when is not None, (remedy, part.texts)
                assert part.when.provision, (remedy, part.texts)
    assert not [each for each in EN.declarations.values() if cites.search(each)]


def test_every_declaration_is_made_by_some_letter():
    made = {part.texts[0] for remedy in SENT for part in letter_for(remedy).declarations}
    assert made == set(EN.declarations)


def test_no_letter_promises_blames_or_tells_of_reach():
    """communications: never promise what is not in our power, never blame, never praise the attack."""
    never = re.compile(
        r"guarantee|completely removed|erased from the internet|should have been careful|careless|massive|viral|"
        r"unprecedented|alleged victim|so-called|legal advice",
        re.IGNORECASE,
    )
    for remedy in SENT:
        assert not [each for part in _parts_of(remedy) for each in part.texts if never.search(each)]


def test_a_dsa_notice_has_all_that_article_16_asks():
    letter = filled(grounds=(ground("eu.dsa.16", "EU"),))
    said = {block.name: block for block in letter.blocks if block.kind == "facts"}
    assert {"grounds", "postings", "contact", "declarations"} <= set(said)
    assert [each.style for each in said["postings"].rows[0]].count("link") == 1
    assert "notices@helpline.example.org" in text(letter)
    assert "good faith" in said["declarations"].rows[0][0].text
    assert "article 16 of Regulation (EU) 2022/2065" in text(letter)


def test_a_take_it_down_request_is_located_declared_signed_and_reachable():
    facts = {"grounds": (ground("us.take-it-down.3", "US"),), "postings": (posting(kinds=("intimate_image",)),)}
    letter = filled(**facts, consented=True)
    for wanted in ("TAKE IT DOWN Act", "without their consent", "Signed electronically by", "identical copies"):
        assert wanted in text(letter), wanted
    assert "TAKE IT DOWN" not in text(filled())
    unauthorised = text(filled(**facts, consented=False))
    assert "signed for the person depicted" not in unauthorised
    assert "We state in good faith, for the person depicted" not in unauthorised


@pytest.mark.parametrize(
    ("provision", "says"),
    [
        ("au.osa.7", "eSafety Commissioner"),
        ("in.itrules.takedown", "grievance officer"),
        ("jp.idpa.25", "Information Distribution Platform Act"),
        ("kr.network.44-2", "Network Act"),
        ("us.daniel-anderl", "Daniel Anderl"),
    ],
)
def test_a_notice_speaks_the_words_of_the_law_that_grounds_it(provision, says):
    assert says in text(filled(grounds=(ground(provision, "XA"),)))
    assert says not in text(filled())


def test_every_kind_of_data_we_find_has_words():
    assert set(Kind.__args__) | set(KIND_OF_FACT.values()) <= set(EN.kinds)


# --- filling


@pytest.mark.parametrize("slot", ["reference", "organisation", "organisation_email", "reply_to", "addressee"])
def test_an_unfilled_slot_blocks_every_form_that_can_be_sent(slot):
    letter = filled(**{slot: "  "})
    assert letter.unfilled == (slot,)
    for form in (text, document):
        with pytest.raises(NotFilled, match=slot):
            form(letter)
    assert f"[{slot}]" in preview(letter)


def test_a_notice_without_a_posting_cannot_go():
    assert filled(postings=()).unfilled == ("postings",)


@given(st.sampled_from(sorted(SLOTS - {"sent_on", "due_on", "first_seen", "person"})), st.text(min_size=1))
@example("addressee", "evil\u2069\u202e desk\nSubject: x")
@example("addressee", "مكتب 12 desk")
def test_every_inserted_value_stands_between_isolates(slot, given_text):
    template = replace(letter_for("platform-notice"), subject=f"{{{slot}}}.")
    letter = fill(template, EN, letter_facts(**{slot: given_text}))
    if not given_text.strip():
        assert slot in letter.unfilled
        return
    assert letter.subject == f"{OPENS}{plain(given_text)}{CLOSES}."
    depth = 0
    for character in text(letter):
        depth += (character == OPENS) - (character == CLOSES)
        assert depth in {0, 1}
        assert character not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\r\u2028"
    assert depth == 0


@given(st.text())
def test_a_value_is_one_line_that_turns_nothing(anything):
    inner = value(anything)[1:-1]
    assert len(inner.splitlines()) <= 1
    assert OPENS not in inner
    assert CLOSES not in inner


@pytest.mark.parametrize(("words", "direction"), [("12 مكتب", "rtl"), ("12 desk مكتب", "ltr"), ("12", "ltr")])
def test_a_value_runs_as_its_first_strong_letter(words, direction):
    assert direction_of(words) == direction


def test_the_name_stands_only_where_the_letter_names_and_the_person_agreed():
    name = "Mara Vellinga"
    named = {"person": name, "withheld": (Withheld("name", name),)}
    assert name in text(filled("police-report", **named, consented=True))
    for remedy, consented in (("police-report", False), ("platform-notice", True)):
        letter = filled(remedy, **named, consented=consented)
        assert "Vellinga" not in all_forms(letter)
        assert "the person affected" in text(letter)


@pytest.mark.parametrize(("shows", "links", "rows"), [("links", 2, 2), ("hosts", 0, 1), ("nothing", 0, 1)])
def test_an_addressee_sees_links_sites_or_nothing(shows, links, rows):
    both = (posting("https://board.example.net/secret-a"), posting("https://board.example.net/secret-b"))
    letter = fill(replace(letter_for("platform-notice"), shows=shows), EN, letter_facts(postings=both))
    assert text(letter).count("secret-") == links
    assert ("board.example.net\u2069\n" in text(letter)) == (shows == "hosts")
    block = next(block for block in letter.blocks if block.name == "postings")
    assert len(block.rows) == rows


def test_the_bank_is_told_of_account_data_alone():
    said = text(filled("bank-letter"))
    assert "bank account" in said
    assert "home address" not in said
    assert "board.example.net/t" not in said


def test_a_deadline_of_our_own_is_never_called_law():
    said = text(filled(deadline=DeadlineShown("we ask for an answer in three days", SEEN, "organisation")))
    assert "We know of no legal deadline" in said
    assert "in three days" not in said
    assert "By our reckoning" not in said


def test_a_provision_of_low_confidence_says_so_to_us_and_to_the_addressee():
    letter = filled(grounds=(ground(confidence="low"),))
    assert "secondary sources only" in text(letter)
    assert any("secondary sources" in warning for warning in letter.warnings)


def test_an_instant_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        filled(postings=(posting(first_seen=datetime(2026, 11, 21)),))


# --- the person's data


SECRETS = st.sampled_from(
    ["14 Elm Grove, Leeds LS1 4AB", "+1-555-0100", "mara.vellinga@example.org", "Mara Vellinga", "山田太郎", "سارة"]
)
TEXT_FACTS = ["addressee", "notifier", "organisation", "organisation_address", "reply_to", "reference"]


@given(SECRETS, st.sampled_from(TEXT_FACTS), st.sampled_from(["{}", "to {}, today", "{}s"]))
def test_a_letter_whose_facts_hold_the_persons_data_is_refused(secret, slot, around):
    with pytest.raises(ShowsPersonalData) as refusal:
        filled(**{slot: around.format(secret.upper())}, withheld=(Withheld("address", secret),))
    assert secret.casefold() not in str(refusal.value).casefold()


@given(SECRETS)
def test_the_persons_data_are_in_no_form_whatever_was_known_of_them(secret):
    letter = filled(person=secret, consented=True, withheld=(Withheld("address", secret), Withheld("name", secret)))
    assert secret.casefold() not in all_forms(letter).casefold()


@given(SECRETS)
def test_a_value_given_for_its_kind_is_refused_and_not_repeated(secret):
    wrong = (
        {"postings": (posting(kinds=(secret,)),)},
        {"evidence": (EvidenceShown("1", secret, SEEN),)},
        {"evidence": (EvidenceShown(secret + " ", "5a" * 32, SEEN),)},
        {"hashes": (HashShown("pdq", f"{secret} "),)},
    )
    for facts in wrong:
        with pytest.raises(ValueError, match=r"\w") as refusal:
            filled(**facts)
        assert secret not in str(refusal.value)


def test_facts_do_not_show_what_is_withheld_when_they_are_printed():
    assert "Elm" not in repr(letter_facts(withheld=(Withheld("address", "14 Elm Grove"),)))


@pytest.mark.parametrize(
    ("secret", "words", "shown"),
    [
        pytest.param("+1-555-0100", "call 1 555 01 00", True, id="other spaces"),
        pytest.param("+1-555-0100", "Item 91555010022", True, id="within longer digits"),
        pytest.param("Elena", "people nap", False, id="across words"),
        pytest.param("Li", "Li said", True, id="short name"),
        pytest.param("Li", "link", False, id="short name within a word"),
        pytest.param("Mara Vellinga", "Ｍａｒａ VELLINGAS", True, id="full width and an ending"),
        pytest.param("太郎", "山田太郎さん", True, id="no spaces"),
        pytest.param("", "anything", False, id="nothing withheld"),
    ],
)
def test_what_is_withheld_is_found_however_it_is_written(secret, words, shown):
    letter = replace(filled(), subject=words)
    if shown:
        with pytest.raises(ShowsPersonalData, match=r"the subject shows personal data \(name\)"):
            check_withheld(letter, [Withheld("name", secret)])
    else:
        check_withheld(letter, [Withheld("name", secret)])


def test_a_link_that_holds_data_goes_to_whoever_must_act_and_is_pointed_out():
    secret = (Withheld("name", "Mara Vellinga"),)
    link = (posting("https://board.example.net/mara-vellinga"),)
    letter = filled(postings=link, withheld=secret)
    assert "https://board.example.net/mara-vellinga" in text(letter)
    assert any("link itself holds personal data" in warning for warning in letter.warnings)
    assert "mara-vellinga" not in text(filled("public-notification", postings=link, withheld=secret))


# --- versions


def test_people_change_words_between_facts_and_the_change_is_marked_and_kept():
    letter = filled()
    changed = edit(letter, 1, "Please act.\n\nToday, {please}.")
    assert (changed.blocks[0].text, changed.blocks[0].edited) == ("Please act.\n\nToday, {please}.", True)
    assert changed.blocks[1:] == letter.blocks[1:]
    assert from_data(json.loads(json.dumps(to_data(changed)))) == changed


def test_machine_made_facts_are_edited_by_nobody():
    letter = filled()
    for number, block in enumerate(letter.blocks, 1):
        if block.kind != "text":
            with pytest.raises(NotEditable):
                edit(letter, number, "changed")
    with pytest.raises(NotEditable, match="no block 99"):
        edit(letter, 99, "changed")


@pytest.mark.parametrize("words", ["", "   \n", "Write to {addressee}"])
def test_an_edit_leaves_neither_a_gap_nor_a_slot(words):
    with pytest.raises(ValueError, match=r"empty paragraph|slots are filled only once"):
        edit(filled(), 1, words)


def test_an_edit_that_tells_the_data_is_refused():
    with pytest.raises(ShowsPersonalData, match=r"block 1 shows personal data \(address\)"):
        edit(filled(), 1, "She lives at 14, Elm Grove.", withheld=[Withheld("address", "14 Elm Grove")])


@given(st.text(alphabet=st.sampled_from("ab \n\u2068\u2069\u202e\u0627"), min_size=1))
def test_an_edit_leaves_no_isolate_open_and_turns_nothing(words):
    if not words.strip():
        return
    edited = edit(filled(), 1, words).blocks[0].text
    assert re.sub(f"{OPENS}[^{OPENS}{CLOSES}]*{CLOSES}", "", edited).count(OPENS) == 0
    assert edited.count(OPENS) == edited.count(CLOSES)
    assert "\u202e" not in edited


def test_editing_what_was_shown_without_a_change_changes_no_word():
    letter = filled("restraining-order")
    assert OPENS in letter.blocks[0].text
    assert edit(letter, 1, letter.blocks[0].text).blocks[0].text == letter.blocks[0].text


def test_the_difference_shows_each_changed_word_and_nothing_else():
    old = filled()
    new = edit(old, 1, old.blocks[0].text.replace("Please take it down.", "Please remove it."))
    changes = [change for change in difference(old, new) if change.change != "same"]
    assert [(change.change, change.kind) for change in changes] == [("changed", "text")]
    words = changes[0].words
    assert "".join(piece for what, piece in words if what != "added") == old.blocks[0].text
    assert "".join(piece for what, piece in words if what != "removed") == new.blocks[0].text


@given(st.booleans(), st.booleans(), st.booleans(), st.sampled_from(["link", "none"]))
def test_the_difference_accounts_for_every_block_of_both_versions(danger, minor, consented, previous):
    old = filled()
    new = filled(danger=danger, minor=minor, consented=consented, **({} if previous == "link" else {"previous": ()}))
    changes = difference(old, new)[1:]
    assert len([each for each in changes if each.change != "added"]) == len(old.blocks)
    assert len([each for each in changes if each.change != "removed"]) == len(new.blocks)
    if old == new:
        assert {each.change for each in changes} == {"same"}


def test_the_closed_lists_are_those_of_the_facts():
    known = {each.name for each in fields(LetterFacts)}
    assert SLOTS - {"due_on"} <= known
    assert set(EN.headings) == BLOCKS


def test_the_same_facts_give_the_same_letter():
    assert filled() == filled()
    assert text(filled()) == text(filled())


def _parts_of(remedy):
    template = letter_for(remedy)
    return [*template.parts, *template.demand]

"""Cases: one report is one case, nothing of it lies in clear, and a person's word stands over a machine's."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from factories.people import member
from factories.reports import CONTACT, FULL, LINK, NAME, NOON, POST, SECRETS, a_case, intake
from factories.storage import files_under, in_clear, stored_values
from habeas.access.actions import NotAllowed
from habeas.cases import actions, queries
from habeas.cases.core.facts import Known
from habeas.cases.models import Case, Posting, Report
from habeas.journey.report import file_report
from habeas.ledger import queries as ledger


def kinds_of(case: Case) -> list[str]:
    return [entry["kind"] for entry in ledger.entries_of(case.pk)]


@pytest.mark.django_db
def test_what_was_told_comes_back_as_it_was_told():
    case = queries.case_by_id(actions.open_case(FULL, at=NOON).case.pk)
    told = queries.report_of(case)
    assert (told["text"], told["target_name"], told["contact"]) == (POST, NAME, CONTACT)
    assert (told["links"], told["wishes"], told["posted_on"]) == (
        list(FULL.links),
        ["down", "stop", "who"],
        "2026-01-15",
    )
    assert told["answers"] == FULL.answers
    assert [link for _, link in queries.links_of(case)] == list(FULL.links)
    assert queries.parties_of(case)["target"] == {"name": NAME}
    assert queries.ties_of(case).of("target_lives") == {"NL"}
    assert (case.danger, case.state, case.owner) == (True, "new", None)


@pytest.mark.django_db
def test_nothing_that_was_told_lies_in_clear_in_any_table():
    actions.open_case(FULL, at=NOON)
    assert in_clear(SECRETS, stored_values()) == []


@pytest.mark.django_db(transaction=True)
def test_nothing_that_was_told_lies_in_clear_on_the_disk(settings):
    opened = file_report(FULL)
    assert in_clear((*SECRETS, opened.receipt.lower()), stored_values()) == []
    assert in_clear(SECRETS, files_under(settings.VAR)) == []


@pytest.mark.django_db
def test_the_same_form_sent_twice_is_one_case_with_one_receipt():
    first = actions.open_case(FULL, at=NOON)
    again = actions.open_case(FULL, at=NOON + timedelta(minutes=30))
    assert (again.case, again.receipt, again.again) == (first.case, first.receipt, True)
    assert (Case.objects.count(), Report.objects.count()) == (1, 1)
    assert kinds_of(first.case) == ["case.opened"]


@pytest.mark.django_db
def test_a_form_left_open_does_not_show_the_receipt_to_the_next_person():
    actions.open_case(FULL, at=NOON)
    with pytest.raises(actions.SubmittedBefore) as refusal:
        actions.open_case(FULL, at=NOON + timedelta(minutes=30, seconds=1))
    assert "Vellinga" not in str(refusal.value)
    assert Case.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_press_at_the_same_instant_is_one_case_with_one_receipt():
    told, receipts, failures = intake(), [], []
    together = threading.Barrier(4)

    def press() -> None:
        try:
            together.wait()
            receipts.append(file_report(told).receipt)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(set(receipts)) == 1
    assert Case.objects.count() == 1
    assert list(ledger.faults()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("wanders", [str.lower, lambda r: r.replace("-", ""), lambda r: f"  {r.replace('-', ' ')}. "])
def test_a_receipt_finds_its_case_however_it_is_typed(wanders):
    opened = actions.open_case(FULL, at=NOON)
    actions.open_case(intake(), at=NOON)
    assert queries.case_by_receipt(wanders(opened.receipt)) == opened.case


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["", "AAAA-AAAA-AAAA-AAAA", "HB-7KQ2M9", "no receipt at all", "\x00", "٣" * 16])
def test_what_is_no_receipt_finds_no_case(typed):
    a_case()
    assert queries.case_by_receipt(typed) is None


@pytest.mark.django_db
def test_a_case_is_found_by_the_reference_people_read_aloud():
    case = a_case()
    assert queries.case_by_reference(case.reference.lower()) == case
    with pytest.raises(queries.NoSuchCase, match="HB-NONONO"):
        queries.case_by_reference("HB-NONONO")


@pytest.mark.django_db
def test_what_was_left_open_on_the_form_is_said_by_nobody():
    case = a_case(answers={"act.public": True, "subject.minor": None, "consent.none": False})
    assert {known.key: known.truth for known in queries.history_of(case)} == {"act.public": True, "consent.none": False}


@pytest.mark.django_db
@pytest.mark.parametrize(("reporter", "said_by"), [("self", "person"), ("friend", "reporter")])
def test_an_answer_carries_who_gave_it(reporter, said_by):
    case = a_case(reporter=reporter, answers={"act.public": True})
    assert queries.known_in(case)["act.public"].said_by == said_by


@pytest.mark.django_db
def test_a_change_of_mind_is_a_new_statement_and_the_old_one_stays():
    case, by = a_case(answers={"harm.fear": True}), member()
    actions.state_fact(case, "harm.fear", False, "on the phone", by=by, at=NOON)
    assert queries.known_in(case)["harm.fear"].truth is False
    assert [known.truth for known in queries.history_of(case)] == [True, False]


@pytest.mark.django_db
def test_a_person_stands_over_a_machine_however_late_the_machine_speaks():
    case, by = a_case(), member()
    actions.state_fact(case, "act.content.locating", False, "it is the old address", by=by, at=NOON)
    actions.record_statements(case, [Known("act.content.locating", True, "scan", "line 3")], at=NOON)
    assert queries.known_in(case)["act.content.locating"].truth is False


@pytest.mark.django_db
def test_an_answer_taken_back_leaves_nothing_known():
    case, by = a_case(), member()
    actions.record_statements(case, [Known("act.content.locating", True, "scan", "line 3")], at=NOON)
    actions.state_fact(case, "act.content.locating", None, "nobody knows any more", by=by, at=NOON)
    assert "act.content.locating" not in queries.known_in(case)
    assert len(queries.history_of(case)) == 2


@pytest.mark.django_db
def test_a_machine_does_not_repeat_itself():
    case, found = a_case(), [Known("act.public", None, "scan", "line 3", leaning=0.4)]
    assert actions.record_statements(case, found, at=NOON) == 1
    assert actions.record_statements(case, found, at=NOON) == 0
    assert kinds_of(case) == ["case.opened", "facts.found"]


@pytest.mark.django_db
def test_the_database_refuses_a_sign_stronger_than_certainty():
    case = a_case()
    with pytest.raises(IntegrityError), transaction.atomic():
        actions.record_statements(case, [Known("act.public", None, "scan", "line 3", leaning=1.5)], at=NOON)


@pytest.mark.django_db
def test_a_place_is_stated_once_and_can_be_taken_back():
    case, by = a_case(), member()
    actions.state_tie(case, "service_in", ["US", "IE", "US"], by=by, at=NOON)
    assert queries.ties_of(queries.case_by_id(case.pk)).of("service_in") == {"IE", "US"}
    actions.state_tie(case, "service_in", [], by=by, at=NOON)
    ties = queries.ties_of(queries.case_by_id(case.pk))
    assert (ties.of("service_in"), ties.of("target_lives")) == (None, {"NL"})


@pytest.mark.django_db
def test_a_taken_case_is_not_taken_from_a_colleague():
    case, first, second = a_case(), member(), member()
    actions.take(case, by=first, at=NOON)
    with pytest.raises(actions.AlreadyTaken, match=f"{case.reference} is with {first}"):
        actions.take(case, by=second, at=NOON)
    actions.take(case, by=first, at=NOON)
    case.refresh_from_db()
    assert (case.owner, case.state) == (first, "open")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda case, by: actions.take(case, by=by, at=NOON), id="take"),
        pytest.param(lambda case, by: actions.state_fact(case, "harm.fear", True, "", by=by, at=NOON), id="state-fact"),
        pytest.param(lambda case, by: actions.state_tie(case, "host_in", ["DE"], by=by, at=NOON), id="state-tie"),
        pytest.param(lambda case, by: actions.note_reading(case, by=by, purpose="law", at=NOON), id="read"),
    ],
)
def test_an_auditor_is_refused_and_leaves_no_entry(act):
    case = a_case()
    with pytest.raises(NotAllowed):
        act(case, member("auditor"))
    assert kinds_of(case) == ["case.opened"]


@pytest.mark.django_db
def test_every_reading_is_logged_with_who_and_what_for():
    case, by = a_case(), member()
    actions.note_reading(case, by=by, purpose="material", at=NOON)
    entry = ledger.entries_of(case.pk)[-1]
    assert (entry["kind"], entry["by"], entry["purpose"], entry["role"]) == (
        "case.read", str(by.pk), "material", "caseworker",
    )  # fmt: skip


@pytest.mark.django_db
def test_the_queue_puts_danger_first_then_the_gravest_then_the_oldest():
    told = [
        ("young, grave", False, "very_high", 0),
        ("old, grave", False, "very_high", 5),
        ("not read yet", False, "", 9),
        ("nothing found", False, "none", 9),
        ("nobody said, moderate", None, "moderate", 0),
        ("nobody said, high", None, "high", 0),
        ("danger, low", True, "low", 0),
    ]
    names = {}
    for name, danger, severity, hours_old in told:
        case = a_case(at=NOON - timedelta(hours=hours_old), danger=danger)
        Case.objects.filter(pk=case.pk).update(severity=severity)
        names[case.pk] = name
    assert [names[case.pk] for case in queries.queue()] == [
        "danger, low",
        "nobody said, high",
        "nobody said, moderate",
        "old, grave",
        "young, grave",
        "nothing found",
        "not read yet",
    ]


@pytest.mark.django_db
def test_the_queue_knows_what_is_mine_and_leaves_out_what_is_closed():
    mine, closed, by = a_case(links=(LINK,)), a_case(), member()
    a_case()
    actions.take(mine, by=by, at=NOON)
    Case.objects.filter(pk=closed.pk).update(state=Case.State.CLOSED)
    assert [(case, case.links) for case in queries.queue(mine=by)] == [(mine, 1)]
    assert closed not in queries.queue()
    assert list(queries.queue(state="closed")) == [closed]


@pytest.mark.django_db
def test_a_link_is_kept_once_per_case():
    case = a_case(links=(LINK, LINK))
    assert actions.add_links(case, [LINK, "https://mirror.example.net/2"], by="receipt", at=NOON) == 1
    assert [posting.host for posting in Posting.objects.filter(case=case)] == [
        "board.example.net",
        "mirror.example.net",
    ]
    assert a_case(links=(LINK,)).postings.count() == 1, "another case may have the same link"


@pytest.mark.django_db
def test_a_follower_sees_when_something_was_last_learnt():
    case, by = a_case(), member()
    assert queries.last_change_of(case) == NOON
    actions.state_fact(case, "harm.fear", True, "on the phone", by=by, at=NOON + timedelta(days=2))
    assert queries.last_change_of(case) == NOON + timedelta(days=2)


@pytest.mark.django_db
def test_past_answers_are_counted_by_their_last_word_and_without_what_a_machine_read():
    first, second = a_case(), a_case()
    for case, truth in ((first, True), (first, False), (second, True)):
        actions.state_fact(case, "intent.fear", truth, "told on the phone", by=member(), at=NOON)
    actions.state_fact(second, "act.public", None, "no idea", by=member(), at=NOON)
    actions.record_statements(first, [Known("act.disclosed", True, "scan", "read")], at=NOON)
    assert queries.answers_in_past_cases() == {"intent.fear": (2, 1)}

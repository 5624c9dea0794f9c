"""The team board: who has what, how long a first step takes, and who may see it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.pages import Page, visit
from factories.people import member
from factories.plans import plan, step
from factories.reports import NOON, a_case
from habeas.access.models import Organisation, Person
from habeas.cases.models import Case
from habeas.kernel import clock
from habeas.platforms.models import Contest
from habeas.remedies.actions import record_plan
from habeas.remedies.core.waits import median_wait
from habeas.remedies.models import Measure

HOUR = timedelta(hours=1)
hours = st.integers(0, 500).map(lambda n: n * HOUR)


def cells(page: Page, name: str) -> list[str]:
    [row] = page.tree.xpath(f"//tr[normalize-space(th)='{name}']")
    return [cell.text.strip() if cell.text else "" for cell in row.iter("td")]


def owned(by: Person | None, **changes: object) -> Case:
    case = a_case()
    Case.objects.filter(pk=case.pk).update(owner=by, **{"state": "open" if by else "new", **changes})
    return Case.objects.get(pk=case.pk)


def with_step(case: Case, state: str, **changes: object) -> Measure:
    record_plan(case, plan(step()), cause="the report was examined", at=NOON)
    case.measures.update(state=state, sent_at=changes.pop("sent_at", NOON), **changes)
    return case.measures.get()


# -- the median ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("waits", "median"),
    [
        pytest.param([], None, id="nobody"),
        pytest.param([(3, True)], 3, id="one"),
        pytest.param([(1, True), (9, True)], 1, id="half-of-two"),
        pytest.param([(1, True), (2, True), (9, True)], 2, id="of-three"),
        pytest.param([(1, True), (2, False), (3, False), (4, False)], None, id="most-still-wait"),
        pytest.param([(1, False), (2, True)], 2, id="who-left-early-says-little"),
        pytest.param([(5, True), (5, False)], 5, id="who-waits-so-long-was-there-when-it-ended"),
        # The 6-MP arm of Freireich and others, Blood 21 (1963), in weeks: the median remission is 23.
        pytest.param(
            [(6, True)] * 3 + [(7, True), (10, True), (13, True), (16, True), (22, True), (23, True)]
            + [(n, False) for n in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)], 23, id="freireich"),
    ],
)  # fmt: skip
def test_the_median_counts_those_who_still_wait(waits, median):
    found = median_wait((n * HOUR, ended) for n, ended in waits)
    assert found == (None if median is None else median * HOUR)


@given(st.lists(hours, min_size=1))
def test_where_all_have_ended_it_is_the_lower_median(waits):
    assert median_wait((wait, True) for wait in waits) == sorted(waits)[(len(waits) - 1) // 2]


@given(st.lists(st.tuples(hours, st.booleans()), min_size=1), hours)
def test_one_more_who_waits_on_never_makes_it_shorter(waits, longer):
    before, after = median_wait(waits), median_wait([*waits, (max(w for w, _ in waits) + longer, False)])
    assert after is None or (before is not None and after >= before)


@given(st.lists(hours))
def test_where_nobody_has_got_a_step_it_is_not_reached(waits):
    assert median_wait((wait, False) for wait in waits) is None


# -- the page ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_each_member_stands_with_what_they_have(signed_in):
    now = clock.now()
    lead, casey = signed_in("lead", "Lee Marchetti"), member(name="Casey Okafor")
    member("auditor", "Ines Quill")
    owned(casey, danger=True)
    with_step(owned(casey), "overdue", due_at=now - HOUR)
    with_step(owned(casey), "sent", due_at=now + 47 * HOUR)
    with_step(owned(casey), "acknowledged", due_at=now + 49 * HOUR)
    with_step(owned(casey), "sent", due_at=now - HOUR)
    with_step(owned(casey, state="closed"), "sent", due_at=now + HOUR)
    owned(None, danger=True)
    page = visit(lead, "/desk/board/")
    assert cells(page, "Casey Okafor") == ["5", "1", "2", "1"]
    assert cells(page, "Lee Marchetti") == ["0", "0", "0", "0"], "who has nothing is shown too"
    assert cells(page, "With nobody") == ["1", "1", "0", "0"]
    assert cells(page, "All together") == ["6", "2", "2", "1"]
    assert "Ines Quill" not in page.words
    for table in page.tree.iter("table"):
        assert table.xpath("./caption")
        assert all(header.get("scope") in {"col", "row"} for header in table.iter("th"))


@pytest.mark.django_db
def test_a_step_counts_for_whoever_answers_for_it(signed_in):
    lead, casey, noor = signed_in("lead", "Lee Marchetti"), member(name="Casey Okafor"), member(name="Noor Haddad")
    with_step(owned(casey), "overdue", owner=noor)
    page = visit(lead, "/desk/board/")
    assert cells(page, "Casey Okafor") == ["1", "0", "0", "0"]
    assert cells(page, "Noor Haddad") == ["0", "0", "1", "0"]


@pytest.mark.django_db
def test_what_is_not_the_leads_to_see_is_not_counted(signed_in):
    ours, theirs = (Organisation.objects.create(name=name) for name in ("Helpline of Examplia", "Other house"))
    lead, stranger = signed_in("lead", "Lee Marchetti"), member(name="Ines Quill")
    Person.objects.filter(pk=lead.person.pk).update(organisation=ours)
    Person.objects.filter(pk=stranger.pk).update(organisation=theirs)
    with_step(owned(stranger), "overdue")
    owned(lead.person, sealed=True)
    page = visit(lead, "/desk/board/")
    assert "Ines Quill" not in page.words
    assert cells(page, "All together") == ["0", "0", "0", "0"]


@pytest.mark.django_db
def test_the_time_to_a_first_step_counts_open_cases_and_says_when_it_is_not_reached(signed_in):
    lead, now = signed_in("lead"), clock.now()
    assert "no case came in" in visit(lead, "/desk/board/").words
    opened = now - timedelta(days=3)
    cases = [a_case(opened) for _ in range(3)]
    a_case(now - timedelta(days=29))
    with_step(cases[0], "sent", sent_at=opened + 5 * HOUR)
    page = visit(lead, "/desk/board/")
    assert "not reached: half of the cases still wait for one" in page.words
    assert "3 cases of the last 28 days; 2 without a step count with the time they have waited" in page.words
    with_step(cases[1], "complied", sent_at=opened + 7 * HOUR)
    assert "7.0 h" in visit(lead, "/desk/board/").words
    Case.objects.filter(pk=cases[2].pk).update(state="closed", closed_at=opened + HOUR)
    assert "5.0 h" in visit(lead, "/desk/board/").words, "closed without a step: it left the waiting room early"


@pytest.mark.django_db
def test_removals_found_wrong_stand_beside_all_that_were_decided(signed_in):
    lead = signed_in("lead")
    for was_right in (True, False, False, None):
        decided = {"decided_at": NOON, "decided_by": lead.person} if was_right is not None else {}
        measure = with_step(a_case(), "contested")
        Contest.objects.create(measure=measure, sealed=b"x", made_at=NOON, was_right=was_right, **decided)
    [row] = visit(lead, "/desk/board/").tree.xpath("//tr[th='Removals found wrong']")
    assert " ".join(row.text_content().split()) == "Removals found wrong2of 3 contests decided so far"


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["caseworker", "auditor", "counsel", "custodian", "monitor", "clerk"])
def test_the_board_is_for_leads(signed_in, role):
    page = visit(signed_in(role), "/desk/board/")
    assert page.status == 403
    assert "Your role does not allow this" in page.words


@pytest.mark.django_db
def test_whoever_is_not_signed_in_is_asked_to(client):
    assert visit(client, "/desk/board/").path == "/desk/sign-in/"

"""Plans and decisions: the machine drafts, people decide, and a yes stands for what was read when it was given."""

from __future__ import annotations

import pytest

from factories.people import member
from factories.plans import plan, step
from factories.reports import NOON, a_case
from habeas.access.actions import NotAllowed
from habeas.cases.models import Case
from habeas.ledger import queries as ledger
from habeas.remedies import actions, queries
from habeas.remedies.core.model import Omission
from habeas.remedies.models import Measure, PlanRecord


@pytest.fixture
def case(db) -> Case:
    return a_case()


def draw_up(case: Case, *steps: object, **rest: object) -> PlanRecord | None:
    return actions.record_plan(case, plan(*steps, **rest), cause="the report was examined", at=NOON)


def approve(measure: Measure, by: object, reason: str = "it is hers, and it locates her") -> Measure:
    return actions.approve(measure.pk, reason, by=by, at=NOON)


def states(case: Case) -> dict[str, str]:
    return {measure.key: measure.state for measure in queries.measures_of(case)}


def test_the_steps_stand_in_the_order_of_the_plan(case):
    draw_up(case, step("keep", phase="preserve"), step("notice"), step("search", phase="remove"))
    draw_up(case, step("keep", phase="preserve"), step("search", phase="remove"), step("notice"))
    assert [measure.key for measure in queries.measures_of(case)] == ["keep", "search", "notice"]


def test_the_same_plan_again_is_no_news(case):
    steps, omissions = (step("keep"), step("notice")), (Omission("order", ("xa.214b",), "nobody is named"),)
    assert draw_up(case, *steps, omissions=omissions, notes=("keep it first",)) is not None
    entries = len(ledger.entries_of(case.pk))
    assert draw_up(case, *steps, omissions=omissions, notes=("keep it first",)) is None
    assert (PlanRecord.objects.count(), Measure.objects.count()) == (1, 2)
    assert len(ledger.entries_of(case.pk)) == entries


def test_a_new_plan_shows_what_it_changed(case):
    draw_up(case, step("keep"), step("notice"), step("order"))
    record = draw_up(case, step("keep"), step("notice", title="Ask the host"), step("search"))
    assert record.difference == {"added": ["search"], "changed": ["notice"], "dropped": ["order"]}
    assert states(case) == {"keep": "drafted", "notice": "drafted", "search": "drafted", "order": "withdrawn"}
    entry = ledger.entries_of(case.pk)[-1]
    assert (entry["added"], entry["changed"], entry["dropped"], entry["measures"]) == (1, 1, 1, 3)


def test_a_reason_to_leave_something_out_is_news_too(case):
    draw_up(case, step("keep"))
    record = draw_up(case, step("keep"), omissions=(Omission("order", (), "nobody is named"),))
    assert record.difference == {"added": [], "changed": [], "dropped": []}
    assert queries.plan_of(case).omissions == [{"remedy": "order", "provisions": [], "why": "nobody is named"}]


def test_a_step_that_comes_back_into_the_plan_is_a_draft_again(case):
    draw_up(case, step("keep"), step("notice"))
    draw_up(case, step("keep"))
    record = draw_up(case, step("keep"), step("notice"))
    assert record.difference["added"] == ["notice"]
    assert states(case) == {"keep": "drafted", "notice": "drafted"}
    measure = Measure.objects.get(key="notice")
    assert (measure.withdrawn_because, measure.decided_at) == ("", None)


def test_a_yes_falls_away_when_the_draft_changes(case):
    first, second = member(), member()
    draw_up(case, step("notice", approvals=2))
    measure = approve(Measure.objects.get(), first)
    draw_up(case, step("notice", approvals=2, reveals="who the person is"))
    assert measure.approvals.count() == 0
    assert approve(measure, second).state == "drafted", "one yes to the new draft is one, not two"


def test_a_yes_stays_where_the_person_agrees_meanwhile(case):
    draw_up(case, step("notice", approvals=2, consent="open"))
    measure = approve(Measure.objects.get(), member())
    draw_up(case, step("notice", approvals=2, consent="given", after=("seal-evidence:ourselves:",)))
    measure.refresh_from_db()
    assert measure.approvals.count() == 1
    assert measure.planned["consent"] == "given"
    assert approve(measure, member()).state == "approved"


def test_a_yes_stays_where_only_other_steps_changed(case):
    draw_up(case, step("notice", approvals=2), step("keep"))
    measure = approve(Measure.objects.get(key="notice"), member())
    draw_up(case, step("search"), step("notice", approvals=2))
    assert measure.approvals.count() == 1


def test_what_people_approved_stays_as_they_approved_it(case):
    draw_up(case, step("notice"), step("keep"))
    approve(Measure.objects.get(key="notice"), member())
    draw_up(case, step("notice", title="Ask the host"), step("keep"))
    draw_up(case, step("keep"))
    measure = Measure.objects.get(key="notice")
    assert (measure.state, measure.planned["title"]) == ("approved", "Ask the site to take it down")
    assert measure.approvals.count() == 1


def test_what_a_person_withdrew_stays_withdrawn(case):
    draw_up(case, step("notice"))
    actions.withdraw(Measure.objects.get().pk, "she does not want it", by=member(), at=NOON)
    draw_up(case, step("notice", title="Ask the host"))
    measure = Measure.objects.get()
    assert (measure.state, measure.withdrawn_because) == ("withdrawn", "she does not want it")


def test_a_grave_step_needs_two_different_people(case):
    first, second = member(), member("lead")
    draw_up(case, step("notice", approvals=2))
    measure = approve(Measure.objects.get(), first)
    assert (measure.state, measure.decided_at) == ("drafted", None)
    with pytest.raises(actions.AlreadyDecided, match="someone else"):
        approve(measure, first)
    measure = approve(measure, second)
    assert (measure.state, measure.decided_at) == ("approved", NOON)
    assert [approval.member for approval in measure.approvals.all()] == [first, second]
    assert [e["state"] for e in ledger.entries_of(case.pk) if e["kind"] == "measure.approved"] == [
        "drafted",
        "approved",
    ]


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_nothing_is_approved_or_withdrawn_without_a_reason(case, reason):
    draw_up(case, step("notice"))
    measure = Measure.objects.get()
    with pytest.raises(actions.NotReady, match="why this step is right"):
        approve(measure, member(), reason)
    with pytest.raises(actions.NotReady, match="why this step is withdrawn"):
        actions.withdraw(measure.pk, reason, by=member(), at=NOON)
    assert states(case) == {"notice": "drafted"}


@pytest.mark.parametrize("readiness", ["needs_facts", "blocked"])
def test_a_step_that_waits_for_facts_cannot_be_approved(case, readiness):
    draw_up(case, step("notice", readiness=readiness, needs=("posting.url",)))
    with pytest.raises(actions.NotReady, match="waits for facts"):
        approve(Measure.objects.get(), member())


def test_an_open_exemption_does_not_stop_a_person_from_deciding(case):
    draw_up(case, step("notice", readiness="needs_exemption_review"))
    assert approve(Measure.objects.get(), member()).state == "approved"


def test_what_is_approved_is_not_approved_again(case):
    draw_up(case, step("notice"))
    measure = approve(Measure.objects.get(), member())
    with pytest.raises(actions.AlreadyDecided, match="already approved"):
        approve(measure, member())


def test_an_approval_can_be_taken_back_and_then_needs_a_new_yes(case):
    by = member()
    draw_up(case, step("notice"))
    measure = approve(Measure.objects.get(), by)
    measure = actions.restore(measure.pk, by=by, at=NOON)
    assert (measure.state, measure.decided_at, measure.approvals.count()) == ("drafted", None, 0)
    with pytest.raises(actions.AlreadyDecided, match="a draft already"):
        actions.restore(measure.pk, by=by, at=NOON)
    assert approve(measure, by).state == "approved", "who took a yes back may give it again"


def test_a_withdrawn_step_can_be_restored_and_is_not_withdrawn_twice(case):
    by = member()
    draw_up(case, step("notice"))
    measure = Measure.objects.get()
    actions.withdraw(measure.pk, "  she does not want it  ", by=by, at=NOON)
    with pytest.raises(actions.AlreadyDecided, match="already withdrawn"):
        actions.withdraw(measure.pk, "again", by=by, at=NOON)
    measure = actions.restore(measure.pk, by=by, at=NOON)
    assert (measure.state, measure.withdrawn_because) == ("drafted", "")


def test_an_approved_step_can_be_withdrawn_before_anything_is_sent(case):
    draw_up(case, step("notice"))
    measure = approve(Measure.objects.get(), member())
    assert actions.withdraw(measure.pk, "she changed her mind", by=member(), at=NOON).state == "withdrawn"


def test_an_auditor_decides_nothing(case):
    draw_up(case, step("notice"))
    measure, by = Measure.objects.get(), member("auditor")
    for act in (
        lambda: approve(measure, by),
        lambda: actions.withdraw(measure.pk, "because", by=by, at=NOON),
        lambda: actions.restore(measure.pk, by=by, at=NOON),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert [entry["kind"] for entry in ledger.entries_of(case.pk)] == ["case.opened", "case.planned"]

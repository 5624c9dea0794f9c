"""Who is let into cases and out again: grants, emergencies, identities that two people open, keys of programs."""

from __future__ import annotations

import ast
import random
import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import CASCADE
from django.test.utils import CaptureQueriesContext

from factories.grants import granted, member_of, organisation, put
from factories.people import member
from factories.reports import CONTACT, FULL, NAME, NOON, a_case
from habeas.access import actions, queries
from habeas.access.core.permissions import ROLES
from habeas.access.core.policy import PURPOSES
from habeas.access.core.visibility import GRANTS, TEAM_SEES
from habeas.access.models import Alarm, CaseKey, Grant, IdentityRequest, Person, Seat, ServiceKey
from habeas.cases import actions as cases
from habeas.cases import queries as case_queries
from habeas.cases import sight
from habeas.cases.models import Case
from habeas.ledger import queries as ledger
from habeas.ledger.models import Entry

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WHY = "she fears for tonight and nobody is here"


def sees(person: Person, case: Case, at=NOON, action: str = "open_case") -> bool:
    """The answer for one case; for all cases at once it is always the same."""
    one = queries.may_do(person, action, Case.objects.get(pk=case.pk), at)
    if action == "open_case":
        assert Case.objects.filter(queries.visible_cases(person, at), pk=case.pk).exists() is one
    return one


def kinds_in(case: Case) -> list[str]:
    return [entry["kind"] for entry in ledger.entries_of(case.pk)]


# ---------------------------------------------------------------------------------------------------------------- sight


def test_what_nobody_has_taken_is_the_houses_to_see_and_nobody_elses():
    ours, police = organisation(), organisation("police", of_house=False)
    case = a_case()
    assert sees(member(), case)
    assert sees(member_of(ours), case)
    assert not sees(member_of(police), case)
    assert not sees(member_of(police, "lead"), case)


def test_what_somebody_has_is_their_organisations_to_see():
    ours, theirs = organisation(), organisation("regulator")
    has_it = member_of(ours)
    case = put(a_case(), owner=has_it)
    assert sees(has_it, case)
    assert sees(member_of(ours, "lead"), case)
    assert not sees(member_of(theirs), case)
    assert not sees(member(), case), "whose organisation is not known is of the house, and this is another's"


@pytest.mark.parametrize("role", ["auditor", "counsel", "custodian", "monitor", "clerk"])
def test_no_rule_of_the_house_lets_these_roles_in(role):
    person = member(role)
    assert not sees(person, a_case())
    assert not sees(person, put(a_case(), owner=person))


def test_the_house_decides_how_far_its_team_sees(settings):
    ours = organisation()
    has_it, colleague, lead = member_of(ours), member_of(ours), member_of(ours, "lead")
    taken, new = put(a_case(), owner=has_it), a_case()
    settings.HABEAS_TEAM_SEES = "unowned"
    assert (sees(colleague, taken), sees(colleague, new), sees(has_it, taken)) == (False, True, True)
    settings.HABEAS_TEAM_SEES = "granted"
    assert (sees(colleague, taken), sees(colleague, new), sees(has_it, taken)) == (False, False, True)
    assert (sees(lead, taken), sees(lead, new)) == (False, True)


def test_a_case_that_is_closed_off_exists_for_those_named_only():
    ours = organisation()
    has_it, named, lead = member_of(ours), member_of(ours), member_of(ours, "lead")
    case = put(a_case(), owner=has_it, sealed=True)
    granted(case, "team", named)
    Grant.objects.create(
        kind="agreement", case_id=case.pk, key=case.key, organisation=ours, starts_at=NOON, reason_sealed=b"x"
    )
    assert sees(named, case)
    assert not sees(has_it, case), "having it is a rule, and no rule counts"
    assert not sees(lead, case)


def test_an_organisation_an_operation_and_a_person_come_in_by_grant():
    police = organisation("police", of_house=False)
    officer, other = member_of(police), member_of(organisation("prosecutor", of_house=False))
    shared, joint, personal = a_case(), a_case(), a_case()
    operation = uuid4()
    granted(shared, "agreement", police)
    granted(joint, "operation", operation)
    granted(personal, "assignment", other)
    actions.take_seat(operation, other, by=member("lead"), at=NOON)
    assert (sees(officer, shared), sees(officer, joint), sees(officer, personal)) == (True, False, False)
    assert (sees(other, shared), sees(other, joint), sees(other, personal)) == (False, True, True)
    actions.leave_seat(operation, other, by=member("lead"), at=NOON)
    assert not sees(other, joint)
    actions.take_seat(operation, police, by=member("lead"), at=NOON)
    assert sees(officer, joint), "a seat of an organisation is one of all its members"


def test_a_grant_counts_from_its_start_to_its_end():
    officer = member_of(organisation("police", of_house=False))
    case = a_case()
    grant = granted(case, "team", officer, until=NOON + DAY)
    assert not sees(officer, case, NOON - HOUR)
    assert sees(officer, case, NOON)
    assert sees(officer, case, NOON + DAY - HOUR)
    assert not sees(officer, case, NOON + DAY)
    actions.end_grant(grant.pk, case, by=officer, at=NOON + HOUR)
    assert not sees(officer, case, NOON + 2 * HOUR)


def test_who_has_left_sees_nothing():
    person = member()
    case = put(a_case(), owner=person)
    granted(case, "team", person)
    Person.objects.filter(pk=person.pk).update(is_active=False)
    person.refresh_from_db()
    assert not sees(person, case)


def test_a_grant_is_for_the_purposes_it_was_given_for():
    clerk = member_of(organisation("court_liaison", of_house=False), "clerk")
    for_court, for_help = a_case(), a_case()
    granted(for_court, "agreement", clerk, purposes=["court", "authority"])
    granted(for_help, "agreement", clerk, purposes=["help"])
    assert sees(clerk, for_court)
    assert not sees(clerk, for_help), "a clerk does not act for that, and the grant is for nothing else"


def test_what_an_agreement_opens_is_read_and_not_changed():
    officer = member_of(organisation("police", of_house=False))
    case = a_case()
    granted(case, "agreement", officer.organisation)
    assert sees(officer, case)
    assert not queries.may_work_in(officer, case, NOON)
    assert not sees(officer, case, action="state_fact")
    with pytest.raises(actions.NotSeen, match="does not let you state fact"):
        actions.require_in(officer, "state_fact", case, at=NOON)


@pytest.mark.parametrize("seed", range(6))
def test_one_case_and_all_cases_at_once_are_answered_alike(seed, settings, monkeypatch):
    chance = random.Random(seed)  # noqa: S311 (a sample that is the same each time)
    settings.HABEAS_TEAM_SEES = TEAM_SEES[seed % 3]
    if seed % 2:
        monkeypatch.setattr(queries, "FEW", 1)  # as if there were too many to name each
    houses = [organisation(), organisation("regulator"), organisation("police", of_house=False), None]
    people = [member_of(chance.choice(houses), role) for role in ROLES if role != "service" for _ in range(4)]
    operations = [uuid4(), uuid4()]
    found = [
        put(
            a_case(),
            owner=chance.choice([None, *people]),
            sealed=chance.random() < 0.3,
            state=chance.choice(["new", "open", "waiting", "closed"]),
        )
        for _ in range(25)
    ]
    for operation in operations:
        for holder in chance.sample([*people, *filter(None, houses)], 4):
            actions.take_seat(operation, holder, by="test", at=NOON)
    for _ in range(60):
        case = chance.choice(found)
        holder = chance.choice([chance.choice(people), chance.choice(houses[:3]), chance.choice(operations)])
        where = {"member": None, "organisation": None, "operation_id": None}
        where[
            "member" if isinstance(holder, Person) else "operation_id" if holder in operations else "organisation"
        ] = holder
        Grant.objects.create(
            case_id=case.pk,
            key=case.key,
            kind=chance.choice([kind for kind in GRANTS if kind != "break_glass"]),
            purposes=sorted(chance.sample(PURPOSES, chance.choice((0, 0, 1, 2)))),
            starts_at=NOON + chance.choice((-DAY, HOUR)),
            until=chance.choice((None, None, NOON + DAY)),
            ended_at=chance.choice((None, None, NOON - HOUR)),
            reason_sealed=b"x",
            **where,
        )
    answers = {
        (person.pk, case.pk): queries.may_do(person, "open_case", case, NOON) for person in people for case in found
    }
    for person in people:
        seen = set(Case.objects.filter(queries.visible_cases(person, NOON)).values_list("pk", flat=True))
        assert seen == {case.pk for case in found if answers[person.pk, case.pk]}, person.role
    assert 10 < sum(answers.values()) < len(answers) - 10


def test_the_condition_reaches_a_case_through_what_hangs_on_it():
    person = member()
    mine, closed_off = a_case(links=("https://board.example.net/1",)), a_case(links=("https://board.example.net/2",))
    put(closed_off, sealed=True)
    postings = type(mine.postings.get()).objects.filter(queries.visible_cases(person, NOON, "case__"))
    assert [posting.case_id for posting in postings] == [mine.pk]
    assert list(sight.cases_seen_by(person, NOON)) == [mine]


def test_a_page_of_a_case_costs_two_questions_at_most():
    ours = organisation()
    person = Person.objects.select_related("organisation").get(pk=member_of(ours).pk)
    case = case_queries.case_by_id(put(a_case(), owner=member_of(ours)).pk)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert queries.may_do(person, "open_case", case, NOON)
    assert len(asked) == 0
    closed_off = case_queries.case_by_id(put(a_case(), sealed=True).pk)
    with CaptureQueriesContext(connection) as asked:
        assert not queries.may_do(person, "open_case", closed_off, NOON)
    assert len(asked) == 2


# --------------------------------------------------------------------------------------------------------------- grants


def test_letting_somebody_in_is_a_leads_act_and_stands_in_the_log_without_its_reason():
    lead, officer = member("lead"), member_of(organisation("police", of_house=False))
    case = a_case()
    grant = actions.give_grant(case, "team", officer, "knows the street", by=lead, at=NOON, purposes=["help"])
    assert queries.reason_of(grant) == "knows the street"
    assert b"street" not in bytes(grant.reason_sealed)
    assert kinds_in(case)[-1] == "grant.given"
    assert "street" not in str(ledger.entries_of(case.pk))
    assert [(why.who, why.kind, why.reason) for why in queries.why_seen(case, NOON)] == [
        (str(officer), "team", "knows the street")
    ]
    with pytest.raises(actions.NotAllowed):
        actions.give_grant(case, "team", officer, "x", by=member(), at=NOON)
    actions.end_grant(grant.pk, case, by=lead, at=NOON + HOUR)
    assert kinds_in(case)[-1] == "grant.ended"
    assert queries.why_seen(case, NOON + HOUR) == []
    with pytest.raises(actions.AlreadyDone):
        actions.end_grant(grant.pk, case, by=lead, at=NOON + HOUR)


def test_who_does_not_see_a_case_lets_nobody_into_it():
    elsewhere = member_of(organisation("police", of_house=False), "lead")
    with pytest.raises(actions.NotSeen):
        actions.give_grant(a_case(), "team", elsewhere, "me", by=elsewhere, at=NOON)


@pytest.mark.parametrize(
    ("kind", "role", "more", "words"),
    [
        pytest.param("team", "auditor", {}, "sees no case for such a reason", id="a-role-that-reads-no-case"),
        pytest.param("team", "counsel", {}, "sees no case for such a reason", id="counsel-as-a-colleague"),
        pytest.param("friend", "caseworker", {}, "a grant is one of", id="no-such-kind"),
        pytest.param("team", "caseworker", {"purposes": ["fun"]}, "for purposes among", id="no-such-purpose"),
        pytest.param("team", "caseworker", {"until": NOON}, "must end after it starts", id="over-at-once"),
        pytest.param("break_glass", "caseworker", {}, "breaks the glass", id="an-emergency-of-somebody-else"),
    ],
)
def test_a_grant_that_means_nothing_is_refused(kind, role, more, words):
    with pytest.raises(actions.NotGiven, match=words):
        actions.give_grant(a_case(), kind, member(role), "why", by=member("lead"), at=NOON, **more)
    assert not Grant.objects.exists()


def test_what_rests_on_an_agreement_ends_with_it():
    police = organisation("police", of_house=False)
    case, other = a_case(), a_case()
    for one in (case, other):
        granted(one, "agreement", police)
    assert actions.recall_grants([case.pk], "agreement", police, by="agreements", at=NOON) == 1
    officer = member_of(police)
    assert (sees(officer, case), sees(officer, other)) == (False, True)


def test_the_reason_of_a_grant_is_gone_once_the_case_is_erased():
    case = a_case()
    grant = granted(case, "team", member())
    CaseKey.objects.filter(pk=case.key_id).update(wrapped=None, destroyed_at=NOON)
    assert queries.reason_of(Grant.objects.select_related("key").get(pk=grant.pk)) == ""


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="held-by-nobody"),
        pytest.param({"member": True, "operation_id": uuid4()}, id="held-by-two"),
        pytest.param({"member": True, "until": NOON}, id="over-before-it-starts"),
        pytest.param({"member": True, "kind": "break_glass"}, id="an-emergency-without-an-end"),
    ],
)
def test_the_database_refuses_a_grant_that_cannot_be(fields):
    case = a_case()
    if "member" in fields:
        fields = {**fields, "member": member()}
    told = {"kind": "team", "case_id": case.pk, "key": case.key, "starts_at": NOON, "reason_sealed": b"x"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(**{**told, **fields})


# --------------------------------------------------------------------------------------------------- breaking the glass


@pytest.fixture
def elsewhere() -> Case:
    """A case that another organisation has."""
    return put(a_case(), owner=member_of(organisation("regulator", of_house=False)))


def test_an_emergency_opens_a_case_for_four_hours_and_every_lead_is_told(elsewhere):
    person = member()
    assert not sees(person, elsewhere)
    actions.break_glass(elsewhere, WHY, by=person, at=NOON)
    assert sees(person, elsewhere, NOON + 4 * HOUR - timedelta(seconds=1))
    assert not sees(person, elsewhere, NOON + 4 * HOUR)
    alarm = queries.alarms_to_review().get()
    assert (alarm.raised_by, alarm.review_by, queries.reason_of(alarm.grant)) == (person, NOON + 3 * DAY, WHY)
    assert kinds_in(elsewhere)[-1] == "glass.broken"
    assert "tonight" not in str(ledger.entries_of(elsewhere.pk))


def test_an_emergency_opens_a_case_that_is_closed_off_too():
    case, lead = put(a_case(), sealed=True), member("lead")
    actions.break_glass(case, WHY, by=lead, at=NOON)
    assert sees(lead, case)
    assert not sees(lead, case, action="give_access"), "or whoever broke in would stay"
    assert not sees(lead, case, action="take_case")
    assert not sees(lead, case, action="export_bundle")
    assert not sees(lead, case, action="erase_case")
    assert sees(lead, case, action="state_fact")


@pytest.mark.parametrize("reason", ["", "   ", "urgent", "\0" * 20])
def test_an_emergency_without_a_reason_is_none(elsewhere, reason):
    with pytest.raises(actions.NoReason):
        actions.break_glass(elsewhere, reason, by=member(), at=NOON)
    assert not Grant.objects.exists()
    assert not Alarm.objects.exists()


@pytest.mark.parametrize("role", ["auditor", "counsel", "custodian", "monitor", "clerk", "service"])
def test_an_emergency_is_for_caseworkers_and_leads(elsewhere, role):
    with pytest.raises(actions.NotAllowed):
        actions.break_glass(elsewhere, WHY, by=member(role), at=NOON)


def test_what_one_sees_anyway_is_no_emergency():
    with pytest.raises(actions.AlreadyDone, match="see this case already"):
        actions.break_glass(a_case(), WHY, by=member(), at=NOON)


def test_whoever_has_many_emergencies_waits_for_somebody_to_judge_one():
    person, far = member(), member_of(organisation("regulator", of_house=False))
    for _ in range(actions.MOST_ALARMS_OPEN):
        actions.break_glass(put(a_case(), owner=far), WHY, by=person, at=NOON)
    one_more = put(a_case(), owner=far)
    with pytest.raises(actions.TooManyAlarms):
        actions.break_glass(one_more, WHY, by=person, at=NOON)
    actions.review_alarm(Alarm.objects.first().pk, "it was so", justified=True, by=member("lead"), at=NOON)
    actions.break_glass(one_more, WHY, by=person, at=NOON)


def test_an_emergency_is_judged_once_by_somebody_else_who_is_a_lead(elsewhere):
    lead, other = member("lead"), member("lead")
    actions.break_glass(elsewhere, WHY, by=lead, at=NOON)
    alarm = Alarm.objects.get()
    with pytest.raises(actions.NotYourself):
        actions.review_alarm(alarm.pk, "I was right", justified=True, by=lead, at=NOON)
    with pytest.raises(actions.NotAllowed):
        actions.review_alarm(alarm.pk, "he was right", justified=True, by=member(), at=NOON)
    with pytest.raises(actions.NoReason):
        actions.review_alarm(alarm.pk, " ", justified=True, by=other, at=NOON)
    judged = actions.review_alarm(alarm.pk, "the threat was real", justified=True, by=other, at=NOON + HOUR)
    assert (judged.verdict, queries.review_of(judged)) == ("justified", "the threat was real")
    assert sees(lead, elsewhere, NOON + 2 * HOUR)
    with pytest.raises(actions.AlreadyDone):
        actions.review_alarm(alarm.pk, "no", justified=False, by=other, at=NOON + HOUR)
    assert not queries.alarms_to_review().exists()
    assert kinds_in(elsewhere)[-1] == "alarm.reviewed"


def test_what_was_no_emergency_closes_at_once(elsewhere):
    person = member()
    actions.break_glass(elsewhere, WHY, by=person, at=NOON)
    actions.review_alarm(Alarm.objects.get().pk, "curiosity", justified=False, by=member("lead"), at=NOON + HOUR)
    assert not sees(person, elsewhere, NOON + HOUR)
    assert kinds_in(elsewhere)[-2:] == ["alarm.reviewed", "grant.ended"]


def test_the_database_refuses_a_review_by_whoever_raised_the_alarm(elsewhere):
    person = member("lead")
    actions.break_glass(elsewhere, WHY, by=person, at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Alarm.objects.update(reviewed_by=person, reviewed_at=NOON, verdict="justified")


# ----------------------------------------------------------------------------------------- closing off, leaving, giving


def test_closing_a_case_off_leaves_it_to_those_named():
    has_it, helps, named, lead = member(), member(), member(), member("lead")
    case = put(a_case(), owner=has_it)
    granted(case, "team", helps)
    granted(case, "agreement", organisation("police", of_house=False))
    closed_off = sight.seal_case(case, "works_here", [named, lead], by=has_it, at=NOON)
    assert closed_off.sealed
    assert closed_off.owner is None, "it may be about whoever had it"
    assert [sees(p, case) for p in (has_it, helps, named, lead)] == [False, False, True, True]
    assert not Grant.objects.filter(ended_at=None).exclude(member__in=[named, lead]).exists()
    assert kinds_in(case)[-1] == "case.sealed"
    with pytest.raises(actions.NotSeen):
        sight.unseal_case(case, by=member("lead"), at=NOON)
    assert not sight.unseal_case(case, by=lead, at=NOON).sealed
    assert sees(has_it, case)


@pytest.mark.parametrize(
    ("because", "roles", "words"),
    [
        pytest.param("works_here", [], "at least one caseworker", id="nobody-named"),
        pytest.param("works_here", ["counsel"], "at least one caseworker", id="nobody-who-works-on-it"),
        pytest.param("just so", ["lead"], "say why", id="no-reason"),
    ],
)
def test_a_case_is_not_closed_off_from_everybody(because, roles, words):
    case = a_case()
    with pytest.raises(sight.NotSealed, match=words):
        sight.seal_case(case, because, [member(role) for role in roles], by=member(), at=NOON)
    assert not Case.objects.get(pk=case.pk).sealed


def test_cases_are_handed_over_with_what_hangs_on_them():
    giver, taker, lead = member(), member(), member("lead")
    first, second, done = (put(a_case(NOON + n * HOUR), owner=giver) for n in range(3))
    put(done, state="closed")
    granted(first, "team", giver)
    assert sight.hand_over_cases(giver, taker, by=lead, at=NOON) == (first.reference, second.reference)
    owners = dict(Case.objects.values_list("pk", "owner_id"))
    assert (owners[first.pk], owners[second.pk], owners[done.pk]) == (taker.pk, taker.pk, giver.pk)
    assert not Grant.objects.filter(member=giver, ended_at=None).exists()
    assert kinds_in(second)[-1] == "case.handed_over"


def test_a_caseworker_hands_over_their_own_cases_and_to_colleagues_only():
    giver, taker = member(), member()
    case = put(a_case(), owner=giver)
    with pytest.raises(actions.NotAllowed, match="their own cases"):
        sight.hand_over_cases(giver, taker, by=taker, at=NOON)
    for nobody in (giver, member("auditor"), member_of(organisation())):
        with pytest.raises(sight.NotHandedOver):
            sight.hand_over_cases(giver, nobody, by=giver, at=NOON)
    assert sight.hand_over_cases(giver, taker, by=giver, at=NOON, only=[case.pk]) == (case.reference,)


def test_a_case_that_is_closed_off_moves_only_by_somebody_who_sees_it():
    giver, taker, lead = member(), member(), member("lead")
    case = put(a_case(), owner=giver, sealed=True)
    granted(case, "assignment", giver)
    assert sight.hand_over_cases(giver, taker, by=lead, at=NOON) == ()
    assert sees(giver, case)
    assert sight.hand_over_cases(giver, taker, by=giver, at=NOON) == (case.reference,)
    assert (sees(giver, case), sees(taker, case)) == (False, True)


def test_who_leaves_takes_nothing_along_and_leaves_a_list():
    gone, lead = member(), member("lead")
    owned, helped, closed_off = put(a_case(), owner=gone), a_case(NOON + HOUR), put(a_case(), sealed=True)
    granted(helped, "team", gone)
    granted(closed_off, "assignment", gone)
    actions.take_seat(uuid4(), gone, by=lead, at=NOON)
    left = sight.leave(gone, by=lead, at=NOON)
    assert (left.unowned, left.grants_ended) == ((owned.reference,), 2)
    assert left.passed == ((closed_off.reference, lead),), "otherwise nobody would ever see it again"
    assert Case.objects.get(pk=owned.pk).owner is None
    assert sees(lead, closed_off)
    assert not Seat.objects.filter(ended_at=None).exists()
    assert not Person.objects.get(pk=gone.pk).is_active
    assert kinds_in(owned)[-1] == "case.left"
    assert Entry.objects.filter(kind="member.left").count() == 1


def test_who_leaves_for_a_while_can_still_sign_in_and_a_successor_can_be_named():
    gone, heir, lead = member(), member(), member("lead")
    closed_off = put(a_case(), sealed=True)
    granted(closed_off, "assignment", gone)
    left = sight.leave(gone, by=lead, at=NOON, for_good=False, successor=heir)
    assert left.passed == ((closed_off.reference, heir),)
    assert (sees(heir, closed_off), sees(lead, closed_off), sees(gone, closed_off)) == (True, False, False)
    assert Person.objects.get(pk=gone.pk).is_active


def test_a_case_that_is_closed_off_and_has_others_named_is_told_to_nobody():
    gone, stays, lead = member(), member(), member("lead")
    closed_off = put(a_case(), sealed=True)
    for person in (gone, stays):
        granted(closed_off, "assignment", person)
    assert sight.leave(gone, by=lead, at=NOON).passed == ()
    assert not sees(lead, closed_off)


def test_only_a_lead_lets_go_and_never_themselves():
    lead = member("lead")
    with pytest.raises(actions.NotAllowed):
        sight.leave(lead, by=member(), at=NOON)
    with pytest.raises(sight.NotHandedOver):
        sight.leave(lead, by=lead, at=NOON)
    with pytest.raises(actions.NotAllowed, match="your own organisation"):
        sight.leave(lead, by=member_of(organisation("police", of_house=False), "lead"), at=NOON)


# ------------------------------------------------------------------------------------------------------------- identity


@pytest.fixture
def told() -> Case:
    """A case with a name and a way to reach somebody."""
    return cases.open_case(FULL, at=NOON).case


def asked(case: Case, by: Person, at=NOON) -> IdentityRequest:
    return actions.ask_identity(case, "court", "the court wants her address", by=by, at=at)


def test_an_identity_opens_by_two_people_for_a_day_and_every_look_is_logged(told):
    person, custodian = member(), member("custodian")
    with pytest.raises(sight.NotReleased):
        sight.identity_of(told, by=person, at=NOON)
    request = asked(told, person)
    with pytest.raises(sight.NotReleased):
        sight.identity_of(told, by=person, at=NOON)
    actions.release_identity(request.pk, told, by=custodian, at=NOON)
    assert queries.identity_open(told.pk, person, NOON)
    known = sight.identity_of(told, by=person, at=NOON + HOUR)
    assert (known["target"]["name"], known["reporter"]["contact"]) == (NAME, CONTACT)
    assert kinds_in(told)[-3:] == ["identity.asked", "identity.released", "identity.read"]
    assert "address" not in str(ledger.entries_of(told.pk))
    with pytest.raises(sight.NotReleased):
        sight.identity_of(told, by=person, at=NOON + DAY)


def test_what_was_released_to_one_is_closed_to_everybody_else(told):
    person = member()
    actions.release_identity(asked(told, person).pk, told, by=member("lead"), at=NOON)
    for other in (member(), member("lead"), member("custodian")):
        with pytest.raises(sight.NotReleased):
            sight.identity_of(told, by=other, at=NOON)


def test_nobody_releases_what_they_asked_for(told):
    lead = member("lead")
    request = asked(told, lead)
    with pytest.raises(actions.NotYourself, match="two people"):
        actions.release_identity(request.pk, told, by=lead, at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        IdentityRequest.objects.update(decided_by=lead, decided_at=NOON, open_until=NOON + DAY)


@pytest.mark.parametrize("role", ["caseworker", "auditor", "counsel", "monitor", "clerk"])
def test_only_a_custodian_or_a_lead_releases(told, role):
    with pytest.raises(actions.NotAllowed):
        actions.release_identity(asked(told, member()).pk, told, by=member(role), at=NOON)


def test_a_lead_releases_only_in_a_case_they_see_a_custodian_in_any(told):
    person = member()
    put(told, sealed=True)
    granted(told, "assignment", person)
    request = asked(told, person)
    with pytest.raises(actions.NotSeen):
        actions.release_identity(request.pk, told, by=member("lead"), at=NOON)
    actions.release_identity(request.pk, told, by=member("custodian"), at=NOON)
    assert queries.identity_open(told.pk, person, NOON)


def test_an_identity_closes_for_who_does_not_see_the_case_any_more(told):
    person = member()
    actions.release_identity(asked(told, person).pk, told, by=member("lead"), at=NOON)
    put(told, sealed=True)
    with pytest.raises(sight.NotReleased):
        sight.identity_of(told, by=person, at=NOON)


def test_what_was_declined_or_left_for_days_is_not_released(told):
    person, custodian = member(), member("custodian")
    declined = asked(told, person)
    actions.decline_identity(declined.pk, told, by=custodian, at=NOON)
    assert not queries.identity_open(told.pk, person, NOON)
    with pytest.raises(actions.AlreadyDone):
        actions.release_identity(declined.pk, told, by=custodian, at=NOON)
    late = asked(told, person)
    assert list(queries.identities_to_decide(NOON)) == [late]
    assert not queries.identities_to_decide(NOON + 3 * DAY).exists()
    with pytest.raises(actions.AlreadyDone):
        actions.release_identity(late.pk, told, by=custodian, at=NOON + 3 * DAY)


@pytest.mark.parametrize(
    ("role", "purpose", "reason", "refusal"),
    [
        pytest.param("auditor", "review", "to review the case", actions.NotAllowed, id="a-role-that-never-asks"),
        pytest.param("caseworker", "review", "to review the case", actions.NotAllowed, id="not-their-purpose"),
        pytest.param("caseworker", "fun", "to look at something", actions.NoReason, id="no-such-purpose"),
        pytest.param("caseworker", "court", "because", actions.NoReason, id="hardly-a-reason"),
    ],
)
def test_who_asks_says_what_for_and_why(told, role, purpose, reason, refusal):
    with pytest.raises(refusal):
        actions.ask_identity(told, purpose, reason, by=member(role), at=NOON)
    assert not IdentityRequest.objects.exists()


def test_who_does_not_see_a_case_does_not_ask_who_it_is_about(told):
    with pytest.raises(actions.NotSeen):
        asked(told, member_of(organisation("police", of_house=False)))


# --------------------------------------------------------------------------------------------------------- service keys


def made_key(**more: object) -> tuple[ServiceKey, str]:
    told = {"scopes": ["see_figures"], "expires_at": NOON + 30 * DAY, **more}
    return actions.make_key(organisation("regulator"), "figures", by=member("lead"), at=NOON, **told)


def test_a_programs_key_opens_what_it_was_made_for_until_it_ends():
    key, token = made_key()
    found = queries.key_of(f"Bearer {token}", NOON + DAY)
    assert found == key
    assert queries.allows(found, "see_figures")
    assert not queries.allows(found, "ask_registry")
    assert not queries.allows(found, "open_case")
    assert queries.key_of(f"Bearer {token}", NOON + 30 * DAY) is None
    assert queries.key_of(f"Bearer {token}", NOON - HOUR) is None
    actions.revoke_key(key.pk, by=member("lead"), at=NOON + DAY)
    assert queries.key_of(f"Bearer {token}", NOON + DAY) is None
    with pytest.raises(actions.AlreadyDone):
        actions.revoke_key(key.pk, by=member("lead"), at=NOON + DAY)


def test_the_secret_of_a_key_is_stored_nowhere():
    key, token = made_key()
    secret = token.removeprefix(f"hbs_{key.prefix}_")
    assert len(secret) >= 43
    row = ServiceKey.objects.filter(pk=key.pk).values().get()
    assert secret not in str(row)
    assert secret not in str([bytes(entry.body) for entry in Entry.objects.all()])


def test_a_header_that_carries_no_key_that_holds_is_nobodys():
    key, token = made_key()
    _, other = made_key()
    swapped = f"hbs_{key.prefix}_{other.rsplit('_', 1)[-1]}"
    headers = [
        "", "Bearer", token, f"Basic {token}", f"Bearer {token[:-1]}", f"Bearer {token}x", f"Bearer {swapped}",
        f"Bearer hbs_{key.prefix}_", "Bearer hbs_", "Bearer hbp_x", "Bearer " + "x" * 10_000, "Bearer hbs_é_x",
    ]  # fmt: skip
    assert [header for header in headers if queries.key_of(header, NOON) is not None] == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        pytest.param({"scopes": []}, "a key is for some of", id="for-nothing"),
        pytest.param({"scopes": ["open_case"]}, "a key is for some of", id="for-what-people-do"),
        pytest.param({"expires_at": NOON}, "ends within", id="over-at-once"),
        pytest.param({"expires_at": NOON + 500 * DAY}, "ends within", id="for-ever"),
    ],
)
def test_a_key_that_opens_too_much_or_nothing_is_not_made(more, words):
    with pytest.raises(actions.NotGiven, match=words):
        made_key(**more)


def test_keys_of_programs_are_a_leads_to_make():
    with pytest.raises(actions.NotAllowed):
        actions.make_key(organisation(), "x", ["see_figures"], NOON + DAY, by=member(), at=NOON)


def test_a_scope_that_services_lost_opens_nothing():
    key, _ = made_key()
    key.scopes = ["erase_case"]
    assert not queries.allows(key, "erase_case")


# ----------------------------------------------------------------------------------------------- organisations, deletes


def test_an_organisation_is_written_down_with_its_kind():
    made = actions.add_organisation("Police of Examplia", "police", of_house=False, at=NOON)
    assert (made.kind, made.of_house) == ("police", False)
    assert Entry.objects.filter(kind="organisation.added").count() == 1
    with pytest.raises(actions.NotGiven, match="no kind of organisation"):
        actions.add_organisation("A Club", "club", of_house=False, at=NOON)


# Where rows go, and why that loses nothing: everything else is only ever added to or ended.
ROWS_GO = {
    "remedies/progress.py": 1,  # approvals of a step whose plan changed: the log keeps who approved
    "remedies/actions.py": 2,
    "remedies/wording.py": 1,  # approvals of words that changed
    "store/rounds.py": 1,  # jobs that are done
    "evidence/watching.py": 2,  # an appointment to look again
    "evidence/erasing.py": 2,  # stamps never given and appointments of a case that is erased
    "exposure/actions.py": 5,  # readings that are made anew, and the registry of what was erased or withdrawn
    "cases/unsent.py": 3,  # what somebody began to tell and did not send: it goes with their visit
}
TABLES = {
    "cases_unsentfile", "cases_unsentpiece", "cases_unsentreport", "django_session", "evidence_stamp", "evidence_watch",
    "exposure_exposure", "exposure_knownentry", "exposure_knownidentifier", "exposure_reading", "exposure_signal",
    "remedies_approval", "store_job",
}  # fmt: skip
PACKAGE = Path(actions.__file__).parents[1]


def deletions(file: Path) -> int:
    """How often rows are deleted in a file: ``.delete()`` of a model or of a question, or SQL that does it."""
    count = 0
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            bare = not node.args and not node.keywords
            count += (node.func.attr == "delete" and bare) or node.func.attr == "_raw_delete"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            count += node.value.upper().startswith(("DELETE FROM ", "TRUNCATE ", "DROP TABLE "))
    return count


def test_nothing_is_deleted_but_what_is_listed_here():
    files = [file for file in PACKAGE.rglob("*.py") if "migrations" not in file.parts]
    found = {file.relative_to(PACKAGE).as_posix(): n for file in files if (n := deletions(file))}
    assert found == ROWS_GO, "say above why the rows may go, or end them instead"


def test_what_goes_takes_along_nothing_that_is_not_listed():
    """A row that goes takes those along that hang on it."""
    hang_on = {
        field.model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.fields
        if field.remote_field
        and field.remote_field.on_delete is CASCADE
        and field.related_model._meta.db_table in TABLES
    }
    assert hang_on <= TABLES


def test_the_decision_names_every_table_in_which_rows_go():
    text = (PACKAGE.parents[1] / "docs" / "decisions" / "0019-a-case-is-seen-by-grant.md").read_text()
    assert set(re.findall(r"`([a-z]+_[a-z]+)`", text)) == TABLES
    assert {m._meta.db_table for m in apps.get_models(include_auto_created=True)} >= TABLES


@pytest.mark.parametrize("role", ROLES)
def test_no_role_has_a_right_of_django_to_delete(role):
    person = member(role)
    assert not person.is_superuser
    assert not any("delete" in right for right in person.get_all_permissions())

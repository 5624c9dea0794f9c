"""Who sees a case: the tables against sentences that were written down apart from them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.access.core.permissions import MAY, ROLES
from habeas.access.core.policy import PURPOSES
from habeas.access.core.visibility import (
    ABOUT,
    GRANTS,
    RULES,
    SERVES,
    STATES,
    TEAM_SEES,
    Sight,
    reaches,
    rule_for,
    sees,
)

KINDS = (*RULES, *GRANTS)


@dataclass(frozen=True)
class Asked:
    """Somebody of a role, who sees a case for one reason, asks to do something in it."""

    role: str
    kind: str
    named: bool
    purposes: frozenset[str]
    action: str
    closed: bool
    sealed: bool


READING = {"open_case", "read_item", "ask_identity"}
CHANGING = {
    "state_fact", "approve_measure", "withdraw_measure", "write_letter", "send_measure", "note_answer", "note_consent",
    "escalate_measure", "decide_contest", "write_to_person", "decide_sighting", "capture_page",
}  # fmt: skip
TAKING_OUT = {"export_bundle", "hand_over", "mark_copy"}
ENDING = {"close_case", "place_hold", "lift_hold", "erase_case"}
LETTING_IN = {"take_case", "hand_over_cases", "give_access", "seal_case", "unseal_case"}


def purposes_left(q: Asked) -> set[str]:
    """What is left of the purposes, said the other way round: what each role and each act is never for."""
    left = set(q.purposes or PURPOSES)
    never = {"caseworker": {"review", "erase"}, "clerk": set(PURPOSES) - {"court"}}
    never["counsel"] = {"receive", "preserve", "help", "assess", "partner", "review", "erase"}
    left -= never.get(q.role, set())
    if q.action in READING:
        left -= {"receive", "erase"}
    if q.action in CHANGING:
        left -= {"receive", "court", "authority", "partner", "review", "erase"}
    if q.action in TAKING_OUT:
        left -= {"receive", "preserve", "assess", "erase"}
    if q.action in ENDING:
        left -= {"receive", "assess", "remedy", "partner", "review"}
    if q.action in LETTING_IN:
        left -= {"receive", "preserve", "court", "authority", "partner", "review", "erase"}
    return left


# Whatever none of these refuses is allowed.
REFUSALS: list[tuple[str, Callable[[Asked], bool]]] = [
    (
        "Auditors, custodians, monitors and programs see no case.",
        lambda q: q.role in {"auditor", "custodian", "monitor", "service"},
    ),
    (
        "A clerk opens a case and reads what is in it, and that is all.",
        lambda q: q.role == "clerk" and q.action not in {"open_case", "read_item"},
    ),
    (
        "Counsel does that too, and takes a bundle along.",
        lambda q: q.role == "counsel" and q.action not in {"open_case", "read_item", "export_bundle"},
    ),
    (
        "Only a lead lifts a hold, erases, lets others in and opens up what was closed off.",
        lambda q: q.action in {"lift_hold", "erase_case", "give_access", "unseal_case"} and q.role != "lead",
    ),
    (
        "Counsel comes in as counsel, and nobody else does.",
        lambda q: (q.role == "counsel") != (q.kind == "counsel"),
    ),
    (
        "A clerk comes in under an agreement or with an operation.",
        lambda q: q.role == "clerk" and q.kind not in {"agreement", "operation"},
    ),
    (
        "In a case that is closed off, the rules of the house let nobody in.",
        lambda q: q.sealed and q.kind in {"owner", "unowned", "colleague"},
    ),
    (
        "Nor does what was given to an organisation or an operation: a person must be named.",
        lambda q: q.sealed and not q.named,
    ),
    (
        "An agreement lets read and nothing else.",
        lambda q: q.kind == "agreement" and q.action not in READING,
    ),
    (
        "Whoever comes in an emergency reads and acts, takes nothing out, ends nothing, lets nobody in.",
        lambda q: q.kind == "break_glass" and q.action not in READING | CHANGING,
    ),
    (
        "An operation reads, acts and takes out what it needs; it ends nothing and lets nobody in.",
        lambda q: q.kind == "operation" and q.action in ENDING | LETTING_IN,
    ),
    (
        "Once a case is closed, an operation and an emergency only read.",
        lambda q: q.closed and q.kind in {"operation", "break_glass"} and q.action not in READING,
    ),
    (
        "Nobody does anything for which no purpose is left that their role, the act and the grant have in common.",
        lambda q: not purposes_left(q),
    ),
]


def allowed(q: Asked) -> bool:
    return not any(refuses(q) for _sentence, refuses in REFUSALS)


def answer(q: Asked) -> bool:
    sight = Sight(q.kind, q.named, q.purposes)
    return sees(q.role, [sight], state="closed" if q.closed else "open", sealed=q.sealed, action=q.action)


def test_every_role_reason_state_and_action_agrees_with_the_sentences():
    for_what = [frozenset(), *(frozenset({purpose}) for purpose in PURPOSES)]
    every = product(ROLES, KINDS, (False, True), for_what, ABOUT, (False, True), (False, True))
    wrong = [q for q in (Asked(*row) for row in every) if answer(q) != allowed(q)]
    assert wrong == []


def test_each_sentence_refuses_something_that_no_other_one_does():
    every = product(ROLES, KINDS, (False, True), [frozenset(), frozenset({"review"})], ABOUT, (0, 1), (0, 1))
    alone = set()
    for row in every:
        refusing = [sentence for sentence, refuses in REFUSALS if refuses(Asked(*row))]
        if len(refusing) == 1:
            alone |= set(refusing)
    assert alone == {sentence for sentence, _refuses in REFUSALS}


def test_a_hundred_thousand_random_questions_agree_with_the_sentences():
    chance, yes = random.Random(20261123), 0  # noqa: S311 (a sample that is the same each time)
    actions = sorted(ABOUT)
    for _ in range(100_000):
        role, action = chance.choice(ROLES), chance.choice(actions)
        state, sealed = chance.choice(STATES), chance.random() < 0.4
        held = [
            (
                chance.choice(KINDS),
                chance.random() < 0.5,
                frozenset(chance.sample(PURPOSES, chance.choice((0, 0, 1, 3)))),
            )
            for _ in range(chance.randint(0, 4))
        ]
        wanted = any(allowed(Asked(role, *one, action, state == "closed", sealed)) for one in held)
        found = sees(role, [Sight(*one) for one in held], state=state, sealed=sealed, action=action)
        assert found is wanted, (role, held, action, state, sealed)
        yes += found
    assert yes > 5_000, "a test that only ever hears no says little"


sights = st.builds(Sight, st.sampled_from(KINDS), st.booleans(), st.frozensets(st.sampled_from(PURPOSES), max_size=3))


@given(
    st.sampled_from(ROLES),
    st.lists(sights, max_size=4),
    sights,
    st.sampled_from(STATES),
    st.sampled_from(sorted(ABOUT)),
)
def test_one_more_reason_never_takes_anything_away(role, held, more, state, action):
    for sealed in (False, True):
        before = sees(role, held, state=state, sealed=sealed, action=action)
        assert sees(role, [*held, more], state=state, sealed=sealed, action=action) or not before


@given(st.sampled_from(ROLES), st.lists(sights, max_size=4), st.sampled_from(STATES), st.sampled_from(sorted(ABOUT)))
def test_closing_a_case_off_never_lets_anybody_in(role, held, state, action):
    assert sees(role, held, state=state, sealed=False, action=action) or not sees(
        role, held, state=state, sealed=True, action=action
    )


@given(st.sampled_from(ROLES), st.lists(sights, max_size=4), st.sampled_from(STATES), st.sampled_from(sorted(ABOUT)))
def test_whoever_does_anything_in_a_case_could_open_it(role, held, state, action):
    for sealed in (False, True):
        if sees(role, held, state=state, sealed=sealed, action=action) and not any(one.purposes for one in held):
            assert sees(role, held, state=state, sealed=sealed, action="open_case")


def test_without_a_reason_nobody_sees_anything():
    for action, role, state, sealed in product(ABOUT, ROLES, STATES, (False, True)):
        assert not sees(role, [], state=state, sealed=sealed, action=action)


def test_every_action_is_about_one_case_or_about_the_house():
    house = {
        "see_queue", "keep_directory", "ask_registry", "trace_copy", "replay_reform", "see_dead_jobs", "revive_job",
        "read_ledger", "break_glass", "review_alarm", "release_identity", "let_go", "keep_service_keys", "see_figures",
        "take_in_report", "take_call", "see_board",
    }  # fmt: skip
    assert set(MAY) - house == set(ABOUT), "say in visibility.py what the new action does to a case"
    assert set(ABOUT) == READING | CHANGING | TAKING_OUT | ENDING | LETTING_IN
    assert set(SERVES) == set(ABOUT.values())


def test_an_action_about_no_case_is_a_mistake_not_a_yes():
    with pytest.raises(KeyError):
        sees("lead", [Sight("owner")], state="open", sealed=False, action="read_ledger")


def test_a_role_nobody_defined_sees_nothing():
    assert not reaches("stranger", [Sight("owner")], state="open", sealed=False, act="read")


HOUSE, OTHERS = 1, 2
MEMBER, COLLEAGUE = 7, 8

# Who the case is with (null: nobody), of which organisation (null: not known, which is the house); then which rule lets
# in a member of the house, and one of an organisation that only has seats here, under each setting of the house.
RULE_TABLE = [
    # owner, organisation      organisation             unowned              granted
    ((MEMBER, None), ("owner", "owner"), ("owner", "owner"), ("owner", "owner")),
    ((None, None), ("unowned", None), ("unowned", None), (None, None)),
    ((COLLEAGUE, "own"), ("colleague", "colleague"), (None, None), (None, None)),
    ((COLLEAGUE, "another"), (None, None), (None, None), (None, None)),
    ((COLLEAGUE, None), ("colleague", None), (None, None), (None, None)),
]


@pytest.mark.parametrize(("case", "rules"), [(row[0], row[1:]) for row in RULE_TABLE])
def test_the_rules_of_the_house_let_in_whom_they_say(case, rules):
    owner, whose = case
    for setting, wanted in zip(TEAM_SEES, rules, strict=True):
        for of_house, rule in zip((True, False), wanted, strict=True):
            own = HOUSE if of_house else OTHERS
            owners = {"own": own, "another": 3, None: None}[whose]
            found = rule_for(
                "caseworker", member=MEMBER, organisation=own, of_house=of_house, owner=owner,
                owners_organisation=owners, team_sees=setting,
            )  # fmt: skip
            assert found == rule, (setting, of_house)


def test_where_all_is_granted_leads_still_see_what_came_in():
    found = rule_for(
        "lead", member=7, organisation=1, of_house=True, owner=None, owners_organisation=None, team_sees="granted"
    )
    assert found == "unowned"


def test_a_setting_nobody_defined_is_named():
    with pytest.raises(ValueError, match="HABEAS_TEAM_SEES is 'all'"):
        rule_for("lead", member=7, organisation=1, of_house=True, owner=None, owners_organisation=None, team_sees="all")

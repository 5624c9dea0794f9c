"""Provisions on a case: outcomes, days, reach, and traces that say the same as the outcome."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories.law import XA, provision
from habeas.law.core import packs
from habeas.law.core.engine import Situation, assess, in_force, outcome_of
from habeas.law.core.model import TIES, Known, Provision, Remedy, Ties
from habeas.law.core.packs import parse_rule

DAY = date(2026, 3, 6)
TODAY = date(2026, 11, 23)
TRUTHS = [True, False, None]
DECIDED = {"met", "exempt", "not_met", "not_in_force", "out_of_reach"}
REAL = [p for code in ("EU", "NL", "GB", "US") for p in packs.load_pack(code).provisions]


def situation(facts: dict[str, bool | None], places: object = ("XA",), on: date = DAY, asked: date = DAY) -> Situation:
    known = {key: Known(key, truth, "person", "told") for key, truth in facts.items()}
    ties = Ties(dict.fromkeys(TIES, frozenset(places))) if places is not None else Ties({})
    return Situation(known, ties, on, asked)


def judge(law: Provision, facts: dict[str, bool | None], **how: object):
    vocabulary = packs.load_vocabulary()
    return assess([law], situation(facts, **how), vocabulary, {**packs.jurisdictions(), **XA})[0]


# The table of decision 0003, with reach and dates known.
LADDER = {
    (True, False): "met",
    (True, None): "possibly_exempt",
    (True, True): "exempt",
    (None, False): "possible",
    (None, None): "possible",
    (None, True): "possibly_exempt",
    (False, False): "not_met",
    (False, None): "not_met",
    (False, True): "not_met",
}


@pytest.mark.parametrize(("answers", "outcome"), LADDER.items())
def test_elements_and_exemptions_make_the_outcome(answers, outcome):
    assert outcome_of(True, True, *answers) == outcome


def test_no_refinement_of_four_answers_reverses_a_decided_outcome():
    for state in product(TRUTHS, repeat=4):
        if outcome_of(*state) not in DECIDED:
            continue
        for place in range(4):
            if state[place] is None:
                for learnt in (True, False):
                    later = (*state[:place], learnt, *state[place + 1 :])
                    changed = outcome_of(*later)
                    # Which of several reasons for "no" is said first may vary.
                    assert changed == outcome_of(*state) or {changed, outcome_of(*state)} <= {
                        "not_in_force",
                        "out_of_reach",
                        "not_met",
                    }


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(REAL), st.data())
def test_learning_a_fact_never_reverses_a_real_provision(law, data):
    keys = sorted(packs.load_vocabulary())
    facts = data.draw(st.dictionaries(st.sampled_from(keys), st.booleans(), max_size=60))
    before = judge(law, facts, places=(law.jurisdiction,), on=TODAY, asked=TODAY)
    if before.outcome in DECIDED:
        # A fact that follows from others may be stated otherwise later: that is a contradiction, not learning.
        key = data.draw(st.sampled_from([k for k in keys if k not in facts and not _implied(k)]))
        learnt = {**facts, key: data.draw(st.booleans())}
        after = judge(law, learnt, places=(law.jurisdiction,), on=TODAY, asked=TODAY)
        assert after.outcome == before.outcome


def _implied(key: str) -> bool:
    vocabulary = packs.load_vocabulary()
    return bool(vocabulary[key].implies) or any(key in other.implies for other in vocabulary.values())


@pytest.mark.parametrize(
    ("changes", "on", "valid"),
    [
        pytest.param({}, date(2019, 12, 31), False, id="a-day-before-the-law"),
        pytest.param({}, date(2020, 1, 1), True, id="on-its-first-day"),
        pytest.param({"in_force_to": date(2024, 1, 1)}, date(2023, 12, 31), True, id="on-its-last-day"),
        pytest.param({"in_force_to": date(2024, 1, 1)}, date(2024, 1, 1), False, id="the-first-day-without-it"),
        pytest.param({"status": "enacted"}, date(2026, 1, 1), False, id="enacted-is-not-in-force"),
        pytest.param({"in_force_from": date(2026, 12, 1)}, date(2026, 11, 30), False, id="sure-to-begin-tomorrow"),
        pytest.param({"status": "repealed"}, date(2026, 1, 1), False, id="repealed-on-a-day-nobody-recorded"),
        pytest.param({"in_force_from": None}, date(2025, 1, 1), True, id="no-start-date-but-read-as-law-that-day"),
        pytest.param({"in_force_from": None}, date(2024, 12, 31), None, id="no-start-date-and-earlier-is-unknown"),
    ],
)
def test_law_is_dated(changes, on, valid):
    assert in_force(provision(**changes), on) is valid


def test_conduct_is_judged_by_the_law_of_its_day_and_requests_by_that_of_asking():
    days = {"on": date(2019, 6, 1), "asked": DAY}
    facts = {"act.disclosed": True}
    assert judge(provision(), facts, **days).outcome == "not_in_force"
    assert judge(provision(judged_on="request"), facts, **days).outcome == "met"


def test_a_start_date_never_recorded_stops_at_possible():
    finding = judge(provision(in_force_from=None), {"act.disclosed": True}, on=date(2024, 1, 1), asked=DAY)
    assert (finding.outcome, finding.missing) == ("possible", ("in_force_from",))


def test_a_provision_out_of_reach_says_so_and_an_unknown_tie_keeps_it_open():
    facts = {"act.disclosed": True}
    assert judge(provision(), facts, places=("NL",)).outcome == "out_of_reach"
    unknown = judge(provision(), facts, places=None)
    assert (unknown.outcome, unknown.missing) == ("possible", ("reach.target_lives",))


def test_whether_the_person_is_a_resident_follows_from_where_they_live():
    law = provision({"all": ["act.disclosed", "subject.resident"]}, reach=("doer_acts",))
    vocabulary, jurisdictions = packs.load_vocabulary(), {**packs.jurisdictions(), **XA}
    told = {"act.disclosed": Known("act.disclosed", True, "person", "told")}
    for lives, outcome in (("XA", "met"), ("NL", "not_met")):
        ties = Ties({"target_lives": frozenset({lives}), "doer_acts": frozenset({"XA"})})
        finding = assess([law], Situation(told, ties, DAY, DAY), vocabulary, jurisdictions)[0]
        assert finding.outcome == outcome


def test_content_is_illegal_where_a_rule_on_conduct_of_the_same_law_is_met():
    duty = provision("content.illegal", id="xa.duty.1", track="platform-duty")
    facts = {"act.disclosed": True}
    both = assess([duty, provision()], situation(facts), packs.load_vocabulary(), {**packs.jurisdictions(), **XA})
    assert [finding.outcome for finding in both] == ["met", "met"]
    alone = assess([duty], situation(facts), packs.load_vocabulary(), {**packs.jurisdictions(), **XA})
    assert alone[0].outcome == "possible"


def test_what_a_person_said_of_illegality_stands():
    duty = provision("content.illegal", id="xa.duty.1", track="platform-duty")
    facts = {"act.disclosed": True, "content.illegal": False}
    both = assess([provision(), duty], situation(facts), packs.load_vocabulary(), {**packs.jurisdictions(), **XA})
    assert both[1].outcome == "not_met"


@settings(max_examples=20, deadline=None)
@given(st.randoms(), st.dictionaries(st.sampled_from(sorted(packs.load_vocabulary())), st.booleans(), max_size=50))
def test_the_order_of_provisions_and_facts_changes_no_finding(chance, facts):
    shuffled, items = REAL[:], list(facts.items())
    chance.shuffle(shuffled)
    chance.shuffle(items)
    args = (packs.load_vocabulary(), packs.jurisdictions())
    one = {f.provision.id: f for f in assess(REAL, situation(facts, places=("NL", "US", "GB")), *args)}
    other = {f.provision.id: f for f in assess(shuffled, situation(dict(items), places=("NL", "US", "GB")), *args)}
    assert one == other


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(packs.load_vocabulary())), st.booleans(), max_size=50))
def test_a_trace_says_what_the_finding_says(facts):
    for finding in assess(REAL, situation(facts, places=("NL", "US")), packs.load_vocabulary(), packs.jurisdictions()):
        labels = {part.label.split(" on ")[0]: part.truth for part in finding.trace.parts}
        assert labels["elements"] is finding.elements
        assert labels["exemptions"] is finding.exemptions
        assert labels["reaches this case"] is finding.reach
        assert bool(finding.missing) is (finding.outcome in {"possible", "possibly_exempt"})


def test_a_trace_names_who_said_what():
    finding = judge(provision({"all": ["act.disclosed", "intent.fear"]}), {"act.disclosed": True})
    leaves = finding.trace.parts[2].parts[0].parts
    assert [(leaf.label, leaf.truth) for leaf in leaves] == [("act.disclosed", True), ("intent.fear", None)]
    assert "person: told" in leaves[0].because
    assert "nobody has said yet" in leaves[1].because


def test_what_fails_is_named():
    finding = judge(provision({"all": ["act.disclosed", "intent.fear"]}), {"act.disclosed": True, "intent.fear": False})
    assert (finding.outcome, finding.failing) == ("not_met", ("intent.fear",))


def test_nothing_is_missing_on_the_day_after_tomorrow_that_was_not_missing_today():
    law = provision()
    today, later = judge(law, {}), judge(law, {}, on=DAY + timedelta(days=2), asked=DAY + timedelta(days=2))
    assert today.missing == later.missing


LIMBS = {
    "any": [
        {"all": ["act.disclosed"], "unless": "exempt.journalism"},
        {"all": ["act.threatened", "intent.fear"]},
    ]
}


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        pytest.param({"act.disclosed": True, "exempt.journalism": True, "intent.fear": False}, "exempt", id="defeated"),
        pytest.param({"act.disclosed": True, "exempt.journalism": False}, "met", id="not-defeated"),
        pytest.param({"act.disclosed": True}, "possibly_exempt", id="open-exemption"),
        pytest.param(
            {
                "act.disclosed": True,
                "exempt.journalism": True,
                "act.threatened": True,
                "intent.fear": True,
            },
            "met",
            id="the-other-limb-stands",
        ),
        pytest.param(
            {"act.disclosed": True, "exempt.journalism": True}, "possibly_exempt", id="the-other-limb-is-open"
        ),
        pytest.param({"act.disclosed": False, "intent.fear": False}, "not_met", id="no-limb"),
        pytest.param({"exempt.journalism": True}, "possible", id="nothing-known-of-the-act"),
    ],
)
def test_a_limbs_exemption_defeats_that_limb_alone(facts, outcome):
    finding = judge(provision(LIMBS), facts)
    assert finding.outcome == outcome
    assert [part.label for part in finding.trace.parts] == [
        "in force on 2026-03-06",
        "reaches this case",
        "elements",
        "exemptions",
    ]
    assert finding.trace.parts[3].truth is finding.exemptions


def test_a_remedy_says_whether_its_own_condition_holds():
    remedies = (Remedy("removal", "victim", "platform", condition=parse_rule("data.intimate_image")),)
    law = provision(remedies=remedies)
    seen = [judge(law, {"act.disclosed": True, "data.intimate_image": truth}).opens[0] for truth in TRUTHS]
    assert [(opening.condition, opening.missing) for opening in seen] == [
        (True, ()),
        (False, ()),
        (None, ("data.intimate_image",)),
    ]


def test_a_shield_says_so_and_is_judged_like_any_other():
    assert judge(provision(effect="shield"), {"act.disclosed": True}).outcome == "met"


def test_only_what_is_trusted_makes_content_illegal_for_others():
    crime = provision("act.disclosed")
    duty = provision("content.illegal", id="xa.act.2", track="platform-duty")
    case = situation({"act.disclosed": True})
    for trusted, outcome in ((None, "met"), (frozenset({"xa.act.1"}), "met"), (frozenset(), "possible")):
        found = assess([crime, duty], case, packs.load_vocabulary(), XA, trusted)
        assert [finding.outcome for finding in found] == ["met", outcome]

"""From findings to a plan: order, grounds, exemptions, clocks, and what is left out. Examplia (XA) is made up."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habeas.kernel.calendars import Period
from habeas.law.core.model import Finding, Jurisdiction, Opening, Provision, Remedy, Rule, Ties, TraceNode
from habeas.law.core.packs import jurisdictions, load_pack
from habeas.remedies.core.catalogue import catalogue
from habeas.remedies.core.model import PHASES, PostingView
from habeas.remedies.core.plan import UNCHECKED_SOURCE, plan

TODAY = date(2026, 11, 23)
HERE = Ties({"target_lives": frozenset({"XA"})})
LIVE = PostingView("https://chirper.example/1", "Chirper", frozenset({"XA"}), "live")


def remedy(type_="removal", from_="platform", sought_by="victim", within=None, text=None, **more):
    return Remedy(type_, sought_by, from_, within and Period.parse(within), text, **more)


def provision(id_="xa.act.1", *remedies, jurisdiction="XA", track="civil", **changes):
    made = Provision(
        id=id_,
        jurisdiction=jurisdiction,
        citation=f"Act of {jurisdiction}, {id_.rpartition('.')[2]}",
        title="Publishing where someone lives",
        track=track,
        status="in_force",
        in_force_from=date(2020, 1, 1),
        in_force_to=None,
        as_of=TODAY,
        summary="An invented rule.",
        elements=Rule("fact", fact="act.disclosed"),
        exemptions=Rule("fact", fact="exempt.journalism"),
        reach=("target_lives",),
        judged_on="act",
        penalty=None,
        remedies=remedies or (remedy(),),
        limitation=None,
        foreseeability=None,
        source="https://law.example/xa/1",
        confidence="high",
        notes=None,
    )
    return replace(made, **changes)


def finding(outcome, of=None, missing=("intent.fear",), failing=(), condition=True, **changes):
    law = of or provision()
    held = outcome == "exempt"
    leaf = TraceNode("exempt.journalism", True if held else None, "")
    trace = TraceNode("act", None, "", (TraceNode("exemptions", leaf.truth, "one is enough", (leaf,)),))
    made = Finding(
        provision=law,
        outcome=outcome,
        on=TODAY,
        elements=None,
        exemptions=None,
        reach=True,
        missing=missing if outcome in {"possible", "possibly_exempt"} else (),
        failing=failing,
        trace=trace,
        opens=tuple(
            Opening(each, condition, () if condition is not None else ("act.recorded",)) for each in law.remedies
        ),
    )
    return replace(made, **changes)


def planned(*findings, ties=HERE, postings=(LIVE,), wishes=None, danger=False, **more):
    return plan(findings, ties=ties, postings=postings, wishes=wishes, danger=danger, today=TODAY, **more)


def measures(made, remedy_id):
    return [measure for measure in made.measures if measure.remedy == remedy_id]


def the(made, remedy_id):
    (measure,) = measures(made, remedy_id)
    return measure


# Order and what is always there


def test_our_own_capture_comes_first_even_without_any_law():
    made = planned()
    assert [measure.remedy for measure in made.measures] == ["seal-evidence", "platform-terms-report"]
    assert made.measures[0].readiness == "ready"
    assert not made.measures[0].consent_needed


def test_nothing_is_sent_to_a_service_before_there_is_a_link():
    made = planned(finding("met"), postings=())
    notice = the(made, "platform-notice")
    assert notice.readiness == "blocked"
    assert notice.needs == ("posting.url",)
    assert measures(made, "platform-terms-report") == []


@pytest.mark.parametrize("danger", [True, False, None])
def test_danger_never_takes_down_before_it_keeps(danger):
    rules = provision(
        "xa.act.1",
        remedy(),
        remedy("restraining_order", "court"),
        remedy("preservation", "platform", "prosecutor"),
        remedy("account_disclosure", "court"),
        remedy("damages", "court"),
    )
    made = planned(finding("met", rules), danger=danger)
    assert list(dict.fromkeys(measure.phase for measure in made.measures)) == list(PHASES)


def test_danger_puts_the_emergency_number_before_every_letter():
    made = planned(finding("met", provision("xa.act.1", remedy("restraining_order", "court"))), danger=True)
    assert all("emergency number first" in measure.warnings[0] for measure in made.measures)
    assert the(made, "restraining-order").why.startswith("Someone is in danger now")
    assert "emergency number" in made.notes[0]


def test_unknown_danger_is_asked_about_and_not_read_as_none():
    assert "ask that first" in planned(danger=None).notes[0]


# Grounds and readiness


def test_provisions_of_two_countries_become_one_notice():
    made = planned(
        finding("met", provision("xa.act.1")),
        finding("possible", provision("xb.act.2", jurisdiction="XB")),
        ties=Ties({"target_lives": frozenset({"XA", "XB"})}),
    )
    notice = the(made, "platform-notice")
    assert [(ground.provision, ground.outcome) for ground in notice.grounds] == [
        ("xa.act.1", "met"),
        ("xb.act.2", "possible"),
    ]
    assert notice.readiness == "ready"
    assert notice.needs == ()


def test_a_possible_finding_makes_a_measure_that_asks_for_its_facts():
    notice = the(planned(finding("possible", missing=("intent.fear", "harm.fear"))), "platform-notice")
    assert notice.readiness == "needs_facts"
    assert notice.needs == ("intent.fear", "harm.fear")


def test_only_the_ground_nearest_to_carrying_the_measure_is_asked_about():
    made = planned(
        finding("possible", provision("xa.act.1"), missing=("a.one", "a.two")),
        finding("possible", provision("xa.act.2"), missing=("b.one",)),
    )
    assert the(made, "platform-notice").needs == ("b.one",)


def test_a_notice_does_not_wait_for_the_service_to_be_notified():
    made = planned(finding("possible", provision("xa.act.1"), missing=("service.notified",)))
    notice = the(made, "platform-notice")
    assert (notice.readiness, notice.needs) == ("ready", ())


def test_the_sentence_names_what_is_met_and_not_what_may_be():
    made = planned(finding("possible", provision("xa.act.1")), finding("met", provision("xa.act.2")))
    assert the(made, "platform-notice").why.startswith("Act of XA, 2 is met: ")


def test_a_source_that_was_not_checked_is_said():
    notice = the(planned(finding("met", provision(confidence="low"))), "platform-notice")
    assert any(UNCHECKED_SOURCE in warning for warning in notice.warnings)
    assert not any(UNCHECKED_SOURCE in warning for warning in the(planned(finding("met")), "platform-notice").warnings)


def test_criminal_findings_make_one_report_in_each_country():
    made = planned(
        finding("met", provision("xa.penal.1", track="criminal", remedies=())),
        finding("possible", provision("xa.penal.2", track="criminal", remedies=())),
        finding("met", provision("xb.penal.1", jurisdiction="XB", track="criminal", remedies=())),
    )
    reports = measures(made, "police-report")
    assert [(report.addressee.jurisdiction, len(report.grounds)) for report in reports] == [("XA", 2), ("XB", 1)]
    assert all(report.consent_needed for report in reports)


def test_union_law_is_claimed_before_the_court_at_home():
    made = planned(
        finding("met", provision("eu.act.1", remedy("damages", "court"), jurisdiction="EU")),
        finding("met", provision("nl.act.1", remedy("damages", "court"), jurisdiction="NL")),
        ties=Ties({"target_lives": frozenset({"NL"})}),
    )
    claim = the(made, "damages-claim")
    assert claim.addressee.jurisdiction == "NL"
    assert len(claim.grounds) == 2


def test_where_nobody_knows_the_home_the_measure_says_so():
    made = planned(
        finding("met", provision("eu.act.1", remedy("damages", "court"), jurisdiction="EU")), ties=Ties({})
    )  # fmt: skip
    claim = the(made, "damages-claim")
    assert claim.addressee.jurisdiction == "EU"
    assert any("ask where the person lives" in warning for warning in claim.warnings)


def test_a_regulator_has_its_name_where_its_pack_gives_one():
    place = Jurisdiction("XA", "Examplia", (), ("en",), {"name": "Examplian Data Authority"})
    rules = provision("xa.act.1", remedy("compliance_order", "regulator"))
    bare, named = planned(finding("met", rules)), planned(finding("met", rules), jurisdictions={"XA": place})
    assert the(named, "regulator-complaint").addressee.name == "Examplian Data Authority"
    assert the(named, "regulator-complaint").key == the(bare, "regulator-complaint").key


# Services


def test_a_provision_that_follows_the_service_reaches_only_services_there():
    rules = provision(reach=("service_in",))
    here, there = LIVE, PostingView("https://other.example/1", "Other", frozenset({"XB"}), "live")
    unknown = PostingView("https://paste.example/1", "Paste", frozenset(), "live")
    made = planned(
        finding("met", rules),
        ties=Ties({"service_in": frozenset({"XA", "XB"})}),
        postings=(here, there, unknown),
    )
    assert {m.addressee.name: (m.readiness, m.needs) for m in measures(made, "platform-notice")} == {
        "Chirper": ("ready", ()),
        "Paste": ("needs_facts", ("reach.service_in",)),
    }
    assert any("out of reach" in omission.why and "Other" in omission.why for omission in made.omissions)


def test_each_role_of_a_service_gets_its_own_letter():
    postings = (
        LIVE,
        PostingView("https://host.example/1", "Hoster", frozenset(), "live", "host"),
        PostingView("https://find.example/1", "Finder", frozenset(), "live", "search_engine"),
    )
    made = planned(finding("met"), postings=postings)
    assert the(made, "platform-notice").addressee.kind == "platform"
    assert the(made, "hosting-notice").addressee.kind == "host"
    assert the(made, "search-deindexing").addressee.kind == "search_engine"


def test_a_right_against_search_engines_is_planned_before_anyone_has_searched():
    rules = provision("xa.act.1", remedy("erasure", "platform", text="also against search engines (delisting)"))
    search = the(planned(finding("met", rules)), "search-deindexing")
    assert search.addressee.name is None
    assert any("Search for the name first" in warning for warning in search.warnings)


def test_what_is_gone_is_not_asked_down_but_still_kept():
    rules = provision("xa.act.1", remedy(), remedy("preservation", "platform"))
    gone = replace(LIVE, state="gone")
    made = planned(finding("met", rules), postings=(gone,))
    assert measures(made, "platform-notice") == []
    assert the(made, "preservation-request-platform").readiness == "ready"
    assert the(made, "platform-terms-report")
    assert any("nothing left to take down" in omission.why for omission in made.omissions)


def test_what_came_back_is_said_in_the_notice():
    notice = the(planned(finding("met"), postings=(replace(LIVE, state="back"),)), "platform-notice")
    assert any("came back" in warning for warning in notice.warnings)


def test_a_service_without_a_name_is_known_by_its_host():
    notice = the(planned(finding("met"), postings=(replace(LIVE, service=""),)), "platform-notice")
    assert notice.addressee.name == "chirper.example"


def test_a_key_stays_when_more_is_learnt_of_a_service():
    before = planned(finding("met"), postings=(replace(LIVE, jurisdictions=frozenset()),))
    after = planned(finding("met"), postings=(replace(LIVE, jurisdictions=frozenset({"XA"})),))
    assert the(before, "platform-notice").key == the(after, "platform-notice").key == "platform-notice:platform:chirper"


# Expression


def test_an_open_exemption_asks_for_review_and_a_second_person():
    notice = the(planned(finding("possibly_exempt", missing=("exempt.journalism",))), "platform-notice")
    assert (notice.readiness, notice.approvals, notice.needs) == ("needs_exemption_review", 2, ("exempt.journalism",))


def test_an_exemption_in_the_same_law_asks_for_a_second_person_against_speech_only():
    made = planned(
        finding("met", provision("xa.act.1", remedy(), remedy("damages", "court"))),
        finding("exempt", provision("xa.act.2")),
    )
    assert the(made, "platform-notice").approvals == 2
    assert "xa.act.2" in the(made, "platform-notice").approval_reason
    assert the(made, "damages-claim").approvals == 1


def test_an_exemption_in_another_law_does_not():
    made = planned(finding("met"), finding("exempt", provision("xb.act.2", jurisdiction="XB")))
    assert the(made, "platform-notice").approvals == 1


def test_an_exemption_of_the_union_counts_in_its_members():
    made = planned(
        finding("met", provision("nl.act.1", jurisdiction="NL")),
        finding("exempt", provision("eu.act.2", jurisdiction="EU")),
    )
    assert the(made, "platform-notice").approvals == 2


def test_a_platforms_rules_are_no_way_round_an_exemption():
    terms = the(planned(finding("exempt")), "platform-terms-report")
    assert (terms.readiness, terms.approvals) == ("needs_exemption_review", 2)


def test_an_exempt_finding_carries_nothing_and_says_which_exemption():
    made = planned(finding("exempt"))
    assert measures(made, "platform-notice") == []
    assert [omission.why for omission in made.omissions] == ["exempt: journalism"]


# Clocks


def test_the_strictest_clock_wins_and_the_others_are_named():
    made = planned(
        finding("met", provision("xa.act.1", remedy(within="72 hours", text="within 72 hours"))),
        finding("met", provision("xa.act.2", remedy(within="48 hours", text="within 48 hours"))),
        finding("met", provision("xa.act.3", remedy(text="without undue delay"))),
    )
    notice = the(made, "platform-notice")
    assert (str(notice.clock.within), notice.clock.source_provision) == ("48 hours", "xa.act.2")
    assert notice.clock.set_by == "law"
    assert [clock.source_provision for clock in notice.other_clocks] == ["xa.act.1", "xa.act.3"]


def test_a_clock_that_may_not_run_never_wins_over_one_that_does():
    made = planned(
        finding("met", provision("xa.act.1", remedy(within="72 hours"))),
        finding("possible", provision("xa.act.2", remedy(within="24 hours"))),
    )
    notice = the(made, "platform-notice")
    assert str(notice.clock.within) == "72 hours"
    assert [str(clock.within) for clock in notice.other_clocks] == ["24 hours"]


@pytest.mark.parametrize(("danger", "within"), [(True, "8 hours"), (False, "10 days"), (None, "10 days")])
def test_an_emergency_clock_runs_only_in_an_emergency(danger, within):
    rules = provision(
        "xa.act.1",
        remedy("account_disclosure", "platform", "prosecutor", "10 days", "10 days from receipt"),
        remedy("account_disclosure", "platform", "prosecutor", "8 hours", "8 hours in an emergency case"),
    )
    disclosure = the(planned(finding("met", rules), danger=danger), "account-disclosure")
    assert str(disclosure.clock.within) == within
    assert any("more than one time" in warning for warning in disclosure.warnings)


def test_where_law_sets_no_time_the_target_is_ours_and_says_so():
    clock = the(planned(finding("met")), "platform-notice").clock
    assert (clock.set_by, clock.source_provision, clock.starts) == ("organisation", None, "on_sending")
    assert "not a legal deadline" in clock.text


def test_laws_words_without_hours_stand_beside_our_own_target():
    notice = the(planned(finding("met", provision("xa.act.1", remedy(text="without delay")))), "platform-notice")
    assert (notice.clock.within, notice.clock.text, notice.clock.set_by) == (None, "without delay", "law")
    assert [clock.set_by for clock in notice.other_clocks] == ["organisation"]


def test_a_sum_or_a_test_is_no_clock():
    made = planned(finding("met", provision("xa.act.1", remedy("damages", "court", text="USD 1,500 to 30,000"))))
    claim = the(made, "damages-claim")
    assert claim.clock.set_by == "organisation"
    assert claim.terms == ("xa.act.1: USD 1,500 to 30,000",)


def test_how_long_data_are_kept_is_no_time_to_act():
    rules = provision("xa.act.1", remedy("preservation", text="180 days", lasts=Period(180, "days")))
    request = the(planned(finding("met", rules)), "preservation-request-platform")
    assert request.clock.set_by == "organisation"
    assert request.terms == ("xa.act.1: 180 days",)


def test_a_month_stays_a_month():
    rules = provision("xa.act.1", remedy("erasure", "controller", within="1 month", text="one month"))
    assert the(planned(finding("met", rules)), "erasure-request").clock.within == Period(1, "months")


def test_a_remedy_with_a_condition_of_its_own_opens_only_with_it():
    rules = provision("xa.act.1", remedy(within="2 hours"))
    held, unknown, failed = (planned(finding("met", rules, condition=truth)) for truth in (True, None, False))
    assert (the(held, "platform-notice").readiness, the(held, "platform-notice").needs) == ("ready", ())
    assert the(unknown, "platform-notice").readiness == "needs_facts"
    assert the(unknown, "platform-notice").needs == ("act.recorded",)
    assert measures(failed, "platform-notice") == []
    assert ("platform-notice", "the condition of this remedy alone does not hold") in {
        (omission.remedy, omission.why) for omission in failed.omissions
    }


def test_a_shield_opens_nothing_and_asks_for_a_second_person():
    shield = finding("met", replace(provision("xa.act.9"), effect="shield"))
    made = planned(finding("met"), shield)
    assert "xa.act.9" not in {ground.provision for measure in made.measures for ground in measure.grounds}
    assert the(made, "platform-notice").approvals == 2
    assert "xa.act.9" in the(made, "platform-notice").approval_reason


def test_a_finding_of_an_earlier_day_is_to_be_assessed_again():
    old = finding("met", provision(judged_on="request"), on=date(2026, 11, 1))
    assert any("assess the case again" in warning for warning in the(planned(old), "platform-notice").warnings)


# What is left out


def test_what_is_not_wished_is_left_out_and_said():
    made = planned(
        finding("met", provision("xa.act.1", remedy(), remedy("damages", "court"))), wishes=frozenset({"down"})
    )
    assert measures(made, "damages-claim") == []
    assert [(omission.remedy, omission.why) for omission in made.omissions] == [("damages-claim", "not wished")]


def test_no_wish_told_leaves_nothing_out():
    rules = provision("xa.act.1", remedy(), remedy("damages", "court"))
    assert planned(finding("met", rules), wishes=frozenset()) == planned(finding("met", rules), wishes=None)


def test_in_danger_protection_needs_no_wish():
    rules = provision("xa.act.1", remedy("restraining_order", "court"))
    assert the(planned(finding("met", rules), wishes=frozenset({"down"}), danger=True), "restraining-order")
    assert measures(planned(finding("met", rules), wishes=frozenset({"down"})), "restraining-order") == []


def test_a_duty_of_the_platform_itself_is_no_letter_of_ours():
    made = planned(finding("met", provision("xa.act.1", remedy("other", "platform", "platform", text="promptly"))))
    assert measures(made, "audit-or-other") == []
    assert [omission.why for omission in made.omissions] == ["the platform's own duty: nothing for us to send"]


def test_provisions_that_fail_for_the_same_reason_are_said_together():
    made = planned(
        *(finding("not_met", provision(f"xa.act.{n}"), failing=("act.disclosed",)) for n in range(1, 4)),
        finding("not_in_force", provision("xa.act.9")),
    )
    assert [(omission.provisions, omission.why) for omission in made.omissions] == [
        (("xa.act.9",), "not in force on 2026-11-23"),
        (("xa.act.1", "xa.act.2", "xa.act.3"), "not met: act.disclosed"),
    ]


# What holds whatever the case

OUTCOMES = ("met", "possible", "possibly_exempt", "exempt", "not_met", "not_in_force", "out_of_reach")
LAW = sorted(
    {remedy for code in jurisdictions() for p in load_pack(code).provisions for remedy in p.remedies}, key=repr
)
PLACES = ("XA", "XB", "EU", "NL", "DE", "US", "US-CA", "COE", "UN")


@st.composite
def cases(draw):
    findings = []
    for number in range(draw(st.integers(0, 8))):
        rules = provision(
            f"p.{number}",
            jurisdiction=draw(st.sampled_from(PLACES)),
            track=draw(st.sampled_from(["criminal", "civil", "platform-duty"])),
            remedies=tuple(draw(st.lists(st.sampled_from(LAW), max_size=4))),
            confidence=draw(st.sampled_from(["high", "low"])),
            reach=tuple(draw(st.lists(st.sampled_from(["target_lives", "service_in"]), min_size=1, unique=True))),
        )
        findings.append(finding(draw(st.sampled_from(OUTCOMES)), rules, missing=(f"fact.{number}",)))
    postings = draw(
        st.lists(
            st.builds(
                PostingView,
                url=st.sampled_from(["https://a.example/1", "https://b.example/2", "https://c.example/3"]),
                service=st.sampled_from(["Chirper", "chirper ", "Paste", "", "写真"]),
                jurisdictions=st.frozensets(st.sampled_from(PLACES), max_size=2),
                state=st.sampled_from(["live", "gone", "back", "unknown"]),
                role=st.sampled_from(["platform", "host", "search_engine"]),
            ),
            max_size=5,
        )
    )
    places = st.one_of(st.none(), st.frozensets(st.sampled_from(PLACES), max_size=2))
    return {
        "findings": findings,
        "ties": Ties({"target_lives": draw(places), "service_in": draw(places)}),
        "postings": postings,
        "wishes": draw(st.one_of(st.none(), st.frozensets(st.sampled_from(["down", "stop", "who", "compensation"])))),
        "danger": draw(st.sampled_from([True, False, None])),
        "today": TODAY,
    }


def run(case):
    return plan(case["findings"], **{name: value for name, value in case.items() if name != "findings"})


@given(cases(), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_in_which_things_are_found_changes_nothing(case, random):
    findings, postings = list(case["findings"]), list(case["postings"])
    random.shuffle(findings)
    random.shuffle(postings)
    assert run({**case, "findings": findings, "postings": postings}) == run(case)


@given(cases())
@settings(max_examples=200, deadline=None)
def test_every_plan_keeps_the_rules(case):
    made = run(case)
    phases = [PHASES.index(measure.phase) for measure in made.measures]
    assert phases == sorted(phases)
    assert made.measures[0].remedy == "seal-evidence"
    assert len({measure.key for measure in made.measures}) == len(made.measures)
    assert len({(m.remedy, m.addressee) for m in made.measures}) == len(made.measures)
    terms = [measure for measure in made.measures if measure.remedy == "platform-terms-report"]
    assert bool(terms) == bool(case["postings"])
    outcomes = {each.provision.id: each.outcome for each in case["findings"]}
    for measure in made.measures:
        found = {ground.outcome for ground in measure.grounds}
        assert found <= {"met", "possible", "possibly_exempt"}
        assert all(outcomes[ground.provision] in {"met", "possible", "possibly_exempt"} for ground in measure.grounds)
        if "possibly_exempt" in found:
            assert measure.approvals == 2
        if "met" not in found and "possibly_exempt" in found:
            assert measure.readiness == "needs_exemption_review"
        elif "met" in found:
            assert measure.readiness == ("blocked" if measure.needs == ("posting.url",) else "ready")
        elif found:
            assert measure.readiness in {"needs_facts", "blocked"}
            assert measure.needs
        if measure.readiness == "ready":
            assert measure.needs == ()
        assert measure.consent_needed == catalogue()[measure.remedy].needs_consent
        assert (measure.clock.source_provision is None) == (measure.clock.set_by == "organisation")
        assert measure.clock not in measure.other_clocks


@given(cases())
@settings(deadline=None)
def test_every_finding_grounds_something_or_is_said_to_be_left_out(case):
    made = run(case)
    grounding = {ground.provision for measure in made.measures for ground in measure.grounds}
    left_out = {provision for omission in made.omissions for provision in omission.provisions}
    assert {each.provision.id for each in case["findings"]} <= grounding | left_out
    for each in case["findings"]:
        if each.outcome not in {"met", "possible", "possibly_exempt"}:
            assert each.provision.id in left_out - grounding


@given(cases())
@settings(deadline=None)
def test_no_deadline_is_invented(case):
    written = {(each.provision.id, remedy.within) for each in case["findings"] for remedy in each.provision.remedies}
    for measure in run(case).measures:
        for clock in (measure.clock, *measure.other_clocks):
            if clock.set_by == "law":
                assert clock.within is None or (clock.source_provision, clock.within) in written


@given(cases())
@settings(deadline=None)
def test_an_exemption_anywhere_never_lets_its_own_law_restrict_speech_on_one_word(case):
    seen = {f.provision.jurisdiction for f in case["findings"] if f.outcome in {"exempt", "possibly_exempt"}}
    for measure in run(case).measures:
        if catalogue()[measure.remedy].restricts_speech and seen & {g.jurisdiction for g in measure.grounds}:
            assert measure.approvals == 2
            assert "free expression" in measure.approval_reason


def test_a_large_case_is_planned_while_a_page_loads():
    rules = [p for code in ("EU", "NL", "US", "US-CA", "GB") for p in load_pack(code).provisions if p.remedies][:60]
    findings = [finding(("met", "possible", "possibly_exempt")[n % 3], rule) for n, rule in enumerate(rules)]
    places = [code for code in jurisdictions() if len(code) == 2][:12]
    postings = [
        PostingView(f"https://s{n}.example/1", f"Service {n}", frozenset({places[n % 12]}), "live") for n in range(40)
    ]
    ties = Ties({"target_lives": frozenset({"NL"}), "service_in": frozenset(places)})
    best = float("inf")
    for _ in range(5):
        started = time.perf_counter()
        made = plan(findings, ties=ties, postings=postings, wishes=None, danger=None, today=TODAY)
        best = min(best, time.perf_counter() - started)
    assert len(findings) == 60
    assert len(made.measures) > 80
    assert best < 0.1, f"{best * 1000:.0f} ms; the aim is 30 ms on a quiet machine"

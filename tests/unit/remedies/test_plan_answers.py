"""A plan that knows what was agreed to, what was asked before and what came of it. Examplia (XA) is made up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories.planning import HERE, LIVE, WISHES, cases, finding, planned, remedy, run
from habeas.remedies.core.catalogue import catalogue
from habeas.remedies.core.model import PHASES, PostingView
from habeas.remedies.core.states import OUT

NOTICE, TERMS = "platform-notice:platform:chirper", "platform-terms-report:platform:chirper"
KEEP, SEAL = "preservation-request-platform:platform:chirper", "seal-evidence:ourselves:"
BACK = replace(LIVE, state="back")


def keys(made):
    return [measure.key for measure in made.measures]


def of(made, key):
    (measure,) = [measure for measure in made.measures if measure.key == key]
    return measure


def why_not(made, remedy_id):
    return [omission.why for omission in made.omissions if omission.remedy == remedy_id]


# Consent


def test_nobody_is_asked_whether_they_agree_to_what_tells_nobody_who_they_are():
    assert of(planned(finding("met")), TERMS).consent == "not_needed"


@pytest.mark.parametrize(("said", "consent"), [(True, "given"), (None, "open")])
def test_a_yes_is_noted_and_silence_is_no_yes(said, consent):
    notice = of(planned(finding("met"), consents={NOTICE: said}), NOTICE)
    assert (notice.consent, notice.readiness) == (consent, "ready")


def test_a_no_leaves_the_step_out_and_the_others_in():
    made, before = planned(finding("met"), consents={NOTICE: False}), planned(finding("met"))
    assert set(keys(before)) - set(keys(made)) == {NOTICE}
    assert why_not(made, "platform-notice") == ["the person affected said no to this step (Chirper)"]


def test_a_no_to_one_addressee_is_no_no_to_another():
    paste = PostingView("https://paste.example/1", "Paste", frozenset({"XA"}), "live")
    made = planned(finding("met"), postings=(LIVE, paste), consents={NOTICE: False})
    assert "platform-notice:platform:paste" in keys(made)


def test_a_no_is_heard_where_no_yes_is_needed():
    assert TERMS not in keys(planned(consents={TERMS: False}))


def test_a_no_does_not_keep_us_from_sealing_what_stays_in_the_house():
    assert SEAL in keys(planned(consents={SEAL: False}))


# What stands


@pytest.mark.parametrize("state", ["sent", "acknowledged", "complied", "partly", "refused", "overdue", "contested"])
def test_what_left_the_house_is_not_asked_again(state):
    made = planned(finding("met"), standing={NOTICE: state})
    assert NOTICE not in keys(made)
    (why,) = why_not(made, "platform-notice")
    assert why.startswith("Chirper ")


@pytest.mark.parametrize("state", ["drafted", "approved", "stopped", "withdrawn"])
def test_what_did_not_leave_the_house_is_planned_as_ever(state):
    assert planned(finding("met"), standing={NOTICE: state}) == planned(finding("met"))


def test_what_was_taken_down_and_came_back_is_asked_again():
    again = of(planned(finding("met"), postings=(BACK,), standing={NOTICE: "complied"}), NOTICE)
    assert any("was gone and came back" in warning for warning in again.warnings)


def test_a_refusal_is_no_reason_to_ask_the_same_again_when_it_comes_back():
    assert NOTICE not in keys(planned(finding("met"), postings=(BACK,), standing={NOTICE: "refused"}))


def test_what_came_back_is_sealed_again():
    assert SEAL not in keys(planned(standing={SEAL: "complied"}))
    assert SEAL in keys(planned(standing={SEAL: "complied"}, postings=(BACK,)))
    assert SEAL in keys(planned(standing={SEAL: "sent"}))


def test_a_state_that_is_none_is_refused():
    with pytest.raises(ValueError, match="posted: no state of a measure"):
        planned(standing={NOTICE: "posted"})


def test_what_was_asked_and_nothing_carries_any_more_is_said():
    made = planned(finding("exempt"), standing={NOTICE: "sent"})
    assert any(NOTICE in note and "take it back" in note for note in made.notes)


def test_nothing_is_said_of_what_was_asked_and_done():
    assert not any(NOTICE in note for note in planned(finding("exempt"), standing={NOTICE: "complied"}).notes)


# The next rung


def test_silence_of_a_platform_leads_to_its_host():
    made = planned(finding("met"), standing={NOTICE: "overdue"})
    rung = of(made, "hosting-notice:host:")
    assert (rung.readiness, rung.follows_on) == ("ready", (NOTICE,))
    assert [ground.provision for ground in rung.grounds] == ["xa.act.1"]
    assert rung.why.startswith("Chirper did not answer in time (“Notice to the platform”), and this is the next step.")
    assert "Act xa.act.1 is met" in rung.why
    assert any("Find out first which host" in warning for warning in rung.warnings)


def test_a_refusal_leads_elsewhere_than_silence():
    made = planned(finding("met"), standing={NOTICE: "refused"})
    assert "regulator-complaint:regulator:xa" in keys(made)
    assert "hosting-notice:host:" not in keys(made)


def test_a_known_host_of_the_same_page_is_the_one_that_is_asked():
    host = PostingView(LIVE.url, "Rackhouse", frozenset({"XA"}), "live", "host")
    other = PostingView("https://else.example/1", "Elsewhere", frozenset({"XA"}), "live", "host")
    made = planned(finding("met"), postings=(LIVE, host, other), standing={NOTICE: "overdue"})
    assert of(made, "hosting-notice:host:rackhouse").follows_on == (NOTICE,)
    assert of(made, "hosting-notice:host:elsewhere").follows_on == ()
    assert "hosting-notice:host:" not in keys(made)


def test_the_rungs_go_on_as_long_as_nobody_acts():
    standing = {NOTICE: "overdue", "hosting-notice:host:": "refused", "registrar-notice:registrar:": "refused"}
    made = planned(finding("met"), standing=standing)
    assert of(made, "court-injunction:court:xa").follows_on == ("registrar-notice:registrar:",)
    assert not set(standing) & set(keys(made))


def test_the_time_of_the_first_binds_nobody_else():
    made = planned(finding("met", remedy(within="48 hours")), standing={NOTICE: "overdue"})
    assert of(made, "hosting-notice:host:").clock.set_by == "organisation"


def test_an_answer_in_part_says_what_is_left_to_do():
    (why,) = why_not(planned(finding("met"), standing={NOTICE: "partly"}), "platform-notice")
    assert why.endswith("next: Send a notice for each link that is left, with the reference of the first.")


def test_a_rung_that_no_law_carries_is_not_planned_and_says_so():
    made = planned(finding("exempt"), standing={TERMS: "refused"})
    assert NOTICE not in keys(made)
    assert why_not(made, "platform-notice") == [
        "Chirper refused (“Report under the platform's own rules”), and no law found here carries the next step"
    ]


def test_a_rung_on_an_open_exemption_waits_for_two_people():
    rung = of(planned(finding("possibly_exempt"), standing={NOTICE: "refused"}), "regulator-complaint:regulator:xa")
    assert (rung.readiness, rung.approvals) == ("needs_exemption_review", 2)


def test_a_rung_the_person_does_not_want_is_not_planned():
    made = planned(finding("met"), standing={NOTICE: "refused"}, consents={"regulator-complaint:regulator:xa": False})
    assert "regulator-complaint:regulator:xa" not in keys(made)


def test_a_rung_nobody_wished_for_is_left_out():
    told = finding("met", remedy("account_disclosure", "court"))
    made = planned(told, wishes=frozenset({"who"}), standing={NOTICE: "refused"})
    assert "regulator-complaint:regulator:xa" not in keys(made)


# No one is asked twice


def test_a_trusted_flaggers_notice_takes_the_place_of_the_plain_one():
    flagged = finding("met", id_="eu.dsa.22", jurisdiction="EU", reach=("target_lives",))
    home = replace(HERE, places={"target_lives": frozenset({"NL"})})
    plain = finding("met", remedy(within="24 hours"), id_="nl.act.1", jurisdiction="NL")
    made = planned(flagged, plain, ties=home)
    one = of(made, "trusted-flagger-notice:platform:chirper")
    assert NOTICE not in keys(made)
    assert {ground.provision for ground in one.grounds} == {"eu.dsa.22", "nl.act.1"}
    assert str(one.clock.within) == "24 hours"
    declined = planned(flagged, plain, ties=home, consents={one.key: False})
    assert NOTICE in keys(declined)
    assert one.key not in keys(declined)


def test_a_court_that_may_decide_at_once_is_asked_for_both():
    told = finding("met", remedy("restraining_order", "court", ex_parte=True))
    made = planned(told)
    assert "affidavit" in of(made, "interim-order:court:xa").encloses
    assert "restraining-order:court:xa" in keys(made)
    calm = planned(finding("met", remedy("restraining_order", "court")))
    assert "interim-order:court:xa" not in keys(calm)


# Preserve before disclose before remove


def test_a_removal_waits_for_our_own_capture():
    assert of(planned(finding("met")), NOTICE).after == (SEAL,)
    assert of(planned(finding("met"), standing={SEAL: "complied"}), NOTICE).after == ()


def test_where_the_account_is_to_be_traced_its_logs_are_asked_for_first():
    told = finding("met", remedy(), remedy("account_disclosure", "court"), remedy("removal", "court"))
    paste = PostingView("https://paste.example/1", "Paste", frozenset({"XA"}), "live")
    made = planned(told, postings=(LIVE, paste), wishes=frozenset({"down", "who"}))
    assert of(made, NOTICE).after == (SEAL, KEEP)
    both = (SEAL, KEEP, "preservation-request-platform:platform:paste")
    assert of(made, "court-injunction:court:xa").after == both
    assert of(made, "account-disclosure:court:xa").after == both
    assert of(planned(told, wishes=frozenset({"down"})), NOTICE).after == (SEAL,)


def test_a_host_of_the_same_page_waits_for_the_platforms_logs_too():
    host = PostingView(LIVE.url, "Rackhouse", frozenset({"XA"}), "live", "host")
    finder = PostingView("https://finder.example/q", "Finder", frozenset({"XA"}), "live", "search_engine")
    made = planned(finding("met"), postings=(LIVE, host, finder), wishes=frozenset({"down", "who"}))
    assert KEEP in of(made, "hosting-notice:host:rackhouse").after
    assert of(made, "search-deindexing:search_engine:finder").after == (SEAL,)


def test_what_still_waits_for_facts_holds_nothing_up():
    keep = finding("possible", remedy("preservation"), id_="xa.act.2")
    made = planned(finding("met"), keep, wishes=frozenset({"down", "who"}), postings=(LIVE,))
    assert of(made, KEEP).readiness == "needs_facts"
    assert of(made, NOTICE).after == (SEAL,)


# Offers


def test_offers_on_facts_wait_until_somebody_tells_the_facts():
    assert "bank-letter:bank:" not in keys(planned())
    assert why_not(planned(), "bank-letter") == []
    assert "bank-letter:bank:" in keys(planned(facts={"data.financial": True}))
    assert why_not(planned(facts={}), "bank-letter")[0].startswith("offered once this is known to be so: ")


def test_an_image_of_a_child_goes_another_way_than_that_of_an_adult():
    child = planned(facts={"data.intimate_image": True, "subject.minor": True})
    adult = planned(facts={"data.intimate_image": True, "subject.minor": False})
    assert "child-image-report:hash_bank:" in keys(child)
    assert "hash-list-submission:hash_bank:" not in keys(child)
    assert "child-image-report:hash_bank:" not in keys(adult)
    assert of(adult, "hash-list-submission:hash_bank:").readiness == "ready"


def test_a_list_of_fingerprints_is_no_way_round_an_exemption():
    made = planned(finding("exempt"), facts={"data.intimate_image": True, "subject.minor": False})
    submission = of(made, "hash-list-submission:hash_bank:")
    assert (submission.readiness, submission.approvals) == ("needs_exemption_review", 2)


def test_nothing_is_deposited_before_something_was_sent():
    key = "transparency-deposit:archive:"
    assert key not in keys(planned(finding("met")))
    assert key in keys(planned(finding("met"), standing={NOTICE: "sent"}))


def test_a_ground_that_is_met_needs_no_second_opinion_on_its_facts():
    doubt = "said not to be so"
    facts = {"data.identifying": False}
    met, may_be = (of(planned(finding(outcome), facts=facts), NOTICE) for outcome in ("met", "possible"))
    assert not any(doubt in warning for warning in met.warnings)
    assert any(doubt in warning for warning in may_be.warnings)


# What holds whatever the case


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_what_is_told_changes_nothing(case, random):
    def shuffled(value):
        pairs = list(value.items())
        random.shuffle(pairs)
        return dict(pairs)

    findings, postings = list(case["findings"]), list(case["postings"])
    random.shuffle(findings)
    random.shuffle(postings)
    turned = {name: shuffled(case[name]) for name in ("standing", "consents")}
    facts = None if case["facts"] is None else shuffled(case["facts"])
    assert run(case, findings=findings, postings=postings, facts=facts, **turned) == run(case)


@given(cases())
@settings(max_examples=120, deadline=None)
def test_every_plan_keeps_the_rules_of_asking(case):
    made = run(case)
    standing, consents = case["standing"], case["consents"]
    phases = [PHASES.index(measure.phase) for measure in made.measures]
    assert phases == sorted(phases)
    assert len(set(keys(made))) == len(keys(made))
    exempt = {each.provision.id for each in case["findings"] if each.outcome == "exempt"}
    carrying = {e.provision.id for e in case["findings"] if e.outcome in {"met", "possible", "possibly_exempt"}}
    states = {posting.state for posting in case["postings"]}
    for measure in made.measures:
        entry = catalogue()[measure.remedy]
        assert {ground.provision for ground in measure.grounds} <= carrying
        assert not {ground.provision for ground in measure.grounds} & (exempt - carrying)
        if entry.leaves_the_house:
            assert consents.get(measure.key) is not False
        if standing.get(measure.key) in OUT and entry.leaves_the_house:
            assert standing[measure.key] in {"complied", "partly"}
            assert "back" in states
        assert (measure.consent == "not_needed") == (not measure.consent_needed)
        assert (measure.consent == "given") == (measure.consent_needed and consents.get(measure.key) is True)
        earlier = {m.key for m in made.measures if PHASES.index(m.phase) < PHASES.index(measure.phase)}
        assert set(measure.after) <= earlier
        if measure.phase == "remove" and SEAL in keys(made):
            assert measure.after[0] == SEAL
        for key in measure.follows_on:
            assert standing[key] in {"refused", "overdue", "partly", "escalated"}
        if not measure.grounds:
            assert entry.offered is not None


@given(cases())
@settings(max_examples=60, deadline=None)
def test_whatever_is_not_planned_has_a_sentence(case):
    made, bare = run(case), run(case, standing={}, consents={})
    said = {omission.remedy for omission in made.omissions}
    for measure in bare.measures:
        assert measure.key in keys(made) or measure.remedy in said
    assert all(omission.why.strip() for omission in made.omissions)
    assert all(measure.why.strip() for measure in made.measures)


@given(cases(), st.sampled_from(WISHES))
@settings(max_examples=80, deadline=None)
def test_wishing_for_more_takes_nothing_away(case, wish):
    if case["wishes"] is None:
        case["wishes"] = frozenset({"down"})
    more = run(case, wishes=case["wishes"] | {wish})
    assert set(keys(run(case))) <= set(keys(more))


@given(cases())
@settings(max_examples=60, deadline=None)
def test_no_rung_brings_a_time_that_no_law_gave_it(case):
    written = {(each.provision.id, one.within) for each in case["findings"] for one in each.provision.remedies}
    for measure in run(case).measures:
        for clock in (measure.clock, *measure.other_clocks):
            assert clock.set_by == "organisation" or (clock.source_provision, clock.within) in written

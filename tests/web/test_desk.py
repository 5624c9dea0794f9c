"""What a caseworker goes through: in, the queue, a case and its parts, answering, deciding, out."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import reverse

from factories.pages import Page, press, visit
from factories.plans import plan, step
from factories.reports import FILE_NAME, LINK, NAME, NOON, a_case, an_examined_case, intake
from habeas.access.actions import add_member
from habeas.cases import queries
from habeas.cases.models import Case
from habeas.law import queries as law
from habeas.ledger import queries as ledger
from habeas.remedies import actions as remedies
from habeas.remedies.models import Measure
from habeas.store.models import Job

pytestmark = pytest.mark.django_db

DOXING, FEAR = "nl.sr.285d", "intent.fear"
SAVE, APPROVE, WITHDRAW = "Save the answer", "Approve", "Withdraw"


@pytest.fixture
def examined() -> Case:
    return an_examined_case()


@pytest.fixture
def desk(signed_in) -> Client:
    return signed_in(name="Casey Okafor")


def part(case: Case, name: str, *more: object) -> str:
    return reverse(f"desk:{name}", args=[case.reference, *more])


def questions_on(page: Page) -> list[str]:
    return page.tree.xpath("//form//input[@name='key']/@value")


def rows(page: Page) -> list[str]:
    return [row.text_content().strip() for row in page.tree.xpath("//tbody/tr/th//bdi")]


# -- in and out ----------------------------------------------------------------------------------------------------


@pytest.fixture
def casey() -> dict[str, str]:
    typed = {"username": "casey", "password": "a long enough password"}
    add_member(**typed, role="caseworker", organisation="Helpline of Examplia", full_name="Casey Okafor", at=NOON)
    return typed


def test_signing_in_leads_back_to_the_page_that_was_wanted(client, casey, case):
    page = visit(client, part(case, "case"))
    assert page.path == "/desk/sign-in/"
    assert press(client, page, "Sign in", **casey).path == part(case, "case")
    assert "Casey Okafor" in visit(client, "/desk/").words


def test_signing_out_ends_the_session_on_the_server(client, casey):
    page = press(client, visit(client, "/desk/"), "Sign in", **casey)
    cookie = client.cookies["sessionid"].value
    assert press(client, page, "Sign out").path == "/desk/sign-in/"
    client.cookies["sessionid"] = cookie
    assert visit(client, "/desk/").path == "/desk/sign-in/", "an old cookie is worth nothing"


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"password": "wrong"}, id="password"),
        pytest.param({"username": "nobody"}, id="name"),
        pytest.param({"username": "casey' --", "password": "' or 1"}, id="an-attack"),
    ],
)
def test_a_wrong_name_and_a_wrong_password_are_answered_alike(client, casey, wrong):
    page = press(client, visit(client, "/desk/"), "Sign in", **{**casey, **wrong})
    assert page.errors == ["Please enter a correct username and password. Note that both fields may be case-sensitive."]
    assert page.typed("Sign in")["password"] == [""], "a password is never sent back"
    assert SESSION_KEY not in client.session


def test_signing_in_leads_to_our_own_pages_only(client, casey):
    page = visit(client, "/desk/sign-in/?next=https://board.example.net/")
    assert press(client, page, "Sign in", **casey).path == "/desk/"


# -- the queue -----------------------------------------------------------------------------------------------------


def test_an_empty_queue_says_so_and_what_happens_next(desk):
    assert "New reports appear here by themselves." in visit(desk, "/desk/").words
    assert "Take a case from all open cases." in visit(desk, "/desk/?show=mine").words


def test_danger_comes_first_then_the_gravest_then_the_oldest(desk):
    old, new = a_case(NOON - timedelta(days=2)), a_case(NOON)
    grave, danger, safe = a_case(), a_case(danger=True), a_case(danger=False)
    Case.objects.filter(pk=grave.pk).update(severity="very_high")
    Case.objects.filter(pk=safe.pk).update(severity="very_high")
    assert rows(visit(desk, "/desk/")) == [c.reference for c in (danger, grave, old, new, safe)]


def test_mine_shows_what_i_took_and_closed_cases_are_not_shown(desk):
    mine, closed = a_case(), a_case()
    other = a_case()
    Case.objects.filter(pk=closed.pk).update(state="closed")
    press(desk, visit(desk, part(mine, "case")), "Take this case")
    assert rows(visit(desk, "/desk/?show=mine")) == [mine.reference]
    assert set(rows(visit(desk, "/desk/"))) == {mine.reference, other.reference}


@pytest.mark.parametrize("asked", ["page=2", "page=999", "page=-1", "page=x", "show=nothing", "show=mine&page=7"])
def test_any_page_of_the_queue_opens(desk, asked):
    for _ in range(51):
        a_case()
    assert visit(desk, f"/desk/?{asked}").status == 200
    assert len(rows(visit(desk, "/desk/?page=2"))) == 1


# -- the parts of a case -------------------------------------------------------------------------------------------


def test_every_part_of_a_case_opens_with_its_head_and_its_tab(desk, examined):
    for name in ("case", "material", "law", "plan", "history"):
        page = visit(desk, part(examined, name))
        assert page.status == 200
        assert examined.reference in page.tree.xpath("string(//h1)")
        assert len(page.tree.xpath("//h1")) == 1
        assert page.tree.xpath("string(//title)").startswith(examined.reference)
        assert page.tree.xpath("//*[@aria-current='page' and @href]/@href")[-1] == part(examined, name)
        assert page.tree.xpath("(//body//a)[1]/@href") == ["#main"]


def test_a_case_nobody_read_yet_opens_too(desk):
    case = a_case()
    for name in ("case", "material", "law", "plan", "history"):
        assert visit(desk, part(case, name)).status == 200
    assert "Not read yet" in visit(desk, part(case, "case")).words


def test_the_overview_shows_what_was_told_found_and_asked(desk, examined):
    page = visit(desk, part(examined, "case"))
    for shown in (NAME, LINK, FILE_NAME, "The person affected", "Netherlands", "Open questions"):
        assert shown in page.words
    assert page.tree.xpath(f"//a[contains(@href, '{LINK}')]") == [], "links are text on purpose"


def test_the_material_shows_the_text_and_blurs_what_is_exposed(desk, examined):
    page = visit(desk, part(examined, "material"))
    assert "you know what to do. go pay her a visit" in page.words
    assert any("Lindengracht 212" in mark.text_content() for mark in page.tree.iter("mark"))


def test_the_law_page_leads_to_each_provision_with_its_trace(desk, examined):
    page = visit(desk, part(examined, "law"))
    leads = page.tree.xpath("//tbody//a/@href")
    assert part(examined, "provision", DOXING) in leads
    page = visit(desk, part(examined, "provision", DOXING))
    assert FEAR in questions_on(page)
    assert visit(desk, part(examined, "provision", "nl.sr.nothing")).status == 404


@pytest.mark.parametrize(
    "reference", ["HB-222222", "HB-", "0", "x" * 500, "%00", "%F0%9F%95%8A", "HB-2%202222", "..%2f"]
)
@pytest.mark.parametrize("rest", ["", "law/", "history/"])
def test_a_case_that_is_not_there_is_not_found(desk, reference, rest):
    assert visit(desk, f"/desk/cases/{reference}/{rest}").status == 404


def test_a_reference_can_be_typed_in_small_letters(desk, case):
    assert visit(desk, part(case, "case").replace("HB-", "hb-")).status == 200


def test_each_reading_is_logged_with_who_and_which_part(desk, examined):
    before = len(ledger.entries_of(examined.pk))
    for name in ("case", "material", "law", "plan", "history"):
        visit(desk, part(examined, name))
    entries = ledger.entries_of(examined.pk)[before:]
    assert [(e["kind"], e["by"], e["purpose"]) for e in entries] == [
        ("case.read", str(desk.person.pk), purpose) for purpose in ("overview", "material", "law", "plan", "history")
    ]


def test_looking_changes_nothing_but_the_log_of_looking(desk, examined):
    def state():
        measures = list(Measure.objects.order_by("pk").values())
        return list(Case.objects.values()), measures, len(queries.history_of(examined)), list(Job.objects.values())

    before = state()
    read = {"key": FEAR, "answer": "yes", "decision": "approve", "reason": "x", "job": "1"}
    step_ = Measure.objects.order_by("pk")[0]
    for name, more in [*((n, ()) for n in ("case", "take", "material", "law", "answer", "history", "plan")),
                       ("provision", (DOXING,)), ("decide", (step_.pk,))]:  # fmt: skip
        for look in (desk.get, desk.head):
            assert look(part(examined, name, *more), read).status_code in {200, 405}
    assert state() == before
    kinds = {entry["kind"] for entry in ledger.entries_of(examined.pk) if entry["by"] == str(desk.person.pk)}
    assert kinds == {"case.read"}


# -- taking a case -------------------------------------------------------------------------------------------------


def test_a_case_is_taken_once_and_the_second_is_told_with_whom_it_is(desk, signed_in, case):
    late = signed_in(name="Lee Marchetti")
    open_page = visit(late, part(case, "case"))
    assert "The case is yours." in press(desk, visit(desk, part(case, "case")), "Take this case").words
    page = press(late, open_page, "Take this case")
    assert f"{case.reference} is with Casey Okafor; ask them or a team lead" in page.words
    assert Case.objects.get().owner == desk.person


# -- answering -----------------------------------------------------------------------------------------------------


def answer(desk: Client, case: Case, key: str, given: str, **more: str) -> Page:
    told = {"key": key, "answer": given, **more}
    return Page(desk.post(part(case, "answer"), told, follow=True))


def outcome(case: Case) -> str:
    return dict(law.latest_of(case).findings.values_list("provision", "outcome"))[DOXING]


def test_an_answer_changes_the_findings_and_the_plan_at_once(desk, examined):
    provision = visit(desk, part(examined, "provision", DOXING))
    before = outcome(examined)
    [form] = [f for f in provision.tree.forms if f.xpath(f".//input[@name='key' and @value='{FEAR}']")]
    told = {"key": FEAR, "answer": "yes", "back": form.xpath("string(.//input[@name='back']/@value)")}
    page = Page(desk.post(form.get("action"), told, follow=True))
    assert page.path == part(examined, "provision", DOXING), "back to where it was asked"
    assert "Saved. " in page.words
    assert "0 findings changed" not in page.words
    assert outcome(examined) != before
    assert DOXING in visit(desk, part(examined, "law")).words
    assert f"Last change: answered: {FEAR}" in visit(desk, part(examined, "plan")).words
    assert FEAR not in questions_on(visit(desk, part(examined, "provision", DOXING)))


def test_an_answer_can_be_taken_back(desk, examined):
    before = outcome(examined)
    answer(desk, examined, FEAR, "yes")
    assert outcome(examined) != before
    answer(desk, examined, FEAR, "unknown")
    assert FEAR not in queries.known_in(examined), "unknown is not a no"
    assert outcome(examined) == before


def test_two_who_answer_at_once_both_stand_in_the_history_and_the_later_counts(desk, signed_in, examined):
    answer(desk, examined, FEAR, "no", basis="she said so")
    answer(signed_in(), examined, FEAR, "yes", basis="the letter says so")
    assert queries.known_in(examined)[FEAR].truth is True
    words = visit(desk, part(examined, "history")).words
    assert "she said so" in words
    assert "the letter says so" in words


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"key": FEAR}, id="no-answer"),
        pytest.param({"key": FEAR, "answer": "perhaps"}, id="another-answer"),
        pytest.param({"key": "intent.scare", "answer": "yes"}, id="no-such-fact"),
        pytest.param({"key": "reach.moon", "place": "NL"}, id="no-such-tie"),
        pytest.param({"key": "x" * 5000, "answer": "yes"}, id="very-long"),
    ],
)
def test_half_an_answer_is_not_saved_and_says_what_to_do(desk, examined, told):
    said = len(queries.history_of(examined))
    page = Page(desk.post(part(examined, "answer"), told, follow=True))
    assert "Choose yes, no or not known for one question, then press “Save the answer”." in page.words
    assert len(queries.history_of(examined)) == said


@pytest.mark.parametrize("basis", ["b" * 10_000, "<b>she</b> said", "a\x00b", "\u202etxet", ""])
def test_whatever_stands_as_the_basis_is_kept_as_text(desk, examined, basis):
    assert "Saved. " in answer(desk, examined, FEAR, "no", basis=basis).words
    shown = visit(desk, part(examined, "history")).response.content.decode()
    assert "<b>she</b>" not in shown


def test_a_place_brings_its_law_and_nobody_knows_takes_it_away(desk, examined):
    told = {"key": "reach.doer_acts", "place": "DE"}
    assert "Saved. " in Page(desk.post(part(examined, "answer"), told, follow=True)).words
    assert "Germany" in visit(desk, part(examined, "law")).tree.xpath("//main//section/h3/text()")
    desk.post(part(examined, "answer"), {**told, "place": ""})
    assert "Germany" not in visit(desk, part(examined, "law")).tree.xpath("//main//section/h3/text()")


@pytest.mark.parametrize(
    "back", ["https://board.example.net/", "//board.example.net/", "/desk/sign-out/", "\r\nX: y", ""]
)
def test_an_answer_leads_back_into_its_own_case_only(desk, case, back):
    response = desk.post(part(case, "answer"), {"key": FEAR, "answer": "yes", "back": back})
    assert response.headers["Location"] == part(case, "case")


# -- deciding ------------------------------------------------------------------------------------------------------


def decide(desk: Client, case: Case, button: str, **typed: str) -> Page:
    return press(desk, visit(desk, part(case, "plan")), button, **typed)


def test_one_yes_with_a_reason_approves_and_can_be_taken_back(desk, case, measure):
    page = decide(desk, case, APPROVE, reason="it is hers, and it locates her")
    assert "Approved. You can still take it back: nothing has left the house." in page.words
    measure.refresh_from_db()
    assert (measure.state, [a.member for a in measure.approvals.all()]) == ("approved", [desk.person])
    assert "It is a draft again." in decide(desk, case, "Take the approval back").words
    measure.refresh_from_db()
    assert (measure.state, measure.approvals.count()) == ("drafted", 0)


def test_a_grave_step_needs_the_yes_of_two_people(desk, signed_in, case):
    remedies.record_plan(case, plan(step(approvals=2)), cause="it is grave", at=NOON)
    page = decide(desk, case, APPROVE, reason="it is hers")
    assert "Your yes is noted. It needs 1 more, by someone else." in page.words
    again = decide(desk, case, APPROVE, reason="surely")
    assert "You have approved this step. It needs a second person, who must be someone else." in again.words
    assert Measure.objects.get().state == "drafted"
    assert "Approved. " in decide(signed_in("lead"), case, APPROVE, reason="I read it too").words
    assert Measure.objects.get().state == "approved"


@pytest.mark.parametrize(
    ("button", "said"), [(APPROVE, "why this step is right"), (WITHDRAW, "why this step is withdrawn")]
)
@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_decision_without_a_reason_is_not_made(desk, case, button, said, reason):
    assert f"Say in a few words {said}" in decide(desk, case, button, reason=reason).words
    assert Measure.objects.get().state == "drafted"


def test_a_withdrawn_step_is_listed_with_its_reason_and_can_be_restored(desk, case):
    page = decide(desk, case, WITHDRAW, reason="she does not want it")
    assert "Withdrawn. You can restore it below." in page.words
    assert "she does not want it" in page.words
    assert "It is a draft again." in press(desk, page, "Restore").words


def test_a_step_that_waits_for_facts_cannot_be_approved_even_by_a_made_up_form(desk, case, measure):
    remedies.record_plan(case, plan(step(readiness="needs_facts", needs=("posting.url",))), cause="more", at=NOON)
    page = visit(desk, part(case, "plan"))
    assert "Waiting for facts" in page.words
    with pytest.raises(AssertionError, match="has no button"):
        page.form(APPROVE)
    measure.refresh_from_db()
    told = {"decision": "approve", "reason": "now", "draft_of": measure.planned_at.isoformat()}
    page = Page(desk.post(part(case, "decide", measure.pk), told, follow=True))
    assert "This step waits for facts that are not known yet." in page.words


def test_a_yes_to_a_draft_that_changed_meanwhile_is_not_noted(desk, case, measure):
    page = visit(desk, part(case, "plan"))
    remedies.record_plan(
        case, plan(step(reveals="who the person is")), cause="answered", at=NOON + timedelta(minutes=1)
    )
    page = press(desk, page, APPROVE, reason="it tells nobody who she is")
    assert "This step changed while you read it, so your yes was not noted." in page.words
    measure.refresh_from_db()
    assert (measure.state, measure.approvals.count()) == ("drafted", 0)
    assert "Approved. " in press(desk, page, APPROVE, reason="I read it again").words


@pytest.mark.parametrize("draft_of", ["", "yesterday", "2026-03-06T12:00:00", "0001-01-01"])
def test_a_yes_that_does_not_say_to_which_draft_is_not_noted(desk, case, measure, draft_of):
    told = {"decision": "approve", "reason": "it is hers", "draft_of": draft_of}
    page = Page(desk.post(part(case, "decide", measure.pk), told, follow=True))
    assert "so your yes was not noted" in page.words


def test_a_step_decided_by_someone_else_meanwhile_says_so(desk, signed_in, case):
    page = visit(desk, part(case, "plan"))
    decide(signed_in(), case, APPROVE, reason="it is hers")
    assert "This step is already approved." in press(desk, page, APPROVE, reason="it is hers").words
    decide(signed_in(), case, "Take the approval back")
    decide(signed_in(), case, WITHDRAW, reason="she changed her mind")
    assert "This step is already withdrawn." in press(desk, page, WITHDRAW, reason="no").words
    assert Measure.objects.get().withdrawn_because == "she changed her mind"


@pytest.mark.parametrize("decision", ["", "delete"])
def test_a_decision_nobody_defined_changes_nothing(desk, case, measure, decision):
    response = desk.post(part(case, "decide", measure.pk), {"decision": decision, "reason": "x"})
    assert response.status_code == 404
    assert Measure.objects.get().state == "drafted"


@pytest.mark.parametrize("number", [0, 999_999, 10**30])
def test_a_step_that_is_not_there_is_not_found(desk, case, number):
    assert desk.post(part(case, "decide", number), {"decision": "approve", "reason": "x"}).status_code == 404


@pytest.mark.parametrize("reason", ["r" * 10_000, "<i>hers</i>", "a\x00b"])
def test_whatever_stands_as_the_reason_is_kept_as_text(desk, case, reason):
    page = decide(desk, case, WITHDRAW, reason=reason)
    assert "Withdrawn. " in page.words
    assert "<i>hers</i>" not in page.response.content.decode()


# -- history, comparing, work given up -----------------------------------------------------------------------------


def test_the_history_says_who_did_what_in_which_order(desk, case):
    press(desk, visit(desk, part(case, "case")), "Take this case")
    decide(desk, case, APPROVE, reason="it is hers")
    words = visit(desk, part(case, "history")).words
    assert words.index("Step approved") < words.index("Case taken") < words.index("Report received, case opened")
    assert "by Casey Okafor" in words


@pytest.mark.parametrize(
    ("asked", "status"), [("", 200), ("NL DE", 200), ("nl.sr.285d", 200), ("XX", 422), ("<b>", 422)]
)
def test_definitions_are_compared_and_an_unknown_one_is_named(desk, asked, status):
    page = visit(desk, f"/desk/law/compare/?of={asked}")
    assert page.status == status
    assert page.tree.xpath("//input[@name='of']/@value") == [asked]
    assert "The pattern" in page.words


@pytest.fixture
def given_up() -> Job:
    times = dict.fromkeys(("run_at", "created_at", "finished_at"), NOON)
    return Job.objects.create(
        kind="report.examine", state="dead", last_error="ValueError at habeas.exposure:12", **times
    )


def test_a_lead_has_work_that_was_given_up_tried_again(signed_in, given_up):
    lead = signed_in("lead")
    page = visit(lead, "/desk/work/")
    assert "ValueError at habeas.exposure:12" in page.words
    done = press(lead, page, "Try again")
    assert "It will be tried again." in done.words
    assert "Nothing was given up" in done.words
    given_up.refresh_from_db()
    assert given_up.state == "waiting"
    late = press(lead, page, "Try again")
    assert "This work no longer waits here: somebody else may have had it tried again." in late.words


@pytest.mark.parametrize("job", ["", "x", "-1", "1.5", "9" * 40, "\x00"])
def test_work_that_is_not_there_is_answered_in_words(signed_in, given_up, job):
    page = Page(signed_in("lead").post("/desk/work/", {"job": job}, follow=True))
    assert page.status == 200
    assert "This work no longer waits here" in page.words
    given_up.refresh_from_db()
    assert given_up.state == "dead"


def test_who_may_not_see_work_given_up_is_not_led_there(desk, signed_in):
    assert "Work given up" not in visit(desk, "/desk/").words
    assert "Work given up" in visit(signed_in("lead"), "/desk/").words


def test_a_text_made_of_thousands_of_numbers_opens_in_seconds(desk):
    report = intake(text="Call +31 6 1234 5678. " * 4000)
    case = an_examined_case(report)
    started = time.monotonic()
    page = visit(desk, part(case, "material"))
    assert len(page.tree.xpath("//main//mark")) >= 4000
    assert time.monotonic() - started < 10, "a stranger's report must not stop the desk"

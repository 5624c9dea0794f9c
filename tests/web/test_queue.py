"""The queue: its order, its pages, its filters, taking from it, and how often it asks the database."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timesince import timesince

from factories.pages import Page, press, visit
from factories.people import member
from factories.plans import plan, step
from factories.reports import NOON, a_case
from habeas.access.models import Organisation, Person
from habeas.cases.models import Case, Message, Posting
from habeas.cases.place import HARM_HOURS, HARM_HOURS_UNREAD, SPAN
from habeas.kernel import clock
from habeas.ledger import queries as ledger
from habeas.remedies import queue
from habeas.remedies.actions import record_plan
from habeas.remedies.models import Measure
from habeas.remedies.queue import Key, NothingToTake, Wanted

NEXT, SEVERAL = "Take the next", "Take those ticked"


@pytest.fixture
def desk(signed_in) -> Client:
    return signed_in(name="Casey Okafor")


def with_step(case: Case, state: str = "sent", due_at: datetime | None = None, **changes: object) -> Measure:
    record_plan(case, plan(step()), cause="the report was examined", at=NOON)
    sent = None if state in {"drafted", "approved"} else NOON
    case.measures.update(state=state, due_at=due_at, sent_at=sent, **changes)
    return case.measures.get()


def changed(case: Case, **changes: object) -> Case:
    Case.objects.filter(pk=case.pk).update(**changes)
    return Case.objects.get(pk=case.pk)


def shown(page: Page) -> list[str]:
    return [row.text_content().strip() for row in page.tree.xpath("//tbody/tr/th//bdi")]


def row_of(page: Page, case: Case) -> str:
    [row] = page.tree.xpath(f"//tbody/tr[th//bdi='{case.reference}']")
    return " ".join(" ".join(row.itertext()).split())


def references(*cases: Case) -> list[str]:
    return [case.reference for case in cases]


# -- the order -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_sooner_of_the_two_clocks_decides(desk):
    harm_in_96_hours = a_case(NOON)
    law_in_50_hours = a_case(NOON)
    with_step(law_in_50_hours, due_at=NOON + timedelta(hours=50))
    harm_in_24_hours = changed(a_case(NOON), severity="very_high")
    law_later_than_harm = a_case(NOON - timedelta(days=1))
    with_step(law_later_than_harm, due_at=NOON + timedelta(days=30))
    expected = references(harm_in_24_hours, law_in_50_hours, law_later_than_harm, harm_in_96_hours)
    assert shown(visit(desk, "/desk/")) == expected


@pytest.mark.django_db
def test_harm_counts_from_the_day_of_the_act_where_it_is_known(desk):
    reported_first = a_case(NOON - timedelta(days=2))
    posted_first = a_case(NOON, posted_on=date(2026, 1, 15))
    page = visit(desk, "/desk/")
    assert shown(page) == references(posted_first, reported_first)
    days = (clock.now() - datetime(2026, 1, 15, tzinfo=UTC)).days
    assert "runs for" in row_of(page, posted_first)
    assert f"Overdue by {days - 4} days" in row_of(page, posted_first)
    since = " ".join(timesince(datetime(2026, 1, 15, tzinfo=UTC), clock.now()).split())
    assert f"runs for {since} " in row_of(page, posted_first)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["drafted", "overdue", "complied", "withdrawn", "stopped"])
def test_a_clock_that_does_not_run_orders_nothing(desk, state):
    older, newer = a_case(NOON - timedelta(hours=1)), a_case(NOON)
    with_step(newer, state, NOON - timedelta(days=9))
    page = visit(desk, "/desk/")
    assert shown(page) == references(older, newer)
    assert "none runs" in row_of(page, newer)


@pytest.mark.django_db
def test_both_clocks_stand_in_the_row_and_a_target_of_our_own_says_so(desk):
    ours, laws = a_case(), a_case()
    with_step(ours, due_at=clock.now() + timedelta(hours=5, minutes=1), due_by_law=False)
    with_step(laws, due_at=clock.now() + timedelta(hours=30, minutes=1), due_by_law=True)
    page = visit(desk, "/desk/")
    assert "Due in 5 hours" in row_of(page, ours)
    assert "our own target" in row_of(page, ours)
    assert "Due in 30 hours" in row_of(page, laws)
    assert "our own target" not in row_of(page, laws)
    for case in (ours, laws):
        assert row_of(page, case).count("Overdue by") == 1, "the harm's clock began long ago"


def many_cases(count: int, seed: int) -> list[Case]:
    """Cases of every kind, with many that fall on the same second, as a flood of reports does."""
    chance = random.Random(seed)  # noqa: S311
    cases = []
    for _ in range(count):
        opened = NOON + timedelta(seconds=chance.choice([0, 0, 1, 3600]), microseconds=chance.choice([0, 0, 999_999]))
        case = changed(
            a_case(opened),
            danger=chance.choice([True, None, False]),
            severity=chance.choice(["", *HARM_HOURS]),
            posted_on=chance.choice([None, None, date(2026, 3, 6), date(2026, 2, 1)]),
        )
        if chance.random() < 0.5:
            ends = [NOON + timedelta(hours=hours) for hours in (24, 48, 96, -700)]
            with_step(case, chance.choice(["sent", "acknowledged", "overdue", "drafted"]), chance.choice(ends))
        cases.append(case)
    return cases


def place_of(case: Case) -> tuple[int, int, datetime, str]:
    """The order as it is said in words, reckoned for one case at a time."""
    began = datetime.combine(case.posted_on, time(), UTC) if case.posted_on else case.opened_at
    timers = [int(began.timestamp()) + 3600 * HARM_HOURS.get(case.severity, HARM_HOURS_UNREAD)]
    running = case.measures.filter(state__in=["sent", "acknowledged"], due_at__isnull=False)
    timers += [int(measure.due_at.timestamp()) for measure in running]
    urgency = {True: 0, None: 1, False: 2}[case.danger]
    return urgency, min(timers), case.opened_at, case.pk.hex


def pages_of(wanted: Wanted, who: Person, most: int) -> list[list[Case]]:
    pages, after = [], None
    while True:
        part = queue.part_of_queue(wanted, who, at=NOON, after=after, most=most)
        pages.append([row.case for row in part.rows])
        if part.following is None:
            return pages
        after = queue.read_key(str(part.following))


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("most", [1, 7, 50])
def test_page_by_page_each_case_stands_once_and_in_its_place(seed, most):
    cases = many_cases(45, seed)
    pages = pages_of(Wanted(), member(), most)
    assert [case.pk for page in pages for case in page] == [case.pk for case in sorted(cases, key=place_of)]
    assert all(len(page) == most for page in pages[:-1])


@pytest.mark.django_db
def test_a_case_that_comes_in_meanwhile_moves_nothing_on_the_next_page(desk):
    cases = sorted((a_case(NOON + timedelta(minutes=n)) for n in range(60)), key=lambda case: case.opened_at)
    first = visit(desk, "/desk/")
    assert shown(first) == references(*cases[:50])
    a_case(NOON, danger=True)
    [following] = first.tree.xpath("//a[@rel='next']/@href")
    second = visit(desk, following)
    assert shown(second) == references(*cases[50:])
    assert second.tree.xpath("//a[@rel='next']") == []
    [start] = second.tree.xpath("//nav[@aria-label='Pages']//a/@href")
    assert start == "/desk/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "told", ["x", "0.0", "0.0.0", "-1.1." + "a" * 32, "1.-1." + "a" * 32, f"{10**30}.0." + "a" * 32, "٣.1." + "a" * 32]
)
def test_a_place_that_is_none_begins_at_the_start(desk, told):
    case = a_case()
    assert shown(visit(desk, f"/desk/?after={told}")) == references(case)


@pytest.mark.django_db
def test_behind_the_last_place_the_way_back_is_shown(desk):
    a_case()
    page = visit(desk, f"/desk/?after={Key(3 * SPAN - 1, 0, a_case().pk)}")
    assert "Begin at the start of the queue." in page.words


@pytest.mark.django_db
def test_closed_cases_come_the_latest_first_page_by_page(desk):
    cases = [changed(a_case(NOON + timedelta(microseconds=n // 2)), state="closed") for n in range(9)]
    cases.append(changed(a_case(NOON + timedelta(days=1)), state="closed"))
    pages = pages_of(Wanted(state="closed"), member(), 4)
    found = [case for page in pages for case in page]
    assert found == sorted(cases, key=lambda case: (case.opened_at, case.pk.hex), reverse=True)


# -- filters -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_each_filter_shows_what_it_says(signed_in):
    ours, theirs = (Organisation.objects.create(name=name) for name in ("Helpline of Examplia", "Other house"))
    desk = signed_in()
    Person.objects.filter(pk=desk.person.pk).update(organisation=ours)
    colleague, stranger = member(), member()
    Person.objects.filter(pk=colleague.pk).update(organisation=ours)
    Person.objects.filter(pk=stranger.pk).update(organisation=theirs)
    mine = changed(a_case(danger=True), owner=desk.person, state="open")
    colleagues = changed(a_case(), owner=colleague, state="waiting")
    strangers = changed(a_case(), owner=stranger, state="open")
    nobodys = a_case()
    late = changed(a_case(), owner=desk.person, state="open")
    with_step(late, "overdue")
    quietly_late = changed(a_case(), owner=desk.person, state="open")
    with_step(quietly_late, "sent", clock.now() - timedelta(hours=1))
    in_time = changed(a_case(), owner=desk.person, state="open")
    with_step(in_time, "sent", clock.now() + timedelta(hours=1))
    closed = changed(a_case(), owner=desk.person, state="closed")

    def found(query: str) -> set[str]:
        return set(shown(visit(desk, f"/desk/?{query}")))

    my_open = references(mine, late, quietly_late, in_time)
    assert found("") == {*my_open, *references(colleagues, nobodys)}
    assert found("show=mine") == set(my_open)
    assert found("show=team") == {*my_open, colleagues.reference}
    assert found("show=unowned") == {nobodys.reference}
    assert found("danger=yes") == {mine.reference}
    assert found("state=waiting") == {colleagues.reference}
    assert found("state=closed") == {closed.reference}
    assert found("overdue=yes") == set(references(late, quietly_late))
    assert found("overdue=yes&show=unowned") == set()
    assert found("show=everything&state=lost&waiting=rain&danger=maybe") == found("")
    assert strangers.reference not in found("state=open")


def said(case: Case, by: Person | None, *, read: bool = True) -> None:
    Message.objects.create(case=case, member=by, sealed=b"x", written_at=NOON, read_at=NOON if read else None)


@pytest.mark.django_db
def test_for_whom_a_case_waits_is_filtered_and_said_alike(desk):
    new, at_addressee, asked, answered, unread, refused, both = (a_case() for _ in range(7))
    with_step(at_addressee, "sent")
    said(asked, None)
    said(asked, desk.person)
    said(answered, desk.person)
    said(answered, None)
    said(unread, None, read=False)
    said(unread, desk.person)
    with_step(refused, "refused")
    with_step(both, "acknowledged")
    said(both, desk.person, read=False)
    expected = {
        "person": {asked, unread, both},
        "addressee": {at_addressee, both},
        "us": {new, answered, unread, refused},
    }
    everything = visit(desk, "/desk/")
    for whom, cases in expected.items():
        assert set(shown(visit(desk, f"/desk/?waiting={whom}"))) == set(references(*cases)), whom
        words = {"person": "the person", "addressee": "an addressee", "us": "us"}[whom]
        rows = {case: row_of(everything, case) for case in (new, at_addressee, asked, answered, unread, refused, both)}
        named = {case: row.partition("waits for ")[2].partition(" none runs")[0] for case, row in rows.items()}
        assert {case for case, whoms in named.items() if words in whoms.split(", ")} == cases, whom


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "New reports appear here by themselves."),
        ("show=mine", "Take a case from all open cases."),
        ("show=team", "Press “Take the next” to begin."),
        ("show=unowned", "Each open case is with somebody."),
        ("danger=yes", "No case fits this filter. Show all open cases."),
        ("show=mine&state=closed", "No case fits this filter. Show all open cases."),
    ],
)
def test_an_empty_list_says_what_to_do(desk, query, says):
    assert says in visit(desk, f"/desk/?{query}").words


@pytest.mark.django_db
def test_filters_stay_when_another_tab_or_page_is_chosen(desk):
    for number in range(51):
        changed(a_case(NOON + timedelta(minutes=number)), danger=True)
    page = visit(desk, "/desk/?danger=yes&overdue=&state=new")
    tabs = page.tree.xpath("//nav[@aria-label='Whose cases']//a/@href")
    assert tabs[1] == "/desk/?show=mine&danger=yes&state=new"
    [following] = page.tree.xpath("//a[@rel='next']/@href")
    assert following.startswith("/desk/?danger=yes&state=new&after=")
    assert len(shown(visit(desk, following))) == 1
    form = page.form("Filter")
    assert form.xpath(".//input[@name='danger']/@checked") == ["checked"]
    assert form.xpath(".//select[@name='state']/option[@selected]/@value") == ["new"]


@pytest.mark.django_db
def test_a_case_that_is_closed_off_is_not_listed_for_others(desk):
    hidden, open_to_all = changed(a_case(), sealed=True), a_case()
    assert shown(visit(desk, "/desk/")) == references(open_to_all)
    changed(open_to_all, state="closed")
    with pytest.raises(NothingToTake):
        queue.take_next(by=desk.person, at=NOON)
    assert queue.take_several([hidden.reference], by=desk.person, at=NOON) == ([], [hidden.reference])


@pytest.mark.django_db
def test_places_are_counted_with_those_that_are_gone(desk):
    case = a_case(links=("https://board.example.net/1", "https://board.example.net/2"))
    Posting.objects.filter(case=case).update(state="gone")
    Posting.objects.filter(pk=case.postings.first().pk).update(state="live")
    assert "2 1 gone" in row_of(visit(desk, "/desk/"), case)
    Posting.objects.filter(case=case).update(state="gone")
    assert "2 all gone" in row_of(visit(desk, "/desk/"), case)


# -- saved filters -------------------------------------------------------------------------------------------------


def save(desk: Client, query: str, name: str) -> Page:
    return press(desk, visit(desk, f"/desk/?{query}"), "Save this filter", name=name)


@pytest.mark.django_db
def test_a_filter_is_saved_under_a_name_in_a_cookie_out_of_reach_for_scripts(desk):
    page = save(desk, "danger=yes&show=mine", "  My   urgent ones ")
    assert page.tree.xpath("//a[.='My urgent ones']/@href") == ["/desk/?show=mine&danger=yes"]
    cookie = desk.cookies["desk_filters"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert cookie["path"] == "/desk/"
    [forget] = [b for b in page.tree.iter("button") if b.get("name") == "forget"]
    page = Page(desk.post("/desk/queue/filters/", {"forget": forget.get("value"), "query": ""}, follow=True))
    assert page.tree.xpath("//a[.='My urgent ones']") == []


@pytest.mark.django_db
def test_the_same_name_replaces_and_ten_are_enough(desk):
    for number in range(10):
        save(desk, "danger=yes", f"Filter {number}")
    page = save(desk, "overdue=yes", "Filter 3")
    assert page.tree.xpath("//a[.='Filter 3']/@href") == ["/desk/?overdue=yes"]
    assert "forget one first" in save(desk, "overdue=yes", "One more").words
    assert len(visit(desk, "/desk/").tree.xpath("//button[@name='forget']")) == 10
    assert len(desk.cookies["desk_filters"].value) < 4096


@pytest.mark.django_db
def test_long_foreign_names_fit_into_the_cookie(desk):
    for number in range(10):
        save(desk, "danger=yes&overdue=yes&state=waiting&waiting=addressee&show=unowned", f"{number}" + "字🌿" * 30)
    assert len(visit(desk, "/desk/").tree.xpath("//button[@name='forget']")) == 10
    assert len(desk.cookies["desk_filters"].value) < 4000


@pytest.mark.django_db
def test_a_saved_filter_holds_filters_only_and_is_its_members_alone(desk, signed_in):
    told = {"name": "My own", "query": "show=mine&next=https://board.example.net&q=Mara+Vellinga"}
    page = Page(desk.post("/desk/queue/filters/", told, follow=True))
    assert page.tree.xpath("//a[.='My own']/@href") == ["/desk/?show=mine"]
    other = signed_in()
    other.cookies["desk_filters"] = desk.cookies["desk_filters"].value
    assert visit(other, "/desk/").tree.xpath("//button[@name='forget']") == []
    desk.cookies["desk_filters"] = desk.cookies["desk_filters"].value[:-2]
    assert visit(desk, "/desk/").status == 200
    assert visit(desk, "/desk/").tree.xpath("//button[@name='forget']") == []


@pytest.mark.django_db
@pytest.mark.parametrize("told", [{}, {"name": "x"}, {"query": "danger=yes"}, {"name": " ", "query": "danger=yes"}])
def test_half_a_filter_is_not_saved_and_says_what_to_do(desk, told):
    assert "Choose a filter first" in Page(desk.post("/desk/queue/filters/", told, follow=True)).words


# -- taking --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_taking_the_next_gives_the_most_urgent_case_that_nobody_has(desk):
    taken = changed(a_case(danger=True), owner=member())
    a_case(NOON - timedelta(days=3))
    urgent = a_case(danger=True)
    page = press(desk, visit(desk, "/desk/"), NEXT)
    assert page.path == f"/desk/cases/{urgent.reference}/"
    assert f"{urgent.reference} is yours." in page.words
    assert Case.objects.get(pk=urgent.pk).owner == desk.person
    assert Case.objects.get(pk=taken.pk).owner != desk.person
    assert [e["by"] for e in ledger.entries_of(urgent.pk) if e["kind"] == "case.taken"] == [str(desk.person.pk)]


@pytest.mark.django_db
def test_where_nothing_is_left_to_take_the_page_says_so(desk):
    changed(a_case(), owner=member())
    changed(a_case(), state="closed")
    page = press(desk, visit(desk, "/desk/"), NEXT)
    assert page.path == "/desk/"
    assert "Every open case you can see is with somebody." in page.words


@pytest.mark.django_db(transaction=True)
def test_people_who_press_at_once_never_get_the_same_case():
    cases = [a_case(NOON + timedelta(minutes=n)) for n in range(6)]
    people = [member() for _ in range(8)]
    together, got, failures = threading.Barrier(len(people)), [], []

    def press_it(person: Person) -> None:
        try:
            together.wait()
            got.append(queue.take_next(by=person, at=NOON).pk)
        except NothingToTake:
            got.append(None)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=press_it, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    taken = [pk for pk in got if pk is not None]
    assert len(set(taken)) == len(taken)
    owners = list(Case.objects.exclude(owner=None).values_list("owner", flat=True))
    assert len(set(owners)) == len(owners) == len(taken)
    assert len(taken) == len(cases), "what was passed over was taken by whoever held it"
    assert list(ledger.faults()) == []


@pytest.mark.django_db
def test_several_are_taken_at_once_but_for_those_somebody_has(desk):
    free, also_free, left = (a_case(NOON + timedelta(minutes=n)) for n in range(3))
    page = visit(desk, "/desk/?show=unowned")
    theirs = changed(a_case(), owner=member())
    closed = changed(a_case(), state="closed")
    page = press(desk, page, SEVERAL, case=[*references(free, also_free, theirs, closed), "HB-000000", "x\0"])
    assert page.path == "/desk/"
    assert page.response.request["QUERY_STRING"] == "show=unowned"
    assert f"2 cases are yours: {free.reference}, {also_free.reference}" in page.words
    assert "4 cases were left" in page.words
    assert shown(page) == references(left)
    assert set(Case.objects.filter(owner=desk.person)) == {free, also_free}


@pytest.mark.django_db
def test_nothing_ticked_says_what_to_do_and_more_than_twenty_are_left(desk):
    cases = [a_case(NOON + timedelta(minutes=n)) for n in range(22)]
    page = press(desk, visit(desk, "/desk/"), SEVERAL)
    assert "Tick the cases you want" in page.words
    taken, left = queue.take_several(references(*cases), by=desk.person, at=NOON)
    assert (len(taken), len(left)) == (20, 2)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["next", "several", "filters"])
def test_looking_takes_nothing(desk, address):
    case = a_case()
    assert desk.get(f"/desk/queue/{address}/", {"case": case.reference}).status_code == 405
    assert Case.objects.get(pk=case.pk).owner is None


# -- how often the database is asked -------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["", "show=mine", "show=team&overdue=yes", "waiting=us", "waiting=person", "state=closed"]
)
def test_the_database_is_asked_as_often_for_sixty_cases_as_for_three(desk, query):
    def fill(count: int) -> None:
        for number in range(count):
            state = "closed" if query == "state=closed" else "open"
            links = ("https://board.example.net/1",)
            case = changed(a_case(NOON + timedelta(minutes=number), links=links), owner=desk.person, state=state)
            with_step(case, "overdue" if number % 2 else "sent", NOON)
            said(case, desk.person)

    def asked() -> int:
        visit(desk, f"/desk/?{query}")
        with CaptureQueriesContext(connection) as found:
            assert shown(visit(desk, f"/desk/?{query}"))
        return len(found)

    fill(3)
    few = asked()
    assert few == 11 if query != "state=closed" else few == 10, "who asks, what they see, the list, the rows"
    fill(57)
    many = asked()
    # Where the page is full, one question more: whom the law brings forward from the pages behind it.
    assert many - few == ("us" not in query and query != "state=closed")
    fill(20)
    assert asked() == many


@pytest.mark.django_db
def test_what_is_kept_of_the_queue_in_the_browser_travels_encrypted_where_the_house_does(desk, settings):
    settings.SESSION_COOKIE_SECURE = True
    save(desk, "danger=yes", "Urgent")
    assert desk.cookies["desk_filters"]["secure"]
    assert django_settings.SESSION_COOKIE_HTTPONLY


def test_a_place_in_an_address_leads_back_to_itself():
    key = Key(SPAN + 1_772_800_000, 1_772_790_000_000_001, UUID(int=7))
    assert queue.read_key(str(key)) == key
    assert queue.read_key(str(replace(key, place=2 * SPAN))) > key

"""The way out, as a safety device: at once, from every page of the portal, and no way back to what was open."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("scripts", [pytest.param(True, id="with-scripts"), pytest.param(False, id="without-scripts")])
def test_exit_leads_somewhere_harmless_and_forgets_the_visit(visitor, elsewhere, do_the_work, scripts):
    person = visitor(scripts=scripts)
    page = person.page
    follow(person, a_report(), do_the_work)

    page.get_by_role("link", name="Exit this page").click()
    page.wait_for_url(elsewhere)
    assert page.title() == "Weather"
    assert [cookie["name"] for cookie in page.context.cookies() if cookie["name"] == "sessionid"] == []

    page.go_back()
    assert "Where things stand" not in page.inner_text("body")
    person.go("/follow/case/")
    assert "Where things stand" not in page.inner_text("main"), "the visit is forgotten"
    assert page.url.endswith("/follow/")


def test_shift_three_times_leaves_from_the_case(visitor, elsewhere, do_the_work):
    person = visitor()
    page = person.page
    follow(person, a_report(), do_the_work)
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url(elsewhere)
    person.go("/follow/case/")
    assert page.url.endswith("/follow/")


def test_every_page_of_the_portal_has_the_way_out_first(visitor):
    person = visitor(scripts=False)
    for path in ("/", "/report/links/", "/report/material/", "/danger/", "/rights/NL/", "/follow/", "/receipt/"):
        person.go(path)
        person.page.keyboard.press("Tab")
        assert person.page.locator(":focus").inner_text().strip() == "Exit this page"


def a_report() -> str:
    """A report filed already. Returns its receipt."""
    from habeas.cases.core.intake import Intake
    from habeas.journey.report import file_report

    told = Intake(channel="portal", reporter="self", lives_in="NL", text="Mara Vellinga, +31 6 1234 5678")
    return file_report(told).receipt


def follow(person, receipt: str, do_the_work) -> None:
    do_the_work()
    person.go("/follow/")
    person.page.get_by_label("Your receipt").fill(receipt)
    person.page.get_by_role("button", name="Open").click()
    assert "Where things stand" in person.page.inner_text("main")

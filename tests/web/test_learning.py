"""Pages that need no case: numbers to call, steps for tonight, rights by place. They store nothing."""

from __future__ import annotations

import pytest

from factories.pages import press, visit
from habeas.cases.models import UnsentReport
from habeas.law.core.packs import jurisdictions

pytestmark = pytest.mark.django_db


def test_the_number_of_the_country_asked_for_stands_first(client):
    page = visit(client, "/danger/?country=NL")
    [number, *_more] = page.tree.xpath("//a[starts-with(@href, 'tel:')]/@href")
    assert number == "tel:112"
    assert "tel:999" in page.tree.xpath("//tr[th='Hong Kong SAR']//a/@href")


@pytest.mark.parametrize("country", ["XA", "<b>", "", "\0"])
def test_a_country_nobody_knows_shows_the_list_only(client, country):
    page = visit(client, f"/danger/?country={country}")
    assert page.status == 200
    assert page.tree.xpath("//p[@class='emergency']") == []


def test_a_few_ticks_bring_a_few_steps_and_nothing_is_stored(client):
    page = visit(client, "/tonight/?asked=1&exposed=money&exposed=home&danger=yes")
    steps = page.tree.xpath("//ol[contains(@class, 'todo')]/li")
    assert 0 < len(steps) <= 5
    assert "call the emergency number" in steps[0].text_content()
    assert "Source:" in steps[0].text_content()
    assert UnsentReport.objects.count() == 0
    assert not client.cookies


def test_ticks_nobody_offered_break_nothing(client):
    assert visit(client, "/tonight/?asked=1&exposed=hoem&danger=maybe").status == 200


def test_rights_are_found_by_place(client):
    page = visit(client, "/rights/?place=NL")
    assert page.path == "/rights/NL/"
    assert "Wetboek van Strafrecht art 285d" in page.words
    assert "law of: European Union" in page.words
    assert "Autoriteit Persoonsgegevens" in page.words
    assert "it is no legal advice" in page.words


@pytest.mark.parametrize("code", sorted(jurisdictions()))
def test_every_place_opens(client, code):
    assert visit(client, f"/rights/{code}/").status == 200


def test_a_place_without_a_pack_is_not_there(client):
    assert visit(client, "/rights/xa/").status == 404


def test_the_first_page_leads_to_all_of_them(client):
    links = visit(client, "/").tree.xpath("//main//a/@href")
    assert {"/danger/", "/under-18/", "/tonight/", "/rights/", "/follow/", "/report/", "/report/all/"} <= set(links)
    for link in links:
        assert visit(client, link).status == 200, link


def test_steps_for_tonight_stand_before_the_form_ends(client):
    press(client, visit(client, "/report/exposed/"), "Continue", exposed=["children"])
    assert "agree on a code word for pick-up" in visit(client, "/report/safety/").words

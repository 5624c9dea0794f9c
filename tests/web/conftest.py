"""What the web tests share. Models are imported late: pytest reads this file before Django is set up."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from habeas.cases.models import Case
    from habeas.remedies.models import Measure


class Misspelt(str):
    """In place of a variable that is not there: raises with its name."""

    __slots__ = ()

    def __contains__(self, part: object) -> bool:
        return part == "%s"

    def __mod__(self, name: object) -> str:
        raise AssertionError(f"the template asks for {name!r}, which nobody gave it")


@pytest.fixture(autouse=True)
def strict_templates(settings) -> None:
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["OPTIONS"]["string_if_invalid"] = Misspelt("%s")
    settings.TEMPLATES = templates


@pytest.fixture
def signed_in(db) -> Callable[..., Client]:
    """Makes browsers at which somebody of that role is signed in; ``.person`` says who."""
    from django.test import Client

    from factories.people import member

    def enter(role: str = "caseworker", name: str = "", **browser_kind: bool) -> Client:
        browser = Client(**browser_kind)
        browser.person = member(role, name)
        browser.force_login(browser.person)
        return browser

    return enter


@pytest.fixture
def case(db) -> Case:
    """A case with one step to decide."""
    from factories.plans import plan, step
    from factories.reports import NOON, a_case
    from habeas.remedies.actions import record_plan

    opened = a_case()
    record_plan(opened, plan(step()), cause="the report was examined", at=NOON)
    return opened


@pytest.fixture
def measure(case) -> Measure:
    return case.measures.get()

"""Visiting the site as a browser without scripts does: reading a page, filling in its form, pressing its button."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from lxml import html


@dataclass(frozen=True)
class Page:
    response: HttpResponse

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def path(self) -> str:
        """Where the visitor stands now, after all redirects."""
        return self.response.request["PATH_INFO"]

    @cached_property
    def tree(self) -> html.HtmlElement:
        tree = html.document_fromstring(self.response.content.decode())
        for box in tree.iter("textarea"):
            # A browser drops the line feed right after the tag.
            box.text = (box.text or "").removeprefix("\n")
        return tree

    @property
    def words(self) -> str:
        """What a reader reads, with single spaces."""
        body = html.fromstring(html.tostring(self.tree.body, encoding="unicode"))
        for hidden in body.xpath(".//script | .//style | .//option"):
            hidden.drop_tree()
        return " ".join(" ".join(body.itertext()).split())

    @property
    def errors(self) -> list[str]:
        """The error summary at the head of the page."""
        items = self.tree.xpath("//div[@class='error-summary']//li")
        return [" ".join(item.text_content().split()) for item in items]

    def form(self, button: str) -> html.FormElement:
        """The first form that has the button. Raises AssertionError with the buttons there are."""
        labels = []
        for form in self.tree.forms:
            for pressed in form.iter("button"):
                labels.append(" ".join(pressed.text_content().split()))
                if labels[-1] == button:
                    return form
        raise AssertionError(f"{self.path} has no button “{button}”; it has {labels}")

    def typed(self, button: str) -> dict[str, list[str]]:
        """What the form of that button would send if it were sent as it stands."""
        values: dict[str, list[str]] = {}
        for control in self.form(button).iter("input", "select", "textarea"):
            for value in _values(control):
                values.setdefault(control.get("name"), []).append(value)
        return values


def press(client: Client, page: Page, button: str, **typed: Any) -> Page:
    """Fill in the form of that button and send it. ``typed``: field -> what stands in it instead."""
    form = page.form(button)
    told: dict[str, Any] = {**page.typed(button), **typed}
    for pressed in form.iter("button"):
        if " ".join(pressed.text_content().split()) == button and pressed.get("name"):
            told[pressed.get("name")] = pressed.get("value")
    return Page(client.post(form.get("action") or page.path, told, follow=True))


def visit(client: Client, address: str) -> Page:
    return Page(client.get(address, follow=True))


def names_of_addresses() -> set[str]:
    """Every address of the site by its name, as the resolver knows it. Raises AssertionError for one without."""
    return set(_names(get_resolver(), ""))


def leads_to(response: HttpResponse) -> str:
    """The path of a redirect, without its query; empty where it is none."""
    return urlsplit(response.headers.get("Location", "")).path


def _values(control: html.HtmlElement) -> list[str]:
    """What one control sends. lxml's own form_values says “on” for a choice whose value is empty."""
    if control.tag == "textarea":
        return [control.text or ""]
    if control.tag == "select":
        chosen = control.xpath(".//option[@selected]") or control.xpath(".//option[1]")
        return [option.get("value", "") for option in chosen]
    kind = control.get("type", "text")
    if kind in {"file", "submit", "image", "reset", "button"}:
        return []
    if kind in {"radio", "checkbox"}:
        return [control.get("value", "on")] if control.get("checked") is not None else []
    return [control.get("value", "")]


def _names(resolver: URLResolver, space: str) -> list[str]:
    found = []
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            assert entry.name, f"{entry.pattern} has no name: give it one, so that its rights can stand in a table"
            found.append(space + entry.name)
        else:
            found += _names(entry, f"{space}{entry.namespace}:" if entry.namespace else space)
    return found

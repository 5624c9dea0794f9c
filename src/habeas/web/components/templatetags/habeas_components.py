"""The components as template tags: ``{% load habeas_components %}``. README.md shows each with an example.

A leaf that a page repeats a hundred times (a tag, a clock, a meter) is built in Python; the rest are templates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from habeas.web.components import icons
from habeas.web.components.clocks import read_clock
from habeas.web.components.marks import cut
from habeas.web.components.shapes import Column, Event, Link, PlanStep, Span, SummaryRow, Trace, Words
from habeas.web.components.statuses import TONES, status_of

register = template.Library()


def _checked(name: str, value: str, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise ValueError(f'{name} is "{value}"; it can be {", ".join(allowed)}')
    return value


def _render(name: str, /, **context: Any) -> SafeString:
    return render_to_string(f"components/{name}.html", context)


# -- small pieces ----------------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str) -> SafeString:
    return icons.draw(name)


@register.simple_tag
def button(
    label: Words,
    *,
    kind: str = "primary",
    href: str = "",
    type: str = "submit",  # noqa: A002 (the attribute's own name, as a template author knows it)
    name: str = "",
    value: str = "",
    icon: str = "",
) -> SafeString:
    """A button, or with ``href`` a link that looks like one. kind: primary, secondary, danger, link."""
    classes = f"button button-{_checked('kind', kind, ('primary', 'secondary', 'danger', 'link'))}"
    mark = icons.draw(icon) if icon else ""
    if href:
        return format_html('<a class="{}" href="{}">{}{}</a>', classes, href, mark, label)
    sent = format_html(' name="{}" value="{}"', name, value) if name else ""
    return format_html('<button class="{}" type="{}"{}>{}{}</button>', classes, type, sent, mark, label)


@register.simple_tag
def tag(label: Words, *, tone: str = "neutral", icon: str = "dot", open: bool = False) -> SafeString:  # noqa: A002
    """A word with a shape. ``open``: nobody knows yet, so its outline is dashed."""
    return format_html(
        '<span class="tag tone-{}{}">{}{}</span>',
        _checked("tone", tone, TONES),
        " tag-open" if open else "",
        icons.draw(icon),
        label,
    )


@register.simple_tag
def status(key: str) -> SafeString:
    """The tag of a known state: outcomes, measures, the queue, postings. See statuses.py."""
    shown = status_of(key)
    return tag(shown.label, tone=shown.tone, icon=shown.icon, open=shown.open)


@register.simple_tag
def truth(value: bool | None, *, false_tone: str = "neutral") -> SafeString:
    """Met, not known, not met: three answers, three shapes.

    false_tone: neutral in law, where not met is no bad news; danger where it stops the work
    """
    shape, tone, word = {
        True: ("met", "success", pgettext("of a condition", "Met")),
        None: ("half", "info", pgettext("of a condition", "Not known")),
        False: ("failed", _checked("false_tone", false_tone, TONES), pgettext("of a condition", "Not met")),
    }[value]
    return format_html(
        '<span class="truth tone-{}">{}<span class="visually-hidden">{}: </span></span>', tone, icons.draw(shape), word
    )


@register.simple_tag
def gravity(level: int, *, reason: Words = "") -> SafeString:
    """How grave an exposure is, 1 to 4, as four bars and a word. Raises ValueError for any other level."""
    if level not in (1, 2, 3, 4):
        raise ValueError(f"gravity is {level}; it can be 1, 2, 3 or 4")
    word = (_("Low"), _("Moderate"), _("High"), _("Very high"))[level - 1]
    bars = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="4" height="{}" rx="1"/>',
        (("on" if n <= level else "off", 1 + 6 * (n - 1), 16 - 4 * n, 4 * n - 1) for n in (1, 2, 3, 4)),
    )
    said = _("Gravity %(level)d of 4") % {"level": level}
    return format_html(
        '<span class="gravity gravity-{}"><svg viewBox="0 0 24 16" aria-hidden="true">{}</svg>'
        '<span>{}<span class="visually-hidden"> ({})</span>{}</span></span>',
        level, bars, word, said, format_html('<span class="quiet"> {}</span>', reason) if reason else "",
    )  # fmt: skip


_SEVERITIES = ("none", "low", "moderate", "high", "very_high")


@register.simple_tag
def severity(level: str, *, reason: Words = "") -> SafeString:
    """A scan's severity as the same meter; "" (not examined yet) and "none" are words without bars."""
    if not level:
        return tag(pgettext("severity", "Not examined yet"), icon="dashed", open=True)
    place = _SEVERITIES.index(_checked("severity", level, _SEVERITIES))
    return gravity(place, reason=reason) if place else tag(pgettext("severity", "Nothing found"), icon="ring")


@register.simple_tag
def clock(
    due: datetime | date | None,
    now: datetime | None = None,
    *,
    done_at: datetime | None = None,
    owner: Words = "",
    warn_hours: int = 24,
) -> SafeString:
    """How long is left. due: instant, day or None; owner: who owes it."""
    face = read_clock(due, now or timezone.now(), done_at=done_at, warn_hours=warn_hours)
    words = format_html('<span class="clock-phrase">{}{}</span>', icons.draw(face.icon), face.phrase)
    if face.exact:
        words = format_html('{} <span class="clock-exact">{}</span>', words, face.exact)
    if owner:
        words = format_html('{} <span class="clock-owner">{}</span>', words, owner)
    if not face.machine:
        return format_html('<span class="clock tone-{}">{}</span>', face.tone, words)
    return format_html('<time class="clock tone-{}" datetime="{}">{}</time>', face.tone, face.machine, words)


# -- the frame of a page ---------------------------------------------------------------------------------------------


@register.inclusion_tag("components/wordmark.html")
def wordmark(href: str = "", *, organisation: Words = "") -> dict[str, Any]:
    return {"href": href, "organisation": organisation}


@register.simple_block_tag
def page_header(content: str, href: str = "/", *, organisation: Words = "") -> SafeString:
    """The masthead. Its content stands at the end of the line: language menu, account, navigation."""
    return _render("page_header", content=content, href=href, organisation=organisation)


@register.inclusion_tag("components/exit_button.html")
def exit_button(*, required: bool = True) -> dict[str, Any]:
    """The way out, first in tab order. Leads to the URL named ``exit``, and works without JavaScript.

    required: raise where no such URL exists. Only pages for errors set it to false: they must show whatever happens.
    """
    return {"required": required}


@register.inclusion_tag("components/skip_link.html")
def skip_link() -> dict[str, Any]:
    return {}


@register.inclusion_tag("components/breadcrumbs.html")
def breadcrumbs(links: Iterable[Link]) -> dict[str, Any]:
    return {"links": links}


@register.inclusion_tag("components/back_link.html")
def back_link(href: str, label: Words = "") -> dict[str, Any]:
    return {"href": href, "label": label or _("Back")}


@register.inclusion_tag("components/tabs.html")
def tabs(links: Iterable[Link], *, label: Words) -> dict[str, Any]:
    """Tabs as links. label: what the choice is about, for screen readers."""
    return {"links": links, "label": label}


@register.inclusion_tag("components/language_menu.html")
def language_menu(links: Iterable[Link], *, form: str = "") -> dict[str, Any]:
    """Languages by their own names. Each link's ``lang`` is its code.

    form: id of the page's form: a choice sends it, as ``switch``, so that nothing typed is lost
    """
    links = list(links)
    return {"links": links, "now": next((link for link in links if link.current), None), "form": form}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Page[Any], *, param: str = "page") -> dict[str, Any]:
    """Links to the other pages of a list. Keeps every other part of the address where ``request`` is in the context."""
    request = context.get("request")

    def address(number: int) -> str:
        query = request.GET.copy() if request is not None else QueryDict(mutable=True)
        query[param] = str(number)
        return f"?{query.urlencode()}"

    numbers = []
    for n in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1):
        gap = not isinstance(n, int)
        numbers.append({"number": n, "gap": gap, "url": "" if gap else address(n), "current": n == page.number})
    return {
        "page": page,
        "numbers": numbers,
        "previous": address(page.previous_page_number()) if page.has_previous() else "",
        "following": address(page.next_page_number()) if page.has_next() else "",
    }


# -- words to the reader ---------------------------------------------------------------------------------------------

_NOTICE_ICONS = {"info": "info", "success": "check", "warning": "warning", "danger": "warning"}


@register.simple_block_tag
def notice(content: str, kind: str = "info", *, title: Words = "", level: int = 2, live: bool = False) -> SafeString:
    """Something to know before going on. kind: info, success, warning, danger.

    level: of the title among the page's headings, 2 to 4
    live:  it appears in answer to what the reader did, so a screen reader should say it at once
    """
    _checked("kind", kind, tuple(_NOTICE_ICONS))
    role = ("alert" if kind == "danger" else "status") if live else ""
    return _render("notice", content=content, kind=kind, icon=_NOTICE_ICONS[kind], title=title, level=level, role=role)


@register.simple_block_tag
def empty_state(content: str, title: Words, *, icon: str = "check", level: int = 2) -> SafeString:
    return _render("empty_state", content=content, title=title, icon=icon, level=level)


@register.inclusion_tag("components/summary_list.html")
def summary_list(rows: Iterable[SummaryRow]) -> dict[str, Any]:
    return {"rows": list(rows)}


@register.inclusion_tag("components/data_table.html")
def data_table(
    caption: Words, columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, hide_caption: bool = False
) -> dict[str, Any]:
    """A table that becomes cards on a small screen. The first cell of each row names the row.

    rows: as many cells as there are columns; a cell is text, a number, or a SafeString made by another component
    """
    filled = [list(zip(columns, row, strict=True)) for row in rows]
    return {"caption": caption, "columns": columns, "rows": filled, "hide_caption": hide_caption}


@register.inclusion_tag("components/timeline.html")
def timeline(events: Iterable[Event]) -> dict[str, Any]:
    return {"events": [(event, isinstance(event.at, datetime)) for event in events]}


@register.inclusion_tag("components/law_trace.html")
def law_trace(node: Trace, *, open_depth: int = 1) -> dict[str, Any]:
    """Why a provision was met or not, as a tree that opens. Branches nobody knows the answer of stand open.

    open_depth: how many levels stand open whatever they came to
    """
    return {"node": node, "depth": 0, "open_depth": open_depth}


@register.simple_block_tag
def plan_step(content: str, step: PlanStep, *, now: datetime | None = None, level: int = 3) -> SafeString:
    """One measure of a plan. The content is its row of buttons."""
    missing = max(0, step.approvals_needed - len(step.approvals))
    return _render("plan_step", step=step, content=content, now=now, level=level, missing=missing)


@register.inclusion_tag("components/marked_text.html")
def marked_text(
    text: str,
    spans: Iterable[Span],
    *,
    id: str,  # noqa: A002 (it becomes the element's id)
    names: Mapping[str, Words] | None = None,
    blur: str = "marks",
    lang: str = "",
) -> dict[str, Any]:
    """A text with what it exposes marked, blurred until the reader asks for it.

    id:    unique on the page; names: what each kind is called, where its key is not a word for people
    blur:  marks (what is exposed), all (the whole text) or none; it spares the reader and keeps no secret:
           the text is in the page. Where reading must be logged, send the text only when it is asked for.
    """
    pieces = [
        (piece, ", ".join(str((names or {}).get(s.kind, s.kind.replace("_", " "))) for s in piece.begins))
        for piece in cut(text, spans)
    ]
    return {"pieces": pieces, "id": id, "blur": _checked("blur", blur, ("marks", "all", "none")), "lang": lang}


@register.simple_block_tag
def receipt_card(content: str, code: str, *, title: Words = "") -> SafeString:
    """A code to keep, large, in groups as its spaces or hyphens part it, printable on a card with a dull name."""
    groups = code.replace("-", " ").split()
    if not groups:
        raise ValueError("a receipt card needs a code: the report is not safe before there is one")
    return _render("receipt_card", groups=groups, content=content, title=title or _("Reference number"))


@register.inclusion_tag("components/figure_card.html")
def figure_card(value: Any, label: Words, *, note: Words = "", href: str = "") -> dict[str, Any]:
    """One number with what it counts. note: its definition or what it is measured against."""
    return {"value": value, "label": label, "note": note, "href": href}


# -- questions -------------------------------------------------------------------------------------------------------


@register.simple_block_tag
def fieldset(content: str, legend: Words, *, hint: Words = "") -> SafeString:
    return _render("fieldset", content=content, legend=legend, hint=hint)


@register.simple_block_tag
def question(
    content: str, title: Words = "", *, lead: Words = "", step: int | None = None, steps: int | None = None
) -> SafeString:
    """The frame of a page with one question on it. Leave the title out where the field carries it (``heading=True``).

    step, steps: "Step 2 of 6"; leave steps out where nobody can know how many there will be
    """
    return _render("question", content=content, title=title, lead=lead, step=step, steps=steps)


@register.inclusion_tag("components/error_summary.html")
def error_summary(*some_forms: forms.BaseForm, focus: bool = True) -> dict[str, Any]:
    """What needs another look, each linked to its field. Stands above the form; shows nothing where all is well.

    focus: the page opens on it, so that it is heard and seen first
    """
    entries: list[tuple[str, str]] = []
    for form in some_forms:
        entries += [("", error) for error in form.non_field_errors()]
        for bound in form:
            target = "" if bound.is_hidden else _first_control_id(bound)
            # Three times "This field is required" helps nobody: each says whose it is.
            mark = "" if str(bound.label).endswith(("?", ":", ".", "؟", "？")) else ":"
            entries += [(target, f"{bound.label}{mark} {error}") for error in bound.errors]
    return {"entries": entries, "focus": focus}


@register.inclusion_tag("components/field.html")
def field(
    bound: BoundField,
    *,
    label: Words = "",
    hint: Words = "",
    why: Words = "",
    heading: bool = False,
    hints: Mapping[str, Words] | None = None,
    width: str = "",
    optional: bool = True,
    inline: bool = False,
) -> dict[str, Any]:
    """A form field with its label, hint, reason and errors, whatever its widget.

    hint:     in place of the field's help_text
    why:      what it is asked for; in place of a ``why`` set on the field in Python
    heading:  the label is the page's heading (one question on a page)
    hints:    one line under a choice, by the choice's value
    width:    short, medium or empty for the full width
    optional: say "(optional)" where the field is not required
    inline:   choices side by side, for a few short ones
    """
    widget = bound.field.widget
    if isinstance(widget, forms.SelectDateWidget | forms.MultiWidget):
        raise ValueError(f'field "{bound.name}" has {type(widget).__name__}; its parts need labels: use one input')
    _use_native_picker(widget)
    hint = hint or bound.help_text
    noted = () if widget.is_hidden else (("helptext", hint), ("error", bound.errors))
    described = " ".join(f"{bound.auto_id}_{part}" for part, text in noted if text)
    kind = _kind_of(widget)
    context = {
        "id": bound.auto_id,
        "kind": kind,
        "label": label or bound.label,
        "hint": hint,
        "why": why or getattr(bound.field, "why", ""),
        "errors": bound.errors,
        "heading": heading,
        "width": _checked("width", width, ("", "short", "medium")),
        "optional": optional and not bound.field.required,
        "inline": inline,
        "described": described,
        "control": "",
        "choices": (),
    }
    if kind == "group":
        context["choices"] = [
            (choice.id_for_label, choice.tag(), choice.choice_label, (hints or {}).get(str(choice.data["value"]), ""))
            for choice in bound.subwidgets
        ]
    else:
        context["control"] = bound.as_widget(attrs={"aria-describedby": described} if described else {})
    return context


def _use_native_picker(widget: forms.Widget) -> None:
    """Dates are asked with the browser's own picker, which speaks the reader's language and calendar."""
    if isinstance(widget, forms.DateTimeInput):
        widget.input_type, widget.format = "datetime-local", "%Y-%m-%dT%H:%M"
    elif isinstance(widget, forms.DateInput):
        widget.input_type, widget.format = "date", "%Y-%m-%d"


def _kind_of(widget: forms.Widget) -> str:
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, forms.RadioSelect):  # ticking several is Django's subclass of choosing one
        return "group"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    return "single"


def _first_control_id(bound: BoundField) -> str:
    """The id that a link from the error summary leads to: a group's own id belongs to no control."""
    return f"{bound.auto_id}_0" if _kind_of(bound.field.widget) == "group" else bound.auto_id

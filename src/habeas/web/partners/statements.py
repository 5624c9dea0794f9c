"""An addressee's statements of reasons behind its link: a form with the schema's fields, and what was given so far."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from habeas.journey import reasons
from habeas.platforms.actions import NotOpen
from habeas.platforms.core.statement_of_reasons import FIELDS, NotAStatement, Problem, Rule
from habeas.web.partners.notice import enter
from habeas.web.partners.way_in import no_way

if TYPE_CHECKING:
    from habeas.journey.answers import Notice
    from habeas.platforms.models import Door

LABELS = {
    "puid": gettext_lazy("Your own number of this statement (PUID)"),
    "decision_visibility": gettext_lazy("What happened to the content"),
    "decision_visibility_other": gettext_lazy("What else happened to the content"),
    "decision_monetary": gettext_lazy("What happened to payments"),
    "decision_monetary_other": gettext_lazy("What else happened to payments"),
    "decision_provision": gettext_lazy("What happened to the service for its author"),
    "decision_account": gettext_lazy("What happened to the account"),
    "account_type": gettext_lazy("Kind of account"),
    "decision_ground": gettext_lazy("On what ground"),
    "illegal_content_legal_ground": gettext_lazy("The law it breaks"),
    "illegal_content_explanation": gettext_lazy("Why it breaks that law"),
    "incompatible_content_ground": gettext_lazy("Your rule that it breaks"),
    "incompatible_content_explanation": gettext_lazy("Why it breaks that rule"),
    "incompatible_content_illegal": gettext_lazy("Is it illegal as well?"),
    "decision_ground_reference_url": gettext_lazy("Address of that law or rule"),
    "decision_facts": gettext_lazy("Facts and circumstances of your decision"),
    "content_type": gettext_lazy("What the content was"),
    "content_type_other": gettext_lazy("What else the content was"),
    "content_language": gettext_lazy("Language of the content"),
    "content_date": gettext_lazy("Day on which it was posted"),
    "content_id": gettext_lazy("EAN-13, where it was a product"),
    "category": gettext_lazy("Category"),
    "category_addition": gettext_lazy("More categories"),
    "category_specification": gettext_lazy("Keywords"),
    "category_specification_other": gettext_lazy("Another keyword"),
    "application_date": gettext_lazy("Day from which the decision holds"),
    "end_date_visibility_restriction": gettext_lazy("Last day of what happened to the content"),
    "end_date_monetary_restriction": gettext_lazy("Last day of what happened to payments"),
    "end_date_service_restriction": gettext_lazy("Last day of what happened to the service"),
    "end_date_account_restriction": gettext_lazy("Last day of what happened to the account"),
    "territorial_scope": gettext_lazy("Where the decision holds"),
    "source_type": gettext_lazy("How you came to know of it"),
    "source_identity": gettext_lazy("Who gave notice"),
    "automated_detection": gettext_lazy("Was it found by automated means?"),
    "automated_decision": gettext_lazy("Was it decided by automated means?"),
}
HINTS = {
    "puid": gettext_lazy("Letters A to Z, digits, - and _. Never use one twice."),
    "decision_facts": gettext_lazy("No personal data: neither of whoever posted it nor of whoever is affected."),
    "source_identity": gettext_lazy("Leave it empty unless it is needed to tell which work was infringed."),
    "category_specification_other": gettext_lazy("No keyword of the list says doxxing."),
}
# What most decisions need stands open; the rest behind one more press.
SELDOM = frozenset(
    {
        "decision_monetary", "decision_monetary_other", "decision_provision", "account_type",
        "incompatible_content_illegal", "decision_ground_reference_url", "content_id", "category_addition",
        "end_date_visibility_restriction", "end_date_monetary_restriction", "end_date_service_restriction",
        "end_date_account_restriction", "territorial_scope", "source_identity",
    }
)  # fmt: skip
# Words that a code does not say by itself.
_WORDS = {
    "DECISION_GROUND_ILLEGAL_CONTENT": gettext_lazy("Illegal content"),
    "DECISION_GROUND_INCOMPATIBLE_CONTENT": gettext_lazy("Against your own rules"),
    "SOURCE_ARTICLE_16": gettext_lazy("A notice (article 16)"),
    "SOURCE_TRUSTED_FLAGGER": gettext_lazy("A notice of a trusted flagger"),
    "SOURCE_TYPE_OTHER_NOTIFICATION": gettext_lazy("Another notification"),
    "SOURCE_VOLUNTARY": gettext_lazy("You looked by yourselves"),
    "AUTOMATED_DECISION_NOT_AUTOMATED": gettext_lazy("Not automated"),
    "Yes": gettext_lazy("Yes"),
    "No": gettext_lazy("No"),
}
_PREFIXES = ("STATEMENT_CATEGORY_", "KEYWORD_", "CONTENT_TYPE_", "DECISION_VISIBILITY_", "DECISION_MONETARY_",
             "DECISION_PROVISION_", "DECISION_ACCOUNT_", "ACCOUNT_TYPE_", "AUTOMATED_DECISION_")  # fmt: skip
# Names of fields, and codes.
_NAMED = re.compile("|".join([*(rf"\b{name}\b" for name in LABELS if "_" in name), r"\b[A-Z]{2,}(?:_[A-Z0-9]+)+\b"]))
_LONG = 500
_WIDTHS = {"one": "medium", "day": "short", "puid": "medium", "product": "medium"}


def code_words(code: str) -> Any:
    """A code of the schema as people read it: the schema's own words, without what all codes of its list begin with."""
    if code in _WORDS:
        return _WORDS[code]
    for prefix in _PREFIXES:
        if code.startswith(prefix):
            return code.removeprefix(prefix).replace("_", " ").lower().capitalize()
    return code


def in_words(says: str) -> str:
    """A problem as the schema tells it, with fields and codes by the names they have on this page."""
    return _NAMED.sub(lambda found: f"“{LABELS.get(found[0]) or code_words(found[0])}”", says)


class StatementForm(forms.Form):
    """The schema's fields. What may stand in them is said by the schema alone: nothing is checked here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rule in FIELDS.items():
            self.fields[name] = _field(name, rule)

    def told(self) -> dict[str, Any]:
        """What was typed and chosen, as the schema takes it."""
        told: dict[str, Any] = {}
        for name, rule in FIELDS.items():
            if rule.kind == "many":
                told[name] = self.data.getlist(name)  # type: ignore[attr-defined]
            elif rule.kind == "product":
                code = self.data.get(name, "").strip()
                told[name] = {"EAN-13": code} if code else None
            else:
                told[name] = self.data.get(name, "")
        return told

    def say(self, problems: Iterable[Problem]) -> None:
        """Put each problem beside its field."""
        self.full_clean()
        self.errors.clear()
        for problem in problems:
            self.add_error(problem.field if problem.field in self.fields else None, in_words(problem.says))

    def often(self) -> Iterable[forms.BoundField]:
        return [self[name] for name in FIELDS if name not in SELDOM]

    def seldom(self) -> Iterable[forms.BoundField]:
        return [self[name] for name in FIELDS if name in SELDOM]

    def seldom_is_open(self) -> bool:
        return any(name in SELDOM for name in self.errors)


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, token: str) -> HttpResponse:
    """The statements on one notice; posting gives another."""
    entered = enter(request, token)
    if entered is None:
        return no_way(request)
    door, found = entered
    if request.method != "POST":
        return _page(request, token, door, found, StatementForm(initial=reasons.begun(door.measure)))
    form = StatementForm(request.POST)
    try:
        reasons.give(door.measure, form.told(), by="addressee")
    except NotAStatement as refusal:
        form.say(refusal.problems)
    except NotOpen as refusal:
        form.say([Problem("puid", str(refusal))])
    else:
        messages.success(request, _("The statement is kept. You can take it with you below, and give another."))
        return redirect("partners:reasons", token)
    return _page(request, token, door, found, form, status=422)


def _page(
    request: HttpRequest, token: str, door: Door, found: Notice, form: StatementForm, status: int = 200
) -> HttpResponse:
    given = [
        (one, [(LABELS[name], _shown(value)) for name, value in one.fields.items()]) for one in reasons.of(door.measure)
    ]
    context = {"token": token, "notice": found, "given": given, "form": form}
    return render(request, "partners/reasons.html", context, status=status)


@require_safe
def export(request: HttpRequest, token: str, form: str) -> HttpResponse:
    """All statements on one notice, or one of them (``puid``), to take away: as JSON or as a table."""
    entered = enter(request, token)
    if entered is None:
        return no_way(request)
    door, found = entered
    puid = request.GET.get("puid")
    given = [one for one in reasons.of(door.measure) if puid is None or one.fields["puid"] == puid]
    if not given and puid is not None:
        return no_way(request)
    if form == "csv":
        answer = HttpResponse(reasons.table(given), content_type="text/csv; charset=utf-8")
    else:
        # As the database takes them, up to a hundred at a time.
        answer = JsonResponse({"statements": [dict(one.fields) for one in given]})
    answer["Content-Disposition"] = f'attachment; filename="{found.reference}-statements.{form}"'
    return answer


def _field(name: str, rule: Rule) -> forms.Field:
    found = _control(rule, {"label": LABELS[name], "help_text": HINTS.get(name, ""), "required": False})
    found.width = _WIDTHS.get(rule.kind, "")  # type: ignore[attr-defined]
    return found


def _control(rule: Rule, told: dict[str, Any]) -> forms.Field:
    choices = [(code, code_words(code)) for code in rule.choices]
    if rule.kind == "many":
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **told)
    if rule.kind == "one":
        return forms.ChoiceField(choices=[("", gettext_lazy("Choose")), *choices], **told)
    if rule.kind == "day":
        return forms.CharField(widget=forms.DateInput, **told)
    if rule.kind == "text" and rule.longest > _LONG:
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), **told)
    code = {"dir": "ltr", "spellcheck": "false", "autocomplete": "off"}
    attrs = code if rule.kind in {"puid", "product", "link"} else {}
    return forms.CharField(widget=forms.TextInput(attrs=attrs), **told)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(code_words(one)) for one in value)
    if isinstance(value, dict):
        return ", ".join(value.values())
    return str(code_words(value))

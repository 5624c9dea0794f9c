"""Forms on the web that a person fills in: what to paste into each field, in the order of the form.

A form of a service is one file. Where nobody looked at the live form, ``checked_on`` is null, and that is said to
whoever fills it in. Nothing here sends anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from habeas.kernel.packfiles import PACKAGE, PackFileError, read_yaml
from habeas.platforms.core.dispatch import Outgoing
from habeas.platforms.core.redaction import hosts_of

FORMS = PACKAGE / "platforms" / "forms"
GENERIC: Final = "generic"
# A form that was looked at longer ago than this may be another one by now.
STALE_AFTER = timedelta(days=180)

_KEYS = frozenset({"platform", "url", "source", "checked_on", "fields", "proof"})
_FIELD_KEYS = frozenset({"label", "value", "longest", "options", "note"})


class NoSuchForm(LookupError):
    """A route names a form that no file describes. The message says what to do."""


@dataclass(frozen=True, slots=True)
class House:
    """Who files: this house, never the person."""

    name: str
    email: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form.

    value:   what goes in, by its name in ``VALUES``, or ``choose``: a person does
    longest: signs it takes, or null where that is not known
    options: what the form offers to choose from
    """

    label: str
    value: str
    longest: int | None = None
    options: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """url: empty where the person looks it up; proof: what to keep once it is filed"""

    id: str
    platform: str
    url: str
    source: str
    checked_on: date | None
    fields: tuple[Field, ...]
    proof: str


@dataclass(frozen=True, slots=True)
class Pasted:
    """One field as a person fills it in.

    text:        to paste; empty where there is nothing to paste
    too_long_by: signs over what the field takes
    """

    label: str
    text: str
    options: tuple[str, ...]
    note: str
    choose: bool
    too_long_by: int


def _first(outgoing: Outgoing, _house: House) -> str:
    return outgoing.links[0] if outgoing.links else ""


def _grounds(outgoing: Outgoing, _house: House) -> str:
    return "\n".join(dict.fromkeys(one.citation for one in outgoing.grounds))


# What a field can be filled with.
VALUES: Final[Mapping[str, Callable[[Outgoing, House], str]]] = MappingProxyType(
    {
        "links": lambda outgoing, _: "\n".join(outgoing.links),
        "first_link": _first,
        "other_links": lambda outgoing, _: "\n".join(outgoing.links[1:]),
        "hosts": lambda outgoing, _: "\n".join(hosts_of(outgoing.links)),
        "subject": lambda outgoing, _: outgoing.subject,
        "text": lambda outgoing, _: outgoing.text,
        "grounds": _grounds,
        "countries": lambda outgoing, _: ", ".join(dict.fromkeys(one.jurisdiction for one in outgoing.grounds)),
        "reference": lambda outgoing, _: outgoing.measure,
        "reply_to": lambda outgoing, house: outgoing.reply_to or house.email,
        "notifier": lambda _, house: house.name,
        "notifier_address": lambda _, house: house.address,
        "attachments": lambda outgoing, _: "\n".join(one.name for one in outgoing.attachments),
    }
)
CHOOSE: Final = "choose"


@cache
def forms(root: Path = FORMS) -> Mapping[str, Form]:
    """Every form by its id, which is the name of its file. Raises PackFileError."""
    return MappingProxyType({file.stem: _read(file) for file in sorted(root.glob("*.yaml"))})


def form_named(name: str = "", root: Path = FORMS) -> Form:
    """The form a route names; the generic one where it names none. Raises NoSuchForm."""
    try:
        return forms(root)[name or GENERIC]
    except KeyError:
        raise NoSuchForm(
            f"No form {name[:40]!r} is known here. A lead chooses {GENERIC!r} in the directory, or adds a file for it."
        ) from None


def to_paste(form: Form, outgoing: Outgoing, house: House) -> tuple[Pasted, ...]:
    """The fields of a form in its order, as a person fills them in."""
    found = []
    for field in form.fields:
        text = VALUES[field.value](outgoing, house) if field.value != CHOOSE else ""
        over = max(0, len(text) - field.longest) if field.longest is not None else 0
        found.append(Pasted(field.label, text, field.options, field.note, field.value == CHOOSE, over))
    return tuple(found)


def warnings(form: Form, pasted: tuple[Pasted, ...], *, today: date) -> list[str]:
    """Sentences for whoever fills it in, each with what to do; empty where nothing stands out."""
    found = []
    if form.checked_on is None:
        found.append("Nobody has compared this list with the live form. Go by the form, and tell a lead what differs.")
    elif today - form.checked_on > STALE_AFTER:
        found.append(f"This list was last compared with the live form on {form.checked_on}. Go by the form.")
    if not form.url:
        found.append("The address of the form is not known here. Look it up on the service's own pages.")
    found += [
        f"“{one.label}” is {one.too_long_by} signs too long for the form. Shorten it, and attach the whole letter."
        for one in pasted
        if one.too_long_by
    ]
    return found


def _read(file: Path) -> Form:
    raw = read_yaml(file)
    if not isinstance(raw, dict) or set(raw) != _KEYS:
        raise PackFileError(f"{file}: a form has {', '.join(sorted(_KEYS))}, and nothing else")
    url = _text(raw, "url", file)
    if url and not url.startswith("https://"):
        raise PackFileError(f"{file}: url: write the whole address of the form, https://…, or leave it empty")
    if not isinstance(raw["fields"], list) or not raw["fields"]:
        raise PackFileError(f"{file}: fields: name at least one field")
    fields = tuple(_field(one, f"{file}: field {place}") for place, one in enumerate(raw["fields"], start=1))
    if len({field.label for field in fields}) < len(fields):
        raise PackFileError(f"{file}: fields: two have the same label")
    return Form(
        id=file.stem,
        platform=_filled(raw, "platform", file),
        url=url,
        source=_filled(raw, "source", file),
        checked_on=_day(raw["checked_on"], file),
        fields=fields,
        proof=_filled(raw, "proof", file),
    )


def _field(raw: Any, where: str) -> Field:
    if not isinstance(raw, dict) or not {"label", "value"} <= set(raw) <= _FIELD_KEYS:
        raise PackFileError(f"{where}: a field has label and value, and at most {', '.join(sorted(_FIELD_KEYS))}")
    value = raw["value"]
    if value != CHOOSE and value not in VALUES:
        raise PackFileError(f"{where}: value: {value!r} is none of {CHOOSE}, {', '.join(VALUES)}")
    longest, options = raw.get("longest"), raw.get("options", [])
    if longest is not None and (not isinstance(longest, int) or isinstance(longest, bool) or longest < 1):
        raise PackFileError(f"{where}: longest: a number of signs, or left out")
    if not isinstance(options, list) or not all(isinstance(one, str) for one in options):
        raise PackFileError(f"{where}: options: a list of texts")
    if options and value != CHOOSE:
        raise PackFileError(f"{where}: options: only a field with `value: {CHOOSE}` has them")
    return Field(_filled(raw, "label", where), value, longest, tuple(options), _text(raw, "note", where))


def _text(raw: Mapping[str, Any], name: str, where: object) -> str:
    found = raw.get(name) or ""
    if not isinstance(found, str):
        raise PackFileError(f"{where}: {name}: a text")
    return found.strip()


def _filled(raw: Mapping[str, Any], name: str, where: object) -> str:
    found = _text(raw, name, where)
    if not found:
        raise PackFileError(f"{where}: {name}: is empty; fill it in")
    return found


def _day(raw: Any, where: object) -> date | None:
    try:
        return None if raw is None else date.fromisoformat(raw)
    except (TypeError, ValueError):
        raise PackFileError(f"{where}: checked_on: a day as YYYY-MM-DD, or null where nobody has looked") from None

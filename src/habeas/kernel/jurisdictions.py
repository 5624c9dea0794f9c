"""Codes of places: countries (ISO 3166-1), their states where those make law (ISO 3166-2), and bodies such as the EU.

Countries come from the tz database's copy of ISO 3166, which is in the public domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

BODIES: Mapping[str, str] = {"EU": "European Union", "COE": "Council of Europe", "UN": "United Nations"}

# Only the states of federations whose packs are divided by state. Others are added with their first pack.
SUBDIVISIONS: Mapping[str, str] = {
    "US": "AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY OH "
    "OK OR PA PR RI SC SD TN TX UT VA VT WA WI WV WY",
    "CA": "AB BC MB NB NL NS NT NU ON PE QC SK YT",
    "GB": "ENG NIR SCT WLS",
    "AU": "ACT NSW NT QLD SA TAS VIC WA",
}

# What people write for a place that has another code.
COMMON_NAMES: Mapping[str, str] = {
    "UK": "GB",
    "ENGLAND": "GB",
    "GREAT BRITAIN": "GB",
    "USA": "US",
    "UNITED STATES OF AMERICA": "US",
    "SOUTH KOREA": "KR",
    "EL": "GR",
    "HOLLAND": "NL",
}


@cache
def countries() -> Mapping[str, str]:
    """ISO 3166-1 alpha-2 code -> English name."""
    text = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text(encoding="utf-8")
    rows = (line.partition("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {code: name for code, _, name in rows}


def is_place(code: str) -> bool:
    """Whether a code, upper case, names a country, one of the states above, or a body."""
    if code in BODIES or code in countries():
        return True
    country, dash, state = code.partition("-")
    return bool(dash) and state in SUBDIVISIONS.get(country, "").split()


def nearest_place(text: str, named: Mapping[str, str]) -> tuple[str, str] | None:
    """The place somebody may have meant: its code and name. ``named``: further codes and names to look among."""
    wanted = text.strip().upper()
    if wanted in COMMON_NAMES:
        code = COMMON_NAMES[wanted]
        return code, countries()[code]
    names = {**countries(), **BODIES, **named}
    by_name = {name.upper(): code for code, name in names.items()}
    close = get_close_matches(wanted, by_name, n=1, cutoff=0.75)
    if close:
        return by_name[close[0]], names[by_name[close[0]]]
    # Two letters are too short to guess from; a state's code is not.
    states = [code for code in names if "-" in code]
    close = get_close_matches(wanted, states, n=1) if "-" in wanted else []
    return (close[0], names[close[0]]) if close else None

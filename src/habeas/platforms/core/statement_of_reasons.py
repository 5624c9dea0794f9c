"""A platform's statement of reasons as the Union's transparency database takes it: its fields, closed lists and rules.

Source: Regulation (EU) 2022/2065, articles 17 and 24(5); the database's schema in force since 1 July 2025 (API v1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Final, Literal
from urllib.parse import urlsplit

Kind = Literal["text", "one", "many", "day", "link", "puid", "product"]


def _codes(prefix: str, words: str) -> tuple[str, ...]:
    return tuple(prefix + word for word in words.split())


GROUND_ILLEGAL, GROUND_INCOMPATIBLE = "DECISION_GROUND_ILLEGAL_CONTENT", "DECISION_GROUND_INCOMPATIBLE_CONTENT"
VOLUNTARY = "SOURCE_VOLUNTARY"
YES_NO = ("Yes", "No")
VISIBILITIES = _codes(
    "DECISION_VISIBILITY_",
    "CONTENT_REMOVED CONTENT_DISABLED CONTENT_DEMOTED CONTENT_AGE_RESTRICTED CONTENT_INTERACTION_RESTRICTED "
    "CONTENT_LABELLED OTHER",
)
MONETARIES = _codes("DECISION_MONETARY_", "SUSPENSION TERMINATION OTHER")
PROVISIONS = _codes("DECISION_PROVISION_", "PARTIAL_SUSPENSION TOTAL_SUSPENSION PARTIAL_TERMINATION TOTAL_TERMINATION")
ACCOUNTS = _codes("DECISION_ACCOUNT_", "SUSPENDED TERMINATED")
ACCOUNT_TYPES = _codes("ACCOUNT_TYPE_", "BUSINESS PRIVATE")
CONTENT_TYPES = _codes("CONTENT_TYPE_", "APP AUDIO IMAGE PRODUCT SYNTHETIC_MEDIA TEXT VIDEO OTHER")
SOURCES = ("SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER", "SOURCE_TYPE_OTHER_NOTIFICATION", VOLUNTARY)
AUTOMATED_DECISIONS = _codes("AUTOMATED_DECISION_", "FULLY PARTIALLY NOT_AUTOMATED")
CATEGORIES = _codes(
    "STATEMENT_CATEGORY_",
    "ANIMAL_WELFARE CONSUMER_INFORMATION CYBER_VIOLENCE CYBER_VIOLENCE_AGAINST_WOMEN "
    "DATA_PROTECTION_AND_PRIVACY_VIOLATIONS ILLEGAL_OR_HARMFUL_SPEECH INTELLECTUAL_PROPERTY_INFRINGEMENTS "
    "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS NOT_SPECIFIED_NOTICE OTHER_VIOLATION_TC PROTECTION_OF_MINORS "
    "RISK_FOR_PUBLIC_SECURITY SCAMS_AND_FRAUD SELF_HARM UNSAFE_AND_PROHIBITED_PRODUCTS VIOLENCE",
)
KEYWORDS = _codes(
    "KEYWORD_",
    "ADULT_SEXUAL_MATERIAL AGE_SPECIFIC_RESTRICTIONS AGE_SPECIFIC_RESTRICTIONS_MINORS ANIMAL_HARM "
    "BIOMETRIC_DATA_BREACH BULLYING_AGAINST_GIRLS CHILD_SEXUAL_ABUSE_MATERIAL CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE "
    "CONTENT_PROMOTING_EATING_DISORDERS COORDINATED_HARM COPYRIGHT_INFRINGEMENT CYBER_BULLYING_INTIMIDATION "
    "CYBER_HARASSMENT CYBER_HARASSMENT_AGAINST_WOMEN CYBER_INCITEMENT CYBER_STALKING CYBER_STALKING_AGAINST_WOMEN "
    "DATA_FALSIFICATION DEFAMATION DESIGN_INFRINGEMENT DISCRIMINATION FEMALE_GENDERED_DISINFORMATION "
    "GEOGRAPHIC_INDICATIONS_INFRINGEMENT GEOGRAPHICAL_REQUIREMENTS GOODS_SERVICES_NOT_PERMITTED "
    "GROOMING_SEXUAL_ENTICEMENT_MINORS HATE_SPEECH HIDDEN_ADVERTISEMENT HUMAN_EXPLOITATION HUMAN_TRAFFICKING "
    "ILLEGAL_ORGANIZATIONS IMPERSONATION_ACCOUNT_HIJACKING INAUTHENTIC_ACCOUNTS INAUTHENTIC_LISTINGS "
    "INAUTHENTIC_USER_REVIEWS INCITEMENT_AGAINST_WOMEN INCITEMENT_VIOLENCE_HATRED "
    "INSUFFICIENT_INFORMATION_ON_TRADERS LANGUAGE_REQUIREMENTS MISINFORMATION_DISINFORMATION "
    "MISLEADING_INFO_CONSUMER_RIGHTS MISLEADING_INFO_GOODS_SERVICES MISSING_PROCESSING_GROUND "
    "NON_CONSENSUAL_IMAGE_SHARING NON_CONSENSUAL_IMAGE_SHARING_AGAINST_WOMEN NON_CONSENSUAL_MATERIAL_DEEPFAKE "
    "NON_CONSENSUAL_MATERIAL_DEEPFAKE_AGAINST_WOMEN NONCOMPLIANCE_PRICING NUDITY PATENT_INFRINGEMENT PHISHING "
    "PROHIBITED_PRODUCTS PYRAMID_SCHEMES RIGHT_TO_BE_FORGOTTEN RISK_ENVIRONMENTAL_DAMAGE RISK_PUBLIC_HEALTH "
    "SELF_MUTILATION STALKING SUICIDE TERRORIST_CONTENT TRADE_SECRET_INFRINGEMENT TRADEMARK_INFRINGEMENT "
    "TRAFFICKING_WOMEN_GIRLS UNLAWFUL_SALE_ANIMALS UNSAFE_CHALLENGES UNSAFE_PRODUCTS VIOLATION_EU_LAW "
    "VIOLATION_NATIONAL_LAW OTHER",
)
# The Union and the European Economic Area.
PLACES = _codes("", "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK")
# Codes of ISO 639-1 that the database knows, in capitals.
LANGUAGES = _codes(
    "",
    "AA AB AE AF AK AM AN AR AS AV AY AZ BA BE BG BH BI BM BN BO BR BS CA CE CH CO CR CS CU CV CY DA DE DV DZ EE EL EN "
    "EO ES ET EU FA FF FI FJ FO FR FY GA GD GL GN GU GV HA HE HI HO HR HT HU HY HZ IA ID IE IG II IK IO IS IT IU JA JV "
    "KA KG KI KJ KK KL KM KN KO KR KS KU KV KW KY LA LB LG LI LN LO LT LU LV MG MH MI MK ML MN MR MS MT MY NA NB ND NE "
    "NG NL NN NO NR NV NY OC OJ OM OR OS PA PI PL PS PT QU RM RN RO RU RW SA SC SD SE SG SI SK SL SM SN SO SQ SR SS ST "
    "SU SV SW TA TE TG TH TI TK TL TN TO TR TS TT TW TY UG UK UR UZ VE VI VO WA WO XH YI YO ZA ZH ZU",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What one field takes.

    kind:     text · one or many of ``choices`` · day (YYYY-MM-DD) · link · puid · product (an EAN-13)
    longest:  characters
    with_:    (field, value) that it goes with: without it the field stays empty; ``needed`` then counts with it only
    earliest: of a day
    """

    kind: Kind
    needed: bool = False
    longest: int = 0
    choices: tuple[str, ...] = ()
    with_: tuple[str, str] | None = None
    earliest: date | None = None


_LATEST: Final = date(2038, 1, 1)
_ILLEGAL, _INCOMPATIBLE = ("decision_ground", GROUND_ILLEGAL), ("decision_ground", GROUND_INCOMPATIBLE)
DECISIONS: Final = ("decision_visibility", "decision_monetary", "decision_provision", "decision_account")

# In the order in which people read a decision.
FIELDS: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "puid": Rule("puid", needed=True, longest=500),
        "decision_visibility": Rule("many", choices=VISIBILITIES),
        "decision_visibility_other": Rule(
            "text", needed=True, longest=500, with_=("decision_visibility", "DECISION_VISIBILITY_OTHER")
        ),
        "decision_monetary": Rule("one", choices=MONETARIES),
        "decision_monetary_other": Rule(
            "text", needed=True, longest=500, with_=("decision_monetary", "DECISION_MONETARY_OTHER")
        ),
        "decision_provision": Rule("one", choices=PROVISIONS),
        "decision_account": Rule("one", choices=ACCOUNTS),
        "account_type": Rule("one", choices=ACCOUNT_TYPES),
        "decision_ground": Rule("one", needed=True, choices=(GROUND_ILLEGAL, GROUND_INCOMPATIBLE)),
        "illegal_content_legal_ground": Rule("text", needed=True, longest=500, with_=_ILLEGAL),
        "illegal_content_explanation": Rule("text", needed=True, longest=2000, with_=_ILLEGAL),
        "incompatible_content_ground": Rule("text", needed=True, longest=500, with_=_INCOMPATIBLE),
        "incompatible_content_explanation": Rule("text", needed=True, longest=2000, with_=_INCOMPATIBLE),
        "incompatible_content_illegal": Rule("one", choices=YES_NO, with_=_INCOMPATIBLE),
        "decision_ground_reference_url": Rule("link", longest=500),
        "decision_facts": Rule("text", needed=True, longest=5000),
        "content_type": Rule("many", needed=True, choices=CONTENT_TYPES),
        "content_type_other": Rule("text", needed=True, longest=500, with_=("content_type", "CONTENT_TYPE_OTHER")),
        "content_language": Rule("one", choices=LANGUAGES),
        "content_date": Rule("day", needed=True, earliest=date(2000, 1, 1)),
        "content_id": Rule("product"),
        "category": Rule("one", needed=True, choices=CATEGORIES),
        "category_addition": Rule("many", choices=CATEGORIES),
        "category_specification": Rule("many", choices=KEYWORDS),
        "category_specification_other": Rule("text", longest=500),
        "application_date": Rule("day", needed=True, earliest=date(2020, 1, 1)),
        "end_date_visibility_restriction": Rule("day"),
        "end_date_monetary_restriction": Rule("day"),
        "end_date_service_restriction": Rule("day"),
        "end_date_account_restriction": Rule("day"),
        "territorial_scope": Rule("many", choices=PLACES),
        "source_type": Rule("one", needed=True, choices=SOURCES),
        "source_identity": Rule("text", longest=500),
        "automated_detection": Rule("one", needed=True, choices=YES_NO),
        "automated_decision": Rule("one", needed=True, choices=AUTOMATED_DECISIONS),
    }
)

_PUID = re.compile(r"[A-Za-z0-9_-]+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_EAN = re.compile(r"\d{13}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field, and what to do. It repeats nothing of what was written there."""

    field: str
    says: str


class NotAStatement(ValueError):
    """Fields that make no statement of reasons. ``problems``: all of them, in the order of the fields."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{one.field}: {one.says}" for one in self.problems))


def checked(told: Mapping[str, Any]) -> dict[str, Any]:
    """A statement as the database takes it: only fields that are filled, in their order, texts without outer spaces.

    told: field -> text, list of texts, or for ``content_id`` {"EAN-13": 13 digits}; empty and null count as not given
    Raises NotAStatement.
    """
    problems = [Problem(str(name)[:80], _unknown(str(name))) for name in told if name not in FIELDS]
    found: dict[str, Any] = {}
    for name, rule in FIELDS.items():
        try:
            value = _READ[rule.kind](rule, told.get(name))
        except _Wrong as fault:
            problems.append(Problem(name, str(fault)))
            continue
        if value:
            found[name] = value
    wrong = {problem.field for problem in problems}
    problems += [one for one in _together(found) if one.field not in wrong]
    if problems:
        order = list(FIELDS)
        raise NotAStatement(sorted(problems, key=lambda one: order.index(one.field) if one.field in FIELDS else -1))
    return found


def texts(statement: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a statement in which people wrote words."""
    return {name: text for name, text in statement.items() if name in FIELDS and FIELDS[name].kind == "text"}


def _together(found: Mapping[str, Any]) -> list[Problem]:
    """What fields ask of each other."""
    problems = []
    for name, rule in FIELDS.items():
        goes = rule.with_ is None or _has(found, *rule.with_)
        # Where the field it goes with is itself still to be filled in, that is said, and enough.
        if name in found and not goes and rule.with_ and (rule.with_[0] in found or not FIELDS[rule.with_[0]].needed):
            problems.append(Problem(name, f"Leave it empty, or choose {rule.with_[1]} in {rule.with_[0]}."))
        elif name not in found and rule.needed and goes:
            problems.append(Problem(name, f"Fill it in: {rule.with_[1]} asks for it." if rule.with_ else "Fill it in."))
    if not any(name in found for name in DECISIONS):
        problems.append(Problem(DECISIONS[0], f"Say what was decided in at least one of {', '.join(DECISIONS)}."))
    if "source_identity" in found and found.get("source_type") == VOLUNTARY:
        problems.append(Problem("source_identity", f"Leave it empty: with {VOLUNTARY} nobody gave notice."))
    return problems


def _has(found: Mapping[str, Any], name: str, value: str) -> bool:
    there = found.get(name)
    return value in there if isinstance(there, list) else there == value


class _Wrong(ValueError):
    """Why a value cannot stand in its field."""


def _text(rule: Rule, told: Any) -> str:
    if told is None:
        return ""
    if not isinstance(told, str):
        raise _Wrong("Give a text.")
    text = told.replace("\r\n", "\n").strip()
    if rule.longest and len(text) > rule.longest:
        raise _Wrong(f"At most {rule.longest} characters; this has {len(text)}. Shorten it.")
    return text


def _one(rule: Rule, told: Any) -> str:
    text = _text(rule, told)
    if text and text not in rule.choices:
        raise _Wrong(_choose(rule.choices, [text]))
    return text


def _many(rule: Rule, told: Any) -> list[str]:
    if told is None or told == "":
        return []
    if not isinstance(told, list | tuple) or not all(isinstance(one, str) for one in told):
        raise _Wrong("Give a list of texts.")
    wrong = [one for one in told if one not in rule.choices]
    if wrong:
        raise _Wrong(_choose(rule.choices, wrong))
    return [choice for choice in rule.choices if choice in told]


def _day(rule: Rule, told: Any) -> str:
    text = _text(rule, told)
    if not text:
        return ""
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise _Wrong("Give a day as YYYY-MM-DD.")
    earliest = rule.earliest or date.min
    if not earliest <= day <= _LATEST:
        between = f"between {earliest} and {_LATEST}" if rule.earliest else f"up to {_LATEST}"
        raise _Wrong(f"Give a day {between}.")
    return text


def _link(rule: Rule, told: Any) -> str:
    text = _text(rule, told)
    try:
        fits = not text or (urlsplit(text).scheme in {"http", "https"} and bool(urlsplit(text).hostname))
    except ValueError:
        fits = False
    if not fits or any(letter.isspace() for letter in text):
        raise _Wrong("Give a whole address that begins with https://.")
    return text


def _puid(rule: Rule, told: Any) -> str:
    text = _text(rule, told)
    if text and not _PUID.fullmatch(text):
        raise _Wrong("Only letters A to Z, digits, - and _ may stand in it.")
    return text


def _product(_rule: Rule, told: Any) -> dict[str, str]:
    if not told:
        return {}
    code = told.get("EAN-13") if isinstance(told, Mapping) and set(told) == {"EAN-13"} else None
    if not isinstance(code, str) or not _EAN.fullmatch(code) or not _check_digit_fits(code):
        raise _Wrong('Give {"EAN-13": 13 digits, the last of which checks the others}.')
    return {"EAN-13": code}


def _check_digit_fits(code: str) -> bool:
    """Source: GS1 General Specifications, section 7.9."""
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(code)) % 10 == 0


_READ = {
    "text": _text,
    "one": _one,
    "many": _many,
    "day": _day,
    "link": _link,
    "puid": _puid,
    "product": _product,
}


def _unknown(name: str) -> str:
    near = get_close_matches(name, FIELDS, n=1)
    return f"The schema has no such field; did you mean {near[0]}?" if near else "The schema has no such field."


def _choose(choices: tuple[str, ...], wrong: list[str]) -> str:
    near = get_close_matches(wrong[0][:80], choices, n=1)
    if near:
        return f"Choose from the closed list; did you mean {near[0]}?"
    return f"Choose from the closed list: {', '.join(choices[:8])}{', …' if len(choices) > 8 else ''}."

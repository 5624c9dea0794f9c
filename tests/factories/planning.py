"""Findings under the law of Examplia, and whole cases to plan for, drawn at random. Everybody in them is invented."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from factories.law import provision
from habeas.kernel.calendars import Period
from habeas.law.core.model import Finding, Opening, Remedy, Ties, TraceNode
from habeas.law.core.packs import jurisdictions, load_pack
from habeas.remedies.core.catalogue import catalogue
from habeas.remedies.core.model import Addressee, Plan, PostingView
from habeas.remedies.core.plan import measure_key, plan
from habeas.remedies.core.states import STATES

TODAY = date(2026, 11, 23)
HERE = Ties({"target_lives": frozenset({"XA"})})
LIVE = PostingView("https://chirper.example/1", "Chirper", frozenset({"XA"}), "live")
PLACES = ("XA", "XB", "EU", "NL", "US-CA", "COE")
OUTCOMES = ("met", "possible", "possibly_exempt", "exempt", "not_met", "not_in_force", "out_of_reach")
WISHES = ("down", "stop", "who", "compensation")
ROLES = ("platform", "host", "cdn", "registrar", "search_engine", "archive", "data_broker")
DECIDING = ("data.intimate_image", "subject.minor", "data.financial", "data.contact_or_location", "intent.incite")


def remedy(type_: str = "removal", from_: str = "platform", sought_by: str = "victim", **more: object) -> Remedy:
    within = more.pop("within", None)
    return Remedy(type_, sought_by, from_, Period.parse(within) if within else None, **more)


def finding(
    outcome: str,
    *remedies: Remedy,
    id_: str = "xa.act.1",
    missing: tuple[str, ...] = ("intent.fear",),
    **changes: object,
) -> Finding:
    """One finding of Examplia, or of ``jurisdiction``; without remedies it has a removal by the platform."""
    changes.setdefault("track", "civil")
    law = provision(id=id_, citation=f"Act {id_}", remedies=remedies or (remedy(),), **changes)
    return Finding(
        provision=law,
        outcome=outcome,
        on=TODAY,
        elements=None,
        exemptions=None,
        reach=True,
        missing=missing if outcome in {"possible", "possibly_exempt"} else (),
        failing=(),
        trace=TraceNode("act", None, ""),
        opens=tuple(Opening(each, True, ()) for each in law.remedies),
    )


def planned(*findings: Finding, **more: object) -> Plan:
    asked = {"ties": HERE, "postings": (LIVE,), "wishes": None, "danger": False, "today": TODAY, **more}
    return plan(findings, **asked)


@st.composite
def cases(draw: st.DrawFn) -> dict[str, object]:
    """All that ``plan`` takes: findings, places, postings, wishes, answers and what stands."""
    law = sorted(
        {each for code in jurisdictions() for p in load_pack(code).provisions for each in p.remedies}, key=repr
    )
    findings = [
        finding(
            draw(st.sampled_from(OUTCOMES)),
            *draw(st.lists(st.sampled_from(law), max_size=4)),
            id_=draw(st.sampled_from([f"p.{number}", "eu.dsa.9", "eu.dsa.22", "eu.eevidence.11"])),
            missing=(f"fact.{number}",),
            jurisdiction=draw(st.sampled_from(PLACES)),
            track=draw(st.sampled_from(["criminal", "civil", "platform-duty"])),
            reach=tuple(draw(st.lists(st.sampled_from(["target_lives", "service_in"]), min_size=1, unique=True))),
        )
        for number in range(draw(st.integers(0, 6)))
    ]
    view = st.builds(
        PostingView,
        url=st.sampled_from(["https://a.example/1", "https://b.example/2", "https://c.example/3"]),
        service=st.sampled_from(["Chirper", "chirper ", "Paste", ""]),
        jurisdictions=st.frozensets(st.sampled_from(PLACES), max_size=2),
        state=st.sampled_from(["live", "gone", "back", "unknown"]),
        role=st.sampled_from(ROLES),
    )
    places = st.one_of(st.none(), st.frozensets(st.sampled_from(PLACES), max_size=2))
    case = {
        "findings": findings,
        "ties": Ties({"target_lives": draw(places), "service_in": draw(places)}),
        "postings": draw(st.lists(view, max_size=4)),
        "wishes": draw(st.one_of(st.none(), st.frozensets(st.sampled_from(WISHES), min_size=1))),
        "danger": draw(st.sampled_from([True, False, None])),
        "today": TODAY,
        "facts": draw(st.one_of(st.none(), st.dictionaries(st.sampled_from(DECIDING), st.sampled_from([True, False])))),
    }
    # Answers are given to what some plan held, and to what none did.
    keys = [measure.key for measure in run(case).measures]
    keys += [measure_key(name, Addressee("court", None, "XA")) for name in list(catalogue())[:3]]
    case["standing"] = draw(st.dictionaries(st.sampled_from(keys), st.sampled_from(STATES), max_size=6))
    case["consents"] = draw(st.dictionaries(st.sampled_from(keys), st.sampled_from([True, False, None]), max_size=6))
    return case


def run(case: dict[str, object], **changes: object) -> Plan:
    asked = {**case, **changes}
    return plan(asked.pop("findings"), **asked)

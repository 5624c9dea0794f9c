"""One examination, set in columns for a person or as JSON for a program."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from habeas.cli import layout
from habeas.law.core.model import Finding
from habeas.law.core.packs import jurisdictions, load_vocabulary
from habeas.law.core.places import without_pack

if TYPE_CHECKING:
    from rich.console import Console

    from habeas.exposure.core.model import Exposure
    from habeas.journey.examine import Examination
    from habeas.remedies.core.model import PlannedMeasure

NOTICE = "Habeas informs; it does not give legal advice. A person decides on every step."
MASK = "•••"
MOST_QUESTIONS = 8
MOST_KEYS = 4
MOST_UNKNOWN = 15
MOST_SOURCE = 60

OUTCOME_WORDS = {
    "met": "met",
    "possible": "possible",
    "possibly_exempt": "possibly exempt",
    "exempt": "exempt",
    "not_met": "not met",
    "not_in_force": "not in force",
    "out_of_reach": "out of reach",
}
_OUTCOME_MARKS = {
    "met": "●",
    "possible": "◐",
    "possibly_exempt": "◑",
    "exempt": "○",
    "not_met": "–",
    "not_in_force": "–",
    "out_of_reach": "–",
}
_OUTCOME_STYLES = {"met": "bold red", "possible": "yellow", "possibly_exempt": "magenta", "exempt": "cyan"}
_OUTCOME_ORDER = {outcome: rank for rank, outcome in enumerate(OUTCOME_WORDS)}
_PHASES = {
    "preserve": "Preserve: keep the proof",
    "disclose": "Disclose: who is behind it",
    "remove": "Remove: take it down",
    "protect": "Protect: keep people safe",
    "repair": "Repair: make good",
}
_READINESS = {
    "ready": "ready to be approved",
    "needs_facts": "waits for facts",
    "needs_exemption_review": "an exemption is open: reviewed first",
    "blocked": "blocked",
}


def exposed(result: Examination) -> bool:
    """Whether somebody's data is exposed; what authors and organisations say of themselves is not."""
    return any(found.whose not in {"author", "organisation"} for found in result.scan.exposures)


def as_json(result: Examination, *, mask: bool = False) -> str:
    judgement = result.judgement
    answer = {
        "habeas": version("habeas"),
        "notice": NOTICE,
        "document": {
            "name": result.document.name,
            "media_type": result.document.media_type,
            "size_bytes": result.document.size_bytes,
            "sha256": result.document.sha256,
            "characters": len(result.document.text),
            "parts": [{"origin": p.origin, "start": p.start, "end": p.end} for p in result.document.parts],
            "headers": dict(result.document.headers),
            "notes": list(result.document.notes),
        },
        "acted_on": judgement.situation.acted_on,
        "asked_on": judgement.situation.asked_on,
        "ties": {tie: sorted(places) for tie, places in judgement.situation.ties.places.items() if places},
        "jurisdictions": list(judgement.jurisdictions),
        "severity": {"level": result.scan.severity, "reason": result.scan.severity_reason},
        "exposures": [_exposure(found, result.document.text, mask) for found in result.scan.exposures],
        "signals": [
            {
                "kind": sign.kind,
                "toward": sign.toward,
                "start": sign.start,
                "end": sign.end,
                "line": line_of(result.document.text, sign.start),
                "text": MASK if mask else sign.text,
                "strength": sign.strength,
                "reason": sign.reason,
            }
            for sign in result.scan.signals
        ],
        "facts": _facts(result),
        "findings": [_finding(finding) for finding in _sorted(judgement.findings)],
        "questions": [
            {
                "key": q.key,
                "question": q.text,
                "why": q.why,
                "burden": q.burden,
                "asked_of": q.asked_of,
                "worth": round(q.worth, 4),
                "leaning": q.leaning,
                "settles": list(q.settles),
            }
            for q in judgement.questions
        ],
        "plan": {
            "measures": [_plain(measure) for measure in judgement.plan.measures],
            "omissions": [_plain(omission) for omission in judgement.plan.omissions],
            "notes": list(judgement.plan.notes),
        },
    }
    return json.dumps(answer, ensure_ascii=False, indent=2, default=str)


def explanation(result: Examination, provision: str) -> str:
    """The trace of one finding as an indented tree, with its source."""
    finding = next(f for f in result.judgement.findings if f.provision.id == provision)
    law = finding.provision
    lines = [
        f"{law.citation}: {law.title}",
        f"{law.id} · {jurisdictions()[law.jurisdiction].name} · {law.track}",
        "",
        law.summary.strip(),
        "",
        f"Outcome: {OUTCOME_WORDS[finding.outcome]} (law of {finding.on})",
        *layout.trace_lines(finding.trace.parts),
        *_deciding_lines(result, finding),
        "",
        f"Source: {law.source.strip()}",
        f"Confidence in the source: {law.confidence}",
    ]
    if law.notes:
        lines.append(f"Notes: {law.notes.strip()}")
    if law.foreseeability:
        lines.append(f"Foreseeability: {law.foreseeability.strip()}")
    return "\n".join([*lines, "", NOTICE])


def _deciding_lines(result: Examination, finding: Finding) -> list[str]:
    from habeas.law.core.decisive import deciding

    found = deciding(finding, result.judgement.situation.facts(load_vocabulary()))
    said = [("It would apply with", found.opening), ("It could no longer apply with", found.closing)]
    lines = []
    for words, ways in said:
        if ways:
            lines += ["", f"{words}{' any one of' if len(ways) > 1 else ''}:"]
            lines += ["  - " + " and ".join(("" if truth else "not ") + key for key, truth in sorted(w)) for w in ways]
    return lines


def as_columns(result: Examination, *, everything: bool = False, mask: bool = False) -> None:
    console = layout.open_console()
    _header(console, result)
    _exposures(console, result, mask)
    _signals(console, result, mask)
    _known(console, result, everything)
    _findings(console, result, everything)
    _questions(console, result, everything)
    _plan(console, result, everything)
    console.print(f"\n[dim]{NOTICE}[/dim]")


def line_of(text: str, offset: int) -> int:
    """The line a character stands on, from 1."""
    return text.count("\n", 0, offset) + 1


def _exposure(found: Exposure, text: str, mask: bool) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "detail": found.detail,
        "start": found.start,
        "end": found.end,
        "line": line_of(text, found.start),
        "text": MASK if mask else found.text,
        "value": MASK if mask else found.value,
        "confidence": round(found.confidence, 3),
        "reason": found.reason,
        "whose": found.whose,
        "whose_reason": found.whose_reason,
        "gravity": found.gravity,
        "gravity_reason": found.gravity_reason,
    }


def _facts(result: Examination) -> dict[str, Any]:
    vocabulary = load_vocabulary()
    known = result.judgement.situation.known
    return {
        "known": [
            {
                "key": k.key,
                "truth": k.truth,
                "meaning": vocabulary[k.key].meaning,
                "said_by": k.said_by,
                "basis": k.basis,
            }
            for k in known.values()
            if k.truth is not None
        ],
        "signs": [
            {
                "key": k.key,
                "leaning": k.leaning,
                "meaning": vocabulary[k.key].meaning,
                "said_by": k.said_by,
                "basis": k.basis,
            }
            for k in known.values()
            if k.truth is None and k.leaning is not None
        ],
        "unknown": [{"key": key, "meaning": _meaning(key)} for key in _unknown(result)],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    law = finding.provision
    return {
        "provision": law.id,
        "jurisdiction": law.jurisdiction,
        "citation": law.citation,
        "title": law.title,
        "track": law.track,
        "outcome": finding.outcome,
        "on": finding.on,
        "elements": finding.elements,
        "exemptions": finding.exemptions,
        "reach": finding.reach,
        "missing": list(finding.missing),
        "failing": list(finding.failing),
        "remedies": [
            {
                "type": r.type,
                "sought_by": r.sought_by,
                "from": r.from_,
                "opens": opening.condition,
                "missing": list(opening.missing),
                "within": None if r.within is None else str(r.within),
                "deadline_text": r.deadline_text,
                "then": [{"within": None if s.within is None else str(s.within), "text": s.text} for s in r.then],
                "lasts": None if r.lasts is None else str(r.lasts),
                "ex_parte": r.ex_parte,
            }
            for opening in finding.opens
            for r in [opening.remedy]
        ],
        "in_force_from": law.in_force_from,
        "in_force_to": law.in_force_to,
        "source": law.source,
        "confidence": law.confidence,
    }


def _plain(value: Any) -> Any:
    from dataclasses import asdict

    return asdict(value)


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    """By jurisdiction in the order of the case, then what counts first."""
    found = list(findings)
    order = {code: rank for rank, code in enumerate(dict.fromkeys(f.provision.jurisdiction for f in found))}
    return sorted(found, key=lambda f: (order[f.provision.jurisdiction], _OUTCOME_ORDER[f.outcome], f.provision.id))


def _unknown(result: Examination) -> list[str]:
    """The unknown facts some finding still waits for, most awaited first."""
    awaited: dict[str, int] = {}
    for finding in result.judgement.findings:
        for key in finding.missing:
            awaited[key] = awaited.get(key, 0) + 1
    return sorted(awaited, key=lambda key: (-awaited[key], key))


def _meaning(key: str) -> str:
    if key.startswith("reach."):
        from habeas.law.core.reach import TIE_WORDS

        return TIE_WORDS[key.removeprefix("reach.")].replace(" there", " in the jurisdiction")  # type: ignore[index]
    if key == "in_force_from":
        return "the day the provision came into force is not recorded"
    return load_vocabulary()[key].meaning


def _header(console: Console, result: Examination) -> None:
    document, judgement = result.document, result.judgement
    console.print(
        layout.text(document.name, "bold"),
        layout.text(f"· {document.media_type} · {document.size_bytes:,} bytes", "dim"),
    )
    for note in document.notes:
        console.print(layout.text(f"  {note}", "dim"))
    posted, asked = judgement.situation.acted_on, judgement.situation.asked_on
    console.print(
        layout.text(
            f"Judged by the law of {posted}" + ("" if posted == asked else f", requests by that of {asked}"), "dim"
        )
    )
    if judgement.jurisdictions:
        names = [f"{jurisdictions()[code].name} ({code})" for code in judgement.jurisdictions]
        console.print(layout.text(f"Law of: {', '.join(names)}", "dim"))
    foreign = without_pack(sorted({code for codes in judgement.situation.ties.places.values() for code in codes or ()}))
    if foreign:
        console.print(layout.text(f"Habeas holds no law of its own for {', '.join(foreign)} yet.", "yellow"))
    if not judgement.jurisdictions:
        console.print(
            layout.text("No place was named, so no law was asked: add --target-lives-in and --service-in.", "yellow")
        )


def _exposures(console: Console, result: Examination, mask: bool) -> None:
    found = result.scan.exposures
    layout.heading(console, f"What is exposed · severity: {result.scan.severity.replace('_', ' ')}")
    if not found:
        console.print("Nothing that identifies or locates a person was found.")
        return
    console.print(layout.text(result.scan.severity_reason))
    table = layout.columns("Line", "What", "Value", "Whose", "Gravity", "Why")
    for item in found:
        kind = item.kind.replace("_", " ") + (f" ({item.detail})" if item.detail else "")
        table.add_row(
            str(line_of(result.document.text, item.start)),
            layout.text(kind),
            layout.text(MASK if mask else " ".join(item.text.split())),
            layout.text(item.whose.replace("_", " ")),
            layout.text("■" * item.gravity + "□" * (4 - item.gravity), "red" if item.gravity >= 3 else ""),
            layout.text(item.reason, "dim"),
        )
    console.print(table)


def _signals(console: Console, result: Examination, mask: bool) -> None:
    if not result.scan.signals:
        return
    layout.heading(console, "Signs of intent and of legitimacy (signs, never a verdict)")
    table = layout.columns("Line", "Toward", "Sign", "Words", "Strength", "Why")
    for sign in sorted(result.scan.signals, key=lambda s: (-s.strength, s.start)):
        table.add_row(
            str(line_of(result.document.text, sign.start)),
            layout.text(sign.toward),
            layout.text(sign.kind.replace("_", " ")),
            layout.text(MASK if mask else " ".join(sign.text.split())),
            f"{sign.strength:.1f}",
            layout.text(sign.reason, "dim"),
        )
    console.print(table)


def _known(console: Console, result: Examination, everything: bool) -> None:
    known = result.judgement.situation.known
    stated = [k for k in known.values() if k.truth is not None or k.leaning is not None]
    layout.heading(console, "Facts")
    if stated:
        table = layout.columns("Fact", "Is", "From")
        for fact in sorted(stated, key=lambda k: (k.truth is None, k.key)):
            truth = layout.TRUTH_WORDS[fact.truth] if fact.truth is not None else f"a sign ({fact.leaning:.1f})"
            table.add_row(
                layout.text(fact.key), layout.text(truth), layout.text(f"{fact.said_by}: {fact.basis}", "dim")
            )
        console.print(table)
    unknown = _unknown(result)
    if unknown:
        shown = unknown if everything else unknown[:MOST_UNKNOWN]
        more = f" and {len(unknown) - len(shown)} more" if len(shown) < len(unknown) else ""
        console.print(layout.text(f"Unknown and awaited, most awaited first: {', '.join(shown)}{more}", "dim"))


def _findings(console: Console, result: Examination, everything: bool) -> None:
    findings = _sorted(result.judgement.findings)
    if not findings:
        return
    layout.heading(console, "What the law says")
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.outcome] = counts.get(finding.outcome, 0) + 1
    console.print(layout.text(" · ".join(f"{counts[o]} {OUTCOME_WORDS[o]}" for o in OUTCOME_WORDS if o in counts)))
    for code in dict.fromkeys(f.provision.jurisdiction for f in findings):
        console.print()
        console.print(layout.text(jurisdictions()[code].name, "bold"))
        table = layout.grid(17, 5, 4)
        for finding in (f for f in findings if f.provision.jurisdiction == code):
            table.add_row(*_finding_row(finding, everything))
        console.print(table)
    if everything:
        console.print()
        for key in _unknown(result):
            console.print(layout.text(f"  {key}: {_meaning(key)}", "dim"))


def _finding_row(finding: Finding, everything: bool) -> tuple[Any, ...]:
    law, style = finding.provision, _OUTCOME_STYLES.get(finding.outcome, "dim")
    provision = layout.text(law.citation, "" if finding.outcome in _OUTCOME_STYLES else "dim")
    provision.append(f"\n{law.title} · {law.id}", style="dim")
    source = " ".join(law.source.split())
    if not everything and len(source) > MOST_SOURCE:
        source = source[:MOST_SOURCE].rsplit(" ", 1)[0] + " …"
    reason = layout.text(_reason(finding, everything))
    reason.append(f"{chr(10) if reason else ''}{source} ({law.confidence} confidence)", style="dim")
    return layout.text(f"{_OUTCOME_MARKS[finding.outcome]} {OUTCOME_WORDS[finding.outcome]}", style), provision, reason


def _reason(finding: Finding, everything: bool) -> str:
    if finding.missing:
        return "missing: " + _some(finding.missing, everything)
    if finding.failing:
        return "fails: " + _some(finding.failing, everything)
    if finding.outcome == "not_in_force":
        law = finding.provision
        return f"{law.status.replace('_', ' ')}, from {law.in_force_from or 'a day not recorded'}"
    if finding.outcome == "exempt":
        return "an exemption holds"
    return ""


def _some(keys: tuple[str, ...], everything: bool) -> str:
    """The first keys, and how many more; all of them where everything was asked for."""
    if everything or len(keys) <= MOST_KEYS + 1:
        return ", ".join(keys)
    return f"{', '.join(keys[:MOST_KEYS])} and {len(keys) - MOST_KEYS} more"


def _questions(console: Console, result: Examination, everything: bool) -> None:
    asked = result.judgement.questions
    if not asked:
        return
    shown = asked if everything else asked[:MOST_QUESTIONS]
    layout.heading(console, f"Questions worth asking, best first ({len(shown)} of {len(asked)})")
    table = layout.columns("#", "Question", "Fact", "Why")
    for number, question in enumerate(shown, start=1):
        table.add_row(
            str(number), layout.text(question.text), layout.text(question.key), layout.text(question.why, "dim")
        )
    console.print(table)


def _plan(console: Console, result: Examination, everything: bool) -> None:
    plan = result.judgement.plan
    ready = sum(1 for measure in plan.measures if measure.readiness in {"ready", "needs_exemption_review"})
    layout.heading(console, f"Plan · {len(plan.measures)} measures, {ready} to decide on now")
    for note in plan.notes:
        console.print(layout.text(f"! {note}", "yellow"))
    number = 0
    for phase in dict.fromkeys(measure.phase for measure in plan.measures):
        console.print()
        console.print(layout.text(_PHASES.get(phase, phase), "bold"))
        table = layout.grid(3, 5, 4)
        for measure in (m for m in plan.measures if m.phase == phase):
            number += 1
            table.add_row(layout.text(f"{number:>2}", "dim"), *_measure_row(measure, everything))
        console.print(table)
    if plan.omissions and everything:
        console.print(layout.text("\nLeft out, and why", "bold"))
        for omission in plan.omissions:
            named = f" [{', '.join(omission.provisions)}]" if omission.provisions else ""
            console.print(layout.text(f"  {omission.remedy or 'no step'}: {omission.why}{named}", "dim"))
    elif plan.omissions:
        console.print(layout.text(f"\n{len(plan.omissions)} things were left out, with reasons: see --all", "dim"))


def _measure_row(measure: PlannedMeasure, everything: bool) -> tuple[Any, ...]:
    to = measure.addressee
    name = to.name or to.kind.replace("_", " ")
    asked = measure.readiness in {"ready", "needs_exemption_review"}
    what = layout.text(measure.title, "" if asked else "dim")
    what.append(f" → {name}" + (f" ({to.jurisdiction})" if to.jurisdiction else ""), style="cyan" if asked else "dim")
    grounds = tuple(f"{g.citation} ({OUTCOME_WORDS.get(g.outcome, g.outcome)})" for g in measure.grounds)
    what.append("\n" + ("; ".join(grounds if everything else grounds[:2]) or "needs no law"), style="dim")
    if len(grounds) > 2 and not everything:
        what.append(f" and {len(grounds) - 2} more", style="dim")
    clock = measure.clock.text
    if measure.clock.within is not None and not clock.startswith("our own"):
        clock = f"{measure.clock.within} {measure.clock.starts.replace('_', ' ')}: {clock}"
    people = "one approval" if measure.approvals == 1 else "two approvals"
    state = layout.text(f"{people} · {_READINESS.get(measure.readiness, measure.readiness)}", "" if asked else "dim")
    if measure.needs:
        state.append(f": {_some(measure.needs, everything)}", style="dim")
    state.append(f"\n{clock}", style="dim")
    return what, state

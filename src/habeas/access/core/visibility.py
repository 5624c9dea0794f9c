"""Which case a member sees, and what of it: a table of roles, of the reasons to see a case, and of its state.

A member sees a case for a reason, never by default. Three reasons follow from a rule of the house: it is theirs, nobody
has taken it yet, or a colleague of their organisation has it. All others are grants that somebody gave. In a case that
is closed off ("sealed": the person affected works here, is widely known, lives with an officer) no rule counts, and of
the grants only those that name a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from habeas.access.core.permissions import MAY, Role
from habeas.access.core.policy import Purpose, purposes_of

# read: look at it · work: change what stands in it · copy: take something out of it
# keep: what decides over its being kept · admit: what decides over who sees it
Act = Literal["read", "work", "copy", "keep", "admit"]
Rule = Literal["owner", "unowned", "colleague"]
GrantKind = Literal["assignment", "team", "agreement", "operation", "break_glass", "counsel"]
SightKind = Literal[Rule, GrantKind]
State = Literal["new", "open", "waiting", "closed"]
TeamSees = Literal["organisation", "unowned", "granted"]

RULES: tuple[Rule, ...] = ("owner", "unowned", "colleague")
GRANTS: tuple[GrantKind, ...] = ("assignment", "team", "agreement", "operation", "break_glass", "counsel")
STATES: tuple[State, ...] = ("new", "open", "waiting", "closed")
TEAM_SEES: tuple[TeamSees, ...] = ("organisation", "unowned", "granted")

# What an action does to a case that one sees. Actions that are not here are about the house and no single case.
ABOUT: dict[str, Act] = {
    "open_case": "read",
    "read_item": "read",
    "ask_identity": "read",
    "state_fact": "work",
    "approve_measure": "work",
    "withdraw_measure": "work",
    "write_letter": "work",
    "send_measure": "work",
    "note_answer": "work",
    "escalate_measure": "work",
    "decide_contest": "work",
    "note_consent": "work",
    "write_to_person": "work",
    "decide_sighting": "work",
    "capture_page": "work",
    "export_bundle": "copy",
    "hand_over": "copy",
    "mark_copy": "copy",
    "close_case": "keep",
    "place_hold": "keep",
    "lift_hold": "keep",
    "erase_case": "keep",
    # Taking a case makes it one's own: whoever sees it for a while only would see it for good.
    "take_case": "admit",
    "hand_over_cases": "admit",
    "give_access": "admit",
    "seal_case": "admit",
    "unseal_case": "admit",
}

_ALL: frozenset[Act] = frozenset({"read", "work", "copy", "keep", "admit"})
_READ: frozenset[Act] = frozenset({"read"})

# What each reason opens: while the case is worked on, and once it is closed.
REACH: dict[SightKind, tuple[frozenset[Act], frozenset[Act]]] = {
    "owner": (_ALL, _ALL),
    "unowned": (_ALL, _ALL),
    "colleague": (_ALL, _ALL),
    "assignment": (_ALL, _ALL),
    "team": (_ALL, _ALL),
    "agreement": (_READ, _READ),
    "operation": (frozenset({"read", "work", "copy"}), _READ),
    # An emergency is read and acted in; it takes nothing out, ends nothing and lets nobody else in.
    "break_glass": (frozenset({"read", "work"}), _READ),
    "counsel": (frozenset({"read", "copy"}), frozenset({"read", "copy"})),
}

_CASEWORK: frozenset[SightKind] = frozenset(
    {"owner", "unowned", "colleague", "assignment", "team", "agreement", "operation", "break_glass"}
)

# Which reasons count for which role.
SIGHTS_OF: dict[Role, frozenset[SightKind]] = {
    "caseworker": _CASEWORK,
    "lead": _CASEWORK,
    "auditor": frozenset(),
    "counsel": frozenset({"counsel"}),
    "custodian": frozenset(),
    "monitor": frozenset(),
    "clerk": frozenset({"agreement", "operation"}),
    "service": frozenset(),
}

# For which purposes each act can be done: a grant for the court alone lets nobody write to the person.
SERVES: dict[Act, frozenset[Purpose]] = {
    "read": frozenset({"preserve", "help", "assess", "remedy", "court", "authority", "partner", "review"}),
    "work": frozenset({"preserve", "help", "assess", "remedy"}),
    "copy": frozenset({"help", "remedy", "court", "authority", "partner", "review"}),
    "keep": frozenset({"preserve", "help", "court", "authority", "erase"}),
    "admit": frozenset({"help", "assess", "remedy"}),
}

_NO_SIGHTS: frozenset[SightKind] = frozenset()


@dataclass(frozen=True, slots=True)
class Sight:
    """One reason why somebody sees a case.

    named:    it is theirs alone, by name, and not their organisation's or operation's; a rule names nobody
    purposes: what it was given for; empty: all that the role may act for
    """

    kind: SightKind
    named: bool = False
    purposes: frozenset[str] = frozenset()


def counts(role: str, sight: Sight, *, sealed: bool) -> bool:
    """Whether a reason to see a case is one, for this role and in a case that is closed off or not."""
    return sight.kind in sights_of(role) and (not sealed or (sight.named and sight.kind not in RULES))


def reaches(role: str, sights: Iterable[Sight], *, state: str, sealed: bool, act: Act) -> bool:
    """Whether somebody of a role gets so far in a case they see for these reasons.

    state: of the case (STATES)
    """
    closed = state == "closed"
    return any(
        act in REACH[sight.kind][closed] and counts(role, sight, sealed=sealed) and _serves(role, sight, act)
        for sight in sights
    )


def sees(role: str, sights: Iterable[Sight], *, state: str, sealed: bool, action: str) -> bool:
    """Whether somebody of a role may do something in a case they see for these reasons.

    Raises KeyError for an action that is about no case.
    """
    act = ABOUT[action]
    return role in MAY[action] and reaches(role, sights, state=state, sealed=sealed, act=act)


def rule_for(
    role: str,
    *,
    member: int,
    organisation: int | None,
    of_house: bool,
    owner: int | None,
    owners_organisation: int | None,
    team_sees: str,
) -> Rule | None:
    """Which rule of the house lets a member see a case, if any.

    member, owner: ids of people; organisation, owners_organisation: ids, null: not known, which is the house
    of_house:      whether the member's organisation runs this house
    team_sees:     the house's setting (TEAM_SEES): organisation: cases of nobody and of one's organisation;
                   unowned: cases of nobody; granted: neither, so that leads hand out what came in
    Raises ValueError for a setting nobody defined.
    """
    if team_sees not in TEAM_SEES:
        raise ValueError(f"HABEAS_TEAM_SEES is {team_sees!r}; it must be one of {', '.join(TEAM_SEES)}")
    if owner == member:
        return "owner"
    if owner is None:
        return "unowned" if of_house and (team_sees != "granted" or role == "lead") else None
    theirs = of_house if owners_organisation is None else owners_organisation == organisation
    return "colleague" if theirs and team_sees == "organisation" else None


def sights_of(role: str) -> frozenset[SightKind]:
    """The kinds of reasons that count for a role; none for a role nobody defined."""
    return SIGHTS_OF.get(role, _NO_SIGHTS)  # type: ignore[call-overload, no-any-return]


def _serves(role: str, sight: Sight, act: Act) -> bool:
    """Whether an act can be done for a purpose that the role may act for, and the grant was given for."""
    able = SERVES[act] & purposes_of(role)
    return bool(able & sight.purposes if sight.purposes else able)

"""Channels that reach nobody, for tests of what uses channels. They pass the same suite as the real ones."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from contracts.servers import LOST
from habeas.platforms.core.dispatch import Answer, CannotSend, NotReached, Outgoing, Receipt

_LATER = frozenset({"408", "425", "429"})


@dataclass
class Twin:
    """A channel in memory.

    name, lacks: those of the channel it stands for; lacks: what a letter still needs
    remembers:   whether the service knows keys; if not, what came of a lost answer is for a person to find out
    acts:        key -> letter, as the service holds them; moods: come over the next letters, one each
    answers:     reference -> what the service says of it
    """

    name: str
    lacks: Callable[[Outgoing], list[str]]
    remembers: bool = True
    acts: dict[str, Outgoing] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    moods: deque[str] = field(default_factory=deque)
    answers: dict[str, Answer] = field(default_factory=dict)

    def needs(self, outgoing: Outgoing) -> list[str]:
        return self.lacks(outgoing)

    def send(self, outgoing: Outgoing, *, at: datetime) -> Receipt:
        if missing := self.needs(outgoing):
            raise CannotSend(" ".join(missing))
        if outgoing.key in self.unsure:
            raise CannotSend("It is not known whether it arrived. Find out, then send it again.")
        if outgoing.key not in self.acts:
            self._meet(self.moods.popleft() if self.moods else "ok", outgoing)
            self.acts[outgoing.key] = outgoing
        number = f"T-{[*self.acts].index(outgoing.key) + 1}"
        proof = json.dumps({"id": number}).encode()
        return Receipt(self.name, "accepted", number, at, proof, "application/json", "The twin took the letter.")

    def ask(self, reference: str, *, at: datetime) -> Answer | None:
        return self.answers.get(reference)

    def _meet(self, mood: str, outgoing: Outgoing) -> None:
        if mood in LOST:
            self.acts[outgoing.key] = outgoing
        if mood in LOST or mood == "cut before":
            if self.remembers:
                raise NotReached("the twin's answer was lost")
            self.unsure.add(outgoing.key)
            raise CannotSend("It is not known whether it arrived. Find out, then send it again.")
        if mood == "redirect":
            raise CannotSend("The twin wants it sent elsewhere (307). Check its address, then send again.")
        if mood.isdecimal():
            if mood in _LATER or int(mood) >= 500:
                raise NotReached(f"the twin asks to come back later ({mood})")
            raise CannotSend(f"The twin refused the letter ({mood}). Choose another way.")

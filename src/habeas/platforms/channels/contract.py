"""What every channel promises. One suite (tests/contracts/) holds all of them, and their twins, to it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from habeas.platforms.core.dispatch import Answer, Outgoing, Receipt


class Channel(Protocol):
    """One way to an addressee.

    The same key sent twice is one act there. What is wrong with a letter is told before anything leaves.
    """

    name: str

    def needs(self, outgoing: Outgoing) -> list[str]:
        """Sentences on what is missing or in the way; empty where it may go. Reaches nobody."""
        ...

    def send(self, outgoing: Outgoing, *, at: datetime) -> Receipt:
        """Hand the letter over. Raises CannotSend, NotReached."""
        ...

    def ask(self, reference: str, *, at: datetime) -> Answer | None:
        """What became of it; null where the channel cannot be asked, or nothing is decided. Raises NotReached."""
        ...

"""Other nodes, and the letters that go out to them and come in."""

from __future__ import annotations

__all__: list[str] = []

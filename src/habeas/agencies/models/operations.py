"""Work done jointly across cases and organisations."""

from __future__ import annotations

__all__: list[str] = []

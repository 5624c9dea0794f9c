"""Agreements, and what was shared under them."""

from __future__ import annotations

__all__: list[str] = []

"""Which places a case may name, and what to say where a code is none."""

from __future__ import annotations

from collections.abc import Iterable

from habeas.kernel.jurisdictions import is_place, nearest_place
from habeas.law.core.packs import jurisdictions


def known(code: str) -> bool:
    """Whether a code, upper case, names a place: one with a pack, or another country or state."""
    return code in jurisdictions() or is_place(code)


def complaint(code: str) -> str:
    """A sentence for a code that names no place."""
    near = nearest_place(code, {place.code: place.name for place in jurisdictions().values()})
    hint = f"did you mean {near[0]} ({near[1]})?" if near else "`habeas law list` shows the codes."
    return f"unknown jurisdiction {code!r}; {hint}"


def without_pack(codes: Iterable[str]) -> list[str]:
    """Those of the named places whose own law Habeas does not hold yet."""
    return [code for code in codes if code not in jurisdictions()]

"""Names that every file system and every header takes."""

from __future__ import annotations

import mimetypes
import re

LONGEST = 60


def file_name(name: str, media_type: str) -> str:
    """A name for a file: ASCII, short, with the ending of its kind."""
    stem, dot, ending = name.rpartition(".")
    if not dot or not re.fullmatch(r"[A-Za-z0-9]{1,8}", ending):
        stem, ending = name, (mimetypes.guess_extension(media_type) or ".bin").lstrip(".")
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-.") or "item"
    return f"{safe[:LONGEST]}.{ending.lower()}"


def slug_of(name: str) -> str:
    """A name as small letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:LONGEST] or "authority"

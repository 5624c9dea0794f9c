"""Every text to scan out of one file, whatever it is: a document, a table, a database dump, an archive of all of these.

``units`` reads a file from front to back and gives its texts one by one: a whole document where it is one, a row or
record where the file is a list of them. Memory stays bounded whatever the size of the file, nothing is written to disk,
and nothing in the file makes it raise: what cannot be read becomes a ``Unit`` that says why.

    model.py    what is given, and every bound in one place
    walk.py     what a stream of bytes is, and who reads it
    streams.py  bytes that can be looked into before they are read; unpacking under a limit
    texts.py    bytes become text piece by piece; a row becomes a text
    tables.py   CSV and its kin          json_records.py  JSON and JSON Lines
    sql.py      database dumps           mailbox.py       mbox
    archives.py zip and tar              warc.py          web archives
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from habeas.exposure.core.collections.model import Limits, Unit

__all__ = ["Limits", "Unit", "units"]


def units(stream: BinaryIO, name: str, *, size_bytes: int, limits: Limits = Limits()) -> Iterator[Unit]:  # noqa: B008
    """Every text to scan out of one file, in its order.

    stream:     read from where it stands; zip archives are read best where it can also seek
    name:       the file's name, for paths, messages and as a tie-breaker between kinds
    size_bytes: the file's size, against which unpacking is measured
    Raises nothing for what is in the file: trouble is a Unit.
    """
    from habeas.exposure.core.collections import walk

    return walk.units(stream, name, size_bytes=size_bytes, limits=limits)

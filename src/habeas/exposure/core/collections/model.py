"""What a file of many texts gives, and how much of it may be taken."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.exposure.core.documents import LIMIT_BYTES, Document, UnreadableFile


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may ask of the machine.

    document_bytes:     the largest PDF, picture, page or mail to read, which is held in memory whole
    text_bytes:         the largest plain text to read whole; a longer one is cut into pieces
    piece_characters:   the longest text of one Unit out of a long text or row
    overlap_characters: repeated at a cut that falls within a line, so that nothing is torn apart
    row_characters:     the longest row, record or statement to hold; what is over is left out and said so
    archive_bytes:      the largest zip within an archive to hold in memory; a longer one is read from its front
    directory_bytes:    the longest list of contents of a zip
    header_bytes:       the longest block of header lines of a web record, or name of a member
    unpacked_bytes:     all that may be unpacked out of one file, on all levels together
    unpacking_ratio:    unpacked size to packed size, of one member and of the whole file
    ratio_from_bytes:   unpacked bytes up to which no ratio is asked for: small files of one letter pack very well
    window_bytes:       the memory that a decompressor may ask for
    members:            members of all archives, records of all web archives
    depth:              archives within archives
    troubles:           troubles told of one member; after them it is left
    """

    document_bytes: int = LIMIT_BYTES
    text_bytes: int = 1_000_000
    piece_characters: int = 200_000
    overlap_characters: int = 200
    row_characters: int = 1_000_000
    archive_bytes: int = 32_000_000
    directory_bytes: int = 16_000_000
    header_bytes: int = 64_000
    unpacked_bytes: int = 20_000_000_000
    unpacking_ratio: int = 200
    ratio_from_bytes: int = 10_000_000
    window_bytes: int = 128_000_000
    members: int = 200_000
    depth: int = 5
    troubles: int = 100


@dataclass(frozen=True, slots=True)
class Unit:
    """One text to scan out of a file.

    path:       names from outside in: ("backup.zip", "mail/1.eml")
    place:      "" for a whole document, else "row 12", "lines 7-90", "table people, row 3", "record 5, https://…"
    document:   its text, or None where it cannot be read
    trouble:    why not
    done_bytes: how far into the outermost file we are
    """

    path: tuple[str, ...]
    place: str
    document: Document | None
    trouble: UnreadableFile | None
    done_bytes: int

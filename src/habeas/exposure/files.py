"""Reading a file from disk: the one place where a path becomes bytes."""

from __future__ import annotations

from pathlib import Path

from habeas.exposure.core.documents import (
    LIMIT_BYTES,
    Document,
    UnreadableFile,
    read_document,
    shown_name,
    too_large,
)


def read_file(path: Path, *, limit_bytes: int = LIMIT_BYTES) -> Document:
    """The text of the file at ``path``; its name in the document is the file's, without folders.

    The size is looked at before reading, so a huge file costs no memory. Raises UnreadableFile.
    """
    shown = shown_name(path.name or str(path))
    try:
        if path.is_dir():
            raise UnreadableFile("missing", f"{shown} is a folder: name one file in it.")
        if path.exists() and not path.is_file():
            # A pipe or a device could keep us waiting for ever.
            raise UnreadableFile("unknown_type", f"{shown} is not an ordinary file: copy its content into one.")
        size_bytes = path.stat().st_size
        if size_bytes > limit_bytes:
            raise too_large(shown, size_bytes, limit_bytes)
        with path.open("rb") as stream:
            # One byte more than allowed, in case the file has grown since.
            data = stream.read(limit_bytes + 1)
    except FileNotFoundError:
        raise UnreadableFile("missing", f"{shown} does not exist: check the path.") from None
    except PermissionError:
        raise UnreadableFile("missing", f"{shown} may not be read by this account: change its permissions.") from None
    except (OSError, ValueError) as error:
        if isinstance(error, UnreadableFile):
            raise
        reason = getattr(error, "strerror", None) or "not a path"
        raise UnreadableFile("missing", f"{shown} cannot be opened ({reason}): check the path.") from None
    return read_document(data, path.name, limit_bytes=limit_bytes)

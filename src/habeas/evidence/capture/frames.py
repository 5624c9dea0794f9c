"""How a visit tells what it sees: frames of JSON with a blob each, over a pipe."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import IO, Any, BinaryIO

_HEAD = struct.Struct("!II")


def send(out: BinaryIO, head: dict[str, Any], blob: bytes = b"") -> None:
    said = json.dumps(head).encode()
    out.write(_HEAD.pack(len(said), len(blob)) + said + blob)
    out.flush()


def received(source: IO[bytes], most_bytes: int) -> Iterator[tuple[dict[str, Any], bytes]]:
    """The frames until the pipe ends; a frame that is not whole is left out. Raises ValueError past ``most_bytes``."""
    total = 0
    while len(head := source.read(_HEAD.size)) == _HEAD.size:
        said, blob = _HEAD.unpack(head)
        total += said + blob
        if total > most_bytes:
            raise ValueError(f"the visit tells of more than {most_bytes:,} bytes")
        text, content = source.read(said), source.read(blob)
        if len(text) < said or len(content) < blob:
            return
        yield json.loads(text), content

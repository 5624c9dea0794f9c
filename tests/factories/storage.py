"""Looking at what is stored as a thief of the disk would: every row of every table, without the models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from django.db import connection


def stored_values() -> Iterator[tuple[str, bytes]]:
    """("table.column", value as bytes) of everything in the database."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {quote(table)}")  # noqa: S608 (a table of our own)
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    if value is not None:
                        yield f"{table}.{column}", _bytes(value)


def in_clear(secrets: Iterable[str], values: Iterable[tuple[str, bytes]]) -> list[str]:
    """Where one of the secrets, given in small letters, can simply be read."""
    wanted = [secret.encode() for secret in secrets]
    return sorted(
        {
            f"{place} holds {secret.decode()!r}"
            for place, value in values
            for secret in wanted
            if secret in value.lower()
        }
    )


def files_under(folder: Path) -> Iterator[tuple[str, bytes]]:
    """(name, content) of every file, and each name once more as content of its own."""
    for file in folder.rglob("*"):
        if file.is_file():
            yield file.name, file.read_bytes()
            yield "a name on disk", file.name.encode()


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    return str(value).encode()

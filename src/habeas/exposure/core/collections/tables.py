"""Tables as text: CSV and its kin, each row a text of one line per column."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from habeas.exposure.core.collections import texts
from habeas.exposure.core.collections.model import Unit
from habeas.exposure.core.collections.streams import Feed
from habeas.exposure.core.collections.texts import Cursor, TextStream
from habeas.exposure.core.documents import UnreadableFile, clean_text

if TYPE_CHECKING:
    from habeas.exposure.core.collections.walk import Walk

_NAMED = (".csv", ".tsv", ".tab", ".psv", ".ssv")
_DELIMITERS = ",;\t|"
_SAMPLE_ROWS = 100
_SAMPLE_CHARACTERS = 60_000
# The csv module gives up on a longer field.
_FIELD_CHARACTERS = 131_072
# After so many quotes that never close, a quote is taken for a letter in the rest of the table.
_STRAY_QUOTES = 20
_EMPTY = {"\\N", "NULL", "null", "N/A", "n/a", "NaN", "nan", "-", "--"}

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_LETTER = re.compile(r"[^\W\d_]")
_DATA = re.compile(r"@|://|\d{3}|^\W*\d[\d\W]*$")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9]*(?:[_A-Z][A-Za-z0-9]*)+\Z")
_SEP_LINE = re.compile(r"\ufeff?sep=(.)\s*\Z")
# Words that head a column of people's data, in the languages whose exports are met most.
_COLUMN_WORDS = re.compile(
    r"""(?xi) (?<![^\W_]) (?:
      id | uid | name | first | last | surname | forename | given | family | user | username | login | nick | nickname
    | handle | e-?mail | mail | phone | tel | telephone | mobile | cell | fax | address | street | city | town | state
    | zip | postcode | postal | country | region | date | time | timestamp | created | updated | dob | birth | birthday
    | birthdate | age | gender | sex | ssn | passport | iban | card | account | password | pass | hash | ip | url | link
    | website | text | message | body | content | comments? | notes? | subject | title | company | employer | school
    | status | type | role | latitude | longitude | lat | lng | lon | plate | from | to | code
    | nom | prénom | prenom | adresse | ville | téléphone | courriel | naissance
    | vorname | nachname | strasse | straße | stadt | ort | plz | telefon | handy | geburtsdatum | geburtstag
    | anschrift
    | nombre | apellidos? | dirección | direccion | calle | ciudad | teléfono | telefono | correo | fecha | nacimiento
    | cognome | nome | indirizzo | città | citta | nascita | via | cap
    | sobrenome | endereço | endereco | rua | cidade | telefone | celular | nascimento | cpf | rg | cep
    | imię | imie | nazwisko | ulica | miasto | adres | naam | voornaam | achternaam | straat | woonplaats
    | geboortedatum
    | имя | фамилия | отчество | телефон | адрес | город | улица | почта | дата | пароль
    | ad | soyad | soyadı | şehir | doğum ) (?![^\W_])"""
)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is written. labels: of its columns, empty where it has no header"""

    delimiter: str
    quote: str
    escape: str
    labels: tuple[str, ...]
    has_separator_line: bool

    @property
    def has_header(self) -> bool:
        return bool(self.labels)


def layout(start: str, name: str, whole: bool) -> Layout | None:
    """How the table is written that a text starts with, or None where it is no table.

    whole: whether ``start`` is all of the text
    A file that is called a table is believed; any other must have a header and rows that are alike, because prose has
    commas too.
    """
    called_table = name.lower().endswith(_NAMED)
    lines = _sample_lines(start, whole)
    separator = _SEP_LINE.match(lines[0]) if lines else None
    if separator:
        lines = lines[1:]
    if not lines or (len(lines) < 2 and not called_table):
        return None
    choices = [separator[1]] if separator else list(_DELIMITERS)
    found = [shape for choice in choices if (shape := _shape(lines, choice)) is not None]
    if not found:
        return _single_column(lines, called_table)
    best = max(found, key=lambda shape: shape.weight)
    header = _header(best.rows)
    written = Layout(best.delimiter, best.quote, best.escape, header, separator is not None)
    if called_table or separator:
        return written
    if best.alike_share < 0.95 or len(best.rows) < 3:
        return None
    if header and (best.columns >= 3 or best.delimiter == "\t" or _are_data(best.rows[1:])):
        return written
    return written if best.columns >= 6 and len(best.rows) >= 5 and best.delimiter != " " else None


@dataclass(frozen=True, slots=True)
class _Shape:
    """A way to read the sample. alike_share: 0..1, of rows that have the usual number of columns"""

    delimiter: str
    quote: str
    escape: str
    rows: list[list[str]]
    columns: int
    alike_share: float

    @property
    def weight(self) -> tuple[float, int]:
        return (round(self.alike_share, 1), self.columns)


def _shape(lines: list[str], delimiter: str) -> _Shape | None:
    joined = "".join(lines)
    bounded = re.escape(delimiter)
    opened = {mark: len(re.findall(rf"(?m)(?:^|{bounded}) ?{mark}", joined)) for mark in "\"'"}
    quote = "'" if opened["'"] > 1 and opened["'"] > opened['"'] else '"'
    escape = "\\" if f"\\{quote}" in joined and quote * 2 not in joined.replace(f"{delimiter}{quote * 2}", "") else ""
    shape = Layout(delimiter, quote, escape, (), False)
    try:
        rows = [row for row in islice(_reader(iter(lines), shape), _SAMPLE_ROWS) if any(map(str.strip, row))]
    except csv.Error:
        rows = [line.rstrip("\r\n").split(delimiter) for line in lines[:_SAMPLE_ROWS] if line.strip()]
    if not rows:
        return None
    # The last row of a sample may be cut off.
    counts = Counter(map(len, rows[:-1] or rows))
    columns, alike = max(counts.items(), key=lambda item: (item[1], item[0]))
    if columns < 2:
        return None
    return _Shape(delimiter, quote, escape, rows, columns, alike / counts.total())


def _sample_lines(start: str, whole: bool) -> list[str]:
    lines = []
    characters = 0
    for match in _LINE.finditer(start.lstrip("\ufeff")):
        line = match[0]
        characters += len(line)
        if not line or characters > _SAMPLE_CHARACTERS:
            break
        lines.append(line)
    if not whole and len(lines) > 1 and not lines[-1].endswith(("\n", "\r")):
        lines.pop()
    while lines and not lines[0].strip():
        lines.pop(0)
    return lines


def _single_column(lines: list[str], called_table: bool) -> Layout | None:
    """A list of one thing a line is a table only where it is called one and has a header."""
    rows = [[line.strip().strip('"')] for line in lines[:_SAMPLE_ROWS] if line.strip()]
    labels = _header(rows) if called_table and len(rows) >= 2 else ()
    return Layout(",", '"', "", labels, False) if labels else None


def _header(rows: list[list[str]]) -> tuple[str, ...]:
    """The labels of the columns, where the first row holds them."""
    cells = [cell.strip() for cell in rows[0]]
    filled = [cell for cell in cells if cell]
    if not filled or len(filled) < len(cells) / 2 or len({cell.casefold() for cell in filled}) < len(filled):
        return ()
    if any(len(cell) > 60 or _DATA.search(cell) or not _LETTER.search(cell) for cell in filled):
        return ()
    knows = sum(_COLUMN_WORDS.search(texts.label(cell)) is not None for cell in filled)
    written_for_machines = sum(_IDENTIFIER.match(cell) is not None for cell in filled)
    if knows * 2 >= len(filled) or written_for_machines or (knows and _are_data(rows[1:])):
        return tuple(_label(cell, number) for number, cell in enumerate(cells, start=1))
    if _are_data(rows[1:]) and all(len(cell) <= 30 for cell in filled):
        return tuple(_label(cell, number) for number, cell in enumerate(cells, start=1))
    return ()


def _label(cell: str, number: int) -> str:
    return texts.label(cell) or f"column {number}"


def _are_data(rows: list[list[str]]) -> bool:
    """Whether some column holds numbers, dates or addresses throughout, as no header does."""
    if not rows:
        return False
    for column in zip(*rows[:50], strict=False):
        filled = [cell for cell in column if cell.strip()]
        if len(filled) * 2 >= len(column) and filled and all(_DATA.search(cell) for cell in filled):
            return True
    return False


def _reader(lines: Iterator[str], written: Layout) -> Any:
    return csv.reader(
        lines,
        delimiter=written.delimiter,
        quotechar=written.quote or None,
        quoting=csv.QUOTE_MINIMAL if written.quote else csv.QUOTE_NONE,
        doublequote=not written.escape,
        escapechar=written.escape or None,
        skipinitialspace=bool(written.quote),
        strict=False,
    )


def rows(walk: Walk, feed: Feed, written: Layout, path: tuple[str, ...], place: str) -> Iterator[Unit]:
    """One Unit for each row that holds anything. Rows are counted without the header, as people count them."""
    stream = TextStream(feed, path[-1])
    media_type = "text/tab-separated-values" if written.delimiter == "\t" else "text/csv"
    table = _Table(stream, written, walk.limits.row_characters)
    header_due = written.has_header
    number = 0
    for row in table.rows():
        if not any(map(str.strip, row)):
            continue
        if header_due:
            header_due = False
            continue
        number += 1
        where = texts.joined(place, f"row {number}")
        text = texts.row_text(_labelled(row, written.labels))
        yield from walk.text(path, where, text, media_type, stream.note)
    if table.stray_quotes >= _STRAY_QUOTES:
        yield walk.trouble(
            path,
            place,
            UnreadableFile(
                "broken",
                f"{clean_text(path[-1])} has quotation marks that never close: from there on its rows were read line "
                "by line, so that some may be torn. Export the table again.",
            ),
        )


def _labelled(row: list[str], labels: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for number, value in enumerate(row, start=1):
        if value.strip() not in _EMPTY:
            yield (labels[number - 1] if number <= len(labels) else f"column {number}"), value


class _Table:
    """The rows of a table. A quotation mark that does not close costs its own row, and not the rest of the table."""

    def __init__(self, stream: TextStream, written: Layout, row_characters: int) -> None:
        self.stray_quotes = 0
        self._cursor = Cursor(stream)
        self._written = written
        self._without_quotes = replace(written, quote="", escape="")
        self._row_characters = min(row_characters, _FIELD_CHARACTERS)
        self._again: list[str] = []  # lines to read once more, last first
        self._taken: list[str] = []  # lines of the row at hand
        self._taken_characters = 0
        self._too_long = False

    def rows(self) -> Iterator[list[str]]:
        if self._written.has_separator_line:
            self._line()
        reader = _reader(self._lines(), self._written)
        while True:
            self._taken, self._taken_characters, self._too_long = [], 0, False
            try:
                row = next(reader, None)
            except csv.Error:
                row = []
                self._too_long = True
            if row is None and not self._taken:
                return
            if not self._too_long and not self._quote_left_open():
                yield row or []
                continue
            self.stray_quotes += len(self._taken) > 1
            self._again.extend(reversed(self._taken[1:]))
            yield self._by_line(self._taken[0])
            if self.stray_quotes >= _STRAY_QUOTES:
                self._written = self._without_quotes
            reader = _reader(self._lines(), self._written)

    def _line(self) -> str | None:
        return self._again.pop() if self._again else self._cursor.line(self._row_characters)

    def _lines(self) -> Iterator[str]:
        """Lines for the csv module; a row that grows too long ends here."""
        while (line := self._line()) is not None:
            self._taken.append(line)
            self._taken_characters += len(line)
            if self._taken_characters > self._row_characters:
                self._too_long = True
                return
            yield line

    def _quote_left_open(self) -> bool:
        """Whether the table ended within quotation marks, over lines that are rows of their own."""
        if len(self._taken) < 2 or not self._written.quote or self._again or not self._cursor.ended:
            return False
        marks = sum(line.count(self._written.quote) for line in self._taken)
        if self._written.escape:
            marks -= sum(line.count(self._written.escape + self._written.quote) for line in self._taken)
        return marks % 2 == 1

    def _by_line(self, line: str) -> list[str]:
        try:
            return next(_reader(iter([line]), self._without_quotes), [])
        except csv.Error:
            return [line]

"""Database dumps: each row of an INSERT or COPY, as mysqldump, pg_dump, SQLite and SQL Server write them.

What other statements say in quotation marks (an UPDATE, say) is given as it stands; comments and definitions are not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from habeas.exposure.core.collections import texts
from habeas.exposure.core.collections.model import Unit
from habeas.exposure.core.collections.streams import Feed
from habeas.exposure.core.collections.texts import Cursor, TextStream
from habeas.exposure.core.documents import UnreadableFile, clean_text

if TYPE_CHECKING:
    from habeas.exposure.core.collections.walk import Walk

_MEDIA_TYPE = "application/sql"
_TABLES = 20_000
_COLUMNS = 2_000

# What a dump begins with, after comments. A note that speaks of SQL begins otherwise.
_NOISE = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z)|\#[^\n]*(?:\n|\Z)|/\*.*?(?:\*/|\Z);?)+", re.DOTALL)
_OPENING = re.compile(
    r"(?i)(?:SET|CREATE|DROP|INSERT|REPLACE|PRAGMA|BEGIN|USE|LOCK|START|SELECT|COPY|ALTER|TRUNCATE|DELETE|GO|IF|UPDATE)\b"
    r"|\\(?:un)?(?:restrict|connect)\b"
)
_NAME = r"""(?:[\w$]+|`[^`\n]+`|"[^"\n]+"|\[[^\]\n]+\])"""
_STATEMENT = re.compile(
    rf"""(?xim) ^ [ \t]* (?:
      (?: INSERT | REPLACE ) \s+ (?: \w+ \s+ ){{0,3}}? (?: INTO \s+ )? {_NAME} (?: \s*\.\s* {_NAME} )* \s*
        (?: \( [^()]* \) \s* )? (?: VALUES | SELECT | SET | DEFAULT | OVERRIDING ) \b
    | COPY \s+ {_NAME} (?: \. {_NAME} )* \s* (?: \( [^()]* \) \s* )? FROM \s+ stdin
    | CREATE \s+ (?: \w+ \s+ )?? TABLE \s+ (?: IF \s+ NOT \s+ EXISTS \s+ )? {_NAME} (?: \s*\.\s* {_NAME} )* \s* \(
    | UPDATE \s+ {_NAME} (?: \. {_NAME} )* \s+ SET \s )"""  # noqa: S608
)
_BACKSLASHES = re.compile(r"(?i)MySQL dump|MariaDB dump|phpMyAdmin|ENGINE\s*=|/\*!\d{5}|(?:INTO|TABLE)\s+`")

_BLANK = r"(?P<blank>\s+)"
_REST = r"""
  | (?P<comment> --[^\n]*(?:\n|\Z) {hash} | /\* .*? \*/ )
  | (?P<string> (?: [NnBbXxUu] & ? | _ [a-z0-9]+ \s* )? (?:{string}) (?!') )
  | (?P<quoted> `(?:[^`]|``)*`(?!`) | "(?:[^"{back}]|""{escape})*"(?!") | \[ [^\[\]\n]{{0,200}} \] )
  {dollar}
  | (?P<open> /\* | [NnBbXxUuEe]? ' | " | ` {open_dollar} )
  | (?P<word> -?[\w.$@]+ )
  | (?P<sign> . )
"""
_TOKENS = {
    True: re.compile(
        _BLANK
        + _REST.format(
            hash=r"| \#[^\n]*(?:\n|\Z)",
            string=r"[Ee]?'(?:[^'\\]|\\.|'')*'",
            back=r"\\",
            escape=r"|\\.",
            dollar="",
            open_dollar="",
        ),
        re.VERBOSE | re.DOTALL,
    ),
    False: re.compile(
        _BLANK
        + _REST.format(
            hash="",
            string=r"'(?:[^']|'')*' | [Ee]'(?:[^'\\]|\\.|'')*'",
            back="",
            escape="",
            dollar=r"| (?P<dollar> \$ (?P<tag>[A-Za-z_]\w*)? \$ .*? \$ (?(tag)(?P=tag)) \$ )",
            open_dollar=r"| \$ (?:[A-Za-z_]\w*)? \$",
        ),
        re.VERBOSE | re.DOTALL,
    ),
}
# Statements that make no sense. After so many the rest is plain text: looking for the end of each takes time.
_LOSSES = 20

_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "", "f": "\n", "v": "\n", "0": "", "Z": "", "a": ""}
_UNISTR = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|\+([0-9A-Fa-f]{6})|([0-9A-Fa-f]{4})|(\\))")
_CONSTRAINTS = {"PRIMARY", "KEY", "UNIQUE", "CONSTRAINT", "FOREIGN", "INDEX", "CHECK", "FULLTEXT", "SPATIAL", "EXCLUDE",
                "LIKE", "PERIOD"}  # fmt: skip
_BEFORE_TABLE = {"INTO", "IGNORE", "OR", "REPLACE", "LOW_PRIORITY", "DELAYED", "ABORT", "HIGH_PRIORITY", "OVERWRITE",
                 "TABLE", "ONLY", "FAIL", "ROLLBACK"}  # fmt: skip
_STARTS = {"INSERT", "REPLACE", "COPY", "CREATE", "UPDATE", "GO"}
_SILENT = {"CREATE", "ALTER", "DROP", "SET", "LOCK", "UNLOCK", "USE", "GO", "PRAGMA", "BEGIN", "COMMIT", "START",
           "SELECT", "COMMENT", "GRANT", "REVOKE", "ANALYZE", "VACUUM", "DELIMITER", "PRINT", "EXEC", "END",
           "IF"}  # fmt: skip


def is_dump(start: str, name: str) -> bool:
    """Whether a text begins as a database dump does."""
    start = start.lstrip("\ufeff")
    match = _STATEMENT.search(start)
    if match is None:
        return False
    if name.lower().endswith((".sql", ".dump")):
        return True
    noise = _NOISE.match(start)
    return _OPENING.match(start, noise.end() if noise else 0) is not None


def rows(walk: Walk, feed: Feed, path: tuple[str, ...], place: str) -> Iterator[Unit]:
    """One Unit for each row, with the columns' names where the dump gives them."""
    stream = TextStream(feed, path[-1])
    reading = _Reading(walk, stream, path, place)
    yield from reading.statements()


class _Lost(Exception):
    """What comes next makes no sense as SQL."""


class _Reading:
    def __init__(self, walk: Walk, stream: TextStream, path: tuple[str, ...], place: str) -> None:
        self._walk = walk
        self._stream = stream
        self._cursor = Cursor(stream)
        self._path = path
        self._place = place
        self._limit = walk.limits.row_characters
        self._cursor.have(60_000)
        self._backslashes = _BACKSLASHES.search(self._cursor.text) is not None
        self._tokens = _TOKENS[self._backslashes]
        self._columns: dict[str, list[str]] = {}
        self._counts: Counter[str] = Counter()
        self._statement = 0
        self._starts_line = self._fresh_line = True
        self._kept: list[str] = []  # the text since the start of the statement or row, to be read again if it is broken
        self._kept_characters = 0

    def statements(self) -> Iterator[Unit]:
        losses = lost_characters = 0
        while True:
            self._mark()
            try:
                kind, text = self._token()
                if not kind:
                    return
                if kind == "sign" and text == ";":
                    continue
                self._statement += 1
                yield from self._one(kind, text)
            except _Lost:
                losses += 1
                lost_characters += self._kept_characters
                if self._kept_characters <= 2 * self._limit:
                    self._cursor.put_back("".join(self._kept))
                told = self._stream.feed.take_trouble()
                gives_up = losses >= _LOSSES or lost_characters > 4 * self._limit
                yield from self._rest() if gives_up else self._as_it_stands()
                yield self._walk.trouble(
                    self._path,
                    texts.joined(self._place, f"statement {self._statement}"),
                    told
                    or UnreadableFile(
                        "broken",
                        f"{clean_text(self._path[-1])} is cut off or damaged here: the statement was read as "
                        "plain text. Make the dump again.",
                    ),
                )

    def _one(self, kind: str, text: str) -> Iterator[Unit]:
        word = text.upper() if kind == "word" else ""
        if word in {"INSERT", "REPLACE"}:
            yield from self._insert(word)
        elif word == "COPY":
            yield from self._copy()
        elif word == "CREATE":
            self._create()
        elif word in _SILENT or text == "\\":
            self._to_end(None)
        else:
            yield from self._other([text])

    # --- statements --------------------------------------------------------------------------------------------------

    def _insert(self, word: str) -> Iterator[Unit]:
        said = [word]
        kind, text = self._token()
        while kind == "word" and text.upper() in _BEFORE_TABLE:
            said.append(text)
            kind, text = self._token()
        table, kind, text = self._table_name(kind, text)
        said.append(table)
        columns = self._columns.get(table, [])
        if text == "(":
            columns = self._column_list()
            said.append(f"({', '.join(columns)})")
            kind, text = self._token()
        while kind == "word" and text.upper() in {"OVERRIDING", "SYSTEM", "USER", "VALUE", "VALUES"}:
            is_values = text.upper() in {"VALUES", "VALUE"} and "OVERRIDING" not in map(str.upper, said[-1:])
            said.append(text)
            kind, text = self._token()
            if is_values and text == "(":
                yield from self._rows(table, columns)
                return
        yield from self._other([*said, text])

    def _rows(self, table: str, columns: list[str]) -> Iterator[Unit]:
        """The rows of one INSERT, whose first parenthesis is open."""
        while True:
            values = self._values()
            self._mark()
            yield from self._row(table, columns, values)
            kind, text = self._token()
            if text == "," and kind == "sign":
                kind, text = self._token()
                if text != "(":
                    raise _Lost
            elif kind == "word" and text.upper() in _STARTS:
                self._cursor.put_back(text)
                self._mark()
                return
            else:
                if kind and text != ";":
                    self._to_end(None)
                return

    def _row(self, table: str, columns: list[str], values: list[str]) -> Iterator[Unit]:
        if len(self._counts) < _TABLES or table in self._counts:
            self._counts[table] += 1
        place = texts.joined(self._place, f"table {table}, row {self._counts[table]}")
        fields = (
            (columns[number] if number < len(columns) else f"column {number + 1}", value)
            for number, value in enumerate(values)
        )
        yield from self._walk.text(self._path, place, texts.row_text(fields), _MEDIA_TYPE, self._stream.note)

    def _copy(self) -> Iterator[Unit]:
        table, _, text = self._table_name(*self._token())
        columns = self._columns.get(table, [])
        if text == "(":
            columns = self._column_list()
            if len(self._columns) < _TABLES:
                self._columns.setdefault(table, columns)
            _, text = self._token()
        if text.upper() != "FROM" or self._token()[1].lower() != "stdin":
            self._to_end(None)
            return
        self._to_end(None)
        self._cursor.line(self._limit)
        while (line := self._cursor.line(self._limit)) is not None:
            line = line.rstrip("\r\n")
            if line == "\\.":
                return
            values = ["" if value == "\\N" else _unescaped(value) for value in line.split("\t")]
            yield from self._row(table, columns, values)
        raise _Lost

    def _create(self) -> None:
        kind, text = self._token()
        while kind == "word" and text.upper() in {"TEMPORARY", "TEMP", "UNLOGGED", "GLOBAL", "LOCAL", "VIRTUAL", "OR",
                                                  "REPLACE", "FOREIGN", "EXTERNAL"}:  # fmt: skip
            kind, text = self._token()
        if kind == "word" and text.upper() == "TABLE":
            kind, text = self._token()
            while kind == "word" and text.upper() in {"IF", "NOT", "EXISTS", "ONLY"}:
                kind, text = self._token()
            table, kind, text = self._table_name(kind, text)
            if text == "(" and len(self._columns) < _TABLES:
                self._columns[table] = self._definitions()
        if text != ";":
            self._to_end(None)

    def _definitions(self) -> list[str]:
        """The names of the columns that a CREATE TABLE defines, whose parenthesis is open."""
        columns: list[str] = []
        depth, begins = 1, True
        while depth:
            kind, text = self._token()
            if not kind:
                raise _Lost
            if begins and (kind == "quoted" or (kind == "word" and text.upper() not in _CONSTRAINTS)):
                columns.append(texts.label(_unquoted(kind, text)) or f"column {len(columns) + 1}")
            depth += (text == "(") - (text == ")") if kind == "sign" else 0
            begins = depth == 1 and kind == "sign" and text == ","
            if len(columns) > _COLUMNS:
                raise _Lost
        return columns

    def _column_list(self) -> list[str]:
        """The names in a parenthesis that is open."""
        columns: list[str] = []
        while True:
            kind, text = self._token()
            if text == ")" and kind == "sign":
                return columns
            if kind in {"word", "quoted"}:
                columns.append(texts.label(_unquoted(kind, text)) or f"column {len(columns) + 1}")
            elif text != "," or len(columns) > _COLUMNS:
                raise _Lost

    def _table_name(self, kind: str, text: str) -> tuple[str, str, str]:
        """A table's name without that of its database, and the token after it."""
        table = ""
        while kind in {"word", "quoted"}:
            table = clean_text(_unquoted(kind, text)).rpartition(".")[2][:60]
            kind, text = self._token()
            if text == ".":
                kind, text = self._token()
            elif not (kind == "word" and text.startswith(".")):
                break
        if not table:
            raise _Lost
        return table, kind, text

    def _values(self) -> list[str]:
        """The values of a row, whose parenthesis is open."""
        values: list[str] = []
        pieces: list[tuple[str, str]] = []
        depth = 0
        characters = 0
        while True:
            kind, text = self._token()
            if not kind:
                raise _Lost
            characters += len(text) + 1
            if characters > 2 * self._limit:
                raise _Lost
            if kind == "sign":
                if text == "(":
                    depth += 1
                elif text == ")":
                    if depth == 0:
                        values.append(self._value(pieces))
                        return values
                    depth -= 1
                elif text == "," and depth == 0:
                    values.append(self._value(pieces))
                    pieces = []
                    continue
                elif text == ";":
                    raise _Lost
            pieces.append((kind, text))

    def _value(self, pieces: list[tuple[str, str]]) -> str:
        """One value as people read it."""
        if len(pieces) == 1:
            kind, text = pieces[0]
            if kind == "string":
                return self._string(text)
            if kind == "word":
                return "" if text.upper() in {"NULL", "DEFAULT"} else _from_hex(text[2:], text) if text[:2] in {
                    "0x", "0X"} else text  # fmt: skip
        strings = [
            self._string(text) if kind == "string" else text[1:-1]
            for kind, text in pieces
            if kind in {"string", "quoted"}
        ]
        function = pieces[0][1].lower() if pieces and pieces[0][0] == "word" else ""
        if function == "replace" and strings:
            # SQLite's way to write line breaks: replace('…','\n',char(10)), also twice over.
            for mark in strings[1:]:
                strings[0] = strings[0].replace(mark, "\n")
            return strings[0]
        if function == "unistr" and strings:
            return _UNISTR.sub(_code_point, strings[0])
        if function in {"cast", "convert", "to_date", "to_timestamp", "date", "timestamp"} and strings:
            return strings[0]
        if strings:
            return " ".join(strings)
        return " ".join(text for kind, text in pieces if kind != "comment")

    def _string(self, text: str) -> str:
        opening = text.index("'")
        prefix, inner = text[:opening].strip().lower(), text[opening + 1 : -1]
        if prefix == "x":
            return _from_hex(inner, "")
        if (self._backslashes or prefix == "e") and "\\" in inner:
            inner = _unescaped(inner.replace("''", "'"))
        elif "''" in inner:
            inner = inner.replace("''", "'")
        return inner

    def _other(self, said: list[str]) -> Iterator[Unit]:
        """A statement that is no row, as it stands, where it says something in quotation marks."""
        if self._to_end(said):
            place = texts.joined(self._place, f"statement {self._statement}")
            text = clean_text(" ".join(said)).strip()
            yield from self._walk.text(self._path, place, text, _MEDIA_TYPE, self._stream.note)

    def _to_end(self, said: list[str] | None) -> bool:
        """Move behind the end of the statement, and keep its words in ``said``; whether it held a string."""
        has_string = False
        characters = 0
        if said is not None and said[-1] == ";":
            return False
        while True:
            kind, text = self._token()
            if not kind or (kind == "sign" and text == ";"):
                return has_string
            if kind == "word" and self._starts_line and text.upper() in _STARTS:
                # SQL Server ends statements with the line.
                self._cursor.put_back(text)
                return has_string
            has_string = has_string or kind in {"string", "dollar"}
            characters += len(text) + 1
            if said is not None and characters <= self._limit:
                said.append(text)

    def _as_it_stands(self) -> Iterator[Unit]:
        """The text up to a line that begins a statement."""
        held: list[str] = []
        characters = 0
        place = texts.joined(self._place, f"statement {self._statement}")
        first = True
        while (line := self._cursor.line(self._limit)) is not None:
            if not first and _STATEMENT.match(line[:2_000]):
                self._cursor.put_back(line)
                break
            first = False
            held.append(line)
            characters += len(line)
            if characters > self._walk.limits.piece_characters:
                yield from self._walk.text(
                    self._path, place, clean_text("".join(held)), "text/plain", self._stream.note
                )
                held, characters = [], 0
        yield from self._walk.text(self._path, place, clean_text("".join(held)), "text/plain", self._stream.note)
        self._fresh_line = True

    def _rest(self) -> Iterator[Unit]:
        """All that follows, as plain text."""
        for lines, text in texts.lines_in_pieces(self._cursor, self._walk.limits):
            place = texts.joined(self._place, f"after statement {self._statement}, {lines}")
            yield from self._walk.text(self._path, place, text, "text/plain", self._stream.note)

    # --- tokens ------------------------------------------------------------------------------------------------------

    def _mark(self) -> None:
        self._kept.clear()
        self._kept_characters = 0

    def _token(self) -> tuple[str, str]:
        """(kind, text) of the next token that is neither blank nor comment; ("", "") at the end."""
        cursor = self._cursor
        self._starts_line, self._fresh_line = self._fresh_line, False
        while True:
            match = self._tokens.match(cursor.text, cursor.position)
            if match is None:
                if cursor.more():
                    continue
                return "", ""
            kind, text = match.lastgroup or "", match[0]
            if kind == "open" or match.end() == len(cursor.text):
                # A string whose end is not there yet, or a word that may go on.
                known = len(cursor.text) - cursor.position
                if known <= self._limit and cursor.have(known + 1):
                    continue
                if kind == "open":
                    raise _Lost
            cursor.position = match.end()
            self._kept_characters += len(text)
            if self._kept_characters <= 2 * self._limit:
                self._kept.append(text)
            if kind == "blank":
                self._starts_line = text.endswith("\n")
            elif kind == "comment":
                self._starts_line = self._starts_line or text.endswith("\n")
            else:
                return ("dollar" if kind == "tag" else kind), text


def _unquoted(kind: str, text: str) -> str:
    return text[1:-1] if kind == "quoted" else text


def _unescaped(text: str) -> str:
    """Backslash escapes of MySQL, of PostgreSQL's E'…' and of COPY."""
    return _ESCAPE.sub(_escape, text) if "\\" in text else text


def _escape(match: re.Match[str]) -> str:
    code = match[1]
    try:
        if code[0] == "x" and len(code) > 1:
            return chr(int(code[1:], 16))
        if code[0] in "uU" and len(code) > 1:
            return chr(int(code[1:], 16))
        if len(code) > 1 and code.isdigit():
            return chr(int(code, 8))
    except (ValueError, OverflowError):
        return "\ufffd"
    return _ESCAPES.get(code, code)


def _code_point(match: re.Match[str]) -> str:
    if match[4]:
        return "\\"
    try:
        return chr(int(match[1] or match[2] or match[3], 16))
    except (ValueError, OverflowError):
        return "\ufffd"


def _from_hex(digits: str, otherwise: str) -> str:
    """Bytes that are text, as text. What is not (a picture, a key) is left out where it is long."""
    try:
        text = bytes.fromhex(digits).decode("utf-8")
    except ValueError:
        text = ""
    if len(text) >= 4 and text.replace("\n", " ").replace("\r", " ").replace("\t", " ").isprintable():
        return text
    return otherwise if len(otherwise) <= 20 else ""

"""Every text out of every kind of file, whole, in order, within bounds; and nothing in a file makes it raise."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import itertools
import json
import lzma
import mailbox
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import tarfile
import time
import tracemalloc
import zipfile
import zlib
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from habeas.exposure.core.collections import Limits, Unit, units
from habeas.exposure.core.documents import UnreadableFile

PEOPLE = [
    {"first_name": "Jane", "email": "jane@example.org", "note": 'says "hi";\nthen, leaves'},
    {"first_name": "Zoë", "email": "zoe@example.com", "note": ""},
    {"first_name": "Ann", "email": "ann@example.org", "note": "it's | here"},
]
EXPECTED = [
    'first name: Jane\nemail: jane@example.org\nnote: says "hi";\nthen, leaves',
    "first name: Zoë\nemail: zoe@example.com",
    "first name: Ann\nemail: ann@example.org\nnote: it's | here",
]


class NoSeeking(io.BytesIO):
    def seekable(self):
        return False

    def seek(self, *_):
        raise OSError

    def tell(self):
        raise OSError


def found(data: bytes | str, name: str = "file", stream=io.BytesIO, **limits) -> list[Unit]:
    data = data.encode() if isinstance(data, str) else data
    return list(units(stream(data), name, size_bytes=len(data), limits=Limits(**limits)))


def readable(given_units: list[Unit]) -> list[str]:
    return [unit.document.text for unit in given_units if unit.document is not None]


def troubles(given_units: list[Unit]) -> list[str]:
    return [unit.trouble.code for unit in given_units if unit.trouble is not None]


def csv_file(rows=PEOPLE, header=True, **dialect) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), **dialect)
    if header:
        writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def zip_file(members: dict[str, bytes], method=zipfile.ZIP_DEFLATED, out=None) -> bytes:
    out = out or io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def tar_file(members: dict[str, bytes], mode="w", tar_format=tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=tar_format) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def mail(number: int) -> EmailMessage:
    message = EmailMessage()
    message["From"] = f"Person {number} <p{number}@example.org>"
    message["To"] = "desk@example.com"
    message["Subject"] = f"Mail {number}"
    message["Date"] = "Fri, 06 Mar 2026 12:20:00 +0000"
    message["Message-ID"] = f"<{number}@example.org>"
    message.set_content(f"Body of {number}.\nFrom here on it is mine.\n")
    return message


# --- documents and long texts ----------------------------------------------------------------------------------------


def test_a_plain_document_is_one_unit_as_the_reader_gives_it():
    (unit,) = found("Jane lives at 12 Sample Street.\n", "post.txt")
    assert (unit.path, unit.place, unit.trouble) == (("post.txt",), "", None)
    assert unit.document.text == "Jane lives at 12 Sample Street.\n"
    assert unit.done_bytes == 32


@pytest.mark.parametrize(("data", "name", "kind"), [
    ("<html><body><p>Jane</p></body></html>", "page.html", "text/html"),
    (mail(1).as_bytes(), "a.eml", "message/rfc822"),
])  # fmt: skip
def test_pages_and_mails_go_to_their_readers(data, name, kind):
    (unit,) = found(data, name)
    assert unit.document.media_type == kind


@pytest.mark.parametrize(("data", "name", "code"), [
    (b"", "a.txt", "empty"), (b"\x7fELF" + bytes(100), "a", "unknown_type"), (b"  \n", "a.txt", "empty"),
    (b"7z\xbc\xaf\x27\x1c" + bytes(50), "a.7z", "unknown_type"),
])  # fmt: skip
def test_what_cannot_be_read_is_one_trouble(data, name, code):
    assert troubles(found(data, name)) == [code]


@pytest.mark.parametrize("text", [
    "Hello, you, there\nthis, is, prose\nand, so, on\n", "[12:03] <joe> hi, all\n[12:04] <ann> hi\n",
    "{note} call me\n", "12 Sample St, Springfield, IL\n14 Sample St, Springfield, IL\n9 Low Rd, Salem, OR\n",
    "In SQL you write\nINSERT INTO t VALUES (1)\nto add a row.\n", "From: me\nhello; there; you\n",
    "WARC is a format\n",
    "Jane Example, author of it all\nBo Sample, his friend forever\n",
])  # fmt: skip
def test_prose_is_no_table(text):
    (unit,) = found(text, "note.txt")
    assert unit.place == ""
    assert unit.document.text == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_long_text_comes_in_pieces_that_end_with_a_line_and_lose_nothing(encoding):
    lines = [f"line {n} of the thread – says Zoë" + ("\n" if n % 7 else "\n\n") for n in range(1, 5_001)]
    text = "".join(lines)
    given_units = found(text.encode(encoding), "thread.txt", text_bytes=50_000, piece_characters=20_000)
    assert troubles(given_units) == []
    assert "".join(readable(given_units)) == text
    assert all(len(piece) <= 20_000 and piece.endswith("\n") for piece in readable(given_units))
    assert given_units[0].place.startswith("lines 1-")
    first_lines = [int(unit.place.split()[1].split("-")[0]) for unit in given_units]
    numbers = text.split("\n")
    for unit, first in zip(given_units, first_lines, strict=True):
        assert unit.document.text.split("\n")[0] == numbers[first - 1]


def test_a_line_longer_than_a_piece_is_cut_with_an_overlap():
    text = "".join(f"{n:08d}" for n in range(10_000))
    pieces = readable(found(text, "long.txt", text_bytes=1_000, piece_characters=10_000, overlap_characters=50))
    assert all(later.startswith(earlier[-50:]) for earlier, later in itertools.pairwise(pieces))
    assert pieces[0] + "".join(piece[50:] for piece in pieces[1:]) == text


def test_an_encoding_that_shows_only_late_is_still_found():
    text = "plain words only\n" * 40_000 + "Zoë Müller, Gärtnerstraße\n" * 20
    pieces = readable(found(text.encode("cp1252"), "late.txt", text_bytes=10_000))
    assert "Zoë Müller, Gärtnerstraße" in pieces[-1]


# --- tables ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("dialect", [
    {}, {"delimiter": ";"}, {"delimiter": "\t"}, {"delimiter": "|"}, {"quoting": csv.QUOTE_ALL},
    {"quotechar": "'", "quoting": csv.QUOTE_ALL}, {"lineterminator": "\n"},
    {"doublequote": False, "escapechar": "\\"},
])  # fmt: skip
def test_each_row_of_a_table_is_a_text_of_one_line_per_column(dialect, encoding):
    given_units = found(csv_file(**dialect).encode(encoding), "people.csv")
    assert readable(given_units) == EXPECTED
    assert [unit.place for unit in given_units] == ["row 1", "row 2", "row 3"]
    assert troubles(given_units) == []


@pytest.mark.parametrize("dialect", [{}, {"delimiter": ";"}, {"delimiter": "\t"}])
def test_a_table_with_a_header_is_known_without_its_name(dialect):
    assert readable(found(csv_file(**dialect), "export.txt")) == EXPECTED


def test_a_table_without_header_numbers_its_columns():
    (first, *_) = readable(found(csv_file(header=False), "people.csv"))
    assert first.startswith("column 1: Jane\ncolumn 2: jane@example.org")


def test_ragged_rows_keep_every_cell_and_the_separator_line_of_excel_is_none():
    text = "sep=;\r\nname;email\r\nJane\r\nBo;bo@example.org;+1-555-0100\r\n\r\n;\r\n"
    assert readable(found(text, "a.csv")) == ["name: Jane", "name: Bo\nemail: bo@example.org\ncolumn 3: +1-555-0100"]


def test_a_quote_that_never_closes_costs_its_own_row_only():
    rows = [f"{n},person {n},p{n}@example.org" for n in range(1, 2_001)]
    rows[4] = '5,"person 5,p5@example.org'
    texts = readable(found("id,name,email\n" + "\n".join(rows) + "\n", "a.csv"))
    assert len(texts) == 2_000
    assert "p5@example.org" in texts[4]
    assert texts[1_999] == "id: 2000\nname: person 2000\nemail: p2000@example.org"


def test_many_quotes_that_never_close_are_told_and_cost_no_row():
    rows = [f'{n},"person {n},p{n}@example.org' if n % 2 else f"{n},x,y" for n in range(1, 1_001)]
    text = "id,name,email\n" + "\n".join(rows) + '\n1001,"last,z@example.org\n'
    given_units = found(text, "a.csv", row_characters=2_000)
    together = "\n".join(readable(given_units))
    assert all(f"p{n}@example.org" in together for n in range(1, 1_001, 2))
    assert "z@example.org" in together


cells = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"]), max_size=15)


@given(
    st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=8),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
@settings(max_examples=150, deadline=None)
def test_what_the_csv_module_writes_is_read_back(rows, delimiter, quoting):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting)
    writer.writerow(["first_name", "e-mail", "home_address"])
    writer.writerow(["Jane", "jane@example.org", "12 Sample Street"])
    writer.writerows(rows)
    texts = readable(found(out.getvalue(), "a.csv"))
    assert texts[0] == "first name: Jane\ne-mail: jane@example.org\nhome address: 12 Sample Street"
    together = "\n".join(texts)
    for row in rows:
        for cell in row:
            if cell.strip().isalnum() and cell.strip() not in {"NULL", "null", "NaN", "nan"}:
                assert cell.strip() in together


# --- JSON ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("indent", [None, 2])
def test_each_object_of_a_json_list_is_a_record(indent):
    given_units = found(json.dumps(PEOPLE, indent=indent, ensure_ascii=indent is None), "people.json")
    assert readable(given_units) == EXPECTED
    assert [unit.place for unit in given_units] == ["record 1", "record 2", "record 3"]


def test_lists_within_an_object_are_records_and_what_stands_around_them_one_more():
    given_units = found(json.dumps({"data": {"users": PEOPLE, "total": 3}, "by": "desk@example.org"}), "a.json")
    assert readable(given_units) == [*EXPECTED, "data.total: 3\nby: desk@example.org"]
    assert given_units[1].place == "data, users, record 2"


def test_objects_by_key_are_records():
    given_units = found(json.dumps({"u1": PEOPLE[0], "u2": PEOPLE[2]}), "a.json")
    assert [(unit.place, unit.document.text) for unit in given_units] == [("u1", EXPECTED[0]), ("u2", EXPECTED[2])]


def test_nested_values_are_labelled_by_their_way():
    (text,) = readable(
        found('{"name": "Jane", "homeAddress": {"street": "1 A St", "tags": ["x", 2, true, null]}}', "a")
    )
    assert (
        text
        == "name: Jane\nhome address.street: 1 A St\nhome address.tags: x\nhome address.tags: 2\nhome address.tags: true"  # noqa: E501
    )


def test_a_damaged_line_of_json_lines_costs_no_other():
    lines = [json.dumps(person) for person in PEOPLE]
    lines.insert(1, '{"first_name": "Bo", "email": ')
    given_units = found("\n".join(lines), "people.jsonl")
    assert readable(given_units) == [EXPECTED[0], '{"first_name": "Bo", "email": \n', *EXPECTED[1:]]
    assert troubles(given_units) == ["broken"]


@pytest.mark.parametrize("text", [json.dumps(PEOPLE), json.dumps(PEOPLE, indent=1)])
def test_json_that_is_cut_off_gives_what_came_before_and_one_trouble(text):
    given_units = found(text[: text.rindex("ann@")], "a.json")
    assert readable(given_units)[:2] == EXPECTED[:2]
    assert "Ann" in readable(given_units)[2]
    assert troubles(given_units) == ["broken"]


def test_a_json_file_larger_than_may_be_held_is_taken_apart():
    people = [{"name": f"Person {n}", "email": f"p{n}@example.org"} for n in range(2_000)]
    file = json.dumps({"meta": {"made": "2026"}, "groups": [{"title": "one", "people": people}, {"title": "two"}]})
    given_units = found(file, "a.json", row_characters=1_000)
    assert troubles(given_units) == []
    texts = readable(given_units)
    assert [text for text in texts if text.startswith("name")] == [
        f"name: {person['name']}\nemail: {person['email']}" for person in people
    ]
    assert {"made: 2026", "title: one", "title: two"} <= set(texts)


def test_a_json_value_longer_than_may_be_held_is_read_in_part_and_told():
    file = json.dumps([{"a": "first"}, {"photo": "x" * 50_000, "b": "kept"}, {"c": "last"}])
    given_units = found(file, "a.json", row_characters=1_000, piece_characters=5_000)
    assert troubles(given_units) == ["too_large"]
    assert {"a: first", "b: kept", "c: last"} <= set(readable(given_units))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)


@given(
    st.lists(st.dictionaries(st.text(max_size=8), json_values, max_size=4), min_size=1, max_size=5),
    st.integers(10, 400),
)
@settings(max_examples=200, deadline=None)
def test_any_json_list_is_read_without_trouble_and_every_word_of_it_comes_out(values, limit):
    values.insert(0, {"name": "Jane"})
    file = json.dumps(values)
    given_units = found(file, "a.json", row_characters=max(limit, len(file)))
    assert troubles(given_units) == []
    together = "\n".join(readable(given_units))

    def strings(value):
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            for inner in value.values() if isinstance(value, dict) else value:
                yield from strings(inner)

    assert all(text.strip() in together for text in strings(values) if text.isalnum())


# --- database dumps --------------------------------------------------------------------------------------------------


def people_database() -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE people (first_name TEXT, email TEXT, note TEXT)")
    database.executemany("INSERT INTO people VALUES (:first_name, :email, :note)", PEOPLE)
    return database


def test_each_row_of_an_sqlite_dump_is_read():
    given_units = found("\n".join(people_database().iterdump()), "people.sql")
    assert readable(given_units) == EXPECTED
    assert [unit.place for unit in given_units] == [f"table people, row {n}" for n in (1, 2, 3)]


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1), min_size=1, max_size=6)
)
@settings(max_examples=100, deadline=None)
def test_what_sqlite_dumps_is_read_back(values):
    database = sqlite3.connect(":memory:")
    database.execute('CREATE TABLE "odd table" (id INTEGER, "the value" TEXT)')
    database.executemany('INSERT INTO "odd table" VALUES (?, ?)', [(1, value) for value in values])
    given_units = found("\n".join(database.iterdump()), "a.sql")
    assert troubles(given_units) == []
    texts = readable(given_units)
    assert len(texts) == len(values)
    assert all(value.strip() in text for value, text in zip(values, texts, strict=True) if value.strip().isalnum())


MYSQL = r"""-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
/*!40101 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS `people`;
CREATE TABLE `people` (
  `id` int NOT NULL AUTO_INCREMENT,
  `first_name` varchar(80) DEFAULT 'x,(y',
  `note` enum('a','b'),
  `raw` blob,
  PRIMARY KEY (`id`), KEY `k` (`first_name`)
) ENGINE=InnoDB;
LOCK TABLES `people` WRITE;
INSERT INTO `people` VALUES (1,'O\'Example','two\r\nlines; and \"more\"',NULL),
(-2,'Ann''s',NULL,0x6A616E65406578616D706C652E6F7267),
(3,_binary 'Zoë \\ Bo','',_utf8mb4'x');
INSERT IGNORE INTO `db`.`people` (`id`, `first_name`) VALUES (4, 'Bo') ON DUPLICATE KEY UPDATE id = 5;
UNLOCK TABLES;
UPDATE people SET note = 'call +1-555-0100' WHERE id = 1;
"""

POSTGRES = r"""--
-- PostgreSQL database dump
--
SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
CREATE FUNCTION public.f() RETURNS void AS $_$ BEGIN INSERT INTO x VALUES ('no;'); END $_$ LANGUAGE plpgsql;
CREATE TABLE public.people (
    id integer NOT NULL,
    full_name character varying(80) DEFAULT 'a'::character varying,
    CONSTRAINT c CHECK ((id > 0))
);
COPY public.people (id, full_name, note) FROM stdin;
1	Jane\tExample	two\nlines
2	\N	back\\slash

\.

INSERT INTO public.people VALUES (3, 'It''s \n', E'a\'b\n'), (4, '2020-01-01'::date, 'x' || 'y');
ALTER TABLE ONLY public.people ADD CONSTRAINT p PRIMARY KEY (id);
"""

SQL_SERVER = """USE [shop]
GO
SET IDENTITY_INSERT [dbo].[People] ON
INSERT [dbo].[People] ([Id], [FullName], [Born]) VALUES (1, N'Jane O''Example', CAST(N'1984-03-12' AS Date))
INSERT [dbo].[People] ([Id], [FullName], [Born]) VALUES (2, N'Bo', NULL)
GO
"""


@pytest.mark.parametrize(("dump", "rows"), [
    pytest.param(MYSQL, [
        'id: 1\nfirst name: O\'Example\nnote: two\nlines; and "more"',
        "id: -2\nfirst name: Ann's\nraw: jane@example.org",
        "id: 3\nfirst name: Zoë \\ Bo\nraw: x",
        "id: 4\nfirst name: Bo",
        "UPDATE people SET note = 'call +1-555-0100' WHERE id = 1",
    ], id="mysqldump"),
    pytest.param(POSTGRES, [
        "id: 1\nfull name: Jane\tExample\nnote: two\nlines",
        "id: 2\nnote: back\\slash",
        "id: 3\nfull name: It's \\n\ncolumn 3: a'b",
        "id: 4\nfull name: 2020-01-01\ncolumn 3: x y",
    ], id="pg_dump"),
    pytest.param(SQL_SERVER,
                 ["Id: 1\nfull name: Jane O'Example\nBorn: 1984-03-12", "Id: 2\nfull name: Bo"], id="mssql"),
    pytest.param(
        "CREATE TABLE p(id INT, t TEXT);\nINSERT INTO p VALUES(1,replace('a\\nb','\\n',char(10)));\n"
        "INSERT INTO p VALUES(2,replace(replace('c\\r\\nd','\\r',char(13)),'\\n',char(10)));\n"
        "INSERT INTO p VALUES(3,unistr('Zo\\u00eb'));",
        ["id: 1\nt: a\nb", "id: 2\nt: c\n\nd", "id: 3\nt: Zoë"], id="sqlite-shell"),
])  # fmt: skip
@pytest.mark.parametrize("name", ["dump.sql", "backup"])
def test_each_row_of_a_database_dump_is_read(dump, rows, name):
    given_units = found(dump, name)
    assert readable(given_units) == rows
    assert troubles(given_units) == []


def test_rows_are_read_the_same_wherever_the_steps_of_reading_fall():
    row = r"('O\'Example ''x''',E'y\'z',_binary 'b',NULL,1.5),"
    dump = "-- MySQL dump\n-- ENGINE=\n" + "INSERT INTO `t` VALUES " + row * 20_000 + "(1);\n"
    texts = readable(found(dump, "a.sql"))
    assert len(texts) == 20_001
    assert set(texts[:-1]) == {"column 1: O'Example 'x'\ncolumn 2: y'z\ncolumn 3: b\ncolumn 5: 1.5"}


def test_a_dump_that_is_cut_off_gives_what_came_before_and_one_trouble():
    given_units = found(MYSQL[: MYSQL.index("(3,_binary") + 14], "a.sql")
    assert readable(given_units)[:2] == ['id: 1\nfirst name: O\'Example\nnote: two\nlines; and "more"',
                                         "id: -2\nfirst name: Ann's\nraw: jane@example.org"]  # fmt: skip
    assert troubles(given_units) == ["broken"]


def test_damage_in_a_dump_costs_one_statement():
    dump = "".join(f"INSERT INTO t (name) VALUES ('Person {n}');\n" for n in range(50))  # noqa: S608
    damaged = dump.replace("('Person 7')", "('Person 7))", 1)
    together = "\n".join(readable(found(damaged, "a.sql")))
    assert sum(f"Person {n}" in together for n in range(50)) == 50
    assert "name: Person 40" in readable(found(damaged, "a.sql"))


# --- mail ------------------------------------------------------------------------------------------------------------


def mailbox_file(path, count: int) -> bytes:
    box = mailbox.mbox(path)
    for number in range(count):
        box.add(mail(number))
    box.close()
    return path.read_bytes()


def test_each_mail_of_a_mailbox_is_a_unit(tmp_path):
    given_units = found(mailbox_file(tmp_path / "box", 5), "Inbox.mbox")
    assert [unit.place for unit in given_units] == [f"message {n}" for n in range(1, 6)]
    for number, unit in enumerate(given_units):
        assert unit.document.headers["subject"] == f"Mail {number}"
        assert f"Body of {number}.\nFrom here on" in unit.document.text


def test_a_mail_that_is_too_large_costs_only_itself(tmp_path):
    box = mailbox.mbox(tmp_path / "box")
    for number in range(3):
        message = mail(number)
        if number == 1:
            message.set_content("x" * 70 + "\n" + ("y" * 70 + "\n") * 1_000)
        box.add(message)
    box.close()
    given_units = found((tmp_path / "box").read_bytes(), "box.mbox", document_bytes=10_000)
    assert [unit.document is not None for unit in given_units] == [True, False, True]
    assert troubles(given_units) == ["too_large"]


# --- archives --------------------------------------------------------------------------------------------------------

MEMBERS = {
    "notes/über.txt": b"Jane was here.\n",
    "people.csv": csv_file().encode(),
    "mail/1.eml": mail(1).as_bytes(),
    "a/very/" + "long/" * 30 + "name.txt": b"deep\n",
}


def shape(given_units: list[Unit]) -> list[tuple[str, str, str]]:
    return [("/".join(u.path[1:]), u.place, u.document.text if u.document else u.trouble.code) for u in given_units]


def expected_shape() -> list[tuple[str, str, str]]:
    plain = [(name, found(data, name)) for name, data in MEMBERS.items()]
    return [(name, u.place, u.document.text) for name, inner in plain for u in inner]


@pytest.mark.parametrize("stream", [io.BytesIO, NoSeeking])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_member_of_a_zip_is_read(method, stream):
    assert shape(found(zip_file(MEMBERS, method), "backup.zip", stream)) == expected_shape()


@pytest.mark.parametrize("tar_format", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_every_member_of_a_tar_is_read(mode, tar_format):
    given_units = found(tar_file(MEMBERS, mode, tar_format), "backup.tar.gz", NoSeeking)
    assert shape(given_units) == expected_shape()
    assert all(unit.path[0] == "backup.tar.gz" for unit in given_units)


@pytest.mark.parametrize("stream", [io.BytesIO, NoSeeking])
def test_a_zip_written_as_a_stream_is_read_from_its_front(stream):
    class Sink(NoSeeking):
        pass

    data = zip_file(MEMBERS, out=Sink())
    assert data[6] & 8, "the sizes must follow the content for this test to say anything"
    assert shape(found(data, "backup.zip", stream, archive_bytes=100)) == expected_shape()


@pytest.mark.parametrize(("pack", "ending"), [(gzip.compress, "gz"), (bz2.compress, "bz2"), (lzma.compress, "xz")])
def test_a_packed_file_is_read_by_what_is_in_it_also_in_several_streams(pack, ending):
    text = csv_file()
    given_units = found(pack(text[:30].encode()) + pack(text[30:].encode()), f"people.csv.{ending}", NoSeeking)
    assert readable(given_units) == EXPECTED
    assert given_units[0].path == (f"people.csv.{ending}", "people.csv")


def test_archives_within_archives_are_opened_to_a_depth():
    data = zip_file({"inner.txt": b"the innermost text\n"})
    for level in range(4):
        data = (zip_file if level % 2 else tar_file)({f"level{level}.zip": data, f"beside{level}.txt": b"beside\n"})
    (deep, *_) = found(data, "all.zip", depth=5)
    assert deep.path == ("all.zip", "level3.zip", "level2.zip", "level1.zip", "level0.zip", "inner.txt")
    assert deep.document.text == "the innermost text\n"
    shallow = found(data, "all.zip", depth=3)
    assert troubles(shallow) == ["too_large"]
    assert len(readable(shallow)) == 3


def test_paths_in_archives_are_shown_without_ways_out_or_turned_text():
    names = [
        "../../etc/passwd",
        "/srv/a.txt",
        "D:\\data\\x\\b.txt",
        "evil\u202etxt.exe",
        "a\nb\x1b[31m.txt",
        "x" * 5_000,
    ]
    paths = [unit.path[1] for unit in found(tar_file(dict.fromkeys(names, b"hello\n")), "a.tar")]
    assert paths[:5] == ["etc/passwd", "srv/a.txt", "D:/data/x/b.txt", "eviltxt.exe", "a b[31m.txt"]
    assert len(paths[5]) == 200


def test_links_devices_and_pipes_are_left_out_with_a_word():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
            info = tarfile.TarInfo("entry")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("after.txt")
        info.size = 6
        archive.addfile(info, io.BytesIO(b"hello\n"))
    given_units = found(out.getvalue(), "a.tar")
    assert readable(given_units) == ["hello\n"]
    messages = [str(unit.trouble) for unit in given_units if unit.trouble]
    assert [message.split(" is ")[1].split(" and")[0] for message in messages] == [
        "a link",
        "a link",
        "a device",
        "a pipe",
    ]


def test_locked_members_and_unknown_methods_are_told_and_cost_no_other():
    data = bytearray(zip_file({"locked.txt": b"x" * 50, "odd.txt": b"y" * 50, "open.txt": b"hello\n"}))
    entries = [n for n in range(len(data)) if data[n : n + 4] == b"PK\x01\x02"]
    locals_ = [n for n in range(len(data)) if data[n : n + 4] == b"PK\x03\x04"]
    data[entries[0] + 8] |= 1
    data[locals_[0] + 6] |= 1
    data[entries[1] + 10] = data[locals_[1] + 8] = 98
    for archive in (bytes(data), bytes(data[: entries[0] + 10])):
        given_units = found(archive, "a.zip")
        assert [(unit.path[1], unit.trouble.code if unit.trouble else "") for unit in given_units[:3]] == [
            ("locked.txt", "encrypted"), ("odd.txt", "unknown_type"), ("open.txt", ""),
        ]  # fmt: skip
        assert "PPMd" in str(given_units[1].trouble)


def test_a_folder_called_password_does_not_make_an_archive_an_office_document():
    assert readable(found(zip_file({"password/list.txt": b"jane:hunter2\n"}), "a.zip")) == ["jane:hunter2\n"]
    office = zip_file({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<w/>"})
    assert troubles(found(office, "a.docx")) == ["unknown_type"]


@pytest.mark.parametrize("pack", [
    lambda data: zip_file(data, zipfile.ZIP_STORED), zip_file, tar_file, lambda data: tar_file(data, "w:gz"),
    lambda data: tar_file(data, "w:xz"),
])  # fmt: skip
def test_an_archive_that_is_cut_off_gives_what_came_before_and_one_trouble(pack):
    noise = random.Random(4)  # noqa: S311
    members = {f"{n}.txt": "".join(noise.choices("abcdefgh \n", k=40_000)).encode() for n in range(6)}
    whole = pack(members)
    cut = found(whole[: len(whole) * 2 // 3], "backup")
    assert troubles(cut) == ["broken"]
    assert cut[-1].trouble is not None
    for number, text in enumerate(readable(cut)[:3]):
        assert text == members[f"{number}.txt"].decode()


def test_a_member_whose_checksum_is_wrong_is_told():
    data = bytearray(zip_file({"a.txt": b"hello world, hello\n", "b.txt": b"fine\n"}, zipfile.ZIP_STORED))
    data[data.index(b"world")] ^= 1
    given_units = found(bytes(data), "a.zip")
    assert troubles(given_units) == ["broken"]
    assert "fine\n" in readable(given_units)


# --- bombs -----------------------------------------------------------------------------------------------------------


def packed_zeros(size_bytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(1_000_000)
    return b"".join(packer.compress(block) for _ in range(size_bytes // len(block))) + packer.flush()


def bomb(packed: bytes, method: int, size_bytes: int, lies: int = 0) -> bytes:
    """A zip of one member that is packed already. lies: bytes that its headers take off its size"""
    stated = min(size_bytes - lies, 0xFFFFFFFE)
    fixed = struct.pack("<HHHHHIIIHH", 20, 0, method, 0, 0, 0, len(packed), stated, 5, 0)
    front = b"PK\x03\x04" + fixed + b"a.txt" + packed
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + fixed + struct.pack("<HHHII", 0, 0, 0, 0, 0) + b"a.txt"
    return front + entry + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(front), 0)


GIGABYTE = 1_100_000_000


@pytest.mark.parametrize("kind", ["deflate", "lying", "bzip2", "xz", "nested", "gzip"])
def test_a_bomb_of_more_than_a_gigabyte_is_stopped_early_in_little_memory(kind):
    if kind == "bzip2":
        packer = bz2.BZ2Compressor()
        data = b"".join(packer.compress(bytes(10_000_000)) for _ in range(110)) + packer.flush()
        data, size = bomb(data, 12, GIGABYTE), GIGABYTE
    elif kind == "xz":
        packer = lzma.LZMACompressor(preset=0)
        data = b"".join(packer.compress(bytes(10_000_000)) for _ in range(110)) + packer.flush()
        size = GIGABYTE
    elif kind == "gzip":
        raw = packed_zeros(GIGABYTE)
        data, size = b"\x1f\x8b\x08\0\0\0\0\0\0\3" + raw + bytes(8), GIGABYTE
    else:
        data = bomb(packed_zeros(GIGABYTE), 8, GIGABYTE, lies=GIGABYTE - 10 if kind == "lying" else 0)
        size = GIGABYTE
        if kind == "nested":
            data = zip_file({f"{n}.zip": data for n in range(20)})
    assert len(data) * 200 < size or kind == "nested"
    tracemalloc.start()
    started = time.monotonic()
    given_units = found(data, "bomb")
    taken = time.monotonic() - started
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "too_large" in troubles(given_units) or "unknown_type" in troubles(given_units)
    assert peak < 80_000_000 + 3 * len(data)
    assert taken < 60


def test_an_archive_that_contains_itself_ends():
    quine = bytes.fromhex("1f8b0808000000000003722e677a00") + zlib.compress(b"x" * 100, 9)[2:-4] + bytes(8)
    data = quine
    for _ in range(50):
        data = gzip.compress(data)
    given_units = found(data, "r.gz", depth=5)
    assert troubles(given_units) == ["too_large"]


def test_members_that_lie_over_one_another_count_each_time():
    content = random.Random(1).randbytes(200_000).hex().encode()  # noqa: S311
    single = zip_file({"a.txt": content}, zipfile.ZIP_STORED)
    start = single.index(b"PK\x01\x02")
    end = single.index(b"PK\x05\x06")
    count = 2_000
    entries = single[start:end] * count
    data = (
        single[:start] + entries + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(entries), start, 0)
    )
    given_units = found(data, "overlap.zip", unpacking_ratio=5, ratio_from_bytes=100_000)
    assert troubles(given_units)[-1] == "too_large"
    assert len(given_units) < 20


def test_more_members_than_may_be_are_told():
    given_units = found(zip_file({f"{n}.txt": b"hello\n" for n in range(30)}), "a.zip", members=10)
    assert len(readable(given_units)) == 10
    assert troubles(given_units) == ["too_large"]


# --- memory ----------------------------------------------------------------------------------------------------------


class Generated(io.RawIOBase):
    """A table that is never there as a whole."""

    def __init__(self, size_bytes: int, header: bytes, line: bytes) -> None:
        self._left = size_bytes
        self._ahead = header
        self._line = line
        self._number = 0

    def readable(self):
        return True

    def readinto(self, buffer):
        taken = self.read(len(buffer))
        buffer[: len(taken)] = taken
        return len(taken)

    def read(self, size=-1):
        while len(self._ahead) < size and self._left > 0:
            block = b"".join(self._line % (n, n) for n in range(self._number, self._number + 500))
            self._number += 500
            self._left -= len(block)
            self._ahead += block
        taken, self._ahead = self._ahead[:size], self._ahead[size:]
        return taken


@pytest.mark.parametrize(("name", "header", "line"), [
    ("a.csv", b"id,first_name,email,note\n", b'%d,Jane,p%d@example.org,"a note of no weight, with\na break"\n'),
    ("a.jsonl", b"", b'{"id": %d, "first_name": "Jane", "email": "p%d@example.org", "note": "a note of no weight"}\n'),
    ("a.json", b"[", b'{"id": %d, "first_name": "Jane", "email": "p%d@example.org", "note": "a note of no weight"},\n'),
    ("a.sql", b"CREATE TABLE `t` (`id` int, `n` text, `e` text);\nINSERT INTO `t` VALUES (0,'','')",
     b",(%d,'Jane O\\'Example','p%d@example.org')"),
    ("a.txt", b"", b"Entry %d of the log says that p%d@example.org was seen, which is no table and no list\n"),
])  # fmt: skip
def test_a_long_list_is_read_in_little_memory(name, header, line):
    size = 4_000_000
    tracemalloc.start()
    count = 0
    done = 0
    for unit in units(Generated(size, header, line), name, size_bytes=size):
        count += unit.document is not None
        assert unit.done_bytes >= done
        done = unit.done_bytes
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_500_000
    assert done >= size
    expected = size // (len(line) + 8)
    assert count > (expected * 0.9 if name != "a.txt" else 20)


def test_fifty_megabytes_of_a_table_are_read_in_a_few(tmp_path):
    with (tmp_path / "people.csv").open("wb") as file:
        shutil.copyfileobj(
            io.BufferedReader(
                Generated(50_000_000, b"id,first_name,email,note\n", b'%d,Jane,p%d@example.org,"a, b"\n')
            ),
            file,
        )
    program = """
import resource, sys
from pathlib import Path
from habeas.exposure.core.collections import units
path = Path(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with path.open("rb") as file:
    count = sum(unit.document is not None for unit in units(file, path.name, size_bytes=path.stat().st_size))
print(count, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1_000)
"""
    command = [sys.executable, "-c", program, str(tmp_path / "people.csv")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    count, grown_megabytes = map(int, ran.stdout.split())
    assert count > 1_000_000
    assert grown_megabytes < 30


# --- hostile files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [
    lambda n: b"[" * n,
    lambda n: b'{"a":' * (n // 5),
    lambda n: b'{"a":1}\n' + b"[" * n,
    lambda n: b"[" + b'"' * n,
    lambda n: b"INSERT INTO t VALUES (1);\n" + b"/*" * (n // 2),
    lambda n: b"INSERT INTO t VALUES (1);\n" + b"$a$ $b$ " * (n // 8),
    lambda n: b"INSERT INTO t VALUES ('\n" * (n // 24), lambda n: b"INSERT INTO t VALUES (1);\n" + b"[" * n,
    lambda n: b"INSERT INTO t VALUES (1);\n" + b"(" * n, lambda n: b"INSERT INTO t VALUES (1);\n" + b"- " * (n // 2),
    lambda n: b"a,b,c\n" + b'"x\n' * (n // 3), lambda n: b"name,email\n" + b'1,"' * (n // 3), lambda n: b"\n" * n,
    lambda n: b"name,email\n" + b"," * n,
    lambda n: b"name,email\n" + b'""' * (n // 2), lambda n: b"WARC/1.0\r\n" * (n // 10),
    lambda n: b"WARC/1.0\r\nContent-Length: 0\r\n\r\n" * (n // 31), lambda n: b"From a 2020\nA: b\n\n" * (n // 18),
    lambda n: gzip.compress(b"", 1) * (n // 20), lambda n: b"\r" * n, lambda n: b"name\temail\n" + b"\t\n" * (n // 2),
    lambda n: b"CREATE TABLE a(b " + b"a," * (n // 2), lambda n: b"COPY t (a) FROM stdin;\n" + b"\\" * n,
])  # fmt: skip
@pytest.mark.parametrize("name", ["a.sql", "a.csv"])
def test_files_made_to_take_long_are_read_in_bounded_time(make, name):
    started = time.monotonic()
    given_units = found(make(1_500_000), name)
    assert time.monotonic() - started < 30
    assert all((unit.document is None) != (unit.trouble is None) for unit in given_units)


def samples() -> dict[str, bytes]:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "PNG")
    return {
        "people.csv": csv_file().encode(),
        "people.json": json.dumps({"users": PEOPLE, "n": 1}, indent=1).encode(),
        "people.jsonl": "\n".join(map(json.dumps, PEOPLE)).encode(),
        "my.sql": MYSQL.encode(),
        "pg.sql": POSTGRES.encode(),
        "ms.sql": SQL_SERVER.encode(),
        "a.zip": zip_file(MEMBERS),
        "l.zip": zip_file(MEMBERS, zipfile.ZIP_LZMA),
        "b.zip": zip_file({"in.zip": zip_file(MEMBERS, zipfile.ZIP_BZIP2)}, zipfile.ZIP_STORED),
        "a.tar": tar_file(MEMBERS),
        "a.tar.gz": tar_file(MEMBERS, "w:gz"),
        "a.tar.xz": tar_file(MEMBERS, "w:xz"),
        "a.bz2": bz2.compress(csv_file().encode()),
        "box.mbox": b"".join(b"From a Fri Mar 06 12:20:00 2026\n" + mail(n).as_bytes() + b"\n" for n in range(3)),
    }


SAMPLES = samples()
CALM = settings(max_examples=400, deadline=10_000, suppress_health_check=list(HealthCheck))


def check(data: bytes, name: str) -> None:
    done = 0
    for unit in found(data, name):
        assert isinstance(unit, Unit)
        assert (unit.document is None) != (unit.trouble is None)
        assert unit.trouble is None or isinstance(unit.trouble, UnreadableFile)
        assert unit.done_bytes >= 0
        done = unit.done_bytes
        if unit.document:
            assert "\r" not in unit.document.text
            assert "\0" not in unit.document.text
    assert done >= 0


@given(st.binary(max_size=3_000), st.sampled_from([*SAMPLES, "x.warc", "x"]))
@CALM
def test_random_bytes_give_only_units(data, name):
    check(data, name)


@given(st.data(), st.sampled_from(sorted(SAMPLES)))
@CALM
def test_damaged_files_give_only_units(data, name):
    broken = bytearray(SAMPLES[name])
    for _ in range(data.draw(st.integers(0, 6))):
        place = data.draw(st.integers(0, len(broken) - 1))
        broken[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(broken)))
    check(bytes(broken[:cut] if data.draw(st.booleans()) else broken), name)


SIGNS = [*"[]{}\",:'\\\n\t;()-/*$`aE1 ", "INSERT INTO t VALUES ", "COPY t FROM stdin;\n", "null"]


@given(st.lists(st.sampled_from(SIGNS), max_size=80),
       st.sampled_from(["a.json", "a.jsonl", "a.sql", "a.csv"]),
       st.sampled_from(["", '[{"a":1},',
                        "INSERT INTO t VALUES (1,'a');", "name,email\na,b@example.org\n"]))  # fmt: skip
@CALM
def test_signs_in_any_order_give_only_units(signs, name, start):
    text = start + "".join(signs)
    check(text.encode(), name)

"""The sweep: every file once, the same results for any number of processors, and nothing lost when it is stopped."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import stat
import zipfile
from datetime import date
from pathlib import Path

import pytest

from habeas.exposure import sweep
from habeas.exposure.core.scan import scan
from habeas.exposure.sweep import (
    Asked,
    CannotResume,
    Packet,
    ResultFile,
    SourceFile,
    Stretch,
    Text,
    Whole,
    answers,
    find_files,
    packets,
)

ASKED = Asked(("NL", "US"), date(2026, 11, 23))
POST = "Mara Vellinga, Lindengracht 212, 1015 KL Amsterdam, +1 202 555 0143. Go there.\n"
CALM = "The match ended 3-2 after extra time.\n"


def post(number: int) -> str:
    return f"write to person{number}@example.org or call +1 202 555 01{number % 100:02}\n"


def table(rows: int) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["name", "email", "note"])
    for number in range(rows):
        writer.writerow([f"Jo Sample{number}", f"jo{number}@example.com" if number % 40 == 0 else "", "calm " * 60])
    return out.getvalue()


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A collection of every sort: small and large, packed, hidden, empty, unreadable."""
    # What counts as large, in a tenth of the time.
    monkeypatch.setattr(sweep, "WHOLE_BYTES", 100_000)
    monkeypatch.setattr(sweep, "PACKET_CHARACTERS", 26_000)
    root = tmp_path / "seized"
    (root / "b" / "deep").mkdir(parents=True)
    for number in range(6):
        (root / "b" / f"{number}.txt").write_text(post(number))
    (root / "a.txt").write_text(POST)
    (root / "b" / "deep" / "calm.txt").write_text(CALM)
    (root / "b" / "people.csv").write_text(table(400))
    (root / ".profile").write_text(post(77))
    (root / "empty").write_text("")
    (root / "noise.bin").write_bytes(bytes(range(256)) * 9)
    (root / "c.txt.gz").write_bytes(gzip.compress(POST.encode()))
    with zipfile.ZipFile(root / "d.zip", "w") as archive:
        archive.writestr("mail/1.txt", post(1))
        archive.writestr("mail/2.txt", CALM)
        archive.writestr("rows.csv", table(80))
    (root / "z.txt").write_text(post(99))
    return root


def names(found: sweep.Found, root: Path) -> list[str]:
    return [os.path.relpath(file.path, root) for file in found.files]


def lines(files, asked=ASKED, **options) -> list[dict]:
    given = b"".join(answer.lines for answer in answers(files, asked, **options))
    assert given == b"" or given.endswith(b"\n")
    return [json.loads(line) for line in given.splitlines()]


# --- which files -----------------------------------------------------------------------------------------------------


def test_every_file_is_found_once_by_name_hidden_ones_too(folder):
    found = names(find_files([folder]), folder)
    assert found == sorted(found, key=lambda name: name.split("/"))
    assert found[:3] == [".profile", "a.txt", "b/0.txt"]
    assert set(found) == {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_links_within_folders_are_not_followed_but_counted(folder, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "private.txt").write_text(POST)
    before = names(find_files([folder]), folder)
    (folder / "b" / "loop").symlink_to(folder)
    (folder / "b" / "itself").symlink_to("itself")
    (folder / "away").symlink_to(outside)
    (folder / "one").symlink_to(outside / "private.txt")
    found = find_files([folder])
    assert names(found, folder) == before
    assert found.links == 4


def test_a_link_that_a_person_named_is_followed(folder, tmp_path):
    (tmp_path / "case").symlink_to(folder)
    (tmp_path / "post").symlink_to(folder / "a.txt")
    assert len(find_files([tmp_path / "case"]).files) == len(find_files([folder]).files)
    (line,) = lines(find_files([tmp_path / "post"]).files)
    assert line["path"] == [str(tmp_path / "post")]


def test_a_file_that_became_a_link_meanwhile_is_not_followed(folder, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text(POST)
    found = find_files([folder / "b" / "deep"])
    (folder / "b" / "deep" / "calm.txt").unlink()
    (folder / "b" / "deep" / "calm.txt").symlink_to(secret)
    (line,) = lines(found.files)
    assert line["trouble"]["code"] == "missing"


def test_what_lies_within_another_root_is_not_scanned_twice(folder):
    once = names(find_files([folder]), folder)
    assert names(find_files([folder / "b", folder, folder / "a.txt", folder]), folder) == once
    assert names(find_files([folder / "z.txt", folder / "a.txt"]), folder) == ["z.txt", "a.txt"]


def test_the_results_are_not_scanned_themselves(folder):
    out = folder / "results.jsonl"
    out.write_text(POST)
    assert "results.jsonl" in names(find_files([folder]), folder)
    assert "results.jsonl" not in names(find_files([folder], leave_out=[out]), folder)


def test_pipes_and_names_that_are_no_text_are_told_and_stop_nothing(tmp_path):
    os.mkfifo(tmp_path / "a-pipe")
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/odd-\xff\xfe.txt")
    Path(odd).write_text(POST)
    pipe, text = lines(find_files([tmp_path]).files, jobs=2)
    assert (pipe["trouble"]["code"], pipe["path"]) == ("unknown_type", [str(tmp_path / "a-pipe")])
    assert text["path"] == [f"{tmp_path}/odd-\\xff\\xfe.txt"]


def test_a_file_that_is_gone_by_then_is_told(folder):
    found = find_files([folder / "b" / "deep", folder / "z.txt"])
    (folder / "b" / "deep" / "calm.txt").unlink()
    gone, there = lines(found.files)
    assert "is no longer there" in gone["trouble"]["message"]
    assert {exposure["kind"] for exposure in there["exposures"]} == {"email", "phone"}


# --- what is found ---------------------------------------------------------------------------------------------------


def test_a_line_says_where_and_what(folder):
    found = {(*line["path"][1:], line["place"]): line for line in lines(find_files([folder]).files)}
    packed = found["mail/1.txt", ""]
    assert packed["path"][0] == str(folder / "d.zip")
    assert ("rows.csv", "row 41") in found
    assert found["c.txt", ""]["path"][0] == str(folder / "c.txt.gz")
    (alone,) = lines(find_files([folder / "a.txt"]).files)
    expected = scan(POST, regions=ASKED.regions, today=ASKED.today)
    assert (alone["severity"], alone["reason"]) == (expected.severity, expected.severity_reason)
    assert [(e["kind"], e["start"], e["end"], e["whose"], e["gravity"]) for e in alone["exposures"]] == [
        (e.kind, e.start, e.end, e.whose, e.gravity) for e in expected.exposures
    ]


def test_values_are_written_down_only_where_asked_for(tmp_path):
    text = (
        POST
        + "mail mara.vellinga@example.org, IBAN NL91 ABNA 0417 1643 00, born 12 March 1991, https://x.com/marav_x\n"
        "her sister Jo Sample works at Examplia Rail, password: correcthorse9, 192.0.2.44, 52.37403, 4.88969\n"
        "someone should pay her a visit\n"
    )
    (tmp_path / "post.txt").write_text(text)
    files = find_files([tmp_path]).files
    found = scan(text, regions=ASKED.regions, today=ASKED.today)
    given = [*(e.text for e in found.exposures), *(e.value for e in found.exposures), *(s.text for s in found.signals)]
    assert len({e.kind for e in found.exposures}) >= 8
    quiet = b"".join(answer.lines for answer in answers(files, ASKED)).decode()
    assert [value for value in given if value in quiet] == []
    (loud,) = lines(files, Asked(ASKED.regions, ASKED.today, show_values=True))
    assert [(e["text"], e["value"]) for e in loud["exposures"]] == [(e.text, e.value) for e in found.exposures]
    assert [s["text"] for s in loud["signals"]] == [s.text for s in found.signals]


def test_a_stretch_of_a_mail_says_which_part_it_stood_in(tmp_path):
    (tmp_path / "a.eml").write_text(
        "From: Jo <jo@example.org>\nTo: desk@example.com\nSubject: hello\nMIME-Version: 1.0\n"
        'Content-Type: multipart/mixed; boundary="x"\n\n--x\nContent-Type: text/plain\n\nsee the list\n'
        "--x\nContent-Type: text/plain\nContent-Disposition: attachment; filename=list.txt\n\n"
        "call +1 202 555 0188 now\n--x--\n"
    )
    (line,) = lines(find_files([tmp_path]).files)
    (phone,) = [exposure for exposure in line["exposures"] if exposure["kind"] == "phone"]
    assert "list.txt" in phone["origin"]


def test_kinds_and_severity_choose_lines_and_the_count_of_texts_stays(folder):
    files = find_files([folder]).files

    def counted(asked):
        totals = sweep.Totals()
        given = b""
        for answer in answers(files, asked):
            totals.add(answer)
            given += answer.lines
        return totals, [json.loads(line) for line in given.splitlines()]

    everything, all_lines = counted(ASKED)
    addresses, few = counted(Asked(ASKED.regions, ASKED.today, kinds=frozenset({"address"})))
    grave, graver = counted(Asked(ASKED.regions, ASKED.today, min_severity="moderate"))
    assert everything.tally["texts"] == addresses.tally["texts"] == grave.tally["texts"] == 400 + 80 + 13
    assert {e["kind"] for line in few for e in line.get("exposures", ())} == {"address"}
    assert addresses.counts("kind") == {"address": 2}
    assert [line for line in all_lines if "trouble" in line or line["severity"] not in ("none", "low")] == graver
    assert everything.tally["lines"] == len(all_lines)
    assert everything.files == len(files)
    assert everything.gravest[0].path == (str(folder / "a.txt"),)


def test_what_cannot_be_read_is_a_line_and_one_text_the_scan_cannot_bear_takes_no_other_with_it(folder, monkeypatch):
    def fragile(texts, **options):
        for text in texts:
            if "person3@" in text:
                raise RecursionError(text)
            yield scan(text, **options)

    monkeypatch.setattr(sweep, "scan_many", fragile)
    files = find_files([folder / "b" / f"{number}.txt" for number in range(6)]).files
    found = lines(files)
    assert len(found) == 6
    assert found[3]["trouble"]["code"] == "broken"
    assert "RecursionError" in found[3]["trouble"]["message"]
    assert "person3" not in json.dumps(found[3])


# --- many processors -------------------------------------------------------------------------------------------------


def test_two_jobs_give_what_one_gives_in_the_same_order(folder):
    files = find_files([folder]).files
    done: dict[int, int] = {}

    def given(jobs):
        done[jobs] = 0

        def told(done_bytes):
            done[jobs] += done_bytes

        return [(a.number, a.lines, a.tally, a.ends) for a in answers(files, ASKED, jobs=jobs, told=told)]

    alone, together = given(1), given(2)
    assert alone == together
    assert [number for number, _, _, ends in alone if ends] == list(range(len(files)))
    assert sum(number == 9 for number, *_ in alone) > 2, "the large table is scanned in several packets"
    assert done == dict.fromkeys((1, 2), sum(file.size_bytes for file in files))


def test_a_large_file_is_read_no_further_than_it_is_asked_for(tmp_path):
    class Counting(io.BytesIO):
        taken = 0

        def read(self, size=-1):
            data = super().read(size)
            self.taken += len(data)
            return data

    stream = Counting(table(40_000).encode())
    work = packets([sweep.STANDARD_INPUT], stream)
    first = next(work)
    assert stream.taken < len(stream.getvalue()) / 10
    assert not first.pieces[0].ends
    assert first.done_bytes + sum(packet.done_bytes for packet in work) == len(stream.getvalue())


def test_results_come_before_all_is_read(tmp_path):
    stream = io.BytesIO(table(60_000).encode())
    given = answers([sweep.STANDARD_INPUT], ASKED, jobs=2, stdin=stream)
    next(given)
    assert stream.tell() < len(stream.getvalue())
    given.close()


class Deadly(str):
    """A path on which a reader dies, as one does in a library on a hostile file."""

    __slots__ = ()

    def __reduce__(self):
        return os._exit, (9,)


def test_a_file_that_brings_a_reader_down_costs_one_line(folder, monkeypatch):
    files = [SourceFile(str(folder / "b" / f"{number}.txt"), 9, 0) for number in range(4)]
    files.insert(2, SourceFile(Deadly("/seized/hostile.pdf"), 9, 0))
    work = [
        Packet(tuple(Whole(number, file) for number, file in enumerate(files)), 45),
        Packet((Stretch(5, (Text(("after.csv",), "row 1", post(8)),), ends=True),), 9),
    ]
    monkeypatch.setattr(sweep, "packets", lambda files, stdin: iter(work))
    found = lines(files, jobs=2)
    assert [os.path.basename(line["path"][0]) for line in found] == [
        "0.txt", "1.txt", "hostile.pdf", "2.txt", "3.txt", "after.csv",
    ]  # fmt: skip
    assert "trouble" in found[2]
    assert "brought the reader down" in found[2]["trouble"]["message"]
    assert sum("trouble" in line for line in found) == 1


# --- results on disk -------------------------------------------------------------------------------------------------


class Stopped(Exception):
    pass


def swept(folder, out, *, stop_after=None, resume=False, asked=ASKED) -> ResultFile:
    """One run; ``stop_after``: packets."""
    results = ResultFile(out, asked)
    found = find_files([folder], leave_out=results.own_files())
    with results:
        files = results.resume(found.files) if resume else results.begin(found.files)
        for number, answer in enumerate(answers(files, results.asked)):
            if number == stop_after:
                raise Stopped
            results.add(answer)
    return results


@pytest.fixture
def complete(folder, tmp_path) -> tuple[bytes, sweep.Totals]:
    """What an undisturbed sweep writes."""
    results = swept(folder, tmp_path / "complete.jsonl")
    assert not results.state.exists()
    return results.out.read_bytes(), results.totals


@pytest.mark.parametrize("stop_after", [0, 1, 5, 10, 11, 13, 17])
def test_a_stopped_sweep_goes_on_to_the_same_result(folder, tmp_path, complete, stop_after):
    out = tmp_path / "out.jsonl"
    with pytest.raises(Stopped):
        swept(folder, out, stop_after=stop_after)
    partly = out.read_bytes()
    assert partly == b"" or partly.endswith(b"\n")
    assert complete[0].startswith(partly)
    results = swept(folder, out, resume=True)
    assert out.read_bytes() == complete[0]
    assert (results.totals.tally, results.totals.gravest, results.totals.files) == (
        complete[1].tally,
        complete[1].gravest,
        complete[1].files,
    )
    assert len(results.skipped) == results.totals.earlier_files
    assert not results.state.exists()


def test_lines_torn_or_beyond_the_state_are_written_again(folder, tmp_path, complete):
    out = tmp_path / "out.jsonl"
    with pytest.raises(Stopped):
        swept(folder, out, stop_after=12)
    with out.open("ab") as stream:
        stream.write(b'{"path": ["torn')
    swept(folder, out, resume=True)
    assert out.read_bytes() == complete[0]


def test_a_finished_file_that_changed_is_scanned_again_and_its_old_lines_go(folder, tmp_path):
    out = tmp_path / "out.jsonl"
    with pytest.raises(Stopped):
        swept(folder, out, stop_after=6)
    (folder / "a.txt").write_text("now only write to new@example.org\n")
    (folder / ".profile").unlink()
    results = swept(folder, out, resume=True)
    assert (results.changed, len(results.skipped), results.totals.earlier_files) == (1, 4, 5)
    found = [json.loads(line) for line in out.read_text().splitlines()]
    changed = [line for line in found if line["path"] == [str(folder / "a.txt")]]
    assert [[e["kind"] for e in line["exposures"]] for line in changed] == [["email"]]
    # What is gone cannot be scanned again: its line is all there is.
    assert sum(line["path"] == [str(folder / ".profile")] for line in found) == 1
    assert results.totals.tally["lines"] == len(found)
    assert [grave.path for grave in results.totals.gravest].count((str(folder / "a.txt"),)) <= 1
    fresh = [
        json.loads(line) for answer in answers(find_files([folder]).files, ASKED) for line in answer.lines.splitlines()
    ]
    kept = [line for line in found if line["path"] != [str(folder / ".profile")]]
    assert sorted(map(json.dumps, kept)) == sorted(map(json.dumps, fresh))


def test_going_on_asks_for_the_same_and_keeps_the_day(folder, tmp_path, complete):
    out = tmp_path / "out.jsonl"
    with pytest.raises(Stopped):
        swept(folder, out, stop_after=4)
    with pytest.raises(CannotResume, match=r"another --regions \(NL,US\)"):
        swept(folder, out, resume=True, asked=Asked((), ASKED.today))
    with pytest.raises(CannotResume, match=r"another --show-values \(not given\)"):
        swept(folder, out, resume=True, asked=Asked(ASKED.regions, ASKED.today, show_values=True))
    results = swept(folder, out, resume=True, asked=Asked(ASKED.regions, date(2027, 3, 1)))
    assert results.asked.today == ASKED.today
    assert out.read_bytes() == complete[0]
    with pytest.raises(CannotResume, match="is finished"):
        swept(folder, out, resume=True)


@pytest.mark.parametrize("state", ["", "[]", '{"asked": {"today": "tomorrow"}, "done": [], "gravest": []}'])
def test_a_state_that_cannot_be_read_is_refused(folder, tmp_path, state):
    out = tmp_path / "out.jsonl"
    with pytest.raises(Stopped):
        swept(folder, out, stop_after=4)
    before = out.read_bytes()
    (tmp_path / "out.jsonl.state").write_text(state)
    with pytest.raises(CannotResume, match=r"out\.jsonl\.state cannot be read"):
        swept(folder, out, resume=True)
    assert out.read_bytes() == before


def test_only_its_owner_may_read_what_was_found(folder, tmp_path):
    out = tmp_path / "out.jsonl"
    with pytest.raises(Stopped):
        swept(folder, out, stop_after=4)
    for path in (out, tmp_path / "out.jsonl.state"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_table_holds_what_the_lines_hold(folder, tmp_path, complete):
    pq = pytest.importorskip("pyarrow.parquet")
    out = tmp_path / "out.parquet"
    with pytest.raises(Stopped):
        swept(folder, out, stop_after=9)
    assert not out.exists()
    swept(folder, out, resume=True)
    assert {path.name for path in tmp_path.glob("out*")} == {"out.parquet"}
    rows = pq.read_table(out).to_pylist()
    expected = [json.loads(line) for line in complete[0].splitlines()]
    assert [_without_nulls(row) for row in rows] == expected


def _without_nulls(value):
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [_without_nulls(inner) for inner in value] if isinstance(value, list) else value

"""`habeas scan`, as people call it, on whole folders."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
import zipfile

import pytest

POST = "Mara Vellinga, Lindengracht 212, 1015 KL Amsterdam, +1 202 555 0143. Go there.\n"
PEOPLE = "name,email\nJo Sample,jo@example.org\nAnn Sample,ann@example.com\n"


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "case"
    (root / "deep").mkdir(parents=True)
    (root / "post.txt").write_text(POST)
    (root / "deep" / "people.csv").write_text(PEOPLE)
    (root / "empty.txt").write_text("")
    with zipfile.ZipFile(root / "backup.zip", "w") as archive:
        archive.writestr("note.txt", "write to mara@example.org\n")
    return root


def read(out):
    return [json.loads(line) for line in out.read_text().splitlines()]


def test_a_folder_gives_a_table_on_the_screen_and_a_line_for_each_text(habeas, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "250")
    out = tmp_path / "found.jsonl"
    said = habeas("scan", folder, "--regions", "nl,US", "--out", out)
    assert said.code == 0, said.err
    assert said.err == ""
    assert "4 files, 4 texts: 4 texts with exposures" in said.out
    assert f"5 lines in {out}" in said.out
    for words in ("MB/s", "moderate", "phone", "empty", "post.txt", "backup.zip › note.txt", "people.csv, row 2"):
        assert words in said.out
    for value in ("Mara", "Lindengracht", "555", "jo@"):
        assert value not in said.out + out.read_text()
    assert [(os.path.basename(line["path"][0]), line["place"]) for line in read(out)] == [
        ("backup.zip", ""),
        ("people.csv", "row 1"),
        ("people.csv", "row 2"),
        ("empty.txt", ""),
        ("post.txt", ""),
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["case", "found.jsonl"]


def test_without_a_file_the_lines_go_to_whoever_asks_for_json(habeas, folder, tmp_path):
    out = tmp_path / "found.jsonl"
    habeas("scan", folder, "--out", out, "--show-values", "--jobs", 1)
    *lines, last = map(json.loads, habeas("scan", folder, "--json", "--show-values").out.splitlines())
    assert lines == read(out)
    assert "Lindengracht 212" in json.dumps(lines)
    summary = last["summary"]
    assert (summary["files"], summary["texts"], summary["troubles"]) == (4, 4, {"empty": 1})
    assert summary["exposures"]["email"] == 3
    assert sum(summary["severities"].values()) == summary["texts"]
    only = json.loads(habeas("scan", folder, "--json", "--out", tmp_path / "again.jsonl").out)["summary"]
    assert only["exposures"] == summary["exposures"]


def test_kinds_and_severity_narrow_what_is_written(habeas, folder):
    said = habeas(
        "scan", folder, "--regions", "NL", "--json", "--kinds", "address, phone", "--min-severity", "moderate"
    )
    lines = [json.loads(one) for one in said.out.splitlines()][:-1]
    found = [one for one in lines if "exposures" in one]
    assert [{e["kind"] for e in one["exposures"]} for one in found] == [{"address", "phone"}]
    assert [one["trouble"]["code"] for one in lines if "trouble" in one] == ["empty"]


def test_many_processes_say_the_same_in_the_same_order(habeas_alone, folder):
    for number in range(40):
        (folder / f"{number}.txt").write_text(POST * (number % 3 + 1))
    one = habeas_alone("scan", folder, "--json", "--jobs", 1)
    two = habeas_alone("scan", folder, "--json", "--jobs", 2)
    assert (one.code, two.code) == (0, 0), two.err
    assert one.out.splitlines()[:-1] == two.out.splitlines()[:-1]
    assert two.err == ""


def test_standard_input_may_be_a_text_or_a_packed_table(habeas_alone, folder):
    said = habeas_alone("scan", "-", "--json", feed=POST.encode())
    line, summary = map(json.loads, said.out.splitlines())
    assert (said.code, line["path"], summary["summary"]["size_bytes"]) == (0, ["standard input"], len(POST))
    packed = habeas_alone("scan", "-", "--json", feed=gzip.compress(PEOPLE.encode()))
    assert [line.get("place") for line in map(json.loads, packed.out.splitlines())] == ["row 1", "row 2", None]


def test_what_cannot_be_read_is_told_in_the_exit_code_and_in_a_line(habeas, folder, tmp_path):
    out = tmp_path / "found.jsonl"
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and then nothing")
    said = habeas("scan", folder, "--out", out)
    assert said.code == 1
    assert "What could not be read" in said.out
    (trouble,) = [line for line in read(out) if line.get("trouble", {}).get("code") not in (None, "empty")]
    assert trouble["path"] == [str(folder / "broken.pdf")]
    assert "broken.pdf" in trouble["trouble"]["message"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["{folder}/none"], "none does not exist"),
        (["{folder}", "--regions", "NL,EU"], "not a country"),
        (["{folder}", "--regions", "QQ"], "--regions"),
        (["{folder}", "--kinds", "adress"], "did you mean 'address'?"),
        (["{folder}", "--min-severity", "grave"], "invalid choice"),
        (["{folder}", "--jobs", "0"], "1 or more"),
        (["{folder}", "--out", "{folder}/found.csv"], "FILE.jsonl or FILE.parquet"),
        (["{folder}", "--out", "{folder}/none/found.jsonl"], "a folder that exists"),
        (["{folder}", "--resume"], "name it with --out"),
        (["-", "--resume", "--out", "{folder}/found.jsonl"], "standard input"),
        (["{folder}", "--resume", "--out", "{folder}/found.jsonl"], "no sweep"),
        ([], "PATH"),
    ],
)
def test_a_wrong_option_is_refused_in_one_sentence(habeas, folder, words, told):
    before = sorted(folder.rglob("*"))
    said = habeas("scan", *(word.format(folder=folder) for word in words))
    assert (said.code, said.out) == (2, "")
    assert told in said.err
    assert sorted(folder.rglob("*")) == before


def test_a_table_needs_its_extra(habeas, folder, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    said = habeas("scan", folder, "--out", tmp_path / "found.parquet")
    assert said.code == 2
    assert 'pip install "habeas[analytics]"' in said.err


def test_a_table_can_be_asked_by_duckdb(habeas, folder, tmp_path):
    duckdb = pytest.importorskip("duckdb")
    out = tmp_path / "found.parquet"
    assert habeas("scan", folder, "--out", out).code == 0
    asked = "SELECT e.kind, count(*) FROM (SELECT unnest(exposures) AS e FROM read_parquet(?)) GROUP BY 1"
    kinds = dict(duckdb.connect().execute(asked, [str(out)]).fetchall())
    assert kinds["email"] == 3


def test_ctrl_c_leaves_whole_lines_and_resume_goes_on_to_the_same_result(habeas, tmp_path):
    many, out, whole = tmp_path / "many", tmp_path / "found.jsonl", tmp_path / "whole.jsonl"
    many.mkdir()
    for number in range(150):
        rows = [f"Jo Sample{n},jo{n}@example.org,+1 202 555 01{n % 100:02},calm and quiet" for n in range(60)]
        (many / f"{number:03}.csv").write_text("name,email,phone,note\n" + "\n".join(rows) + "\n")
    scan = [sys.executable, "-m", "habeas.cli", "scan", str(many), "--out", str(out), "--jobs", "2"]
    running = subprocess.Popen(scan, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, process_group=0)
    until = time.monotonic() + 60
    while not (out.exists() and out.stat().st_size > 50_000) and time.monotonic() < until:
        time.sleep(0.02)
    # As a terminal does it: everybody in front of it is told.
    os.killpg(running.pid, signal.SIGINT)
    said, told = running.communicate(timeout=60)
    assert running.returncode == 130, told
    assert said == ""
    assert told.startswith("stopped after ")
    assert len(told.splitlines()) == 1, told
    partly = out.read_bytes()
    assert partly.endswith(b"\n")
    refused = habeas("scan", many, "--out", out)
    assert (refused.code, out.read_bytes()) == (2, partly)
    assert "--resume" in refused.err
    resumed = habeas("scan", many, "--out", out, "--resume", "--jobs", 1, "--json")
    assert resumed.code == 0
    assert "skipped" in resumed.err
    skipped = json.loads(resumed.out)["summary"]["files_skipped"]
    assert 0 < skipped < 150
    fresh = habeas("scan", many, "--out", whole, "--jobs", 1, "--json")
    assert out.read_bytes() == whole.read_bytes()
    one, other = (json.loads(said.out)["summary"] for said in (resumed, fresh))
    for name in ("files", "texts", "exposures", "severities", "lines", "gravest"):
        assert one[name] == other[name]


def test_asking_what_it_can_do_loads_nothing_heavy():
    script = (
        "import sys\nfrom habeas.cli.main import main\n"
        "try:\n    main(['scan', '--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "--min-severity" in done.stdout
    for heavy in ("django", "pyarrow", "rich", "phonenumbers", "pycrfsuite", "yaml", "numpy", "multiprocessing"):
        assert f"'{heavy}'" not in done.stderr

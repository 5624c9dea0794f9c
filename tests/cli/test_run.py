"""From a fresh machine to a served desk: ``habeas run``, in processes of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import pytest

START_SECONDS = 40  # generous: two busy cores; about 6 were measured


@pytest.fixture(scope="module")
def fresh(tmp_path_factory, habeas_alone):
    """A machine on which Habeas was set up once: its folder, and what that said."""
    var = tmp_path_factory.mktemp("machine") / "var"
    said = habeas_alone("run", "--no-serve", var=var, HABEAS_DATABASE="")
    assert (said.code, said.err) == (0, "")
    return var, said


def test_it_says_what_it_found_and_how_to_sign_in(fresh):
    var, said = fresh
    assert re.search(r"Case HB-\w{6} · severity very high", said.out)
    assert re.search(r"exposed: .*address", said.out)
    assert re.search(r"law: +\d+ provisions of NL, EU, COE, UN: \d+ met", said.out)
    assert re.search(r"next question: .*\?", said.out, re.DOTALL)
    assert re.search(r"plan: +\d+ measures; first: Capture and seal", said.out)
    assert "http://127.0.0.1:8000/desk/" in said.out
    password = (var / "keys" / "demo-password").read_text()
    assert f"sign in as casey or lee, password {password}" in said.out
    assert re.search(r"receipt \w{4}-\w{4}-\w{4}-\w{4} \(shown this once\)", said.out)
    assert f"kept in {var}/" in said.out


def test_keys_are_for_their_owner_only(fresh):
    var, _ = fresh
    kept = sorted((var / "keys").iterdir())
    assert [file.name for file in kept] == ["demo-password", "house.key", "ledger.key", "secret"]
    assert [oct(file.stat().st_mode & 0o777) for file in kept] == ["0o600"] * len(kept)


def test_nothing_personal_lies_on_disk_in_clear(fresh):
    var, _ = fresh
    for file in var.rglob("*"):
        if file.is_file() and file.parent.name != "keys":
            content = file.read_bytes()
            for secret in (b"Mara Vellinga", b"Lindengracht", b"vellinga@example", b"Aldermann", b"1428 Alder"):
                assert secret not in content, f"{file.name} holds {secret!r}"


def test_doing_it_again_files_nothing_again(fresh, habeas_alone):
    var, first = fresh
    begun = time.monotonic()
    again = habeas_alone("run", "--no-serve", var=var, HABEAS_DATABASE="")
    assert (again.code, again.err) == (0, "")
    assert time.monotonic() - begun < START_SECONDS
    assert "no sample report was filed" in again.out
    assert "receipt" not in again.out
    signing_in = next(line for line in first.out.splitlines() if "sign in as" in line)
    assert signing_in in again.out
    checked = habeas_alone("ledger", "fsck", var=var, HABEAS_DATABASE="")
    assert checked.code == 0
    assert "all hold" in checked.out


def test_a_house_of_one_s_own_has_no_demo_accounts_and_no_cases(tmp_path, habeas_alone):
    var = tmp_path / "var"
    said = habeas_alone("run", "--no-serve", "--no-demo", var=var, HABEAS_DATABASE="")
    assert (said.code, said.err) == (0, "")
    assert "Nobody can sign in yet" in said.out
    assert not (var / "keys" / "demo-password").exists()
    joining = ["member", "robin", "--name", "Robin Example", "--role", "lead", "--organisation", "Helpline of Examplia"]
    joined = habeas_alone(*joining, var=var, HABEAS_DATABASE="", feed=b"a long enough password\n")
    assert joined.out == "robin can sign in at /desk/ as lead\n"
    again = habeas_alone(*joining, var=var, HABEAS_DATABASE="", feed=b"a long enough password\n")
    assert (again.code, again.out) == (2, "")
    assert "the name 'robin' is taken" in again.err
    weak = habeas_alone(*joining, var=var, HABEAS_DATABASE="", feed=b"short\n")
    assert weak.code == 2
    assert "too short" in weak.err
    assert "robin" not in habeas_alone("jobs", var=var, HABEAS_DATABASE="").out
    assert "Nobody can sign in" not in habeas_alone("run", "--no-serve", "--no-demo", var=var, HABEAS_DATABASE="").out


def test_a_port_in_use_is_said_before_anything_is_set_up(tmp_path, habeas_alone):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = habeas_alone("run", "--port", port, var=tmp_path / "var")
    assert (said.code, said.out) == (2, "")
    assert f"port {port} on 127.0.0.1 cannot be used" in said.err
    assert f"try --port {port + 1}" in said.err
    assert not (tmp_path / "var" / "habeas.sqlite3").exists()


def test_it_serves_until_stopped_and_leaves_nobody_behind(fresh):
    var, _ = fresh
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if k not in {"HABEAS_KEY_FILE", "HABEAS_SECRET"}}
    server = subprocess.Popen(
        [sys.executable, "-m", "habeas.cli", "run", "--port", str(port)],
        env={**environment, "HABEAS_VAR": str(var), "HABEAS_DATABASE": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert b"Somebody put your data" in first_page(f"http://127.0.0.1:{port}/", server)
        family = children_of(server.pid)
        assert len(family) >= 2, "a web process and a worker"
        server.send_signal(signal.SIGINT)
        said, _ = server.communicate(timeout=30)
        assert server.returncode in {0, 130}, said
        assert "Traceback" not in said
        wait_until(lambda: not [pid for pid in family if alive(pid)], "all processes have ended")
    finally:
        # Only what was started here: it leads a session of its own.
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(timeout=10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def first_page(address: str, server: subprocess.Popen[str]) -> bytes:
    browser = build_opener(ProxyHandler({}))
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert server.poll() is None, f"the server ended: {server.stdout.read() if server.stdout else ''}"
        try:
            with browser.open(address, timeout=5) as answer:
                assert answer.status == 200
                return answer.read()
        except URLError:
            time.sleep(0.2)
    pytest.fail(f"no page within {START_SECONDS} s")


def children_of(pid: int) -> list[int]:
    """All processes below one, from /proc."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
    below = [child for child, parent in parents.items() if parent == pid]
    return below + [further for child in below for further in children_of(child)]


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_until(holds, what: str, seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, f"not within {seconds} s: {what}"
        time.sleep(0.1)

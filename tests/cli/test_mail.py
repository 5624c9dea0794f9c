"""``habeas mail``: what a mail server hands over is stored before it is acknowledged, by the real program."""

from __future__ import annotations

import signal
import smtplib
import subprocess
import sys

import pytest

from factories.mail_servers import free_port
from habeas.cli.main import main


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A set-up house of its own for another process."""
    environment = {"HABEAS_VAR": str(tmp_path), "HABEAS_MAIL_DOMAIN": "answers.example.org", "HABEAS_DATABASE": ""}
    subprocess.run(
        [sys.executable, "-m", "habeas.cli", "run", "--no-serve", "--no-demo"],
        check=True,
        capture_output=True,
        env={**_clean(), **environment},
    )
    return {**_clean(), **environment}


def _clean() -> dict[str, str]:
    import os

    return {key: value for key, value in os.environ.items() if not key.startswith(("HABEAS_", "DJANGO_"))}


def said(place: dict[str, str], code: str) -> str:
    """What a short program says in the house."""
    program = f"import django; django.setup()\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env={**place, "DJANGO_SETTINGS_MODULE": "habeas.web.site.settings"},
    )
    return done.stdout.strip()


def test_what_is_handed_over_is_stored_before_it_is_acknowledged(place):
    address = said(place, "from habeas.platforms import ways; print(ways.answers_to('M-7KQ2M9XD40'))")
    port = free_port()
    program = [sys.executable, "-m", "habeas.cli", "mail", "receive", "--port", str(port)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=place) as listening:
        assert "listening for answers" in listening.stdout.readline()
        with smtplib.LMTP("127.0.0.1", port) as lmtp:
            lmtp.sendmail("desk@board.example.net", [address], b"Subject: x\r\n\r\nIt was removed.\r\n")
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                lmtp.sendmail("x@example.net", ["anybody@answers.example.org"], b"Subject: x\r\n\r\nx")
        # Stored, although the program is killed the moment it acknowledged.
        listening.send_signal(signal.SIGKILL)
    count = "from habeas.platforms.models import Incoming; print(Incoming.objects.count())"
    assert said(place, count) == "1"


def test_it_stops_when_told(place):
    port = free_port()
    program = [sys.executable, "-m", "habeas.cli", "mail", "receive", "--port", str(port)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=place) as listening:
        listening.stdout.readline()
        listening.send_signal(signal.SIGTERM)
        assert listening.wait(timeout=20) == 0


def test_a_mailbox_without_its_password_is_not_asked(monkeypatch, capsys):
    monkeypatch.delenv("HABEAS_IMAP_PASSWORD", raising=False)
    assert main(["mail", "fetch", "imap.example.org", "answers"]) == 2
    assert "HABEAS_IMAP_PASSWORD" in capsys.readouterr().err


def test_a_mailbox_nobody_answers_at_is_said(monkeypatch, capsys):
    monkeypatch.setenv("HABEAS_IMAP_PASSWORD", "x")
    assert main(["mail", "fetch", "127.0.0.1", "answers", "--port", str(free_port())]) == 2
    assert capsys.readouterr().err.startswith("habeas: ")


@pytest.mark.parametrize("place_of", [["--host", "192.0.2.1", "--smtp"], ["--socket", "/nowhere/at/all.sock"]])
def test_where_nothing_can_listen_is_said(place, place_of):
    done = subprocess.run(
        [sys.executable, "-m", "habeas.cli", "mail", "receive", *place_of], capture_output=True, text=True, env=place
    )
    assert done.returncode == 2
    assert "nothing can listen there" in done.stderr

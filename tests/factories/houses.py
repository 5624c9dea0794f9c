"""Other organisations: each a program of its own, with its own database, keys and log, reached over loopback only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]


@dataclass
class House:
    """An organisation that runs Habeas. ``keys``: what its ``habeas ledger keys`` says; ``url``: of its server."""

    name: str
    program: subprocess.Popen[str]
    url: str = ""
    keys: str = ""

    @property
    def address(self) -> str:
        """Where it is asked to cosign."""
        return f"{self.url}/witness"

    def watch(self, origin: str, keys: str) -> None:
        self.say(do="watch", origin=origin, keys=keys)

    def watched(self, origin: str) -> dict[str, Any]:
        """What it has seen of a log: size, root (hex), refused."""
        return self.say(do="watched", origin=origin)

    def log(self, count: int) -> None:
        """Append entries to its own log."""
        self.say(do="log", count=count)

    def add_witness(self, name: str, address: str, keys: str) -> None:
        self.say(do="witness", name=name, address=address, keys=keys)

    def checkpoint(self) -> dict[str, Any]:
        """Have it sign its log and ask its witnesses: note, policy, and trouble by witness."""
        return self.say(do="checkpoint")

    def stop(self) -> None:
        """Down, without a word."""
        self.program.kill()
        self.program.wait()

    def say(self, **command: Any) -> dict[str, Any]:
        self.program.stdin.write(json.dumps(command) + "\n")
        self.program.stdin.flush()
        answer = json.loads(self.program.stdout.readline())
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer


def begin(name: str, folder: Path) -> House:
    """Start a house; it is ready once ``ready`` returns."""
    given = {one: value for one, value in os.environ.items() if not one.startswith("HABEAS_")}
    environment = {
        **given,
        "HABEAS_VAR": str(folder),
        "HABEAS_SECRET": "a secret for tests only",
        "DJANGO_SETTINGS_MODULE": "habeas.web.site.settings",
        "PYTHONPATH": str(TESTS),
    }
    program = subprocess.Popen(
        [sys.executable, "-m", "factories.houses", name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    return House(name, program)


def ready(house: House) -> House:
    said = json.loads(house.program.stdout.readline())
    house.url, house.keys = said["url"], said["keys"]
    return house


def _run(name: str) -> None:
    """The program of a house: serves what others may reach, and does what is said on its standard input."""
    from django.conf import settings

    settings.ROOT_URLCONF = "factories.outside_urls"
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    import django

    django.setup()
    from django.core.management import call_command

    from habeas.ledger import signing

    call_command("migrate", "ledger", verbosity=0)
    made = signing.new_key(f"{name}/ledger")
    keys = "".join(f"{one.verifier}\n" for one in (*made.log, *made.witness))
    print(json.dumps({"url": _serve(), "keys": keys}), flush=True)
    for line in sys.stdin:
        try:
            answer = _do(**json.loads(line))
        except Exception as fault:
            answer = {"error": f"{type(fault).__name__}: {fault}"}
        print(json.dumps(answer), flush=True)


def _serve() -> str:
    import threading
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    from django.core.wsgi import get_wsgi_application

    class Threaded(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = make_server("127.0.0.1", 0, get_wsgi_application(), Threaded, Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def _do(do: str, **said: Any) -> dict[str, Any]:
    from django.db import transaction

    from habeas.kernel import clock
    from habeas.ledger import actions, witnessing

    if do == "watch":
        witnessing.watch_log(said["origin"], said["keys"], clock.now())
    elif do == "watched":
        log = next(one for one in witnessing.watched_logs() if one.origin == said["origin"])
        return {"size": log.size, "root": bytes(log.root).hex(), "refused": log.refused}
    elif do == "log":
        with transaction.atomic():
            for number in range(said["count"]):
                actions.append("case.read", by=7, at=clock.now(), number=number)
    elif do == "witness":
        witnessing.add_witness(said["name"], said["address"], said["keys"], clock.now())
    else:
        signed = witnessing.sign_checkpoint(clock.now())
        asked = witnessing.ask_witnesses(clock.now())
        return {
            "note": str(witnessing.assembled(signed)),
            "policy": witnessing.policy_text(),
            "troubles": {one.witness: one.trouble for one in asked},
        }
    return {}


if __name__ == "__main__":
    _run(sys.argv[1])

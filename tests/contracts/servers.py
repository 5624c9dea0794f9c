"""Services on the loopback, as those behind our channels behave, and with the moods of real ones."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

KEY = "key-of-the-tests-7f3a"
HUGE = 400_000
SLOW_SECONDS = 0.8


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass(frozen=True)
class Said:
    status: int
    content: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class FarSide(Protocol):
    """A service: what it did, and what it answers."""

    acts: list[Any]

    def is_act(self, asked: Asked) -> bool:
        """Whether this request is the one that does something; moods come over those."""
        ...

    def answer(self, asked: Asked) -> Said: ...


@dataclass
class Bench:
    """A running service. moods: come over the next acts, one each; asked: every request, in order"""

    far: FarSide
    port: int = 0
    moods: deque[str | Said] = field(default_factory=deque)
    asked: list[Asked] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class NoticeIntake:
    """Takes notices of article 16, remembers keys, tells what became of each."""

    def __init__(self) -> None:
        self.acts: list[dict[str, Any]] = []
        self.states: dict[str, dict[str, Any]] = {}
        self._keys: dict[str, tuple[bytes, str]] = {}

    def is_act(self, asked: Asked) -> bool:
        return asked.method == "POST"

    def answer(self, asked: Asked) -> Said:
        if asked.headers.get("authorization") != f"Bearer {KEY}":
            return Said(401, {"error": "who are you"})
        if asked.method == "GET":
            number = unquote(asked.path.rpartition("/")[2])
            state = self.states.get(number)
            return Said(404, {}) if state is None else Said(200, {"id": number, **state})
        key, notice = asked.headers.get("idempotency-key", ""), asked.body
        if not (key.startswith('"') and key.endswith('"') and len(key) > 2):
            return Said(400, {"error": "no key"})
        if not (notice["explanation"] and notice["locations"] and notice["good_faith"] and notice["notifier"]["email"]):
            return Said(422, {"error": "not complete"})
        if key in self._keys:
            raw, number = self._keys[key]
            return Said(200, {"id": number, "status": "received"}) if raw == asked.raw else Said(422, {})
        self.acts.append(notice)
        number = f"N-{len(self.acts)}"
        self._keys[key] = (asked.raw, number)
        self.states[number] = {"status": "received"}
        return Said(201, {"id": number, "status": "received", "received_at": "2026-03-06T12:00:00Z"})


class HmaServer:
    """A Hasher-Matcher-Actioner with one bank, in the shapes of its curation and matching blueprints."""

    def __init__(self) -> None:
        self.acts: list[str] = []
        self.disabled: set[int] = set()

    def is_act(self, asked: Asked) -> bool:
        return asked.method == "POST"

    def answer(self, asked: Asked) -> Said:
        if asked.path == "/m/lookup":
            there = [place for place, one in enumerate(self.acts, start=1) if one == asked.query["signal"]]
            return Said(200, {"DOXES": [{"bank_content_id": one, "distance": "0"} for one in there]} if there else {})
        if asked.path == "/c/bank/DOXES/signal":
            self.acts.append(asked.body["pdq"])
            return Said(200, self._content(len(self.acts)))
        number = int(asked.path.rpartition("/")[2])
        return Said(200, self._content(number)) if 0 < number <= len(self.acts) else Said(404, {})

    def _content(self, number: int) -> dict[str, Any]:
        until = 0 if number in self.disabled else 1
        bank = {"name": "DOXES", "matching_enabled_ratio": 1.0}
        return {"id": number, "disable_until_ts": until, "original_media_uri": None, "bank": bank}


class StopNciiServer:
    """The exchange: a newer record replaces the older one; pages of one record each."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = {}

    @property
    def acts(self) -> list[str]:
        return sorted({number for one in self.records.values() for number in one["caseNumbers"]})

    def is_act(self, asked: Asked) -> bool:
        return asked.method == "POST"

    def answer(self, asked: Asked) -> Said:
        if asked.headers.get("ocp-apim-subscription-key") != KEY:
            return Said(401, {})
        if asked.path == "/SubmitHashes":
            for one in asked.body["hashRecords"]:
                held = self.records.get(one["hashValue"], {"caseNumbers": {}})
                self.records[one["hashValue"]] = {**one, "caseNumbers": {**held["caseNumbers"], **one["caseNumbers"]}}
            return Said(200, {"count": asked.body["count"]})
        place = int(asked.query.get("nextPageToken", "0"))
        rows = list(self.records.values())
        more = place + 1 < len(rows)
        page = {"count": len(rows[place : place + 1]), "hashRecords": rows[place : place + 1], "hasMoreRecords": more}
        return Said(200, {**page, "nextPageToken": str(place + 1) if more else None, "nextSetTimestamp": 1})


class LumenServer:
    """Takes a notice from whoever has a token, and names it in Location; no key, no memory, nothing to see yet."""

    def __init__(self) -> None:
        self.acts: list[dict[str, Any]] = []

    def is_act(self, asked: Asked) -> bool:
        return asked.method == "POST"

    def answer(self, asked: Asked) -> Said:
        if asked.headers.get("x-authentication-token") != KEY:
            return Said(401)
        notice = asked.body["notice"]
        roles = {one["name"] for one in notice["entity_notice_roles_attributes"]}
        if not notice["title"] or not notice["works_attributes"] or "recipient" not in roles:
            return Said(422, {"title": ["can't be blank"]})
        self.acts.append(notice)
        return Said(201, None, {"Location": f"https://lumen.example.org/notices/{4000 + len(self.acts)}"})


class TransparencyServer:
    """Takes each PUID once, for good, and shows what it holds with 302 and no way on."""

    def __init__(self) -> None:
        self.acts: list[dict[str, Any]] = []
        self.hidden = False

    def is_act(self, asked: Asked) -> bool:
        return asked.method == "POST"

    def answer(self, asked: Asked) -> Said:
        if asked.headers.get("authorization") != f"Bearer {KEY}":
            return Said(401, {"message": "Unauthenticated."})
        if asked.method == "GET":
            puid = asked.path.rpartition("/")[2]
            there = next((one for one in self.acts if one["puid"] == puid), None)
            if there is None or self.hidden:
                return Said(404, {"message": "statement of reason not found"})
            return Said(302, self._shown(there))
        many = asked.path == "/api/v1/statements"
        statements = asked.body["statements"] if many else [asked.body]
        if not 1 <= len(statements) <= 100:
            return Said(422, {"errors": {"statements": ["between 1 and 100"]}})
        if any(not one.get("decision_facts") for one in statements):
            return Said(422, {"errors": {"decision_facts": ["The decision facts field is required."]}})
        held = [one["puid"] for one in self.acts]
        taken = [one["puid"] for one in statements if one["puid"] in held]
        if taken and many:
            return Said(422, {"message": "not unique", "errors": {"puid": ["not unique"], "existing_puids": taken}})
        if taken:
            existing = {"puid": taken[0]}
            return Said(422, {"message": "not unique", "errors": {"puid": ["not unique"]}, "existing": existing})
        self.acts += statements
        made = [{**self._shown(one), "puid": one["puid"]} for one in statements]
        return Said(201, {"statements": made} if many else made[0])

    def _shown(self, one: dict[str, Any]) -> dict[str, Any]:
        rest = {name: value for name, value in one.items() if name != "puid"}
        return {**rest, "content_date": f"{one['content_date']} 00:00:00", "uuid": f"0b1c-{one['puid'][-6:]}", "id": 7}


class OzoneServer:
    """A server of accounts that hands reports on to a labeler, which remembers no keys."""

    DID, LABELER = "did:plc:househousehouse", "did:plc:labelerlabeler"

    def __init__(self) -> None:
        self.acts: list[dict[str, Any]] = []

    def is_act(self, asked: Asked) -> bool:
        return asked.path.endswith("createReport")

    def answer(self, asked: Asked) -> Said:
        method = asked.path.rpartition("/xrpc/")[2]
        if method == "com.atproto.server.createSession":
            fits = asked.body == {"identifier": "desk.helpline.example", "password": KEY}
            session = {"accessJwt": "jwt-of-the-session", "refreshJwt": "r", "handle": "desk", "did": self.DID}
            return Said(200, session) if fits else Said(401, {"error": "AuthenticationRequired"})
        if method == "com.atproto.identity.resolveHandle":
            known = asked.query["handle"] == "mallory.example.net"
            return Said(200, {"did": "did:plc:mallorymallory"}) if known else Said(400, {"error": "InvalidRequest"})
        if method == "com.atproto.repo.getRecord":
            if asked.query["rkey"] != "3kabc":
                return Said(400, {"error": "RecordNotFound"})
            return Said(200, {"uri": "at://…", "cid": "bafyreiabcdefg", "value": {}})
        if asked.headers.get("authorization") != "Bearer jwt-of-the-session":
            return Said(401, {"error": "ExpiredToken"})
        if asked.headers.get("atproto-proxy") != f"{self.LABELER}#atproto_labeler":
            return Said(502, {"error": "UpstreamFailure"})
        report = asked.body
        if "#" not in report["reasonType"] or "$type" not in report["subject"]:
            return Said(400, {"error": "InvalidRequest"})
        self.acts.append(report)
        about = {"reportedBy": self.DID, "createdAt": datetime.now(UTC).isoformat()}
        return Said(200, {"id": 900 + len(self.acts), **report, **about})


@contextmanager
def running(far: FarSide) -> Iterator[Bench]:
    """A service behind a real HTTP server."""
    bench = Bench(far)
    # One at a time: what a service holds is no concern of these tests when two ask at once.
    turn = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def log_message(self, *_: Any) -> None:
            pass

        def _serve(self) -> None:
            self.close_connection = True
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, parts.path, query, headers, raw)
            with turn:
                bench.asked.append(asked)
                mood = bench.moods.popleft() if bench.moods and far.is_act(asked) else "ok"
                said = moody(mood, lambda: far.answer(asked))
            with suppress(OSError):
                self._say(said, mood)

        def _say(self, said: Said | None, mood: str | Said) -> None:
            if said is None:
                return
            if mood == "slow":
                time.sleep(SLOW_SECONDS)
            content = said.content
            content = (
                content if isinstance(content, bytes) else b"" if content is None else json.dumps(content).encode()
            )
            self.send_response(said.status)
            for name, value in {"Content-Type": "application/json", **said.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if mood == "cut in the answer":
                content = content[: len(content) // 2]
            for part in (content[at : at + 1] for at in range(len(content))) if mood == "drip" else (content,):
                self.wfile.write(part)
                if mood == "drip":
                    time.sleep(0.05)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    bench.port = server.server_address[1]
    thread.start()
    try:
        yield bench
    finally:
        server.shutdown()
        server.server_close()


# Moods in which the service acts, and its answer is lost, late or no answer.
LOST = ("cut", "cut in the answer", "slow", "drip", "huge", "not json")


def moody(mood: str | Said, act: Callable[[], Said]) -> Said | None:
    """What a service in a mood says; null: it hangs up. A number, or words of its own, are said without acting."""
    if isinstance(mood, Said):
        return mood
    if mood.isdecimal():
        return Said(int(mood), {"error": "no"})
    if mood == "redirect":
        return Said(307, None, {"Location": "https://elsewhere.example.net/"})
    if mood == "cut before":
        return None
    said = act()
    if mood == "cut":
        return None
    if mood == "huge":
        return Said(said.status, b'{"a": "' + b"x" * HUGE + b'"}')
    if mood == "not json":
        return Said(said.status, b"<html>Welcome to our network</html>", {"Content-Type": "text/html"})
    if mood == "empty object":
        return Said(said.status, {})
    if mood in {"cut in the answer", "drip"}:
        return Said(said.status, json.dumps(said.content).encode() + b" " * 100)
    return said


@contextmanager
def raw_server() -> Iterator[tuple[int, list[bytes]]]:
    """(port, what it says to every request: the last one counts), byte for byte."""
    says: list[bytes] = [b""]
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with suppress(OSError), connection:
                connection.settimeout(1)
                connection.recv(65_536)
                connection.sendall(says[-1])
                connection.shutdown(socket.SHUT_WR)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1], says
    finally:
        listening.close()

"""What a capture may reach, and that a page cannot talk its way around it."""

from __future__ import annotations

import ipaddress
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.evidence.capture.addresses import PORTS, Address, place, why_not
from habeas.evidence.capture.guard import Guard, Refusal

GRANTED, NOT_ALLOWED, UNREACHABLE, NOT_SUPPORTED = 0, 2, 4, 7


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104  an address to be refused, not to listen at
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::a00:1",
        "64:ff9b:1::a00:1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_no_address_of_ours_is_reached(address):
    assert why_not(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::8a"]
)
def test_the_public_internet_is_reached(address):
    assert why_not(ipaddress.ip_address(address)) == ""


@given(st.ip_addresses())
def test_whatever_python_holds_for_private_is_refused(address):
    """An outside oracle: the standard library's own table of special addresses."""
    if not address.is_global or address.is_multicast:
        assert why_not(address)


@pytest.mark.parametrize(
    ("host", "port", "named"),
    [
        ("Forum.Example.ORG.", 443, "forum.example.org:443"),
        ("[2001:DB8::1]", 80, "[2001:db8::1]:80"),
        ("2001:db8::1", 80, "[2001:db8::1]:80"),
        ("192.0.2.7", 8080, "192.0.2.7:8080"),
    ],
)
def test_a_place_has_one_name(host, port, named):
    assert place(host, port) == named


# ---------------------------------------------------------------------------------------------------------- the guard


@contextmanager
def somebody(answer: bytes = b"here") -> Iterator[tuple[int, list[bytes]]]:
    """Somebody who answers on this machine: (port, what they were told)."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        closing = threading.Event()

        def serve() -> None:
            while not closing.is_set():
                with suppress(OSError):
                    connection, _ = server.accept()
                    with connection:
                        connection.settimeout(2)
                        heard.append(connection.recv(1_000))
                        connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1], heard
        finally:
            closing.set()
            thread.join(5)


class Names:
    """A resolver whose answers change from question to question, as a hostile one's do."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = [[ipaddress.ip_address(one) for one in answer] for answer in answers]
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        self.asked.append(host)
        if not self.answers:
            raise socket.gaierror(f"no address for {host}")
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def guard(**more: object) -> Guard:
    return Guard(**{"max_bytes": 1 << 20, "max_seconds": 20.0, **more})  # type: ignore[arg-type]


def asked(port: int, host: str, far_port: int, said: bytes = b"") -> tuple[int, bytes]:
    """(the guard's answer, what came back) of one connection by name."""
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.settimeout(5)
        connection.sendall(b"\x05\x01\x00")
        assert connection.recv(2) == b"\x05\x00"
        name = host.encode()
        connection.sendall(b"\x05\x01\x00\x03" + bytes([len(name)]) + name + struct.pack("!H", far_port))
        code = connection.recv(10)[1]
        if code != GRANTED:
            return code, b""
        connection.sendall(said)
        came = b""
        with suppress(OSError):
            while piece := connection.recv(65_536):
                came += piece
        return code, came


def test_a_place_that_is_allowed_is_reached_and_written_down():
    with somebody() as (far, heard), guard(allow_private=frozenset({f"127.0.0.1:{far}"})) as it:
        assert asked(it.port, "127.0.0.1", far, b"hello") == (GRANTED, b"here")
        assert heard == [b"hello"]
        assert it.report.addresses == {f"127.0.0.1:{far}": "127.0.0.1"}
        assert (it.report.bytes_out, it.report.bytes_in) == (5, 4)


def test_an_allowed_port_does_not_open_the_one_beside_it():
    with (
        somebody() as (far, _),
        somebody() as (beside, heard),
        guard(allow_private=frozenset({f"127.0.0.1:{far}"})) as it,
    ):
        assert asked(it.port, "127.0.0.1", beside)[0] == NOT_ALLOWED
        assert heard == []


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("127.0.0.1", "a loopback address"),
        ("169.254.169.254", "a link-local address, where clouds keep their metadata service"),
        ("10.0.0.1", "a private address"),
        ("::1", "a loopback address"),
        ("::ffff:127.0.0.1", "an IPv4 address in the dress of IPv6"),
    ],
)
def test_a_private_address_is_refused_with_its_reason(host, why):
    with guard() as it:
        assert asked(it.port, host, 80)[0] == NOT_ALLOWED
        assert it.report.refusals == [Refusal(place(host, 80), why, unsafe=True)]


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost"])
def test_a_private_address_in_disguise_is_refused(host):
    with guard() as it:
        assert asked(it.port, host, 80)[0] in {NOT_ALLOWED, UNREACHABLE}
        assert it.report.addresses == {}


def test_a_public_name_with_a_private_address_is_refused():
    names = Names(["192.168.0.7"])
    with guard(resolve=names) as it:
        assert asked(it.port, "printer.example.org", 80)[0] == NOT_ALLOWED
        assert it.report.refusals == [Refusal("printer.example.org:80", "a private address", unsafe=True)]


def test_a_name_that_changes_its_mind_leads_to_the_address_that_was_checked():
    """DNS rebinding: public at the first question, ours at the next. The second question is never put."""
    names = Names(["192.0.2.1"], ["127.0.0.1"])
    with somebody() as (far, heard):
        allowed = frozenset({"nobody.example.org:80"})
        with guard(resolve=names, allow_private=allowed) as it:
            for _ in range(3):
                assert asked(it.port, "turncoat.example.org", 80)[0] == NOT_ALLOWED
            assert asked(it.port, "Turncoat.Example.ORG", 8080)[0] == NOT_ALLOWED
            assert names.asked == ["turncoat.example.org"]
            assert asked(it.port, "turncoat.example.org", far)[0] == NOT_ALLOWED
        assert heard == []


def test_of_a_public_and_a_private_address_only_the_public_is_tried(monkeypatch):
    tried: list[str] = []

    async def nobody(address: str, port: int, **more: object) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    names = Names(["127.0.0.1", "93.184.216.34", "::1"])
    with guard(resolve=names) as it:
        monkeypatch.setattr("habeas.evidence.capture.guard.asyncio.open_connection", nobody)
        assert asked(it.port, "both.example.org", 443)[0] == UNREACHABLE
    assert tried == ["93.184.216.34"]
    assert it.report.refusals == [Refusal("both.example.org:443", "nobody answers there", unsafe=False)]


def test_a_name_that_leads_nowhere_says_so():
    with guard(resolve=Names()) as it:
        assert asked(it.port, "nowhere.example.org", 80)[0] == UNREACHABLE
        assert it.report.refusals == [Refusal("nowhere.example.org:80", "its name leads nowhere", unsafe=False)]


@pytest.mark.parametrize("port", [22, 25, 3306, 5432, 6379, 11211, 0, 65535])
def test_only_the_ports_of_the_web_are_reached(port):
    assert port not in PORTS
    with guard(resolve=Names(["93.184.216.34"])) as it:
        assert asked(it.port, "forum.example.org", port)[0] == NOT_ALLOWED


def test_more_bytes_than_allowed_end_everything():
    with (
        somebody(b"x" * 400_000) as (far, _),
        guard(max_bytes=100_000, allow_private=frozenset({f"127.0.0.1:{far}"})) as it,
    ):
        _, came = asked(it.port, "127.0.0.1", far, b"more")
        assert len(came) <= 100_000
        assert it.report.cut == ["more than 100,000 bytes came"]
        assert asked(it.port, "127.0.0.1", far)[0] == UNREACHABLE


def test_the_time_ends_a_connection_that_would_go_on():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        far = silent.getsockname()[1]
        with guard(max_seconds=0.3, allow_private=frozenset({f"127.0.0.1:{far}"})) as it:
            assert asked(it.port, "127.0.0.1", far, b"hello") == (GRANTED, b"")
            assert it.report.cut == ["the time (0.3 s) was up"]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"GET http://127.0.0.1/ HTTP/1.1\r\n\r\n", id="http"),
        pytest.param(b"\x04\x01\x00\x50\x7f\x00\x00\x01\x00", id="socks4"),
        pytest.param(b"\x05\x01\x02", id="another-way-in"),
        pytest.param(b"\x05\x01\x00\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x50", id="bind"),
        pytest.param(b"\x05\x01\x00\x05\x03\x00\x01\x7f\x00\x00\x01\x00\x50", id="udp"),
        pytest.param(b"\x05\x01\x00\x05\x01\x00\x03\x00\x00\x50", id="no-name"),
    ],
)
def test_whoever_asks_for_anything_else_gets_nothing(said):
    with guard() as it:
        with socket.create_connection(("127.0.0.1", it.port), 5) as connection:
            connection.settimeout(5)
            connection.sendall(said)
            connection.shutdown(socket.SHUT_WR)
            came = b""
            with suppress(OSError):
                while piece := connection.recv(1_000):
                    came += piece
        assert bytes([5, GRANTED, 0, 1]) not in came
        assert it.report.addresses == {}

"""A site on this machine whose pages are invented, and some of them hostile: what a capture meets outside."""

from __future__ import annotations

import datetime
import gzip
import io
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

Answer = Callable[["Visitor"], None]

POST = """<!DOCTYPE html><html lang=en><head><title>Look where they live</title>
<meta name=author content="night_owl_77"><meta property="article:published_time" content="2026-03-04T21:15:00+01:00">
<style>body { font-family: sans-serif }</style></head><body>
<h1>Look where they live</h1>
<p class=author>night_owl_77</p><time datetime="2026-03-04T21:15:00+01:00">3 hours ago</time>
<p>Examplia Person lives at 12 Example Street, Sampletown.</p>
<p>Call +1-555-0142 and say hello.</p>
<p>Everybody should know this address.</p>
<p>1,204 views</p>
<div class="ad-slot sponsored">Buy example shoes today</div>
<img src="/front-door.png" alt="a front door" width=64 height=64>
</body></html>"""
ADDED = "<p>Their workplace is Example Works, second floor.</p>"
REMOVED_NOTICE = "<title>Sorry</title><h1>This post has been removed by a moderator</h1><a href='/'>Home</a>"
LOGIN_WALL = (
    "<title>Log in</title><h1>Log in to see this page</h1>"
    "<form><input name=user><input type=password name=secret></form>"
)
# Bytes that change when somebody decodes them and writes them down again.
IN_OTHER_LETTERS = {
    "/latin": ("text/html; charset=iso-8859-1", "<title>Café</title><p>Où? À Zürich, 5 €</p>".encode("cp1252")),
    "/cyrillic": (
        "text/html",
        "<meta charset=windows-1251><title>Дом</title><p>Улица Примера, 12</p>".encode("cp1251"),
    ),
    "/with-a-mark": ("text/html; charset=utf-8", b"\xef\xbb\xbf<title>Mark</title><p>At the start.</p>"),
    "/broken-letters": ("text/html; charset=utf-8", b"<title>Broken</title><p>half a letter: \xc3\x28 \xff</p>"),
    "/wide": ("text/html; charset=utf-16", "<title>Wide</title><p>Zwei Bytes je Zeichen</p>".encode("utf-16")),
}
HTML = "text/html; charset=utf-8"
METADATA_SERVICE = "http://169.254.169.254/latest/meta-data/"


class Visitor(BaseHTTPRequestHandler):
    """One connection of a browser to the site."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.site.asked.append(self.path)
        answer = self.server.site.pages.get(self.path.partition("?")[0])
        with suppress(OSError):
            if answer is None:
                self.say("<title>Not found</title><h1>There is no such page</h1>", status=404)
            else:
                answer(self)

    def do_POST(self) -> None:
        self.do_GET()

    def say(self, content: str | bytes, kind: str = HTML, *, status: int = 200, **headers: str) -> None:
        """headers: with _ for -"""
        body = content.encode() if isinstance(content, str) else content
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  named by the library
        """Nothing: a test that fails shows what was asked for."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    site: Site

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: browsers hang up in the middle, and that is what is tested."""


@dataclass
class Site:
    """pages: path -> answer, and may be changed between two captures. asked: the paths, in order."""

    port: int
    scheme: str = "http"
    pages: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def at(self, path: str) -> str:
        return f"{self.scheme}://{self.place}{path}"

    def show(self, path: str, content: str | bytes, kind: str = HTML, **more: object) -> None:
        self.pages[path] = lambda visitor: visitor.say(content, kind, **more)  # type: ignore[arg-type]


@contextmanager
def a_site(*, other: str = "127.0.0.1:9", encrypted: bool = False) -> Iterator[Site]:
    """The site, as long as the block lasts. other: a place beside it that pages try to reach."""
    server = Server(("127.0.0.1", 0), Visitor)
    server.site = site = Site(server.server_address[1])
    if encrypted:
        site.scheme = "https"
        server.socket = _encryption().wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    _furnish(site, other)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def picture(seed: int = 7, side: int = 64) -> bytes:
    """A PNG of noise, large enough to matter."""
    import numpy as np
    from PIL import Image

    drawn = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)).save(drawn, "PNG")
    return drawn.getvalue()


def _furnish(site: Site, other: str) -> None:
    show, pages = site.show, site.pages
    show("/", "<title>Example forum</title><h1>Example forum</h1><p>Welcome.</p>")
    show("/post", POST)
    show("/front-door.png", picture(), "image/png")
    show("/packed", gzip.compress(POST.encode()), Content_Encoding="gzip")
    for path, (kind, content) in IN_OTHER_LETTERS.items():
        show(path, content, kind)
    show("/letters", "<title>Letters</title>" + "".join(f"<iframe src={path}></iframe>" for path in IN_OTHER_LETTERS))
    show("/first", "", status=302, Location="/second")
    show("/second", "moved", status=301, Location="/post")
    show("/around", "", status=302, Location="/around")
    show("/to-metadata", "", status=302, Location=METADATA_SERVICE)
    show("/removed", REMOVED_NOTICE)
    show("/wall", LOGIN_WALL)
    show("/empty-404", "", status=404)
    show("/busy", "<title>Busy</title>try later", status=503)
    show("/big", "<title>Big</title><p>before</p><script src=/filler.js></script><p>after</p>")
    show("/filler.js", b"//" + b"x" * (6 << 20), "text/javascript")
    show("/script-without-end", "<title>Loop</title><p>Said before the loop.</p><script>while (true) {}</script>")
    show("/body-without-end", "<title>Slow</title><p>Shown at once.</p><img src=/drip.png>")
    show("/page-without-end", "")
    pages["/drip.png"] = _drip("image/png", b"\x89PNG\r\n\x1a\n")
    pages["/page-without-end"] = _drip("text/html", b"<title>Drip</title><p>The first of many lines.</p>" + b" " * 2048)
    show(
        "/requests-without-end",
        "<title>Ask</title><p>Asking.</p><script>let n = 0; setInterval(() => fetch('/?' + n++), 1)</script>",
    )
    show(
        "/scroll-without-end",
        "<title>Scroll</title><div style='height:3000px'>top</div><script>addEventListener('scroll', () => {"
        "const more = document.createElement('p'); more.style.height = '3000px'; more.textContent = 'more';"
        "document.body.append(more); })</script>",
    )
    show("/frames", "<title>Frames</title><p>Around.</p><iframe src=/inside></iframe>")
    show("/inside", "<title>Inside</title><p>Said inside the frame.</p>")
    show("/popup", "<title>Popup</title><p>Opener.</p><script>window.open('/opened'); alert('stay')</script>")
    show("/opened", "<title>Opened</title><p>Another window.</p>")
    show("/download", b"\0" * 4096, "application/octet-stream", Content_Disposition="attachment; filename=x.bin")
    show(
        "/inward",
        f"<title>Inward</title><p>Reaching inward.</p><img src='{METADATA_SERVICE}'><img src='http://{other}/secret.png'>"
        f"<iframe src='http://{other}/'></iframe><script>"
        f"for (const place of ['{METADATA_SERVICE}', 'http://{other}/', 'http://[::1]:{site.port}/', 'http://10.0.0.1/',"
        f" 'http://2130706433:{other.rpartition(':')[2]}/', 'http://127.0.0.1:22/', 'http://localhost:{site.port}/'])"
        " fetch(place, {mode: 'no-cors'}).then(() => document.title = 'reached ' + place).catch(() => 0);"
        f"try {{ new WebSocket('ws://{other}/') }} catch {{}}"
        f"try {{ const call = new RTCPeerConnection({{iceServers: [{{urls: 'stun:{other}'}}]}});"
        " call.createDataChannel('x'); call.createOffer().then(offer => call.setLocalDescription(offer)) } catch {}"
        "navigator.serviceWorker && navigator.serviceWorker.register('/worker.js').catch(() => 0);"
        "fetch('file:///etc/passwd').then(() => document.title = 'read a file').catch(() => 0);"
        "</script>",
    )
    show("/worker.js", "self.addEventListener('fetch', () => 0)", "text/javascript")


def _drip(kind: str, start: bytes) -> Answer:
    """A body that goes on and on, a little at a time."""

    def answer(visitor: Visitor) -> None:
        visitor.send_response(200)
        visitor.send_header("Content-Type", kind)
        visitor.send_header("Connection", "close")
        visitor.end_headers()
        visitor.wfile.write(start)
        for _ in range(1_200):
            visitor.wfile.write(b"<p>line</p>" if kind == "text/html" else b"\0")
            visitor.wfile.flush()
            time.sleep(0.05)
        visitor.close_connection = True

    return answer


def _encryption() -> ssl.SSLContext:
    """With a certificate that the site made for itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "forum.example.org")])
    begins = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(4711)
        .not_valid_before(begins)
        .not_valid_after(begins + datetime.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "site.pem"
        plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write_bytes(key.private_bytes(*plain) + certificate.public_bytes(serialization.Encoding.PEM))
        context.load_cert_chain(file)
    return context

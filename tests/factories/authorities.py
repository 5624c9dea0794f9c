"""A time-stamp authority of one's own: OpenSSL answers, over local HTTP where asked to.

``Authority(folder)`` makes a root, an intermediate and a signing certificate, and answers RFC 3161 requests with
``openssl ts -reply``. ``chain``: whether its tokens carry the intermediate too (then their certificates are not always
in DER order, as with several authorities in use). ``serving()`` puts it behind a local port; ``answer_with`` makes the
next answers what a broken or hostile authority would send.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

POLICY = "1.3.6.1.4.1.99999.3161.1"
REQUEST = "application/timestamp-query"
REPLY = "application/timestamp-reply"

CONFIGURATION = """\
[tsa]
default_tsa = this
[this]
dir = {folder}
serial = $dir/serial
crypto_device = builtin
signer_cert = $dir/signer.pem
{chain}
signer_key = $dir/signer.key
signer_digest = sha256
default_policy = {policy}
digests = {digests}
accuracy = secs:1, millisecs:500
clock_precision_digits = {digits}
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = {ess}
"""


@dataclass(frozen=True)
class _Certified:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


@dataclass
class Authority:
    """One authority in a folder of its own.

    valid_from, valid_to: of the signing certificate
    purpose:              its extended key usage; only time-stamping will do
    digests:              which it accepts
    """

    folder: Path
    name: str = "Time Office of Examplia"
    chain: bool = True
    valid_from: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(days=30))
    valid_to: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(days=365))
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.TIME_STAMPING
    digests: str = "sha256, sha512"
    ess: str = "sha256"
    digits: int = 0
    roots_with_intermediate: bool = False
    url: str = ""
    requests: list[bytes] = field(default_factory=list)
    _faults: list[Callable[[BaseHTTPRequestHandler, bytes], None]] = field(default_factory=list)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        root = _certify(f"{self.name} Root", None, authority=True)
        intermediate = _certify(f"{self.name} Intermediate", root, authority=True)
        signer = _certify(
            f"{self.name} Signer",
            intermediate,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            purpose=self.purpose,
        )
        self.intermediate = intermediate.certificate
        self.root = root.certificate
        self.signer = signer.certificate
        roots = _pem(root) + (_pem(intermediate) if self.roots_with_intermediate else b"")
        (self.folder / "roots.pem").write_bytes(roots)
        (self.folder / "chain.pem").write_bytes(_pem(intermediate))
        (self.folder / "signer.pem").write_bytes(_pem(signer))
        key = signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self.folder / "signer.key").write_bytes(key)
        (self.folder / "serial").write_text("0100\n")
        (self.folder / "tsa.cnf").write_text(
            CONFIGURATION.format(
                folder=self.folder,
                chain="certs = $dir/chain.pem" if self.chain else "",
                policy=POLICY,
                digests=self.digests,
                digits=self.digits,
                ess=self.ess,
            )
        )

    @property
    def roots(self) -> Path:
        return self.folder / "roots.pem"

    def reply(self, request: bytes) -> bytes:
        """The DER answer to a DER request, by OpenSSL."""
        with self._turn:
            query, answer = self.folder / "query.tsq", self.folder / "answer.tsr"
            query.write_bytes(request)
            answer.unlink(missing_ok=True)
            subprocess.run(
                ["openssl", "ts", "-reply", "-config", self.folder / "tsa.cnf", "-queryfile", query, "-out", answer],
                check=False,
                capture_output=True,
            )
            return answer.read_bytes()

    def answer_with(self, *faults: Callable[[BaseHTTPRequestHandler, bytes], None]) -> None:
        """Answer the next requests like this, one fault each; then as it should be."""
        self._faults += faults

    @contextmanager
    def serving(self) -> Iterator[Authority]:
        """Behind a local port, at ``url``, until left."""
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                authority.requests.append(body)
                if authority._faults:
                    authority._faults.pop(0)(self, body)
                elif self.headers["Content-Type"] != REQUEST:
                    send(b"", status=415)(self, body)
                else:
                    send(authority.reply(body))(self, body)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}/stamp"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def setting(self) -> dict[str, str]:
        """As it stands in HABEAS_TIME_AUTHORITIES."""
        return {"name": self.name, "url": self.url, "roots": str(self.roots)}


def send(body: bytes, status: int = 200, **headers: str) -> Callable[[BaseHTTPRequestHandler, bytes], None]:
    """A fault: these bytes, whatever was asked."""

    def fault(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", REPLY)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return fault


def dawdle(seconds: float) -> Callable[[BaseHTTPRequestHandler, bytes], None]:
    """A fault: a byte now and then, never quite silent, never done."""

    def fault(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        until = time.monotonic() + seconds
        try:
            while time.monotonic() < until:
                handler.wfile.write(b"0")
                handler.wfile.flush()
                time.sleep(0.05)
        except OSError:
            return  # whoever asked has gone

    return fault


def _certify(
    name: str,
    issuer: _Certified | None,
    *,
    authority: bool = False,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    purpose: x509.ObjectIdentifier | None = None,
) -> _Certified:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "XA"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signed_by = issuer.key if issuer else key
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid_from or now - timedelta(days=4000))
        .not_valid_after(valid_to or now + timedelta(days=4000))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signed_by.public_key()), critical=False)
        .add_extension(_usage(authority), critical=True)
    )
    if purpose is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
    return _Certified(builder.sign(signed_by, SHA256()), key)


def _usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certified: _Certified) -> bytes:
    return certified.certificate.public_bytes(Encoding.PEM)

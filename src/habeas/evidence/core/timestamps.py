"""Time-stamps of RFC 3161: asking for one, and what an answer proves.

An authority signs that it saw a SHA-512 digest at an instant. Here every answer is checked whole before it counts: the
digest, the nonce of the request, the signature, that the signing certificate was meant for time-stamping, is the one
the signature commits to (RFC 5035) and led to a root we trust at the instant that was stamped.

Several authorities send their certificates in the order of the chain, where DER wants a set sorted; strict parsers
refuse that. ``with_sorted_certificates`` puts them in order for reading. They stand outside what is signed, and the
answer is kept as it came.
Sources: RFC 3161 (2.4), RFC 5816, RFC 5035, RFC 5652 (5.1), X.690 (11.6).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import rfc3161_client
from asn1crypto import algos, cms, core, tsp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

MOST_BYTES = 1 << 17
NONCE_BITS = 64
_SHA512 = "2.16.840.1.101.3.4.2.3"
# SHA-1 only names the certificate here; whoever could make a second one with its hash still has no key for ours.
_COMMITS_BY = {"sha1", "sha224", "sha256", "sha384", "sha512"}
_TST_INFO = "tst_info"
_GRANTED = 0
_STATUSES = {
    1: "granted something else than was asked for",
    2: "rejected the request",
    3: "has not decided yet",
    4: "warns that a revocation is near",
    5: "was revoked",
}
# These may be over the next time it is asked; the others (an algorithm it does not take, …) will not.
_PASSING = {"time_not_available", "add_info_not_available", "system_failure"}


class StampRefused(ValueError):
    """An answer that proves nothing. Its subclasses say why."""


class NotAStamp(StampRefused):
    """Not an RFC 3161 answer, or one that cannot be read."""


class Declined(StampRefused):
    """The authority answered that it gives no stamp.

    for_good: whether asking the same again is pointless
    """

    def __init__(self, message: str, *, for_good: bool) -> None:
        super().__init__(message)
        self.for_good = for_good


class OtherDigest(StampRefused):
    """A stamp, but of something else."""


class OtherNonce(StampRefused):
    """A stamp, but the answer to another request: an old one sent again, perhaps."""


class Untrusted(StampRefused):
    """The signature, or the certificate behind it, does not hold under the roots we trust."""


class NoRoot(ValueError):
    """The file of an authority's roots holds none."""


class _Answer(core.Sequence):  # type: ignore[misc]
    """TimeStampResp, with the token optional as RFC 3161 has it: a refusal carries none."""

    _fields = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]  # noqa: RUF012


@dataclass(frozen=True, slots=True)
class Roots:
    """Whom an authority's stamps must lead to.

    certificates:  signed by themselves
    intermediates: on the way to one, for tokens that leave them out
    """

    certificates: tuple[x509.Certificate, ...]
    intermediates: tuple[x509.Certificate, ...] = ()


@dataclass(frozen=True, slots=True)
class Verified:
    """What a checked stamp says.

    gen_time: the instant, in UTC, as precise as the authority gave it
    accuracy: how far it may be off, either way; None where the authority does not say
    serial:   the stamp's number, unique at its authority
    policy:   under which it was given, dotted
    signer:   the subject of the signing certificate (RFC 4514)
    signer_valid_until: after this instant the certificate's holder no longer vouches; renew the stamp before
    nonce:    of the request, None where there was none
    """

    gen_time: datetime
    accuracy: timedelta | None
    serial: int
    policy: str
    signer: str
    signer_valid_until: datetime
    nonce: int | None


@dataclass(frozen=True, slots=True)
class _Read:
    """The fields of an answer, nothing checked. ``cert_ids``: (hash name, hash) that the signature commits to."""

    gen_time: datetime
    accuracy: timedelta | None
    serial: int
    policy: str
    nonce: int | None
    hash_oid: str
    digest: bytes
    cert_ids: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class _Signer:
    """Of a signing certificate: its DER bytes, its subject (RFC 4514) and when it is valid."""

    encoded: bytes
    subject: str
    valid_from: datetime
    valid_until: datetime


def request(digest: bytes, nonce: int) -> bytes:
    """The DER request for a stamp over a digest, with the signing certificate wanted in the answer.

    digest: 64 bytes, SHA-512
    nonce:  random, above 0, below 2^64: by it the answer is known for the answer to this request
    """
    if len(digest) != 64:
        raise ValueError(f"a time-stamp is asked for a SHA-512 digest of 64 bytes, not {len(digest)}")
    if not 0 < nonce < 1 << NONCE_BITS:
        raise ValueError("a nonce lies above 0 and below 2^64")
    imprint = tsp.MessageImprint(
        {"hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha512"}), "hashed_message": digest}
    )
    asked = tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True})
    dumped: bytes = asked.dump()
    return dumped


def read_roots(pem: bytes) -> Roots:
    """The certificates of a PEM file: those signed by themselves are roots, others on the way. Raises NoRoot."""
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise NoRoot("no certificate in PEM form can be read") from error
    roots = tuple(one for one in found if one.subject == one.issuer)
    if not roots:
        raise NoRoot("none of the certificates is a root: one that signs itself is needed")
    return Roots(roots, tuple(one for one in found if one not in roots))


def verify(response: bytes, digest: bytes, roots: Roots, *, nonce: int | None = None) -> Verified:
    """What an answer proves of a digest.

    response: DER TimeStampResp exactly as it came
    digest:   64 bytes, SHA-512
    nonce:    of our request, where this answers one; None where a kept stamp is checked again
    Raises StampRefused in one of its kinds, and nothing else whatever the bytes are.
    """
    _require_granted(response)
    ordered = with_sorted_certificates(response)
    read = _read(ordered)
    if read.hash_oid != _SHA512 or read.digest != digest:
        raise OtherDigest("the time-stamp is over another digest")
    if nonce is not None and read.nonce != nonce:
        raise OtherNonce("the time-stamp answers another request: its nonce is not ours")
    signer = _signer(ordered, digest, roots, read)
    # Only the first names the signer; the others, where there are any, restrict the chain (RFC 5035, 5).
    name, expected = read.cert_ids[0] if read.cert_ids else ("", b"")
    if name not in _COMMITS_BY or hashlib.new(name, signer.encoded).digest() != expected:
        raise Untrusted("the time-stamp's signature commits to another certificate than the one it came with")
    return Verified(
        gen_time=read.gen_time,
        accuracy=read.accuracy,
        serial=read.serial,
        policy=read.policy,
        signer=signer.subject,
        signer_valid_until=signer.valid_until,
        nonce=read.nonce,
    )


def with_sorted_certificates(response: bytes) -> bytes:
    """The same answer with its set of certificates in DER order; unchanged where it was, or where nothing can be read.

    The certificates stand outside what is signed, so nothing that was signed changes.
    """
    try:
        found = _Answer.load(response, strict=True)["time_stamp_token"]["content"]["certificates"]
        were = [one.dump() for one in found]
        old = found.contents
    except Exception:
        return response
    new = b"".join(sorted(were))
    if not old or new == old or len(new) != len(old) or response.count(old) != 1:
        return response
    return response.replace(old, new)


def _require_granted(response: bytes) -> None:
    if len(response) > MOST_BYTES:
        raise NotAStamp(f"the answer is longer than {MOST_BYTES} bytes")
    try:
        answer = _Answer.load(response, strict=True)
        status = int(answer["status"]["status"])
        reasons = set(answer["status"]["fail_info"].native or ())
        has_token = not isinstance(answer["time_stamp_token"], core.Void)
    except Exception as error:  # the parser has no error of its own
        raise NotAStamp(f"the answer is not a time-stamp ({type(error).__name__})") from error
    if status != _GRANTED:
        why = ", ".join(sorted(str(reason).replace("_", " ") for reason in reasons))
        raise Declined(
            f"the authority {_STATUSES.get(status, f'answered with the unknown status {status}')}"
            + (f": {why}" if why else ""),
            # 2: it says no. Anything else, or a reason that passes, is worth another try.
            for_good=status == 2 and bool(reasons) and not reasons & _PASSING,
        )
    if not has_token:
        raise NotAStamp("the authority granted a time-stamp and sent none")


def _read(response: bytes) -> _Read:
    try:
        content = _Answer.load(response, strict=True)["time_stamp_token"]["content"]
        if content["encap_content_info"]["content_type"].native != _TST_INFO:
            raise ValueError("signed, but no time-stamp")
        info = content["encap_content_info"]["content"].parsed
        moment = info["gen_time"].native
        return _Read(
            gen_time=moment.astimezone(UTC),
            accuracy=_accuracy(info["accuracy"]),
            serial=int(info["serial_number"]),
            policy=info["policy"].dotted,
            nonce=info["nonce"].native,
            hash_oid=info["message_imprint"]["hash_algorithm"]["algorithm"].dotted,
            digest=info["message_imprint"]["hashed_message"].native,
            cert_ids=tuple(_cert_ids(content)),
        )
    except Exception as error:  # the parser has no error of its own
        raise NotAStamp(f"the time-stamp cannot be read ({type(error).__name__})") from error


def _accuracy(given: Any) -> timedelta | None:
    if given.native is None:
        return None
    part = {name: value or 0 for name, value in given.native.items()}
    return timedelta(seconds=part["seconds"], milliseconds=part["millis"], microseconds=part["micros"])


def _cert_ids(content: Any) -> list[tuple[str, bytes]]:
    """What the signature says of the certificate it was made with."""
    if len(content["signer_infos"]) != 1:
        raise ValueError("not one signature")
    for attribute in content["signer_infos"][0]["signed_attrs"]:
        if attribute["type"].native == "signing_certificate_v2":
            certs = attribute["values"][0]["certs"]
            return [(one["hash_algorithm"]["algorithm"].native, one["cert_hash"].native) for one in certs]
        if attribute["type"].native == "signing_certificate":
            return [("sha1", one["cert_hash"].native) for one in attribute["values"][0]["certs"]]
    return []


def _signer(response: bytes, digest: bytes, roots: Roots, read: _Read) -> _Signer:
    """The certificate that signed, after everything about the signature was checked at the instant stamped."""
    try:
        decoded = rfc3161_client.decode_timestamp_response(response)
        told = (decoded.tst_info.serial_number, decoded.tst_info.gen_time)
        (info,) = decoded.signed_data.signer_infos
        named = (info.issuer, info.serial_number)
        loaded = [x509.load_der_x509_certificate(one) for one in decoded.signed_data.certificates]
        signers = [_as_signer(one) for one in loaded if (one.issuer, one.serial_number) == named]
    except Exception as error:  # the parser's own errors are many: an unknown version, for one, is no ValueError
        raise NotAStamp(f"the time-stamp cannot be read ({type(error).__name__})") from error
    if told != (read.serial, read.gen_time.replace(microsecond=0)):
        raise NotAStamp("the time-stamp can be read in more than one way")
    if len(signers) != 1:
        raise Untrusted("the time-stamp does not carry the certificate it was signed with")
    try:
        rfc3161_client.VerifierBuilder(
            roots=list(roots.certificates), intermediates=list(roots.intermediates)
        ).build().verify(decoded, digest)
    except Exception as error:  # besides VerificationError, whatever reading the certificates raises
        gone = _out_of_date(signers[0], read.gen_time)
        raise Untrusted(gone or "the time-stamp's signature does not lead to a root of this authority") from error
    return signers[0]


def _as_signer(certificate: x509.Certificate) -> _Signer:
    return _Signer(
        certificate.public_bytes(Encoding.DER),
        certificate.subject.rfc4514_string(),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )


def _out_of_date(signer: _Signer, at: datetime) -> str:
    if at > signer.valid_until:
        return f"the signing certificate had expired on {signer.valid_until:%Y-%m-%d}, before the stamp"
    if at < signer.valid_from:
        return f"the signing certificate was not valid before {signer.valid_from:%Y-%m-%d}, after the stamp"
    return ""

"""What is written down of a capture: its details, and the list of pages in its package."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from statistics import median
from typing import Any, Final
from urllib.parse import urlsplit

from habeas.evidence.capture.guard import Report
from habeas.evidence.capture.seen import Exchange, Frame, Seen, is_ad_host
from habeas.evidence.core.page_difference import appearance, blocks_of, digest_of

MOST_MEDIA: Final = 500
MOST_CLOCKS: Final = 50
MOST_REDIRECTS: Final = 50
# A clock that is said to be off by more is a site's mistake or its joke.
_LARGEST_OFFSET_SECONDS: Final = 10 * 365 * 86_400
_MEDIA = ("image/", "video/", "audio/")
_NOBODYS = frozenset({"about:blank", "about:srcdoc"})


def what_it_shows(seen: Seen, url_asked: str) -> dict[str, Any]:
    """What page_difference compares two captures by: digests only, no words of the page."""
    answer = seen.answer
    status = answer.status if answer else None
    title = seen.pages[0].title if seen.pages else ""
    url_final = final_address(seen, url_asked)
    seems = appearance(
        status=status,
        title=title,
        texts=[block["text"] for frame in seen.shown for block in frame.blocks if not block["ad"]],
        url_asked=url_asked,
        # Of a way that ended nowhere it cannot be said that it ended at a front page.
        url_final=url_final if answer else url_asked,
        asks_password=any(frame.password for frame in seen.shown),
    )
    blocks = blocks_of(page_blocks(seen), with_text=False)
    return {
        "status": status,
        "url_final": url_final,
        "title_digest": digest_of("text", title),
        "blocks": [{"kind": block.kind, "digest": block.digest} for block in blocks],
        "media": media_of(seen),
        "seems": {"standing": seems.standing, "reason": seems.reason, "likelihood": seems.likelihood},
        "complete": not any(seen.incomplete.values()),
    }


def page_blocks(seen: Seen) -> list[dict[str, Any]]:
    """The blocks of all frames that a visitor sees; who wrote and when, where the page says so for machines."""
    found: list[dict[str, Any]] = []
    for frame in seen.shown:
        found += [{"kind": "author", "text": frame.author, "ad": False}] if frame.main and frame.author else []
        found += [{"kind": "time", "text": frame.published, "ad": False}] if frame.main and frame.published else []
        found += frame.blocks
    return found


def media_of(seen: Seen) -> list[dict[str, Any]]:
    """Pictures, sound and film that came whole, each once."""
    found: dict[str, dict[str, Any]] = {}
    for one in seen.exchanges:
        if one.status != 200 or one.cut or not one.media_type.startswith(_MEDIA) or is_ad_host(one.url):
            continue
        if urlsplit(one.url).path == "/favicon.ico":
            continue  # the site's own sign, whatever page is looked at
        sha256 = hashlib.sha256(one.body).hexdigest()
        found.setdefault(
            sha256, {"url": one.url, "media_type": one.media_type, "sha256": sha256, "size": len(one.body)}
        )
    return sorted(found.values(), key=lambda one: str(one["sha256"]))[:MOST_MEDIA]


def final_address(seen: Seen, url_asked: str) -> str:
    """Where the visit stood at the end; a page may have given itself another address without being fetched anew."""
    if seen.pages and seen.pages[0].url not in _NOBODYS:
        return seen.pages[0].url
    return seen.way[-1].url if seen.way else url_asked


def redirects(seen: Seen) -> list[dict[str, Any]]:
    """The way to the page, by the site's answers and by its scripts. status: None where no answer came"""
    return [
        {"url": one.url, "status": one.status, "to": next_one.url}
        for one, next_one in zip(seen.way, seen.way[1:], strict=False)
    ][:MOST_REDIRECTS]


def chains(seen: Seen) -> list[dict[str, Any]]:
    """The certificates that each origin on the way to the page showed, its own first."""
    return [
        {"origin": origin, "certificates": [certificate(der) for der in ders]}
        for origin, ders in sorted(seen.chains.items())
        if ders
    ]


def certificate(der: bytes) -> dict[str, str]:
    """Who it is for, who signed it, from when until when, and its SHA-256; only the hash where it cannot be read."""
    from cryptography import x509

    known = {"sha256": hashlib.sha256(der).hexdigest()}
    try:
        read = x509.load_der_x509_certificate(der)
        return {
            "subject": read.subject.rfc4514_string(),
            "issuer": read.issuer.rfc4514_string(),
            "not_before": read.not_valid_before_utc.isoformat(),
            "not_after": read.not_valid_after_utc.isoformat(),
            **known,
        }
    except ValueError:
        return known


def clock_offset(exchanges: Iterable[Exchange]) -> tuple[float, str] | None:
    """(seconds by which the sites' clocks were ahead of ours, what that rests on); None where no site told the time.

    Answers from a store on the way (with an Age) tell an older time. A Date header leaves out the fraction of its
    second.
    """
    offsets, hosts = [], set()
    for one in exchanges:
        said = {name.lower(): value for name, value in one.answered}
        if one.cached or one.answered_at is None or "age" in said or "date" not in said:
            continue
        try:
            told = parsedate_to_datetime(said["date"])
        except ValueError:
            continue
        told = told if told.tzinfo else told.replace(tzinfo=UTC)
        middle = one.at + (one.answered_at - one.at) / 2
        offset = (told - middle).total_seconds() + 0.5
        if abs(offset) < _LARGEST_OFFSET_SECONDS:
            offsets.append(offset)
            hosts.add(urlsplit(one.url).hostname)
        if len(offsets) == MOST_CLOCKS:
            break
    if not offsets:
        return None
    count, many = len(offsets), len(hosts)
    source = f"HTTP Date headers: the middle of {count} answer(s) of {many} host(s), each exact to a second"
    return round(median(offsets), 2), source


def places(report: Report, seen: Seen) -> dict[str, Any]:
    """What was spoken to, and what was refused."""
    refused = [{"place": one.place, "why": one.why, "private": one.unsafe} for one in report.refusals]
    return {
        "addresses": dict(sorted(report.addresses.items())),
        "refused": refused + [{"url": url, "why": why, "private": False} for url, why in seen.blocked],
        "sockets": seen.sockets,
    }


def counts(report: Report, seen: Seen) -> dict[str, int]:
    return {
        "exchanges": len(seen.exchanges),
        "answers": sum(one.status is not None for one in seen.exchanges),
        "failed": sum(bool(one.failed) for one in seen.exchanges),
        "cut": sum(bool(one.cut) for one in seen.exchanges),
        "frames": len(seen.frames),
        "bytes_in": report.bytes_in,
        "bytes_out": report.bytes_out,
        "connections": report.connections,
    }


def text_of(frames: Sequence[Frame]) -> str:
    """What a visitor could read, a block a line."""
    return "\n".join(block["text"] for frame in frames for block in frame.blocks)


def list_of_pages(seen: Seen, *, at: datetime, media: list[dict[str, Any]]) -> bytes:
    """pages.jsonl: the page under the address that was asked for, with its text and the blocks to compare it by."""
    first = seen.way[0].url
    page = {
        "id": hashlib.sha256(f"{first}\n{at.isoformat()}".encode()).hexdigest()[:22],
        "url": first,
        "title": seen.pages[0].title if seen.pages else "",
        "ts": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "text": text_of(seen.shown),
        "habeas": {"blocks": page_blocks(seen), "media": media},
    }
    head = {"format": "json-pages-1.0", "id": "pages", "title": "Captured page", "hasText": True}
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in (head, page))

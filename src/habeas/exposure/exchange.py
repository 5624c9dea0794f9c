"""Talking to services that share picture hashes. Nothing here is called by itself: a person asks for each exchange.

Only HTTPS, no redirects (they would carry the token elsewhere), every answer bounded in size and time. What can be
asked twice without harm is asked again, after a pause that doubles, or the one the service names.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPMessage
from typing import IO, TYPE_CHECKING, Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from habeas.exposure import actions
from habeas.exposure.core import hash_exchange
from habeas.exposure.core.hash_exchange import (
    HMA_PDQ,
    Feedback,
    HashRecord,
    HmaBank,
    HmaContent,
    HmaMatch,
    Page,
    UnreadableExchange,
)
from habeas.kernel import clock

if TYPE_CHECKING:
    from habeas.exposure.models import HashBank

TIMEOUT_SECONDS = 30.0
# For the whole answer: a service that sends a byte a minute never runs into the one above.
ANSWER_SECONDS = 120.0
MOST_BYTES = 32_000_000
TRIES = 5
LONGEST_PAUSE_SECONDS = 120.0
MOST_PAGES = 100_000
PAGE_RECORDS = 800
SUBMITTED_AT_ONCE = 500

_TRY_AGAIN = frozenset({429, 500, 502, 503, 504})
# The only refusal that says for sure that nothing was done: what must not happen twice is asked again after it alone.
_NOTHING_DONE = frozenset({429})
_CHUNK_BYTES = 65_536
_Answer = TypeVar("_Answer")


class ExchangeFailed(RuntimeError):
    """A service could not be asked. The message says which, what it answered and what to do. ``status``: 0 for none"""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class _CutOff(Exception):
    """An answer that ended before it was whole."""


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


class Service:
    """One address to which requests go, and how patiently."""

    def __init__(
        self,
        base: str,
        headers: Mapping[str, str] | None = None,
        *,
        allow_http: bool = False,
        timeout_seconds: float = TIMEOUT_SECONDS,
        most_bytes: int = MOST_BYTES,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """allow_http: for tests and for a service on this very machine. Raises ExchangeFailed for an unfit address."""
        parts = urlsplit(base)
        if parts.scheme != "https" and not (allow_http and parts.scheme == "http"):
            raise ExchangeFailed(f"{base[:100]!r} does not begin with https://, and hashes travel no other way")
        if not parts.hostname or parts.username or parts.query or parts.fragment:
            raise ExchangeFailed(f"{parts.hostname or 'the address'}: write it as https://host/path, with nothing else")
        self.base, self.host = base.rstrip("/"), parts.netloc
        self._headers = {"Accept": "application/json", "User-Agent": "habeas", **(headers or {})}
        self._timeout_seconds, self._most_bytes, self._pause = timeout_seconds, most_bytes, pause
        self._opener = build_opener(_NoRedirects)

    def get(self, path: str, query: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None) -> bytes:
        return self._asked("GET", path, query, None, headers)

    def post(self, path: str, content: Any, headers: Mapping[str, str] | None = None) -> bytes:
        return self._asked("POST", path, None, json.dumps(content).encode(), headers)

    def delete(self, path: str) -> bytes:
        return self._asked("DELETE", path, None, None, None)

    def what(self, path: str) -> str:
        """The request in messages: without the query, in which a hash may stand."""
        return f"{self.host}{path}"

    def _asked(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: bytes | None,
        headers: Mapping[str, str] | None,
    ) -> bytes:
        address = f"{self.base}{path}" + (f"?{urlencode(query)}" if query else "")
        kind = {"Content-Type": "application/json"} if body is not None else {}
        may_repeat = method != "POST"
        for tried in range(1, TRIES + 1):
            request = Request(address, body, {**self._headers, **kind, **(headers or {})}, method=method)  # noqa: S310
            try:
                return self._answer(request)
            except HTTPError as refusal:
                with refusal:
                    again = refusal.code in (_TRY_AGAIN if may_repeat else _NOTHING_DONE)
                    failure = ExchangeFailed(f"{self.what(path)} answered {_told(refusal.code)}", refusal.code)
                    asked_for = _retry_after(refusal.headers.get("Retry-After"))
            except (_CutOff, HTTPException, URLError, OSError) as trouble:
                again, asked_for = may_repeat, None
                failure = ExchangeFailed(f"{self.what(path)} cannot be reached or broke off ({_cause(trouble)})")
            if not again or tried == TRIES:
                raise ExchangeFailed(f"{failure}{f', {tried} times' if tried > 1 else ''}", failure.status)
            if asked_for is not None and asked_for > LONGEST_PAUSE_SECONDS:
                raise ExchangeFailed(f"{failure} and asks for {asked_for:.0f} seconds of patience", failure.status)
            self._pause(_backoff(tried) if asked_for is None else asked_for)
        raise AssertionError("every try either answers or raises")

    def _answer(self, request: Request) -> bytes:
        until = time.monotonic() + ANSWER_SECONDS
        content = bytearray()
        with self._opener.open(request, timeout=self._timeout_seconds) as response:
            length = response.headers.get("Content-Length")
            while chunk := response.read1(_CHUNK_BYTES):
                content += chunk
                if len(content) > self._most_bytes:
                    raise ExchangeFailed(f"{self.host} answered more than {self._most_bytes:,} bytes: nothing was read")
                if time.monotonic() > until:
                    raise ExchangeFailed(f"{self.host} took more than {ANSWER_SECONDS:.0f} seconds to answer")
        if length and length.isdecimal() and len(content) != int(length):
            raise _CutOff(f"{len(content)} of {length} bytes")
        return bytes(content)


class StopNcii:
    """The hash exchange of StopNCII, API v1.

    token:     the subscription key; function_keys: of each endpoint, where the service gave some
    """

    def __init__(
        self, base: str, token: str, *, function_keys: Mapping[str, str] | None = None, **patience: Any
    ) -> None:
        self.service = Service(base, {"Ocp-Apim-Subscription-Key": token}, **patience)
        self._function_keys = dict(function_keys or {})

    def fetch_pages(self, since: int = 0, next_page: str = "", page_records: int = PAGE_RECORDS) -> Iterator[Page]:
        """All that changed since an instant (whole seconds since 1970), page by page. Raises ExchangeFailed.

        next_page: go on where an earlier fetch of the same ``since`` stopped
        """
        seen = {next_page}
        for _ in range(MOST_PAGES):
            query = {"startTimestamp": since, "pageSize": page_records}
            answer = self._get("FetchHashes", {**query, "nextPageToken": next_page} if next_page else query)
            page = _read(hash_exchange.read_page, answer, self.service.what("/FetchHashes"))
            yield page
            if not page.has_more:
                return
            next_page = page.next_page
            if next_page in seen:
                raise ExchangeFailed(f"{self.service.what('/FetchHashes')} leads in a circle: page {len(seen)} again")
            seen.add(next_page)
        raise ExchangeFailed(f"{self.service.what('/FetchHashes')} has more than {MOST_PAGES:,} pages")

    def submit(self, records: Sequence[HashRecord]) -> None:
        """Hand records to the service. Raises ExchangeFailed; what went before in portions of 500 stays handed in."""
        for start in range(0, len(records), SUBMITTED_AT_ONCE):
            self._post("SubmitHashes", hash_exchange.write_submission(records[start : start + SUBMITTED_AT_ONCE]))

    def feedback(self, feedback: Mapping[str, Feedback]) -> None:
        """Tell the service what this house holds of hashes it shares. feedback: hash value -> what is said"""
        said = list(feedback.items())
        for start in range(0, len(said), SUBMITTED_AT_ONCE):
            self._post("SubmitFeedback", hash_exchange.write_feedback(dict(said[start : start + SUBMITTED_AT_ONCE])))

    def _get(self, endpoint: str, query: Mapping[str, Any]) -> bytes:
        return self.service.get(f"/{endpoint}", query, self._key_of(endpoint))

    def _post(self, endpoint: str, content: Any) -> None:
        self.service.post(f"/{endpoint}", content, self._key_of(endpoint))

    def _key_of(self, endpoint: str) -> dict[str, str]:
        key = self._function_keys.get(endpoint)
        return {"x-functions-key": key} if key else {}


class Hma:
    """A Hasher-Matcher-Actioner, asked by hashes made here: no picture leaves the house."""

    def __init__(self, base: str, *, headers: Mapping[str, str] | None = None, **patience: Any) -> None:
        """headers: what the proxy in front of it asks for; an HMA itself knows no accounts"""
        self.service = Service(base, headers, **patience)

    def lookup(self, bits: bytes, banks: Sequence[str] = ()) -> tuple[HmaMatch, ...]:
        """What its banks, or those named, hold near a PDQ hash."""
        query = {"signal_type": HMA_PDQ, "signal": bits.hex()}
        if banks:
            query["banks"] = ",".join(map(hash_exchange.hma_bank_name, banks))
        return self._read(hash_exchange.read_hma_lookup, "/m/lookup", query)

    def banks(self) -> tuple[HmaBank, ...]:
        return self._read(hash_exchange.read_hma_banks, "/c/banks")

    def content(self, bank: str, content_id: int) -> HmaContent:
        return self._read(hash_exchange.read_hma_content, _content(bank, content_id), {"include_signals": "true"})

    def add(self, bank: str, bits: bytes) -> HmaContent:
        """Put a PDQ hash into a bank; the content that it became there."""
        path = f"{_bank(bank)}/signal"
        answer = self.service.post(path, hash_exchange.write_hma_hashes(bits.hex()))
        return _read(hash_exchange.read_hma_content, answer, self.service.what(path))

    def remove(self, bank: str, content_id: int) -> bool:
        """Take a content out of a bank; whether it was there. Asked again, it is not there any more."""
        path = _content(bank, content_id)
        return _read(hash_exchange.read_hma_deleted, self.service.delete(path), self.service.what(path)) > 0

    def _read(self, reader: Callable[[bytes], _Answer], path: str, query: Mapping[str, str] | None = None) -> _Answer:
        return _read(reader, self.service.get(path, query), self.service.what(path))


def fetch_into(bank: HashBank, client: StopNcii, *, by: object) -> list[actions.Imported]:
    """Take in all that a service changed since the last time; what each page brought. Raises ExchangeFailed.

    Each page stands by itself: broken off, it goes on with the next page another time, or, where the service forgot
    its token by then, with the same set from its start.
    """
    begun_at = bank.next_page
    try:
        return _pages_into(bank, client, begun_at, by)
    except ExchangeFailed as failure:
        if not begun_at or failure.status not in {400, 404, 410}:
            raise
        return _pages_into(bank, client, "", by)


def _pages_into(bank: HashBank, client: StopNcii, next_page: str, by: object) -> list[actions.Imported]:
    pages = client.fetch_pages(bank.next_set, next_page)
    return [actions.import_page(bank, page, by=by, at=clock.now()) for page in pages]


def _read(reader: Callable[[bytes], _Answer], answer: bytes, what: str) -> _Answer:
    try:
        return reader(answer)
    except UnreadableExchange as fault:
        raise ExchangeFailed(f"{what} answered what cannot be read: {fault}") from fault


def _bank(name: str) -> str:
    return f"/c/bank/{quote(hash_exchange.hma_bank_name(name))}"


def _content(bank: str, content_id: int) -> str:
    return f"{_bank(bank)}/content/{content_id:d}"


def _retry_after(said: str | None) -> float | None:
    """Seconds to wait, as the service asks for them: as a number or as a date. None: it did not."""
    if not said:
        return None
    if said.strip().isdecimal():
        return float(said)
    try:
        until: datetime = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max(0.0, (until - clock.now()).total_seconds()) if until.tzinfo else None


def _backoff(tried: int) -> float:
    """0.5, 1, 2, 4 … seconds, each a little more or less, so that many who wait do not come back all at once."""
    return 0.5 * 2.0 ** (tried - 1) * random.uniform(0.8, 1.2)  # noqa: S311 - nobody gains by guessing it


def _told(status: int) -> str:
    advice = {
        301: " (moved): ask for its new address",
        302: " (moved): ask for its new address",
        307: " (moved): ask for its new address",
        308: " (moved): ask for its new address",
        401: " (not known): check the token",
        403: " (not allowed): check the token and what it may do",
        404: " (not found): check the address and the names",
        429: " (too many requests)",
    }
    return f"{status}{advice.get(status, '')}"


def _cause(trouble: BaseException) -> str:
    """The kind of trouble, without what a service may have written into it."""
    reason = getattr(trouble, "reason", trouble)
    if isinstance(trouble, _CutOff):
        return f"only {trouble} came"
    return getattr(reason, "strerror", None) or type(reason).__name__

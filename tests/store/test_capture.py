"""Pages captured with a real browser: whole, bounded, never inward, and compared with what was there before."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from factories.people import member
from factories.reports import intake
from factories.sites import ADDED, IN_OTHER_LETTERS, METADATA_SERVICE, POST, Site, a_site, picture
from factories.storage import files_under, in_clear, stored_values
from habeas.cases.actions import open_case
from habeas.cases.models import Posting
from habeas.evidence import queries
from habeas.evidence.actions import Reason
from habeas.evidence.capture import CannotCapture, Capture, CaptureSettings, capture_page, capturing
from habeas.evidence.capture.capturing import _running_in
from habeas.evidence.core.block_digests import Counts, compare
from habeas.evidence.core.page_difference import judge_page, look_from_details, shared_digests
from habeas.evidence.core.wacz import Package, check_package
from habeas.journey import capture as journey

WORDS = ("Example Street", "555-0142", "night_owl_77", "Look where they live", "Everybody should know")
PRESERVE = Reason("preserve", "legal_claim")


@pytest.fixture(scope="module", autouse=True)
def chromium() -> None:
    if shutil.which("chromium") is None:
        pytest.skip("no Chromium found: install Debian's chromium to run the capture tests")


@pytest.fixture(scope="module")
def beside() -> Iterator[Site]:
    """Somebody on this machine whom no page may reach."""
    with a_site() as site:
        yield site


@pytest.fixture(scope="module")
def site(beside) -> Iterator[Site]:
    with a_site(other=beside.place) as site:
        yield site


@pytest.fixture(scope="module")
def secure() -> Iterator[Site]:
    with a_site(encrypted=True) as site:
        yield site


def capture(site: Site, path: str, folder: Path, **more: object) -> Capture:
    chosen = {"max_seconds": 8.0, "allow_private": {site.place}, **more}
    return capture_page(site.at(path), CaptureSettings(**chosen), folder)  # type: ignore[arg-type]


def package_of(taken: Capture) -> Package:
    assert taken.wacz is not None
    return check_package(taken.wacz.read_bytes())


def records_of(taken: Capture) -> list[dict[str, object]]:
    """All records as warcio reads them, each with its digests checked by warcio."""
    from warcio.archiveiterator import ArchiveIterator

    read = []
    for record in ArchiveIterator(io.BytesIO(package_of(taken).files["archive/data.warc.gz"]), check_digests="raise"):
        body = record.raw_stream.read()
        assert record.digest_checker.passed is True
        read.append(
            {
                "type": record.rec_type,
                "url": record.rec_headers.get_header("WARC-Target-URI"),
                "body": body,
                "warc": dict(record.rec_headers.headers),
                "line": record.http_headers and record.http_headers.statusline,
                "http": dict(record.http_headers.headers) if record.http_headers else {},
            }
        )
    return read


def one(records: list[dict[str, object]], kind: str, url: str) -> dict[str, object]:
    (found,) = [record for record in records if (record["type"], record["url"]) == (kind, url)]
    return found


# ----------------------------------------------------------------------------------------------------- a page, whole


@pytest.fixture(scope="module")
def whole(secure, tmp_path_factory) -> Capture:
    """The post, reached by two redirects over an encrypted connection whose certificate nobody vouches for."""
    return capture(secure, "/first", tmp_path_factory.mktemp("whole"))


def test_the_package_is_valid_to_the_reference_tool_and_to_ours(whole):
    wacz = Path(sys.executable).with_name("wacz")
    assert subprocess.run([wacz, "validate", "-f", whole.wacz], capture_output=True, check=False).returncode == 0
    content = whole.wacz.read_bytes()
    assert (hashlib.sha256(content).hexdigest(), hashlib.sha512(content).hexdigest()) == (whole.sha256, whole.sha512)
    assert whole.size_bytes == len(content)
    assert check_package(content).title == "Look where they live"


def test_every_exchange_is_in_the_record_with_its_request_and_its_answer(whole, secure):
    records = records_of(whole)
    for path, line in {"/first": "302 Found", "/second": "301 Moved Permanently", "/post": "200 OK"}.items():
        answer, request = (one(records, kind, secure.at(path)) for kind in ("response", "request"))
        assert answer["line"] == line
        assert request["line"] == f"{path} HTTP/1.1"
        assert request["http"]["Host"] == secure.place
        assert request["warc"]["WARC-Concurrent-To"] == answer["warc"]["WARC-Record-ID"]
        assert answer["warc"]["WARC-IP-Address"] == "127.0.0.1"
        assert abs(datetime.fromisoformat(answer["warc"]["WARC-Date"]) - whole.started_at) < timedelta(minutes=5)
    post = one(records, "response", secure.at("/post"))
    assert post["body"] == POST.encode()
    assert post["http"]["Server"].startswith("BaseHTTP")
    assert one(records, "response", secure.at("/front-door.png"))["body"] == picture()
    # What a redirect says beside its address, browsers throw away: that it is missing is said.
    moved = one(records, "response", secure.at("/second"))
    assert (moved["warc"]["WARC-Truncated"], moved["http"]["X-Archive-Orig-Content-Length"]) == ("unspecified", "5")


def test_picture_document_text_and_certificates_are_in_the_record(whole, secure):
    from cryptography import x509
    from PIL import Image

    records = records_of(whole)
    first = secure.at("/first")
    seen = Image.open(io.BytesIO(one(records, "resource", f"urn:view:{first}")["body"]))
    assert (seen.format, seen.width) == ("PNG", 1280)
    assert len(seen.convert("RGB").getcolors(1 << 20)) > 10, "the picture shows something"
    assert b"12 Example Street" in one(records, "resource", f"urn:dom:{first}")["body"]
    assert b"12 Example Street" in one(records, "resource", f"urn:text:{first}")["body"]
    pem = one(records, "resource", f"urn:tls:{secure.at('')}")["body"]
    (certificate,) = x509.load_pem_x509_certificates(pem)
    (chain,) = whole.details()["tls"]
    assert chain["certificates"] == [
        {
            "subject": "CN=forum.example.org",
            "issuer": "CN=forum.example.org",
            "not_before": "2026-01-01T00:00:00+00:00",
            "not_after": certificate.not_valid_after_utc.isoformat(),
            "sha256": hashlib.sha256(certificate.public_bytes(_der())).hexdigest(),
        }
    ]


def _der() -> object:
    from cryptography.hazmat.primitives.serialization import Encoding

    return Encoding.DER


def test_the_index_is_what_the_reference_indexer_makes_of_the_same_file(whole):
    """The reference has what ours has, but for the record type and the size of the last record of a run."""
    from cdxj_indexer.main import CDXJIndexer

    files = package_of(whole).files
    made = io.StringIO()
    CDXJIndexer(made, [], sort=True).process_all()
    indexer = CDXJIndexer(made, [], sort=True, records="response,resource")
    indexer.output = made
    indexer.process_one(io.BytesIO(files["archive/data.warc.gz"]), made, "data.warc.gz")
    theirs = {tuple(line.split(" ", 2)[:2]): json.loads(line.split(" ", 2)[2]) for line in made.getvalue().splitlines()}
    ours = {}
    lines = files["indexes/index.cdxj"].decode().splitlines()
    for line in lines:
        key, at, said = line.split(" ", 2)
        ours[key, at] = json.loads(said)
    assert lines == sorted(lines)
    assert set(ours) == set(theirs)
    assert len(ours) >= 8
    for key, said in ours.items():
        assert said == theirs[key]


def test_the_list_of_pages_has_the_text_and_no_advertisement_counts(whole, secure):
    (page,) = package_of(whole).pages
    assert (page["url"], page["title"]) == (secure.at("/first"), "Look where they live")
    assert "Call +1-555-0142 and say hello." in page["text"]
    blocks = {(block["kind"], block["text"]) for block in page["habeas"]["blocks"] if not block["ad"]}
    assert {("author", "night_owl_77"), ("time", "2026-03-04T21:15:00+01:00")} <= blocks
    assert not any("example shoes" in text for _, text in blocks)


def test_the_details_say_how_the_capture_was_made(whole, secure):
    told = whole.details()
    assert told["status"] == 200
    assert (told["url_asked"], told["url_final"]) == (secure.at("/first"), secure.at("/post"))
    assert [(hop["status"], hop["to"]) for hop in told["redirects"]] == [
        (302, secure.at("/second")),
        (301, secure.at("/post")),
    ]
    assert told["started_at"] < told["ended_at"]
    assert whole.started_at == datetime.fromisoformat(told["started_at"])
    assert abs(told["clock_offset_seconds"]) <= 1.5, "the site's clock is this machine's"
    assert "HTTP Date headers" in told["clock_source"]
    assert told["tool"]["name"]
    assert told["software"]["chromium"].partition(".")[0] in told["user_agent"]
    assert "Headless" not in told["user_agent"]
    assert (told["viewport"], told["locale"]) == ([1280, 1024], "en-US")
    assert (told["addresses"], told["server_address"]) == ({secure.place: "127.0.0.1"}, "127.0.0.1")
    assert (told["refused"], told["incomplete"], told["complete"]) == ([], [], True)
    assert [media["sha256"] for media in told["media"]] == [hashlib.sha256(picture()).hexdigest()]
    assert told["seems"]["standing"] == "there"
    assert not [word for word in WORDS if word in json.dumps(told)], "digests, no words"


def test_letters_that_are_no_utf8_are_kept_byte_by_byte(site, tmp_path):
    taken = capture(site, "/letters", tmp_path)
    records = records_of(taken)
    for path, (_, content) in IN_OTHER_LETTERS.items():
        assert one(records, "response", site.at(path))["body"] == content
    assert taken.details()["incomplete"] == []
    (page,) = package_of(taken).pages
    assert "Улица Примера, 12" in page["text"], "what frames show is read too"


def test_a_packed_body_is_kept_unpacked_and_its_header_says_so(site, tmp_path):
    answer = one(records_of(capture(site, "/packed", tmp_path)), "response", site.at("/packed"))
    assert answer["body"] == POST.encode()
    assert answer["http"]["X-Archive-Orig-Content-Encoding"] == "gzip"
    assert answer["http"]["Content-Length"] == str(len(POST.encode()))
    assert int(answer["http"]["X-Archive-Orig-Content-Length"]) < len(POST.encode())
    assert "Content-Encoding" not in answer["http"]


# -------------------------------------------------------------------------------------------------------- never inward


def test_a_page_reaches_nothing_of_ours_and_what_it_tried_is_written_down(site, beside, tmp_path):
    before = list(beside.asked)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as calls:
        calls.bind(("127.0.0.1", beside.port))
        calls.setblocking(False)
        taken = capture(site, "/inward", tmp_path)
        with pytest.raises(BlockingIOError):
            calls.recv(1_000)  # nobody called
    assert beside.asked == before
    told = taken.details()
    assert told["addresses"] == {site.place: "127.0.0.1"}
    refused = {one["place"]: one["private"] for one in told["refused"]}
    assert refused.items() >= {"169.254.169.254:80": True, beside.place: True, "10.0.0.1:80": True}.items()
    assert package_of(taken).title == "Inward"
    failed = [
        record for record in records_of(taken) if record["type"] == "metadata" and record["url"] == METADATA_SERVICE
    ]
    assert failed
    assert all(b"fetch-failed" in record["body"] for record in failed)


def test_a_redirect_inward_is_refused_and_is_itself_the_evidence(site, tmp_path):
    told = capture(site, "/to-metadata", tmp_path).details()
    assert [(hop["status"], hop["to"]) for hop in told["redirects"]] == [(302, METADATA_SERVICE)]
    assert (told["status"], told["seems"]["standing"], told["complete"]) == (None, "unknown", False)
    assert [one["place"] for one in told["refused"]] == ["169.254.169.254:80"]


def test_a_private_address_is_not_captured_unless_it_is_allowed(site, tmp_path):
    asked = list(site.asked)
    with pytest.raises(CannotCapture, match="HABEAS_CAPTURE_ALLOW"):
        capture(site, "/post", tmp_path, allow_private=frozenset())
    assert site.asked == asked
    assert list(tmp_path.iterdir()) == []


def test_windows_and_downloads_are_refused_and_named(site, tmp_path):
    popup = capture(site, "/popup", tmp_path).details()
    assert popup["refused"] == [{"url": site.at("/opened"), "why": "a window of its own, closed", "private": False}]
    download = capture(site, "/download", tmp_path).details()
    assert [one["why"] for one in download["refused"]] == ["a download, refused"]
    assert not download["complete"]


# ------------------------------------------------------------------------------------------------------------ bounded


@pytest.mark.parametrize(
    ("path", "why", "shown"),
    [
        pytest.param("/script-without-end", "a script of the page never ended", "Said before the loop.", id="script"),
        pytest.param("/page-without-end", "had not finished loading", "The first of many lines.", id="page"),
        pytest.param("/body-without-end", "had not finished loading", "Shown at once.", id="body"),
        pytest.param("/requests-without-end", "more than 60 requests", "Asking.", id="requests"),
        pytest.param("/scroll-without-end", "scrolling down the page had no end", "more", id="scroll"),
        pytest.param("/big", "more than 3,000,000 bytes came", "before", id="bytes"),
    ],
)
def test_a_page_without_end_is_captured_as_far_as_it_goes(site, tmp_path, path, why, shown):
    began = datetime.now(UTC)
    taken = capture(site, path, tmp_path, max_seconds=2.5, max_requests=60, max_bytes=3_000_000)
    assert datetime.now(UTC) - began < timedelta(seconds=25)
    told = taken.details()
    assert not told["complete"]
    assert [reason for reason in told["incomplete"] if why in reason]
    assert not any("had to be ended" in reason for reason in told["incomplete"])
    (page,) = package_of(taken).pages
    assert shown in page["text"]
    assert told["picture"]["sha256"]
    assert records_of(taken)
    assert taken.size_bytes < 4_000_000


@pytest.mark.parametrize(
    ("page", "path", "start"),
    [
        ("/page-without-end", "/page-without-end", b"<title>Drip</title>"),
        ("/body-without-end", "/drip.png", b"\x89PNG\r\n\x1a\n\0\0\0"),
    ],
)
def test_what_never_ended_is_kept_from_its_start_and_marked_as_cut(site, tmp_path, page, path, start):
    answer = one(records_of(capture(site, page, tmp_path, max_seconds=3)), "response", site.at(path))
    assert answer["warc"]["WARC-Truncated"] == "time"
    assert answer["body"].startswith(start)


def test_a_browser_that_takes_too_long_is_ended_with_everything_it_started(site, tmp_path, monkeypatch):
    monkeypatch.setattr(capturing, "_START_SECONDS", -59.0)
    monkeypatch.setattr(capturing, "_READING_SECONDS", 0.5)
    homes: list[Path] = []
    environment = capturing._environment
    monkeypatch.setattr(capturing, "_environment", lambda home, more: homes.append(home) or environment(home, more))
    with pytest.raises(CannotCapture, match=r"did not start in time|had to be ended"):
        capture(site, "/page-without-end", tmp_path, max_seconds=60)
    assert _running_in(homes[0]) == []
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------------------------------------ hashes and place only


def test_of_what_nobody_may_hold_only_hashes_and_place_are_told(site, tmp_path):
    taken = capture(site, "/post", tmp_path, hash_only=True)
    assert taken.wacz is None
    assert list(tmp_path.iterdir()) == []
    told = json.dumps(taken.details())
    assert not [word for word in WORDS if word in told]
    assert hashlib.sha256(picture()).hexdigest() in told
    assert (len(taken.sha256), len(taken.sha512)) == (64, 128)
    assert taken.details()["url_final"] == site.at("/post")


# ------------------------------------------------------------------------------------------------------ two who looked


def test_two_captures_of_one_page_compare_by_digests_under_a_shared_key(whole, site, tmp_path):
    key = bytes(range(32))
    (ours,) = package_of(whole).pages
    site.show("/post-too", POST.replace("1,204 views", "1,377 views").replace("say hello", "say goodbye"))
    (theirs,) = package_of(capture(site, "/post-too", tmp_path)).pages
    assert compare(shared_digests(ours, key), shared_digests(ours, key))["text"].only_ours == 0
    found = compare(shared_digests(ours, key), shared_digests(theirs, key))
    assert (found["text"].only_ours, found["text"].only_theirs) == (1, 1), "the one sentence that differs"
    assert found["text"].same >= 4
    assert found["author"] == Counts(2, 0, 0)
    assert found["time"] == Counts(2, 0, 0)
    assert found["media"] == Counts(1, 0, 0)


# --------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://forum.example.org/x", "only pages at http"),
        ("file:///etc/passwd", "only pages at http"),
        ("javascript:alert(1)", "only pages at http"),
        ("https:///nowhere", "only pages at http"),
        ("forum.example.org/post", "only pages at http"),
        ("https://somebody:secret@forum.example.org/", "before the @"),
        ("https://forum.example.org/\x00", "characters that no address holds"),
        ("https://forum.example.org:99999/", "cannot be read"),
        ("https://[::1/", "cannot be read"),
    ],
)
def test_what_is_no_address_of_a_page_is_refused_before_anything_starts(url, said, tmp_path, monkeypatch):
    monkeypatch.setattr(capturing, "_visited", lambda *_: pytest.fail("nothing may start"))
    with pytest.raises(CannotCapture, match=said) as refused:
        capture_page(url, CaptureSettings(), tmp_path)
    assert "secret" not in str(refused.value)


def test_without_chromium_or_its_driver_it_is_said_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(capturing.shutil, "which", lambda _: None)
    monkeypatch.setattr(capturing, "_playwrights_own", lambda: None)
    with pytest.raises(CannotCapture, match="apt install chromium"):
        capture_page("https://forum.example.org/", CaptureSettings(), tmp_path)
    monkeypatch.setattr(capturing.util, "find_spec", lambda _: None)
    with pytest.raises(CannotCapture, match=r"habeas\[capture\]"):
        capture_page("https://forum.example.org/", CaptureSettings(), tmp_path)


def test_where_nobody_answers_that_is_said(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as closing:
        nobody = f"127.0.0.1:{closing.getsockname()[1]}"
    with pytest.raises(CannotCapture, match="nobody answers there"):
        capture_page(f"http://{nobody}/", CaptureSettings(allow_private=[nobody], max_seconds=5), tmp_path)


def test_nothing_heavy_is_imported_before_a_page_is_captured():
    heavy = "('playwright', 'warcio', 'asyncio', 'django', 'cryptography')"
    said = f"import sys, habeas.evidence.capture; print([one for one in {heavy} if one in sys.modules])"
    assert subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout == "[]\n"


# ------------------------------------------------------------------------------------------------- captured again


@pytest.fixture
def posting(db, site, tmp_path, settings) -> Posting:
    settings.HABEAS_EVIDENCE = tmp_path / "evidence"
    settings.HABEAS_SCRATCH = tmp_path / "scratch"
    settings.HABEAS_CAPTURE_ALLOW = frozenset({site.place})
    path = f"/thread-{tmp_path.name}"
    site.show(path, POST)
    case = open_case(intake(links=(site.at(path),)), at=datetime.now(UTC)).case
    return Posting.objects.select_related("case__key").get(case=case)


def path_of(posting: Posting) -> str:
    from habeas.cases.queries import link_of

    return "/" + link_of(posting.case, posting).split("/", 3)[3]


def test_a_page_goes_from_live_to_changed_to_gone_and_comes_back(posting, site):
    by, path = member("caseworker"), path_of(posting)
    pages = [
        (POST.replace("1,204 views", "9,001 views"), 200, "live", "live"),
        (POST.replace("</body>", ADDED + "</body>"), 200, "changed", "live"),
        ("<h1>There is no such page</h1>", 404, "gone", "gone"),
        (POST, 200, "back", "back"),
    ]
    items = [journey.capture_now(posting, PRESERVE, by=by)]
    posting.refresh_from_db()
    assert posting.state == "live"
    for content, status, judged, state in pages:
        site.show(path, content, status=status)
        items.append(journey.capture_now(posting, PRESERVE, by=by))
        posting.refresh_from_db()
        before, now = (look_from_details(queries.details_of(item)) for item in items[-2:])
        found = judge_page(before, now)
        assert (found.state, posting.state) == (judged, state)
        assert items[-1].before == items[-2]
        if judged == "changed":
            assert (len(found.added), len(found.removed)) == (1, 0)
    assert check_package(queries.content_of(items[0])).title == "Look where they live"


def test_of_intimate_images_nothing_is_kept_and_yet_it_is_seen_that_the_page_went(posting, site, settings):
    by = member("caseworker")
    item = journey.capture_now(posting, PRESERVE, by=by, hash_only=True)
    with pytest.raises(queries.NotHeld):
        queries.content_of(item)
    assert queries.hashes_of(item)[0] != hashlib.sha256(b"").hexdigest()
    assert in_clear([*WORDS], [*stored_values(), *files_under(settings.HABEAS_EVIDENCE)]) == []
    assert list(settings.HABEAS_SCRATCH.iterdir()) == []
    site.show(path_of(posting), "<h1>There is no such page</h1>", status=410)
    journey.capture_now(posting, PRESERVE, by=by, hash_only=True)
    posting.refresh_from_db()
    assert posting.state == "gone"

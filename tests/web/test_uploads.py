"""Files as they come from strangers: of any kind, too many, too large, broken, built to break, with evil names."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from factories.pages import Page, press, visit
from factories.reports import POST, SECRETS, do_the_work
from factories.storage import files_under, in_clear
from habeas.cases import queries
from habeas.cases.models import Case
from habeas.evidence import queries as evidence
from habeas.exposure.models import Reading

pytestmark = pytest.mark.django_db

SEND = "Send the report"
LETTER = b"She lives at Lindengracht 212. Call +31 6 1234 5678."


def file(name: str, content: bytes = LETTER) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def sent(client: Client, *files: SimpleUploadedFile, **told: object) -> Page:
    return press(client, visit(client, "/report/all/"), SEND, files=list(files), **told)


def sent_as(client: Client, file_name: bytes, content: bytes = LETTER) -> Page:
    """A file under a name that no well-behaved client would send."""
    head = b'--edge\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\n' % file_name
    who = b'--edge\r\nContent-Disposition: form-data; name="reporter"\r\n\r\nself\r\n'
    body = who + head + content + b"\r\n--edge--\r\n"
    return Page(client.post("/report/all/", body, content_type="multipart/form-data; boundary=edge", follow=True))


def the_case() -> Case:
    return queries.case_by_id(Case.objects.get().pk)


def names() -> list[str]:
    return [name for _item, name in evidence.items_of(the_case())]


def what_the_person_is_told(client: Client, page: Page) -> str:
    receipt = "".join(page.tree.xpath("//*[contains(@class, 'receipt-code')]//span/text()"))
    return press(client, visit(client, "/follow/"), "Open", receipt=receipt).words


# -- kinds ---------------------------------------------------------------------------------------------------------


def test_a_file_alone_is_a_report_and_is_sealed_as_it_came(client):
    page = sent(client, file("letter.txt"))
    assert page.path == "/receipt/"
    [(item, name)] = evidence.items_of(the_case())
    assert (name, item.media_type, evidence.content_of(item)) == ("letter.txt", "text/plain", LETTER)
    assert do_the_work() == 1
    assert "Phone number" in what_the_person_is_told(client, page)


def test_a_file_is_taken_for_what_it_is_not_for_what_it_is_called(client):
    sent(client, file("letter.exe"), file("picture.png", b"<html><body>She lives here</body></html>"))
    kinds = {name: item.media_type for item, name in evidence.items_of(the_case())}
    assert kinds == {"letter.exe": "text/plain", "picture.png": "text/html"}


def png_of(width: int, height: int) -> bytes:
    """A few bytes that say they are a picture of that size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1_000_000)))
        + chunk(b"IEND", b"")
    )


def zip_of_zeros() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.txt", bytes(20_000_000))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "trouble"),
    [
        pytest.param("letter.pdf", b"%PDF-1.7\n1 0 obj\n<</Type/Catalog", "broken", id="a-broken-pdf"),
        pytest.param("house.png", png_of(10, 10)[:40], "broken", id="a-broken-png"),
        pytest.param("house.png", png_of(60_000, 60_000), "too_large", id="a-picture-of-3600-million-pixels"),
        pytest.param("house.zip", zip_of_zeros(), "unknown_type", id="an-archive-that-grows"),
        pytest.param("house.zip", b"PK\x03\x04" + b"\xff" * 200, "unknown_type", id="a-broken-archive"),
        pytest.param("house.gz", gzip.compress(bytes(20_000_000)), "unknown_type", id="a-packed-file-that-grows"),
        pytest.param("house.mp4", b"\x00\x00\x00\x18ftypisom" + bytes(100), "unknown_type", id="a-video"),
        pytest.param("run.exe", b"MZ\x90\x00" + bytes(100), "unknown_type", id="a-program"),
        pytest.param("nothing.txt", b"", "empty", id="an-empty-file"),
        pytest.param("noise", bytes(range(256)) * 40, "unknown_type", id="noise"),
    ],
)
def test_what_software_cannot_read_is_sealed_all_the_same_and_a_person_is_told(
    client, signed_in, name, content, trouble
):
    page = sent(client, file(name, content))
    assert page.path == "/receipt/", page.errors
    assert do_the_work() == 1
    [(item, _name)] = evidence.items_of(the_case())
    assert evidence.content_of(item) == content, "the proof is the file as it came"
    assert Reading.objects.get().trouble == trouble
    assert "1 file could not be read by software. It is sealed, and a person will look at it." in (
        what_the_person_is_told(client, page)
    )
    overview = visit(signed_in(), f"/desk/cases/{the_case().reference}/")
    assert f"One item could not be read by software ({trouble})." in overview.words


def test_one_broken_file_does_not_spoil_the_others(client):
    page = sent(client, file("broken.pdf", b"%PDF-1.7\n"), file("letter.txt"), text=POST)
    assert do_the_work() == 1
    words = what_the_person_is_told(client, page)
    assert "1 file could not be read" in words
    assert "Phone number" in words


# -- sizes and numbers ---------------------------------------------------------------------------------------------


def test_the_largest_file_goes_and_one_byte_more_is_named(client, settings):
    settings.HABEAS_UPLOAD_BYTES = 1000
    page = sent(client, file("small.txt"), file("film.mp4", bytes(1001)), text=POST, contact="fenna@example.org")
    assert page.status == 422
    assert "“film.mp4” is larger than 25 MB. Send a smaller file, or only the pages that matter." in page.words
    assert (page.typed(SEND)["text"][0].strip(), page.typed(SEND)["contact"]) == (POST.strip(), ["fenna@example.org"])
    assert Case.objects.count() == 0
    assert sent(client, file("film.mp4", bytes(1000))).path == "/receipt/"
    [(item, _name)] = evidence.items_of(the_case())
    assert item.size_bytes == 1000


def test_the_limit_is_the_one_that_people_are_told(settings):
    assert settings.HABEAS_UPLOAD_BYTES == 25_000_000


def test_ten_files_go_and_eleven_are_counted(client):
    page = sent(client, *(file(f"{n}.txt") for n in range(11)), text=POST)
    assert page.status == 422
    assert "Send at most 10 files with one report, and the others with a second report." in page.words
    assert page.typed(SEND)["text"][0].strip() == POST.strip()
    assert sent(client, *(file(f"{n}.txt") for n in range(10))).path == "/receipt/"
    assert len(names()) == 10


def test_files_beyond_the_number_do_not_fill_the_memory(rf, settings):
    settings.HABEAS_UPLOAD_FILES = 2
    request = rf.post("/report/all/", {"files": [file(f"{n}.txt") for n in range(5)]})
    assert [kept.size for kept in request.FILES.getlist("files")] == [len(LETTER)] * 2 + [0] * 3


def test_more_files_than_any_form_sends_are_turned_away_in_words():
    client = Client(raise_request_exception=False)
    page = Page(client.post("/report/all/", {"files": [file(f"{n}.txt") for n in range(101)], "text": "x"}))
    assert page.status == 413
    assert "Many files go with a second report." in page.words


# -- names ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        pytest.param(b"../../etc/passwd", "passwd", id="a-way-up"),
        pytest.param(b"C:\\Users\\fenna\\house.txt", "house.txt", id="another-system"),
        pytest.param(b"house%0D%0AX-Evil: 1.txt", "house%0D%0AX-Evil: 1.txt", id="a-line-break-as-browsers-send-it"),
        pytest.param("house\x0b\x85\u2028X-Evil.txt".encode(), "houseX-Evil.txt", id="other-line-breaks"),
        pytest.param("house\u202egnp.exe".encode(), "housegnp.exe", id="turned-around"),
        pytest.param("בית.txt".encode(), "בית.txt", id="right-to-left"),
        pytest.param(b"<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt", id="markup"),
        pytest.param(b"house\x00.txt", "house.txt", id="a-zero"),
        pytest.param(b"h" * 300 + b".txt", "h" * 251 + ".txt", id="very-long"),
        pytest.param(b" ", " ", id="a-blank"),
    ],
)
def test_a_name_is_only_a_name(client, signed_in, name, kept):
    page = sent_as(client, name)
    assert page.path == "/receipt/", page.errors
    assert names() == [kept]
    assert do_the_work() == 1
    desk = signed_in()
    for part in ("", "material/"):
        shown = visit(desk, f"/desk/cases/{the_case().reference}/{part}")
        assert kept.strip() in shown.response.content.decode().replace("&lt;", "<").replace("&gt;", ">")
        assert "<img src=x" not in shown.response.content.decode()
        assert "\u202e" not in shown.words


def test_a_too_large_file_with_an_evil_name_is_named_harmlessly(client, settings):
    settings.HABEAS_UPLOAD_BYTES = 10
    page = sent_as(client, "<script>alert(1)</script>/../<b>\u202egnp.exe".encode())
    assert page.status == 422
    assert "<b>gnp.exe" in page.words
    assert "<b>" not in page.response.content.decode()


@pytest.mark.parametrize("name", [b"..", b"/", b"folder/"])
def test_a_name_of_nothing_is_asked_for_again(client, name):
    page = sent_as(client, name)
    assert page.status == 422
    assert page.errors == ["Give us one thing to start from: a link, the text of the post, or a screenshot."]


# -- leaks ---------------------------------------------------------------------------------------------------------


def test_an_upload_never_lies_on_the_disk_in_clear(client, settings, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    settings.HABEAS_EVIDENCE = tmp_path / "evidence"
    page = sent(client, file("vellinga-front-door.txt", LETTER + bytes(3_000_000)))
    assert page.path == "/receipt/"
    assert do_the_work() == 1
    assert in_clear(SECRETS, files_under(tmp_path)) == []
    assert len(list(Path(settings.HABEAS_EVIDENCE).rglob("*"))) > 0


def test_a_file_that_was_turned_back_is_stored_nowhere(client, settings, tmp_path):
    settings.HABEAS_EVIDENCE = tmp_path
    assert sent(client, file("letter.txt"), posted_on="2999-01-01").status == 422
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize(
    "path", ["/evidence/", "/static/../keys/house.key", "/static/%2e%2e/keys/house.key", "/media/"]
)
def test_no_address_leads_to_what_is_stored(client, path):
    assert client.get(path).status_code == 404

"""One file in; what is exposed, what the law says, what to ask and what to do. Everybody in it is invented."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest

NAME, ADDRESS = "Mara Vellinga", "Lindengracht 212, 1015 KL Amsterdam"
PHONE, EMAIL = "+31 6 1234 5678", "mara.vellinga@example.org"
LINES = (
    "everyone wanted this so here it is",
    f"Full name: {NAME}",
    f"Address: {ADDRESS}",
    f"Phone: {PHONE}",
    f"Email: {EMAIL}",
    "you know what to do. go pay her a visit",
)
POST = "\n".join(LINES) + "\n"
PLACES = ("--target-lives-in", "NL", "--service-in", "US,IE")
OUTCOMES = {"met", "possible", "possibly_exempt", "exempt", "not_met", "not_in_force", "out_of_reach"}
PHASES = ["preserve", "disclose", "remove", "protect", "repair"]
DOXING = "nl.sr.285d"  # in force since 2024-01-01


@pytest.fixture(scope="module")
def post(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("post") / "post.txt"
    file.write_text(POST)
    return file


@pytest.fixture(scope="module")
def answer(habeas, post):
    """The whole answer about the post, as JSON."""

    def ask(*options) -> dict:
        said = habeas("assess", post, "--json", *options)
        assert said.code == 0, said.err
        return json.loads(said.out)

    return ask


@pytest.fixture(scope="module")
def whole(answer) -> dict:
    return answer(*PLACES)


def outcome(answer: dict, provision: str) -> str:
    return next(f["outcome"] for f in answer["findings"] if f["provision"] == provision)


def found_in(answer: dict) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in answer["exposures"]:
        found.setdefault(item["kind"], []).append(" ".join(item["text"].split()))
    return found


# Files of every kind


def as_text() -> bytes:
    return POST.encode()


def as_page() -> bytes:
    body = "".join(f"<p>{line}</p>" for line in LINES)
    head = "<meta charset=utf-8><title>thread</title><script>var hidden = '+31 6 0000 0000'</script>"
    return f"<!DOCTYPE html><html><head>{head}</head><body><article>{body}</article></body></html>".encode()


def as_mail() -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "tip@example.net", "staff@example.com", "look at this"
    mail.set_content("\n".join(LINES[:3]))
    mail.add_attachment("\n".join(LINES[3:]), filename="more.txt")
    return mail.as_bytes()


def as_pdf(trailer: bytes = b"") -> bytes:
    """The least a PDF needs, written by hand."""
    shown = b"".join(b"(%s) Tj T* " % line.encode() for line in LINES)
    content = b"BT /F1 12 Tf 14 TL 50 700 Td " + shown + b"ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Filter/Standard/V 1/R 2/Length 40/P -4/O<%s>/U<%s>>>" % (b"ab" * 32, b"cd" * 32),
    ]
    file = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % place for place in places)
    return file + b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, trailer, start)


def as_locked_pdf() -> bytes:
    return as_pdf(b"/Encrypt 6 0 R/ID[<%s><%s>]" % (b"ef" * 16, b"ef" * 16))


def as_screenshot(lines=(NAME, ADDRESS, PHONE, EMAIL)) -> bytes:
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (760, 300), "white")
    pen = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        pen.text((30, 25 + 60 * number), line, fill="black", font=ImageFont.load_default(28))
    stream = BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "media_type", "origin"),
    [
        pytest.param("post.txt", as_text, "text/plain", "text", id="text"),
        pytest.param("thread.html", as_page, "text/html", "page text", id="saved-page"),
        pytest.param("message.eml", as_mail, "message/rfc822", "attachment more.txt", id="mail-with-attachment"),
        pytest.param("post.pdf", as_pdf, "application/pdf", "page 1", id="pdf"),
        pytest.param("shot.png", as_screenshot, "image/png", "image, by OCR", id="screenshot"),
    ],
)
def test_every_kind_of_file_is_read(habeas_alone, tmp_path, name, content, media_type, origin):
    file = tmp_path / name
    file.write_bytes(content())
    said = habeas_alone("assess", file, *PLACES, "--json")
    assert (said.code, said.err) == (0, "")
    answer = json.loads(said.out)
    found = found_in(answer)
    assert answer["document"]["name"] == name
    assert answer["document"]["media_type"] == media_type
    assert origin in [part["origin"] for part in answer["document"]["parts"]]
    assert ADDRESS in found["address"]
    assert PHONE.replace(" ", "") in [phone.replace(" ", "") for phone in found["phone"]]  # OCR loses narrow blanks
    assert EMAIL in found["email"]
    assert answer["severity"]["level"] in {"high", "very_high"}


def test_standard_input_is_read(habeas_alone):
    said = habeas_alone("assess", "-", "--target-lives-in", "NL", "--json", feed=POST.encode())
    assert said.code == 0
    assert json.loads(said.out)["document"]["name"] == "standard input"
    assert ADDRESS in found_in(json.loads(said.out))["address"]


# The answer to a program


def test_the_answer_holds_what_programs_are_promised(whole):
    assert {
        "document",
        "acted_on",
        "asked_on",
        "ties",
        "jurisdictions",
        "severity",
        "exposures",
        "signals",
        "facts",
        "findings",
        "questions",
        "plan",
    } <= set(whole)
    assert set(whole["facts"]) == {"known", "signs", "unknown"}
    assert whole["ties"] == {"target_lives": ["NL"], "service_in": ["IE", "US"]}
    assert {"NL", "IE", "US", "EU", "COE", "UN"} == set(whole["jurisdictions"])
    assert whole["notice"].startswith("Habeas informs")


def test_offsets_give_exactly_the_words(whole):
    for found in [*whole["exposures"], *whole["signals"]]:
        assert POST[found["start"] : found["end"]] == found["text"]
        assert POST.splitlines()[found["line"] - 1].find(found["text"].splitlines()[0]) >= 0
        assert found["reason"]
    assert {found["whose"] for found in whole["exposures"]} == {"target"}
    assert all(1 <= found["gravity"] <= 4 and found["gravity_reason"] for found in whole["exposures"])


def test_every_provision_of_every_place_is_found_exactly_once(whole):
    from habeas.law.core.packs import load_pack

    expected = Counter(p.id for code in whole["jurisdictions"] for p in load_pack(code).provisions)
    assert Counter(finding["provision"] for finding in whole["findings"]) == expected
    for finding in whole["findings"]:
        assert finding["outcome"] in OUTCOMES
        assert finding["source"].strip()
        assert finding["confidence"] in {"high", "medium", "low"}
        if finding["outcome"] in {"possible", "possibly_exempt"}:
            assert finding["missing"], f"{finding['provision']} is open and does not say what is missing"
        if finding["outcome"] in {"met", "not_in_force"}:
            assert not finding["failing"]


def test_facts_say_where_they_come_from_and_nothing_is_both_known_and_unknown(whole):
    facts = whole["facts"]
    assert all(fact["basis"] and fact["meaning"] and fact["said_by"] for fact in [*facts["known"], *facts["signs"]])
    known, unknown = ({fact["key"] for fact in facts[kind]} for kind in ("known", "unknown"))
    assert not known & unknown
    assert "data.contact_or_location" in known
    # Words that call for action are a sign of intent, never knowledge of it.
    assert "intent.incite" in {fact["key"] for fact in facts["signs"]}
    assert all(fact["meaning"] for fact in facts["unknown"])


def test_questions_come_best_first_and_ask_for_what_is_not_known(whole):
    worths = [question["worth"] for question in whole["questions"]]
    assert worths == sorted(worths, reverse=True)
    assert all(question["question"].endswith("?") and question["why"] for question in whole["questions"])
    assert not {q["key"] for q in whole["questions"]} & {fact["key"] for fact in whole["facts"]["known"]}


def test_the_plan_preserves_before_it_discloses_before_it_removes(whole):
    measures = whole["plan"]["measures"]
    ranks = [PHASES.index(measure["phase"]) for measure in measures]
    assert ranks == sorted(ranks)
    assert set(ranks) == set(range(5))
    for measure in measures:
        assert measure["addressee"]["kind"]
        assert measure["clock"]["text"]
        assert measure["approvals"] >= 1, "nothing leaves without a person"
        assert measure["why"]
        assert measure["grounds"] or measure["phase"] == "preserve"


# What changes the answer


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param("2023-12-31", "not_in_force", id="the-day-before"),
        pytest.param("2024-01-01", "possible", id="the-first-day"),
    ],
)
def test_conduct_is_judged_by_the_law_of_its_day(answer, day, expected):
    given = answer("--target-lives-in", "NL", "--posted-on", day)
    assert given["acted_on"] == day
    assert given["asked_on"] == date.today().isoformat()  # noqa: DTZ011 (as the command does)
    assert outcome(given, DOXING) == expected


def test_facts_change_findings(answer):
    def under(*facts: str) -> str:
        return outcome(answer("--target-lives-in", "NL", *(w for fact in facts for w in ("--fact", fact))), DOXING)

    unexcused = ("exempt.lawful_authority=false", "exempt.journalism=false", "exempt.public_interest=no")
    assert under() == "possible"
    assert under("intent.fear=true") == "possibly_exempt"
    assert under("intent.fear=true", *unexcused) == "met"
    assert under("intent.fear=yes", "exempt.journalism=true") == "exempt"
    assert under("act.disclosed=false", "act.solicited=false") == "not_met"
    assert under("intent.fear=unknown") == "possible"


def test_what_was_posted_is_not_taken_as_given_where_one_says_so(answer):
    known = {fact["key"] for fact in answer("--target-lives-in", "NL", "--not-posted")["facts"]["known"]}
    assert not known & {"act.disclosed", "act.electronic"}


def test_a_link_gives_the_plan_somewhere_to_go(answer):
    def ready(given: dict) -> list[str]:
        return [m["remedy"] for m in given["plan"]["measures"] if m["readiness"] != "blocked"]

    with_link = answer(*PLACES, "--url", "https://board.example.net/t/1")
    assert any("board.example.net" in str(m["addressee"]) for m in with_link["plan"]["measures"])
    assert len(ready(with_link)) > len(ready(answer(*PLACES)))


def test_masking_shows_no_value(habeas, post):
    for form in ((), ("--json",)):
        said = habeas("assess", post, *PLACES, "--mask", *form)
        assert said.code == 0
        for secret in (NAME, "Lindengracht", "1015", "1234 5678", "612345678", EMAIL, "pay her a visit"):
            assert secret not in said.out


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(POST, 10, id="somebody-is-exposed"),
        pytest.param("The weather was fine, and the ferry left on time.\n", 0, id="nobody"),
    ],
)
def test_scripts_can_ask_for_an_exit_code(habeas, tmp_path, text, code):
    file = tmp_path / "post.txt"
    file.write_text(text)
    assert habeas("assess", file, "--exit-code", "--json").code == code
    assert habeas("assess", file, "--json").code == 0


# The answer to a person


def test_the_trace_of_one_provision_is_explained_with_its_source(habeas, post):
    said = habeas("assess", post, *PLACES, "--explain", DOXING)
    assert said.code == 0
    assert said.out.startswith("Wetboek van Strafrecht art 285d")
    assert "Outcome: possible" in said.out
    assert "✓ data.identifying [true]" in said.out
    assert "? intent.fear [unknown]" in said.out
    assert "\nSource: " in said.out
    assert "Confidence in the source: high" in said.out


@pytest.mark.parametrize("width", [80, 110])
def test_columns_fit_and_nothing_is_cut(habeas, post, monkeypatch, width):
    from rich.cells import cell_len

    def set_in(columns: int) -> str:
        monkeypatch.setenv("COLUMNS", str(columns))
        return habeas("assess", post, *PLACES, "--url", "https://board.example.net/t/1").out

    def letters(text: str) -> Counter[str]:
        return Counter(text.replace("─", "").replace(" ", "").replace("\n", ""))

    narrow = set_in(width)
    assert max(map(cell_len, narrow.splitlines())) <= width
    assert letters(narrow) == letters(set_in(1000))


def test_what_comes_from_the_file_is_never_read_as_markup(habeas, tmp_path):
    file = tmp_path / "[red]post[nobody].txt"
    file.write_text("Call [bold]Mara Vellinga[/bold] at +31 6 1234 5678 [/nonsense]\n")
    said = habeas("assess", file)
    assert said.code == 0
    assert "[red]post[nobody].txt" in said.out


@pytest.mark.parametrize(
    "words",
    [
        pytest.param([], id="columns"),
        pytest.param(["--json"], id="json"),
        pytest.param(["--explain", DOXING], id="explain"),
        pytest.param(["--help"], id="help"),
    ],
)
def test_a_reader_who_has_seen_enough_is_left_in_peace(post, words):
    command = [sys.executable, "-m", "habeas.cli", "assess", str(post), "--target-lives-in", "NL", *words]
    buffered = {**os.environ, "PYTHONUNBUFFERED": ""}  # as at most people's terminals: all of it is written at the end
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=buffered) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=30) == 0


def test_without_places_no_law_is_asked_and_it_says_so(habeas, post):
    said = habeas("assess", post)
    assert said.code == 0
    assert "No place was named" in said.out


# What is refused


@pytest.mark.parametrize(
    ("name", "content", "code", "says"),
    [
        pytest.param("gone.txt", None, 3, "gone.txt does not exist", id="missing"),
        pytest.param("void.txt", b"", 4, "void.txt is empty", id="empty"),
        pytest.param("blank.txt", b" \n\t\n", 4, "holds only blanks", id="blank"),
        pytest.param("noise.txt", b"\xff\xfe\x00\xd8\x00\xd8" * 200, 7, "cannot be decoded", id="wrong-encoding"),
        pytest.param("lock.pdf", as_locked_pdf, 6, "password", id="encrypted-pdf"),
        pytest.param("half.pdf", lambda: as_pdf()[:200], 7, "half.pdf", id="half-a-pdf"),
        pytest.param("white.png", lambda: as_screenshot(()), 4, "No text was found in white.png", id="image-no-text"),
        pytest.param("tool.bin", b"\x7fELF\x02\x01\x01\x00" + bytes(range(32)) * 40, 8, "tool.bin", id="unknown-kind"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(habeas, tmp_path, name, content, code, says):
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content() if callable(content) else content)
    refused(habeas("assess", file, *PLACES), code, says)


def test_a_folder_is_refused(habeas, tmp_path):
    refused(habeas("assess", tmp_path), 3, "is a folder")


def test_a_file_of_50_mb_is_refused_with_both_sizes(habeas, tmp_path):
    file = tmp_path / "film.txt"
    with file.open("wb") as stream:
        stream.truncate(50_000_000)
    refused(habeas("assess", file), 5, "50.0 MB, and the limit is 25.0 MB")


def test_a_file_of_somebody_else_is_refused(habeas, post, monkeypatch):
    def locked(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", locked)  # permissions themselves do not stop root
    refused(habeas("assess", post), 3, "may not be read by this account")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param(["--target-lives-in", "Netherlands"], "did you mean NL (Netherlands)?", id="a-name-for-a-code"),
        pytest.param(["--service-in", "US,USCA"], "--service-in: unknown jurisdiction 'USCA'", id="one-of-two"),
        pytest.param(["--target-lives-in", "Q1"], "`habeas law list` shows the codes", id="nothing-near"),
        pytest.param(["--target-lives-in", ","], "names no place", id="no-code"),
        pytest.param(["--posted-on", "2026-02-30"], "is not a day that exists", id="impossible-date"),
        pytest.param(["--posted-on", "yesterday"], "write it as YYYY-MM-DD", id="not-a-date"),
        pytest.param(
            ["--posted-on", (date.today() + timedelta(days=2)).isoformat()],  # noqa: DTZ011 (as the command does)
            "lies in the future",
            id="future",
        ),
        pytest.param(["--fact", "intent.feer=true"], "did you mean 'intent.fear'?", id="unknown-fact"),
        pytest.param(["--fact", "intent.fear=maybe"], "write KEY=true, KEY=false or KEY=unknown", id="no-such-truth"),
        pytest.param(["--fact", "intent.fear"], "write KEY=true", id="no-truth"),
        pytest.param(["--wish", "revenge"], "invalid choice: 'revenge'", id="unknown-wish"),
        pytest.param(["--url", "board"], "is not a web link", id="not-a-link"),
        pytest.param(["--max-mb", "0"], "--max-mb", id="no-room"),
        pytest.param(["--target-lives-in", "NL", "--explain", "nl.sr.285"], "did you mean nl.sr.285d", id="near-miss"),
        pytest.param(["--explain", DOXING], "the places you named decide", id="no-places"),
        pytest.param(["--jsn"], "--jsn", id="unknown-option"),
    ],
)
def test_a_wrong_option_is_refused_with_what_would_be_right(habeas, post, options, says):
    refused(habeas("assess", post, *options), 2, says)


def refused(said, code: int, sentence: str) -> None:
    assert said.code == code, said.err
    assert sentence in said.err
    assert said.out == ""
    assert "Traceback" not in said.err
    assert "Vellinga" not in said.err

"""How fast letters are printed: ``python bench/letters.py [--letters 1000] [--each 20]``.

- many: so many letters, each with facts of its own, filled and printed as PDF/A-3a with PDF/UA-1 by two
  processes, from their start to the end of the last;
- one: filling and printing one letter in a running process, the best of several; filling alone beside it;
- WeasyPrint: the same letter with the same words and fonts as HTML and a style sheet, in a process of its own, tagged
  and as PDF/A-3a where the version can, else with tags alone. It is no dependency in any form: name a Python that
  has it in HABEAS_BENCH_WEASYPRINT, or it is printed as absent.

Pages and letters of text of both are compared before any ratio is printed, so that neither is fast by leaving out.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from html import escape
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pypdfium2

from habeas.evidence.printing import FONTS
from habeas.remedies.core import letters
from habeas.remedies.core.letters import (
    DeadlineShown,
    EvidenceShown,
    GroundShown,
    Letter,
    LetterFacts,
    PostingShown,
    PreviousShown,
)
from habeas.remedies.typesetting import letter_pdf

GOAL_SECONDS, GOAL_RATIO = 60, 4
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

PEER = """
import json, sys, time, base64
import weasyprint
from weasyprint.text.fonts import FontConfiguration
asked = json.load(sys.stdin)
ways = [{"pdf_variant": "pdf/a-3a", "pdf_tags": True}, {"pdf_variant": "pdf/ua-1", "pdf_tags": True}, {}]
def made(way):
    fonts = FontConfiguration()
    css = weasyprint.CSS(string=asked["css"], font_config=fonts)
    return weasyprint.HTML(string=asked["html"]).write_pdf(stylesheets=[css], font_config=fonts, **way)
for way in ways:
    try:
        pdf = made(way)
        break
    except Exception as refused:
        print(way, repr(refused)[:200], file=sys.stderr)
taken = []
for _ in range(asked["times"]):
    start = time.perf_counter()
    made(way)
    taken.append(time.perf_counter() - start)
json.dump({"seconds": min(taken), "way": way, "version": weasyprint.__version__,
           "pdf": base64.b64encode(pdf).decode()}, sys.stdout)
"""

CSS = """
@page { size: A4; margin: 24mm; @bottom-right { content: counter(page) " / " counter(pages); font-size: 8pt } }
body { font: 10pt/1.35 "Noto Sans", "Noto Sans Arabic", "Noto Sans Devanagari", "Noto Sans CJK SC"; }
h1 { font-size: 14pt } h2 { font-size: 11pt; break-after: avoid }
dl { border-top: .5pt solid #aaa; padding-top: 4pt; margin: 6pt 0; break-inside: avoid; display: grid;
     grid-template-columns: 40mm 1fr; gap: 2pt 4mm }
dt { color: #505050; font-size: 8.5pt } dd { margin: 0; overflow-wrap: anywhere } .code { font-size: 7.6pt }
"""


def letter(number: int) -> Letter:
    """A notice with ten postings and four grounds, as a case in several countries has."""
    seen = datetime(2026, 11, 21, 8, number % 60, tzinfo=UTC)
    grounds = ("eu.dsa.16", "us.take-it-down.3", "jp.idpa.25", "xa.penal-code.214b")
    facts = LetterFacts(
        reference=f"HB-{number:06}",
        addressee=f"board-{number}.example.net, abuse desk",
        addressee_kind="platform",
        organisation="Examplia Helpline",
        organisation_address="Box 12, 1000 Examplia",
        organisation_email="notices@helpline.example.org",
        reply_to=f"m-{number}@helpline.example.org",
        notifier="the helpline's desk for notices",
        sent_on=date(2026, 11, 23),
        postings=tuple(
            PostingShown(f"https://board-{number}.example.net/t/{post}", ("address", "phone"), seen, "live")
            for post in range(10)
        ),
        grounds=tuple(GroundShown(each, f"Citation of {each}", "XA", "A duty", "met", "high") for each in grounds),
        deadline=DeadlineShown("within 48 hours of the notice", datetime(2026, 11, 25, 15, 0, tzinfo=UTC)),
        evidence=tuple(EvidenceShown(str(item), f"{number * 10 + item:064x}", seen) for item in range(4)),
        previous=(PreviousShown("host.example.com", seen, f"HB-{number + 1:06}", "refused"),),
        consented=True,
        danger=True,
    )
    return letters.fill(letters.letter_for("platform-notice"), letters.words_in("en"), facts)


def printed(numbers: range) -> int:
    """Bytes of all these letters in print."""
    return sum(len(letter_pdf(letter(number), at=AT)) for number in numbers)


def many(count: int) -> float:
    """Seconds for so many letters by two processes, in portions that keep both at work to the end."""
    portions = [range(start, min(start + 25, count)) for start in range(0, count, 25)]
    start = time.perf_counter()
    # Threads of typst do not live on in a fork.
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        total = sum(pool.map(printed, portions))
    taken = time.perf_counter() - start
    print(
        f"many: {count} letters, {total / 1e6:.0f} MB, two processes: {taken:.1f} s (goal {GOAL_SECONDS} s for 1,000)"
    )
    return taken


def best(times: int, work: Any) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def html_of(shown: Letter) -> str:
    data = letters.document(shown)

    def runs(pieces: list[dict[str, str]]) -> str:
        return "".join(
            f'<bdi dir="{piece["dir"]}">{escape(piece["text"])}</bdi>' if piece["dir"] else escape(piece["text"])
            for piece in pieces
        )

    def pairs(row: list[dict[str, Any]]) -> str:
        return "".join(
            f'<dt>{runs(each["label"])}</dt><dd class="{each["style"]}">{runs(each["runs"])}</dd>' for each in row
        )

    body = [f"<dl>{pairs(data['head'])}</dl><h1>{runs(data['subject'])}</h1>"]
    for block in data["blocks"]:
        tag = "h2" if block["kind"] == "heading" else "p"
        body += [f"<{tag}>{runs(paragraph)}</{tag}>" for paragraph in block["paragraphs"]]
        if block["rows"]:
            body.append(f"<h2>{runs(block['heading'])}</h2>")
            if all(len(row) == 1 and not row[0]["label"] for row in block["rows"]):
                body.append("<ol>" + "".join(f"<li>{runs(row[0]['runs'])}</li>" for row in block["rows"]) + "</ol>")
            else:
                body += [f"<dl>{pairs(row)}</dl>" for row in block["rows"]]
    title = escape(data["title"])
    return f'<html lang="en"><head><title>{title}</title></head><body>{"".join(body)}</body></html>'


def faces() -> str:
    """The same fonts as ours, by their files."""
    families = {
        "NotoSans": "Noto Sans",
        "NotoSansArabic": "Noto Sans Arabic",
        "NotoSansDevanagari": "Noto Sans Devanagari",
        "NotoSansCJK": "Noto Sans CJK SC",
    }
    return "\n".join(
        f'@font-face {{ font-family: "{families[file.stem.partition("-")[0]]}"; src: url("{file.as_uri()}"); '
        f"font-weight: {'bold' if 'Bold' in file.name else 'normal'} }}"
        for file in sorted(FONTS.glob("*.?tf"))
    )


def size_of(pdf: bytes) -> tuple[int, int]:
    """(pages, letters of text without blanks)."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return len(document), sum(len("".join(page.get_textpage().get_text_range().split())) for page in document)


def beside(seconds: float, times: int) -> None:
    import base64

    python = os.environ.get("HABEAS_BENCH_WEASYPRINT")
    if not python or not Path(python).exists():
        print("WeasyPrint: absent (name a Python that has it in HABEAS_BENCH_WEASYPRINT)")
        return
    asked = {"html": html_of(letter(1)), "css": faces() + CSS, "times": times}
    run = subprocess.run(  # noqa: S603 (the Python that whoever runs this named)
        [python, "-c", PEER], input=json.dumps(asked), capture_output=True, text=True, check=False
    )
    if run.returncode:
        sys.exit(f"WeasyPrint: {run.stderr[-800:]}")
    answer = json.loads(run.stdout)
    ours, theirs = size_of(letter_pdf(letter(1), at=AT)), size_of(base64.b64decode(answer["pdf"]))
    print(f"pages and letters of text: ours {ours}, WeasyPrint {theirs}")
    if abs(ours[1] - theirs[1]) > 0.05 * ours[1]:
        sys.exit("the two letters do not say the same; no ratio is printed")
    ratio = answer["seconds"] / seconds
    print(
        f"WeasyPrint {answer['version']} {answer['way']}: {answer['seconds'] * 1000:.0f} ms, {ratio:.1f} x ours "
        f"(goal {GOAL_RATIO} x): {'met' if ratio >= GOAL_RATIO else 'missed'}"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--letters", type=int, default=1000)
    options.add_argument("--each", type=int, default=20)
    chosen = options.parse_args()
    letter_pdf(letter(1), at=AT)
    filling = best(chosen.each, lambda: letter(1))
    one = best(chosen.each, lambda: letter_pdf(letter(1), at=AT))
    print(f"one: filled and printed {one * 1000:.1f} ms, of which filling {filling * 1000:.2f} ms")
    beside(one, chosen.each)
    many(chosen.letters)


if __name__ == "__main__":
    main()

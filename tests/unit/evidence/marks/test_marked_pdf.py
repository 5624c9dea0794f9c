"""A PDF that we set, or whose pages we marked, is known again after printing, rasterising and cutting in half."""

from __future__ import annotations

import base64
import io
import shutil

import pypdfium2
import pytest

from factories.leaks import PDF_ATTACKS, pictures, png, prose, seed
from habeas.evidence.core.marks import lists, pdf
from habeas.evidence.core.marks.codes import BadSeed
from habeas.evidence.core.marks.trace import PDF, Candidate, CannotTrace, trace

SEEDS = [seed(number) for number in range(300)]
TEXT = prose(5, words=330, paragraphs=4)
RULES = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa")
CONDITIONS = tuple(f"Keep rule {name}." for name in RULES)
RULES = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa")
CONDITIONS = tuple(f"Keep rule {name}." for name in RULES)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def _copies(original):
    return [Candidate(f"copy-{number}", each, original, PDF) for number, each in enumerate(SEEDS)]


@pytest.fixture(scope="module")
def original():
    return pdf.set_text(TEXT, None, line=lists.VISIBLE_LINE)


@pytest.fixture(scope="module")
def by_spacing():
    return pdf.set_text(TEXT, SEEDS[7], line=lists.VISIBLE_LINE)


@pytest.fixture(scope="module")
def by_pages(original):
    return pdf.mark_pages(original, SEEDS[7])


# Pages as pictures go through all of it in the bench; here, what differs from a picture of its own.
PAGE_ATTACKS = ("printed to PDF, other paper", "pages cut to half", "picture of half a page, 110 dpi")
CARRIERS = [("by_spacing", attack) for attack in PDF_ATTACKS] + [("by_pages", attack) for attack in PAGE_ATTACKS]


@pytest.mark.parametrize(("carrier", "attack"), CARRIERS)
def test_a_copy_is_named_among_three_hundred(request, original, carrier, attack):
    happened, media_type = PDF_ATTACKS[attack]
    verdict = trace(happened(request.getfixturevalue(carrier)), media_type, _copies(original))
    assert verdict.copy_ids == ("copy-7",), verdict.sentence
    assert verdict.chance <= 1e-6


def test_a_picture_of_a_later_page_is_found_among_all_pages():
    long = prose(8, words=1100, paragraphs=9)
    last = pictures(pdf.set_text(long, SEEDS[7]), 100)[-1]
    assert trace(png(last), "image/png", _copies(pdf.set_text(long, None))).copy_id == "copy-7"


def test_words_keep_their_text_and_lines_their_length(original, by_spacing):
    assert pdf.text_of(by_spacing) == pdf.text_of(original)
    spaces = pdf.marked_spaces(TEXT, SEEDS[7])
    assert [word for word, _ in spaces] == TEXT.split()
    assert {extra for _, extra in spaces} <= {0, pdf.SHIFT, -pdf.SHIFT, 2 * pdf.SHIFT, -2 * pdf.SHIFT}
    moved = 0
    for _, extra in spaces:
        moved += extra
        assert abs(moved) <= pdf.SHIFT


@pytest.mark.parametrize("text", ["", "word", "two words"])
def test_a_text_of_few_words_can_be_set(text):
    assert [word for word, _ in pdf.marked_spaces(text, SEEDS[0])] == text.split()
    assert pdf.set_text(text, SEEDS[0]).startswith(b"%PDF")


def test_what_is_written_is_no_program_for_the_typesetter():
    hostile = '#read("secret") *x* $y$ \\ ] ) "quoted" // no comment'
    assert lists.fold(pdf.text_of(pdf.set_text(hostile, SEEDS[0]))) == hostile


def test_the_same_seed_gives_the_same_bytes(original, by_spacing, by_pages):
    assert pdf.set_text(TEXT, SEEDS[7], line=lists.VISIBLE_LINE) == by_spacing
    assert pdf.mark_pages(original, SEEDS[7]) == by_pages


def test_a_marked_copy_says_so(by_spacing):
    assert lists.VISIBLE_LINE in pdf.text_of(by_spacing)


def test_nobody_is_named_for_what_is_not_theirs(original):
    unlisted = pdf.set_text(TEXT, seed(9000), line=lists.VISIBLE_LINE)
    other = pdf.set_text(prose(6, words=60), SEEDS[7])
    for leak in (original, unlisted, other):
        verdict = trace(leak, PDF, _copies(original))
        assert verdict.copy_id is None
        assert verdict.sentence.startswith("Cannot tell")


def test_two_who_average_the_places_of_words_are_both_named():
    long = prose(5, words=900, paragraphs=6)
    one, other = (dict(enumerate(pdf.marked_spaces(long, SEEDS[n]))) for n in (7, 8))
    mean = [[(word, (extra + other[at][1]) / 2) for at, (word, extra) in one.items()]]
    verdict = trace(_typeset(mean), PDF, _copies(_typeset([pdf.marked_spaces(long, None)])))
    assert sorted(verdict.copy_ids) == ["copy-7", "copy-8"]


def test_spaces_work_in_a_template_of_one_s_own(original):
    marked = _typeset([pdf.marked_spaces(TEXT, SEEDS[7])], "#set page(width: 120mm)\n#set text(size: 9pt)\n= Heading\n")
    plain = _typeset([pdf.marked_spaces(TEXT, None)], "#set page(width: 120mm)\n#set text(size: 9pt)\n= Heading\n")
    assert trace(marked, PDF, _copies(plain)).copy_id == "copy-7"


def _typeset(paragraphs, head=""):
    import json

    import typst

    source = pdf.TYPST_MARKED + head + "#for each in json(bytes(sys.inputs.given)) { par(marked(each)) }"
    return typst.compile(source.encode(), format="pdf", sys_inputs={"given": json.dumps(paragraphs)})


def test_the_house_s_own_words_in_a_pdf_are_read_too():
    def note(some):
        conditions = lists.ordered(CONDITIONS, some) if some else CONDITIONS
        return f"{lists.worded(lists.NOTICE, some)}\n{' '.join(conditions)}"

    unmarked = pdf.set_text(note(None), None)
    copies = [
        Candidate(f"copy-{n}", each, unmarked, PDF, (("wording", lists.NOTICE),), (("list", CONDITIONS),))
        for n, each in enumerate(SEEDS)
    ]
    verdict = trace(pdf.set_text(note(SEEDS[7]), None), PDF, copies)
    assert verdict.copy_id == "copy-7"
    assert verdict.scores[0].what == "the words of the leak"


@pytest.mark.parametrize("broken", [b"", b"%PDF-1.7 and no more"])
def test_what_is_no_pdf_is_refused(original, broken):
    with pytest.raises(pdf.NotAPdf, match="cannot be read as a PDF"):
        pdf.mark_pages(broken, SEEDS[0])
    with pytest.raises(CannotTrace, match="cannot be read as a PDF"):
        trace(broken, PDF, _copies(original))


def test_a_leak_of_another_kind_is_refused(original):
    with pytest.raises(CannotTrace, match="audio/ogg"):
        trace(b"", "audio/ogg", _copies(original))


def test_copies_that_cannot_be_told_apart_are_refused(original):
    one, other = Candidate("a", SEEDS[0], original, PDF), Candidate("b", SEEDS[0], original, PDF)
    with pytest.raises(CannotTrace, match="same seed"):
        trace(original, PDF, [one, other])
    with pytest.raises(CannotTrace, match="same id"):
        trace(original, PDF, [one, Candidate("a", SEEDS[1], original, PDF)])
    with pytest.raises(BadSeed):
        trace(original, PDF, [Candidate("a", b"short", original, PDF)])


def test_a_candidate_shows_neither_its_seed_nor_its_content():
    shown = repr(Candidate("copy-1", SEEDS[0], b"somebody's words", "text/plain"))
    assert "words" not in shown
    assert repr(SEEDS[0]) not in shown


def test_with_no_copy_handed_over_nobody_is_named(original):
    verdict = trace(original, PDF, [])
    assert verdict.copy_id is None
    assert verdict.scores == ()


@pytest.mark.browser
@pytest.mark.parametrize("carrier", ["by_spacing", "by_pages"])
def test_a_copy_that_chromium_printed_to_pdf_is_named(request, original, carrier, tmp_path):
    """As viewers written in JavaScript print: every page drawn as a picture, and the page with it printed."""
    if CHROMIUM is None:
        pytest.skip("no Chromium found: install Debian's chromium to run the browser tests")
    from playwright.sync_api import sync_playwright

    drawn = [base64.b64encode(png(page)).decode() for page in pictures(request.getfixturevalue(carrier), 150)]
    shown = "".join(f'<img style="width:100%" src="data:image/png;base64,{each}">' for each in drawn)
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page()
        page.set_content(shown, wait_until="load")
        leak = page.pdf(format="Letter", margin={"top": "12mm", "left": "12mm", "right": "12mm"})
        chromium.close()
    assert b"Skia" in leak or pypdfium2.PdfDocument(io.BytesIO(leak)).get_metadata_value("Producer").startswith("Skia")
    assert trace(leak, PDF, _copies(original)).copy_id == "copy-7"

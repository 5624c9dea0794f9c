"""Each component through Django's own template engine, where a misspelt variable raises."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import NoReverseMatch, path
from django.utils import translation

import habeas.web
from habeas.exposure.core.model import Exposure
from habeas.law.core.model import OUTCOMES, TraceNode
from habeas.web.components import icons
from habeas.web.components.gallery import gallery
from habeas.web.components.marks import cut
from habeas.web.components.shapes import Check, Column, Event, Link, PlanStep, SummaryRow
from habeas.web.components.statuses import STATUSES

WEB = Path(habeas.web.__file__).parent
NOW = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)

urlpatterns = [path("exit/", lambda _: HttpResponse(), name="exit")]


class Misspelt(str):
    """In place of a variable that is not there: raises with its name."""

    __slots__ = ()

    def __contains__(self, part):
        return part == "%s"

    def __mod__(self, name):
        raise AssertionError(f"the template asks for {name!r}, which nobody gave it")


@pytest.fixture(autouse=True)
def strict_templates(settings):
    settings.ROOT_URLCONF = __name__
    settings.TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [WEB / "templates"],
            "APP_DIRS": True,
            "OPTIONS": {"string_if_invalid": Misspelt("%s")},
        }
    ]
    with translation.override("en"):
        yield


def shown(source, **context):
    template = engines["django"].from_string("{% load habeas_components %}" + source)
    return template.render(context)


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_misspelt_variable_raises():
    with pytest.raises(AssertionError, match="nobody gave it"):
        shown("{{ mispelt }}")


# -- small pieces


@pytest.mark.parametrize("kind", ["primary", "secondary", "danger", "link"])
def test_a_button_is_a_button_and_a_link_is_a_link(kind):
    assert f'<button class="button button-{kind}" type="submit">' in shown("{% button 'Go' kind=kind %}", kind=kind)
    assert shown("{% button 'Go' kind=kind href='/a' %}", kind=kind).startswith("<a ")


def test_a_button_refuses_a_kind_that_has_no_style():
    with pytest.raises(ValueError, match="it can be primary, secondary, danger, link"):
        shown("{% button 'Go' kind='green' %}")


def test_what_people_wrote_is_escaped_everywhere():
    evil = "<script>alert(1)</script>"
    span = Exposure("name", 0, 8, evil[:8], "", "", 1.0, "")
    html = shown(
        "{% button e %}{% tag e %}{% notice title=e %}{{ e }}{% endnotice %}{% summary_list rows %}"
        "{% data_table e columns cells %}{% marked_text e spans id='x' %}{% timeline events %}{% gravity 1 reason=e %}",
        e=evil,
        rows=[SummaryRow(evil, evil)],
        columns=[Column(evil)],
        cells=[[evil]],
        spans=[span],
        events=[Event(NOW, evil, evil, evil)],
    )
    assert "<script" not in html


def test_every_outcome_of_the_law_has_a_word_and_a_shape_of_its_own():
    assert set(OUTCOMES) <= set(STATUSES)
    assert len({STATUSES[outcome].icon for outcome in OUTCOMES}) == len(OUTCOMES)
    assert {s.icon for s in STATUSES.values()} <= set(icons.ICONS)


@pytest.mark.parametrize("key", STATUSES)
def test_a_status_shows_its_word(key):
    assert str(STATUSES[key].label) in words(shown("{% status key %}", key=key))


def test_an_unknown_status_names_the_nearest():
    with pytest.raises(ValueError, match='did you mean "approved"'):
        shown("{% status 'aproved' %}")


def test_unknown_is_shown_as_its_own_answer():
    said = [words(shown("{% truth value %}", value=value)) for value in (True, None, False)]
    assert said == ["Met:", "Not known:", "Not met:"]


@pytest.mark.parametrize(("level", "word"), [(1, "Low"), (2, "Moderate"), (3, "High"), (4, "Very high")])
def test_gravity_fills_as_many_bars_as_its_level(level, word):
    html = shown("{% gravity level %}", level=level)
    assert html.count('class="on"') == level
    assert words(html) == f"{word} (Gravity {level} of 4)"


def test_gravity_outside_one_to_four_is_refused():
    with pytest.raises(ValueError, match="gravity is 5"):
        shown("{% gravity 5 %}")


@pytest.mark.parametrize(
    ("level", "said"),
    [("", "Not examined yet"), ("none", "Nothing found"), ("very_high", "Very high (Gravity 4 of 4)")],
)
def test_severity_says_what_was_not_examined(level, said):
    assert words(shown("{% severity level %}", level=level)) == said


@pytest.mark.parametrize(
    ("due", "phrase", "tone"),
    [
        pytest.param(NOW + timedelta(days=6), "Due in 6 days", "neutral", id="far"),
        pytest.param(NOW + timedelta(hours=24), "Due in 24 hours", "warning", id="at-the-warning"),
        pytest.param(NOW + timedelta(seconds=20), "Due in 1 minute", "warning", id="last-minute"),
        pytest.param(NOW - timedelta(hours=1), "Overdue by 1 hour", "danger", id="late"),
        pytest.param(date(2026, 3, 6), "Due today", "warning", id="a-day-ends-at-midnight"),
        pytest.param(date(2026, 3, 7), "Due tomorrow", "neutral", id="tomorrow"),
        pytest.param(date(2026, 3, 5), "Overdue by 24 hours", "danger", id="yesterday"),
        pytest.param(None, "No fixed time", "neutral", id="none"),
    ],
)
def test_a_clock_says_what_is_left(due, phrase, tone):
    html = shown("{% clock due now %}", due=due, now=NOW)
    assert words(html).startswith(phrase)
    assert f"tone-{tone}" in html
    assert ("<time" in html) == (due is not None)


@pytest.mark.parametrize(("hours", "said"), [(-1, "Done in time"), (1, "Done late")])
def test_a_stopped_clock_says_whether_it_was_in_time(hours, said):
    done = NOW + timedelta(hours=hours)
    assert words(shown("{% clock due now done_at=done %}", due=NOW, now=NOW, done=done)).startswith(said)


def test_a_clock_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="needs a time zone"):
        shown("{% clock due now %}", due=datetime(2026, 3, 6), now=NOW)


# -- the frame of a page


def test_the_way_out_comes_before_everything_else_and_needs_no_script():
    html = render_to_string("portal_base.html")
    first = re.search(r"<(?:a|button|input|select|textarea|summary)\b[^>]*>", html[html.index("<body") :])
    assert 'href="/exit/"' in first.group()
    assert "noreferrer" in first.group()


def test_the_portal_refuses_to_go_without_a_way_out(settings):
    settings.ROOT_URLCONF = ()
    with pytest.raises(NoReverseMatch):
        render_to_string("portal_base.html")
    # An error page shows whatever happens.
    assert "Something broke" in render_to_string("500.html")


@pytest.mark.parametrize("page", ["400.html", "403.html", "404.html", "500.html", "base.html", "desk_base.html"])
def test_a_page_needs_nothing_from_its_view(page):
    html = render_to_string(page)
    assert '<html lang="en" dir="ltr">' in html
    assert html.count('id="main"') == 1
    assert html.count("<h1") == (1 if page[0].isdigit() else 0)


def test_arabic_runs_right_to_left():
    with translation.override("ar"):
        assert '<html lang="ar" dir="rtl">' in render_to_string("base.html")


def test_menus_mark_where_the_reader_is():
    links = [Link("Mine", "/m", current=True, count=0), Link("Everyone’s", "/e", lang="en"), Link("Here")]
    html = shown(
        "{% breadcrumbs links %}{% tabs links label='Cases' %}{% language_menu links %}{% back_link '/b' %}",
        links=links,
    )
    assert html.count("aria-current") == 3
    assert '<span class="count">0</span>' in html


def test_pages_keep_the_rest_of_the_address():
    request = RequestFactory().get("/desk/", {"state": "new", "page": "2"})
    html = shown("{% pagination page %}", page=Paginator(range(50), 10).get_page(2), request=request)
    assert 'href="?state=new&amp;page=3"' in html
    assert shown("{% pagination page %}", page=Paginator(range(5), 10).get_page(1)).strip() == ""
    assert 'href="?page=2"' in shown("{% pagination page %}", page=Paginator(range(50), 10).get_page(1))


# -- words to the reader


@pytest.mark.parametrize(
    ("kind", "role"), [("info", "status"), ("success", "status"), ("warning", "status"), ("danger", "alert")]
)
def test_a_live_notice_is_said_at_once(kind, role):
    html = shown("{% notice kind=kind title='T' live=True %}<p>b</p>{% endnotice %}", kind=kind)
    assert f'role="{role}"' in html
    assert "<p>b</p>" in html
    assert "role=" not in shown("{% notice kind=kind %}{% endnotice %}", kind=kind)


def test_what_was_skipped_reads_as_not_given_and_nought_as_nought():
    html = shown("{% summary_list rows %}", rows=[SummaryRow("A", "", "/a"), SummaryRow("B", None), SummaryRow("C", 0)])
    assert words(html) == "A Not given Change : A B Not given C 0"


def test_a_table_names_each_cell_by_its_column():
    columns = [Column("Case"), Column("Posts", number=True, sort_url="?sort=posts", sorted="descending")]
    html = shown("{% data_table 'Queue' columns rows %}", columns=columns, rows=[["XA-1", 3]])
    assert 'data-label="Posts"' in html
    assert 'aria-sort="descending"' in html
    assert html.count('role="row"') == 2


def test_a_row_with_a_cell_too_few_is_refused():
    with pytest.raises(ValueError, match="shorter"):
        shown("{% data_table 'Queue' columns rows %}", columns=[Column("A"), Column("B")], rows=[["one"]])


def test_a_timeline_takes_instants_and_days():
    html = shown(
        "{% timeline events %}", events=[Event(NOW, "Sent", who="R. Deskworker"), Event(date(2026, 3, 5), "Received")]
    )
    assert 'datetime="2026-03-06T12:00:00+00:00"' in html
    assert 'datetime="2026-03-05"' in html


def test_branches_nobody_knows_stand_open():
    leaf = TraceNode("shown", True, "in the post")
    tree = TraceNode("all", False, "", (TraceNode("meant", None, "", (leaf,)), TraceNode("agreed", True, "", (leaf,))))
    html = shown("{% law_trace tree open_depth=0 %}", tree=tree)
    assert html.count("<details") == 3
    assert html.count("<details open") == 1


def test_a_plan_step_says_what_is_still_missing():
    step = PlanStep(
        2, "Remove", "Notice", "chat.example.net", "section 214b", "drafted", NOW, approvals=("R. Deskworker",),
        approvals_needed=2, checks=(Check("Sealed", True), Check("Agreed", None, "Not asked yet")),
    )  # fmt: skip
    html = shown("{% plan_step step now=now %}{% button 'Approve' %}{% endplan_step %}", step=step, now=NOW)
    assert "R. Deskworker · 1 more needed" in words(html)
    assert "Not known: Agreed Not asked yet" in words(html)
    assert 'class="actions"' not in shown("{% plan_step step now=now %}{% endplan_step %}", step=step, now=NOW)


@dataclass(frozen=True)
class Mark:
    start: int
    end: int
    kind: str = "name"
    gravity: int = 1


def test_overlapping_marks_lose_no_character():
    text = "Mara, 12 Example Lane, Sampleton"
    pieces = cut(text, [Mark(6, 32, "address", 4), Mark(23, 32, "place", 2), Mark(0, 4)])
    assert "".join(piece.text for piece in pieces) == text
    assert [len(piece.covers) for piece in pieces] == [1, 0, 1, 2]
    assert [piece.gravity for piece in pieces] == [1, 0, 4, 4]


def test_a_mark_counted_on_another_text_is_refused():
    with pytest.raises(ValueError, match="does not fit a text of 3 characters"):
        cut("abc", [Mark(1, 9)])


def test_marked_text_is_blurred_until_asked_for():
    html = shown(
        "{% marked_text 'Mara Invented' spans id='p1' names=names %}", spans=[Mark(0, 4)], names={"name": "Name"}
    )
    assert "sealed-marks" in html
    assert 'for="p1-reveal"' in html
    assert "Name" in words(html)
    assert "checkbox" not in shown("{% marked_text 'x' spans id='p1' blur='none' %}", spans=[])


def test_a_receipt_is_shown_in_groups_under_a_dull_name():
    html = shown("{% receipt_card '7413-0952 6638' %}<p>Keep it.</p>{% endreceipt_card %}")
    assert re.findall(r"<span>(\d+)</span>", html) == ["7413", "0952", "6638"]
    assert "abeas" not in html
    with pytest.raises(ValueError, match="needs a code"):
        shown("{% receipt_card '' %}{% endreceipt_card %}")


def test_the_rest_of_the_pieces_show_what_they_are_given():
    html = shown(
        "{% empty_state 'Nothing waits' %}<p>x</p>{% endempty_state %}{% figure_card 3 'Wrong removals' note='n' %}"
        "{% fieldset 'More' hint='h' %}<p>y</p>{% endfieldset %}{% question 'Where?' lead='l' step=2 %}<p>z</p>"
        "{% endquestion %}"
        "{% wordmark organisation='Sample Line' %}{% icon 'lock' %}"
    )
    assert words(html) == "Nothing waits x Wrong removals 3 n More h y Step 2 Where? l z Habeas Sample Line"


# -- questions


class Questions(forms.Form):
    link = forms.URLField(label="Link", help_text="Paste it.", assume_scheme="https")
    seen_on = forms.DateField(label="Seen on", required=False, initial=date(2026, 3, 5))
    seen_at = forms.DateTimeField(label="Seen at", required=False)
    shown = forms.MultipleChoiceField(
        label="Shown", choices=[("a", "Address"), ("p", "Phone")], widget=forms.CheckboxSelectMultiple
    )
    whose = forms.ChoiceField(
        label="Whose?", choices=[("me", "Mine"), ("child", "A child’s")], widget=forms.RadioSelect
    )
    country = forms.ChoiceField(label="Country", choices=[("xa", "Examplia")])
    more = forms.CharField(label="More", required=False, widget=forms.Textarea)
    picture = forms.FileField(label="Picture", required=False, widget=forms.FileInput)
    agreed = forms.BooleanField(label="I agree")
    nonce = forms.CharField(widget=forms.HiddenInput)

    def clean(self):
        raise forms.ValidationError("Give a link or a picture.")


def all_fields(form):
    return shown("{% error_summary form %}{% for one in form %}{% field one why='Because.' %}{% endfor %}", form=form)


@pytest.mark.parametrize("form", [Questions(), Questions({})], ids=["untouched", "with-errors"])
def test_every_reference_to_another_element_leads_somewhere(form):
    html = all_fields(form)
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    pointed = re.findall(r'(?:for|href)="#?(id_[^"]+)"', html)
    pointed += " ".join(re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', html)).split()
    assert set(pointed) <= set(ids)
    assert set(form.fields) - {"nonce"} <= {re.sub(r"^id_|_\d$", "", one) for one in pointed}


def test_errors_name_their_field_and_link_to_it():
    html = shown("{% error_summary form %}", form=Questions({}))
    assert '<a href="#id_link">Link: This field is required.</a>' in html
    assert '<a href="#id_whose_0">Whose? This field is required.</a>' in html
    assert "<li>Give a link or a picture.</li>" in html
    assert " autofocus" in html
    assert " autofocus" not in shown("{% error_summary form focus=False %}", form=Questions({}))
    assert shown("{% error_summary form %}", form=Questions()).strip() == ""


def test_a_wrong_field_is_described_by_its_hint_and_its_error():
    html = shown("{% field form.link %}", form=Questions({}))
    assert 'aria-describedby="id_link_helptext id_link_error"' in html
    assert 'aria-invalid="true"' in html


def test_dates_are_asked_with_the_browsers_own_picker():
    html = all_fields(Questions())
    assert 'type="date"' in html
    assert 'value="2026-03-05"' in html
    assert 'type="datetime-local"' in html


def test_a_field_can_be_the_only_question_of_a_page():
    form = Questions()
    assert '<h1><label class="label" for="id_link">' in shown("{% field form.link heading=True %}", form=form)
    assert '<legend class="label"><h1>' in shown("{% field form.whose heading=True %}", form=form)


def test_a_choice_can_have_a_line_of_its_own():
    html = shown("{% field form.whose hints=hints %}", form=Questions(), hints={"child": "Under 18."})
    assert words(html) == "Whose? Mine A child’s Under 18."


def test_what_may_be_left_out_says_so():
    assert "(optional)" in shown("{% field form.more %}", form=Questions())
    assert "(optional)" not in shown("{% field form.more optional=False %}", form=Questions())
    assert "(optional)" not in shown("{% field form.link %}", form=Questions())


def test_a_reason_set_on_the_field_is_shown():
    form = Questions()
    form.fields["link"].why = "So that you need not look."
    assert "So that you need not look." in shown("{% field form.link %}", form=form)


def test_a_field_in_parts_is_refused():
    class Parts(forms.Form):
        day = forms.DateField(widget=forms.SelectDateWidget)

    with pytest.raises(ValueError, match="its parts need labels"):
        shown("{% field form.day %}", form=Parts())


# -- all of it


@pytest.mark.parametrize("look", ["portal", "desk"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_gallery_shows_everything_without_inline_style_or_script(look, language):
    response = gallery(RequestFactory().get("/components/", {"look": look, "language": language}))
    html = response.content.decode()
    assert response.status_code == 200
    assert " style=" not in html
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)
    assert not re.search(r"\son[a-z]+=", html)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', html)

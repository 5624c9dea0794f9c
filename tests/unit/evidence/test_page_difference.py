"""A page seen twice: live, changed, gone or back, and what of the change matters."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.evidence.core.page_difference import (
    SMALLEST_MEDIA_BYTES,
    Block,
    Look,
    Seeming,
    appearance,
    blocks_of,
    digest_of,
    judge_page,
    look_from_details,
    media_that_matter,
    with_words,
    words_of,
)

ASKED = "https://forum.example.org/thread/12"
THERE, GONE = Seeming("there", "", 0.95), Seeming("gone", "not_found", 0.97)
LONG = ["An ordinary sentence of somebody's long story, one of very many. " * 3] * 12
SAID = ["Examplia Person lives at 12 Example Street.", "Call +1-555-0142.", "Everybody should know.", "Bye."]


def look(*texts: str, **changes: object) -> Look:
    plain = Look(
        status=200,
        url_final=ASKED,
        title=digest_of("text", "Look"),
        blocks=tuple(blocks_of([{"kind": "text", "text": text} for text in texts], with_text=True)),
        media=frozenset(),
        seeming=THERE,
        complete=True,
    )
    return replace(plain, **changes)


def seems(
    status: int | None = 200, *texts: str, title: str = "", final: str = ASKED, password: bool = False
) -> Seeming:
    return appearance(status=status, title=title, texts=texts, url_asked=ASKED, url_final=final, asks_password=password)


@pytest.mark.parametrize(
    ("status", "texts", "expected"),
    [
        pytest.param(200, SAID, ("there", ""), id="post"),
        pytest.param(404, SAID, ("gone", "not_found"), id="404"),
        pytest.param(410, [], ("gone", "gone"), id="410"),
        pytest.param(451, [], ("gone", "legal"), id="451"),
        pytest.param(403, SAID, ("unknown", "refused"), id="403"),
        pytest.param(429, [], ("unknown", "refused"), id="429"),
        pytest.param(503, ["This page is not available"], ("unknown", "server_error"), id="503"),
        pytest.param(None, [], ("unknown", "no_answer"), id="no-answer"),
        pytest.param(200, ["Sorry, this post has been removed."], ("gone", "removed_notice"), id="removed-en"),
        pytest.param(200, ["Dieser Beitrag wurde gelöscht"], ("gone", "removed_notice"), id="removed-de"),
        pytest.param(200, ["Cette page est introuvable"], ("gone", "removed_notice"), id="removed-fr"),
        pytest.param(200, ["Esta página no existe"], ("gone", "removed_notice"), id="removed-es"),
        pytest.param(200, ["Страница не найдена"], ("gone", "removed_notice"), id="removed-ru"),
        pytest.param(200, ["页面不存在"], ("gone", "removed_notice"), id="removed-zh"),
        pytest.param(200, ["This domain is for sale"], ("gone", "parked"), id="parked"),
        pytest.param(200, ["Just a moment...", "Verify you are human"], ("unknown", "challenge"), id="challenge"),
        pytest.param(200, [*LONG, "the video was removed, they say"], ("there", ""), id="somebody-says-removed"),
    ],
)
def test_what_a_page_looks_like(status, texts, expected):
    found = seems(status, *texts)
    assert (found.standing, found.reason) == expected


def test_a_wall_is_a_wall_only_where_it_asks_for_a_password():
    assert seems(200, "Log in to see this page", password=True).reason == "login_wall"
    assert seems(200, "Log in to see this page").standing == "there"


@pytest.mark.parametrize(
    ("final", "reason"),
    [
        ("https://forum.example.org/", "front_page"),
        ("https://forum.example.org/login?next=/thread/12", "login_wall"),
        ("https://forum.example.org/thread/12-moved", ""),
    ],
)
def test_where_the_address_leads_to_tells_something(final, reason):
    assert seems(200, *LONG, final=final).reason == reason


def test_the_first_capture_of_a_page_that_is_there_is_live():
    assert judge_page(None, look(*SAID)).state == "live"


def test_only_what_differs_at_every_visit_leaves_a_page_live():
    judged = judge_page(look(*SAID, "12 views", "3 hours ago"), look(*SAID, "99 views", "2 days ago"))
    assert (judged.state, judged.added, judged.removed) == ("live", (), ())
    assert judged.sentence == "The page is there as before; only what differs at every visit differs."


def test_a_new_line_is_the_difference_that_matters():
    judged = judge_page(look(*SAID), look(*SAID[:2], "They work at Example Works.", *SAID[2:]))
    assert judged.state == "changed"
    assert [block.text for block in judged.added] == ["They work at Example Works."]
    assert judged.removed == ()
    assert judged.sentence == "The page changed: 1 block(s) of text added."


def test_a_telephone_number_that_changed_is_seen_on_both_sides():
    judged = judge_page(look(*SAID), look(SAID[0], "Call +1-555-0143.", *SAID[2:]))
    assert [block.text for block in judged.added] == ["Call +1-555-0143."]
    assert [block.text for block in judged.removed] == ["Call +1-555-0142."]


def test_a_picture_that_came_and_one_that_went():
    judged = judge_page(look(*SAID, media=frozenset({"a" * 64})), look(*SAID, media=frozenset({"b" * 64})))
    assert (judged.state, judged.media_added, judged.media_removed) == ("changed", ("b" * 64,), ("a" * 64,))


def test_another_title_is_a_change():
    judged = judge_page(look(*SAID), look(*SAID, title=digest_of("text", "Another")))
    assert judged.title_changed
    assert judged.sentence == "The page changed: another title."


def test_of_a_page_cut_short_nothing_is_said_to_be_removed():
    judged = judge_page(look(*SAID), look(*SAID[:2], complete=False))
    assert (judged.state, judged.removed) == ("live", ())
    assert judged.likelihood <= 0.7


def test_gone_and_back_again():
    gone = judge_page(look(*SAID), look(seeming=GONE, status=404))
    assert (gone.state, gone.reason, gone.status_before, gone.status_now) == ("gone", "not_found", 200, 404)
    assert gone.sentence == "The page is surely gone: the site answers that there is no such page (404)."
    back = judge_page(look(seeming=GONE, status=404, title=""), look(*SAID))
    assert (back.state, len(back.added)) == ("back", 4)


def test_a_page_that_could_not_be_told_is_neither_there_nor_gone():
    judged = judge_page(look(*SAID), look(seeming=Seeming("unknown", "challenge", 0.8)))
    assert judged.state == "unknown"
    assert judged.sentence.startswith("Whether the page is there cannot be told: the site asked")


def test_a_notice_among_posts_that_all_stand_is_somebodys_post():
    noticed = Seeming("gone", "removed_notice", 0.6)
    assert judge_page(look(*SAID), look(*SAID, "This video was removed", seeming=noticed)).state == "changed"
    assert judge_page(look(*SAID), look("This post was removed", seeming=noticed)).state == "gone"


def test_advertisements_and_empty_blocks_do_not_count():
    seen = [{"kind": "text", "text": "Buy shoes", "ad": True}, {"kind": "text", "text": " "}, {"text": "Stays"}]
    assert [block.text for block in blocks_of(seen, with_text=True)] == ["Stays"]
    assert [block.text for block in blocks_of(seen, with_text=False)] == [None]


def test_only_pictures_sound_and_film_of_some_size_count():
    kinds = ["image/png", "video/mp4", "text/css", "image/gif"]
    sizes = [SMALLEST_MEDIA_BYTES, 9_000_000, 80_000, 43]
    media = [
        {"media_type": kind, "sha256": str(number) * 64, "size": size}
        for number, (kind, size) in enumerate(zip(kinds, sizes, strict=True))
    ]
    assert media_that_matter(media) == {"0" * 64, "1" * 64}


texts = st.lists(st.text(max_size=40), max_size=12)


@given(texts)
def test_a_page_is_live_against_itself(said):
    assert judge_page(look(*said), look(*said)).state == "live"


@given(texts, texts)
def test_what_one_way_is_added_is_the_other_way_removed(one, another):
    there, back = judge_page(look(*one), look(*another)), judge_page(look(*another), look(*one))
    assert (there.added, there.removed) == (back.removed, back.added)
    # What the one lacks and what it has too much make the other, block by block.
    before, now = ([block.digest for block in look(*side).blocks] for side in (one, another))
    kept = list(before)
    for block in there.removed:
        kept.remove(block.digest)
    assert sorted([*kept, *(block.digest for block in there.added)]) == sorted(now)


@given(texts, st.booleans())
def test_details_say_of_a_page_what_it_is_compared_by(said, complete):
    seen = look(*said, complete=complete)
    details = {
        "status": 200,
        "url_final": ASKED,
        "title_digest": seen.title,
        "blocks": [{"kind": block.kind, "digest": block.digest} for block in seen.blocks],
        "media": [],
        "seems": {"standing": "there", "reason": "", "likelihood": 0.95},
        "complete": complete,
    }
    assert look_from_details(details) == replace(seen, blocks=tuple(Block(b.kind, b.digest) for b in seen.blocks))


def test_details_that_say_nothing_are_taken_for_not_known():
    seen = look_from_details({})
    assert (seen.status, seen.seeming.standing, seen.complete, seen.blocks) == (None, "unknown", False, ())


def test_a_change_is_shown_in_words_where_the_words_are_held():
    pages = [
        {"habeas": {"blocks": [{"kind": "text", "text": text} for text in said]}}
        for said in (SAID, [*SAID[1:], "They moved."])
    ]
    details = [look(*SAID), look(*SAID[1:], "They moved.")]
    judged = judge_page(*(replace(one, blocks=tuple(Block(b.kind, b.digest) for b in one.blocks)) for one in details))
    assert with_words(judged, words_of(pages[0]), words_of(pages[1])) == (["They moved."], [SAID[0]])

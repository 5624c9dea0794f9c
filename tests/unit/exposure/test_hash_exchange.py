"""Picture hashes as StopNCII and a Hasher-Matcher-Actioner write them: read strictly, merged, judged, written again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.exposure.core import hash_exchange as exchange
from habeas.exposure.core.hash_exchange import (
    Aggregate,
    Feedback,
    FeedbackValue,
    HashRecord,
    HashState,
    HmaBank,
    HmaContent,
    HmaMatch,
    UnreadableExchange,
    combined,
    live,
    merged,
    read_page,
    write_page,
)

ONE, OTHER = "2a" * 32, "7f" * 32
TOKEN = "W3siY29tcG9zaXRlVG9rZW4iOnsidG9rZW4i"

# As the service writes it: two hashes, one of them with feedback, and what it sends where nobody said anything.
PAGE = {
    "count": 3,
    "nextSetTimestamp": 1625175071,
    "nextPageToken": TOKEN,
    "hasMoreRecords": True,
    "hashRecords": [
        {
            "lastModtimestamp": 1625167804,
            "hashValue": ONE.upper(),
            "hashStatus": "Received",
            "caseNumbers": {"27664732-76e1-4a17-8099-455798e67022": "Received"},
            "signalType": "ImagePDQ",
        },
        {
            "lastModtimestamp": 1625175071,
            "hashValue": OTHER,
            "hashStatus": "Active",
            "caseNumbers": [],
            "signalType": "ImagePDQ",
            "hashRegions": ["UK"],
            "CSPFeedbacks": [
                {"source": "Examplebook", "feedbackValue": "Blocked", "tags": ["Nude", "Objectionable"]},
                {"source": "Exampletok", "feedbackValue": "Undefined", "tags": ["Nude"]},
            ],
        },
        {"lastModtimestamp": 1, "hashValue": "any text", "hashStatus": "Active", "signalType": "Text"},
    ],
}


def page(**changes: object) -> str:
    return json.dumps({**PAGE, **changes})


def record(**changes: object) -> dict[str, object]:
    return {**PAGE["hashRecords"][0], **changes}


def read_one(**changes: object) -> HashRecord:
    (found,) = read_page(page(count=1, hashRecords=[record(**changes)])).records
    return found


hash_values = st.binary(min_size=32, max_size=32).map(bytes.hex)
words = st.text(st.characters(categories=("L", "N", "P", "S")), max_size=20)
states = st.sampled_from(get_args(HashState))
records = st.builds(
    HashRecord,
    hash_value=hash_values | st.sampled_from([ONE, OTHER]),
    state=states,
    modified_at=st.integers(0, 5) | st.integers(0, 253_402_300_799),
    cases=st.dictionaries(words, states, max_size=3),
    feedback=st.lists(
        st.builds(
            Feedback,
            st.sampled_from(get_args(FeedbackValue)),
            st.lists(words, max_size=3).map(lambda tags: tuple(sorted(set(tags)))),
            words,
        ),
        max_size=3,
    ).map(tuple),
)


# --------------------------------------------------------------------------------------------------------- pages


def test_a_page_is_read_as_the_service_writes_it():
    found = read_page(page())
    assert (found.next_page, found.has_more, found.next_set) == (TOKEN, True, 1625175071)
    first, second = found.records
    assert (first.hash_value, first.state, first.modified_at) == (ONE, "Received", 1625167804)
    assert first.cases == {"27664732-76e1-4a17-8099-455798e67022": "Received"}
    assert first.bits == b"\x2a" * 32
    assert second.tags == ("Nude", "Objectionable")
    assert [one.value for one in second.feedback] == ["Blocked", "None"]
    assert second.cases == {}


def test_what_cannot_be_matched_is_counted_and_said():
    assert read_page(page()).skipped == {"Text": 1}


def test_a_last_page_may_carry_a_token_that_leads_nowhere():
    found = read_page(page(hasMoreRecords=False))
    assert (found.next_page, found.has_more) == ("", False)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        pytest.param({"hashValue": ONE[:-1]}, "record 1: hashValue: has 63 digits, and a PDQ hash has 64", id="short"),
        pytest.param({"hashValue": "zz" * 32}, "record 1: hashValue: holds other characters than", id="no-digits"),
        pytest.param({"hashValue": 7}, "record 1: hashValue: is another number and not a text", id="a-number"),
        pytest.param({"hashValue": None}, "record 1: hashValue: is missing", id="no-hash"),
        pytest.param({"hashStatus": "Gone"}, 'record 1: hashStatus: "Gone" is none of Received, Active', id="state"),
        pytest.param({"lastModtimestamp": -1}, "record 1: lastModtimestamp: is another number", id="before-1970"),
        pytest.param({"lastModtimestamp": "1625"}, "record 1: lastModtimestamp: is a text", id="time-as-text"),
        pytest.param({"lastModtimestamp": True}, "record 1: lastModtimestamp: is true or false", id="time-as-truth"),
        pytest.param({"lastModtimestamp": 10**15}, "whole seconds since 1970 are meant", id="microseconds"),
        pytest.param({"signalType": "Smell"}, 'record 1: signalType: "Smell" is none of ImagePDQ', id="kind"),
        pytest.param({"caseNumbers": ["x"]}, "record 1: caseNumbers: is a list and not an object", id="cases"),
        pytest.param({"caseNumbers": {"x": "Lost"}}, 'record 1: caseNumbers: state 1: "Lost"', id="state-of-a-case"),
        pytest.param({"CSPFeedbacks": {}}, "record 1: CSPFeedbacks: is an object and not a list", id="feedback"),
        pytest.param(
            {"CSPFeedbacks": [{"feedbackValue": "None"}, {"feedbackValue": "Liked"}]},
            'record 1: CSPFeedbacks 2: feedbackValue: "Liked" is none of None, QualityUnknown',
            id="feedback-value",
        ),
        pytest.param(
            {"CSPFeedbacks": [{"feedbackValue": "None", "tags": "Nude"}]},
            "record 1: CSPFeedbacks 1: tags: is a text and not a list",
            id="tags-as-text",
        ),
        pytest.param(
            {"CSPFeedbacks": [{"feedbackValue": "None", "tags": ["x" * 201]}]},
            "record 1: CSPFeedbacks 1: tags: has 201 characters, and at most 200",
            id="long-tag",
        ),
        pytest.param(
            {"CSPFeedbacks": [{"feedbackValue": "None", "source": "a\x1b[2Jb"}]},
            "record 1: CSPFeedbacks 1: source: holds characters that cannot be printed",
            id="escape-in-a-name",
        ),
    ],
)
def test_an_error_names_the_record_and_the_field(changes, fault):
    with pytest.raises(UnreadableExchange) as refusal:
        read_one(**changes)
    assert fault in str(refusal.value)
    assert ONE not in str(refusal.value).lower()


def test_all_faults_of_a_page_are_told_at_once_and_nothing_of_it_is_taken():
    bad = [record(hashValue="", hashStatus=""), record(), record(lastModtimestamp=None)]
    with pytest.raises(UnreadableExchange) as refusal:
        read_page(page(hashRecords=bad))
    assert [fault.split(": ")[:2] for fault in refusal.value.faults] == [
        ["record 1", "hashValue"],
        ["record 1", "hashStatus"],
        ["record 3", "lastModtimestamp"],
    ]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param("<html>busy</html>", "it is no JSON, or was cut off", id="a-web-page"),
        pytest.param(page()[:-40], "it is no JSON, or was cut off", id="cut-off"),
        pytest.param(b"\xff\xfe\x00", "it is no JSON", id="no-text"),
        pytest.param("[" * 100_000, "it is no JSON", id="nested-too-deep"),
        pytest.param("[]", "the page: is a list and not an object", id="a-list"),
        pytest.param("{}", "hashRecords is missing", id="empty"),
        pytest.param(page(count=4), "count is 4, but hashRecords holds 3: it was cut", id="fewer-than-counted"),
        pytest.param(page(nextPageToken=None), "hasMoreRecords is true, but nextPageToken is missing", id="no-token"),
        pytest.param(page(hasMoreRecords="no"), "hasMoreRecords is neither true nor false", id="more-as-text"),
        pytest.param(page(nextSetTimestamp="soon"), "nextSetTimestamp: is a text", id="next-set"),
        pytest.param(page(hashRecords=[[]], count=1), "record 1: is a list and not an object", id="record-as-list"),
    ],
)
def test_what_is_no_page_is_refused(content, fault):
    with pytest.raises(UnreadableExchange, match=fault):
        read_page(content)


@given(st.lists(records, max_size=8, unique_by=lambda one: one.hash_value), words)
def test_what_is_written_is_read_again(some, token):
    found = read_page(write_page(some, next_page=token, next_set=7))
    assert found == exchange.Page(tuple(some), token, bool(token), 7)


def test_a_submission_and_feedback_have_the_shape_the_service_takes():
    said = HashRecord(ONE, "Active", 1625167804, {"c-1": "Active"})
    assert exchange.write_submission([said]) == {
        "count": 1,
        "hashRecords": [
            {
                "lastModtimestamp": 1625167804,
                "signalType": "ImagePDQ",
                "hashValue": ONE,
                "hashStatus": "Active",
                "caseNumbers": {"c-1": "Active"},
                "CSPFeedbacks": [],
            }
        ],
    }
    assert exchange.write_feedback({ONE: Feedback("Deleted", ("Adult", "Nude"))}) == {
        "count": 1,
        "hashFeedbacks": [{"hashValue": ONE, "feedbackValue": "Deleted", "tags": ["Adult", "Nude"]}],
    }


# --------------------------------------------------------------------------------------------------------- merging


def test_a_newer_record_replaces_an_older_one_whatever_comes_first():
    old, new = HashRecord(ONE, "Received", 10), HashRecord(ONE, "Active", 11)
    assert merged({}, [old, new]) == merged({}, [new, old]) == {ONE: new}


@pytest.mark.parametrize("state", ["Withdrawn", "Deleted"])
def test_withdrawn_and_deleted_take_the_hash_out_and_an_older_page_does_not_bring_it_back(state):
    held = merged({}, [HashRecord(ONE, "Active", 10), HashRecord(OTHER, "Active", 10), HashRecord(ONE, state, 12)])
    assert live(held) == {OTHER}
    assert live(merged(held, [HashRecord(ONE, "Active", 11)])) == {OTHER}
    assert live(merged(held, [HashRecord(ONE, "Active", 13)])) == {ONE, OTHER}


def test_within_one_second_the_withdrawal_wins():
    active, gone = HashRecord(ONE, "Active", 10), HashRecord(ONE, "Withdrawn", 10)
    assert live(merged({}, [active, gone])) == live(merged({}, [gone, active])) == frozenset()


@given(st.lists(records, max_size=8), st.randoms(use_true_random=False))
def test_which_hashes_live_does_not_hang_on_the_order_of_pages(some, chance):
    mixed = list(some)
    chance.shuffle(mixed)
    assert live(merged({}, some)) == live(merged({}, mixed))
    assert merged(merged({}, some), some).keys() == merged({}, some).keys()


@given(st.lists(records, max_size=8))
def test_a_page_with_a_hash_twice_holds_its_newest_record(some):
    assert {one.hash_value for one in read_page(write_page(some)).records if one.is_live} == live(merged({}, some))


# --------------------------------------------------------------------------------------------------------- opinions


@pytest.mark.parametrize(
    ("opinions", "together"),
    [
        pytest.param(["NEGATIVE_CLASS"], "NEGATIVE_CLASS", id="one-no"),
        pytest.param(["NEGATIVE_CLASS", "NEGATIVE_CLASS"], "NEGATIVE_CLASS", id="all-no"),
        pytest.param(["INVESTIGATION_SEED", "POSITIVE_CLASS"], "POSITIVE_CLASS", id="a-yes-settles-a-perhaps"),
        pytest.param(["POSITIVE_CLASS", "NEGATIVE_CLASS"], "DISPUTED", id="yes-and-no"),
        pytest.param(["INVESTIGATION_SEED", "NEGATIVE_CLASS"], "DISPUTED", id="perhaps-and-no"),
        pytest.param(["DISPUTED", "POSITIVE_CLASS"], "DISPUTED", id="disputed-stays-disputed"),
    ],
)
def test_opinions_combine_as_in_threatexchange(opinions, together):
    assert combined(opinions) == combined(reversed(opinions)) == together


def _one_after_another(opinions: list[str]) -> str:
    """ThreatExchange folds them pairwise: max, but DISPUTED where the lower of two that differ is NEGATIVE_CLASS."""
    order = get_args(Aggregate)
    so_far = opinions[0]
    for one in opinions[1:]:
        low, high = sorted((so_far, one), key=order.index)
        so_far = "DISPUTED" if low != high and low == "NEGATIVE_CLASS" else high
    return so_far


@given(st.lists(st.sampled_from(get_args(Aggregate)[:3]), min_size=1, max_size=5))
def test_all_at_once_they_combine_as_one_after_another(opinions):
    assert combined(opinions) == _one_after_another(opinions)


def test_no_opinion_at_all_cannot_be_combined():
    with pytest.raises(ValueError, match="no opinion"):
        combined([])


@pytest.mark.parametrize(
    ("values", "opinion"),
    [
        pytest.param([], "INVESTIGATION_SEED", id="a-person-handed-it-in"),
        pytest.param(["Blocked"], "POSITIVE_CLASS", id="blocked"),
        pytest.param(["NotBlocked"], "DISPUTED", id="not-blocked"),
        pytest.param(["Blocked", "NotBlocked"], "DISPUTED", id="both"),
        pytest.param(["PendingReview", "QualityUnknown", "None"], "INVESTIGATION_SEED", id="nobody-decided"),
    ],
)
def test_feedback_is_an_opinion(values, opinion):
    assert HashRecord(ONE, "Active", 1, feedback=tuple(Feedback(value) for value in values)).opinion == opinion


# ------------------------------------------------------------------------------------------------------------- HMA


def test_hashes_of_a_picture_are_read_and_others_counted():
    assert exchange.read_hma_hashes(json.dumps({"pdq": ONE, "video_md5": "ab"})) == (ONE, {"video_md5": 1})
    assert exchange.read_hma_hashes("{}") == ("", {})
    assert exchange.read_hma_hashes(json.dumps(exchange.write_hma_hashes(OTHER.upper()))) == (OTHER, {})


@pytest.mark.parametrize(
    ("answer", "matches"),
    [
        pytest.param(
            {"BANK_A": [{"bank_content_id": 1001, "distance": "4"}, {"bank_content_id": 1002, "distance": 0}]},
            [HmaMatch("BANK_A", 1001, 4), HmaMatch("BANK_A", 1002, 0)],
            id="of-a-hash",
        ),
        pytest.param(
            {"pdq": {"B": [{"bank_content_id": 3, "distance": "31"}]}}, [HmaMatch("B", 3, 31)], id="of-a-file"
        ),
        pytest.param({}, [], id="nothing"),
        pytest.param({"matches": [1, 2]}, [HmaMatch("", 1, None), HmaMatch("", 2, None)], id="raw"),
        pytest.param({"matches": [{"content_id": 1, "distance": "2"}]}, [HmaMatch("", 1, 2)], id="raw-of-2023"),
        pytest.param(["BANK_A"], [HmaMatch("BANK_A", None, None)], id="banks-of-2023"),
    ],
)
def test_a_lookup_is_read_in_each_of_its_shapes(answer, matches):
    assert list(exchange.read_hma_lookup(json.dumps(answer))) == matches


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        pytest.param({"B": [{"bank_content_id": 1, "distance": "257"}]}, "B: match 1: distance", id="too-far"),
        pytest.param({"B": [{"bank_content_id": 1}]}, "B: match 1: distance", id="no-distance"),
        pytest.param({"B": [{"distance": "1"}]}, "B: match 1: bank_content_id: is missing", id="no-id"),
        pytest.param({"B": 7}, "B: is another number and not a list", id="no-list"),
        pytest.param("no", "the matches: is a text", id="a-text"),
    ],
)
def test_a_lookup_that_is_wrong_is_refused(answer, fault):
    with pytest.raises(UnreadableExchange, match=fault):
        exchange.read_hma_lookup(json.dumps(answer))


matches = st.builds(
    HmaMatch, st.from_regex(r"[A-Z][A-Z0-9_]{0,9}", fullmatch=True), st.integers(0, 99), st.integers(0, 256)
)


@given(st.lists(matches, max_size=5))
def test_a_written_lookup_is_read_again(some):
    ordered = sorted(some, key=lambda one: one.bank)
    assert list(exchange.read_hma_lookup(json.dumps(exchange.write_hma_lookup(ordered)))) == ordered


def test_banks_and_contents_are_written_and_read_again():
    banks = (HmaBank("BANK_A", 1.0), HmaBank("BANK_B", 0.0))
    assert exchange.read_hma_banks(json.dumps(exchange.write_hma_banks(banks))) == banks
    assert [bank.is_enabled for bank in banks] == [True, False]
    content = HmaContent(7, "BANK_A", ONE, 1)
    assert exchange.read_hma_content(json.dumps(exchange.write_hma_content(content, banks[0]))) == content


def test_what_adding_a_signal_answers_is_a_content():
    answer = {"id": 12, "signals": {"pdq": ONE, "pdq_ocr": "text"}}
    assert exchange.read_hma_content(json.dumps(answer)) == HmaContent(12, pdq=ONE, skipped={"pdq_ocr": 1})


@pytest.mark.parametrize(
    ("until", "enabled"),
    [(1, True), (0, False), (1_772_798_400, True), (1_772_798_401, False)],
    ids=["never-disabled", "for-good", "until-now", "a-second-longer"],
)
def test_a_content_may_be_disabled_for_a_while(until, enabled):
    noon = datetime(2026, 3, 6, 12, tzinfo=UTC)
    assert HmaContent(1, disabled_until=until).is_enabled(noon) is enabled


@pytest.mark.parametrize("name", ["my_bank", "1_BANK", "BANK/../X", "", "BANK\n"])
def test_a_name_no_hma_takes_is_refused(name):
    with pytest.raises(UnreadableExchange, match="begins with a letter"):
        exchange.hma_bank_name(name)


@pytest.mark.parametrize(
    ("read", "answer"),
    [
        pytest.param(exchange.read_hma_banks, '[{"name": "B", "matching_enabled_ratio": 2}]', id="ratio"),
        pytest.param(exchange.read_hma_banks, '{"name": "B"}', id="no-list-of-banks"),
        pytest.param(exchange.read_hma_content, '{"signals": {}}', id="no-id"),
        pytest.param(exchange.read_hma_content, '{"id": 1, "bank": "B"}', id="bank-as-text"),
        pytest.param(exchange.read_hma_deleted, '{"message": "Done"}', id="not-deleted"),
        pytest.param(exchange.read_hma_hashes, '{"pdq": "abc"}', id="short-hash"),
    ],
)
def test_other_answers_that_are_wrong_are_refused(read, answer):
    with pytest.raises(UnreadableExchange):
        read(answer)

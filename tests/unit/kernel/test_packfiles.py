"""Reading YAML strictly: the traps that would put invented law on the screen."""

from __future__ import annotations

import pytest

from habeas.kernel.packfiles import PackFileError, pack_codes, read_yaml


@pytest.fixture
def read(tmp_path):
    def reader(text: str):
        file = tmp_path / "provisions.yaml"
        file.write_text(text, encoding="utf-8")
        return read_yaml(file)

    return reader


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("on: 2026-01-10", {"on": "2026-01-10"}, id="on-is-a-day-not-a-truth"),
        pytest.param("[NO, yes, off]", ["NO", "yes", "off"], id="norway-is-not-false"),
        pytest.param("[true, false, null, 3]", [True, False, None, 3], id="truths-and-numbers"),
        pytest.param("from: 2024-01-01", {"from": "2024-01-01"}, id="dates-stay-text"),
        pytest.param("", None, id="an-empty-file"),
    ],
)
def test_values_mean_what_is_written(read, text, value):
    assert read(text) == value


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("a: 1\nb: 2\na: 3", "line 3: the key 'a' is written twice", id="a-key-twice"),
        pytest.param("{role: helpline, trusted flagger}", "'trusted flagger' became a key", id="a-torn-sentence"),
        pytest.param("a: [1, 2", "provisions.yaml", id="broken-yaml"),
        pytest.param("a: \x01", "provisions.yaml", id="a-control-character"),
    ],
)
def test_traps_are_refused_with_file_and_reason(read, text, complaint):
    with pytest.raises(PackFileError, match=complaint) as refusal:
        read(text)
    assert "provisions.yaml" in str(refusal.value)


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(PackFileError, match="No such file"):
        read_yaml(tmp_path / "none.yaml")


def test_packs_are_found_by_their_jurisdiction_file(tmp_path):
    for name in ("us-ca", "nl", "draft"):
        (tmp_path / name).mkdir()
    for name in ("us-ca", "nl"):
        (tmp_path / name / "jurisdiction.yaml").write_text("code: X")
    assert pack_codes(tmp_path) == ["NL", "US-CA"]

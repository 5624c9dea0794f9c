"""The signed list of the law: any change of any byte anywhere refuses all of it."""

from __future__ import annotations

import shutil
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habeas.law import trust
from habeas.law.core.manifest import (
    MANIFEST,
    SIGNATURE,
    UnverifiedLaw,
    build,
    key_pair,
    read_manifest,
    sign,
    verify_packs,
)
from habeas.law.core.scaffold import scaffold

TODAY = date(2026, 11, 23)
PRIVATE, PUBLIC = key_pair(bytes(range(32)))
OTHER_PRIVATE, OTHER_PUBLIC = key_pair(bytes(32))


def signed(root, *, version=3, days=30, private=PRIVATE):
    """A folder of two packs and their vocabulary, signed."""
    for code in ("XA", "XB"):
        folder = root / "packs" / code.lower()
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in scaffold(code, "Examplia", (), TODAY).items():
            (folder / name).write_text(content, encoding="utf-8")
    (root / "law").mkdir(exist_ok=True)
    (root / "law" / "facts.yaml").write_text("act.disclosed: {meaning: the person made it available}\n")
    seal(root / "packs", version=version, days=days, private=private)
    return root / "packs"


def seal(packs, *, version=3, days=30, private=PRIVATE):
    facts = packs.parent / "law" / "facts.yaml"
    manifest = build(packs, facts, version=version, issued=TODAY, expires=TODAY + timedelta(days=days))
    (packs / MANIFEST).write_bytes(manifest.to_bytes())
    (packs / SIGNATURE).write_bytes(sign(manifest, private))


@pytest.fixture
def packs(tmp_path):
    return signed(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    return signed(tmp_path_factory.mktemp("law"))


def test_what_was_signed_is_verified(packs):
    found = verify_packs(packs, PUBLIC, TODAY, at_least_version=3)
    assert (found.version, len(found.files)) == (3, 6)


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_any_altered_byte_of_any_file_is_refused(shared, data):
    files = [file for file in sorted(shared.parent.rglob("*")) if file.is_file()]
    file = data.draw(st.sampled_from(files))
    before = file.read_bytes()
    place = data.draw(st.integers(0, len(before) - 1))
    altered = data.draw(st.integers(0, 255).filter(lambda value: value != before[place]))
    try:
        file.write_bytes(before[:place] + bytes([altered]) + before[place + 1 :])
        with pytest.raises(UnverifiedLaw):
            verify_packs(shared, PUBLIC, TODAY)
    finally:
        file.write_bytes(before)
    assert verify_packs(shared, PUBLIC, TODAY)


def add(packs):
    shutil.copytree(packs / "xa", packs / "xc")


def link(packs):
    elsewhere = packs.parent / "elsewhere"
    shutil.copytree(packs / "xa", elsewhere)
    (packs / "xc").symlink_to(elsewhere)


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        pytest.param(lambda p: (p / "xa" / "examples.yaml").unlink(), "missing: xa/examples.yaml", id="missing"),
        pytest.param(add, "not signed: xc/examples.yaml, xc/jurisdiction.yaml", id="an-extra-pack"),
        pytest.param(link, "xc in .* is a link", id="a-link-to-a-pack-elsewhere"),
        pytest.param(
            lambda p: (p / "xa" / "reviews.yaml").write_text("[]"), "not signed: xa/reviews.yaml", id="a-review"
        ),
        pytest.param(lambda p: (p / MANIFEST).unlink(), "has no manifest.json", id="no-list"),
        pytest.param(lambda p: (p / SIGNATURE).unlink(), "has no manifest.sig", id="no-signature"),
        pytest.param(lambda p: (p / SIGNATURE).write_text("not base64 £"), "not that of this key", id="no-base64"),
        pytest.param(
            lambda p: (p.parent / "law" / "facts.yaml").write_text("{}"), "facts.yaml is not the vocabulary", id="facts"
        ),
        pytest.param(lambda p: seal(p, private=OTHER_PRIVATE), "another key signed it", id="another-key"),
    ],
)
def test_what_is_not_as_it_was_signed_is_refused_with_what_and_what_to_do(packs, tamper, says):
    tamper(packs)
    with pytest.raises(UnverifiedLaw, match=says) as refusal:
        verify_packs(packs, PUBLIC, TODAY)
    assert "; " in str(refusal.value) or "sign it" in str(refusal.value)


@pytest.mark.parametrize(
    ("today", "holds"),
    [
        pytest.param(TODAY, True, id="the-day-of-issue"),
        pytest.param(TODAY + timedelta(days=30), True, id="the-last-day"),
        pytest.param(TODAY + timedelta(days=31), False, id="a-day-too-late"),
        pytest.param(TODAY - timedelta(days=1), False, id="before-it-was-issued"),
    ],
)
def test_a_list_holds_from_its_day_to_its_last(packs, today, holds):
    if holds:
        assert verify_packs(packs, PUBLIC, today)
    else:
        with pytest.raises(UnverifiedLaw, match=r"expired|still to come"):
            verify_packs(packs, PUBLIC, today)


def test_an_older_list_cannot_come_back(packs, tmp_path):
    key = tmp_path / "law.pub"
    key.write_bytes(PUBLIC)
    var = tmp_path / "var"
    assert trust.verify_here(packs, key, var, today=TODAY).version == 3
    seal(packs, version=2)
    with pytest.raises(UnverifiedLaw, match="version 2, and version 3 was seen here before"):
        trust.verify_here(packs, key, var, today=TODAY)
    seal(packs, version=7)
    trust.verify_here(packs, key, var, today=TODAY)
    assert (var / "law-version").read_text() == "7\n"


def test_a_number_that_cannot_be_read_is_not_taken_for_none(tmp_path):
    (tmp_path / "law-version").write_text("seven")
    with pytest.raises(UnverifiedLaw, match="does not hold the number"):
        trust.last_seen(tmp_path)


def test_without_the_setting_nothing_is_verified(tmp_path):
    trust.require_verified_law(tmp_path, {})


def test_with_it_a_process_verifies_once(packs, tmp_path):
    key = tmp_path / "law.pub"
    key.write_bytes(PUBLIC)
    seal(packs, days=3650)
    environment = {"HABEAS_LAW_KEY": str(key), "HABEAS_VAR": str(tmp_path / "var")}
    trust.require_verified_law(packs, environment)
    (packs / MANIFEST).unlink()
    trust.require_verified_law(packs, environment)
    with pytest.raises(UnverifiedLaw):
        trust.require_verified_law(packs, {**environment, "HABEAS_LAW_KEY": str(tmp_path / "other.pub")})


@given(st.permutations(["xa/provisions.yaml", "xb/provisions.yaml", "ö/examples.yaml"]))
def test_the_list_is_written_in_one_way_only(names):
    files = dict.fromkeys(names, "00")
    facts = {"version": 1, "issued": TODAY, "expires": TODAY, "facts": "00"}
    from habeas.law.core.manifest import Manifest

    content = Manifest(files=files, **facts).to_bytes()
    assert content == Manifest(files=dict(sorted(files.items())), **facts).to_bytes()
    assert read_manifest(content) == Manifest(files=files, **facts)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"format": 1}', b"\xff"])
def test_what_is_no_list_is_refused(content):
    with pytest.raises(UnverifiedLaw, match="not a list of the law"):
        read_manifest(content)


def test_a_public_key_cannot_sign_and_a_private_one_not_verify(packs):
    manifest = build(packs, packs.parent / "law" / "facts.yaml", version=1, issued=TODAY, expires=TODAY)
    with pytest.raises(ValueError, match="not an Ed25519 private key"):
        sign(manifest, PUBLIC)
    with pytest.raises(UnverifiedLaw, match="not an Ed25519 key"):
        verify_packs(packs, PRIVATE, TODAY)

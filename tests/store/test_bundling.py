"""A bundle made by the house: it verifies without us, holds what was chosen and no more, and stands in the log."""

from __future__ import annotations

import json
from pathlib import Path

import pyrage
import pytest

from factories.authorities import Authority
from factories.evidence import CONDITIONS, FOR_COURT, SECRET_CONTENT, outside, sealed_item
from factories.people import member
from factories.reports import a_case
from habeas.access.actions import NotAllowed
from habeas.evidence import actions, handing_over
from habeas.evidence.core.bundle import decrypt_with
from habeas.evidence.verify import habeas_verify
from habeas.journey import bundle
from habeas.kernel import clock
from habeas.ledger import queries as ledger
from habeas.ledger import signing
from habeas.store.worker import Worker


@pytest.fixture(autouse=True)
def house(db, tmp_path, settings):
    settings.HABEAS_EVIDENCE = tmp_path / "evidence"
    settings.HABEAS_SCRATCH = tmp_path / "scratch"
    settings.HABEAS_LEDGER_KEY = tmp_path / "keys" / "ledger.key"
    settings.HABEAS_LEDGER_KEY.parent.mkdir()
    signing.new_key("helpline.example.org/ledger")


@pytest.fixture
def case():
    case = a_case()
    sealed_item(case)
    sealed_item(case, b"you know what to do, pay her a visit", "thread.txt")
    return case


def ids(case) -> list[str]:
    return [str(pk) for pk in case.items.values_list("pk", flat=True)]


def verified(folder: Path) -> tuple[int, str]:
    report = habeas_verify.verify(folder)
    return report.exit_code, "\n".join(habeas_verify.sentences(report))


def test_a_bundle_of_a_case_verifies(case, tmp_path):
    made = bundle.export(case, ids(case), FOR_COURT, tmp_path / "bundle", by=member())
    code, said = verified(made)
    assert code == 0, said
    assert (made / "data" / "exhibits" / "001-front-door.png").read_bytes() == SECRET_CONTENT
    assert {file.name for file in (made / "data").iterdir()} >= {"bundle.json", "custody.json", "case.jsonld",
        "completeness.json", "not-proved.txt", "statements", "verify", "ledger", "exhibits"}  # fmt: skip


def test_time_stamps_of_two_authorities_are_in_it_and_verify(tmp_path, settings):
    first, second = Authority(tmp_path / "one", "Time Office"), Authority(tmp_path / "two", "Clock House", chain=False,
        roots_with_intermediate=True)  # fmt: skip
    with first.serving(), second.serving():
        settings.HABEAS_TIME_AUTHORITIES = [first.setting(), second.setting()]
        case = a_case()
        sealed_item(case)
        Worker(settings.HABEAS_JOBS).run_until_idle()
    made = bundle.export(case, ids(case), FOR_COURT, tmp_path / "bundle", by=member())
    code, said = verified(made)
    assert code == 0, said
    assert len(list((made / "data" / "timestamps").glob("*.tsr"))) == 2


def test_only_what_was_chosen_leaves_the_house(case, tmp_path):
    chosen = case.items.get(size_bytes=len(SECRET_CONTENT))
    made = bundle.export(case, [str(chosen.pk)], FOR_COURT, tmp_path / "bundle", by=member())
    everything = b"".join(file.read_bytes() for file in made.rglob("*") if file.is_file())
    assert b"pay her a visit" not in everything
    assert b"thread.txt" not in everything
    assert {row["item"] for row in json.loads((made / "data" / "custody.json").read_text())} == {str(chosen.pk)}


def test_every_copy_is_an_event_and_the_bundle_an_entry(case, tmp_path):
    casey = member()
    bundle.export(case, ids(case), FOR_COURT, tmp_path / "bundle", by=casey)
    kinds = [entry["kind"] for entry in ledger.entries_of(case.pk)]
    assert kinds[-3:] == ["custody.copy", "custody.copy", "bundle.made"]
    assert {entry["by"] for entry in ledger.entries_of(case.pk)[-3:]} == {str(casey.pk)}


def test_what_nobody_may_hold_is_listed_without_content(case, tmp_path):
    from habeas.evidence.queries import Hashes

    actions.note_place(
        case, "intimate.jpg", "image/jpeg", Hashes("ab" * 32, "cd" * 64), 1234, details={}, reason=FOR_COURT,
        by="capture", at=clock.now(),
    )  # fmt: skip
    made = bundle.export(case, ids(case), FOR_COURT, tmp_path / "bundle", by=member())
    code, said = verified(made)
    assert code == 0, said
    exhibit = json.loads((made / "data" / "bundle.json").read_text())["exhibits"][-1]
    assert (exhibit["file"], exhibit["sha256"]) == (None, "ab" * 32)


def test_an_encrypted_bundle_opens_for_its_recipient_and_for_nobody_else(case, tmp_path, settings):
    court, other = outside(), outside(9)
    package = tmp_path / "package"
    package.write_bytes(
        bundle.export_encrypted(case, ids(case), FOR_COURT, [court.recipient.age_recipient], by=member())
    )
    decrypt_with(package, [str(court.identity)], tmp_path / "opened")
    assert verified(tmp_path / "opened")[0] == 0
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(package.read_bytes(), [other.identity])
    assert list(settings.HABEAS_SCRATCH.iterdir()) == [], "nothing is left in clear"


def test_a_hand_over_from_offer_to_verified_bundle(case, tmp_path):
    court, casey = outside(), member()
    handover = bundle.offer(case, ids(case), court.recipient, CONDITIONS, FOR_COURT, days=30, by=casey)
    assert handing_over.manifest_of(handover)["files"][0]["size_bytes"] == len(handing_over.package_of(handover))
    accepted = handing_over.take_answer(handover, court.says("accepted", handover), by=casey, at=clock.now())
    secret = pyrage.decrypt(handing_over.key_for(accepted, by=casey, at=clock.now()), [court.identity]).decode()
    package = tmp_path / "package"
    package.write_bytes(handing_over.package_of(handover))
    decrypt_with(package, [secret], tmp_path / "opened")
    code, said = verified(tmp_path / "opened")
    assert code == 0, said


@pytest.mark.parametrize(
    ("days", "conditions", "why"), [(9, "x", "10 to 45 days"), (46, "x", "10 to 45"), (30, " ", "conditions")]
)
def test_an_offer_that_the_rules_do_not_take_is_refused(case, days, conditions, why):
    with pytest.raises(bundle.NothingToPassOn, match=why):
        bundle.offer(case, ids(case), outside().recipient, conditions, FOR_COURT, days=days, by=member())


@pytest.mark.parametrize("chosen", [[], ["not-an-id"], ["00000000-0000-0000-0000-000000000000"]])
def test_nothing_chosen_or_of_another_case_is_no_bundle(case, chosen, tmp_path):
    with pytest.raises(bundle.NothingToPassOn):
        bundle.export(case, chosen, FOR_COURT, tmp_path / "bundle", by=member())


def test_an_auditor_makes_no_bundle(case, tmp_path):
    with pytest.raises(NotAllowed):
        bundle.export(case, ids(case), FOR_COURT, tmp_path / "bundle", by=member("auditor"))
    assert not (tmp_path / "bundle").exists()


def test_without_keys_of_the_log_nothing_is_promised_that_cannot_be_proved(case, tmp_path, settings):
    settings.HABEAS_LEDGER_KEY = tmp_path / "none"
    with pytest.raises(signing.NoLedgerKey, match="habeas ledger new-key"):
        bundle.export(case, ids(case), FOR_COURT, tmp_path / "bundle", by=member())

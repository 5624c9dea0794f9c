"""Keys and roles: what is sealed opens only in its place, what was erased stays erased, what is not allowed is not."""

from __future__ import annotations

import os
import stat

import pytest

from factories.people import member
from factories.reports import NOON, a_case
from habeas.access import actions, keys, queries
from habeas.access.core.envelope import CannotOpen
from habeas.access.core.permissions import MAY, ROLES
from habeas.access.models import CaseKey, Person
from habeas.cases import queries as cases
from habeas.ledger.models import Entry


@pytest.fixture
def house_key(tmp_path, settings):
    """Writes a house key file of its own and makes it the house's."""

    def write(text: str):
        file = tmp_path / "house.key"
        file.write_text(text)
        settings.HABEAS_KEY_FILE = file
        keys._read_keys.cache_clear()
        return file

    yield write
    keys._read_keys.cache_clear()


@pytest.mark.django_db
@pytest.mark.parametrize("content", ["", "Lindengracht 212", "שלום 🕊", b"\x00\xff" * 100])
def test_what_is_sealed_opens_again(content):
    key = CaseKey.objects.get(pk=keys.new_case_key(at=NOON).pk)
    sealed = keys.seal(key, content, "report/1")
    raw = content.encode() if isinstance(content, str) else content
    assert keys.unseal(key, sealed, "report/1") == raw
    assert not raw or raw not in sealed
    assert keys.seal(key, content, "report/1") != sealed, "the same value twice must not look the same"


@pytest.mark.django_db
def test_a_value_moved_to_another_row_does_not_open():
    key = keys.new_case_key(at=NOON)
    sealed = keys.seal(key, "Lindengracht 212", "report/1")
    with pytest.raises(CannotOpen, match="report/2") as refusal:
        keys.unseal(key, sealed, "report/2")
    assert "Lindengracht" not in str(refusal.value)


@pytest.mark.django_db
def test_a_value_moved_to_another_case_does_not_open():
    sealed = keys.seal(keys.new_case_key(at=NOON), "Lindengracht 212", "report/1")
    with pytest.raises(CannotOpen):
        keys.unseal(keys.new_case_key(at=NOON), sealed, "report/1")


@pytest.mark.django_db
def test_a_data_key_moved_to_another_case_does_not_open():
    one, other = keys.new_case_key(at=NOON), keys.new_case_key(at=NOON)
    CaseKey.objects.filter(pk=other.pk).update(wrapped=one.wrapped)
    other.refresh_from_db()
    with pytest.raises(CannotOpen, match=f"case-key/{other.pk}"):
        keys.seal(other, "anything", "report/1")


@pytest.mark.django_db
@pytest.mark.parametrize("place", [0, 5, 20, -1])
def test_changed_bytes_do_not_open(place):
    key = keys.new_case_key(at=NOON)
    sealed = bytearray(keys.seal(key, "Lindengracht 212", "report/1"))
    sealed[place] ^= 1
    with pytest.raises(CannotOpen):
        keys.unseal(key, bytes(sealed), "report/1")


@pytest.mark.django_db
def test_destroying_the_key_of_a_case_erases_what_was_told():
    case = a_case()
    CaseKey.objects.filter(pk=case.key_id).update(wrapped=None, destroyed_at=NOON)
    with pytest.raises(keys.KeyDestroyed, match="was destroyed on 2026-03-06: its content was erased"):
        cases.report_of(cases.case_by_id(case.pk))


@pytest.mark.django_db
def test_a_rotated_house_key_opens_what_was_sealed_before(house_key):
    house_key(f"1 {'5a' * 32}\n")
    case = a_case(submission="before", text="she lives here")
    receipt_before = keys.receipt_of("before")
    house_key(f"2 {'7c' * 32}\n1 {'5a' * 32}\n")
    assert cases.report_of(cases.case_by_id(case.pk))["text"] == "she lives here"
    assert cases.case_by_receipt(receipt_before) == case
    assert a_case().key.house_key_version == 2


@pytest.mark.django_db
def test_a_house_key_that_lost_an_old_version_says_which(house_key):
    case = a_case()
    file = house_key(f"2 {'7c' * 32}\n")
    with pytest.raises(keys.NoHouseKey, match="no key of version 1") as refusal:
        cases.report_of(cases.case_by_id(case.pk))
    assert str(file) in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("1 5a5a\n", id="short"),
        pytest.param(f"1 {'xy' * 32}\n", id="no-hex"),
        pytest.param(f"{'5a' * 32}\n", id="no-version"),
        pytest.param(f"one {'5a' * 32}\n", id="version-in-words"),
    ],
)
def test_a_garbled_house_key_is_named_with_what_to_do(house_key, text):
    file = house_key(text)
    with pytest.raises(keys.NoHouseKey) as refusal:
        keys.lookup_digest("receipt", "anything")
    assert str(refusal.value).startswith(f"{file}: ")
    assert not text.strip() or text.split()[-1] not in str(refusal.value), "a key must not turn up in a log"


def test_a_missing_house_key_is_named_with_what_to_do(house_key):
    file = house_key("")
    file.unlink()
    with pytest.raises(keys.NoHouseKey, match="restore it from your backup") as refusal:
        keys.receipt_of("anything")
    assert str(file) in str(refusal.value)


def test_a_new_house_key_is_for_its_owner_only_and_never_written_over(tmp_path):
    file = tmp_path / "keys" / "house.key"
    keys.make_house_key(file)
    first = file.read_text()
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    keys.make_house_key(file)
    assert file.read_text() == first


def test_digests_for_one_purpose_say_nothing_about_another():
    link = "https://board.example.net/t/1"
    assert keys.lookup_digest("link", link) == keys.lookup_digest("link", link)
    assert keys.lookup_digest("link", link) != keys.lookup_digest("receipt", link)
    assert len(keys.lookup_digest("link", link)) == 32


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", sorted(MAY))
def test_each_role_may_do_what_the_table_says_and_nothing_else(role, action):
    person = member(role)
    if role in MAY[action]:
        actions.require(person, action)
    else:
        with pytest.raises(actions.NotAllowed, match=f"the role {role} may not"):
            actions.require(person, action)


def test_an_auditor_never_reads_a_case_or_decides():
    assert {action for action, roles in MAY.items() if "auditor" in roles} == {"read_ledger", "replay_reform"}


@pytest.mark.django_db
def test_who_has_left_may_do_nothing():
    person = member("lead")
    person.is_active = False
    with pytest.raises(actions.NotAllowed):
        actions.require(person, "open_case")


@pytest.mark.django_db
def test_an_action_nobody_defined_is_a_mistake_not_a_yes():
    with pytest.raises(KeyError):
        actions.require(member("lead"), "open_cases")


@pytest.mark.django_db
def test_a_new_member_can_be_told_apart_and_is_logged_by_id():
    person = actions.add_member(
        "noor", "a long enough password", "caseworker", "Helpline of Examplia", full_name="Noor van Haddad", at=NOON
    )
    stored = Person.objects.get(username="noor")
    assert (stored.first_name, stored.last_name, stored.role) == ("Noor", "van Haddad", "caseworker")
    assert stored.organisation.name == "Helpline of Examplia"
    assert stored.check_password("a long enough password")
    assert stored.password.startswith("argon2$")
    assert not stored.is_staff
    assert not stored.is_superuser
    entry = Entry.objects.get()
    assert entry.kind == "member.added"
    assert b"oor" not in bytes(entry.body)
    assert queries.names_of([str(person.pk), "portal", "999"]) == {str(person.pk): "Noor van Haddad"}


@pytest.mark.django_db
def test_a_name_that_is_taken_leaves_no_trace_in_the_log():
    from django.db import IntegrityError, transaction

    member_ = member()
    with pytest.raises(IntegrityError), transaction.atomic():
        actions.add_member(member_.username, "a long enough password", "lead", "House", full_name="Lee", at=NOON)
    assert not Entry.objects.exists()

"""Evidence at the desk in a real browser: opened, copied, handed over, held and erased, in both lights and sizes."""

from __future__ import annotations

import pytest

from factories.evidence import outside
from factories.leaks import prose
from factories.reports import intake
from habeas.cases.models import Case
from habeas.journey import report as journey
from habeas.ledger import signing

LINK = "https://board.example.net/t/88214"


@pytest.fixture
def case(house, do_the_work, settings, tmp_path) -> Case:
    settings.HABEAS_LEDGER_KEY = tmp_path / "ledger.key"
    settings.HABEAS_SCRATCH = tmp_path / "scratch"
    signing.new_key("helpline.example.org/ledger")
    opened = journey.file_report(intake(text=prose(1), links=(LINK,)))
    do_the_work()
    return Case.objects.get(pk=opened.case.pk)


def test_evidence_from_sealing_to_erasure(case, visitor, look, password, tmp_path):
    lead, court = visitor(), outside()
    page = lead.page
    sign_in(lead, password)
    lead.go(f"/desk/cases/{case.reference}/evidence/")
    for summary in page.locator("main details > summary").all():
        summary.click()
    look(lead, "desk-evidence")
    with page.expect_download() as opened:
        page.get_by_role("button", name="Open the original (recorded)").click()
    assert opened.value.suggested_filename.endswith(".txt")
    copy = save_a_copy(lead, tmp_path)
    lead.go("/desk/trace/")
    look(lead, "desk-trace")
    page.get_by_label("The leaked file").set_input_files(copy)
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("heading", name="A copy is named").wait_for()
    look(lead, "desk-traced")
    hand_over(lead, look, case, court, tmp_path)
    hold_and_erase(lead, look, case)


def sign_in(who, password: str) -> None:
    who.go("/desk/")
    who.page.get_by_label("Username").fill("lee")
    who.page.get_by_label("Password").fill(password)
    who.page.get_by_role("button", name="Sign in").click()
    who.page.wait_for_url("**/desk/")


def save_a_copy(who, folder):
    who.go(who.page.url.removeprefix(who.house))
    who.page.locator("main details > summary").first.click()
    who.page.get_by_text("A traceable copy for one recipient").click()
    who.page.get_by_label("Which authority or organisation").fill("Court of Examplia")
    with who.page.expect_download() as saved:
        who.page.get_by_role("button", name="Save the copy (recorded)").click()
    saved.value.save_as(folder / "leak.txt")
    return folder / "leak.txt"


def hand_over(who, look, case, court, folder) -> None:
    page = who.page
    who.go(f"/desk/cases/{case.reference}/evidence/pass-on/")
    page.get_by_text("Or hand it over with conditions").click()
    look(who, "desk-pass-on")
    page.get_by_label("Their encryption key").fill(court.recipient.age_recipient)
    page.get_by_label("Which authority or organisation").fill(court.recipient.name)
    page.get_by_label("Their signing key").fill(court.recipient.signing_key.hex())
    page.get_by_label("Conditions").fill("For proceedings 12-345 only.")
    page.get_by_role("button", name="Offer it with these conditions").click()
    page.get_by_text("Offered. Send the offer and the package").wait_for()
    handover = case.handovers.get()
    (folder / "answer").write_bytes(court.says("accepted", handover))
    page.get_by_label("What the recipient signed").set_input_files(folder / "answer")
    page.get_by_role("button", name="Take their answer").click()
    page.get_by_text("The answer is taken").wait_for()
    look(who, "desk-handed-over")
    with page.expect_download() as key:
        page.get_by_role("button", name="Save the key for them").click()
    assert key.value.suggested_filename.endswith(".key.age")
    page.get_by_role("button", name="Recall").click()
    page.get_by_text("Recalled.").wait_for()


def hold_and_erase(who, look, case) -> None:
    page = who.page
    who.go(f"/desk/cases/{case.reference}/evidence/keep/")
    page.get_by_text("Place a hold").first.click()
    page.get_by_label("Which authority or court asks to keep it").fill("Court of Examplia")
    page.get_by_label("On what").fill("order 12-345")
    page.get_by_role("button", name="Place the hold").click()
    page.get_by_text("Nothing of this case can be erased now").wait_for()
    look(who, "desk-held")
    erase(page, case)
    assert "a hold for Court of Examplia stands" in page.inner_text("main")
    page.get_by_label("Why the duty has ended").fill("proceedings ended")
    page.get_by_role("button", name="Lift the hold").click()
    erase(page, case)
    page.get_by_role("heading", name="Certificate of erasure").wait_for()
    look(who, "desk-erased")


def erase(page, case) -> None:
    page.get_by_text("Erase for good").first.click()
    page.get_by_label(f"Type {case.reference} to confirm").fill(case.reference)
    page.get_by_role("button", name="Erase for good").click()
    page.wait_for_load_state()

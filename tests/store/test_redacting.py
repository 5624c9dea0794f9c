"""Redacted copies: what was found is hidden, the rest proves to be the original's, the root is logged and stamped."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from factories.authorities import Authority
from factories.evidence import FOR_COURT
from factories.people import member
from factories.reports import MESSAGE, NOON, POST, SECRETS, a_case
from habeas.access.actions import NotAllowed
from habeas.evidence import actions, queries, redacting
from habeas.evidence.core.custody import UnknownPurpose
from habeas.evidence.core.redaction import HIDDEN, TwinFails, check_twin
from habeas.evidence.models import Item, Redaction, Stamp
from habeas.evidence.verify import habeas_verify
from habeas.exposure.core.documents import clean_text
from habeas.exposure.models import Exposure, Reading
from habeas.journey import bundle, redaction
from habeas.journey.redaction import NotRedacted, redact
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


def sealed(content: bytes, name: str = "post.txt", media_type: str = "text/plain", kind: str = "file") -> Item:
    case = a_case()
    made = actions.seal(case.reports.get(), name, media_type, content, by="portal", at=NOON, kind=kind)
    return Item.objects.select_related("case__key").get(pk=made.pk)


def a_picture() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((100, 70), 80).convert("RGB").save(out, "PNG")
    return out.getvalue()


def root_entries(item: Item) -> list[dict]:
    return [entry for entry in ledger.entries_of(item.case_id) if entry["kind"] == "redaction.rooted"]


def test_what_the_scan_found_is_hidden_and_the_rest_stays():
    made = redact(sealed(POST.encode()), FOR_COURT, by=member())
    shown = made.shown.decode()
    assert "you know what to do. go pay her a visit" in shown
    assert "Phone: " in shown
    for secret in ("Vellinga", "Lindengracht", "7700 900123", "mara.vell", "14/03/1988", "Sommer!2019", "De Wilgen"):
        assert secret not in shown, secret
    values = check_twin(json.loads(made.twin))
    assert (made.units, made.hidden) == (len(values), values.count(None))


def test_what_is_hidden_once_is_hidden_wherever_it_stands():
    item = sealed(b"Phone: +44 7700 900123\nRead it backwards in +44 7700 900123-lines, 44 77 is no number\n")
    redact(item, FOR_COURT, by=member())  # scans it
    reading = Reading.objects.get(source=str(item.pk))
    exposure = reading.exposures.filter(kind="phone").first()
    reading.exposures.exclude(pk=exposure.pk).delete()
    shown = redact(item, FOR_COURT, by=member()).shown.decode()
    assert "900123" not in shown
    assert "44 77 is no number" in shown


def test_the_twin_is_sealed_as_an_item_made_from_the_original_and_custody_says_so():
    item, casey = sealed(POST.encode()), member()
    made = redact(item, FOR_COURT, by=casey)
    assert (made.item.kind, made.item.media_type, made.item.made_from_id) == ("redacted", "application/json", item.pk)
    assert queries.content_of(made.item) == made.twin
    event = item.case.custody.get(kind="redact")
    assert (event.item_id, event.commitment_in, event.commitment_out) == (
        item.pk, item.commitment, made.item.commitment,
    )  # fmt: skip
    assert (event.by, event.purpose) == (str(casey.pk), "court")
    assert queries.content_of(item) == POST.encode(), "the original stays as it is"


def test_the_root_is_logged_once_with_ids_only_and_the_leaves_are_sealed():
    item, casey = sealed(POST.encode()), member()
    first = redact(item, FOR_COURT, by=casey)
    second = redact(item, FOR_COURT, by=casey, keep=["name"])
    tree = Redaction.objects.get(item=item)
    (entry,) = root_entries(item)
    assert entry["root"] == bytes(tree.root).hex() == json.loads(first.twin)["root"] == json.loads(second.twin)["root"]
    assert set(entry) == {"index", "kind", "by", "at", "case", "item", "redaction", "root", "salt"}
    assert b"leaves" not in bytes(tree.leaves_sealed)
    assert not any(secret in json.dumps(entry).casefold() for secret in SECRETS)


def test_a_second_copy_shows_another_part_of_the_same_tree():
    item, casey = sealed(POST.encode()), member()
    first, second = redact(item, FOR_COURT, by=casey), redact(item, FOR_COURT, by=casey, keep=["name"])
    assert "Mara Vellinga" not in first.shown.decode()
    assert "Mara Vellinga" in second.shown.decode()
    assert "Lindengracht" not in second.shown.decode()
    one, other = (check_twin(json.loads(made.twin), bytes(Redaction.objects.get().root)) for made in (first, second))
    assert all(a == b for a, b in zip(one, other, strict=True) if a is not None and b is not None)


class TestWhatIsTicked:
    TEXT = b"Phone: +44 7700 900123\nAgain +44 7700 900123\nMail: mara.vellinga@example.org\n"

    def test_the_same_words_are_one_thing_and_told_apart_from_others(self):
        item = sealed(self.TEXT)
        found = redaction.found_in_item(item)
        phone = next(one for one in found if one.kind == "phone")
        assert (phone.masked, len(phone.spans), phone.hidden) == ("+4…23", 2, True)
        assert len({one.name for one in found}) == len(found)
        assert not any("900123" in one.masked or "vellinga" in one.masked for one in found)

    def test_what_may_stay_stays_wherever_it_stands_and_nothing_else_does(self):
        item = sealed(self.TEXT)
        phone = next(one for one in redaction.found_in_item(item) if one.kind == "phone")
        shown = redact(item, FOR_COURT, by=member(), show=phone.spans).shown.decode()
        assert shown.count("900123") == 2
        assert "vellinga" not in shown

    def test_shown_in_one_place_and_hidden_in_another_is_hidden(self):
        item = sealed(self.TEXT)
        phone = next(one for one in redaction.found_in_item(item) if one.kind == "phone")
        shown = redact(item, FOR_COURT, by=member(), show=phone.spans[:1]).shown.decode()
        assert "900123" not in shown

    def test_only_what_was_found_can_be_shown(self):
        with pytest.raises(NotRedacted, match="nothing was found where something is to stay visible"):
            redact(sealed(self.TEXT), FOR_COURT, by=member(), show=[(0, 30)])
        with pytest.raises(NotRedacted, match="is a picture"):
            redact(sealed(a_picture(), "d.png", "image/png"), FOR_COURT, by=member(), show=[(0, 3)])

    def test_what_stays_visible_by_itself_can_be_hidden_too(self):
        item = sealed(self.TEXT)
        redact(item, FOR_COURT, by=member())  # scans it
        Exposure.objects.filter(reading__source=str(item.pk), kind="email").update(whose="organisation")
        mail = next(one for one in redaction.found_in_item(item) if one.kind == "email")
        assert not mail.hidden
        assert "vellinga@" in redact(item, FOR_COURT, by=member()).shown.decode()
        assert "vellinga@" not in redact(item, FOR_COURT, by=member(), spans=mail.spans).shown.decode()


def test_spans_that_come_later_hide_whole_units_of_the_tree_that_stands():
    item, casey = sealed(POST.encode()), member()
    redact(item, FOR_COURT, by=casey)
    begin = POST.index("pay her")
    shown = redact(item, FOR_COURT, by=casey, spans=[(begin, begin + 3)]).shown.decode()
    assert "pay her a visit" not in shown
    assert "everyone wanted this" in shown


def test_spans_given_at_once_hide_themselves_and_no_more():
    begin = POST.index("go pay")
    shown = redact(
        sealed(POST.encode()), FOR_COURT, by=member(), spans=[(begin, begin + len("go pay her a visit"))]
    ).shown.decode()
    assert f"you know what to do. {HIDDEN} and make" in shown


@pytest.mark.parametrize("spans", [[(5, 5)], [(-1, 3)], [(3, 99_999)]])
def test_a_span_beside_the_text_is_refused(spans):
    item = sealed(POST.encode())
    with pytest.raises(NotRedacted, match="not within a text"):
        redact(item, FOR_COURT, by=member(), spans=spans)
    assert not item.derived.exists()


def test_units_are_of_the_original_bytes_whatever_reading_made_of_them():
    original = ("\ufeff" + POST.replace("\n", "\r\n").replace("Phone: +44", "Phone: \x0b+44\x00 ")).encode()
    made = redact(sealed(original), FOR_COURT, by=member())
    twin = json.loads(made.twin)
    tree = Redaction.objects.get()
    _, whole = redacting.root_of(tree.item, "line", [original], by="test", at=NOON)
    assert b"".join(whole.values) == original
    assert all(value in (None, own) for value, own in zip(check_twin(twin), whole.values, strict=True))
    shown = made.shown.decode()
    assert "7700" not in shown
    assert "Vellinga" not in shown
    assert "you know what to do. go pay her a visit and make her regret it\r\n" in shown


def test_of_an_email_only_lines_that_were_read_are_shown():
    extra = MESSAGE.replace("To: staff", "Received: from 192.0.2.7 (vellinga.example)\nX-Note: Lindengracht\nTo: staff")
    made = redact(sealed(extra.encode(), "tip.eml", "message/rfc822"), FOR_COURT, by=member())
    shown = made.shown.decode()
    assert "Someone should call her landlord. IBAN " in shown
    assert "under the blue pot" in shown
    for secret in ("NL91", "Lindengracht", "192.0.2.7", "X-Note", "vellinga"):
        assert secret not in shown, secret


def test_an_encoded_body_is_not_shown_because_its_words_stand_nowhere():
    import base64

    body = base64.encodebytes(b"Call her at +44 7700 900123, Lindengracht 212, 1015 KL Amsterdam\n").decode()
    message = (
        "From: tip@example.net\nSubject: look\nDate: Fri, 6 Mar 2026 12:00:00 +0000\nMIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n{body}"
    )
    shown = redact(sealed(message.encode(), "tip.eml", "message/rfc822"), FOR_COURT, by=member()).shown.decode()
    assert body[:12] not in shown
    assert "Subject: look" in shown


def test_a_page_whose_words_stand_nowhere_as_read_is_refused():
    page = b"<html><body><p>Call <b>her</b> at<br>+44 7700&nbsp;900123</p></body></html>"
    item = sealed(page, "page.html", "text/html")
    with pytest.raises(NotRedacted, match="would be left to show"):
        redact(item, FOR_COURT, by=member())
    assert not Redaction.objects.exists(), "nothing was changed"
    assert root_entries(item) == []


def test_an_item_that_was_not_scanned_yet_is_scanned_now():
    item = sealed(POST.encode())
    assert not Exposure.objects.filter(reading__case=item.case).exists()
    redact(item, FOR_COURT, by=member())
    assert Reading.objects.get(case=item.case, source=str(item.pk)).exposures.exists()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param("Straße 5, Telefon +44 7700 900123".encode("cp1252"), "UTF-8", id="another-encoding"),
        pytest.param(b"the weather was fine and nobody said a word", "nothing to hide was found", id="nothing-found"),
        pytest.param(b"   \n", "cannot be read", id="blank"),
    ],
)
def test_a_text_that_cannot_be_redacted_is_refused_with_what_to_do(content, why):
    item = sealed(content)
    with pytest.raises(NotRedacted, match=why):
        redact(item, FOR_COURT, by=member())
    assert not item.derived.exists()


def test_a_redacted_copy_is_not_redacted_again():
    made = redact(sealed(POST.encode()), FOR_COURT, by=member())
    with pytest.raises(NotRedacted, match="redact the item that it was made from"):
        redact(made.item, FOR_COURT, by=member())


def test_a_kind_that_no_exposure_has_is_refused():
    with pytest.raises(NotRedacted, match="no exposure is of the kind 'shoe size'"):
        redact(sealed(POST.encode()), FOR_COURT, by=member(), keep=["shoe size"])


def test_what_nobody_may_hold_cannot_be_redacted():
    case = a_case()
    item = actions.note_place(
        case, "i.jpg", "image/jpeg", queries.Hashes("ab" * 32, "cd" * 64), 9, details={}, reason=FOR_COURT,
        by="capture", at=NOON,
    )  # fmt: skip
    with pytest.raises(queries.NotHeld):
        redact(item, FOR_COURT, by=member())


def test_who_may_not_open_an_item_may_not_redact_it_and_a_reason_is_needed():
    item = sealed(POST.encode())
    with pytest.raises(NotAllowed):
        redact(item, FOR_COURT, by=member("auditor"))
    with pytest.raises(UnknownPurpose):
        redact(item, actions.Reason("curiosity", "consent"), by=member())
    assert not Redaction.objects.exists()


def test_boxes_of_a_picture_are_dark_and_its_tree_has_the_pixels():
    item = sealed(a_picture(), "door.png", "image/png")
    made = redact(item, FOR_COURT, by=member(), boxes=[(0, 0, 40, 10)])
    found, original = (Image.open(io.BytesIO(data)).convert("RGB") for data in (made.shown, a_picture_of(item)))
    assert found.crop((0, 0, 64, 32)).getcolors() == [(64 * 32, (24, 24, 24))]
    assert found.crop((64, 0, 100, 70)).tobytes() == original.crop((64, 0, 100, 70)).tobytes()
    assert (made.hidden, made.units) == (2, 1 + 4 * 3)


def a_picture_of(item: Item) -> bytes:
    return queries.content_of(item)


def test_a_picture_without_boxes_is_refused_because_reading_gives_no_places():
    item = sealed(a_picture(), "door.png", "image/png")
    with pytest.raises(NotRedacted, match="name the boxes to hide"):
        redact(item, FOR_COURT, by=member())
    with pytest.raises(NotRedacted, match="not within a picture"):
        redact(item, FOR_COURT, by=member(), boxes=[(500, 500, 5, 5)])
    with pytest.raises(NotRedacted, match="would be left to show"):
        redact(item, FOR_COURT, by=member(), boxes=[(0, 0, 100, 70)])
    assert not Redaction.objects.exists()


def test_spans_are_for_texts_and_boxes_for_pictures():
    with pytest.raises(NotRedacted, match="is a picture"):
        redact(sealed(a_picture(), "d.png", "image/png"), FOR_COURT, by=member(), spans=[(0, 1)])
    with pytest.raises(NotRedacted, match="is a text"):
        redact(sealed(POST.encode()), FOR_COURT, by=member(), boxes=[(0, 0, 1, 1)])


def test_a_tree_is_never_made_of_anything_but_what_was_logged():
    item = sealed(POST.encode())
    made = redact(item, FOR_COURT, by=member())
    with pytest.raises(redacting.OriginalDiffers):
        redacting.root_of(item, "line", [POST.replace("Mara", "Clara").encode()], by="test", at=clock.now())
    with pytest.raises(redacting.OriginalDiffers):
        redacting.root_of(item, "line", [POST.replace("Mara", "Sara").encode()], by="test", at=clock.now())
    assert json.loads(made.twin)["root"] == bytes(Redaction.objects.get().root).hex()


def exported(item: Item, twin: Item, tmp_path, *, original: bool) -> object:
    chosen = [str(twin.pk), *([str(item.pk)] if original else [])]
    return bundle.export(item.case, chosen, FOR_COURT, tmp_path / "bundle", by=member())


def verified(folder) -> tuple[int, str]:
    report = habeas_verify.verify(folder)
    return report.exit_code, "\n".join(habeas_verify.sentences(report))


@pytest.mark.parametrize("original", [True, False], ids=["beside-the-original", "alone"])
def test_a_twin_in_a_bundle_verifies_and_its_root_is_stamped(tmp_path, settings, original):
    authority = Authority(tmp_path / "one", "Time Office")
    with authority.serving():
        settings.HABEAS_TIME_AUTHORITIES = [authority.setting()]
        item = sealed(POST.encode())
        made = redact(item, FOR_COURT, by=member())
        Worker(settings.HABEAS_JOBS).run_until_idle()
    tree = Redaction.objects.get()
    assert Stamp.objects.get(subject=f"redaction/{tree.pk}").state == "stamped"
    folder = exported(item, made.item, tmp_path, original=original)
    code, said = verified(folder)
    assert code == 0, said
    assert f"{made.units - made.hidden} of {made.units} lines of" in said
    assert f"redactions/{made.item.pk}.json: its root " in said
    assert (folder / "data" / "redactions" / f"{made.item.pk}-time-office.tsr").is_file()
    everything = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert (b"Lindengracht" in everything) is original, "what is hidden leaves the house with the original only"


def test_a_changed_opened_part_fails(tmp_path):
    item = sealed(POST.encode())
    made = redact(item, FOR_COURT, by=member())
    folder = exported(item, made.item, tmp_path, original=False)
    assert verified(folder)[0] == 0
    path = folder / "data" / "redactions" / f"{made.item.pk}.json"
    twin = json.loads(path.read_text())
    first = next(leaf for leaf in twin["leaves"] if "value" in leaf)
    first["value"] = "bm9ib2R5IHdhbnRlZCB0aGlzCg=="
    path.write_text(json.dumps(twin))
    code, said = verified(folder)
    assert code != 0
    assert "has parts that do not lead to its root: a part was changed" in said
    with pytest.raises(TwinFails):
        check_twin(twin)


def test_the_copy_of_a_picture_verifies_in_a_bundle(tmp_path):
    item = sealed(a_picture(), "door.png", "image/png")
    made = redact(item, FOR_COURT, by=member(), boxes=[(3, 3, 9, 9)])
    code, said = verified(exported(item, made.item, tmp_path, original=True))
    assert code == 0, said
    assert f"{made.units - 1} of {made.units} regions of exhibit" in said


@given(
    st.text(
        st.one_of(st.sampled_from("ab \r\n\x00\x0b\x85\u2028\ufffe\u200b"), st.characters(exclude_categories=["Cs"]))
    )
)
def test_every_character_that_reading_keeps_has_its_place_in_the_original(text):
    cleaned, starts = redaction._cleaned("\ufeff" + text)
    assert cleaned == clean_text(text), "cleaned as the reader does it"
    assert starts == sorted(set(starts))
    assert len(starts) == len(cleaned) + 1
    for place, letter in enumerate(cleaned):
        assert clean_text(("\ufeff" + text)[starts[place] : starts[place + 1]]) == letter

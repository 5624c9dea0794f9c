"""Words of the desk for what the log, the facts and the findings hold."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

FINDING_ORDER = ("met", "possible", "possibly_exempt", "exempt", "not_met", "not_in_force", "out_of_reach")

KIND_WORDS = {
    "name": _("name"),
    "email": _("e-mail"),
    "phone": _("phone"),
    "address": _("address"),
    "national_id": _("identity number"),
    "iban": _("bank account"),
    "card": _("bank card"),
    "ip": _("IP address"),
    "coordinates": _("coordinates"),
    "birth_date": _("date of birth"),
    "handle": _("user name"),
    "profile_url": _("profile"),
    "credential": _("password or key"),
    "plate": _("number plate"),
    "workplace": _("workplace"),
    "school": _("school"),
    "family": _("family"),
}

SIGNAL_WORDS = {
    "drop_announcement": _("announces a drop"),
    "call_to_act": _("calls on others to act"),
    "threat": _("threat"),
    "someone_should": _("“someone should”"),
    "coordination": _("coordination"),
    "press_contact": _("press contact"),
    "official_contact": _("official contact"),
    "self_disclosure": _("the writer’s own data"),
    "court_record": _("court record"),
    "news_style": _("written like news"),
}

WHOSE_WORDS = {
    "target": _("the person"),
    "family": _("family"),
    "author": _("the writer"),
    "third_party": _("someone else"),
    "organisation": _("an organisation"),
    "unknown": _("not known"),
}

PHASE_WORDS = {
    "preserve": _("Preserve"),
    "disclose": _("Disclose"),
    "remove": _("Remove"),
    "protect": _("Protect"),
    "repair": _("Repair"),
}

SAID_BY_WORDS = {
    "person": _("the person"),
    "reporter": _("the reporter"),
    "caseworker": _("a caseworker"),
    "scan": _("the scan"),
    "law": _("the law engine"),
}

PURPOSE_WORDS = {
    "receive": _("to take in what was reported"),
    "preserve": _("to keep what could vanish"),
    "help": _("to help the person affected"),
    "assess": _("to find out what is exposed"),
    "remedy": _("to prepare a notice or request"),
    "court": _("for proceedings before a court"),
    "authority": _("for an authority"),
    "partner": _("for a partner under an agreement"),
    "review": _("to review how the case was handled"),
    "erase": _("to erase"),
}

BASIS_WORDS = {
    "consent": _("the person agreed"),
    "vital_interest": _("a vital interest of somebody"),
    "legal_duty": _("a legal duty"),
    "public_task": _("a task in the public interest"),
    "legitimate_interest": _("a legitimate interest"),
    "legal_claim": _("a legal claim is made or defended"),
    "order": _("an order of a court or authority"),
}

# What happened to an item or hand-over: words and sign.
CUSTODY_WORDS = {
    "capture": (_("Page captured and sealed"), "lock"),
    "ingest": (_("Taken in and sealed"), "lock"),
    "read": (_("Opened"), "eye"),
    "copy": (_("Copied"), "pen"),
    "redact": (_("Redacted copy made"), "pen"),
    "translate": (_("Translated"), "pen"),
    "offered": (_("Hand-over offered"), "send"),
    "accepted": (_("Conditions accepted"), "check"),
    "refused": (_("Hand-over refused"), "failed"),
    "received": (_("Receipt signed"), "check"),
    "returned": (_("Returned or destroyed"), "check"),
    "recalled": (_("Hand-over recalled"), "again"),
    "sealed": (_("Sealed"), "lock"),
    "key_destroyed": (_("Key destroyed: content erased"), "failed"),
}

ENTRY_WORDS = {
    **{f"custody.{kind}": words for kind, words in CUSTODY_WORDS.items()},
    "capture.asked": (_("Capture of a page asked for"), "eye"),
    "posting.checked": (_("Page looked at"), "eye"),
    "watch.set": (_("Page watched"), "clock"),
    "watch.ended": (_("Watch ended"), "pause"),
    "stamp.kept": (_("Time-stamp received"), "clock"),
    "redaction.rooted": (_("Redaction tree made"), "lock"),
    "copy.marked": (_("Traceable copy made"), "pen"),
    "copy.traced": (_("Leaked copy traced"), "eye"),
    "bundle.made": (_("Bundle made"), "send"),
    "hold.placed": (_("Legal hold placed"), "lock"),
    "hold.lifted": (_("Legal hold lifted"), "check"),
    "readings.forgotten": (_("Readings erased"), "failed"),
    "plan.forgotten": (_("Words of the plan erased"), "failed"),
    "case.opened": (_("Report received, case opened"), "flag"),
    "item.sealed": (_("Material sealed"), "lock"),
    "item.scanned": (_("Material scanned"), "eye"),
    "item.unreadable": (_("Material could not be read"), "warning"),
    "facts.found": (_("Facts found in the material"), "dot"),
    "fact.stated": (_("Fact stated"), "pen"),
    "tie.stated": (_("Place stated"), "pen"),
    "case.assessed": (_("Law asked"), "dot"),
    "case.planned": (_("Plan drawn up"), "dot"),
    "case.examined": (_("Case examined"), "check"),
    "case.read": (_("Case read"), "eye"),
    "case.followed": (_("Followed with the receipt"), "person"),
    "cases.exported": (_("Cases exported without people"), "flag"),
    "case.taken": (_("Case taken"), "person"),
    "postings.added": (_("Links added"), "flag"),
    "measure.approved": (_("Step approved"), "check"),
    "measure.withdrawn": (_("Step withdrawn"), "failed"),
    "case.reopened": (_("Case opened again"), "again"),
    "postings.back": (_("Places marked as back"), "again"),
    "known.registered": (_("Made known to the registry"), "lock"),
    "known.withdrawn": (_("Taken out of the registry"), "failed"),
    "known.seen": (_("Seen again in another case"), "eye"),
    "sighting.decided": (_("Said whether it is the same"), "check"),
    "registry.asked": (_("Registry asked"), "eye"),
    "measure.restored": (_("Step restored"), "again"),
    "bank.opened": (_("Bank of others’ hashes opened"), "flag"),
    "bank.switched": (_("Bank switched on or off"), "check"),
    "bank.imported": (_("Hashes of others taken in"), "flag"),
    "banked.withdrawn": (_("Hash of others taken out"), "failed"),
    "banked.judged": (_("Said what we hold of a hash of others"), "check"),
    "hashes.shared": (_("Picture hashes written for others"), "flag"),
}

"""Words of the desk for what the log, the facts and the findings hold."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from habeas.remedies.core.states import LOGGED

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

# What happened to a step of the plan: words and sign.
MEASURE_EVENT_WORDS = {
    "approve": (_("Approved"), "check"),
    "send": (_("Sent"), "send"),
    "acknowledge": (_("They have it"), "eye"),
    "comply": (_("They say it is done"), "met"),
    "comply_partly": (_("They say part of it is done"), "met"),
    "refuse": (_("They refuse"), "failed"),
    "ask_back": (_("They ask for more"), "flag"),
    "run_out": (_("Time ran out"), "clock"),
    "escalate": (_("Taken further"), "up"),
    "contest": (_("Contested by whoever posted it"), "speech"),
    "uphold": (_("Found right after a contest"), "check"),
    "overturn": (_("Found wrong after a contest"), "failed"),
    "find_standing": (_("Found still there, or back"), "again"),
    "ask_again": (_("To be asked again"), "again"),
    "stop": (_("Stopped"), "pause"),
    "withdraw": (_("Withdrawn"), "failed"),
    "restore": (_("A draft again"), "again"),
    "clock": (_("Its clock was set"), "clock"),
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
    **{f"measure.{LOGGED[event]}": words for event, words in MEASURE_EVENT_WORDS.items() if event in LOGGED},
    "measure.clock": (_("Clock of a step set"), "clock"),
    "measure.owned": (_("Step taken over"), "person"),
    "measure.looked": (_("Pages of a step looked at again"), "eye"),
    "letter.written": (_("Letter written"), "pen"),
    "consent.said": (_("Yes or no of the person noted"), "person"),
    "dispatch.queued": (_("Letter let go"), "send"),
    "dispatch.sent": (_("Letter handed over"), "send"),
    "dispatch.stopped": (_("Letter stopped"), "pause"),
    "incoming.kept": (_("Message came in"), "flag"),
    "incoming.read": (_("Message read"), "eye"),
    "door.made": (_("Link for the addressee made"), "lock"),
    "door.opened": (_("Notice opened by its addressee"), "eye"),
    "door.closed": (_("Links of a step closed"), "lock"),
    "reasons.given": (_("Statement of reasons received"), "speech"),
    "contest.filed": (_("Counter-notice received"), "speech"),
    "contest.decided": (_("Contest decided"), "check"),
    "platforms.forgotten": (_("Links and references erased"), "failed"),
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
    "person.told_of_news": (_("The person was told that there is news"), "send"),
    "case.withdrawn": (_("The person asked to stop"), "pause"),
    "case.taken_up_again": (_("The person wants work to go on"), "again"),
    "receipt.spare_made": (_("Second receipt made"), "person"),
    "receipt.replaced": (_("Lost receipt replaced"), "person"),
    "message.written": (_("Message written"), "flag"),
    "messages.read": (_("Messages read"), "eye"),
    "cases.exported": (_("Cases exported without people"), "flag"),
    "case.taken": (_("Case taken"), "person"),
    "measure.approved": (_("Step approved"), "check"),
    "measure.withdrawn": (_("Step withdrawn"), "failed"),
    "measure.restored": (_("Step restored"), "again"),
    "postings.added": (_("Links added"), "flag"),
    "case.closed": (_("Case closed"), "check"),
    "case.reopened": (_("Case opened again"), "again"),
    "postings.back": (_("Places marked as back"), "again"),
    "known.registered": (_("Made known to the registry"), "lock"),
    "known.withdrawn": (_("Taken out of the registry"), "failed"),
    "known.seen": (_("Seen again in another case"), "eye"),
    "sighting.decided": (_("Said whether it is the same"), "check"),
    "registry.asked": (_("Registry asked"), "eye"),
    "bank.opened": (_("Bank of others’ hashes opened"), "flag"),
    "bank.switched": (_("Bank switched on or off"), "check"),
    "bank.imported": (_("Hashes of others taken in"), "flag"),
    "banked.withdrawn": (_("Hash of others taken out"), "failed"),
    "banked.judged": (_("Said what we hold of a hash of others"), "check"),
    "hashes.shared": (_("Picture hashes written for others"), "flag"),
}

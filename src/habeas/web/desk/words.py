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

ENTRY_WORDS = {
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

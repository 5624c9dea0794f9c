"""The beginning of a pack: three files that explain every key to the lawyer who fills them in.

As written they pass ``habeas law check`` and ``habeas law test``. The example provision is invented and says so: its
confidence is low, which every finding and letter shows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date

CODE = re.compile(r"[A-Z]{2,3}(-[A-Z0-9]{1,3})?")


class NotACode(ValueError):
    """A word that cannot be the code of a jurisdiction."""


def scaffold(code: str, name: str, within: Sequence[str], as_of: date) -> Mapping[str, str]:
    """The files of a new pack: file name -> content.

    code, within: as in ``jurisdiction.yaml``, upper case (``XA``, ``US-CA``)
    as_of:        the day the sources were read: the day of writing
    Raises NotACode.
    """
    for each in (code, *within):
        if not CODE.fullmatch(each):
            raise NotACode(f"{each!r} is not the code of a place; write it like NL, US-CA or EU")
    words = {
        "@CODE@": code,
        "@ID@": code.lower(),
        # JSON text is YAML text, with quotes and colons in a name taken care of.
        "@NAME@": json.dumps(name, ensure_ascii=False),
        "@PLAIN_NAME@": " ".join(name.split()),
        "@WITHIN@": ", ".join(json.dumps(each) for each in within),
        "@DAY@": as_of.isoformat(),
        "@BEFORE@": date(as_of.year - 1, 12, 31).isoformat(),
        "@FROM@": date(as_of.year, 1, 1).isoformat(),
    }
    return {file: _filled(text, words) for file, text in _FILES.items()}


def without_bound(content: str, code: str) -> str:
    """The text of a ``jurisdiction.yaml`` whose ``binds`` no longer lists a place: from now on it has its own pack.

    ``binds`` is written in brackets, as ours are; where it is not, the text comes back as it was.
    """
    found = re.search(r"^binds: *\[[^\]]*\]", content, re.MULTILINE)
    if not found:
        return content
    listed = re.sub(rf"(?<=[\[,\s])[\"']?{re.escape(code)}[\"']?(?=[\],\s]),?[ ]?", "", found.group())
    listed = re.sub(r",\s*\]$", "]", listed)
    return content[: found.start()] + listed + content[found.end() :]


def _filled(text: str, words: Mapping[str, str]) -> str:
    return re.sub("|".join(words), lambda found: words[found.group()], text)


_JURISDICTION = """\
# Whose law this is. Every line that begins with # is an explanation; leave it or take it out.
# Indent with blanks, never with tabs. Put quotes around a text that holds a colon or a comma.

# The code of ISO 3166: a country (NL), a state of it (US-CA), or EU, COE, UN. The folder has the same name, in lower
# case.
code: "@CODE@"

name: @NAME@

# Whose law also applies here, direct parents only: a member of the Union names EU, a state its federation. [] for none.
within: [@WITHIN@]

# The languages its authorities work in: en, or pt-BR.
languages: [en]

# Who watches over personal data; null where there is nobody or you do not know. All three keys are needed; site may
# be null.
#   regulator:
#     name: Data Protection Office
#     role: data-protection complaints
#     site: dpo.example.org
regulator: null

# Who helps the people affected. Each has name, role and site, as the regulator has. [] for none.
helplines: []

# The day you last read the sources.
as_of: @DAY@
"""

_PROVISIONS = """\
# The rules of @PLAIN_NAME@. Each begins with a dash. The first one is INVENTED, to show the form: replace it.
#
# A reform changes no rule: it closes the old one with in_force_to and adds a new one with an id of its own, so that an
# old case can still be judged by the law of its day.

# The code, then short names with dots. It never changes once a case was judged by it.
- id: @ID@.example.1

  citation: Example Act, section 1
  title: Publishing where someone lives to frighten them

  # criminal, civil, administrative, platform-duty, controller-duty or procedure
  track: criminal

  # in_force; enacted (passed, not yet law); repealed
  status: in_force

  # The first day it applies. null where you do not know: findings on earlier acts then stay open, and say so.
  in_force_from: @FROM@
  # The first day it no longer applies; null while it does.
  in_force_to: null

  # What it says, in your own words, never the text of the statute.
  summary: >-
    Invented example. Publishing a person's address or whereabouts in order to put them in fear.

  # What must be so, as facts of law/facts.yaml (look there first: each new fact is a new question to somebody in
  # distress). Combine them, as deep as you need:
  #   all: [a, b]                   every one of them
  #   any: [a, b]                   at least one of them
  #   not: a                        not this one
  #   {at_least: 2, of: [a, b, c]}  so many of them
  # Beside all or any, unless: names what makes that limb alone lawful.
  elements:
    all:
      - act.disclosed
      - data.contact_or_location
      - any: [intent.fear, intent.harass]

  # What makes the whole provision not apply. Write down every one the statute knows. null where it knows none.
  exemptions: {any: [exempt.journalism, exempt.lawful_authority]}

  # Only where they differ from what is usual; take the # away to use them:
  # effect: shield           it protects expression or a service, and opens nothing
  # prosecution: on_complaint  or ex_officio, or private: who may set a prosecution going
  # reach: [target_lives]    the ties to this place that are enough: target_lives, doer_acts, service_in, host_in,
  #                          harm_falls, nationality
  # judged_on: request       the day that decides: act (usual for offences and torts) or request (duties, procedure)
  # as_of: @DAY@       the day you read this entry, where it is not that of the pack

  # The highest penalty. Months and amounts are numbers; null where none is set or you do not know.
  penalty:
    imprisonment_max_months: 24
    fine_max: {amount: 10000, currency: EUR}
    fine_note: null
    # Higher tiers: each with its condition, made of facts, and what then applies.
    aggravated:
      - if: subject.minor
        imprisonment_max_months: 36

  # What it opens. Each has:
  #   type       removal, erasure, correction, blocking, injunction, restraining_order, damages, statutory_damages,
  #              account_disclosure, preservation, compliance_order, public_notification, apology, training, audit,
  #              other
  #   sought_by  victim, regulator, prosecutor, platform, controller
  #   from       platform, court, regulator, controller, police
  # and, where the law says so:
  #   within     the time to act, as the law counts it: "48 hours", "10 working days", "1 month"; null: without delay
  #   deadline_text  its words about the time
  #   starts     from when it runs: on_notice, on_order, on_receipt, on_request, on_sending
  #   then       what follows, each time running from the end of the one before
  #   lasts      how long what is granted holds
  #   if         what must hold besides, for this remedy alone
  #   ex_parte   true where it can be decided before the other side is heard
  remedies:
    - type: removal
      sought_by: victim
      from: court
      within: 48 hours
      deadline_text: within 48 hours of the order
      starts: on_order

  # Until when it can be brought; null where you do not know. Times as above; from: act, knowledge or end (of an act
  # that went on). complaint_within and complaint_from: the victim's own complaint, where it has a time of its own.
  limitation: {within: 3 years, from: act}

  # Why a reader could know that this is forbidden, where that is argued about; or null.
  foreseeability: null

  # Where you read it. Both this and the confidence are shown on every finding.
  source: where you read it, such as the official gazette and its number
  # high: you read the official text, as it stands. medium: a good secondary source. low: anything else.
  confidence: low
  # What a colleague should know; or null.
  notes: Invented, to show the form. Replace this entry before anybody relies on it.
"""

_EXAMPLES = """\
# Worked cases, run by `habeas law test`. Facts not named are unknown; the day is that of the act and of asking.
# For each provision at least one in which it is met, and one in which it is not.
# The outcome is one of: met, possible, not_met, exempt, possibly_exempt, not_in_force.

- name: an address is posted to frighten someone
  on: @DAY@
  facts:
    act.disclosed: true
    data.contact_or_location: true
    intent.fear: true
    exempt.journalism: false
    exempt.lawful_authority: false
  expect: {@ID@.example.1: met}

- name: a telephone number is passed on without any wish to frighten or harass
  on: @DAY@
  facts: {act.disclosed: true, data.contact_or_location: true, intent.fear: false, intent.harass: false}
  expect: {@ID@.example.1: not_met}

- name: nobody has asked yet whether it was journalism
  on: @DAY@
  facts: {act.disclosed: true, data.contact_or_location: true, intent.fear: true, exempt.lawful_authority: false}
  expect: {@ID@.example.1: possibly_exempt}

- name: the same post, a day before the law
  on: @BEFORE@
  facts: {act.disclosed: true, data.contact_or_location: true, intent.fear: true}
  expect: {@ID@.example.1: not_in_force}
"""

_FILES = {"jurisdiction.yaml": _JURISDICTION, "provisions.yaml": _PROVISIONS, "examples.yaml": _EXAMPLES}

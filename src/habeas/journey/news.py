"""A word to people who asked for one: "There is news.", and nothing that says of what, from whom, or where.

Each round: whose case moved, or was written to, since they last looked or were told -> one e-mail each, once.
"""

from __future__ import annotations

import smtplib
from email.utils import parseaddr
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from habeas.cases import actions as cases
from habeas.cases import messages as talk
from habeas.cases import queries
from habeas.kernel import clock
from habeas.platforms import ways
from habeas.platforms.core.dispatch import NotReached
from habeas.remedies import queries as remedies
from habeas.store import actions as store

if TYPE_CHECKING:
    from habeas.cases.models import Case

TELL = "person.tell"
# What of a measure is news to the person.
NEWS = frozenset(
    {"send", "acknowledge", "comply", "comply_partly", "refuse", "ask_back", "run_out", "escalate", "find_standing"}
)


def is_offered() -> bool:
    """Whether this house sends such words: it needs a sender whose name says nothing."""
    return bool(settings.HABEAS_NEWS_FROM and settings.HABEAS_MAIL)


def write_down() -> int:
    """Write down a word to everybody whose case has news. Returns how many."""
    if not is_offered():
        return 0
    return sum(_write_down(case) for case in queries.wanting_news().iterator(chunk_size=200))


@transaction.atomic
def _write_down(case: Case) -> bool:
    case = cases.hold(case)
    since = case.news_sent_at or case.opened_at
    moved = [at for at in (remedies.last_event_at(case, NEWS), talk.last_unseen_by_person(case)) if at is not None]
    if not moved or max(moved) <= since:
        return False
    at = clock.now()
    cases.note_news(case, at=at)
    store.enqueue(TELL, {"case_id": str(case.pk)}, at=at, key=f"news/{case.pk}/{at:%Y%m%d%H%M%S}")
    return True


def tell(case_id: str) -> None:
    """Send the word. Raises NotReached where the mail server cannot be reached: it is tried again."""
    case = queries.case_by_id(case_id)
    if case is None or case.key.wrapped is None or case.withdrawn_at is not None or not is_offered():
        return
    _name, address = parseaddr(queries.contact_of(case))
    if "@" not in address:
        return
    with translation.override(case.language):
        _send(address, _("There is news"), _("There is news."))


def _send(address: str, subject: str, words: str) -> None:
    mail = ways.mail_settings()
    connection = get_connection(
        "django.core.mail.backends.smtp.EmailBackend",
        host=mail.host,
        port=mail.port,
        username=mail.user,
        password=mail.password,
        use_tls=mail.security == "starttls",
        use_ssl=mail.security == "tls",
        timeout=mail.seconds,
    )
    message = EmailMessage(subject, words, settings.HABEAS_NEWS_FROM, [address], connection=connection)
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused:
        return  # the address takes no mail; the person sees everything on their page all the same
    except (smtplib.SMTPException, OSError) as trouble:
        raise NotReached(f"the mail server did not take it ({type(trouble).__name__})") from None

"""A word by e-mail to whoever asked for one: when there is news, once, and with nothing in it."""

from __future__ import annotations

import email

import pytest

from factories.mail_servers import Post, smtp_server
from factories.notices import a_measure, a_sent
from factories.people import member
from factories.reports import NOON, a_case
from habeas.cases import messages as talk
from habeas.cases.actions import note_withdrawal
from habeas.cases.models import Case
from habeas.journey import news
from habeas.kernel import clock
from habeas.platforms.core.dispatch import NotReached
from habeas.store.models import Job
from habeas.store.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "fenna.vellinga@example.com"


@pytest.fixture
def offered(settings, monkeypatch):
    settings.HABEAS_NEWS_FROM = "A. Lindgren <a.lindgren@example.org>"
    settings.HABEAS_HOUSE = {"name": "Helpline of Examplia", "address": "", "email": "desk@helpline.example.org"}
    with smtp_server(Post()) as post:
        settings.HABEAS_MAIL = f"smtp://localhost:{post.port}"
        yield post


@pytest.fixture
def case() -> Case:
    return a_case(contact=ADDRESS, news=True)


def send_all(settings) -> None:
    Worker({news.TELL: settings.HABEAS_JOBS[news.TELL]}).run_until_idle()


def test_a_word_goes_when_a_letter_went_and_says_nothing_of_it(offered, case, settings):
    assert news.write_down() == 0, "nothing happened yet"
    a_sent(a_measure(case), at=clock.now())
    assert news.write_down() == 1
    send_all(settings)
    [got] = offered.got
    message = email.message_from_bytes(got)
    assert (message["To"], message["From"]) == (ADDRESS, "A. Lindgren <a.lindgren@example.org>")
    assert (message["Subject"], message.get_payload().strip()) == ("There is news", "There is news.")
    for word in (b"habeas", b"helpline", case.reference.encode(), b"http", b"case"):
        assert word.lower() not in got.lower()
    assert news.write_down() == 0, "it is said once"


def test_a_message_of_the_desk_is_news_until_it_is_seen(offered, case):
    talk.write(case, "We heard from the site.", by=member(), at=clock.now())
    talk.read(case, by=None, at=clock.now())
    assert news.write_down() == 0
    talk.write(case, "It is gone.", by=member(), at=clock.now())
    assert news.write_down() == 1


@pytest.mark.parametrize("told", [{"contact": ADDRESS}, {}])
def test_nobody_is_written_to_who_did_not_ask(offered, told):
    a_sent(a_measure(a_case(**told)), at=clock.now())
    assert news.write_down() == 0


def test_who_withdrew_is_left_in_peace(offered, case, settings):
    a_sent(a_measure(case), at=clock.now())
    assert news.write_down() == 1
    note_withdrawal(case, at=NOON)
    send_all(settings)
    assert offered.got == []


def test_a_house_without_a_dull_sender_offers_and_sends_nothing(case, settings):
    settings.HABEAS_NEWS_FROM = ""
    a_sent(a_measure(case), at=clock.now())
    assert not news.is_offered()
    assert news.write_down() == 0
    assert Job.objects.filter(kind=news.TELL).count() == 0


def test_a_server_that_is_down_delays_the_word(offered, case, settings):
    settings.HABEAS_MAIL = "smtp://localhost:1"
    with pytest.raises(NotReached):
        news.tell(str(case.pk))
    assert Case.objects.get().news_wanted

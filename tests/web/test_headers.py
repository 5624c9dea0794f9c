"""What every answer says to the browser: keep it to yourself, load nothing else, stay off the disk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from uuid import uuid4

import pytest
from django.test import Client

from factories.pages import Page, names_of_addresses, press, visit
from factories.reports import do_the_work
from habeas.cases.models import Case, Report
from habeas.store.models import Job

pytestmark = pytest.mark.django_db

PORTAL = (
    "/",
    "/report/links/",
    "/report/all/",
    "/report/material/",
    "/receipt/lost/",
    "/danger/",
    "/under-18/",
    "/tonight/",
    "/rights/",
    "/rights/nl/",
    "/receipt/",
    "/follow/",
    "/follow/case/",
    "/exit/",
    "/nowhere/",
    "/partners/n/x/",
    "/partners/c/x/",
)
PARTS = (
    "",
    "material/",
    "evidence/",
    "evidence/pass-on/",
    "evidence/keep/",
    "law/",
    "law/nl.sr.285d/",
    "plan/",
    "history/",
    "messages/",
    "who/",
    "identity/",
)
DESK = (
    "/desk/",
    "/desk/law/compare/",
    "/desk/work/",
    "/desk/mail/",
    "/desk/calendar/",
    "/desk/contests/",
    "/desk/directory/",
    "/desk/call/",
    "/desk/search/",
    "/desk/keys/",
    "/desk/board/",
    "/desk/alarms/",
    "/desk/break-glass/",
    "/desk/identities/",
    "/desk/sign-in/",
    "/desk/cases/HB-222222/",
)


def addresses(case: Case) -> list[str]:
    return [*PORTAL, *DESK, *(f"/desk/cases/{case.reference}/{part}" for part in PARTS)]


def policy(response) -> dict[str, list[str]]:
    rules = [rule.split() for rule in response.headers["Content-Security-Policy"].split(";")]
    return {name: sources for name, *sources in rules}


@pytest.fixture
def answers(client, signed_in, case) -> list:
    """What every page answers to somebody without an account, and to a lead."""
    return [browser.get(path) for path in addresses(case) for browser in (client, signed_in("lead"))]


def test_a_page_loads_from_this_house_only_and_stands_in_no_frame(answers):
    for response in answers:
        rules = policy(response)
        assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == ["'none'"]
        assert rules["form-action"] == rules["script-src"] == rules["style-src"] == ["'self'"]
        allowed = {source for sources in rules.values() for source in sources}
        assert allowed == {"'none'", "'self'", "data:"}, "no inline, no eval, no other host"
        assert response.headers["X-Frame-Options"] == "DENY"


def test_nothing_is_guessed_told_or_kept(answers):
    for response in answers:
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert response.headers["Permissions-Policy"] == "camera=(), microphone=(), geolocation=()"
        assert "no-store" in response.headers["Cache-Control"], response.request["PATH_INFO"]


def test_leaving_has_the_browser_forget_the_visit(client):
    response = client.get("/exit/")
    assert response.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'


def test_pages_are_kept_out_of_search_engines(client, signed_in, case):
    for path in addresses(case):
        page = Page(signed_in("lead").get(path, follow=path != "/exit/"))
        if page.status != 302:
            assert page.tree.xpath("//meta[@name='robots']/@content") == ["noindex, nofollow, noarchive"], path


# -- cookies -------------------------------------------------------------------------------------------------------


def all_cookies(client: Client, **more) -> dict:
    """Every cookie the site ever sets: of a form, of a receipt, of a visit, of a message."""
    page = visit(client, "/report/all/")
    token = page.typed("Send the report")["token"][0]
    sent = client.post("/report/all/", {"text": "she lives here", "reporter": "self", "token": token}, **more)
    found = dict(sent.cookies)
    receipt = Page(client.get("/receipt/", **more)).tree.xpath("//*[contains(@class, 'receipt-code')]//span/text()")
    client.post("/follow/", {"receipt": "".join(receipt)}, **more)
    client.post("/follow/case/links/", {"links": "https://mirror.example.net/2"}, **more)
    return {**found, **dict(client.cookies)}


def test_a_cookie_is_for_this_site_only_and_out_of_reach_of_scripts(client):
    cookies = all_cookies(client)
    assert set(cookies) == {"csrftoken", "receipt", "sessionid", "messages"}
    for name, cookie in cookies.items():
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Strict", name
        assert not cookie["domain"], name
    assert cookies["receipt"]["path"] == "/"
    assert cookies["receipt"]["max-age"] == 30 * 60
    assert cookies["sessionid"]["max-age"] == "", "gone when the browser is closed"


def test_behind_tls_every_cookie_travels_encrypted_only(client, settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    for name, cookie in all_cookies(client, secure=True).items():
        assert cookie["secure"], name


BEHIND_TLS = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client
through = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_HOST": "127.0.0.1"}
answers = {"tls": Client().get("/follow/", **through), "plain": Client().get("/follow/", HTTP_HOST="127.0.0.1")}
print(json.dumps({
    "hsts": {name: answer.headers.get("Strict-Transport-Security") for name, answer in answers.items()},
    "secure": [settings.SESSION_COOKIE_SECURE, bool(answers["tls"].cookies["csrftoken"]["secure"])],
}))
"""


@pytest.mark.parametrize(("https", "hsts", "secure"), [("1", "max-age=31536000", True), ("", None, False)])
def test_a_house_behind_tls_says_so_to_browsers(https, hsts, secure):
    environment = {**os.environ, "HABEAS_HTTPS": https, "HABEAS_DATABASE": ""}
    ran = subprocess.run(
        [sys.executable, "-c", BEHIND_TLS], env=environment, capture_output=True, text=True, check=True
    )
    told = json.loads(ran.stdout)
    assert told["hsts"] == {"tls": hsts, "plain": None}
    assert told["secure"] == [secure] * 2


# -- forged forms --------------------------------------------------------------------------------------------------


def paths_of_all_forms(case: Case, measure) -> list[str]:
    forms = ("take/", "close/", "answer/", f"plan/{measure.pk}/", "seen/1/")
    forms += tuple(f"steps/{measure.pk}/{part}" for part in ("", "act/", "letter.pdf"))
    evidence = (
        "items/x/",
        "items/x/copy/",
        "items/x/redacted/",
        "pages/1/",
        f"pass-on/{uuid4()}/",
        "keep/1/",
        "erase/",
    )
    forms += tuple(f"evidence/{part}" for part in evidence)
    desk = [f"/desk/cases/{case.reference}/{part}" for part in (*PARTS, *forms)]
    rest = [
        "/desk/",
        "/desk/sign-in/",
        "/desk/sign-out/",
        "/desk/work/",
        "/desk/known/",
        "/desk/mail/",
        "/desk/mail/1/",
        "/desk/contests/",
        "/desk/contests/1/",
        "/desk/directory/",
        "/desk/directory/x/",
        "/desk/calendar/",
        "/desk/calendar/x.ics",
        "/desk/trace/",
        "/desk/call/",
        "/desk/search/",
        "/desk/keys/",
        "/desk/board/",
        "/desk/queue/next/",
        "/desk/queue/several/",
        "/desk/queue/filters/",
        "/desk/alarms/",
        "/desk/alarms/1/",
        "/desk/break-glass/",
        "/desk/identities/",
        "/desk/identities/1/",
        "/desk/law/compare/",
        "/desk/law/replay/",
        "/exit/",
    ]
    portal = ["/", "/receipt/", "/receipt/kept/", "/receipt/spare/", "/receipt/lost/", "/follow/", "/follow/stop/"]
    portal += ["/danger/", "/under-18/", "/tonight/", "/rights/", "/rights/nl/"]
    portal += [f"/report/{part}" for part in ("", "all/", "files/", "links/")]
    portal += [f"/follow/case/{part}" for part in ("", "links/", "consent/", "back/", "write/", "withdraw/")]
    portal += ["/follow/case/rate/closed/", "/follow/case/reminder.ics"]
    partners = ["/partners/n/x/", "/partners/n/x/poster/", "/partners/n/x/reasons/", "/partners/n/x/reasons.csv"]
    partners += ["/partners/c/x/"]
    return [*desk, *rest, *portal, *partners]


def test_a_form_from_elsewhere_is_turned_away_at_every_address(signed_in, case, measure):
    browser = signed_in("lead", enforce_csrf_checks=True)
    job = Job.objects.create(kind="x", state="dead", run_at=case.opened_at, created_at=case.opened_at)
    paths = paths_of_all_forms(case, measure)
    forms = {name for name in names_of_addresses() if not name.startswith("api:")}
    assert len(paths) == len(forms), "a new address needs its line here"
    told = {"text": "x", "reporter": "self", "links": "https://a.example.org/", "job": job.pk}
    told |= {"key": "intent.fear", "answer": "yes", "decision": "withdraw", "reason": "x"}
    for path in paths:
        page = Page(browser.post(path, told))
        assert page.status == 403, path
        assert "This form was open for too long" in page.words
        assert "Go back, copy what you wrote, load the page again and send it from there." in page.words
    case.refresh_from_db()
    measure.refresh_from_db()
    job.refresh_from_db()
    assert (case.owner, measure.state, job.state, Report.objects.count()) == (None, "drafted", "dead", 1)
    assert browser.get("/desk/").status_code == 200, "still signed in"


def test_the_site_s_own_forms_pass_the_same_check():
    browser = Client(enforce_csrf_checks=True)
    page = visit(browser, "/report/all/")
    token = page.typed("Send the report")["csrfmiddlewaretoken"]
    page = press(browser, page, "Send the report", text="she lives here", csrfmiddlewaretoken=token)
    assert page.path == "/receipt/"
    assert press(browser, page, "Go on without typing it").path == "/follow/case/"
    assert do_the_work() == 1

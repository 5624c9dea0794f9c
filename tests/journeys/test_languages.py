"""Every page of the portal in every language, on a small phone; and a report in Arabic without scripts."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.utils import translation

from habeas.kernel.languages import PORTAL

PAGES = (
    "portal:start",
    "portal:emergency",
    "portal:under_18",
    "portal:safety",
    "portal:rights",
    "portal:one_page",
    "portal:follow",
    "portal:use_spare",
)
STEPS = ("links", "exposed", "material", "about", "happened", "wishes", "contact")
OFFERED = [one for one in PORTAL if one.code in dict(settings.LANGUAGES)]


def address(language: str, name: str, *args: str) -> str:
    from django.urls import reverse

    with translation.override(language):
        return reverse(name, args=args)


@pytest.mark.parametrize("language", OFFERED, ids=[one.code for one in OFFERED])
def test_every_page_is_sound_in_every_language(visitor, language):
    from axe_playwright_python.sync_playwright import Axe

    person = visitor()
    page = person.page
    page.set_viewport_size({"width": 320, "height": 640})
    faults = []
    for name, *args in [(name,) for name in PAGES] + [("portal:step", slug) for slug in STEPS]:
        person.go(address(language.code, name, *args))
        html = page.locator("html")
        assert (html.get_attribute("lang"), html.get_attribute("dir")) == (
            language.code,
            "rtl" if language.rtl else "ltr",
        )
        sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if sideways > 0:
            faults.append(f"{name} {args}: {sideways} px wider than the screen")
        options: dict[str, object] = {"resultTypes": ["violations"], "preload": False}
        # Colours are the same in every language, and cost most of the time: they are looked at once for each direction.
        if language.code not in {"en", "ar"}:
            options["rules"] = {"color-contrast": {"enabled": False}, "color-contrast-enhanced": {"enabled": False}}
        violations = Axe().run(page, options=options).response["violations"]
        faults += [f"{name} {args}: {one['id']}: {[n['target'] for n in one['nodes']][:3]}" for one in violations]
    assert faults == []


def test_a_report_in_arabic_on_a_phone_without_scripts(visitor, pictures, do_the_work):
    person = visitor(scripts=False)
    page = person.page
    page.set_viewport_size({"width": 360, "height": 740})

    def on(**ticks: str) -> None:
        for name, value in ticks.items():
            page.locator(f"[name={name}][value='{value}']").check()
        page.screenshot(path=pictures / f"arabic-{len(seen)}.png", full_page=True)
        seen.append(page.url)
        page.get_by_role("button", name="متابعة", exact=True).click()

    seen: list[str] = []
    person.go("/ar/")
    page.get_by_role("link", name="أبلغ عنه", exact=True).click()
    page.locator("[name=links]").fill("https://board.example.net/t/88214")
    on()
    on(exposed="home")
    on()
    on(reporter="self")
    page.locator("[name=lives_in]").select_option("NL")
    on()
    on(danger="no", happened="fear")
    while "/questions/" in page.url:
        on(said="yes")
    on(wishes="down")
    on()
    on()
    assert page.url.endswith("/ar/report/check/")
    page.screenshot(path=pictures / "arabic-check.png", full_page=True)
    page.get_by_role("button", name="أرسل البلاغ").click()
    assert page.url.endswith("/ar/receipt/")
    page.screenshot(path=pictures / "arabic-receipt.png", full_page=True)
    page.get_by_role("button", name="تابع دون كتابته").click()
    do_the_work()
    page.reload()
    assert "الخطة" in page.inner_text("main")
    page.screenshot(path=pictures / "arabic-case.png", full_page=True)


def test_the_language_changes_on_any_page_and_nothing_typed_is_lost(visitor):
    person = visitor()
    page = person.page
    person.go("/report/links/")
    page.get_by_label("Where was it posted?").fill("https://board.example.net/t/88214\nhalf a li")
    page.locator("summary", has_text="English").click()
    page.get_by_role("button", name="Español").click()
    page.wait_for_url("**/es/report/links/")
    assert page.locator("[name=links]").input_value() == "https://board.example.net/t/88214\nhalf a li"


def test_a_reader_s_own_language_is_offered_first(browser, house):
    context = browser.new_context(locale="de-AT")
    page = context.new_page()
    page.goto(house)
    page.get_by_role("link", name="Deutsch").first.click()
    page.wait_for_url("**/de/")
    assert page.locator("h1").inner_text() == "Hat jemand Ihre Daten oder Bilder ins Netz gestellt?"
    context.close()

"""The languages people are spoken to in: one line each. A catalogue in ``locale/`` is what makes one offered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """code: as in addresses, lower case; name: its own; folder: of its catalogue; rtl: written from right to left"""

    code: str
    name: str
    folder: str
    rtl: bool = False


ENGLISH = Language("en", "English", "en")
PORTAL: tuple[Language, ...] = (
    ENGLISH,
    Language("es", "Español", "es"),
    Language("fr", "Français", "fr"),
    Language("de", "Deutsch", "de"),
    Language("nl", "Nederlands", "nl"),
    Language("pt-br", "Português (Brasil)", "pt_BR"),
    Language("ar", "العربية", "ar", rtl=True),
    Language("zh-hans", "简体中文", "zh_Hans"),
    Language("zh-hant", "繁體中文", "zh_Hant"),
    Language("hi", "हिन्दी", "hi"),
    Language("ru", "Русский", "ru"),
    Language("uk", "Українська", "uk"),
    Language("ja", "日本語", "ja"),
    Language("ko", "한국어", "ko"),
    Language("tr", "Türkçe", "tr"),
    Language("id", "Bahasa Indonesia", "id"),
)
DESK: tuple[Language, ...] = tuple(one for one in PORTAL if one.code in {"en", "es", "fr", "de"})


def best(wanted: str, among: tuple[Language, ...]) -> Language | None:
    """The language of a browser's Accept-Language that stands among these, the most wanted first; null for none.

    Chinese is matched by script or by where it is written so: zh-TW, zh-HK and zh-MO are traditional.
    Source: RFC 9110, section 12.5.4; RFC 4647, lookup.
    """
    codes = {one.code: one for one in among}
    for _weight, tag in sorted(_ranges(wanted), key=lambda row: -row[0]):
        for guess in _guesses(tag):
            if guess in codes:
                return codes[guess]
    return None


def _ranges(wanted: str) -> list[tuple[float, str]]:
    found = []
    for part in wanted[:500].split(","):
        tag, _, quality = part.strip().lower().partition(";")
        try:
            weight = float(quality.partition("=")[2]) if quality.strip().startswith("q") else 1.0
        except ValueError:
            continue
        if tag and tag != "*" and 0 < weight <= 1:
            found.append((weight, tag.strip()))
    return found


def _guesses(tag: str) -> list[str]:
    main, _, rest = tag.partition("-")
    if main == "zh":
        traditional = "hant" in rest or rest in {"tw", "hk", "mo"}
        return ["zh-hant" if traditional else "zh-hans"]
    if main == "pt":
        return [tag, "pt-br"]
    return [tag, main]

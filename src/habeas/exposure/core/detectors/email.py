"""E-mail addresses, plain and disguised ("jane [at] example [dot] org", "jane at example dot com")."""

from __future__ import annotations

import re
from collections.abc import Iterator

from habeas.exposure.core.detectors import Candidate, ScanContext
from habeas.exposure.core.normalise import NormalisedText
from habeas.exposure.core.spans import Taken

_LOCAL = r"[A-Za-z0-9\u00c0-\u024f][A-Za-z0-9\u00c0-\u024f._%+'\-]{0,63}"
_LABEL = r"[A-Za-z0-9\u00c0-\u024f](?:[A-Za-z0-9\u00c0-\u024f\-]{0,61}[A-Za-z0-9\u00c0-\u024f])?"
_CYRILLIC = r"[\u0400-\u04ff0-9\-]{1,63}"
_START = r"(?<![A-Za-z0-9\u00c0-\u024f._%+'\-@/=])"
_START_AFTER_EQUALS = r"(?<![A-Za-z0-9\u00c0-\u024f._%+'\-@/])"

_AT_WORDS = r"at|ät|arroba|arobase|chiocciola|klammeraffe|apenstaartje|malpa|małpa|собака|et|a|@"
_DOT_WORDS = r"dot|d0t|punkt|point|punto|ponto|punt|kropka|точка|nokta|\."
_OPEN, _CLOSE = r"[\[({<*_~|]{1,2}", r"[\])}>*_~|]{1,2}"
_AT_IN_BRACKETS = rf"\s{{0,3}}(?:{_OPEN}\s?(?:{_AT_WORDS})\s?{_CLOSE}|&#0?64;|&#x40;|&commat;|%40)\s{{0,3}}"
_DOT_IN_BRACKETS = rf"\s{{0,3}}(?:{_OPEN}\s?(?:{_DOT_WORDS})\s?{_CLOSE}|&#0?46;|&period;|%2e)\s{{0,3}}"
_DOT_SPELT = r"\s{1,3}(?:dot|punkt|point|punto|ponto|punt|kropka|точка|nokta)\s{1,3}"
_ANY_DOT = rf"(?:{_DOT_IN_BRACKETS}|{_DOT_SPELT}|\.)"

# name -> (pattern with groups local and domain, confidence)
PATTERNS: dict[str, tuple[re.Pattern[str], float]] = {
    "plain": (
        re.compile(rf"{_START_AFTER_EQUALS}(?P<local>{_LOCAL})@(?P<domain>(?:{_LABEL}\.){{1,6}}[A-Za-z]{{2,24}})(?![A-Za-z0-9]|-\w)"),
        0.99,
    ),
    "cyrillic": (
        re.compile(rf"(?<![\w.\-@])(?P<local>[\w.\-]{{1,64}})@(?P<domain>(?:{_CYRILLIC}\.){{1,4}}[\u0400-\u04ff]{{2,24}})(?!\w)"),
        0.9,
    ),
    "bracketed": (
        re.compile(
            rf"{_START}(?P<local>{_LOCAL}){_AT_IN_BRACKETS}(?P<domain>{_LABEL}(?:{_ANY_DOT}{_LABEL}){{0,3}}{_ANY_DOT}[a-z]{{2,24}})(?!\w)",
            re.IGNORECASE,
        ),
        0.95,
    ),
    "dot in words": (
        re.compile(
            rf"{_START}(?P<local>{_LOCAL})\s?@\s?(?P<domain>{_LABEL}(?:{_DOT_IN_BRACKETS}|"
            rf"{_DOT_SPELT}){_LABEL}(?:{_ANY_DOT}[a-z]{{2,24}})?)(?!\w)",
            re.IGNORECASE,
        ),
        0.93,
    ),
    "blanks around the signs": (
        re.compile(
            rf"{_START}(?P<local>{_LOCAL})(?:@\s{{1,2}}|\s{{1,2}}@\s{{1,2}}|"
            rf"@)(?P<domain>{_LABEL}(?:\s{{0,2}}\.\s{{0,2}}co)?\s{{0,2}}\.\s{{0,2}}"
            r"(?:com|net|org|edu|gov|info|biz|uk|de|fr|ru|pl|br|mx|jp|cn|eu|ch|nl|se|dk|au|nz|example))(?!\w)"
        ),
        0.85,
    ),
    "spelt out": (
        re.compile(
            rf"{_START}(?P<local>{_LOCAL})\s{{1,3}}(?P<at>at|ät|arroba|arobase|chiocciola|AT|At)\s{{1,3}}"
            rf"(?P<domain>{_LABEL}(?:(?:{_DOT_SPELT}|\s?\.\s?){_LABEL}){{0,2}}(?P<dot>{_DOT_SPELT}|"
            rf"\.)[A-Za-z]{{2,24}})(?!\w)",
            re.IGNORECASE,
        ),
        0.85,
    ),
    "capitals": (
        re.compile(r"(?<![\w.\-])(?P<local>[a-z0-9][a-z0-9._\-]{0,63})AT(?P<domain>[a-z0-9\-]{1,63}(?:DOT[a-z0-9\-]{1,63}){0,2}DOT[a-z]{2,24})(?!\w)"),
        0.9,
    ),
}  # fmt: skip

# A pattern runs only where one of its marks stands in the lower-case text.
TRIGGERS: dict[str, tuple[str, ...]] = {
    "plain": ("@",),
    "cyrillic": ("@",),
    "bracketed": ("[", "(", "{", "<", "*", "_", "~", "|", "&", "%"),
    "dot in words": ("@",),
    "blanks around the signs": ("@",),
    "spelt out": (" at ", " ät ", " arroba ", " arobase ", " chiocciola "),
    "capitals": ("dot",),
}

_PROVIDERS = re.compile(
    r"\b(?:gmail|googlemail|yahoo|ymail|hotmail|outlook|live|msn|aol|icloud|me|mac|proton|protonmail|pm|tutanota|"
    r"tuta|gmx|web|"
    r"t-online|freenet|orange|free|laposte|wanadoo|libero|virgilio|mail|yandex|rambler|bk|inbox|list|qq|163|126|"
    r"naver|daum|"
    r"hanmail|rediffmail|zoho|fastmail|hey|riseup|disroot|cock|uol|bol|terra|seznam|wp|onet|o2|interia|ziggo|"
    r"kpnmail|telia)"
    r"(?=\s?(?:\.|dot|\[|\())", re.IGNORECASE,
)  # fmt: skip
_MAIL_LABEL = re.compile(
    r"e-?mail|\bmails?\b|\bmailto\b|write (?:to )?(?:me|him|her|them)|reach|contact|correo|courriel|adresse|poczta|"
    r"почт|メール|邮箱|이메일|بريد",
    re.IGNORECASE,
)
# Words that stand before a bare "at" in ordinary sentences.
_NOT_A_LOCAL = frozenset(
    [
        "a",
        "an",
        "the",
        "is",
        "are",
        "was",
        "be",
        "am",
        "been",
        "look",
        "looking",
        "looks",
        "looked",
        "me",
        "us",
        "him",
        "her",
        "it",
        "them",
        "you",
        "available",
        "online",
        "out",
        "up",
        "in",
        "on",
        "off",
        "down",
        "not",
        "only",
        "now",
        "here",
        "there",
        "work",
        "works",
        "working",
        "worked",
        "live",
        "lives",
        "living",
        "lived",
        "and",
        "or",
        "but",
        "shop",
        "buy",
        "sold",
        "sale",
        "start",
        "starts",
        "arrived",
        "arrive",
        "stay",
        "staying",
        "meet",
        "meeting",
        "see",
        "seen",
        "good",
        "great",
        "best",
        "better",
        "bad",
        "back",
        "all",
        "over",
        "more",
        "read",
        "watch",
        "visit",
        "check",
        "find",
        "found",
        "get",
        "new",
        "day",
        "today",
        "tonight",
        "tomorrow",
        "yesterday",
        "article",
        "articles",
        "page",
        "pages",
        "site",
        "blog",
        "post",
        "posts",
        "posted",
        "news",
        "info",
        "people",
        "support",
    ]
)
_FILE_ENDINGS = frozenset(
    [
        "png",
        "jpg",
        "jpeg",
        "gif",
        "svg",
        "webp",
        "css",
        "js",
        "ts",
        "jsx",
        "tsx",
        "json",
        "py",
        "rb",
        "php",
        "html",
        "htm",
        "xml",
        "md",
        "txt",
        "pdf",
        "zip",
        "gz",
        "tgz",
        "exe",
        "dll",
        "so",
        "conf",
        "cfg",
    ]
)
_DOTS = re.compile(rf"{_DOT_IN_BRACKETS}|{_DOT_SPELT}|\s{{0,2}}\.\s{{0,2}}", re.IGNORECASE)
# What stands before a dot that is disguised too: "jane [dot] doe [at] …".
_DOTTED_BEFORE = re.compile(
    rf"{_START}(?:[A-Za-z0-9\u00c0-\u024f][A-Za-z0-9\u00c0-\u024f._%+'\-]{{0,40}}(?:{_DOT_IN_BRACKETS}|{_DOT_SPELT})){{1,3}}$",
    re.IGNORECASE,
)
_CAPITAL_DOT = re.compile("DOT")


class EmailDetector:
    """Value: the address in lower case, without its disguise. Detail: "" or "disguised"."""

    name = "email"

    def find(self, text: NormalisedText, context: ScanContext) -> Iterator[Candidate]:
        lower = text.lower
        taken = Taken()
        for name, (pattern, confidence) in PATTERNS.items():
            if not any(mark in lower for mark in TRIGGERS[name]):
                continue
            if name == "cyrillic" and text.text.isascii():
                continue
            for match in pattern.finditer(text.text):
                if taken.overlaps(*match.span()):
                    continue
                candidate = _judge(name, match, confidence, text)
                if candidate is not None and taken.take(candidate.start, candidate.end):
                    yield candidate


def _judge(name: str, match: re.Match[str], confidence: float, text: NormalisedText) -> Candidate | None:
    local = match["local"].strip(".'-")
    domain = (_CAPITAL_DOT if name == "capitals" else _DOTS).sub(".", match["domain"]).lower()
    ending = domain.rpartition(".")[2]
    if not local or ".." in domain or "." not in domain or ending in _FILE_ENDINGS:
        return None
    if ".." in local:
        local = local.rpartition("..")[2]
    start = match.start("local") + match["local"].rfind(local)
    if name != "plain":
        before = _DOTTED_BEFORE.search(text.text, max(0, start - 120), start)
        if before and before.end() == start:
            start, local = before.start(), _DOTS.sub(".", before.group()) + local
    if name in {"spelt out", "bracketed"} and not _is_meant(name, match, local, domain, start, text):
        return None
    if name == "plain":
        reason = "has the form of an e-mail address"
        if text.text.isascii() and local.lower() == "git":
            confidence, reason = 0.5, "has the form of an e-mail address, but names a code server"
    else:
        reason = f"an e-mail address in disguise ({name}), which keeps it from being found by machines"
    return Candidate(
        kind="email",
        start=start,
        end=match.end("domain"),
        value=f"{local}@{domain}".lower(),
        detail="" if name == "plain" else "disguised",
        confidence=confidence,
        reason=reason,
    )


def _is_meant(name: str, match: re.Match[str], local: str, domain: str, start: int, text: NormalisedText) -> bool:
    """Whether a disguise is one, and not a sentence with "at" or an aside in brackets."""
    ending = domain.rpartition(".")[2]
    if name == "bracketed":
        # "(a)" and "(et)" also number paragraphs: then the rest must be a well-known provider or hide its dot too.
        sign = text.text[match.end("local") : match.start("domain")].strip().lower()
        doubtful = sign.strip("[](){}<>*_~| ") in {"a", "et", ""}
        return len(ending) <= 6 and (not doubtful or bool(_PROVIDERS.match(domain)) or "." not in match["domain"])
    if local.lower() in _NOT_A_LOCAL or len(ending) > 6:
        return False
    before = text.text[max(0, start - 40) : start]
    if _MAIL_LABEL.search(before):
        return True
    spelt_dot = not match["dot"].strip().startswith(".")
    if _PROVIDERS.match(domain):
        return spelt_dot or any(sign in local for sign in "._0123456789")
    return spelt_dot and any(sign in local for sign in "._0123456789-")


DETECTOR = EmailDetector()

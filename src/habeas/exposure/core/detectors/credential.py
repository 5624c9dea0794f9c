"""What opens an account: passwords, lines of leaked log-ins, private keys and access tokens.

The value never holds the secret: a log-in keeps its account, everything else a short fingerprint. The fingerprint tells
equal secrets apart and no more: a weak password can be guessed from it, so it is guarded like the text itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256

from habeas.exposure.core.detectors import Candidate, ScanContext
from habeas.exposure.core.normalise import NormalisedText
from habeas.exposure.core.spans import Taken

_WORDS_FOR_SECRETS = (
    r"passwords?|passwd|passcode|passphrase|pwd|pw|pass|passwort|kennwort|mot de passe|mdp|contraseña|contrasena|"
    r"clave|senha|palavra-?passe|"
    r"wachtwoord|hasło|haslo|lösenord|adgangskode|passord|salasana|parola|heslo|jelszó|şifre|sifre|kata sandi|"
    r"sandi|mật khẩu|пароль|密码|密碼|"
    r"パスワード|비밀번호|كلمة (?:السر|المرور)|סיסמה"
)

# name -> (pattern with group "secret", confidence)
TOKENS: dict[str, re.Pattern[str]] = {
    "private key": re.compile(
        r"(?P<secret>-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:[^-]{1,8000}-----END "
        r"[A-Z0-9 ]{1,40}-----)?)"
    ),
    "AWS access key": re.compile(r"(?<![A-Za-z0-9])(?P<secret>(?:AKIA|ASIA)[A-Z2-7]{16})(?![A-Za-z0-9])"),
    "GitHub token": re.compile(r"(?<!\w)(?P<secret>gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_\w{22,255})(?!\w)"),
    "GitLab token": re.compile(r"(?<!\w)(?P<secret>glpat-[\w\-]{20,64})(?!\w)"),
    "Slack token": re.compile(r"(?<!\w)(?P<secret>xox[abeoprs]-[A-Za-z0-9\-]{10,200})"),
    "Stripe key": re.compile(r"(?<!\w)(?P<secret>[rs]k_(?:live|test)_[A-Za-z0-9]{16,128})"),
    "Google API key": re.compile(r"(?<!\w)(?P<secret>AIza[\w\-]{35})(?![\w\-])"),
    "OpenAI-style key": re.compile(r"(?<!\w)(?P<secret>sk-(?:proj-|ant-)?[A-Za-z0-9_\-]{32,200})(?!\w)"),
    "JSON web token": re.compile(r"(?<![\w\-])(?P<secret>eyJ[\w\-]{8,2000}\.eyJ[\w\-]{8,4000}\.[\w\-]{8,1000})"),
    "Discord token": re.compile(
        r"(?<![\w.\-])(?P<secret>[MNO][A-Za-z\d_\-]{23,27}\.[\w\-]{6}\.[\w\-]{27,40})(?![\w\-])"
    ),
    "Telegram bot token": re.compile(r"(?<!\w)(?P<secret>\d{8,10}:AA[\w\-]{33})(?![\w\-])"),
    "npm token": re.compile(r"(?<!\w)(?P<secret>npm_[A-Za-z0-9]{36})(?!\w)"),
}
_TOKEN_MARKS = {
    "private key": "-----BEGIN", "AWS access key": "IA", "GitHub token": "gh", "GitLab token": "glpat-",
    "Slack token": "xox", "Stripe key": "k_",
    "Google API key": "AIza", "OpenAI-style key": "sk-", "JSON web token": "eyJ", "Discord token": ".",
    "Telegram bot token": ":AA", "npm token": "npm_",
}  # fmt: skip

PATTERNS: dict[str, re.Pattern[str]] = {
    "log-in line": re.compile(
        r"(?<![\w.+\-@])(?P<user>[\w.+\-]{1,64}@(?:[\w\-]{1,63}\.){1,4}[A-Za-z]{2,24})[:;|](?P<secret>[^\s:;|,<>]{4,64})(?=$|[\s:;|,<])"
    ),
    "log-in in an address": re.compile(
        r"(?<!\w)[a-z][a-z0-9+.\-]{1,11}://(?P<user>[^\s:/@]{1,64}):(?P<secret>[^\s/@]{1,64})@(?=[\w.\-])",
        re.IGNORECASE,
    ),
    "named password": re.compile(
        rf"(?<![\w/])(?:{_WORDS_FOR_SECRETS})(?: (?:is|was|ist|est|es|é|è))?\s{{0,2}}(?:[:=]|->|：|(?<= is)|(?<= was)|"
        rf"(?<= ist)|(?<= est))\s{{0,3}}[\"'`]?(?P<secret>[^\s\"'`<>,;]{{4,64}})",
        re.IGNORECASE,
    ),
    "pair": re.compile(
        r"(?<!\w)(?:user(?:name)?|login|e-?mail|usuario|benutzer(?:name)?|identifiant|"
        r"логин)\s{0,2}[:=]\s{0,2}(?P<user>[^\s,;|/]{2,64})\s{0,3}[,;|/\n]?\s{0,3}"
        rf"(?:{_WORDS_FOR_SECRETS})\s{{0,2}}[:=]\s{{0,2}}(?P<secret>[^\s,;|]{{3,64}})",
        re.IGNORECASE,
    ),
}

_PLACEHOLDER = re.compile(
    r"^(?:[*•xX.\-_#?]{3,}|<.*|\$\{?.*|%.*|\{.*|\[.*|your.*|my.*|the|this|that|reset|changed?|required|protected|"
    r"incorrect|wrong|invalid|"
    r"none|null|true|false|str|string|hidden|redacted|removed|and|not|too|same|very|weak|strong|secure|safe|http.*|"
    r"forgot.*|n/?a)[.!?)]*$",
    re.IGNORECASE,
)
_MIXED = re.compile(r"(?=.*\d)(?=.*[A-Za-z])|[^\w\s]")


class CredentialDetector:
    """Value: the account of a log-in, or "sha256:" and sixteen hex digits. Detail: what it opens."""

    name = "credential"

    def find(self, text: NormalisedText, context: ScanContext) -> Iterator[Candidate]:
        plain, lower = text.text, text.lower
        taken = Taken()

        for name, pattern in TOKENS.items():
            if _TOKEN_MARKS[name] not in plain:
                continue
            for match in pattern.finditer(plain):
                if taken.take(*match.span()):
                    yield Candidate(
                        "credential",
                        *match.span(),
                        _fingerprint(match["secret"]),
                        name,
                        0.97,
                        f"has the form of a {name}",
                    )
        said = _has_password_word(lower)
        for name in ("log-in line", "log-in in an address", "pair", "named password"):
            if name == "log-in line" and "@" not in plain:
                continue
            if name == "log-in in an address" and "://" not in plain:
                continue
            if name in ("pair", "named password") and not said:
                continue
            for match in PATTERNS[name].finditer(plain):
                candidate = _judge(name, match, plain)
                if candidate and taken.take(candidate.start, candidate.end):
                    yield candidate


_A_WORD_FOR_IT = re.compile(_WORDS_FOR_SECRETS)


def _has_password_word(lower: str) -> bool:
    return _A_WORD_FOR_IT.search(lower) is not None


def _judge(name: str, match: re.Match[str], plain: str) -> Candidate | None:
    secret = match["secret"].rstrip(".,!?)")
    end = match.start("secret") + len(secret)
    if len(secret) < 3 or _PLACEHOLDER.match(secret):
        return None
    if name == "log-in line":
        if secret.startswith("//") or "@" in secret or (secret.isdigit() and len(secret) < 5):
            return None
        return Candidate(
            "credential",
            match.start(),
            end,
            match["user"].lower(),
            "log-in",
            0.9,
            "an e-mail address and a secret in one line, as leaked lists are written",
        )
    if name == "log-in in an address":
        return Candidate(
            "credential",
            match.start("user"),
            end,
            match["user"].lower(),
            "log-in",
            0.9,
            "an account and a secret inside a web address",
        )
    if name == "pair":
        return Candidate(
            "credential",
            match.start(),
            end,
            match["user"].lower(),
            "log-in",
            0.95,
            "an account and its password side by side",
        )
    mixed = _MIXED.search(secret) is not None
    after_sign = plain[match.start() : match.start("secret")].rstrip(" \"'`").endswith((":", "=", ">", "："))
    if not mixed and not after_sign:
        return None
    confidence = 0.93 if mixed and after_sign else 0.75 if after_sign else 0.7
    return Candidate(
        "credential",
        match.start("secret"),
        end,
        _fingerprint(secret),
        "password",
        confidence,
        "what follows the word for a password",
    )


def _fingerprint(secret: str) -> str:
    return "sha256:" + sha256(secret.encode()).hexdigest()[:16]


DETECTOR = CredentialDetector()

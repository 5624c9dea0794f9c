"""Settings. Whatever differs between houses comes from the environment; everything has a safe default.

HABEAS_VAR        folder for the database, the keys and the sealed items (default: var/ beside the checkout)
HABEAS_DATABASE   postgresql://user:password@host:port/name, sqlite:///path, or empty for habeas.sqlite3 in HABEAS_VAR
HABEAS_KEY_FILE   the house key (default: keys/house.key in HABEAS_VAR)
HABEAS_SECRET     secret for sessions and forms (default: made once, in HABEAS_VAR)
HABEAS_EXIT       where "Exit this page" leads (default: an encyclopaedia)
HABEAS_HOSTS      host names, divided by commas (default: this machine only)
HABEAS_HTTPS      1 where a proxy in front ends TLS and sets X-Forwarded-Proto: cookies then travel encrypted only
HABEAS_LAW_KEY    public key under which the law packs must be signed (read by law/trust.py; default: not verified)
HABEAS_ONLY_REVIEWED  1 where only provisions that somebody reviewed as they now stand may ground a measure
HABEAS_EVIDENCE   the store of sealed items: a folder, or s3://bucket/prefix (default: evidence/ in HABEAS_VAR)
HABEAS_S3_ENDPOINT, HABEAS_S3_ACCESS_KEY, HABEAS_S3_SECRET_KEY, HABEAS_S3_REGION  where s3:// is, and who asks
HABEAS_HOUSE_KEYS  the house keys themselves, instead of the file (read by access/keys.py)
HABEAS_TIME_AUTHORITIES  a JSON file: a list of {"name", "url", "roots"} of time-stamp authorities (default: none)
HABEAS_LEDGER_KEY  keys that sign the log's checkpoints (default: keys/ledger.key in HABEAS_VAR)
HABEAS_LEDGER_QUORUM  how many witnesses a checkpoint needs (default: more than half of them)
HABEAS_CAPTURE_ALLOW  private addresses a capture may reach, host:port divided by commas (default: none)
HABEAS_REGISTRY_QUESTIONS  how often one person may ask the registry of known doxes in an hour (default: 60)
HABEAS_HOUSE_NAME, HABEAS_HOUSE_ADDRESS, HABEAS_HOUSE_EMAIL  who writes the letters, and where post and mail reach them
HABEAS_SITE       the address of this site as outsiders reach it, for links in letters (default: none are put in)
HABEAS_MAIL       smtp+starttls://user:password@host:587, smtps://… or smtp://localhost:25 (default: no mail is sent)
HABEAS_NEWS_FROM  who writes "There is news." to people who asked for it: "A. Dull <name@host>" (default: nobody does)
HABEAS_MAIL_DOMAIN  the domain whose mail comes back to `habeas mail`, for addresses of answers
HABEAS_CHANNEL_SECRETS  a JSON file: name of a secret in the directory -> the secret (default: keys/channels.json)
HABEAS_TEAM_SEES  what colleagues see without a grant: organisation (nobody's cases and their own), unowned or granted
HABEAS_RETENTION_DAYS  how long after it was closed a case is erased by itself (default: kept until somebody erases it)
HABEAS_DEBUG      1 shows error details and the component gallery; never on a machine others can reach
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from habeas.kernel import languages

PACKAGE = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("HABEAS_VAR") or Path.cwd() / "var").resolve()
HABEAS_KEY_FILE = Path(os.environ.get("HABEAS_KEY_FILE") or VAR / "keys" / "house.key")
HABEAS_EVIDENCE = os.environ.get("HABEAS_EVIDENCE") or VAR / "evidence"
HABEAS_S3_ENDPOINT = os.environ.get("HABEAS_S3_ENDPOINT") or ""
HABEAS_S3_ACCESS_KEY = os.environ.get("HABEAS_S3_ACCESS_KEY") or ""
HABEAS_S3_SECRET_KEY = os.environ.get("HABEAS_S3_SECRET_KEY") or ""
HABEAS_S3_REGION = os.environ.get("HABEAS_S3_REGION") or ""
HABEAS_TIME_AUTHORITIES = os.environ.get("HABEAS_TIME_AUTHORITIES") or ""
HABEAS_LEDGER_KEY = Path(os.environ.get("HABEAS_LEDGER_KEY") or VAR / "keys" / "ledger.key")
HABEAS_LEDGER_QUORUM = int(os.environ["HABEAS_LEDGER_QUORUM"]) if os.environ.get("HABEAS_LEDGER_QUORUM") else None
HABEAS_CAPTURE_ALLOW = frozenset(filter(None, os.environ.get("HABEAS_CAPTURE_ALLOW", "").split(",")))
HABEAS_SCRATCH = VAR / "scratch"
HABEAS_REGISTRY = VAR / "registry"
HABEAS_REGISTRY_QUESTIONS = int(os.environ.get("HABEAS_REGISTRY_QUESTIONS") or 60)
HABEAS_HOUSE = {
    "name": os.environ.get("HABEAS_HOUSE_NAME") or "",
    "address": os.environ.get("HABEAS_HOUSE_ADDRESS") or "",
    "email": os.environ.get("HABEAS_HOUSE_EMAIL") or "",
}
HABEAS_SITE = (os.environ.get("HABEAS_SITE") or "").rstrip("/")
HABEAS_MAIL = os.environ.get("HABEAS_MAIL") or ""
HABEAS_MAIL_DOMAIN = os.environ.get("HABEAS_MAIL_DOMAIN") or ""
HABEAS_TEAM_SEES = os.environ.get("HABEAS_TEAM_SEES") or "organisation"
HABEAS_NEWS_FROM = os.environ.get("HABEAS_NEWS_FROM") or ""
HABEAS_RETENTION_DAYS = int(os.environ["HABEAS_RETENTION_DAYS"]) if os.environ.get("HABEAS_RETENTION_DAYS") else None
HABEAS_CHANNEL_SECRETS = Path(os.environ.get("HABEAS_CHANNEL_SECRETS") or VAR / "keys" / "channels.json")
HABEAS_EXIT = os.environ.get("HABEAS_EXIT") or "https://www.wikipedia.org/"
HABEAS_ONLY_REVIEWED = os.environ.get("HABEAS_ONLY_REVIEWED") == "1"
DEBUG = os.environ.get("HABEAS_DEBUG") == "1"


def _secret() -> str:
    """The secret of the environment, or one made once and kept, readable by its owner only."""
    given = os.environ.get("HABEAS_SECRET")
    if given:
        return given
    file = VAR / "keys" / "secret"
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return file.read_text()


def _database(address: str) -> dict[str, object]:
    parts = urlsplit(address or f"sqlite://{VAR / 'habeas.sqlite3'}")
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "habeas.store.sqlite",
            "NAME": unquote(parts.path),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # FULL: what a person was told is stored stays stored through a power cut.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
            },
            # A file, not memory: threads and processes of the tests share it as those of a server do.
            "TEST": {"NAME": str(VAR / "test.sqlite3")},
        }
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError("HABEAS_DATABASE must look like postgresql://user:password@host:port/name or sqlite:///path")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
    }


SECRET_KEY = _secret()
DATABASES = {"default": _database(os.environ.get("HABEAS_DATABASE", ""))}
ALLOWED_HOSTS = [name for name in os.environ.get("HABEAS_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if name]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "habeas.store",
    "habeas.ledger",
    "habeas.access",
    "habeas.cases",
    "habeas.law",
    "habeas.exposure",
    "habeas.evidence",
    "habeas.remedies",
    "habeas.platforms",
    "habeas.web.components",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "habeas.web.site.headers.PrivacyHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "habeas.web.site.language.LanguageOfThePage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "habeas.web.site.urls"
WSGI_APPLICATION = "habeas.web.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [
            PACKAGE / "web" / "templates",
            PACKAGE / "web" / "portal" / "templates",
            PACKAGE / "web" / "desk" / "templates",
            PACKAGE / "web" / "partners" / "templates",
        ],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "habeas.web.site.chrome.languages_of_the_page",
            ],
        },
    }
]

AUTH_USER_MODEL = "access.Person"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "desk:sign_in"
LOGIN_REDIRECT_URL = "desk:queue"
LOGOUT_REDIRECT_URL = "desk:sign_in"

LANGUAGE_CODE = "en"
LOCALE_PATHS = [PACKAGE / "locale"]
# A language is offered once its catalogue is there.
LANGUAGES = [
    (one.code, one.name)
    for one in languages.PORTAL
    if one == languages.ENGLISH or (LOCALE_PATHS[0] / one.folder / "LC_MESSAGES" / "django.mo").is_file()
]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "web" / "static"]
STATIC_ROOT = None  # whitenoise serves the files where they are; there is nothing to collect
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True

# Uploads are sealed from memory and never written to disk in clear.
FILE_UPLOAD_HANDLERS = ["habeas.web.site.uploads.InMemoryUpload"]
HABEAS_UPLOAD_BYTES = 25_000_000
HABEAS_UPLOAD_FILES = 10
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = 60 * 60 * 4
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("HABEAS_HTTPS") == "1"
# Without it Django takes the proxy's requests for plain ones, and the check against forged forms turns every form away.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SESSION_COOKIE_SECURE else None
# A browser that came once over TLS never comes without it for a year. Names below this one may live elsewhere.
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if SESSION_COOKIE_SECURE else 0
# Not "no-referrer": browsers then send `Origin: null` with forms, and the check against forged forms turns them away.
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "habeas.web.site.errors.forged_form"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"

# What later work is called, and who does it.
HABEAS_JOBS = {
    "report.examine": "habeas.journey.report.examine",
    "evidence.capture": "habeas.journey.capture.capture_posting",
    "evidence.watch": "habeas.journey.capture.watch_due",
    "evidence.stamp": "habeas.evidence.timestamping.ask",
    "measure.due": "habeas.journey.deadline.measures_due[]",
    "case.replan": "habeas.journey.deadline.replan",
    "measure.recheck": "habeas.journey.verification.look_again",
    "platforms.dispatch": "habeas.journey.sending.dispatch",
    "ledger.checkpoint": "habeas.journey.rounds.checkpoint",
    "evidence.missing_stamps": "habeas.journey.rounds.missing_stamps",
    "store.tidy": "habeas.journey.rounds.tidy",
    "case.retire": "habeas.journey.rounds.retire",
    "person.news": "habeas.journey.rounds.tell_news",
    "person.tell": "habeas.journey.news.tell",
    "evidence.remove_files": "habeas.evidence.erasing.remove_files",
}

# What comes round by itself, in minutes.
HABEAS_ROUNDS = {
    "ledger.checkpoint": 10,
    "evidence.missing_stamps": 60,
    "store.tidy": 60,
    "case.retire": 1440,
    "person.news": 30,
}

# Paths hold no secrets and no addresses are logged: only what went wrong, and where in the code.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "habeas.web.site.logs.PlacesOnly",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}

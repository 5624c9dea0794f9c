"""Which channel a route names, with this house's own settings in it; and which ways a person has to go by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.conf import settings

from habeas.access import keys
from habeas.platforms.core.dispatch import CannotSend
from habeas.platforms.core.mail import MailSettings, reply_address

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from habeas.platforms.channels.contract import Channel

# Ways that a person goes: a form on the web, a letter by post, a portal of an authority, a visit.
BY_HAND = frozenset({"web_form", "post", "portal", "in_person"})


def channels() -> list[str]:
    """The channels that are built in."""
    return sorted(_CHANNELS)


def is_by_hand(channel: str) -> bool:
    return channel in BY_HAND


def channel_for(name: str, route: dict[str, Any]) -> Channel:
    """The channel of a route. Raises CannotSend where this house is not set up for it, or the route lacks something."""
    try:
        make = _CHANNELS[name]
    except KeyError:
        raise CannotSend(f"No channel {name[:30]!r} is built in. Choose another way in the directory.") from None
    try:
        return make(route)
    except KeyError as missing:
        raise CannotSend(
            f"The way in the directory lacks {missing}: a lead can add it there, then send again."
        ) from None


def mail_settings() -> MailSettings:
    """How this house sends mail. Raises CannotSend where it is not set up."""
    if not settings.HABEAS_MAIL or not settings.HABEAS_HOUSE["email"]:
        raise CannotSend(
            "This house sends no mail yet. Whoever keeps it sets HABEAS_MAIL and HABEAS_HOUSE_EMAIL; "
            "until then, choose a way by hand."
        )
    return MailSettings.parse(
        settings.HABEAS_MAIL,
        sender_name=settings.HABEAS_HOUSE["name"],
        sender=settings.HABEAS_HOUSE["email"],
        reply_domain=settings.HABEAS_MAIL_DOMAIN,
    )


def mail_secret() -> bytes:
    """What tokens in addresses for answers are made with: it follows from the house key."""
    return keys.lookup_digest("mail-tokens", "")


def mail_domain() -> str:
    """The domain of our message ids."""
    return settings.HABEAS_HOUSE["email"].rpartition("@")[2]


def answers_to(reference: str) -> str:
    """The address for answers to one measure; the house's own where no mail comes back to us."""
    if settings.HABEAS_MAIL_DOMAIN:
        return reply_address(mail_secret(), reference, settings.HABEAS_MAIL_DOMAIN)
    address: str = settings.HABEAS_HOUSE["email"]
    return address


def secret_named(name: str) -> str:
    """A secret of a channel by its name in the directory. Raises CannotSend where it is not there."""
    try:
        held = json.loads(settings.HABEAS_CHANNEL_SECRETS.read_text("utf-8"))
        return str(held[name])
    except (OSError, ValueError, KeyError):
        raise CannotSend(
            f"The secret {name[:40]!r} of this way is not on this machine. Whoever keeps it adds it to the file that "
            "HABEAS_CHANNEL_SECRETS names."
        ) from None


def _email(route: dict[str, Any]) -> Channel:
    from habeas.platforms.channels.email import EmailChannel

    return EmailChannel(mail_settings(), route["address"])


def _dsa_notice(route: dict[str, Any]) -> Channel:
    from habeas.platforms.channels.asking import Service
    from habeas.platforms.channels.dsa_notice import DsaNoticeChannel

    return DsaNoticeChannel(
        Service(_text(route, "address")),
        secret_named(_text(route, "secret")),
        notifier=settings.HABEAS_HOUSE["name"],
        email=settings.HABEAS_HOUSE["email"],
        trusted_flagger=route.get("trusted_flagger") is True,
    )


def _hash_bank(route: dict[str, Any]) -> Channel:
    from habeas.platforms.channels.asking import Service
    from habeas.platforms.channels.hash_bank import HmaChannel, StopNciiChannel

    # A bank has a name in a Hasher-Matcher-Actioner; the exchange of StopNCII is one bank for all.
    service = Service(_text(route, "address"))
    if "bank" in route:
        token = secret_named(_text(route, "secret")) if route.get("secret") else ""
        return HmaChannel(service, _text(route, "bank"), token)
    return StopNciiChannel(service, secret_named(_text(route, "secret")))


def _lumen(route: dict[str, Any]) -> Channel:
    from habeas.platforms.channels.asking import Service
    from habeas.platforms.channels.lumen import LumenChannel
    from habeas.platforms.channels.once import Once

    return LumenChannel(
        Service(_text(route, "address")),
        secret_named(_text(route, "secret")),
        Once(_acts(), "lumen"),
        recipient=_text(route, "recipient"),
        sender=settings.HABEAS_HOUSE["name"],
        **({"kind": _text(route, "kind")} if route.get("kind") else {}),
    )


def _transparency_database(route: dict[str, Any]) -> Channel:
    from habeas.platforms.channels.asking import Service
    from habeas.platforms.channels.transparency_database import TransparencyDatabaseChannel

    return TransparencyDatabaseChannel(Service(_text(route, "address")), secret_named(_text(route, "secret")))


def _ozone(route: dict[str, Any]) -> Channel:
    from habeas.platforms.channels.asking import Service
    from habeas.platforms.channels.once import Once
    from habeas.platforms.channels.ozone import OzoneChannel

    return OzoneChannel(
        Service(_text(route, "address")),
        _text(route, "account"),
        secret_named(_text(route, "secret")),
        _text(route, "labeler"),
        Once(_acts(), "ozone"),
        **({"reason_type": _text(route, "reason_type")} if route.get("reason_type") else {}),
    )


def _acts() -> Path:
    """Where acts on services that remember none are noted."""
    scratch: Path = settings.HABEAS_SCRATCH
    return scratch.parent / "acts"


def _text(route: dict[str, Any], name: str) -> str:
    """A setting of a route. Raises KeyError, where it is missing or no text."""
    found = route[name]
    if not isinstance(found, str) or not found.strip():
        raise KeyError(name)
    return found.strip()


_CHANNELS: dict[str, Callable[[dict[str, Any]], Channel]] = {
    "email": _email,
    "dsa_notice": _dsa_notice,
    "hash_bank": _hash_bank,
    "lumen": _lumen,
    "transparency_database": _transparency_database,
    "ozone": _ozone,
}

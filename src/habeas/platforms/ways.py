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


_CHANNELS: dict[str, Callable[[dict[str, Any]], Channel]] = {"email": _email}

"""A page captured twice: is it there, gone, changed or back, and what of the change matters?

What differs between any two visits (counters, "3 hours ago", request numbers, advertisements) is left out. What the two
captures are compared by stands in their details: digests of blocks, of the title and of media. So pages of which
nothing is held can be compared as well, only not in words.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from habeas.evidence.core.block_digests import Digests, digests_of, instant, normalised

State = Literal["live", "gone", "changed", "back", "unknown"]
Standing = Literal["there", "gone", "unknown"]

# Smaller pictures are counters of visitors and ornaments, and differ from visit to visit.
SMALLEST_MEDIA_BYTES: Final = 2_000
MOST_BLOCKS: Final = 5_000
# Above this share of blocks that are still there, a notice among them is somebody's post, not the site's word.
_STILL_THERE: Final = 0.5
_SHORT_PAGE_LETTERS: Final = 1_500
_DIGEST = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Seeming:
    """What a page looks like by itself: there, gone, or not to be told.

    reason:     a code: "", "not_found", "gone", "legal", "removed_notice", "login_wall", "parked", "front_page",
                "refused", "server_error", "challenge", "no_answer"
    likelihood: 0..1, that standing is right
    """

    standing: Standing
    reason: str
    likelihood: float


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a page. digest: 32 hex digits of what ``normalised`` leaves; text: None where nothing is held."""

    kind: str
    digest: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What one capture says of a page. title: a digest; media: SHA-256, hex, of those that matter."""

    status: int | None
    url_final: str
    title: str
    blocks: tuple[Block, ...]
    media: frozenset[str]
    seeming: Seeming
    complete: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """How a page stands since the capture before.

    likelihood: 0..1, that ``state`` is right
    added, removed: the blocks that matter, in the order of their page
    """

    state: State
    reason: str
    likelihood: float
    added: tuple[Block, ...] = ()
    removed: tuple[Block, ...] = ()
    media_added: tuple[str, ...] = ()
    media_removed: tuple[str, ...] = ()
    title_changed: bool = False
    status_before: int | None = None
    status_now: int | None = None

    @property
    def sentence(self) -> str:
        """What is to be said of it, without showing anything of the page."""
        sure = "surely" if self.likelihood >= 0.9 else "probably" if self.likelihood >= 0.7 else "perhaps"
        if self.state == "gone":
            return f"The page is {sure} gone: {REASONS[self.reason]}."
        if self.state == "unknown":
            return f"Whether the page is there cannot be told: {REASONS[self.reason]}."
        if self.state == "live":
            return "The page is there as before; only what differs at every visit differs."
        said = [
            f"{count} {what}"
            for count, what in (
                (len(self.added), "block(s) of text added"),
                (len(self.removed), "removed"),
                (len(self.media_added), "picture(s) or other media added"),
                (len(self.media_removed), "media removed"),
            )
            if count
        ] + (["another title"] if self.title_changed else [])
        start = "The page is there again" if self.state == "back" else "The page changed"
        return f"{start}: {', '.join(said)}." if said else f"{start}."


REASONS: Final = {
    "not_found": "the site answers that there is no such page (404)",
    "gone": "the site answers that the page is gone for good (410)",
    "legal": "the site withholds it for legal reasons (451)",
    "removed_notice": "it shows a notice that the content was removed or the account closed",
    "login_wall": "it asks for a login; whoever has one may still see it",
    "parked": "the address shows a parked domain",
    "front_page": "the address now leads to the front page of the site",
    "refused": "the site refused this visitor",
    "server_error": "the site answered with an error of its own",
    "challenge": "the site asked the visitor to prove that they are a person",
    "no_answer": "the site gave no answer that could be read",
    "": "nothing speaks against it",
}

# -------------------------------------------------------------------------------------------------- what a page is like

_REMOVED = re.compile(
    r"(?:page|post|tweet|video|content|file|paste|profile|account|thread|message|user|listing|image|photo|"
    r"story)\b.{0,40}"
    r"(?:not found|no longer (?:exists?|available)|isn['’]t available|is not available|does ?n[o'’]t exist|"
    r"doesn['’]t exist|(?:has|have) been (?:removed|deleted|suspended|taken down|disabled)|(?:was|were) (?:removed|"
    r"deleted|taken down)|"
    r"is unavailable|unavailable|suspended)"
    r"|removed by (?:a |the )?(?:moderators?|administrators?|admins?|user|author|owner)"
    r"|this account (?:has been|is) (?:suspended|terminated)|violat\w+ (?:our|the) (?:rules|terms|guidelines|policies)"
    r"|(?:seite|beitrag|inhalt|video|profil|konto|datei)\b.{0,40}(?:nicht gefunden|gelöscht|entfernt|gesperrt|"
    r"nicht mehr verfügbar|existiert nicht|nicht verfügbar)"
    r"|(?:page|contenu|publication|compte|vidéo)\b.{0,40}(?:introuvable|supprimée?|retirée?|n['’]existe (?:pas|plus)|"
    r"n['’]est plus disponible|suspendu)"
    r"|(?:página|contenido|publicación|cuenta|conteúdo|publicação|conta|pagina|contenuto|account)\b.{0,40}"
    r"(?:no (?:existe|está disponible|encontrada)|eliminad[oa]|borrad[oa]|suspendid[oa]|"
    r"não (?:existe|encontrada|está disponível)|removid[oa]|non (?:esiste|trovata|è (?:più )?disponibile)|rimoss[oa]|"
    r"niet gevonden|verwijderd)"
    r"|(?:страниц\w+|запись|аккаунт|публикаци\w+)\b.{0,40}(?:не найден\w*|удал[её]н\w*|заблокирован\w*|не существует)"
    r"|strona\b.{0,30}(?:nie istnieje|usunięta)|sayfa\b.{0,30}(?:bulunamadı|kaldırıldı)|已被删除|页面不存在"
    r"|削除されました|見つかりません|تم حذف|غير موجودة"
)
_LOGIN = re.compile(
    r"\b(?:log ?in|sign ?in|join|register|create an account)\b.{0,60}\b"
    r"(?:to (?:see|view|continue|read)|required|first)\b|\byou (?:must|need to|have to) (?:be logged in|log in|"
    r"sign in|register)|\bmembers only\b"
    r"|\b(?:melde dich an|einloggen|anmelden)\b.{0,40}\b(?:um|weiter|fortzufahren)\b|\bconnectez-vous\b"
    r"|\binicia sesión\b|\bfaça login\b|\baccedi\b.{0,30}\bper\b|\bвойдите\b|\bgiriş yap"
)
_LOGIN_PATH = re.compile(r"(?i)/(?:log-?in|sign-?in|auth|authwall|accounts?/login|session/new|checkpoint|oauth)\b")
_PARKED = re.compile(
    r"(?:this|the) domain (?:name )?(?:is|may be) (?:for sale|parked|available|expired)|buy this domain|"
    r"domain (?:is )?parked|domain for sale|inquire about this domain|this domain has expired|"
    r"diese domain (?:steht zum verkauf|kaufen)|"
    r"ce domaine est (?:à vendre|en vente)|este dominio está (?:en|a la) venta|парковка домен|домен продается"
)
_CHALLENGE = re.compile(
    r"verify (?:that )?you are (?:a )?human|checking (?:if the site connection is secure|your browser)|are you a robot|"
    r"i['’]m not a robot|enable javascript and cookies to continue|unusual traffic|captcha|prove you are not a robot|"
    r"just a moment\.\.\."
)


def appearance(
    *,
    status: int | None,
    title: str,
    texts: Sequence[str],
    url_asked: str,
    url_final: str,
    asks_password: bool,
) -> Seeming:
    """What a page looks like, from its answer and its words. texts: visible blocks, in order."""
    if found := _by_status(status):
        return found
    words = [" ".join(text.casefold().split()) for text in (title, *texts)]
    short = sum(len(text) for text in texts) < _SHORT_PAGE_LETTERS
    # On a long page such words may be somebody's, in a post; the site says them first or says little else.
    telling = words[:6] + (words[6:60] if short else [])
    if status in {401, 403, 429} or (status is not None and status >= 500):
        return Seeming("unknown", "server_error" if status and status >= 500 else "refused", 0.9)
    if short and any(_CHALLENGE.search(one) for one in telling):
        return Seeming("unknown", "challenge", 0.8)
    if any(_PARKED.search(one) for one in telling):
        return Seeming("gone", "parked", 0.9 if short else 0.7)
    if any(_REMOVED.search(one[:400]) for one in telling):
        return Seeming("gone", "removed_notice", 0.85 if short else 0.6)
    asked, final = urlsplit(url_asked), urlsplit(url_final)
    if _LOGIN_PATH.search(final.path) and not _LOGIN_PATH.search(asked.path):
        return Seeming("gone", "login_wall", 0.7)
    if short and asks_password and any(_LOGIN.search(one) for one in telling):
        return Seeming("gone", "login_wall", 0.6)
    if final.path in {"", "/"} and not final.query and (asked.path not in {"", "/"} or asked.query):
        return Seeming("gone", "front_page", 0.6)
    if status is None or status >= 400:
        return Seeming("unknown", "no_answer", 0.9)
    return Seeming("there", "", 0.95)


def _by_status(status: int | None) -> Seeming | None:
    known: dict[int, Seeming] = {
        404: Seeming("gone", "not_found", 0.97),
        410: Seeming("gone", "gone", 0.99),
        451: Seeming("gone", "legal", 0.95),
    }
    return known.get(status) if status is not None else None


# ------------------------------------------------------------------------------------------------- what is written down


def blocks_of(seen: Iterable[Mapping[str, Any]], *, with_text: bool) -> list[Block]:
    """The blocks of a page that matter, from what a capture read. seen: {"kind", "text", "ad"} each."""
    blocks = []
    for one in seen:
        kind, text = str(one.get("kind", "text")), str(one.get("text", ""))
        if one.get("ad") or not (digest := digest_of(kind, text)):
            continue
        blocks.append(Block(kind, digest, text if with_text else None))
    return blocks[:MOST_BLOCKS]


def digest_of(kind: str, text: str) -> str:
    """32 hex digits that are the same for the same block on another day; "" for an empty one."""
    plain = instant(text) if kind == "time" else normalised(text)
    if not plain:
        return ""
    said = f"habeas block, version 1\n{plain}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(said).hexdigest()[:32]


def media_that_matter(media: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """SHA-256 of the media to compare. media: {"media_type", "sha256", "size"} each, as in details."""
    return frozenset(
        str(one["sha256"])
        for one in media
        if int(one["size"]) >= SMALLEST_MEDIA_BYTES
        and str(one["media_type"]).startswith(("image/", "video/", "audio/"))
    )


def look_from_details(details: Mapping[str, Any]) -> Look:
    """What a capture's details say of the page; what they do not say is taken for not known."""
    seems = details.get("seems") or {}
    status = details.get("status")
    standing: Standing = seems["standing"] if seems.get("standing") in {"there", "gone"} else "unknown"
    return Look(
        status=status if isinstance(status, int) else None,
        url_final=str(details.get("url_final") or ""),
        title=str(details.get("title_digest") or ""),
        blocks=tuple(
            Block(str(one["kind"]), str(one["digest"]), one.get("text"))
            for one in details.get("blocks") or ()
            if _DIGEST.fullmatch(str(one["digest"]))
        ),
        media=media_that_matter(details.get("media") or ()),
        seeming=Seeming(standing, str(seems.get("reason", "no_answer")), float(seems.get("likelihood", 0.0))),
        complete=bool(details.get("complete")),
    )


def with_words(judged: Judged, before: Mapping[str, str], now: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """(added, removed) in words. before, now: digest -> text, of the two pages as ``words_of`` gives them."""
    return (
        [now.get(block.digest, "") for block in judged.added],
        [before.get(block.digest, "") for block in judged.removed],
    )


def words_of(page: Mapping[str, Any]) -> dict[str, str]:
    """Digest -> text of a page's blocks. page: a page of a package (``wacz.Package.pages``)."""
    seen = (page.get("habeas") or {}).get("blocks") or ()
    return {block.digest: block.text or "" for block in blocks_of(seen, with_text=True)}


def shared_digests(page: Mapping[str, Any], key: bytes) -> Digests:
    """What a page shows, in digests under a key that another organisation shares, to be compared with its own.

    page: a page of a package (``wacz.Package.pages``). Raises ValueError for a short key.
    """
    held = page.get("habeas") or {}
    blocks = blocks_of(held.get("blocks") or (), with_text=True)
    return digests_of(((one.kind, one.text or "") for one in blocks), media_that_matter(held.get("media") or ()), key)


# ------------------------------------------------------------------------------------------------------------- compared


def judge_page(before: Look | None, now: Look) -> Judged:
    """How a page stands now, against the capture before it where there is one."""
    seeming = _with_memory(before, now)
    status_before = before.status if before else None
    if seeming.standing != "there":
        state: State = "gone" if seeming.standing == "gone" else "unknown"
        return Judged(state, seeming.reason, seeming.likelihood, status_before=status_before, status_now=now.status)
    if before is None:
        return Judged("live", "", seeming.likelihood, status_now=now.status)
    added, removed = _only(now.blocks, before.blocks), _only(before.blocks, now.blocks)
    # Of a page that was cut short it cannot be said that the rest is not there any more.
    removed = removed if now.complete else ()
    media_added = tuple(sorted(now.media - before.media)) if before.complete else ()
    media_removed = tuple(sorted(before.media - now.media)) if now.complete else ()
    title_changed = bool(before.title and now.title and before.title != now.title)
    differs = bool(added or removed or media_added or media_removed or title_changed)
    was_gone = before.seeming.standing == "gone"
    whole = before.complete and now.complete
    return Judged(
        state="back" if was_gone else "changed" if differs else "live",
        reason="",
        likelihood=min(seeming.likelihood, before.seeming.likelihood if was_gone else 1.0, 1.0 if whole else 0.7),
        added=added,
        removed=removed,
        media_added=media_added,
        media_removed=media_removed,
        title_changed=title_changed,
        status_before=status_before,
        status_now=now.status,
    )


def _with_memory(before: Look | None, now: Look) -> Seeming:
    """A page most of whose blocks are still there is there, whatever notice stands among them."""
    if before is None or before.seeming.standing != "there" or now.seeming.reason not in _BY_WORDS:
        return now.seeming
    old = {block.digest for block in before.blocks}
    kept = old & {block.digest for block in now.blocks}
    if len(old) >= 4 and len(kept) / len(old) > _STILL_THERE:
        return Seeming("there", "", 0.8)
    return now.seeming


_BY_WORDS: Final = frozenset({"removed_notice", "parked", "login_wall", "front_page", "challenge"})


def _only(these: Sequence[Block], those: Sequence[Block]) -> tuple[Block, ...]:
    """Blocks of ``these`` that ``those`` lack, as often as they lack them."""
    left = Counter(block.digest for block in those)
    found = []
    for block in these:
        if left[block.digest] > 0:
            left[block.digest] -= 1
        else:
            found.append(block)
    return tuple(found)
